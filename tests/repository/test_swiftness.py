"""What makes a save slow, counted: programs that are started, and passes over the index."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gitcms.errors import PathRefused
from gitcms.repository import Repository
from gitcms.repository.index import Index
from tests.repository.conftest import ADA, Clone, save

PROGRAMS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.system", "os.exec")
_counted: list[Counter[str]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    for counter in _counted:
        if event in PROGRAMS:
            counter["programs"] += 1
        elif event == "open":
            path, flags = str(arguments[0]), arguments[2]
            written = isinstance(flags, int) and flags & 0o3
            if path.endswith(("/.git/index", "/.git/index.lock")):
                counter["index written" if written else "index read"] += 1


sys.addaudithook(_hook)  # cannot be taken away again, but has nobody to tell outside of `counted`


@contextmanager
def counted() -> Iterator[Counter[str]]:
    counter: Counter[str] = Counter()
    _counted.append(counter)
    try:
        yield counter
    finally:
        _counted.remove(counter)


ONCE = Counter({"index read": 1, "index written": 1})


@pytest.mark.parametrize("kind", ["a change", "a new file", "another name", "no more"])
def test_a_save_starts_no_program_and_passes_over_the_index_once(
    clone: Clone, repository: Repository, kind: str
) -> None:
    save(repository, "_posts/first.md", "the helpers are started by the first new file\n")
    changes: dict[str, bytes | None] = {
        "a change": {"_posts/one.md": b"mine\n"},
        "a new file": {"_posts/new.md": b"new\n"},
        "another name": {"_posts/one.md": None, "_posts/other.md": b"moved\n"},
        "no more": {"_posts/one.md": None},
    }[kind]
    base = {path: repository.blob_of(path) for path in changes}
    with counted() as counter:
        assert repository.save(changes, base=base, author=ADA, message=kind)
    assert counter == ONCE
    clone.audit()


def test_an_ignored_name_is_seen_as_soon_as_the_rules_change(clone: Clone, repository: Repository) -> None:
    save(repository, "_posts/first.md", "first\n")
    clone.write(".gitignore", "*.tmp.md\n!kept.tmp.md\n")
    clone.commit()
    with pytest.raises(PathRefused):
        save(repository, "_posts/a.tmp.md", "a\n")
    save(repository, "_posts/kept.tmp.md", "kept\n")
    clone.write("_posts/.gitignore", "b.md\n")
    clone.commit()
    with pytest.raises(PathRefused):
        save(repository, "_posts/b.md", "b\n")
    clone.write("_posts/.gitignore", "c.md\n")
    clone.commit()
    save(repository, "_posts/b.md", "b\n")
    clone.audit()


def test_a_helper_that_was_killed_is_started_again(clone: Clone, repository: Repository) -> None:
    save(repository, "_posts/first.md", "first\n")
    process = repository._desk.ignored._process
    assert process is not None
    process.kill()
    process.wait()
    assert save(repository, "_posts/second.md", "second\n")
    clone.audit()


def test_the_end_of_the_entries_is_found_from_behind(clone: Clone) -> None:
    """And is where walking over all of them ends, whatever their names look like."""
    names = ["TREE", "TREE0000", "aTREE\n1 1\n", "x" * 250, "dir/TREE/TREE", "ünï.md"]
    for name in names:
        clone.write(name, "x\n")
    clone.commit()
    index = Index((clone.folder / ".git/index").read_bytes())
    assert index._end_before_trees() == index._end_by_walking() == index.end
    for name in names:
        assert index.entry(name) is not None
        assert index.entry(name + "0") is None
