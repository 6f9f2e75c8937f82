"""Tickets, numbers and calls as their journal tells them, against their tables (Q-1, Q-3, Q-4)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jiaohao.queue import states
from jiaohao.queue.findings import DIFFERS, MISSING, NO_STEP, TAKEN, UNTOLD, Finding
from jiaohao.store.history import CallRow, Past
from jiaohao.store.tickets import MUTABLE
from jiaohao.store.values import Entry, Ticket

Values = dict[str, Any]
"""What an operation may change of a ticket, by the name of its column."""
UNSAID: Any = object()
"""A value that the journal does not tell before a later line says what it was."""
_AT_WINDOW = frozenset({states.CALLED, states.SERVING})
_ENDS_WITH_DAY = frozenset({states.WAITING, *_AT_WINDOW, states.HELD})


def _away(now: Values, line: Entry) -> Values:
    began_ms = line.at_ms if now["at_window_ms"] is None else now["at_window_ms"]
    return {"at_window_ms": None, "occupied_ms": now["occupied_ms"] + max(0, line.at_ms - began_ms)}


def _there(_now: Values, line: Entry) -> Values:
    return {"window": line.window, "at_window_ms": line.at_ms}


def _ended(_now: Values, line: Entry) -> Values:
    return {"window": None, "ended_ms": line.at_ms}


_CHANGES: dict[str, Callable[[Values, Entry], Values]] = {
    "called": lambda now, line: {**_there(now, line), "calls": 1},
    "recalled": lambda now, _line: {"calls": now["calls"] + 1},
    "started": lambda _now, _line: {},
    "held": _away,
    "resumed": _there,
    "missed": lambda now, line: {**_away(now, line), **_ended(now, line)},
    "requeued": lambda now, _line: {
        "place_ms": UNSAID, "calls": 0, "requeues": now["requeues"] + 1, "ended_ms": None, "occupied_ms": 0,
    },
    "finished": lambda now, line: {**_away(now, line), "kind": line.note, "ended_ms": line.at_ms},
    "transferred": lambda now, line: {
        **_away(now, line), "line": UNSAID, "queue": UNSAID, "window": None, "calls": 0,
    },
    "sent_back": lambda now, line: {**_away(now, line), "window": None, "calls": 0},
    "moved": lambda _now, _line: {"line": UNSAID, "queue": UNSAID},
    "cancelled": lambda now, line: {**_away(now, line), **_ended(now, line)},
    "closed": lambda now, line: {**_ended(now, line), "at_window_ms": None},
}  # fmt: skip
"""What each step changes of a ticket besides its state."""


@dataclass(slots=True)
class Standing:
    """Where a ticket stands by its lines so far: now, before its last step, and what that was."""

    now: Values
    before: Values
    last: str


def issued(line_code: Any) -> Values:
    """A ticket as it is issued; its place in time is not told."""
    return {
        "line": line_code, "queue": line_code, "state": states.WAITING, "window": None, "place_ms": UNSAID,
        "calls": 0, "requeues": 0, "at_window_ms": None, "occupied_ms": 0, "ended_ms": None, "kind": None,
    }  # fmt: skip


def follows(standing: Standing | None, line: Entry) -> bool:
    """Whether a line can be the next one of a ticket that stands so (Q-3, Q-10)."""
    if standing is None or line.event == "issued":
        first = ("issued", None, states.WAITING)
        return standing is None and (line.event, line.from_state, line.to_state) == first
    state = standing.now["state"]
    if line.event == "undone":
        is_undoable = line.note == standing.last and standing.last in states.UNDOABLE
        return is_undoable and (line.from_state, line.to_state) == (state, standing.before["state"])
    if line.event not in states.STEPS:
        return False
    sources, target = states.STEPS[line.event]
    return state in sources and (line.from_state, line.to_state) == (state, target)


def stepped(standing: Standing, line: Entry) -> Standing:
    """Where a ticket stands after a line; after one that cannot follow, where the line says."""
    now = dict(standing.before) if line.event == "undone" else dict(standing.now)
    if line.event in _CHANGES:
        now |= _CHANGES[line.event](now, line)
    return Standing({**now, "state": line.to_state}, standing.now, line.event)


def learned(standing: Standing, line: Entry) -> list[tuple[str, Any]]:
    """Take what a line kept of the ticket before it for what was not told; gives what does not agree."""
    if line.before is None:
        return []
    try:
        kept = dict(zip(MUTABLE, json.loads(line.before), strict=True))
    except (ValueError, TypeError):
        return [("before_change", line.before)]
    for name, value in kept.items():
        if standing.now[name] is UNSAID:
            standing.now[name] = value
    return [(name, value) for name, value in kept.items() if standing.now[name] != value]


def audit_tickets(past: Past) -> Iterator[Finding]:
    """Replay the lines of a day's tickets, and hold the rows and calls against what they come to.

    A line or queue after a transfer or a move, and the place in time, are only known once a later line has
    kept them; who was first in the queue is not proved.
    """
    rows = {ticket.id: ticket for ticket in past.tickets}
    known: dict[int, Standing] = {}
    at_window: dict[str, int] = {}
    called: Counter[CallRow] = Counter()
    for line in past.lines:
        if line.ticket is None:
            continue
        about = line.number or ""
        row = rows.get(line.ticket)
        if row is None or row.number != line.number:
            yield Finding(past.day, about, MISSING, "tickets", expected=line.event)
            continue
        standing = known.get(line.ticket)
        if not follows(standing, line):
            yield Finding(
                past.day, about, NO_STEP, line.event, f"{line.from_state} - {line.to_state}",
                standing and standing.now["state"],
            )  # fmt: skip
        if standing is None:
            known[line.ticket] = Standing(issued(_prefix(about, past.numbers)), {}, "issued")
            if row.issued_ms != line.at_ms:
                yield Finding(past.day, about, DIFFERS, "issued_ms", row.issued_ms, line.at_ms)
            continue
        for name, value in learned(standing, line):
            yield Finding(
                past.day, about, DIFFERS, f"journal {line.id} {name}", value, standing.now.get(name)
            )
        after = known[line.ticket] = stepped(standing, line)
        if line.event in {"called", "recalled"}:
            called[CallRow(line.ticket, about, after.now["window"], line.at_ms, after.now["calls"])] += 1
        yield from _one_at_a_window(past, line, standing.now, after.now, at_window, rows)
    for ticket in past.tickets:
        yield from _as_told(past, ticket, known.get(ticket.id))
    yield from compared(past.day, "calls", called, Counter(past.calls), lambda call: call.number)


def _prefix(number: str, numbers: dict[str, int]) -> Any:
    fitting = [line for line in numbers if number.startswith(line) and number[len(line) :].isdecimal()]
    return fitting[0] if len(fitting) == 1 else UNSAID


def _one_at_a_window(
    past: Past, line: Entry, before: Values, now: Values, at_window: dict[str, int], rows: dict[int, Ticket]
) -> Iterator[Finding]:
    ticket = line.ticket or 0
    if at_window.get(before["window"]) == ticket:
        del at_window[before["window"]]
    if now["state"] in _AT_WINDOW:
        other = at_window.setdefault(now["window"], ticket)
        if other != ticket:
            yield Finding(past.day, line.number or "", TAKEN, line.event, now["window"], rows[other].number)


def _as_told(past: Past, ticket: Ticket, standing: Standing | None) -> Iterator[Finding]:
    if standing is None:
        yield Finding(past.day, ticket.number, UNTOLD, "tickets", ticket.state)
        return
    for name in MUTABLE:
        found, expected = getattr(ticket, name), standing.now[name]
        if expected is not UNSAID and found != expected:
            yield Finding(past.day, ticket.number, DIFFERS, name, found, expected)
    if past.closed_ms is not None and standing.now["state"] in _ENDS_WITH_DAY:
        yield Finding(past.day, ticket.number, NO_STEP, "day_closed", past.closed_ms, standing.now["state"])


def audit_numbers(past: Past) -> Iterator[Finding]:
    """The numbers of each line run from 1 to its last one, and each was issued once (Q-1)."""
    given = Counter(line.number or "" for line in past.lines if line.event == "issued")
    for number, times in given.items():
        if times > 1:
            yield Finding(past.day, number, DIFFERS, "issued", times, 1)
    fitting: set[str] = set()
    for line, last in past.numbers.items():
        # No further than there can be numbers: what is counted may be any figure.
        run = [f"{line}{count:03d}" for count in range(1, min(last, len(past.lines)) + 1)]
        fitting.update(run)
        if last > len(run) or any(number not in given for number in run):
            first = next((number for number in run if number not in given), f"{line}{len(run) + 1:03d}")
            yield Finding(past.day, first, UNTOLD, "numbers", f"{line} 1-{last}")
    for number in given.keys() - fitting:
        yield Finding(past.day, number, MISSING, "numbers", expected="issued")


def compared(
    day: str, table: str, told: Counter[Any], rows: Counter[Any], about: Callable[[Any], str]
) -> Iterator[Finding]:
    """What a table lacks of what was told, and what it has besides."""
    for row in (told - rows).elements():
        yield Finding(day, about(row), MISSING, table, expected=_shown(row))
    for row in (rows - told).elements():
        yield Finding(day, about(row), UNTOLD, table, found=_shown(row))


def _shown(row: Any) -> str:
    return " ".join("-" if value is None else str(value) for value in row)
