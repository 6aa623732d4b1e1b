"""Every route × every role, from the URL map itself: a route without a row here fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.web import security

from .conftest import Browser

EVERYONE = "everyone"
PROGRAMS = "programs"
"""Other servers, which sign what they send, and feed readers with a token: whoever shows neither is refused,
signed in or not."""
ALL = "contributor author reviewer admin"
EXPECTED = {
    "static": {"GET": EVERYONE},
    "healthz": {"GET": EVERYONE},
    "metrics": {"GET": EVERYONE},
    "logo": {"GET": EVERYONE},
    "sign_in": {"GET": EVERYONE, "POST": EVERYONE},
    "sign_in_link": {"GET": EVERYONE, "POST": EVERYONE},
    "forgotten_password": {"GET": EVERYONE, "POST": EVERYONE},
    "new_password": {"GET": EVERYONE, "POST": EVERYONE},
    "sign_in_code": {"POST": EVERYONE},
    "sign_in_elsewhere": {"POST": EVERYONE},
    "provider_answer": {"GET": EVERYONE},
    "passkey_question": {"POST": EVERYONE},
    "sign_in_by_passkey": {"POST": EVERYONE},
    "welcome": {"GET": EVERYONE, "POST": EVERYONE},
    "sign_out": {"POST": ALL},
    "home": {"GET": ALL},
    "search": {"GET": ALL},
    "entries": {"GET": ALL},
    "views": {"GET": ALL},
    "keep_view": {"POST": ALL},
    "change_view": {"POST": ALL},
    "remove_view": {"POST": ALL},
    "open_with_view": {"POST": ALL},
    "new_entry": {"GET": ALL},
    "create_entry": {"POST": ALL},
    "entry": {"GET": ALL},
    "save_entry": {"POST": ALL},
    "bulk": {"GET": ALL},
    "change_many": {"POST": ALL},
    "move": {"GET": ALL},
    "move_entry": {"POST": ALL},
    "relations": {"GET": ALL},
    "deletion": {"GET": ALL},
    "delete_entry": {"POST": ALL},
    "unsaved_text": {"GET": ALL},
    "keep_text": {"POST": ALL},
    "presence": {"POST": ALL},
    "throw_text_away": {"POST": ALL},
    "preview": {"POST": ALL},
    "files": {"GET": ALL},
    "history": {"GET": ALL},
    "entry_history": {"GET": ALL},
    "site_feed": {"GET": PROGRAMS},
    "collection_feed": {"GET": PROGRAMS},
    "entry_feed": {"GET": PROGRAMS},
    "renew_feeds": {"POST": ALL},
    "change": {"GET": ALL},
    "field_history": {"GET": ALL},
    "comparison": {"GET": ALL},
    "restoration": {"GET": ALL, "POST": ALL},
    "undoing": {"GET": ALL, "POST": ALL},
    "trash": {"GET": ALL},
    "picture_version": {"GET": ALL},
    "rebuilds": {"GET": ALL},
    "rebuild": {"POST": "reviewer admin"},
    "status": {"GET": ALL},
    "sending": {"GET": ALL},
    "call_shared_server": {"POST": "reviewer admin"},
    "decide_history": {"POST": "admin"},
    "clash": {"GET": ALL, "POST": ALL},
    "build_report": {"POST": PROGRAMS},
    "hook": {"POST": PROGRAMS},
    "webhooks": {"GET": "admin"},
    "new_webhook": {"GET": "admin"},
    "add_webhook": {"POST": "admin"},
    "webhook": {"GET": "admin"},
    "change_webhook": {"POST": "admin"},
    "pause_webhook": {"POST": "admin"},
    "resume_webhook": {"POST": "admin"},
    "test_webhook": {"POST": "admin"},
    "rebuild_by_webhook": {"POST": "admin"},
    "new_key": {"POST": "admin"},
    "replay": {"POST": "admin"},
    "remove_webhook": {"POST": "admin"},
    "deliveries": {"GET": "admin"},
    "exported_deliveries": {"GET": "admin"},
    "delivery": {"GET": "admin"},
    "send_again": {"POST": "admin"},
    "stop_trying": {"POST": "admin"},
    "add_caller": {"POST": "admin"},
    "remove_caller": {"POST": "admin"},
    "model": {"GET": "admin"},
    "change_site": {"POST": "admin"},
    "add_collection": {"POST": "admin"},
    "import_configuration": {"POST": "admin"},
    "model_collection": {"GET": "admin"},
    "change_collection": {"POST": "admin"},
    "outliers": {"GET": "admin"},
    "add_field": {"POST": "admin"},
    "model_field": {"GET": "admin"},
    "change_field": {"POST": "admin"},
    "people": {"GET": "admin"},
    "settings": {"GET": "admin"},
    "new_person": {"POST": "admin"},
    "change_role": {"POST": "admin"},
    "change_places": {"POST": "admin"},
    "new_link": {"POST": "admin"},
    "people_log": {"GET": "admin"},
    "sign_out_person": {"POST": "admin"},
    "reset_second_factor": {"POST": "admin"},
    "remove_passkeys": {"POST": "admin"},
    "close_account": {"POST": "admin"},
    "reopen_account": {"POST": "admin"},
    "account": {"GET": ALL},
    "change_profile": {"POST": ALL},
    "change_password": {"POST": ALL},
    "change_theme": {"POST": ALL},
    "change_language": {"POST": ALL},
    "change_build_mail": {"POST": ALL},
    "change_time_zone": {"POST": ALL},
    "second_factor": {"GET": ALL},
    "begin_second_factor": {"POST": ALL},
    "confirm_second_factor": {"POST": ALL},
    "new_recovery_codes": {"POST": ALL},
    "end_second_factor": {"POST": ALL},
    "ways_in": {"GET": ALL},
    "add_way_in": {"POST": ALL},
    "remove_way_in": {"POST": ALL},
    "new_passkey_question": {"POST": ALL},
    "add_passkey": {"POST": ALL},
    "remove_passkey": {"POST": ALL},
    "sign_out_there": {"POST": ALL},
    "sign_out_elsewhere": {"POST": ALL},
    "help": {"GET": ALL},
    "help_page": {"GET": ALL},
    "help_picture": {"GET": ALL},
}
CELLS = [(endpoint, method) for endpoint, methods in EXPECTED.items() for method in methods]
# Arguments that fit every route and name nothing that exists.
NOTHING = {
    "name": "nothing",
    "path": "nothing.md",
    "commit": "0" * 40,
    "blob": "0" * 40,
    "token": "nothing",
    "provider": "nothing",
    "person": 999,
    "build": 999,
    "caller": 999,
    "webhook": 999,
    "view": 999,
    "delivery": 999,
    "page": "nothing",
    "filename": "style.css",
}


def methods_of(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def address(app: Flask, endpoint: str) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    with app.test_request_context():
        return url_for(endpoint, **{name: NOTHING[name] for name in rule.arguments})


def test_every_route_has_its_row(app: Flask) -> None:
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(rule.endpoint, set()).update(methods_of(rule))
    assert found == {endpoint: set(methods) for endpoint, methods in EXPECTED.items()}


def test_every_route_is_marked(app: Flask) -> None:
    unmarked = [name for name, view in app.view_functions.items() if security.access_to(view) is None]
    assert unmarked == []


def test_a_route_without_a_mark_is_open_to_nobody(
    app: Flask, browse: Callable[[], Browser], admin: Account
) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert browse().get("/forgotten").status_code == 403
    signed_in = browse()
    signed_in.sign_in(admin)
    answer = signed_in.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_strangers_reach_what_is_open_and_nothing_else(app: Flask, browser: Browser, admin: Account) -> None:
    wrong = []
    for endpoint, method in CELLS:
        browser.get("/sign-in")
        answer = ask(app, browser, endpoint, method)
        if EXPECTED[endpoint][method] == EVERYONE:
            right = answer.status_code in (200, 401, 404, 410)
        elif EXPECTED[endpoint][method] == PROGRAMS:
            right = answer.status_code == 401 and "Location" not in answer.headers
        elif method == "GET":
            right = answer.status_code == 302 and answer.location.startswith("/sign-in")
        else:
            right = answer.status_code == 401
        wrong += [] if right else [(endpoint, method, answer.status_code)]
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_what_its_row_says(
    app: Flask, browse: Callable[[], Browser], person: Callable[[Role], Account], role: Role
) -> None:
    person(Role.ADMIN)
    wrong = []
    browser = browse()
    browser.sign_in(person(role))
    for endpoint, method in sorted(CELLS, key=lambda cell: cell[0] == "sign_out"):
        answer = ask(app, browser, endpoint, method)
        browser.get("/account")
        allowed = EXPECTED[endpoint][method]
        if allowed == PROGRAMS:
            wrong += [] if answer.status_code == 401 else [(endpoint, method, answer.status_code)]
            continue
        expected = allowed == EVERYONE or role in allowed.split()
        if answer.status_code in (401, 405, 500) or (answer.status_code == 403) is expected:
            wrong.append((endpoint, method, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_a_route_takes_no_other_method(app: Flask, browser: Browser, method: str) -> None:
    wrong = []
    for endpoint, known in EXPECTED.items():
        place = rule_of(app, endpoint)
        known = {name for rule in app.url_map.iter_rules() if rule.rule == place for name in methods_of(rule)}
        if method not in known:
            answer = browser.client.open(address(app, endpoint), method=method, buffered=True)
            if answer.status_code != 405 or not set(answer.headers["Allow"].split(", ")) >= known:
                wrong.append((endpoint, answer.status_code))
    assert wrong == []


def ask(app: Flask, browser: Browser, endpoint: str, method: str) -> TestResponse:
    place = address(app, endpoint)
    return browser.get(place) if method == "GET" else browser.post(place)


def rule_of(app: Flask, endpoint: str) -> str:
    return next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/config.toml", "/a%00b", "/%ff%fe", "/%zz", "/logout"],
)
def test_what_is_not_there_is_said_to_be_not_there(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "No page has this address." in answer.text


def test_the_debugger_is_not_there(browser: Browser) -> None:
    answer = browser.get("/?__debugger__=yes&cmd=resource&f=debugger.js")
    assert answer.status_code == 302
