"""A network printer made of a socket: it prints into memory, and goes wrong as real ones do."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

READY, DONE = b"\x10\x04\x02", b"\x1dr\x01"
FINE = 0x12
"""The answer of a printer that can print: the bits that are always set, and no other."""


class PrinterServer:
    """Listens on a port of its own.

    ``drop`` so many slips are cut off in the middle; a ``mute`` one never answers; an ``unsure`` one never
    says that a slip is out, and loses it.
    """

    def __init__(
        self, *, port: int = 0, status: int = FINE, drop: int = 0, mute: bool = False, unsure: bool = False
    ) -> None:
        """Not there yet."""
        self.status = status
        self.drop = drop
        self.mute = mute
        self.unsure = unsure
        self.was_asked = threading.Event()
        self.was_sent = threading.Event()
        self.unfinished = b""
        """What came of the slip under way."""
        self.slips: list[bytes] = []
        """What was printed to its end, a slip each."""
        self.heard = b""
        """All that ever came, the questions apart."""
        self._stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        """Be there."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Be gone."""
        self._stopped.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                caller, _address = self._socket.accept()
            except TimeoutError:
                continue
            with caller:
                caller.settimeout(0.05)
                self._print(caller)

    def _print(self, caller: socket.socket) -> None:
        page = b""
        while not self._stopped.is_set():
            try:
                came = caller.recv(64)
            except TimeoutError:
                continue
            except ConnectionError:
                return
            if not came:
                return
            page += came
            self.was_asked.set()
            if self.mute:
                continue
            if page.startswith(READY):
                page = page.removeprefix(READY)
                caller.sendall(bytes([self.status]))
            if page and self.drop:
                self.drop -= 1
                self.heard += page
                return
            self.unfinished = page
            if page.endswith(DONE) and self.unsure:
                self.was_sent.set()
            elif page.endswith(DONE):
                self.heard += page.removesuffix(DONE)
                self.slips.append(page.removesuffix(DONE))
                page = b""
                caller.sendall(b"\x00")
