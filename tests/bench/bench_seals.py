"""What sealing the journal costs: the same operations with and without it, in turn.

On SQLite one process issues, calls, starts and finishes; on PostgreSQL eight do at once, each at its own
window. A hall without seals is the same one with the sealing taken out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial

from bench.measuring import ROUNDS, Options, Row, in_turn, middle, options, report
from bench.postgres import server
from bench.visits import a_second, laid
from jiaohao.queue import sealing
from jiaohao.store import seals

LIMIT = 1.3
CLIENTS = 8


def alone(visitors: int, *, sealed: bool) -> float:
    """Microseconds an operation of one process takes on SQLite."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        url = f"sqlite:///{folder}/hall.db"
        statement = seals.SEAL_NEW
        seals.SEAL_NEW = statement if sealed else "SELECT 1"
        try:
            laid(url, 1).store.close()
            pace = a_second(url, 1, visitors)
        finally:
            seals.SEAL_NEW = statement
        return 1e6 / pace


def together(new_url: Callable[[], str], visitors: int, *, sealed: bool) -> float:
    """Microseconds an operation takes on PostgreSQL while eight work: the time of all by all operations."""
    url = new_url()
    site = laid(url, CLIENTS)
    if not sealed:
        site.store.transact(lambda tx: tx.run("ALTER TABLE journal DISABLE TRIGGER journal_sealed"))
    site.store.close()  # no connection may be open at a fork
    pace = a_second(url, CLIENTS, visitors)
    if sealed and sealing.verify(site).count:
        raise AssertionError("the chain is not whole")
    site.store.close()
    return 1e6 / pace


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
    by_one, by_each, rounds = (10, 3, 1) if asked.small else (500, 60, ROUNDS)
    sqlite = in_turn(partial(alone, by_one, sealed=True), partial(alone, by_one, sealed=False), rounds)
    with server() as new_url:
        postgres = in_turn(
            partial(together, new_url, by_each, sealed=True),
            partial(together, new_url, by_each, sealed=False),
            rounds,
        )
    rows = [
        row("issue, call, start, finish, one process on SQLite", sqlite),
        row(f"the same, {CLIENTS} clients at once on PostgreSQL", postgres),
    ]
    return report("seals", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
