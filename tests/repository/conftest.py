from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitcms.repository import Person, Repository

ADA = Person("Ada Lovelace", "ada@example.org")
COMMITTER = Person("gitcms", "gitcms@localhost")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, so that nobody's configuration takes part."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text("[user]\n\tname = Dev\n\temail = dev@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        if name.startswith(("GIT_", "XDG_CONFIG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


class Clone:
    """A real repository with a few posts, and what a developer does in it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "site"
        self.state = root / "state"
        self.folder.mkdir()
        self.state.mkdir()
        self._opened: list[Repository] = []

    def git(self, *arguments: str, stdin: str | None = None, fails: bool = False) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, input=stdin, capture_output=True, text=True, check=False
        )
        assert fails or done.returncode == 0, done.stderr
        return done.stdout

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def commit(self, message: str = "by hand") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def open(self, folder: Path | None = None, **options: Any) -> Repository:
        repository = Repository.open(
            folder or self.folder, lock_folder=self.state, committer=COMMITTER, **options
        )
        self._opened.append(repository)
        return repository

    def status(self) -> str:
        return self.git("status", "--porcelain")

    def audit(self) -> None:
        """What must hold after anything: history whole, nothing left lying about, the tree in step."""
        fsck = subprocess.run(
            ["git", "fsck", "--full", "--strict"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert fsck.returncode == 0, fsck.stderr
        left = [str(path) for path in self.folder.rglob("*") if path.name.endswith(".lock")]
        left += [str(path) for path in self.folder.rglob("*gitcms*")]
        left = [path for path in left if "/refs/gitcms" not in path]
        assert left == []
        assert self.status() == ""

    def close(self) -> None:
        for repository in self._opened:
            repository.close()


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """A repository with three posts and one commit on main."""
    clone = Clone(tmp_path)
    clone.git("init", "-q", "-b", "main")
    for name in ("one", "two", "three"):
        clone.write(f"_posts/{name}.md", f"---\ntitle: {name}\n---\nText of {name}.\n")
    clone.write("index.md", "Home\n")
    clone.commit("The site as it is")
    yield clone
    clone.close()


@pytest.fixture
def repository(clone: Clone) -> Repository:
    return clone.open()


def save(repository: Repository, path: str, content: bytes | str | None, **options: object) -> str | None:
    """Save one file as Ada, on top of what is there."""
    data = content.encode() if isinstance(content, str) else content
    options = {"author": ADA, "message": f"Change {path}", "base": {path: repository.blob_of(path)}} | options
    commit = repository.save({path: data}, **options)  # type: ignore[arg-type]
    return commit.id if commit else None
