"""Working days and opening hours, with the statutory holidays and the make-up working days (HR-1)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import chinese_calendar

from jiaohao.queue.clock import at_minute, local
from jiaohao.store.values import CalendarYear, Hall

_WARN_FROM_MONTH = 11
_AHEAD_DAYS = 31
"""So far ahead is looked for the hall's next opening or closing; no holiday is as long."""


class Hours(NamedTuple):
    """Whether the hall is open, and until which instant in ms UTC; None: for longer than a month."""

    is_open: bool
    until_ms: int | None


def _own(hall: Hall, year: int) -> CalendarYear | None:
    return next((entry for entry in hall.calendar if entry.year == year), None)


def is_known(hall: Hall, year: int) -> bool:
    """Whether the holidays of a year are known, from config.toml or the built-in calendar (HR-1)."""
    return _own(hall, year) is not None or _is_built_in(year)


@cache
def _is_built_in(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


def unknown_years(hall: Hall, today: date) -> tuple[int, ...]:
    """The years to speak up about: this one, and from November on the coming one (HR-1)."""
    years = [today.year] + ([today.year + 1] if today.month >= _WARN_FROM_MONTH else [])
    return tuple(year for year in years if not is_known(hall, year))


def is_working_day(hall: Hall, day: date) -> bool:
    """Whether the hall works on a date (HR-1).

    What config.toml says of the date wins; then the holidays and make-up days of the built-in calendar;
    of a year that neither knows, only the hall's own weekdays are left, and ``unknown_years`` says so.
    """
    own = _own(hall, day.year)
    if own is not None and day.isoformat() in own.closed:
        return False
    if own is not None and day.isoformat() in own.workdays:
        return True
    if day in chinese_calendar.holidays:
        return False
    return day in chinese_calendar.workdays or day.isoweekday() in hall.weekdays


def open_spans(hall: Hall, day: date) -> list[tuple[int, int]]:
    """The opening hours of a date as instants in milliseconds; none on a day on which the hall is closed."""
    if not is_working_day(hall, day):
        return []
    return [
        (at_minute(day, start_min, hall.timezone), at_minute(day, end_min, hall.timezone))
        for start_min, end_min in hall.spans_min
    ]


def open_span(hall: Hall, now_ms: int) -> tuple[int, int] | None:
    """The opening and closing instants around now, in milliseconds; None while the hall is closed (HR-1)."""
    spans = open_spans(hall, local(now_ms, hall.timezone).date())
    return next((span for span in spans if span[0] <= now_ms < span[1]), None)


def hours_at(hall: Hall, now_ms: int, *, day_closed: bool = False) -> Hours:
    """Whether the hall is open now, until when, or else when it opens next (HR-1).

    Hours that go on over midnight are one. A service day that was closed is over, whatever its hours say.
    """
    today = local(now_ms, hall.timezone).date()
    days = [today + timedelta(days=ahead) for ahead in range(int(day_closed), _AHEAD_DAYS)]
    spans = (span for day in days for span in open_spans(hall, day) if now_ms < span[1])
    end_ms = None
    for start_ms, stop_ms in spans:
        if end_ms is None and (day_closed or now_ms < start_ms):
            return Hours(is_open=False, until_ms=start_ms)
        if end_ms is not None and start_ms > end_ms:
            return Hours(is_open=True, until_ms=end_ms)
        end_ms = stop_ms
    last_ms = at_minute(days[-1], 1440, hall.timezone)
    return Hours(end_ms is not None, None if end_ms == last_ms else end_ms)


def working_days(hall: Hall, from_day: str, to_day: str) -> list[str]:
    """The service days from one to another, both included, on which the hall works."""
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return [day.isoformat() for day in days if is_working_day(hall, day)]


def is_open(hall: Hall, now_ms: int) -> bool:
    """Whether the hall is open now (HR-1)."""
    return open_span(hall, now_ms) is not None


def was_open_before(hall: Hall, now_ms: int) -> bool:
    """Whether the hall was open as the day before ended, so that a shift goes on over midnight."""
    midnight_ms = at_minute(local(now_ms, hall.timezone).date(), 0, hall.timezone)
    return is_open(hall, midnight_ms - 60_000) and is_open(hall, midnight_ms)


def working_ms(hall: Hall, from_ms: int, to_ms: int) -> int:
    """The milliseconds between two instants in which the hall was open."""
    day, last = (local(instant_ms, hall.timezone).date() for instant_ms in (from_ms, to_ms))
    worked_ms = 0
    while day <= last:
        for start_ms, end_ms in open_spans(hall, day):
            worked_ms += max(0, min(to_ms, end_ms) - max(from_ms, start_ms))
        day += timedelta(days=1)
    return worked_ms


def working_min(hall: Hall, from_ms: int, to_ms: int) -> int:
    """The whole minutes between two instants in which the hall was open; limits count in them (FR-7)."""
    return working_ms(hall, from_ms, to_ms) // 60_000
