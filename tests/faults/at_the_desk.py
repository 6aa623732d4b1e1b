"""An author at a real server, who typed something and saves it while something is wrong.

What must hold for every fault alike is here: an answer that is no fault of ours, a sentence without Git's
words, everything typed on the page, folder and history as they were; and with the fault gone the same form
is saved.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.making import git
from tests.serving import PASSWORD, Answer, Form, Person, served

EYES = "_projects/eyes-on-the-river.md"
PLACE = f"/collections/projects/entries/{EYES}"
GIT_WORDS = re.compile(r"\b(commit|branch|merge|push|pull|head|sha|repository|index\.lock)\b", re.IGNORECASE)
SERIAL = itertools.count(1)


@dataclass
class Desk:
    """An entry that is open in a browser. `site` is the clone, `pid` the server's."""

    site: Path
    person: Person
    pid: int
    typed: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)

    def write(self) -> None:
        """Open the entry and type something that nobody typed before."""
        self.typed = f"Forty-two households <now> & counting: {next(SERIAL)}. " + "And more water. " * 400
        self.typed = self.typed.strip()
        form = Form.first(self.person.get(PLACE).text, PLACE)
        self.fields = form.with_values({"body": self.typed, "intent": "save"})

    def save(self) -> Answer:
        return self.person.post(PLACE, self.fields)

    def state(self) -> tuple[str, str, bytes]:
        return (
            git(self.site, "rev-parse", "HEAD"),
            git(self.site, "ls-files", "-s"),
            (self.site / EYES).read_bytes(),
        )

    def check_refused(self, answer: Answer, *words: str) -> None:
        """An answer with a sentence, the text on the page, and no word of how it works inside."""
        assert answer.status in (409, 503, 507), (answer.status, told(answer)[:3000])
        assert self.typed in unescape(answer.text)
        said = told(answer)
        assert "Traceback" not in said and not GIT_WORDS.findall(said), said[:3000]
        assert str(self.site) not in said
        for word in words:
            assert word in said, said[:3000]

    def check_saved(self) -> None:
        """With the fault gone the same form is saved, and nothing is left of the fault."""
        answer = self.save()
        assert answer.status == 303, (answer.status, told(answer)[:3000])
        assert self.typed in (self.site / EYES).read_text()
        assert git(self.site, "status", "--porcelain") == ""
        git(self.site, "fsck", "--strict")
        left = [path for path in self.site.rglob("*") if path.name.endswith((".lock", ".tmp"))]
        assert left == []


def told(answer: Answer) -> str:
    """What a page says in words, without what stands in its fields."""
    shown = re.sub(r"<(script|style|textarea)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(shown))


def add_people(state: Path, *names: str, role: Role = Role.AUTHOR) -> None:
    """Give people an account in the database of a state folder."""
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    for name in names:
        users.add(
            database,
            name=name.capitalize(),
            email=f"{name}@example.org",
            role=role,
            password=PASSWORD,
            now=datetime.now(UTC),
        )
    database.close()


def sit_down(site: Path, address: str, pid: int, name: str = "ines") -> Desk:
    """Sign somebody in."""
    person = Person(address)
    person.sign_in(f"{name}@example.org")
    return Desk(site, person, pid)


def picture(seed: int = 0) -> bytes:
    """Return a small picture of nothing, another for each seed."""
    out = io.BytesIO()
    Image.frombytes("RGB", (40, 40), random.Random(seed).randbytes(4800)).save(out, "PNG")
    return out.getvalue()


@dataclass
class House:
    """A site and a state folder that outlive servers."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @contextlib.contextmanager
    def open(
        self, failpoint: str = "", extra: str = "", env: Mapping[str, str] | None = None
    ) -> Iterator[Desk]:
        """Start a server, and sign somebody in.

        :param failpoint: as `gitcms.repository.failpoints` has it. :param env: further variables.
        """
        env = {"GITCMS_FAILPOINT": failpoint, **(env or {})}
        with (
            (self.folder / "log").open("wb") as log,
            served(self.site, self.folder / "state", log=log, env=env, extra=extra) as server,
        ):
            yield sit_down(self.site, server.address, server.process.pid)

    def count(self) -> int:
        return int(git(self.site, "rev-list", "--count", "HEAD"))

    def rebuilds(self, commit: str) -> list[str]:
        """What became of each rebuild of a version."""
        with contextlib.closing(sqlite3.connect(self.folder / "state/gitcms.sqlite3")) as database:
            return [
                state
                for (state,) in database.execute('SELECT state FROM builds WHERE "commit" = ?', (commit,))
            ]

    def check_whole(self) -> None:
        assert git(self.site, "status", "--porcelain") == ""
        git(self.site, "fsck", "--strict")
        left = [path for path in self.site.rglob("*") if path.name.endswith((".lock", ".tmp"))]
        assert left == []


# ── faults that come and go ──


@contextlib.contextmanager
def injected(pid: int, *faults: str, only: Path | None = None) -> Iterator[None]:
    """Have the kernel answer some calls of a running process with an error (strace(1), "inject")."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace: apt-get install strace")
    strace = subprocess.Popen(
        ["strace", "-f", "-p", str(pid), "-o", os.devnull]
        + [part for fault in faults for part in ("-e", f"inject={fault}")]
        + (["-P", str(only)] if only else []),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strace.stderr is not None
    for line in strace.stderr:
        assert "attached" in line or "Requested path" in line, line
        if "attached" in line:
            break
    try:
        yield
    finally:
        strace.send_signal(signal.SIGINT)
        try:
            strace.communicate(timeout=10)
        except subprocess.TimeoutExpired:  # it waits for what is dead already
            strace.kill()
            strace.communicate()


@contextlib.contextmanager
def immutable(path: Path) -> Iterator[None]:
    """Make a file or folder one that not even root can change."""
    done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("needs chattr: root, on a file system such as ext4")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(path)], check=True)


@contextlib.contextmanager
def away(path: Path) -> Iterator[None]:
    """Take a file or folder away, and put it back."""
    hidden = path.with_name(f"{path.name}-away")
    path.rename(hidden)
    try:
        yield
    finally:
        hidden.rename(path)


@contextlib.contextmanager
def filled(folder: Path, *, leaving: int = 0) -> Iterator[None]:
    """Leave only so many KiB on a disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
        file.truncate(max(0, file.tell() - leaving * 1024))
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def without_room_for_files(folder: Path) -> Iterator[None]:
    """Take every file that a disk has room for (its inodes)."""
    taken: list[Path] = []
    with contextlib.suppress(OSError):
        for number in range(100_000):
            taken.append(folder / f"taken-{number}")
            taken[-1].touch()
    try:
        yield
    finally:
        for file in taken:
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a mounted disk one that can be read alone."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
