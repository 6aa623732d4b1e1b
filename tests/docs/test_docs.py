"""The help texts: true to what is built, and in the words of those who read them."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from gitcms import resources
from gitcms.accounts.permissions import Role
from gitcms.cli import COMMANDS
from gitcms.cli.edit import edit
from gitcms.cli.user import user
from gitcms.repository import opening
from gitcms.schema import generators
from gitcms.schema.fields import FIELD_TYPES
from gitcms.web.languages import CATALOGS, ENGLISH, LANGUAGES
from tests.bench import inference as bench
from tests.whole_sites import WHOLE_SITES

PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(resources.docs_folder().glob("*.md"))}
FOR_AUTHORS = ("index", "writing", "reviewing")
REFUSALS = ("RepositoryUnusable", "RepositoryBusy", "ChangedOnDisk")
GIT_WORDS = (
    r"\b(commit\w*|branch\w*|merg(e|es|ed|ing)|push\w*|pull\w*|head|sha|repositor\w+|diffs?|rebas\w+|"
    r"front matter|slugs?|payloads?|yaml)\b"
)


IN_LANGUAGES = {
    (code, path.stem): path.read_text(encoding="utf-8")
    for code in LANGUAGES
    for path in sorted((resources.docs_folder() / code).glob("*.md"))
}
IN_EVERY_LANGUAGE = {*FOR_AUTHORS, "accessibility", "administration", "sign-in"}


def test_what_is_translated_is_there_in_every_language() -> None:
    assert IN_LANGUAGES.keys() == {
        (code, name) for code in LANGUAGES if code != ENGLISH for name in IN_EVERY_LANGUAGE
    }


def without_rows_in_english(text: str) -> str:
    """Leave out what leads to pages that are in English alone: it may come a little later."""
    row = re.compile(r"^\|.*\((?:\.\./)?([\w-]+)\.md\) \|\n", re.MULTILINE)
    return row.sub(lambda found: found[0] if found[1] in IN_EVERY_LANGUAGE else "", text)


def shape(text: str) -> list[str]:
    """Return what a page is made of, part by part, without its words."""
    lines = re.sub(r"^((?:[-|]|\d\.|>| {2,}).*)$|^(#+) .*$|^[^#\n].*$", r"\2\1", text, flags=re.MULTILINE)
    parts = re.findall(r"^(#+$|\||- |\d\. )", lines, re.MULTILINE)
    return [*parts, *re.findall(r"`{3}|\(\S*?(?:[\w-]+\.(?:md|webp))\)", text.replace("../", ""))]


@pytest.mark.parametrize(("code", "name"), IN_LANGUAGES, ids="-".join)
def test_a_translation_says_what_the_english_page_says(code: str, name: str) -> None:
    """Heading by heading, row by row, item by item, with the same links, pictures and marks."""
    ours, theirs = without_rows_in_english(PAGES[name]), IN_LANGUAGES[code, name]
    assert shape(without_rows_in_english(theirs)) == shape(ours)
    kept = {each for each in re.findall(r"`([^`\n]+)`", ours) if not re.search(r"[A-Za-zé]{2}", each)}
    assert {each for each in kept if f"`{each}`" not in theirs} == set()


@pytest.mark.parametrize(("code", "name"), IN_LANGUAGES, ids="-".join)
def test_a_translation_calls_buttons_and_states_as_they_are_called_there(code: str, name: str) -> None:
    with open(CATALOGS / f"{code}.po", "rb") as file:
        said = {each.id: each.string for each in read_po(file) if isinstance(each.id, str)}
    named = re.findall(r"(?<!\*)\*{1,2}([A-Z][^*\n]*)\*{1,2}(?!\*)", PAGES[name])
    missing = {each: said[each] for each in named if said.get(each, "") not in IN_LANGUAGES[code, name]}
    assert missing == {}


@pytest.mark.parametrize(("code", "name"), IN_LANGUAGES, ids="-".join)
def test_a_translation_opens_with_its_title_and_leads_to_what_is_there(code: str, name: str) -> None:
    text = IN_LANGUAGES[code, name]
    assert re.match(r"# \S.*\n\n", text)
    folder = resources.docs_folder() / code
    links = re.findall(
        r"\]\(((?!https?:|/)[^)]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    )
    assert [link for link in links if not (folder / link).is_file()] == []


def test_the_pages_are_there() -> None:
    assert {
        "index",
        "writing",
        "reviewing",
        "administration",
        "command-line",
        "troubleshooting",
    } <= PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_its_title(name: str) -> None:
    assert re.match(r"# [A-Z].*\n\n", PAGES[name])
    assert len(re.findall(r"^# ", re.sub(r"```.*?```", "", PAGES[name], flags=re.DOTALL), re.MULTILINE)) == 1


@pytest.mark.parametrize("name", FOR_AUTHORS)
def test_what_authors_read_holds_no_word_of_git(name: str) -> None:
    words = re.sub(r"`[^`\n]*`", "", PAGES[name])
    found = re.findall(rf".*{GIT_WORDS}.*", words.replace("gitcms", ""), re.IGNORECASE)
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shouts(name: str) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`|!\[", "", PAGES[name], flags=re.DOTALL)
    assert re.findall(r".*!.*|.*\b[Oo]ops\b.*", prose) == []


@pytest.mark.parametrize("name", PAGES)
def test_links_between_the_pages_lead_to_pages(name: str) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", PAGES[name], flags=re.DOTALL)
    # Pictures are counted in tests/browser/test_pictures.py.
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", prose)
    assert [link for link in links if not link.endswith(".md") or link.removesuffix(".md") not in PAGES] == []


def test_every_page_is_reached_from_the_first() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+)\.md\)", PAGES["index"]))
    assert linked == PAGES.keys() - {"index"}


def test_every_setting_is_explained_with_its_default() -> None:
    settings = tomllib.loads(resources.example_config().read_text(encoding="utf-8"))
    rows = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| ([^|]*) \|", PAGES["administration"], re.MULTILINE))
    defaults = {
        f"{section}.{key}": value for section, keys in settings.items() for key, value in keys.items()
    }
    assert rows.keys() == defaults.keys()
    for key, value in defaults.items():
        if value not in ("", []):
            told = str(value).lower() if isinstance(value, bool) else str(value)
            assert rows[key].strip() == f"`{told}`", key


def test_every_command_is_explained() -> None:
    assert [name for name in COMMANDS if f"`gitcms {name}" not in PAGES["command-line"]] == []


def test_every_command_for_people_is_shown() -> None:
    shown = set(re.findall(r"^gitcms user ([a-z]+)", PAGES["administration"], re.MULTILINE))
    assert shown == user.commands.keys()


def test_every_option_of_edit_is_explained() -> None:
    options = [option for parameter in edit.params for option in parameter.opts if option.startswith("-")]
    assert [option for option in options if f"`{option}" not in PAGES["command-line"]] == []


def test_every_role_is_explained() -> None:
    assert [role for role in Role if f"| {role} |" not in PAGES["administration"]] == []


def test_each_reason_not_to_open_or_save_is_in_troubleshooting() -> None:
    text = PAGES["troubleshooting"]
    missing = [sentence for sentence in reasons() if sentence not in text]
    assert missing == []


def reasons() -> set[str]:
    """Return the sentences with which the repository refuses, up to what varies in them."""
    found = {state for state, _ in opening._UNDERWAY.values()}
    for path in Path(opening.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
                sentence = node.args[0]
                if isinstance(sentence, ast.JoinedStr):
                    sentence = sentence.values[0]
                if isinstance(sentence, ast.Constant):
                    found.add(re.sub(r"\W+$", "", str(sentence.value)))
    assert len(found) > 25
    return found


def test_every_type_of_field_has_its_row() -> None:
    rows = [line for line in PAGES["fields"].splitlines() if line.startswith("| ")]
    assert [
        kind.spelled for kind in FIELD_TYPES.values() if f"| {kind.spelled} |" not in "\n".join(rows)
    ] == []


def test_every_option_that_a_type_reads_is_told() -> None:
    source = "".join(
        path.read_text()
        for path in [
            *(resources.PACKAGE / "schema/fields").glob("*.py"),
            resources.PACKAGE / "schema/limits.py",
        ]
    )
    read = set(re.findall(r'options\.get\(\s*"(\w+)"', source)) - {"year"}
    assert [name for name in sorted(read) if f"`{name}`" not in PAGES["fields"]] == []


def test_each_generator_is_on_the_page_of_collections_and_fields() -> None:
    rows = [row for row in generators.GENERATORS.values() if row.name != "plain"]
    assert [row.label for row in rows if f"\n| {row.label} | " not in PAGES["models"]] == []


def test_the_table_of_our_own_sites_says_what_is_found_in_them() -> None:
    for name, files in WHOLE_SITES.items():
        found, numbers = bench.row(bench.whole(files))
        ours = f"ours, {generators.GENERATORS[name].label}"
        assert bench.line(ours, found, numbers) in PAGES["models"], name
