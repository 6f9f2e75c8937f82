"""A service day as the tables have it and as its journal tells it, read at once: what an audit compares."""

from __future__ import annotations

from typing import NamedTuple

from jiaohao.store import enquiries, tickets
from jiaohao.store.absences import ABSENCES
from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Absence
from jiaohao.store.values import Enquiry, Entry, Ticket

_ENTRY = (
    "SELECT id, op, at_ms, service_day, event, ticket, number, window_code, staff, from_state, to_state, "
    "note, before_change FROM journal WHERE service_day = ? ORDER BY id"
)
_DATED = ("journal", "tickets", "numbers", "calls", "seats", "absences", "enquiries", "days")
_NEXT = " UNION ALL ".join(
    f"SELECT min(service_day) AS day FROM {table} WHERE service_day > ?" for table in _DATED
)
# What ends the seats and absences of the days before it.
_BEGINS = "event IN ('sat', 'issued', 'day_closed')"
_LATER = (
    f"SELECT id FROM journal WHERE {_BEGINS} AND service_day = "
    f"(SELECT min(service_day) FROM journal WHERE service_day > ? AND {_BEGINS}) ORDER BY id LIMIT 1"
)


class CallRow(NamedTuple):
    """One row of the calls."""

    ticket: int
    number: str
    window: str
    at_ms: int
    times: int


class SeatRow(NamedTuple):
    """One seat, with what ended it."""

    window: str
    staff: str
    post: str
    from_ms: int
    to_ms: int | None
    reason: str | None


class Acceptance(NamedTuple):
    """Somebody has taken over an enquiry that was sent on."""

    enquiry: int
    at_ms: int
    staff: str | None


class Past(NamedTuple):
    """One day. ``numbers`` is the last number of each line, ``later_id`` the line that began a later day."""

    day: str
    lines: list[Entry]
    tickets: list[Ticket]
    numbers: dict[str, int]
    calls: list[CallRow]
    seats: list[SeatRow]
    absences: list[Absence]
    enquiries: list[Enquiry]
    acceptances: list[Acceptance]
    closed_ms: int | None
    later_id: int | None


def day_after(tx: Tx, day: str) -> str | None:
    """The next day of which any table holds something; the first one after the empty text."""
    found = tx.rows(f"SELECT min(day) FROM ({_NEXT}) AS days_", (day,) * len(_DATED))[0][0]
    return None if found is None else str(found)


def of_day(tx: Tx, day: str) -> Past:
    """All of a day that an audit compares."""
    closed = tx.row("SELECT closed_ms FROM days WHERE service_day = ?", (day,))
    later = tx.row(_LATER, (day,))
    return Past(
        day,
        [Entry(*row) for row in tx.rows(_ENTRY, (day,))],
        tickets.of_day(tx, day),
        dict(tx.rows("SELECT line, last FROM numbers WHERE service_day = ?", (day,))),
        [CallRow(*row) for row in tx.rows(_of("ticket, number, window_code, at_ms, times", "calls"), (day,))],
        [
            SeatRow(*row)
            for row in tx.rows(_of("window_code, staff, post, from_ms, to_ms, reason", "seats"), (day,))
        ],
        ABSENCES.all(tx, "service_day = ?", (day,)),
        enquiries.of_day(tx, day),
        [
            Acceptance(*row)
            for row in tx.rows(
                "SELECT enquiry, accepted_ms, accepted_by FROM referrals WHERE accepted_ms IS NOT NULL "
                "AND enquiry IN (SELECT id FROM enquiries WHERE service_day = ?) ORDER BY id",
                (day,),
            )
        ],
        None if closed is None else int(closed[0]),
        None if later is None else int(later[0]),
    )


def _of(columns: str, table: str) -> str:
    return f"SELECT {columns} FROM {table} WHERE service_day = ? ORDER BY id"
