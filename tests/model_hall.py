"""The rules of the floor said a second time, as plainly as can be: what the walks are held against.

It shares nothing with the program: no database, no transaction, lists searched from end to end. Each
verb gives None when it is done, or the code with which the hall refuses.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

WINDOW_LINES = {"1": "A", "2": "A", "3": "B", "4": "CB", "5": ""}
FLEX_LINES = {"3": "A"}
POSTED = {window: {f"100{window}", "1005", "4001"} for window in WINDOW_LINES}
HEAD_START_MS = {"normal": 0, "veteran": 30 * 60_000, "urgent": 7 * 24 * 3_600_000}
GUIDES = {"2001", "4001"}
FLEX_MARK = 2
CALLS_BEFORE_MISSED = 2
REQUEUE_BEHIND = 3
UNDO_MS = 60_000
OPEN_STATES = ("waiting", "called", "serving", "held")


@dataclass(eq=False)
class ModelTicket:
    """A ticket as the rules see it; ``seq`` is the order of issue over all days."""

    seq: int
    day: str
    number: str
    line: str
    queue: str
    place_ms: int
    state: str = "waiting"
    window: str | None = None
    calls: int = 0
    requeues: int = 0
    kind: str | None = None
    # Event, instant and what was before: of the last step alone, since no more than that is ever undone.
    last: tuple[str, int, ModelTicket | None] = ("issued", 0, None)

    @property
    def is_at_window(self) -> bool:
        """Whether it takes its window up."""
        return self.state in {"called", "serving"}

    @property
    def order(self) -> tuple[int, int]:
        """Its place among those who wait."""
        return self.place_ms, self.seq

    @property
    def shown(self) -> tuple[object, ...]:
        """What the store must say of it."""
        return (
            self.day, self.number, self.line, self.queue, self.place_ms, self.state, self.window, self.calls,
            self.requeues, self.kind,
        )  # fmt: skip


@dataclass
class ModelSeat:
    """Who sits at a window."""

    day: str
    staff: str
    is_paused: bool = False


@dataclass
class ModelHall:
    """The whole hall: every ticket, who sits where, which days are closed, what was written down."""

    now_ms: int
    day: str
    tickets: list[ModelTicket] = field(default_factory=list)
    seats: dict[str, ModelSeat] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    """Window and number of everybody who has left and is missed there."""
    missed_on: str = ""
    journal: list[tuple[str, str, str | None, str | None, str | None]] = field(default_factory=list)

    # What the rules look at

    def today(self) -> list[ModelTicket]:
        """Today's tickets in the order of issue."""
        return [ticket for ticket in self.tickets if ticket.day == self.day]

    def waiting(self) -> list[ModelTicket]:
        """Who waits today, in the order of places."""
        return sorted((t for t in self.today() if t.state == "waiting"), key=lambda t: t.order)

    def find(self, number: str) -> ModelTicket | None:
        """Today's ticket of that number."""
        return next((ticket for ticket in self.today() if ticket.number == number), None)

    def at_window(self, window: str) -> ModelTicket | None:
        """Who is called to or served at a window."""
        return next((t for t in self.today() if t.is_at_window and t.window == window), None)

    def seat(self, window: str) -> ModelSeat | None:
        """Who sits at a window today."""
        seat = self.seats.get(window)
        return seat if seat is not None and seat.day == self.day else None

    def next_for(self, window: str) -> ModelTicket | None:
        """Whom a window calls next (Q-4, Q-6, Q-9)."""
        waiting = self.waiting()
        queues = {f"@{window}", *WINDOW_LINES[window]}
        for line in FLEX_LINES.get(window, ""):
            if sum(1 for ticket in waiting if ticket.queue == line) > FLEX_MARK:
                queues.add(line)
        return next((ticket for ticket in waiting if ticket.queue in queues), None)

    # How it changes

    def _step(self, ticket: ModelTicket, event: str, state: str, **changes: object) -> None:
        before = copy.copy(ticket)
        self.journal.append((ticket.day, event, ticket.number, ticket.state, state))
        ticket.state = state
        for name, value in changes.items():
            setattr(ticket, name, value)
        ticket.last = (event, self.now_ms, before)

    def _note(self, event: str) -> None:
        self.journal.append((self.day, event, None, None, None))

    def _start_clean(self) -> None:
        for ticket in self.tickets:
            if ticket.day < self.day and ticket.state in OPEN_STATES:
                self._step(ticket, "closed", "unserved", window=None)
        self.seats = {window: seat for window, seat in self.seats.items() if seat.day == self.day}
        if self.missed_on != self.day:
            self.missing, self.missed_on = set(), self.day

    def issue(self, line: str, priority: str) -> str | None:
        """Q-1, Q-2, Q-6."""
        if self.day in self.closed:
            return "hall_closed"
        count = 1 + sum(1 for ticket in self.today() if ticket.number.startswith(line))
        if count == 1:
            self._start_clean()
        place = self.now_ms - HEAD_START_MS[priority]
        number = f"{line}{count:03d}"
        self.tickets.append(ModelTicket(len(self.tickets), self.day, number, line, line, place))
        self.journal.append((self.day, "issued", number, None, "waiting"))
        return None

    def _not_at_work(self, window: str) -> str | None:
        seat = self.seat(window)
        if seat is None:
            return "not_seated"
        return "window_paused" if seat.is_paused else None

    @staticmethod
    def _out_of_reach(ticket: ModelTicket | None) -> str:
        return "unknown_ticket" if ticket is None else "hall_closed"

    def call(self, window: str) -> str | None:
        """Q-4."""
        if refused := self._not_at_work(window):
            return refused
        if self.at_window(window):
            return "window_busy"
        ticket = self.next_for(window)
        if ticket is None:
            return "nothing_waiting"
        self._step(ticket, "called", "called", window=window, calls=1)
        return None

    def work(self, verb: str, window: str, kind: str = "spot") -> str | None:
        """Recall, start, hold, miss, finish: what a clerk does with the ticket in hand (Q-3, Q-5)."""
        if self.seat(window) is None:
            return "not_seated"
        ticket = self.at_window(window)
        needed = "serving" if verb in {"hold", "finish"} else "called"
        if ticket is None or ticket.state != needed:
            return "wrong_state"
        if verb == "miss" and ticket.calls < CALLS_BEFORE_MISSED:
            return "wrong_state"
        if verb == "recall":
            self._step(ticket, "recalled", "called", calls=ticket.calls + 1)
        elif verb == "start":
            self._step(ticket, "started", "serving")
        elif verb == "hold":
            self._step(ticket, "held", "held")
        elif verb == "miss":
            self._step(ticket, "missed", "missed", window=None)
        else:
            self._step(ticket, "finished", "finished", kind=kind)
        return None

    def resume(self, number: str, window: str) -> str | None:
        """Q-3, OP-2."""
        if refused := self._not_at_work(window):
            return refused
        ticket = self.find(number)
        if ticket is None or self.day in self.closed:
            return self._out_of_reach(ticket)
        if ticket.state != "held":
            return "wrong_state"
        if ticket.window != window and ticket.line not in WINDOW_LINES[window] + FLEX_LINES.get(window, ""):
            return "line_not_served"
        if self.at_window(window):
            return "window_busy"
        self._step(ticket, "resumed", "serving", window=window)
        return None

    def requeue(self, number: str, staff: str | None) -> str | None:
        """Q-5: behind three, once; after that only by the guide."""
        ticket = self.find(number)
        if ticket is None or self.day in self.closed:
            return self._out_of_reach(ticket)
        if ticket.state != "missed":
            return "wrong_state"
        if ticket.requeues and staff not in GUIDES:
            return "requeued_before"
        first = [other for other in self.waiting() if other.queue == ticket.queue][:REQUEUE_BEHIND]
        place = first[-1].place_ms + 1 if first else self.now_ms
        self._step(ticket, "requeued", "waiting", place_ms=place, calls=0, requeues=ticket.requeues + 1)
        return None

    def cancel(self, number: str) -> str | None:
        """Q-3."""
        ticket = self.find(number)
        if ticket is None or self.day in self.closed:
            return self._out_of_reach(ticket)
        if ticket.state not in {"waiting", "called", "held"}:
            return "wrong_state"
        self._step(ticket, "cancelled", "cancelled", window=None)
        return None

    def transfer(self, number: str, *, line: str | None = None, window: str | None = None) -> str | None:
        """FR-4: number and wait are kept."""
        ticket = self.find(number)
        if ticket is None or self.day in self.closed:
            return self._out_of_reach(ticket)
        if not ticket.is_at_window:
            return "wrong_state"
        if window is not None and window == ticket.window:
            return "same_place"
        if window is None:
            line = queue = line or ticket.line
        else:
            served = WINDOW_LINES[window]
            line = ticket.line if not served or ticket.line in served else served[0]
            queue = f"@{window}"
        self._step(ticket, "transferred", "waiting", line=line, queue=queue, window=None, calls=0)
        return None

    def undo(self, number: str) -> str | None:
        """Q-10."""
        ticket = self.find(number)
        if ticket is None or self.day in self.closed:
            return self._out_of_reach(ticket)
        event, at_ms, before = ticket.last
        if before is None or event in {"recalled", "closed", "undone"} or self.now_ms - at_ms > UNDO_MS:
            return "too_late_to_undo"
        if before.is_at_window and before.window is not None:
            if refused := self._not_at_work(before.window):
                return refused
            if self.at_window(before.window) not in {None, ticket}:
                return "window_busy"
        self._step(
            ticket, "undone", before.state, line=before.line, queue=before.queue, place_ms=before.place_ms,
            window=before.window, calls=before.calls, requeues=before.requeues, kind=before.kind,
        )  # fmt: skip
        return None

    def sit(self, window: str, staff: str) -> str | None:
        """AB-4."""
        if staff not in POSTED[window]:
            return "not_posted"
        seat = self.seat(window)
        if seat is not None and seat.staff == staff:
            return None
        is_back = self.missed_on == self.day and (window, staff) in self.missing
        if seat is not None and not is_back:
            return "already_seated"
        if any(other.staff == staff and other.day == self.day for other in self.seats.values()):
            return "already_seated"
        if seat is not None:
            self._note("relieved")
        self._start_clean()
        self.seats[window] = ModelSeat(self.day, staff)
        resident = f"100{window}"
        self.missing -= {
            (at, who) for at, who in self.missing if at == window and (who != resident or staff == resident)
        }
        self._note("sat")
        return None

    def leave(self, window: str) -> str | None:
        """AB-2: not with a ticket in hand, unless it is said what becomes of it."""
        if self.seat(window) is None:
            return "not_seated"
        if self.at_window(window):
            return "window_busy"
        if self.missed_on != self.day:
            self.missing, self.missed_on = set(), self.day
        if self.day not in self.closed:
            self.missing.add((window, self.seats[window].staff))
        del self.seats[window]
        self._note("left")
        return None

    def pause(self, window: str) -> str | None:
        """A moment without calling."""
        if refused := self._not_at_work(window):
            return refused
        if self.at_window(window):
            return "window_busy"
        self.seats[window].is_paused = True
        self._note("paused")
        return None

    def go_on(self, window: str) -> str | None:
        """The pause is over."""
        seat = self.seat(window)
        if seat is None:
            return "not_seated"
        if seat.is_paused:
            seat.is_paused = False
            self._note("went_on")
        return None

    def close_day(self) -> None:
        """HR-2: who still waits is unserved."""
        self._start_clean()
        for ticket in self.today():
            if ticket.state in OPEN_STATES:
                self._step(ticket, "closed", "unserved", window=None)
        self.closed.add(self.day)
        self.missing = set()
        self._note("day_closed")
