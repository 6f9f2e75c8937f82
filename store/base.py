"""The store as the floors above see it: transactions, repeated safely, told to all after commit."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import peewee

from jiaohao.store.errors import Conflict, Fault, NotConnected, as_fault, is_conflict

T = TypeVar("T")
Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Any]]
"""One statement, written with ``?``, and its values."""

ATTEMPTS = 3
_LONGEST_ID = 20
_LONGEST_SAID = 7999
"""PostgreSQL tells no longer word, in bytes."""

NEWEST = 2**63 - 1
"""In a word, the number of the newest journal line of a transaction as long as only the server knows it."""


class Word(NamedTuple):
    """What is told of changes: the newest journal line among them, and the windows that they are about.

    The line is 0 when there may be a change that has none.
    """

    journal_id: int = 0
    windows: frozenset[str] = frozenset()

    def and_of(self, other: Word) -> Word:
        """One word of both; of which nothing is known when it is so of one."""
        if not (self.journal_id and other.journal_id):
            return Word()
        return Word(max(self.journal_id, other.journal_id), self.windows | other.windows)

    def is_elsewhere(self, window: str) -> bool:
        """Whether it is known to be about other windows, or about none."""
        return self.journal_id > 0 and window not in self.windows

    def said(self) -> str:
        """As it is sent; what would be too long says that there is something."""
        said = " ".join([str(self.journal_id), *sorted(self.windows)])
        return said if len(said.encode()) <= _LONGEST_SAID else Word().said()

    @classmethod
    def heard(cls, text: str) -> Word:
        """What was sent. Anybody may send anything: what makes no sense may be about anything."""
        number, *windows = text.split(" ")
        is_number = number.isascii() and number.isdigit() and len(number) < _LONGEST_ID
        return cls(int(number), frozenset(windows)) if is_number else cls()


class Tx:
    """One open transaction. The verbs of the store are functions that take it.

    Whoever opens it makes peewee's errors of the driver's.
    """

    __slots__ = ("_ask", "_later", "dialect", "word")

    def __init__(self, ask: Callable[..., Any], later: Callable[..., object], dialect: str) -> None:
        """Of what runs a statement and gives its rows, and what may only do so with the next one.

        ``dialect`` is sqlite or postgres.
        """
        self._ask = ask
        self._later = later
        self.dialect = dialect
        self.word = Word()
        """What is to be told of it."""

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run one statement, written with ``?``, and give all its rows."""
        return list(self.execute(sql, params))

    def each(self, sql: str, params: Sequence[Any] = ()) -> Iterator[Row]:
        """Run one statement, written with ``?``, and give its rows as they are taken, before any other is."""
        yield from self.execute(sql, params)

    def row(self, sql: str, params: Sequence[Any] = ()) -> Row | None:
        """Run one statement and give its first row, or None."""
        found = self.rows(sql, params)
        return found[0] if found else None

    def both(self, first: Statement, second: Statement) -> tuple[list[Row], list[Row]]:
        """Run two statements that need nothing of each other's answer, and give all rows of each."""
        rows = self.execute(*first, at_once=False)
        others = self.rows(*second)
        return list(rows), others

    def run(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement that gives no rows. Its error may be raised by the next one, or by the end."""
        self.execute(sql, params, at_once=False)

    def end(self, sql: str, *behind: Statement) -> None:
        """Commit in the driver's own words; all that was done is durable when this returns.

        ``behind`` are statements that go out with it.
        """
        *those, (last, params) = (sql, ()), *behind
        for one in those:
            self._later(*one)
        self._ask(last, params)

    def execute(self, sql: str, params: Sequence[Any], *, at_once: bool = True) -> Any:
        """Give the rows of a statement, with the driver's own errors; all come through here."""
        return (self._ask if at_once else self._later)(sql, _kept(params))

    def upsert(self, table: str, keys: Sequence[str], columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Write rows of the hall's description, replacing those whose key is there already."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        changes = ", ".join(f"{name}=excluded.{name}" for name in columns if name not in keys)
        sql = (
            f"INSERT INTO {table}({names}) VALUES({marks}) "
            f"ON CONFLICT({', '.join(keys)}) DO UPDATE SET {changes}"
        )
        for values in rows:
            self.run(sql, values)

    def alone(self, *tables: str) -> None:
        """Keep all others from changing these tables until the transaction ends; SQLite has one writer."""
        if self.dialect == "postgres":
            for table in tables:
                self.rows(f"LOCK TABLE {table} IN EXCLUSIVE MODE")  # and not only with what comes next

    @property
    def locking(self) -> str:
        """The words that hold a row until the transaction ends, where the database needs them."""
        return " FOR UPDATE" if self.dialect == "postgres" else ""


def _kept(params: Sequence[Any]) -> Sequence[Any]:
    """What is bound, with what not every database takes, NUL and halves of characters, by its number."""
    for value in params:
        if isinstance(value, str) and not value.isprintable():
            return [_numbered(one) if isinstance(one, str) else one for one in params]
    return params


def _numbered(text: str) -> str:
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


class Listener(ABC):
    """Hears that something was committed, wherever it was."""

    @abstractmethod
    def wait(self, timeout_s: float) -> Word | None:
        """Wait for word of a change or of several; None after ``timeout_s`` seconds without. Raises Fault."""

    @abstractmethod
    def close(self) -> None:
        """Stop listening; a ``wait`` under way ends."""


class Store(ABC):
    """A hall's database: one verb to change it, one to read it, one to hear of changes."""

    dialect: str

    def __init__(self, db: peewee.Database, *, read_only: bool) -> None:
        """Nothing is opened yet: each thread opens its connection with its first transaction."""
        self.db = db
        self.read_only = read_only

    def transact(self, work: Callable[[Tx], T], *, tell: bool = True) -> T:
        """Run ``work`` in one write transaction; tell every listener once it is durable.

        A lost connection is tried again, which is safe because each operation's own id is unique in
        the journal. Raises Conflict when a row stood in the way, Fault when the store does not answer.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._write(work, tell=tell)
            except (peewee.PeeweeException, UnicodeDecodeError) as error:
                if is_conflict(error):
                    raise Conflict(str(error)) from error
                fault = self._fault(error)
                if attempt == ATTEMPTS or not self._may_pass(fault, error):
                    raise fault from error
                self._drop_connection()
        raise AssertionError("unreachable: the last attempt returns or raises")

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` on one consistent view of the database. Raises Fault."""
        for is_last in (False, True):
            try:
                return self._read(work)
            except (peewee.PeeweeException, UnicodeDecodeError) as error:
                fault = self._fault(error)
                if is_last or not self._may_pass(fault, error):
                    raise fault from error
                self._drop_connection()
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _may_pass(self, fault: Fault, error: Exception) -> bool:
        """Whether it was the connection alone, in whose place another one may be had."""
        is_lost = fault.code == "store_unreachable" and not isinstance(error, NotConnected)
        return is_lost and self.dialect != "sqlite"

    def _fault(self, error: Exception) -> Fault:
        return as_fault(error)

    @abstractmethod
    def settle(self) -> None:
        """Return once all that can be read now is as durable as what was acknowledged. Raises Fault."""

    @abstractmethod
    def _write(self, work: Callable[[Tx], T], *, tell: bool) -> T: ...

    @abstractmethod
    def _read(self, work: Callable[[Tx], T]) -> T: ...

    @abstractmethod
    def tell(self, word: Word) -> None:
        """Tell the listeners; failing to must not undo what is durable."""

    @abstractmethod
    def _drop_connection(self) -> None: ...

    @abstractmethod
    def listen(self) -> Listener:
        """Hear of changes from now on. Raises Fault."""

    @abstractmethod
    def migrating(self) -> contextlib.AbstractContextManager[None]:
        """Keep every other process from changing the tables meanwhile."""

    @abstractmethod
    def problems(self) -> list[str]:
        """What the database's own check finds wrong with it; empty when it is whole."""

    def close(self) -> None:
        """Close this thread's connection."""
        if not self.db.is_closed():
            self.db.close()


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """Turn a driver's errors outside a transaction into faults."""
    try:
        yield
    except (peewee.PeeweeException, OSError) as error:
        raise as_fault(error) from error


__all__ = [
    "ATTEMPTS", "NEWEST", "Conflict", "Fault", "Listener", "Row", "Statement", "Store", "Tx", "Word",
    "faults",
]  # fmt: skip
