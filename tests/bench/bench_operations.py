"""What the program adds to its own statements: ``issue`` and ``call`` on SQLite, and how many a second.

One process issues, calls, starts and finishes, and its statements are noted. The reference runs these very
statements, with the same values, through the raw driver on a copy of the same hall, as durable as the
program's. Then one process and eight, each at its own window, do the same as fast as they can.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import apsw

from bench.crowd import Crowd, Serve
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, report
from bench.visits import Operation, laid, reopened, side_by_side, visit
from jiaohao.queue import issuing
from jiaohao.queue.floor import read_floor
from jiaohao.queue.site import Site
from jiaohao.store import seals
from terminal import audit

LIMIT = 1.4
MOST_STATEMENTS = 6
LEAST_A_SECOND = 2000
TOGETHER = 8
LARGE = 150
"""Windows of the large hall whose statements are counted beside those of a small one."""

Statement = tuple[str, Any]


@dataclass
class Noted:
    """What an operation was called, its statements, and the seconds it took."""

    name: str
    statements: list[Statement]
    took_s: float


def noted(site: Site, operations: list[Operation]) -> list[Noted]:
    """Do them, and note their statements."""
    database, done = site.store.db, []
    execute = database.execute_sql

    def noting(sql: str, params: Any = None) -> Any:
        done[-1].statements.append((sql, params))
        return execute(sql, params)

    database.execute_sql = noting
    for name, work in operations:
        done.append(Noted(name, [], 0.0))
        work()
    database.execute_sql = execute
    return done


def replaying(path: Path, operations: list[Noted]) -> list[Operation]:
    """The same statements through the raw driver, a transaction for each operation."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = 2")
    connection.execute("PRAGMA foreign_keys = 1")
    connection.create_scalar_function("chained", seals.chained)

    def replay(statements: list[Statement]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for sql, params in statements:
            connection.execute(sql, params).fetchall()
        connection.execute("COMMIT")

    return [(one.name, partial(replay, one.statements)) for one in operations]


def copied(path: Path, name: str) -> Path:
    """The hall in ``path`` once more, as it is."""
    return Path(shutil.copyfile(path, path.with_name(name)))


def times(count: int) -> dict[str, tuple[float, float]]:
    """One round: microseconds that issue and call take, the program and its bare statements in turn."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        path = Path(folder, "hall.db")
        laid(f"sqlite:///{path}", 1).store.close()
        sites = [reopened(copied(path, name)) for name in ("noted.db", "timed.db")]
        replayed = replaying(copied(path, "replayed.db"), noted(sites[0], visit(sites[0]) * count))
        took = side_by_side(visit(sites[1]) * count, replayed)
        for site in sites:
            site.store.close()
    return took


def statements(windows: int) -> dict[str, float]:
    """How many statements issue, call and a reading of the floor take in a hall of so many windows."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        site = laid(f"sqlite:///{folder}/hall.db", windows)
        issuing.issue(site, "A")
        counted = noted(site, [*visit(site)[:2], ("floor", partial(read_floor, site))])
        site.store.close()
    return {one.name: len(one.statements) for one in counted}


def clerk(path: Path, window: str, count: int, serve: Serve) -> tuple[float, float]:
    """So many visitors at one window, once all are ready: when the first came and the last went."""
    site = reopened(path)
    for _name, work in visit(site, window) * 3:
        work()
    serve()
    begin_s = now_s()
    for _visitor in range(count):
        for _name, work in visit(site, window):
            work()
    site.store.close()
    return begin_s, now_s()


def a_second(windows: int, visitors: int) -> float:
    """Operations a second of as many processes as there are windows; no number twice, none left out."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        path = Path(folder, "hall.db")
        laid(f"sqlite:///{path}", windows).store.close()
        works = [partial(clerk, path, str(number), visitors // windows) for number in range(1, windows + 1)]
        spans = Crowd(works, at_once=windows).end()
        site = reopened(path)
        audit(site)
        site.store.close()
    return visitors * 4 / (max(end for _begin, end in spans) - min(begin for begin, _end in spans))


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    count, rounds = (10, 1) if asked.small else (400, ROUNDS)
    found = [times(count) for _round in range(rounds)]
    figures: dict[str, float] = {}
    for name in ("issue", "call"):
        figures[f"{name}, µs"] = median(one[name][0] for one in found)
        figures[f"{name}, its statements alone, µs"] = median(one[name][1] for one in found)
        figures[f"{name}, times its statements"] = median(one[name][0] / one[name][1] for one in found)
    limits = {name: LIMIT for name in figures if "times" in name}
    counts = {
        f"{name} in a hall of {windows} windows": number
        for windows in (1, 2 if asked.small else LARGE)
        for name, number in statements(windows).items()
    }
    visitors = 80 if asked.small else 1600
    speeds = in_turn(partial(a_second, TOGETHER, visitors), partial(a_second, 1, visitors), rounds)
    rates = {
        "one process": middle(speeds, lambda _eight, one: one),
        f"{TOGETHER} processes": middle(speeds, lambda eight, _one: eight),
    }
    rows = [
        Row("one process on SQLite, and its own statements through the raw driver", figures, limits),
        Row("statements", counts, dict.fromkeys(counts, MOST_STATEMENTS)),
        Row(
            "issue, call, start, finish: operations a second", rates, {}, dict.fromkeys(rates, LEAST_A_SECOND)
        ),
    ]
    return report("operations", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
