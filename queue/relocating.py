"""Those who wait for an empty window are moved to where somebody serves them, in one step (AB-6)."""

from __future__ import annotations

from collections.abc import Sequence

from jiaohao.queue import following, order, states
from jiaohao.queue.change import by_number, changed
from jiaohao.queue.clock import service_day
from jiaohao.queue.language import gettext as _
from jiaohao.queue.moving import queue_at
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Entry, Ticket, Window


def move_waiting(
    site: Site,
    window: str,
    to: str,
    *,
    numbers: Sequence[str] | None = None,
    staff: str | None = None,
    op: str | None = None,
) -> tuple[Ticket, ...]:
    """Move those whom only an empty window could serve, or the ``numbers`` among them (AB-6).

    ``to`` is a window, or else a line; number and wait are kept. Raises Refusal unknown_window, unknown_line,
    line_unserved, window_manned while somebody sits there, nothing_waiting, unknown_ticket, wrong_state,
    hall_closed.
    """
    directory = site.directory
    place = directory.window(window)
    target = directory.windows.get(to)
    if target is None and directory.line(to).code not in directory.served_lines:
        raise Refusal("line_unserved", line=to)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> tuple[Ticket, ...]:
        if seats.who_sits(tx, today, window) is not None:
            raise Refusal("window_manned", window=window)
        waiting = {ticket.number for ticket in _only_there(tx, site, today, place)}
        wanted = sorted(waiting) if numbers is None else [number.upper() for number in numbers]
        if not wanted:
            raise Refusal("nothing_waiting", window=window)
        held = [by_number(tx, today, number) for number in wanted]
        for ticket in held:
            if ticket.number not in waiting:
                raise Refusal("wrong_state", number=ticket.number, state=ticket.state)
        moved = tuple(_move(tx, ticket, to, target, f"{op_id}:{ticket.id}", now_ms, staff) for ticket in held)
        line = journal.Line(
            op_id, now_ms, today, "relocated", window=window, staff=staff, note=" ".join(wanted)
        )
        journal.add(tx, line)
        return moved

    def again(tx: Tx, done: Entry) -> tuple[Ticket, ...]:
        found = [tickets.find(tx, done.service_day, number) for number in (done.note or "").split()]
        return tuple(ticket for ticket in found if ticket is not None)

    return site.operate(work, again, op, "relocated")


def _only_there(tx: Tx, site: Site, today: str, place: Window) -> list[Ticket]:
    """Those who wait for a window and whom no other window at which somebody sits would call.

    A flex window is not counted: it leaves so many waiting as its mark says (Q-9).
    """
    taken = {seat.window for seat in seats.latest(tx, today) if seat.to_ms is None}
    manned = [window for window in site.hall.windows if window.code in taken - {place.code}]
    elsewhere = {line for window in manned for line in window.lines}
    queues = {order.window_queue(place.code), *place.lines} - elsewhere
    return [
        ticket
        for ticket in tickets.open_today(tx, today)
        if ticket.state == states.WAITING and ticket.queue in queues
    ]


def _move(
    tx: Tx, ticket: Ticket, to: str, target: Window | None, op: str, now_ms: int, staff: str | None
) -> Ticket:
    line, queue = (to, to) if target is None else queue_at(ticket, target)
    if staff is not None:
        note = _("the window is empty")
        to_line, to_window = (to, None) if target is None else (None, target.code)
        following.moved(tx, op, now_ms, ticket, staff, to_line=to_line, to_window=to_window, note=note)
    return changed(tx, ticket, "moved", op=op, now_ms=now_ms, staff=staff, line=line, queue=queue)
