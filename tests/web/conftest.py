"""A small real site behind an application, a clock to turn, and browsers of people we made up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.making import JEKYLL, make_repository, open_made, settings

PASSWORD = "forty-one jars of rain"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Browser:
    """A browser without scripts: it keeps cookies, says where its forms come from, and sends tokens."""

    client: FlaskClient
    origin: str = "http://localhost"
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(path, headers=self.headers, buffered=True, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token of the page that was seen last."""
        headers = self.headers | {"Origin": self.origin} | options.pop("headers", {})
        fields = {"csrf_token": self.token} | (data or {})
        answer = self.client.post(path, data=fields, headers=headers, buffered=True, **options)
        # The test client keeps a large form in a file, and leaves it open.
        answer.request.environ["wsgi.input"].close()
        return self._seen(answer)

    def sign_in(self, account: Account, **more: str) -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"email": account.email, "password": PASSWORD} | more)
        self.get("/account")
        return answer

    def cookie(self, name: str = "gitcms") -> str | None:
        found = self.client.get_cookie(name)
        return found.value if found else None

    def _seen(self, response: TestResponse) -> TestResponse:
        found = re.search(
            r'name="csrf_token" value="([^"]*)"', response.text if response.mimetype == "text/html" else ""
        )
        if found:
            self.token = unescape(found[1])
        return response


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that tests only look at."""
    return make_repository(tmp_path_factory.mktemp("site") / "agora", JEKYLL)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(made_site: Path, tmp_path: Path) -> Config:
    return settings(made_site, tmp_path / "state")


@pytest.fixture
def site(config: Config, clock: Clock) -> Iterator[Site]:
    site = open_made(Path(config.site.path), Path(config.state.folder), config)
    site.now = clock
    yield site
    site.close()


@pytest.fixture
def app(config: Config, site: Site) -> Flask:
    return create_app(config, site)


@pytest.fixture
def browse(app: Flask) -> Callable[[], Browser]:
    """Open another browser."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def browser(browse: Callable[[], Browser]) -> Browser:
    return browse()


@pytest.fixture
def person(site: Site) -> Callable[..., Account]:
    """Add somebody of a role, with the password of all tests."""
    kept: dict[Role, Account] = {}

    def of(role: Role) -> Account:
        if role not in kept:
            name = {
                "contributor": "Dora Paz",
                "author": "Bruno Vidal",
                "reviewer": "Carla Soto",
                "admin": "Ada Rivas",
            }[role]
            email = f"{name.split()[0].lower()}@example.org"
            kept[role] = users.add(
                site.database, name=name, email=email, role=role, password=PASSWORD, now=site.now()
            )
        return kept[role]

    return of


@pytest.fixture
def author(person: Callable[..., Account]) -> Account:
    return person(Role.AUTHOR)


@pytest.fixture
def admin(person: Callable[..., Account]) -> Account:
    return person(Role.ADMIN)
