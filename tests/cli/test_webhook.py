"""`gitcms webhook` on a real site, and a server beside it that sends what was asked for."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from click.testing import CliRunner

from gitcms.cli.webhook import webhook
from tests.making import JEKYLL, make_repository
from tests.serving import serving


def test_a_service_is_added_tested_and_its_log_read_beside_a_running_server(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "site", JEKYLL)
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    file = tmp_path / "gitcms.toml"
    file.write_text(
        f'[state]\nfolder = "{tmp_path / "state"}"\n[network]\nallowed = ["127.0.0.1:{server.server_port}"]\n'
    )

    def run(*arguments: str, fails: bool = False) -> str:
        done = CliRunner().invoke(webhook, [*arguments, "--site", str(folder), "--config", str(file)])
        assert (done.exit_code != 0) == fails, done.output
        return done.output + str(done.exception or "")

    url = f"http://127.0.0.1:{server.server_port}/hooks/very-secret-part"
    assert "whsec_" in run("add", "Index", "standard", f"url={url}")
    assert "leads into" in run("add", "Inner", "standard", "url=https://10.0.0.1/", fails=True)
    assert "secret" not in run("list") and "Index" in run("list")
    allowed = "[network]" + file.read_text().partition("[network]")[2]
    with serving(folder, tmp_path / "state", extra=allowed):
        run("test", "1")
        end = time.monotonic() + 30
        while "arrived" not in run("log") and time.monotonic() < end:
            time.sleep(0.2)
    server.shutdown()
    server.server_close()
    assert json.loads(got[0])["type"] == "ping"
    (line,) = run("log", "--json").splitlines()
    assert json.loads(line)["tries"][0]["status"] == 204 and "very-secret" not in line
    assert "no such webhook" in run("rotate", "9", fails=True)


def test_a_service_is_let_call_and_no_more(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "site", JEKYLL)
    file = tmp_path / "gitcms.toml"
    file.write_text(f'[state]\nfolder = "{tmp_path / "state"}"\n')

    def run(*arguments: str, **more: str) -> str:
        place = ["--site", str(folder), "--config", str(file)]
        done = CliRunner().invoke(webhook, [*arguments, *place], input=more.get("typed"))
        return done.output + str(done.exception or "")

    said = run("accept", "Our GitHub", "github")
    assert "/hooks/1, by POST" in said and len(said.splitlines()[-1]) > 30
    assert "not shown again" not in run("accept", "V", "vercel", "--secret", typed="a secret of vercel\n")
    assert "github      Our GitHub" in run("callers")
    assert "not believed any more" in run("refuse", "1")
    assert "GitHub" not in run("callers") and "no such service" in run("refuse", "1")
