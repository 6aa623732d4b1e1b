"""How much memory a server takes on a large site: a real `gitcms serve`, asked for pages one after another.

    python tests/bench/memory.py [--posts N] [--site FOLDER]

Prints what the process holds (RSS) after each step, and at the end the most it ever held, in megabytes. The
site is new to the server at first; then the server starts again, with what it has read before.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.index import made_of_words
from tests.bench.sites import path_of
from tests.serving import PASSWORD, Form, Person

AT_MOST = 300
PAGES = (
    "/",
    "/collections/posts/",
    "/collections/posts/?page=200",
    "/collections/posts/?sort=title",
    "/collections/posts/?q=harbour",
    "/collections/posts/?q=river+evening",
    "/collections/posts/?sort=by:author",
    f"/collections/posts/entries/{path_of(0)}",
    f"/collections/posts/entries/{path_of(77)}",
    f"/collections/posts/history/{path_of(0)}",
    f"/collections/posts/deletions/{path_of(0)}",
    f"/collections/posts/moves/{path_of(0)}",
    "/collections/posts/new",
    "/history",
    "/trash",
    "/rebuilds",
    "/people",
    "/settings",
    "/metrics",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--site", type=Path, help="one that `made_of_words` has made before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        site = options.site or made_of_words(root, options.posts)
        with served(site, root) as (process, address, link):
            person = first_person(address, link)
            visit(process.pid, person)
        print("started again")
        with served(site, root) as (process, address, _):
            person.address = address
            visit(process.pid, person)


@contextmanager
def served(site: Path, root: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    config = root / "my.toml"
    config.write_text(f'[state]\nfolder = "{root / "served"}"\n')
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "gitcms", "serve", str(site), "--config", str(config), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    told = ""
    assert process.stdout is not None
    for line in process.stdout:
        told += line
        if "Ctrl+C" in line:
            break
    found = re.search(r"(http://127\.0\.0\.1:\d+)", told)
    link = re.search(r"(/welcome/\S+)", told)
    assert found, told
    try:
        yield process, found[1], link[1] if link else ""
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def first_person(address: str, link: str) -> Person:
    person = Person(address)
    form = Form.first(person.get(link).text, 'class="slip"')
    person.post(link, form.filled(name="Ada Rivas", email="ada@example.org", password=PASSWORD))
    return person


def visit(server: int, person: Person) -> None:
    print(f"{'started':50}{held(server, 'VmRSS'):6} MB")
    for page in PAGES:
        start = time.perf_counter()
        while (answer := person.get(page)).status in (503, 507):
            time.sleep(1)
        if answer.status >= 400:
            print(f"{page[:48]:50}answers {answer.status}")
        seconds = time.perf_counter() - start
        print(f"{page[:48]:50}{held(server, 'VmRSS'):6} MB  {seconds * 1000:9.0f} ms", flush=True)
    most = held(server, "VmHWM")
    print(f"at most {most} MB{f', over {AT_MOST}' if most > AT_MOST else ''}")


def held(process: int, what: str) -> int:
    """Return a line of proc_pid_status(5) in megabytes."""
    found = re.search(rf"^{what}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) // 1024


if __name__ == "__main__":
    main()
