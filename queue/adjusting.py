"""Adjustment of window staff: a change of a post goes step by step, each with who and when (SA-1, SA-2)."""

from __future__ import annotations

from dataclasses import replace

from jiaohao.queue import terms
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY, leads, may_read_of, permit
from jiaohao.queue.site import Site
from jiaohao.store import adjustments as table
from jiaohao.store import journal, posts
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Adjustment, AdjustmentStep, PostTerm
from jiaohao.store.values import Entry, Staff

POSTS = ("A", "B", "lead", "chief", "authorised")
STEPS = ("request", "consultation", "interview", "approval", "authorisation")
"""In this order: the department asks, the centre agrees, sees the new one, the county approves (SA-1)."""


@frozen
class Change:
    """An adjustment with its steps and what is known of it; facts, no judgement.

    ``held_since``: since when the one who leaves had held the post on the day of the request;
    ``is_before_year``: for less than a year (AB-9). ``is_mid_year``: the request is not of the first half of
    the year (SA-1). ``is_probation_ending``: within the coming ten working days (SA-2).
    """

    adjustment: Adjustment
    steps: tuple[AdjustmentStep, ...]
    held_since: str | None
    is_before_year: bool
    is_mid_year: bool
    is_probation_ending: bool

    @property
    def next_step(self) -> str | None:
        """The step it waits for; None when it has been authorised."""
        return following(self.adjustment.state)


def following(state: str) -> str | None:
    """The step after one; None after the last."""
    place = STEPS.index(state) + 1
    return STEPS[place] if place < len(STEPS) else None


def request(
    site: Site,
    *,
    window: str,
    post: str,
    entering: str,
    leaving: str | None = None,
    why: str | None = None,
    consent: str | None = None,
    staff: str,
    op: str | None = None,
) -> Change:
    """Ask that ``entering`` take a post at a window from ``leaving``, or from its only holder (SA-1).

    Asked by the window's lead, chief representative or authorised person, being of its department, or by a
    manager. Before the year of who leaves, ``consent`` names the manager who agreed for the centre (AB-9).
    Raises Refusal unknown_window, unknown_staff, unknown_post, not_allowed, not_posted, already_in_post,
    who_leaves, consent_required.
    """
    person = site.directory.person(staff)
    if not may_ask(site, window, person):
        raise Refusal("not_allowed", role=person.role)
    if consent is not None:
        permit(site, consent, "consent")
    left = _who_leaves(site, window, post, entering, leaving)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Change:
        since = posts.held_since(tx, window, post, left) if left is not None else None
        if since is not None and consent is None and terms.is_before_year(since, today):
            raise Refusal("before_year", staff=left, day=since)
        asked = table.ADJUSTMENTS.add(
            tx,
            Adjustment(0, window, post, left, entering, consent, note_of(why), today, STEPS[0], None),
        )
        table.STEPS.add(tx, AdjustmentStep(0, asked.id, STEPS[0], now_ms, staff, None))
        journal.add(
            tx,
            journal.Line(
                op_id, now_ms, today, "adjustment_requested", window=window, staff=staff,
                to_state=STEPS[0], note=str(asked.id),
            ),
        )  # fmt: skip
        return _read(tx, site, asked)

    return site.operate(work, lambda tx, done: _again(tx, site, done), op, "adjustment_requested")


def step(
    site: Site, adjustment_id: int, name: str, *, staff: str, note: str | None = None, op: str | None = None
) -> Change:
    """Take the next step of an adjustment, by a manager; with the last the month's probation begins (SA-2).

    The post itself is changed in config.toml, which stays the hall's only description. Raises Refusal
    unknown_staff, not_allowed, unknown_adjustment, wrong_step.
    """
    permit(site, staff, "adjust step")
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Change:
        found = table.hold(tx, adjustment_id)
        if found is None:
            raise Refusal("unknown_adjustment", adjustment=adjustment_id)
        needed = following(found.state)
        if needed is None:
            raise Refusal("adjustment_done", adjustment=adjustment_id)
        if name != needed:
            raise Refusal("wrong_step", adjustment=adjustment_id, step=needed)
        until = terms.months_after(today, terms.PROBATION_MONTHS) if name == STEPS[-1] else None
        table.move(tx, found.id, name, until)
        table.STEPS.add(tx, AdjustmentStep(0, found.id, name, now_ms, staff, note_of(note)))
        journal.add(
            tx,
            journal.Line(
                op_id, now_ms, today, "adjustment_stepped", window=found.window, staff=staff,
                from_state=found.state, to_state=name, note=str(found.id),
            ),
        )  # fmt: skip
        return _read(tx, site, replace(found, state=name, probation_until=until))

    return site.operate(work, lambda tx, done: _again(tx, site, done), op, "adjustment_stepped")


def changes(site: Site, reader: Staff, *, open_only: bool = False) -> tuple[Change, ...]:
    """The adjustments that somebody may read, open ones first, then the newest (SA-1, PV-1). Raises Fault."""

    def work(tx: Tx) -> list[Change]:
        history, steps = posts.history(tx), table.steps_of_all(tx)
        soon = terms.soon(site.hall, site.today())
        return [
            _change(site, one, tuple(steps.get(one.id, ())), history, soon)
            for one in table.every(tx)
            if may_read_of(site, reader, "adjust list", one.window)
        ]

    found = [one for one in site.store.read(work) if one.next_step is not None or not open_only]
    return tuple(sorted(found, key=lambda one: (one.next_step is None, -one.adjustment.id)))


def early_ends(site: Site, reader: Staff) -> tuple[PostTerm, ...]:
    """Terms that ended before their year without an adjustment authorised by then, the latest first.

    A person judges 待核实 (AB-9). Raises Fault.
    """

    def work(tx: Tx) -> list[PostTerm]:
        authorised = _authorised(tx, site)
        return [
            term
            for term in posts.history(tx)
            if term.to_day is not None
            and terms.is_before_year(term.from_day, term.to_day)
            and not any(
                key == (term.window, term.post, term.staff) and term.from_day <= day <= term.to_day
                for key, day in authorised
            )
            and may_read_of(site, reader, "adjust early", term.window)
        ]

    found = site.store.read(work)
    return tuple(sorted(found, key=lambda term: (term.to_day or "", term.id), reverse=True))


def _authorised(tx: Tx, site: Site) -> list[tuple[tuple[str, str, str | None], str]]:
    """Window, post and who leaves it, with the day of each authorisation."""
    steps = table.steps_of_all(tx)
    return [
        ((one.window, one.post, one.leaving), service_day(taken.at_ms, site.hall.timezone))
        for one in table.every(tx)
        for taken in steps.get(one.id, ())
        if taken.step == STEPS[-1]
    ]


def may_ask(site: Site, window: str, person: Staff) -> bool:
    """Whether somebody may ask for a change at a window: by role, or leading it for its own department.

    Raises Refusal unknown_window.
    """
    is_of_it = person.department == site.directory.window(window).department
    return person.role in MAY["adjust request"] or (is_of_it and leads(site, window, person.no))


def _who_leaves(site: Site, window: str, post: str, entering: str, leaving: str | None) -> str | None:
    if post not in POSTS:
        raise Refusal("unknown_post", posts=" ".join(POSTS))
    site.directory.person(entering)
    holders = [held.staff for held in site.hall.posts if (held.window, held.post) == (window, post)]
    if entering in holders:
        raise Refusal("already_in_post", staff=entering, window=window, post=post)
    if leaving is None:
        if len(holders) > 1:
            raise Refusal("who_leaves", window=window, post=post)
        return holders[0] if holders else None
    if leaving not in holders:
        raise Refusal("not_in_post", staff=site.directory.person(leaving).no, window=window, post=post)
    return leaving


def _again(tx: Tx, site: Site, done: Entry) -> Change:
    return _read(tx, site, table.by_id(tx, int(done.note or 0)))


def _read(tx: Tx, site: Site, one: Adjustment) -> Change:
    soon = terms.soon(site.hall, site.today())
    return _change(site, one, tuple(table.steps_of(tx, one.id)), posts.history(tx, one.window), soon)


def _change(
    site: Site, one: Adjustment, steps: tuple[AdjustmentStep, ...], history: list[PostTerm], soon: str
) -> Change:
    day, until = one.requested_day, one.probation_until
    since = terms.held_on(history, one.window, one.post, one.leaving, day) if one.leaving else None
    return Change(
        adjustment=one,
        steps=steps,
        held_since=since,
        is_before_year=since is not None and terms.is_before_year(since, day),
        is_mid_year=terms.is_mid_year(day),
        is_probation_ending=until is not None and site.today() <= until <= soon,
    )
