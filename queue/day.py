"""The service day: it starts clean, and closes with the unserved kept apart (Q-2, HR-2)."""

from __future__ import annotations

from jiaohao.queue import states
from jiaohao.queue.clock import service_day
from jiaohao.queue.site import Site
from jiaohao.store import absences, enquiries, journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Entry, Ticket


def start_clean(tx: Tx, today: str, now_ms: int, op: str) -> None:
    """Close whatever earlier days left open; nobody of yesterday is called first today (Q-2)."""
    seats.end_days_before(tx, today, now_ms)
    absences.end_days_before(tx, today, now_ms)
    if tickets.leave_unserved(tx, until_day=today, inclusive=False, now_ms=now_ms, op=f"{op}:day"):
        enquiries.end_with_day(tx, until_day=today, inclusive=False)


def ticket_again(tx: Tx, done: Entry) -> Ticket:
    """What a repeated operation answers: the ticket it changed the first time, as it is now."""
    if done.ticket is None:
        raise AssertionError(f"operation {done.op} changed no ticket")
    return tickets.by_id(tx, done.ticket)


def close_day(site: Site, *, staff: str | None = None, op: str | None = None) -> dict[str, int]:
    """Close the service day: who waits, is called, served or held becomes unserved (HR-2).

    Gives the day's figures: unserved, missed, served. Closing again changes nothing.
    """
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> dict[str, int]:
        journal.close_day(tx, today, now_ms)
        start_clean(tx, today, now_ms, op_id)
        tickets.leave_unserved(tx, until_day=today, inclusive=True, now_ms=now_ms, op=op_id)
        enquiries.end_with_day(tx, until_day=today, inclusive=True)
        for absence in absences.still_open(tx, today):
            absences.end(tx, absence.id, now_ms)
        journal.add(tx, journal.Line(op_id, now_ms, today, "day_closed", staff=staff))
        return _figures(tickets.count_by_state(tx, today))

    def again(tx: Tx, done: Entry) -> dict[str, int]:
        return _figures(tickets.count_by_state(tx, done.service_day))

    return site.operate(work, again, op, "day_closed")


def _figures(counts: dict[str, int]) -> dict[str, int]:
    return {
        "unserved": counts.get(states.UNSERVED, 0),
        "missed": counts.get(states.MISSED, 0),
        "served": counts.get(states.FINISHED, 0),
    }
