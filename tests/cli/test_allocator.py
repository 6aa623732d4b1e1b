"""What is told to the C library: that several threads share few heaps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COUNT = """
import ctypes, sys, threading
from gitcms.cli import allocator
if sys.argv[1] == "told":
    assert allocator.keep_little()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.fopen.restype = ctypes.c_void_p
meet = threading.Barrier(8)
def work():
    meet.wait()
    for _ in range(200):
        libc.malloc(1000)
    meet.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
file = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.parametrize(("told", "few"), [("told", True), ("untold", False)])
def test_threads_share_two_heaps(tmp_path: Path, told: str, few: bool) -> None:
    """malloc_info(3) counts them."""
    subprocess.run([sys.executable, "-c", COUNT, told, str(tmp_path / "info")], check=True)
    heaps = (tmp_path / "info").read_text().count("<heap nr=")
    assert (heaps <= 2) is few
