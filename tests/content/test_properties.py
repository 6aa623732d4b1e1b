"""Rules without exceptions, on made-up front matter: what an edit does, and what it leaves alone."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gitcms.content import front_matter
from gitcms.content.document import Document, new_document
from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset, edits_between
from gitcms.content.values import same
from gitcms.errors import EditRefused
from tests.content.made_up import ITEMS, NAMES, VALUES, MadeUp, front_matters, read
from tests.content.made_up_tables import JSON_VALUES, TOML_VALUES, MadeTable, tables
from tests.content.made_up_tables import read as read_table
from tests.content.oracle import at, done, paths

THOROUGH = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example],
)
NEW_NAMES = st.sampled_from(("fresh", "new: key", "1e3", "no", "-x", "über"))


@THOROUGH
@given(st.data())
def test_an_edit_does_what_it_says_and_nothing_else(data):
    made = data.draw(front_matters())
    old = made.values
    edit = data.draw(edits_of(old))
    try:
        text = changed(made.text, edit)
    except EditRefused:
        assert "anchor" in made.features, (made.text, edit)
        return
    assert same(read(text), done(old, edit)), (made.text, edit, text)
    assert_rest_is_untouched(made, edit, text)


@THOROUGH
@given(st.data())
def test_an_edit_of_toml_or_json_does_what_it_says_and_nothing_else(data):
    made = data.draw(tables())
    old = made.values
    new = JSON_VALUES if made.kind == "json" else TOML_VALUES
    edit = data.draw(edits_of(old, new, new))
    out, refused = b"", ""
    try:
        out = Document.parse(made.file).change([edit])
    except EditRefused as refusal:
        refused = str(refusal)
    if refused:
        # A list of tables in TOML takes tables alone.
        assert made.kind == "toml" and "object" in refused, (made.text, edit, refused)
        return
    begin, end = made.file.index(b"\n") + 1, len(made.file) - made.file.rindex(made.file[:3])
    assert out[:begin] == made.file[:begin] and out[-end:] == made.file[-end:]
    text = out[begin:-end].decode()
    assert same(read_table(made.kind, text), done(old, edit)), (made.text, edit, text)
    assert_others_stay(made, edit, text)


@THOROUGH
@given(front_matters(), st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=4))
def test_any_values_can_take_the_place_of_any_others(made, new):
    assume("anchor" not in made.features)
    document = Document.parse(file_of(made.text))
    out = document.change(edits_between(document.values, new))
    assert same(Document.parse(out).values, Document.parse(new_document(new, "")).values)


@THOROUGH
@given(front_matters(), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_a_new_file_like_its_neighbour_reads_as_given(made, values):
    like = Document.parse(file_of(made.text))
    fresh = new_document(values, "", like=like)
    assert same(read(fields_of(fresh)), values)


@settings(THOROUGH, max_examples=100)
@given(front_matters())
def test_a_text_that_changes_there_and_back_is_the_same_bytes(made):
    source = file_of(made.text)
    document = Document.parse(source)
    for path in paths(document.values):
        if (
            isinstance(path[-1], int)
            or isinstance(at(document.values, path), dict | list)
            or "anchor" in made.features
        ):
            continue
        there = Document.parse(document.change([Rename(path, "there and back")]))
        assert (
            there.change([Rename((*path[:-1], "there and back"), str(path[-1]))]) == source
            or not path[-1].isalpha()
        )


def test_the_made_up_documents_have_what_real_ones_have():
    shares: Counter[str] = Counter()

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(front_matters())
    def count(made: MadeUp) -> None:
        shares.update(made.features)

    count()
    for feature in ("comment", "crlf", "anchor", "block scalar", "flow", "nested"):
        assert shares[feature] >= 20, shares


@st.composite
def edits_of(draw: st.DrawFn, values: dict, new: st.SearchStrategy = VALUES, items=ITEMS) -> Edit:
    """An edit that the values have a place for."""
    places = paths(values)
    lists = [path for path in places if isinstance(at(values, path), list)]
    empty = [path for path in places if at(values, path) is None]
    objects = [(), *(path for path in places if isinstance(at(values, path), dict))]
    named = [path for path in places if isinstance(path[-1], str)]
    kinds = [Set, Set, Unset, Rename, dict]
    kinds += [Append, Insert, Move] * 2 if lists else []
    kinds += [type(None)] if empty else []
    kind = draw(st.sampled_from(kinds))
    if kind is Set:
        return Set(draw(st.sampled_from(places)), draw(new))
    if kind is Unset:
        return Unset(draw(st.sampled_from(places)))
    if kind is Rename:
        return Rename(draw(st.sampled_from(named)), draw(NEW_NAMES))
    if kind is dict:
        return Set((*draw(st.sampled_from(objects)), draw(NEW_NAMES)), draw(new))
    if kind is type(None):
        return Append(draw(st.sampled_from(empty)), draw(items))
    path = draw(st.sampled_from(lists))
    length = len(at(values, path))
    if kind is Insert:
        return Insert(path, draw(st.integers(0, length)), draw(items))
    if kind is Move and length:
        return Move(path, draw(st.integers(0, length - 1)), draw(st.integers(0, length - 1)))
    return Append(path, draw(items))


def file_of(text: str) -> bytes:
    return b"---\n" + text.encode() + b"---\nBody\n"


def fields_of(source: bytes) -> str:
    return front_matter.split(source).inner.decode()


def changed(text: str, edit: Edit) -> str:
    out = Document.parse(file_of(text)).change([edit])
    assert out.startswith(b"---\n") and out.endswith(b"---\nBody\n")
    return out[4:-9].decode()


def assert_others_stay(made: MadeTable, edit: Edit, text: str) -> None:
    """Every field but the edited one is there to the byte, in its order."""
    at = 0
    for name, chunk in made.chunks:
        if name != edit.path[0]:
            found = text.find(chunk, at)
            assert found >= at, (made.text, edit, text, chunk)
            at = found + len(chunk)


def assert_rest_is_untouched(made: MadeUp, edit: Edit, text: str) -> None:
    """Every chunk before and behind the edited one is there to the byte."""
    if edit.path[0] not in made.names:
        return
    place = made.names.index(str(edit.path[0]))
    before = "".join(
        gap + chunk for gap, chunk in zip(made.between[:place], made.chunks[:place], strict=True)
    )
    gaps, chunks = made.between[place + 1 :], (*made.chunks[place + 1 :], "")
    behind = "".join(gap + chunk for gap, chunk in zip(gaps, chunks, strict=True))
    assert text.startswith(before.replace("\n", made.newline)), (made.text, edit, text)
    assert text.endswith(behind.replace("\n", made.newline)), (made.text, edit, text)
