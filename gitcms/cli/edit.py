"""`gitcms edit`: change values of one file from a script, and nothing else in it.

Here: options and lines of JSON made into edits, and the file written whole or not at all. What an
edit does is known by `gitcms.content.document`.
"""

from __future__ import annotations

import base64
import contextlib
import difflib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import click

from gitcms.content.document import Document
from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.values import Path
from gitcms.errors import DocumentError, EditRefused, GitCMSError

REFUSED = 3
"""The exit status of a refusal: the file is as it was, and stderr says why."""

_INDEXED = re.compile(r"(?P<path>.+)\[(?P<index>[0-9]+)\]", re.DOTALL)


class _InOrder(click.Command):
    """Keeps the edits in the order in which they were typed, whatever their kinds."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        parser = self.make_parser(ctx)
        _, _, order = parser.parse_args(args=list(args))
        result = super().parse_args(ctx, args)
        ctx.meta["order"] = [str(param.name) for param in order]
        return result


@click.command(cls=_InOrder)
@click.argument("file", required=False, type=click.Path(path_type=FilePath, dir_okay=False))
@click.option("--set", "set_", multiple=True, metavar="PATH=TEXT", help="Set a value to a text.")
@click.option(
    "--set-json", multiple=True, metavar="PATH=JSON", help="Set a value of any type, given as JSON."
)
@click.option("--set-file", multiple=True, metavar="PATH=FILE", help="Set a value to the text of a file.")
@click.option("--append", multiple=True, metavar="PATH=TEXT", help="Add a text at the end of a list.")
@click.option("--insert", multiple=True, metavar="PATH[I]=TEXT", help="Add a text in front of item I.")
@click.option("--move", multiple=True, metavar="PATH[I]=J", help="Move item I so that it becomes item J.")
@click.option("--unset", multiple=True, metavar="PATH", help="Remove a value with its key.")
@click.option("--rename", multiple=True, metavar="PATH=NAME", help="Give a key another name.")
@click.option("--body-find", metavar="TEXT", help="A text below the fields; its first place is changed.")
@click.option("--body-replace", metavar="TEXT", help="What to put in its place.")
@click.option("--diff", "show_diff", is_flag=True, help="Print what would change, and write nothing.")
@click.option("--jsonl", is_flag=True, help="Answer edits given as lines of JSON; write no file.")
@click.pass_context
def edit(ctx: click.Context, /, file: FilePath | None, **options: Any) -> None:
    """Change values of one FILE, and no other byte of it.

    PATH is dotted, items of lists are numbers from 0: links.0.url or links[0].url. Where a key is all
    digits or holds a dot, a bracket or an equals sign, PATH is a JSON array: ["og.title"]=x. Edits are
    done in the order given. Exits with 0 when saved and with 3 when refused; then the file is as it was.
    """
    if options["jsonl"]:
        answer_lines(sys.stdin.buffer, sys.stdout.buffer)
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    try:
        old = file.read_bytes()
        document = Document.parse(old, file.name)
        new = _changed(document, list(_edits(options, ctx.meta["order"])), options)
        if options["show_diff"]:
            sys.stdout.buffer.write(_diff(file, old, new))
        elif new != old:
            write_whole(file, new)
    except OSError as error:
        _refuse(f"{file}: {error.strerror or error}.", "Check the path and its permissions.")
    except DocumentError as error:
        _refuse(f"{file}: {error}", error.hint, error.details)


def answer_lines(questions: Iterable[bytes], answers: Any) -> None:
    """One edit a line in, one answer a line out, until the input ends. No file is written.

    A question is `{"id", "path", "op", …}` with what the operation needs: `noop` nothing; `set` and
    `append` `keypath` and `value`, any JSON; `insert` an `index` besides; `move` `keypath`, `index`, `to`;
    `unset` `keypath`; `rename` `keypath`, `name`; `body` `find`, `replace`; `many` a list of such as
    `edits`, saved together. An answer is `{"id", "ok": true, "out": base64 of the whole file}`,
    `{"id", "refused": why, "hint": what to do}` or `{"id", "crash": why}`.
    """
    for line in questions:
        if line.strip():
            answers.write(json.dumps(_answer(line)).encode() + b"\n")
            answers.flush()


def write_whole(file: FilePath, data: bytes) -> None:
    """Put the bytes in the file's place, whole or not at all; its mode stays, a link stays a link."""
    target = file.resolve()
    mode = target.stat().st_mode
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as fresh:
            fresh.write(data)
            fresh.flush()
            os.fchmod(fresh.fileno(), mode & 0o7777)
            os.fsync(fresh.fileno())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(target.parent)


def path_of(text: str) -> Path:
    """The path that a person typed: `links.0.url`, `links[0].url`, or a JSON array.

    :raises click.UsageError: it is neither.
    """
    if text.startswith("["):
        steps = _json(text, "PATH")
        if not isinstance(steps, list) or not all(type(step) in (str, int) for step in steps):
            raise click.UsageError(f"{text}: a path is a JSON array of names and numbers.")
        return tuple(steps)
    steps = re.sub(r"\[([0-9]+)\](?=[.\[]|\Z)", r".\1", text, flags=re.ASCII).split(".")
    return tuple(int(step) if step.isascii() and step.isdigit() else step for step in steps)


def _changed(document: Document, edits: Sequence[Edit], options: Mapping[str, Any]) -> bytes:
    find, replace = options["body_find"], options["body_replace"]
    if (find is None) != (replace is None):
        raise click.UsageError("--body-find and --body-replace go together.")
    body = None if find is None else _replaced(document.body, find, replace)
    return document.change(edits, body)


def _replaced(body: str, find: str, replace: str) -> str:
    find, replace = find.replace("\r\n", "\n"), replace.replace("\r\n", "\n")
    if not find or find not in body:
        raise EditRefused("The text to be replaced does not stand in the file.", hint="Check --body-find.")
    return body.replace(find, replace, 1)


def _edits(options: Mapping[str, Any], order: Sequence[str]) -> Iterator[Edit]:
    """The edits in the order in which they were typed."""
    left = {name: iter(options[name]) for name in _MAKERS}
    for name in order:
        if name in _MAKERS:
            yield _MAKERS[name](next(left[name]))


def _set(argument: str) -> Edit:
    path, value = _path_and_rest(argument)
    return Set(path, value)


def _set_json(argument: str) -> Edit:
    path, value = _path_and_rest(argument)
    return Set(path, _json(value, argument))


def _set_file(argument: str) -> Edit:
    path, name = _path_and_rest(argument)
    try:
        return Set(path, FilePath(name).read_bytes().decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise EditRefused(f"{name} is not a text in UTF-8.", hint="Convert it and try again.") from error


def _append(argument: str) -> Edit:
    path, value = _path_and_rest(argument)
    return Append(path, value)


def _insert(argument: str) -> Edit:
    path, index, value = _indexed(argument)
    return Insert(path, index, value)


def _move(argument: str) -> Edit:
    path, index, to = _indexed(argument)
    if not (to.isascii() and to.isdigit()):
        raise click.UsageError(f"{argument}: the new place is a number.")
    return Move(path, index, int(to))


def _unset(argument: str) -> Edit:
    return Unset(path_of(argument))


def _rename(argument: str) -> Edit:
    path, name = _path_and_rest(argument)
    return Rename(path, name)


_MAKERS = {
    "set_": _set,
    "set_json": _set_json,
    "set_file": _set_file,
    "append": _append,
    "insert": _insert,
    "move": _move,
    "unset": _unset,
    "rename": _rename,
}


def _path_and_rest(argument: str) -> tuple[Path, str]:
    path, rest = _cut(argument)
    return path_of(path), rest


def _indexed(argument: str) -> tuple[Path, int, str]:
    path, rest = _cut(argument)
    found = _INDEXED.fullmatch(path)
    if found is None:
        raise click.UsageError(f"{argument}: expected PATH[INDEX]=…")
    return path_of(found["path"]), int(found["index"]), rest


def _cut(argument: str) -> tuple[str, str]:
    """Path and the rest behind the equals sign, which a JSON array may hold inside quotes."""
    end = 0
    if argument.startswith("["):
        try:
            end = json.JSONDecoder().raw_decode(argument)[1]
        except ValueError as error:
            raise click.UsageError(f"{argument}: the path is not a JSON array.") from error
    at = argument.find("=", end)
    if at < 1:
        raise click.UsageError(f"{argument}: expected PATH=VALUE.")
    return argument[:at], argument[at + 1 :]


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{where}: this is not JSON: {error}.") from error


def _diff(file: FilePath, old: bytes, new: bytes) -> bytes:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    name = os.fsencode(file)
    lines = difflib.diff_bytes(difflib.unified_diff, before, after, b"a/" + name, b"b/" + name)
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines
    )


def _refuse(*lines: str | None) -> None:
    for line in filter(None, lines):
        click.echo(line, err=True)
    sys.exit(REFUSED)


def _sync_folder(folder: FilePath) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _answer(line: bytes) -> dict[str, Any]:
    name: Any = None
    try:
        question = json.loads(line)
        name = question.get("id")
        return {"id": name, "ok": True, "out": base64.b64encode(_asked(question)).decode()}
    except GitCMSError as error:
        return {"id": name, "refused": str(error), "hint": error.hint}
    except OSError as error:
        return {"id": name, "refused": f"{error.filename}: {error.strerror}.", "hint": "Check the path."}
    except Exception as error:  # noqa: BLE001 — the worker outlives whatever one file does to it.
        return {"id": name, "crash": f"{type(error).__name__}: {error}"}


def _asked(question: Mapping[str, Any]) -> bytes:
    try:
        source = FilePath(question["path"]).read_bytes()
        document = Document.parse(source, question["path"])
        edits: list[Edit] = []
        body = None
        for one in question["edits"] if question["op"] == "many" else [question]:
            if one["op"] in _EDITS:
                edits.append(_EDITS[one["op"]](one))
            elif one["op"] in ("noop", "body"):
                body = document.body if body is None else body
                body = body if one["op"] == "noop" else _replaced(body, one["find"], one["replace"])
            else:
                raise EditRefused(f"There is no edit “{one['op']}”.", hint=f"Known are {', '.join(_EDITS)}.")
    except KeyError as error:
        raise EditRefused(f"The question lacks “{error.args[0]}”.", hint="Add it and ask again.") from error
    return document.change(edits, body)


_EDITS: dict[str, Callable[[Mapping[str, Any]], Edit]] = {
    "set": lambda one: Set(tuple(one["keypath"]), one["value"]),
    "append": lambda one: Append(tuple(one["keypath"]), one["value"]),
    "insert": lambda one: Insert(tuple(one["keypath"]), one["index"], one["value"]),
    "move": lambda one: Move(tuple(one["keypath"]), one["index"], one["to"]),
    "unset": lambda one: Unset(tuple(one["keypath"])),
    "rename": lambda one: Rename(tuple(one["keypath"]), one["name"]),
}
