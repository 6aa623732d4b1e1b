"""Random histories in which versions, fields and deleted entries are brought back and changes undone.

    python tests/bench/recoveries.py [--tales N] [--seed N]

Each recovery may touch its entry alone, or its field alone, and is undone to the byte and done again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.entries.recoveries import Tale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tales", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    done: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.tales):
            place = Path(folder) / str(number)
            tale = Tale(place, options.seed + number)
            try:
                tale.play(9)
            except BaseException:
                print(f"--tales 1 --seed {options.seed + number}: {' '.join(tale.said)}", file=sys.stderr)
                raise
            finally:
                tale.close()
            done.update(tale.done)
            shutil.rmtree(place)
            if number % 100 == 99:
                print(f"{number + 1} histories: {dict(done)}", flush=True)


if __name__ == "__main__":
    main()
