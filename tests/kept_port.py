"""A port of this machine at which nobody listens until the test does."""

from __future__ import annotations

import socket

_kept: list[socket.socket] = []


def kept_port() -> int:
    """A port that the system gives to nobody else while the tests run.

    It stays bound and is never listened at: who connects is refused, who asks for any free port gets another,
    and who binds this one with ``SO_REUSEADDR``, as every server does, can.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    _kept.append(keeper)
    return int(keeper.getsockname()[1])
