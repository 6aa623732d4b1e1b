"""Put each fault of the list into a copy of the project, and see whether a test of the content notices.

    python tests/bench/mutations.py [--only WORDS]

For each fault the first test that turned red is printed; one that no test notices is printed as LEFT, and
makes the exit code 1. The real posts are part of the tests where GITCMS_CORPUS is set.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.content.mutations import MUTATIONS, Mutation

TOP = Path(__file__).resolve().parents[2]
# The quick ones first: the first red test ends the run.
TESTS = ("tests/content/formats", "tests/content")
LEFT_OUT = ("test_readers.py", "test_mutations.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="mutations whose words hold this")
    only = parser.parse_args().only
    chosen = [one for one in MUTATIONS if only in one.what]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        for part in ("gitcms", "tests", "templates"):
            shutil.copytree(
                TOP / part, copy / part, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
            )
        shutil.copy(TOP / "pyproject.toml", copy)
        left = [one for one in chosen if not noticed(copy, one)]
    print(f"{len(chosen) - len(left)} of {len(chosen)} noticed")
    sys.exit(1 if left else 0)


def noticed(copy: Path, mutation: Mutation) -> bool:
    """Run the tests with one fault in the copy, take it out again, and say whether one of them was red."""
    file = copy / "gitcms/content" / mutation.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, mutation
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    left_out = [f"--ignore=tests/content/{name}" for name in LEFT_OUT]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--hypothesis-profile=unshrunk",
            *left_out,
            *TESTS,
        ],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    file.write_text(text, encoding="utf-8")
    red = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    test = red[1].removeprefix("tests/content/") if red else f"exit {done.returncode}"
    print(f"{'noticed' if done.returncode == 1 else 'LEFT':8} {mutation.what:56} {test[:90]}", flush=True)
    return done.returncode == 1


if __name__ == "__main__":
    main()
