"""A first start beside `hugo list all` on the same files: when lists are answered, and when all is read.

    python tests/bench/cold.py [--posts N] [--rounds N]

Each round opens the site in a fresh process with an empty state, and runs Hugo after it. Ours is timed from
opening the site to the first page of its list (title, date, state), to the index with every text, and to the
model that is read off all entries; Hugo's is the whole run. Printed are seconds, what the process took at
most in memory, and at the end the medians of the ratios.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms import index
from gitcms.demo.hugo import find_hugo
from gitcms.entries import ListQuery, listing
from gitcms.site import open_site
from tests.bench.index import made_of_words
from tests.making import settings

NAMES = ("list", "index", "model")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(once(options.once, options.posts)))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(made_of_words(Path(folder), options.posts), options.posts, options.rounds)


def compare(site: Path, posts: int, rounds: int) -> None:
    ratios = []
    for _ in range(rounds):
        told = subprocess.run(
            [sys.executable, __file__, "--once", site, "--posts", str(posts)],
            check=True,
            stdout=subprocess.PIPE,
        )
        *ours, megabytes = json.loads(told.stdout)
        start = time.perf_counter()
        subprocess.run([find_hugo(), "list", "all", "--source", site], check=True, stdout=subprocess.DEVNULL)
        hugo = time.perf_counter() - start
        ratios.append([each / hugo for each in ours])
        seconds = "  ".join(f"{name} {each:.2f}" for name, each in zip(NAMES, ours, strict=True))
        print(f"{seconds}  hugo {hugo:.2f}  {megabytes} MB", flush=True)
    for name, each in zip(NAMES, zip(*ratios, strict=True), strict=True):
        print(f"{name}: {statistics.median(each):.2f} × `hugo list all`")


def once(place: Path, posts: int) -> list[float]:
    """Return after how many seconds each was there, and the most memory in megabytes."""
    with tempfile.TemporaryDirectory() as state:
        start, times = time.perf_counter(), []
        site = open_site(settings(place, Path(state)))
        found = listing(site, site.model().collections[0], ListQuery())
        times.append(time.perf_counter() - start)
        assert found.total >= posts - 1 and found.rows[0].title and found.rows[0].date
        site.ask(index.sizes)
        times.append(time.perf_counter() - start)
        while site.edition < 2:
            time.sleep(0.01)
        times.append(time.perf_counter() - start)
        site.close()
        return [*times, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]


if __name__ == "__main__":
    main()
