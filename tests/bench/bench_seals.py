"""What sealing the journal costs: the same operations with and without it, in turn.

On SQLite one process issues, calls, starts and finishes; on PostgreSQL eight do at once, each at its own
window. A hall without seals is the same one with the sealing taken out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial

from bench.crowd import Crowd, Serve
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, report
from bench.postgres import server
from jiaohao.queue import calling, issuing, sealing, seating
from jiaohao.queue.clock import ShiftedClock
from jiaohao.queue.site import Site
from jiaohao.store import seals
from jiaohao.store.opening import open_store
from small_hall import MORNING, open_site
from terminal import clerk_of, wide_hall

LIMIT = 1.3
CLIENTS = 8


def laid(url: str, windows: int, *, sealed: bool) -> None:
    """A hall whose windows are manned; without its sealing unless it is ``sealed``."""
    site, _clock = open_site(url, wide_hall(windows))
    for number in range(1, windows + 1):
        seating.sit(site, str(number), clerk_of(str(number)))
    if not sealed and site.store.dialect == "postgres":
        site.store.transact(lambda tx: tx.run("ALTER TABLE journal DISABLE TRIGGER journal_sealed"))
    site.store.close()


def rounds_at(site: Site, window: str, count: int) -> float:
    """So many visitors from the number to the end; seconds for all."""
    begin_s = now_s()
    for _visitor in range(count):
        issuing.issue(site, "A")
        for work in (calling.call, calling.start, calling.finish):
            work(site, window)
    return now_s() - begin_s


def on_sqlite(count: int, *, sealed: bool) -> float:
    """Microseconds an operation of one process takes."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        url = f"sqlite:///{folder}/hall.db"
        statement = seals.SEAL_NEW
        seals.SEAL_NEW = statement if sealed else "SELECT 1"
        try:
            laid(url, 1, sealed=sealed)
            site = Site(open_store(url, "qh"), ShiftedClock(MORNING))
            rounds_at(site, "1", 5)
            took_s = rounds_at(site, "1", count)
            site.store.close()
        finally:
            seals.SEAL_NEW = statement
        return took_s * 1e6 / (count * 4)


def clerk(url: str, window: str, count: int, serve: Serve) -> tuple[float, float]:
    """One of the eight, once all are ready: when it began and when it was done."""
    site = Site(open_store(url, "qh"), ShiftedClock(MORNING))
    rounds_at(site, window, 2)
    serve()
    begin_s = now_s()
    rounds_at(site, window, count)
    site.store.close()
    return begin_s, now_s()


def on_postgres(new_url: Callable[[], str], count: int, *, sealed: bool) -> float:
    """Microseconds an operation takes while eight work at once: the time of all by the operations of all."""
    url = new_url()
    laid(url, CLIENTS, sealed=sealed)
    works = [partial(clerk, url, str(number), count) for number in range(1, CLIENTS + 1)]
    times = Crowd(works, at_once=CLIENTS).end()
    took_s = max(end for _begin, end in times) - min(begin for begin, _end in times)
    if sealed:
        store = open_store(url, "qh")
        if sealing.verify(Site(store)).count:
            raise AssertionError("the chain is not whole")
        store.close()
    return took_s * 1e6 / (count * 4 * CLIENTS)


def row(what: str, found: list[tuple[float, float]]) -> Row:
    """The figures of one store."""
    name = "times the same without"
    figures = {
        "sealed, µs an operation": middle(found, lambda ours, _bare: ours),
        "without, µs an operation": middle(found, lambda _ours, bare: bare),
        name: middle(found, lambda ours, bare: ours / bare),
    }
    return Row(what, figures, {name: LIMIT})


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when the limit is broken."""
    alone, together, rounds = (10, 3, 1) if asked.small else (500, 60, ROUNDS)
    sqlite = in_turn(partial(on_sqlite, alone, sealed=True), partial(on_sqlite, alone, sealed=False), rounds)
    with server() as new_url:
        postgres = in_turn(
            partial(on_postgres, new_url, together, sealed=True),
            partial(on_postgres, new_url, together, sealed=False),
            rounds,
        )
    rows = [
        row("issue, call, start, finish, one process on SQLite", sqlite),
        row(f"the same, {CLIENTS} clients at once on PostgreSQL", postgres),
    ]
    return report("seals", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
