"""Sitting down at a window, getting up, and a short pause (AB-4, HR-1)."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue import day
from jiaohao.queue.change import seated
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day, to_ms
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Entry, Seat


def sit(site: Site, window: str, staff: str, *, op: str | None = None) -> None:
    """Sign a member of staff on at a window, by the post they hold there (AB-4).

    Who already sits there stays seated. Raises Refusal unknown_window, unknown_staff, not_posted,
    already_seated.
    """
    site.directory.window(window)
    person = site.directory.person(staff)
    post = site.directory.post_at(window, staff)
    if post is None:
        raise Refusal("not_posted", staff=person.no, window=window)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> None:
        taken = seats.at_window(tx, today, window)
        if taken is not None and taken.staff == staff:
            return
        if taken is not None:
            raise Refusal("already_seated", window=window, staff=taken.staff)
        elsewhere = seats.of_staff(tx, today, staff)
        if elsewhere is not None:
            raise Refusal("seated_elsewhere", staff=staff, window=elsewhere.window)
        day.start_clean(tx, today, now_ms, op_id)
        seats.take(tx, today, window, staff, post.post, now_ms)
        journal.add(tx, journal.Line(op_id, now_ms, today, "sat", window=window, staff=staff, note=post.post))

    site.operate(work, _nothing, op)


def leave(
    site: Site, window: str, *, reason: str | None = None, back: str | None = None, op: str | None = None
) -> None:
    """Sign whoever sits at a window off it; ``back`` is the expected return as HH:MM (AB-2).

    Raises Refusal not_seated, window_busy while a ticket is in hand, wrong_time.
    """
    back_ms = expected_back_ms(site, back)

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat) -> None:
        _refuse_in_hand(tx, seat)
        seats.give_up(tx, seat.id, now_ms, note_of(reason), back_ms)
        journal.add(
            tx,
            journal.Line(op_id, now_ms, seat.service_day, "left", window=window, staff=seat.staff),
            note_of(reason),
        )

    _at_seat(site, window, op, step)


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

    _at_seat(site, window, op, step)


def go_on(site: Site, window: str, *, op: str | None = None) -> None:
    """End a pause; one that is over already stays so. Raises Refusal not_seated."""

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat) -> None:
        if seat.paused_ms is None:
            return
        seats.pause(tx, seat.id, None, None)
        journal.add(
            tx, journal.Line(op_id, now_ms, seat.service_day, "went_on", window=window, staff=seat.staff)
        )

    _at_seat(site, window, op, step)


def expected_back_ms(site: Site, text: str | None) -> int | None:
    """The instant of an expected return given as HH:MM, today. Raises Refusal wrong_time."""
    if text is None:
        return None
    import pendulum  # noqa: PLC0415 - only who says when they return pays for it

    now = pendulum.from_timestamp(site.now_ms() / 1000, tz=site.hall.timezone)
    try:
        at = pendulum.from_format(text.strip(), "H:mm", tz=site.hall.timezone).time()
    except ValueError:
        raise Refusal("wrong_time", text=text) from None
    back = now.at(at.hour, at.minute)
    if back <= now.subtract(minutes=1):
        raise Refusal("wrong_time", text=text)
    return to_ms(back)


def _at_seat(site: Site, window: str, op: str | None, step: Callable[[Tx, str, int, Seat], None]) -> None:
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> None:
        step(tx, op_id, now_ms, seated(tx, site, today, window))

    site.operate(work, _nothing, op)


def _refuse_in_hand(tx: Tx, seat: Seat) -> None:
    ticket = tickets.at_window(tx, seat.service_day, seat.window)
    if ticket is not None:
        raise Refusal("window_busy", window=seat.window, number=ticket.number)


def _nothing(_tx: Tx, _done: Entry) -> None:
    return None
