"""How long posts are held: the first year, and the month on probation (AB-9, SA-1, SA-2)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from jiaohao.queue.workdays import is_working_day
from jiaohao.store.staff_values import PostTerm
from jiaohao.store.values import Hall

YEAR_MONTHS = 12
PROBATION_MONTHS = 1
AHEAD_WORKING_DAYS = 10
"""So many working days ahead the end of a probation is shown (SA-2)."""
_FIRST_HALF_MONTHS = 6
_SEARCHED_DAYS = 60
"""A hall without any working day would otherwise be searched for ever."""


def months_after(day: str, months: int) -> str:
    """The same day of a later month, or that month's last day where it is shorter."""
    begun = date.fromisoformat(day)
    years, month = divmod(begun.month - 1 + months, 12)
    year, month = begun.year + years, month + 1
    return date(year, month, min(begun.day, monthrange(year, month)[1])).isoformat()


def is_before_year(from_day: str, day: str) -> bool:
    """Whether a post held since ``from_day`` has on ``day`` not yet been held for a year (AB-9)."""
    return day < months_after(from_day, YEAR_MONTHS)


def is_mid_year(day: str) -> bool:
    """Whether a day is outside the first half of the year, in which posts are changed (SA-1)."""
    return date.fromisoformat(day).month > _FIRST_HALF_MONTHS


def soon(hall: Hall, today: str) -> str:
    """The last of the coming working days over which the end of a probation is shown ahead (SA-2)."""
    day, left = date.fromisoformat(today), AHEAD_WORKING_DAYS
    for _searched in range(_SEARCHED_DAYS):
        day += timedelta(days=1)
        left -= is_working_day(hall, day)
        if left == 0:
            break
    return day.isoformat()


def held_on(terms: Iterable[PostTerm], window: str, post: str, staff: str, day: str) -> str | None:
    """Since when somebody held a post on a day; None when they did not."""
    since = [
        term.from_day
        for term in terms
        if (term.window, term.post, term.staff) == (window, post, staff)
        and term.from_day <= day
        and (term.to_day is None or day <= term.to_day)
    ]
    return max(since, default=None)
