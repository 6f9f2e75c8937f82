"""How an operation changes one ticket: the step checked, the row saved, the journal written (Q-3)."""

from __future__ import annotations

import json
from typing import Any

from jiaohao.queue import states
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Seat, Ticket


def changed(
    tx: Tx,
    ticket: Ticket,
    event: str,
    *,
    op: str,
    now_ms: int,
    staff: str | None,
    note: str | None = None,
    remark: str | None = None,
    at: str | None = None,
    undoable: bool = True,
    **values: Any,
) -> Ticket:
    """Take one step with a ticket and write it down. Raises Refusal wrong_state (Q-3).

    ``at`` is the window that the journal names, by default the ticket's own; ``remark`` is what a person
    wrote.
    """
    target = states.step(ticket, event)
    after = ticket._replace(state=target, **values)
    tickets.save(tx, after)
    log(
        tx, ticket, after, event, op=op, now_ms=now_ms, staff=staff, note=note, remark=remark, at=at,
        undoable=undoable,
    )  # fmt: skip
    return after


def log(
    tx: Tx,
    before: Ticket,
    after: Ticket,
    event: str,
    *,
    op: str,
    now_ms: int,
    staff: str | None,
    note: str | None = None,
    remark: str | None = None,
    at: str | None = None,
    undoable: bool = True,
) -> None:
    """Write one step down, with what it takes to undo it if it may be (Q-10)."""
    journal.add(
        tx,
        journal.Line(
            op,
            now_ms,
            before.service_day,
            event,
            before.id,
            before.number,
            at or after.window or before.window,
            staff,
            before.state,
            after.state,
            note,
            snapshot(before) if undoable else None,
        ),
        remark,
    )


def snapshot(ticket: Ticket) -> str:
    """What an operation may change of a ticket, as text."""
    return json.dumps([getattr(ticket, name) for name in tickets.MUTABLE])


def restored(ticket: Ticket, text: str) -> Ticket:
    """A ticket as ``snapshot`` saw it."""
    return ticket._replace(**dict(zip(tickets.MUTABLE, json.loads(text), strict=True)))


def away(ticket: Ticket, now_ms: int) -> dict[str, Any]:
    """What changes of a ticket that leaves its window: the time it took there is added up."""
    began_ms = ticket.at_window_ms if ticket.at_window_ms is not None else now_ms
    return {"at_window_ms": None, "occupied_ms": ticket.occupied_ms + max(0, now_ms - began_ms)}


def seated(tx: Tx, site: Site, today: str, window: str) -> Seat:
    """Who sits at a window. Raises Refusal unknown_window, not_seated."""
    site.directory.window(window)
    return _taken(seats.at_window(tx, today, window), window)


def seated_with(tx: Tx, site: Site, today: str, window: str) -> tuple[Seat, Ticket | None]:
    """Who sits at a window, and with whose ticket. Raises Refusal unknown_window, not_seated."""
    site.directory.window(window)
    seat, ticket = tickets.with_seat(tx, today, window)
    return _taken(seat, window), ticket


def at_work(tx: Tx, site: Site, today: str, window: str) -> Seat:
    """Who sits at a window and takes visitors. Raises Refusal unknown_window, not_seated, window_paused."""
    return _open(seated(tx, site, today, window))


def ready(tx: Tx, site: Site, today: str, window: str) -> Seat:
    """Who sits at a window that can take somebody now. Raises Refusal like ``at_work``, and window_busy."""
    seat, ticket = seated_with(tx, site, today, window)
    _open(seat)
    refuse_busy(ticket)
    return seat


def _taken(seat: Seat | None, window: str) -> Seat:
    if seat is None:
        raise Refusal("not_seated", window=window)
    return seat


def _open(seat: Seat) -> Seat:
    if seat.paused_ms is not None:
        raise Refusal("window_paused", window=seat.window)
    return seat


def refuse_busy(ticket: Ticket | None) -> None:
    """A window has one ticket at a time: there may be none. Raises Refusal window_busy."""
    if ticket is not None:
        raise Refusal("window_busy", window=ticket.window, number=ticket.number)


def by_number(tx: Tx, today: str, number: str) -> Ticket:
    """Today's ticket of that number, held. Raises Refusal unknown_ticket, hall_closed once the day is."""
    ticket = tickets.by_number(tx, today, number.upper())
    if ticket is None:
        raise Refusal("unknown_ticket", number=number)
    # Asked with the ticket in hand: closing waits for it, or has been waited for.
    if journal.is_closed(tx, today):
        raise Refusal("day_closed")
    return ticket
