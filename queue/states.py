"""The states of a ticket, and every step between them that there is (Q-3)."""

from __future__ import annotations

from jiaohao.queue.refusal import Refusal
from jiaohao.store.values import Ticket

WAITING = "waiting"
CALLED = "called"
SERVING = "serving"
HELD = "held"
MISSED = "missed"
FINISHED = "finished"
CANCELLED = "cancelled"
UNSERVED = "unserved"
STATES = (WAITING, CALLED, SERVING, HELD, MISSED, FINISHED, CANCELLED, UNSERVED)

KINDS = ("spot", "promised", "submitted", "forwarded", "joint", "returned")
"""The six kinds of file 六件, one of which every finished service carries (LK-3)."""

STEPS: dict[str, tuple[frozenset[str], str]] = {
    "called": (frozenset({WAITING}), CALLED),
    "recalled": (frozenset({CALLED}), CALLED),
    "started": (frozenset({CALLED}), SERVING),
    "held": (frozenset({SERVING}), HELD),
    "resumed": (frozenset({HELD}), SERVING),
    "missed": (frozenset({CALLED}), MISSED),
    "requeued": (frozenset({MISSED}), WAITING),
    "finished": (frozenset({SERVING}), FINISHED),
    "transferred": (frozenset({CALLED, SERVING}), WAITING),
    "sent_back": (frozenset({CALLED, SERVING}), WAITING),
    "moved": (frozenset({WAITING}), WAITING),
    "cancelled": (frozenset({WAITING, CALLED, HELD}), CANCELLED),
    "closed": (frozenset({WAITING, CALLED, SERVING, HELD}), UNSERVED),
}
"""Event: the states from which it leads, and the one to which."""

UNDOABLE = frozenset(STEPS) - {"recalled", "closed", "sent_back"}
"""The steps that can be taken back for a short while (Q-10)."""


def step(ticket: Ticket, event: str) -> str:
    """The state to which an event leads. Raises Refusal wrong_state when it does not lead from here."""
    sources, target = STEPS[event]
    if ticket.state not in sources:
        raise Refusal("wrong_state", number=ticket.number, state=ticket.state)
    return target
