"""The interface in each of its languages: complete, without touching what people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.site import Site
from gitcms.web import languages, look, pieces
from gitcms.web.languages import CATALOGS, ENGLISH, LANGUAGES, Language, say

from .conftest import Browser
from .sentences import TEMPLATES, everything, plurals

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
STATIC = Path(languages.__file__).parent / "static"
PLACE = re.compile(r"</?\d+>|\{\w+\}")


def catalog(code: str) -> dict[str, str]:
    with open(CATALOGS / f"{code}.po", "rb") as file:
        found = [each for each in read_po(file) if each.id and not each.pluralizable]
    return {str(message.id): str(message.string) for message in found}


def counted_catalog(code: str) -> dict[tuple[str, str], tuple[str, ...]]:
    with open(CATALOGS / f"{code}.po", "rb") as file:
        return {each.id: each.string for each in read_po(file) if each.id and each.pluralizable}  # type: ignore[misc]


@pytest.mark.parametrize("code", OTHERS)
def test_everything_that_is_said_is_said_in_every_language(code: str) -> None:
    said = catalog(code)
    missing = {text: where for text, where in everything().items() if not said.get(text)}
    assert missing == {}, "run .ci/catalogs, then translate what is empty"


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_translated_that_nobody_says(code: str) -> None:
    assert sorted(catalog(code).keys() - everything().keys()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_filled_in_has_its_place_in_every_translation(code: str) -> None:
    wrong = []
    for text, said in catalog(code).items():
        ours, theirs = sorted(PLACE.findall(text)), sorted(PLACE.findall(said))
        # A verb that English needs may be none in another language; nothing may be made up.
        if not set(theirs) <= set(ours) or (set(ours) - set(theirs)) - MAY_BE_LEFT_OUT.get(text, set()):
            wrong.append((text, said))
        if said.count('"') > text.count('"') or {"%", "&"} & set(said) - set(text):
            wrong.append((text, said))
    assert wrong == []


MAY_BE_LEFT_OUT: dict[str, set[str]] = {}


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_with_a_number_has_all_forms_of_every_language(code: str) -> None:
    said = counted_catalog(code)
    assert sorted(said.keys() ^ plurals().keys()) == []
    wrong = [(pair, forms) for pair, forms in said.items() if not all(forms)]
    for (one, many), forms in said.items():
        # "One field" may do without the number, and so may any form that stands for one number alone.
        places = set(PLACE.findall(one)) | set(PLACE.findall(many))
        wrong += [((one, many), forms) for form in forms if not set(PLACE.findall(form)) <= places]
        if not all(set(PLACE.findall(form)) == places for form in forms[1:]) and "Only" not in one:
            wrong.append(((one, many), forms))
    assert wrong == [], "run .ci/catalogs, then translate what is empty"


CHOSEN_BY_NUMBER = re.compile(r'"[^"]*"\s+if [^"}]*[=!]= 1 else\s+"|[=!]= 1 else[^"}]*~ " ')


def test_no_template_chooses_words_by_a_number_itself() -> None:
    found = {
        path.name: CHOSEN_BY_NUMBER.findall(path.read_text(encoding="utf-8"))
        for path in TEMPLATES.rglob("*.html")
    }
    assert {name: each for name, each in found.items() if each} == {}, "use counted(number, one, many)"


def test_a_form_is_chosen_by_the_rule_of_the_language(
    app: Flask, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polish = Catalog(locale="pl")
    polish.add(("{1} paragraph", "{1} paragraphs"), ("{1} akapit", "{1} akapity", "{1} akapitów", "?"))
    polish.add(("{1} word", "{1} words"), ("{1} słowo", "{1} słowa", "{1} słów", "?"))
    with open(tmp_path / "pl.mo", "wb") as file:
        write_mo(file, polish)
    monkeypatch.setattr(languages, "CATALOGS", tmp_path)
    monkeypatch.setitem(LANGUAGES, "pl", Language("pl", "Polski"))
    said = {"1": "akapit", "3": "akapity", "5": "akapitów", "12": "akapitów", "22": "akapity"}
    for number, form in said.items():
        for text in (f"{number} paragraphs", f"Title, {number} paragraphs"):
            assert say(text, "pl") == text.replace("paragraphs", form)
    with app.test_request_context(headers={"Accept-Language": "pl"}):
        app.preprocess_request()
        drawn = app.jinja_env.from_string('{{ counted(n, "{1} word", "{1} words") }}')
        assert [drawn.render(n=n) for n in (1, 2, 5, 104)] == ["1 słowo", "2 słowa", "5 słów", "104 słowa"]
        table, *forms = json.loads(languages.script_words())["{1} words"]
        assert [forms[int(table[n])] for n in (1, 2, 5, 122)] == [
            "{1} słowo",
            "{1} słowa",
            "{1} słów",
            "{1} słowa",
        ]


BOUNDS = {"Name at most {1} places; a folder holds everything beneath it."}


def test_no_number_stands_before_a_word_that_cannot_follow_it() -> None:
    """A number and a word in the plural need both forms, unless the number is a bound of ours above one."""
    alone = [
        text
        for text in everything()
        if text not in BOUNDS
        and re.search(r"\{\d\} (minutes|hours|days|fields|files|pages|places|words|people|entries)\b", text)
    ]
    assert alone == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_compiled_catalog_is_the_one_that_is_read(code: str) -> None:
    made = BytesIO()
    write_mo(made, read_po(BytesIO((CATALOGS / f"{code}.po").read_bytes())))
    assert made.getvalue() == (CATALOGS / f"{code}.mo").read_bytes(), "run .ci/catalogs"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_without_translations_is_as_it_was_to_the_byte(path: object) -> None:
    source = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert pieces.translated(source, {}) == source


@pytest.mark.parametrize("code", OTHERS)
def test_every_template_can_be_drawn_in_every_language(app: Flask, code: str) -> None:
    with app.test_request_context(headers={"Accept-Language": code}):
        for path in TEMPLATES.rglob("*.html"):
            app.jinja_env.get_template(str(path.relative_to(TEMPLATES)))


PIECES = [
    ("<p>Hello</p>", ["Hello"], "<p>xHello</p>"),
    ("<p>\n  Two words,\n  one piece\n</p>", ["Two words, one piece"], "<p>\n  xTwo words, one piece\n</p>"),
    ("<p>{{ n }} left</p>", ["{1} left"], "<p>x{{ n }} left</p>"),
    ('<a href="/x">Go <b>on</b></a>', ["Go <1>on</1>"], '<a href="/x">xGo <b>on</b></a>'),
    ('<p><b>Bold</b> rest</p>', ["<1>Bold</1> rest"], "<p>x<b>Bold</b> rest</p>"),
    ('{{ icon("x") }}Save', ["Save"], '{{ icon("x") }}xSave'),
    ('<i title="Read out">{{ v }}</i>', ["Read out"], '<i title="xRead out">{{ v }}</i>'),
    ('<i title="{{ v }}" class="Not">', [], '<i title="{{ v }}" class="Not">'),
    ('{{ line("email", "Email", v) }}', ["Email"], '{{ line("email", "xEmail", v) }}'),
    ('{{ "Yes, so" if a == "on" else "No" }}', ["Yes, so", "No"], '{{ "xYes, so" if a == "on" else "xNo" }}'),
    ("{# Not this #}<p>{{ v }}</p>", [], "{# Not this #}<p>{{ v }}</p>"),
    ("<p{% if a > 1 %} hidden{% endif %}>Text</p>", ["Text"], "<p{% if a > 1 %} hidden{% endif %}>xText</p>"),
    ("<p>&nbsp;</p>", [], "<p>&nbsp;</p>"),
    ('{{ counted(a|length, "One is", "{1} are") }}', [], '{{ counted(a|length, "One is", "{1} are") }}'),
    ('{{ n("No so", counted(n, "1", "{1}s")) }}', ["No so"], '{{ n("xNo so", counted(n, "1", "{1}s")) }}'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "found", "drawn"), PIECES)
def test_pieces_are_found_and_put_in_their_place(source: str, found: list[str], drawn: str) -> None:
    assert pieces.found_in(source) == found
    assert pieces.translated(source, {text: f"x{text}" for text in found}) == drawn


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nothing is filled in.", "Nothing is filled in."),
        ("Saved as a draft.", "Guardado como borrador."),
        (
            "Too many tries. Wait 3 minutes and try again.",
            "Demasiados intentos. Espera 3 minutos e inténtalo de nuevo.",
        ),
        (
            "Too many tries. Wait 1 minute and try again.",
            "Demasiados intentos. Espera 1 minuto e inténtalo de nuevo.",
        ),
        (
            "One field needs a look before this can be saved",
            "Un campo necesita una mirada antes de poder guardar",
        ),
        (
            "3 fields need a look before this can be saved",
            "3 campos necesitan una mirada antes de poder guardar",
        ),
        ("Title, 1 paragraph", "Title, 1 párrafo"),
        (
            "The site's design or settings: 3 files changed",
            "El diseño o los ajustes del sitio: 3 archivos cambiados",
        ),
        (
            "What you had typed in “3 files changed” is thrown away.",
            "Lo que habías escrito en «3 files changed» se descartó.",
        ),
        ("Ada is an author from now on.", "Ada es desde ahora autor."),
        ("“Home” is removed", "«Home» se quitó"),
        ("What you had typed in “a\n{1}” is thrown away.", "Lo que habías escrito en «a\n{1}» se descartó."),
    ],
)
def test_a_sentence_is_said_with_what_is_filled_in_as_it_is(text: str, said: str) -> None:
    assert say(text, "es") == said
    assert say(text, "en") == text


def spanish(browser: Browser) -> Browser:
    browser.headers["Accept-Language"] = "es-AR,es;q=0.9,en;q=0.5"
    return browser


def test_a_stranger_gets_the_language_of_their_browser(browse: Callable[[], Browser]) -> None:
    page = spanish(browse()).get("/sign-in").text
    assert '<html lang="es" dir="ltr"' in page
    assert "<h1>Entrar</h1>" in page
    for other in ("de", "", "xx;q=a", "*", "es" * 2000):
        browser = browse()
        browser.headers["Accept-Language"] = other
        assert '<html lang="en" dir="ltr"' in browser.get("/sign-in").text


def test_ones_own_choice_counts_before_the_browsers(browser: Browser, author: Account, site: Site) -> None:
    spanish(browser).sign_in(author)
    assert "<h1>Cuenta</h1>" in browser.get("/account").text
    assert browser.post("/account/language", {"language": "en"}).status_code == 303
    assert "<h1>Account</h1>" in browser.get("/account").text
    assert browser.post("/account/language", {"language": "xx"}).status_code == 422
    assert users.find(site.database, author.id).language == "en"


def test_messages_and_problems_are_in_that_language_too(browser: Browser, author: Account) -> None:
    spanish(browser).sign_in(author)
    answer = browser.post("/account/password", {"old": "wrong", "password": "x"})
    assert "Esta no es tu contraseña." in answer.text
    browser.post("/account/theme", {"theme": "dark"})
    assert "Aquí no hay nada" in browser.get("/nothing").text
    wrong = spanish(Browser(browser.client.application.test_client()))
    wrong.get("/sign-in")
    answer = wrong.post("/sign-in", {"email": author.email, "password": "nothing like it"})
    assert "Inténtalo de nuevo, o pide a un administrador un enlace para entrar." in answer.text


def test_what_people_wrote_is_never_translated(
    browser: Browser, person: Callable[..., Account], site: Site
) -> None:
    admin = person(Role.ADMIN)
    users.add(site.database, name="Home", email="h@example.org", role=Role.AUTHOR, now=site.now())
    spanish(browser).sign_in(admin)
    assert "<b>Home</b>" in browser.get("/people").text
    listed = browser.get("/collections/posts/").text
    inside = re.findall(r'class="name[^>]*>([^<]+)<', listed)
    english = Browser(browser.client.application.test_client())
    english.sign_in(admin)
    assert inside == re.findall(r'class="name[^>]*>([^<]+)<', english.get("/collections/posts/").text)


def test_dates_are_written_as_the_language_writes_them(app: Flask, site: Site, browser: Browser) -> None:
    for code, whole, short, heading in (
        ("en", "Sunday 1 March 2026, 12:00", "1 Mar", "March 2026"),
        ("es", "domingo 1 de marzo de 2026, 12:00", "1 mar", "marzo de 2026"),
    ):
        with app.test_request_context(headers={"Accept-Language": code}):
            app.preprocess_request()
            moment = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
            assert look.full_date(moment) == whole
            assert look.day(date(2026, 3, 1)) == short
            assert look.heading_of(moment) == heading


def test_scripts_have_their_words_from_the_page(browser: Browser, author: Account) -> None:
    spanish(browser).sign_in(author)
    page = unescape(browser.get("/").text)
    assert '"Saving…": "Guardando…"' in page
    browser.headers.clear()
    assert "data-words" not in browser.get("/").text
    assert len(pieces.of_scripts()) > 5


def test_no_script_says_a_sentence_in_one_language_alone() -> None:
    for path in sorted(STATIC.glob("*.js")):
        lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("//")]
        asked = re.sub(r'\b(?:t|counted)\((?:[^"()]*"[^"]*")+', "", "\n".join(lines))
        assert re.findall(r'"[A-Z][a-z]* [^"\n]*"', asked) == [], path.name
