"""Clerks who work at once on PostgreSQL, against pgbench running the same statements on the same server.

Each clerk is a process at its own window: issue, call, start, finish. The statements of one visitor are
noted, and written into a script with begin, commit and the notification after it; pgbench's own variables
stand for what differs from visitor to visitor. Each has a new database, and as many visitors as the other.

Pgbench sends one statement after the other, but the notification with its commit. What it does where it sends
together all that the hall sends together, unless it needs something of an answer, stands beside it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from bench.measuring import ROUNDS, Options, Row, in_turn, middle, options, report
from bench.postgres import Databases, server
from bench.visits import a_second, laid, noted, visit
from jiaohao.queue import issuing
from jiaohao.queue.site import Site
from jiaohao.store.base import Tx
from terminal import audit, clerk_of

CLIENTS = (8, 32)
LEAST = 0.7
VISITORS = 4000
"""Of all clerks together, in each round: what pgbench loads and prepares at the first ones must not count."""
FAR = 900_000_000
"""Ids from here are like no other number in the statements."""

_OP = re.compile(r"[0-9a-f]{32}")
_KEPT = {
    "INSERT INTO numbers": "n_",
    "INSERT INTO tickets": "t_",
    "UPDATE tickets SET state": "c_",
}


def new_hall(url: str, clerks: int) -> Site:
    """A hall whose windows are manned, with so many people who wait that nobody calls in vain."""
    site = laid(url, clerks)
    for _visitor in range(2 * clerks):
        issuing.issue(site, "A")
    return site


class Scripts(NamedTuple):
    """What one visitor's operations run, for pgbench: statement by statement, and sent as the hall does."""

    one_by_one: str
    together: str


def scripts(url: str) -> Scripts:
    """Note what one visitor's operations run."""
    site = laid(url, 1)
    for _name, work in visit(site):
        work()

    def jump(tx: Tx) -> None:
        tx.rows("SELECT setval(pg_get_serial_sequence('tickets', 'id'), ?)", (FAR,))

    site.store.transact(jump)
    operations = noted(visit(site))
    number = site.store.read(lambda tx: tx.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1"))[0][0]
    site.store.close()
    begin = ["\\set window :client_id + 1", "\\set staff 5000 + :window"]
    one_by_one, together = [*begin], [*begin]
    told = {"1": "window", clerk_of("1"): "staff"}
    for operation in operations:
        mine = "t" if operation.name == "issue" else "c"
        told |= {number: "n_last" if mine == "t" else "c_number", FAR + 1: f"{mine}_id"}
        journeys = [[_written(*one, told) for one in journey] for journey in operation.journeys]
        ending = ["COMMIT;", *(_written(*one, told) for one in operation.behind)]
        new_op = "\\set op random(1, 4000000000000000000)"
        one_by_one += [new_op, "BEGIN;", *chain(*journeys), *_together(ending)]
        journeys[0].insert(0, "BEGIN;")
        journeys[-1] += ending
        together += [new_op, *chain(*map(_together, journeys))]
    return Scripts("\n".join(one_by_one) + "\n", "\n".join(together) + "\n")


def _together(journey: list[str]) -> list[str]:
    """Lines that pgbench sends in one journey too, unless it is to keep something of their answers."""
    if len(journey) == 1 or any("\\gset" in line for line in journey):
        return journey
    return ["\\startpipeline", *journey, "\\endpipeline"]


def _written(sql: str, params: Sequence[object], told: Mapping[object, str]) -> str:
    """A statement of the script with its values."""
    parts = zip(sql.split("?"), [*(_said(value, told) for value in params), _taken(sql)], strict=True)
    return "".join(part + said for part, said in parts)


def _said(value: object, told: Mapping[object, str]) -> str:
    """A value in the script: a variable where it is another one for each visitor."""
    if value is None:
        return "NULL"
    if value in told:
        return f":{told[value]}"
    if isinstance(value, str) and _OP.fullmatch(value):
        return ":op"
    if isinstance(value, str) and value[1:] in told:
        return f"'{value[0]}' || :{told[value[1:]]}"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _taken(sql: str) -> str:
    """The end of a statement: what it gives is kept where a later one needs it."""
    for beginning, prefix in _KEPT.items():
        if sql.startswith(beginning):
            return f" \\gset {prefix}"
    return ";"


def pgbench(databases: Databases, text: str, clients: int, visitors: int) -> float:
    """Operations a second of so many of pgbench's clients with so many visitors each."""
    url = databases()
    new_hall(url, clients).store.close()
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            [
                databases.programs / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}",
                "--jobs=2", f"--transactions={visitors}", f"--file={file.name}", url,
            ],
            env={**os.environ, "PGOPTIONS": "-c search_path=qh"},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    (pace,) = re.findall(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if "number of failed transactions: 0 " not in done.stdout:
        raise AssertionError(done.stdout)
    return 4 * float(pace)


def bare(databases: Databases, texts: Scripts, clients: int, visitors: int) -> tuple[float, float]:
    """Operations a second of pgbench's clients: statement by statement, and sent as the hall does."""
    one_by_one, together = (pgbench(databases, text, clients, visitors) for text in texts)
    return one_by_one, together


def ours(databases: Databases, clients: int, visitors: int) -> float:
    """Operations a second of so many clerks; no number twice, none left out."""
    url = databases()
    site = new_hall(url, clients)
    site.store.close()  # no connection may be open at a fork
    pace = a_second(url, clients, visitors)
    audit(site)
    site.store.close()
    return pace


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    counts, of_all, rounds = ((2,), 20, 1) if asked.small else (CLIENTS, VISITORS, ROUNDS)
    rows = []
    with server() as databases:
        texts = scripts(databases())
        for clients in counts:
            each = of_all // clients
            found = in_turn(
                partial(ours, databases, clients, each),
                partial(bare, databases, texts, clients, each),
                rounds,
            )
            figures = {
                "operations a second": middle(found, lambda ours, _bare: ours),
                "pgbench's": middle(found, lambda _ours, bare: bare[0]),
                "times pgbench's": middle(found, lambda ours, bare: ours / bare[0]),
                "pgbench's, sent together": middle(found, lambda _ours, bare: bare[1]),
                "times those": middle(found, lambda ours, bare: ours / bare[1]),
            }
            rows.append(
                Row(f"{clients} clients on PostgreSQL: issue, call, start, finish", figures, {},
                    {"times pgbench's": LEAST})
            )  # fmt: skip
    return report("postgres", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
