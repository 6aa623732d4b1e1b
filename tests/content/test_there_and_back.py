"""Many edits in a row, and then what takes each of them back: the file is the same bytes as at first.

Taken back to the byte is what a file has a spelling for: another word in the same quotes, another number or
day, a key or an item that came, an item that moved, a key that got another name, a changed text. A list that
was empty, and text that needs other quotes, are spelled anew by design (`test_properties` has those).
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gitcms.content.document import Document
from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.values import same
from tests.content.made_up import front_matters
from tests.content.oracle import at, done, paths

WORDS = st.sampled_from(("Harbour", "evening light", "Ada Lovelace", "año", "日本", "it is late"))
NUMBERS = st.integers(1, 9999)
DAYS = st.dates(date(1999, 1, 1), date(2030, 1, 1))
TOML = """# about
title = "Boats" # why
year = 2015
when = 2024-01-05
tags = ["a", 'b', "c"] # three
wide = [
  "one", # first
  "two",
]

[author]
name = 'Ada'
age = 36

[[links]]
url = "/a"
title = "A"

[[links]]
# inner
url = "/b"
title = "B"
"""
JSON = """{
  "title": "Boats",
  "year": 2015,
  "tags": ["a", "b"],
  "wide": [
    "one",
    "two"
  ],
  "author": {"name": "Ada", "age": 36},
  "links": [
    {"url": "/a", "title": "A"},
    {"url": "/b", "title": "B"}
  ]
}"""


class ThereAndBack(RuleBasedStateMachine):
    """A file, the edits done on it, and for each the edits that take it back."""

    @initialize(data=st.data(), crlf=st.booleans())
    def open(self, data: st.DataObject, crlf: bool) -> None:
        made = data.draw(
            front_matters().filter(lambda one: "anchor" not in one.features).map(lambda one: one.text)
            | st.sampled_from((TOML, JSON))
        )
        fence = {TOML: "+++\n", JSON: ";;;\n"}.get(made, "---\n")
        newline = "\r\n" if crlf or "\r\n" in made else "\n"
        text = f"{fence}{made}{'' if made.endswith(chr(10)) else chr(10)}{fence}First.\n\nSecond.\nLast"
        text = re.sub(r"\r?\n", newline, text)
        self.first = text.encode()
        self.document = Document.parse(self.first)
        self.back: list[Edit | str] = []

    # ── what is done ──

    @rule(data=st.data())
    @precondition(lambda self: any(True for _ in self._texts()))
    def other_words(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(list(self._texts())))
        self._do(Set(path, data.draw(WORDS)), Set(path, at(self._values, path)))

    @rule(data=st.data())
    @precondition(lambda self: any(True for _ in self._typed()))
    def other_numbers_and_days(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(list(self._typed())))
        old = at(self._values, path)
        new = not old if isinstance(old, bool) else data.draw(NUMBERS if isinstance(old, int) else DAYS)
        self._do(Set(path, new), Set(path, old))

    @rule(data=st.data(), value=WORDS | NUMBERS | st.booleans() | st.lists(WORDS, min_size=1, max_size=3))
    def a_new_key(self, data: st.DataObject, value: Any) -> None:
        objects = [(), *(path for path in paths(self._values) if at(self._values, path))]
        path = data.draw(st.sampled_from([p for p in objects if isinstance(at(self._values, p), dict)]))
        if "fresh" not in at(self._values, path):
            self._do(Set((*path, "fresh"), value), Unset((*path, "fresh")))

    @rule(data=st.data(), value=WORDS, front=st.booleans())
    @precondition(lambda self: any(True for _ in self._lists()))
    def another_item(self, data: st.DataObject, value: str, front: bool) -> None:
        path = data.draw(st.sampled_from(list(self._lists())))
        items = at(self._values, path)
        length, item = len(items), dict.fromkeys(items[0], value) if isinstance(items[0], dict) else value
        index = data.draw(st.integers(0, length - 1)) if front else length
        self._do(Insert(path, index, item) if front else Append(path, item), Unset((*path, index)))

    @rule(data=st.data())
    @precondition(lambda self: any(True for _ in self._lists(2)))
    def an_item_elsewhere(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(list(self._lists(2))))
        places = st.integers(0, len(at(self._values, path)) - 1)
        index, to = data.draw(places), data.draw(places)
        self._do(Move(path, index, to), Move(path, to, index))

    @rule(data=st.data())
    @precondition(lambda self: any(True for _ in self._named()))
    def another_name(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(list(self._named())))
        if "renamed" not in at(self._values, path[:-1]):
            self._do(Rename(path, "renamed"), Rename((*path[:-1], "renamed"), str(path[-1])))

    @rule(words=WORDS, line=st.integers(0, 3))
    def another_line_of_the_text(self, words: str, line: int) -> None:
        old = self.document.body
        lines = old.split("\n")
        lines[line : line + 1] = [words, ""]
        self._become([], "\n".join(lines))
        self.back.append(old)

    def teardown(self) -> None:
        if not hasattr(self, "back"):
            return
        for step in reversed(self.back):
            self._become(*(([], step) if isinstance(step, str) else ([step], None)))
        assert self.document.source == self.first, (self.first.decode(), self.document.source.decode())

    # ── how ──

    @property
    def _values(self) -> dict[str, Any]:
        return self.document.values

    def _do(self, edit: Edit, back: Edit) -> None:
        wanted = done(self._values, edit)
        self._become([edit])
        assert same(self._values, wanted), (edit, self.document.source.decode())
        self.back.append(back)

    def _become(self, edits: list[Edit], body: str | None = None) -> None:
        self.document = Document.parse(self.document.change(edits, body))

    def _texts(self) -> Any:
        """Text on one line that stands in the file as it is read: between quotes, or without any."""
        for path in paths(self._values):
            value = at(self._values, path)
            if isinstance(value, str) and _spelling_holds(self.document.text_of(path) or "", value):
                yield path

    def _typed(self) -> Any:
        for path in paths(self._values):
            value = at(self._values, path)
            if type(value) in (bool, int, date) and str(value).lower() == self.document.text_of(path):
                yield path

    def _lists(self, least: int = 1) -> Any:
        for path in paths(self._values):
            items = at(self._values, path)
            if isinstance(items, list) and len(items) >= least and len({*map(type, items)}) == 1:
                yield path

    def _named(self) -> Any:
        source = self.document.front_matter_text
        for path in paths(self._values):
            # A name in quotes, or twice in the file, may be spelled otherwise when it comes back.
            once = str(path[-1]).isalpha() and len(re.findall(rf"\b{path[-1]}\b", source)) == 1
            if once and (source.startswith("{") or not re.search(rf"[\"']{path[-1]}[\"']", source)):
                yield path


def _spelling_holds(spelled: str, value: str) -> bool:
    """Whether the words can change in these quotes and come back."""
    plain = re.fullmatch(r"[^\W\d_][\w ]*\w", value) and value.lower() not in ("no", "yes", "on", "off")
    return bool(plain) and spelled in (value, f"'{value}'", json.dumps(value, ensure_ascii=False))


TestThereAndBack = ThereAndBack.TestCase
TestThereAndBack.settings = settings(
    max_examples=120,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
