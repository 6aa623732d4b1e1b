"""Mails about rebuilds: who gets one, once, by a real mail server that may be away."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from gitcms import builds, entries, events
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.builds import letters
from gitcms.entries import Change
from gitcms.jobs import Postman
from gitcms.repository import Person
from gitcms.site import Site
from gitcms.web.letters import of_rebuild
from tests.making import JEKYLL, make_repository, open_made, settings
from tests.receiving_mail import Postbox, postbox
from tests.webhooks.conftest import Clock

EYES = "_projects/eyes-on-the-river.md"
BUILD = (
    "import os, shutil, sys; os.path.exists('broken') and sys.exit(3);"
    " shutil.copytree('.', sys.argv[1], dirs_exist_ok=True)"
)


@dataclass
class Desk:
    """A site with a builder that fails as long as its switch is there, and a mail server."""

    site: Site
    box: Postbox
    switch: Path
    clock: Clock

    def person(self, name: str, which: str, *, language: str = "") -> Person:
        email = f"{name.lower()}@example.org"
        account = users.add(self.site.database, name=name, email=email, role=Role.AUTHOR, now=self.site.now())
        users.change_build_mail(self.site.database, account.id, which)
        users.change_language(self.site.database, account.id, language)
        return Person(name, email)

    def save(self, title: str, author: Person) -> None:
        collection = self.site.collection_of(EYES)
        assert collection is not None
        entry = entries.open_entry(self.site, collection, EYES)
        change = Change(entry.base, {**entry.values, "title": title}, None)
        entries.save(self.site, collection, EYES, change, author)

    def rebuild(self, *, fails: bool, sends: bool = True) -> None:
        if fails:
            self.switch.touch()
        else:
            self.switch.unlink(missing_ok=True)
        builds.request(self.site, "")
        assert builds.run_next(self.site, threading.Event())
        state = builds.status(self.site).state
        assert state == (builds.FAILED if fails else builds.LIVE)
        events.tell_of_builds(self.site)
        events.tell_of_builds(self.site)
        if sends:
            letters.send_due(self.site, of_rebuild)

    def arrived(self) -> list[tuple[str, str]]:
        found = [(str(each["To"]), str(each["Subject"])) for each in self.box.letters]
        self.box.letters.clear()
        return sorted(found)


def text_of(letter: EmailMessage) -> str:
    return str(letter.get_content()).replace("\r\n", "\n")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    switch, clock = tmp_path / "switch", Clock()
    make_repository(tmp_path / "site", JEKYLL)
    script = BUILD.replace("'broken'", repr(str(switch)))
    with postbox() as box:
        config = (
            settings(tmp_path / "site", tmp_path / "state")
            .with_values("build", command=[sys.executable, "-c", script, "{output}"], quiet_seconds=0.0)
            .with_values("mail", host="127.0.0.1", port=box.port, encryption="", sender="cms@example.org")
        )
        opened = open_made(tmp_path / "site", tmp_path / "state", config)
        site = Site(config, opened.repository, opened.database, opened.state, now=clock)
        yield Desk(site, box, switch, clock)
        site.close()


def test_who_asks_for_it_is_told_once_and_again_when_all_is_well(desk: Desk) -> None:
    desk.person("Ada", "all")
    desk.person("Ben", "")
    desk.rebuild(fails=False)
    assert desk.arrived() == []
    for _ in range(3):
        desk.rebuild(fails=True)
    assert desk.arrived() == [("ada@example.org", "Ágora Abierta could not be rebuilt")]
    desk.rebuild(fails=False)
    desk.rebuild(fails=False)
    assert desk.arrived() == [("ada@example.org", "Ágora Abierta is live again")]
    desk.rebuild(fails=True)
    assert desk.arrived() == [("ada@example.org", "Ágora Abierta could not be rebuilt")]


def test_a_letter_says_what_happened_and_where_to_look(desk: Desk) -> None:
    desk.person("Ada", "all")
    desk.rebuild(fails=True)
    (letter,) = desk.box.letters
    text = text_of(letter)
    assert "Hello Ada,\n\nA rebuild of Ágora Abierta failed." in text and "not live yet" in text
    assert builds.status(desk.site).message in text
    assert "\nhttp://127.0.0.1:" in text and "/rebuilds\n" in text
    assert str(desk.switch) not in text


def test_a_letter_is_in_the_language_of_whom_it_is_for(desk: Desk) -> None:
    desk.person("Inés", "all", language="es")
    desk.rebuild(fails=True)
    (letter,) = desk.box.letters
    assert letter["Subject"] == "Ágora Abierta no se pudo reconstruir"
    assert "Hola Inés:\n\nFalló una reconstrucción de Ágora Abierta." in text_of(letter)
    assert "generator" not in text_of(letter) and "rebuil" not in text_of(letter).replace("/rebuilds", "")


def test_with_mine_one_hears_of_rebuilds_with_what_one_saved(desk: Desk) -> None:
    ada, ben = desk.person("Ada", "mine"), desk.person("Ben", "mine")
    desk.save("Eyes", ada)
    desk.rebuild(fails=False)
    desk.save("More eyes", ben)
    desk.rebuild(fails=True)
    assert [to for to, _ in desk.arrived()] == ["ben@example.org"]
    # What waits from before is in the next one as well; who knows is not told again.
    desk.save("All eyes", ada)
    desk.rebuild(fails=True)
    assert [to for to, _ in desk.arrived()] == ["ada@example.org"]
    desk.rebuild(fails=False)
    assert [to for to, _ in desk.arrived()] == ["ada@example.org", "ben@example.org"]


def test_a_mail_server_that_is_away_is_tried_again_and_then_no_more(desk: Desk) -> None:
    desk.person("Ada", "all")
    desk.box.refusal = "451 try later"
    desk.rebuild(fails=True)
    assert not letters.send_due(desk.site, of_rebuild)
    for pause in letters.PAUSES[:-1]:
        desk.clock.now += pause
        assert letters.send_due(desk.site, of_rebuild)
    desk.box.refusal = ""
    desk.clock.now += letters.PAUSES[-1]
    assert letters.send_due(desk.site, of_rebuild) and len(desk.arrived()) == 1
    desk.clock.now += timedelta(days=1)
    assert not letters.send_due(desk.site, of_rebuild)


def test_what_never_reached_somebody_is_not_followed_by_good_news(desk: Desk) -> None:
    desk.person("Ada", "all")
    desk.box.refusal = "451 try later"
    desk.rebuild(fails=True)
    desk.box.refusal = ""
    desk.rebuild(fails=False)
    desk.clock.now += timedelta(days=1)
    assert not letters.send_due(desk.site, of_rebuild) and desk.arrived() == []


def test_who_was_shut_out_gets_no_mail(desk: Desk) -> None:
    desk.person("Ada", "all")
    account = users.find_by_email(desk.site.database, "ada@example.org")
    users.disable(desk.site.database, account.id)
    desk.rebuild(fails=True)
    assert desk.arrived() == []


def test_the_postman_sends_what_is_due(desk: Desk) -> None:
    desk.person("Ada", "all")
    desk.rebuild(fails=True, sends=False)
    postman = Postman(desk.site, of_rebuild)
    postman.start()
    for _ in range(200):
        if desk.box.letters:
            break
        threading.Event().wait(0.05)
    postman.stop()
    assert desk.arrived() == [("ada@example.org", "Ágora Abierta could not be rebuilt")]
