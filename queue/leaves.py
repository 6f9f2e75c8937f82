"""Leave planned ahead, with whoever agreed to it, and what it means for the windows (AB-2, AB-3, AB-7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from jiaohao.queue import presence
from jiaohao.queue.clock import service_day
from jiaohao.queue.consents import period
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import LEADING, MAY
from jiaohao.queue.roster import chain, leaves_of_day
from jiaohao.queue.site import Directory, Site
from jiaohao.queue.workdays import working_days
from jiaohao.store import journal, planning
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Leave
from jiaohao.store.values import Entry, Hall, Staff

REASONS = tuple(reason for reason in presence.REASONS if reason != "short")
"""What leave is planned for: a moment's absence is not."""
_NEVER = "9999-12-31"
_MOST_DAYS = 366
"""Leave for longer than a year is a slip of the pen."""


@frozen
class Planned:
    """Leave with the windows that would stand empty because of it, and on which working days.

    ``is_to_look_into``: whoever holds post A is away for as many working days as need somebody sent, and on
    one of them nobody else of the window's chain is available (AB-7).
    """

    leave: Leave
    empty: tuple[tuple[str, str], ...]
    is_to_look_into: bool


def approvers(directory: Directory, staff: str) -> tuple[Staff, ...]:
    """Who may agree to the leave of somebody: a manager, or who leads a window where they hold a post.

    Leading are the window lead, the chief representative and the authorised person. Never they themselves.
    """
    posts = directory.hall.posts
    windows = {post.window for post in posts if post.staff == staff}
    leading = {post.staff for post in posts if post.window in windows and post.post in LEADING}
    return tuple(
        person
        for person in directory.hall.staff
        if person.no != staff and (person.role in MAY["approve leave"] or person.no in leading)
    )


def plan(
    site: Site,
    staff: str,
    *,
    from_day: str,
    to_day: str,
    reason: str | None,
    approved_by: str | None,
    by: str,
    op: str | None = None,
) -> Planned:
    """Record leave from one day to another, both included (AB-2, AB-3); ``by`` is who writes it down.

    That is who goes, who may agree to it, or who oversees the hall. Raises Refusal unknown_staff,
    not_allowed, also without a reason of REASONS or somebody who agreed, wrong_date, too_short_notice when it
    begins sooner than the hall wants to know.
    """
    _check_writer(site, staff, by)
    if reason not in REASONS or approved_by is None:
        raise Refusal("approval_needed")
    approver = site.directory.person(approved_by)
    if approver not in approvers(site.directory, staff):
        raise Refusal("not_theirs_to_allow", staff=approver.no)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    first, last = period(from_day, to_day, not_before="")
    notice = timedelta(days=site.hall.covering.notice_days)
    if date.fromisoformat(first) < date.fromisoformat(today) + notice:
        raise Refusal("too_short_notice", text=first)
    if date.fromisoformat(last) - date.fromisoformat(first) > timedelta(days=_MOST_DAYS):
        raise Refusal("wrong_day", text=last)

    def work(tx: Tx, op_id: str) -> Planned:
        # Two at once must not both find the days free.
        tx.alone("leaves")
        others = planning.leaves_between(tx, first, last)
        if any(other.staff == staff for other in others):
            raise Refusal("leave_overlaps", staff=staff)
        wanted = Leave(0, staff, first, last, reason, approved_by, now_ms, None)
        leave = planning.LEAVES.add(tx, wanted)
        note = str(leave.id)
        journal.add(tx, journal.Line(op_id, now_ms, today, "leave_planned", staff=by, note=note))
        return planned(site.hall, leave, [*others, leave])

    def again(tx: Tx, done: Entry) -> Planned:
        return _planned(tx, site.hall, planning.leave(tx, int(done.note or 0)))

    return site.operate(work, again, op, "leave_planned")


def cancel(site: Site, staff: str, *, from_day: str, by: str, op: str | None = None) -> Planned:
    """Give up planned leave that begins on a day; leave under way ends with yesterday (AB-2).

    ``by`` as in ``plan``. Raises Refusal unknown_staff, not_allowed, wrong_date when there is none, or it is
    over.
    """
    _check_writer(site, staff, by)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    first, _last = period(from_day, from_day, not_before="")

    def work(tx: Tx, op_id: str) -> Planned:
        found = planning.leaves_between(tx, max(first, today), _NEVER)
        leave = next((one for one in found if one.staff == staff and one.from_day == first), None)
        if leave is None:
            raise Refusal("no_leave", staff=staff, text=first)
        if leave.from_day >= today:
            planning.cancel_leave(tx, leave.id, now_ms)
        else:
            yesterday = date.fromisoformat(today) - timedelta(days=1)
            planning.end_leave(tx, leave.id, yesterday.isoformat())
        journal.add(tx, journal.Line(op_id, now_ms, today, "leave_cancelled", staff=by, note=str(leave.id)))
        return _planned(tx, site.hall, planning.leave(tx, leave.id))

    def again(tx: Tx, done: Entry) -> Planned:
        return _planned(tx, site.hall, planning.leave(tx, int(done.note or 0)))

    return site.operate(work, again, op, "leave_cancelled")


def read_leaves(
    site: Site, from_day: str | None = None, to_day: str | None = None, *, staff: str
) -> tuple[Planned, ...]:
    """The leave that touches some days, from today on by default, in the order of the days.

    ``staff`` reads it: who oversees all of it, others their own and that to which they may agree. Raises
    Refusal unknown_staff, Fault.
    """
    reader, first = site.directory.person(staff), from_day or site.today()

    def work(tx: Tx) -> tuple[list[Leave], list[Leave]]:
        found = planning.leaves_between(tx, first, to_day or _NEVER)
        around = (min(one.from_day for one in found), max(one.to_day for one in found)) if found else None
        return found, planning.leaves_between(tx, *around) if around else []

    found, others = site.store.read(work)
    mine = [one for one in found if _concerns(site, one.staff, reader, "leaves")]
    order = sorted(mine, key=lambda one: (one.from_day, one.to_day, one.staff))
    return tuple(planned(site.hall, leave, others) for leave in order)


def _concerns(site: Site, staff: str, person: Staff, what: str) -> bool:
    """Whether the leave of ``staff`` is a person's business: by role, as their own, or to agree to."""
    is_own = person.no == staff
    return is_own or person.role in MAY[what] or person in approvers(site.directory, staff)


def _check_writer(site: Site, staff: str, by: str) -> None:
    site.directory.person(staff)
    person = site.directory.person(by)
    if not _concerns(site, staff, person, "plan-leave"):
        raise Refusal("not_allowed", role=person.role)


def planned(hall: Hall, leave: Leave, leaves: Iterable[Leave]) -> Planned:
    """What a leave means, with all leave planned for its days. What was cancelled empties nothing."""
    if leave.cancelled_ms is not None:
        return Planned(leave, (), is_to_look_into=False)
    leaves = list(leaves)
    held = {post.window for post in hall.posts if post.staff == leave.staff}
    windows = [window.code for window in hall.windows if window.code in held]
    days = working_days(hall, leave.from_day, leave.to_day)
    empty: list[tuple[str, str]] = []
    for day in days:
        away = {one.staff for one in leaves_of_day(leaves, day)}
        empty += [
            (window, day)
            for window in windows
            if not any(holder.available for holder in chain(hall, window, away))
        ]
    is_long = len(days) >= hall.covering.leave_days
    held_a = {post.window for post in hall.posts if post.staff == leave.staff and post.post == "A"}
    return Planned(leave, tuple(empty), is_long and any(window in held_a for window, _day in empty))


def _planned(tx: Tx, hall: Hall, leave: Leave) -> Planned:
    return planned(hall, leave, planning.leaves_between(tx, leave.from_day, leave.to_day))
