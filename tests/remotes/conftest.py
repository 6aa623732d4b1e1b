"""A remote, and any number of clones with a server each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from gitcms.config import Config
from gitcms.site import Site
from tests.making import INES, JEKYLL, git, make_repository, open_made, settings
from tests.remote_servers import PASSWORD, USER, Host, Mood, over_http, over_ssh

POST = "_posts/2026-03-01-first-rain.md"
OTHER = "_posts/2026-04-05-strips.md"


class World:
    """One remote, called as its configuration says, and any number of clones with a server each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bare = folder / "remote" / "site.git"
        self.remote: dict[str, object] = {"url": str(self.bare), "local": True, "timeout_seconds": 20.0}
        self.sites: list[Site] = []
        self.bare.parent.mkdir(exist_ok=True)
        first = make_repository(folder / "first", JEKYLL)
        git(folder, "clone", "-q", "--bare", str(first), str(self.bare))
        git(self.bare, "config", "http.receivepack", "true")
        git(self.bare, "config", "receive.denyDeletes", "false")

    def config(self, name: str) -> Config:
        return settings(self.folder / name, self.folder / f"{name}-state").with_values(
            "remote", **self.remote
        )

    def clone(self, name: str) -> Site:
        git(self.folder, "clone", "-q", str(self.bare), name)
        folder, state = self.folder / name, self.folder / f"{name}-state"
        self.sites.append(open_made(folder, state, self.config(name)))
        return self.sites[-1]

    def head(self) -> str:
        return git(self.bare, "rev-parse", "main").strip()

    def hook(self, script: str) -> Path:
        """Have the remote ask a script about each push."""
        hook = self.bare / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        draft = hook.with_name("draft")  # it may be running
        draft.write_text(f"#!/bin/sh\n{script}\n")
        draft.chmod(0o755)
        return draft.replace(hook)


class OverHttp(World):
    """A remote by HTTP, that asks for a password."""

    def __init__(self, folder: Path, address: str, mood: Mood) -> None:
        super().__init__(folder)
        self.address, self.mood = address, mood
        (folder / "token").write_text(PASSWORD + "\n")
        self.remote |= {"url": f"{address}/site.git", "user": USER, "password_file": str(folder / "token")}


class OverSsh(World):
    """A remote by SSH, with a deploy key and the host's key pinned."""

    def __init__(self, folder: Path, host: Host) -> None:
        super().__init__(folder)
        self.host = host
        (folder / "hosts").write_text(host.line + "\n")
        self.remote |= {
            "url": f"{host.address}{self.bare}",
            "key_file": str(host.key),
            "known_hosts": str(folder / "hosts"),
        }


def made_world(stack: ExitStack, folder: Path, way: str) -> World:
    """Make a world by the name of its way: http, ssh or folder; it ends with the stack."""
    made: World
    if way == "http":
        (folder / "remote").mkdir()
        made = OverHttp(folder, *stack.enter_context(over_http(folder / "remote")))
    elif way == "ssh":
        made = OverSsh(folder, stack.enter_context(over_ssh(folder / "host")))
    else:
        made = World(folder)
    stack.callback(lambda: [site.close() for site in made.sites])
    return made


@pytest.fixture
def open_world() -> Iterator[Callable[[Path, str], World]]:
    """As `made_world`, till the test ends."""
    with ExitStack() as stack:
        yield partial(made_world, stack)


@pytest.fixture
def world(tmp_path: Path, open_world: Callable[[Path, str], World]) -> World:
    """A remote by HTTP."""
    return open_world(tmp_path, "http")


@pytest.fixture
def ssh(tmp_path: Path, open_world: Callable[[Path, str], World]) -> World:
    """A remote by SSH."""
    return open_world(tmp_path, "ssh")


def write(site: Site, path: str, old: str, new: str) -> None:
    text = site.repository.read(path).decode()
    assert old in text
    data = text.replace(old, new).encode()
    site.repository.save(
        {path: data}, base={path: site.repository.blob_of(path)}, author=INES, message="Change"
    )


def clean(site: Site) -> bool:
    return git(site.repository.folder, "status", "--porcelain") == ""
