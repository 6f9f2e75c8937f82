"""Telling the other terminals of one machine that something was committed.

Each listener is a datagram socket in a folder known to all; who has committed sends each a
word of it. Told within a millisecond or so, for nothing while nothing happens, and with no
limit of 128 watchers. What gets lost is found by the listeners' own slow poll.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import select
import socket
import tempfile
import threading
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from jiaohao.store.base import Listener, Word
from jiaohao.store.errors import Fault

_TRIES = 20
_LONGEST_WORD = 8192
_MANY = 8
"""Fewer words than any system's mailbox holds."""
_AT_ONCE = 1000
"""So many words are taken as one: who sends without a pause must not keep a listener from answering."""


def folder(database: Path) -> Path:
    """Where the listeners of one database are found; short, since a socket's path is limited to 107 bytes."""
    name = hashlib.sha256(os.fsencode(database.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"jiaohao-{name}")


def tell(place: str, word: Word) -> None:
    """Wake every listener in a folder; those that have died are cleared away.

    Never fails: the change is durable.
    """
    try:
        listeners = os.listdir(place)  # noqa: PTH208 - at every operation, and a Path is slower
    except OSError:
        return
    if not listeners:
        return
    told = word.said().encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0)
        for name in listeners:
            listener = f"{place}/{name}"
            try:
                sender.sendto(told, listener)
            except ConnectionRefusedError:
                with contextlib.suppress(OSError):
                    os.unlink(listener)  # noqa: PTH108
            except OSError:
                # A listener whose mailbox is full has been told already; another user's is not ours.
                continue


class DatagramListener(Listener):
    """One terminal's ear; see the module."""

    def __init__(self, database: Path) -> None:
        """Open the mailbox. Raises Fault when the folder for it cannot be made."""
        place = folder(database)
        self._path = place / f"{os.getpid()}-{os.urandom(4).hex()}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._mail = select.poll()
        self._mail.register(self._socket, select.POLLIN)
        self._closed = threading.Event()
        try:
            self._bind(place)
        except OSError as error:
            self._socket.close()
            with contextlib.suppress(OSError):
                place.rmdir()
            raise Fault("store_unreachable", str(error)) from error

    def _bind(self, place: Path) -> None:
        for left in reversed(range(_TRIES)):
            try:
                place.mkdir(exist_ok=True)
                with contextlib.suppress(PermissionError):
                    place.chmod(0o1777)
                self._socket.bind(str(self._path))
                break
            except (FileNotFoundError, FileExistsError):
                # The last listener before us has just cleared the folder away.
                if not left:
                    raise
        with contextlib.suppress(PermissionError):
            self._path.chmod(0o666)
        self._waiting = threading.Lock()

    def wait(self, timeout_s: float) -> Word | None:
        """See Listener."""
        with self._waiting:
            if self._closed.is_set():
                return None
            if not self._mail.poll(timeout_s * 1000):
                return None
            told = list(self._taken())
            if self._closed.is_set():
                return None
            # A mailbox may have been full, and what was meant for us dropped.
            return Word() if len(told) > _MANY else reduce(Word.and_of, map(Word.heard, told))

    def _taken(self) -> Iterator[str]:
        with contextlib.suppress(BlockingIOError):
            for _ in range(_AT_ONCE):
                yield self._socket.recv(_LONGEST_WORD).decode("utf-8", "replace")

    def close(self) -> None:
        """See Listener; the waiting thread is woken by a datagram to itself."""
        self._closed.set()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)  # where nobody has read for long the mailbox is full: that wakes as well
            sender.sendto(b"", str(self._path))
        with contextlib.suppress(OSError):
            self._path.unlink()
            self._path.parent.rmdir()
        with self._waiting:
            self._socket.close()
