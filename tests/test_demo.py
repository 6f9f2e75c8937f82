"""The demo: a hall at work around whoever tries it, of which nothing is left."""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driving import until
from jiaohao.queue import calling, presence, seating
from jiaohao.queue.clock import local
from jiaohao.queue.config import ConfigError
from jiaohao.tui import demo
from small_hall import small_hall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jiaohao.queue.floor import WindowView
    from jiaohao.tui.app import JiaohaoApp

HALL = small_hall(spans_min=((9 * 60, 17 * 60),), weekdays=(1, 2, 3, 4, 5))


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everything temporary goes, to be seen to be gone; short, as a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="jh") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def left_in(folder: Path) -> list[Path]:
    """What is there."""
    return list(folder.iterdir())


@pytest.mark.parametrize("desk", ["start", "guide", "counter", "wall", "supervise"])
async def test_each_desk_opens_in_a_hall_at_work(scratch: Path, desk: str) -> None:
    with demo.live_hall(HALL, desk, speed=20) as app:
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.floor and app.desk is not None and desk == app.desk.CODE)
            assert app.floor is not None
            at = local(app.floor.as_of_ms, HALL.timezone)
            assert (at.hour, at.minute) >= (10, 5)
            before = app.floor.pulse.journal_id
            await until(pilot, lambda: app.floor and app.floor.pulse.journal_id > before + 3)
    assert not [thread for thread in threading.enumerate() if thread.name == "crew"]
    assert not left_in(scratch)


async def test_nobody_touches_the_window_of_whoever_tries_it(scratch: Path) -> None:
    with demo.live_hall(HALL, "counter", speed=60) as app:
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.floor and _mine(app).is_manned)
            calling.call(app.site, app.window or "")
            calling.start(app.site, app.window or "")
            await until(pilot, lambda: app.floor and _mine(app).state == "serving")
            assert app.floor is not None
            mine, before = _mine(app).ticket, app.floor.pulse.journal_id
            await until(pilot, lambda: app.floor and app.floor.pulse.journal_id > before + 10)
            assert _mine(app).ticket == mine
            calling.finish(app.site, app.window or "")
            seating.pause(app.site, app.window or "")
            app.site.store.close()
    assert not left_in(scratch)


async def test_a_clock_faster_than_any_terminal_can_say_that_it_is_alive_takes_no_seat_away(
    scratch: Path,
) -> None:
    with demo.live_hall(HALL, "counter", speed=100) as app:
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.floor and _mine(app).is_manned)
            assert app.floor is not None
            before_ms = app.floor.as_of_ms
            await until(pilot, lambda: app.floor and app.floor.as_of_ms > before_ms + 2 * presence.LOST_MS)
            assert _mine(app).is_manned
    assert not left_in(scratch)


def _mine(app: JiaohaoApp) -> WindowView:
    if app.floor is None or (view := app.floor.window(app.window or "")) is None:
        raise AssertionError("the floor is not known yet")
    return view


def test_nothing_is_left_when_it_ends_by_a_mistake(scratch: Path) -> None:
    with pytest.raises(ZeroDivisionError), demo.live_hall(HALL, "start"):
        raise ZeroDivisionError
    assert not left_in(scratch)


def test_a_speed_of_nothing_is_refused(scratch: Path) -> None:
    with pytest.raises(ConfigError):
        demo.run(argparse.Namespace(desk="start", speed=0.0), None)
