"""What is so at every desk: the heading, the lock, copying, help, looks and sizes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from driving import desk, rows_of, says, until
from jiaohao.queue import day, language, seating
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

DESKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("guide", {"staff": "2001"}),
    ("counter", {"staff": "1001", "window": "1"}),
    ("supervise", {"staff": "3001"}),
    ("wall", {}),
    ("sign", {"window": "1"}),
)
NINE_TO_FIVE = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 1020),))


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    site, clock = sqlite_site(tmp_path, NINE_TO_FIVE)
    language.use("en")
    seating.sit(site, "1", "1001")
    yield site, clock
    site.store.close()


# --- the heading -----------------------------------------------------------------------------------------


@pytest.mark.rule("HR-1")
@pytest.mark.parametrize(("code", "who"), DESKS)
async def test_every_desk_says_until_when_the_hall_is_open(
    hall: tuple[Site, ManualClock], code: str, who: dict[str, Any]
) -> None:
    site, clock = hall
    words = {"en": ("open until 17:00", "opens 11-25 09:00"), "zh_CN": ("开放至 17:00", "11-25 09:00 开放")}
    async with desk(site, code, **who) as (app, pilot):
        for spoken, (open_text, closed_text) in words.items():
            await app.speak(spoken)
            clock.set_ms(_hall_ms(10))
            await until(pilot, lambda said=open_text: said in rows_of(app)[0])
            assert rows_of(app)[0].rstrip().endswith("11-24 10:00:00")
            clock.set_ms(_hall_ms(18))
            await until(pilot, lambda said=closed_text: said in rows_of(app)[0])
            assert rows_of(app)[0].rstrip().endswith("11-24 18:00:00")
            assert cell_len(rows_of(app)[0]) == 80


@pytest.mark.rule("HR-2")
async def test_a_day_that_was_closed_is_over_in_the_heading_too(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "open until 17:00"))
        day.close_day(site, staff="3001")
        await until(pilot, says(pilot, "closed, opens 11-25 09:00"))


async def test_the_time_is_cut_last_and_the_name_of_the_hall_first(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "counter", staff="1001", window="1", size=(120, 36)) as (app, pilot):
        await until(pilot, lambda: "post A" in rows_of(app)[0])
        kept = {
            120: ("Counter", "青禾县政务服务中心", "赵一 1001", "open until 17:00", "11-24 10:05:00"),
            66: ("Counter", "赵一 1001", "open until 17:00", "11-24 10:05:00"),
            44: ("赵一", "open until 17:00", "11-24 10:05:00"),
            40: ("open until 17:00", "11-24 10:05:00"),
            16: ("11-24 10:05:00",),
        }
        for width, parts in kept.items():
            await pilot.resize_terminal(width, 24)
            await until(pilot, lambda wanted=parts: all(part in rows_of(app)[0] for part in wanted))


def _hall_ms(hour: int) -> int:
    return round(datetime(2026, 11, 24, hour - 8, tzinfo=UTC).timestamp() * 1000)
