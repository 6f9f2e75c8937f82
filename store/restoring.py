"""A hall on PostgreSQL made anew beside the one in use, and put in its place at one stroke."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from jiaohao.store import copying
from jiaohao.store.base import Tx, Word, faults
from jiaohao.store.errors import Conflict, Fault
from jiaohao.store.opening import upgrade
from jiaohao.store.postgres import PostgresStore
from jiaohao.store.sqlite import SqliteStore

_LOCK = 0x6A69616F
_ATTEMPTS = 10
_OURS = "SELECT tablename FROM pg_tables WHERE schemaname = ? ORDER BY tablename"


def restore(source: SqliteStore, store: PostgresStore, stamp: str, *, replace: bool) -> str | None:
    """See backups.restore; ``source`` has the present tables. What a killed restore has left is cleared."""
    beside = PostgresStore(store.url, f"{store.schema}_new", wall_role=store.wall_role)
    with _alone(store):
        if not replace:  # before all is copied, and once more when nobody can issue any longer
            store.transact(lambda tx: _refuse_tickets(tx, store.schema), tell=False)
        drop = f'DROP SCHEMA IF EXISTS "{beside.schema}" CASCADE'
        store.transact(lambda tx: tx.run(drop), tell=False)
        try:
            with contextlib.closing(beside):
                upgrade(beside)
                copying.to_postgres(source, beside)
                _compare(source, beside)
            kept = _put_in_place(store, beside.schema, f"{store.schema}_{stamp}", replace=replace)
        except BaseException:
            with contextlib.suppress(Fault):  # the next one clears it
                store.transact(lambda tx: tx.run(drop), tell=False)
            raise
    store.tell(Word())
    return kept


@contextlib.contextmanager
def _alone(store: PostgresStore) -> Iterator[None]:
    """Keep a second restore of this hall away. Raises Fault store_busy."""
    other = PostgresStore(store.url, store.schema)
    try:
        with faults(), other.db.connection_context():
            locked = other.db.execute_sql(
                "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, store.schema)
            )
            if not locked.fetchone()[0]:
                raise Fault("store_busy", store.schema)
            yield
    finally:
        other.close()


def _refuse_tickets(tx: Tx, schema: str) -> None:
    if ("tickets",) not in tx.rows(_OURS, (schema,)):
        return
    if tx.row(f'SELECT 1 FROM "{schema}".tickets LIMIT 1') is not None:
        raise Fault("hall_not_empty", schema)


def _compare(source: SqliteStore, beside: PostgresStore) -> None:
    names = source.read(copying.tables)

    def counts(tx: Tx) -> dict[str, int]:
        return {name: int(tx.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in names}

    wanted, found = source.read(counts), beside.read(counts)
    for name, count in wanted.items():
        if found[name] != count:
            raise Fault("store_refused", f"{name}: {found[name]} / {count}")


def _put_in_place(store: PostgresStore, new: str, kept: str, *, replace: bool) -> str | None:
    # The tables are taken one by one, as whoever is at work takes them: one of two who wait for each other
    # is sent away by the server.
    for _attempt in range(_ATTEMPTS):
        with contextlib.suppress(Conflict):
            return store.transact(lambda tx: _swap(tx, store, new, kept, replace=replace), tell=False)
    raise Fault("store_busy", store.schema)


def _swap(tx: Tx, store: PostgresStore, new: str, kept: str, *, replace: bool) -> str | None:
    own = [str(row[0]) for row in tx.rows(_OURS, (store.schema,))]
    is_there = tx.row("SELECT 1 FROM pg_namespace WHERE nspname = ?", (store.schema,)) is not None
    if own:
        # Whoever is at work ends first: no transaction may begin in the old tables and go on in the new ones.
        names = ", ".join(f'"{store.schema}"."{name}"' for name in own)
        tx.run(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        if not replace:
            _refuse_tickets(tx, store.schema)
    if is_there:
        tx.run(f'ALTER SCHEMA "{store.schema}" RENAME TO "{kept}"')
        tx.run(f'REVOKE ALL ON SCHEMA "{kept}" FROM "{store.wall_role}"')
    tx.run(f'ALTER SCHEMA "{new}" RENAME TO "{store.schema}"')
    return kept if is_there else None
