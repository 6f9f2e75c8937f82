"""Expected waits, by playing the floor forward.

Not an average times a length: from the windows that are manned now, what each is serving and since when, how
long such services have taken lately, and the real calling order, the queue is called empty again and again
in memory. Durations are drawn, because with several windows the mean wait is not the wait at mean durations.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import field
from heapq import heapify, heappop, heapreplace
from math import exp, inf
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from jiaohao.queue import order
from jiaohao.store.frozen import frozen

if TYPE_CHECKING:
    from jiaohao.queue.floor import WindowView
    from jiaohao.store.values import Hall, Ticket

ENOUGH = 5
"""From so many services of its own on, a line no longer leans on the hall's ``service_min``."""
STEPS = 4_000
"""How many calls all plays together may take; with many waiting it is the fewest plays that counts."""
FEWEST, MOST = 8, 60
"""How many plays there are at least and at most."""
COMING_MS = 3_600_000
"""Those who came with a head start in so many milliseconds are expected to go on coming as they did."""
SHOWN_MS = 5_000
"""So long a desk shows a forecast again before it plays the floor forward anew."""
_FAR_MS = 30 * 24 * 3_600_000
"""Further from now than any place is."""


class Coming(NamedTuple):
    """Those who will come to a line with a head start, and so overtake: so many a millisecond."""

    line: str
    head_start_ms: int
    rate: float


def coming(hall: Hall, issued: Iterable[tuple[str, str, int]], since_ms: int, now_ms: int) -> list[Coming]:
    """Who is to be expected with a head start, from line, class and instant of what was issued (Q-6).

    ``issued`` need only be whole from ``since_ms`` on.
    """
    since_ms = max(since_ms, now_ms - COMING_MS)
    starts_ms = {one.code: -order.place_ms(0, one) for one in hall.calling.priorities}
    counts = Counter(
        (line, starts_ms[priority])
        for line, priority, issued_ms in issued
        if issued_ms >= since_ms and starts_ms.get(priority)
    )
    return [
        Coming(line, start_ms, count / max(1, now_ms - since_ms))
        for (line, start_ms), count in counts.items()
    ]


@frozen
class Forecast:
    """Expected waits in seconds: of who comes next to each line, and of each waiting ticket by its id."""

    made_ms: int
    lines_s: dict[str, int] = field(default_factory=dict)
    tickets_s: dict[int, int] = field(default_factory=dict)
    classes_s: dict[tuple[str, str], int] = field(default_factory=dict)
    """The same as ``lines_s`` for who comes with a head start: by line and priority class (Q-6)."""


def forecast(
    hall: Hall,
    windows: Sequence[WindowView],
    waiting: Sequence[Ticket],
    lately: Sequence[tuple[str, int]],
    now_ms: int,
    to_come: Sequence[Coming] = (),
) -> Forecast:
    """Play the floor forward from ``now_ms``, as often as a few milliseconds allow.

    ``waiting`` is in the order of places; ``lately`` holds line and milliseconds at the window of services
    that ended lately. Of those who come later only ``to_come`` are foreseen, who overtake; a paused window
    calls again when it said it would.
    A ticket or line that no manned window will call has no entry. The same floor gives the same waits: the
    draws are seeded from it.
    """
    manned = [window for window in windows if window.is_manned and (_calls(window) or window.back_ms)]
    if not manned:
        return Forecast(now_ms)
    rng = Random(now_ms * 31 + len(waiting))  # noqa: S311 - drawn for a mean, not for a secret
    services = _Services(hall, lately, rng)
    play = _Play(hall, manned, waiting, services, now_ms, to_come, rng)
    times = max(FEWEST, min(MOST, STEPS // (len(waiting) + len(manned))))
    for _time in range(times):
        play.once()
    told_s = {key: round(total / times / 1000) for key, total in play.told_ms.items()}
    return Forecast(
        now_ms,
        {line: wait_s for (line, code), wait_s in told_s.items() if code == order.NORMAL.code},
        {
            ticket.id: round(total / times / 1000)
            for ticket, total, called in zip(waiting, play.totals_ms, play.called, strict=True)
            if called
        },
        {key: wait_s for key, wait_s in told_s.items() if key[1] != order.NORMAL.code},
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
        to_come: Sequence[Coming],
        rng: Random,
    ) -> None:
        self.totals_ms = [0.0] * len(waiting)
        self.called = [False] * len(waiting)
        self.told_ms: dict[tuple[str, str], float] = {}
        self._services = services
        self._now_ms = now_ms
        self._manned = manned
        self._rng = rng
        self._places_ms = [ticket.place_ms for ticket in waiting]
        # Whoever comes now, of each class: the last to be called first, as they are taken from the end.
        classes = (order.NORMAL, *hall.calling.priorities)
        self._classes = sorted(
            ((self._rank(order.place_ms(now_ms, one)), one.code) for one in classes), reverse=True
        )
        self._to_come = to_come
        self._overtaken = [
            [place for place, one in enumerate(to_come) if one.line in window.lines] for window in manned
        ]
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
        told: set[tuple[str, str]] = set()
        untold = [self._classes.copy() for _window in self._manned]
        coming = [self._next(one, 0.0) for one in self._to_come]
        # An end, should they come faster than they are served.
        more = len(self.totals_ms) + len(self._manned) + FEWEST
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
            one = self._overtaker(window, time_ms, best, coming) if coming and more else None
            if one is not None:
                best = coming[one][1]
            joining = untold[window]
            while joining and best > joining[-1][0]:
                self._tell(window, joining.pop()[1], time_ms, told)
            if one is not None and (source >= 0 or joining):
                more -= 1
                kind = self._to_come[one]
                coming[one] = self._next(kind, coming[one][0])
                heapreplace(free, (time_ms + self._services.draw(kind.line, 1)[0], window))
                continue
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

    def _overtaker(
        self, window: int, time_ms: float, best: float, coming: Sequence[tuple[float, float]]
    ) -> int | None:
        """Who of those to come has come by then and is called before ``best``, if anybody."""
        found = None
        for place in self._overtaken[window]:
            come_ms, rank = coming[place]
            if come_ms <= time_ms and rank < best:
                best, found = rank, place
        return found

    def _next(self, kind: Coming, after_ms: float) -> tuple[float, float]:
        """When the next of a kind comes, and its rank among those who wait."""
        come_ms = after_ms + self._rng.expovariate(kind.rate)
        return come_ms, self._rank(self._now_ms + come_ms - kind.head_start_ms)

    def _rank(self, place_ms: float) -> float:
        """Where a place that nobody has yet is among those who wait: between two of their whole ranks."""
        part = (place_ms - self._now_ms) / _FAR_MS  # two in the same gap keep their order
        return bisect_right(self._places_ms, place_ms) - 0.5 + 0.25 * max(-1.0, min(1.0, part))

    def _tell(self, window: int, code: str, time_ms: float, told: set[tuple[str, str]]) -> None:
        # Whoever came now would be called here, in each line of the window that has not had its turn.
        for line in self._joins[window]:
            key = (line, code)
            if key not in told:
                told.add(key)
                self.told_ms[key] = self.told_ms.get(key, 0.0) + time_ms

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
