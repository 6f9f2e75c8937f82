"""Seats against the hours: late, early and gaps, to the minute, and the map of the windows (DC-1)."""

from __future__ import annotations

import csv
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from jiaohao.queue import attendance, export, heat, leaves, leaving, seating
from jiaohao.queue.attendance import Attendance, Record
from jiaohao.queue.clock import to_ms
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.store.staff_values import Leave, PostTerm
from jiaohao.store.values import CalendarYear, Hall, Seat
from small_hall import small_hall

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

TUESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 28)
MAKE_UP = date(2026, 2, 14)
"""A Saturday on which the state has people work."""
NEW_YEAR = date(2026, 2, 17)
PLAIN = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 1020),))
LUNCH = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 720), (780, 1020)))
DUTY = small_hall(spans_min=((0, 480), (1200, 1440)))


def at(day: date, clock: str) -> int:
    """An instant of the hall's day; from 24:00 on it is the next one."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai"))
    return to_ms(midnight) + (hours * 60 + minutes) * 60_000 + sum(seconds) * 1000


def seat(day: date, first: str, last: str | None, staff: str = "1001", window: str = "1") -> Seat:
    to = None if last is None else at(day, last)
    return Seat(0, day.isoformat(), window, staff, "A", at(day, first), to, None, None)


def record(seats: list[Seat], *, leave: Leave | None = None) -> Record:
    terms = [
        PostTerm(1, "1", "A", "1001", "2026-01-01", None),
        PostTerm(2, "1", "B", "1005", "2026-01-01", None),
    ]
    return Record(seats, [leave] if leave else [], terms)


def one_day(hall: Hall, day: date, *seats: tuple[str, str | None], now: str = "48:00") -> Attendance:
    found = attendance.attendance(
        hall, [day], record([seat(day, first, last) for first, last in seats]), at(day, now)
    )
    (one,) = [one for one in found if one.staff == "1001"]
    return one


@pytest.mark.rule("DC-1")
@pytest.mark.parametrize(
    ("hall", "day", "seats", "figures", "first_last"),
    [
        # late, early, gaps, at windows
        pytest.param(PLAIN, TUESDAY, [("9:00", "17:00")], (0, 0, 0, 480), ("9:00", "17:00"), id="on time"),
        pytest.param(PLAIN, TUESDAY, [("8:51", "17:20")], (0, 0, 0, 480), ("8:51", "17:20"), id="longer"),
        pytest.param(PLAIN, TUESDAY, [("9:07", "16:58")], (7, 2, 0, 471), ("9:07", "16:58"), id="both"),
        pytest.param(PLAIN, TUESDAY, [("9:00:59", "17:00")], (0, 0, 0, 479), ("9:00:59", "17:00"), id="59 s"),
        pytest.param(
            PLAIN, TUESDAY, [("9:00", "10:30"), ("11:15", "17:00")], (0, 0, 45, 435), ("9:00", "17:00"),
            id="a gap",
        ),
        pytest.param(PLAIN, TUESDAY, [], (0, 0, 480, 0), None, id="never came"),
        pytest.param(PLAIN, TUESDAY, [("18:00", "19:00")], (480, 0, 0, 0), ("18:00", "19:00"), id="too late"),
        pytest.param(
            LUNCH, TUESDAY, [("11:55", "13:10")], (175, 230, 0, 15), ("11:55", "13:10"), id="across lunch"
        ),
        pytest.param(
            LUNCH, TUESDAY, [("9:00", "12:00"), ("13:00", "17:00")], (0, 0, 0, 420), ("9:00", "17:00"),
            id="a lunch break is no gap",
        ),
        pytest.param(
            LUNCH, TUESDAY, [("9:00", "11:50"), ("13:05", "17:00")], (0, 0, 15, 405), ("9:00", "17:00"),
            id="a long lunch",
        ),
        pytest.param(LUNCH, TUESDAY, [("13:00", "17:00")], (180, 0, 0, 240), ("13:00", "17:00"), id="noon"),
        pytest.param(
            DUTY, TUESDAY, [("0:00", "8:00"), ("20:00", "24:00")], (0, 0, 0, 720), ("0:00", "24:00"),
            id="duty",
        ),
        pytest.param(
            DUTY, TUESDAY, [("0:00", "8:00"), ("20:00", "32:00")], (0, 0, 0, 720), ("0:00", "24:00"),
            id="over midnight",
        ),
        pytest.param(
            PLAIN, MAKE_UP, [("9:10", "17:00")], (10, 0, 0, 470), ("9:10", "17:00"), id="make-up Saturday"
        ),
        pytest.param(PLAIN, TUESDAY, [("9:00", None)], (0, 0, 0, 480), ("9:00", "17:00"), id="never ended"),
        pytest.param(
            PLAIN, TUESDAY, [("9:00", "33:05")], (0, 0, 0, 480), ("9:00", "17:00"), id="ended by the next day"
        ),
        pytest.param(
            PLAIN, TUESDAY, [("9:00", "12:00"), ("12:00", "11:50"), ("11:50", "17:00")], (0, 0, 0, 480),
            ("9:00", "17:00"), id="a clock set back",
        ),
        pytest.param(PLAIN, TUESDAY, [("9:00", "8:50")], (0, 0, 480, 0), None, id="nothing at all"),
    ],
)  # fmt: skip
def test_a_table_of_days(
    hall: Hall,
    day: date,
    seats: list[tuple[str, str | None]],
    figures: tuple[int, ...],
    first_last: tuple[str, str] | None,
) -> None:
    one = one_day(hall, day, *seats)
    assert (one.late_min, one.early_min, one.gap_min, one.at_windows_min) == figures
    instants = (None, None) if first_last is None else tuple(at(day, clock) for clock in first_last)
    assert (one.first_ms, one.last_ms) == instants
    assert one.is_to_look_into == (sum(figures[:3]) > 0)


@pytest.mark.rule("DC-1")
def test_a_shift_over_midnight_counts_on_both_days() -> None:
    wednesday = date(2026, 11, 25)
    seats = [seat(TUESDAY, "20:00", "24:00:07"), seat(wednesday, "0:00:07", "8:00")]
    found = attendance.attendance(DUTY, [TUESDAY, wednesday], record(seats), at(wednesday, "8:30"))
    figures = [(one.late_min, one.early_min, one.gap_min, one.at_windows_min) for one in found]
    assert figures == [(480, 0, 0, 240), (0, 0, 0, 479)]
    assert found[0].last_ms == at(TUESDAY, "24:00")


@pytest.mark.rule("DC-1", "HR-1")
def test_nobody_is_expected_on_a_day_off_but_who_sat_is_listed() -> None:
    for day in (SATURDAY, NEW_YEAR):
        assert attendance.attendance(PLAIN, [day], record([]), at(day, "48:00")) == ()
        (one,) = attendance.attendance(PLAIN, [day], record([seat(day, "10:00", "12:30")]), at(day, "48:00"))
        assert (one.late_min, one.early_min, one.gap_min, one.at_windows_min) == (0, 0, 0, 150)
    closed = small_hall(spans_min=((540, 1020),), calendar=(CalendarYear(2026, ("2026-11-24",), ()),))
    assert attendance.attendance(closed, [TUESDAY], record([]), at(TUESDAY, "48:00")) == ()


@pytest.mark.rule("DC-1")
def test_a_day_that_goes_on_is_measured_until_now() -> None:
    one = one_day(PLAIN, TUESDAY, ("9:05", None), now="10:05")
    assert (one.late_min, one.early_min, one.gap_min, one.at_windows_min) == (5, 0, 0, 60)
    assert one.last_ms == at(TUESDAY, "10:05")
    one = one_day(PLAIN, TUESDAY, ("9:00", "9:50"), now="10:05")
    assert (one.late_min, one.early_min) == (0, 15)
    before_opening = attendance.attendance(PLAIN, [TUESDAY], record([]), at(TUESDAY, "8:59"))
    assert before_opening == ()


@pytest.mark.rule("DC-1", "AB-2")
def test_leave_is_no_absence_and_a_stand_in_is_never_late() -> None:
    on_leave = Leave(1, "1001", "2026-11-23", "2026-11-24", "sick", "4001", 0, None)
    stand_in = seat(TUESDAY, "10:00", "11:00", "1005")
    found = attendance.attendance(PLAIN, [TUESDAY], record([stand_in], leave=on_leave), at(TUESDAY, "48:00"))
    assert [(one.staff, one.leave, one.is_to_look_into, one.at_windows_min) for one in found] == [
        ("1001", "sick", False, 0),
        ("1005", None, False, 60),
    ]
    wednesday = date(2026, 11, 25)
    (after,) = attendance.attendance(PLAIN, [wednesday], record([], leave=on_leave), at(wednesday, "48:00"))
    assert (after.leave, after.gap_min) == (None, 480)


@pytest.mark.rule("DC-1", "AB-9")
def test_who_held_the_post_on_the_day_is_expected() -> None:
    terms = [
        PostTerm(1, "1", "A", "1001", "2026-11-01", "2026-11-24"),
        PostTerm(2, "1", "A", "1002", "2026-11-24", None),
    ]
    days = [date(2026, 11, 23), TUESDAY]
    found = attendance.attendance(PLAIN, days, Record([], [], terms), at(TUESDAY, "48:00"))
    assert [(one.day[-2:], one.staff) for one in found] == [("23", "1001"), ("24", "1002")]


@pytest.mark.rule("DC-1")
def test_two_windows_at_once_are_one_person_at_work() -> None:
    seats = [seat(TUESDAY, "9:00", "13:00"), seat(TUESDAY, "12:50", "17:00", window="2")]
    (one,) = attendance.attendance(PLAIN, [TUESDAY], record(seats), at(TUESDAY, "48:00"))
    assert (one.gap_min, one.at_windows_min) == (0, 480)


# --- the month, from the store -----------------------------------------------------------------------------


@pytest.mark.rule("DC-1")
def test_a_month_from_the_real_seats(hall_site: tuple[Site, ManualClock], tmp_path: Path) -> None:
    site, clock = hall_site
    describe(site.store, LUNCH, clock)
    site.reload()
    seating.sit(site, "1", "1001")  # 10:05
    leaves.plan(
        site,
        "1002",
        from_day="2026-11-25",
        to_day="2026-11-25",
        reason="study",
        approved_by="4001",
        by="1002",
    )
    clock.set_ms(at(TUESDAY, "11:20"))
    leaving.leave(site, "1")
    clock.set_ms(at(TUESDAY, "11:30"))
    seating.sit(site, "1", "1005")
    clock.set_ms(at(TUESDAY, "41:00"))
    month = attendance.read_month(site, staff="4001")
    days = {(one.day[-2:], one.staff): one for one in month.days}
    assert heat.table(site.hall, month.heat)[0][2:] == [
        "2026-11-24 上午", "2026-11-24 下午", "2026-11-25 上午", "2026-11-25 下午",
    ]  # fmt: skip
    assert set(days) == {
        (day, staff) for day in ("24", "25") for staff in ("1001", "1002", "1003", "1004", "1005")
    }
    one = days["24", "1001"]
    assert (one.late_min, one.early_min, one.gap_min, one.at_windows_min) == (65, 280, 0, 75)
    assert days["24", "1005"].at_windows_min == 30 + 240  # never ended
    assert days["25", "1002"].leave == "study"
    only = attendance.read_month(site, "2026-11", "1001", staff="4001")
    assert {one.staff for one in only.days} == {"1001"}
    assert attendance.read_month(site, "2026-10", staff="4001").days == ()
    with pytest.raises(Refusal):
        attendance.read_month(site, of="9999", staff="4001")
    (mine,) = attendance.sums(only.days)
    assert (mine.days, mine.late, mine.late_min, mine.gap_min, mine.to_look_into) == (1, 1, 65, 420, 2)
    table = attendance.table(site, only.days)
    export.write(tmp_path / "a.csv", table)
    read = list(csv.reader((tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert read[1] == ["2026-11-24", "1001", "赵一", "10:05", "11:20", "65", "280", "0", "75", "", "待核实"]
    export.write(tmp_path / "a.xlsx", table, {"Map": heat.table(site.hall, month.heat)})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"} <= set(book.namelist())


# --- the map -----------------------------------------------------------------------------------------------


@pytest.mark.rule("AB-7", "DC-1")
@pytest.mark.parametrize(
    ("seats", "marks"),
    [
        ([], "00"),
        ([("9:00", "12:00")], "F0"),
        ([("9:00:05", "12:00"), ("13:00", "16:59:50")], "FF"),
        ([("9:00", "10:30"), ("13:00", "17:00")], "5F"),
        ([("11:55", "13:10")], "00"),
        ([("11:40", "13:30")], "11"),
        ([("9:00", "11:59")], "90"),
        ([("9:00", None)], "FF"),
    ],
)
def test_half_days_of_a_window(seats: list[tuple[str, str | None]], marks: str) -> None:
    days = [MAKE_UP, NEW_YEAR, TUESDAY, SATURDAY]
    taken = [seat(TUESDAY, first, last) for first, last in seats]
    rows = heat.heat(LUNCH, days, taken, at(SATURDAY, "48:00"))
    assert [row.window for row in rows] == list("12345")
    assert rows[0].days == ("2026-02-14", "2026-11-24")  # only those on which the hall was open
    assert "".join(map(heat.mark, rows[0].parts[1])) == marks
    assert "".join(map(heat.mark, rows[1].parts[1])) == "00"


@pytest.mark.rule("AB-7", "DC-1")
def test_what_has_not_come_yet_is_no_empty_window() -> None:
    (row, *_rest) = heat.heat(LUNCH, [TUESDAY], [seat(TUESDAY, "9:00", None)], at(TUESDAY, "10:00"))
    assert row.parts == ((1.0, None),)
    assert "".join(map(heat.mark, row.parts[0])) == "F-"
