"""One part of an address: how it is recognised, and what it may hold."""

from __future__ import annotations

import pytest

from gitcms.schema.fields.slug import is_slug
from gitcms.schema.inference import infer


@pytest.mark.parametrize("value", ["a", "a-post", "ένα-άρθρο", "v1.2", "a_b~c"])
def test_letters_digits_and_hyphens_are_one_part_of_an_address(value):
    assert is_slug(value)


@pytest.mark.parametrize("value", ["", "a b", "/a", "a/b", "-a", "a-", "a?b", 7, None, "https://example.org"])
def test_anything_else_is_not(value):
    assert not is_slug(value)


def test_a_key_of_that_name_whose_values_are_such_is_one():
    posts = {f"posts/{n}.md": f"---\ntitle: T {n}\nslug: post-{n}\n---\nx\n".encode() for n in range(6)}
    model = infer(sorted(posts), posts.__getitem__)
    assert next(one for one in model.collections[0].fields if one.name == "slug").type == "slug"
