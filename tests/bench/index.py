"""What the index costs: filling it, bringing it along, asking it; beside `hugo list all` on the same files.

    python tests/bench/index.py [--posts N] [--rounds N]
    python tests/bench/index.py --sequences N [--seed N]

The first form prints times in milliseconds, median and p95. The second lets N random histories happen, each
of four looks with saves, outside commits, renames, deletes, branch switches, forced pushes and crashes in
between, and compares the index after each look with one made from nothing.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.demo.hugo import find_hugo
from gitcms.index import Choice, IndexFile, Query, Sort, counts, fill, find
from gitcms.repository import Person, Repository
from gitcms.schema.collection import Model
from gitcms.schema.lists import ByField
from tests.bench.sites import configure, git, path_of
from tests.index import truth

FILTERS = {
    "a filter with few finds": ByField("Few", "title", "quagga"),
    "a filter with many finds": ByField("Many", "date", "20(1|2)"),
    "a filter with all of them": ByField("All", "title"),
    "a filter of labels": ByField("Labels", "tags", r"^t\d+$"),
}
MODEL = Model("hugo", (truth.collection("posts", "_posts", filters=tuple(FILTERS.values())),))
QUESTIONS = {
    "the newest": Query("posts"),
    "by title": Query("posts", sort=Sort("title")),
    "last changed": Query("posts", sort=Sort("changed")),
    "drafts": Query("posts", state="draft"),
    "live ones": Query("posts", state="live"),
    "far down": Query("posts", start=5000),
    "by a number": Query("posts", sort=Sort("weight")),
    "by a text, down": Query("posts", sort=Sort("author", descending=True)),
    "one author": Query("posts", choices=(Choice("author", "author 7"),)),
    "one tag of two": Query("posts", choices=(Choice("tags", "t7"),)),
    "a yes or no": Query("posts", choices=(Choice("draft", "false"),)),
    "a rare word": Query("posts", "quagga"),
    "a frequent word": Query("posts", "harbour"),
    "the beginning of a word": Query("posts", "harb"),
    "one letter": Query("posts", "h"),
    "three letters": Query("posts", "har"),
    "five letters of hundreds": Query("posts", "inter"),
    "five letters of a dozen": Query("posts", "torba"),
    "seven letters of hundreds": Query("posts", "harbour"),
    "eight of hundreds": Query("posts", "internat"),
    "ten letters of some": Query("posts", "internatba"),
    "with an accent": Query("posts", "Canció"),
    "an accent left out": Query("posts", "cancion"),
    "a sign": Query("posts", "\u4e00"),
    "a run of signs": Query("posts", "\u4e00\u4e07"),
    "a word and a beginning": Query("posts", "evening inter"),
    "two of hundreds": Query("posts", "harbour inter"),
    "two of hundreds, drafts": Query("posts", "harbour canci", "draft"),
    "a beginning of one tag": Query("posts", "inter", choices=(Choice("tags", "t7"),)),
    "a beginning, by title": Query("posts", "inter", sort=Sort("title")),
    "far down of a beginning": Query("posts", "inter", start=5000),
    "two words": Query("posts", "harbour evening"),
    "a word, by title": Query("posts", "river", sort=Sort("title")),
    "a word of one tag": Query("posts", "river", choices=(Choice("tags", "t7"),)),
    **{name: Query("posts", choices=(Choice(one.field, one.finds, True),)) for name, one in FILTERS.items()},
    "two filters": Query("posts", choices=(Choice("date", "20(1|2)", True), Choice("tags", r"^t\d+$", True))),
}
SYLLABLES = [
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "sen",
    "tor",
    "vil",
    "wes",
    "har",
    "quo",
    "dim",
    "fer",
    "gan",
]
BEGINNINGS = ("inter", "internat", "harbour", "canció")
SIGNS = [chr(0x4E00 + 7 * number) for number in range(300)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sequences", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.sequences:
            compare(Path(folder), options.sequences, options.seed)
        else:
            measure(Path(folder), options.posts, options.rounds)


def compare(root: Path, sequences: int, seed: int) -> None:
    """:raises AssertionError: an index that was brought along differs from one made from nothing."""
    looks = 0
    for number in range(sequences):
        place = root / str(number)
        place.mkdir()
        for done, told, wanted in truth.plays(place, 1, 4, seed + number):
            assert told == wanted, (seed + number, done)
            looks += 1
        shutil.rmtree(place)
        if number % 100 == 99:
            print(f"{number + 1} sequences, {looks} looks, all equal", flush=True)


def measure(root: Path, posts: int, rounds: int) -> None:
    site = made_of_words(root, posts)
    repository = Repository.open(site, lock_folder=root / "state", committer=Person("g", "g@localhost"))
    index = IndexFile(root / "state")
    filling = _milliseconds(lambda: fill(index, repository, MODEL))
    listing = _milliseconds(
        lambda: subprocess.run(
            [find_hugo(), "list", "all", "--source", site], check=True, stdout=subprocess.DEVNULL
        )
    )
    print(f"{posts} posts: filled in {filling:.0f}, {filling / listing:.2f} × `hugo list all`")
    print(f"the file: {index.path.stat().st_size / posts:.0f} bytes a post")
    for name, query in QUESTIONS.items():
        times = sorted(_milliseconds(lambda query=query: _answer(index, query)) for _ in range(rounds))
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        print(f"{name:26}{times[len(times) // 2]:9.1f}{p95:9.1f}")
    along = []
    for _ in range(rounds):
        change(site, posts, 10)
        along.append(_milliseconds(lambda: fill(index, repository, MODEL)))
    print(f"brought along over ten files{statistics.median(along):9.1f}, the first time{along[0]:9.1f}")
    change(site, posts, posts // 2)
    print(f"brought along over half the files{_milliseconds(lambda: fill(index, repository, MODEL)):9.0f}")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    index.close()
    repository.close()


def _answer(index: IndexFile, query: Query) -> None:
    with index.reading() as connection:
        counts(connection, query, time.time())
        find(connection, query, time.time())


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def made_of_words(root: Path, posts: int) -> Path:
    """A packed repository of posts of 250 words out of some thousands, the frequent ones frequent.

    Nearly every post has some of the hundreds of words of each beginning in BEGINNINGS, and a run of SIGNS.
    """
    site, draw = root / "site", random.Random(1)
    words = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES if draw.random() < 0.8] + [
        "harbour",
        "evening",
        "river",
        "quagga",
    ]
    weights = [1 / (1 + number % 900) for number in range(len(words) - 1)] + [0.0001]
    begun = [begin + a + b for begin in BEGINNINGS for a in SYLLABLES for b in SYLLABLES]
    often = [1 / (1 + number) for number in range(len(SIGNS))]
    for number in range(posts):
        file = site / path_of(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = " ".join(draw.choices(words, weights, k=224) + draw.choices(begun, k=20))
        text += " " + "".join(draw.choices(SIGNS, often, k=7))
        file.write_text(
            f"---\ntitle: {draw.choice(words)} {number}\ndate: {2000 + number % 26}-{1 + number % 12:02}-01\n"
            f"tags: [t{number % 50}, {draw.choice(words)}]\nauthor: author {number % 200}\n"
            f"weight: {number % 1000}\ndraft: {str(number % 40 == 0).lower()}\n---\n\n{text}\n"
        )
    (site / "hugo.toml").write_text('contentDir = "_posts"\n')
    (root / "state").mkdir()
    git(site, "init", "-q", "-b", "main")
    configure(site)
    git(site, "add", ".")
    git(site, "commit", "-q", "-m", "The site as it is")
    git(site, "gc", "-q")
    return site


def change(site: Path, posts: int, count: int) -> None:
    for number in range(count):
        file = site / path_of(number * posts // count)
        file.write_text(file.read_text() + "One more line.\n")
    git(site, "commit", "-q", "-a", "-m", "Outside")


if __name__ == "__main__":
    main()
