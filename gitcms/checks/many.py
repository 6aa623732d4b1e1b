"""Work on many files shared between the processors of this machine, where its system can.

Each process is a copy of this one at the moment of the call, so nothing is carried to it; what it gives back
has to be picklable.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

from gitcms.index.hands import processors

ENOUGH = 400
"""Items below which a second process costs more than it brings."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def shared(
    work: Callable[[Sequence[Item]], Result], items: Sequence[Item], enough: int | None = None
) -> list[Result]:
    """Return what the work makes of each part of the items, in their order.

    :param enough: so many items are worth a process; `ENOUGH` when left out.
    """
    count = min(processors(), max(1, len(items) // (enough or ENOUGH)))
    if count == 1 or "fork" not in multiprocessing.get_all_start_methods():
        return [work(items)]
    size = -(-len(items) // count)
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    context = multiprocessing.get_context("fork")
    others = []
    for part in parts[1:]:
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(theirs, work, part), daemon=True)
        process.start()
        theirs.close()
        others.append((part, mine, process))
    results = [work(parts[0])]
    for part, mine, process in others:
        try:
            results.append(mine.recv())
        except EOFError:
            # It ended before it was done: what stopped it is met here, and told as usual.
            results.append(work(part))
        mine.close()
        process.join()
    return results


def _send(pipe: Connection, work: Callable[[Sequence[Item]], Result], part: Sequence[Item]) -> None:
    pipe.send(work(part))
    pipe.close()
