"""Clerks killed while they leave: the window is empty or it is not, and the ticket is where it was."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue.reading import read_floor
from jiaohao.store import absences, journal
from small_hall import open_site
from terminal import Terminal, audit, clerk_of, until_settled, wide_hall

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.site import Site


def whole_or_not_at_all(site: Site) -> str:
    """A clerk either sits there, or has left with all that belongs to it; gives which."""
    floor, _forecast = read_floor(site)
    view = floor.window("1")
    assert view is not None
    today = site.today()
    missing = site.store.read(lambda tx: absences.open_at(tx, today, "1"))
    if view.is_manned:
        assert missing == []
        return "seated"
    lines = site.store.read(lambda tx: journal.latest(tx, today, 40))
    assert next(line.event for line in lines if line.event in {"left", "sat"}) == "left"
    (absence,) = missing
    assert absence.staff == clerk_of("1")
    assert len(site.store.read(lambda tx: absences.attempts(tx, absence.id))) >= 1
    assert view.ticket is None  # it waits again
    assert any(ticket.window is None for ticket in floor.waiting)
    return "left"


def killed(url: str, folder: Path, kills: int) -> None:
    site, _clock = open_site(url, wide_hall(2))
    rng = random.Random(17)  # noqa: S311 - the same moments every time
    for _ in range(kills):
        terminal = Terminal(url, folder)
        terminal.tell("come_and_go", window="1")
        terminal.wait_until(lambda said: any(answer.get("did") == "leave" for answer in said))
        # Not a wait for anything: the very moment of the killing is what is tried.
        time.sleep(rng.uniform(0, 0.05))
        left = [answer for answer in terminal.kill() if answer.get("did") == "leave"]
        assert left
        until_settled(site)
        whole_or_not_at_all(site)
        audit(site)
    site.store.close()


@pytest.mark.rule("AB-2", "AB-6")
def test_a_clerk_killed_while_leaving_has_left_or_has_not(tmp_path: Path) -> None:
    killed(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path, kills=3)


@pytest.mark.rule("AB-2", "AB-6")
def test_the_same_on_postgres(fresh_pg_url: str, tmp_path: Path) -> None:
    killed(fresh_pg_url, tmp_path, kills=3)


@pytest.mark.slow
@pytest.mark.rule("AB-2", "AB-6")
def test_many_clerks_killed_while_leaving(tmp_path: Path) -> None:
    killed(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path, kills=20)
