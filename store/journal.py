"""The journal, the calls and the day: what happened, when, by whom. Rows are only ever added (Q-3)."""

from __future__ import annotations

from typing import NamedTuple

from jiaohao.store.base import NEWEST, Tx, Word
from jiaohao.store.values import Call, Entry, Pulse

_COLUMNS = (
    "op, at_ms, service_day, event, ticket, number, window_code, staff, from_state, to_state, note, "
    "before_change"
)
# What undoes a step is longer than all the rest, and nobody reads it.
_SEEN = f"id, {_COLUMNS.removesuffix('before_change')}NULL"
_WITH_REMARKS = (
    "SELECT journal.id, journal.op, at_ms, journal.service_day, event, ticket, number, window_code, staff, "
    "from_state, to_state, coalesce(remarks.text, note), before_change "
    "FROM journal LEFT JOIN remarks ON remarks.op = journal.op"
)
_ADD = f"INSERT INTO journal({_COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_AND_GIVE = f"{_ADD} RETURNING id"

_LATE_LINES = 200
"""So many later lines may be committed before one; on PostgreSQL only, since SQLite has one writer."""


class Filter(NamedTuple):
    """Which lines of a day are meant: each part that says something narrows further.

    ``events`` are the only ones, ``but`` those left out.
    """

    number: str | None = None
    window: str | None = None
    staff: str | None = None
    events: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


class Line(NamedTuple):
    """What an operation writes down; its ``op`` is its own for ever, so that it cannot happen twice."""

    op: str
    at_ms: int
    service_day: str
    event: str
    ticket: int | None = None
    number: str | None = None
    window: str | None = None
    staff: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    note: str | None = None
    before: str | None = None


def add(tx: Tx, line: Line, remark: str | None = None) -> None:
    """Write one line. A repeated ``op`` breaks its uniqueness and with it the whole transaction.

    ``remark`` is what a person wrote: it may name somebody, and lies apart, where it can be removed (PV-1).
    """
    if tx.dialect == "sqlite":
        journal_id = int(tx.rows(_ADD_AND_GIVE, line)[0][0])
    else:
        tx.run(_ADD, line)  # nobody waits for its number: what is told of it the server completes
        journal_id = NEWEST
    written = Word(journal_id, frozenset({line.window} if line.window else ()))
    tx.word = tx.word.and_of(written) if tx.word.journal_id else written
    if remark is not None:
        tx.run(
            "INSERT INTO remarks(op, service_day, text) VALUES(?, ?, ?)", (line.op, line.service_day, remark)
        )


def by_op(tx: Tx, op: str) -> Entry | None:
    """The line that an operation of this id has left, if it was done."""
    found = tx.row(f"SELECT id, {_COLUMNS} FROM journal WHERE op = ?", (op,))
    return None if found is None else Entry(*found)


def of_ticket(tx: Tx, ticket_id: int) -> list[Entry]:
    """A ticket's lines, oldest first."""
    rows = tx.rows(f"{_WITH_REMARKS} WHERE journal.ticket = ? ORDER BY journal.id", (ticket_id,))
    return [Entry(*row) for row in rows]


def last_of_ticket(tx: Tx, ticket_id: int) -> Entry:
    """A ticket's newest line; every ticket has one from its issue on."""
    rows = tx.rows(
        f"SELECT id, {_COLUMNS} FROM journal WHERE ticket = ? ORDER BY id DESC LIMIT 1", (ticket_id,)
    )
    return Entry(*rows[0])


def latest(tx: Tx, day: str, count: int) -> list[Entry]:
    """The newest lines of a day, newest first: those among the last ``count`` of all.

    The last rows are looked at and no others: a morning without any would otherwise read the whole history.
    """
    rows = tx.rows(f"{_WITH_REMARKS} ORDER BY journal.id DESC LIMIT ?", (count,))
    return [entry for entry in (Entry(*row) for row in rows) if entry.service_day == day]


def _where(day: str, wanted: Filter) -> tuple[str, list[str]]:
    conditions, values = ["service_day = ?"], [day]
    for column, value in (
        ("number", wanted.number), ("window_code", wanted.window), ("staff", wanted.staff)
    ):  # fmt: skip
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    for words, events in (("IN", wanted.events), ("NOT IN", wanted.but)):
        if events:
            conditions.append(f"event {words} ({', '.join('?' * len(events))})")
            values += events
    return " AND ".join(conditions), values


def newest(tx: Tx, day: str, wanted: Filter, count: int, *, before: int | None = None) -> list[Entry]:
    """The last lines of a day, or the last before the line ``before``; newest first, without remarks."""
    where, values = _where(day, wanted)
    if before is not None:
        where += " AND id < ?"
    bound = () if before is None else (before,)
    rows = tx.rows(
        f"SELECT {_SEEN} FROM journal WHERE {where} ORDER BY id DESC LIMIT ?", (*values, *bound, count)
    )
    return [Entry(*row) for row in rows]


def after(tx: Tx, day: str, wanted: Filter, count: int, line: int) -> list[Entry]:
    """The first lines of a day that are newer than one; oldest first, without remarks."""
    where, values = _where(day, wanted)
    rows = tx.rows(
        f"SELECT {_SEEN} FROM journal WHERE {where} AND id > ? ORDER BY id LIMIT ?", (*values, line, count)
    )
    return [Entry(*row) for row in rows]


def count_since(tx: Tx, day: str, since_ms: int, event: str) -> int:
    """How many lines say ``event`` since an instant of ``day``."""
    sql = "SELECT count(*) FROM journal WHERE service_day >= ? AND at_ms >= ? AND event = ?"
    return int(tx.rows(sql, (day, since_ms, event))[0][0])


def count(tx: Tx, day: str, wanted: Filter, most: int) -> int:
    """How many lines of a day there are; after ``most`` it is not counted further."""
    where, values = _where(day, wanted)
    found = tx.rows(
        f"SELECT count(*) FROM (SELECT 1 FROM journal WHERE {where} LIMIT ?) AS those", (*values, most)
    )
    return int(found[0][0])


def add_call(tx: Tx, day: str, ticket_id: int, call: Call) -> None:
    """Write down that a number was called aloud."""
    tx.run(
        "INSERT INTO calls(service_day, ticket, number, window_code, at_ms, times) VALUES(?, ?, ?, ?, ?, ?)",
        (day, ticket_id, call.number, call.window, call.at_ms, call.times),
    )


def last_calls(tx: Tx, day: str, count: int) -> list[Call]:
    """The newest calls of a day, newest first."""
    rows = tx.rows(
        "SELECT number, window_code, at_ms, times FROM calls WHERE service_day = ? ORDER BY id DESC LIMIT ?",
        (day, count),
    )
    return [Call(*row) for row in rows]


def pulse(tx: Tx, day: str) -> Pulse:
    """What has changed when anything has; one look at three indexes."""
    found = tx.rows(
        "SELECT coalesce(max(id), 0), count(*), (SELECT coalesce(max(revision), 0) FROM hall), "
        "(SELECT count(*) FROM days WHERE service_day = ?), coalesce(max(at_ms), 0) "
        "FROM journal WHERE id > (SELECT max(id) FROM journal) - ?",
        (day, _LATE_LINES),
    )[0]
    return Pulse(int(found[0]), int(found[1]), int(found[2]), bool(found[3]), int(found[4]))


def is_closed(tx: Tx, day: str) -> bool:
    """Whether a service day has been closed."""
    return tx.row("SELECT 1 FROM days WHERE service_day = ?", (day,)) is not None


def close_day(tx: Tx, day: str, now_ms: int) -> None:
    """Mark a service day as closed, once nobody is issuing or calling; doing so again changes nothing."""
    # Numbers first, as who issues does: who has one is waited for, who comes later finds the day closed.
    tx.alone("numbers", "tickets")
    tx.run(
        "INSERT INTO days(service_day, closed_ms) VALUES(?, ?) ON CONFLICT(service_day) DO NOTHING",
        (day, now_ms),
    )
