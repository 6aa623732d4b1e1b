"""Cut the power right behind each answer, and look whether the save is there.

    python tests/bench/power_cut.py [--rounds N] [--disk ext4|xfs|btrfs|…] [--after S …] [--without-fsync]
    python tests/bench/power_cut.py --within [--rounds N] [--disk …]      at every place of a save

The site and its state lie on a disk that is a file. Behind each acknowledged save the file is copied: what
had not reached it is lost, as when the power goes. The copy is mounted, which plays the disk's own journal,
and looked at. `--after` cuts it so many seconds behind each answer, too, when the disk has begun to write
down what nobody waited for. `--without-fsync` shows what would be lost if nothing waited for the disk.
`--within` cuts it at every place that a save passes, where all of the save must be there, or nothing of it;
every other round with all on the disk that was written till then, whether or not it was waited for. Needs
root.
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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.errors import GitCMSError
from gitcms.repository import Commit, Repository, failpoints, storage
from tests.repository.conftest import ADA, COMMITTER, Clone

POST = "_posts/one.md"
Copies = list[tuple[str, Path]]
MEGABYTES = {"ext4": 32, "ext4-without-journal": 32, "xfs": 300, "btrfs": 128}
MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    # The sharpest judge: it keeps just what was waited for, folder by folder.
    "ext4-without-journal": ["mkfs.ext4", "-q", "-F", "-O", "^has_journal"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f", "-m", "single"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--disk", choices=sorted(MEGABYTES), default="ext4")
    parser.add_argument("--after", type=float, nargs="+", default=[], help="seconds behind the answer")
    parser.add_argument("--without-fsync", action="store_true")
    parser.add_argument("--within", action="store_true", help="cut it in the midst of saves")
    options = parser.parse_args()
    logging.disable()
    if options.without_fsync:
        storage.os.fsync = lambda descriptor: None  # type: ignore[attr-defined]
    if options.within:
        with tempfile.TemporaryDirectory() as folder:
            cuts, torn = cut_within(Path(folder), options.rounds, options.disk)
        print(f"{options.disk}: {cuts} power cuts within {options.rounds} saves, {len(torn)} left a part")
        for sentence in torn[:5]:
            print(f"  {sentence}")
        sys.exit(bool(torn))
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
    image, copies = _image(root, disk), [root / f"copy-{number}.img" for number in range(len(after))]
    lost = []
    with mounted(image, root / "disk") as place:
        clone = _clone(place)
        repository = clone.open()
        subprocess.run(["sync", "-f", str(place)], check=True)
        for number in range(rounds):
            changes = _changes(number)
            commit = _save(repository, changes, number)
            answered = time.monotonic()
            for seconds, copy in zip(after, copies, strict=True):
                time.sleep(max(0.0, answered + seconds - time.monotonic()))
                subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
            for seconds, copy in zip(after, copies, strict=True):
                try:
                    with after_the_cut(copy, place, disk):
                        look(place, commit.id, changes)
                except AssertionError as error:
                    lost.append(f"save {number}, {seconds:g} s behind it: {str(error).splitlines()[0]}")
        repository.close()
    return lost


def cut_within(root: Path, rounds: int, disk: str = "ext4") -> tuple[int, list[str]]:
    """Cut the power at every place of so many saves. Return how often, and a sentence for each half save."""
    image, torn, cuts = _image(root, disk), [], 0
    with mounted(image, root / "disk") as place:
        clone = _clone(place)
        repository = clone.open()
        subprocess.run(["sync", "-f", str(place)], check=True)
        for number in range(rounds):
            changes, copies = _changes(number), Copies()
            was = {path: repository.read(path) if repository.blob_of(path) else None for path in changes}
            before = repository.head()

            def copy(name: str, everything: bool = bool(number % 2), copies: Copies = copies) -> None:
                if everything:
                    subprocess.run(["sync", "-f", str(place)], check=True)
                copies.append((name, root / f"copy-{len(copies)}.img"))
                subprocess.run(["cp", "--sparse=always", str(image), str(copies[-1][1])], check=True)

            with _called_at_each_place(copy):
                commit = _save(repository, changes, number)
            for name, file in copies:
                try:
                    with after_the_cut(file, place, disk):
                        # Opening it finishes what was begun, or takes it back.
                        Repository.open(
                            place / "site", lock_folder=place / "state", committer=COMMITTER
                        ).close()
                        head = (place / "site/.git/refs/heads/main").read_text().strip()
                        assert head in (before, commit.id), f"the branch is at {head}"
                        look(place, head, changes if head == commit.id else was)
                except (AssertionError, GitCMSError) as error:
                    torn.append(f"save {number}, at {name}: {str(error).splitlines()[0]}")
                file.unlink()
            cuts += len(copies)
        repository.close()
    return cuts, torn


def _save(repository: Repository, changes: dict[str, bytes | None], number: int) -> Commit:
    base = {path: repository.blob_of(path) for path in changes}
    commit = repository.save(changes, base=base, author=ADA, message=f"Save {number}")
    assert commit is not None
    return commit


@contextlib.contextmanager
def _called_at_each_place(call: Callable[[str], None]) -> Iterator[None]:
    """Have this called at each failpoint of a save, which is none at which something fails."""
    real, failpoints._act = failpoints._act, call
    failpoints.plan("save.start:999999:eio")
    try:
        yield
    finally:
        failpoints.plan("")
        failpoints._act = real


def _image(root: Path, disk: str) -> Path:
    """Make a disk that is a file."""
    image = root / "disk.img"
    with image.open("wb") as file:
        file.truncate(MEGABYTES[disk] << 20)
    subprocess.run([*MAKE[disk], str(image)], check=True, stdout=subprocess.DEVNULL)
    return image


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
def after_the_cut(copy: Path, place: Path, disk: str) -> Iterator[None]:
    """Mount a copy in the place of the disk that it is one of, as a new start does."""
    if disk == "ext4-without-journal":
        # It says by its exit code that it mended something.
        subprocess.run(["e2fsck", "-fy", str(copy)], check=False, capture_output=True)
    with mounted(copy, place, "nouuid" if disk == "xfs" else ""):
        yield


@contextlib.contextmanager
def mounted(image: Path, place: Path, options: str = "") -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    given = "loop" + (f",{options}" if options else "")
    subprocess.run(["mount", "-o", given, str(image), str(place)], check=True)
    try:
        yield place
    finally:
        if subprocess.run(["umount", str(place)], check=False, capture_output=True).returncode:
            # A repository that could not be opened leaves its reader behind for a while.
            subprocess.run(["umount", "--lazy", str(place)], check=True)


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
