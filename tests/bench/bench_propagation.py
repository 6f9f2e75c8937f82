"""From a commit on one terminal until fifty others know of it, on SQLite.

Each of the fifty is a process with the real listener, which takes from each word whether anything has
changed, as a terminal's link does. That is measured once more with all of them reading the floor thereafter:
whoever is told last then waits for those before. The reference is as many bare datagram sockets in the same
place that only note the instant at which they were told, while the same clerks come and go.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench.crowd import PACE_S, Crowd, Hall, Serve, after, listener
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, p99, report
from jiaohao.store import feed

LIMIT_MS = 10.0
IDLE_LIMIT = 1.0
WINDOWS = 16


def bare_listener(hall: Hall, serve: Serve) -> list[float]:
    """The instants at which a socket was told."""
    place = feed.folder(Path(hall.url.removeprefix("sqlite:///")))
    place.mkdir(exist_ok=True)
    path = place / str(os.getpid())
    told_s: list[float] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox:
        mailbox.bind(str(path))

        def follow() -> None:
            while True:
                mailbox.recv(1)
                told_s.append(now_s())

        threading.Thread(target=follow, daemon=True).start()
        serve()
        path.unlink()
        with contextlib.suppress(OSError):  # until the last has left
            place.rmdir()
        return list(told_s)


@dataclass(frozen=True, slots=True)
class Plan:
    """One round: how many listen to how many changes, how far apart, after how much quiet."""

    listeners: int = 50
    changes: int = 16
    pace_s: float = PACE_S
    idle_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a round has shown: milliseconds of all, words missed, the most that one takes while idle."""

    times_ms: list[float]
    missed: int
    idle: float


def heard(work: Callable[[Hall, Serve], list[float]], plan: Plan) -> Heard:
    """One round."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        hall = Hall(f"sqlite:///{folder}/hall.db", WINDOWS)
        crowd = Crowd([partial(work, hall)] * plan.listeners, at_once=plan.listeners)
        idle = max(crowd.idle(plan.idle_s))
        made_s = hall.come_and_go(hall.windows[: plan.changes // 2], plan.pace_s)
        times = [time_ms for noted_s in crowd.end() for time_ms in after(made_s, noted_s)]
    known = [time_ms for time_ms in times if time_ms is not None]
    return Heard(known, len(times) - len(known), idle)


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    plan, rounds = (Plan(3, 4, 0.1, 0.1), 1) if asked.small else (Plan(), ROUNDS)
    found = in_turn(
        lambda: (heard(listener, plan), heard(partial(listener, reads=True), plan)),
        lambda: (heard(bare_listener, plan),) * 2,
        rounds,
    )
    figures = {
        "p50, ms": middle(found, lambda ours, _bare: median(ours[0].times_ms)),
        "p99, ms": middle(found, lambda ours, _bare: p99(ours[0].times_ms)),
        "p50 when all read the floor, ms": middle(found, lambda ours, _bare: median(ours[1].times_ms)),
        "p99 when all read the floor, ms": middle(found, lambda ours, _bare: p99(ours[1].times_ms)),
        "bare listeners' p50, ms": middle(found, lambda _ours, bare: median(bare[0].times_ms)),
        "bare listeners' p99, ms": middle(found, lambda _ours, bare: p99(bare[0].times_ms)),
        "p99, times the bare listeners'": middle(
            found, lambda ours, bare: p99(ours[0].times_ms) / p99(bare[0].times_ms)
        ),
        "missed": sum(one.missed for ours, _bare in found for one in ours),
        "most of a core when idle, %": middle(found, lambda ours, _bare: ours[0].idle),
    }
    limits = {"p99, ms": LIMIT_MS, "most of a core when idle, %": IDLE_LIMIT}
    if not asked.small:  # where a busy machine may well make two words one
        limits["missed"] = 0
    what = f"commit -> known on {plan.listeners} others, SQLite: {plan.changes * rounds} changes"
    return report("propagation", [Row(what, figures, limits)], asked)


if __name__ == "__main__":
    sys.exit(main(options()))
