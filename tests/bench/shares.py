"""What the drawn files of the property tests hold, in how many of a hundred, and what became of the edits.

    python tests/bench/shares.py [--examples N]

Every edit is held against the judge; the first that is not as asked ends the run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.content.drawn import tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=5000)
    print(*tally.run(parser.parse_args().examples).table(), sep="\n")


if __name__ == "__main__":
    main()
