"""From a commit until three hundred terminals know of it and have read the floor, on PostgreSQL.

Each is a process with connections of its own. Measured are listeners that take from each word whether
anything has changed, as a terminal's link does, against as many bare connections that only note the instant
at which they were told; then whole links, as desks, walls and signs have them, all reading the floor at each
change: whoever is told last then waits for those before. Server and terminals share one machine.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import psycopg

from bench.crowd import Crowd, Hall, Serve, after, listener
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, p99, report
from bench.postgres import server
from jiaohao.queue.reading import read_floor
from jiaohao.queue.registers import read_ledger
from jiaohao.store.base import Listener, Word
from jiaohao.tui.link import FloorChanged, Link
from terminal import clerk_of

LIMIT = 2.0
WINDOWS = 150
WAITING = 100
EACH = 3
"""A desk has a connection that listens, one that reads, and for a moment one for what its keys do."""
SPARE = 20
AT_ONCE = 20
WARM = 6
"""The driver prepares a statement when it has run it so often: a terminal of an hour ago has all of them."""
_TEN = ("wall", "sign", *("desk",) * 8)
"""What ten terminals are."""


class Noted(NamedTuple):
    """The instants at which a terminal had heard of something new, and had read it; None: it reads later."""

    known_s: list[float]
    read_s: list[float] | None


def bare_listener(hall: Hall, serve: Serve) -> list[float]:
    """The instants at which a connection was told."""
    told_s: list[float] = []
    with psycopg.connect(hall.url, autocommit=True) as connection:
        connection.execute(f'LISTEN "jiaohao_{hall.hall.code}"')
        is_over = threading.Event()

        def follow() -> None:
            while not is_over.is_set():
                told_s.extend(now_s() for _note in connection.notifies(timeout=1.0, stop_after=1))

        thread = threading.Thread(target=follow)
        thread.start()
        serve()
        is_over.set()
        thread.join()
    return told_s


@dataclass
class Screen:
    """Stands for the app of a link: what comes of a change is noted, not shown."""

    known_s: list[float] = field(default_factory=list)
    read_s: list[float] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    newest: int = -1

    def post_message(self, message: object) -> None:
        """Take what the link says; a floor that was read again for the clock's sake is no news."""
        if isinstance(message, FloorChanged) and message.floor.pulse.journal_id > self.newest:
            self.newest = message.floor.pulse.journal_id
            self.read_s.append(now_s())


class NotedListener(Listener):
    """Notes when the real one has heard of something."""

    def __init__(self, ear: Listener, screen: Screen) -> None:
        self._ear, self._screen = ear, screen

    def wait(self, timeout_s: float) -> Word | None:
        """See Listener."""
        self._screen.ready.set()
        word = self._ear.wait(timeout_s)
        if word is not None and word.journal_id > self._screen.newest:
            self._screen.known_s.append(now_s())
        return word

    def close(self) -> None:
        """See Listener."""
        self._ear.close()


def terminal(hall: Hall, place: int, serve: Serve) -> Noted:
    """The link of a terminal."""
    kind = _TEN[place % len(_TEN)]
    window = hall.windows[-1 - place % (len(hall.windows) // 2)]  # not one of those who come and go
    site, screen = hall.site(read_only=kind != "desk"), Screen()
    forecast = None
    for _time in range(WARM):
        _floor, forecast = read_floor(site, forecast)
        if kind == "desk":
            read_ledger(site)
    listen = site.store.listen
    site.store.listen = lambda: NotedListener(listen(), screen)
    app: Any = screen
    link = Link(app, site, read_only=kind != "desk", only_at=window if kind == "sign" else None)
    if kind == "desk":
        link.seat = (window, clerk_of(window))
    link.start()
    screen.ready.wait()
    serve()
    link.stop()
    return Noted(screen.known_s, None if kind == "sign" else screen.read_s)


@dataclass(frozen=True, slots=True)
class Plan:
    """One round: how many changes, how far apart; the same when all read the floor; how many do not count."""

    changes: int = 10
    pace_s: float = 0.5
    read_changes: int = 18
    read_pace_s: float = 3.0
    first: int = 2
    """What a process has of its own is copied by then; on both sides the first change takes longest."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds from each change to each terminal; how often one had heard of the next before."""

    times_ms: list[float]
    missed: int

    @classmethod
    def of(cls, made_s: Sequence[float], noted: Sequence[Sequence[float]], first: int) -> Times:
        """Those of all terminals, but for the ``first`` changes."""
        times = [time_ms for noted_s in noted for time_ms in after(made_s, noted_s)[first:]]
        known = [time_ms for time_ms in times if time_ms is not None]
        return cls(known, len(times) - len(known))


def crowded(hall: Hall, works: Sequence[Callable[[Serve], Any]], changes: int, pace_s: float) -> Any:
    """What each has noted of one round, after the instants of the changes."""
    crowd = Crowd(works, at_once=min(AT_ONCE, len(works)))
    return hall.come_and_go(hall.windows[: changes // 2], pace_s), crowd.end()


def told(hall: Hall, work: Callable[[Hall, Serve], list[float]], count: int, plan: Plan) -> Times:
    """One round of listeners."""
    made_s, noted = crowded(hall, [partial(work, hall)] * count, plan.changes, plan.pace_s)
    return Times.of(made_s, noted, plan.first)


def read(hall: Hall, count: int, plan: Plan) -> tuple[Times, Times]:
    """One round of links: when they knew, and when they had read the floor."""
    works = [partial(terminal, hall, place) for place in range(count)]
    made_s, noted = crowded(hall, works, plan.read_changes, plan.read_pace_s)
    known = Times.of(made_s, [one.known_s for one in noted], plan.first)
    return known, Times.of(made_s, [one.read_s for one in noted if one.read_s is not None], plan.first)


def known_row(found: Sequence[tuple[Times, Times]], count: int, asked: Options) -> Row:
    """Listeners against bare ones."""
    ratio = "p99, times the bare listeners'"
    figures = {
        "p50, ms": middle(found, lambda ours, _bare: median(ours.times_ms)),
        "p99, ms": middle(found, lambda ours, _bare: p99(ours.times_ms)),
        "bare listeners' p50, ms": middle(found, lambda _ours, bare: median(bare.times_ms)),
        "bare listeners' p99, ms": middle(found, lambda _ours, bare: p99(bare.times_ms)),
        ratio: middle(found, lambda ours, bare: p99(ours.times_ms) / p99(bare.times_ms)),
        "missed": sum(ours.missed for ours, _bare in found),
    }
    limits = {ratio: LIMIT, **({} if asked.small else {"missed": 0})}
    return Row(f"commit -> known on {count} others, PostgreSQL", figures, limits)


def read_row(known: Times, floor: Times, count: int) -> Row:
    """Whole links, of which nothing has a limit: server and terminals share the cores."""
    figures = {
        "known, p50, ms": median(known.times_ms),
        "known, p99, ms": p99(known.times_ms),
        "floor read, p50, ms": median(floor.times_ms),
        "floor read, p99, ms": p99(floor.times_ms),
        "read with the next change": floor.missed,
    }
    return Row(f"commit -> floor read by {count} terminals, PostgreSQL", figures, {})


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    counts, plan, rounds, windows = (1, 10, 50, 150, 300), Plan(), ROUNDS, WINDOWS
    if asked.small:
        counts, plan, rounds, windows = (3,), Plan(4, 0.1, 4, 0.1), 1, 4
    most = counts[-1]
    with server(None if asked.small else most * EACH + SPARE) as new_url:
        hall = Hall(new_url(), windows, 0 if asked.small else WAITING)
        found = in_turn(
            lambda: told(hall, listener, most, plan), lambda: told(hall, bare_listener, most, plan), rounds
        )
        links = [read(hall, count, plan) for count in counts]
    rows = [read_row(*times, count) for times, count in zip(links, counts, strict=True)]
    return report("terminals", [known_row(found, most, asked), *rows], asked)


if __name__ == "__main__":
    sys.exit(main(options()))
