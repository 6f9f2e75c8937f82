"""Looking at one ticket and its journal."""

from __future__ import annotations

from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal, tickets
from jiaohao.store.base import Tx
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
