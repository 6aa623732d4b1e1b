from __future__ import annotations

from typing import Any

import pytest

from gitcms.schema.languages import NONE, Layout, language_of, layout_of


def entries(*paths: str, **values: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(path, values) for path in paths]


@pytest.mark.parametrize(
    ("paths", "layout"),
    [
        (["posts/a.md", "posts/b.md"], NONE),
        (["posts/a.md", "posts/a.fr.md", "posts/b.md"], Layout("suffixes", ("fr",))),
        (["posts/a/index.en.md", "posts/a/index.pt-br.md"], Layout("suffixes", ("en", "pt-br"))),
        (["posts/v1.no.md", "posts/a.min.md"], NONE),
        (["docs/en/a.md", "docs/es/b.md", "docs/es/c.md"], Layout("folders", ("es", "en"))),
        (["docs/a.md", "docs/b.md", "docs/ja/a.md"], Layout("folders", ("ja",))),
        (["projects/io/a.md", "projects/web/b.md"], NONE),
        (["go/a.md", "go/b.md", "is/c.md", "rust/d.md"], NONE),
    ],
)
def test_the_layout_of_languages_is_read_off_the_paths(paths: list[str], layout: Layout) -> None:
    assert layout_of([], entries(*paths)) == layout


def test_languages_may_be_told_by_a_key_alone() -> None:
    some = [*entries("a.md", "b.md", lang="es"), *entries("c.md", lang="fr")]
    assert layout_of([], some) == Layout("keys", ("es", "fr"))
    assert layout_of([], entries("a.md", "b.md", lang="es")) == NONE
    assert layout_of([], entries("a.md", "b.md", language="python")) == NONE


@pytest.mark.parametrize(
    ("path", "layout", "language"),
    [
        ("posts/a.en.md", Layout("suffixes", ("es", "en")), "en"),
        ("posts/a.md", Layout("suffixes", ("es", "en")), "es"),
        ("en/a.es.md", Layout("suffixes", ("es", "en")), "es"),
        ("content/en/a.md", Layout("folders", ("es", "en")), "en"),
        ("content/a.md", Layout("folders", ("es", "en")), "es"),
        ("posts/a.en.md", NONE, ""),
    ],
)
def test_the_language_of_a_file_is_told_by_its_path(path: str, layout: Layout, language: str) -> None:
    assert language_of(path, layout) == language
