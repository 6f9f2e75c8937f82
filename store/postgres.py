"""Several machines: PostgreSQL, one schema a hall, the same verbs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from peewee import PeeweeException

from jiaohao.store import absences
from jiaohao.store.base import NEWEST, Listener, Statement, Store, T, Tx, Word, faults
from jiaohao.store.errors import AS_PEEWEE, Fault, Unreachable

if TYPE_CHECKING:
    from jiaohao.store.servers import Pool, Servers
    from jiaohao.store.statements import Connection

# A frozen server must not hold a terminal for ever, nor a forgotten transaction the whole hall.
_OPTIONS = (
    "-c search_path={schema} -c statement_timeout=10000 -c lock_timeout=5000 "
    "-c idle_in_transaction_session_timeout=10000"
)
LAG_S = 0.1
"""How far a standby may be behind to be read: what is called is seen within a tenth of a second."""
LAGGED_S = 60.0
"""How long new connections leave a standby alone that was further behind."""
_LAG_LOOK_S = 0.005
_MIGRATION_LOCK = 0x6A69616F
# What the wall may read, all of a table or some of its columns (PV-1). What does not stand here, and with it
# every table that a later migration brings, is the staff's alone.
PUBLIC: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "schema_migration", "hall", "departments", "lines", "windows", "window_lines", "matters", "staff",
            "posts", "agencies", "days", "tickets", "calls", "seats",
        ),
        (),
    ),
    "journal": ("id", "at_ms"),
    "absences": absences.PUBLIC,
    "attempts": absences.PUBLIC_ATTEMPT,
}  # fmt: skip


_TELL = "SELECT pg_notify(?, ?)"
_TELL_NEWEST = "SELECT pg_notify(?, currval('journal_id_seq') || ?)"
_HAS_COME = "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= ?::pg_lsn"


class PostgresStore(Store):
    """A hall in the schema ``schema`` of a PostgreSQL database."""

    dialect = "postgres"
    db: Pool

    def __init__(
        self, url: str, schema: str, *, read_only: bool = False, wall_role: str | None = None
    ) -> None:
        """Connect lazily; ``wall_role`` where it is another schema's. Raises Fault driver_missing."""
        try:
            from jiaohao.store import servers  # noqa: PLC0415 - only halls on PostgreSQL need the driver
        except ImportError as error:
            raise Fault("driver_missing", "pip install 'jiaohao[postgres]'") from error
        self.url = url
        self.schema = schema
        self.wall_role = wall_role or f"{schema}_wall"
        options = _OPTIONS.format(schema=schema)
        if read_only:
            options += " -c default_transaction_read_only=on"
        parameters: dict[str, Any] = {
            "options": options,
            "application_name": "jiaohao",
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 10000,
        }
        self._servers = servers.Servers(url, parameters)
        self._may_lag = read_only and self._servers.are_several
        self._lagged_s = -LAGGED_S

        def connect() -> Connection:
            if not read_only:
                return self._servers.connect(servers.WRITABLE)
            if not self._may_lag:
                return self._servers.connect(servers.ANY)
            has_lagged = time.monotonic() - self._lagged_s < LAGGED_S
            return self._servers.connect(servers.PRIMARY_FIRST if has_lagged else servers.STANDBY_FIRST)

        super().__init__(
            servers.Pool(connect, max_connections=8, stale_timeout=300, timeout=5), read_only=read_only
        )

    def _write(self, work: Callable[[Tx], T], *, tell: bool) -> T:
        if self.read_only:
            raise Fault("store_read_only", self.schema)

        # After the commit: inside, the notification's global lock halves the pace.
        return self._transaction(["BEGIN"], work, self._telling if tell else lambda _tx: [])

    def _telling(self, tx: Tx) -> Sequence[Statement]:
        said = tx.word.said()
        newest = str(NEWEST)
        if not said.startswith(newest):
            return [(_TELL, (self.channel, said))]
        return [(_TELL_NEWEST, (self.channel, said.removeprefix(newest)))]

    def _read(self, work: Callable[[Tx], T]) -> T:
        # Read-only by setting could be switched off again; what guards is what the role was granted.
        role = [f'SET ROLE "{self.wall_role}"'] if self.read_only else []
        return self._transaction([*role, "BEGIN ISOLATION LEVEL REPEATABLE READ"], work, lambda _tx: [])

    def _transaction(
        self, begin: Sequence[str], work: Callable[[Tx], T], behind: Callable[[Tx], Sequence[Statement]]
    ) -> T:
        # By hand and with few journeys to the server: with peewee's it takes a fifth longer.
        with self.db.connection_context():
            connection = self.db.connection()
            tx = Tx(connection.ask, connection.later, self.dialect)
            if connection.is_in_transaction:
                return work(tx)  # what an operation reads besides is a part of it
            try:
                with AS_PEEWEE:
                    for sql in begin:
                        connection.later(sql)
                    result = work(tx)
                    tx.end("COMMIT", *behind(tx))
            except BaseException as error:
                self._roll_back(error)
                raise
            return result

    def _roll_back(self, error: BaseException) -> None:
        """Undo what failed. Raises Unreachable where it was the connection: its own last word may be any."""
        try:
            self.db.rollback()
        except PeeweeException:
            if isinstance(error, PeeweeException):
                raise Unreachable(str(error)) from error

    def settle(self) -> None:
        """See Store; what waited for the standby in vain can be read, and may yet be lost with its server."""
        self.transact(lambda tx: tx.run("SELECT pg_logical_emit_message(true, 'jiaohao', '')"), tell=False)

    def tell(self, word: Word) -> None:
        """See Store."""
        with contextlib.suppress(PeeweeException), self.db.connection_context(), AS_PEEWEE:
            self.db.connection().ask(_TELL, (self.channel, word.said()))

    @property
    def channel(self) -> str:
        """The name under which this hall's changes are told."""
        return f"jiaohao_{self.schema}"

    def _drop_connection(self) -> None:
        # After a restart of the server every pooled connection is dead, not only the one that showed it;
        # those that other threads hold are theirs to find out.
        self.db.close_idle()

    def close(self) -> None:
        """Close the pool."""
        self.db.close_all()

    def listen(self) -> Listener:
        """See Store."""
        return NotifyListener(self._servers, self.channel, self._catch_up if self._may_lag else None)

    def _catch_up(self, position: str) -> None:
        """Wait until the server that is read has come as far; a standby that takes too long is left alone."""
        end_s = time.monotonic() + LAG_S
        with contextlib.suppress(Fault):  # whoever reads next finds out
            while not self._has_come_to(position):
                if time.monotonic() > end_s:
                    self._lagged_s = time.monotonic()
                    self._drop_connection()
                    return
                time.sleep(_LAG_LOOK_S)

    def _has_come_to(self, position: str) -> bool:
        return self.read(lambda tx: tx.row(_HAS_COME, (position,)) == (True,))

    @contextlib.contextmanager
    def migrating(self) -> Iterator[None]:
        """See Store; also makes the schema, before, and gives the wall's role its rights, after."""
        with faults(), self.db.connection_context():
            self.db.execute_sql("SET lock_timeout = 60000")
            self.db.execute_sql("SET statement_timeout = 60000")
            self.db.execute_sql("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
            try:
                self.db.execute_sql(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')
                yield
                self._grant()
            finally:
                self.db.execute_sql("SELECT pg_advisory_unlock(%s)", (_MIGRATION_LOCK,))
                self.db.execute_sql("RESET lock_timeout")
                self.db.execute_sql("RESET statement_timeout")

    def _grant(self) -> None:
        schema, role = self.schema, self.wall_role
        # Roles are the server's, not the database's: another database's hall of this code may be first.
        self.db.execute_sql(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f'THEN CREATE ROLE "{role}" NOLOGIN; END IF; '
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        self.db.execute_sql(f'GRANT "{role}" TO CURRENT_USER')
        self.db.execute_sql(f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"')
        # At one stroke: a wall that looks meanwhile still finds what it may read.
        with self.db.atomic():
            self.db.execute_sql(f'REVOKE ALL ON ALL TABLES IN SCHEMA "{schema}" FROM "{role}"')
            for table, columns in PUBLIC.items():
                some = f"({', '.join(columns)})" if columns else ""
                self.db.execute_sql(f'GRANT SELECT {some} ON "{schema}".{table} TO "{role}"')

    def problems(self) -> list[str]:
        """See Store; the server keeps its own checksums, so here it is asked whether it answers."""
        self.read(lambda tx: tx.run("SELECT count(*) FROM tickets"))
        return []


class NotifyListener(Listener):
    """Hears NOTIFY on a connection of its own, to the primary: a standby has none."""

    def __init__(self, servers: Servers, channel: str, catch_up: Callable[[str], None] | None = None) -> None:
        """Connect and listen; ``catch_up`` waits until what is heard can be read. Raises Fault."""
        import psycopg  # noqa: PLC0415 - see PostgresStore

        from jiaohao.store.servers import PRIMARY  # noqa: PLC0415 - see PostgresStore

        self._errors = (psycopg.Error, PeeweeException)
        self._catch_up = catch_up
        try:
            self._connection = servers.connect(PRIMARY)
            self._connection.autocommit = True
            self._connection.execute(f'LISTEN "{channel}"')
            self._let_catch_up()
        except self._errors as error:
            raise Fault("store_unreachable", str(error)) from error

    def wait(self, timeout_s: float) -> Word | None:
        """See Listener."""
        try:
            told = [note.payload for note in self._connection.notifies(timeout=timeout_s, stop_after=1)]
            if told:
                self._let_catch_up()
        except self._errors as error:
            raise Fault("store_unreachable", str(error)) from error
        return reduce(Word.and_of, map(Word.heard, told)) if told else None

    def _let_catch_up(self) -> None:
        if self._catch_up is None:
            return
        row = self._connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        if row is not None:
            self._catch_up(row[0])

    def close(self) -> None:
        """See Listener."""
        self._connection.close()
