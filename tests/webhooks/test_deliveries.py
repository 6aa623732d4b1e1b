"""From a commit to a receiver and back into the log, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest
import standardwebhooks
from sqlalchemy import select

from gitcms import entries, events, network
from gitcms.database.models import Cursor, Delivery, Endpoint, Event
from gitcms.entries import Change
from gitcms.repository import Repository
from gitcms.site import Site
from gitcms.webhooks import endpoints, queue
from gitcms.webhooks.courier import Courier
from gitcms.webhooks.endpoints import InvalidEndpoint
from tests.making import INES, git

from .conftest import Clock, Receiver, status

EYES = "_projects/eyes-on-the-river.md"


def retitle(site: Site, title: str) -> None:
    collection = site.collection_of(EYES)
    assert collection is not None
    entry = entries.open_entry(site, collection, EYES)
    entries.save(site, collection, EYES, Change(entry.base, {**entry.values, "title": title}, None), INES)


def add(site: Site, receiver: Receiver, **more: object) -> int:
    given = {
        "name": "Index",
        "preset": "standard",
        "fields": {"url": f"{receiver.url}/hook/s3cr3t-path-of-ours"},
    }
    return endpoints.add(site, **{**given, **more})[0]  # type: ignore[arg-type]


def log_of(site: Site) -> list[Delivery]:
    return queue.newest(site)[::-1]


def drain(courier: Courier) -> None:
    while courier.work_once():
        pass


def test_who_catches_up_while_another_does_takes_nothing_for_a_step_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    events.catch_up(site)
    retitle(site, "Eyes")
    head, calls = Repository.head, []

    def head_before_another_goes_on(repository: Repository) -> str:
        found = head(repository)
        if not calls:
            calls.append(found)
            retitle(site, "More eyes")
            events.catch_up(site)
        return found

    monkeypatch.setattr(Repository, "head", head_before_another_goes_on)
    while events.catch_up(site):
        pass
    with site.database.reading() as session:
        told = [event.message["data"]["after"] for event in session.scalars(select(Event))]
    assert calls and told == [calls[0], site.repository.head()]


def test_a_save_is_told_once_and_the_reference_library_verifies_it(
    site: Site, receiver: Receiver, courier: Courier
) -> None:
    fields = {"url": f"{receiver.url}/hook"}
    _, key = endpoints.add(site, name="Index", preset="standard", fields=fields)
    events.catch_up(site)
    assert not courier.work_once()
    retitle(site, "Eyes")
    assert events.catch_up(site)
    assert not events.catch_up(site)
    drain(courier)
    (got,) = receiver.got
    message = standardwebhooks.Webhook(key).verify(got.body, got.headers)
    assert message["type"] == "content.updated"
    (entry,) = message["data"]["entries"]
    assert (entry["collection"], entry["slug"], entry["title"]) == ("projects", "eyes-on-the-river", "Eyes")
    assert entry["url"].startswith("https://agora.example.org/")
    assert message["data"]["author"] == {"name": "Inés Caldera"}
    assert message["data"]["after"] == site.repository.head()
    assert [each.state for each in log_of(site)] == [queue.ARRIVED]


def test_a_developers_commits_are_told_like_an_authors_saves(site: Site, receiver: Receiver) -> None:
    add(site, receiver)
    events.catch_up(site)
    folder = site.repository.folder
    git(folder, "mv", "_drafts/a-winter-of-numbers.md", "_posts/2026-04-30-a-winter-of-numbers.md")
    git(folder, "commit", "-q", "-m", "Publish")
    git(folder, "rm", "-q", "_projects/letters.md")
    git(folder, "commit", "-q", "-m", "Drop")
    (folder / "_config.yml").write_text("title: Other\n")
    (folder / "river.png").write_bytes(b"\x89PNG")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Settings")
    events.catch_up(site)
    found = [each.type for each in log_of(site)]
    assert found == ["content.published", "content.deleted", "media.changed", "model.changed"]


def test_a_rewritten_branch_is_told_as_one_step_from_where_it_was(site: Site, receiver: Receiver) -> None:
    add(site, receiver)
    retitle(site, "Eyes")
    events.catch_up(site)
    before = site.repository.head()
    git(site.repository.folder, "reset", "-q", "--hard", "HEAD~1")
    events.catch_up(site)
    (told,) = log_of(site)
    data = json.loads(told.body)["data"]
    assert (data["before"], data["after"]) == (before, site.repository.head())


def test_cursor_and_deliveries_move_together_or_not_at_all(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(site, receiver)
    events.catch_up(site)
    before = site.repository.head()
    retitle(site, "Eyes")

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(queue, "put", fails)
        with pytest.raises(ZeroDivisionError):
            events.catch_up(site)
    with site.database.reading() as session:
        assert session.scalar(select(Cursor.commit)) == before
        assert session.scalars(select(Event)).all() == []
    events.catch_up(site)
    assert len(log_of(site)) == 1


def test_many_who_catch_up_at_once_tell_each_event_once(site: Site, receiver: Receiver) -> None:
    add(site, receiver)
    events.catch_up(site)
    for number in range(5):
        retitle(site, f"Eyes {number}")
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: events.catch_up(site), range(4)))
    titles = [json.loads(each.body)["data"]["entries"][0]["title"] for each in log_of(site)]
    assert titles == [f"Eyes {number}" for number in range(5)]


@pytest.mark.parametrize("code", [500, 404, 302, 301])
def test_what_is_no_2xx_is_tried_again_on_schedule_and_then_given_up(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock, code: int
) -> None:
    number = add(site, receiver)
    receiver.answer = lambda handler: status(handler, code, b"no", Location="http://127.0.0.1:9/")
    queue.ping(site, number)
    for wait in queue.DELAYS:
        clock.turn(seconds=wait * (1 - queue.JITTER) - 0.1)
        assert not courier.work_once() or wait == 0
        clock.turn(seconds=wait * 2 * queue.JITTER + 0.2)
        courier.work_once()
    (told,) = log_of(site)
    assert (told.state, told.tries, told.status) == (queue.FAILED, 8, code)
    assert len(receiver.got) == 8
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert str(code) in told.problem and "Index" in told.problem


def test_retry_after_holds_everything_that_goes_there(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    number = add(site, receiver)
    receiver.answer = lambda handler: status(handler, 429, Retry_After="900")
    queue.ping(site, number)
    courier.work_once()
    queue.ping(site, number)
    clock.turn(seconds=1)
    courier.work_once()
    clock.turn(seconds=850)
    assert not courier.work_once()
    receiver.answer = lambda handler: status(handler, 200)
    clock.turn(seconds=100)
    drain(courier)
    assert [each.state for each in log_of(site)] == [queue.ARRIVED, queue.ARRIVED]


def test_what_is_in_hand_already_waits_as_well_when_a_service_asks_for_time(
    site: Site, receiver: Receiver
) -> None:
    receiver.answer = lambda handler: status(handler, 429, Retry_After="900")
    number = add(site, receiver)
    for _ in range(12):
        queue.ping(site, number)
    courier = Courier(site, 2)
    courier.start()
    end = time.monotonic() + 20
    while not endpoints.get(site, number).failures and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)
    courier.stop()
    assert len(receiver.got) == 1
    assert {(each.tries, each.lease) for each in log_of(site)} == {(1, None), (0, None)}
    assert min(each.due_at for each in log_of(site)) > site.now() + timedelta(seconds=800)


def test_what_is_in_hand_is_let_go_when_no_time_is_left_for_a_try(site: Site, receiver: Receiver) -> None:
    number = add(site, receiver)
    for _ in range(12):
        queue.ping(site, number)
    client = network.Client(network.rules(["127.0.0.1"]), total_seconds=queue.LEASE_SECONDS + 1)
    courier = Courier(site, 2, client)
    courier.start()
    end = time.monotonic() + 20
    while not all(each.lease for each in log_of(site)) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1)
    courier.stop()
    # Each came to its turn, since none was kept by one that had none.
    assert all(each.lease for each in log_of(site)) and receiver.got == []


def test_410_pauses_and_what_happens_meanwhile_waits(
    site: Site, receiver: Receiver, courier: Courier
) -> None:
    number = add(site, receiver)
    receiver.answer = lambda handler: status(handler, 410)
    queue.ping(site, number)
    courier.work_once()
    (endpoint,) = endpoints.everyone(site)
    assert endpoint.paused_at is not None and "410" in endpoint.paused_why
    queue.ping(site, number)
    assert not courier.work_once()
    receiver.answer = lambda handler: status(handler, 204)
    endpoints.resume(site, number)
    drain(courier)
    assert [each.state for each in log_of(site)] == [queue.FAILED, queue.ARRIVED]


def test_forty_failures_within_a_moment_pause_nothing_but_over_an_hour_they_do(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    number = add(site, receiver)
    receiver.answer = lambda handler: status(handler, 503)
    for _ in range(41):
        queue.ping(site, number)
    while courier.work_once() and not endpoints.everyone(site)[0].paused_at:
        if endpoints.everyone(site)[0].failures >= 41:
            break
    assert endpoints.everyone(site)[0].paused_at is None
    clock.turn(hours=2)
    courier.work_once()
    assert endpoints.everyone(site)[0].paused_at is not None


def test_a_receiver_that_never_answers_is_a_sentence(
    site: Site, receiver: Receiver, courier: Courier
) -> None:
    queue.ping(site, add(site, receiver))
    receiver.answer = lambda handler: time.sleep(1.5)
    courier.work_once()
    (told,) = log_of(site)
    assert (told.state, told.status) == (queue.PENDING, None)
    assert told.problem == "127.0.0.1 did not answer in time."


def test_no_secret_is_left_in_the_records_even_when_the_receiver_repeats_it(
    site: Site, receiver: Receiver, courier: Courier
) -> None:
    _, key = endpoints.add(
        site, name="Index", preset="standard", fields={"url": f"{receiver.url}/s3cr3t-path-of-ours"}
    )
    echo = f"you called /s3cr3t-path-of-ours with {key}".encode()
    receiver.answer = lambda handler: status(handler, 500, echo, X_Echo=key)
    queue.ping(site, 1)
    courier.work_once()
    with site.database.reading() as session:
        rows = [session.execute(select(each.__table__)).all() for each in (Endpoint, Delivery)]
    records = repr(rows) + repr([vars(each) for each in queue.tries_of(site, 1)])
    assert "s3cr3t" not in records and key.removeprefix("whsec_") not in records
    assert "••••" in records


def test_an_answer_that_no_database_could_keep_is_kept_in_other_words(
    site: Site, receiver: Receiver, courier: Courier
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(500, "a\0b")
        handler.send_header("X-Odd", "c\0d")
        handler.end_headers()
        handler.wfile.write(b"e\0f")

    queue.ping(site, add(site, receiver))
    receiver.answer = answer
    courier.work_once()
    (told,) = log_of(site)
    assert told.problem == "Index answered 500 a\ufffdb."
    assert queue.tries_of(site, told.id)[0].response["body"] == "e\ufffdf"


def test_twenty_saves_are_one_rebuild_and_none_waits_longer_than_a_minute(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    add(site, receiver, preset="vercel")
    events.catch_up(site)
    moments = []
    for number in range(40):
        retitle(site, f"Eyes {number}")
        events.catch_up(site)
        clock.turn(seconds=4)
        if courier.work_once():
            moments.append(clock.now)
    clock.turn(seconds=10)
    drain(courier)
    assert len(receiver.got) == 3 and not courier.work_once()
    assert all(later - one >= timedelta(seconds=60) for one, later in pairwise(moments))
    assert sum(each.events for each in log_of(site)) == 40
    assert json.loads(log_of(site)[-1].body)["data"]["after"] == site.repository.head()


def test_rebuild_now_does_not_wait_for_quiet(site: Site, receiver: Receiver, courier: Courier) -> None:
    number = add(site, receiver, preset="vercel")
    queue.rebuild_now(site, number, "Ada")
    assert courier.work_once() and len(receiver.got) == 1


def test_in_order_means_that_none_overtakes_one_that_is_tried_again(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    number = add(site, receiver, in_order=True)
    answers = iter([500, 200, 200, 200])
    receiver.answer = lambda handler: status(handler, next(answers))
    for _ in range(3):
        queue.ping(site, number)
    courier.work_once()
    assert not courier.work_once()
    clock.turn(seconds=10)
    drain(courier)
    first, *others = [got.headers["webhook-id"] for got in receiver.got]
    assert others == [each.message_id for each in log_of(site)] and first == others[0]


def test_a_killed_sender_keeps_a_delivery_only_until_its_lease_ends(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    queue.ping(site, add(site, receiver))
    with site.database.session() as session:
        (lost,) = queue.claim(session, site.now(), 4, {}, lambda _: 4)
    assert not courier.work_once()
    clock.turn(seconds=queue.LEASE_SECONDS + 1)
    assert courier.work_once()
    late = queue.Result(lost, site.now(), 1, 500, "late", {}, {})
    with site.database.session() as session:
        queue.record(session, [late], site.now())
    assert [(each.state, each.tries) for each in log_of(site)] == [(queue.ARRIVED, 1)]


def test_of_results_written_at_once_only_the_one_that_lost_its_lease_changes_nothing(
    site: Site, receiver: Receiver, clock: Clock
) -> None:
    number = add(site, receiver)
    for _ in range(3):
        queue.ping(site, number)
    with site.database.session() as session:
        good, lost, bad = queue.claim(session, site.now(), 3, {}, lambda _: 3)
        session.get_one(Delivery, lost.id).lease = "another's"
    results = [
        queue.Result(good, site.now(), 1, 200, "", {"a": "b"}, {}),
        queue.Result(lost, site.now(), 2, 200, "", {}, {}),
        queue.Result(bad, site.now(), 3, 500, "no", {}, {}),
    ]
    clock.turn(seconds=1)
    with site.database.session() as session:
        queue.record(session, results, site.now())
    told = [(each.state, each.tries, each.status, each.problem, each.lease) for each in log_of(site)]
    assert told == [
        (queue.ARRIVED, 1, 200, "", None),
        (queue.PENDING, 0, None, "", "another's"),
        (queue.PENDING, 1, 500, "no", None),
    ]
    first, _, last = log_of(site)
    assert first.finished_at == clock.now and first.due_at < clock.now < last.due_at
    assert [len(queue.tries_of(site, each.id)) for each in log_of(site)] == [1, 0, 1]
    assert queue.tries_of(site, good.id)[0].request == {"a": "b"}
    assert endpoints.get(site, number).failures == 1


@pytest.mark.parametrize(("failures", "most"), [(0, 2), (3, 1)])
def test_however_much_waits_for_one_service_it_hides_nothing_that_waits_for_another(
    site: Site, receiver: Receiver, failures: int, most: int
) -> None:
    slow, other = add(site, receiver), add(site, receiver, name="Other")
    with site.database.session() as session:
        session.get_one(Endpoint, slow).failures = failures
    for _ in range(5):
        queue.ping(site, slow)
    queue.ping(site, other)
    with site.database.session() as session:
        jobs = queue.claim(session, site.now(), 4, {}, lambda _: 2)
        assert [job.service.id for job in jobs] == [slow] * most + [other]
        busy = {slow: most, other: 1}
        assert not queue.is_due(session, site.now(), busy, lambda _: 2)
        assert queue.is_due(session, site.now(), {}, lambda _: 2)
    with site.database.reading() as session:
        leases = session.scalars(select(Delivery.lease).order_by(Delivery.id)).all()
    assert [lease is not None for lease in leases] == [*([True] * most), *([False] * (5 - most)), True]


def test_several_couriers_share_the_work_and_send_each_once(site: Site, receiver: Receiver) -> None:
    number = add(site, receiver)
    for _ in range(60):
        queue.ping(site, number)
    couriers = [Courier(site, 3) for _ in range(3)]
    for each in couriers:
        each.start()
    end = time.monotonic() + 60
    while queue.counts(site).get(queue.PENDING) and time.monotonic() < end:
        time.sleep(0.05)
    for each in couriers:
        each.stop()
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert len(ids) == len(set(ids)) == 60
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("gitcms-sender")]


def test_send_again_keeps_the_id_and_replay_sends_what_passed(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    number = add(site, receiver)
    events.catch_up(site)
    begun = clock.now - timedelta(days=3650)
    retitle(site, "Eyes")
    events.catch_up(site)
    drain(courier)
    queue.send_again(site, log_of(site)[0].id)
    assert queue.replay(site, number, begun) == 1
    drain(courier)
    assert len(receiver.got) == 3
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


def test_a_changed_address_and_key_hold_for_the_very_next_delivery(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    fields = {"url": f"{receiver.url}/one"}
    number, old = endpoints.add(site, name="I", preset="standard", fields=fields)
    given = {"name": "I", "events": ["*"], "in_order": False, "quiet": 0.0, "most": 0.0}
    queue.ping(site, number)
    courier.work_once()
    new = endpoints.rotate(site, number)
    endpoints.change(site, number, fields={"url": f"{receiver.url}/two"}, **given)  # type: ignore[arg-type]
    clock.turn(days=2)
    queue.ping(site, number)
    courier.work_once()
    one, two = receiver.got
    assert (one.path, two.path) == ("/one", "/two")
    standardwebhooks.Webhook(new).verify(two.body, two.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(two.body, two.headers)


def test_after_a_change_of_key_both_sign_for_a_day(site: Site, receiver: Receiver, courier: Courier) -> None:
    _, old = endpoints.add(site, name="I", preset="standard", fields={"url": receiver.url + "/x"})
    new = endpoints.rotate(site, 1)
    queue.ping(site, 1)
    courier.work_once()
    for key in (old, new):
        standardwebhooks.Webhook(key).verify(receiver.got[0].body, receiver.got[0].headers)


def test_the_log_drops_old_ones_beyond_the_newest_and_never_one_that_waits(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    site.config = site.config.with_values("webhooks", keep_deliveries=2)
    number = add(site, receiver)
    queue.ping(site, number)
    with site.database.session() as session:
        session.get_one(Delivery, 1).due_at = clock.now + timedelta(days=400)
    for _ in range(4):
        queue.ping(site, number)
    drain(courier)
    queue.clean(site)
    assert len(log_of(site)) == 5
    clock.turn(days=31)
    queue.clean(site)
    assert [each.id for each in log_of(site)] == [1, 4, 5]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"fields": {"url": "https://10.0.0.1/"}}, "url"),
        ({"fields": {}}, "url"),
        ({"fields": {"url": "https://a.example/", "colour": "red"}}, "colour"),
        ({"name": " "}, "name"),
        ({"preset": "nothing"}, "preset"),
        ({"events": ["content.eaten"]}, "events"),
        ({"preset": "github_workflow", "fields": {"repository": "../..", "token": "t"}}, "repository"),
    ],
)
def test_what_cannot_be_used_is_named_field_by_field(
    site: Site, receiver: Receiver, given: dict[str, object], place: str
) -> None:
    with pytest.raises(InvalidEndpoint) as caught:
        add(site, receiver, **given)
    assert place in caught.value.errors
    assert endpoints.everyone(site) == []


def test_a_test_takes_the_place_of_no_rebuild_and_no_rebuild_that_of_a_test(
    site: Site, receiver: Receiver, courier: Courier, clock: Clock
) -> None:
    number = add(site, receiver, preset="vercel")
    events.catch_up(site)
    retitle(site, "Eyes")
    events.catch_up(site)
    queue.ping(site, number)
    retitle(site, "More eyes")
    events.catch_up(site)
    assert [each.type for each in log_of(site)] == ["ping", "content.updated"]
    clock.turn(seconds=61)
    drain(courier)
    assert len(receiver.got) == 2


def test_what_a_courier_that_stops_has_not_begun_is_anybodys_at_once(site: Site, receiver: Receiver) -> None:
    number = add(site, receiver)
    begun = threading.Event()

    def answer(handler: object) -> None:
        begun.set()
        time.sleep(1)
        status(handler, 200)  # type: ignore[arg-type]

    receiver.answer = answer
    for _ in range(10):
        queue.ping(site, number)
    client = network.Client(network.rules(["127.0.0.1"]))
    courier = Courier(site, 2, client)
    courier.start()
    assert begun.wait(20)
    courier.stop()
    with site.database.reading() as session:
        leases = session.scalars(select(Delivery.lease).where(Delivery.state == queue.PENDING)).all()
    assert len(leases) >= 7 and set(leases) == {None}
    assert len(receiver.got) == 10 - len(leases)
