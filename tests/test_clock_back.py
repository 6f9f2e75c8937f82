"""A machine's clock set back: it is said on every desk, and no number, call or day is lost or given twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driving import SIZES, desk, says, text_of, until
from jiaohao.queue import calling, day, issuing, language, seating
from jiaohao.queue.clock import to_ms
from jiaohao.queue.reading import read_floor
from terminal import audit

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

AFTER_MIDNIGHT = datetime(2026, 11, 24, 16, 5, tzinfo=UTC)
"""00:05 of the next day in the hall."""


@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_a_clock_set_back_gives_no_number_twice_and_loses_none(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    assert [issuing.issue(site, "A").number for _ in range(2)] == ["A001", "A002"]
    clock.advance(-7200)
    assert read_floor(site)[0].clock_behind_min == 120
    assert issuing.issue(site, "A").number == "A003"
    called = {calling.call(site, "1").number}
    for _ in range(2):
        calling.start(site, "1")
        calling.finish(site, "1")
        called.add(calling.call(site, "1").number)
    assert called == {"A001", "A002", "A003"}
    clock.advance(7200)
    assert read_floor(site)[0].clock_behind_min == 0
    audit(site)


@pytest.mark.rule("Q-1", "Q-2")
def test_a_clock_set_back_over_midnight_goes_on_with_the_numbers_of_each_day(
    hall_site: tuple[Site, ManualClock],
) -> None:
    """A day is not closed because a later one has begun: a clock set wrong once would close the hall."""
    site, clock = hall_site
    issuing.issue(site, "A")
    yesterday = site.today()
    clock.set_ms(to_ms(AFTER_MIDNIGHT))
    assert issuing.issue(site, "A").number == "A001"
    clock.advance(-600)
    assert site.today() == yesterday
    assert read_floor(site)[0].waiting == ()
    assert issuing.issue(site, "A").number == "A002"
    clock.advance(600)
    assert issuing.issue(site, "A").number == "A002"
    assert day.close_day(site)["unserved"] == 2
    audit(site)


@pytest.mark.parametrize(("size", "tongue"), tuple(zip(SIZES, language.LANGUAGES, strict=True)))
async def test_every_desk_says_that_the_clock_is_wrong(
    hall_site: tuple[Site, ManualClock], size: tuple[int, int], tongue: str
) -> None:
    site, clock = hall_site
    language.use(tongue)
    issuing.issue(site, "A")
    said = {"zh_CN": "!! 本机时钟有误: 比最近一条记录慢 30 分钟", "en": "behind the last entry"}[tongue]
    for code, staff, window in (
        ("guide", "2001", None),
        ("counter", "1001", "1"),
        ("supervise", "3001", None),
    ):
        async with desk(site, code, staff=staff, window=window, size=size) as (app, pilot):
            assert said not in text_of(app)
            clock.advance(-1800)
            issuing.issue(site, "A")
            await until(pilot, says(pilot, said))
            clock.advance(1800)
            issuing.issue(site, "A")
            await until(pilot, lambda app=app: said not in text_of(app))
