"""Who comes on a simulated day, when and for what; drawn beforehand, so that a seed is a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from math import ceil, exp, log
from random import Random

from jiaohao.queue import order
from jiaohao.queue.clock import at_minute
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Hall, Window

# How many come, over the opening time of the day from its first to its last minute: a rush in the morning, a
# lull at noon, a smaller rush after it, and nobody just before closing.
_RUSH = (
    (0.0, 1.0),
    (0.08, 1.9),
    (0.2, 1.7),
    (0.36, 0.9),
    (0.5, 0.5),
    (0.64, 1.2),
    (0.76, 1.0),
    (0.95, 0.2),
    (1.0, 0.0),
)
_PEAK = max(height for _at, height in _RUSH)

_LOAD = 0.75
"""How much of the day a window works when as many are manned as the visitors need."""
_BESIDE_MS = 45_000
"""What a visitor takes of a window beside the service: the way to it, and the clerk's breath after it."""
_SPREAD = 0.5
"""The sigma of the log-normal service times."""
_SHORTEST_MS = 40_000
_WITH_PRIORITY = 0.04
_WITH_MATTER = 0.85

NO_SHOW, HOLD, TRANSFER, LEAVE = "no_show", "hold", "transfer", "leave"
_TURNS = ((NO_SHOW, 0.04), (HOLD, 0.04), (TRANSFER, 0.04), (LEAVE, 0.015))
"""What happens to a visitor beside being served, and to what share of them."""


@frozen
class Plan:
    """A day to play: how many come, how many windows with lines are manned (None: as many as they need)."""

    visitors: int
    windows: int | None
    seed: int
    day: date


@frozen
class Visitor:
    """One who comes; ``turn`` is no_show, hold, transfer, leave, or empty for the most of them."""

    at_ms: int
    line: str
    matter: str | None
    priority: str
    service_ms: int
    turn: str


def spans_ms(hall: Hall, day: date) -> list[tuple[int, int]]:
    """The opening spans of a day as instants in milliseconds."""
    zone = hall.timezone
    return [(at_minute(day, start, zone), at_minute(day, end, zone)) for start, end in hall.spans_min]


def manned_windows(hall: Hall, plan: Plan) -> list[Window]:
    """The windows with lines that are manned: those that every line needs, then in the hall's order."""
    posted = {post.window for post in hall.posts}
    served: set[str] = set()
    first: list[Window] = []
    later: list[Window] = []
    for window in hall.windows:
        if window.lines and window.code in posted:
            (later if served.issuperset(window.lines) else first).append(window)
            served.update(window.lines)
    count = plan.windows if plan.windows is not None else max(len(first), _needed(hall, plan))
    return (first + later)[: max(1, count)]


def _needed(hall: Hall, plan: Plan) -> int:
    return ceil(plan.visitors / _each_serves(hall, plan.day))


def enough_visitors(hall: Hall, day: date) -> int:
    """How many must come on a day so that all windows with lines are well at work."""
    return round(_each_serves(hall, day) * sum(1 for window in hall.windows if window.lines))


def _each_serves(hall: Hall, day: date) -> float:
    open_ms = sum(end - start for start, end in spans_ms(hall, day))
    return open_ms * _LOAD / (hall.calling.service_min * 60_000 + _BESIDE_MS)


def crowd(hall: Hall, plan: Plan, windows: Sequence[Window]) -> list[Visitor]:
    """Who comes, in the order of coming: to each line as many as its ``windows`` can about serve."""
    rng = Random(plan.seed)  # noqa: S311 - a day is drawn, not a secret
    means_ms = {line.code: hall.calling.service_min * 60_000 * rng.uniform(0.7, 1.3) for line in hall.lines}
    shares = dict.fromkeys(means_ms, 0.0)
    for window in windows:
        for line in window.lines:
            shares[line] += rng.uniform(0.9, 1.1) / len(window.lines) / (means_ms[line] + _BESIDE_MS)
    lines = rng.choices([*shares], [*shares.values()], k=plan.visitors) if any(shares.values()) else []
    instants = sorted(_instant(hall, plan.day, rng) for _line in lines)
    return [
        _visitor(hall, at_ms, line, means_ms[line], rng) for at_ms, line in zip(instants, lines, strict=True)
    ]


def _visitor(hall: Hall, at_ms: int, line: str, mean_ms: float, rng: Random) -> Visitor:
    matters = [matter.code for matter in hall.matters if matter.line == line]
    classes = [priority.code for priority in hall.calling.priorities]
    return Visitor(
        at_ms=at_ms,
        line=line,
        matter=rng.choice(matters) if matters and rng.random() < _WITH_MATTER else None,
        priority=rng.choice(classes) if classes and rng.random() < _WITH_PRIORITY else order.NORMAL.code,
        service_ms=max(_SHORTEST_MS, round(exp(rng.gauss(log(mean_ms) - _SPREAD**2 / 2, _SPREAD)))),
        turn=_turn(rng),
    )


def _turn(rng: Random) -> str:
    drawn = rng.random()
    for turn, share in _TURNS:
        drawn -= share
        if drawn < 0:
            return turn
    return ""


def _instant(hall: Hall, day: date, rng: Random) -> int:
    # Drawn under the curve by rejection, then laid into the opening spans one after the other.
    while True:
        at = rng.random()
        if rng.random() * _PEAK < _rush(at):
            break
    spans = spans_ms(hall, day)
    rest_ms = at * sum(end - start for start, end in spans)
    for start, end in spans:
        if rest_ms < end - start:
            return round(start + rest_ms)
        rest_ms -= end - start
    return spans[-1][1] - 1


def _rush(at: float) -> float:
    place = bisect_right([start for start, _height in _RUSH], at) - 1
    (start, low), (end, high) = _RUSH[place : place + 2]
    return low + (high - low) * (at - start) / (end - start)
