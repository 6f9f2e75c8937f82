"""An M/M/c queue of the hall's own tickets and windows, called in its own order; and theory in closed form.

Arrivals and services are memoryless. Of those who come, a share may have the class that is always first: then
theory is that of two classes, neither of which interrupts a service.
"""

from __future__ import annotations

import math
import statistics
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice
from random import Random

from jiaohao.queue import issuing, order
from jiaohao.queue.floor import FREE, Floor, LineView, WindowView
from jiaohao.queue.forecast import Coming, Forecast, forecast
from jiaohao.store.values import Calling, Hall, Priority, Pulse, Ticket
from small_hall import small_hall

SERVICE_S = 360
"""The mean of the services, in seconds; also the hall's own figure, on which a forecast leans."""
URGENT = Priority("urgent", "", 0, first=True)
NORMAL = order.NORMAL
BEGIN_MS = 1_800_000_000_000
WARM_UP = 3_000
"""So many come before anybody is looked at: by then nothing is left of the empty hall of the beginning."""
REPLICATIONS = 20
T_95 = 2.093
"""Student's t for 95 % on both sides at one degree less than the replications."""


@dataclass(frozen=True, slots=True)
class Queue:
    """``windows`` of one line; ``load`` is arrivals a service time, of which ``urgent`` is a share."""

    windows: int
    load: float
    urgent: float = 0.0

    @property
    def hall(self) -> Hall:
        """A hall that knows no services of late."""
        return small_hall(calling=Calling(service_min=SERVICE_S // 60, priorities=(URGENT,)))

    @property
    def coming(self) -> tuple[Coming, ...]:
        """Those who will come and overtake."""
        rate = self.urgent * self.load / (SERVICE_S * 1000)
        return (Coming("A", -order.place_ms(0, URGENT), rate),) if rate else ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What somebody finds who comes with a class; ``present`` is how many wait or are served."""

    windows: tuple[WindowView, ...]
    waiting: tuple[Ticket, ...]
    now_ms: int
    priority: Priority
    present: int


# Theory


def erlang_wait_s(queue: Queue) -> float:
    """The mean wait of M/M/c by Erlang's formula."""
    c, load = queue.windows, queue.load
    busy = load**c / math.factorial(c) * c / (c - load)
    chance = busy / (sum(load**n / math.factorial(n) for n in range(c)) + busy)
    return chance * SERVICE_S / (c - load)


def class_wait_s(queue: Queue, priority: Priority) -> float:
    """The mean wait of one of two classes, the urgent one always first (Cobham's formula)."""
    urgent_busy = queue.load * queue.urgent / queue.windows
    busy = queue.load / queue.windows
    begun_s = erlang_wait_s(queue) * (1 - busy)
    return begun_s / (1 - urgent_busy) / (1 if priority is URGENT else 1 - busy)


def wait_behind_s(queue: Queue, arrival: Arrival) -> float:
    """The mean wait of who finds all windows busy and is not overtaken: a service and one for each before."""
    place_ms = order.place_ms(arrival.now_ms, arrival.priority)
    before = sum(ticket.place_ms <= place_ms for ticket in arrival.waiting)
    return (before + 1) * SERVICE_S / queue.windows


# The queue


def arrivals(queue: Queue, seed: int, every: int) -> Iterator[Arrival]:
    """What is found by one of ``every`` who come, without end."""
    rng = Random(seed)  # noqa: S311 - dice
    now_s, number = 0.0, 0
    ends: list[tuple[float, int]] = []
    serving: dict[int, Ticket] = {}
    waiting: list[tuple[int, int, Ticket]] = []

    def call(window: int, at_s: float) -> None:
        places = {"A": [place_ms for place_ms, _number, _ticket in waiting]}
        if order.next_place(("A",), (), 0, places) is None:
            serving.pop(window, None)
            return
        serving[window] = waiting.pop(0)[2]._replace(state="serving", at_window_ms=_ms(at_s))
        heappush(ends, (at_s + rng.expovariate(1 / SERVICE_S), window))

    while True:
        now_s += rng.expovariate(queue.load / SERVICE_S)
        while ends and ends[0][0] <= now_s:
            end_s, window = heappop(ends)
            call(window, end_s)
        number += 1
        priority = URGENT if rng.random() < queue.urgent else NORMAL
        if number > WARM_UP and number % every == 0:
            yield Arrival(
                tuple(_window(place, serving.get(place)) for place in range(queue.windows)),
                tuple(ticket for _place_ms, _number, ticket in waiting),
                _ms(now_s), priority, len(serving) + len(waiting),
            )  # fmt: skip
        ticket = _ticket(number, priority, _ms(now_s))
        insort(waiting, (ticket.place_ms, ticket.id, ticket))
        free = next((place for place in range(queue.windows) if place not in serving), None)
        if free is not None:
            call(free, now_s)


def _ms(seconds: float) -> int:
    return BEGIN_MS + round(seconds * 1000)


def _ticket(number: int, priority: Priority, now_ms: int) -> Ticket:
    return Ticket(
        number, "2026-11-24", f"A{number:03d}", "A", "A", None, priority.code, None, "waiting", None,
        order.place_ms(now_ms, priority), 0, 0, now_ms, None, 0, None, None, None,
    )  # fmt: skip


def _window(place: int, serving: Ticket | None) -> WindowView:
    state = serving.state if serving else FREE
    return WindowView(f"{place}", f"{place}", "handling", ("A",), (), state, "A", f"10{place}", serving)


# What is told, and how sure its mean is


def told_s(queue: Queue, arrival: Arrival) -> int:
    """What the hall would tell whoever comes, by its own forecast."""
    hall, coming = queue.hall, queue.coming
    made = forecast(hall, arrival.windows, arrival.waiting, (), arrival.now_ms, coming)
    wait_s = issuing.estimate_s(hall, _floor(arrival, made), "A", arrival.priority.code)
    if wait_s is None:
        raise RuntimeError("a manned line has no expected wait")
    return wait_s


def _floor(arrival: Arrival, made: Forecast) -> Floor:
    line = LineView("A", "A", len(arrival.waiting), None, made.lines_s.get("A"), len(arrival.windows))
    pulse = Pulse(0, 0, 0, day_closed=False, newest_ms=arrival.now_ms)
    return Floor(
        arrival.now_ms, "2026-11-24", is_open=True, pulse=pulse,
        windows=arrival.windows, lines=(line,), calls=(), waiting=arrival.waiting, held=(), missed=(),
        expected=made.tickets_s, expected_early=made.classes_s,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with what it may be off by, 95 times of 100."""

    mean: float
    half_width: float

    def holds(self, value: float) -> bool:
        """Whether the value can be the mean."""
        return abs(value - self.mean) <= self.half_width

    def scaled(self, factor: float) -> Interval:
        """What would have come of it, had every value been so many times itself."""
        return Interval(self.mean * factor, self.half_width * factor)


def replicate(
    queue: Queue,
    looks: int,
    every: int,
    *,
    of: Callable[[Arrival], bool] = lambda _arrival: True,
    less: Callable[[Arrival], float] = lambda _arrival: 0.0,
) -> Interval:
    """The mean of what arrivals are told, less something, in seconds, over independent replications.

    In each, ``looks`` of those who come are looked at, one of ``every``, so that they hardly resemble.
    """
    means = []
    for seed in range(REPLICATIONS):
        looked_at = islice(filter(of, arrivals(queue, seed, every)), looks)
        means.append(statistics.fmean(told_s(queue, arrival) - less(arrival) for arrival in looked_at))
    half_width = T_95 * statistics.stdev(means) / math.sqrt(REPLICATIONS)
    return Interval(statistics.fmean(means), half_width)
