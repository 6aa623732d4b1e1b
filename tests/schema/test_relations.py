from __future__ import annotations

import pytest

from gitcms.schema.collection import Field
from tests.schema.sites import Site, collection_of

PEOPLE: Site = {
    f"_people/{name}.md": f"---\nname: {name.title()} X\n---\n" for name in ("ines", "tomas", "ada")
}


def named(key: str, values: list[str], others: Site = PEOPLE) -> Field:
    posts = {
        f"_posts/2025-01-{day:02}-post-{day}.md": f"---\ntitle: Post {day}\n{key}: {value}\n---\n"
        for day, value in enumerate(values, start=1)
    }
    found = collection_of({**posts, **others}, "posts").field_of(key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "values", "options"),
    [
        (
            "author",
            ["ines", "tomas", "ines"],
            {"collections": ("people",), "value": "slug", "multiple": False},
        ),
        (
            "authors",
            ["[ines, ada]", "[tomas]"],
            {"collections": ("people",), "value": "slug", "multiple": True},
        ),
        ("author", ["Ines X", "Ada X"], {"collections": ("people",), "value": "name", "multiple": False}),
        (
            "related_posts",
            ["[post-2]", "[post-1]"],
            {"collections": ("posts",), "value": "slug", "multiple": True},
        ),
        (  # nothing in the key says so, but three names of two words are no chance
            "seen_with",
            ["[post-2]", "[post-3]", "[post-1]"],
            {"collections": ("posts",), "value": "slug", "multiple": True},
        ),
    ],
)
def test_values_that_name_entries_are_a_relation(
    key: str, values: list[str], options: dict[str, object]
) -> None:
    field = named(key, values)
    assert field.type == "relation"
    assert {name: field.options[name] for name in options} == options


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("author", ["ines", "jorge", "maria"]),  # most are none of the site's
        ("mood", ["ines", "ada", "ines"]),  # a chance, as long as the key says nothing
        ("seen_with", ["[post-2]", "[post-1]"]),
        ("tags", ["[ines]", "[ada]"]),
        ("related", ["post-1", "post-2"]),  # each names itself
    ],
)
def test_what_names_no_entries_is_none(key: str, values: list[str]) -> None:
    assert named(key, values).type != "relation"


def test_identities_tell_by_themselves_and_a_dangling_one_is_no_reason_against_it() -> None:
    ids = [f"8f14e45f-ceea-467f-a0e6-00000000000{number}" for number in range(4)]
    others = {
        f"_parts/{number}.md": f"---\n_uuid: {ids[number]}\ntitle: P{number}\n---\n" for number in (0, 1)
    }
    field = named("item", [ids[0], ids[3]], others)
    assert (field.type, field.options["collections"], field.options["value"]) == (
        "relation",
        ("parts",),
        "_uuid",
    )
    assert collection_of({**others, "_posts/2025-01-01-a.md": "---\na: 1\n---\n"}, "parts").field_of(
        "_uuid"
    ) == collection_of(others, "parts").field_of("_uuid")


def test_a_single_name_that_the_entry_itself_has_is_its_own() -> None:
    talks = {
        f"content/talks/{folder}/ada-{name}.md": f"+++\nlinktitle = 'ada-{name}'\nby = ['ada-{name}']\n+++\n"
        for name in ("rain", "river", "letters", "books", "walls")
        for folder in ("talks", "speakers")
    }
    found = collection_of(talks, "talks")
    types = {key: field.type for key in ("linktitle", "by") if (field := found.field_of(key))}
    assert types == {"linktitle": "text", "by": "relation"}
