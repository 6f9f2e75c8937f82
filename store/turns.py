"""Fair turns for the one writer that SQLite allows.

Its own waiting is a lottery: of a hundred clerks pressing at once some would wait many seconds.
A file lock beside the database is granted in the order in which it was asked for.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator

from jiaohao.store.errors import Fault


@contextlib.contextmanager
def turn(path: str, timeout_s: float) -> Iterator[None]:
    """Hold the lock at ``path`` for the body. Raises Fault store_busy after ``timeout_s`` seconds."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _acquire(handle, timeout_s)
        yield
    finally:
        # Closing gives the lock back; a thread still asking for it then gets it and loses it at once.
        os.close(handle)


def _acquire(handle: int, timeout_s: float) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _wait(handle, timeout_s)


def _wait(handle: int, timeout_s: float) -> None:
    # flock knows no time limit, and only a waiting flock keeps its place in the queue.
    waiter = threading.Thread(target=fcntl.flock, args=(handle, fcntl.LOCK_EX), daemon=True)
    waiter.start()
    waiter.join(timeout_s)
    if waiter.is_alive():
        raise Fault("store_busy", f"no turn to write within {timeout_s:g} s")
