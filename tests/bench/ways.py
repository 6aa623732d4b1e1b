"""Ways to save one post, each in a clone of its own: ours, the floor in C, git's, and two peers'.

A way is called with a post's path and saves something new there. What is measured, and what the figures
should be, is in `save.py`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from gitcms import config as configuration
from gitcms import entries
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from gitcms.repository import Person, Repository
from gitcms.site import open_site
from tests.bench.sites import fresh, git, git_bytes
from tests.serving import PASSWORD, Form, serving
from tests.serving import Person as Visitor

Way = Callable[[str], None]

ADA = Person("Ada", "ada@example.org")
COMMITTER = Person("gitcms", "gitcms@localhost")
HERE = Path(__file__).resolve().parent


# ── ours ──


@contextmanager
def ours(site: Path, state: Path) -> Iterator[Repository]:
    """Open the repository, for the ways below."""
    repository = Repository.open(site, lock_folder=state, committer=COMMITTER)
    yield repository
    repository.close()


def change(repository: Repository) -> Way:
    def save(path: str) -> None:
        base = {path: repository.blob_of(path)}
        assert repository.save({path: fresh()}, base=base, author=ADA, message="Change a post")

    return save


def create(repository: Repository) -> Way:
    def save(path: str) -> None:
        new = path.replace(".md", f"-{time.monotonic_ns()}.md")
        assert repository.save({new: fresh()}, base={new: None}, author=ADA, message="Add a post")

    return save


def rename(repository: Repository) -> Way:
    """Give a post another name, in one commit."""
    names: dict[str, str] = {}

    def save(path: str) -> None:
        old = names.get(path, path)
        new = names[path] = path.replace(".md", f"-renamed-{time.monotonic_ns()}.md")
        blob = repository.blob_of(old)
        assert blob is not None
        changes = {old: None, new: repository.read_blob(blob)}
        assert repository.save(changes, base={old: blob, new: None}, author=ADA, message="Rename a post")

    return save


def delete(repository: Repository) -> Way:
    def save(path: str) -> None:
        assert repository.save(
            {path: None}, base={path: repository.blob_of(path)}, author=ADA, message="Delete a post"
        )

    return save


@contextmanager
def by_service(site: Path, state: Path) -> Iterator[Way]:
    """Save through the service that the pages call: opened, checked, edited, described, recorded."""
    config = (
        configuration.load(None).with_values("site", path=str(site)).with_values("state", folder=str(state))
    )
    opened = open_site(config)

    def save(path: str) -> None:
        collection = opened.collection_of(path)
        assert collection is not None
        entry = entries.open_entry(opened, collection, path)
        body = fresh().decode().split("---\n\n")[1] + str(time.monotonic_ns())
        start = time.perf_counter()
        done = entries.save(
            opened, collection, path, entries.Change(entry.base, entry.values, body), author=ADA
        )
        save.took = time.perf_counter() - start  # type: ignore[attr-defined]
        assert done.commit

    yield save
    opened.close()


@contextmanager
def by_http(site: Path, state: Path) -> Iterator[Way]:
    """Save by posting the form to a real server, as one person on one connection."""
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    users.add(
        database,
        name="Ada",
        email=ADA.email,
        role=Role.AUTHOR,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    database.close()
    with serving(site, state) as address:
        visitor = Visitor(address)
        visitor.sign_in(ADA.email)
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        parts = urlsplit(address)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=120)

        def ask(method: str, place: str, body: bytes | None = None) -> tuple[int, str]:
            headers = {"Cookie": cookie, "Origin": address}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, place, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

        home = ask("GET", "/")[1]
        found = re.search(r'/collections/([^/"]+)', home) or re.search(
            r"/collections/([^/\"]+)", visitor.get("/").text
        )
        name = found[1] if found else "posts"

        def save(path: str) -> None:
            # It closes a connection on which nothing came while the other ways took their turns.
            connection.close()
            place = f"/collections/{name}/entries/{quote(path)}"
            form = Form.first(ask("GET", place)[1], place)
            text = fresh().decode().split("---\n\n")[1] + str(time.monotonic_ns())
            body = urlencode(form.with_values({"body": text, "intent": "save"})).encode()
            start = time.perf_counter()
            status, page = ask("POST", place, body)
            save.took = time.perf_counter() - start  # type: ignore[attr-defined]
            assert status == 303, page[:2000]

        yield save
        connection.close()


# ── the floor ──


class Floor:
    """The C program, compiled and fed with the trees that it keeps in memory."""

    def __init__(self, site: Path, program: Path) -> None:
        subprocess.run(
            ["cc", "-O2", "-w", "-o", str(program), str(HERE / "floor.c"), "-lcrypto", "-lz"], check=True
        )
        head = git(site, "rev-parse", "HEAD").strip()
        self._process = subprocess.Popen(
            [str(program), str(site), "main", head], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.said = ""
        folders = {".": f"{head}^{{tree}}"}
        for line in git(site, "ls-tree", "-r", "-d", "-z", head).split("\0")[:-1]:
            facts, _, path = line.partition("\t")
            folders[path] = facts.split(" ")[2]
        for folder, tree in folders.items():
            self._send(f"tree {folder}", git_bytes(site, "cat-file", "tree", tree))

    def save(self, path: str) -> None:
        data = fresh()
        start = time.perf_counter()
        self._send(f"save {path}", data)
        assert self._process.stdout is not None
        self.said = self._process.stdout.readline().decode().strip()
        self.took = time.perf_counter() - start
        assert self.said

    def _send(self, what: str, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what} {len(data)}\n".encode() + data)
        self._process.stdin.flush()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


# ── git's, and peers' ──


def by_git(site: Path, *settings: str) -> Way:
    """`git add F && git commit -- F`, as a person or a script would."""

    def save(path: str) -> None:
        (site / path).write_bytes(fresh())
        git(site, *settings, "add", path)
        git(site, *settings, "commit", "-q", "-m", "Change a post", "--", path)

    return save


OTTERWIKI = """
import sys, json
from otterwiki.gitstorage import GitStorage
storage = GitStorage(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    path, text = json.loads(line)
    assert storage.store(path, text, "Change a post", ("Ada", "ada@example.org"))
    print("saved", flush=True)
"""


@contextmanager
def by_otterwiki(site: Path, root: Path) -> Iterator[Way]:
    """Otterwiki's `GitStorage.store`, in a virtual environment of its own."""
    home = root / "otterwiki"
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin/pip", "install", "-q", "otterwiki"], check=True, stderr=subprocess.DEVNULL)
    process = subprocess.Popen(
        [home / "bin/python", "-c", OTTERWIKI, str(site)],
        env={
            **os.environ,
            "REPOSITORY": str(site),
            "SECRET_KEY": "x" * 32,
            "SQLALCHEMY_DATABASE_URI": "sqlite://",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    def save(path: str) -> None:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps([path, fresh().decode()]) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "saved\n"

    yield save
    process.stdin.close()
    process.wait(10)


@contextmanager
def by_decap(site: Path, root: Path) -> Iterator[Way]:
    """decap-server's persistEntry, over HTTP."""
    home = root / "decap"
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), "decap-server"]
    subprocess.run(command, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [shutil.which("node") or "node", home / "node_modules/decap-server/dist/index.js"],
        cwd=site,
        env={
            **os.environ,
            "MODE": "git",
            "GIT_REPO_DIRECTORY": str(site),
            "PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "LOG_LEVEL": "error",
        },
        stdout=subprocess.DEVNULL,
    )
    with ExitStack() as stack:
        stack.callback(process.wait, 10)
        stack.callback(process.terminate)
        connection = HTTPConnection("127.0.0.1", port, timeout=300)
        _wait_for(connection)

        def save(path: str) -> None:
            params = {
                "branch": "main",
                "dataFiles": [{"slug": Path(path).stem, "path": path, "raw": fresh().decode()}],
                "assets": [],
                "options": {
                    "commitMessage": "Change a post",
                    "collectionName": "posts",
                    "useWorkflow": False,
                    "status": "draft",
                },
            }
            body = json.dumps({"action": "persistEntry", "params": params})
            # It closes a connection on which nothing came for some seconds.
            connection.close()
            connection.request("POST", "/api/v1", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said[:1000]

        yield save


def _wait_for(connection: HTTPConnection) -> None:
    for _ in range(100):
        try:
            connection.connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")
