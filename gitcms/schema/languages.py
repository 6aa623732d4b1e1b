"""In which languages the entries of a collection are, and how the site keeps them apart.

Three layouts are known: a folder for each language, a suffix of the file's name (`about.fr.md`), a key of the
front matter. What is shown of it in forms is not decided here.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv
    dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig
    ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh
    mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru
    rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug
    uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_LANGUAGES = frozenset(_ISO_639_1.split())
_KEYS = ("lang", "language", "locale")
_SUFFIX = re.compile(r"(?P<stem>.+)\.(?P<language>[A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)\.[A-Za-z]+")


class Layout(NamedTuple):
    """`how` is "folders", "suffixes", "keys" or "" for one language; `locales` are as the site spells them.

    Files without a suffix, and files outside all folders of languages, are of the site's first language,
    which has no name there.
    """

    how: str
    locales: tuple[str, ...]


NONE = Layout("", ())


def layout_of(folders: Sequence[str], entries: Sequence[tuple[str, Mapping[str, Any]]]) -> Layout:
    """Return how the entries of a collection, each with its path and values, are kept apart by language."""
    paths = [path for path, _ in entries]
    return (
        _by_suffix(paths) or _by_folder(folders, paths) or _by_key([values for _, values in entries]) or NONE
    )


def language_of(path: str, layout: Layout) -> str:
    """Return the language of a file by its path; the first one of files that name none, "" without any."""
    named = re.split(r"[/.]", path) if layout.how == "folders" else posixpath.basename(path).split(".")[1:-1]
    return next((one for one in named if one in layout.locales), next(iter(layout.locales), ""))


def is_language(name: str) -> bool:
    """Tell whether a name is one of a language: `en`, `pt-br`, `zh_Hans`."""
    first, *region = re.split("[-_]", name)
    return first.lower() in _LANGUAGES and len(region) < 2 and all(2 <= len(one) <= 4 for one in region)


def _by_suffix(paths: Sequence[str]) -> Layout | None:
    places: dict[str, set[str]] = {}
    plain = {posixpath.splitext(path)[0] for path in paths}
    for path in paths:
        found = _SUFFIX.fullmatch(posixpath.basename(path))
        if found and is_language(found["language"]):
            stem = posixpath.join(posixpath.dirname(path), found["stem"])
            places.setdefault(stem, set()).add(found["language"])
    told = {stem: langs for stem, langs in places.items() if len(langs) > 1 or stem in plain}
    if not told:
        return None
    counts = Counter(language for languages in places.values() for language in languages)
    return Layout("suffixes", _ranked(counts))


def _by_folder(folders: Sequence[str], paths: Sequence[str]) -> Layout | None:
    counts: Counter[str] = Counter()
    for path in paths:
        language = next((part for part in posixpath.dirname(path).split("/") if is_language(part)), None)
        if language is not None:
            counts[language] += 1
    if not counts:
        return None
    bare = {_without_language(path) for path in paths if _without_language(path) == path}
    mirrored = any(_without_language(path) in bare for path in paths if _without_language(path) != path)
    # A single folder named `no` or `io` is no language, unless it mirrors what lies beside it.
    if mirrored or (len(counts) > 1 and sum(counts.values()) >= 0.9 * len(paths)):
        return Layout("folders", _ranked(counts))
    return None


def _by_key(values: Sequence[Mapping[str, Any]]) -> Layout | None:
    for key in _KEYS:
        named = [one[key] for one in values if isinstance(one.get(key), str) and is_language(one[key])]
        if len(set(named)) > 1 and len(named) * 2 > len(values):
            return Layout("keys", _ranked(Counter(named)))
    return None


def _without_language(path: str) -> str:
    """Return a path without its first folder of a language."""
    parts = path.split("/")
    at = next((place for place, part in enumerate(parts[:-1]) if is_language(part)), None)
    return path if at is None else "/".join(parts[:at] + parts[at + 1 :])


def _ranked(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda language: (-counts[language], language)))
