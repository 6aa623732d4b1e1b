from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitcms.repository import Repository
from gitcms.repository.history import moment
from tests.repository.conftest import Clone, save

ONE = "_posts/one.md"
TWO = "_posts/two.md"


def test_the_history_of_a_file_goes_through_its_earlier_names(clone: Clone, repository: Repository) -> None:
    save(repository, TWO, "other\n")
    clone.git("mv", ONE, "_posts/uno.md")
    clone.git("commit", "-q", "-m", "renamed")
    save(repository, "_posts/uno.md", "new\n")
    assert [commit.subject for commit in repository.history("_posts/uno.md")] == [
        "Change _posts/uno.md",
        "renamed",
        "The site as it is",
    ]
    assert len(repository.history()) == 4
    assert [commit.subject for commit in repository.history(limit=1, skip=1)] == ["renamed"]
    assert repository.history(limit=0) == []


def test_what_a_commit_did_to_each_file(clone: Clone, repository: Repository) -> None:
    first = repository.history()[-1]
    assert {change.kind for change in repository.changes(first.id)} == {"added"}
    clone.git("mv", ONE, "_posts/uno.md")
    clone.git("rm", "-q", TWO)
    clone.write("index.md", "New home\n")
    clone.write("söme näme\twith\nodd.md", "x\n")
    head = clone.commit()
    changes = {change.path: change for change in repository.changes(head)}
    assert {path: change.kind for path, change in changes.items()} == {
        "_posts/uno.md": "renamed",
        TWO: "deleted",
        "index.md": "modified",
        "söme näme\twith\nodd.md": "added",
    }
    assert changes["_posts/uno.md"].old_path == ONE
    assert changes["index.md"].new_blob == repository.blob_of("index.md")
    assert changes[TWO].new_blob is None
    diff = repository.raw_diff(head, ["_posts/uno.md", ONE])
    assert "rename from _posts/one.md" in diff
    assert "index.md" not in diff


@pytest.mark.parametrize(
    "name", [b"\xff\xfe bytes", b"<script>", "名前".encode(), b"tab\there", b"esc\x1b[31m"]
)
def test_a_name_of_any_bytes_can_be_read(clone: Clone, repository: Repository, name: bytes) -> None:
    tree = clone.git("rev-parse", "HEAD^{tree}").strip().encode()
    parent = repository.head().encode()
    raw = b"tree %s\nparent %s\n" % (tree, parent)
    raw += b"author %s <a@b> 1 +9999\ncommitter %s <> 99999999999999 -0000\n" % (name, name)
    raw += b"\nM\xff\n\nx\0y\n"
    file = clone.folder / ".git/raw"
    file.write_bytes(raw.replace(b"<script>", b"script"))
    head = clone.git("hash-object", "-t", "commit", "-w", "--literally", str(file)).strip()
    clone.git("update-ref", "refs/heads/main", head)
    clone.write(ONE, "x\n")
    clone.commit("after")
    commits = repository.history()
    assert len(commits) == 3
    assert commits[1].id == head
    assert commits[1].when.tzinfo is not None
    assert commits[1].subject == "M\ufffd"
    assert repository.last_changes([ONE, TWO])[TWO] == commits[2]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0 +0000", datetime(1970, 1, 1, tzinfo=UTC)),
        ("nonsense", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9999999999999999 +0000", datetime(1970, 1, 1, tzinfo=UTC)),
        ("86400 -9999", datetime(1970, 1, 2, tzinfo=UTC)),
    ],
)
def test_a_date_of_any_kind_can_be_read(raw: str, expected: datetime) -> None:
    assert moment(raw) == expected


def test_a_dates_zone_is_the_authors() -> None:
    assert moment("1700000000 -0330").utcoffset() == timedelta(hours=-3, minutes=-30)


def test_who_touched_a_file_last_is_known_and_kept_up(clone: Clone, repository: Repository) -> None:
    first = repository.head()
    paths = [ONE, TWO, "absent.md"]
    assert {path: commit.id for path, commit in repository.last_changes(paths).items()} == {
        ONE: first,
        TWO: first,
    }
    second = save(repository, ONE, "mine\n")
    assert {path: commit.id for path, commit in repository.last_changes(paths).items()} == {
        ONE: second,
        TWO: first,
    }
    clone.git("reset", "-q", "--hard", first)
    assert repository.last_changes(paths)[ONE].id == first
    clone.git("switch", "-q", "-c", "other")
    clone.write(ONE, "theirs\n")
    third = clone.commit()
    clone.git("switch", "-q", "main")
    clone.write(TWO, "ours\n")
    fourth = clone.commit()
    clone.git("merge", "-q", "-m", "both", "other")
    assert {path: commit.id for path, commit in repository.last_changes(paths).items()} == {
        ONE: third,
        TWO: fourth,
    }


def test_every_file_of_a_version_is_listed(clone: Clone, repository: Repository) -> None:
    (clone.folder / "link.md").symlink_to("index.md")
    clone.write("run.sh", "x\n").chmod(0o755)
    clone.write("a/b/c.md", "c\n")
    head = clone.commit()
    files = repository.files()
    assert [file.path for file in files] == sorted(
        ["_posts/one.md", "_posts/three.md", "_posts/two.md", "a/b/c.md", "index.md", "run.sh"]
    )
    assert {file.mode for file in files} == {"100644", "100755"}
    assert repository.files(head) == files
    assert len(repository.files(repository.commit(head).parents[0])) == 4
    save(repository, "a/b/c.md", None)
    assert len(repository.files()) == 5
    assert repository.read("a/b/c.md", head) == b"c\n"
