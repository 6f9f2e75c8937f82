"""A day played through the real operations, one event after the other, on whatever clock the site has."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from random import Random

from jiaohao.queue import day, issuing, moving, relocating, workdays
from jiaohao.queue.clock import at_minute
from jiaohao.queue.floor import Floor
from jiaohao.queue.forecast import SHOWN_MS, Forecast
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.simulated_clerk import Clerk
from jiaohao.queue.simulated_crowd import LEAVE, Plan, Visitor, crowd, manned_windows, spans_ms
from jiaohao.queue.site import Site
from jiaohao.store.values import Ticket

_MINUTE_MS = 60_000
_EARLY_MS = 5 * _MINUTE_MS
"""So long before opening the first clerk sits down."""
_AFTER_CLOSING_MS = 30 * _MINUTE_MS
"""So long those who came in time are still served; then the day is closed."""
_LONG_SPAN_MS = 6 * 60 * _MINUTE_MS
"""A span as long as this has a meal in it."""


@dataclass(slots=True)
class Visit:
    """One visitor's ticket: what was expected at issue, in seconds, and when it was first called."""

    visitor: Visitor
    ticket: Ticket
    estimate_s: int | None
    called_ms: int | None = None
    turned: bool = False


class SimulatedDay:
    """Visitors and clerks of one day. ``step`` takes the next event; ``next_ms`` says when it is due."""

    def __init__(
        self,
        site: Site,
        plan: Plan,
        *,
        spare: frozenset[str] = frozenset(),
        hands_off: Callable[[str], bool] = lambda _window: False,
    ) -> None:
        """Draw the day. ``spare`` windows stay empty; a clerk gives up a window that ``hands_off`` names.

        Raises Refusal hall_closed when the hall does not work on the day of the plan.
        """
        if not workdays.is_working_day(site.hall, plan.day):
            raise Refusal("hall_closed")
        self.site = site
        self.rng = Random(plan.seed + 1)  # noqa: S311 - a day is drawn, not a secret
        self.visits: dict[int, Visit] = {}
        self.figures: dict[str, int] = {}
        self.hands_off = hands_off
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._forecast: Forecast | None = None
        self._guide = next((person.no for person in site.hall.staff if person.role == "guide"), None)
        manned = manned_windows(site.hall, plan)
        self.windows = [window for window in manned if window.code not in spare]
        desks = [window for window in site.hall.windows if not window.lines and window.code not in spare]
        self._clerks = [Clerk(self, window) for window in (*self.windows, *desks)]
        for visitor in crowd(site.hall, plan, manned):
            self._at(visitor.at_ms, partial(self._come, visitor))
        spans = spans_ms(site.hall, plan.day)
        self._spans = spans
        midnight_ms = at_minute(plan.day, 0, site.hall.timezone)
        for place, clerk in enumerate(self._clerks):
            self._plan_clerk(clerk, place, midnight_ms)
        end_ms = at_minute(plan.day, 1440, site.hall.timezone) - 1000
        self._at(min(spans[-1][1] + _AFTER_CLOSING_MS, end_ms), self._close)

    @property
    def next_ms(self) -> int | None:
        """When the next event is due; None when the day is over."""
        return self._events[0][0] if self._events else None

    @property
    def is_over(self) -> bool:
        """Whether the hall is closed now and not about to open: who has nobody to serve may go."""
        now_ms = self.site.now_ms()
        return not any(start - _EARLY_MS <= now_ms < end for start, end in self._spans)

    def step(self) -> None:
        """Take the next event, as it is now on the site's clock. Raises Fault."""
        heappop(self._events)[2]()

    def look_around(self) -> None:
        """Let idle clerks see what has come to wait by other hands than this day's."""
        floor, _forecast = read_floor(self.site, Forecast(self.site.now_ms()))
        for queue in sorted({ticket.queue for ticket in floor.waiting}):
            self.wake(queue)

    def after(self, low_s: float, high_s: float, act: Callable[[], None]) -> None:
        """Have something done in between ``low_s`` and ``high_s`` seconds."""
        self._at(self.site.now_ms() + round(self.rng.uniform(low_s, high_s) * 1000), act)

    def _at(self, at_ms: int, act: Callable[[], None]) -> None:
        heappush(self._events, (at_ms, next(self._order), act))

    def wake(self, queue: str) -> None:
        """Somebody waits in a queue: the idle clerks who may call from it look up."""
        for clerk in self._clerks:
            if clerk.hears(queue):
                clerk.soon(clerk.look, 2, 6)

    def called(self, ticket: Ticket) -> Visit | None:
        """A ticket was called; its visit, when a visitor of this day holds it."""
        visit = self.visits.get(ticket.id)
        if visit is not None and visit.called_ms is None:
            visit.called_ms = self.site.now_ms()
        return visit

    def come_back(self, number: str) -> None:
        """Someone who was missed asks the guide, and waits again (Q-5)."""
        with contextlib.suppress(Refusal):
            self.wake(moving.requeue(self.site, number, staff=self._guide).queue)

    def relocate(self, window: str) -> None:
        """The guide moves those who wait for an empty window alone to one where somebody sits (AB-6)."""
        floor, _forecast = read_floor(self.site, Forecast(self.site.now_ms()))
        manned = [view.code for view in floor.windows if view.is_manned and view.lines]
        if not manned:
            return
        with contextlib.suppress(Refusal):  # the window is manned again, or nobody waits for it alone
            moved = relocating.move_waiting(self.site, window, self.rng.choice(manned), staff=self._guide)
            for queue in sorted({ticket.queue for ticket in moved}):
                self.wake(queue)

    def _come(self, visitor: Visitor) -> None:
        estimate_s = issuing.estimate_s(self.site.hall, self._at_the_desk(), visitor.line, visitor.priority)
        try:
            ticket = issuing.issue(
                self.site, visitor.line, matter=visitor.matter, priority=visitor.priority,
                staff=self._guide, estimate_s=estimate_s,
            )  # fmt: skip
        except Refusal:
            return  # the hall was closed by somebody's hand: who comes now goes home
        self.visits[ticket.id] = Visit(visitor, ticket, estimate_s)
        if visitor.turn == LEAVE:
            self.after(600, 2400, partial(self._give_up, ticket.number))
        self.wake(ticket.queue)

    def _at_the_desk(self) -> Floor:
        """The floor as a guide's desk shows it, with the waits not foreseen anew for each visitor."""
        is_fresh = self._forecast and self.site.now_ms() - self._forecast.made_ms < SHOWN_MS
        floor, self._forecast = read_floor(self.site, self._forecast if is_fresh else None)
        return floor

    def _give_up(self, number: str) -> None:
        with contextlib.suppress(Refusal):
            moving.cancel(self.site, number, staff=self._guide)

    def _plan_clerk(self, clerk: Clerk, place: int, midnight_ms: int) -> None:
        for start, end in self._spans:
            length = end - start
            early_ms = round(self.rng.uniform(0, _EARLY_MS))
            self._at(max(midnight_ms, start - early_ms), clerk.begin)
            self._at(end, clerk.end)
            for low, high in ((0.1, 0.3), (0.65, 0.85)):
                pause = partial(clerk.pause, self.rng.uniform(4, 8))
                self._at(start + round(length * self.rng.uniform(low, high)), partial(clerk.ask_for, pause))
            if length >= _LONG_SPAN_MS:
                # In three shifts, so that no line is left without a window.
                meal_ms = start + round(length * (0.35 + 0.07 * (place % 3)))
                self._at(meal_ms, partial(clerk.ask_for, partial(clerk.eat, 30)))

    def _close(self) -> None:
        self.figures = day.close_day(self.site, staff=self._guide)
        self._events.clear()
        for clerk in self._clerks:
            clerk.go_home()
