"""Days as large as a real one, played and crowded, on both stores: whole by what the journal alone proves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crowded_day import crowded
from jiaohao.queue import day
from jiaohao.queue.simulation import Plan, simulate
from own_server import OwnServer
from small_hall import open_site
from terminal import audit, wide_hall
from test_simulation import DAY, MIDNIGHT, OFFICE_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.long]

WHOLE = bool(os.environ.get("JIAOHAO_WHOLE_DAY"))
WINDOWS, VISITORS = (150, 10_000) if WHOLE else (30, 600)
PROCESSES, ROUNDS = (100, 100) if WHOLE else (100, 6)
CONNECTIONS = PROCESSES + 20


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that takes as many connections as there are processes."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hall.db'}"
        return
    server = OwnServer()
    server.admit(CONNECTIONS)
    yield server.url
    server.end()


@pytest.mark.rule("Q-1", "Q-3", "Q-4", "HR-2")
def test_a_day_of_a_large_hall_is_whole(url: str) -> None:
    site, clock = open_site(url, wide_hall(WINDOWS, spans_min=OFFICE_HOURS), start=MIDNIGHT)
    report = simulate(site, clock, Plan(VISITORS, WINDOWS, 1, DAY))
    assert report.issued == VISITORS
    assert report.served > 0.9 * VISITORS
    audit(site)
    site.store.close()


@pytest.mark.rule("Q-1", "Q-3", "Q-4", "HR-2")
def test_a_day_of_a_hundred_processes_is_whole(url: str) -> None:
    site, _clock = open_site(url, wide_hall(PROCESSES))
    done = crowded(url, PROCESSES, ROUNDS)
    assert not [what for what in done if what.startswith("fault")], done
    assert done["sit"] == PROCESSES
    assert done["issue"] >= 0.8 * PROCESSES * ROUNDS
    assert done["call"] <= done["issue"]
    audit(site)
    day.close_day(site)
    audit(site)
    site.store.close()
