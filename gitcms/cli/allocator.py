"""What the C library keeps of the memory that is not in use any more.

glibc gives each thread a heap of its own, and keeps in it what was freed: a server whose threads take turns
at large lists then holds those lists several times. Here it is told to have two heaps, and to give back what
is free at their ends. Elsewhere there is nothing to tell.
"""

from __future__ import annotations

import contextlib
import ctypes

# malloc.h; mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
HEAPS = 2
LARGE_BYTES = 128 * 1024
"""glibc's own first value, which it raises by itself unless it is set."""


def keep_little() -> bool:
    """Hold on to little memory that is free. To be called before threads start.

    Returns whether the C library could be told.
    """
    with contextlib.suppress(OSError, AttributeError):  # no such library, or no such function in it
        mallopt = ctypes.CDLL(None).mallopt
        told = [
            mallopt(_M_ARENA_MAX, HEAPS),
            mallopt(_M_TRIM_THRESHOLD, LARGE_BYTES),
            mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES),
        ]
        return all(told)
    return False
