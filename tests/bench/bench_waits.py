"""How near the expected waits are: to queueing theory in closed form, and to the waits of simulated days."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from math import nan
from pathlib import Path

from bench.measuring import Options, Row, options, report
from jiaohao.queue.simulation import Plan
from jiaohao.store.values import Priority
from mmc import NORMAL, URGENT, Arrival, Interval, Queue, class_wait_s, replicate, wait_behind_s
from test_simulation import DAY, county_hall, play

QUEUES = (
    (Queue(1, 0.7), NORMAL),
    (Queue(3, 2.5), NORMAL),
    (Queue(8, 7.2), NORMAL),
    (Queue(1, 0.7, urgent=0.3), URGENT),
    (Queue(1, 0.7, urgent=0.3), NORMAL),
    (Queue(3, 2.5, urgent=0.25), URGENT),
    (Queue(3, 2.5, urgent=0.25), NORMAL),
)
EVERY = 50
OFF, MEDIAN = "off, half-widths of the 95 % interval", "median error, share of the wait"
DAY_LIMIT = 0.2
SEEDS = range(1, 6)


def _what(queue: Queue, priority: Priority) -> str:
    load = f"M/M/{queue.windows} at {queue.load / queue.windows:.0%}"
    return f"{load}, {queue.urgent:.0%} always first: {priority.code}" if queue.urgent else load


def _row(what: str, told: Interval, theory_s: float) -> Row:
    figures = {
        "told, s": told.mean,
        "theory, s": theory_s,
        "half-width, s": told.half_width,
        OFF: abs(told.mean - theory_s) / told.half_width,
    }
    return Row(what, figures, {OFF: 1.0})


def theory(looks: int) -> Iterator[Row]:
    """The mean wait told to each class; and what is left of it once the services before it are taken away."""
    for queue, priority in QUEUES:

        def is_of(arrival: Arrival, of: Priority = priority) -> bool:
            return arrival.priority is of

        told = replicate(queue, looks, EVERY, of=is_of)
        yield _row(f"{_what(queue, priority)}, mean wait", told, class_wait_s(queue, priority))
        if queue.urgent and priority is NORMAL:
            continue  # who can be overtaken waits for more than those before

        def must_wait(arrival: Arrival, of: Priority = priority, windows: int = queue.windows) -> bool:
            return arrival.priority is of and arrival.present >= windows

        def behind_s(arrival: Arrival, queue: Queue = queue) -> float:
            return wait_behind_s(queue, arrival)

        left = replicate(queue, looks, EVERY, of=must_wait, less=behind_s)
        yield _row(f"{_what(queue, priority)}, less the services before it", left, 0.0)


def days(visitors: int, seeds: range) -> Iterator[Row]:
    """What was told at issue against what followed, on days with pauses, meals and clerks called away."""
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
            site, came = play(Path(folder), Plan(visitors, None, seed, DAY), county_hall())
            site.store.close()
        figures = {
            MEDIAN: nan if came.error_median is None else came.error_median,
            "of nine of ten, share of the wait": came.error_p90 or 0.0,
            "followed less told, median, s": float(came.bias_s or 0),
            "median wait, s": float(came.waits.median_s or 0),
        }
        yield Row(f"a simulated day, {came.estimates} estimates, seed {seed}", figures, {MEDIAN: DAY_LIMIT})


def main(asked: Options) -> int:
    """Compare and report. Gives 1 when a mean is out of its interval or a day's error too large."""
    looks, visitors, seeds = (2, 60, range(1, 2)) if asked.small else (400, 600, SEEDS)
    return report("waits", [*theory(looks), *days(visitors, seeds)], asked)


if __name__ == "__main__":
    sys.exit(main(options()))
