"""Faults of the store: it does not answer, it is full, it is another program's. Never a rule."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import peewee

AS_PEEWEE: contextlib.AbstractContextManager[None] = peewee.__exception_wrapper__  # type: ignore[attr-defined]
"""Makes peewee's errors of a driver's, where peewee does not do it: for rows that are fetched later."""


class Fault(Exception):
    """The store could not do what was asked; nothing was acknowledged.

    ``code`` is stable: store_unreachable, store_busy, store_full, store_damaged, store_read_only,
    store_refused, not_initialised, database_newer, driver_missing, browser_missing,
    backup_exists, not_a_backup, backup_damaged, backup_unsound, backup_has_nul, hall_not_empty, other_hall;
    and those of the printer of the slips (``printer_sentence`` in queue/words.py).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep the stable code and what the driver said."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Unreachable(peewee.PeeweeException):
    """A server was lost, or none could be connected to.

    What it says of it is no sign: a standby calls itself read-only.

    Not an OperationalError: peewee would put its own in the place of one of those.
    """


class NotConnected(Unreachable):
    """No server could be connected to: nothing was sent, and trying again at once only takes longer."""


class Conflict(Exception):
    """A row stood in the way (one window, one number, one operation id); the transaction is undone."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


# In the order in which they are looked for: a full disk also says "cannot rollback".
_SIGNS = (
    ("store_full", ("disk is full", "fullerror", "no space left", "diskfull", "disk full")),
    ("store_read_only", ("readonly", "read-only", "permission denied", "insufficientprivilege")),
    ("not_initialised", ("no such table", "undefinedtable", "undefinedcolumn", "no such column")),
    (
        "store_damaged",
        (
            "malformed",
            "corrupt",
            "not a database",
            "notadb",
            "unsupported file",
            "ioerror",
            "disk i/o",
            "unicodedecodeerror",  # damage that shows in a text alone: SQLite does not look at its bytes
        ),
    ),
    ("store_refused", ("programlimitexceeded",)),
    ("store_busy", ("busy", "locked", "lock timeout", "locknotavailable", "querycanceled")),
)

_OVERTAKEN = frozenset({"UniqueViolation", "DeadlockDetected", "SerializationFailure"})


def as_fault(error: BaseException) -> Fault:
    """Name what lies behind a driver's error, looking through the whole chain of causes."""
    said = " | ".join(f"{type(cause).__name__}: {cause}" for cause in _causes(error)).lower()
    # Only the first line: below it a server quotes the row, with whatever personal stands in it (PV-1).
    detail = str(error).partition("\n")[0]
    if isinstance(error, Unreachable):
        return Fault("store_unreachable", detail)
    for code, signs in _SIGNS:
        if any(sign in said for sign in signs):
            return Fault(code, detail)
    if isinstance(error, peewee.IntegrityError | peewee.InternalError | peewee.DataError):
        return Fault("store_refused", detail)
    return Fault("store_unreachable", detail)


def is_conflict(error: BaseException) -> bool:
    """Tell what somebody faster explains, a broken uniqueness or a deadlock, from every other fault."""
    # By type where there is one: a server says its messages in its own language.
    if any(type(cause).__name__ in _OVERTAKEN for cause in _causes(error)):
        return True
    return isinstance(error, peewee.IntegrityError) and "unique" in str(error).lower()
