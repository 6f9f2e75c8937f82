"""Who is at which window on which day, and where nobody would be (AB-2, AB-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from itertools import islice

from jiaohao.queue.presence import CHAIN
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import is_known, is_working_day
from jiaohao.store import planning
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Leave
from jiaohao.store.values import Hall

AHEAD_DAYS = 10
"""So many working days after today the roster looks ahead (AB-3)."""
_SEARCHED_DAYS = 366
"""A hall that only works on the days of [calendar] would otherwise be searched for ever."""
POSTS = ("A", *CHAIN)
"""The posts in the order in which they stand in for one another (AB-2, AB-3)."""
EMPTY, NO_A, SHARED = "empty", "no_a", "shared"
"""Nobody of the chain is available; no A is; who is first is first at another window too."""


@frozen
class Holder:
    """Who holds a post at a window, and whether they are not on planned leave that day."""

    post: str
    staff: str
    available: bool


@frozen
class WindowRoster:
    """One window on one day: its posts in chain order; ``also_at`` are other windows that need the first."""

    window: str
    holders: tuple[Holder, ...]
    also_at: tuple[str, ...] = ()

    @property
    def first(self) -> Holder | None:
        """The first of the chain who is available; None when the window would stand empty."""
        return next((holder for holder in self.holders if holder.available), None)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What a person has to look at: of EMPTY, NO_A, SHARED, the worst first."""
        if self.first is None:
            return (EMPTY,)
        has_a = any(holder.available for holder in self.holders if holder.post == "A")
        return (*(() if has_a else (NO_A,)), *((SHARED,) if self.also_at else ()))


@frozen
class DayRoster:
    """All windows on one day; ``is_known`` is whether anybody knows the holidays of its year (HR-1)."""

    day: str
    is_working: bool
    is_known: bool
    windows: tuple[WindowRoster, ...]


def leaves_of_day(leaves: Iterable[Leave], day: str) -> list[Leave]:
    """The planned leave that covers a day; what was cancelled does not."""
    return [one for one in leaves if one.cancelled_ms is None and one.from_day <= day <= one.to_day]


def roster_of(hall: Hall, day: date, away: Collection[str]) -> DayRoster:
    """The roster of a day on which some people are away."""
    chains = [(window.code, chain(hall, window.code, away)) for window in hall.windows]
    plain = [WindowRoster(code, chain) for code, chain in chains]
    needed: dict[str, list[str]] = defaultdict(list)
    for one in plain:
        if one.first is not None:
            needed[one.first.staff].append(one.window)
    windows = (
        WindowRoster(
            one.window,
            one.holders,
            tuple(code for code in needed[one.first.staff] if code != one.window) if one.first else (),
        )
        for one in plain
    )
    return DayRoster(day.isoformat(), is_working_day(hall, day), is_known(hall, day.year), tuple(windows))


def chain(hall: Hall, window: str, away: Collection[str]) -> tuple[Holder, ...]:
    """Who holds the posts of a window, in the order in which they stand in, while some people are away."""
    held = (post for post in hall.posts if post.window == window and post.post in POSTS)
    return tuple(
        Holder(post.post, post.staff, post.staff not in away)
        for post in sorted(held, key=lambda post: POSTS.index(post.post))
    )


def days_ahead(hall: Hall, today: date) -> tuple[date, ...]:
    """Today, where it is a working day, and the next ten working days, make-up Saturdays included (HR-1).

    Today alone, closed, where no day to come is a working day.
    """
    days = (today + timedelta(days=ahead) for ahead in range(1, _SEARCHED_DAYS))
    coming = islice((day for day in days if is_working_day(hall, day)), AHEAD_DAYS)
    found = (*((today,) if is_working_day(hall, today) else ()), *coming)
    return found or (today,)


def rosters(hall: Hall, days: Iterable[date], leaves: Iterable[Leave]) -> tuple[DayRoster, ...]:
    """The roster of each day, with whoever is on planned leave then away. Study meetings are left out."""
    leaves = list(leaves)
    return tuple(
        roster_of(hall, day, {leave.staff for leave in leaves_of_day(leaves, day.isoformat())})
        for day in days
    )


def read_rosters(site: Site, day: str | None = None) -> tuple[DayRoster, ...]:
    """The roster of one day, or of today and the next ten working days (AB-3). Raises ValueError, Fault."""
    today = date.fromisoformat(site.today())
    days = (date.fromisoformat(day),) if day is not None else days_ahead(site.hall, today)
    first, last = days[0].isoformat(), days[-1].isoformat()
    leaves = site.store.read(lambda tx: planning.leaves_between(tx, first, last))
    return rosters(site.hall, days, leaves)
