"""How a month's windows were manned, half day by half day, as one character each (DC-1, AB-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.sitting import Span, hours, joined, length_ms, sat, shared_ms, within
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Hall, Seat

_HALVES = ((0, 720), (720, 1440))
"""Before and after noon, in minutes past midnight."""
_MINUTE_MS = 60_000
FULL, NO_HOURS = "F", "-"
"""Somebody sat there all the time; there was no time at which somebody had to."""


@frozen
class WindowHeat:
    """One window's half days, two for each day: the part of the opening minutes in which somebody sat there.

    From 0 to 1; None where the half day has no opening minutes, or has not come yet.
    """

    window: str
    days: tuple[str, ...]
    parts: tuple[tuple[float | None, float | None], ...]


def heat(hall: Hall, days: Iterable[date], seats: Iterable[Seat], now_ms: int) -> tuple[WindowHeat, ...]:
    """Every window on the days on which the hall was open, until ``now_ms``."""
    by_window: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for seat in seats:
        by_window[seat.window, seat.service_day].append(seat)
    worked = [day for day in days if hours(hall, day)]
    return tuple(
        WindowHeat(
            window.code,
            tuple(day.isoformat() for day in worked),
            tuple(_day(hall, day, by_window[window.code, day.isoformat()], now_ms) for day in worked),
        )
        for window in hall.windows
    )


def _day(hall: Hall, day: date, seats: Sequence[Seat], now_ms: int) -> tuple[float | None, float | None]:
    spans = joined(span for seat in seats if (span := sat(hall, day, seat, now_ms)))
    before, after = (_part(within(hours(hall, day, *half), 0, now_ms), spans) for half in _HALVES)
    return before, after


def _part(is_open: list[Span], spans: list[Span]) -> float | None:
    minutes = round(length_ms(is_open) / _MINUTE_MS)
    return min(1.0, round(shared_ms(is_open, spans) / _MINUTE_MS) / minutes) if minutes else None


def mark(part: float | None) -> str:
    """A part as one character: F for all of it, else its tenths, rounded down; - where nobody had to sit."""
    if part is None:
        return NO_HOURS
    return FULL if part >= 1 else str(int(part * 10))


def table(hall: Hall, rows: Iterable[WindowHeat]) -> list[list[str | int]]:
    """The map as a table with its titles, for a file: percent, two columns for each day."""
    rows = list(rows)
    names = {window.code: clean(window.name) for window in hall.windows}
    days = rows[0].days if rows else ()
    titles: list[str | int] = [_("Window"), _("Name")]
    titles += [f"{day} {half}" for day in days for half in (_("before noon"), _("after noon"))]
    return [titles] + [
        [row.window, names.get(row.window, ""), *(_percent(part) for pair in row.parts for part in pair)]
        for row in rows
    ]


def _percent(part: float | None) -> str | int:
    return "" if part is None else round(part * 100)
