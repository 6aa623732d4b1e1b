from __future__ import annotations

import pytest

from tests.schema.sites import BLOG, PORTFOLIO, Site, model_of

POST = "---\ntitle: A post\n---\n"


def names(site: Site) -> dict[str, tuple[str, ...]]:
    return {one.name: one.folders for one in model_of(site).collections}


def files(site: Site, name: str) -> list[str]:
    collection = model_of(site).collection(name)
    assert collection is not None
    return sorted(filter(collection.holds, site))


@pytest.mark.parametrize(
    ("paths", "generator"),
    [
        (["_config.yml", "index.md"], "jekyll"),
        (["_posts/2025-01-01-a.md"], "jekyll"),
        (["news/_posts/2025-01-01-a.md"], "jekyll"),
        (["_config.yml", "source/_posts/a.md", "scaffolds/post.md"], "hexo"),
        (["source/_posts/a.md"], "hexo"),
        (["hugo.toml"], "hugo"),
        (["config/_default/params.toml", "content/a.md"], "hugo"),
        (["content/a.md"], "hugo"),
        (["content/a.md", "pelicanconf.py"], "pelican"),
        (["src/content/docs/a.md", "astro.config.mjs"], "astro"),
        (["src/content/docs/a.md"], "astro"),
        (["posts/a.md", ".eleventy.js"], "eleventy"),
        (["website/docusaurus.config.ts", "website/docs/a.md"], "docusaurus"),
        (["content/blog/a/index.md", "gatsby-config.js"], "gatsby"),
        (["docs/a.md", "mkdocs.yml"], "mkdocs"),
        (["themes/x/theme/mkdocs.yml", "docs/a.md"], "plain"),
        (["docs/a.md"], "plain"),
    ],
)
def test_a_generator_is_known_by_its_files(paths: list[str], generator: str) -> None:
    site = {path: POST if path.endswith(".md") else "" for path in paths}
    assert model_of(site).generator == generator


@pytest.mark.parametrize(
    ("site", "generator"),
    [
        ({"content/a.md": "+++\ntitle = 'A'\n[extra]\nmood = 'calm'\n+++\n"}, "zola"),
        ({"config.toml": "base_url = 'https://a.example.org'\n", "content/a.md": POST}, "zola"),
        ({"config.toml": "baseURL = 'https://a.example.org'\n", "content/a.md": POST}, "hugo"),
        ({"conf.py": "BLOG_TITLE = 'A'\n", "posts/a.md": POST}, "nikola"),
        ({"conf.py": "extensions = []\n", "docs/a.md": POST}, "plain"),
        ({"content/a.md": "Title: A\nDate: 2025-01-01\n\nText\n"}, "pelican"),
        ({"posts/a.md": "<!--\n.. title: A\n.. date: 2025-01-01\n-->\n\nText\n"}, "nikola"),
        ({"docs/a.md": "---\nsidebar_label: A\n---\n"}, "docusaurus"),
        ({"docs/a.md": "---\neleventyNavigation: {key: A}\n---\n"}, "eleventy"),
        ({"package.json": '{"devDependencies": {"astro": "^4.0.0"}}', "posts/a.md": POST}, "astro"),
        ({"package.json": '{"dependencies": ["astro"]}', "posts/a.md": POST}, "plain"),
    ],
)
def test_a_generator_is_known_by_what_its_files_say(site: Site, generator: str) -> None:
    assert model_of(site).generator == generator


def test_drafts_of_hexo_lie_beside_its_posts() -> None:
    site = {"source/_posts/a.md": POST, "source/_drafts/b.md": POST, "source/about/index.md": POST}
    assert names(site) == {"posts": ("source/_posts",), "pages": ("source",)}
    assert files(site, "pages") == ["source/about/index.md"]
    assert files(site, "posts") == ["source/_drafts/b.md", "source/_posts/a.md"]
    first = model_of({"source/_drafts/b.md": POST}).collections
    assert [(one.name, one.folders, one.draft_folder) for one in first] == [
        ("posts", ("source/_posts",), "source/_drafts")
    ]


def test_a_folder_with_an_index_alone_is_a_page() -> None:
    site = {"source/index.md": POST, "source/about/index.md": POST, "source/help/index.md": POST}
    site |= {"source/guides/index.md": POST, "source/guides/a.md": POST, "source/docs/index.md": POST}
    assert names(site) == {"guides": ("source/guides",), "docs": ("source/docs",), "pages": ("source",)}
    assert files(site, "pages") == ["source/about/index.md", "source/help/index.md", "source/index.md"]
    pages = model_of(site).collection("pages")
    assert pages is not None and pages.file_template == "source/{slug}/index.md"


def test_translations_of_docusaurus_belong_to_the_originals() -> None:
    site = {
        "docusaurus.config.js": "",
        "docs/a.md": POST,
        "blog/2025-01-01-a.md": POST,
        "i18n/fr/docusaurus-plugin-content-docs/current/a.md": POST,
        "i18n/fr/docusaurus-plugin-content-blog/2025-01-01-a.md": POST,
    }
    assert names(site) == {
        "docs": ("docs", "i18n/fr/docusaurus-plugin-content-docs/current"),
        "blog": ("blog", "i18n/fr/docusaurus-plugin-content-blog"),
    }


def test_the_posts_of_a_blog_in_a_handbook_are_a_collection_of_their_own() -> None:
    site = {"mkdocs.yml": "", "docs/index.md": POST, "docs/blog/index.md": POST, "docs/blog/posts/a.md": POST}
    assert names(site) == {"posts": ("docs/blog/posts",), "docs": ("docs",)}
    assert files(site, "docs") == ["docs/blog/index.md", "docs/index.md"]


def test_jekyll_has_posts_with_their_drafts_other_collections_and_pages() -> None:
    site = {**PORTFOLIO, "_people/ines.md": POST, "_includes/note.md": POST}
    assert names(site) == {"posts": ("_posts",), "people": ("_people",), "pages": ("",)}
    assert "_drafts/idea.md" in files(site, "posts")
    assert files(site, "pages") == ["about.md"]


def test_what_speaks_of_the_code_is_no_page_of_the_site() -> None:
    site = {
        "README.md": POST,
        "CHANGELOG.md": POST,
        "Code-of-Conduct.md": POST,
        "LICENSE.md": "",
        ".github/x.md": POST,
        "node_modules/a/b.md": POST,
        "notes/one.md": POST,
    }
    assert names(site) == {"notes": ("notes",)}


def test_a_folder_of_nothing_but_a_readme_can_still_be_edited() -> None:
    assert files({"README.md": "# Hello\n", "docs/use.md": "# Use\n"}, "pages") == ["README.md"]
    assert names({"README.md": "# Hello\n", "docs/use.md": "# Use\n"}) == {"docs": ("docs",), "pages": ("",)}


def test_posts_in_folders_of_categories_are_one_collection() -> None:
    site = {"en/news/_posts/2025-01-01-a.md": POST, "fr/news/_posts/2025-01-01-b.md": POST}
    assert names(site) == {"posts": ("en/news/_posts", "fr/news/_posts")}


def test_hugos_sections_are_collections_and_the_rest_are_pages() -> None:
    assert names(BLOG) == {
        "posts": ("content/posts",),
        "projects": ("content/projects",),
        "pages": ("content",),
    }
    assert files(BLOG, "pages") == [
        "content/_index.md",
        "content/about.md",
        "content/contact/index.md",
        "content/posts/_index.md",
    ]
    assert files(BLOG, "posts") == [f"content/posts/{name}.md" for name in ("first", "second", "third")]


def test_a_section_of_folders_holds_their_index_files() -> None:
    site = {"hugo.yaml": "", "content/authors/_index.md": POST, "content/authors/ines/_index.md": POST}
    assert files(site, "authors") == ["content/authors/ines/_index.md"]
    assert files(site, "pages") == ["content/authors/_index.md"]


def test_languages_side_by_side_share_their_collections() -> None:
    hugo = {
        "hugo.yaml": "",
        "content/en/docs/a.md": POST,
        "content/es/docs/a.md": POST,
        "content/en/docs/b.md": POST,
    }
    assert names(hugo) == {"docs": ("content/en/docs", "content/es/docs")}
    plain = {"source/docs/a.md": POST, "source/ja/docs/a.md": POST, "source/pt-br/docs/a.md": POST}
    assert names(plain) == {"docs": ("source/docs", "source/ja/docs", "source/pt-br/docs")}


def test_hugo_content_lies_where_the_configuration_says() -> None:
    site = {"hugo.yaml": "contentDir: pages", "pages/notes/a.md": POST}
    assert names(site) == {"notes": ("pages/notes",)}


def test_a_plain_folder_has_a_collection_for_each_folder_with_front_matter() -> None:
    site = {
        "src/blog/a.md": POST,
        "src/blog/deep/er/b.md": POST,
        "src/docs/c.md": POST,
        "src/docs/without.md": "No front matter\n",
        "src/notes/without.md": "No front matter\n",
        "about.md": POST,
        "tests/fixture.md": POST,
    }
    assert names(site) == {"blog": ("src/blog",), "docs": ("src/docs",), "pages": ("",)}
    assert files(site, "docs") == ["src/docs/c.md", "src/docs/without.md"]
    assert files(site, "pages") == ["about.md"]


def test_two_folders_of_one_name_have_names_of_their_own() -> None:
    found = model_of({"_config.yml": "", "a/_notes/x.md": POST, "b/_notes/x.md": POST}).collections
    assert [(one.name, one.label, one.label_one) for one in found] == [
        ("notes", "Notes", "Note"),
        ("notes-b", "Notes (B)", "Note"),
    ]


def test_pages_of_a_collection_and_pages_outside_it_are_told_apart() -> None:
    found = model_of({"_config.yml": "", "_pages/about.md": POST, "index.md": POST}).collections
    assert [one.label for one in found] == ["Pages", "Other pages"]


def test_capitals_chosen_for_a_folder_stay() -> None:
    site = {"pelicanconf.py": "", "content/JavaScript/a.md": POST, "content/big-data/a.md": POST}
    assert sorted(one.label for one in model_of(site).collections) == ["Big data", "JavaScript"]


def test_the_first_draft_of_a_site_is_no_page() -> None:
    model = model_of({"_config.yml": "", "news/_posts/2025-01-01-a.md": POST, "about.md": POST})
    assert [one.name for one in model.collections if one.holds("news/_drafts/b.md")] == ["posts"]
    assert [one.name for one in model.collections if one.holds("_events/b.md")] == []


def test_an_empty_site_has_no_collections() -> None:
    assert model_of({}).collections == ()
    assert model_of({"index.html": "", "image.png": ""}).collections == ()


def test_unreadable_front_matter_does_not_stop_the_others() -> None:
    site = {"_posts/2025-01-01-a.md": "---\ntitle: [\n---\n", "_posts/2025-01-02-b.md": POST}
    assert len(files(site, "posts")) == 2
