"""The code under test, at arm's length: an edit of the judge's in, bytes or a refusal out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from gitcms.content import edits
from gitcms.content.document import Document
from gitcms.errors import DocumentError
from tests.content.judge.oracle import Ask


def save(source: bytes, ask: Ask) -> tuple[str, str, bytes]:
    """`saved`, `refused` or `crashed`; why; the new bytes."""
    try:
        document = Document.parse(source)
        if ask.op == "body":
            return "saved", "", document.change([], ask.value.replace("\n", "\r\n"))
        return "saved", "", document.change([_edit(one) for one in ask.parts or (ask,)])
    except DocumentError as error:
        sentence = str(error)
        if not (sentence.strip().endswith(".") and error.hint):
            return "crashed", f"no sentence: {sentence!r}", b""
        return "refused", sentence, b""
    except Exception as error:  # noqa: BLE001 — whatever it is, it is no refusal
        return "crashed", f"{type(error).__name__}: {error}", b""


def without_names(sentence: str) -> str:
    """A sentence without what it names, so that like ones can be counted."""
    return re.sub(r"[“‘].*?[”’]", "“…”", sentence, flags=re.DOTALL)


def _edit(ask: Ask) -> edits.Edit:
    path = tuple(ask.path)
    if ask.op == "set":
        return edits.Set(path, ask.value)
    if ask.op == "unset":
        return edits.Unset(path)
    if ask.op == "append":
        return edits.Append(path, ask.value)
    if ask.op == "insert":
        return edits.Insert(path, ask.index, ask.value)
    if ask.op == "move":
        return edits.Move(path, ask.index, ask.to)
    return edits.Rename(path, ask.name)


def command_line_agrees(source: bytes, ask: Ask, fate: str, out: bytes) -> int:
    """1 where the command can be asked for this edit, and gives the same; 0 where it cannot be asked.

    :raises AssertionError: it gives something else.
    """
    options = [option for one in ask.parts or (ask,) for option in _options(one)]
    if None in options or ask.op == "body":
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "post.md")
        file.write_bytes(source)
        texts = [str(option).replace("FOLDER", folder) for option in options]
        for one in ask.parts or (ask,):
            if isinstance(one.value, str):
                Path(folder, "text").write_bytes(one.value.encode())
        done = subprocess.run(
            [sys.executable, "-m", "gitcms", "edit", str(file), *texts], capture_output=True, check=False
        )
        if fate == "refused":
            assert (done.returncode, file.read_bytes()) == (3, source), (ask, done.stderr)
            assert done.stderr.strip()
        else:
            assert (done.returncode, file.read_bytes()) == (0, out), (ask, done.stderr)
    return 1


def _options(ask: Ask) -> list[str | None]:
    path = json.dumps(list(ask.path), ensure_ascii=False)
    if ask.op == "unset":
        return ["--unset", path]
    if ask.op == "rename":
        return ["--rename", f"{path}={ask.name}"]
    if ask.op == "move":
        return ["--move", f"{path}[{ask.index}]={ask.to}"]
    if ask.op in ("append", "insert"):
        if not isinstance(ask.value, str):
            return [None]
        where = f"{path}[{ask.index}]" if ask.op == "insert" else path
        return [f"--{ask.op}", f"{where}={ask.value}"]
    if isinstance(ask.value, str):
        return (
            ["--set-file", f"{path}=FOLDER/text"] if "\n" in ask.value else ["--set", f"{path}={ask.value}"]
        )
    try:
        return ["--set-json", f"{path}={json.dumps(ask.value)}"]
    except TypeError:
        return [None]
