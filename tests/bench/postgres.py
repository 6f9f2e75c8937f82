"""The PostgreSQL that a bench program starts for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from own_server import OwnServer

if TYPE_CHECKING:
    from pathlib import Path


class Databases:
    """A running server, which gives the address of a new database at each asking."""

    def __init__(self, own: OwnServer) -> None:
        self._own = own
        self._count = 0
        self.programs: Path = own.programs
        """Where the server's own programs are."""

    def __call__(self) -> str:
        """The address of a new database."""
        self._count += 1
        return self._own.new_database(f"bench_{self._count}")


@contextmanager
def server(connections: int | None = None) -> Iterator[Databases]:
    """A PostgreSQL of this program's own; it takes a hundred ``connections``, unless others are asked for."""
    own = OwnServer(in_memory=False)  # what is acknowledged is on the disk, as in a hall
    try:
        if connections is not None:
            own.admit(connections)
        yield Databases(own)
    finally:
        own.end()
