"""Line ends, encodings and keywords: a file as git stores it, and as it lies on the disk.

What `.gitattributes` and `core.autocrlf` ask for (gitattributes(5)) is left to git, and asked only where
there is something to convert. Filters are programs: a path that asks for one is refused, but for Git LFS
where the server's configuration allows it, which is done here without a program (`lfs`).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from gitcms.errors import PathRefused, StorageFailed
from gitcms.repository.lfs import Store, to_store
from gitcms.repository.opening import Place
from gitcms.repository.plumbing import run
from gitcms.repository.storage import signature

_ASKED = ("text", "crlf", "eol", "ident", "filter", "working-tree-encoding")
_NONE = ("unspecified", "unset")
LFS = "lfs"


class FilterRefused(PathRefused):
    """A path whose content goes through a program that we do not run."""

    code = "path.filter"
    hint = "Ask an administrator to change this file in the site's folder."


@dataclass(frozen=True)
class Rules:
    """What git does to one path's bytes on their way to and from the disk."""

    text: bool = False
    auto: bool = False
    crlf_on_disk: bool = False
    ident: bool = False
    encoding: str = ""
    filter: str = ""

    @property
    def lfs(self) -> bool:
        """The store holds a pointer, and the content lies elsewhere."""
        return self.filter == LFS

    def keeps(self, data: bytes) -> bool:
        """Tell whether these bytes are the same on the disk and in the store."""
        if self.encoding or self.filter or (self.ident and b"$Id" in data):
            return False
        return not self.text or (b"\r" not in data and not (self.crlf_on_disk and b"\n" in data))


class Attributes:
    """The rules of a working tree. Asked anew when one of the files that hold them has changed."""

    def __init__(self, place: Place, lfs_allowed: bool = False) -> None:
        self._place = place
        # Where its store lies elsewhere, that place is the repository's idea, and not one to write to.
        self._lfs_allowed = lfs_allowed and not place.setting("lfs.storage")
        self._store = Store(place.common_folder)
        self._known: dict[str, tuple[tuple[object, ...], Rules]] = {}
        named = place.setting("core.attributesfile")
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        self._global = [
            os.path.expanduser(named) if named else f"{home}/git/attributes",
            "/etc/gitattributes",
            f"{place.common_folder}/info/attributes",
        ]

    def rules(self, path: str, in_store: bool) -> Rules:
        """Return the rules for a path of the working tree.

        :param in_store: the stored version has a `.gitattributes` on the way to this path.
        """
        sources = self._sources(path)
        autocrlf = self._place.setting("core.autocrlf").lower()
        if not in_store and not any(sources) and autocrlf not in ("true", "input"):
            return Rules()
        known = self._known.get(path)
        if known is None or known[0] != sources:
            known = (sources, self._ask(path))
            self._known[path] = known
        if known[1].filter and not (known[1].lfs and self._lfs_allowed):
            raise FilterRefused(
                "This file is kept outside the site's history by a program that does not run here "
                f"(“{known[1].filter}”).",
                details=path,
            )
        return known[1]

    def to_store(self, path: str, data: bytes, rules: Rules, stored_now: bytes | None) -> bytes | str:
        """Return the bytes that git would store for what lies on the disk, or the id of what it stored.

        :param stored_now: what the store holds for this path.
        """
        if rules.keeps(data):
            return data
        if rules.lfs:
            return to_store(data)
        plain_text = not rules.encoding and not (rules.ident and b"$Id" in data)
        if rules.auto and plain_text and stored_now is not None and _has_crlf(stored_now):
            return data  # convert.c, has_crlf_in_index: files stored with CRLF stay as they are
        arguments = ["hash-object", "-w", "--stdin", "--path=" + path]
        return self._git(arguments, data).decode().strip()

    def to_disk(self, path: str, oid: str) -> bytes:
        """Return what git would put on the disk for a stored object."""
        return self._git(["cat-file", "--filters", "--path=" + path, oid], b"")

    def content(self, stored: bytes) -> bytes:
        """Return what a stored file means to its readers: the content, where it is a pointer to one here."""
        return self._store.read(stored)

    def keep_content(self, data: bytes) -> None:
        """Keep what a pointer of `to_store` leads to."""
        self._store.write(data)

    def _git(self, arguments: list[str], stdin: bytes) -> bytes:
        encoded = [argument.encode("utf-8", "surrogateescape") for argument in arguments]
        code, output, said = run(encoded, cwd=self._place.top, stdin=stdin, overruled=self._place.overruled)
        # cat-file --filters says that it failed to encode a text, and gives the text as it is.
        if "encode" in said:
            raise FilterRefused(
                "This text has characters that the file's encoding does not have.",
                hint="Take them out, or ask an administrator to change the encoding of the file.",
                details=said,
            )
        if code != 0:
            raise StorageFailed("The file cannot be stored in the form that the site asks for.", details=said)
        return output

    def _sources(self, path: str) -> tuple[object, ...]:
        inner = str(self._place.top)
        files = [f"{inner}/.gitattributes"]
        for folder in path.split("/")[:-1]:
            inner = f"{inner}/{folder}"
            files.append(f"{inner}/.gitattributes")
        return tuple(signature(file) for file in (*files, *self._global))

    def _ask(self, path: str) -> Rules:
        name = path.encode("utf-8", "surrogateescape")
        output = self._git(["check-attr", "-z", "--stdin", *_ASKED], name + b"\0")
        fields = output.decode("utf-8", "surrogateescape").split("\0")
        values = {fields[at + 1]: fields[at + 2] for at in range(0, len(fields) - 2, 3)}
        return self._read(values)

    def _read(self, values: dict[str, str]) -> Rules:
        autocrlf = self._place.setting("core.autocrlf").lower()
        text = values["text"] if values["text"] != "unspecified" else values["crlf"]
        eol = "lf" if text == "input" else values["eol"]
        given = text not in _NONE or (text == "unspecified" and eol in ("lf", "crlf"))
        auto = text == "auto" or (text == "unspecified" and not given and autocrlf in ("true", "input"))
        if eol in ("lf", "crlf"):
            crlf = eol == "crlf"
        elif autocrlf in ("true", "input"):
            crlf = autocrlf == "true"
        else:
            crlf = self._place.setting("core.eol") == "crlf"
        encoding = values["working-tree-encoding"]
        return Rules(
            text=given or auto,
            auto=auto,
            crlf_on_disk=(given or auto) and crlf,
            ident=values["ident"] == "set",
            encoding="" if encoding in (*_NONE, "set") else encoding,
            filter="" if values["filter"] in (*_NONE, "set") else values["filter"],
        )


def _has_crlf(data: bytes) -> bool:
    return b"\r\n" in data and b"\0" not in data


def blob_id(data: bytes | str) -> str:
    """Return the id of a blob, given as its bytes or as the id itself."""
    if isinstance(data, str):
        return data
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
