"""A day in figures: statements only; what they mean is for the rules."""

from __future__ import annotations

from typing import NamedTuple

from jiaohao.store.base import Tx

_WAITS = (
    "SELECT calls.first_ms - tickets.issued_ms, tickets.estimate_s FROM tickets "
    "JOIN (SELECT ticket, min(at_ms) AS first_ms FROM calls WHERE service_day = ? GROUP BY ticket) AS calls "
    "ON calls.ticket = tickets.id"
)


def waits(tx: Tx, day: str) -> list[tuple[int, int | None]]:
    """Of each ticket called that day: milliseconds until then, and the seconds it was told to expect."""
    return [(int(waited), None if told is None else int(told)) for waited, told in tx.rows(_WAITS, (day,))]


def occupied_at(tx: Tx, day: str, window: str, since_ms: int) -> list[int]:
    """How long each ticket of a day that ended at a window since then was at windows, in milliseconds."""
    # The instant and the states as they stand in the index: what else ended that day is passed over.
    rows = tx.rows(
        "SELECT occupied_ms FROM tickets WHERE state IN ('finished', 'missed') AND ended_ms >= ? "
        "AND service_day = ? AND window_code = ?",
        (since_ms, day, window),
    )
    return [int(row[0]) for row in rows]


class FirstCall(NamedTuple):
    """When a number was issued and when it was first called, in milliseconds UTC.

    ``told_s`` is the wait in seconds that its visitor was told to expect, None when none was known.
    """

    number: str
    issued_ms: int
    first_ms: int
    told_s: int | None = None


_FIRST_CALLS = (
    "SELECT tickets.number, tickets.issued_ms, min(calls.at_ms), tickets.estimate_s FROM calls "
    "JOIN tickets ON tickets.id = calls.ticket WHERE calls.service_day = ? "
    "GROUP BY tickets.id, tickets.number, tickets.issued_ms, tickets.estimate_s"
)


def first_calls(tx: Tx, day: str) -> list[FirstCall]:
    """Of each ticket called that day: since when it waited, until when, and what it was told."""
    return [FirstCall(*row) for row in tx.rows(_FIRST_CALLS, (day,))]
