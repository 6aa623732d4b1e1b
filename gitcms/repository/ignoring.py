"""Which new names the site leaves out of its history (gitignore(5)), asked of one git that stays at hand.

To start a program for each new file would cost more than the rest of its save. The one that stays is started
anew when a file that holds such rules has changed. Asked under the save lock only.
"""

from __future__ import annotations

import os
import select
import subprocess
import weakref
from collections.abc import Sequence
from pathlib import Path

from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.repository.opening import Place
from gitcms.repository.plumbing import start
from gitcms.repository.storage import signature, storage_failed

SECONDS = 5.0
_FIELDS = 4  # what git answers for a path: the file of the rule, its line, the rule, the path


class Ignored:
    """The rules of one working tree."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._seen: dict[Path, object] = {}
        named = place.setting("core.excludesfile")
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        self._everywhere = [
            Path(os.path.expanduser(named)) if named else Path(home) / "git" / "ignore",
            place.common_folder / "info" / "exclude",
        ]
        # There the rules may lie in the index alone, which git reads when it starts.
        self._sparse = place.setting("core.sparsecheckout") == "true"

    def first(self, paths: Sequence[str]) -> str | None:
        """Return the first of these paths that the site leaves out, None when it takes them all.

        :raises StorageFailed: git does not say. :raises RepositoryBusy: it takes too long to answer.
        """
        if self._sparse or self._changed(paths) or self._owner != os.getpid():
            self.close()
        for path in paths:
            try:
                rule = self._ask(path)
            except (OSError, ValueError):  # it was killed, perhaps
                self.close()
                try:
                    rule = self._ask(path)
                except OSError as error:
                    self.close()
                    raise storage_failed(error, "starting git check-ignore") from error
                except ValueError as error:
                    self.close()
                    raise StorageFailed(
                        "Which files the site leaves out cannot be found out.", details=str(error)
                    ) from error
            if rule and not rule.startswith(b"!"):
                return path
        return None

    def close(self) -> None:
        """End the program. The next question starts another one."""
        if self._process is not None:
            _end(self._process, self._owner)
        self._process = None

    def _changed(self, paths: Sequence[str]) -> bool:
        """Tell whether a file with rules for these paths is not what it was; take note of what it is."""
        files = set(self._everywhere)
        for path in paths:
            *folders, _ = path.split("/")
            files |= {
                self._place.top.joinpath(*folders[:depth], ".gitignore") for depth in range(len(folders) + 1)
            }
        changed = False
        for file in files:
            now = signature(file)
            changed = changed or self._seen.get(file, now) != now
            self._seen[file] = now
        return changed

    def _ask(self, path: str) -> bytes:
        """Return the rule that speaks of a path, empty for none."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        # `./` keeps a first colon from being read as magic, since this command does not take literal paths.
        process.stdin.write(b"./" + path.encode("utf-8", "surrogateescape") + b"\0")
        process.stdin.flush()
        answer = b""
        while answer.count(b"\0") < _FIELDS:
            if not select.select([process.stdout], [], [], SECONDS)[0]:
                self.close()  # asked again it would take as long, and everybody else waits meanwhile
                raise RepositoryBusy(
                    "It took too long to find out which files the site leaves out.",
                    details=f"git check-ignore did not answer within {SECONDS} s",
                )
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                raise ValueError("git check-ignore ended")
            answer += data
        return answer.split(b"\0")[2]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            whole = [] if self._sparse else ["--no-index"]
            self._process = start(
                ["check-ignore", "-z", "--stdin", "--verbose", "--non-matching", *whole],
                cwd=self._place.top,
                overruled=self._place.overruled,
                extra={"GIT_LITERAL_PATHSPECS": "0"},
            )
            self._owner = os.getpid()
            weakref.finalize(self, _end, self._process, self._owner)
        return self._process


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() != owner:
        return  # a process that was forked off does not end what its parent uses
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
    process.kill()
    process.wait()
