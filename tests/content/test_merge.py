"""Two versions of a file joined: what comes out, what is asked, and which bytes stay."""

from __future__ import annotations

import pytest

from gitcms.content.document import Document
from gitcms.content.merge import Answer, Contested, merge, merge_files
from gitcms.content.values import MISSING

POST = """---
title: 'Eyes on the River'   # short
tags: [water, schools]
links:
  - url: https://a.example.org
    text: A
  - url: https://b.example.org
    text: B
seo:
  description: Jars
  robots: all
draft: false
---

First paragraph, about the river and its jars.

- one

- two

```
code

more
```

Last paragraph.
"""


def file(*changes: tuple[str, str]) -> bytes:
    text = POST
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text.encode()


BASE = file()

APART = {
    "fields": (("'Eyes on the River'", "'Eyes'"), ("draft: false", "draft: true")),
    "parts of an object": (("description: Jars", "description: Cups"), ("robots: all", "robots: none")),
    "items": (("text: A", "text: First"), ("text: B", "text: Second")),
    "parts of one item": (("https://b.", "https://c."), ("text: B", "text: Second")),
    "an item that goes": (("  - url: https://a.example.org\n    text: A\n", ""), ("text: B", "text: Two")),
    "neighbours": (("- one", "- eins"), ("- two", "- zwei")),
    "a paragraph that goes and one before it": (("- one\n\n", ""), ("- one", "A word.\n\n- one")),
    "code and text": (("more", "less"), ("Last paragraph.", "The last paragraph.")),
    "fields and text": (("Jars", "Cups"), ("- two", "- three")),
    "comment and value": (("# short", "# very short"), ("Jars", "Cups")),
}


@pytest.mark.parametrize(("theirs", "mine"), APART.values(), ids=APART)
def test_what_is_apart_is_joined_without_a_question(theirs: tuple[str, str], mine: tuple[str, str]) -> None:
    for one, other in ((theirs, mine), (mine, theirs)):
        merged = merge(BASE, file(one), file(other))
        assert merged.choices == ()
        if "comment" in one[0] or theirs[0] in mine[1] or mine[0] in theirs[0]:
            continue
        assert merged.data == file(one, other)


def test_the_comment_of_one_and_the_value_of_the_other_stay() -> None:
    merged = merge(BASE, file(("# short", "# long")), file(("Jars", "Cups")))
    assert merged.data == file(("# short", "# long"), ("Jars", "Cups"))
    turned = merge(BASE, file(("Jars", "Cups")), file(("# short", "# long")))
    assert turned.data == merged.data


def test_a_paragraph_beside_a_removed_one_keeps_its_distance() -> None:
    merged = merge(BASE, file(("- one\n\n", "")), file(("- one", "A word.\n\n- one")))
    assert merged.data == file(("- one\n\n", "A word.\n\n"))


def test_both_append_and_the_same_comes_once() -> None:
    merged = merge(BASE, file(("schools]", "schools, boats, sea]")), file(("schools]", "schools, sea, ice]")))
    assert merged.data is not None
    assert Document.parse(merged.data).values["tags"] == ["water", "schools", "boats", "sea", "ice"]


def test_the_same_change_of_both_is_no_question() -> None:
    changed = file(("'Eyes on the River'", "'Eyes'"), ("- two", "- 2"))
    assert merge(BASE, changed, changed).data == changed
    assert merge(BASE, changed, file(("'Eyes on the River'", "'Eyes'"))).data == changed


TOGETHER = {
    "a field": (("'Eyes on the River'", "'Mine'"), ("'Eyes on the River'", "'Theirs'")),
    "a part of an item": (("text: A", "text: Mine"), ("text: A", "text: Theirs")),
    "changed and removed": (("Jars", "Mine"), ("  description: Jars\n", "")),
    "an item changed and removed": (
        ("text: A", "text: Mine"),
        ("  - url: https://a.example.org\n    text: A\n", ""),
    ),
    "the same new field": (("draft:", "by: Mine\ndraft:"), ("draft:", "by: Theirs\ndraft:")),
    "a paragraph": (("about the river", "about Mine"), ("about the river", "about Theirs")),
    "a paragraph that goes": (("about the river", "about Mine"), ("Last paragraph.", "Last.")),
    "two new paragraphs in one place": (("- one", "Mine.\n\n- one"), ("- one", "Theirs.\n\n- one")),
    "code between fences": (("more", "Mine"), ("code\n", "Theirs\n")),
}


@pytest.mark.parametrize(("mine", "theirs"), TOGETHER.values(), ids=TOGETHER)
def test_what_both_changed_is_asked_with_both_texts(mine: tuple[str, str], theirs: tuple[str, str]) -> None:
    if theirs == ("Last paragraph.", "Last."):
        theirs = ("First paragraph, about the river and its jars.\n\n", "")
    sides = BASE, file(theirs), file(mine)
    merged = merge(*sides)
    assert merged.data is None
    [choice] = merged.choices
    assert "Mine" in str(choice.mine)
    assert "Theirs" in str(choice.theirs) or choice.theirs is MISSING
    assert merge(*sides, {choice.id: Answer("mine")}).data == file(mine)
    chosen = merge(*sides, {choice.id: Answer("theirs")}).data
    assert chosen == file(theirs)


WHOLE = Document.parse(BASE).body


@pytest.mark.parametrize("paragraph", ["First paragraph, about the river and its jars.", "Last paragraph."])
def test_who_wrote_all_anew_is_asked_about_the_paragraph_that_the_other_changed(paragraph: str) -> None:
    assert paragraph in WHOLE
    theirs = Document.parse(BASE).change([], "Theirs is quite another story.\n")
    mine = file((paragraph, paragraph.replace(".", ", by Mine.")))
    for sides in ((theirs, mine), (mine, theirs)):
        merged = merge(BASE, *sides)
        assert merged.data is None
        assert any(
            {"Theirs is" in str(text) or "Mine" in str(text) for text in (choice.mine, choice.theirs)}
            == {True}
            for choice in merged.choices
        )


def test_both_and_own_words_can_be_chosen() -> None:
    sides = BASE, file(("Last paragraph.", "Theirs.")), file(("Last paragraph.", "Mine."))
    [choice] = merge(*sides).choices
    both, own = (merge(*sides, {choice.id: Answer(which, "Ours.")}).data for which in ("both", "own"))  # type: ignore[arg-type]
    assert both == file(("Last paragraph.", "Mine.\n\nTheirs."))
    assert own == file(("Last paragraph.", "Ours."))


def test_an_answer_to_other_texts_counts_for_nothing() -> None:
    mine = file(("Last paragraph.", "Mine."))
    [choice] = merge(BASE, file(("Last paragraph.", "Theirs.")), mine).choices
    again = merge(BASE, file(("Last paragraph.", "Theirs again.")), mine, {choice.id: Answer("mine")})
    assert again.data is None
    assert [one.place for one in again.choices] == [choice.place]
    elsewhere = file(("Last paragraph.", "Theirs."), ("Jars", "Cups"))
    assert merge(BASE, elsewhere, mine, {choice.id: Answer("mine")}).data == file(
        ("Last paragraph.", "Mine."), ("Jars", "Cups")
    )


def test_a_field_that_was_renamed_takes_the_change_along() -> None:
    renamed, changed = file(("title:", "headline:")), file(("'Eyes on the River'", "'Eyes'"))
    wanted = file(("title:", "headline:"), ("'Eyes on the River'", "'Eyes'"))
    assert merge(BASE, renamed, changed).data == wanted
    assert merge(BASE, changed, renamed).data == wanted


def test_two_orders_of_a_list_are_joined_or_asked() -> None:
    base = b"---\nl: [a, b, c]\n---\n"
    one = merge(base, b"---\nl: [b, c, a]\n---\n", b"---\nl: [c, a, b]\n---\n")
    assert one.data == b"---\nl: [c, b, a]\n---\n"
    other = merge(base, b"---\nl: [b, a, c]\n---\n", b"---\nl: [a, c, b]\n---\n")
    assert [choice.kind for choice in other.choices] == ["order"]


def test_line_ends_and_blank_lines_stay() -> None:
    base = POST.replace("\n", "\r\n").replace("- one\r\n\r\n", "- one\r\n\r\n\r\n").encode()
    theirs, mine = base.replace(b"Jars", b"Cups"), base.replace(b"- two", b"- 2")
    assert merge(base, theirs, mine).data == base.replace(b"Jars", b"Cups").replace(b"- two", b"- 2")


def test_whoever_changed_the_line_ends_alone_has_their_way() -> None:
    crlf = BASE.replace(b"\n", b"\r\n")
    changed = file(("Last paragraph.", "Changed."), ("Jars", "Cups"))
    for one, other in ((crlf, changed), (changed, crlf)):
        assert merge(BASE, one, other).data == changed.replace(b"\n", b"\r\n")


def test_fields_that_cannot_be_read_are_one_passage() -> None:
    broken = file(("tags: [water", "tags: [[water"))
    text = merge(BASE, broken, file(("- two", "- 2")))
    assert text.data == file(("tags: [water", "tags: [[water"), ("- two", "- 2"))
    merged = merge(BASE, broken, file(("Jars", "Cups")))
    assert [choice.kind for choice in merged.choices] == ["fields"]
    sides = BASE, broken, file(("Jars", "Cups"))
    assert merge(*sides, {merged.choices[0].id: Answer("mine")}).data == sides[2]


def test_fields_of_another_kind_take_the_change_over() -> None:
    base = b"---\ntitle: A\nby: B\n---\nText.\n"
    toml = b'+++\ntitle = "A"\nby = "B"\n+++\nText.\n'
    mine = b"---\ntitle: A\nby: C\n---\nText.\n"
    assert merge(base, toml, mine).data == toml.replace(b'"B"', b'"C"')
    assert merge(base, mine, toml).data == toml.replace(b'"B"', b'"C"')


def test_an_old_encoding_stays() -> None:
    base = "Café.\n\nTwo.\n\nThree.\n".encode("latin-1")
    theirs, mine = base.replace(b"Two", b"2"), base.replace(b"Three", b"3")
    assert merge(base, theirs, mine).data == base.replace(b"Two", b"2").replace(b"Three", b"3")


def test_a_change_is_taken_back_beneath_a_later_one() -> None:
    before, change = BASE, file(("'Eyes on the River'", "'Eyes'"), ("- two", "- 2"))
    now = file(("'Eyes on the River'", "'Eyes'"), ("- two", "- 2"), ("Jars", "Cups"))
    assert merge(change, now, before).data == file(("Jars", "Cups"))


def test_other_files_are_taken_whole() -> None:
    assert merge_files(b"a", b"b", b"a") == b"b"
    assert merge_files(b"a", b"a", None) is None
    assert merge_files(b"a", b"b", b"b") == b"b"
    assert merge_files(b"a", b"b", b"\x00") == Contested(b"a", b"b", b"\x00")
    assert merge_files(b"a", None, b"c") == Contested(b"a", None, b"c")
