from __future__ import annotations

import pytest

from gitcms.schema.labels import from_file_name, label_of, one_of


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("one_line_description", "One line description"),
        ("pubDate", "Publication date"),
        ("featuredImage", "Featured image"),
        ("ms.topic", "Ms topic"),
        ("image-hero-credit", "Image hero credit"),
        ("url", "Web address"),
        ("source_url", "Source URL"),
        ("slug", "Address"),
        ("año", "Año"),
        ("", "Unnamed"),
        ("__", "__"),
        ("a\ud800", "A?"),
    ],
)
def test_a_key_becomes_words(key: str, label: str) -> None:
    assert label_of(key) == label


@pytest.mark.parametrize(
    ("label", "one"),
    [
        ("Projects", "Project"),
        ("Stories", "Story"),
        ("People", "Person"),
        ("News", "News item"),
        ("Press releases", "Press release"),
        ("Boxes", "Box"),
        ("Classes", "Class"),
        ("Status", "Status"),
        ("Projekte", "Projekte"),
        ("Guide pages", "Guide page"),
    ],
)
def test_a_list_says_what_one_of_its_items_is(label: str, one: str) -> None:
    assert one_of(label) == one


def test_a_file_without_a_title_is_called_by_its_name() -> None:
    assert from_file_name("eyes-on_the-river") == "Eyes on the river"
