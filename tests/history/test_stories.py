"""Edits of real posts, told: every changed field is named, and nothing unchanged is shown as changed.

`GITCMS_TOLD_EDITS` is how many; the seed of each is its number, so that any of them can be run alone.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gitcms.content.document import Document
from gitcms.errors import DocumentError
from gitcms.history import stories
from gitcms.schema.collection import Collection, Field
from tests.content.test_two_authors import real_posts
from tests.content.two_authors import Post, some_edits, version
from tests.history import oracle

EDITS = int(os.environ.get("GITCMS_TOLD_EDITS", "120"))
FOLDER = os.environ.get("GITCMS_CORPUS", "")
POSTS = Collection("posts", "Posts", "Post", ("posts",), fields=(Field("title", "Title", meaning="title"),))


@dataclass
class Told:
    """How many edits were told, how long each took in seconds, and of how many bytes each post was."""

    edits: int = 0
    times: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)


def tell_edits(posts: Sequence[Path], count: int, first: int = 1) -> Told:
    """Edit real posts at random and tell what changed.

    :raises AssertionError: the oracle has it otherwise.
    """
    told, seed = Told(), first - 1
    while told.edits < count:
        seed += 1
        rng = random.Random(seed)
        try:
            post = Post(rng.choice(posts).read_bytes())
            data = version(post, some_edits(post, rng, "Ada"))
        except DocumentError:
            continue
        if data == post.source:
            continue
        start = time.perf_counter()
        old, new = Document.parse(post.source), Document.parse(data)
        story = stories.story_of(POSTS, "posts/one.md", old, new)
        told.times.append(time.perf_counter() - start)
        told.sizes.append(len(post.source))
        told.edits += 1
        found = list(oracle.problems(old, new, story))
        assert found == [], (seed, found)
        assert story.summary, seed
    return told


def test_every_edit_of_a_real_post_is_told_and_nothing_else() -> None:
    if not FOLDER:
        pytest.skip("needs real posts: set GITCMS_CORPUS to a folder of them")
    assert tell_edits(real_posts(Path(FOLDER)), EDITS).edits == EDITS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: 1\n", "a: 2\n"),
        ("a: [1, 2, 3]\n", "a: [3, 1, 2]\n"),
        ("a: [{b: 1, c: 2}, {b: 3, c: 4}]\n", "a: [{b: 3, c: 4}, {b: 1, c: 5}]\n"),
        ("a: {b: {c: 1, d: 2}}\n", "a: {b: {c: 1, e: 2}}\n"),
        ("a: 1\n", "a: '1'\n"),
        ("a: true\nb: 1\n", "b: 1\n"),
        ("a:\n", "a: []\n"),
    ],
)
def test_what_became_of_values_is_told(old: str, new: str) -> None:
    documents = [Document.parse(f"---\n{text}---\nText.\n".encode()) for text in (old, new)]
    story = stories.story_of(POSTS, "posts/one.md", documents[0], documents[1])
    assert story.fields and list(oracle.problems(documents[0], documents[1], story)) == []


def test_the_oracle_knows_what_is_missing_and_what_is_too_much() -> None:
    texts = (b"---\na: 1\nb: 2\n---\nOne.\n\nTwo.\n", b"---\na: 3\nb: 2\n---\nOne.\n\nThree.\n")
    old, new = map(Document.parse, texts)
    story = stories.story_of(POSTS, "posts/one.md", old, new)
    silent = stories.story_of(POSTS, "posts/one.md", old, old)
    assert len(list(oracle.problems(old, new, silent))) == 3
    assert len(list(oracle.problems(old, old, story))) == 3


def test_items_are_counted_in_the_sentence() -> None:
    texts = (
        b"---\ntitle: A\nlinks: [{u: 1, n: a}, {u: 2, n: b}]\n---\nOne.\n\nTwo.\n\nThree.\n",
        b"---\ntitle: B\nlinks: [{u: 3, n: a}, {u: 4, n: b}]\n---\nOne!\n\nTwo!\n\nThree!\n",
    )
    old, new = map(Document.parse, texts)
    assert stories.story_of(POSTS, "posts/one.md", old, new).summary == "Title, 2 links, 3 paragraphs"
