"""The page of settings: every one, with its value and the line that it comes from, and no password."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from html import unescape
from pathlib import Path

import pytest

from gitcms import config as configuration
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.web.pages.settings import spelled

from .conftest import Browser


@pytest.fixture
def more() -> str:
    """What the file says besides; tests put theirs over it."""
    return ""


@pytest.fixture
def config(config: Config, tmp_path: Path, more: str) -> Config:
    file = tmp_path / "my.toml"
    file.write_text(
        f'[site]\npath = "{config.site.path}"\n\n[mail]\nhost = ""\nport = 2525\n\n'
        f'[state]\nfolder = "{config.state.folder}"\n{more}',
        encoding="utf-8",
    )
    return configuration.load(file)


def shown(browser: Browser, admin: Account) -> str:
    browser.sign_in(admin)
    return unescape(browser.get("/settings").text)


def test_every_setting_is_there_with_its_value(browser: Browser, admin: Account, config: Config) -> None:
    page = shown(browser, admin)
    for section in fields(config):
        values = getattr(config, section.name)
        for field in fields(values) if is_dataclass(values) else ():
            assert f"{field.name} = {spelled(getattr(values, field.name))}</code>" in page


def test_each_says_where_it_comes_from(browser: Browser, admin: Account, config: Config) -> None:
    page = shown(browser, admin)
    row = page.split("port = 2525")[1].split("</li>")[0]
    assert f"{config.source}:6" in row and "the default is <code>587</code>" in row
    assert "The default" in page.split("port = 8800")[1].split("</li>")[0]
    same = page.split("[mail]")[1].split('host = ""')[1].split("</li>")[0]
    assert f"{config.source}:5" in same and "the default, too" in same


def test_what_the_file_says_by_now_is_told(browser: Browser, admin: Account, config: Config) -> None:
    assert config.source
    config.source.write_text(config.source.read_text().replace("2525", "2526"))
    page = shown(browser, admin)
    assert "The file says <code>2526</code> by now" in page
    config.source.write_text("[mail]\nprot = 1\n")
    page = unescape(browser.get("/settings").text)
    assert "The file cannot be used as it is now" in page
    assert "There is no setting prot in [mail]." in page
    assert "port = 2525" in page


def test_no_password_is_shown() -> None:
    assert spelled("postgresql+psycopg://cms:geheim@db/x") == '"postgresql+psycopg://cms:••••@db/x"'
    assert spelled(("https://u:geheim@h/x", "y")) == '["https://u:••••@h/x", "y"]'
    assert (spelled(True), spelled(3), spelled(1.5), spelled(())) == ("true", "3", "1.5", "[]")


def test_every_comment_of_the_example_is_found() -> None:
    known = configuration.comments()
    assert known["server", "host"].startswith("where to listen")
    assert known["mail", "host"] != known["server", "host"]


PROVIDER = """
[oidc]
new_people = "author"

[oidc.corp]
issuer = "https://login.example.org"
client_id = "cms"
client_secret_file = "/run/corp.secret"
"""


@pytest.mark.parametrize("more", [PROVIDER])
def test_each_provider_has_its_rows_with_what_goes_for_all(
    browser: Browser, admin: Account, config: Config, more: str
) -> None:
    rows = shown(browser, admin).split("<code>[oidc.corp]</code>")[1].split("</section>")[0]

    def row(setting: str) -> str:
        return rows.split(f"<code>{setting}</code>")[1].split("</li>")[0]

    assert f"{config.source}:16" in row('client_id = "cms"')
    assert "what the provider calls this site" in row('client_id = "cms"')
    assert f"{config.source}:12" in row('new_people = "author"')
    assert "The default" in row("second_factor = false")
    assert f"{config.source}:17" in row('client_secret_file = "/run/corp.secret"')
    assert config.source
    config.source.write_text(config.source.read_text().replace('"cms"', '"cms-2"'))
    page = unescape(browser.get("/settings").text).split("<code>[oidc.corp]</code>")[1]
    assert 'The file says <code>"cms-2"</code> by now' in page
