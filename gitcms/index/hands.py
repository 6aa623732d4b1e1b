"""Contents read by several processes, where there are many: Python reads one at a time in each.

Each is a fresh `gitcms.content.hand` and not a copy of this process, whose threads may hold any lock. Where
none can be started, or one is killed, its part is read here.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from gitcms.content import hand
from gitcms.content.hand import Asked, Told
from gitcms.resources import CHECKOUT

ENOUGH = 1500
"""Contents below which the start of a process costs more than it brings."""
_START = "import sys; sys.path.insert(0, sys.argv[1]); from gitcms.content.hand import main; main()"

Part = TypeVar("Part")


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def told(
    parts: Iterable[Part], asked: Callable[[Part], Sequence[Asked]], contents: int, ahead: int = 0
) -> Iterator[tuple[Part, list[Told]]]:
    """Yield each part of a work, in order, with what came of it.

    :param asked: makes of a part what is to be read; called in other threads.
    :param contents: how many there are in all parts.
    :param ahead: how many parts are read ahead while others are kept; one for each processor, when left out.
    """
    count = processors()
    if contents < ENOUGH or count == 1:
        yield from ((part, hand.tell(asked(part))) for part in parts)
        return
    ahead = max(ahead, count)
    with _Hands() as hands, ThreadPoolExecutor(count, thread_name_prefix="gitcms-hand") as pool:
        waiting: deque[tuple[Part, Future[list[Told]]]] = deque()
        try:
            for part in parts:
                if len(waiting) > ahead and not waiting[0][1].done():
                    waiting.append((part, _done(hand.tell(asked(part)))))  # all of them have enough to do
                    continue
                waiting.append((part, pool.submit(hands.ask, asked, part)))
                while len(waiting) > ahead and waiting[0][1].done():
                    first, future = waiting.popleft()
                    yield first, future.result()
            yield from ((part, future.result()) for part, future in waiting)
        finally:
            pool.shutdown(cancel_futures=True)


def _done(found: list[Told]) -> Future[list[Told]]:
    future: Future[list[Told]] = Future()
    future.set_result(found)
    return future


class _Hands:
    """A process for each thread that asks, ended all together."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> _Hands:
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._started:
            with contextlib.suppress(OSError):
                process.communicate()

    def ask(self, asked: Callable[[Part], Sequence[Asked]], part: Part) -> list[Told]:
        """Have this thread's process read a part."""
        contents = asked(part)
        try:
            process = self._process()
            assert process.stdin is not None and process.stdout is not None
            hand.send_question(contents, process.stdin)
            return hand.read_answer(process.stdout)
        except (OSError, ValueError):
            self._local.process = None
            return hand.tell(contents)

    def _process(self) -> subprocess.Popen[bytes]:
        known: subprocess.Popen[bytes] | None = getattr(self._local, "process", None)
        if known is None:
            # -P: the folder that the server was started in is no place to import from.
            known = self._local.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(CHECKOUT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._started.append(known)
        return known
