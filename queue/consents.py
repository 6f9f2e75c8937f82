"""Consent of department and centre that somebody sits at a window where they hold no post (AB-5)."""

from __future__ import annotations

from datetime import date

from jiaohao.queue.clock import service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import LEADING, MAY, may_read_of
from jiaohao.queue.site import Directory, Site
from jiaohao.store import journal, planning
from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Consent
from jiaohao.store.values import Entry, Staff

DEPARTMENT, CENTRE = "department", "centre"
SIDES = (DEPARTMENT, CENTRE)
"""Both have to agree (AB-5)."""


def side_of(directory: Directory, window: str, staff: str, giver: str) -> str | None:
    """For which side somebody may agree that ``staff`` sits at a window; None when for none.

    A manager speaks for the centre; lead, chief representative and authorised person of the window for the
    department. Nobody agrees to their own sitting.
    """
    if giver == staff:
        return None
    if directory.person(giver).role in MAY["consent"]:
        return CENTRE
    held = {post.post for post in directory.hall.posts if post.window == window and post.staff == giver}
    return DEPARTMENT if held & LEADING else None


def givers(directory: Directory, window: str, staff: str) -> tuple[tuple[Staff, str], ...]:
    """Everybody who may agree that ``staff`` sits at a window, with the side for which they do."""
    found = ((one, side_of(directory, window, staff, one.no)) for one in directory.hall.staff)
    return tuple((one, side) for one, side in found if side is not None)


def sides(tx: Tx, window: str, staff: str, day: str) -> frozenset[str]:
    """Which of SIDES agree that somebody sits at a window on a day; it takes both."""
    return frozenset(one.side for one in planning.consents_on(tx, day, window, staff))


def give(
    site: Site,
    staff: str,
    window: str,
    *,
    giver: str,
    until: str,
    from_day: str | None = None,
    op: str | None = None,
) -> Consent:
    """Agree that somebody sits at a window from today, or ``from_day``, to a day, both included (AB-5).

    Raises Refusal unknown_staff, unknown_window, not_allowed, wrong_date.
    """
    side = _side(site, staff, window, giver)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    first, last = period(from_day or today, until, not_before=today)

    def work(tx: Tx, op_id: str) -> Consent:
        given = planning.CONSENTS.add(tx, Consent(0, staff, window, side, giver, first, last, now_ms, None))
        line = journal.Line(op_id, now_ms, today, "consented", window=window, staff=giver, note=str(given.id))
        journal.add(tx, line)
        return given

    return site.operate(work, _again, op, "consented")


def withdraw(site: Site, staff: str, window: str, *, giver: str, op: str | None = None) -> Consent:
    """Take back, from now on, what the giver's side has agreed to; gives the newest of it (AB-5).

    Raises Refusal unknown_staff, unknown_window, not_allowed, wrong_state when there is nothing to take back.
    """
    side = _side(site, staff, window, giver)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Consent:
        held = planning.consents_held(tx, today, window, staff, side)
        if not held:
            raise Refusal("no_consent", staff=staff, window=window)
        for one in held:
            planning.withdraw(tx, one.id, now_ms)
        note = str(held[-1].id)
        line = journal.Line(op_id, now_ms, today, "consent_withdrawn", window=window, staff=giver, note=note)
        journal.add(tx, line)
        return planning.consent(tx, held[-1].id)

    return site.operate(work, _again, op, "consent_withdrawn")


def consents(site: Site, day: str | None = None, *, staff: str) -> tuple[Consent, ...]:
    """The consents for a day, or those that are not over yet; withdrawn ones too.

    Of whoever does not oversee, their own and those of windows that they lead. Raises Refusal unknown_staff,
    Fault.
    """
    reader, today = site.directory.person(staff), site.today()
    found = site.store.read(lambda tx: planning.consents_from(tx, day or today, day))
    return tuple(
        one
        for one in found
        if staff in {one.staff, one.given_by} or may_read_of(site, reader, "consents", one.window)
    )


def period(from_day: str, to_day: str, *, not_before: str) -> tuple[str, str]:
    """Two days as a span of days, both included. Raises Refusal wrong_date."""
    days = []
    for text in (from_day, to_day):
        try:
            days.append(date.fromisoformat(text).isoformat())
        except ValueError:
            raise Refusal("wrong_day", text=text) from None
    first, last = days
    if first < not_before or last < first:
        raise Refusal("wrong_day", text=first if first < not_before else last)
    return first, last


def _side(site: Site, staff: str, window: str, giver: str) -> str:
    site.directory.window(window)
    site.directory.person(staff)
    side = side_of(site.directory, window, staff, giver)
    if side is None:
        raise Refusal("not_theirs_to_allow", staff=giver)
    return side


def _again(tx: Tx, done: Entry) -> Consent:
    return planning.consent(tx, int(done.note or 0))
