from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitcms.schema.inference import infer
from tests.schema.sites import BLOG, PORTFOLIO, collection_of, field_of, model_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["one", "two", "three"], "text"),
        (["2015", "2014-2015", "2016"], "text"),
        (["2015", "2016"], "number"),
        (["1.5", "2"], "number"),
        (["true", "false"], "boolean"),
        (["2025-01-01", "2025-01-02"], "date"),
        (["2025-01-01T10:00:00Z", "2025-01-02 10:00:00 +0200"], "datetime"),
        (["08-01-2014", "2014-01-09", "2014-01-10"], "date"),
        (["[a, b]", "[c]"], "tags"),
        (["[a, b]", "c"], "tags"),
        (["[]", "[c]"], "tags"),
        (["[{a: 1}, {a: 2}]", "[{a: 3}]"], "objects"),
        (["[{a: 1}, b]", "[{a: 3}, c]"], "list"),
        (["{a: 1}", "{a: 2, b: 3}"], "object"),
        (["https://example.org/a", "http://example.org/b"], "url"),
        (["ines@example.org", "tomas@example.org"], "email"),
        (["river.png", "letters.jpg"], "image"),
        (["/images/a.png", "https://example.org/b.jpg"], "image"),
        (['"line one\\nline two"', "short"], "longtext"),
        (['"See [this](https://example.org)\\n- and"', '"**that**\\nmore"'], "markdown"),
        (["x" * 200, "y" * 150], "longtext"),
        (["Live", "Live", "Live", "Draft", "Live", "Draft", "Live", "Draft"], "select"),
        (["Live", "Draft", "Done"], "text"),
        (["!thing x", "!thing y"], "raw"),
        (["", "~"], "text"),
    ],
)
def test_a_type_is_read_off_the_values(values: list[str], kind: str) -> None:
    assert field_of(values).type == kind


@pytest.mark.parametrize(
    ("key", "values", "kind"),
    [
        ("layout", ["page"], "select"),
        ("templateKey", ["blog-post", "about-page"], "select"),
        ("screenshotSize", ["medium"] * 3, "select"),
        ("markerposition", ["right", "left", "right"], "select"),
        ("returnType", ["string", "int", "bool", "float64", "any"], "text"),
        ("location", ["[Remote]", "[Remote]", "[Remote, Office]", "[Office]"] * 3, "multiselect"),
        ("tags", ["[rain]", "[rain]", "[rain, river]", "[river]"] * 3, "tags"),
        ("series", ["[River]", "[Rain]"] * 6, "tags"),
        ("years", ["[2021]", "[2022]"] * 6, "tags"),
        ("moved", ["{/old/: Old place}", "{/older/: Older place}"], "keyvalue"),
        ("seo", ["{title: A, index: true}", "{title: B}"], "object"),
        ("report", ["/files/a.pdf", "/files/b.pdf"], "file"),
        ("pdf", ["https://example.org/a.pdf", "https://example.org/b.pdf"], "file"),
        ("source", ["https://example.org/a.pdf", "https://example.org/b.pdf"], "url"),
        ("css", ["'a { top: 0 }\\n'", '"b {\\n}\\nc {}"'] + ['"b {\\n}\\nc {}"'] * 3, "code"),
        ("photos", ["[a.png, b.png]", "[c.jpg]"], "gallery"),
        ("key", ["8f14e45f-ceea-467f-a0e6-1b5d2c1d2a3b"] * 2, "uuid"),
        ("accent", ["'#b4291a'", "'#fff'"], "colour"),
        ("location", ["[-33.4, -70.6]", "[41.38, 2.17]"], "map"),
        ("place", ["'-33.4, -70.6'", "'41.38, 2.17'"], "map"),
        ("place", ["{lat: -33.4, lng: -70.6}"], "map"),
        ("size", ["[33.4, 70.6]", "[41.38, 2.17]"], "tags"),
        ("location", ["Santiago", "Barcelona"], "text"),
        ("opens", ["'09:30'", "'10:00'"], "time"),
        ("ms.date", ["05/19/2020", "04/03/2021"], "date"),
        ("ms.date", ["05/04/2020", "04/03/2021"], "text"),
        ("date", ["2025-01-01", "2025-01-02", "soon"], "date"),
        ("date", ["2025-01-01", "2025-01-02", "{created: 2025-01-01}"], "date"),
        ("issue", ["https://example.org/1", "https://example.org/2", "12"], "url"),
        ("links", ["[plugins/search.md, setup/blog.md#next]", "[a.md]"], "list"),
        ("categories", ["jekyll update", "news"], "tags"),
        ("categories", ["post"] * 6 + ["news"] * 6, "select"),
        ("sort_by", ["date", "weight", "weight"], "select"),
        ("anchors", ["left", "left"], "select"),
        ("author", ["Inés", "Tomáš", "Inés", "Inés", "Tomáš"], "select"),
        ("author", ["Inés"] * 9 + ["Tomáš"] * 3 + ["Ada", "Bo", "Cy", "Di"], "text"),
        ("note", ["x" * 130, "y" * 70, "z" * 60], "longtext"),
        ("partner", ["x" * 130, *["short"] * 9], "text"),
        ("lang", ["ar"] * 8, "text"),
        ("lang", ["ar", "en"] * 8, "select"),
        ("name", ["GitHub", "Slack"] * 8, "select"),
        ("name", ["Inés", "Tomáš", "Rayén"] * 3, "text"),
        ("shorturl", ["faq", "help"], "slug"),
        ("video_id", ["Gt-iG6RcU2Y", "7L3m26pu-M"], "text"),
        ("wordpress_id", ["12", "15"], "text"),
        ("permalink", ["false", "/blog/", "false"], "url"),
        ("permalink", ["false"], "url"),
        ("url", ["post/first", "post/second"], "url"),
        ("image", ["false", "river.png"], "image"),
        ("prices", ["[true, false]", "['9', '19']"], "list"),
        ("date", ["Jul 08 2022", "Jul 15 2022"], "date"),
        ("date", ["2019/05/14 12:00:00", "2019/05/15 12:00:00"], "datetime"),
        ("goal", ["'<b>16.8:</b> " + "x" * 120 + "'"] * 5 + ["16.3"], "markdown"),
        ("pay", ["gratis"] * 8 + ["paid"] * 3 + ["a salary that depends on what somebody knows"], "select"),
        ("partner", ["short"] * 9 + ["x" * 60], "text"),
        ("stage", ["first", "second"] * 3, "select"),
        ("lang", ["pl", "ko", "hu", "pt-br"], "select"),
        ("lang", ["pl", "ko", "Klingon", "Elvish"], "text"),
        ("eventType", ["hub", "hub", "device", "service", "service", "hub", "bridge"], "select"),
        ("changefreq", ["weekly", "monthly", "weekly"], "select"),
        ("image_credit", ["https://example.org/@ann", "https://example.org/@bo"], "url"),
        ("photo_url", ["https://example.org/photo-1", "https://example.org/photo-2"], "image"),
        ("thumb", ["https://example.org/photo-1", "https://example.org/photo-2"], "image"),
        ("bibliography", ["first.bib", "second.bib"], "file"),
        ("permalink", ["/search.json", "/feed.json"], "url"),
        ("target_release", ["1.2", "1.4"], "text"),
        ("authorFBID", ["100000023028168", "611217057"], "text"),
        ("grid", ["3", "4"], "number"),
        ("slug", ["first", "second", "A third", "fourth"], "slug"),
        ("slug", ["/first/", "/second/third"], "url"),
        ("permalink", ["'/blog/{{ title | slugify }}/'", "/about/"], "url"),
        ("docs", ["/docs/first/", "/docs/second/", "/about/"], "url"),
        ("docs", ["/first", "/second", "/third"], "text"),
        ("checksum", ["ab12" * 40, "cd34" * 40], "text"),
        ("subhead", ["x y " * 21, "x y " * 22], "longtext"),
        ("page_title", ["x y " * 21, "x y " * 22], "text"),
        ("publish_date", ["13.07.2015", "14.09.2015 15:00", "12.10.2015 15:00"], "datetime"),
        ("publish_date", ["04.07.2015", "05.09.2015"], "date"),
        ("ingredients", ["[flour, milk]", "[eggs, salt]", "[rice, water]", "[oats, honey]"], "list"),
        ("ingredients", ["[flour, milk]", "[eggs, milk]", "[rice, water]", "[oats, honey]"], "tags"),
        ("keywords", ["[flour, milk]", "[eggs, salt]", "[rice, water]", "[oats, honey]"], "tags"),
        ("credit", ["By [Ann](https://ann.example)", "By [Bo](https://bo.example)"], "markdown"),
        ("tipo", ["nota", "receta", "nota"], "select"),
        ("idioma", ["es", "pl", "de", "fr"], "select"),
        ("imagen", ["https://example.org/photo-1", "https://example.org/photo-2"], "image"),
        ("resumen", ["x y " * 35, "x y " * 16, "x y " * 15], "longtext"),
    ],
)
def test_a_name_helps_where_values_alone_do_not_tell(key: str, values: list[str], kind: str) -> None:
    assert field_of(values, key).type == kind


def test_blocks_of_several_kinds_are_a_typed_list() -> None:
    page = "[{type: hero, title: A, image: a.png}, {type: text, body: Words}, {type: text, body: More}]"
    blocks = field_of([page, page], "sections")
    assert (blocks.type, blocks.options["type_key"]) == ("blocks", "type")
    assert {kind.name: [part.name for part in kind.fields] for kind in blocks.fields} == {
        "hero": ["title", "image"],
        "text": ["body"],
    }
    alike = "[{type: link, url: /a/}, {type: code, url: /b/}, {type: code, url: /c/}]"
    assert field_of([alike, alike], "links").type == "objects"


def test_one_vocabulary_in_two_places_of_an_entry_is_a_choice_in_both() -> None:
    seen = "{first: {check: good}, others: [{check: bad}, {check: good}]}"
    platform = field_of([seen, seen, seen], "platform")
    first, others = platform.fields
    assert (first.fields[0].type, others.fields[0].type) == ("select", "select")
    assert first.fields[0].choices == ("good", "bad")


def test_a_description_is_several_lines_in_every_collection_or_in_none() -> None:
    posts = {
        f"_{name}/{day}.md": f"---\ntitle: T\ndescription: {'x' * length}\n---\n"
        for name, length in (("posts", 200), ("notes", 20))
        for day in range(3)
    }
    types = {name: collection_of(posts, name).field_of("description") for name in ("posts", "notes")}
    assert {name: field.type for name, field in types.items() if field} == {
        "posts": "longtext",
        "notes": "longtext",
    }


def test_objects_among_names_are_known_by_their_parts() -> None:
    authors = field_of(
        ["[ada, ines]", "[{name: Inés, url: 'https://ines.example.org/'}]", "tomas"], "authors"
    )
    assert authors.type == "list"
    assert [(part.name, part.type) for part in authors.fields] == [("name", "text"), ("url", "url")]


def test_a_portfolio_is_understood_without_configuration() -> None:
    posts = collection_of(PORTFOLIO, "posts")
    types = {field.name: field.type for field in posts.fields}
    assert types == {
        "title": "text",
        "one_line_description": "text",
        "img": "image",
        "year": "text",
        "category": "tags",
        "featured": "boolean",
        "people": "tags",
        "links": "objects",
        "layout": "select",
    }
    links = posts.field_of("links")
    assert links is not None
    assert [(part.name, part.type) for part in links.fields] == [
        ("url", "url"),
        ("description", "text"),
        ("type", "select"),
    ]
    assert (posts.label, posts.label_one, links.label_one) == ("Posts", "Post", "Link")


def test_a_choice_that_repeats_in_a_list_is_offered() -> None:
    site = {f"_posts/2025-01-0{day}-x.md": PORTFOLIO["_posts/2024-02-01-letters.md"] for day in range(1, 5)}
    links = collection_of(site, "posts").field_of("links")
    assert links is not None
    assert links.fields[2].choices == ("link", "github")


def test_title_summary_and_date_come_first_and_machinery_last() -> None:
    post = "---\nlayout: post\ntags: [a]\ndate: 2025-01-01\ndescription: Words\nslug: x\ntitle: T\n---\n"
    fields = collection_of({"_posts/2025-01-01-x.md": post}, "posts").fields
    assert [field.name for field in fields] == ["title", "description", "date", "tags", "slug", "layout"]


def test_keys_have_the_meaning_that_generators_give_them() -> None:
    hugo = {field.meaning: field.name for field in collection_of(BLOG, "posts").fields if field.meaning}
    assert hugo == {"title": "title", "date": "date", "draft": "draft"}
    projects = {
        field.meaning: field.name for field in collection_of(PORTFOLIO, "posts").fields if field.meaning
    }
    assert projects["image"] == "img"
    assert projects["summary"] == "one_line_description"
    assert projects["layout"] == "layout"
    assert projects["tags"] == "category"


def test_only_what_every_entry_has_is_required() -> None:
    values = [f"Words {number}" for number in range(12)]
    assert field_of(values, "subtitle").required
    assert not field_of([*values, ""], "subtitle").required
    assert not field_of(values[:5], "subtitle").required


def test_pictures_beside_their_entry_are_found_there() -> None:
    cover = collection_of(BLOG, "projects").field_of("cover")
    assert cover is not None
    assert cover.options["beside"]
    assert model_of(BLOG).media_folder == "static/images"


def test_the_name_and_address_of_a_site_come_from_its_configuration() -> None:
    portfolio, blog = model_of(PORTFOLIO), model_of(BLOG)
    assert (portfolio.title, portfolio.public_url) == ("Ágora Abierta", "https://agora.example.org/work")
    assert (blog.title, blog.public_url) == ("River", "https://river.example.org")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "site_name: River\nsite_url: https://river.example.org/\n"),
        ("config.toml", "base_url = 'https://river.example.org'\ntitle = 'River'\n"),
        ("pelicanconf.py", "SITENAME = 'River'\nSITEURL = 'https://river.example.org'\n"),
        ("conf.py", "BLOG_TITLE = 'River'\nSITE_URL = 'https://river.example.org/'\n"),
        (
            "docusaurus.config.ts",
            "export default {\n  title: 'River',\n  url: 'https://river.example.org',\n};\n",
        ),
        (
            "gatsby-config.js",
            (
                "module.exports = {\n  siteMetadata: {\n    title: `River`,\n"
                "    siteUrl: `https://river.example.org`,\n  },\n}\n"
            ),
        ),
    ],
)
def test_every_configuration_tells_the_name_and_address_of_its_site(name: str, text: str) -> None:
    model = model_of({name: text, "content/a.md": "---\ntitle: A\n---\n"})
    assert (model.title, model.public_url) == ("River", "https://river.example.org")


def test_configuration_that_cannot_be_read_is_no_reason_to_stop() -> None:
    assert model_of({**PORTFOLIO, "_config.yml": "title: [\n"}).title == ""


THEMES = [f"docs/content/themes/{name}/index.md" for name in "bcd"]


@pytest.mark.parametrize(
    ("paths", "template"),
    [
        (["_posts/2025-01-01-a.markdown"], "_posts/{date}-{slug}.markdown"),
        (["_posts/2025/2025-01-01-a.md", "_posts/2024/2024-01-01-b.md"], "_posts/{year}/{date}-{slug}.md"),
        (["content/posts/2025/01/a.md"], "content/posts/{year}/{month}/{slug}.md"),
        (["content/posts/2025-01-01-a/index.md"], "content/posts/{date}-{slug}/index.md"),
        (["content/posts/a/index.md", "content/posts/b/index.md"], "content/posts/{slug}/index.md"),
        (["notes/a.md", "notes/2025-01-01-b.md", "notes/c.md"], "notes/{slug}.md"),
        (["no{tes}/a.md"], "no{{tes}}/{slug}.md"),
        (["docs/v1/a.md", "docs/v1/b/c.md", "docs/v1/d/e.md"], "docs/v1/{slug}.md"),
        (["docs/content/themes/a/index.md", *THEMES], "docs/content/themes/{slug}/index.md"),
        (["site/blog/2025/a.md", "site/blog/2025/b.md", "site/blog/2024/c.md"], "site/blog/{year}/{slug}.md"),
        (["docs/a/b.md", "docs/b/c.md", "docs/c.md"], "docs/{slug}.md"),
    ],
)
def test_new_files_are_named_after_those_that_are_there(paths: list[str], template: str) -> None:
    collection = model_of(dict.fromkeys(paths, "---\ntitle: A\n---\n")).collections[0]
    assert collection.file_template == template


def test_new_entries_copy_what_all_have_alike() -> None:
    posts = {
        f"_posts/2025-01-0{day}-x.md": f"---\nlayout: post\nauthor: Ines\ntitle: T{day}\n"
        f"date: 2025-01-0{day}\ncomments: {'true' if day > 1 else 'false'}\nrating: {day}\n---\n"
        for day in range(1, 6)
    }
    defaults = collection_of(posts, "posts").defaults
    assert list(defaults.items()) == [
        ("layout", "post"),
        ("author", "Ines"),
        ("date", None),
        ("comments", True),
    ]


def test_an_empty_value_is_left_behind_where_neighbours_leave_one() -> None:
    assert field_of(["a", '""', '""', "b"]).options["empty"] == ""
    assert "empty" not in field_of(["a", '""', "", "", "b"]).options
    assert field_of(["[a]", "[]", "[]"]).options["empty"] == []


def test_a_hundred_odd_keys_do_not_make_a_hundred_odd_fields() -> None:
    keys = "".join(f"key{number}: {number}\n" for number in range(300))
    assert len(collection_of({"_posts/2025-01-01-x.md": f"---\n{keys}---\n"}, "posts").fields) == 120


def test_every_shared_site_has_its_files_in_at_most_one_collection() -> None:
    for site in sites_of_the_corpus():
        paths = sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())
        model = infer(paths, lambda path, site=site: (site / path).read_bytes())
        assert model.collections, site
        for path in paths:
            assert sum(one.holds(path) for one in model.collections) <= 1, path


def sites_of_the_corpus() -> list[Path]:
    corpus = os.environ.get("GITCMS_CORPUS")
    if not corpus:
        pytest.skip("needs real posts: set GITCMS_CORPUS to a folder of them")
    return sorted(path for path in (Path(corpus) / "dev").iterdir() if path.is_dir())
