"""README, architecture page and changelog are true; what authors read holds no word of Git."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from werkzeug.test import Client

from gitcms import __version__, config
from gitcms.cli import COMMANDS, cli
from tests.making import JEKYLL, make_repository

TOP = Path(__file__).resolve().parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (TOP / "gitcms" / "ARCHITECTURE.md").read_text(encoding="utf-8")
CHANGELOG = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
TEMPLATES = {path.relative_to(TOP / "templates").as_posix(): path for path in TOP.glob("templates/**/*.html")}

GIT_WORDS = re.compile(
    r"\b(commit\w*|branch\w*|merg\w+|push\w*|pull\w*|head|sha|repositor\w+|diff\w?|rebas\w+|front matter"
    r"|slugs?|payloads?|yaml|oops)\b|!",
    re.IGNORECASE,
)
# Shown to reviewers and administrators behind "Technical details".
TECHNICAL = re.compile(r"<details\b.*?</details>", re.DOTALL)


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"`gitcms {name}" not in README] == []


def test_every_command_loads_by_its_name_and_explains_itself() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help


def test_every_command_of_user_is_in_the_readme() -> None:
    user = cli.get_command(click.Context(cli), "user")
    assert isinstance(user, click.Group)
    row = next(line for line in README.splitlines() if line.startswith("| `gitcms user"))
    assert [name for name in user.commands if f"{name}`" not in row] == []


def test_the_help_names_every_command_with_its_line() -> None:
    context = click.Context(cli, terminal_width=200)
    text = cli.get_help(context)
    assert all(f"{name}  " in text and line in text for name, line in COMMANDS.items())


def test_the_readmes_configuration_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "gitcms.toml"
    file.write_text(block("toml"))
    read = config.load(file)
    assert read.server.allowed_hosts == ("cms.example.org",)
    assert read.build.command[0] == "hugo"


def test_the_readmes_application_answers(tmp_path: Path) -> None:
    site, file = make_repository(tmp_path / "site", JEKYLL), tmp_path / "gitcms.toml"
    file.write_text(f'[site]\npath = "{site}"\n[state]\nfolder = "{tmp_path / "state"}"\n')
    names: dict[str, object] = {}
    story = block("python").replace("/etc/gitcms.toml", str(file))
    exec(compile(story, "wsgi.py", "exec"), names)  # noqa: S102 - the README's own words
    answer = Client(names["application"]).get("/healthz")  # type: ignore[arg-type]
    names["worker"].stop()  # type: ignore[attr-defined]
    names["site"].close()  # type: ignore[attr-defined]
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_the_readme_knows_the_pythons_that_the_project_supports() -> None:
    classifiers = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["classifiers"]
    versions = [line.rpartition(" ")[2] for line in classifiers if re.search(r":: 3\.\d+$", line)]
    assert f"Python {', '.join(versions[:-1])} or {versions[-1]}" in README


@pytest.mark.parametrize(
    "text", [README, ARCHITECTURE, CHANGELOG], ids=["README", "ARCHITECTURE", "CHANGELOG"]
)
def test_what_a_page_links_to_is_there(text: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (TOP / link).exists()] == []


def test_every_room_is_on_the_architecture_page() -> None:
    rooms = {path.stem for path in (TOP / "gitcms").glob("[!_]*") if path.suffix == ".py" or path.is_dir()}
    shown = ARCHITECTURE + "docs static"
    assert [room for room in rooms if not re.search(rf"\b{room}\b", shown)] == []


def test_every_file_that_the_architecture_page_names_is_there() -> None:
    named = re.findall(r"`((?:[\w.]+/)*[\w.]+(?:\.\w+|/\w+|/))`", ARCHITECTURE)
    places = [TOP, TOP / "gitcms"]
    there = [
        name
        for name in named
        if any((place / name).exists() or (place / f"{name}.py").exists() for place in places)
    ]
    missing = set(named) - set(there) - {"entries.save"}
    assert missing == set()


def test_the_changelog_speaks_of_this_version() -> None:
    assert re.search(rf"^## {re.escape(__version__)}\b", CHANGELOG, re.MULTILINE)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_page_of_an_author_holds_a_word_of_git(name: str) -> None:
    words = Words()
    words.feed(without_jinja(TECHNICAL.sub("", TEMPLATES[name].read_text(encoding="utf-8"))))
    assert [text for text in words.seen if GIT_WORDS.search(text)] == []


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, language
    return found[1]


def without_jinja(text: str) -> str:
    """A template without its code, but with the words between quotes in it: they may be shown."""
    text = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    return re.sub(r"{[{%].*?[%}]}", said_in, text, flags=re.DOTALL)


def said_in(code: re.Match[str]) -> str:
    """Sentences between quotes; a single word there is a name in the code."""
    return " ".join(text for text in re.findall(r'"([^"]*)"', code[0]) if " " in text and "<" not in text)


class Words(HTMLParser):
    """Collects what a person sees or hears of a page: text, labels, titles."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        spoken = ("title", "alt", "placeholder", "aria-label", "aria-description")
        self.seen += [value for name, value in attributes if name in spoken and value]

    def handle_data(self, data: str) -> None:
        self.seen.append(data)
