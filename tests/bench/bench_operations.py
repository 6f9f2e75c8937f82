"""What the program adds to its own statements: ``issue`` and ``call`` on SQLite, and how many a second.

One process issues, calls, starts and finishes, and its statements are noted. The reference runs these very
statements, with the same values, through the raw driver on a copy of the same hall, as durable as the
program's. Then one process and eight, each at its own window, do the same as fast as they can; beside the
eight as many processes replay theirs, in turns as fair.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from statistics import median

import apsw

from bench.crowd import Crowd, Serve
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, report
from bench.visits import Noted, Operation, Statement, a_second, laid, noted, reopened, side_by_side, visit
from jiaohao.queue import issuing
from jiaohao.queue.reading import read_floor
from jiaohao.store import seals
from jiaohao.store.sqlite import WAIT_S
from jiaohao.store.turns import Turn
from terminal import audit

LIMIT = 1.4
MOST_STATEMENTS = 6
LEAST_A_SECOND = 2000
TOGETHER = 8
LARGE = 150
"""Windows of the large hall whose statements are counted beside those of a small one."""


def raw(path: Path) -> apsw.Connection:
    """The hall through the raw driver, as durable as the program's."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = 2")
    connection.execute("PRAGMA foreign_keys = 1")
    connection.create_scalar_function("chained", seals.chained)
    return connection


def replaying(
    connection: apsw.Connection,
    operations: list[Noted],
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[Operation]:
    """The same statements, a transaction for each operation, each in its turn."""

    def replay(statements: list[Statement]) -> None:
        with turn():
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
        replayed = replaying(raw(copied(path, "replayed.db")), noted(visit(sites[0]) * count))
        took = side_by_side(visit(sites[1]) * count, replayed)
        for site in sites:
            site.store.close()
    return took


def statements(windows: int) -> dict[str, float]:
    """How many statements issue, call and a reading of the floor take in a hall of so many windows."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        site = laid(f"sqlite:///{folder}/hall.db", windows)
        issuing.issue(site, "A")
        counted = noted([*visit(site)[:2], ("floor", partial(read_floor, site))])
        site.store.close()
    return {one.name: len(one.statements) for one in counted}


def pace(windows: int, visitors: int) -> float:
    """Operations a second of as many processes as there are windows; no number twice, none left out."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        url = f"sqlite:///{folder}/hall.db"
        laid(url, windows).store.close()
        found = a_second(url, windows, visitors // windows)
        site = reopened(Path(folder, "hall.db"))
        audit(site)
        site.store.close()
    return found


def replayer(path: Path, operations: list[Noted], serve: Serve) -> tuple[float, float]:
    """One process that replays what was noted at one window: when it began and when it ended."""
    connection = raw(path)
    connection.execute("PRAGMA foreign_keys = 0")
    replay = replaying(connection, operations, partial(Turn, f"{path}-turn", WAIT_S))
    serve()
    begin_s = now_s()
    for _name, work in replay:
        work()
    return begin_s, now_s()


def bare_pace(windows: int, visitors: int) -> float:
    """Operations a second of as many processes that replay the statements of as many visitors."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        path = Path(folder, "hall.db")
        laid(f"sqlite:///{path}", windows).store.close()
        site = reopened(copied(path, "noted.db"))
        codes = [str(number) for number in range(1, windows + 1)]
        done: dict[str, list[Noted]] = {code: [] for code in codes}
        for code in codes * (visitors // windows):
            done[code] += noted(visit(site, code))
        site.store.close()
        loosen(path)
        works = [partial(replayer, path, done[code]) for code in codes]
        spans = Crowd(works, at_once=windows).end()
    return 4 * visitors / (max(end for _begin, end in spans) - min(begin for begin, _end in spans))


def loosen(path: Path) -> None:
    """Let twins in: what was noted in one order and is replayed in another finds other rows than it did.

    For the same reason the keys between tables are not checked there.
    """
    connection = apsw.Connection(str(path))
    unique = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE %'"
    for name, sql in connection.execute(unique).fetchall():
        connection.execute(f'DROP INDEX "{name}"')
        connection.execute(sql.replace("UNIQUE ", "", 1))
    connection.close()


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
    alone = median(pace(1, visitors) for _round in range(rounds))
    speeds = in_turn(partial(pace, TOGETHER, visitors), partial(bare_pace, TOGETHER, visitors), rounds)
    together = f"{TOGETHER} processes"
    rates = {
        "one process": alone,
        together: middle(speeds, lambda ours, _bare: ours),
        f"{together}, their statements alone": middle(speeds, lambda _ours, bare: bare),
        f"{together}, times their statements": middle(speeds, lambda ours, bare: bare / ours),
    }
    rows = [
        Row("one process on SQLite, and its own statements through the raw driver", figures, limits),
        Row("statements", counts, dict.fromkeys(counts, MOST_STATEMENTS)),
        Row(
            "issue, call, start, finish: operations a second",
            rates,
            {f"{together}, times their statements": LIMIT},
            {"one process": LEAST_A_SECOND, together: LEAST_A_SECOND},
        ),
    ]
    return report("operations", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
