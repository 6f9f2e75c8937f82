"""Fair turns for the one writer that SQLite allows.

Its own waiting is a lottery: of a hundred clerks pressing at once some would wait many seconds.
A file lock beside the database is granted in the order in which it was asked for.
"""

from __future__ import annotations

import fcntl
import os
import threading
from queue import SimpleQueue

from jiaohao.store.errors import Fault, as_fault


class Turn:
    """The lock at a path, held for the body of a ``with``."""

    __slots__ = ("_handle", "_path", "_timeout_s")

    def __init__(self, path: str, timeout_s: float) -> None:
        """Wait for it no longer than ``timeout_s`` seconds."""
        self._path = path
        self._timeout_s = timeout_s

    def __enter__(self) -> None:
        """Hold it. Raises Fault: store_busy when the time is over, store_read_only, store_full."""
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise as_fault(error) from error
        try:
            self._acquire()
        except BaseException:
            os.close(self._handle)
            raise

    def _acquire(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not _is_granted(self._handle, self._timeout_s):
                raise Fault("store_busy", f"no turn to write within {self._timeout_s:g} s") from None

    def __exit__(self, *_raised: object) -> None:
        """Give it back: a thread that still asks for it then gets it and loses it at once.

        The kernel wakes whoever is next but keeps nothing for them: without stepping aside, one who writes
        all the time would be back before they are awake, and have twice as many turns as others.
        """
        os.close(self._handle)
        os.sched_yield()


ASKER = "turn"
"""The name of each thread that waits for turns: never more than wait at once."""


class _Asker(threading.Thread):
    """Asks for one lock after the other.

    flock knows no time limit, and only a waiting flock keeps its place in the queue: whoever sent this may go
    before it is granted. It stays for the next, since starting a thread takes longer than many a turn.
    """

    def __init__(self) -> None:
        super().__init__(name=ASKER, daemon=True)
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
