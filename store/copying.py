"""All rows of a hall from PostgreSQL to SQLite and back: the same migrations have laid the same tables."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from jiaohao.store import seals
from jiaohao.store.base import Row, Tx
from jiaohao.store.errors import AS_PEEWEE, Fault
from jiaohao.store.opening import upgrade
from jiaohao.store.sqlite import TABLES

if TYPE_CHECKING:
    import psycopg

    from jiaohao.store.postgres import PostgresStore
    from jiaohao.store.sqlite import SqliteStore

_BATCH = 2000
_PATIENT = (
    # A batch is written while the transaction stands still; each waits for the other a minute, not for ever.
    "SET LOCAL idle_in_transaction_session_timeout = 60000",
    "SET LOCAL statement_timeout = 60000",
)
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_REMEMBERED = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
_SEQUENCES = (
    "SELECT table_name, pg_get_serial_sequence(table_name, 'id') FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND column_name = 'id' ORDER BY table_name"
)


def tables(tx: Tx) -> dict[str, list[str]]:
    """The tables of an SQLite file with their columns, each after those that it refers to."""
    names = [str(row[0]) for row in tx.rows(TABLES)]
    needs = {
        name: {str(row[2]) for row in tx.rows(f"PRAGMA foreign_key_list({name})")} - {name} for name in names
    }
    order = TopologicalSorter(needs).static_order()
    return {name: [str(row[1]) for row in tx.rows(f"PRAGMA table_info({name})")] for name in order}


def from_postgres(source: PostgresStore, target: SqliteStore) -> None:
    """Fill a new file with what a hall is at one instant; its windows go on working. Raises Fault."""
    source.transact(seals.seal_rest, tell=False)
    target.db.connect(reuse_if_open=True)
    upgrade(target)

    def read(from_tx: Tx) -> None:
        for statement in _PATIENT:
            from_tx.run(statement)
        target.transact(lambda tx: _fill_file(from_tx, source.db.connection(), tx), tell=False)

    source.read(read)


def _fill_file(from_tx: Tx, connection: psycopg.Connection[Any], tx: Tx) -> None:
    # The journal's guards, and the rows that the migrations have laid, would stand in the way.
    guards = tx.rows(_TRIGGERS)
    for name, _sql in guards:
        tx.run(f"DROP TRIGGER {name}")
    found = tables(tx)
    for table in reversed(found):
        tx.run(f"DELETE FROM {table}")
    for table, columns in found.items():
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        for row in _streamed(connection, f"SELECT {names} FROM {table} ORDER BY {columns[0]}"):
            tx.run(f"INSERT INTO {table}({names}) VALUES({marks})", [_plain(value) for value in row])
    remembered = {str(row[0]) for row in tx.rows(_REMEMBERED)}
    for table, sequence in from_tx.rows(_SEQUENCES):
        if table in remembered and (last := _last_of(from_tx, str(sequence))):
            tx.run("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            tx.run("INSERT INTO sqlite_sequence(name, seq) VALUES(?, ?)", (table, last))
    seals.seal_these(tx, [int(row[0]) for row in from_tx.rows("SELECT journal_id FROM unsealed ORDER BY 1")])
    for _name, sql in guards:
        tx.run(sql)


def _streamed(connection: psycopg.Connection[Any], query: str) -> Iterator[Row]:
    with AS_PEEWEE, connection.cursor(name="copying") as cursor:
        cursor.itersize = _BATCH
        yield from cursor.execute(query)


def _last_of(tx: Tx, sequence: str) -> int:
    last, is_used = tx.rows(f"SELECT last_value, is_called FROM {sequence}")[0]
    return int(last) if is_used else 0


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str | bytes) else str(value)


def to_postgres(source: SqliteStore, target: PostgresStore) -> None:
    """Fill the tables of a schema that nobody uses yet with those of a file. Raises Fault."""

    def read(from_tx: Tx) -> None:
        def fill(tx: Tx) -> None:
            tx.run("SET LOCAL statement_timeout = 0")
            _fill_schema(from_tx, tx, target.db.connection())

        target.transact(fill, tell=False)

    source.read(read)


def _fill_schema(from_tx: Tx, tx: Tx, connection: psycopg.Connection[Any]) -> None:
    # What is sealed comes with its seals, and nothing of it is to be sealed anew.
    found = tables(from_tx)
    for table in reversed(found):
        tx.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        tx.run(f"DELETE FROM {table}")
    for table, columns in found.items():
        _copy_in(from_tx, connection, table, columns)
    used = {str(row[0]): int(row[1]) for row in from_tx.rows("SELECT name, seq FROM sqlite_sequence")}
    for table, sequence in tx.rows(_SEQUENCES):
        if sequence and table in found:
            row = tx.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0]
            if last := max(used.get(table, 0), int(row[0])):
                tx.run("SELECT setval(?::regclass, ?)", (sequence, last))
    for table in found:
        tx.run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        tx.run(f"ANALYZE {table}")


def _copy_in(from_tx: Tx, connection: psycopg.Connection[Any], table: str, columns: list[str]) -> None:
    names = ", ".join(columns)
    into = f"COPY {table}({names}) FROM STDIN"
    with (
        AS_PEEWEE,
        connection.cursor() as cursor,
        cursor.copy(into) as copy,
    ):
        for row in from_tx.each(f"SELECT {names} FROM {table} ORDER BY {columns[0]}"):
            if any(isinstance(value, str) and "\0" in value for value in row):
                raise Fault("backup_has_nul", f"{table} {columns[0]}={row[0]}")
            copy.write_row(row)
