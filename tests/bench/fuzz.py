"""Let a fuzzer that sees which lines run look for files and edits that break a promise.

    pip install atheris
    nice python tests/bench/fuzz.py --minutes 20 --corpus FOLDER
    python tests/bench/fuzz.py --keep FOLDER

The first form fills FOLDER, begun with the files of `tests/content/fuzz_corpus`; it stops at the
first broken promise, crash, or input that takes more than a second of processor time, which is written
beside.
The second brings the smallest files of FOLDER that reach every line and jump, within bounds, to
`tests/content/fuzz_corpus`, where a test replays them. Needs no part of the project beyond itself; atheris is
installed by hand, since only this program uses it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP))

Jump = tuple[str, int, int]
KEPT = TOP / "tests/content/fuzz_corpus"
SECONDS = 1.0
LONGEST = 64 * 1024
MOST_FILES, MOST_BYTES = 200, 200_000
WORDS = (
    *("---\n", "+++\n", ";;;\n", "...\n", "---toml\n", "---json\n", "\r\n", "\ufeff", "\n\n"),
    *(
        ": ",
        "- ",
        "? ",
        "&a ",
        "*a",
        "<<: *a\n",
        "|\n",
        "|-\n",
        ">+2\n",
        "!!str ",
        "!x ",
        " # c\n",
        "{}",
        "[]",
    ),
    *("[a, b]", "{a: b}", '"\\', "''", "~", "2020-01-01", "18:00:00", "010", "1e3", "\u2028", "\x85", "\t"),
    *("[[a]]\n", "[a.b]\n", ' = "', " = [\n", '"""', "'''", "a.b = 1\n", '{"a": "b"}', '"a": ', "Title: x\n"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        keep(options.keep)
    else:
        run(options.corpus, options.minutes)


def run(corpus: Path, minutes: float) -> None:
    import atheris

    with atheris.instrument_imports(include=["gitcms.content", "tomllib"]):
        from tests.content import fuzzing

    def one(data: bytes) -> None:
        began = time.process_time()
        fuzzing.check(data)
        took = time.process_time() - began
        if took > SECONDS:
            raise TimeoutError(f"{took:.1f} s for {len(data)} bytes")

    corpus.mkdir(parents=True, exist_ok=True)
    words = corpus.with_suffix(".words")
    words.write_text("".join(f'"{_escaped(word.encode())}"\n' for word in WORDS))
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            str(KEPT),
            f"-dict={words}",
            f"-max_len={LONGEST}",
            f"-max_total_time={int(minutes * 60)}",
            f"-artifact_prefix={corpus.with_suffix('.broken')}-",
            "-len_control=20",
            "-timeout=60",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
        ],
        one,
    )
    atheris.Fuzz()


def keep(corpus: Path) -> None:
    """Of all that the fuzzer found the smallest files that together reach every line and jump it reached."""
    from tests.content import fuzzing

    chosen = {path.name: path.read_bytes() for path in sorted(KEPT.iterdir())}
    reached = set().union(*(jumps(fuzzing.check, data) for data in chosen.values()))
    found = {data: jumps(fuzzing.check, data) for data in (path.read_bytes() for path in corpus.iterdir())}
    while len(chosen) < MOST_FILES and found:
        # The input that reaches most of what nothing else has reached yet; of equals the shortest.
        best = max(found, key=lambda data: (len(found[data] - reached), -len(data)))
        fresh = found.pop(best) - reached
        if not fresh or sum(map(len, chosen.values())) + len(best) > MOST_BYTES:
            break
        reached |= fresh
        chosen[f"found-{hashlib.sha256(best).hexdigest()[:10]}"] = best
    for name, data in chosen.items():
        (KEPT / name).write_bytes(data)
    print(f"{len(chosen)} files, {sum(map(len, chosen.values()))} bytes, {len(reached)} jumps")


def jumps(call: Callable[[bytes], None], data: bytes) -> set[Jump]:
    """The pairs of lines of `gitcms.content` that run one behind the other."""
    seen: set[Jump] = set()
    last: dict[int, int] = {}

    def trace(frame: FrameType, event: str, argument: object) -> object:
        if "/gitcms/content/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, last.get(id(frame), 0), frame.f_lineno))
            last[id(frame)] = frame.f_lineno
        return trace

    sys.settrace(trace)
    try:
        call(data)
    finally:
        sys.settrace(None)
    return seen


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
