"""What a clerk does with the ticket at the window: call, recall, start, hold, miss, finish (Q-3 to Q-5)."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue import following, order, states
from jiaohao.queue.change import away, changed, log, ready, seated_with
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.day import ticket_again
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal, notices, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Call, Seat, Ticket


def call(site: Site, window: str, *, op: str | None = None) -> Ticket:
    """Call the next ticket to a window, and to no other (Q-4).

    Raises Refusal unknown_window, not_seated, window_paused, window_busy, nothing_waiting.
    """
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    place = site.directory.window(window)
    calling = site.hall.calling

    def work(tx: Tx, op_id: str) -> Ticket:
        seat = ready(tx, site, today, window)
        claimed = tickets.claim(
            tx, today, window, order.queues_of(place), place.flex_lines, calling.flex_mark, now_ms
        )
        if claimed is None:
            raise Refusal("nothing_waiting", window=window)
        ticket, is_referred = claimed
        journal.add_call(tx, today, ticket.id, Call(ticket.number, window, now_ms, 1))
        before = ticket._replace(state=states.WAITING, window=None, calls=0, at_window_ms=None)
        log(tx, before, ticket, "called", op=op_id, now_ms=now_ms, staff=seat.staff)
        if is_referred:
            following.called(tx, op_id, now_ms, ticket, seat.staff)
        return ticket

    return site.operate(work, ticket_again, op, "called")


def _at_window(
    site: Site,
    window: str,
    op: str | None,
    event: str,
    step: Callable[[Tx, str, int, Seat, Ticket], Ticket],
) -> Ticket:
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Ticket:
        seat, ticket = seated_with(tx, site, today, window)
        if ticket is None:
            raise Refusal("nothing_at_window", window=window)
        return step(tx, op_id, now_ms, seat, ticket)

    return site.operate(work, ticket_again, op, event)


def recall(site: Site, window: str, *, op: str | None = None) -> Ticket:
    """Call the same number once more (Q-5). Raises Refusal not_seated, wrong_state."""

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat, ticket: Ticket) -> Ticket:
        again = changed(
            tx, ticket, "recalled", op=op_id, now_ms=now_ms, staff=seat.staff, calls=ticket.calls + 1
        )
        journal.add_call(tx, ticket.service_day, ticket.id, Call(ticket.number, window, now_ms, again.calls))
        return again

    return _at_window(site, window, op, "recalled", step)


def start(site: Site, window: str, *, op: str | None = None) -> Ticket:
    """The visitor has come: service begins. Raises Refusal not_seated, wrong_state."""

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat, ticket: Ticket) -> Ticket:
        return changed(tx, ticket, "started", op=op_id, now_ms=now_ms, staff=seat.staff)

    return _at_window(site, window, op, "started", step)


def hold(site: Site, window: str, *, note: str | None = None, op: str | None = None) -> Ticket:
    """Set the ticket in service aside, so that the window can call another. Raises Refusal."""

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat, ticket: Ticket) -> Ticket:
        return changed(
            tx,
            ticket,
            "held",
            op=op_id,
            now_ms=now_ms,
            staff=seat.staff,
            remark=note_of(note),
            **away(ticket, now_ms),
        )

    return _at_window(site, window, op, "held", step)


def miss(site: Site, window: str, *, op: str | None = None) -> Ticket:
    """The visitor did not come after the hall's number of calls 过号 (Q-5). Raises Refusal too_few_calls."""
    needed = site.hall.calling.calls_before_missed

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat, ticket: Ticket) -> Ticket:
        states.step(ticket, "missed")
        if ticket.calls < needed:
            raise Refusal("too_few_calls", number=ticket.number, calls=ticket.calls, needed=needed)
        return changed(
            tx, ticket, "missed", op=op_id, now_ms=now_ms, staff=seat.staff,
            window=None, ended_ms=now_ms, **away(ticket, now_ms),
        )  # fmt: skip

    return _at_window(site, window, op, "missed", step)


def finish(site: Site, window: str, *, kind: str = "spot", op: str | None = None) -> Ticket:
    """Served: the file is one of the six kinds (LK-3); one returned needs its notice first (ON-3).

    Raises Refusal unknown_kind, wrong_state, notice_required.
    """
    if kind not in states.KINDS:
        raise Refusal("unknown_kind", kinds=" ".join(states.KINDS))

    def step(tx: Tx, op_id: str, now_ms: int, seat: Seat, ticket: Ticket) -> Ticket:
        return finished(tx, ticket, kind, op=op_id, now_ms=now_ms, staff=seat.staff)

    return _at_window(site, window, op, "finished", step)


def finished(tx: Tx, ticket: Ticket, kind: str, *, op: str, now_ms: int, staff: str) -> Ticket:
    """End a service (see ``finish``) in a transaction under way. Raises Refusal like it."""
    states.step(ticket, "finished")
    if kind == "returned" and not notices.has_written(tx, ticket.id):
        raise Refusal("notice_required", number=ticket.number)
    following.ended(tx, ticket)
    return changed(
        tx, ticket, "finished", op=op, now_ms=now_ms, staff=staff, note=kind, kind=kind,
        ended_ms=now_ms, **away(ticket, now_ms),
    )  # fmt: skip
