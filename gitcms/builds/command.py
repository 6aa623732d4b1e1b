"""The site's own generator, and what publishes its result, run by local commands of this server.

A rebuild works on a clean copy of the saved site, never on the working tree, and its result takes
the place of the last good one in a single step; a failed one changes nothing. The commands are bounded
like a stranger's: time, size of files, no terminal, no environment of ours, and nothing that they started
outlives them. What came of a rebuild is written down in `standing`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import select

from gitcms.builds.standing import FAILED, LIVE, QUEUED, RUNNING, enqueue, is_here, trim
from gitcms.database.models import Build
from gitcms.errors import StorageFailed
from gitcms.site import Site

LOG_BYTES = 64_000
LOG_SECONDS = 1.0
"""So often what the generator has printed so far is written down, for who watches."""
BUILDING, PUBLISHING = "building", "publishing"
MISTAKE = {
    BUILDING: "The rebuild stopped: the site’s generator reported a mistake.",
    PUBLISHING: "Publishing stopped: its command reported a mistake.",
}
MOST_FILE_BYTES = 2_000_000_000


def run_next(site: Site, stop: threading.Event) -> bool:
    """Run the rebuild that waits, if one does and the saves have come to rest.

    The caller holds the lock that makes it the only builder.

    :returns: whether a rebuild was run.
    """
    with site.database.session() as session:
        waiting = select(Build).where(is_here(), Build.state == QUEUED).order_by(Build.id)
        row = session.scalars(waiting).first()
        if row is None or not _is_quiet(site, row):
            return False
        # What is saved by now is part of it: the copy is made of the newest commit.
        row.commit, row.state, row.started_at = site.repository.head(), RUNNING, site.now()
        number, commit = row.id, row.commit
    log, failure = _run(site, commit, stop, lambda text: _keep_log(site, number, text))
    with site.database.session() as session:
        row = session.get_one(Build, number)
        row.state = FAILED if failure else LIVE
        row.message = failure
        row.log = log
        row.finished_at = site.now()
        row.told_by = "command"
        trim(session, number)
    return True


def requeue_interrupted(site: Site) -> None:
    """Put a rebuild that a stopped server left behind back into the queue."""
    with site.database.session() as session:
        for row in session.scalars(select(Build).where(is_here(), Build.state == RUNNING)):
            row.state = FAILED
            row.message = "The server stopped during this rebuild. It was begun again."
            row.finished_at = site.now()
            enqueue(session, site.repository.head(), site.now(), row.requested_by)


def output_folder(site: Site) -> Path:
    """Return where the finished site lies: a link that always leads to the last good one."""
    configured = site.config.build.output
    return Path(configured).expanduser().absolute() if configured else site.state / "build" / "site"


def _is_quiet(site: Site, row: Build) -> bool:
    """Wait for the saves to come to rest, but not for ever."""
    now = site.now()
    asked = (now - row.requested_at).total_seconds()
    settings = site.config.build
    last = (now - site.repository.commit(site.repository.head()).when).total_seconds()
    return asked >= settings.most_seconds or min(asked, max(last, 0.0)) >= settings.quiet_seconds


def _keep_log(site: Site, number: int, text: str) -> None:
    with site.database.session() as session:
        session.get_one(Build, number).log = text


def _run(site: Site, commit: str, stop: threading.Event, keep: Callable[[str], None]) -> tuple[str, str]:
    """Build one commit and publish it. Returns what was printed, and a sentence when it failed, else ""."""
    folder = site.state / "build"
    try:
        folder.mkdir(exist_ok=True)
        source = _copy(site, commit, folder / "source")
        result = Path(tempfile.mkdtemp(prefix="result-", dir=folder))
    except OSError as error:
        return str(error), f"There is no room for a rebuild: {error.strerror}."
    run = _Run(site, source, result, stop, keep)
    log, failure = run.command(site.config.build.command, BUILDING)
    try:
        if not failure and not any(result.iterdir()):
            failure = "The rebuild finished, but made no pages."
        if failure:
            shutil.rmtree(result, ignore_errors=True)
        else:
            _put_in_place(result, output_folder(site), folder)
            if site.config.build.publish:
                log, failure = run.command(site.config.build.publish, PUBLISHING)
    except (OSError, StorageFailed) as error:
        failure = str(error)
    return log, failure


def _copy(site: Site, commit: str, source: Path) -> Path:
    """Make `source` hold exactly the files of a commit; only what differs is written.

    Links are left out: a build must not be led out of its folder.
    """
    source.mkdir(exist_ok=True)
    manifest = source.with_name("source.json")
    known: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}
    wanted = {
        file.path: file.blob for file in site.repository.files(commit) if file.mode in ("100644", "100755")
    }
    manifest.unlink(missing_ok=True)
    for path in known.keys() - wanted.keys():
        _remove(source, path)
    for path, blob in wanted.items():
        target = source / path
        if known.get(path) != blob or not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(site.repository.read_blob(blob))
    manifest.write_text(json.dumps(wanted))
    return source


def _remove(source: Path, path: str) -> None:
    target = source / path
    target.unlink(missing_ok=True)
    for parent in target.parents:
        if parent == source or not parent.is_dir() or any(parent.iterdir()):
            return
        parent.rmdir()


class _Run:
    """The commands of one rebuild: where they run, until when, and what they print."""

    def __init__(
        self, site: Site, source: Path, result: Path, stop: threading.Event, keep: Callable[[str], None]
    ) -> None:
        self._source, self._result = source, result
        self._stop, self._keep = stop, keep
        self._end = time.monotonic() + site.config.build.timeout_seconds
        self._seconds = site.config.build.timeout_seconds
        self._before = ""

    def command(self, words: Sequence[str], what: str) -> tuple[str, str]:
        """Run a command. Returns all that was printed so far, and a sentence when it failed, else ""."""
        # Replaced, not formatted: other braces in a command belong to the command.
        command = [
            word.replace("{output}", str(self._result)).replace("{source}", str(self._source))
            for word in words
        ]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryDirectory() as home:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self._source,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env=_environment(home),
                    start_new_session=True,
                )
            except OSError as error:
                return str(error), f"The command {command[0]!r} cannot be started: {error.strerror}."
            _bound(process.pid)
            failure = self._wait(process, out, what)
            self._before = self._printed(out)
        return self._before, failure

    def _wait(self, process: subprocess.Popen[bytes], out: IO[bytes], what: str) -> str:
        failure, kept, size = "", time.monotonic(), 0
        while process.poll() is None and not failure:
            if self._stop.wait(0.05):
                failure = "The server stopped during this rebuild."
            elif time.monotonic() > self._end:
                failure = self._too_long(what)
            elif time.monotonic() - kept > LOG_SECONDS:
                kept = time.monotonic()
                if os.fstat(out.fileno()).st_size != size:
                    size = os.fstat(out.fileno()).st_size
                    self._keep(self._printed(out))
        _end(process)
        if not failure and process.returncode:
            failure = MISTAKE[what]
        return failure

    def _too_long(self, what: str) -> str:
        if what == BUILDING:
            return f"The rebuild took longer than {self._seconds:g} seconds and was stopped."
        return f"Publishing took longer than {self._seconds:g} seconds and was stopped."

    def _printed(self, out: IO[bytes]) -> str:
        # Read by place: the command goes on writing where the file's own mark is.
        size = os.fstat(out.fileno()).st_size
        text = os.pread(out.fileno(), LOG_BYTES, max(0, size - LOG_BYTES)).decode("utf-8", errors="replace")
        # Where the copy lies on this server is nobody's business.
        source, result = str(self._source), str(self._result)
        text = text.replace(f"{source}/", "").replace(source, ".").replace(result, "output")
        return (self._before + text.replace("\0", "\ufffd"))[-LOG_BYTES:]


def _environment(home: str) -> dict[str, str]:
    """Return a small environment: no token or address of ours reaches the generator."""
    # The folder of our own interpreter comes first, for generators installed beside us.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"PATH": path, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "TZ": os.environ.get("TZ", "UTC")}


def _bound(process: int) -> None:
    """Keep one file that the command writes from filling the disk, where the system can."""
    if sys.platform == "linux":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
            resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the command and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _put_in_place(result: Path, link: Path, folder: Path) -> None:
    """Let the link lead to the new result in one step, and clear older results away."""
    result.chmod(0o755)
    if link.exists() and not link.is_symlink():
        raise StorageFailed(
            f"{link} is a folder of its own, so the finished site cannot take its place.",
            hint="Move it away, or name another folder as [build] output.",
        )
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(result)
    fresh.replace(link)
    for old in folder.glob("result-*"):
        if old != result:
            shutil.rmtree(old, ignore_errors=True)
