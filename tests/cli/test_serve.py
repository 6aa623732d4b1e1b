"""The server that ships with gitcms: where it listens, how the first person comes in, how it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from gitcms.cli.serve import serve
from gitcms.errors import ConfigError
from tests.making import JEKYLL, make_repository
from tests.serving import PASSWORD, Form, Person


def start(tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    config = tmp_path / "my.toml"
    config.write_text(f'[state]\nfolder = "{tmp_path / "state"}"\n')
    command = [sys.executable, "-u", "-m", "gitcms", "serve", str(tmp_path / "site"), "--config", str(config)]
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lines_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if words in line:
            return read
    raise AssertionError(read)


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> float:
    began = time.monotonic()
    process.send_signal(number)
    process.wait(20)
    process.communicate()
    return time.monotonic() - began


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "site", JEKYLL)


def test_the_first_person_becomes_administrator_by_a_link_that_works_once(site: Path, tmp_path: Path) -> None:
    process = start(tmp_path, "--port", "0")
    try:
        told = lines_until(process, "Ctrl+C")
        found = re.search(r"(http://127\.0\.0\.1:\d+)(/welcome/\S+)", told)
        assert found, told
        address, link = found.groups()
        person = Person(address)
        form = Form.first(person.get(link).text, 'class="slip"')
        answer = person.post(link, form.filled(name="Ada Pérez", email="ada@example.org", password=PASSWORD))
        assert answer.status == 303
        assert "Ágora Abierta" in person.get("/").text
        assert person.get("/people").status == 200
        assert Person(address).get(link).status != 200
    finally:
        end(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_asked_to(site: Path, tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, "--port", "0")
    lines_until(process, "Ctrl+C")
    assert end(process, number) < 15
    assert process.returncode == 0


def test_a_port_that_is_taken_is_a_sentence(site: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = start(tmp_path, "--port", str(other.getsockname()[1]))
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "cannot listen" in errors and "--port" in errors and "Traceback" not in errors


def test_passwords_do_not_cross_a_network_readable_unless_somebody_says_so(site: Path) -> None:
    result = CliRunner().invoke(serve, [str(site), "--host", "0.0.0.0", "--port", "0"])
    assert isinstance(result.exception, ConfigError)
    assert "readable" in str(result.exception)


def test_a_folder_that_is_no_site_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/notes.txt").write_text("No site.")
    process = start(tmp_path, "--port", "0")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.strip() and "Traceback" not in errors
