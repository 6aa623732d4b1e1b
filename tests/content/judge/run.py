"""Ask every post for every edit of the list, and print what became of them, a line for each kind.

    python tests/content/judge/run.py [--corpus FOLDER] [--every N] [--show N] [--command-line N] [--kind K]

The posts are those of GITCMS_CORPUS or of --corpus, and small made files. `--command-line N` asks every Nth
edit of `gitcms edit` itself as well, and compares bytes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.content.judge import made_files, saving
from tests.content.judge.asks import asks_for
from tests.content.judge.formats import read
from tests.content.judge.oracle import Ask
from tests.content.judge.pieces import cut, posts
from tests.content.judge.spots import Spot, Unreadable
from tests.content.judge.verdict import body_of, faults


@dataclass
class Outcome:
    """What became of one edit: `exact`, `style`, `wrong`, `refused` or `crashed`."""

    name: str
    ask: Ask
    fate: str
    why: str
    source: bytes
    out: bytes = b""


@dataclass
class Tally:
    """The table."""

    rows: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[str] = field(default_factory=Counter)
    bad: list[Outcome] = field(default_factory=list)
    refused: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.rows[outcome.ask.kind][outcome.fate] += 1
        if outcome.fate == "refused":
            self.reasons[saving.without_names(outcome.why)] += 1
            self.refused.append(outcome)
        elif outcome.fate != "exact":
            self.bad.append(outcome)

    @property
    def total(self) -> Counter[str]:
        return sum(self.rows.values(), Counter())

    def table(self) -> Iterator[str]:
        fates = ("exact", "refused", "style", "wrong", "crashed")
        yield f"{'kind of edit':34}{'edits':>7}" + "".join(f"{fate:>9}" for fate in fates)
        for kind, row in [*sorted(self.rows.items()), ("all", self.total)]:
            yield f"{kind:34}{sum(row.values()):7}" + "".join(f"{row[fate] or '':>9}" for fate in fates)
        for reason, count in self.reasons.most_common():
            yield f"{count:7} refused: {reason}"


def files(corpus: str, every: int = 1) -> Iterator[tuple[str, bytes]]:
    """The posts with their names, and the made files."""
    for path in posts(corpus)[::every] if corpus else []:
        yield str(path.relative_to(corpus)), path.read_bytes()
    yield from made_files.every()


def outcomes(name: str, source: bytes) -> Iterator[Outcome]:
    """Every edit of one file."""
    pieces = cut(source)
    try:
        root, _ = read(pieces.kind, pieces.text)
    except (Unreadable, UnicodeDecodeError):
        root = Spot("map", 0, 0)
    if not root.pairs:
        return
    for ask in asks_for(name, pieces.kind, root, body_of(pieces)):
        yield judged(name, source, ask)


def judged(name: str, source: bytes, ask: Ask) -> Outcome:
    """One edit, done and looked at."""
    fate, why, out = saving.save(source, ask)
    if fate != "saved":
        return Outcome(name, ask, fate, why, source)
    found = faults(source, ask, out)
    if not found:
        return Outcome(name, ask, "exact", "", source, out)
    styled = all(fault.startswith("style") for fault in found)
    return Outcome(name, ask, "style" if styled else "wrong", "; ".join(found), source, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", default=os.environ.get("GITCMS_CORPUS", ""))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--kind", default="")
    parser.add_argument("--command-line", type=int, default=0)
    options = parser.parse_args()
    tally, number, told = Tally(), 0, 0
    for name, source in files(options.corpus, options.every):
        for outcome in outcomes(name, source):
            if options.kind and options.kind not in outcome.ask.kind:
                continue
            tally.add(outcome)
            number += 1
            if options.command_line and number % options.command_line == 0:
                told += saving.command_line_agrees(outcome.source, outcome.ask, outcome.fate, outcome.out)
    for outcome in tally.bad[: options.show] + tally.refused[: options.show]:
        print(outcome.name, outcome.ask, outcome.fate, outcome.why, sep="\n    ")
    print(*tally.table(), sep="\n")
    if options.command_line:
        print(f"{told} of these asked on the command line too, with the same bytes")
    sys.exit(1 if tally.bad else 0)


if __name__ == "__main__":
    main()
