"""Many processes at one hall that note when they have heard or shown something, and clerks who come and go.

Each process is forked from this one, once everything is loaded: fifty that load the program for themselves
would take 2 cores half a minute, in each round and for the reference once more. What they do then is their
own: store, connection, sockets, screen.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from bench.measuring import now_s
from jiaohao.queue import issuing, leaving, seating
from jiaohao.queue.clock import ShiftedClock
from jiaohao.queue.floor import Floor
from jiaohao.queue.reading import has_changed, read_floor
from jiaohao.queue.setup import describe
from jiaohao.queue.site import Site
from jiaohao.store.base import Tx, Word
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store, upgrade
from small_hall import MORNING
from terminal import clerk_of, wide_hall

T = TypeVar("T")
Serve = Callable[[], None]
"""Says that all is ready, and returns when the round is over."""

PACE_S = 0.5
SETTLE = 2
"""So many paces are waited after the start of all, and after the last change."""
LOST_S = 300.0
"""A process ends by itself when nothing was asked of it for so long: whoever started it is gone."""
_fork = multiprocessing.get_context("fork")


class Hall:
    """A hall of so many windows, all manned but for whoever gets up; its clock runs."""

    def __init__(self, url: str, windows: int, waiting: int = 0) -> None:
        """Lay it into a new database, with so many people who wait."""
        self.url = url
        self.hall = wide_hall(windows)
        self.windows = [window.code for window in self.hall.windows]
        self.clock = ShiftedClock(MORNING)
        store = open_store(self.url, self.hall.code, create=True)
        upgrade(store)
        describe(store, self.hall, self.clock)
        self._site = Site(store, self.clock)
        for code in self.windows:
            seating.sit(self._site, code, clerk_of(code))
        for place in range(waiting):
            issuing.issue(self._site, "ABC"[place % 3])
        # No connection may be open at a fork: both would speak on it, and SQLite's locks the child has not.
        store.close()

    def site(self, *, read_only: bool = False) -> Site:
        """The hall as a process of its own opens it."""
        return Site(open_store(self.url, self.hall.code, read_only=read_only), self.clock)

    def come_and_go(self, windows: Sequence[str], pace_s: float = PACE_S) -> list[float]:
        """At one window after the other its clerk leaves and sits down again; the instants of the changes.

        The instant is that before the commit, so that the time to write it down for good counts too.
        """
        store, commits = self._site.store, []
        transact = store.transact

        def noting(work: Callable[[Tx], T], **how: bool) -> T:
            def done(tx: Tx) -> T:
                result = work(tx)
                commits.append(now_s())
                return result

            return transact(done, **how)

        store.transact = noting
        begin_s = now_s()
        changes = []
        for place, code in enumerate(code for window in windows for code in (window, window)):
            time.sleep(max(0.0, begin_s + place * pace_s - now_s()))
            commits.clear()
            if place % 2:
                seating.sit(self._site, code, clerk_of(code))
            else:
                leaving.leave(self._site, code)
            changes.append(commits[0])
        store.transact = transact
        time.sleep(SETTLE * pace_s)
        store.close()
        return changes


class Crowd:
    """So many processes, each doing its work."""

    def __init__(self, works: Sequence[Callable[[Serve], Any]], at_once: int) -> None:
        """Start them, ``at_once`` at a time, and wait until all are ready."""
        self._members = []
        gc.freeze()  # as the program does when it opens a desk; and what is not looked through stays shared
        for place, work in enumerate(works):
            ours, theirs = _fork.Pipe()
            member = _fork.Process(target=_run, args=(work, theirs), daemon=True)
            member.start()
            theirs.close()
            self._members.append((member, ours))
            if place >= at_once:
                self._members[place - at_once][1].recv()
        for _member, pipe in self._members[-at_once:]:
            pipe.recv()

    def idle(self, seconds: float) -> list[float]:
        """How much of a core each takes while nothing happens, in percent."""
        before = self._ask()
        time.sleep(seconds)
        return [(after - cpu_s) * 100 / seconds for cpu_s, after in zip(before, self._ask(), strict=True)]

    def _ask(self) -> list[float]:
        for _member, pipe in self._members:
            pipe.send("cpu")
        return [pipe.recv() for _member, pipe in self._members]

    def end(self) -> list[Any]:
        """End all; what each has noted."""
        for _member, pipe in self._members:
            pipe.send("end")
        noted = [pipe.recv() for _member, pipe in self._members]
        for member, _pipe in self._members:
            member.join()
        return noted


def _run(work: Callable[[Serve], Any], pipe: Connection) -> None:
    def serve() -> None:
        pipe.send("ready")
        while pipe.poll(LOST_S) and pipe.recv() == "cpu":
            pipe.send(time.process_time())

    pipe.send(work(serve))


def listener(hall: Hall, serve: Serve, *, reads: bool = False) -> list[float]:
    """The instants at which a terminal knew of a change; whether it ``reads`` the floor then."""
    site = hall.site()
    ear = site.store.listen()
    known_s: list[float] = []
    has_begun = threading.Event()

    def follow() -> None:
        floor, forecast = read_floor(site)
        has_begun.set()
        # An ear that is closed while it listens ends in whatever way its driver has.
        with contextlib.suppress(Fault):
            while word := ear.wait(LOST_S):
                if has_changed(site, floor, word):
                    known_s.append(now_s())
                    floor = read_floor(site, forecast)[0] if reads else _seen(floor, word)
        site.store.close()

    thread = threading.Thread(target=follow)
    thread.start()
    has_begun.wait()
    serve()
    ear.close()
    thread.join()
    return known_s


def _seen(floor: Floor, word: Word) -> Floor:
    """A floor that stands for the change just heard of, without being read."""
    return replace(floor, pulse=replace(floor.pulse, journal_id=word.journal_id))


def after(changes: Sequence[float], noted_s: Sequence[float]) -> list[float | None]:
    """Milliseconds from each change until the first that was noted before the next one; None: missed."""
    ends = [*changes[1:], float("inf")]
    return [
        next(((at_s - begin) * 1000 for at_s in noted_s if begin <= at_s < end), None)
        for begin, end in zip(changes, ends, strict=True)
    ]
