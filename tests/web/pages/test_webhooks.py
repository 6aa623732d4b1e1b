"""Webhooks in the browser of an administrator, without scripts: services, their log, who may call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import standardwebhooks

from gitcms import events, network
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.webhooks import callers, endpoints, queue
from gitcms.webhooks.courier import Courier
from gitcms.webhooks.kinds import KINDS
from gitcms.webhooks.presets import PRESETS
from gitcms.webhooks.senders import SENDERS
from tests.web.pages.conftest import Enter, Visitor, text_of
from tests.webhooks.conftest import Receiver, receiving, status
from tests.webhooks.test_deliveries import retitle

SECRET = "an-address-that-is-a-password"


@dataclass
class Desk:
    """An administrator, a service that answers, and what carries messages to it."""

    site: Site
    ada: Visitor
    receiver: Receiver
    courier: Courier

    @property
    def url(self) -> str:
        return f"{self.receiver.url}/{SECRET}"

    def press(self, path: str, to: str, status: int = 303, **values: str) -> str:
        """Fill in the form of a page that is sent to an address, and return the page that follows."""
        fields = self.ada.form(path, f'action="{to}"', **values)
        answer = self.ada.post(to, fields, status)
        return self.ada.follow(answer) if status == 303 else answer.text

    def add(self, preset: str = "standard", **values: str) -> str:
        given = {"name": "Index", "url": self.url, **values}
        fields = self.ada.form(f"/webhooks/new?preset={preset}", 'action="/webhooks/new"', **given)
        signed = PRESETS[preset].signed
        answer = self.ada.post("/webhooks/new", {**fields, "events": list(KINDS)}, 200 if signed else 303)
        return answer.text if signed else self.ada.follow(answer)

    def send(self) -> None:
        while self.courier.work_once():
            pass


@pytest.fixture
def desk(site: Site, enter: Enter) -> Iterator[Desk]:
    with receiving() as receiver:
        site.config = site.config.with_values("network", allowed=["127.0.0.1"])
        events.catch_up(site)
        client = network.Client(network.rules(["127.0.0.1"]), connect_seconds=1, total_seconds=1)
        yield Desk(site, enter("Ada", "ada@example.org", Role.ADMIN), receiver, Courier(site, 2, client))


def test_a_service_is_added_tested_and_seen_in_the_log(desk: Desk) -> None:
    assert "Netlify" in desk.ada.get("/webhooks/new")
    page = desk.add()
    key = re.search(r'value="(whsec_[^"]+)"', page)
    assert key is not None
    desk.press("/webhooks/1", "/webhooks/1/tests")
    assert "On its way" in text_of(desk.ada.get("/webhooks/1"))
    desk.send()
    (got,) = desk.receiver.got
    assert standardwebhooks.Webhook(key[1]).verify(got.body, got.headers)["type"] == "ping"
    assert "Arrived" in text_of(desk.ada.get("/webhooks/deliveries"))
    page = text_of(desk.ada.get("/webhooks/deliveries/1"))
    assert "Arrived: the answer was 200." in page and "webhook-signature: v1," in page


def test_a_secret_is_shown_by_no_page_again(desk: Desk) -> None:
    key = re.search(r'value="(whsec_[^"]+)"', desk.add())
    assert key is not None
    desk.receiver.answer = lambda handler: status(handler, 500, f"no /{SECRET} here, {key[1]}".encode())
    desk.press("/webhooks/1", "/webhooks/1/tests")
    desk.send()
    for path in (
        "/webhooks",
        "/webhooks/1",
        "/webhooks/deliveries",
        "/webhooks/deliveries/1",
        "/webhooks/deliveries.jsonl",
    ):
        page = desk.ada.get(path)
        assert SECRET not in page and key[1] not in page and key[1].removeprefix("whsec_") not in page, path


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_has_a_form_of_its_own_and_its_help(desk: Desk, preset: str) -> None:
    page = desk.ada.get(f"/webhooks/new?preset={preset}")
    assert all(f'name="{each.name}"' in page for each in PRESETS[preset].fields)
    assert f">{preset}</h2>" in re.sub(r"<h2 [^>]*>", "<h2>", desk.ada.get("/help/webhook-presets")).replace(
        "<h2>", ">"
    )


def test_what_cannot_be_called_is_said_beside_its_field_and_what_was_typed_stays(desk: Desk) -> None:
    page = desk.press("/webhooks/new?preset=vercel", "/webhooks/new", 422, name="", url="http://10.0.0.1/x")
    words = text_of(page)
    assert "leads into this server" in words or "Give it a name" in words
    page = desk.press(
        "/webhooks/new?preset=vercel", "/webhooks/new", 422, name="Mine", url="http://10.0.0.1/x"
    )
    assert "leads into" in text_of(page) and 'value="http://10.0.0.1/x"' in page and 'value="Mine"' in page


def test_changing_a_service_keeps_its_secret(desk: Desk) -> None:
    desk.add()
    page = desk.press("/webhooks/1", "/webhooks/1", name="Renamed", quiet="5", most="30")
    assert "Renamed" in page
    found = endpoints.get(desk.site, 1)
    assert (found.quiet_seconds, found.most_seconds) == (5, 30)
    assert endpoints.opened(desk.site, found).fields == {"url": desk.url}
    page = desk.press("/webhooks/1", "/webhooks/1", 422, quiet="90", most="30")
    assert "Wait between" in text_of(page)


def test_a_paused_service_has_its_banner_and_what_happens_waits(desk: Desk, ines: Visitor) -> None:
    desk.add()
    desk.press("/webhooks/1", "/webhooks/1/pause")
    assert "Index is paused" in text_of(desk.ada.get("/webhooks"))
    assert "Index is paused" in text_of(desk.ada.get("/"))
    assert "Index is paused" not in text_of(ines.get("/"))
    desk.press("/webhooks/1", "/webhooks/1/tests")
    desk.send()
    assert desk.receiver.got == []
    desk.press("/webhooks/1", "/webhooks/1/resumption")
    desk.send()
    assert len(desk.receiver.got) == 1 and "paused" not in text_of(desk.ada.get("/webhooks"))


def test_a_new_key_is_shown_once(desk: Desk) -> None:
    desk.add()
    fields = desk.ada.form("/webhooks/1", 'action="/webhooks/1/keys"')
    assert 'value="whsec_' in desk.ada.post("/webhooks/1/keys", fields, 200).text
    assert "whsec_" not in desk.ada.get("/webhooks/1")


def test_a_service_is_removed(desk: Desk) -> None:
    desk.add()
    desk.press("/webhooks/1", "/webhooks/1/removal")
    assert endpoints.everyone(desk.site) == []
    desk.ada.get("/webhooks/1", 404)


def test_a_failed_delivery_says_why_and_is_sent_again_or_stopped(desk: Desk) -> None:
    desk.receiver.answer = lambda handler: status(handler, 502)
    desk.add()
    desk.press("/webhooks/1", "/webhooks/1/tests")
    desk.send()
    page = text_of(desk.ada.get("/webhooks/deliveries/1"))
    assert "Index answered 502 Bad Gateway." in page and "It is tried again by itself" in page
    assert "Trying again" in page and "1 of" not in page
    desk.press("/webhooks/deliveries/1", "/webhooks/deliveries/1/stop")
    assert "Stopped" in text_of(desk.ada.get("/webhooks/deliveries/1"))
    desk.receiver.answer = lambda handler: status(handler, 200)
    desk.press("/webhooks/deliveries/1", "/webhooks/deliveries/1/again")
    desk.send()
    assert "Arrived" in text_of(desk.ada.get("/webhooks/deliveries/1"))


def test_the_log_is_filtered_searched_written_out_and_replayed(desk: Desk) -> None:
    desk.add()
    desk.add("slack", name="Chat")
    for title in ("Rain", "River 100%"):
        retitle(desk.site, title)
        events.catch_up(desk.site)
    desk.send()
    assert text_of(desk.ada.get("/webhooks/deliveries")).count("changed Rain") == 2
    page = text_of(desk.ada.get("/webhooks/deliveries?webhook=2&q=rain"))
    assert "changed Rain" in page and "River" not in page.replace("Chat", "")
    assert "changed" not in text_of(desk.ada.get("/webhooks/deliveries?state=failed"))
    assert "River" in text_of(desk.ada.get("/webhooks/deliveries?q=100%25"))
    lines = desk.ada.get("/webhooks/deliveries.jsonl?webhook=1").splitlines()
    assert [json.loads(line)["tries"][0]["status"] for line in lines] == [200, 200]
    assert "Also to" in text_of(desk.ada.get("/webhooks/deliveries/1"))
    sent = len(desk.receiver.got)
    page = desk.press("/webhooks/1", "/webhooks/1/replays", since="2020-01-01T00:00")
    assert "2 are on the way once more" in text_of(page)
    desk.send()
    assert len(desk.receiver.got) == sent + 2
    assert "Choose a day" in text_of(desk.press("/webhooks/1", "/webhooks/1/replays", 422, since="soon"))


@pytest.mark.parametrize(
    "query",
    [
        "webhook=x",
        "webhook=-1",
        "webhook=99999999999",
        "page=0",
        "page=9999999999999",
        "state=x",
        "q=%00",
        "q=" + "x" * 5000,
    ],
)
def test_no_question_to_the_log_is_too_odd(desk: Desk, query: str) -> None:
    desk.add()
    desk.ada.get(f"/webhooks/deliveries?{query}")


def test_a_service_is_let_call_and_its_calls_are_listed(desk: Desk) -> None:
    page = desk.press("/webhooks", "/webhooks/callers", 200, name="Our GitHub", sender="bearer")
    secret = re.search(r'id="made-secret" readonly value="([^"]+)"', page)
    assert secret is not None and "/hooks/1" in page
    assert secret[1] not in desk.ada.get("/webhooks")
    assert callers.take(desk.site, 1, {"authorization": f"Bearer {secret[1]}"}, b"").status == 202
    assert "nothing to fetch" in text_of(desk.ada.get("/webhooks"))
    desk.press("/webhooks", "/webhooks/callers/1/removal")
    assert callers.everyone(desk.site) == []


def test_what_cannot_call_is_said_beside_its_field(desk: Desk) -> None:
    page = desk.press("/webhooks", "/webhooks/callers", 422, name="V", sender="vercel")
    assert "Vercel makes the secret" in text_of(page)
    page = desk.press(
        "/webhooks", "/webhooks/callers", 422, name="V", sender="standard", secret="whsec_not-base64-at-all"
    )
    assert "base64" in text_of(page)


def test_every_sender_is_in_the_help(desk: Desk) -> None:
    page = desk.ada.get("/help/webhooks")
    assert [name for name in SENDERS if f"<code>{name}</code>" not in page] == []


def test_asking_for_a_rebuild_asks_every_builder(desk: Desk) -> None:
    desk.add("vercel")
    desk.press("/rebuilds", "/rebuilds")
    assert "at Index" in text_of(desk.ada.get("/rebuilds"))
    assert [each.type for each in queue.newest(desk.site)] == ["rebuild.requested"]
    assert "curl -fsS" in desk.ada.get("/rebuilds")
