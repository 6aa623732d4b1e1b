"""The languages of the interface: which one somebody gets, and how pages and sentences come to be in it.

Templates and sentences are written in English, as they are; nothing in them is marked, so nothing can be
forgotten. Each language has a catalog of gettext's (`catalogs/es.po`, compiled to `es.mo`), whose messages
are the pieces of the templates (`pieces`) and the sentences of the code, with `{1}` where something is filled
in. A template is put into a language before it is compiled, once; a sentence when it is shown, by the filter
`say`. What people wrote is never looked up. Scripts have their words from the page (`script_words`).
"""

from __future__ import annotations

import gettext
import json
import re
import struct
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, has_request_context, request
from flask.templating import Environment as FlaskEnvironment
from flask_login import current_user
from jinja2 import BaseLoader, Template
from jinja2 import Environment as JinjaEnvironment
from markupsafe import Markup

from gitcms.counting import filled
from gitcms.errors import GitCMSError
from gitcms.site import Site
from gitcms.web import pieces

CATALOGS = Path(__file__).resolve().parent / "catalogs"
ENGLISH = "en"
_PLACE = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class Language:
    """`name` is what its speakers call it; `direction` is "ltr" or "rtl"."""

    code: str
    name: str
    direction: str = "ltr"


# Every language of the interface. One more is a line here and a catalog.
LANGUAGES = {each.code: each for each in (Language(ENGLISH, "English"), Language("es", "Español"))}


def current() -> str:
    """Return the language of this request: one's own choice, the site's, or the first one of the browser."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        g.language = _chosen()
    found: str = g.language
    return found


def say(text: object, language: str | None = None) -> str:
    """Return a sentence of ours in the language of who reads it; one that no catalog knows stays as it is."""
    language = language or current()
    # What is markup already is the site's own, such as a hint with a link.
    if isinstance(text, Markup):
        return text
    plain = str(text)
    return plain if language == ENGLISH else _said(plain, language)


def register(app: Flask) -> None:
    """Teach an application to show each page in the reader's language."""
    environment = app.jinja_env
    assert isinstance(environment, Environment) and environment.loader is not None
    environment.loader = _Loader(environment.loader)
    environment.filters["say"] = say
    environment.globals.update(
        language=lambda: LANGUAGES[current()], script_words=script_words, counted=counted_for_reader
    )


def script_words() -> str:
    """Return what scripts say, English → translated, as JSON; empty in English."""
    language = current()
    if language == ENGLISH:
        return ""
    words: dict[str, object] = {
        text: said for text in pieces.of_scripts() if (said := _catalog(language).get(text))
    }
    for one, many in pieces.counted_by_scripts():
        each = [_form(language, number, one, many) for number in range(2 * ROUND)]
        forms = list(dict.fromkeys(each))
        words[many] = ["".join(str(forms.index(form)) for form in each), *forms]
    return json.dumps(words, ensure_ascii=False)


def counted_for_reader(number: int, one: str, many: str, *more: object) -> str:
    """As `counting.counted`, in the reader's language and by its rule for numbers."""
    return filled(_form(current(), number, one, many), number, *more)


class Environment(FlaskEnvironment):
    """Flask's, with each template once for each language."""

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:  # noqa: A002
        language = current()
        return super()._load_template(name if language == ENGLISH else f"{language}:{name}", globals)


class _Loader(BaseLoader):
    """Reads `es:home/home.html` as `home/home.html`, with its pieces in Spanish."""

    def __init__(self, inner: BaseLoader) -> None:
        self._inner = inner

    def get_source(
        self, environment: JinjaEnvironment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        language, colon, name = template.rpartition(":")
        source, file, fresh = self._inner.get_source(environment, name)
        return (pieces.translated(source, _catalog(language)) if colon else source), file, fresh

    def list_templates(self) -> list[str]:
        return self._inner.list_templates()


@cache
def _translations(language: str) -> gettext.GNUTranslations:
    with open(CATALOGS / f"{language}.mo", "rb") as file:
        return gettext.GNUTranslations(file)


@cache
def _catalog(language: str) -> Mapping[str, str]:
    """Return English → translated for all that a language's catalog holds without a number."""
    if language == ENGLISH:
        return {}
    messages: dict[Any, str] = _translations(language)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in messages.items() if isinstance(key, str) and key and text}


def _form(language: str, number: int, one: str, many: str) -> str:
    """Return the form for a number, by the language's own rule; its places are not filled."""
    if language == ENGLISH:
        return one if number == 1 else many
    return _translations(language).ngettext(one, many, number)


@cache
def _counted(language: str) -> list[tuple[str, str]]:
    """Return both English forms of what the catalog says with a number.

    gettext forgets the second one; the file's table of originals has both (GNU gettext, "The Format of GNU
    MO Files").
    """
    data = (CATALOGS / f"{language}.mo").read_bytes()
    order = "<" if data.startswith(b"\xde\x12\x04\x95") else ">"
    count, table = struct.unpack_from(f"{order}2I", data, 8)
    found = []
    for number in range(count):
        length, at = struct.unpack_from(f"{order}2I", data, table + 8 * number)
        one, null, many = data[at : at + length].decode().partition("\0")
        if null:
            found.append((one, many))
    return found


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What recognises a sentence that something is filled into; `forms` are both of one with a number."""

    expression: re.Pattern[str]
    key: str
    forms: tuple[str, str] | None = None


@cache
def _patterns(language: str) -> list[_Pattern]:
    """Return the patterns of a language, the most particular one first."""
    found: list[tuple[str, tuple[str, str] | None]] = [(key, None) for key in _catalog(language)]
    found += [(form, pair) for pair in _counted(language) for form in dict.fromkeys(pair)]
    found.sort(key=lambda each: len(_PLACE.sub("", each[0])), reverse=True)
    return [
        _Pattern(
            re.compile(
                _PLACE.sub("(.*?)", re.escape(key).replace(r"\{", "{").replace(r"\}", "}")), re.DOTALL
            ),
            key,
            forms,
        )
        for key, forms in found
        if (_PLACE.search(key) or forms) and len(_PLACE.sub("", key)) >= LEAST
    ]


# Which form a number takes follows from its last two digits, but for whole millions.
ROUND = 100
# Fewer letters around a gap would fit anything.
LEAST = 6


@lru_cache(maxsize=2000)
def _said(text: str, language: str) -> str:
    catalog = _catalog(language)
    if text in catalog:
        return catalog[text]
    for pattern in _patterns(language):
        if match := pattern.expression.fullmatch(text):
            filling = dict(zip(map(int, _PLACE.findall(pattern.key)), match.groups(), strict=True))
            template = _template(pattern, filling, language)
            if template is not None:
                return _put_together(template, pattern.key, filling, language)
    return text


def _template(pattern: _Pattern, filling: Mapping[int, str], language: str) -> str | None:
    """Return what a pattern's sentence is in a language, for the number that stands at `{1}`."""
    if pattern.forms is None:
        return _catalog(language)[pattern.key]
    # "Title, 3 paragraphs" has words before its number.
    number = re.search(r"\d+$", filling.get(1, "1"))
    return _form(language, int(number[0]), *pattern.forms) if number else None


def _put_together(template: str, key: str, filling: Mapping[int, str], language: str) -> str:
    parts = {number: _filled(part, _catalog(language)) for number, part in filling.items()}
    # After a colon at the end comes a sentence of ours, such as "3 files changed".
    last = max(filling, default=0)
    if key.endswith(f": {{{last}}}") and filling[last][:1].isdigit():
        parts[last] = _said(filling[last], language)
    return "".join(
        parts.get(int(part), "") if at % 2 else part for at, part in enumerate(_PLACE.split(template))
    )


def _filled(part: str, catalog: Mapping[str, str]) -> str:
    """Return what is filled into a sentence: ours again in the language, or what people wrote as it is.

    A title may well be called "Home"; ours begin small here, or end as a sentence does.
    """
    core = part.strip()
    ours = core[:1].islower() or core.endswith((".", "?"))
    return part.replace(core, catalog[core]) if ours and core in catalog else part


def _chosen() -> str:
    # Who is signed in has loaded the session already; a page for strangers must not.
    account = current_user.account if current_user and current_user.is_authenticated else None
    if account is not None and account.language in LANGUAGES:
        return str(account.language)
    return _of_site() or request.accept_languages.best_match(list(LANGUAGES)) or ENGLISH


def _of_site() -> str:
    """Return the language that the site's owners want, "" where they want none, or one that is not there."""
    site: Site | None = g.get("site")
    try:
        wanted = site.model().look.language if site is not None else ""
    except GitCMSError:
        return ""  # a site that cannot be read says so on its pages
    known = (wanted.lower(), wanted.lower().replace("_", "-").partition("-")[0])
    return next((code for code in known if code in LANGUAGES), "")
