"""What is to be looked into 待核实, each with its evidence; nothing decides by itself (AB-7, AB-8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from jiaohao.queue.accounts import HALF_DAY, UNDETERMINED, Account, accounts, emptiness
from jiaohao.queue.presence import CONSENTED
from jiaohao.queue.roles import permit
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import working_days
from jiaohao.store import planning, seats
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Leave
from jiaohao.store.values import Seat

EMPTY, EXCEPTION, NOBODY_SENT = "empty", "exception", "nobody_sent"
KINDS = (EMPTY, EXCEPTION, HALF_DAY, UNDETERMINED, NOBODY_SENT)


@frozen
class Incident:
    """One fact to be looked into; ``times`` is how often its window had one of its kind in the period.

    ``attempts`` is how often the authorised person was asked, where nobody was sent (AB-7).
    """

    kind: str
    window: str
    department: str | None
    day: str
    from_ms: int | None = None
    to_ms: int | None = None
    minutes: int = 0
    staff: str | None = None
    post: str | None = None
    absence: int | None = None
    attempts: int = 0
    times: int = 1
    times_in_department: int = 1
    is_higher: bool = False
    """Whether it happened often enough to be reported higher."""


def incidents(
    site: Site, from_day: str, to_day: str, *, staff: str, department: str | None = None
) -> tuple[Incident, ...]:
    """The incidents of a period, both days included, oldest first; of one department or all.

    ``staff`` reads them. Raises Refusal unknown_staff, not_allowed, Fault.
    """
    permit(site, staff, "incidents")
    hall = site.hall
    leaves = site.store.read(lambda tx: planning.leaves_between(tx, from_day, to_day))
    # Whether somebody was sent is told by the whole leave, wherever the period cuts it.
    first = min([from_day, *(leave.from_day for leave in leaves)])
    last = max([to_day, *(leave.to_day for leave in leaves)])
    told = accounts(site, first, last)
    sat = site.store.read(lambda tx: seats.of_period(tx, first, last))
    found = [
        _of(
            site,
            EMPTY,
            one.window,
            one.service_day,
            from_ms=one.from_ms,
            to_ms=one.to_ms,
            minutes=one.minutes,
        )
        for one in emptiness(site, from_day, to_day)
        if one.minutes >= hall.covering.empty_min
    ]
    found += [
        _of(site, EXCEPTION, seat.window, seat.service_day, from_ms=seat.from_ms, to_ms=seat.to_ms,
            staff=seat.staff, post=seat.post)
        for seat in sat
        if seat.post in {"authorised", CONSENTED} and from_day <= seat.service_day <= to_day
    ]  # fmt: skip
    found += [
        _absent(site, one)
        for one in told
        if one.counts_as is not None and from_day <= one.absence.service_day <= to_day
    ]
    found += [one for leave in leaves for one in _unsent(site, leave, sat, told, (from_day, to_day))]
    return tuple(
        one for one in sorted(_counted(site, found), key=lambda one: (one.day, one.from_ms or 0, one.window))
        if department in {None, one.department}
    )  # fmt: skip


def _of(site: Site, kind: str, window: str, day: str, **facts: object) -> Incident:
    of = site.directory.windows.get(window)
    return replace(Incident(kind, window, of.department if of else None, day), **facts)  # type: ignore[arg-type]


def _absent(site: Site, one: Account) -> Incident:
    absence = one.absence
    return _of(
        site, one.counts_as or UNDETERMINED, absence.window, absence.service_day, from_ms=absence.from_ms,
        to_ms=absence.to_ms, minutes=one.minutes, staff=absence.staff, post=absence.post, absence=absence.id,
    )  # fmt: skip


def _unsent(
    site: Site, leave: Leave, sat: list[Seat], told: tuple[Account, ...], period: tuple[str, str]
) -> list[Incident]:
    """A resident's leave of some days and more to which nobody was sent, for each of their windows (AB-7).

    Told for the first of its days in the period; it counts by all of them up to today.
    """
    today = site.today()
    days = [day for day in working_days(site.hall, leave.from_day, leave.to_day) if day <= today]
    told_for = next((day for day in days if period[0] <= day <= period[1]), None)
    if told_for is None or len(days) < site.hall.covering.leave_days:
        return []
    found = []
    for post in site.hall.posts:
        if (post.post, post.staff) != ("A", leave.staff):
            continue
        sent = {seat.service_day for seat in sat if seat.window == post.window and seat.staff != leave.staff}
        if sent.isdisjoint(days):
            asked = sum(
                1 for one in told if one.absence.window == post.window and one.absence.service_day in days
                for attempt in one.attempts if attempt.post == "authorised"
            )  # fmt: skip
            found.append(
                _of(site, NOBODY_SENT, post.window, told_for, staff=leave.staff, post="A", attempts=asked)
            )
    return found


def _counted(site: Site, found: list[Incident]) -> list[Incident]:
    windows = Counter((one.kind, one.window) for one in found)
    departments = Counter((one.kind, one.department) for one in found)
    times = site.hall.covering.times
    return [
        replace(
            one,
            times=windows[one.kind, one.window],
            times_in_department=departments[one.kind, one.department],
            is_higher=max(windows[one.kind, one.window], departments[one.kind, one.department]) >= times,
        )
        for one in found
    ]
