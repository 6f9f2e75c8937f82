"""A hall that is open now, whenever that is, and ``jiaohao serve`` on it as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jiaohao.queue import calling, issuing, seating
from jiaohao.queue.clock import SystemClock
from jiaohao.queue.setup import describe
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store, upgrade
from jiaohao.store.values import CalendarYear
from small_hall import small_hall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jiaohao.store.values import Hall

WAIT_S = 40.0


def hall_today() -> Hall:
    """The small hall, open today whatever day it is, and whose midnight is not near."""
    zone = next(name for name in ("Asia/Shanghai", "UTC") if datetime.now(ZoneInfo(name)).hour != 23)
    today = datetime.now(ZoneInfo(zone)).date()
    days = {day.year: day.isoformat() for day in (today + timedelta(days=365), today)}
    calendar = tuple(CalendarYear(year, (), (day,)) for year, day in sorted(days.items()))
    return small_hall(timezone=zone, calendar=calendar)


@contextmanager
def live_hall(url: str, folder: Path) -> Iterator[Site]:
    """A hall on the machine's clock with somebody at window 1; ``folder`` gets its configuration."""
    hall = hall_today()
    text = f'[hall]\nname = "{hall.name}"\ncode = "{hall.code}"\ndatabase = "{url}"\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    store = open_store(url, hall.code, create=True)
    upgrade(store)
    describe(store, hall, SystemClock())
    site = Site(store)
    seating.sit(site, "1", "1001")
    yield site
    store.close()


def call_one(site: Site) -> str:
    """Somebody comes and is called to window 1; gives their number."""
    number = issuing.issue(site, "A").number
    assert calling.call(site, "1").number == number
    return number


def finish_one(site: Site) -> None:
    """Whoever is called to window 1 is served there."""
    calling.start(site, "1")
    calling.finish(site, "1")


@contextmanager
def serving(
    folder: Path, *options: str, port: int = 0
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """``jiaohao serve`` on the hall of a folder, and where it says that it is; ends as it is to end."""
    command = (sys.executable, "-m", "jiaohao.tui.main", "serve", "--json", "--port", str(port), *options)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIAOHAO_")}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def children(process: int) -> list[int]:
    """Which processes that a process has started are there still."""
    found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [child for child in found if f"\nPPid:\t{process}\n" in _status(child) and lives(child)]


def _status(process: int) -> str:
    try:
        return Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return ""


def lives(process: int) -> bool:
    """Whether there is such a process still, and not only its exit code."""
    return "\nState:" in _status(process) and "\nState:\tZ" not in _status(process)


async def until_gone(*processes: int) -> None:
    """Wait until none of them is there."""
    end = time.monotonic() + WAIT_S
    while any(map(lives, processes)):
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def until_idle(process: int) -> None:
    """Wait until a process does nothing any more: what it did is not taken from it."""
    end = time.monotonic() + WAIT_S
    before = None
    while (now := _worked(process)) != before:
        assert time.monotonic() < end
        before = now
        await asyncio.sleep(0.5)


def _worked(process: int) -> str:
    return Path(f"/proc/{process}/io").read_text(encoding="utf-8")
