"""The service day and the hours, by the hall's clock and no other."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import calling, day, issuing, moving, seating, states, workdays
from jiaohao.queue.clock import at_minute, service_day, to_ms
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.show import find_ticket
from jiaohao.store.values import CalendarYear
from small_hall import open_site, small_hall, sqlite_site

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Hall

NINE_TO_FIVE = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 1020),))


def shanghai(text: str) -> int:
    """An instant by the hall's clock, as milliseconds."""
    return to_ms(datetime.fromisoformat(f"{text}+08:00"))


@pytest.mark.rule("Q-2")
def test_the_day_turns_at_the_halls_midnight(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    clock.set_ms(shanghai("2026-11-24T23:59:59"))
    seating.sit(site, "1", "1001")
    for _ in range(4):
        issuing.issue(site, "A")
    calling.call(site, "1")
    clock.advance(1)
    floor, _forecast = read_floor(site)
    assert floor.service_day == "2026-11-25"
    assert floor.waiting == ()
    assert floor.window("1").state == "absent"  # type: ignore[union-attr]
    with pytest.raises(Refusal, match="1"):
        calling.call(site, "1")
    first = issuing.issue(site, "A")
    assert (first.number, first.service_day) == ("A001", "2026-11-25")
    seating.sit(site, "1", "1001")
    assert calling.call(site, "1").id == first.id
    left = site.store.read(
        lambda tx: tx.rows("SELECT DISTINCT state FROM tickets WHERE service_day = '2026-11-24'")
    )
    assert left == [(states.UNSERVED,)]


@pytest.mark.rule("Q-2")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def test_the_machines_time_zone_does_not_matter(zone: str) -> None:
    script = (
        "from jiaohao.queue.clock import service_day\n"
        f"print(service_day({shanghai('2026-11-24T00:00:00')}, 'Asia/Shanghai'),"
        f" service_day({shanghai('2026-11-24T23:59:59')}, 'Asia/Shanghai'))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["2026-11-24", "2026-11-24"]


def test_the_end_of_a_day_is_the_next_midnight() -> None:
    assert at_minute(date(2026, 11, 24), 1440, "Asia/Shanghai") == shanghai("2026-11-25T00:00:00")
    assert service_day(shanghai("2026-11-25T00:00:00"), "Asia/Shanghai") == "2026-11-25"


@pytest.mark.rule("HR-1")
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-24T08:59:59", False),
        ("2026-11-24T09:00:00", True),
        ("2026-11-24T16:59:59", True),
        ("2026-11-24T17:00:00", False),
        ("2026-11-28T10:00:00", False),  # a Saturday
        ("2026-10-01T10:00:00", False),  # the National Day
        ("2026-10-10T10:00:00", True),  # a make-up working Saturday
        ("2027-01-04T10:00:00", True),  # a year not known: only the weekdays are left
    ],
)
def test_open_on_working_days_and_make_up_days(at: str, *, is_open: bool) -> None:
    assert workdays.is_open(NINE_TO_FIVE, shanghai(at)) is is_open


LUNCH = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 720), (810, 1020)))
ROUND_THE_CLOCK = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((0, 1440),))


@pytest.mark.rule("HR-1")
@pytest.mark.parametrize(
    ("hall", "at", "is_open", "until"),
    [
        (NINE_TO_FIVE, "2026-11-24T08:59:59", False, "2026-11-24T09:00:00"),
        (NINE_TO_FIVE, "2026-11-24T09:00:00", True, "2026-11-24T17:00:00"),
        (NINE_TO_FIVE, "2026-11-24T17:00:00", False, "2026-11-25T09:00:00"),
        (NINE_TO_FIVE, "2026-11-27T18:00:00", False, "2026-11-30T09:00:00"),  # over the weekend
        (NINE_TO_FIVE, "2026-10-09T18:00:00", False, "2026-10-10T09:00:00"),  # a make-up working Saturday
        (NINE_TO_FIVE, "2026-12-31T18:00:00", False, "2027-01-01T09:00:00"),  # a year not known
        (LUNCH, "2026-11-24T11:00:00", True, "2026-11-24T12:00:00"),
        (LUNCH, "2026-11-24T12:00:00", False, "2026-11-24T13:30:00"),
        (ROUND_THE_CLOCK, "2026-11-24T23:59:59", True, "2026-11-28T00:00:00"),  # over midnight
        (ROUND_THE_CLOCK, "2026-11-28T12:00:00", False, "2026-11-30T00:00:00"),
        (small_hall(), "2026-10-20T12:00:00", True, None),  # longer than a month
        (small_hall(weekdays=()), "2026-11-24T12:00:00", False, None),
    ],
)
def test_until_when_the_hall_is_open_or_closed(
    hall: Hall, at: str, until: str | None, *, is_open: bool
) -> None:
    expected_ms = shanghai(until) if until else None
    assert workdays.hours_at(hall, shanghai(at)) == (is_open, expected_ms)


@pytest.mark.rule("HR-1", "HR-2")
def test_a_closed_service_day_is_over_whatever_its_hours_say() -> None:
    for hall, at in ((NINE_TO_FIVE, "08:00:00"), (NINE_TO_FIVE, "10:00:00"), (LUNCH, "12:30:00")):
        found = workdays.hours_at(hall, shanghai(f"2026-11-24T{at}"), day_closed=True)
        assert found == (False, shanghai("2026-11-25T09:00:00"))


@pytest.mark.rule("HR-1")
def test_the_halls_own_calendar_wins() -> None:
    own = CalendarYear(2027, ("2027-01-04",), ("2027-02-13",))
    hall = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 1020),), calendar=(own,))
    assert not workdays.is_working_day(hall, date(2027, 1, 4))
    assert workdays.is_working_day(hall, date(2027, 2, 13))
    assert workdays.unknown_years(hall, date(2026, 12, 1)) == ()


@pytest.mark.rule("HR-1")
def test_an_unknown_year_is_said_from_november_on() -> None:
    hall = small_hall()
    assert workdays.unknown_years(hall, date(2026, 10, 31)) == ()
    assert workdays.unknown_years(hall, date(2026, 11, 1)) == (2027,)
    assert workdays.unknown_years(hall, date(2027, 1, 1)) == (2027,)


@pytest.mark.rule("HR-1")
def test_outside_the_hours_no_ticket_is_issued(tmp_path: Path) -> None:
    site, clock = sqlite_site(tmp_path, NINE_TO_FIVE)
    clock.set_ms(shanghai("2026-11-24T08:59:59"))
    with pytest.raises(Refusal) as caught:
        issuing.issue(site, "A")
    assert caught.value.code == "hall_closed"
    assert {window.state for window in read_floor(site)[0].windows} == {"closed"}
    clock.advance(1)
    assert issuing.issue(site, "A").number == "A001"
    floor, _forecast = read_floor(site)
    assert floor.windows[0].absent_since_ms == shanghai("2026-11-24T09:00:00")


@pytest.mark.rule("HR-2")
def test_closing_keeps_unserved_apart_from_served_and_missed(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    for window in ("1", "2", "4"):
        seating.sit(site, window, f"100{window}")
    for _ in range(6):
        issuing.issue(site, "A")
    calling.call(site, "1")
    calling.start(site, "1")
    calling.finish(site, "1")
    calling.call(site, "1")
    calling.recall(site, "1")
    calling.recall(site, "1")
    calling.miss(site, "1")
    calling.call(site, "1")
    calling.call(site, "2")
    calling.start(site, "2")
    moving.cancel(site, "A005")
    assert day.close_day(site, op="close") == {"unserved": 3, "missed": 1, "served": 1}
    assert day.close_day(site, op="close") == {"unserved": 3, "missed": 1, "served": 1}
    assert day.close_day(site) == {"unserved": 3, "missed": 1, "served": 1}
    assert find_ticket(site, "A003")[0].state == states.UNSERVED
    assert find_ticket(site, "A003")[1][-1].from_state == states.CALLED
    with pytest.raises(Refusal) as caught:
        issuing.issue(site, "A")
    assert caught.value.code == "hall_closed"
    assert not read_floor(site)[0].is_open


@pytest.mark.rule("HR-2")
def test_nothing_comes_back_to_a_day_that_is_closed(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    seating.sit(site, "1", "1001")
    for _ in range(2):
        issuing.issue(site, "A")
        calling.call(site, "1")
        for _ in range(2):
            calling.recall(site, "1")
        calling.miss(site, "1")
    moving.requeue(site, "A001", op="before")
    before = day.close_day(site)
    for again in (
        lambda: moving.requeue(site, "A002", staff="1001"),
        lambda: moving.undo(site, "A002"),
        lambda: moving.cancel(site, "A001"),
    ):
        with pytest.raises(Refusal) as caught:
            again()
        assert caught.value.code == "hall_closed"
    assert moving.requeue(site, "A001", op="before").state == states.UNSERVED
    assert day.close_day(site) == before


@pytest.mark.rule("HR-2")
def test_a_new_day_starts_clean_though_nobody_closed_the_old_one(fresh_pg_url: str) -> None:
    site, clock = open_site(fresh_pg_url)
    seating.sit(site, "1", "1001")
    for _ in range(2):
        issuing.issue(site, "A")
    calling.call(site, "1")
    clock.advance(24 * 3600)
    seating.sit(site, "1", "1001")
    rows = site.store.read(
        lambda tx: tx.rows("SELECT event, number FROM journal WHERE event = 'closed' ORDER BY id")
    )
    assert rows == [("closed", "A001"), ("closed", "A002")]


def test_instants_are_utc(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    ticket = issuing.issue(site, "A")
    assert ticket.issued_ms == to_ms(datetime(2026, 11, 24, 2, 5, tzinfo=UTC))
    assert ticket.service_day == "2026-11-24"
