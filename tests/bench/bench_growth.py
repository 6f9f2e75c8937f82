"""How cost grows: with the tickets of past years, with who waits elsewhere, with windows, with matters.

A hall of ten million tickets is compared with itself at one thousand: both are called in and looked at in
turn. Of what grows without a limit only the figures are shown.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import apsw

from bench.bench_search import SAID, large_hall
from bench.measuring import ROUNDS, Options, Row, options, p95, report
from bench.visits import Operation, laid, man, reopened, side_by_side, took_us, visit
from jiaohao.queue import calling, issuing, seating
from jiaohao.queue.reading import read_floor
from jiaohao.queue.site import Site
from small_hall import open_site, sqlite_site
from terminal import wide_hall

HISTORY = (10_000, 100_000, 1_000_000, 10_000_000)
FEW = 1000
HISTORY_LIMIT = 1.2
ELSEWHERE = 5000
ELSEWHERE_LIMIT = 1.5
WINDOWS = (10, 50, 150, 300)
MATTERS = (100, 2000, 20_000)
BODIES = 500
A_DAY = 2000
CHUNK = 500_000

# A ticket, its line in the journal and its call, as past days have left them.
_PAST = (
    "WITH RECURSIVE n(id) AS (SELECT :first UNION ALL SELECT id + 1 FROM n WHERE id < :last), past AS ("
    f"SELECT id, date('2026-11-23', '-' || ((:count - id) / {A_DAY}) || ' days') AS day, "
    "substr('ABC', id % 3 + 1, 1) AS line, "
    f"substr('ABC', id % 3 + 1, 1) || substr('000' || (id % {A_DAY}), -4) AS number, "
    "1795000000000 - (:count - id) * 14400 AS at_ms FROM n)"
)
_TICKETS = (
    "INSERT INTO tickets(id, service_day, number, line, queue, priority, state, window_code, place_ms, calls,"
    " requeues, issued_ms, occupied_ms, ended_ms, kind) "
    f"{_PAST} SELECT id, day, number, line, line, 'normal', 'finished', '1', at_ms, 1, 0, at_ms, 300000,"
    " at_ms + 900000, 'spot' FROM past"
)
_JOURNAL = (
    "INSERT INTO journal(op, at_ms, service_day, event, ticket, number, window_code, staff, from_state,"
    f" to_state, note) {_PAST} SELECT hex(randomblob(16)), at_ms, day, 'finished', id, number, '1',"
    " '5001', 'serving', 'finished', 'spot' FROM past"
)
_CALLS = (
    "INSERT INTO calls(service_day, ticket, number, window_code, at_ms, times) "
    f"{_PAST} SELECT day, id, number, '1', at_ms, 1 FROM past"
)
# What comes after is chained to the newest line; the chain before it is never looked at.
_SEAL = "INSERT INTO seals(position, journal_id, digest) SELECT max(id), max(id), zeroblob(32) FROM journal"


def with_past(folder: str, count: int) -> Site:
    """A hall whose windows are manned, and in which so many tickets were served on days before today."""
    path = Path(folder, f"{count}.db")
    site, _clock = open_site(f"sqlite:///{path}", wide_hall(1))
    site.store.close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = 0")
    connection.execute("PRAGMA cache_size = -1000000")
    for first in range(1, count + 1, CHUNK):
        with connection:
            for sql in (_TICKETS, _JOURNAL, _CALLS):
                last = min(first + CHUNK - 1, count)
                connection.execute(sql, {"first": first, "last": last, "count": count})
    connection.execute(_SEAL)
    connection.close()
    site = reopened(path)
    man(site)
    return site


def day(site: Site, count: int) -> list[Operation]:
    """So many visitors; between them the floor is read, as by a terminal that has its forecast."""
    _floor, forecast = read_floor(site)
    reading = ("floor", partial(read_floor, site, forecast))
    forecasting = ("forecast", partial(read_floor, site))
    return [*visit(site), reading, forecasting] * count


def of_history(sizes: Sequence[int], count: int, rounds: int) -> Iterator[Row]:
    """Each size against the hall of few tickets."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        few = with_past(folder, FEW)
        for size in sizes:
            many = with_past(folder, size)
            found = [side_by_side(day(many, count), day(few, count)) for _round in range(rounds)]
            many.store.close()
            figures, limits = {}, {}
            for name in ("issue", "call", "floor", "forecast"):
                times = f"{name}, times that of {FEW:,}"
                figures[f"{name}, µs"] = median(one[name][0] for one in found)
                figures[times] = median(one[name][0] / one[name][1] for one in found)
                limits[times] = HISTORY_LIMIT
            yield Row(f"{size:,} tickets of past days", figures, limits)
        few.store.close()


def of_others(waiting: int, count: int, rounds: int) -> Row:
    """A call while so many wait in another line, against one while nobody does."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        sites = []
        for name, others in (("many", waiting), ("none", 0)):
            site, _clock = open_site(f"sqlite:///{folder}/{name}.db")
            seating.sit(site, "1", "1001")
            for _visitor in range(others):
                issuing.issue(site, "B")
            sites.append(site)
        found = [
            side_by_side(visit(sites[0]) * count, visit(sites[1]) * count)["call"] for _round in range(rounds)
        ]
        for site in sites:
            site.store.close()
    times = "times that with nobody"
    figures = {
        "call, µs": median(many for many, _none in found),
        times: median(many / none for many, none in found),
    }
    return Row(f"call while {waiting:,} wait in another line", figures, {times: ELSEWHERE_LIMIT})


def busy(folder: str, windows: int, name: str) -> Site:
    """A hall of so many windows, half of them at work, with three people waiting for each."""
    site = laid(f"sqlite:///{folder}/{name}.db", windows)
    for place in range(3 * windows):
        issuing.issue(site, "ABC"[place % 3])
    for number in range(windows // 2 + 1, windows + 1):
        calling.call(site, str(number))
    return site


def of_windows(sizes: Sequence[int], count: int) -> Iterator[Row]:
    """Each size against the smallest hall."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        small = busy(folder, sizes[0], "small")
        for size in sizes:
            large = busy(folder, size, str(size))
            figures = {}
            for name, (took, least) in side_by_side(day(large, count), day(small, count)).items():
                if name in ("call", "floor", "forecast"):
                    figures[f"{name}, µs"] = took
                    figures[f"{name}, times that of {sizes[0]} windows"] = took / least
            large.store.close()
            yield Row(f"{size} windows", figures, {})
        small.store.close()


def of_matters(sizes: Sequence[int]) -> Row:
    """What a hall of so many matters costs to open, to make ready for searching, and to search."""
    figures: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
            site, _clock = sqlite_site(Path(folder), large_hall(size, BODIES))
            figures[f"opened, {size:,} matters, ms"] = took_us(site.reload) / 1000
            lookup = site.directory.lookup
            figures[f"made ready, {size:,} matters, ms"] = took_us(lookup.make_ready) / 1000
            texts = ["".join(said[: end + 1]) for said in SAID.split() for end in range(len(said))]
            found_ms = [took_us(partial(lookup.find, text)) / 1000 for text in texts]
            figures[f"found, {size:,} matters, p95, ms"] = p95(found_ms)
            site.store.close()
    return Row("matters, and 500 outside bodies", figures, {})


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    history, others, windows, matters, count, rounds = (HISTORY, ELSEWHERE, WINDOWS, MATTERS, 100, ROUNDS)
    if asked.small:
        history, others, windows, matters, count, rounds = ((2000,), 20, (2,), (10,), 5, 1)
    rows = [
        *of_history(history, count, rounds),
        of_others(others, count, rounds),
        *of_windows(windows, count),
        of_matters(matters),
    ]
    return report("growth", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
