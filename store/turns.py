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
from queue import SimpleQueue

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
        if not _is_granted(handle, timeout_s):
            raise Fault("store_busy", f"no turn to write within {timeout_s:g} s") from None


class _Asker(threading.Thread):
    """Asks for one lock after the other.

    flock knows no time limit, and only a waiting flock keeps its place in the queue: whoever sent this may go
    before it is granted. It stays for the next, since starting a thread takes longer than many a turn.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.sent: SimpleQueue[tuple[int, threading.Lock] | None] = SimpleQueue()
        self.start()

    def run(self) -> None:
        """Ask until nothing is left to be asked for."""
        for handle, granted in iter(self.sent.get, None):
            fcntl.flock(handle, fcntl.LOCK_EX)
            granted.release()


_resting: list[_Asker] = []
# Threads do not come along into a child.
os.register_at_fork(after_in_child=_resting.clear)


def _is_granted(handle: int, timeout_s: float) -> bool:
    """Wait for the lock; False when the time is over."""
    try:
        asker = _resting.pop()
    except IndexError:
        asker = _Asker()
    granted = threading.Lock()
    granted.acquire()
    asker.sent.put((handle, granted))
    is_granted = False
    try:
        is_granted = granted.acquire(timeout=timeout_s)
    finally:
        if is_granted:
            _resting.append(asker)
        else:
            asker.sent.put(None)
    return is_granted
