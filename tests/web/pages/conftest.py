"""A site with two people in it, and browsers of theirs without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gitcms.accounts import sessions, users
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.making import JEKYLL, git, make_repository, open_made
from tests.serving import Form


@dataclass
class Visitor:
    """Somebody who is signed in: opens pages, and posts forms as a browser would."""

    client: FlaskClient

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def form(self, path: str, marked: str = 'method="post"', **values: str) -> dict[str, str]:
        """Return the form of a page filled in; names with dots are spelled with double underscores."""
        named = {name.replace("__", "."): value for name, value in values.items()}
        page = re.sub(r'<form action="/sign-out".*?</form>', "", self.get(path), flags=re.DOTALL)
        return dict(Form.first(page, marked).with_values(named))

    def post(self, path: str, fields: Mapping[str, object], status: int = 303) -> TestResponse:
        answer = self.client.post(path, data=dict(fields), headers={"Origin": "http://localhost"})
        assert answer.status_code == status, answer.text[:3000]
        return answer

    def follow(self, answer: TestResponse) -> str:
        return self.get(answer.headers["Location"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = open_made(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def app(site: Site) -> Flask:
    return create_app(site.config, site)


Enter = Callable[[str, str, Role], Visitor]


@pytest.fixture
def enter(app: Flask, site: Site) -> Enter:
    """Sign somebody in by a session of their own."""

    def signed_in(name: str, email: str, role: Role) -> Visitor:
        now = site.now()
        account = users.add(site.database, name=name, email=email, role=role, now=now)
        session = sessions.new_id()
        sessions.begin(site.database, session, account.id, {}, now=now)
        client = app.test_client()
        client.set_cookie("gitcms", session)
        return Visitor(client)

    return signed_in


@pytest.fixture
def ines(enter: Enter) -> Visitor:
    return enter("Inés Caldera", "ines@example.org", Role.AUTHOR)


@pytest.fixture
def tomas(enter: Enter) -> Visitor:
    return enter("Tomáš Novák", "tomas@example.org", Role.AUTHOR)


@pytest.fixture
def rita(enter: Enter) -> Visitor:
    """A reviewer, who sees technical details and may rebuild."""
    return enter("Rita Reyes", "rita@example.org", Role.REVIEWER)


def text_of(page: str) -> str:
    """Return the words that a page shows, without its markup."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r"</?(?:a|b|code|del|ins|mark|span|time)\b[^>]*>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def newest(site: Site) -> str:
    """Return author and numbers of the newest commit, as plain git tells them."""
    return git(site.repository.folder, "show", "--numstat", "--format=%an", "HEAD").strip()


def commits(site: Site) -> int:
    return int(git(site.repository.folder, "rev-list", "--count", "HEAD"))
