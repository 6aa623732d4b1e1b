"""Files made to break or stall a reader: refused with a sentence, or opened with every byte kept.

Three ways: a file over a bound is refused whole; fields that cannot be read are shown as text, and the body
can be edited; what is merely odd opens, and all but the edited value stays as it is.
"""

from __future__ import annotations

import pytest

from gitcms.content.document import Document
from gitcms.content.edits import Set
from gitcms.content.formats.yaml import YamlFormat
from gitcms.content.values import Raw
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable


def post(fields: str, body: str = "body\n") -> bytes:
    return f"---\n{fields}---\n{body}".encode()


BEFORE_PARSING = {
    "more than a mebibyte": post(f"a: {'word ' * 200}\n" * 1100),
    "two mebibytes of good keys": post("".join(f"key{n}: a value\n" for n in range(120_000))),
    "more values than any post": post("a: b\n" * 110_000),
    "half a million numbers": post("a: [" + "1," * 500_000 + "]\n"),
    "ten megabytes of one value": post('a: "' + "x" * 10_000_000 + '"\n'),
    "a long key": post("x" * 1_000_000 + ": 1\n"),
    "a long line": post("a: " + "x" * 300_000 + "\n"),
    "100,000 anchors": post("".join(f"k{n}: &a{n} x\n" for n in range(100_000))),
    "deep arrays in TOML": b"+++\na = " + b"[" * 500 + b"]" * 500 + b"\n+++\n",
    "deep lists in JSON": b';;;\n"a": ' + b"[" * 500 + b"]" * 500 + b"\n;;;\n",
}

WHILE_PARSING = {
    "deep flow lists": post("a: " + "[" * 1000 + "]" * 1000 + "\n"),
    "deeper flow lists": post("a: " + "[" * 20_000 + "]" * 20_000 + "\n"),
    "deep objects": post("".join(" " * depth + "k:\n" for depth in range(1000))),
    "deep lists on one line": post("- " * 1000 + "x\n"),
    "a long text of many lines": post("a: |\n" + ("  " + "x" * 1000 + "\n") * 300),
    "aliases of aliases": post(
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    ),
    "merges of merges": post(
        "a0: &a0 {k: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 19))
    ),
}

UNREADABLE = {
    "a value that holds itself": (post("a: &a [*a]\n"), 2, 8),
    "a merge of itself": (post("x: y\na: &a\n  <<: *a\n"), 4, 7),
    "a merge of a number": (post("<<: 3\n"), 2, 5),
    "a long number": (post("n: " + "9" * 5000 + "\n"), 2, 4),
    "a large number": (post("n: 1e999999\n"), 2, 4),
    "a long date": (post("d: 2024-" + "1" * 50_000 + "\n"), 2, 4),
    "a day that does not exist": (post("d: 2023-02-29\n"), 2, 4),
    "an hour that does not exist": (post("d: 2023-01-01 24:61:00\n"), 2, 4),
    "a tab for indentation": (post("a:\n\tb: 1\n"), 3, 1),
    "a quote without an end": (post('a: "x\n'), 3, 1),
    "a list without an end": (post("a: [1, 2\n"), 3, 1),
    "an alias of nothing": (post("a: *b\n"), 2, 4),
    "an object for a key": (post("? {a: 1}\n: 2\n"), 2, 3),
    "a list for fields": (post("- a\n- b\n"), 2, 1),
    "a text for fields": (post("only words\n"), 2, 1),
    "a mark for fields": (post('!!python/object/apply:os.system ["touch x"]\n'), 2, 1),
    "a bell": (post("a: x\x07y\n"), 2, 5),
    "a NUL": (post("a: x\x00y\n"), 2, 5),
    "a NUL written as an escape": (post('a: "x\\0y"\n'), 2, 4),
    "half a character written as an escape": (post('a: "\\ud800"\n'), 2, 7),
    "a version that does not exist": (post("%YAML 9.9\n"), 2, 1),
    "bytes that are no text": (b"---\na: \xff\xfe\n---\nbody\n", 2, 4),
    "an old encoding": ("---\ntitle: Canción\n---\nbody\n".encode("latin-1"), 2, 13),
    "an overlong character": (b"---\na: \xc0\xaf\n---\nbody\n", 2, 4),
    "surrogates as bytes": (b"---\na: \xed\xa0\xbd\xed\xb8\x80\n---\nbody\n", 2, 4),
}

ODD = {
    "a byte order mark": "\ufeff---\nb: 1\n---\nbody".encode(),
    "CRLF": b"---\r\nb: 1\r\n---\r\nbody\r\n",
    "mixed line ends": b"---\r\nb: 1\n---\nbody\r\n",
    "no final line end": b"---\nb: 1\n---",
    "blanks behind a key": post("links: \n    - url: x\nb: 1\n"),
    "blanks behind the fence": b"---\nb: 1\n--- \nbody",
    "a fence in a text": b"---\nb: 1\na: |\n  x\n  ---\n  y\n---\nbody",
    "a rule in the body": post("b: 1\n", "x\n\n---\n\ny"),
    "another closing fence": b"---\nb: 1\n...\nbody",
    "comments and blank lines": post("# c\na: 1  # d\n\nb: 2\n"),
    "every kind of quotes": post("a: 'x'\nb: \"y\"\nc: z\n"),
    "what the versions read differently": post("a: 010\nb: no\nc: 12:30:45\nd: 1_000\n"),
    "anchors and merges": post("x: &x {a: 1}\ny:\n  <<: *x\nb: 1\n"),
    "a long line of words": post("a: " + "w " * 400 + "\nb: 1\n"),
    "a character beyond the first plane": post("a: 😀\nb: 1\n"),
    "keys that are no text": post("1: a\ntrue: x\nb: 1\n"),
    "separators in a text": post('a: "x\\u2028y"\nb: 1\n'),
    "a key that stands there twice": post('"b": 1\nb: 2\n'),
    "TOML": b"+++\nb = 1\n+++\nbody",
    "JSON": b'{\n"b": 1\n}\nbody',
    "a body that ends in the middle of a character": b"---\nb: 1\n---\nbody\xe2\x82",
    "a NUL in the body": b"---\nb: 1\n---\nbody\n\x00\x00",
    "no fields": b"just words\n",
    "empty fields": b"---\n---\nbody",
    "a fence without an end": b"---\nb: 1\nbody",
    "UTF-16": "\ufeff---\nb: 1\n---\n".encode("utf-16-le"),
}

MARKED = (
    "!!python/object/apply:subprocess.Popen [[touch, x]]",
    '!!python/object/new:tuple [!!python/object/new:map [!!python/name:eval , ["1"]]]',
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple [1, 2]",
    '!!js/function "function(){}"',
    "!ruby/object:Gem::Installer {i: x}",
    "!foo bar",
    "!include /etc/passwd",
    '!<tag:yaml.org,2002:python/object/apply:os.system> ["id"]',
)


@pytest.mark.parametrize("source", BEFORE_PARSING.values(), ids=BEFORE_PARSING)
def test_a_file_over_a_bound_is_refused_before_it_is_parsed(source, monkeypatch):
    monkeypatch.setattr(YamlFormat, "read", lambda self, text: pytest.fail("it was parsed"))
    with pytest.raises(DocumentTooLarge) as refusal:
        Document.parse(source)
    assert str(refusal.value).endswith(".") and refusal.value.hint


@pytest.mark.parametrize("source", WHILE_PARSING.values(), ids=WHILE_PARSING)
def test_fields_that_unfold_are_refused_before_they_do(source):
    with pytest.raises(DocumentTooLarge):
        Document.parse(source)


@pytest.mark.parametrize(("source", "line", "column"), UNREADABLE.values(), ids=UNREADABLE)
def test_fields_that_cannot_be_read_name_their_place_and_leave_the_body_to_be_edited(source, line, column):
    document = Document.parse(source)
    problem = document.problem
    assert problem is not None and (problem.line, problem.column) == (line, column)
    assert f"(line {line}, column {column})." in str(problem)
    assert document.values == {} and document.body == "body\n"
    assert document.change([], "body\r\n") == source
    assert document.change([], "body\r\nmore\r\n") == source + b"more\n"
    with pytest.raises((FrontMatterUnreadable, EditRefused)):
        document.change([Set(("quite new",), ["é"])])


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_odd_files_open_and_keep_every_byte(source):
    document = Document.parse(source)
    assert document.problem is None
    assert document.change([], document.body.replace("\n", "\r\n")) == source
    if "b" in document.values:
        old = document.text_of(("b",)).encode()
        changed = document.change([Set(("b",), 7)])
        at = source.rindex(b"b", 0, source.index(b"body") if b"body" in source else len(source))
        at = source.index(old, at + 1)
        assert changed.startswith(source[:at]) and changed.endswith(source[at + len(old) :])
        assert Document.parse(changed).values["b"] == 7


@pytest.mark.parametrize("marked", MARKED)
def test_a_marked_value_is_never_made_and_never_changed_and_the_rest_can_be(marked):
    source = post(f"a: {marked}\nb: 1\n")
    document = Document.parse(source)
    assert isinstance(document.values["a"], Raw)
    with pytest.raises(EditRefused, match="read-only"):
        document.change([Set(("a",), "x")])
    assert document.change([Set(("b",), 2)]) == source.replace(b"b: 1", b"b: 2")


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        (post("a: x\n"), Set(("a",), "x" * 300_000)),
        (post("a: x\n"), Set(("a",), ["x" * 1000] * 1100)),
        (b"+++\na = 1\n+++\n", Set(("a",), "{" * 101)),
    ],
    ids=["a long line", "more than a mebibyte", "many brackets"],
)
def test_no_edit_makes_a_file_that_nobody_can_open_again(source: bytes, edit: Set) -> None:
    with pytest.raises(EditRefused):
        Document.parse(source).change([edit])
