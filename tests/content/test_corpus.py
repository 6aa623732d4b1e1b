"""Real posts: each opens, and saving it without a change gives its bytes; a sample is edited."""

from __future__ import annotations

import os
from pathlib import Path

import frontmatter
import pytest

from gitcms.content.document import Document
from gitcms.content.edits import Append, Set
from gitcms.content.values import same
from gitcms.errors import DocumentTooLarge, EditRefused
from tests.content.fuzzing import assert_looks_alike

FOLDER = os.environ.get("GITCMS_CORPUS", "")
POSTS = (
    sorted(
        path for kind in ("dev", "edge", "seed") for path in Path(FOLDER, kind).rglob("*") if path.is_file()
    )
    if FOLDER
    else []
)

pytestmark = pytest.mark.skipif(not POSTS, reason="needs real posts: set GITCMS_CORPUS to a folder of them")


def test_every_post_opens_and_comes_back_byte_for_byte():
    for path in POSTS:
        source = path.read_bytes()
        document = Document.parse(source)
        assert document.change([], document.body.replace("\n", "\r\n")) == source, path
        assert_looks_alike(document, Document.parse(source, skim=True))


def test_a_title_changes_alone():
    """In every fourth post; the bytes around the title are compared, not only its line."""
    changed = refused = 0
    for path in POSTS[::4]:
        source = path.read_bytes()
        document = Document.parse(source)
        title = document.values.get("title")
        if not isinstance(title, str) or not title.strip():
            continue
        try:
            out = document.change([Set(("title",), "A: new “title”")])
        except EditRefused:
            refused += 1
            continue
        changed += 1
        again = Document.parse(out)
        assert same(again.values, document.values | {"title": "A: new “title”"}), path
        spelled = (document.text_of(("title",)) or "").encode()
        line = sum(len(one) + 1 for one in source.split(b"\n")[: (document.line_of(("title",)) or 1) - 1])
        start = source.index(spelled, source.index(b"title", line) + 5)
        assert out.startswith(source[:start]) and out.endswith(source[start + len(spelled) :]), path
        if spelled[:1] in (b"'", b'"') and b"\\" not in spelled and b"\n" not in spelled:
            assert again.change([Set(("title",), title)]) == source, path
    assert changed > 100 and refused <= changed / 1000


def test_a_list_grows_alone():
    for path in POSTS[::5]:
        source = path.read_bytes()
        document = Document.parse(source)
        for name, value in document.values.items():
            if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
                again = Document.parse(document.change([Append((name,), "one more")]))
                assert same(again.values, document.values | {name: [*value, "one more"]}), path
                assert again.body == document.body and len(again.source) > len(source), path
                break


def test_python_frontmatter_reads_the_same_where_both_versions_agree():
    """Its own YAML reading is the cross-check: every value that we show as typed, it reads alike."""
    compared = 0
    for path in POSTS[::3]:
        source = path.read_bytes()
        try:
            document = Document.parse(source)
            theirs = frontmatter.YAMLHandler().load(document.front_matter_text)
        except (DocumentTooLarge, Exception):  # noqa: BLE001 — what it cannot read is no cross-check
            continue
        if document.format != "yaml" or document.problem is not None or not isinstance(theirs, dict):
            continue
        for name, value in document.values.items():
            if isinstance(value, str) and isinstance(theirs.get(name), str | None):
                compared += 1
                assert value == theirs.get(name), (path, name)
            elif isinstance(value, bool | int | float) or value is None:
                compared += 1
                assert same(value, theirs.get(name)), (path, name)
    assert compared > 100
