"""Working days and opening hours, with the statutory holidays and the make-up working days (HR-1)."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

from jiaohao.queue.clock import at_minute, local
from jiaohao.store.values import CalendarYear, Hall

_WARN_FROM_MONTH = 11


def _own(hall: Hall, year: int) -> CalendarYear | None:
    return next((entry for entry in hall.calendar if entry.year == year), None)


def is_known(hall: Hall, year: int) -> bool:
    """Whether the holidays of a year are known, from config.toml or the built-in calendar (HR-1)."""
    if _own(hall, year) is not None:
        return True
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


def open_span(hall: Hall, now_ms: int) -> tuple[int, int] | None:
    """The opening and closing instants around now, in milliseconds; None while the hall is closed (HR-1)."""
    today = local(now_ms, hall.timezone).date()
    if not is_working_day(hall, today):
        return None
    for start_min, end_min in hall.spans_min:
        start_ms = at_minute(today, start_min, hall.timezone)
        end_ms = at_minute(today, end_min, hall.timezone)
        if start_ms <= now_ms < end_ms:
            return start_ms, end_ms
    return None


def is_open(hall: Hall, now_ms: int) -> bool:
    """Whether the hall is open now (HR-1)."""
    return open_span(hall, now_ms) is not None


def was_open_before(hall: Hall, now_ms: int) -> bool:
    """Whether the hall was open as the day before ended, so that a shift goes on over midnight."""
    midnight_ms = at_minute(local(now_ms, hall.timezone).date(), 0, hall.timezone)
    return is_open(hall, midnight_ms - 60_000) and is_open(hall, midnight_ms)


def working_min(hall: Hall, from_ms: int, to_ms: int) -> int:
    """The whole minutes between two instants in which the hall was open; limits count in them (FR-7)."""
    day, last = (local(instant_ms, hall.timezone).date() for instant_ms in (from_ms, to_ms))
    worked_ms = 0
    while day <= last:
        if is_working_day(hall, day):
            for start_min, end_min in hall.spans_min:
                start_ms = max(from_ms, at_minute(day, start_min, hall.timezone))
                worked_ms += max(0, min(to_ms, at_minute(day, end_min, hall.timezone)) - start_ms)
        day += timedelta(days=1)
    return worked_ms // 60_000
