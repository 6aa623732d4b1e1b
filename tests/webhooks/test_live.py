"""Is it live? What a builder says, what the published page shows, and never a guess."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from flask.testing import FlaskClient

from gitcms import builds, events, network
from gitcms.builds import Report, looking
from gitcms.site import Site
from gitcms.web.app import create_app
from gitcms.webhooks import endpoints, queue
from gitcms.webhooks.courier import Courier

from .conftest import Clock, Receiver, status
from .test_deliveries import EYES, drain, retitle

Say = Callable[..., int]


@pytest.fixture
def builder(site: Site, receiver: Receiver) -> int:
    """A builder that takes requests and says nothing of what becomes of them."""
    fields = {"url": f"{receiver.url}/hook/s3cr3t-path"}
    number, _ = endpoints.add(site, name="CI", preset="vercel", fields=fields)
    events.catch_up(site)
    return number


@pytest.fixture
def say(site: Site) -> Say:
    client: FlaskClient = create_app(site.config, site).test_client()

    def send(build: int, token: str, **said: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post(f"/builds/{build}/reports", data=said, headers=headers).status_code

    return send


def save(site: Site, clock: Clock, courier: Courier, title: str) -> str:
    retitle(site, title)
    assert events.catch_up(site)
    clock.turn(seconds=61)
    drain(courier)
    return site.repository.head()


def test_an_answer_of_a_builder_is_no_word_that_it_is_live(
    site: Site, builder: int, courier: Courier, clock: Clock
) -> None:
    assert builds.status(site).state == builds.OFF
    commit = save(site, clock, courier, "Eyes")
    assert queue.newest(site)[0].state == queue.ARRIVED
    assert builds.status(site).state == builds.status(site, commit).state == builds.QUEUED
    clock.turn(minutes=61)
    assert builds.status(site, commit).state == builds.UNHEARD


def test_a_builder_says_by_its_token_how_it_stands(
    site: Site, builder: int, courier: Courier, clock: Clock, say: Say
) -> None:
    first = save(site, clock, courier, "Eyes")
    (build,) = builds.recent(site)
    token = builds.token(site, build)
    assert say(build.id, token, state="building") == 204
    assert builds.status(site, first).state == builds.RUNNING
    assert say(build.id, token, state="live", link="https://ci.example/7") == 204
    live = builds.status(site, first)
    assert (live.state, live.told_by, live.link) == (builds.LIVE, "callback", "https://ci.example/7")
    assert say(build.id, token, state="failed") == 204
    assert builds.status(site, first).state == builds.LIVE
    second = save(site, clock, courier, "Eyes again")
    assert builds.status(site, first).state == builds.LIVE
    assert builds.status(site, second).state == builds.status(site).state == builds.QUEUED


def test_a_token_is_good_for_its_own_rebuild_and_for_a_day(
    site: Site, builder: int, courier: Courier, clock: Clock, say: Say
) -> None:
    save(site, clock, courier, "Eyes")
    save(site, clock, courier, "More eyes")
    later, earlier = builds.recent(site)
    token = builds.token(site, earlier)
    for wrong in ("", "x", "é.é", token[:-1], "9" * 12 + "." + token.partition(".")[2]):
        assert say(earlier.id, wrong, state="live") == 401
    assert say(later.id, token, state="live") == say(999, token, state="live") == 401
    assert say(earlier.id, token, state="published") == 422
    clock.turn(hours=24)
    assert say(earlier.id, token, state="live") == 401
    assert builds.LIVE not in {each.state for each in builds.recent(site)}


def test_the_rebuild_that_is_live_holds_what_was_asked_for_before_it(
    site: Site, builder: int, courier: Courier, clock: Clock
) -> None:
    first = save(site, clock, courier, "Eyes")
    save(site, clock, courier, "More eyes")
    newest = builds.recent(site)[0]
    builds.report(site, newest.id, Report(builds.LIVE), "callback")
    assert [each.state for each in builds.recent(site)] == [builds.LIVE, builds.REPLACED]
    assert builds.status(site, first).state == builds.LIVE


def test_a_builder_that_fails_has_its_own_words_for_administrators_alone(
    site: Site, builder: int, courier: Courier, clock: Clock
) -> None:
    save(site, clock, courier, "Eyes")
    (build,) = builds.recent(site)
    said = Report(builds.FAILED, "exit code 3", "javascript:alert(1)", "bad template at line 7")
    builds.report(site, build.id, said, "callback")
    failed = builds.status(site)
    assert failed.state == builds.FAILED and "exit" not in failed.message and failed.link == ""
    assert failed.log == "exit code 3\nbad template at line 7"


def test_a_builder_that_cannot_be_asked_has_not_made_it_live(
    site: Site, builder: int, courier: Courier, clock: Clock, receiver: Receiver
) -> None:
    receiver.answer = lambda handler: status(handler, 410)
    save(site, clock, courier, "Eyes")
    failed = builds.status(site)
    assert failed.state == builds.FAILED and "CI answered 410" in failed.message
    endpoints.resume(site, builder)
    receiver.answer = lambda handler: status(handler, 200)
    queue.send_again(site, queue.newest(site)[0].id)
    assert builds.status(site).state == builds.QUEUED


def test_what_asks_nobody_for_a_rebuild_waits_for_nobody(site: Site, builder: int) -> None:
    with site.database.session() as session:
        endpoints.find(session, builder).events = ["media.changed"]
    retitle(site, "Eyes")
    assert builds.status(site).state == builds.QUEUED
    events.catch_up(site)
    assert builds.status(site).state == builds.OFF


class Published:
    """The site as visitors see it."""

    def __init__(self, receiver: Receiver, site: Site) -> None:
        self.page = b"<h1>Old</h1>"
        receiver.looked_at = lambda handler: status(handler, 200, self.page)
        site.config = site.config.with_values("site", public_url=receiver.url)


def test_the_published_page_shows_whether_it_is_live(
    site: Site, builder: int, courier: Courier, clock: Clock, receiver: Receiver
) -> None:
    published = Published(receiver, site)
    client = network.Client(network.rules(["127.0.0.1"]))
    retitle(site, "Forty-one jars of rain & a river")
    events.catch_up(site)
    assert looking.look_if_due(site, client)
    clock.turn(seconds=61)
    drain(courier)
    assert looking.look_if_due(site, client)
    assert builds.status(site).state == builds.QUEUED
    published.page = b"<h1>Forty&#45;one <em>jars&#32;of\n rain</em> &amp; a river</h1><p>And more.</p>"
    assert not looking.look_if_due(site, client)
    clock.turn(seconds=61)
    assert looking.look_if_due(site, client)
    live = builds.status(site)
    assert (live.state, live.told_by) == (builds.LIVE, "page")
    assert live.link == f"{receiver.url}/projects/eyes-on-the-river.html"


def test_words_that_were_on_the_page_before_prove_nothing(
    site: Site, builder: int, clock: Clock, receiver: Receiver
) -> None:
    Published(receiver, site).page = b"<h1>Forty one jars of rain</h1>"
    client = network.Client(network.rules(["127.0.0.1"]))
    retitle(site, "Forty one jars of rain")
    events.catch_up(site)
    for _ in range(3):
        looking.look_if_due(site, client)
        clock.turn(seconds=61)
    assert builds.status(site).state == builds.QUEUED
    assert not looking.look_if_due(site, client)


@pytest.mark.parametrize("title", ["Eyes", "A 1 b 2", "—"])
def test_a_save_without_words_of_its_own_is_not_called_live(site: Site, title: str) -> None:
    before = site.repository.head()
    retitle(site, title)
    proof = {"path": EYES, "old_path": EYES, "before": before, "after": site.repository.head()}
    assert looking.new_words(site, proof) == ""


def test_words_are_read_off_a_page_as_people_read_it() -> None:
    page = "<style>a{b}</style><p title='Rain'>Forty&nbsp;one<br>jars</p><script>rain()</script><!-- rain -->"
    assert looking.words_on(page) == "Forty one jars"


def test_a_page_that_cannot_be_looked_at_is_not_live(
    site: Site, builder: int, clock: Clock, receiver: Receiver
) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        status(handler, 404, b"Forty one jars of rain")

    Published(receiver, site)
    receiver.looked_at = refuse
    client = network.Client(network.rules(["127.0.0.1"]))
    retitle(site, "Forty one jars of rain")
    events.catch_up(site)
    for _ in range(4):
        looking.look_if_due(site, client)
        clock.turn(seconds=61)
    assert builds.status(site).state == builds.QUEUED


def test_a_chat_that_asked_for_it_hears_once_of_a_rebuild_that_stopped_and_builders_never(
    site: Site, builder: int, courier: Courier, clock: Clock, receiver: Receiver
) -> None:
    fields = {"url": f"{receiver.url}/chat/s3cr3t-path"}
    endpoints.add(site, name="Chat", preset="slack", fields=fields, events=["build.failed"])
    with site.database.session() as session:
        endpoints.find(session, builder).events = ["*"]
    save(site, clock, courier, "Eyes")
    builds.report(
        site, builds.recent(site)[0].id, Report(builds.FAILED, link="https://ci.example/7"), "callback"
    )
    assert events.tell_of_builds(site) and not events.tell_of_builds(site)
    before = len(receiver.got)
    clock.turn(seconds=61)
    drain(courier)
    (got,) = receiver.got[before:]
    assert got.path.startswith("/chat/")
    assert json.loads(got.body) == {
        "text": "Not live: The rebuild stopped: the builder reported a mistake. https://ci.example/7"
    }
    builds.report(site, builds.recent(site)[0].id, Report(builds.LIVE), "callback")
    assert events.tell_of_builds(site)
    assert queue.replay(site, builder, clock.now.replace(year=2000)) == 1
