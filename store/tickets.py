"""Tickets: numbered, claimed, changed. The verbs pressed all day are one hand-written statement each.

The state in a partial index's condition stands as a literal: bound as a parameter the index is not used.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from jiaohao.store import seats
from jiaohao.store.base import Tx
from jiaohao.store.values import Seat, Ticket

_COLUMNS = tuple("window_code" if name == "window" else name for name in Ticket._fields)
COLUMNS = ", ".join(_COLUMNS)
_NEW = _COLUMNS[1:]
# What an operation may change; number, day and the instant of issue never do.
MUTABLE = (
    "line",
    "queue",
    "state",
    "window",
    "place_ms",
    "calls",
    "requeues",
    "at_window_ms",
    "occupied_ms",
    "ended_ms",
    "kind",
)

_OPEN = "state IN ('waiting', 'called', 'serving', 'held', 'missed')"
_UNSERVED = "state IN ('waiting', 'called', 'serving', 'held')"

_NUMBER = (
    "INSERT INTO numbers(service_day, line, last) SELECT turn.day, turn.line, 1 "
    "FROM (SELECT CAST(? AS TEXT) AS day, CAST(? AS TEXT) AS line{lock}) AS turn "
    "WHERE NOT EXISTS (SELECT 1 FROM days WHERE service_day = turn.day) "
    "ON CONFLICT(service_day, line) DO UPDATE SET last = numbers.last + 1 RETURNING last"
)
# Who waits for a row on PostgreSQL is woken with all others who do, and may lose to them each time; who waits
# for a lock of this kind has its turn.
_NUMBERS = {
    "sqlite": _NUMBER.format(lock=""),
    "postgres": _NUMBER.format(lock=", pg_advisory_xact_lock('numbers'::regclass::oid::int, hashtext(?))"),
}
_ADD = f"INSERT INTO tickets({', '.join(_NEW)}) VALUES({', '.join('?' * len(_NEW))}) RETURNING {COLUMNS}"
_SAVE = (
    "UPDATE tickets SET "
    + ", ".join(f"{'window_code' if name == 'window' else name} = ?" for name in MUTABLE)
    + " WHERE id = ?"
)
_AT_WINDOW = (
    f"SELECT {COLUMNS} FROM tickets "
    "WHERE service_day = ? AND window_code = ? AND state IN ('called', 'serving')"
)
_BY_NUMBER = f"SELECT {COLUMNS} FROM tickets WHERE service_day = ? AND number = ?"
_BY_ID = f"SELECT {COLUMNS} FROM tickets WHERE id = ?"
_OPEN_TODAY = f"SELECT {COLUMNS} FROM tickets WHERE service_day = ? AND {_OPEN} ORDER BY place_ms, id"
_LATELY = (
    "SELECT line, occupied_ms, priority, issued_ms, ended_ms FROM tickets "
    "WHERE state IN ('finished', 'missed') AND ended_ms > ? ORDER BY ended_ms DESC LIMIT ?"
)


def next_number(tx: Tx, day: str, line: str) -> int | None:
    """Take the line's next number of the day, without gap or twin (Q-1); None when the day is closed.

    Whoever else wants one of the line waits, in the order of coming, until the transaction ends.
    """
    turn = (line,) if tx.dialect == "postgres" else ()
    found = tx.row(_NUMBERS[tx.dialect], (day, line, *turn))
    return None if found is None else int(found[0])


def add(tx: Tx, ticket: Ticket) -> Ticket:
    """Write a new ticket; gives it with its id."""
    return Ticket(*tx.rows(_ADD, ticket[1:])[0])


def save(tx: Tx, ticket: Ticket) -> None:
    """Write what an operation changed of a ticket that this transaction holds."""
    tx.run(_SAVE, [*(getattr(ticket, name) for name in MUTABLE), ticket.id])


def at_window(tx: Tx, day: str, window: str) -> Ticket | None:
    """The ticket called to or served at a window, held for this transaction."""
    found = tx.row(_AT_WINDOW + tx.locking, (day, window))
    return None if found is None else Ticket(*found)


def with_seat(tx: Tx, day: str, window: str) -> tuple[Seat | None, Ticket | None]:
    """Who sits at a window now, and the ticket there; both held for this transaction, in that order."""
    these = (day, window)
    sits, stands = tx.both((seats.AT_WINDOW + tx.locking, these), (_AT_WINDOW + tx.locking, these))
    return Seat(*sits[0]) if sits else None, Ticket(*stands[0]) if stands else None


def by_number(tx: Tx, day: str, number: str) -> Ticket | None:
    """That day's ticket of that number, held for this transaction."""
    found = tx.row(_BY_NUMBER + tx.locking, (day, number))
    return None if found is None else Ticket(*found)


def hold(tx: Tx, ticket_id: int | None) -> None:
    """Hold the ticket of that id, if there is one, for this transaction."""
    tx.row(_BY_ID + tx.locking, (ticket_id,))


def find(tx: Tx, day: str, number: str) -> Ticket | None:
    """That day's ticket of that number, only looked at."""
    found = tx.row(_BY_NUMBER, (day, number))
    return None if found is None else Ticket(*found)


def by_id(tx: Tx, ticket_id: int) -> Ticket:
    """The ticket of that id."""
    return Ticket(*tx.rows(_BY_ID, (ticket_id,))[0])


@lru_cache(maxsize=256)
def _heads_sql(dialect: str, queues: int, flex: int) -> str:
    """One head a queue, so that the thousands who wait elsewhere are never looked at (Q-4).

    On PostgreSQL a head may be one that another window is just taking; enough of each queue is offered that
    somebody is left.
    """
    depth = 1 if dialect == "sqlite" else 32
    head = (
        "SELECT * FROM (SELECT id, place_ms, queue FROM tickets "
        "WHERE state = 'waiting' AND service_day = ? AND queue = ? {condition} "
        "ORDER BY place_ms, id LIMIT {depth}) AS head"
    )
    long_enough = (
        "AND (SELECT count(*) FROM (SELECT 1 FROM tickets WHERE state = 'waiting' AND service_day = ?"
        " AND queue = ? LIMIT ?) AS those) > ?"
    )
    heads = [head.format(condition="", depth=depth)] * queues
    heads += [head.format(condition=long_enough, depth=depth)] * flex
    return f"({' UNION ALL '.join(heads)}) AS heads"


@lru_cache(maxsize=256)
def _claim_sql(dialect: str, queues: int, flex: int, taken: str = " SKIP LOCKED") -> str:
    """Take the first of the heads; ``taken`` is what becomes of one that another window is just taking.

    One that was sent to another queue meanwhile is a head no more, and on PostgreSQL that is looked at again.
    """
    heads = _heads_sql(dialect, queues, flex)
    first = f"SELECT id FROM {heads} ORDER BY place_ms, id LIMIT 1"
    if dialect == "postgres":
        first = (
            f"SELECT t.id FROM {heads} JOIN tickets t ON t.id = heads.id "
            "WHERE t.state = 'waiting' AND t.queue = heads.queue "
            f"ORDER BY heads.place_ms, heads.id LIMIT 1 FOR UPDATE OF t{taken}"
        )
    return (
        "UPDATE tickets SET state = 'called', window_code = ?, calls = 1, at_window_ms = ? "
        f"WHERE id = ({first}) AND state = 'waiting' RETURNING {COLUMNS}, "
        "EXISTS (SELECT 1 FROM enquiries WHERE ticket = tickets.id AND state = 'referred')"
    )


def claim(
    tx: Tx, day: str, window: str, queues: tuple[str, ...], flex: tuple[str, ...], flex_mark: int, now_ms: int
) -> tuple[Ticket, bool] | None:
    """Call the earliest place among the window's queues to that window and to no other (Q-4, Q-9).

    ``flex`` queues take part only while more than ``flex_mark`` wait in them. Gives the ticket, and whether
    an enquiry was sent on with it (FR-9); None when nobody waits.
    """
    those: list[object] = []
    for queue in queues:
        those += [day, queue]
    for queue in flex:
        those += [day, queue, day, queue, flex_mark + 1, flex_mark]
    kind = (tx.dialect, len(queues), len(flex))
    params = [window, now_ms, *those]
    found = tx.row(_claim_sql(*kind), params)
    if tx.dialect == "postgres":
        # All who waited may have been on their way to other windows, and somebody have come since, or one
        # of them be let go: only who sees nobody wait may say so.
        while found is None and tx.row(f"SELECT 1 FROM {_heads_sql(*kind)} LIMIT 1", those):
            found = tx.row(_claim_sql(*kind, taken=""), params)
    return None if found is None else (Ticket(*found[:-1]), bool(found[-1]))


def open_today(tx: Tx, day: str) -> list[Ticket]:
    """All that wait, are called, served, held or missed, in the order of their places."""
    return [Ticket(*row) for row in tx.rows(_OPEN_TODAY, (day,))]


def places(tx: Tx, day: str, queue: str, count: int) -> list[int]:
    """The places in time of the first ``count`` that wait in a queue."""
    rows = tx.rows(
        "SELECT place_ms FROM tickets WHERE state = 'waiting' AND service_day = ? AND queue = ? "
        "ORDER BY place_ms, id LIMIT ?",
        (day, queue, count),
    )
    return [int(row[0]) for row in rows]


class Service(NamedTuple):
    """A service that has ended, or a number that was missed; ``took_ms`` are milliseconds at windows."""

    line: str
    took_ms: int
    priority: str
    issued_ms: int
    ended_ms: int


def lately(tx: Tx, since_ms: int, count: int) -> list[Service]:
    """The last ``count`` services that ended after ``since_ms``, newest first."""
    return [Service(*row) for row in tx.rows(_LATELY, (since_ms, count))]


def leave_unserved(tx: Tx, *, until_day: str, inclusive: bool, now_ms: int, op: str) -> int:
    """Close every day up to ``until_day``: who still waits is unserved, never served, never missed (HR-2).

    One journal row a ticket, its id built on ``op``. Gives how many.
    """
    those = f"service_day {'<=' if inclusive else '<'} ? AND {_UNSERVED}"
    # Held first: of several who find yesterday's at once, the others then find them closed.
    found = tx.rows(f"SELECT id FROM tickets WHERE {those} ORDER BY id" + tx.locking, (until_day,))
    if not found:
        return 0
    tx.run(
        "INSERT INTO journal"
        "(op, at_ms, service_day, event, ticket, number, window_code, from_state, to_state) "
        f"SELECT ? || ':' || id, ?, service_day, 'closed', id, number, window_code, state, 'unserved' "
        f"FROM tickets WHERE {those} ORDER BY id",
        (op, now_ms, until_day),
    )
    tx.run(
        "UPDATE tickets SET state = 'unserved', ended_ms = ?, window_code = NULL, at_window_ms = NULL "
        f"WHERE {those}",
        (now_ms, until_day),
    )
    return len(found)


def count_by_state(tx: Tx, day: str) -> dict[str, int]:
    """How many tickets of a day ended in or stand in each state."""
    rows = tx.rows("SELECT state, count(*) FROM tickets WHERE service_day = ? GROUP BY state", (day,))
    return {str(state): int(count) for state, count in rows}


def of_day(tx: Tx, day: str) -> list[Ticket]:
    """Every ticket of a day, in the order of issue."""
    return [
        Ticket(*row)
        for row in tx.rows(f"SELECT {COLUMNS} FROM tickets WHERE service_day = ? ORDER BY id", (day,))
    ]
