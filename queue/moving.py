"""What happens to a ticket by its number: resume, requeue, cancel, transfer, undo (Q-3, Q-5, Q-10)."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue import following, order, states
from jiaohao.queue.change import at_work, away, by_number, changed, log, refuse_busy, restored
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.day import ticket_again
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY
from jiaohao.queue.site import Site
from jiaohao.store import journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Ticket, Window

"""The roles that may queue a missed ticket again after its first time (Q-5)."""


def _nothing_first(_tx: Tx, _today: str) -> None:
    return None


def _on_ticket(
    site: Site,
    number: str,
    op: str | None,
    event: str,
    step: Callable[[Tx, str, int, Ticket], Ticket],
    first: Callable[[Tx, str], object] = _nothing_first,
) -> Ticket:
    # ``first`` holds a seat where one is needed: seat before ticket, as the keys at a window do, since two
    # who wait for each other would both stand still.
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Ticket:
        first(tx, today)
        return step(tx, op_id, now_ms, by_number(tx, today, number))

    return site.operate(work, ticket_again, op, event)


def resume(site: Site, number: str, window: str, *, op: str | None = None) -> Ticket:
    """A held ticket goes on at a window: the one that held it, or another that serves its line.

    Raises Refusal unknown_ticket, hall_closed, not_seated, window_paused, window_busy, line_not_served,
    wrong_state.
    """
    place = site.directory.window(window)

    def step(tx: Tx, op_id: str, now_ms: int, ticket: Ticket) -> Ticket:
        seat = at_work(tx, site, ticket.service_day, window)
        states.step(ticket, "resumed")
        if ticket.window != window and ticket.line not in (*place.lines, *place.flex_lines):
            raise Refusal("line_not_served", window=window, line=ticket.line)
        refuse_busy(tickets.at_window(tx, ticket.service_day, window))
        return changed(
            tx, ticket, "resumed", op=op_id, now_ms=now_ms, staff=seat.staff,
            window=window, at_window_ms=now_ms,
        )  # fmt: skip

    return _on_ticket(site, number, op, "resumed", step, lambda tx, today: at_work(tx, site, today, window))


def requeue(site: Site, number: str, *, staff: str | None = None, op: str | None = None) -> Ticket:
    """A missed ticket waits again behind the first few; once, after that only by the guide (Q-5).

    Raises Refusal unknown_ticket, hall_closed, wrong_state, requeued_before.
    """
    calling = site.hall.calling
    is_guide = staff is not None and site.directory.person(staff).role in MAY["requeue again"]

    def step(tx: Tx, op_id: str, now_ms: int, ticket: Ticket) -> Ticket:
        states.step(ticket, "requeued")
        if ticket.requeues >= calling.requeue_times and not is_guide:
            raise Refusal("requeued_before", number=ticket.number)
        behind = calling.requeue_behind
        first = tickets.places(tx, ticket.service_day, ticket.queue, max(behind, 1))
        return changed(
            tx, ticket, "requeued", op=op_id, now_ms=now_ms, staff=staff,
            place_ms=order.place_behind(first, behind, now_ms), calls=0, requeues=ticket.requeues + 1,
            ended_ms=None, occupied_ms=0,
        )  # fmt: skip

    return _on_ticket(site, number, op, "requeued", step)


def cancel(site: Site, number: str, *, staff: str | None = None, op: str | None = None) -> Ticket:
    """The visitor has left: a waiting, called or held ticket ends.

    Raises Refusal unknown_ticket, hall_closed, wrong_state.
    """

    def step(tx: Tx, op_id: str, now_ms: int, ticket: Ticket) -> Ticket:
        following.ended(tx, ticket)
        return changed(
            tx, ticket, "cancelled", op=op_id, now_ms=now_ms, staff=staff,
            window=None, ended_ms=now_ms, **away(ticket, now_ms),
        )  # fmt: skip

    return _on_ticket(site, number, op, "cancelled", step)


def transfer(
    site: Site,
    number: str,
    *,
    line: str | None = None,
    window: str | None = None,
    note: str | None = None,
    staff: str | None = None,
    op: str | None = None,
) -> Ticket:
    """Onward to another line, or to one window and no other, keeping number and wait (FR-4, Q-3).

    Exactly one of ``line`` and ``window`` is given. A window that serves the ticket's line takes it in that
    line; one that does not takes it in its own first line; a desk without lines takes it as it is (OP-2).
    Without ``staff`` whoever sits at the ticket's window sends it on, and answers for the visit (FR-9).
    Raises Refusal unknown_line, unknown_window, unknown_ticket, hall_closed, wrong_state, line_unserved,
    same_place, and bounce when a visitor would come back to where they were, or be sent on a third time,
    without a ``note`` that says why (FR-9).
    """
    if line is not None:
        site.directory.line(line)
        if line not in site.directory.served_lines:
            raise Refusal("line_unserved", line=line)
    target = site.directory.window(window) if window is not None else None

    def step(tx: Tx, op_id: str, now_ms: int, ticket: Ticket) -> Ticket:
        said = note_of(note)
        sender = staff or seats.who_sits(tx, ticket.service_day, ticket.window or "")
        if target is not None:
            after = to_window(tx, ticket, target, op=op_id, now_ms=now_ms, staff=sender, note=said)
        else:
            to = line or ticket.line
            after = _onward(tx, ticket, to, to, op=op_id, now_ms=now_ms, staff=sender, note=said)
        if sender is not None:
            following.moved(
                tx, op_id, now_ms, ticket, sender,
                to_line=line, to_window=window, note=said,
            )  # fmt: skip
        return after

    return _on_ticket(site, number, op, "transferred", step)


def to_window(
    tx: Tx,
    ticket: Ticket,
    target: Window,
    *,
    op: str,
    now_ms: int,
    staff: str | None,
    note: str | None,
    undoable: bool = True,
) -> Ticket:
    """Send a ticket that stands at a window on to another one (see ``transfer``), in a transaction under way.

    Raises Refusal wrong_state, same_place.
    """
    states.step(ticket, "transferred")
    if target.code == ticket.window:
        raise Refusal("same_place", number=ticket.number)
    line, queue = queue_at(ticket, target)
    return _onward(tx, ticket, line, queue, op=op, now_ms=now_ms, staff=staff, note=note, undoable=undoable)


def queue_at(ticket: Ticket, target: Window) -> tuple[str, str]:
    """The line and the queue in which a ticket waits for one window (OP-2)."""
    line = ticket.line if ticket.line in target.lines or not target.lines else target.lines[0]
    return line, order.window_queue(target.code)


def _onward(
    tx: Tx,
    ticket: Ticket,
    line: str,
    queue: str,
    *,
    op: str,
    now_ms: int,
    staff: str | None,
    note: str | None,
    undoable: bool = True,
) -> Ticket:
    states.step(ticket, "transferred")
    return changed(
        tx, ticket, "transferred", op=op, now_ms=now_ms, staff=staff,
        remark=note, undoable=undoable, line=line, queue=queue, window=None, calls=0, **away(ticket, now_ms),
    )  # fmt: skip


def undo(
    site: Site, number: str, *, staff: str | None = None, step_op: str | None = None, op: str | None = None
) -> Ticket:
    """Take back a ticket's last step, for a short while; the journal keeps both (Q-10).

    With ``step_op``, the id of the operation to take back, a step taken since by somebody else is left alone.
    Raises Refusal unknown_ticket, hall_closed, too_late_to_undo, and window_busy, window_paused or
    not_seated when the window to which the ticket would return has gone on meanwhile.
    """
    limit_s = site.hall.calling.undo_s

    def step(tx: Tx, op_id: str, now_ms: int, ticket: Ticket) -> Ticket:
        last = journal.last_of_ticket(tx, ticket.id)
        if last.event not in states.UNDOABLE or last.before is None:
            raise Refusal("nothing_to_undo", number=ticket.number)
        if now_ms - last.at_ms > limit_s * 1000 or step_op not in {None, last.op}:
            raise Refusal("too_late_to_undo", number=ticket.number)
        before = restored(ticket, last.before)
        if before.window is not None and before.state in {states.CALLED, states.SERVING}:
            at_work(tx, site, ticket.service_day, before.window)
            if ticket.state not in {states.CALLED, states.SERVING}:
                refuse_busy(tickets.at_window(tx, ticket.service_day, before.window))
        tickets.save(tx, before)
        following.taken_back(tx, ticket, last)
        log(tx, ticket, before, "undone", op=op_id, now_ms=now_ms, staff=staff, note=last.event)
        return before

    def hold_seat(tx: Tx, today: str) -> None:
        ticket = tickets.find(tx, today, number.upper())
        last = journal.last_of_ticket(tx, ticket.id) if ticket else None
        if ticket and last and last.before:
            seats.at_window(tx, today, restored(ticket, last.before).window or "")

    return _on_ticket(site, number, op, "undone", step, hold_seat)
