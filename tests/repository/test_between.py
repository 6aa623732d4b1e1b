"""What differs between two commits, by plain git as the judge."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gitcms.errors import NotFound
from gitcms.repository import Repository
from tests.repository.conftest import Clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def as_git_says(clone: Clone, old: str, new: str) -> set[tuple[str, str, str]]:
    out = clone.git("diff-tree", "-r", "-z", "--no-renames", "--raw", "--no-abbrev", old, new).split("\0")
    nothing = "0" * 40
    return {
        (path, "" if was == nothing else was, "" if now == nothing else now)
        for (_, mode, was, now, _), path in (
            (header.removeprefix(":").split(" "), path)
            for header, path in zip(out[::2], out[1::2], strict=False)
        )
        if was != now
    }


def as_we_say(repository: Repository, old: str, new: str) -> set[tuple[str, str, str]]:
    return {
        (change.path, change.old_blob or "", change.new_blob or "") for change in repository.between(old, new)
    }


def test_it_is_what_git_says_for_any_two_commits(clone: Clone) -> None:
    chance = random.Random(5)
    clone.git("init", "-q", "-b", "main")
    clone.write("a/one.md", "x")
    commits = [clone.commit()]
    for _ in range(12):
        for _ in range(chance.randint(1, 4)):
            path = f"{chance.choice('abc')}/{chance.choice(['', 'deep/'])}{chance.choice('pqrst')}.md"
            file = clone.folder / path
            if file.exists() and chance.random() < 0.5:
                file.unlink()
            else:
                clone.write(path, str(chance.random()))
        clone.git("add", "-A")
        clone.git("commit", "-q", "--allow-empty", "-m", "x")
        commits.append(clone.git("rev-parse", "HEAD").strip())
    repository = clone.open()
    for old in commits:
        for new in commits:
            assert as_we_say(repository, old, new) == as_git_says(clone, old, new)


def test_who_touched_what_since_is_what_git_says(clone: Clone) -> None:
    chance = random.Random(6)
    clone.git("init", "-q", "-b", "main")
    clone.write("a/one.md", "x")
    start = clone.commit()
    people = ("Ana Söder <ana@example.org>", "B. (x) O'Neil <>", "dev <dev@localhost>")
    for number in range(9):
        path = clone.write(f"{chance.choice('abc')}/{chance.choice('pq')}.md", str(number // 4))
        path.chmod(chance.choice([0o644, 0o755]))
        clone.git("add", "-A")
        message = chance.choice(["One line", "Two\n\n  parts\nñ\n", "In Latin"])
        coding = "latin1" if message == "In Latin" and number > 5 else "utf-8"
        author = f"--author={chance.choice(people)}"
        clone.git(
            "-c", f"i18n.commitEncoding={coding}", "commit", "-q", "--allow-empty", author, "-m", message
        )
    path.chmod(path.stat().st_mode ^ 0o111)
    clone.commit()
    clone.git("rm", "-q", "-r", "a")
    clone.commit()
    repository = clone.open()

    def agree() -> None:
        for old in clone.git("rev-list", f"{start}..HEAD", "--").split():
            wanted: dict[str, str] = {}
            for oid in clone.git("rev-list", f"{old}..HEAD").split():
                options = ("-c", "-r", "-z", "--no-renames", "--name-only", "--no-commit-id")
                for path in clone.git("diff-tree", *options, oid).split("\0")[:-1]:
                    wanted.setdefault(path, oid)
            touched = repository.touched_since(old)
            assert touched is not None
            assert touched == {path: repository._history.commit(oid) for path, oid in wanted.items()}
            assert all(repository.commit(each.id) == each for each in touched.values())
            head = repository.head()
            lines = clone.git(
                *["rev-list", "--topo-order", "--reverse", "--parents", "--timestamp"], f"{old}..HEAD"
            )
            told = [
                f"{one.recorded} {' '.join((one.id, *one.parents))}" for one in repository.outline(head, old)
            ]
            assert told == lines.splitlines()
            assert repository.is_part_of(old, head)

    agree()
    clone.git("checkout", "-q", "-b", "side", "HEAD~3")
    clone.write("c/side.md", "x")
    clone.commit()
    clone.git("checkout", "-q", "main")
    clone.git("merge", "-q", "--no-edit", "side")
    agree()
    assert repository.touched_since(clone.git("rev-parse", "side").strip()) is not None
    clone.git("reset", "-q", "--hard", "HEAD~2")
    side = clone.git("rev-parse", "side").strip()
    assert repository.touched_since(side) is None
    assert not repository.is_part_of(side, repository.head())


def test_a_file_that_became_a_folder_went_and_others_came(clone: Clone) -> None:
    clone.git("init", "-q", "-b", "main")
    clone.write("a", "file")
    old = clone.commit()
    (clone.folder / "a").unlink()
    clone.write("a/b", "inside")
    new = clone.commit()
    repository = clone.open()
    assert {(one.path, one.kind) for one in repository.between(old, new)} == {
        ("a", "deleted"),
        ("a/b", "added"),
    }
    assert {(one.path, one.kind) for one in repository.between(new, old)} == {
        ("a", "added"),
        ("a/b", "deleted"),
    }


def test_a_commit_that_is_not_there_is_not_found(clone: Clone) -> None:
    clone.git("init", "-q", "-b", "main")
    clone.write("a", "file")
    commit = clone.commit()
    with pytest.raises(NotFound):
        clone.open().between("1" * 40, commit)
