"""Whether a hall is what its journal says, day by day (Q-1, Q-3, Q-4, HR-2).

The rules are pure functions of a day. What they prove, and what not, is said with each: ``audit_tickets``,
``audit_numbers``, ``audit_seats``, ``audit_enquiries``. That the journal itself is as it was written is
proved by its seals (see ``sealing``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jiaohao.queue.audit_people import audit_enquiries, audit_seats
from jiaohao.queue.audit_tickets import audit_numbers, audit_tickets
from jiaohao.queue.findings import DIFFERS, MISSING, NONSENSE, UNTOLD, Finding
from jiaohao.store import history
from jiaohao.store.base import Store
from jiaohao.store.history import Past

BROKEN = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)
"""What is raised where a value is none that any operation writes."""


def audit_day(past: Past) -> Iterator[Finding]:
    """Everything in which a day is not what its journal says."""
    yield from audit_numbers(past)
    yield from audit_tickets(past)
    yield from audit_seats(past)
    yield from audit_enquiries(past)
    yield from _audit_closing(past)


def _audit_closing(past: Past) -> Iterator[Finding]:
    closed_ms = [line.at_ms for line in past.lines if line.event == "day_closed"]
    if past.closed_ms is None and closed_ms:
        yield Finding(past.day, "", MISSING, "days", expected="day_closed")
    elif past.closed_ms is not None and not closed_ms:
        yield Finding(past.day, "", UNTOLD, "days", past.closed_ms)
    elif past.closed_ms is not None and past.closed_ms != closed_ms[0]:
        yield Finding(past.day, "", DIFFERS, "closed_ms", past.closed_ms, closed_ms[0])


def audit(store: Store) -> Iterator[Finding]:
    """Audit every day of a hall, one at a time, so that memory does not grow with its years. Raises Fault."""
    day = store.read(lambda tx: history.day_after(tx, ""))
    while day is not None:
        try:
            past = store.read(partial(history.of_day, day=day))
            yield from audit_day(past)
        except BROKEN as error:
            yield Finding(day, "", NONSENSE, "", type(error).__name__)
        day = store.read(partial(history.day_after, day=day))
