"""Have three servers save in turn over one remote, by HTTP, by SSH and by a folder, in all its moods.

    python tests/bench/remotes.py [--saves N] [--ways http,ssh,folder] [--seed N] [--rounds N]

What has to come of it is what `tests/remotes/test_three_servers.py` asks at shorter length: every save is
on the remote once, nothing was forced, all histories are equal, all clones are whole. Then saves are timed
without a remote, and while one is well, slow and stopped, in turns: a remote must not make them slower. The
first problem ends the run.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.jobs import Messenger
from tests.making import INES
from tests.remotes import trial
from tests.remotes.conftest import World, made_world

TIMED = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--saves", type=int, default=300)
    parser.add_argument("--ways", default="http,ssh,folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10, help="of the timed saves")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # what stands in the way is what is wanted here
    for way in options.ways.split(","):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            world = made_world(stack, Path(folder), way)
            outcome = trial.save_in_turn(world, options.saves, options.seed, _moods(way))
        if outcome.problems:
            sys.exit("\n".join([f"{way}: {options.saves} saves by seed {options.seed}", *outcome.problems]))
        met = ", ".join(sorted(kind for kind in outcome.kinds if kind))
        print(
            f"{way:<7} {outcome.saves} saves by three servers: all there once, 0 forced, histories equal\n"
            f"        met: {met}; longest save {outcome.longest_save:.2f} s;"
            f" settled {outcome.settled:.1f} s after the last"
        )
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        _time_saves(made_world(stack, Path(folder), "http"), options.rounds)


def _moods(way: str) -> tuple[str, ...]:
    return tuple(mood for mood in trial.MOODS if way != "folder" or mood != "stopped")


def _time_saves(world: World, rounds: int) -> None:
    """Print how long saves take at the median, each kind of remote in its turn of each round."""
    site = world.clone("timed")
    times: dict[str, list[float]] = {"no remote": [], "well": [], "slow": [], "stopped": []}
    for turn in range(rounds):
        for mood, found in times.items():
            trial.set_mood(world, "well" if mood == "no remote" else mood)
            messenger = Messenger(site) if mood != "no remote" else None
            if messenger is not None:
                messenger.start()
            for number in range(TIMED):
                path = f"_posts/{turn}-{mood.replace(' ', '-')}-{number}.md"
                begun = time.perf_counter()
                site.repository.save({path: b"---\na: 1\n---\n"}, base={}, author=INES, message="Time")
                found.append(time.perf_counter() - begun)
                time.sleep(0.02)
            if messenger is not None:
                messenger.stop()
    plain = statistics.median(times["no remote"])
    for mood, found in times.items():
        middle = statistics.median(found)
        print(f"a save, {mood:<10} {1000 * middle:6.1f} ms at the median, {middle / plain:.2f} of none")


if __name__ == "__main__":
    main()
