"""A day on which every window is a process of its own on one database, each as fast as it can."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from typing import TYPE_CHECKING

from jiaohao.queue.clock import ShiftedClock
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store
from small_hall import MORNING
from terminal import JOBS, clerk_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_FORKS = multiprocessing.get_context("forkserver")
_STORM_EVERY = 5
"""Of so many clerks one presses any key at any of the windows around."""
_TELL_S = 600.0


def _work(url: str, window: str, rounds: int, ear: Connection) -> None:
    site = Site(open_store(url, "qh"), ShiftedClock(MORNING))
    answers = list(JOBS["one"](site, "sit", [window, clerk_of(window)]))
    ear.send(Counter())  # it sits, and waits for the others
    ear.recv()
    place = int(window)
    if place % _STORM_EVERY:
        answers += JOBS["day"](site, window, rounds)
    else:
        around = [str(number) for number in range(max(1, place - _STORM_EVERY), place + 1)]
        answers += JOBS["storm"](site, place, rounds, around)
    ear.send(
        Counter(
            f"fault {answer['fault']}: {answer['detail']}"
            if "fault" in answer
            else answer.get("did", "refused")
            for answer in answers
        )
    )


def crowded(url: str, processes: int, rounds: int) -> Counter[str]:
    """Let a process at each window of the wide hall do its rounds, all at once.

    Gives what was done how often; what failed stands there as ``fault`` and its code.
    """
    _FORKS.set_forkserver_preload(
        ["crowded_day", "jiaohao.store.sqlite", "jiaohao.store.postgres", "psycopg"]
    )
    started, ears = [], []
    for number in range(1, processes + 1):
        ear, theirs = _FORKS.Pipe()
        started.append(_FORKS.Process(target=_work, args=(url, str(number), rounds, theirs)))
        started[-1].start()
        theirs.close()
        ears.append(ear)
    for ear in ears:
        _heard(ear)
    for ear in ears:
        ear.send(None)
    told = [_heard(ear) for ear in ears]
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * processes
    return sum(told, Counter())


def _heard(ear: Connection) -> Counter[str]:
    assert ear.poll(_TELL_S), "a process has not answered"
    found: Counter[str] = ear.recv()
    return found
