"""The guard: whose requests are listened to, and what every answer tells the browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from gitcms import resources
from gitcms.accounts import users
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from gitcms.web import security
from gitcms.web.app import create_app

from .conftest import PASSWORD, Browser

# ── who we are ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8800",
        "127.0.0.1:1",
        "[::1]:8800",
        "LOCALHOST",
        "cms.example.org",
        "own.example.org:8443",
    ],
)
def test_names_of_ours_are_answered(config: Config, host: str) -> None:
    server = config.with_values("server", allowed_hosts=["cms.example.org", "own.example.org:8443"]).server
    assert security.is_our_host(host, security.allowed_hosts(server))


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:8800",
        "own.example.org",
        "own.example.org:1",
        "a@localhost",
        "localhost:x",
        "localhost/",
        "localhost,evil.example",
        "localhost:8800:1",
        "[::1",
        "127.0.0.1.evil.example",
        "localhost\n",
    ],
)
def test_other_names_are_not(config: Config, host: str) -> None:
    server = config.with_values("server", allowed_hosts=["own.example.org:8443"]).server
    assert not security.is_our_host(host, security.allowed_hosts(server))


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/static/style.css", "/nothing"])
def test_a_strange_name_is_refused_on_every_address(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_a_forwarded_name_counts_only_behind_a_proxy_of_ours(app: Flask, config: Config, site: Site) -> None:
    headers = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.9",
    }
    assert app.test_client().get("/healthz", headers=headers).status_code == 200
    behind = create_app(config.with_values("server", trusted_proxies=1), site)
    assert behind.test_client().get("/healthz", headers=headers).status_code == 400


@pytest.mark.parametrize("values", [{}, {"plain_http": True}, {"https": True}])
def test_readable_passwords_over_a_network_need_an_explicit_yes(
    config: Config, site: Site, values: dict[str, object]
) -> None:
    app = create_app(config.with_values("server", allowed_hosts=["cms.example.org"], **values), site)
    answer = app.test_client().get("/sign-in", headers={"Host": "cms.example.org"})
    assert answer.status_code == (200 if values else 400)


# ── where a form comes from ──────────────────────────────────────────────────────────────────


@pytest.fixture
def signed_in(browser: Browser, author: Account) -> Browser:
    browser.sign_in(author)
    return browser


def theme(site: Site, account: Account) -> str:
    return users.find(site.database, account.id).theme


def test_a_form_of_ours_is_taken(signed_in: Browser, site: Site, author: Account) -> None:
    assert signed_in.post("/account/theme", {"theme": "dark"}).status_code == 303
    assert theme(site, author) == "dark"


def test_the_token_may_stand_in_a_header(signed_in: Browser, site: Site, author: Account) -> None:
    answer = signed_in.client.post(
        "/account/theme", data={"theme": "dark"}, headers={"X-CSRF-Token": signed_in.token}
    )
    assert answer.status_code == 303
    assert theme(site, author) == "dark"


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 64])
def test_a_form_without_its_token_changes_nothing(
    signed_in: Browser, site: Site, author: Account, token: str
) -> None:
    answer = signed_in.post("/account/theme", {"theme": "dark", "csrf_token": token})
    assert answer.status_code == 403
    assert theme(site, author) == ""


def test_the_token_of_another_session_is_none(
    signed_in: Browser, browse: Callable[[], Browser], site: Site, author: Account, admin: Account
) -> None:
    other = browse()
    other.sign_in(admin)
    assert signed_in.post("/account/theme", {"theme": "dark", "csrf_token": other.token}).status_code == 403
    assert theme(site, author) == ""


def test_a_token_in_the_address_is_none(signed_in: Browser, site: Site, author: Account) -> None:
    answer = signed_in.client.post(f"/account/theme?csrf_token={signed_in.token}", data={"theme": "dark"})
    assert answer.status_code == 403
    assert theme(site, author) == ""


def test_a_text_that_looks_like_a_form_is_none(signed_in: Browser, site: Site, author: Account) -> None:
    answer = signed_in.client.post(
        "/account/theme",
        data=f'{{"csrf_token": "{signed_in.token}", "theme": "dark"}}',
        content_type="text/plain",
    )
    assert answer.status_code == 403
    assert theme(site, author) == ""


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://localhost:9999",
        "https://localhost",
        "http://evil.example",
        "http://localhost.evil.example",
        "",
    ],
)
def test_a_form_from_elsewhere_changes_nothing_even_with_the_token(
    signed_in: Browser, site: Site, author: Account, origin: str
) -> None:
    answer = signed_in.post("/account/theme", {"theme": "dark"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert theme(site, author) == ""


@pytest.mark.parametrize(
    ("where", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)]
)
def test_a_browser_that_says_where_a_form_comes_from_is_believed(
    signed_in: Browser, where: str, status: int
) -> None:
    answer = signed_in.post("/account/theme", {"theme": "dark"}, headers={"Sec-Fetch-Site": where})
    assert answer.status_code == status


def test_a_method_cannot_be_disguised(signed_in: Browser, site: Site, author: Account) -> None:
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}):
        assert signed_in.client.get("/account/theme?_method=POST", headers=headers).status_code == 405
    assert theme(site, author) == ""


def test_no_other_site_is_told_that_it_may_ask(signed_in: Browser) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = signed_in.client.open("/account", method=method, headers=headers)
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


# ── what every answer says ───────────────────────────────────────────────────────────────────


def test_every_answer_is_sealed(app: Flask, browse: Callable[[], Browser], author: Account) -> None:
    browser = browse()
    paths = [
        "/sign-in",
        "/account",
        "/people",
        "/nothing",
        "/healthz",
        "/static/style.css",
        "/",
        "/sign-in/x",
    ]
    for signed in (False, True):
        if signed:
            browser.sign_in(author)
        for path in paths:
            headers = browser.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            for rule in (
                "script-src 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ):
                assert rule in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["X-Frame-Options"] == "DENY"
            assert "charset" in headers["Content-Type"] or headers["Content-Type"] == "application/json"
            if path not in ("/healthz", "/static/style.css"):
                assert headers["Cache-Control"] == "no-store"
                assert headers["Vary"] == "Cookie"


def test_https_is_asked_to_stay_https(config: Config, site: Site) -> None:
    secure = create_app(config.with_values("server", https=True), site).test_client()
    assert secure.get("/sign-in").headers["Strict-Transport-Security"].startswith("max-age=")


def test_plain_http_makes_no_promise(browser: Browser) -> None:
    assert "Strict-Transport-Security" not in browser.get("/sign-in").headers


def test_what_authors_files_hold_is_shut_into_a_sandbox(app: Flask) -> None:
    with app.test_request_context("/files/x"):
        answer = security.seal(security.sandboxed(app.response_class(b"<script>")))
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


# ── how much is too much ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def small(config: Config, site: Site) -> Browser:
    limits = config.with_values("limits", form_bytes=50_000, upload_bytes=100_000)
    return Browser(create_app(limits, site).test_client())


def test_a_text_as_large_as_configured_is_read(signed_in: Browser) -> None:
    fields = {"body": "x " * 2_500_000}
    assert signed_in.post("/preview", fields, content_type="multipart/form-data").status_code == 200


def test_a_text_that_is_too_large_is_a_sentence(small: Browser, author: Account) -> None:
    small.sign_in(author)
    answer = small.post("/preview", {"body": "x" * 60_000}, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "That is too large" in answer.text
    assert "browser still has your text" in answer.text


def test_a_body_that_is_too_large_is_not_read(small: Browser, author: Account) -> None:
    small.sign_in(author)
    fields = {"body": "x" * 1_200_000}
    assert small.post("/preview", fields, content_type="multipart/form-data").status_code == 413


def test_a_form_has_so_many_fields_and_no_more(signed_in: Browser) -> None:
    fields = {f"f.{number}": "" for number in range(25_000)}
    assert signed_in.post("/preview", fields, content_type="multipart/form-data").status_code == 413


def test_a_form_whose_fields_are_not_counted_is_short(browser: Browser) -> None:
    browser.get("/sign-in")
    assert browser.post("/sign-in", {f"f{number}": "" for number in range(200_000)}).status_code == 413


def test_every_form_with_a_long_text_is_sent_in_parts() -> None:
    for page in ("entries/edit.html", "entries/conflict.html", "sign_in/sign_in.html"):
        text = (resources.templates_folder() / page).read_text(encoding="utf-8")
        form = re.search(r'<form[^>]*method="post"[^>]*', text)
        assert form is not None
        assert 'enctype="multipart/form-data"' in form[0]


def test_a_password_as_long_as_a_book_is_not_hashed(browser: Browser, author: Account) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD * 50_000})
    assert answer.status_code in (413, 422)
