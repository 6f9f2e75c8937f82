"""Playing a whole day, and what came of it: the waits, and how near the estimates were."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable

from jiaohao.queue.clock import ManualClock
from jiaohao.queue.estimates import errors, share
from jiaohao.queue.simulated_crowd import Plan
from jiaohao.queue.simulated_day import SimulatedDay, Visit
from jiaohao.queue.site import Site
from jiaohao.store.frozen import frozen


@frozen
class Waits:
    """How long so many waited from issue to their first call, in seconds; None of none."""

    called: int
    median_s: int | None
    p90_s: int | None
    longest_s: int | None


@frozen
class Report:
    """What came of a day. Errors of the estimates are relative to the wait that followed: 0.2 is a fifth."""

    plan: Plan
    windows: int
    issued: int
    served: int
    missed: int
    cancelled: int
    unserved: int
    waits: Waits
    lines: dict[str, Waits]
    classes: dict[str, Waits]
    estimates: int
    error_median: float | None
    error_p90: float | None
    bias_s: int | None
    """The median of what followed less what was told, in seconds: above zero, waits were told too short."""


def simulate(
    site: Site,
    clock: ManualClock,
    plan: Plan,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Play the plan's day on an empty ``site`` that goes by ``clock``, from its first event to its closing.

    ``progress`` is told how many visitors have come, and of how many. Raises Refusal hall_closed on a day
    on which the hall does not work.
    """
    day = SimulatedDay(site, plan)
    while (next_ms := day.next_ms) is not None:
        clock.set_ms(max(next_ms, clock.now_ms()))
        day.step()
        progress(len(day.visits), plan.visitors)
    return report(plan, day)


def report(plan: Plan, day: SimulatedDay) -> Report:
    """What came of a day that has been played to its end."""
    visits = list(day.visits.values())
    shares = sorted(
        share(visit.estimate_s, wait_s)
        for visit in visits
        if visit.estimate_s is not None and (wait_s := _wait_s(visit)) is not None
    )
    told = errors(
        (visit.estimate_s, round(wait_s)) for visit in visits if (wait_s := _wait_s(visit)) is not None
    )
    figures = day.figures
    closed = figures["served"] + figures["missed"] + figures["unserved"]
    return Report(
        plan=plan,
        windows=len(day.windows),
        issued=len(visits),
        served=figures["served"],
        missed=figures["missed"],
        cancelled=len(visits) - closed,
        unserved=figures["unserved"],
        waits=_waits(visits),
        lines=_by((visit.ticket.line, visit) for visit in visits),
        classes=_by((visit.ticket.priority, visit) for visit in visits),
        estimates=told.count,
        error_median=told.median_share,
        error_p90=round(_p90(shares), 3) if shares else None,
        bias_s=told.bias_s,
    )


def _wait_s(visit: Visit) -> float | None:
    return None if visit.called_ms is None else (visit.called_ms - visit.ticket.issued_ms) / 1000


def _by(keyed: Iterable[tuple[str, Visit]]) -> dict[str, Waits]:
    groups: dict[str, list[Visit]] = defaultdict(list)
    for key, visit in keyed:
        groups[key].append(visit)
    return {key: _waits(groups[key]) for key in sorted(groups)}


def _waits(visits: Iterable[Visit]) -> Waits:
    waits = sorted(wait_s for visit in visits if (wait_s := _wait_s(visit)) is not None)
    if not waits:
        return Waits(0, None, None, None)
    return Waits(len(waits), round(statistics.median(waits)), round(_p90(waits)), round(waits[-1]))


def _p90(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)]


__all__ = ["Plan", "Report", "Waits", "report", "simulate"]
