"""From a database URL to a store, and from an empty or older database to the present tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jiaohao.store.errors import Fault

if TYPE_CHECKING:
    from jiaohao.store.base import Store

MIGRATIONS = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"
"""The table of the migrations that a database has seen."""


def open_store(url: str, schema: str, *, read_only: bool = False, create: bool = False) -> Store:
    """Open ``sqlite:///path`` or ``postgresql://…``, where the hall lives in ``schema``. Raises Fault."""
    if url.startswith("sqlite:///"):
        from jiaohao.store.sqlite import SqliteStore  # noqa: PLC0415 - each hall loads one driver

        return SqliteStore(Path(url.removeprefix("sqlite:///")), read_only=read_only, create=create)
    from jiaohao.store.postgres import PostgresStore  # noqa: PLC0415 - each hall loads one driver

    return PostgresStore(url, schema, read_only=read_only)


def known_migrations() -> list[str]:
    """The names of this program's migrations, in order."""
    return sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def applied_migrations(store: Store) -> list[str]:
    """The names of the migrations that this database has seen. Raises Fault not_initialised."""
    return [
        str(row[0]) for row in store.read(lambda tx: tx.rows(f"SELECT name FROM {HISTORY} ORDER BY name"))
    ]


def require_current(store: Store) -> None:
    """Raise Fault unless the database has exactly this program's tables: not_initialised, database_newer."""
    refuse_newer(applied := applied_migrations(store))
    if applied != known_migrations():
        raise Fault("not_initialised", "the database is older than the program")


def refuse_newer(applied: list[str]) -> None:
    """Raise Fault database_newer when any of these migrations is not this program's."""
    if newer := sorted(set(applied) - set(known_migrations())):
        raise Fault("database_newer", newer[-1])


def upgrade(store: Store, steps: int | None = None) -> tuple[bool, int]:
    """Create or upgrade the tables; however many processes start at once, each step is taken once.

    ``steps`` is how far, if not to the end. Gives whether the database was empty before, and the number of
    the program's last step. Raises Fault database_newer when the database has seen a later program.
    """
    from playhouse.migrations import Runner  # noqa: PLC0415 - only an upgrade pays for it

    with store.migrating():
        runner = Runner(store.db, str(MIGRATIONS), table_name=HISTORY)
        applied = sorted(runner.applied())
        refuse_newer(applied)
        runner.up(None if steps is None else known_migrations()[steps - 1])
    return not applied, len(known_migrations())
