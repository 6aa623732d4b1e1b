"""What a save costs: ours, durable, beside `git add F && git commit -- F`, in turns in one run.

    python tests/bench/save.py [--posts N] [--rounds N]

Prints medians in milliseconds and how many times faster ours is than each of git's. Only the ratios of one
run mean anything, since other work on the machine slows all ways alike.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.repository import Person, Repository

POST = "---\ntitle: Post {number}\ndate: 2026-01-01\n---\n\n" + "Some words of a post. " * 80 + "\n"
ADA = Person("Ada", "ada@example.org")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        site = make_site(Path(root), options.posts)
        measure(site, Path(root), options.posts, options.rounds)


def make_site(root: Path, posts: int) -> Path:
    """Make a packed repository of posts, at most 5,000 in a folder."""
    site = root / "site"
    for number in range(posts):
        file = site / path_of(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(POST.format(number=number))
    git(site, "init", "-q", "-b", "main")
    for key, value in (("user.name", "Dev"), ("user.email", "dev@example.org"), ("gc.auto", "0")):
        git(site, "config", key, value)
    git(site, "add", ".")
    git(site, "commit", "-q", "-m", "The site as it is")
    git(site, "gc", "-q")
    return site


def measure(site: Path, root: Path, posts: int, rounds: int) -> None:
    """Let each way save in turn, and print what it took."""
    state = root / "state"
    state.mkdir()
    repository = Repository.open(site, lock_folder=state, committer=Person("gitcms", "gitcms@localhost"))

    def ours(path: str) -> None:
        base = {path: repository.blob_of(path)}
        repository.save({path: fresh()}, base=base, author=ADA, message="Change a post")

    def gits(*settings: str) -> Callable[[str], None]:
        def save(path: str) -> None:
            (site / path).write_bytes(fresh())
            git(site, *settings, "add", path)
            git(site, *settings, "commit", "-q", "-m", "Change a post", "--", path)

        return save

    def created(path: str) -> None:
        new = path.replace(".md", f"-{secrets.token_hex(4)}.md")
        repository.save({new: fresh()}, base={new: None}, author=ADA, message="Add a post")

    ways = {
        "gitcms, durable": ours,
        "gitcms, a new post": created,
        "git add && git commit": gits(),
        "the same, core.fsync=all": gits("-c", "core.fsync=all"),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 2):
        for name, way in ways.items():
            path = path_of(secrets.randbelow(posts))
            start = time.perf_counter()
            way(path)
            if number >= 2:
                took[name].append(time.perf_counter() - start)
    repository.close()
    first = statistics.median(took["gitcms, durable"])
    print(f"{posts} posts, {rounds} rounds, medians")
    for name, times in took.items():
        middle = statistics.median(times)
        print(f"{name:<28}{middle * 1000:8.1f} ms{middle / first:8.2f} ×")
    print(f"git status: {git(site, 'status', '--porcelain').strip() or 'clean'}")


def path_of(number: int) -> str:
    """Return the path of the nth post."""
    return f"_posts/{number // 5000:02}/post-{number:06}.md"


def fresh() -> bytes:
    """Return a post that nobody has saved yet."""
    return POST.format(number=secrets.token_hex(8)).encode()


def git(site: Path, *arguments: str) -> str:
    """Run git as a person would."""
    env = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *arguments], cwd=site, env=env, check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    main()
