"""One machine, no server: SQLite with a write-ahead log, every commit on the disk before it is answered."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import peewee
from playhouse.apsw_ext import APSWDatabase

from jiaohao.store import feed, seals
from jiaohao.store.base import Listener, Store, T, Tx, Word, faults
from jiaohao.store.errors import AS_PEEWEE, Fault, as_fault
from jiaohao.store.turns import Turn

WAIT_S = 10.0

# FULL: a printed number must outlive a power failure. Keys between tables are checked.
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
"""The tables of a file, but for SQLite's own."""
_PRAGMAS = {"synchronous": 2, "foreign_keys": 1}


# A quota, or a limit on the size of files: SQLite takes them for damage.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class SqliteStore(Store):
    """A hall in one file."""

    dialect = "sqlite"
    db: APSWDatabase

    def __init__(self, path: Path, *, read_only: bool = False, create: bool = False) -> None:
        """Open the file at ``path``.

        Raises Fault store_unreachable when its folder is not there (a disk not mounted), not_initialised when
        the file is not and ``create`` is not set.
        """
        self.path = path
        self._turn = f"{path}-turn"
        self._listeners = str(feed.folder(path))
        with faults():  # a name may be longer than any file's
            has_folder, is_there = path.parent.is_dir(), path.exists()
        if not has_folder:
            raise Fault("store_unreachable", str(path.parent))
        if not create and not is_there:
            raise Fault("not_initialised", str(path))
        pragmas: dict[str, int | str] = dict(_PRAGMAS)
        if read_only:
            flags = apsw.SQLITE_OPEN_READONLY
            pragmas["query_only"] = 1
        else:
            flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        db = APSWDatabase(str(path), timeout=WAIT_S, pragmas=pragmas, flags=flags)
        db.register_function(seals.chained, "chained", -1)
        super().__init__(db, read_only=read_only)

    def _write(self, work: Callable[[Tx], T], *, tell: bool) -> T:
        if self.read_only:
            raise Fault("store_read_only", str(self.path))
        with self.turn():
            result, word = self._transaction("IMMEDIATE", work)
        if tell:
            self.tell(word)
        return result

    def _read(self, work: Callable[[Tx], T]) -> T:
        return self._transaction("DEFERRED", work)[0]

    def _transaction(self, kind: str, work: Callable[[Tx], T]) -> tuple[T, Word]:
        # By hand and without generators: with peewee's an operation takes a tenth longer.
        connection = self._connected()
        tx = Tx(connection.execute, connection.execute, self.dialect)
        if connection.in_transaction:
            return work(tx), tx.word  # what an operation reads besides is a part of it
        with AS_PEEWEE:
            connection.execute(f"BEGIN {kind}")
            try:
                result = work(tx)
                if tx.word.journal_id:
                    tx.run(seals.SEAL_NEW)
                tx.end("COMMIT")
            finally:
                if not connection.get_autocommit():
                    connection.execute("ROLLBACK")
        return result, tx.word

    def _fault(self, error: Exception) -> Fault:
        fault = as_fault(error)
        is_open = not self.db.is_closed()
        if is_open and fault.code == "store_damaged" and self.db.connection().system_errno in _NO_ROOM:
            return Fault("store_full", fault.detail)
        # A write-ahead log is read through a file beside it, which cannot be made there.
        if fault.code == "store_unreachable" and not os.access(self.path.parent, os.W_OK):
            return Fault("store_read_only", fault.detail)
        return fault

    @contextlib.contextmanager
    def _own_faults(self) -> Iterator[None]:
        try:
            yield
        except peewee.PeeweeException as error:
            raise self._fault(error) from error

    def turn(self) -> contextlib.AbstractContextManager[None]:
        """Be the only one who writes. Raises Fault when entered, see Turn."""
        return Turn(self._turn, WAIT_S)

    def _connected(self) -> apsw.Connection:
        """The connection of this thread.

        Raises Fault store_unreachable when its file was moved away, or another put there: the old
        file would go on taking what is written, and nobody would ever find it again.
        """
        self.db.connect(reuse_if_open=True)
        has_moved = ctypes.c_int()
        connection: apsw.Connection = self.db.connection()
        connection.file_control("main", apsw.SQLITE_FCNTL_HAS_MOVED, ctypes.addressof(has_moved))
        if has_moved.value:
            self.close()
            raise Fault("store_unreachable", str(self.path))
        return connection

    def settle(self) -> None:
        """See Store; here only what is durable can be read."""

    def tell(self, word: Word) -> None:
        """See Store."""
        feed.tell(self._listeners, word)

    def _drop_connection(self) -> None:
        self.close()

    def listen(self) -> Listener:
        """See Store."""
        return feed.DatagramListener(self.path)

    @contextlib.contextmanager
    def migrating(self) -> Iterator[None]:
        """See Store; the log mode is set here once and stays with the file."""
        with self.turn(), faults(), self._own_faults():
            self.db.connect(reuse_if_open=True)
            self.db.pragma("journal_mode", "wal")
            # The migration runner binds dates, which this driver does not know by itself.
            self.db.connection().convert_binding = lambda _cursor, _number, value: str(value)
            yield

    def problems(self) -> list[str]:
        """See Store."""
        with faults(), AS_PEEWEE:  # damage may only show further on
            found = [str(row[0]) for row in self.db.execute_sql("PRAGMA integrity_check").fetchall()]
            broken = self.db.execute_sql("PRAGMA foreign_key_check").fetchall()
        return [text for text in found if text != "ok"] + [
            f"foreign key: {row[0]} {row[1]}" for row in broken
        ]

    def vacuum_into(self, target: Path) -> None:
        """Write a consistent copy to an empty or new file; copying the file itself would lose rows.

        Raises Fault.
        """
        with self._own_faults():
            self.db.connect(reuse_if_open=True)
            if self.read_only:
                self.db.pragma("query_only", 0)  # counts for the copy, too; the file stays open read-only
            self.db.execute_sql("VACUUM INTO ?", (str(target),))


class NewFile(SqliteStore):
    """A file that nobody knows of yet: nobody takes turns at it."""

    def __init__(self, path: Path) -> None:
        """Open the file, also when it is empty."""
        super().__init__(path, create=True)

    def turn(self) -> contextlib.AbstractContextManager[None]:
        """See SqliteStore."""
        return contextlib.nullcontext()
