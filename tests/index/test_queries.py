"""Lists, filters, orders and searches of the index."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from gitcms.index import Choice, IndexFile, Query, Sort, ask, counts, find, names, queries, sizes, values_of
from gitcms.repository import Person, Repository
from tests.index.truth import FILTERS, MODEL, matching
from tests.making import make_repository

NOW = 1_780_000_000.0  # in May 2026
POSTS = {
    "posts/b.md": "---\ntitle: Beside the Río\ndate: 2024-03-01\ntags: [Water, people, Water]\nweight: 10\n"
    "---\nHarbour light.\n",
    "posts/a.md": "---\ntitle: Alba\ndate: 2025-03-01\ntags: water\nweight: 9\nauthor:\n  name: Ada\n---\n"
    "Müller’s boat\n",
    "posts/c.md": "---\ntitle: cabin\ndraft: true\nweight: x\n---\n東京都の水道について\n",
    "posts/later.md": "---\ntitle: Later\ndate: 2030-01-01\n---\nSoon.\n",
    "posts/no-name-yet.md": "Only words.\n",
    "posts/broken.md": "---\ntitle: [\n---\nMended soon\n",
    "notes/n.md": "---\ntitle: Note\n---\nHarbour note\n",
    "README.md": "# No entry\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IndexFile, Repository]]:
    root = tmp_path_factory.mktemp("queries")
    folder = make_repository(root / "site", POSTS)
    (root / "state").mkdir()
    repository = Repository.open(folder, lock_folder=root / "state", committer=Person("g", "g@localhost"))
    index = IndexFile(root / "state")
    yield index, repository
    index.close()
    repository.close()


def paths(site, **options) -> list[str]:
    query = Query("posts", **options)
    found = ask(*site, MODEL, lambda connection: find(connection, query, NOW))
    return [one.path.removeprefix("posts/").removesuffix(".md") for one in found]


ALL = ["later", "a", "b", "broken", "c", "no-name-yet"]


def test_the_newest_come_first_and_the_undated_last_by_title(site):
    assert paths(site) == ALL


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort("title"), ["a", "b", "broken", "c", "later", "no-name-yet"]),
        (Sort("title", descending=True), ["no-name-yet", "later", "c", "broken", "b", "a"]),
        (Sort("newest", descending=True), ["b", "a", "later", "broken", "c", "no-name-yet"]),
        # Numbers by their size, then words, then those without the field.
        (Sort("weight"), ["a", "b", "c", "broken", "later", "no-name-yet"]),
        (Sort("weight", descending=True), ["c", "b", "a", "broken", "later", "no-name-yet"]),
        (Sort("tags"), ["a", "b", "broken", "c", "later", "no-name-yet"]),
    ],
)
def test_each_order(site, sort, order):
    assert paths(site, sort=sort) == order


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alba", ["a"]),
        ("ALB", ["a"]),
        ("rio", ["b"]),
        ("río", ["b"]),
        ("muller", ["a"]),
        ("harbour light", ["b"]),
        ("light harbour", ["b"]),
        ("harb lig", ["b"]),
        ("water", ["a", "b"]),
        ("ada", ["a"]),
        ("水道", ["c"]),
        ("東京都", ["c"]),
        ("京", ["c"]),
        ("東京 水道", ["c"]),
        ("道東", []),
        ("no name", ["no-name-yet"]),
        ("only words", ["no-name-yet"]),
        ("mended", ["broken"]),
        ("nothing of the kind", []),
        ('"', []),
        ("AND OR NOT *", []),
        ("title:alba", []),
    ],
)
def test_a_search_finds_words_from_their_beginning_on(site, text, found):
    assert paths(site, text=text) == found


def test_no_search_is_a_question_in_the_language_of_the_database(site):
    for text in ('" OR 1', "a*b", "NEAR(a b)", "(", "a:b", "'; DROP TABLE entries; --", "\x00", "-a", "^a"):
        paths(site, text=text)
    assert paths(site) == ALL
    assert matching("a-b c") == '"a b"* AND "c"*'


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ([Choice("tags", "water")], ["a", "b"]),
        ([Choice("tags", "Water"), Choice("tags", "people")], ["b"]),
        ([Choice("author.name", "ada")], ["a"]),
        ([Choice("weight", "9")], ["a"]),
        ([Choice("draft", "true")], ["c"]),
        ([Choice("nothing", "x")], []),
    ],
)
def test_any_field_can_be_filtered_by(site, choices, found):
    assert paths(site, choices=tuple(choices)) == found


def test_states_follow_the_clock(site):
    assert paths(site, state="draft") == ["c"]
    assert paths(site, state="scheduled") == ["later"]
    assert paths(site, state="live") == ["a", "b", "broken", "no-name-yet"]
    told = ask(*site, MODEL, lambda connection: counts(connection, Query("posts", state="draft"), NOW))
    assert told == {"": 6, "draft": 1, "scheduled": 1, "live": 4}
    told = ask(*site, MODEL, lambda connection: counts(connection, Query("posts"), NOW + 4e8))
    assert told["scheduled"] == 0 and told["live"] == 5


@pytest.mark.parametrize("sort", [Sort("weight"), Sort("tags", descending=True), Sort("nothing")])
def test_pages_in_the_order_of_a_field_follow_one_another(site, sort):
    pages = [path for start in range(0, 8, 2) for path in paths(site, sort=sort, start=start, limit=2)]
    assert pages == paths(site, sort=sort) and sorted(pages) == sorted(ALL)


def test_pages_follow_one_another(site):
    assert paths(site, limit=2) + paths(site, start=2, limit=2) + paths(site, start=4, limit=9) == ALL


def test_a_row_tells_what_the_list_shows(site):
    (alba,) = ask(*site, MODEL, lambda connection: find(connection, Query("posts", "alba"), NOW))
    assert (alba.title, alba.state, alba.author, alba.readable) == ("Alba", "live", "Dev Eloper", True)
    assert alba.values["author"] == {"name": "Ada"} and alba.excerpt == "Müller’s boat\n"
    (broken,) = ask(*site, MODEL, lambda connection: find(connection, Query("posts", "mended"), NOW))
    assert not broken.readable


def test_fields_and_their_values_are_known(site):
    told = ask(*site, MODEL, lambda connection: names(connection, "posts"))
    assert told == ["author.name", "date", "draft", "tags", "title", "weight"]
    assert ask(*site, MODEL, lambda connection: values_of(connection, "posts", "tags")) == [
        ("water", 2),
        ("people", 1),
    ]
    assert ask(*site, MODEL, sizes) == {"posts": 6, "notes": 1}


def test_random_filters_agree_with_plain_python(site):
    chance = random.Random(3)
    found = ask(*site, MODEL, lambda connection: find(connection, Query("posts"), NOW))
    for _ in range(50):
        name = chance.choice(["title", "weight", "tags", "draft"])
        value = chance.choice(["Alba", "10", "water", "people", "true", "cabin"])
        wanted = [
            one.path
            for one in found
            if value.casefold() in [str(each).casefold() for each in _listed(one.values.get(name))]
        ]
        query = Query("posts", choices=(Choice(name, value),))
        assert [one.path for one in ask(*site, MODEL, lambda c, q=query: find(c, q, NOW))] == wanted


def _listed(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


@pytest.mark.parametrize("wide", [0, 1])
def test_what_most_entries_say_is_found_in_another_way_and_the_same(site, monkeypatch, wide):
    asked = [
        {"text": text, "choices": choices, "state": state, "sort": sort}
        for text in ("", "harb", "a", "no name", "水道", "water", "name later", "water harbo")
        for choices in ((), (Choice("tags", "water"),), (Choice("tags", "water"), Choice("weight", "10")))
        for state in ("", "draft", "live")
        for sort in (Sort(), Sort("weight"))
    ]

    def answers():
        found = [paths(site, **each) for each in asked]
        told = [
            ask(*site, MODEL, lambda c, each=each: counts(c, Query("posts", **each), NOW)) for each in asked
        ]
        return found, told

    plain = answers()
    for found, told, each in zip(*plain, asked, strict=True):
        assert told[each["state"]] == len(found)
    monkeypatch.setattr(queries, "WIDE", wide)
    assert answers() == plain


@pytest.mark.parametrize("one", FILTERS)
def test_what_a_filter_of_the_model_finds_is_kept_and_the_same_as_looked_for(site, monkeypatch, one):
    kept, sought = (Choice(one.field, each, matches=True) for each in (one.finds, f"(?:{one.finds})"))
    for state in ("", "draft", "live"):
        for sort in (Sort(), Sort("title"), Sort("weight"), Sort("weight", descending=True)):
            found = set()
            for wide in (0, 1000):
                monkeypatch.setattr(queries, "WIDE", wide)
                asked = {"state": state, "sort": sort}
                found |= {tuple(paths(site, choices=(each,), **asked)) for each in (kept, sought)}
            assert len(found) == 1
    numbers = [
        ask(*site, MODEL, lambda c, each=each: counts(c, Query("posts", choices=(each,)), NOW))
        for each in (kept, sought)
    ]
    assert numbers[0] == numbers[1] and numbers[0][""] > 0
    monkeypatch.setattr(queries.patterns, "having", lambda *_: pytest.fail("it was looked for"))
    assert paths(site, choices=(kept,))


def test_more_than_one_can_count_in_a_moment_is_counted_up_to_there(site, monkeypatch):
    monkeypatch.setattr(queries, "MOST_COUNTED", 1)
    told = ask(*site, MODEL, lambda connection: counts(connection, Query("posts", "water"), NOW))
    assert told[""] == 2
    monkeypatch.setattr(queries, "MOST_COUNTED", 0)
    told = ask(*site, MODEL, lambda connection: counts(connection, Query("posts", "water"), NOW))
    assert told[""] == 1
