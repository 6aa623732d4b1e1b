"""The example is the defaults; a wrong file is met with file, line and the nearest name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gitcms import config, resources
from gitcms.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_the_defaults() -> None:
    example = tomllib.loads(resources.example_config().read_text(encoding="utf-8"))
    loaded = config.load()
    for section, keys in example.items():
        for key, value in keys.items():
            got = getattr(getattr(loaded, section), key)
            assert got == (tuple(value) if isinstance(value, list) else value), (section, key)


def test_the_users_file_replaces_only_what_it_names(tmp_path: Path) -> None:
    loaded = config.load(write(tmp_path, '[server]\nport = 9000\n\n[build]\ncommand = ["make"]\n'))
    assert (loaded.server.port, loaded.server.host) == (9000, "127.0.0.1")
    assert loaded.build.command == ("make",)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    path = write(tmp_path, "[server]\nhost = 'x'\nprot = 9000\n")
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert caught.value.where == f"{path}:3"
    assert "port" in caught.value.hint


def test_an_unknown_section_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[sever\]") as caught:
        config.load(write(tmp_path, "\n[sever]\nport = 1\n"))
    assert caught.value.where is not None and caught.value.where.endswith(":2")


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nport = '80'\n",
        "[server]\nport = true\n",
        "[server]\nport = -1\n",
        "[server]\nhttps = 1\n",
        "[build]\ncommand = 'hugo'\n",
        "[build]\ncommand = [1]\n",
        "[log]\nlevel = 'loud'\n",
        "server = 3\n",
    ],
)
def test_a_wrong_value_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(write(tmp_path, text))
    assert caught.value.where is not None and caught.value.where[-1].isdigit()


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "[server]\nport = \n")
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert caught.value.where == f"{path}:2"


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path / "none.toml")


def test_values_given_on_the_command_line_are_checked_like_the_files() -> None:
    assert config.load().with_values("server", port=0).server.port == 0
    with pytest.raises(ConfigError):
        config.load().with_values("server", port=-5)


PROVIDER = """
[oidc]
new_people = "author"
[oidc.staff]
issuer = "https://login.example.org"
client_id = "gitcms"
[oidc.guests]
title = "Guests"
issuer = "https://guests.example.org"
client_id = "cms"
new_people = ""
"""


def test_each_provider_has_a_section_and_what_is_said_for_all(tmp_path: Path) -> None:
    file = tmp_path / "gitcms.toml"
    file.write_text(PROVIDER)
    staff, guests = config.load(file).providers
    assert (staff.name, staff.title, staff.settings.new_people) == ("staff", "Staff", "author")
    assert (guests.title, guests.settings.client_id, guests.settings.new_people) == ("Guests", "cms", "")
    assert config.load().providers == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[oidc.a]\nclient_id = "x"\n', "[oidc.a] needs issuer."),
        ('[oidc.a]\nissuer = "https://a.example"\n', "[oidc.a] needs client_id."),
        ('[oidc.a]\nissuers = "x"\n', "There is no setting issuers in [oidc.a]."),
        ('[oidc.A_b]\nissuer = "x"\nclient_id = "x"\n', "[oidc.A_b] is no name of a provider."),
        ('[oidc.a]\nissuer = "x"\nclient_id = 4\n', "client_id in [oidc.a] must be text in quotes."),
        ('[oidc.a]\nissuer = "x"\nclient_id = "x"\nnew_people = "admin"\n', "new_people in [oidc.a] must be"),
        ("oidc = 4\n", "[oidc] must be a section"),
    ],
    ids=lambda value: value[:20],
)
def test_a_provider_that_cannot_be_is_refused_by_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "gitcms.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        config.load(file)
    assert words in str(refused.value) and refused.value.where
