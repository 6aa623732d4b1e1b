"""What a check finds: where, by which rule, how grave, in a sentence.

Here: the facts, and the table of the rules. Who finds them is in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gitcms.content.values import Path, dotted

Severity = Literal["error", "warning"]

RULES: Mapping[str, str] = {
    "unreadable": "The fields at the top of a file cannot be read.",
    "conflict": "Two versions stand in a file, between lines of <<<<<<< and >>>>>>>.",
    "duplicate-key": "A key stands in a file twice.",
    "required": "A published entry has no value where its collection wants one.",
    "value": "A value is not of the type of its field.",
    "limit": "A value is outside of what its field allows: a range, a length, a pattern, a choice.",
    "unique": "Two entries share an address, or a value that is to be the only one.",
    "translation": "An entry is missing in one of the languages of its collection.",
    "relation": "A value names an entry that is not there.",
    "link": "A link leads to nothing in the site.",
    "image": "A picture is not in the site.",
    "configuration": "A line of gitcms.toml, or of another CMS’s configuration, is not understood.",
}
"""Every rule of ours with what it finds. Installed rules bring their own names (`gitcms.checks.own`)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `line` and `column` count from 1, in the whole file; 0 where not known.

    `place` is the way to the value that it speaks of, () for the file or its text.
    """

    path: str
    rule: str
    severity: Severity
    sentence: str
    place: Path = ()
    line: int = 0
    column: int = 0

    @property
    def field(self) -> str:
        """The value's dotted name, or ""."""
        return dotted(self.place)

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """By what findings are sorted: as they stand in the files."""
        return self.path, self.line, self.column, self.rule, self.sentence
