"""The whole application: errors and their pages, the log, the templates."""

from __future__ import annotations

import importlib
import json
import logging
import pkgutil
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from flask import Flask, request
from jinja2 import UndefinedError

import gitcms
from gitcms import errors
from gitcms.accounts import links, refusals
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.errors import GitCMSError
from gitcms.logs import JsonLines, KeyValues
from gitcms.site import Site
from gitcms.web.app import create_app
from gitcms.web.errors_page import STATUS
from gitcms.web.security import CsrfFailed, open_to_everyone

from .conftest import PASSWORD, Browser

SECRET = "/srv/agora/.git/objects and a secret"
EXAMPLES: list[tuple[GitCMSError, int]] = [
    (errors.ConfigError("A setting is wrong."), 500),
    (errors.FrontMatterUnreadable("Line 3 cannot be read.", line=3), 422),
    (errors.DocumentTooLarge("This file is too large."), 422),
    (errors.EditRefused("This value cannot be changed here."), 422),
    (errors.PathRefused("This name cannot be used."), 422),
    (errors.PathRefused("This name leads elsewhere.", code="path.symlink"), 409),
    (errors.PathRefused("There is one like it.", code="path.collision"), 409),
    (errors.InvalidEntry("Two fields need a look.", {"title": "Write a title."}), 422),
    (errors.NotFound("There is no such entry."), 404),
    (errors.PermissionDenied("Your account may not do this."), 403),
    (errors.EditConflict("a.md", base=None, current=None), 409),
    (errors.UploadRefused("This is no picture."), 415),
    (errors.AccountError("Nobody is left."), 422),
    (refusals.SignInFailed(), 401),
    (refusals.TooManyAttempts(60), 429),
    (refusals.LinkUnusable(), 410),
    (refusals.InvalidAccount({"name": "Write your name."}), 422),
    (errors.BuildError("The build stopped."), 503),
    (errors.RepositoryBusy("Somebody else is saving."), 503),
    (errors.StorageFailed("The disk is full."), 507),
    (errors.ChangedOnDisk("This file was changed outside."), 409),
    (errors.PathTaken("There is one of that name."), 409),
    (CsrfFailed(), 403),
]


def raising(app: Flask, error: Exception) -> Browser:
    """Return a browser for which /fails meets an error."""

    @open_to_everyone
    def fails() -> str:
        raise error

    app.add_url_rule("/fails", "fails", fails)
    return Browser(app.test_client())


@pytest.mark.parametrize(("error", "status"), EXAMPLES, ids=lambda each: type(each).__name__)
def test_each_error_has_its_status_its_sentence_and_its_hint(
    app: Flask, error: GitCMSError, status: int
) -> None:
    error.details = SECRET
    answer = raising(app, error).get("/fails")
    assert answer.status_code == status
    assert str(error) in unescape(answer.text)
    assert error.hint in unescape(answer.text)
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("role", Role)
def test_what_is_wrong_with_the_sites_folder_is_told_in_each_ones_words(
    app: Flask, person: Callable[[Role], Account], role: Role
) -> None:
    browser = raising(app, errors.RepositoryUnusable("A merge is half done."))
    browser.sign_in(person(role))
    answer = browser.get("/fails")
    assert answer.status_code == 503
    assert ("A merge is half done." in answer.text) is (role in (Role.REVIEWER, Role.ADMIN))
    assert (errors.RepositoryUnusable.PLAIN in unescape(answer.text)) is (
        role in (Role.CONTRIBUTOR, Role.AUTHOR)
    )


def test_no_error_that_we_expect_is_called_a_fault() -> None:
    def below(kind: type[GitCMSError]) -> Iterator[type[GitCMSError]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    for module in pkgutil.walk_packages(gitcms.__path__, "gitcms."):
        if not module.name.endswith("__main__") and "migrations" not in module.name:
            importlib.import_module(module.name)
    terminal = ("gitcms.bootstrap", "gitcms.cli")  # these never come as far as a page
    ours = [each for each in below(GitCMSError) if each.__module__.startswith("gitcms.")]
    ours = [each for each in ours if not each.__module__.startswith(terminal)]
    unlisted = [kind for kind in ours if next(each for each in kind.__mro__ if each in STATUS) is GitCMSError]
    assert unlisted == []


@pytest.mark.parametrize(
    ("error", "wait"), [(errors.RepositoryBusy("Busy."), "5"), (refusals.TooManyAttempts(42), "42")]
)
def test_who_has_to_wait_is_told_how_long(app: Flask, error: GitCMSError, wait: str) -> None:
    assert raising(app, error).get("/fails").headers["Retry-After"] == wait


def test_a_program_gets_errors_as_json(app: Flask) -> None:
    browser = raising(app, errors.NotFound("There is no such entry.", details=SECRET))
    browser.headers = {"Accept": "application/json"}
    answer = browser.get("/fails")
    assert answer.status_code == 404
    told = answer.get_json()["error"]
    assert (told["code"], told["message"]) == ("not_found", "There is no such entry.")
    assert SECRET not in answer.text
    assert browser.get("/nothing").get_json()["error"]["code"] == "http.404"


def test_a_fault_shows_a_code_that_is_in_the_log_and_nothing_else(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gitcms"):
        answer = raising(app, ZeroDivisionError(SECRET)).get("/fails")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "ZeroDivisionError" not in answer.text
    (record,) = [record for record in caplog.records if record.message == "fault"]
    code = record.facts["code"]  # type: ignore[attr-defined]
    assert code in answer.text
    assert "What visitors see is not affected." in answer.text and 'class="b go" href="/fails"' in answer.text
    assert record.exc_info and record.exc_info[1].args == (SECRET,)  # type: ignore[union-attr]
    assert answer.headers["Content-Security-Policy"]


def test_the_last_page_comes_even_when_no_template_can_be_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> str:
        raise OSError(SECRET)

    monkeypatch.setattr("gitcms.web.errors_page.render_template", gone)
    answer = raising(app, errors.StorageFailed("The disk is full.")).get("/fails")
    assert answer.status_code == 507
    assert "The disk is full." in answer.text
    assert SECRET not in answer.text


def test_a_site_that_cannot_be_read_still_has_an_error_page(
    app: Flask, browser: Browser, author: Account, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise errors.RepositoryUnusable("The site's files cannot be read right now.")

    browser.sign_in(author)
    monkeypatch.setattr(site.repository, "head", broken)
    answer = browser.get("/")
    assert answer.status_code == 503
    assert errors.RepositoryUnusable.PLAIN in unescape(answer.text)
    assert Browser(app.test_client()).get("/healthz").status_code == 503


def test_the_server_is_well(browser: Browser) -> None:
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_a_template_that_misspells_a_word_fails_loudly(app: Flask) -> None:
    with app.app_context(), pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ mispelled }}").render()


@pytest.mark.parametrize("name", ["x.html", "x.htm"])
def test_templates_escape_what_they_are_given(app: Flask, name: str) -> None:
    assert app.jinja_env.autoescape(name) is True  # type: ignore[operator]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{ 7*7 }}", "{% raise %}", '"><img src=x onerror=alert(1)>']
)
def test_what_people_are_called_is_text_and_nothing_else(
    browser: Browser, admin: Account, site: Site, text: str
) -> None:
    browser.sign_in(admin)
    page = browser.post("/people", {"name": text, "email": text, "role": text}).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49" not in page.split("Add somebody")[1]


# ── the log ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what the log says, as it would be written."""
    caplog.set_level(logging.INFO, "gitcms")
    return lambda: [KeyValues().format(record) for record in caplog.records if record.name == "gitcms"]


def test_who_did_what_and_from_where_is_in_the_log(
    browser: Browser, author: Account, admin: Account, lines: Callable[[], list[str]]
) -> None:
    browser.get("/sign-in")
    browser.post("/sign-in", {"email": author.email, "password": "wrong"})
    browser.sign_in(author)
    browser.get("/people")
    browser.post("/account/theme", {"csrf_token": "x"})
    browser.post("/sign-out")
    written = "\n".join(lines())
    for line in (
        f"sign_in_failed about={author.id} where=127.0.0.1 reason=sign_in.failed",
        f"signed_in who={author.id} where=127.0.0.1 how=password",
        f'denied who={author.id} where=127.0.0.1 reason="needs manage_people" method=GET page=people',
        f"denied who={author.id} where=127.0.0.1 reason=csrf",
        f"signed_out who={author.id} where=127.0.0.1",
        "request method=GET path=/people status=403",
    ):
        assert line in written


def test_no_secret_is_in_the_log(
    browser: Browser, author: Account, site: Site, lines: Callable[[], list[str]]
) -> None:
    link = links.create(site.database, "sign-in", user_id=author.id, now=site.now(), minutes=60)
    first = links.create(site.database, "first-admin", now=site.now(), minutes=60)
    browser.get(link)
    browser.post(link)
    browser.get(first)
    browser.get("/history?token=in-the-query")
    browser.post("/account/password", {"password": PASSWORD + " anew"})
    browser.post("/sign-out")
    browser.sign_in(author)
    written = "\n".join(lines())
    for secret in (link.rpartition("/")[2], first.rpartition("/")[2], PASSWORD, "in-the-query"):
        assert secret not in written
    assert (browser.cookie() or "-") not in written
    assert browser.token not in written
    assert "/sign-in/<token>" in written


def test_nobody_writes_a_second_line_into_the_log(browser: Browser, lines: Callable[[], list[str]]) -> None:
    browser.get("/nothing%0d%0a2026-01-01T00:00:00Z%20info%20signed_in%20who=1")
    (line,) = [line for line in lines() if "nothing" in line]
    assert "\n" not in line
    assert "\r" not in line
    assert "\\r\\n" in line


def test_programs_read_the_log_as_json(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gitcms")
    browser.get("/sign-in")
    told = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "gitcms"]
    (line,) = [each for each in told if each["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/sign-in", 200)


# ── behind a proxy ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("proxies", "expected"), [(0, "127.0.0.1"), (1, "192.0.2.3"), (2, "192.0.2.2")])
def test_only_as_many_proxies_are_believed_as_there_are(
    config: Config, site: Site, proxies: int, expected: str
) -> None:
    app = create_app(config.with_values("server", trusted_proxies=proxies), site)

    @open_to_everyone
    def place() -> str:
        return f"{request.remote_addr}"

    app.add_url_rule("/where", "where", place)
    headers = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2, 192.0.2.3"}
    assert app.test_client().get("/where", headers=headers).text == expected


def test_behind_https_the_form_of_an_https_page_is_ours(config: Config, site: Site, author: Account) -> None:
    app = create_app(config.with_values("server", trusted_proxies=1, allowed_hosts=["cms.example.org"]), site)
    browser = Browser(app.test_client(), origin="https://cms.example.org")
    browser.headers = {
        "X-Forwarded-Host": "cms.example.org",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.1",
    }
    options = {"base_url": "http://127.0.0.1:8800"}
    browser.get("/sign-in", **options)
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD}, **options)
    assert answer.status_code == 303
    assert answer.headers["Set-Cookie"].startswith("__Host-gitcms=")
