"""What the faults share: a clone to break, and small disks to break it on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.repository.conftest import Clone, _own_home, clone, repository

__all__ = ["_own_home", "clone", "repository"]

ONE = "_posts/one.md"
# One save in a process of its own; what became of it is told by the exit code, since writing may be broken.
SAVE = """
import sys
from pathlib import Path
from gitcms.errors import GitCMSError
from gitcms.repository import Person, Repository

site, state, words = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
repository = Repository.open(site, lock_folder=state, committer=Person("gitcms", "gitcms@localhost"))
base = {"_posts/one.md": repository.blob_of("_posts/one.md")}
print("ready", flush=True)
sys.stdin.readline()
code = 0
try:
    ada = Person("Ada", "ada@example.org")
    repository.save({"_posts/one.md": b"mine" * 5000}, base=base, author=ada, message="Change")
except GitCMSError as error:
    code = 10 if words in str(error) else 11
import os
os._exit(code)
"""
SAVED, SAID = 0, 10


def start_save(clone: Clone, words: str) -> subprocess.Popen[str]:
    """Start a process that is about to save. It exits with SAVED, or SAID when refused with these words."""
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE, str(clone.folder), str(clone.state), words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> int:
    """Let it save, and return its exit code."""
    process.communicate("go\n", timeout=60)
    return process.returncode


def injected(clone: Clone, fault: str, words: str, only: Path | None = None) -> int:
    """Save while the kernel answers some of the process's calls with an error (strace(1), "inject").

    :param only: break calls on this file alone.
    """
    if shutil.which("strace") is None:
        pytest.skip("needs strace: apt-get install strace")
    process = start_save(clone, words)
    strace = subprocess.Popen(
        ["strace", "-f", "-p", str(process.pid), "-o", os.devnull, "-e", f"inject={fault}"]
        + (["-P", str(only)] if only else []),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strace.stderr is not None
    said = strace.stderr.readline()
    assert "attached" in said, said
    try:
        return go(process)
    finally:
        strace.send_signal(signal.SIGINT)
        strace.communicate()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str, Path], Path]]:
    """Mount a small disk with these options over a folder."""
    made: list[Path] = []

    def make(options: str, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("needs root: run the tests as root, to mount a small disk")
        made.append(folder)
        return folder

    yield make
    for folder in reversed(made):
        subprocess.run(["umount", "-l", str(folder)], check=True)


def filled(folder: Path) -> Path:
    """Leave no room on a disk, and return the file that takes it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler
