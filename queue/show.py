"""Looking at one ticket and its journal, and at one window's day."""

from __future__ import annotations

from datetime import date
from statistics import median

from jiaohao.queue.clock import at_minute
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import figures, journal, tickets
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Entry, Ticket


def find_ticket(site: Site, number: str) -> tuple[Ticket, list[Entry]]:
    """Today's ticket of that number with its journal, oldest first. Raises Refusal unknown_ticket."""
    today = site.today()

    def work(tx: Tx) -> tuple[Ticket, list[Entry]]:
        ticket = tickets.find(tx, today, number.upper())
        if ticket is None:
            raise Refusal("unknown_ticket", number=number)
        return ticket, journal.of_ticket(tx, ticket.id)

    return site.store.read(work)


@frozen
class AtWindow:
    """What a clerk wants to know beside the number in hand: its journal, and the window's day so far.

    ``median_s`` is how long half of those served took at most, in seconds; None while nobody was.
    """

    ticket_id: int | None
    entries: tuple[Entry, ...]
    served: int
    median_s: int | None


def at_window(site: Site, window: str, ticket: Ticket | None) -> AtWindow:
    """Read it, on one consistent view. Raises Fault."""
    today = site.today()
    since_ms = at_minute(date.fromisoformat(today), 0, site.hall.timezone)

    def work(tx: Tx) -> AtWindow:
        took_ms = figures.occupied_at(tx, today, window, since_ms)
        return AtWindow(
            ticket.id if ticket else None,
            tuple(journal.of_ticket(tx, ticket.id)) if ticket else (),
            len(took_ms),
            round(median(took_ms) / 1000) if took_ms else None,
        )

    return site.store.read(work)
