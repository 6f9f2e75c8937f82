"""A day in figures: statements only; what they mean is for the rules."""

from __future__ import annotations

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
