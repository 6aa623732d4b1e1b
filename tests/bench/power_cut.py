"""Cut the power right behind each answer, and look whether the save is there.

    python tests/bench/power_cut.py [--rounds N] [--disk ext4|xfs|btrfs] [--after S …] [--without-fsync]

The site and its state lie on a disk that is a file. Behind each acknowledged save the file is copied: what
had not reached it is lost, as when the power goes. The copy is mounted, which plays the disk's own journal,
and looked at. `--after` cuts it so many seconds behind each answer, too, when the disk has begun to write
down what nobody waited for. `--without-fsync` shows what would be lost if nothing waited for the disk.
Needs root.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.repository import Repository, storage
from tests.repository.conftest import ADA, COMMITTER, Clone

POST = "_posts/one.md"
MEGABYTES = {"ext4": 32, "xfs": 300, "btrfs": 128}
QUIET = {"ext4": ["-q", "-F"], "xfs": ["-q", "-f"], "btrfs": ["-q", "-f", "-m", "single"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--disk", choices=sorted(MEGABYTES), default="ext4")
    parser.add_argument("--after", type=float, nargs="+", default=[], help="seconds behind the answer")
    parser.add_argument("--without-fsync", action="store_true")
    options = parser.parse_args()
    logging.disable()
    if options.without_fsync:
        storage.os.fsync = lambda descriptor: None  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        lost = cut_power(Path(folder), options.rounds, options.disk, [0.0, *options.after])
    moments = ", ".join(["right", *(f"{seconds:g} s" for seconds in options.after)])
    print(f"{options.disk}: {options.rounds} power cuts {moments} behind the answer, {len(lost)} saves lost")
    for sentence in lost[:5]:
        print(f"  {sentence}")
    sys.exit(bool(lost))


def cut_power(root: Path, rounds: int, disk: str = "ext4", after: Sequence[float] = (0.0,)) -> list[str]:
    """Save and cut the power so many times; return a sentence for each save that was lost.

    :param after: how many seconds behind each answer the power goes, each later than the one before.
    """
    image, copies = root / "disk.img", [root / f"copy-{number}.img" for number in range(len(after))]
    with image.open("wb") as file:
        file.truncate(MEGABYTES[disk] << 20)
    subprocess.run([f"mkfs.{disk}", *QUIET[disk], str(image)], check=True, stdout=subprocess.DEVNULL)
    lost = []
    with mounted(image, root / "disk") as place:
        clone = _clone(place)
        repository = clone.open()
        subprocess.run(["sync", "-f", str(place)], check=True)
        for number in range(rounds):
            changes = _changes(number)
            commit = repository.save(
                changes,
                base={path: repository.blob_of(path) for path in changes},
                author=ADA,
                message=f"Save {number}",
            )
            assert commit is not None
            answered = time.monotonic()
            for seconds, copy in zip(after, copies, strict=True):
                time.sleep(max(0.0, answered + seconds - time.monotonic()))
                subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
            for seconds, copy in zip(after, copies, strict=True):
                try:
                    # In the place of the disk that it is a copy of, as after a new start.
                    with mounted(copy, place, "nouuid" if disk == "xfs" else ""):
                        look(place, commit.id, changes)
                except AssertionError as error:
                    lost.append(f"save {number}, {seconds:g} s behind it: {str(error).splitlines()[0]}")
        repository.close()
    return lost


def _clone(place: Path) -> Clone:
    clone = Clone(place)
    clone.git("init", "-q", "-b", "main")
    clone.git("config", "user.name", "Dev")
    clone.git("config", "user.email", "dev@example.org")
    clone.write(POST, "The first text.\n")
    clone.commit()
    return clone


def _changes(number: int) -> dict[str, bytes | None]:
    """A changed post, every third time with a new one in a new folder, or with one that goes."""
    changes: dict[str, bytes | None] = {POST: f"Text {number}.\n".encode() * 40}
    if number % 3 == 1:
        changes[f"_posts/{number}/new.md"] = b"new\n"
    elif number % 3 == 2:
        changes[f"_posts/{number - 1}/new.md"] = None
    return changes


@contextlib.contextmanager
def mounted(image: Path, place: Path, options: str = "") -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    given = "loop" + (f",{options}" if options else "")
    subprocess.run(["mount", "-o", given, str(image), str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def look(place: Path, commit: str, changes: dict[str, bytes | None]) -> None:
    """Open what is on the disk after the cut. :raises AssertionError: the save is not wholly there."""
    site = place / "site"
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=site, capture_output=True, text=True, check=False)
    assert head.stdout.strip() == commit, f"the branch is at {head.stdout.strip() or head.stderr.strip()}"
    fsck = subprocess.run(
        ["git", "fsck", "--full", "--strict"], cwd=site, capture_output=True, text=True, check=False
    )
    assert fsck.returncode == 0, f"git fsck: {fsck.stderr or fsck.stdout}"
    repository = Repository.open(site, lock_folder=place / "state", committer=COMMITTER)
    try:
        for path, data in changes.items():
            there = (site / path).read_bytes() if os.path.exists(site / path) else None
            assert there == data, f"{path} has other bytes in the folder"
            assert (repository.blob_of(path) is None) == (data is None), f"{path} in the history"
            assert data is None or repository.read(path) == data, f"{path} has other bytes in the history"
    finally:
        repository.close()
    # btrfs may bring a name back that was taken away behind the answer. The audit finds it; it hides nothing.
    left_by_us = [":(exclude,glob)**/.gitcms-*.tmp"]
    status = subprocess.run(
        ["git", "status", "--porcelain", "--", ".", *left_by_us],
        cwd=site,
        capture_output=True,
        text=True,
        check=True,
    )
    assert status.stdout == "", f"git status: {status.stdout.strip()}"


if __name__ == "__main__":
    main()
