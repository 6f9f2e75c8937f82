"""Seats against the opening hours of a day, in milliseconds: what attendance is made from (DC-1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from jiaohao.queue.clock import at_minute
from jiaohao.queue.workdays import open_spans
from jiaohao.store.values import Hall, Seat

Span = tuple[int, int]
"""From one instant to another."""


def hours(hall: Hall, day: date, from_min: int = 0, to_min: int = 1440) -> list[Span]:
    """When the hall is open on a day, within two minutes of it; nothing on a day off (HR-1)."""
    from_ms, to_ms = (at_minute(day, minute, hall.timezone) for minute in (from_min, to_min))
    return within(open_spans(hall, day), from_ms, to_ms)


def sat(hall: Hall, day: date, seat: Seat, now_ms: int) -> Span | None:
    """From when to when a seat of a day counts.

    One that is open still, or was only ended after its day, counts to the end of the day's hours, or to
    ``now_ms`` before that. One that ends before it begins, since a clock was set back, counts as nothing:
    None.
    """
    end_ms = seat.to_ms
    if end_ms is None or end_ms > at_minute(day, 1440, hall.timezone):
        end_ms = min(now_ms, at_minute(day, hall.spans_min[-1][1], hall.timezone))
    return (seat.from_ms, end_ms) if end_ms > seat.from_ms else None


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order."""
    found: list[Span] = []
    for start_ms, end_ms in sorted(spans):
        if found and start_ms <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end_ms))
        else:
            found.append((start_ms, end_ms))
    return found


def within(spans: Iterable[Span], from_ms: int, to_ms: int) -> list[Span]:
    """What of some spans lies between two instants."""
    cut = ((max(start_ms, from_ms), min(end_ms, to_ms)) for start_ms, end_ms in spans)
    return [(start_ms, end_ms) for start_ms, end_ms in cut if start_ms < end_ms]


def length_ms(spans: Iterable[Span]) -> int:
    """How long some spans are together."""
    return sum(end_ms - start_ms for start_ms, end_ms in spans)


def shared_ms(some: Iterable[Span], others: Iterable[Span]) -> int:
    """How long some spans and others, neither with overlaps in itself, have in common."""
    others = list(others)
    return sum(length_ms(within(others, start_ms, end_ms)) for start_ms, end_ms in some)
