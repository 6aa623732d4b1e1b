"""`gitcms serve` in an empty folder: from a Git address to the first edit that is sent, in a browser."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from gitcms.accounts.permissions import Role
from gitcms.remotes import connection
from tests.cli.test_clone import ENTRY, allow
from tests.faults.at_the_desk import add_people
from tests.making import git
from tests.remote_servers import PASSWORD, USER
from tests.remotes.conftest import POST, OverHttp, OverSsh, World
from tests.serving import PASSWORD as OWN
from tests.serving import Answer, Form, Person


@dataclass
class Start:
    """A server before its site is there, and the person who holds its link."""

    process: subprocess.Popen[str]
    person: Person
    link: str
    site: Path
    state: Path

    def page(self) -> str:
        return self.person.get(self.link).text

    def step(self, name: str, **values: str) -> Answer:
        """Fill in the form of a step and send it."""
        forms = [each for each in self.page().split("<form")[1:] if f'value="{name}"' in each]
        form = Form.first(f"<form{forms[0]}", "<form")
        return self.person.post(self.link, form.filled(**values))

    def first_edit(self, world: World) -> None:
        """Become the administrator by the page that the link leads on to, and save an entry that is sent."""
        answer = self.person.get(self.link)
        for _ in range(300):
            if answer.status == 303:
                break
            time.sleep(0.1)
            answer = self.person.get(self.link)
        place = answer.headers["location"]
        assert place == self.link.replace("/begin/", "/welcome/"), answer.text[:3000]
        form = Form.first(self.person.get(place).text, 'method="post"')
        own = form.filled(name="Ada Rivas", email="ada@example.org", password=OWN)
        assert self.person.post(place, own).status == 303
        form = Form.first(self.person.get(ENTRY).text, "data-edit")
        answer = self.person.post(ENTRY, form.filled(body="It rained, and was saved.", intent="save"))
        assert answer.status == 303, answer.text[:2000]
        for _ in range(300):
            if "and was saved" in git(world.bare, "show", f"main:{POST}"):
                break
            time.sleep(0.1)
        assert git(world.bare, "log", "-1", "--format=%an", "main").strip() == "Ada Rivas"


@contextmanager
def begun(folder: Path) -> Iterator[Start]:
    site, state = folder / "mine" / "site", folder / "mine" / "state"
    site.mkdir(parents=True, exist_ok=True)
    state.mkdir(exist_ok=True)
    config = folder / "mine" / "my.toml"
    config.write_text(f'[state]\nfolder = "{state}"\n[remote]\nlocal = true\n')
    command = [
        sys.executable,
        "-u",
        "-m",
        "gitcms",
        "serve",
        str(site),
        "--port",
        "0",
        "--config",
        str(config),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = ""
        while "Ctrl+C" not in told:
            line = process.stdout.readline()
            assert line, process.communicate()
            told += line
        found = re.search(r"(http://127\.0\.0\.1:\d+)(/begin/\S+)", told)
        assert found, told
        yield Start(process, Person(found[1]), found[2], site, state)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def says(text: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def test_by_https_with_a_password(world: OverHttp, tmp_path: Path) -> None:
    with begun(tmp_path) as start:
        refused = start.step("address", url="https://ada:secret-word@git.example.org/site.git")
        assert refused.status == 422 and "must not hold a name or a password" in says(refused.text)
        assert start.step("address", url=f"{world.address}/other.git").status == 303
        assert start.step("fetch", user=USER, password=PASSWORD).status == 303
        assert "Nothing is found at the shared server’s address." in says(start.page())
        assert list(start.site.iterdir()) == []
        assert start.step("address", url=f"{world.address}/site.git").status == 303
        assert start.step("fetch", user=USER, password="wr0ng-one").status == 303
        page = start.page()
        assert "did not accept the password" in says(page) and "wr0ng-one" not in page
        assert list(start.site.iterdir()) == [] and not (start.state / connection.KEPT).exists()
        assert start.step("fetch", user=USER, password=PASSWORD).status == 303
        start.first_edit(world)
        assert git(start.site, "status", "--porcelain") == ""
        # It is used up with the account that it made.
        assert Person(start.person.address).get(start.link).status == 410
    kept = subprocess.run(
        ["grep", "-rlF", PASSWORD, str(tmp_path / "mine")], capture_output=True, check=False
    )
    assert kept.stdout == b""


def test_by_ssh_with_a_key_that_is_made_and_a_host_that_is_compared(ssh: OverSsh, tmp_path: Path) -> None:
    with begun(tmp_path) as start:
        assert start.step("address", url=f"{ssh.host.address}{ssh.bare}").status == 303
        print_of_key = ["ssh-keygen", "-lf", str(ssh.host.folder / "host.pub")]
        own = subprocess.run(print_of_key, capture_output=True, text=True, check=True).stdout.split()[1]
        assert own in start.page()
        wrong = start.step("trust", fingerprint="SHA256:" + "A" * 43)
        assert "shows another key" in says(wrong.text)
        assert not (start.state / connection.HOSTS).exists()
        assert start.step("trust").status == 303
        key = re.search(r"ssh-ed25519 \S+ gitcms for site", unescape(start.page()))
        assert key is not None
        # What was not looked at yet is never called, and what does not know us says so.
        assert start.step("fetch").status == 303
        assert 'role="alert"' in start.page() and list(start.site.iterdir()) == []
        allow(ssh.host, key[0])
        assert key[0] in unescape(start.page()), "it is the same key"
        assert start.step("fetch").status == 303
        start.first_edit(ssh)


def test_who_has_no_link_sees_nothing_and_does_nothing(world: OverHttp, tmp_path: Path) -> None:
    with begun(tmp_path) as start:
        stranger = Person(start.person.address)
        assert stranger.get("/").status == 503 and "no site here yet" in says(stranger.get("/").text)
        assert stranger.get("/healthz").status == 503
        for place in ("/people", "/settings", "/sign-in", "/welcome/x", "/begin/"):
            assert stranger.get(place).status == 404, place
        for link in ("/begin/" + "A" * 43, "/begin/x"):
            assert stranger.get(link).status == 410
            token = Form.first(start.page(), "post").fields[0][1]
            assert stranger.post(link, {"csrf_token": token, "step": "address"}).status == 403
        # Somebody else's page, in the browser of who holds the link.
        assert (
            start.person.post(start.link, {"step": "address", "url": "https://a.example/b.git"}).status == 403
        )
        assert "Where the site is kept" in says(start.page()) and 'class="done"' not in start.page()


def test_while_a_site_is_fetched_its_page_says_so_and_an_end_leaves_nothing(
    world: OverHttp, tmp_path: Path
) -> None:
    world.mood.pause = 6
    with begun(tmp_path) as start:
        start.step("address", url=f"{world.address}/site.git")
        assert start.step("fetch", user=USER, password=PASSWORD).status == 303
        page = start.page()
        assert "MB so far" in says(page) and "data-waits" in page
        assert list(start.site.iterdir()) != []
        start.process.send_signal(signal.SIGTERM)
        assert start.process.wait(30) == 0
    assert list(start.site.iterdir()) == []
    assert not (start.state / connection.KEPT).exists()


def test_an_empty_folder_of_a_site_that_people_know_is_said_to_be_gone(tmp_path: Path) -> None:
    (tmp_path / "mine/state").mkdir(parents=True)
    add_people(tmp_path / "mine/state", "ines", role=Role.ADMIN)
    with pytest.raises(AssertionError, match="The site is gone"), begun(tmp_path):
        pass
