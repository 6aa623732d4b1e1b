"""Sites to measure in: made-up posts in a packed repository, and clones of it, one for each way to save."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

POST = "---\ntitle: Post {number}\ndate: 2026-01-01\n---\n\n" + "Some words of a post. " * 80 + "\n"
IN_A_FOLDER = 5000


def make_site(root: Path, posts: int) -> Path:
    """Make a packed repository of posts, at most 5,000 in a folder."""
    site = root / "site"
    for number in range(posts):
        file = site / path_of(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(POST.format(number=number))
    git(site, "init", "-q", "-b", "main")
    configure(site)
    git(site, "add", ".")
    git(site, "commit", "-q", "-m", "The site as it is")
    git(site, "gc", "-q")
    return site


def clone_of(site: Path, place: Path) -> Path:
    """Return a clone with all files checked out, as `make_site` makes one."""
    git(site, "clone", "-q", "--local", str(site), str(place))
    git(place, "remote", "remove", "origin")
    configure(place)
    return place


def configure(site: Path) -> None:
    for key, value in (("user.name", "Dev"), ("user.email", "dev@example.org"), ("gc.auto", "0")):
        git(site, "config", key, value)


def path_of(number: int) -> str:
    """Return the path of the nth post."""
    return f"_posts/{number // IN_A_FOLDER:02}/post-{number:06}.md"


def fresh() -> bytes:
    """Return a post that nobody has saved yet."""
    return POST.format(number=secrets.token_hex(8)).encode()


def git(site: Path, *arguments: str) -> str:
    """Run git as a person would."""
    return git_bytes(site, *arguments).decode()


def git_bytes(site: Path, *arguments: str) -> bytes:
    """As `git`, for what is not text."""
    env = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *arguments], cwd=site, env=env, check=True, capture_output=True).stdout
