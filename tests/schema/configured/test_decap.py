"""The configuration of Decap and Sveltia CMS, read in place: every option has its effect or a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gitcms import resources
from gitcms.content.document import Document
from gitcms.schema.collection import Collection, Field, When
from gitcms.schema.configured import OWN, Configured, foreign, model_of, words
from gitcms.schema.configured.decap import Media
from gitcms.schema.configured.writing import facts_of, toml_of
from gitcms.schema.finding import Source
from gitcms.schema.languages import Layout
from gitcms.schema.messages import Messages
from gitcms.schema.rules import FREE, Rules
from gitcms.schema.validation import validate

EVERYTHING = (Path(__file__).parent / "every_option.yml").read_text(encoding="utf-8")
PLACE = "static/admin/config.yml"
POSTS = {
    "content/posts/2024-01-02-rain.md": "---\ntitle: Rain\ndate: 2024-01-02\nmood: wet\n---\nText\n",
    "content/people/ada.md": "---\nname: Ada\n---\n",
    "content/pages/about.md": "---\nes:\n  title: Nosotras\nen:\n  title: Us\n---\n",
    "content/about.md": "---\ntitle: About\n---\n",
    "data/team.yml": "members:\n  - name: Ada\n",
    "static/img/rain.jpg": "",
}


def source(config: str, place: str = PLACE, **more: str) -> Source:
    files = {name: text.encode() for name, text in {**POSTS, place: config, **more}.items()}
    return Source(sorted(files), files.__getitem__)


@pytest.fixture(scope="module")
def told() -> Configured:
    return model_of(source(EVERYTHING))


@pytest.fixture(scope="module")
def posts(told: Configured) -> Collection:
    found = told.model.collection("posts")
    assert found is not None
    return found


def field(posts: Collection, name: str) -> Field:
    found = posts.field_of(name)
    assert found is not None, name
    return found


def test_every_option_is_known_and_each_without_effect_is_named_with_its_line(told: Configured) -> None:
    assert told.path == PLACE
    assert [str(each) for each in told.remarks if each.wrong] == []
    assert all(each.line > 0 and each.sentence.endswith(".") for each in told.remarks)
    lines = EVERYTHING.splitlines()
    for each in told.remarks:
        name = each.sentence.split("”")[0].removeprefix("“") if each.sentence.startswith("“") else ""
        assert name in lines[each.line - 1], each
    # None is left out: each of these tables is met whole.
    said = Document.parse(EVERYTHING.encode(), "c.yml").values
    for level, table in (
        (said, words.ROOT),
        (said["backend"], words.BACKEND),
        (said["collections"][0], words.COLLECTION),  # type: ignore[index]
    ):
        assert isinstance(level, dict)
        assert {*table.does, *table.without_effect} - {*level, "files", "divider"} == set()
    without = {each.sentence.split("”")[0].removeprefix("“") for each in told.remarks}
    assert without >= {
        name
        for name, reason in words.COLLECTION.without_effect.items()
        if name != "divider" and isinstance(reason, str)
    }


def test_the_help_says_how_many_of_them_are_heeded() -> None:
    count = words.counted()
    page = " ".join((resources.docs_folder() / "gitcms-toml.md").read_text(encoding="utf-8").split())
    told = re.search(r"Of their options at least (\d+) % are heeded; (\d+) of the others name", page)
    assert told is not None
    assert 100 * count.heeded // count.known >= int(told[1])
    assert count.of_services == int(told[2])


def test_an_option_is_remarked_where_it_asks_for_what_is_not_so() -> None:
    """What is so anyway is no remark: each of these has values of both kinds."""
    levels = [
        ("{option}\n", words.ROOT),
        ("backend: {{ {option} }}\n", words.BACKEND),
        (
            "collections: [{{ name: x, folder: content/posts, create: true, fields: [], {option} }}]\n",
            words.COLLECTION,
        ),
        ("singletons: [{{ name: x, file: content/about.md, fields: [], {option} }}]\n", words.FILE),
    ]
    met = 0
    for template, table in levels:
        for name, reason in table.without_effect.items():
            if isinstance(reason, words.Unless):
                for value in reason.values:
                    told = model_of(source(template.format(option=f"{name}: {json.dumps(value)}")))
                    assert told.remarks == (), (name, value)
                told = model_of(source(template.format(option=f"{name}: something-else")))
                assert [each.wrong for each in told.remarks] == [False], name
                met += 1
    assert met > 10


@pytest.mark.parametrize(
    ("option", "rules"),
    [
        ("create: false", Rules(create=False)),
        ("label: Posts", Rules(create=False)),
        ("create: true", FREE),
        ("create: true, delete: false", Rules(delete=False)),
        ("create: true, duplicate: false", Rules(duplicate=False)),
        ("create: true, publish: false", Rules(publish=False)),
        ("create: true, limit: 9", Rules(limit=9)),
        ("create: true, editor: { preview: false, notes: false }", Rules(preview=False)),
    ],
)
def test_what_may_be_done_with_entries_is_heeded(option: str, rules: Rules) -> None:
    config = f"collections: [{{ name: posts, folder: content/posts, fields: [], {option} }}]\n"
    told = model_of(source(config))
    posts = told.model.collection("posts")
    assert told.remarks == () and posts is not None and posts.rules == rules
    imported = foreign(source(config))
    assert imported is not None
    again = model_of(source(config, **{OWN: toml_of(imported.facts, "made")}))
    assert again.model == told.model
    written = toml_of(facts_of(told.model), "read")
    kept = model_of(source(config, **{OWN: written})).model.collection("posts")
    assert kept is not None and kept.rules == rules


def test_collections_are_where_it_says_in_its_order(told: Configured, posts: Collection) -> None:
    assert [one.name for one in told.model.collections][:5] == [
        "posts",
        "people",
        "settings-team",
        "pages",
        "about",
    ]
    assert (posts.label, posts.label_one, posts.folders) == ("Posts", "Post", ("content/posts",))
    assert posts.file_template == "content/posts/{year}/{year}-{month}-{day}-{slug}.md"
    assert posts.i18n == Layout("suffixes", ("es", "en"))
    assert (told.model.title, told.model.public_url) == ("Ágora", "https://agora.example.org")
    assert told.model.media_folder == "static/img"
    team = told.model.collection("settings-team")
    assert team is not None and team.files == {"data/team.yml"}


TYPES = {
    "title": "text",
    "site": "url",
    "mail": "email",
    "lead": "readonly",
    "rating": "number",
    "featured": "boolean",
    "kind": "select",
    "areas": "multiselect",
    "date": "datetime",
    "day": "date",
    "hour": "time",
    "old_day": "date",
    "aside": "markdown",
    "sample": "object",
    "style": "code",
    "tint": "colour",
    "cover": "image",
    "pictures": "gallery",
    "paper": "file",
    "papers": "list",
    "words": "tags",
    "lines": "list",
    "links": "objects",
    "parts": "blocks",
    "seo": "object",
    "author": "relation",
    "place": "map",
    "area": "longtext",
    "layout": "hidden",
    "id": "uuid",
    "address": "computed",
    "more": "keyvalue",
}


@pytest.mark.parametrize("name", TYPES)
def test_each_widget_is_a_type(posts: Collection, name: str) -> None:
    assert field(posts, name).type == TYPES[name]


def test_fields_stand_in_its_order_and_what_only_posts_have_behind_them(posts: Collection) -> None:
    names = [one.name for one in posts.fields]
    assert names[:4] == ["title", "site", "mail", "lead"]
    assert names[-1] == "mood" and "body" not in names


def test_its_defaults_are_kept(posts: Collection) -> None:
    """Required unless told otherwise, a number is text, and lists heed limits only in pairs."""
    assert field(posts, "rating").required and field(posts, "rating").options["text"]
    assert not field(posts, "site").required
    assert field(posts, "weight").options["int"] and field(posts, "price").options["float"]
    assert "min" not in field(posts, "words").options
    assert field(posts, "links").options["max"] == 4
    assert field(posts, "date").default == "{{now}}"
    assert field(posts, "when").when == When("kind", ("link",))
    assert field(posts, "title").options["pattern_says"] == "At least three letters"


def test_its_shapes_of_data_are_kept(told: Configured, posts: Collection) -> None:
    parts = field(posts, "parts")
    assert parts.options["type_key"] == "kind"
    assert [(one.name, [part.name for part in one.fields]) for one in parts.fields] == [
        ("quote", ["words"]),
        ("picture", ["src"]),
    ]
    assert [part.name for part in field(posts, "sample").fields] == ["text", "in"]
    assert field(posts, "kind").choices == ("link", "code")
    assert field(posts, "kind").options["labels"] == {"link": "A link"}
    assert field(posts, "areas").options["kinds"] == ("int",)
    assert field(posts, "place").options["stored"] == "geojson"
    assert field(posts, "author").options["collections"] == ["people"]
    assert field(posts, "author").options["value"] == "slug"
    assert field(posts, "team").options["collections"] == ["settings-team"]
    pages = told.model.collection("pages")
    assert pages is not None
    assert [(one.name, one.type, [part.name for part in one.fields]) for one in pages.fields] == [
        ("es", "object", ["title", "order", "body"]),
        ("en", "object", ["title", "body"]),
    ]


def test_options_of_its_widgets_are_those_of_ours(posts: Collection) -> None:
    told = {
        "title": {"before": "a", "after": "b"},
        "rating": {"before": "a", "after": "b"},
        "featured": {"before": "a", "after": "b"},
        "kind": {"as": "radio"},
        "date": {"utc": True},
        "tint": {"alpha": False},
        "cover": {"web": False},
        "words": {"add": True, "remove": True, "reorder": False, "on_top": True},
        "lines": {"collapsed": True},
        "seo": {"collapsed": True, "summary": "{{title}}"},
        "author": {"summary": "{{name}}", "most": 10, "only": {"role": ["writer"]}},
        "place": {"decimals": 4},
        "more": {"key_label": "Name", "value_label": "Text"},
    }
    for name, options in told.items():
        found = field(posts, name).options
        assert {key: found.get(key) for key in options} == options, name
    assert field(posts, "sample").fields[1].type == "text"


def test_an_option_that_forbids_what_is_usual_is_heeded() -> None:
    config = """
collections:
  - name: posts
    folder: content/posts
    fields:
      - { name: tint, widget: color, allowInput: false }
      - { name: id, widget: uuid, use_b32_encoding: true }
      - { name: slug, widget: string, prefix: a-, suffix: -z }
      - { name: sample, widget: code, allow_language_selection: false, default_language: python }
"""
    told = model_of(source(config))
    assert told.remarks == ()
    posts = told.model.collection("posts")
    assert posts is not None
    assert (field(posts, "slug").options["prefix"], field(posts, "slug").options["suffix"]) == ("a-", "-z")
    assert field(posts, "tint").options["palette"] and field(posts, "id").options["base32"]
    lang = field(posts, "sample").fields[1]
    assert (lang.type, lang.default) == ("hidden", "python")


def test_pictures_lie_where_each_level_says(posts: Collection) -> None:
    pictures, cover = field(posts, "pictures").item, field(posts, "cover")
    assert pictures is not None
    assert (pictures.options["folder"], pictures.options["prefix"]) == ("static/img/posts", "/img/posts/")
    assert cover.options["beside"] and cover.options["prefix"] == ""


@pytest.mark.parametrize(
    ("told", "media"),
    [
        ({}, Media("static/img", "/img/")),
        ({"path": "{{slug}}/index"}, Media("", "", beside=True)),
        ({"media_folder": "/up", "public_folder": "/u/"}, Media("up", "/u/")),
        ({"media_folder": "/up"}, Media("up", "/up/")),
        ({"media_folder": "pics", "public_folder": "pics"}, Media("", "pics/", beside=True)),
    ],
)
def test_a_level_takes_over_what_the_one_above_says(told: dict[str, str], media: Media) -> None:
    assert Media("static/img", "/img/").within(told) == media


def test_entries_are_judged_by_it(posts: Collection) -> None:
    values = {"title": "No", "rating": "9", "kind": "other", "links": [{"url": "a"}] * 5}
    problems = validate(posts, values, complete=False)  # type: ignore[arg-type]
    assert problems.keys() == {"title", "rating", "kind", "links"}
    assert problems["title"].startswith("Write at least 3") or "three letters" in problems["title"]
    assert "lead" in validate(posts, {"title": "Rain"}, complete=True)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("colections: []\n", ":1: “colections” is not known here. Do you mean “collections”?"),
        (
            "collections:\n  - label: x\n    folder: a\n    fieldz: []\n",
            ":4: “fieldz” is not known here. Do you",
        ),
        ("collections: 3\n", ":1: “collections” wants a list."),
        ("collections:\n  - 3\n", ":2: What stands in “collections” wants names and values."),
        ("collections:\n  - name: x\n", ":2: A collection wants a `folder` or `files`."),
        (
            "collections:\n- name: x\n  folder: content/posts\n  fields:\n  - {name: a, widget: starz}\n",
            ":5: The widget “starz” is not known here",
        ),
        ("a: [\n", "This file cannot be read."),
        ("- a\n", "This file cannot be read. It is a list"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_site_opens(config: str, said: str) -> None:
    told = model_of(source(config))
    assert any(said in str(each) and each.wrong for each in told.remarks), told.remarks
    assert told.model.collections


def test_anchors_and_merged_mappings_are_followed() -> None:
    config = """
_base: &base
  label: Name
  widget: string
  hint: Who it is
collections:
  - name: people
    label: People
    folder: content/people
    fields:
      - <<: *base
        name: name
"""
    people = model_of(source(config)).model.collection("people")
    assert people is not None
    assert (people.fields[0].label, people.fields[0].hint) == ("Name", "Who it is")


def test_once_it_is_a_gitcms_toml_it_says_the_same(told: Configured) -> None:
    imported = foreign(source(EVERYTHING))
    assert imported is not None
    text = toml_of(imported.facts, f"made from {imported.path}")
    again = model_of(source(EVERYTHING, **{OWN: text}))
    assert (again.path, again.remarks) == (OWN, ())
    assert again.model == told.model


@pytest.mark.parametrize("place", ["admin/config.yml", "public/admin/config.yml", "source/admin/config.yaml"])
def test_it_is_found_where_generators_have_it(place: str) -> None:
    assert model_of(source("collections: []\n", place)).path == place


def test_how_changes_are_described_is_heeded() -> None:
    config = """
backend:
  name: github
  commit_messages: { create: "Add {{slug}}", uploadMedia: "Up {{path}}", deleteMedia: "Rm {{path}}" }
  signoff_commits: true
  automatic_deployments: false
collections: []
"""
    told = model_of(source(config))
    assert told.model.messages == Messages(
        "Add {{slug}}", upload="Up {{path}}", sign_off=True, skip_builds=True
    )
    assert [(each.line, each.wrong) for each in told.remarks] == [(4, False)]
    assert model_of(source("backend: { skip_ci: true }\n")).model.messages == Messages(skip_builds=True)
    imported = foreign(source(config))
    assert imported is not None
    again = model_of(source(config, **{OWN: toml_of(imported.facts, "made")}))
    assert again.remarks == () and again.model.messages == told.model.messages
    written = toml_of(facts_of(told.model), "read")
    assert model_of(source(config, **{OWN: written})).model.messages == told.model.messages


def made_of(options: str) -> Collection:
    config = f"collections: [{{ name: posts, folder: content/posts, create: true, {options} }}]\n"
    told = model_of(source(config))
    assert told.remarks == ()
    imported = foreign(source(config))
    assert imported is not None
    assert model_of(source(config, **{OWN: toml_of(imported.facts, "made")})).model == told.model
    written = toml_of(facts_of(told.model), "read")
    kept = model_of(source(config, **{OWN: written})).model.collection("posts")
    found = told.model.collection("posts")
    assert found is not None and kept is not None
    assert (kept.address, kept.redirects, kept.only) == (found.address, found.redirects, found.only)
    return found


def test_where_entries_are_found_is_heeded() -> None:
    path = "content/posts/2024-01-02-rain.md"
    plain = made_of("fields: [], preview_path: 'blog/{{slug}}'")
    assert plain.address_of({}, path) == "/blog/2024-01-02-rain"
    dated = made_of("fields: [], preview_path: '{{year}}/{{mood}}', preview_path_date_field: day")
    assert dated.address_of({"day": "2020-05-06", "mood": "a/b"}, path) == "/2020/a-b"
    assert dated.address_of({"mood": "a/b"}, path) is None
    kept = made_of("fields: [], preview_path: '{{mood}}', preview_path_preserve_slashes: true")
    assert kept.address_of({"mood": "a/b"}, path) == "/a/b"
    assert made_of("fields: [], aliases_field: before").redirects == "before"


def test_which_files_are_entries_is_heeded() -> None:
    assert made_of("fields: [], filter: { field: lang, value: es }").only == When("lang", ("es",))
    either = made_of("fields: [], filter: { field: lang, value: [es, true, null] }")
    assert either.only == When("lang", ("es", "true", ""))
    assert either.takes({}) and either.takes({"lang": True}) and not either.takes({"lang": "en"})


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("fields: [{ name: body }, { name: text }]", {"text"}),
        ("fields: [{ name: body }, { name: text }], body_field: { key: text }", {"body"}),
        ("fields: [{ name: body }, { name: text }], body_field: { inline: true }", {"body", "text"}),
    ],
)
def test_the_text_below_the_fields_is_the_one_that_is_named(options: str, names: set[str]) -> None:
    assert {one.name for one in made_of(options).fields} & {"body", "text"} == names


def test_the_innermost_level_says_whether_a_text_is_shown_as_it_reads() -> None:
    told = model_of(
        source("""
editor: { preview: false }
collections:
  - { name: posts, folder: content/posts, fields: [], editor: { preview: true } }
  - { name: people, folder: content/people, fields: [] }
  - name: data
    editor: { preview: true }
    files:
      - { name: about, file: content/about.md, fields: [] }
      - { name: team, file: data/team.yml, fields: [], editor: { preview: false } }
""")
    )
    assert told.remarks == ()
    shown = {one.name: one.rules.preview for one in told.model.collections}
    expected = {"posts": True, "people": False, "data-about": True, "data-team": False}
    assert {name: shown[name] for name in expected} == expected


def test_entries_in_folders_of_their_own_are_heeded() -> None:
    config = """
collections:
  - name: posts
    folder: content/posts
    nested: { depth: 3, subfolders: true, summary: "{{title}}!" }
    meta: { path: { label: Path, widget: string, index_file: index } }
    fields: []
"""
    told = model_of(source(config))
    posts = told.model.collection("posts")
    assert posts is not None
    assert posts.file_template == "content/posts/{slug}/index.md"
    assert posts.lists.summary == "{{title}}!"
    assert told.remarks == ()
    assert (posts.depth, posts.name_label) == (3, "Path")


def test_names_below_options_are_known_too() -> None:
    config = """
collections:
  - name: posts
    folder: content/posts
    view_filters: [{ label: Drafts, field: draft, patern: true, pattern: true }]
    fields:
      - name: kind
        widget: select
        options:
          - { label: A, value: a, colour: red }
output: { yaml: { quotes: double } }
"""
    told = model_of(source(config))
    assert [(each.line, each.sentence) for each in told.remarks] == [
        (5, "“patern” is not known here. Do you mean “pattern”?"),
        (10, "“colour” is not known here."),
        (11, "“quotes” is not known here. Do you mean “quote”?"),
    ]


def test_a_file_that_is_not_there_is_told_and_the_site_opens() -> None:
    config = "singletons: [{ name: a, file: data/gone.yml, fields: [{ name: title }] }]\n"
    told = model_of(Source(["admin/config.yml"], lambda path: config.encode()))
    assert [each.sentence for each in told.remarks] == ["There is no file “data/gone.yml” in this site."]
    gone = told.model.collection("a")
    assert gone is not None and gone.files == frozenset()
    empty = model_of(Source([OWN], lambda path: b"[collections.a]\nfiles = []\n"))
    assert empty.remarks == () and empty.model.collection("a") is not None
