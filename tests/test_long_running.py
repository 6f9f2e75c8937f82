"""A wall and a counter that are never restarted: over a month nothing grows, and no day is missed."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import sys
import threading
import time
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from textual.cache import FIFOCache, LRUCache

from driving import desk, says, text_of, until
from jiaohao.queue import calling, day, issuing, language, leaving, seating
from jiaohao.queue.clock import at_minute
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import turns
from jiaohao.store.base import Word
from jiaohao.store.opening import open_store
from jiaohao.store.values import CalendarYear
from jiaohao.tui import link
from jiaohao.tui.screens import wall as wall_desk
from jiaohao.tui.widgets.heading import Heading
from small_hall import small_hall, sqlite_site
from terminal import audit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from textual.pilot import Pilot

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.floor import Floor
    from jiaohao.tui.app import JiaohaoApp

FIRST = date(2027, 3, 1)
"""A Monday; in the month from here a Saturday makes up for the Monday after it."""
MADE_UP, OFF = date(2027, 3, 13), date(2027, 3, 15)
MONTH = tuple(FIRST + timedelta(days=number) for number in range(30))
WEEK = tuple(FIRST + timedelta(days=number) for number in range(9, 17))
"""From a Wednesday over both to the next: six days of work."""
OPENS_MIN, BACK_MIN, CLOSES_MIN = 9 * 60, 13 * 60, 17 * 60
VISITS = 52
"""A day, half of them before noon, where each of two windows has as many."""
EVERY_S = 40
"""From one visit to the next: a terminal that is silent for longer than 45 seconds loses its seat."""
CHANGES = 4 * VISITS
LOOK_EVERY = 20
"""At two visits of so many the wall is waited for."""
LOG_MOST = 8 << 20
"""Bytes: the log is written back at every four million, as soon as nobody reads an older state."""

LOOKS, LOOK_S = 10, 0.02
NOISE = 1000
"""Blocks of memory by which two days differ: by what is under way and shown when one looks."""
WRITERS = 3
"""Threads that may write at once: the counter's two, and the one that plays the visitors."""
SETTLED = 2
"""Days of work after which what is loaded and kept on purpose is there."""


class Growth:
    """What the process holds at the end of each day: blocks of Python's memory, descriptors, threads."""

    def __init__(self) -> None:
        self.blocks: list[int] = []
        self.descriptors: list[int] = []
        self.threads: list[int] = []
        self.askers: list[int] = []
        """Threads that wait for turns: one more stays whenever more wait at once than ever before."""

    async def sample(self) -> None:
        """Look now, without what is kept within bounds: some of those caches fill for a month.

        A reading of the floor that is under way holds as much as three days may leave behind: memory is
        looked at several times, and the least counts.
        """
        for cache in gc.get_objects():
            if isinstance(cache, _lru_cache_wrapper):
                if cache.cache_parameters()["maxsize"] is not None:
                    cache.cache_clear()
            elif isinstance(cache, (LRUCache, FIFOCache)):
                cache.clear()
        gc.collect()
        looks = []
        for _look in range(LOOKS):
            looks.append(sys.getallocatedblocks())
            await asyncio.sleep(LOOK_S)
        self.blocks.append(min(looks))
        self.descriptors.append(_descriptors())
        names = [thread.name for thread in threading.enumerate()]
        self.threads.append(len(names) - names.count(turns.ASKER))
        self.askers.append(names.count(turns.ASKER))

    def leaks(self) -> list[str]:
        """What each change, or each day, leaves behind: the later days held against the earlier."""
        days = (len(self.blocks) - SETTLED) // 2
        bounds = {"blocks": NOISE + days * CHANGES // 4, "descriptors": 0, "threads": 0, "askers": WRITERS}
        return [
            f"{name}: {getattr(self, name)}"
            for name, bound in bounds.items()
            if _rise(getattr(self, name)) > bound
        ]


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _rise(samples: list[int]) -> int:
    # By the least of each half: what is under way at the moment only ever adds.
    later = samples[SETTLED:]
    half = len(later) // 2
    return min(later[half:]) - min(later[:half])


def is_open(today: date) -> bool:
    """Whether the hall works that day, counted by hand."""
    return today == MADE_UP or (today.isoweekday() <= 5 and today != OFF)


class Hall:
    """A hall with a wall that nobody touches, a counter with its keys, and a window worked from elsewhere."""

    def __init__(
        self, site: Site, clock: ManualClock, log: Path, wall: Pilot[int], counter: Pilot[int]
    ) -> None:
        self.site, self.clock, self.log, self.wall, self.counter = site, clock, log, wall, counter

    def at(self, today: date, minute: int, second: int = 0) -> None:
        """It is so long past midnight; the terminals' clocks tick, as they do each second."""
        self.clock.set_ms(at_minute(today, minute, self.site.hall.timezone) + second * 1000)
        for pilot in (self.wall, self.counter):
            for heading in pilot.app.screen.query(Heading):
                heading.refresh()

    async def lives(self, today: date) -> None:
        """One day from midnight to midnight."""
        self.at(today, 0)
        await self._begins(today)
        if is_open(today):
            await self._works(today)
            await self._closes(today)
        else:
            self.at(today, 10 * 60)
            with pytest.raises(Refusal):
                issuing.issue(self.site, "A")
        assert self.log.stat().st_size < LOG_MOST
        self.at(today, 24 * 60, -1)
        await until(self.wall, says(self.wall, f"{today:%m-%d} 23:59:59"))
        floor = cast("JiaohaoApp", self.wall.app).floor
        assert floor is not None
        assert floor.service_day == today.isoformat()

    async def _begins(self, today: date) -> None:
        opens = next(day for day in (today + timedelta(days=ahead) for ahead in range(9)) if is_open(day))
        when = "09:00" if opens == today else f"{opens:%m-%d} 09:00"
        for pilot in (self.wall, self.counter):
            app = cast("JiaohaoApp", pilot.app)
            await until(pilot, lambda app=app: app.floor and app.floor.service_day == today.isoformat())
            assert app.floor is not None
            assert (app.floor.waiting, app.floor.calls, app.floor.is_open) == ((), (), False)
            await until(pilot, says(pilot, f"{today:%m-%d} 00:00:00", f"closed, opens {when}"))
            await until(pilot, lambda app=app: not re.search(r"[AB]\d{3}", text_of(app)))

    async def _works(self, today: date) -> None:
        self.at(today, OPENS_MIN)
        await until(self.wall, says(self.wall, "Nobody was called yet."))
        seating.sit(self.site, "3", "1003")
        await self._sits()
        for visit in range(VISITS // 2):
            await self._visit(today, OPENS_MIN, visit)
        leaving.leave(self.site, "1", reason="meal", back="13:00")
        await until(self.wall, says(self.wall, "back 13:00"))
        self.at(today, BACK_MIN)
        await self._sits()
        await until(self.wall, lambda: "back 13:00" not in text_of(self.wall.app))
        for visit in range(VISITS // 2, VISITS):
            await self._visit(today, BACK_MIN, visit)

    async def _sits(self) -> None:
        await until(self.counter, says(self.counter, "You no longer sit at this window"))
        await self.counter.press("f2")
        await until(self.counter, says(self.counter, "Seated."))

    async def _visit(self, today: date, since_min: int, visit: int) -> None:
        self.at(today, since_min, EVERY_S * (visit % (VISITS // 2)))
        seating.beat(self.site, "1", "1001")  # as its terminal does every ten seconds
        window, line = (("1", "A"), ("3", "B"))[visit % 2]
        number = issuing.issue(self.site, line).number
        assert number == f"{line}{visit // 2 + 1:03d}"
        if visit % (VISITS // 2) == 0:
            await self._serves_by_keys(number)
        else:
            assert calling.call(self.site, window).number == number
            calling.start(self.site, window)
            if visit % LOOK_EVERY < 2:
                await until(self.wall, says(self.wall, number))
            calling.finish(self.site, window)
        await asyncio.sleep(0.005)  # the terminals are not hurried more than a hall hurries them

    async def _serves_by_keys(self, number: str) -> None:
        for key, shown in (
            ("f2", f"{number} called"),
            ("f3", "called again"),
            ("f4", f"{number} started"),
            ("f7", "on hold"),
            ("f7", "in service again"),
            ("f5", "finished:"),
        ):
            await self.counter.press(key)
            await until(self.counter, says(self.counter, shown))
        await until(self.wall, says(self.wall, number))

    async def _closes(self, today: date) -> None:
        for line in "AB":
            issuing.issue(self.site, line)
        for window in "13":
            leaving.leave(self.site, window)
        self.at(today, CLOSES_MIN)
        await until(self.wall, says(self.wall, "The hall is closed now. Open: 09:00-17:00"))
        if today.day % 2:  # on the other days the next one does it
            assert day.close_day(self.site)["unserved"] == 2
            await until(self.wall, says(self.wall, "This service day has been closed."))


@pytest.fixture
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The time zone of the machine, which need not be the hall's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day takes seconds: what the machine's clock brings comes as often, no timer outlives its day."""
    for name, short in (("POLL_S", 0.05), ("FRESH_MS", 100), ("ATTEND_S", 0.1)):
        monkeypatch.setattr(link, name, short)
    for name in ("HOLD_S", "FRESH_S", "FLASH_S"):
        monkeypatch.setattr(wall_desk, name, 0.02)


@asynccontextmanager
async def opened(folder: Path, first: date) -> AsyncIterator[Hall]:
    """The hall with its two desks, on the evening before its first day."""
    calendar = (CalendarYear(FIRST.year, (OFF.isoformat(),), (MADE_UP.isoformat(),)),)
    hall = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((OPENS_MIN, CLOSES_MIN),), calendar=calendar)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=9)
    site, clock = sqlite_site(folder, hall, start=start)
    language.use("en")
    looking = Site(open_store(f"sqlite:///{folder / 'hall.db'}", hall.code, read_only=True), clock)
    async with (
        desk(looking, "wall", size=(120, 36)) as (_wall, wall),
        desk(site, "counter", staff="1001", window="1", size=(120, 36)) as (_counter, counter),
    ):
        yield Hall(site, clock, folder / "hall.db-wal", wall, counter)
    audit(site)
    site.store.close()


async def grown(folder: Path, days: tuple[date, ...]) -> Growth:
    """Live through those days, and give what grew by the end of each day of work."""
    growth = Growth()
    async with opened(folder, days[0]) as hall:
        for today in days:
            await hall.lives(today)
            if is_open(today):
                await growth.sample()
    return growth


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
@pytest.mark.rule("Q-2", "HR-1")
@pytest.mark.parametrize(
    ("zone", "days", "of_work"),
    [
        pytest.param("UTC", WEEK, 6, id="week"),
        pytest.param("UTC", MONTH, 22, id="month", marks=pytest.mark.long),
        pytest.param("Asia/Shanghai", MONTH, 22, id="month-in-the-zone-of-the-hall", marks=pytest.mark.long),
    ],
    indirect=["zone"],
)
async def test_a_wall_and_a_counter_leave_nothing_behind_and_miss_no_day(
    tmp_path: Path, zone: str, days: tuple[date, ...], of_work: int
) -> None:
    growth = await grown(tmp_path, days)
    assert len(growth.blocks) == of_work
    assert growth.leaks() == []


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
async def test_a_wall_that_keeps_each_floor_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Floor] = []
    real = wall_desk.WallDesk.show_floor

    def keeping(wall: wall_desk.WallDesk, floor: Floor) -> None:
        kept.append(floor)
        real(wall, floor)

    monkeypatch.setattr(wall_desk.WallDesk, "show_floor", keeping)
    growth = await grown(tmp_path, WEEK)
    assert [leak.partition(":")[0] for leak in growth.leaks()] == ["blocks"]


@pytest.mark.parametrize(("days", "each"), [(22, 1), (6, 4)])
def test_what_a_change_leaves_behind_is_found_out(days: int, each: int) -> None:
    """In a month one block of memory, the smallest there is; in a week four, as many as a ``Word`` takes."""
    assert steadily(days).leaks() == []
    assert steadily(days, blocks=each * CHANGES).leaks()
    assert steadily(days, descriptors=1).leaks()
    assert steadily(days, threads=1).leaks()


def steadily(days: int, *, blocks: int = 0, descriptors: int = 0, threads: int = 0) -> Growth:
    """What a process holds that grows by so much a day."""
    growth = Growth()
    growth.blocks = [350_000 + blocks * number for number in range(days)]
    growth.descriptors = [22 + descriptors * number for number in range(days)]
    growth.threads = [5 + threads * number for number in range(days)]
    growth.askers = [1] * days
    return growth


async def test_a_sample_counts_what_is_there() -> None:
    growth = Growth()
    await growth.sample()
    kept = [Word(1000 + number, frozenset({str(1000 + number)})) for number in range(10 * CHANGES)]
    opened = os.open("/dev/null", os.O_RDONLY)
    await growth.sample()
    os.close(opened)
    # Each is four blocks; meanwhile something of the tests before may go.
    assert growth.blocks[1] - growth.blocks[0] > 4 * len(kept) - NOISE
    assert growth.descriptors[1] - growth.descriptors[0] == 1
