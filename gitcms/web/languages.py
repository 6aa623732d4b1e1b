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
    """Return the language of this request: one's own choice, or the first that the browser asks for."""
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
    environment.globals.update(language=lambda: LANGUAGES[current()], script_words=script_words)


def script_words() -> str:
    """Return what scripts say, English → translated, as JSON; empty in English."""
    words = {text: said for text in pieces.of_scripts() if (said := _catalog(current()).get(text))}
    return json.dumps(words, ensure_ascii=False) if current() != ENGLISH else ""


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
def _catalog(language: str) -> Mapping[str, str]:
    """Return English → translated for all that a language's catalog holds."""
    if language == ENGLISH:
        return {}
    with open(CATALOGS / f"{language}.mo", "rb") as file:
        found = gettext.GNUTranslations(file)
    messages: dict[Any, str] = found._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in messages.items() if isinstance(key, str) and key and text}


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return what recognises each sentence that something is filled into; the most particular one first."""
    found = [key for key in _catalog(language) if _PLACE.search(key)]
    found.sort(key=lambda key: len(_PLACE.sub("", key)), reverse=True)
    return [
        (
            re.compile(
                _PLACE.sub("(.*?)", re.escape(key).replace(r"\{", "{").replace(r"\}", "}")), re.DOTALL
            ),
            key,
        )
        for key in found
        if len(_PLACE.sub("", key)) >= LEAST
    ]


# Fewer letters around a gap would fit anything.
LEAST = 6


@lru_cache(maxsize=2000)
def _said(text: str, language: str) -> str:
    catalog = _catalog(language)
    if text in catalog:
        return catalog[text]
    for pattern, key in _patterns(language):
        if found := pattern.fullmatch(text):
            parts = [_filled(part, catalog) for part in found.groups()]
            numbers = [int(number) for number in _PLACE.findall(key)]
            filled = dict(zip(numbers, parts, strict=True))
            return "".join(
                filled.get(int(part), "") if at % 2 else part
                for at, part in enumerate(_PLACE.split(catalog[key]))
            )
    return text


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
    return request.accept_languages.best_match(list(LANGUAGES)) or ENGLISH
