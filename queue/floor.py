"""The floor: everything the screens show, as one frozen value read at one instant."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import NamedTuple

from jiaohao.queue import order
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Call, Pulse, Ticket, Window

_MINUTE_MS = 60_000
CLOCK_BEHIND_MIN = 2
"""So far the clocks of several machines may differ before it is said."""

FREE = "free"
PAUSED = "paused"
ABSENT = "absent"
CLOSED = "closed"


class WindowView(NamedTuple):
    """One window as it is now. ``state`` is free, called, serving, paused, absent or closed."""

    code: str
    name: str
    kind: str
    lines: tuple[str, ...]
    flex_lines: tuple[str, ...]
    state: str
    post: str | None = None
    staff: str | None = None
    ticket: Ticket | None = None
    paused_ms: int | None = None
    absent_since_ms: int | None = None
    back_ms: int | None = None
    go_to: tuple[str, ...] = ()
    is_covered: bool = False
    """Whether somebody sits there in place of one who is away (AB-2)."""
    cover: str | None = None
    """While it is empty: the post that was asked last to cover it (AB-6)."""
    comes: bool = False
    """Whether that one has said that they come."""

    @property
    def is_manned(self) -> bool:
        """Whether somebody sits there."""
        return self.staff is not None


@frozen
class LineView:
    """One line as it is now; waits in seconds, None where nobody waits or nobody can tell."""

    code: str
    name: str
    waiting: int
    longest_wait_s: int | None
    expected_wait_s: int | None
    windows_open: int


@frozen
class Floor:
    """The whole floor at ``as_of_ms``. ``waiting`` is in the order of places; ``calls`` newest first."""

    as_of_ms: int
    service_day: str
    is_open: bool
    pulse: Pulse
    windows: tuple[WindowView, ...]
    lines: tuple[LineView, ...]
    calls: tuple[Call, ...]
    waiting: tuple[Ticket, ...]
    held: tuple[Ticket, ...]
    missed: tuple[Ticket, ...]
    unknown_years: tuple[int, ...] = ()
    expected: dict[int, int] = field(default_factory=dict)
    """Expected wait in seconds of each waiting ticket, by its id."""
    expected_early: dict[tuple[str, str], int] = field(default_factory=dict)
    """Expected wait in seconds of who comes now with a head start, by line and priority class (Q-6)."""
    _by_code: dict[str, WindowView] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the windows where a desk finds its own at every look."""
        object.__setattr__(self, "_by_code", {window.code: window for window in self.windows})

    @property
    def day_closed(self) -> bool:
        """Whether the service day has been closed."""
        return self.pulse.day_closed

    @property
    def clock_behind_min(self) -> int:
        """By how many minutes the clock here is behind what was written down already; 0 while it is right.

        Who comes then would have a place before those who wait (Q-3, Q-4).
        """
        behind_min = (self.pulse.newest_ms - self.as_of_ms) // _MINUTE_MS
        return behind_min if behind_min >= CLOCK_BEHIND_MIN else 0

    @property
    def absent(self) -> tuple[WindowView, ...]:
        """The windows at which nobody sits though the hall is open (AB-6)."""
        return tuple(window for window in self.windows if window.state == ABSENT)

    def only_at(self, code: str) -> tuple[Ticket, ...]:
        """Those who wait for a window that nobody else can serve now, in the order of places (AB-6).

        A flex window is nobody else: it leaves so many waiting as its mark says (Q-9).
        """
        window = self.window(code)
        if window is None:
            return ()
        queues = {line for line in window.lines if not self._served_elsewhere(line, code)}
        queues.add(order.window_queue(code))
        return tuple(ticket for ticket in self.waiting if ticket.queue in queues)

    def _served_elsewhere(self, line: str, code: str) -> bool:
        return any(view.code != code and line in view.lines for view in self.windows if view.is_manned)

    def carries(self, code: str) -> tuple[WindowView, ...]:
        """The empty windows whose business a window carries meanwhile (AB-6)."""
        return tuple(view for view in self.absent if code in view.go_to)

    def window(self, code: str) -> WindowView | None:
        """The window of that code, or None when the hall no longer has it."""
        return self._by_code.get(code)

    def line(self, code: str) -> LineView | None:
        """The line of that code, or None when the hall no longer has it."""
        return next((line for line in self.lines if line.code == code), None)

    def open_windows(self, line: str) -> list[str]:
        """The windows that serve a line now, by their codes."""
        return [w.code for w in self.windows if line in w.lines and w.is_manned and w.state != PAUSED]

    def next_for(self, window: WindowView | Window, count: int, flex_mark: int) -> tuple[Ticket, ...]:
        """Those whom a window would call next, in order (Q-4, Q-9)."""
        queues = {order.window_queue(window.code), *window.lines}
        sizes = Counter(ticket.queue for ticket in self.waiting)
        queues |= {line for line in window.flex_lines if sizes[line] > flex_mark}
        return tuple(ticket for ticket in self.waiting if ticket.queue in queues)[:count]

    def ahead_of(self, ticket: Ticket) -> int:
        """How many wait in the same queue before a ticket."""
        mine = (ticket.place_ms, ticket.id)
        return sum(
            1 for other in self.waiting if other.queue == ticket.queue and (other.place_ms, other.id) < mine
        )
