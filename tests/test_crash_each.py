"""Every operation, killed before each of its statements and after its commit: done wholly, or not at all."""

from __future__ import annotations

import itertools
from importlib import import_module
from inspect import isfunction, signature
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import peewee
import pytest

import jiaohao.queue
from dying import killed_at
from every_operation import DAY, EVERY_S, HALL
from jiaohao.queue.setup import describe
from jiaohao.store import journal
from jiaohao.store.base import Tx
from jiaohao.store.errors import Fault
from small_hall import open_site
from terminal import audit, until_settled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}
LEAST = 3
"""One statement, the commit, and what is after it."""
LEAST_OF_ALL = 500


def everything(site: Site) -> dict[str, list[str]]:
    """Every row of every table."""

    def rows(tx: Tx) -> dict[str, list[str]]:
        names = [str(row[0]) for row in tx.rows(_TABLES[tx.dialect])]
        return {name: sorted(map(repr, tx.rows(f"SELECT * FROM {name}"))) for name in names}  # noqa: S608

    return site.store.read(rows)


def kill_through(site: Site, clock: ManualClock, url: str, folder: Path) -> Iterator[int]:
    """Kill each operation of the day at each of its moments, until it is done; gives how many there were."""
    after = everything(site)
    for at, step in enumerate(DAY):
        clock.advance(EVERY_S)
        op, before = f"step-{at}", after
        for moment in itertools.count(1):
            is_done = killed_at(moment, url, clock.now_ms(), folder, step, op)
            until_settled(site)
            after = everything(site)
            if is_done:
                break
            assert after == before, (step.name, moment)
        assert site.store.read(lambda tx, op=op: journal.by_op(tx, op)) is not None, step.name
        # Who was not answered asks again, and is told what was done.
        step(site, op)
        assert everything(site) == after, step.name
        audit(site)
        yield moment


def all_are_killed(url: str, folder: Path) -> None:
    site, clock = open_site(url, HALL)
    moments = list(kill_through(site, clock, url, folder))
    assert len(moments) == len(DAY)
    assert min(moments) >= LEAST
    assert sum(moments) >= LEAST_OF_ALL
    site.store.close()


def test_the_day_has_every_operation() -> None:
    operations = set()
    for module in iter_modules(jiaohao.queue.__path__):
        for name, work in vars(import_module(f"jiaohao.queue.{module.name}")).items():
            told = signature(work).parameters if isfunction(work) else {}
            if not name.startswith("_") and {"site", "op"} <= set(told) and told["op"].default is None:
                operations.add(f"{work.__module__.rpartition('.')[2]}.{work.__name__}")
    assert {step.name for step in DAY} == operations


@pytest.mark.slow
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_what_is_killed_on_sqlite_was_done_wholly_or_not_at_all(tmp_path: Path) -> None:
    all_are_killed(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_what_is_killed_on_postgres_was_done_wholly_or_not_at_all(fresh_pg_url: str, tmp_path: Path) -> None:
    all_are_killed(fresh_pg_url, tmp_path)


@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_a_commit_that_is_done_and_raises_is_answered_as_done(
    hall_site: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, clock = hall_site
    describe(site.store, HALL, clock)
    commit, raises = Tx.end, False

    def commit_and_raise(tx: Tx, *statements: Any) -> None:
        nonlocal raises
        commit(tx, *statements)
        if raises:
            raises = False
            raise peewee.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Tx, "end", commit_and_raise)
    for at, step in enumerate(DAY):
        clock.advance(EVERY_S)
        raises, op = True, f"step-{at}"
        try:
            step(site, op)
        except Fault:
            # Without a server nothing is tried again unasked: who presses once more is told what was done.
            assert site.store.dialect == "sqlite"
            step(site, op)
        assert not raises, step.name
        after = everything(site)
        step(site, op)
        assert everything(site) == after, step.name
        audit(site)
