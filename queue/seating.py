"""Sitting down at a window, staying there, and a short pause (AB-4, AB-6, HR-1)."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue import consents, day, leaving, presence, workdays
from jiaohao.queue.change import seated
from jiaohao.queue.clock import service_day
from jiaohao.queue.leaving import expected_back_ms
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import absences, journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Entry, Seat, Staff


def sit(site: Site, window: str, staff: str, *, alive: bool = False, op: str | None = None) -> None:
    """Sign a member of staff on at a window, by the post they hold there (AB-4).

    Who already sits there stays seated. The authorised person is let in as an exception on record, anybody
    else only with the consent of department and centre (AB-5). Whoever is back from an absence takes the seat
    from who covered it. A seat at a window that the hall no longer has ends by that. ``alive`` says that a
    terminal will go on telling that it is there (see ``beat``).
    Raises Refusal unknown_window, unknown_staff, not_posted, consent_required, already_seated.
    """
    site.directory.window(window)
    person = site.directory.person(staff)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> None:
        post = _post(tx, site, today, window, person.no)
        taken = seats.at_window(tx, today, window)
        if taken is not None and (found := presence.lapse(taken, site.hall.covering, now_ms)):
            leaving.lapsed(tx, site, taken, found, now_ms)
            taken = None
        if taken is not None and taken.staff == staff:
            if alive:
                seats.beat(tx, taken.id, now_ms)
                line = journal.Line(op_id, now_ms, today, "kept", window=window, staff=staff, note=post)
                journal.add(tx, line)
            return
        if taken is not None:
            _relieve(tx, op_id, now_ms, taken, staff)
        elsewhere = seats.of_staff(tx, today, staff)
        if elsewhere is not None and elsewhere.window in site.directory.windows:
            raise Refusal("seated_elsewhere", staff=staff, window=elsewhere.window)
        if elsewhere is not None:
            leaving.cleared(tx, op_id, now_ms, elsewhere)
        day.start_clean(tx, today, now_ms, op_id)
        seats.take(tx, today, window, staff, post, now_ms, beat_ms=now_ms if alive else None)
        leaving.taken_up(tx, site, window, staff, post, now_ms)
        journal.add(tx, journal.Line(op_id, now_ms, today, "sat", window=window, staff=staff, note=post))

    site.operate(work, _nothing, op, "sat", "kept")


def _post(tx: Tx, site: Site, today: str, window: str, staff: str) -> str:
    post = site.directory.post_at(window, staff)
    if post is not None:
        return post.post
    sides = consents.sides(tx, window, staff, today)
    if not sides:
        raise Refusal("not_posted", staff=staff, window=window)
    if len(sides) < len(consents.SIDES):
        raise Refusal("consent_required", staff=staff, window=window)
    return presence.CONSENTED


def _relieve(tx: Tx, op_id: str, now_ms: int, taken: Seat, staff: str) -> None:
    # Whoever is back takes the seat over with what stands at it; anybody else finds it taken.
    if absences.open_of(tx, taken.window, staff) is None:
        raise Refusal("already_seated", window=taken.window, staff=taken.staff)
    seats.give_up(tx, taken.id, now_ms, "relieved", None)
    line = journal.Line(
        f"{op_id}:relieved", now_ms, taken.service_day, "relieved", window=taken.window, staff=taken.staff
    )
    journal.add(tx, line)


def resume(site: Site, window: str, token: str) -> Staff | None:
    """Let back to a seat whoever knows by what operation it was taken, for a short while after (AB-6).

    Gives who that is; None when it was not this window, not today, too long ago, or somebody else sits there:
    then they sign on anew. Raises Fault.
    """
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx) -> str | None:
        done = journal.by_op(tx, token)
        if done is None or done.event not in {"sat", "kept"}:
            return None
        if (done.window, done.service_day) != (window, today):
            return None
        last = [seat for seat in seats.latest(tx, today) if seat.window == window]
        return done.staff if any(_is_fresh(tx, seat, done.staff, now_ms) for seat in last) else None

    staff = site.store.read(work)
    if staff is None:
        return None
    try:
        sit(site, window, staff, alive=True)
    except Refusal:
        return None
    return site.directory.person(staff)


def _is_fresh(tx: Tx, seat: Seat, staff: str | None, now_ms: int) -> bool:
    if seat.staff != staff or seat.beat_ms is None or now_ms - seat.beat_ms >= presence.QUICK_RETURN_MS:
        return False
    return seat.to_ms is None or seats.ended_by(tx, seat.id) == presence.TERMINAL


def beat(site: Site, window: str, staff: str) -> bool:
    """The terminal at a window is alive; gives whether its person still has the seat (AB-6).

    A terminal that was lost for a short while, or went over midnight in a hall that stays open, takes the
    seat again by itself, unless somebody else sits there. Nobody is told when nothing changes. Raises Fault.
    """
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx) -> Seat | None:
        seat = seats.at_window(tx, today, window)
        if seat is not None and seat.staff == staff:
            seats.beat(tx, seat.id, now_ms)
        return seat

    seat = site.store.transact(work, tell=False)
    if seat is not None:
        return seat.staff == staff
    if not site.store.read(lambda tx: _may_return(tx, site, today, window, staff, now_ms)):
        return False
    try:
        sit(site, window, staff, alive=True)
    except Refusal:
        return False
    return True


def _may_return(tx: Tx, site: Site, today: str, window: str, staff: str, now_ms: int) -> bool:
    if not workdays.is_open(site.hall, now_ms) or journal.is_closed(tx, today):
        return False
    mine = [seat for seat in seats.of_day(tx, today) if seat.window == window and seat.staff == staff]
    if mine:
        is_lost = seats.ended_by(tx, mine[-1].id) == presence.TERMINAL
        return is_lost and now_ms - (mine[-1].to_ms or 0) < presence.QUICK_RETURN_MS
    # The first seconds of a day: who sat there when the last one ended is still there.
    return seats.sat_last(tx, window, today) == staff and workdays.was_open_before(site.hall, now_ms)


def who_sits(site: Site, window: str) -> str:
    """The number of whoever sits at a window now. Raises Refusal unknown_window, not_seated."""
    today = site.today()
    return site.store.read(lambda tx: seated(tx, site, today, window)).staff


def pause(site: Site, window: str, *, back: str | None = None, op: str | None = None) -> None:
    """Stop calling for a moment without leaving. Raises Refusal not_seated, window_busy, window_paused."""
    back_ms = expected_back_ms(site, back)

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat) -> None:
        if seat.paused_ms is not None:
            raise Refusal("window_paused", window=window)
        _refuse_in_hand(tx, seat)
        seats.pause(tx, seat.id, now_ms, back_ms)
        journal.add(
            tx, journal.Line(op_id, now_ms, seat.service_day, "paused", window=window, staff=seat.staff)
        )

    _at_seat(site, window, op, "paused", step)


def go_on(site: Site, window: str, *, op: str | None = None) -> None:
    """End a pause; one that is over already stays so, one that outlived its limit was an absence (AB-6).

    Raises Refusal not_seated.
    """

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat) -> None:
        if seat.paused_ms is None:
            return
        if found := presence.lapse(seat, site.hall.covering, now_ms):
            leaving.lapsed(tx, site, seat, found, now_ms)
            alive_ms = now_ms if seat.beat_ms is not None else None
            seats.take(tx, seat.service_day, window, seat.staff, seat.post, now_ms, beat_ms=alive_ms)
            leaving.taken_up(tx, site, window, seat.staff, seat.post, now_ms)
        else:
            seats.pause(tx, seat.id, None, None)
        journal.add(
            tx, journal.Line(op_id, now_ms, seat.service_day, "went_on", window=window, staff=seat.staff)
        )

    _at_seat(site, window, op, "went_on", step)


def _at_seat(
    site: Site, window: str, op: str | None, event: str, step: Callable[[Tx, str, int, Seat], None]
) -> None:
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> None:
        step(tx, op_id, now_ms, seated(tx, site, today, window))

    site.operate(work, _nothing, op, event)


def _refuse_in_hand(tx: Tx, seat: Seat) -> None:
    ticket = tickets.at_window(tx, seat.service_day, seat.window)
    if ticket is not None:
        raise Refusal("window_busy", window=seat.window, number=ticket.number)


def _nothing(_tx: Tx, _done: Entry) -> None:
    return None
