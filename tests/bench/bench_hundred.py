"""A hundred processes at one SQLite file: how long one waits at an ordinary pace, and how fair it is at none.

First all together offer 200 operations a second, each at its own moments; the time runs from the moment at
which an operation was due. Then each goes on as fast as it can, and what they get is compared: Jain's index
is 1 when all get the same and 0.01 when one gets everything. The reference is the same hall in which who
finds another writing waits as SQLite has it, which tries again now and then, without a queue.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

from bench.crowd import Crowd, Serve
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, p99, report
from bench.visits import Operation, laid, reopened, visit
from jiaohao.store.errors import Fault
from jiaohao.store.sqlite import SqliteStore
from terminal import audit

P99_LIMIT_MS = 15.0
LEAST_FAIR = 0.95
LONGEST_LIMIT_MS = 1000.0
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How many processes, how many operations a second of all; for how long the parts and the pause last."""

    processes: int = 100
    offered: float = 200.0
    paced_s: float = 8.0
    pause_s: float = 1.0
    fast_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Done:
    """What one process did: milliseconds of each operation at the pace and at none, and how many failed."""

    paced_ms: list[float]
    fast_ms: list[float]
    faults: int


def clerk(path: Path, number: int, plan: Plan, serve: Serve, *, fair: bool) -> Done:
    """One process at its own window."""
    if not fair:
        SqliteStore.turn = lambda _store: contextlib.nullcontext()  # type: ignore[method-assign]
    site = reopened(path)
    for _name, work in visit(site, str(number)):
        work()
    serve()
    done = Done([], [], 0)
    begin_s = now_s()
    operations = cycle(visit(site, str(number)))
    faults = 0
    for due_s in moments(number, plan):
        time.sleep(max(0.0, begin_s + due_s - now_s()))
        faults += at_last(next(operations), begin_s + due_s, done.paced_ms)
    # Whoever is at a visitor goes on with it.
    time.sleep(max(0.0, begin_s + plan.paced_s + plan.pause_s - now_s()))
    end_s = now_s() + plan.fast_s
    while (at_s := now_s()) < end_s:
        faults += at_last(next(operations), at_s, done.fast_ms)
    site.store.close()
    return replace(done, faults=faults)


def moments(number: int, plan: Plan) -> Iterator[float]:
    """When a process is due to do something, in seconds from the beginning."""
    dice = Random(number)  # noqa: S311 - dice, not secrets
    each_s = plan.processes / plan.offered
    for place in range(int(plan.paced_s / each_s)):
        yield (place + dice.random()) * each_s


def at_last(operation: Operation, due_s: float, took_ms: list[float]) -> int:
    """Do it, again if it fails; how often it failed."""
    faults = 0
    while True:
        try:
            operation[1]()
        except Fault:
            faults += 1
        else:
            took_ms.append((now_s() - due_s) * 1000)
            return faults


def jain(counts: Sequence[int]) -> float:
    """How evenly shared: from 1 / n to 1."""
    return sum(counts) ** 2 / (len(counts) * sum(count * count for count in counts))


@dataclass(frozen=True, slots=True)
class Round:
    """What a round has shown."""

    p99_ms: float
    fair: float
    longest_ms: float
    faults: int
    a_second: float


def crowded(plan: Plan, *, fair: bool) -> Round:
    """One round; afterwards no number is there twice, and none is left out."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        laid(f"sqlite:///{folder}/hall.db", plan.processes).store.close()
        path = Path(folder, "hall.db")
        works = [partial(clerk, path, number, plan, fair=fair) for number in range(1, plan.processes + 1)]
        found: list[Done] = Crowd(works, at_once=AT_ONCE).end()
        site = reopened(path)
        audit(site)
        site.store.close()
    fast_ms = [time_ms for one in found for time_ms in one.fast_ms]
    return Round(
        p99([time_ms for one in found for time_ms in one.paced_ms]),
        jain([len(one.fast_ms) for one in found]),
        max(fast_ms),
        sum(one.faults for one in found),
        len(fast_ms) / plan.fast_s,
    )


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    plan, rounds = (Plan(4, 40.0, 0.5, 0.1, 0.2), 1) if asked.small else (Plan(), ROUNDS)
    found = in_turn(partial(crowded, plan, fair=True), partial(crowded, plan, fair=False), rounds)
    figures = {
        "p99 at the pace, ms": middle(found, lambda ours, _bare: ours.p99_ms),
        "Jain's index": middle(found, lambda ours, _bare: ours.fair),
        "longest wait, ms": middle(found, lambda ours, _bare: ours.longest_ms),
        "operations a second": middle(found, lambda ours, _bare: ours.a_second),
        "failed": sum(ours.faults for ours, _bare in found),
        "without a queue: p99 at the pace, ms": middle(found, lambda _ours, bare: bare.p99_ms),
        "without a queue: Jain's index": middle(found, lambda _ours, bare: bare.fair),
        "without a queue: longest wait, ms": middle(found, lambda _ours, bare: bare.longest_ms),
        "without a queue: operations a second": middle(found, lambda _ours, bare: bare.a_second),
    }
    limits = {"p99 at the pace, ms": P99_LIMIT_MS, "longest wait, ms": LONGEST_LIMIT_MS, "failed": 0}
    what = f"{plan.processes} processes on SQLite: {plan.offered:g} operations a second, then all they can"
    return report("hundred", [Row(what, figures, limits, {"Jain's index": LEAST_FAIR})], asked)


if __name__ == "__main__":
    sys.exit(main(options()))
