"""Rebuilds: the site's own generator run by a local command, and what came of it.

A rebuild works on a clean copy of the saved site, never on the working tree, and its result takes
the place of the last good one in a single step; a failed one changes nothing. When a rebuild is
due is decided in `events`, and who runs it in `jobs`.
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
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from gitcms.database.models import Build
from gitcms.errors import BuildError, StorageFailed
from gitcms.site import Site

LOG_BYTES = 64_000
ROWS_KEPT = 200
MOST_FILE_BYTES = 2_000_000_000
OFF, QUEUED, RUNNING, LIVE, FAILED = "off", "queued", "running", "live", "failed"


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """One rebuild, or none. Times are UTC; `log` is what the generator printed."""

    state: str
    id: int = 0
    commit: str = ""
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
    log: str = ""
    requested_by: str = ""


def is_on(site: Site) -> bool:
    """Tell whether this site is rebuilt by a command of ours."""
    return bool(site.config.build.command)


def status(site: Site) -> BuildStatus:
    """Return how the newest saved version stands: live only when the generator has built that one."""
    if not is_on(site):
        return BuildStatus(OFF)
    head = site.repository.head()
    newest = next(iter(recent(site, 1)), None)
    if newest is None or (newest.state in (LIVE, FAILED) and newest.commit != head):
        # The worker has not come to it yet.
        return BuildStatus(QUEUED, commit=head, requested_at=site.now())
    return newest


def recent(site: Site, limit: int = 50) -> list[BuildStatus]:
    """Return the newest rebuilds, newest first."""
    with site.database.session() as session:
        rows = session.scalars(select(Build).order_by(Build.id.desc()).limit(limit)).all()
        return [_status(row) for row in rows] if is_on(site) else []


def request(site: Site, by: str) -> None:
    """Ask for a rebuild of what is saved now. One that waits already is enough.

    :param by: the person's name, shown in the list of rebuilds.
    :raises BuildError: when the site has no build command.
    """
    if not is_on(site):
        raise BuildError(
            "This site is not rebuilt from here.", hint="An administrator can set a command under [build]."
        )
    with site.database.session() as session:
        enqueue(session, site.repository.head(), site.now(), by)


def enqueue(session: Session, commit: str, now: datetime, by: str) -> None:
    """Put a rebuild into the queue, in the caller's transaction.

    A waiting one takes the newer commit over instead of a second row, so that twenty saves are
    one rebuild.
    """
    waiting = session.scalars(select(Build).where(Build.state == QUEUED).order_by(Build.id)).first()
    if waiting is None:
        session.add(Build(commit=commit, state=QUEUED, requested_at=now, log="", requested_by=by))
    else:
        waiting.commit = commit


def run_next(site: Site, stop: threading.Event) -> bool:
    """Run the rebuild that waits, if one does and the saves have come to rest.

    The caller holds the lock that makes it the only builder.

    :returns: whether a rebuild was run.
    """
    with site.database.session() as session:
        row = session.scalars(select(Build).where(Build.state == QUEUED).order_by(Build.id)).first()
        if row is None or not _is_quiet(site, row):
            return False
        # What is saved by now is part of it: the copy is made of the newest commit.
        row.commit, row.state, row.started_at = site.repository.head(), RUNNING, site.now()
        number, commit = row.id, row.commit
    log, failure = _run(site, commit, stop)
    with site.database.session() as session:
        row = session.get_one(Build, number)
        row.state = FAILED if failure else LIVE
        row.message = failure
        row.log = log
        row.finished_at = site.now()
        for old in session.scalars(select(Build).where(Build.id <= number - ROWS_KEPT)):
            session.delete(old)
    return True


def requeue_interrupted(site: Site) -> None:
    """Put a rebuild that a stopped server left behind back into the queue."""
    with site.database.session() as session:
        for row in session.scalars(select(Build).where(Build.state == RUNNING)):
            row.state = FAILED
            row.message = "The server stopped during this rebuild. It was begun again."
            row.finished_at = site.now()
            enqueue(session, site.repository.head(), site.now(), row.requested_by)


def output_folder(site: Site) -> Path:
    """Return where the finished site lies: a link that always leads to the last good one."""
    configured = site.config.build.output
    return Path(configured).expanduser().absolute() if configured else site.state / "build" / "site"


def _status(row: Build) -> BuildStatus:
    return BuildStatus(
        state=row.state,
        id=row.id,
        commit=row.commit,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        message=row.message,
        log=row.log,
        requested_by=row.requested_by,
    )


def _is_quiet(site: Site, row: Build) -> bool:
    """Wait for the saves to come to rest, but not for ever."""
    now = site.now()
    asked = (now - row.requested_at).total_seconds()
    settings = site.config.build
    last = (now - site.repository.commit(site.repository.head()).when).total_seconds()
    return asked >= settings.most_seconds or min(asked, max(last, 0.0)) >= settings.quiet_seconds


def _run(site: Site, commit: str, stop: threading.Event) -> tuple[str, str]:
    """Build one commit. Returns what was printed, and a sentence when it failed, else ""."""
    folder = site.state / "build"
    try:
        folder.mkdir(exist_ok=True)
        source = _copy(site, commit, folder / "source")
        result = Path(tempfile.mkdtemp(prefix="result-", dir=folder))
    except OSError as error:
        return str(error), f"There is no room for a rebuild: {error.strerror}."
    log, failure = _command(site, source, result, stop)
    try:
        if not failure and not any(result.iterdir()):
            failure = "The rebuild finished, but made no pages."
        if failure:
            shutil.rmtree(result, ignore_errors=True)
        else:
            _put_in_place(result, output_folder(site), folder)
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


def _command(site: Site, source: Path, result: Path, stop: threading.Event) -> tuple[str, str]:
    """Run the build command, bounded in time and output, without anything secret in reach."""
    settings = site.config.build
    # Replaced, not formatted: other braces in a command belong to the command.
    command = [
        part.replace("{output}", str(result)).replace("{source}", str(source)) for part in settings.command
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryDirectory() as home:
        try:
            process = subprocess.Popen(
                command,
                cwd=source,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=_environment(home),
                start_new_session=True,
            )
        except OSError as error:
            return str(error), f"The rebuild command {command[0]!r} cannot be started: {error.strerror}."
        _bound(process.pid)
        failure = _wait(process, settings.timeout_seconds, stop)
        return _tail(out, source, result), failure


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


def _wait(process: subprocess.Popen[bytes], seconds: float, stop: threading.Event) -> str:
    end = time.monotonic() + seconds
    failure = ""
    while process.poll() is None and not failure:
        if stop.wait(0.05):
            failure = "The server stopped during this rebuild."
        elif time.monotonic() > end:
            failure = f"The rebuild took longer than {seconds:g} seconds and was stopped."
    _end(process)
    if not failure and process.returncode:
        failure = "The rebuild stopped: the site's generator reported a mistake."
    return failure


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the command and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(out: IO[bytes], source: Path, result: Path) -> str:
    size = out.seek(0, os.SEEK_END)
    out.seek(max(0, size - LOG_BYTES))
    text = out.read().decode("utf-8", errors="replace")
    # Where the copy lies on this server is nobody's business.
    return text.replace(f"{source}/", "").replace(str(source), ".").replace(str(result), "output")


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
