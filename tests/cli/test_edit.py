"""`gitcms edit`: one file, written whole or not at all, and what a script can rely on."""

from __future__ import annotations

import base64
import json
import os
import shlex
import stat
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gitcms.cli.edit import answer_lines, edit

POST = b"---\ntitle: Hello # why\ntags: [a, b]\nog.title: x\nyear: 2015\n---\nOne word.\n"


@pytest.fixture
def post(tmp_path):
    file = tmp_path / "post.md"
    file.write_bytes(POST)
    return file


def run(*arguments: object):
    return CliRunner().invoke(edit, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("options", "old", "new"),
    [
        ((), b"", b""),
        (("--set", "title=Bye"), b"Hello", b"Bye"),
        (("--set", "title=a=b"), b"Hello", b"a=b"),
        (("--set", "year=2016"), b"2015", b'"2016"'),
        (("--set-json", "year=2016"), b"2015", b"2016"),
        (("--set-json", 'tags=["a", true]'), b"a, b", b"a, true"),
        (("--set", '["og.title"]=y=z'), b"og.title: x", b"og.title: y=z"),
        (("--set", "tags.0=c"), b"[a,", b"[c,"),
        (("--set", "tags[0]=c"), b"[a,", b"[c,"),
        (("--set", '["a[0]"]=c'), b"2015\n", b"2015\na[0]: c\n"),
        (("--unset", "tags[1]"), b"a, b", b"a"),
        (("--append", "tags=c"), b"b]", b"b, c]"),
        (("--insert", "tags[1]=c"), b"a, b", b"a, c, b"),
        (("--move", "tags[1]=0"), b"a, b", b"b, a"),
        (("--unset", "tags.0"), b"a, b", b"b"),
        (("--unset", "title"), b"title: Hello # why\n", b""),
        (("--rename", "title=name"), b"title: Hello", b"name: Hello"),
        (("--body-find", "word", "--body-replace", "thing"), b"word", b"thing"),
    ],
)
def test_each_option_changes_its_own_bytes(post, options, old, new):
    result = run(post, *options)
    assert (result.exit_code, result.output) == (0, "")
    assert post.read_bytes() == POST.replace(old, new, 1)


def test_edits_are_done_in_the_order_in_which_they_were_typed(post):
    run(post, "--unset", "tags.0", "--append", "tags=c", "--set", "tags.0=d", "--insert", "tags[0]=e")
    assert b"tags: [e, d, c]" in post.read_bytes()


def test_a_value_can_come_from_a_file(post, tmp_path):
    (tmp_path / "text").write_bytes("año\r\nzwei\r\n".encode())
    run(post, "--set-file", f"title={tmp_path / 'text'}")
    assert "title: | # why\n  año\n  zwei\ntags".encode() in post.read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ("--append", "title=x"),
        ("--unset", "other"),
        ("--set", "tags.7=x"),
        ("--body-find", "nowhere", "--body-replace", "x"),
    ],
)
def test_what_is_refused_leaves_the_file_and_says_why(post, options):
    before = post.stat()
    result = run(post, *options)
    assert result.exit_code == 3
    assert result.stderr.startswith(str(post)) and result.stdout == ""
    assert post.read_bytes() == POST and post.stat().st_mtime_ns == before.st_mtime_ns


def test_one_refused_edit_refuses_all(post):
    assert run(post, "--set", "title=Bye", "--append", "title=x").exit_code == 3
    assert post.read_bytes() == POST


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "title"),
        ("--set-json", "title={"),
        ("--insert", "tags=x"),
        ("--body-find", "x"),
        ("--set", "[1=x"),
    ],
)
def test_a_mistyped_option_is_no_refusal(post, options):
    assert run(post, *options).exit_code == 2
    assert post.read_bytes() == POST


def test_a_missing_file_is_refused_with_a_sentence(tmp_path):
    result = run(tmp_path / "none.md", "--set", "a=b")
    assert result.exit_code == 3 and "No such file" in result.stderr


def test_a_difference_is_printed_instead_of_written(post):
    result = run(post, "--set", "title=Bye", "--diff")
    assert "-title: Hello # why\n+title: Bye # why\n" in result.stdout
    assert post.read_bytes() == POST


def test_the_mode_of_the_file_and_a_link_to_it_stay(post, tmp_path):
    post.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(post)
    assert run(link, "--set", "title=Bye").exit_code == 0
    assert link.is_symlink() and stat.S_IMODE(post.stat().st_mode) == 0o640
    assert b"Bye" in post.read_bytes() and sorted(os.listdir(tmp_path)) == ["link.md", "post.md"]


def test_a_disk_that_takes_no_more_leaves_the_file(post, tmp_path):
    """A limit of no bytes a file: it holds for root as well."""
    command = f"ulimit -f 0; exec {shlex.quote(sys.executable)} -m gitcms edit {post} --set title=Bye"
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 3 and "File too large" in done.stderr
    assert post.read_bytes() == POST and os.listdir(tmp_path) == ["post.md"]


def test_lines_of_json_are_answered_and_no_file_is_written(post):
    questions = [
        {"id": 1, "path": str(post), "op": "noop"},
        {"id": 2, "path": str(post), "op": "set", "keypath": ["title"], "value": "Bye"},
        {"id": 3, "path": str(post), "op": "append", "keypath": ["tags"], "value": "c"},
        {"id": 4, "path": str(post), "op": "body", "find": "word", "replace": "thing"},
        {"id": 5, "path": str(post), "op": "append", "keypath": ["title"], "value": "c"},
        {"id": 6, "path": str(post / "none"), "op": "noop"},
    ]
    answers = asked(questions)
    outs = [base64.b64decode(answer.get("out", "")) for answer in answers]
    assert [answer["id"] for answer in answers] == [1, 2, 3, 4, 5, 6]
    assert outs[:2] == [POST, POST.replace(b"Hello", b"Bye")]
    assert outs[2:4] == [POST.replace(b"b]", b"b, c]"), POST.replace(b"word", b"thing")]
    assert "not a list" in answers[4]["refused"] and "Not a directory" in answers[5]["refused"]
    assert post.read_bytes() == POST


@pytest.mark.parametrize(
    ("question", "old", "new"),
    [
        ({"op": "set", "keypath": ["tags"], "value": ["a", "b", True]}, b"a, b", b"a, b, true"),
        ({"op": "insert", "keypath": ["tags"], "index": 1, "value": "c"}, b"a, b", b"a, c, b"),
        ({"op": "move", "keypath": ["tags"], "index": 1, "to": 0}, b"a, b", b"b, a"),
        ({"op": "unset", "keypath": ["og.title"]}, b"og.title: x\n", b""),
        ({"op": "rename", "keypath": ["year"], "name": "since"}, b"year", b"since"),
        (
            {
                "op": "many",
                "edits": [
                    {"op": "set", "keypath": ["year"], "value": 2016},
                    {"op": "body", "find": "One", "replace": "A"},
                ],
            },
            b"2015\n---\nOne",
            b"2016\n---\nA",
        ),
    ],
)
def test_lines_of_json_can_ask_for_every_edit(post, question, old, new):
    (answer,) = asked([{"id": 1, "path": str(post), **question}])
    assert base64.b64decode(answer["out"]) == POST.replace(old, new, 1)


@pytest.mark.parametrize(
    ("question", "refused", "hint"),
    [
        ({"op": "unset", "keypath": ["titel"]}, "no “titel”", "Did you mean “title”?"),
        ({"op": "unset", "keypath": ["tags", 2]}, "no “tags.2”", "The list has 2 items"),
        ({"op": "unset", "keypath": ["x", "y"]}, "no “x.y”", "Nothing was changed."),
        ({"op": "move", "keypath": ["tags"], "index": 1}, "lacks “to”", "Add it"),
        ({"op": "turn"}, "no edit “turn”", "Known are"),
    ],
)
def test_a_question_that_cannot_be_met_is_answered_with_what_to_do(post, question, refused, hint):
    (answer,) = asked([{"id": 1, "path": str(post), **question}])
    assert refused in answer["refused"] and hint in answer["hint"]


def test_the_worker_runs_as_a_process_of_its_own(post):
    question = json.dumps({"id": "x", "path": str(post), "op": "noop"})
    command = [sys.executable, "-m", "gitcms", "edit", "--jsonl"]
    done = subprocess.run(command, input=question + "\n", capture_output=True, text=True, check=True)
    assert base64.b64decode(json.loads(done.stdout)["out"]) == POST


def asked(questions: list[dict]) -> list[dict]:
    class Lines(list):
        write = list.append

        def flush(self) -> None: ...

    answers = Lines()
    answer_lines([json.dumps(question).encode() for question in questions], answers)
    return [json.loads(answer) for answer in answers]
