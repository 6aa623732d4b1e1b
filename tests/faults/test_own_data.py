"""The server's own data, its configuration and its log: broken, gone, too new. Content is never touched."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from gitcms.entries import ListQuery, listing
from tests.making import JEKYLL, git, make_repository, open_made
from tests.serving import PASSWORD, Form, Person, serving

EYES = "_projects/eyes-on-the-river.md"
PLACE = f"/collections/projects/entries/{EYES}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "site", JEKYLL)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    add_person(folder)
    return folder


def add_person(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'gitcms.sqlite3'}")
    database.upgrade()
    users.add(
        database,
        name="Inés",
        email="ines@example.org",
        role=Role.AUTHOR,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    database.close()


def signed_in(address: str) -> Person:
    person = Person(address)
    person.sign_in("ines@example.org")
    return person


def save(person: Person, words: str) -> int:
    form = Form.first(person.get(PLACE).text, PLACE)
    return person.post(PLACE, form.with_values({"body": words, "intent": "save"})).status


def start(site: Path, state: Path, extra: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is expected to refuse, and return what it said."""
    config = state.with_name("refused.toml")
    config.write_text(f'[state]\nfolder = "{state}"\n{extra}')
    return subprocess.run(
        [sys.executable, "-m", "gitcms", "serve", str(site), "--port", "0", "--config", str(config)],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def content(site: Path) -> tuple[str, str]:
    return git(site, "rev-parse", "HEAD"), git(site, "status", "--porcelain", "--ignored")


def test_a_damaged_database_is_said_and_the_site_is_whole(site: Path, state: Path) -> None:
    before = content(site)
    database = state / "gitcms.sqlite3"
    for extra in state.glob("gitcms.sqlite3-*"):
        extra.unlink()
    database.write_bytes(b"damaged" * (database.stat().st_size // 7))
    done = start(site, state)
    assert done.returncode == 2 and "records cannot be read" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert content(site) == before


def test_a_database_that_is_deleted_is_made_anew(site: Path, state: Path) -> None:
    with serving(site, state) as address:
        assert save(signed_in(address), "One.") == 303
    before = content(site)
    for file in state.glob("gitcms.sqlite3*"):
        file.unlink()
    add_person(state)
    with serving(site, state) as address:
        assert "One." in signed_in(address).get(PLACE).text
    assert content(site) == before


def test_a_database_of_a_newer_version_is_refused_and_left(site: Path, state: Path) -> None:
    file = state / "gitcms.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        connection.commit()
    done = start(site, state)
    assert done.returncode == 2 and "newer version" in done.stderr and "Traceback" not in done.stderr
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (
            "from-the-future",
        )
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 3


def test_an_upgrade_that_is_killed_is_completed_by_the_next_start(tmp_path: Path) -> None:
    """Killed at its first, its third … durable write, until it is through."""
    file = tmp_path / "gitcms.sqlite3"
    code = (
        "import os, signal, sys\n"
        "from sqlalchemy import event\n"
        "from sqlalchemy.engine import Engine\n"
        "from gitcms.database import Database\n"
        "left = [int(sys.argv[2])]\n"
        "@event.listens_for(Engine, 'after_cursor_execute')\n"
        "def count(*_):\n"
        "    left[0] -= 1\n"
        "    if not left[0]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "database = Database('sqlite:///' + sys.argv[1])\n"
        "database.upgrade()\n"
    )
    killed = 0
    for number in (1, 3, 6, 10, 15, 25, 1000):
        done = subprocess.run([sys.executable, "-c", code, str(file), str(number)], check=False)
        killed += done.returncode == -signal.SIGKILL
    assert done.returncode == 0 and killed >= 3
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    assert not users.anybody(database)
    database.close()


def test_a_broken_configuration_names_the_line_and_ends_with_2(site: Path, state: Path) -> None:
    done = start(site, state, extra="[log\n")
    assert done.returncode == 2 and "line 3" in done.stderr and "Traceback" not in done.stderr


def test_a_configuration_changed_under_a_running_server_counts_from_the_next_start(
    site: Path, state: Path
) -> None:
    with serving(site, state) as address:
        for config in state.parent.glob("state-*.toml"):
            config.write_text("[broken")
        assert save(signed_in(address), "One.") == 303


def test_a_new_secret_ends_sessions_and_nothing_else(site: Path, state: Path) -> None:
    with serving(site, state) as address:
        assert save(signed_in(address), "One.") == 303
    (state / "secret.key").unlink(missing_ok=True)
    with serving(site, state) as address:
        person = signed_in(address)
        assert "One." in person.get(PLACE).text
        assert save(person, "Two.") == 303
    assert git(site, "status", "--porcelain") == ""


def test_a_log_that_cannot_be_written_stops_no_save(site: Path, state: Path) -> None:
    with open("/dev/full", "wb") as full, serving(site, state, log=full) as address:
        person = signed_in(address)
        assert save(person, "One.") == 303
        assert person.get("/healthz").status == 200
    assert "One." in (site / EYES).read_text()


def test_a_connection_lost_during_a_save_leaves_it_done_or_undone(site: Path, state: Path) -> None:
    with serving(site, state) as address:
        person = signed_in(address)
        form = Form.first(person.get(PLACE).text, PLACE)
        fields = form.with_values({"body": "Sent and gone.", "intent": "save"})
        body = urlencode(fields).encode()
        parts = urlsplit(address)
        for sent in (body[: len(body) // 2], body):
            before = git(site, "rev-parse", "HEAD")
            connection = socket.create_connection((parts.hostname, parts.port or 80))
            head = (
                f"POST {PLACE} HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {address}\r\n"
                f"Cookie: gitcms={person.cookies['gitcms']}\r\nContent-Length: {len(body)}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            )
            connection.sendall(head.encode() + sent)
            # Closed with a reset, not an orderly end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
            for _ in range(100):
                if git(site, "rev-parse", "HEAD") != before:
                    break
                time.sleep(0.02 if sent == body else 0.005)
        saved = "Sent and gone." in (site / EYES).read_text()
        assert saved == ("Sent and gone." in person.get(PLACE).text)
        assert git(site, "rev-list", "--count", "HEAD").strip() == ("2" if saved else "1")
    assert git(site, "status", "--porcelain") == ""
    git(site, "fsck", "--strict")


LIST = "/collections/projects/"
DAMAGES = {
    "no index at all": lambda file: file.write_bytes(b"nothing of the kind" * 999),
    "emptied": lambda file: os.truncate(file, 0),
    "cut in half": lambda file: os.truncate(file, file.stat().st_size // 2),
    "full of zeros": lambda file: _overwrite(file, 4096),
}


def _overwrite(file: Path, at: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(bytes(max(0, file.stat().st_size - at)))


def titles(site: Path, state: Path) -> list[str]:
    opened = open_made(site, state)
    try:
        return sorted(row.title for row in listing(opened, opened.collection("projects"), ListQuery()).rows)
    finally:
        opened.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_of_entries_is_made_anew(site: Path, state: Path, damage: str) -> None:
    """All of it is derived, so nobody has to hear of it."""
    before = titles(site, state)
    for extra in state.glob("index.sqlite3-*"):
        extra.unlink()
    DAMAGES[damage](state / "index.sqlite3")
    assert titles(site, state) == before == ["Eyes on the River", "Letters to the Council"]


def test_an_index_that_is_damaged_under_a_server_is_made_anew(site: Path, state: Path) -> None:
    with serving(site, state) as address:
        person = signed_in(address)
        for number, damage in enumerate(DAMAGES.values()):
            assert "Eyes on the River" in person.get(LIST).text
            damage(state / "index.sqlite3")
            assert save(person, f"Text {number}.") == 303
            for _ in range(4):  # whichever thread it is that answers
                page = person.get(LIST)
                assert page.status == 200 and "Eyes on the River" in page.text and "Letters" in page.text


@pytest.mark.parametrize("after", [1, 3])
def test_a_filling_of_the_index_that_is_killed_is_done_anew(site: Path, state: Path, after: int) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from gitcms import index\n"
        "from tests.making import open_made\n"
        "site = open_made(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "def progress(done, of):\n"
        "    if done >= int(sys.argv[3]): os.kill(os.getpid(), signal.SIGKILL)\n"
        "index.fill(site.index, site.repository, site.model(), progress)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(site), str(state), str(after)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert titles(site, state) == ["Eyes on the River", "Letters to the Council"]
