"""Many edits of one save are written and proved together, and come out as if each had been done by itself."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitcms.content.batches import edited
from gitcms.content.edits import Append, Edit, Insert, Set, Unset, edits_between
from gitcms.content.formats import FORMATS
from gitcms.content.formats.yaml import YamlFormat
from gitcms.content.values import same
from gitcms.errors import EditRefused
from tests.content.formats.drawn_edits import an_edit, applied

TEXTS = {
    "yaml": "title: One # a comment\ntags:\n  - a\n  # about b\n  - b\n  - 'c'\n"
    "links:\n- {url: x, title: y}\n- url: z\n  title: w\nflow: [1, 2, 3]\nobject:\n  inner: yes\n  more: 2\n",
    "toml": 'title = "One" # a comment\ntags = ["a", "b", "c"]\nflow = [\n  1,\n  2, # two\n  3,\n]\n'
    'object.inner = true\nobject.more = 2\n\n[[links]]\nurl = "x"\ntitle = "y"\n\n'
    '[[links]]\nurl = "z"\ntitle = "w"\n',
    "json": '{\n  "title": "One",\n  "tags": ["a", "b", "c"],\n  "flow": [\n    1,\n    2,\n    3\n  ],\n'
    '  "links": [{"url": "x", "title": "y"}, {"url": "z", "title": "w"}],\n'
    '  "object": {"inner": true, "more": 2}\n}\n',
}
NEW = st.sampled_from(["new", "no: yes", 7, True, ["p", "q"], {"url": "u"}])


def done(kind: str, text: str, edits: list[Edit]) -> str:
    known = FORMATS[kind]
    return edited(known, text, known.read(text).root, edits, "\n")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_a_save_of_many_edits_reads_as_the_edits_done_one_after_the_other(kind, data):
    known, text = FORMATS[kind], TEXTS[kind]
    values = known.read(text).values
    edits: list[Edit] = []
    for _ in range(data.draw(st.integers(2, 6))):
        edits.append(data.draw(an_edit(values, NEW)))
        values = applied(values, edits[-1])
    try:
        changed = done(kind, text, edits)
    except EditRefused:
        # What a list of tables cannot hold is refused, one edit or many.
        with pytest.raises(EditRefused):
            one_by_one(kind, text, edits)
        return
    assert same(known.read(changed).values, values), (edits, changed)


def one_by_one(kind: str, text: str, edits: list[Edit]) -> str:
    for edit in edits:
        text = done(kind, text, [edit])
    return text


@pytest.mark.parametrize("kind", TEXTS)
def test_items_and_fields_that_are_added_together_stand_in_their_order(kind):
    known, text = FORMATS[kind], TEXTS[kind]
    values = known.read(text).values
    new = {
        **values,
        "title": "Two",
        "tags": ["first", "second", "a", "between", "b", "c", "last", "very last"],
        "one": 1,
        "two": 2,
    }
    edits = edits_between(values, new, [("title",), ("one",), ("two",)])
    changed = done(kind, text, edits)
    assert same(known.read(changed).values, new)
    assert changed == one_by_one(kind, text, edits)
    kept = [name for name in known.read(changed).values if name in ("title", "one", "two")]
    assert kept == ["title", "one", "two"]


def test_items_that_go_take_nothing_of_the_others():
    text = TEXTS["yaml"].replace("  - 'c'\n", "  - 'c'\n  - d\n  - e\n")
    changed = done("yaml", text, [Unset(("tags", 3)), Unset(("tags", 0)), Set(("tags", 0), "B")])
    assert changed == text.replace("  - a\n", "").replace("  - d\n", "").replace("  - b\n", "  - B\n")


def test_an_edit_of_what_an_edit_before_it_made_is_done_after_it():
    edits: list[Edit] = [Append(("tags",), {"x": 1}), Set(("tags", 3, "x"), 2), Insert(("tags",), 3, "d")]
    changed = done("yaml", TEXTS["yaml"], edits)
    assert YamlFormat().read(changed).values["tags"] == ["a", "b", "c", "d", {"x": 2}]


def test_values_of_edits_are_left_as_they_were_given():
    given_list = ["x"]
    done("yaml", TEXTS["yaml"], [Set(("tags",), given_list), Append(("tags",), "y"), Set(("title",), "z")])
    assert given_list == ["x"]


def test_of_many_edits_the_one_that_is_refused_is_named():
    text = "a: &a one\nb: *a\n" + "".join(f"key{n}: value\n" for n in range(20))
    edits: list[Edit] = [Set((f"key{n}",), "new") for n in range(20)]
    with pytest.raises(EditRefused, match="Other fields of this file use this value too"):
        done("yaml", text, [*edits[:11], Set(("a",), "two"), *edits[11:]])


@pytest.mark.parametrize("kind", TEXTS)
def test_a_long_list_of_new_items_is_proved_a_few_times_and_not_once_for_each(kind, texts_read):
    known, text = FORMATS[kind], TEXTS[kind]
    changed = done(kind, text, [Append(("tags",), f"item {n}") for n in range(300)])
    assert len(known.read(changed).values["tags"]) == 303
    assert len(texts_read) == 2


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_items_are_found_behind_those_that_come_and_go(kind, texts_read):
    known = FORMATS[kind]
    text = known.dump({"links": [{"url": "x", "title": str(n)} for n in range(40)]}, newline="\n")
    changed = done(
        kind,
        text,
        [
            Insert(("links",), 0, {"url": "first"}),
            Unset(("links", 20)),
            *(Set(("links", n, "title"), "new") for n in range(1, 20)),
            *(Set(("links", n, "title"), "new too") for n in range(20, 40)),
        ],
    )
    links = known.read(changed).values["links"]
    assert [link.get("title") for link in links] == [None, *["new"] * 19, *["new too"] * 20]
    assert len(texts_read) == 2


@pytest.fixture
def texts_read(monkeypatch):
    """The texts that were read to prove edits: two, the one before and the one after, if one proof did."""
    read: set[str] = set()
    for kind in {type(known) for known in FORMATS.values()}:

        def readings(self, text, *, plainly=kind.readings):
            read.add(text)
            return plainly(self, text)

        monkeypatch.setattr(kind, "readings", readings)
    return read
