"""Expected waits, by playing the floor forward.

Not an average times a length: from the windows that are manned now, what each is serving and since when, how
long such services have taken lately, and the real calling order, the queue is called empty again and again
in memory. Durations are drawn, because with several windows the mean wait is not the wait at mean durations.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from math import exp, inf
from random import Random
from typing import TYPE_CHECKING

from jiaohao.queue import order

if TYPE_CHECKING:
    from jiaohao.queue.floor import WindowView
    from jiaohao.store.values import Hall, Ticket

ENOUGH = 5
"""From so many services of its own on, a line no longer leans on the hall's ``service_min``."""
STEPS = 4_000
"""How many calls all plays together may take; with many waiting it is the fewest plays that counts."""
FEWEST, MOST = 8, 60
"""How many plays there are at least and at most."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected waits in seconds: of who comes next to each line, and of each waiting ticket by its id."""

    made_ms: int
    lines_s: dict[str, int] = field(default_factory=dict)
    tickets_s: dict[int, int] = field(default_factory=dict)


def forecast(
    hall: Hall,
    windows: Sequence[WindowView],
    waiting: Sequence[Ticket],
    lately: Sequence[tuple[str, int]],
    now_ms: int,
) -> Forecast:
    """Play the floor forward from ``now_ms``, as often as a few milliseconds allow.

    ``waiting`` is in the order of places; ``lately`` holds line and milliseconds at the window of services
    that ended lately. Nobody who comes later is foreseen; a paused window calls again when it said it would.
    A ticket or line that no manned window will call has no entry. The same floor gives the same waits: the
    draws are seeded from it.
    """
    manned = [window for window in windows if window.is_manned and (_calls(window) or window.back_ms)]
    if not manned:
        return Forecast(now_ms)
    rng = Random(now_ms * 31 + len(waiting))  # noqa: S311 - drawn for a mean, not for a secret
    services = _Services(hall, lately, rng)
    play = _Play(hall, manned, waiting, services, now_ms)
    times = max(FEWEST, min(MOST, STEPS // (len(waiting) + len(manned))))
    for _time in range(times):
        play.once()
    return Forecast(
        now_ms,
        {line: round(total / times / 1000) for line, total in play.lines_ms.items()},
        {
            ticket.id: round(total / times / 1000)
            for ticket, total, called in zip(waiting, play.totals_ms, play.called, strict=True)
            if called
        },
    )


def _calls(window: WindowView) -> bool:
    return window.paused_ms is None


class _Services:
    """How long services take, by line: those of late, and while they are few the hall's own figure."""

    def __init__(self, hall: Hall, lately: Sequence[tuple[str, int]], rng: Random) -> None:
        self._rng = rng
        self._mean_ms = hall.calling.service_min * 60_000
        self._own: dict[str, list[int]] = defaultdict(list)
        for line, took_ms in lately:
            self._own[line].append(took_ms)
        for own in self._own.values():
            own.sort()

    def _lean(self, line: str) -> float:
        # How much of the line's draws is the hall's figure, spread as chance spreads it (exponential).
        return max(0.0, 1 - len(self._own[line]) / ENOUGH)

    def draw(self, line: str, count: int) -> list[float]:
        """So many durations in milliseconds."""
        own, lean, rng = self._own[line], self._lean(line), self._rng
        if not lean:
            return list(map(float, rng.choices(own, k=count)))
        rate = 1 / self._mean_ms
        return [
            rng.expovariate(rate) if not own or rng.random() < lean else rng.choice(own)
            for _one in range(count)
        ]

    def rest(self, line: str, age_ms: int) -> float:
        """What is left, in milliseconds, of a service that has lasted ``age_ms``."""
        own, lean, rng = self._own[line], self._lean(line), self._rng
        tail = bisect_right(own, age_ms)
        of_own = (1 - lean) * (len(own) - tail) / len(own) if own else 0.0
        of_hall = lean * exp(-age_ms / self._mean_ms)
        if of_own and rng.random() * (of_own + of_hall) < of_own:
            return own[tail + int(rng.random() * (len(own) - tail))] - age_ms
        # It outlasts all that is known of the line, or the hall's figure was drawn: chance has no memory.
        mean_ms = self._mean_ms if of_hall else sum(own) / len(own)
        return rng.expovariate(1 / max(1.0, mean_ms))


class _Play:
    """The floor in numbers: tickets by their rank among all that wait, queues and windows by index."""

    def __init__(
        self,
        hall: Hall,
        manned: Sequence[WindowView],
        waiting: Sequence[Ticket],
        services: _Services,
        now_ms: int,
    ) -> None:
        self.totals_ms = [0.0] * len(waiting)
        self.called = [False] * len(waiting)
        self.lines_ms: dict[str, float] = {}
        self._services = services
        self._now_ms = now_ms
        self._manned = manned
        # Who comes now stands behind all whose place is not later than now.
        self._before = sum(1 for ticket in waiting if ticket.place_ms <= now_ms)
        by_queue: dict[str, list[float]] = defaultdict(list)
        self._by_line: dict[str, list[int]] = defaultdict(list)
        for rank, ticket in enumerate(waiting):
            by_queue[ticket.queue].append(rank)
            self._by_line[ticket.line].append(rank)
        index = {queue: place for place, queue in enumerate(by_queue)}
        self._queues = [[*ranks, inf] for ranks in by_queue.values()]
        self._mark = hall.calling.flex_mark
        self._serves = [
            [index[queue] for queue in (order.window_queue(window.code), *window.lines) if queue in index]
            for window in manned
        ]
        self._helps = [[index[line] for line in window.flex_lines if line in index] for window in manned]
        self._joins = [(*window.lines, *(() if self._mark else window.flex_lines)) for window in manned]

    def once(self) -> None:
        """Call everybody once, and add up when each was called."""
        took_ms = self._durations()
        at = [0] * len(self._queues)
        heads = [ranks[0] for ranks in self._queues]
        left = [len(ranks) - 1 for ranks in self._queues]
        told: set[str] = set()
        free = [(self._free_in(window), place) for place, window in enumerate(self._manned)]
        heapify(free)
        while free:
            time_ms, window = free[0]
            best, source = inf, -1
            for queue in self._serves[window]:
                if heads[queue] < best:
                    best, source = heads[queue], queue
            for queue in self._helps[window]:
                if heads[queue] < best and left[queue] > self._mark:
                    best, source = heads[queue], queue
            if best >= self._before:
                self._tell(window, time_ms, told)
            if source < 0:
                heappop(free)
                continue
            rank = int(best)
            self.totals_ms[rank] += time_ms
            self.called[rank] = True
            at[source] += 1
            left[source] -= 1
            heads[source] = self._queues[source][at[source]]
            heapreplace(free, (time_ms + took_ms[rank], window))

    def _tell(self, window: int, time_ms: float, told: set[str]) -> None:
        # Whoever came now would be called here, in each line of the window that has not had its turn.
        for line in self._joins[window]:
            if line not in told:
                told.add(line)
                self.lines_ms[line] = self.lines_ms.get(line, 0.0) + time_ms

    def _durations(self) -> list[float]:
        took_ms = [0.0] * len(self.totals_ms)
        for line, ranks in self._by_line.items():
            for rank, duration in zip(ranks, self._services.draw(line, len(ranks)), strict=True):
                took_ms[rank] = duration
        return took_ms

    def _free_in(self, window: WindowView) -> float:
        if window.back_ms is not None and not _calls(window):
            return float(max(0, window.back_ms - self._now_ms))
        ticket = window.ticket
        if ticket is None or ticket.at_window_ms is None:
            return 0.0
        return self._services.rest(ticket.line, max(0, self._now_ms - ticket.at_window_ms))
