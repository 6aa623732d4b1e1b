"""Where a site's pictures lie, and how its entries name them.

A value such as `poplus.jpg`, `/images/poplus.jpg` or `../img/poplus.jpg` is led back to a file of the
site by what resolves; where a new picture goes and what is written for it follows the same habit.
Reading, checking and storing pictures is not done here.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from gitcms.schema.collection import Field, Model, out_of_sight
from gitcms.schema.fields.base import Observed, words_of
from gitcms.schema.fields.image import PICTURES as WORDS
from gitcms.schema.generators import GENERATORS, in_folder

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".bmp", ".ico", ".tif", ".tiff")
NAMES = WORDS | {"icon"}
"""Words of keys whose values are pictures, by whatever they are named."""
_SPELLED = re.compile(r"^\s|[?#%{[|]|\s$")
"""What `_plain` takes away."""
_LIQUID = re.compile(r"\{\{.*?\}\}|[{|](?:static|attach|filename)[}|]")


def find(model: Model, field: Field | None, value: str, entry_path: str, files: Container[str]) -> str | None:
    """Return the file that a value names, or None where it names none of the site's.

    :param entry_path: the entry that holds the value: a picture may lie beside it.
    :param files: every file of the site.
    """
    options = field.options if field is not None else {}
    for path in _candidates(model.generator, model.media_folder, options, value, entry_path):
        if path in files:
            return path
    return None


def place(model: Model, field: Field | None, file_name: str, entry_path: str) -> tuple[str, str]:
    """Return where a new picture of that name goes, and the value that then names it."""
    options = field.options if field is not None else {}
    if options.get("beside"):
        return posixpath.join(
            posixpath.dirname(entry_path), file_name
        ), f"{options.get('prefix', '')}{file_name}"
    if "folder" in options:
        return posixpath.join(options["folder"], file_name), f"{options['prefix']}{file_name}"
    folder = model.media_folder
    return posixpath.join(folder, file_name), f"{_served_from(model.generator, folder)}{file_name}"


class Pictures:
    """The pictures among a site's files, ready to be looked up by the ends of their paths."""

    def __init__(self, generator: str, paths: Iterable[str]) -> None:
        self.generator = generator
        self.paths = {path for path in paths if path.lower().endswith(PICTURES) and not out_of_sight(path)}
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            name = posixpath.basename(path)
            self._by_name.setdefault(name, []).append(path)
            self._by_stem.setdefault(posixpath.splitext(name)[0], []).append(path)

    def habit(self, seen: Observed) -> dict[str, Any] | None:
        """Return how the values of a key name pictures: `folder` and `prefix`, or `beside`; None if not.

        `found` tells that files were met, not only names that look like it.
        """
        # What is no picture is told at once, for all its places: every text of a site comes by here.
        texts = seen.counts or Counter(seen.texts)
        # A post may have the name of its picture, but only a key of pictures leaves the ending out.
        bare = not NAMES.isdisjoint(words_of(seen.name))
        named = {text for text in texts if self._may_be_named(text, bare)}
        there = Counter(
            (value, posixpath.dirname(place))
            for value, place in (seen.placed() if named else ())
            if isinstance(value, str) and value in named
        )
        habits: Counter[tuple[str | None, str]] = Counter()
        for (value, folder), times in there.items():
            for habit in self._habits(value, folder, bare):
                habits[habit] += times
        if habits:
            (place, prefix), count = max(habits.items(), key=lambda item: (item[1], item[0]))
            found = count * 2 >= len(seen.values)
            return {"beside": place is None, "folder": place or "", "prefix": prefix, "found": found}
        return self._guess(texts)

    def media_folder(self, fields: Iterable[Field]) -> str:
        """Return the folder for new pictures: that of the image fields, else the usual or fullest one."""
        learned = [
            one.options["folder"]
            for one in fields
            if one.type == "image" and one.options.get("found") and not one.options.get("beside")
        ]
        if learned:
            return str(Counter(learned).most_common(1)[0][0])
        usual = GENERATORS[self.generator].media
        for folder in usual:
            if any(in_folder(path, folder) for path in self.paths):
                return folder
        folders = Counter(posixpath.dirname(path) for path in self.paths)
        return folders.most_common(1)[0][0] if folders and self.generator == "plain" else usual[0]

    def _habits(self, value: str, home: str, bare: bool) -> set[tuple[str | None, str]]:
        """Return every (folder, prefix) that leads from this value to a picture; folder None: beside it.

        :param home: the folder of the entry.
        :param bare: whether a value may leave out the ending of a picture's name.
        """
        plain = _plain(value)
        if "://" in plain or not plain:
            return set()
        folder, name = posixpath.split(plain)
        prefix = value[: -len(name)] if name and value.endswith(name) else f"{folder}/" if folder else ""
        habits: set[tuple[str | None, str]] = set()
        for path in self._named(name, bare):
            if path == posixpath.normpath(posixpath.join(home, plain)):
                return {(None, prefix)}
            tail = posixpath.normpath(plain).lstrip("./")
            if path == tail or path.endswith(f"/{tail}") or posixpath.splitext(path)[0].endswith(tail):
                habits.add((posixpath.dirname(path), prefix))
        return habits

    def _may_be_named(self, value: str, bare: bool) -> bool:
        return bool(self._named(value.rpartition("/")[2], bare) or _SPELLED.search(value))

    def _named(self, name: str, bare: bool) -> Sequence[str]:
        return self._by_name.get(name) or (self._by_stem.get(name) if bare else None) or ()

    def _guess(self, texts: Mapping[str, int]) -> dict[str, Any] | None:
        """Return the folder that texts speak of when none of their pictures is in the site.

        :param texts: how often each occurs.
        """
        heads: Counter[str] = Counter()
        for text, times in texts.items():
            if "://" not in text and text:
                heads[posixpath.dirname(text)] += times
        if not heads:
            return None
        head = heads.most_common(1)[0][0]
        row = GENERATORS[self.generator]
        if not head:
            return {"folder": self.media_folder(()), "prefix": "", "found": False}
        if head.startswith("."):
            return {"beside": True, "folder": "", "prefix": head + "/", "found": False}
        folder = posixpath.join(row.roots[0], _plain(head).strip("/"))
        return {"folder": folder, "prefix": head.rstrip("/") + "/", "found": False}


def _candidates(
    generator: str, media_folder: str, options: Mapping[str, Any], value: str, entry_path: str
) -> Iterable[str]:
    plain = _plain(value)
    if "://" in plain or not plain:
        return
    prefix = options.get("prefix", "")
    if "folder" in options and value.startswith(prefix):
        yield posixpath.normpath(posixpath.join(options["folder"], _plain(value[len(prefix) :])))
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(entry_path), plain))
    if not plain.startswith("/") and not beside.startswith(".."):
        yield beside
    tail = posixpath.normpath(plain.lstrip("/"))
    if not tail.startswith(".."):
        for root in (*GENERATORS[generator].roots, media_folder):
            yield posixpath.join(root, tail)


def _plain(value: str) -> str:
    """Return the path in a value: without query, percent signs, Liquid and Pelican's `{static}`."""
    return unquote(_LIQUID.sub("", value).split("?")[0].split("#")[0].strip())


def _served_from(generator: str, folder: str) -> str:
    """Return the address of a folder of the site, as the built site serves it."""
    for root in sorted(GENERATORS[generator].roots, key=len, reverse=True):
        if root and (folder == root or in_folder(folder, root)):
            folder = folder[len(root) :].strip("/")
            break
    return f"/{folder}/" if folder else "/"
