"""The judge of paths, and the makers of new names."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content.paths import (
    LONGEST_NAME,
    LONGEST_SLUG,
    Slugs,
    alike,
    casefold_twin,
    check_path,
    fill,
    slugify,
)
from gitcms.errors import ConfigError, PathRefused

REFUSED = {
    "path.traversal": [
        "../up.md",
        "news/../../up.md",
        "news/..",
        "news/../same.md",
        "news/./same.md",
        "news//twice.md",
        "news/",
        "/root.md",
        "//server/root.md",
        "~/home.md",
        "~ada/home.md",
        "%2e%2e/up.md",
        "%252E%252e%252fup.md",
        "%25252e%25252e/up.md",
        "%c0%ae%c0%ae/up.md",
        "%2fetc.md",
        "\uff0e\uff0e/up.md",
        "\u2024\u2024/up.md",
        "..\u2215up.md",
        "..\u2044up.md",
        "news/..\u29f8up.md",
        "news/.. /up.md",
    ],
    "path.backslash": [
        "news\\..\\up.md",
        "a\\b.md",
        "C:\\x.md",
        "C:x.md",
        "\\\\host\\x.md",
        "\\\\?\\C:\\x.md",
    ],
    "path.git_metadata": [
        ".git",
        ".git/config",
        ".git/hooks/post-commit",
        ".GIT/config",
        ".gIt/x",
        ".git./x",
        ".git /x",
        ".git. ./x",
        "git~1/x",
        "GIT~2/x",
        ".git::$INDEX_ALLOCATION/x",
        ".git:a/x",
        ".g\u200cit/x",
        "\ufeff.git/x",
        ".gi\u206ft/x",
        ".ｇｉｔ/x",
        "news/.git/x",
        ".gitmodules",
        "GITMOD~1",
        ".GITattributes",
        "news/.gitignore",
        "gi7eba~1",
        ".mailmap",
        ".github/workflows/a.yml",
        ".gitlab-ci.yml",
        "_config.yml",
        "sub/_config.prod.yml",
        "_plugins/a.rb",
        "site/_layouts/a.html",
        "layouts/a.html",
        "hugo.toml",
        "config/_default/params.yaml",
        "package.json",
        "docs/Makefile",
    ],
    "path.characters": [
        "",
        "a\0.md",
        "a\nb.md",
        "a\r",
        "a\tb.md",
        "a\x1b[1m.md",
        "a\x7f.md",
        "a\x85.md",
        "\u202egpj.md",
        "a\u2066b.md",
        "a\u200bb.md",
        "\ud800.md",
        "\udcff.md",
        "-rf.md",
        "--all.md",
        "news/-x.md",
        ":(glob)*.md",
        ":!x.md",
        "*.md",
        "a?.md",
        "[a].md",
        "a:b.md",
        "a|b.md",
        'a"b.md',
        "<b>.md",
        "`id`.md",
        "$(id).md",
        "a;b.md",
        "100%.md",
        "x.md.",
        "x.md ",
        " x.md",
        "a /x.md",
        "\u00a0x.md",
        ".hidden.md",
        "....md",
        ".md",
        "🎉.md",
    ],
    "path.reserved": [
        "CON.md",
        "news/nul.md",
        "com1.md",
        "LPT¹.md",
        "aux/x.md",
        "CONIN$",
        "prn .md",
        "x.html",
        "x.md.php",
        "x",
        "x.mdx",
    ],
    "path.too_long": [
        "a" * 253 + ".md",
        "é" * 130 + ".md",
        "汉" * 90 + ".md",
        "a/" * 2048 + "x.md",
        "a/" * 60 + "x.md",
        "a" * 1_000_000,
    ],
}


@pytest.mark.parametrize(
    ("path", "code"),
    [(path, code) for code, paths in REFUSED.items() for path in paths],
    ids=lambda value: ascii(value)[:40],
)
def test_a_path_that_no_author_may_name_is_refused_with_its_reason(path: str, code: str) -> None:
    with pytest.raises(PathRefused) as refused:
        check_path(path, extensions={".md"})
    assert (refused.value.code, bool(str(refused.value))) == (code, True)


@pytest.mark.parametrize(
    "path",
    [
        "_posts/2024-01-31-a-day.md",
        "content/post/index.en.md",
        "content/été/Ünïcode.MD",
        "src/中文/你好.markdown",
        "posts/الشركة.md",
        "posts/हिन्दी.md",
        "My posts/It's 2 + 2 (again), @home & away.md",
        "a..b.md",
        "_drafts/x.md",
        "config/intro.md",
    ],
)
def test_a_new_name_of_letters_and_common_signs_is_taken(path: str) -> None:
    assert check_path(path, extensions=("md", ".markdown")) == path


@pytest.mark.parametrize(
    "path",
    [
        "posts/Q: why?.md",
        "app/[lang]/[...slug].md",
        'posts/He said "no".md',
        "posts/it's 100%.md",
        "posts/a*b.md",
        " posts/ leading.md",
        "-dash.md",
        "posts/beta-🎉.mdx",
        "posts/👩\u200d💻.md",
        "posts/ثقافة:\u200fكيف.md",
        "posts/C++ & you #1; <x> $5 `y` {z}~.md",
        "posts/cafe\u0301.md",
        "posts/文件落盘？.md",
        "aux/con.md",
        "posts/a%20b.md",
        "posts/git~.md",
        "C:x.md",
    ],
)
def test_an_existing_file_of_any_harmless_name_can_be_opened_and_saved(path: str) -> None:
    assert check_path(path, existing=True) == path


@pytest.mark.parametrize(
    "path",
    [
        path
        for code in ("path.traversal", "path.git_metadata", "path.too_long")
        for path in REFUSED[code]
        if path != "%2fetc.md"
    ]
    + [
        "a\0.md",
        "a\nb.md",
        "\u202egpj.md",
        "a\\b.md",
        "C:\\x.md",
        "x.md.",
        "a /x.md",
        ".hidden.md",
        ":!x.md",
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_an_existing_file_of_a_harmful_name_is_refused_still(path: str) -> None:
    with pytest.raises(PathRefused):
        check_path(path, existing=True)


@pytest.mark.parametrize("path", ["_config.yml", "_layouts/post.html", ".editorconfig", "layouts/a.html"])
def test_the_workings_of_a_site_can_be_read_but_not_written(path: str) -> None:
    assert check_path(path, existing=True, purpose="read") == path
    with pytest.raises(PathRefused):
        check_path(path, existing=True)


@pytest.mark.parametrize("path", [".git/config", "../x", "a\0", "news/.gitmodules", "/etc/passwd"])
def test_what_must_not_be_written_outside_content_must_not_be_read_either(path: str) -> None:
    with pytest.raises(PathRefused):
        check_path(path, existing=True, purpose="read")


def test_a_new_name_comes_back_composed_and_an_existing_one_as_it_was() -> None:
    decomposed = "posts/cafe\u0301.md"
    assert check_path(decomposed) == "posts/café.md"
    assert check_path(decomposed, existing=True) == decomposed
    assert check_path("cafe\u0301/cafe\u0301.md", folder="cafe\u0301") == "cafe\u0301/café.md"


def test_a_new_file_lies_in_the_folder_of_its_collection_whatever_that_is_called() -> None:
    assert check_path("app/[lang]: 1/new.md", folder="app/[lang]: 1") == "app/[lang]: 1/new.md"
    for outside in ("README.md", "app/x.md", "app/[lang]: 10/new.md", "app/[lang]: 1"):
        with pytest.raises(PathRefused) as refused:
            check_path(outside, folder="app/[lang]: 1/")
        assert refused.value.code == "path.traversal"
    with pytest.raises(PathRefused):
        check_path("app/[lang]: 1/[new].md", folder="app/[lang]: 1")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.booleans())
def test_what_is_taken_never_leads_out_and_is_taken_again(path: str, existing: bool) -> None:
    try:
        taken = check_path(path, existing=existing)
    except PathRefused:
        return
    names = taken.split("/")
    assert all(name not in ("", ".", "..", ".git") and not name.startswith(".") for name in names)
    assert not taken.startswith("/")
    assert check_path(taken, existing=existing) == taken
    assert check_path(taken, existing=True) == taken


@pytest.mark.parametrize(
    ("path", "existing", "twin"),
    [
        ("hello.md", "Hello.md", "Hello.md"),
        ("cafe\u0301.md", "café.md", "café.md"),
        ("\u212a.md", "k.md", "k.md"),
        ("STRASSE.md", "straße.md", "straße.md"),
        ("a.md/b.md", "a.md", "a.md"),
        ("posts", "posts/a.md", "posts"),
        ("Posts/b.md", "posts/a.md", "posts"),
        ("posts/a.md", "posts/a.md", "posts/a.md"),
        ("posts/b.md", "posts/a.md", None),
        ("posts/2024/b.md", "posts/a.md", None),
    ],
)
def test_a_file_that_a_computer_could_not_tell_from_another_is_found(
    path: str, existing: str, twin: str | None
) -> None:
    assert casefold_twin(path, ["other/z.md", existing]) == twin


CONFUSED = st.text("aAsSkK.ßſ\u212a\u200d\u0301éÉe\u017fﬁfiFI", min_size=1, max_size=4)


@given(CONFUSED, st.lists(CONFUSED, max_size=8))
def test_the_names_of_a_folder_that_are_alike_are_those_one_by_one(name: str, names: list[str]) -> None:
    found = alike(name, [other.encode() for other in names])
    assert [other.decode() for other in found] == [other for other in names if casefold_twin(name, [other])]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World", "hello-world"),
        ("  Crème brûlée — it’s Straße & Æther ", "creme-brulee-its-strasse-aether"),
        ("Łódź, İstanbul, Đà Nẵng", "lodz-istanbul-da-nang"),
        ("Ελληνικά κείμενα", "ellinika-keimena"),
        ("Привет, мир: съезд", "privet-mir-sezd"),
        ("Їжак і ґанок", "yizhak-i-ganok"),
        ("你好，世界 2024", "你好-世界-2024"),
        ("مرحبا بالعالم", "مرحبا-بالعالم"),
        ("हिन्दी में", "हिन्दी-में"),
        ("../../etc/passwd", "etc-passwd"),
        ("C++ ½ ﬁn", "c-1-2-fin"),
        ("cafe\u0301", "cafe"),
    ],
)
def test_a_title_becomes_a_readable_part_of_an_address(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("slugs", "name"),
    [
        (Slugs(), "el-nino-dont-10-moskva-東京-a-b"),
        (Slugs(letters="all", accents=True), "el-niño-dont-10-москва-東京-a_b"),
        (Slugs(letters="all"), "el-nino-dont-10-москва-東京-a_b"),
        (Slugs(letters="ascii"), "el-nino-dont-10-a_b"),
        (Slugs(letters="ascii", accents=True), "el-ni-o-dont-10-a_b"),
        (Slugs(between="_"), "el_nino_dont_10_moskva_東京_a_b"),
        (Slugs(between=""), "elninodont10moskva東京ab"),
        (Slugs(lower=False), "El-NINO-dont-10-Moskva-東京-a-b"),
        (Slugs(trim=False), "-el-nino-dont-10-moskva-東京-a-b-"),
        (Slugs(longest=9), "el-nino"),
        (Slugs(longest=900), "el-nino-dont-10-moskva-東京-a-b"),
    ],
)
def test_a_site_may_want_its_names_made_otherwise(slugs: Slugs, name: str) -> None:
    assert slugify("¿El NIÑO don’t 10% Москва 東京 a_b?", slugs=slugs) == name


def test_no_name_is_longer_than_files_may_be_called_whatever_a_site_wants() -> None:
    assert len(slugify("x" * 300, slugs=Slugs(longest=900))) == LONGEST_SLUG


def test_a_long_title_is_cut_between_words() -> None:
    slug = slugify("antidisestablishment " * 9)
    assert slug == "-".join(["antidisestablishment"] * 3)
    assert len(slugify("x" * 300)) == LONGEST_SLUG


@pytest.mark.parametrize("title", ["", " ", "🎉", "--", "…!?", "'"])
def test_a_title_without_letters_is_said_to_make_no_address(title: str) -> None:
    with pytest.raises(PathRefused) as refused:
        slugify(title)
    assert refused.value.code == "path.characters"
    assert slugify(title, default="picture") == "picture"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_every_slug_is_a_name_that_the_judge_takes(title: str) -> None:
    try:
        slug = slugify(title)
    except PathRefused:
        return
    assert 0 < len(slug) <= LONGEST_SLUG
    assert slug == slugify(slug) == unicodedata.normalize("NFC", slug)
    name = fill("{year}-{month}-{day}-{slug}.markdown", title, date(2024, 2, 3))
    assert len(name.encode()) <= LONGEST_NAME
    assert check_path("posts/" + name, extensions={"markdown"}) == "posts/" + name


def test_a_template_is_filled_with_title_and_date() -> None:
    berlin = timezone(timedelta(hours=1))
    when = datetime(2024, 2, 3, 4, 5, 6, tzinfo=berlin)
    assert fill("{year}-{month}-{day}-{slug}.md", "Été", when) == "2024-02-03-ete.md"
    assert fill("{year}/{hour}{minute}{second}/{slug}/index.md", "A", when) == "2024/040506/a/index.md"
    assert fill("{date}-{slug}.md", "A", when) == "2024-02-03-a.md"
    assert fill("{{a}}/{slug}.md", "B", when) == "{a}/b.md"
    assert fill("{slug}.md", "A title", date(5, 1, 1), name="My own") == "my-own.md"
    assert fill("{year}-{hour}.md", "🎉", date(5, 1, 1)) == "0005-00.md"


def test_a_template_with_an_unknown_place_is_named() -> None:
    with pytest.raises(ConfigError, match="kind"):
        fill("{kind}.md", "A", date(2024, 1, 1))


def test_the_file_of_the_model_is_written_for_that_purpose_alone_and_nothing_else_is() -> None:
    assert check_path("gitcms.toml", existing=True, purpose="model") == "gitcms.toml"
    for purpose, path in (("write", "gitcms.toml"), ("model", "_config.yml"), ("model", "posts/gitcms.toml")):
        with pytest.raises(PathRefused):
            check_path(path, existing=True, purpose=purpose)  # type: ignore[arg-type]
