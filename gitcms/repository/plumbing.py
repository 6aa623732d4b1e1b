"""Git as a tool: GitPython's objects, made to run git's plumbing only, in an environment of our own.

A repository's own configuration may name programs: hooks, filters, text converters, a file system
monitor, pagers, helpers. None of them ever runs from here (githooks(5), gitattributes(5)). The
configuration of the user and of the machine is honoured, since `safe.directory` and line-end habits
live there. No text of an author becomes an argument: ids are checked, paths go in as literal ones.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import weakref
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

# GitPython asks for git's version when it is imported, and we want to say ourselves that it is missing.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import git

from gitcms.errors import NotFound, RepositoryError, RepositoryUnusable, StorageFailed
from gitcms.repository.storage import CAUSES, read_whole, storage_failed

OLDEST_GIT = (2, 31)
SECONDS = 120.0
"""The longest that one run of git may take."""

ID = re.compile(r"[0-9a-f]{40}")
_HEADER = re.compile(rb"(blob|tree|commit|tag) ([0-9]+)")

_KEPT = [
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "SUDO_UID",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "GIT_EXEC_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
]
_LEADING_ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
)
_SET = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
}
_OVERRULED = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.sshCommand": "false",
    "core.askPass": "false",
    "core.pager": "cat",
    "core.editor": "false",
    "core.alternateRefsCommand": "false",
    "core.quotePath": "false",
    "credential.helper": "",
    "diff.external": "",
    "gpg.program": "false",
    "gpg.ssh.program": "false",
    "gpg.x509.program": "false",
    "log.showSignature": "false",
    "log.mailmap": "false",
    "i18n.logOutputEncoding": "UTF-8",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "gc.auto": "0",
    "maintenance.auto": "false",
}


def environment(overruled: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the whole environment in which git runs.

    :param overruled: further configuration that wins over the repository's own.
    """
    env = {name: os.environ[name] for name in _KEPT if name in os.environ} | _SET
    settings = _OVERRULED | dict(overruled or {})
    env["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings.items()):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    return env


def forget_callers_repository() -> None:
    """Take out of this process's environment what would lead GitPython to another repository.

    Git sets these for the hooks and aliases that it runs (`git rev-parse --local-env-vars`), and whoever
    starts a server from one of those does not mean them for us.
    """
    for name in _LEADING_ELSEWHERE:
        os.environ.pop(name, None)


class PlainGit(git.Git):
    """GitPython's way to run git, in our environment and nothing of the caller's."""

    overruled: Mapping[str, str] = {}

    def execute(  # type: ignore[override]
        self, command: Any, istream: Any = None, as_process: bool = False, **unused: Any
    ) -> Any:
        """Start git for GitPython's own use: a process that answers on its standard output."""
        process = subprocess.Popen(  # the arguments are GitPython's, for its persistent readers
            [str(part) for part in command],
            cwd=os.fspath(self.working_dir or "/"),
            env=environment(self.overruled),
            stdin=istream or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if as_process:
            return self.AutoInterrupt(process, command)
        output, _ = process.communicate(timeout=SECONDS)
        return output.decode("utf-8", "replace").strip()


class PlainRepo(git.Repo):
    """A GitPython repository that runs git through PlainGit only."""

    GitCommandWrapperType = PlainGit
    git: PlainGit


def run(
    arguments: Sequence[str | bytes],
    *,
    cwd: str | os.PathLike[str],
    stdin: bytes = b"",
    overruled: Mapping[str, str] | None = None,
    extra: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> tuple[int, bytes, str]:
    """Run git once and return its exit code, its output, and what it said.

    :param arguments: the subcommand and its arguments. Never an author's text, save as a path behind `--`.
    :param extra: further variables of the environment.
    :raises StorageFailed: git could not be started. :raises RepositoryError: it took too long.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd,
            env=environment(overruled) | dict(extra or {}),
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError as error:
        if not os.path.isdir(cwd):
            raise RepositoryUnusable(
                "The folder of the site is gone.",
                hint="Put it back where it was, or start again with its new place.",
            ) from error
        raise git_missing() from error
    except subprocess.TimeoutExpired as error:
        raise RepositoryError(
            "Reading the history took too long.", details=f"git {arguments[0]!r} after {seconds} s"
        ) from error
    except OSError as error:
        raise storage_failed(error, "starting git") from error
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def start(
    arguments: Sequence[str],
    *,
    cwd: str | os.PathLike[str],
    overruled: Mapping[str, str] | None = None,
    extra: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a git that stays, and answers on its output what it is asked on its input.

    The arguments are those of `run`. :raises OSError: it cannot be started.
    """
    return subprocess.Popen(
        ["git", *arguments],
        cwd=cwd,
        env=environment(overruled) | dict(extra or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def git_missing() -> RepositoryUnusable:
    """Return the error for a machine without git."""
    return RepositoryUnusable(
        "Git is not installed on the server.",
        hint=f"Install git {'.'.join(map(str, OLDEST_GIT))} or newer.",
    )


class Reader:
    """One thread's way to read: what lies by itself from its file, anything else by a GitPython repository
    with a `git cat-file --batch` kept alive."""

    def __init__(self, top: str, overruled: Mapping[str, str]) -> None:
        self.repo = PlainRepo(top, expand_vars=False)
        self.repo.git.overruled = overruled
        self._objects = os.path.join(self.repo.common_dir, "objects")
        self._place: object = None
        # Its own thread may end at any time, and the helper with it.
        weakref.finalize(self, self.repo.git.clear_cache)

    def read(self, oid: str) -> tuple[str, bytes]:
        """Return the kind and the bytes of an object.

        :raises NotFound: there is none of this id. :raises StorageFailed: it is damaged.
        """
        if not ID.fullmatch(oid):
            raise NotFound("There is no such version.", details=repr(oid[:80]))
        try:
            return self._read(oid)
        except NotFound:
            if self._place == _identity(self._objects):
                raise
            # Another clone took the place of the one that the helper still looks into, as a backup does.
            self.close()
        except (OSError, ValueError):
            # The helper died (killed, out of memory, gone with its terminal): another one may live.
            self.close()
        try:
            return self._read(oid)
        except (OSError, ValueError) as error:
            self.close()
            if isinstance(error, OSError) and error.errno in CAUSES:
                raise storage_failed(error, f"reading {oid}") from error
            raise StorageFailed(
                "A stored version of the site is damaged or cannot be read.",
                hint="Ask an administrator to check the site's folder with `git fsck`.",
                details=f"{oid}: {error}",
            ) from error

    def _read(self, oid: str) -> tuple[str, bytes]:
        # What another process saved a moment ago: to ask git for it would cost two turns of two processes.
        loose = _loose(f"{self._objects}/{oid[:2]}/{oid[2:]}")
        if loose is not None:
            return loose
        if self._place is None:
            self._place = _identity(self._objects)
        try:
            # GitPython's annotations say text; what comes over the pipe are bytes.
            _, kind, size, data = cast(
                "tuple[str, str | bytes, int, bytes]", self.repo.git.get_object_data(oid)
            )
        except ValueError as error:
            if "missing" in str(error):
                raise NotFound("There is no such version.", details=oid) from error
            raise
        if len(data) != size:
            raise ValueError(f"{len(data)} of {size} bytes")
        return kind if isinstance(kind, str) else kind.decode(), data

    def close(self) -> None:
        """End the helper. The next read starts another one."""
        # One that is broken cannot take what was still on its way to it, and would be asked for ever after.
        with contextlib.suppress(OSError):
            self.repo.git.clear_cache()
        self.repo.git.cat_file_all = self.repo.git.cat_file_header = None
        self._place = None


def _loose(file: str) -> tuple[str, bytes] | None:
    """Return an object that lies in a file of its own (gitformat-loose(5)).

    None where git has to look, and to say what is wrong with it.
    """
    try:
        data = zlib.decompress(read_whole(file))
    except (OSError, zlib.error):
        return None
    header, _, content = data.partition(b"\0")
    known = _HEADER.fullmatch(header)
    return (known[1].decode(), content) if known and int(known[2]) == len(content) else None


def _identity(folder: str) -> object:
    """Return what tells a folder from another one of the same name."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
