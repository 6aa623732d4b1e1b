"""Tell what changed in random edits of real posts, judge each by an oracle, and say how long it takes.

    python tests/bench/what_changed.py [--edits N] [--first SEED] [--corpus FOLDER]

A time is that of reading both versions and comparing them. FOLDER is that of GITCMS_CORPUS when left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.content.test_two_authors import real_posts
from tests.history.test_stories import tell_edits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first edit")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("GITCMS_CORPUS"))
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("--corpus, or GITCMS_CORPUS, has to name a folder of posts")
    told = tell_edits(real_posts(Path(options.corpus)), options.edits, options.first)
    half = median(told.sizes)
    near = [time for time, size in zip(told.times, told.sizes, strict=True) if half / 2 < size < half * 2]
    ranked = sorted(told.times)
    spans = f"median {median(near) * 1000:.1f} ms, longest {max(near) * 1000:.1f} ms"
    print(
        f"{told.edits} edits of real posts, each told as the oracle has it\n"
        f"  median {median(ranked) * 1000:.1f} ms, p95 {ranked[int(len(ranked) * 0.95)] * 1000:.1f} ms,"
        f" longest {ranked[-1] * 1000:.1f} ms\n"
        f"  posts of about {half:.0f} bytes: {spans}"
    )


if __name__ == "__main__":
    main()
