"""What a history costs: reading it once, then asking for one entry; beside `git log --follow` on the same.

    python tests/bench/history.py [--commits N] [--posts N]

Posts are edited and renamed at random, one of them by every tenth commit. Times are in milliseconds.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.index import history_file, log, look_back, note_history, read_history
from gitcms.repository import Person, Repository
from tests.bench.sites import configure, git

BUSY = "_posts/00/post-00000.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=12_500)
    parser.add_argument("--posts", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.commits, options.posts)


def measure(root: Path, commits: int, posts: int) -> None:
    """:raises AssertionError: an entry's history is another one than git's."""
    site = root / "site"
    make(site, commits, posts)
    (root / "state").mkdir()
    repository = Repository.open(site, lock_folder=root / "state", committer=Person("g", "g@localhost"))
    file = history_file(root / "state")

    def ask(question: Callable[[Any], Any]) -> Any:
        return look_back(file, repository, question)

    spent, _ = _timed(lambda: (note_history(file, repository), read_history(file, repository)))
    print(f"{commits} commits read in {spent:.0f}, {file.path.stat().st_size / 1e6:.1f} MB")
    for path in [BUSY, *git(site, "ls-files").split()[1:4]]:
        ours = sorted(
            _timed(lambda path=path: ask(lambda c: log.of_path(c, path, limit=31)))[0] for _ in range(20)
        )
        theirs, followed = _timed(lambda path=path: git(site, "log", "--follow", "--format=%H", "--", path))
        told = [
            touch.commit.id for touch in ask(lambda c, path=path: log.of_path(c, path, limit=commits + 1))
        ]
        assert told == followed.split(), path
        print(f"{len(told):5} versions: median {ours[10]:.2f}, longest {ours[-1]:.2f}; git {theirs:.0f}")
    print(f"the site, first page: {_timed(lambda: ask(lambda c: log.of_site(c, limit=31)))[0]:.2f}")
    file.close()
    repository.close()


def make(site: Path, commits: int, posts: int) -> None:
    """Make a packed repository by one stream of `git fast-import`."""
    site.mkdir()
    git(site, "init", "-q", "-b", "main")
    configure(site)
    draw, moment = random.Random(1), 1_500_000_000
    texts = {f"_posts/{n // 500:02}/post-{n:05}.md": _post(n, draw) for n in range(posts)}
    paths = list(texts)
    stream = [f"commit refs/heads/main\ncommitter Dev <dev@example.org> {moment} +0000\ndata 5\nbegin\n"]
    stream += [f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in texts.items()]
    for number in range(commits):
        moment += 3600
        who = f"Person {number % 7} <p{number % 7}@example.org>"
        stream.append(f"commit refs/heads/main\ncommitter {who} {moment} +0000\ndata 4\nEdit\n")
        at = 0 if number % 10 == 0 else draw.randrange(1, posts)
        path = paths[at]
        if number % 40 == 5:
            paths[at] = f"{path.rpartition('/')[0]}/moved-{number:05}-{at}.md"
            texts[paths[at]] = texts.pop(path)
            stream.append(f"R {path} {paths[at]}\n")
            continue
        lines = texts[path].split("\n")
        lines[draw.choice((1, 6, 8, 10, 12))] = f"title: Words {number}"
        texts[path] = "\n".join(lines)
        stream.append(f"M 100644 inline {path}\ndata {len(texts[path])}\n{texts[path]}\n")
    stream.append("done\n")
    command = ["git", "fast-import", "--quiet", "--done"]
    subprocess.run(command, cwd=site, input="".join(stream).encode(), check=True)
    git(site, "reset", "-q", "--hard")
    git(site, "gc", "-q")


def _post(number: int, draw: random.Random) -> str:
    text = "\n\n".join(f"Paragraph {draw.randrange(10**6)} of words and more words." for _ in range(12))
    return f"---\ntitle: Post {number}\ndate: 2020-01-01\ntags: [a, t{draw.randrange(50)}]\n---\n\n{text}\n"


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = call()
    return (time.perf_counter() - start) * 1000, answer


if __name__ == "__main__":
    main()
