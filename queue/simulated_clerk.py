"""A clerk of a simulated day: sits down, calls, serves, takes a break, and makes way for a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from jiaohao.queue import calling, leaving, moving, order, seating, states
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.simulated_crowd import HOLD, NO_SHOW, TRANSFER

if TYPE_CHECKING:
    from jiaohao.queue.simulated_day import SimulatedDay, Visit
    from jiaohao.store.values import Ticket, Window

_KINDS = dict(zip(states.KINDS, (45, 30, 8, 5, 5, 7), strict=True))
_TO_WINDOW = 0.3
"""The share of transfers that go to one window instead of a line."""
_COMES_BACK = 0.6
"""The share of the missed who turn up later."""
_CALLED_AWAY = 0.01
"""The share of services in the middle of which the clerk is called away."""


class Clerk:
    """One window's clerk. Each act is a method, taken when the day's clock has come to it."""

    def __init__(self, day: SimulatedDay, window: Window) -> None:
        """Nobody sits there yet."""
        self.window = window
        self._day = day
        self._site = day.site
        self._code = window.code
        posts = [post for post in day.site.hall.posts if post.window == window.code]
        self._resident = posts[0].staff if posts else None
        self._others = [post.staff for post in posts[1:] if post.post in {"A", "B"}]
        self._idle = False
        self._seated = False
        self._gone = self._resident is None
        self._due: list[Callable[[], None]] = []
        self._back: list[str] = []

    def hears(self, queue: str) -> bool:
        """Whether the clerk is idle, and a ticket in that queue may be called here."""
        return self._idle and (queue in order.queues_of(self.window) or queue in self.window.flex_lines)

    def soon(self, act: Callable[[], None], low_s: float, high_s: float) -> None:
        """Do something in so many seconds, unless a person has taken over by then."""
        self._idle = False
        self._day.after(low_s, high_s, partial(self._do, act))

    def look(self) -> None:
        """See to what is due, then to who has come back, then call the next."""
        if self._due:
            self._due.pop(0)()
        elif self._back:
            ticket = moving.resume(self._site, self._back.pop(0), self._code)
            self._serve(ticket, 0.4)
        else:
            self._call()

    def ask_for(self, act: Callable[[], None]) -> None:
        """Have something done before the next is called."""
        self._due.append(act)
        if self._idle:
            self.soon(self.look, 0, 1)

    def begin(self) -> None:
        """The hall opens: the resident takes the seat, unless someone still serves there."""
        if not self._seated:
            self._do(self._sit)

    def end(self) -> None:
        """The hall closes: who serves nobody goes."""
        if self._idle:
            self.soon(self.look, 1, 60)

    def go_home(self) -> None:
        """The day is closed: get up, wherever the clerk still sits."""
        if self._seated:
            self._do(self._leave)

    def _sit(self) -> None:
        if self._resident is not None:
            seating.sit(self._site, self._code, self._resident)
            self._seated = True
            self.soon(self.look, 5, 30)

    def _leave(self, reason: str | None = None, back: str | None = None, in_hand: str | None = None) -> None:
        leaving.leave(self._site, self._code, reason=reason, back=back, in_hand=in_hand)
        self._seated = self._idle = False

    def pause(self, minutes: float) -> None:
        """A short pause at the window."""
        seating.pause(self._site, self._code, back=self._time_in(minutes))
        self.soon(self._go_on, minutes * 60, minutes * 60)

    def eat(self, minutes: float) -> None:
        """Away for a meal; the stand-in sits down where there is one (AB-2)."""
        self._leave("short", self._time_in(minutes))
        for staff in self._others:
            try:
                seating.sit(self._site, self._code, staff)
            except Refusal:
                continue
            self._seated = True
            self._day.after(minutes * 60, minutes * 60, lambda: self.ask_for(self._relieve))
            self.soon(self.look, 5, 30)
            return
        self.soon(self._sit, minutes * 60, minutes * 60)

    def _hurry_away(self, ticket: Ticket) -> None:
        """Called away from a visitor, who waits again; the guide moves whom nobody else serves (AB-6)."""
        away_min = self._day.rng.uniform(8, 15)
        self._leave("private", self._time_in(away_min), in_hand=leaving.BACK)
        self._day.wake(ticket.queue)
        self._day.after(20, 90, partial(self._day.relocate, self._code))
        self.soon(self._sit, away_min * 60, away_min * 60)

    def _relieve(self) -> None:
        self._leave()
        self._sit()

    def _go_on(self) -> None:
        seating.go_on(self._site, self._code)
        self.look()

    def _time_in(self, minutes: float) -> str:
        back_ms = self._site.now_ms() + round(minutes * 60_000)
        return local(back_ms, self._site.hall.timezone).strftime("%H:%M")

    def _do(self, act: Callable[[], None]) -> None:
        if self._gone or self._day.hands_off(self._code):
            self._gone = True
            return
        try:
            act()
        except Refusal as refusal:
            self._recover(refusal)

    def _recover(self, refusal: Refusal) -> None:
        # A person at another desk may have done anything meanwhile: the clerk takes it as it is.
        if refusal.code == "nothing_waiting":
            self._idle = True
            if self._day.is_over:
                self._leave()
        elif refusal.code == "window_busy":
            self._take_up()
        elif refusal.code == "window_paused":
            self.soon(self._go_on, 30, 60)
        elif refusal.code in {"not_seated", "already_seated", "seated_elsewhere"}:
            self._gone = True
        else:
            self.soon(self.look, 3, 8)

    def _take_up(self) -> None:
        view = read_floor(self._site)[0].window(self._code)
        if view is None or view.ticket is None:
            self.soon(self.look, 1, 3)
        elif view.ticket.state == states.CALLED:
            self.soon(self._start, 5, 20)
        else:
            self.soon(self._finish, 30, 90)

    def _call(self) -> None:
        ticket = calling.call(self._site, self._code)
        visit = self._day.called(ticket)
        if visit is not None and visit.visitor.turn == NO_SHOW and not ticket.requeues:
            self._wait_for(ticket)
        else:
            self.soon(self._start, 10, 40)

    def _wait_for(self, ticket: Ticket) -> None:
        if ticket.calls < self._site.hall.calling.calls_before_missed:
            self.soon(lambda: self._wait_for(calling.recall(self._site, self._code)), 25, 40)
        else:
            self.soon(self._miss, 25, 40)

    def _miss(self) -> None:
        ticket = calling.miss(self._site, self._code)
        if self._day.rng.random() < _COMES_BACK:
            self._day.after(180, 900, lambda: self._day.come_back(ticket.number))
        self.soon(self.look, 2, 8)

    def _start(self) -> None:
        ticket = calling.start(self._site, self._code)
        if self._day.rng.random() < _CALLED_AWAY:
            self.soon(partial(self._hurry_away, ticket), 30, 120)
            return
        visit = self._day.visits.get(ticket.id)
        if visit is None or visit.turned or visit.visitor.turn not in {HOLD, TRANSFER}:
            self._serve(ticket, 1.0)
            return
        visit.turned = True
        act, share = (self._hold, 0.6) if visit.visitor.turn == HOLD else (self._transfer, 0.3)
        in_s = self._service_s(visit) * share
        self.soon(partial(act, ticket), in_s, in_s)

    def _serve(self, ticket: Ticket, share: float) -> None:
        in_s = self._service_s(self._day.visits.get(ticket.id)) * share
        self.soon(self._finish, in_s, in_s)

    def _service_s(self, visit: Visit | None) -> float:
        if visit is None:
            return self._site.hall.calling.service_min * 60 * self._day.rng.uniform(0.4, 1.6)
        return visit.visitor.service_ms / 1000

    def _finish(self) -> None:
        kind = self._day.rng.choices([*_KINDS], [*_KINDS.values()])[0]
        calling.finish(self._site, self._code, kind=kind)
        self.soon(self.look, 3, 10)

    def _hold(self, ticket: Ticket) -> None:
        calling.hold(self._site, self._code, note=_("fetches a copy"))
        self._day.after(240, 600, lambda: self._is_back(ticket.number))
        self.soon(self.look, 2, 6)

    def _is_back(self, number: str) -> None:
        self._back.append(number)
        if self._idle:
            self.soon(self.look, 1, 4)

    def _transfer(self, ticket: Ticket) -> None:
        windows = [window for window in self._day.windows if window.code != self._code]
        lines = sorted({line for window in windows for line in window.lines} - {ticket.line})
        if windows and (self._day.rng.random() < _TO_WINDOW or not lines):
            after = moving.transfer(
                self._site, ticket.number, window=self._day.rng.choice(windows).code, note=_("belongs there")
            )
        elif lines:
            line = self._day.rng.choice(lines)
            after = moving.transfer(self._site, ticket.number, line=line, note=_("belongs there"))
        else:
            self._serve(ticket, 0.7)
            return
        self._day.wake(after.queue)
        self.soon(self.look, 2, 6)
