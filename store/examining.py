"""Whether a file holds what this program writes, before anything in it is run or believed.

Anybody may have written a backup, and a disk may have changed it: a trigger of a stranger would run at the
next number, and a text where a number belongs would end whoever reads it. Columns go by their names, too: one
in ``_ms`` holds instants, one in ``day`` dates.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from jiaohao.store.errors import Fault
from jiaohao.store.opening import HISTORY, applied_migrations, known_migrations, refuse_newer, upgrade
from jiaohao.store.sqlite import TABLES, NewFile

if TYPE_CHECKING:
    from jiaohao.store.base import Row, Tx
    from jiaohao.store.sqlite import SqliteStore

# What ANALYZE keeps is not the hall's.
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
_MEMORY = Path(":memory:")
_TYPES = {"INTEGER": "integer", "BIGINT": "integer", "BLOB": "blob"}
"""How SQLite calls what is kept for each type of a column; all others are texts."""
_JSON = frozenset({"aliases", "before_change", "materials", "missing", "settings", "spoken"})
_LATEST_MS = 32_503_680_000_000
"""The year 3000: no instant is so far, and calendars end some time after it."""
_LARGEST = 2**31 - 1
"""What PostgreSQL keeps, and no hall counts to."""


def require_tables(store: SqliteStore) -> None:
    """Raise Fault unless a file has the tables of this program or of an older one, and nothing besides.

    not_a_backup, database_newer, or backup_damaged with what is amiss.
    """
    found = _schema(store)
    if ("table", HISTORY, HISTORY, "CREATE TABLE ") not in found:
        raise Fault("not_a_backup", str(store.path))
    applied, known = applied_migrations(store), known_migrations()
    if known[0] not in applied:
        raise Fault("not_a_backup", str(store.path))
    refuse_newer(applied)
    if applied != known[: len(applied)]:
        raise Fault("backup_damaged", f"{store.path}: {HISTORY}")
    if differing := found ^ _laid(len(applied)):
        kind, name, *_rest = min(differing)
        raise Fault("backup_damaged", f"{store.path}: {kind} {name}")


def _schema(store: SqliteStore) -> frozenset[tuple[str, str, str, str]]:
    rows = store.read(lambda tx: tx.rows(_SCHEMA))
    return frozenset((kind, name, table, _written(table, str(sql))) for kind, name, table, sql in rows)


def _written(table: str, sql: str) -> str:
    """How something is made; of the history only what, since the library words that."""
    return sql.partition(table)[0].replace('"', "") if table == HISTORY else sql


@functools.cache
def _laid(steps: int) -> frozenset[tuple[str, str, str, str]]:
    """What the first migrations lay."""
    store = NewFile(_MEMORY)
    try:
        upgrade(store, steps)
        return _schema(store)
    finally:
        store.close()


def require_rows(store: SqliteStore) -> None:
    """Raise Fault backup_damaged unless every value is of its column's kind, and every text is one.

    SQLite itself asks for neither.
    """
    store.read(lambda tx: _require_rows(tx, store.path))


def _require_rows(tx: Tx, path: Path) -> None:
    for (table,) in tx.rows(TABLES):
        columns = tx.rows(f"PRAGMA table_info({table})")
        for column in columns:
            rule = f"SELECT rowid FROM {table} WHERE NOT ({_rule(column)}) LIMIT 1"
            if (found := tx.row(rule)) is not None:
                raise Fault("backup_damaged", f"{path}: {table}.{column[1]} {found[0]}")
        texts = ", ".join(str(column[1]) for column in columns if column[2] not in _TYPES)
        for _row in tx.each(f"SELECT {texts or 1} FROM {table}"):
            pass  # read is what is asked: a text that is no UTF-8 cannot be
    numbers = f"SELECT name FROM sqlite_sequence WHERE NOT {_whole('seq', _LARGEST)}"
    if (found := tx.row(numbers)) is not None:
        raise Fault("backup_damaged", f"{path}: {found[0]}")


def _rule(column: Row) -> str:
    """What holds of each value of a column, as SQL."""
    _place, name, kind, not_null, _default, is_key = column
    kept = _TYPES.get(kind, "text")
    rule = f"typeof({name}) = '{kept}'"
    if kept == "integer":
        rule = _whole(name, _LATEST_MS if name.endswith("_ms") else _LARGEST)
    elif kind == "DATETIME":
        rule = f"{rule} AND datetime({name}) IS NOT NULL"
    elif name.endswith("day"):
        rule = f"{rule} AND date({name}) IS {name}"
    elif name in _JSON:
        rule = f"{rule} AND json_valid({name})"
    return rule if not_null or is_key else f"{name} IS NULL OR ({rule})"


def _whole(name: str, largest: int) -> str:
    return f"(typeof({name}) = 'integer' AND {name} BETWEEN -{largest} AND {largest})"
