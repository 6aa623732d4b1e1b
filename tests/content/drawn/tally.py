"""What was drawn, and what became of it: shares of the files, fates of the edits, reasons of the refusals.

Here: the figures of one run, and which refusals are right. `tests/bench/shares.py` prints them for a long
run, `test_drawn.py` asserts them for a short one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.content.drawn.asks import asks
from tests.content.drawn.files import File, files
from tests.content.judge.pieces import LINES_OF_TEXT
from tests.content.judge.run import Outcome, judged
from tests.content.judge.saving import without_names

SHARED = re.compile("use this value too|for a value that other fields use too|taken over from elsewhere")
CANNOT_HOLD = {
    "toml": re.compile("has to be an object, as the others are|cannot have an empty item"),
    "headers": re.compile("but no blank lines|has no parts|no objects and no lists of them"),
    "org": re.compile(
        "cannot stand in this list|keeps each field on one line|With one line left|has no parts"
        "|no objects and no lists of them"
    ),
}
"""What a format has no way to write, by the words of the sentence that says so."""
NO_MORE_FIELDS = re.compile("would no longer be taken for fields|or the other way round")


@dataclass
class Tally:
    """The figures of one run."""

    files: Counter[str] = field(default_factory=Counter)
    holds: Counter[tuple[str, str]] = field(default_factory=Counter)
    edits: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)

    def share(self, thing: str) -> float:
        """How many of a hundred files hold it."""
        return 100 * sum(self.holds[kind, thing] for kind in self.files) / self.files.total()

    @property
    def refused(self) -> float:
        """How many of a hundred edits were refused."""
        return 100 * self.refusals.total() / self.edits.total()

    def table(self) -> Iterator[str]:
        """The figures in lines."""
        things = sorted({thing for _, thing in self.holds}, key=lambda thing: -self.share(thing))
        yield f"{'of a hundred files':22}{'all':>8}" + "".join(f"{kind:>9}" for kind in self.files)
        for thing in things:
            each = (100 * self.holds[kind, thing] / count for kind, count in self.files.items())
            yield f"{thing:22}{self.share(thing):8.1f}" + "".join(f"{share:9.1f}" for share in each)
        yield f"{'files':22}{self.files.total():8}" + "".join(f"{count:9}" for count in self.files.values())
        yield f"\n{'kind of edit':34}{'edits':>7}{'exact':>9}{'refused':>9}"
        for kind in sorted({kind for kind, _ in self.edits}):
            exact, refused = self.edits[kind, "exact"], self.edits[kind, "refused"]
            yield f"{kind:34}{exact + refused:7}{exact:9}{refused:9}"
        total, refused = self.edits.total(), self.refusals.total()
        yield f"{'all':34}{total:7}{total - refused:9}{refused:9}"
        for (kind, sentence), count in self.refusals.most_common():
            yield f"{count:7} refused in {kind}: {sentence}"


def run(examples: int) -> Tally:
    """Draw files and edits, and hold every outcome against the judge.

    :raises AssertionError: an edit did something else than was asked, or was refused without a good reason.
    """
    tally = Tally()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        # Shrinking takes minutes here, and the first outcome says enough.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def each(data: st.DataObject) -> None:
        file = data.draw(files())
        outcome = judged("", file.source, data.draw(asks(file)))
        assert outcome.fate in ("exact", "refused"), outcome
        assert outcome.fate == "exact" or _is_right(file, outcome), outcome
        kind = file.pieces.kind
        tally.files[kind] += 1
        tally.holds.update((kind, thing) for thing in file.holds)
        tally.edits[outcome.ask.kind, outcome.fate] += 1
        if outcome.fate == "refused":
            tally.refusals[kind, without_names(outcome.why)] += 1

    each()
    return tally


def _is_right(file: File, outcome: Outcome) -> bool:
    """Whether a refusal has one of the reasons that there are for one."""
    kind, ask, sentence = file.pieces.kind, outcome.ask, outcome.why
    if SHARED.search(sentence):
        return "anchors" in file.holds
    if NO_MORE_FIELDS.search(sentence):
        # Without marks the first line tells that these are fields; and a text may begin like some.
        return (kind in LINES_OF_TEXT and ask.op in ("rename", "unset")) or ask.op == "body"
    if kind == "org" and ask.op == "rename" and ask.path == ("filetags",):
        return True  # under another name the tags would be a text
    return kind in CANNOT_HOLD and CANNOT_HOLD[kind].search(sentence) is not None
