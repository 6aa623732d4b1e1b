"""Have two authors edit one real post at once, thousands of times, and judge what comes of it.

    python tests/bench/two_authors.py [--pairs N] [--first SEED] [--corpus FOLDER]

What has to come of each pair is worked out by an oracle of its own (`tests/content/two_authors.py`): edits of
different places are both there, edits of one place end in a choice with both texts in full, no word of either
is lost whatever is chosen, every other line is there byte for byte; and where plain git joins the two without
a conflict, it comes to the same. The first pair that breaks one of these ends the run. FOLDER is that of
GITCMS_CORPUS when left out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.content.test_two_authors import edit_at_once, real_posts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5000)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first pair")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("GITCMS_CORPUS"))
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("--corpus, or GITCMS_CORPUS, has to name a folder of posts")
    posts = real_posts(Path(options.corpus))
    with tempfile.TemporaryDirectory() as folder:
        seen = edit_at_once(posts, options.pairs, Path(folder), options.first)
    apart = seen["both survive"] + seen["as git has it"]
    print(
        f"{seen['pairs']} pairs of edits on {len(posts)} posts\n"
        f"  {apart} touched different places: both are in it, in {seen['as git has it']} as git has it\n"
        f"  {seen['a choice']} touched one place: a choice in each, with both texts in full\n"
        f"  {seen['an order to choose']} sorted one list in two ways: a choice between the orders\n"
        f"  {seen['a file that cannot hold both']} in files that cannot hold both at once: a choice in each\n"
        f"  0 texts lost, 0 other lines touched; {seen['not to be edited']} more could not be edited at all"
    )


if __name__ == "__main__":
    main()
