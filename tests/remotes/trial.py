"""Three servers, each with a clone, save in turn while the remote has its moods; and what must be true then.

Used by a test, and at length by `tests/bench/remotes.py`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from gitcms import remotes
from gitcms.errors import EditConflict, RepositoryBusy
from gitcms.jobs import Messenger
from gitcms.site import Site
from tests.making import INES, TOMAS, git

from .conftest import OverHttp, OverSsh, World, clean

SHARED = "_posts/2026-05-01-shared.md"
NAMES = ("one", "two", "three")
PATIENCE = 120.0
"""Seconds after which it has gone wrong: a bound against hanging, not a time to reach."""
MOODS = ("well", "stopped", "slow", "declines", "protected", "full", "well")
MET = {
    "stopped": {"down", "fault"},
    "declines": {"declined"},
    "protected": {"declined"},
    "full": {"full"},
}
"""What a call says when it meets a mood."""
SAID = {
    "slow": "sleep 0.5",
    "declines": "echo 'not on Fridays' >&2; exit 1",
    "protected": "echo 'error: GH006: Protected branch update failed for refs/heads/main.' >&2; exit 1",
    "full": "echo 'fatal: write error: No space left on device' >&2; exit 1",
}


@dataclass
class Outcome:
    """What came of a trial. Times in seconds."""

    saves: int
    longest_save: float
    settled: float
    """From the last save until all clones and the remote were the same."""
    kinds: set[str] = field(default_factory=set)
    """What stood in the way meanwhile, as `Status.kind` says it."""
    problems: list[str] = field(default_factory=list)


def set_mood(world: World, mood: str) -> None:
    """Have the remote be stopped, slow, declining, full, or well."""
    if isinstance(world, OverHttp):
        world.mood.down = mood == "stopped"
    elif isinstance(world, OverSsh):
        world.host.stop()
        if mood != "stopped":
            world.host.start()
    world.hook(SAID.get(mood, "exit 0"))


def save_in_turn(world: World, saves: int, seed: int, moods: tuple[str, ...] = MOODS) -> Outcome:
    """Save so often, in three servers in turn, each calling the remote in the background, till all is sent.

    Each writes notes of its own, and now and then its own field of an entry that they share. Every mood is
    waited for until a call has met it.
    """
    chance = random.Random(seed)
    log = world.bare / "updates"
    after = world.bare / "hooks" / "post-receive"
    after.parent.mkdir(exist_ok=True)
    after.write_text(f"#!/bin/sh\ncat >>{log}\n")
    after.chmod(0o755)
    sites = _sites(world)
    messengers = [Messenger(site) for site in sites]
    outcome = Outcome(saves, 0.0, 0.0)
    latest: dict[str, str] = {}
    for messenger in messengers:
        messenger.start()
    try:
        number = 0
        for at, mood in enumerate(moods, 1):
            set_mood(world, mood)
            while number < saves * at // len(moods):
                site = sites[number % 3]
                begun = time.monotonic()
                _save(site, NAMES[number % 3], number, latest, shared=number % 4 == 3)
                outcome.longest_save = max(outcome.longest_save, time.monotonic() - begun)
                remotes.fetch_now(site)
                time.sleep(chance.random() * 0.1)
                number += 1
            outcome.kinds |= _met(sites, MET.get(mood, set()))
        set_mood(world, "well")
        outcome.settled = _settle(world, sites)
    finally:
        for messenger in messengers:
            messenger.stop()
    outcome.problems = list(_problems(world, sites, saves, latest, log.read_text().splitlines()))
    return outcome


def _met(sites: list[Site], wanted: set[str]) -> set[str]:
    """Return what stands in the way, once it is one of these."""
    end = time.monotonic() + PATIENCE
    while True:
        kinds = {found.kind for site in sites if (found := remotes.status(site))}
        if not wanted or kinds & wanted:
            return kinds
        assert time.monotonic() < end, (wanted, kinds)
        time.sleep(0.1)


def _sites(world: World) -> list[Site]:
    first = world.clone(NAMES[0])
    fields = "".join(f"{name}: begun\n" for name in NAMES)
    text = f"---\ntitle: Shared\n{fields}---\nOne text for all.\n".encode()
    first.repository.save({SHARED: text}, base={}, author=INES, message="Begin")
    assert remotes.sync(first).state == "sent"
    return [first, *(world.clone(name) for name in NAMES[1:])]


def _save(site: Site, name: str, number: int, latest: dict[str, str], *, shared: bool) -> None:
    """Save as a page would: against what is there now, once more when others' changes came in meanwhile."""
    author = (INES, TOMAS)[number % 2]
    for _ in range(50):
        if shared:
            path, base = SHARED, site.repository.blob_of(SHARED)
            assert base is not None
            lines = site.repository.read_blob(base).decode().splitlines(keepends=True)
            new = f"{name}: {name} wrote {number}\n"
            data = "".join(new if line.startswith(f"{name}:") else line for line in lines)
        else:
            path, base = note_path(number), None
            data = f"---\ntitle: Note {number}\n---\nText {number}.\n"
        try:
            site.repository.save(
                {path: data.encode()}, base={path: base}, author=author, message=f"Write {number}"
            )
        except (EditConflict, RepositoryBusy):
            continue
        if shared:
            latest[name] = f"{name} wrote {number}"
        return
    raise AssertionError(f"save {number} found no turn")


def _settle(world: World, sites: list[Site]) -> float:
    begun = time.monotonic()
    while {site.repository.head() for site in sites} != {world.head()}:
        assert time.monotonic() - begun < PATIENCE, [remotes.status(site) for site in sites]
        for site in sites:
            remotes.fetch_now(site)
        time.sleep(0.5)
    return time.monotonic() - begun


def _problems(
    world: World, sites: list[Site], saves: int, latest: dict[str, str], updates: list[str]
) -> Iterator[str]:
    """Yield what is not as it must be, in sentences."""
    subjects = git(world.bare, "log", "--format=%s", "main").splitlines()
    written = sorted(subject for subject in subjects if subject.startswith("Write "))
    if written != sorted(f"Write {number}" for number in range(saves)):
        yield "not every save is on the remote once"
    for line in updates:
        old, new, _ = line.split()
        if set(old) != {"0"} and git(world.bare, "rev-list", "--count", f"{new}..{old}").strip() != "0":
            yield f"{old} was left by force for {new}"
    if git(world.bare, "fsck", "--strict"):
        yield "the remote is damaged"
    shared = git(world.bare, "show", f"main:{SHARED}")
    yield from (f"{text!r} is gone" for name, text in latest.items() if f"{name}: {text}\n" not in shared)
    there = git(world.bare, "ls-tree", "-r", "--name-only", "main").splitlines()
    notes = {note_path(number) for number in range(saves) if number % 4 != 3}
    yield from (f"{path} is missing" for path in notes - set(there))
    for site in sites:
        if not clean(site):
            yield f"{site.repository.folder} is not in step with its history"
        yield from (finding.sentence for finding in site.repository.audit().findings)


def note_path(number: int) -> str:
    return f"_posts/2026-06-01-note-{number}.md"
