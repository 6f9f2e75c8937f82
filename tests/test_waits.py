"""How long people waited, hour by hour: against a plain count, on the hall's clock, in files and commands."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaohao.queue import calling, export, issuing, moving, seating, waits
from jiaohao.queue.clock import to_ms
from jiaohao.queue.waits import DayWaits
from jiaohao.store.figures import FirstCall
from jiaohao.tui.widgets.bars import END, HALF, MIDDLE, REST, bar
from small_hall import small_hall
from test_commands import Hall, hall  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

HOUR_MS = 3_600_000
CALLS = st.lists(
    st.builds(
        lambda line, first_ms, waited_ms: FirstCall(f"{line}001", first_ms - waited_ms, first_ms),
        st.sampled_from("AB"), st.integers(-3 * HOUR_MS, 30 * HOUR_MS), st.integers(-5000, 5 * HOUR_MS),
    ),
    max_size=30,
)  # fmt: skip


@given(CALLS, st.integers(0, 24 * HOUR_MS), st.sampled_from((HOUR_MS, HOUR_MS // 2)))
def test_the_hours_are_what_a_plain_count_gives(calls: list[FirstCall], end_ms: int, step_ms: int) -> None:
    for line in (None, "A", "B"):
        mine = [call for call in calls if line in {None, call.number[0]}]
        parts = waits.slots(calls, 0, end_ms, step_ms, line)
        assert sum(part.called for part in parts) == len(mine)
        for part in parts:
            waited = sorted(
                max(0, call.first_ms - call.issued_ms) // 1000
                for call in mine
                if part.from_ms <= call.first_ms < part.to_ms
            )
            assert part.line == line
            assert part.called == len(waited)
            assert part.longest_wait_s == (waited[-1] if waited else None)
            middle = (waited[(len(waited) - 1) // 2] + waited[len(waited) // 2]) // 2 if waited else None
            assert part.median_wait_s == middle
        assert [part.to_ms for part in parts[:-1]] == [part.from_ms for part in parts[1:]]
        assert all(part.to_ms - part.from_ms == step_ms for part in parts)
        if parts:
            assert parts[0].from_ms <= 0
            assert parts[-1].to_ms >= end_ms


@given(st.integers(0, 9999), st.integers(0, 9999), st.integers(1, 80))
def test_a_bar_keeps_to_its_place_and_ends_at_the_longest(a: int, b: int, width: int) -> None:
    middle, longest = sorted((a, b))
    drawn = bar(middle, longest, max(longest, 1), width)
    assert len(drawn) == (width if longest else 0)
    assert drawn == drawn.strip()
    assert drawn.replace(MIDDLE, "").replace(HALF, "").replace(REST, "").replace(END, "") == ""
    assert drawn.count(MIDDLE) <= len(drawn) * middle / max(longest, 1) + 1
    assert bar(None, None, 9, width) == bar(middle, longest, 9, 0) == ""


def day_of(first: datetime, *waited_min: int) -> DayWaits:
    first_ms = to_ms(first)
    return DayWaits("2026-11-24", tuple(
        FirstCall(f"A{n:03d}", first_ms - wait * 60_000, first_ms) for n, wait in enumerate(waited_min)
    ))  # fmt: skip


def clock_of(of: DayWaits, step_min: int = 60, **changes: object) -> list[str]:
    described = small_hall(**changes)
    return [
        waits.clock_text(described, part.from_ms, "%H:%M") for part in waits.by_clock(described, of, step_min)
    ]


def test_a_day_covers_its_opening_hours_and_whatever_was_called_beside_them() -> None:
    hours = {"spans_min": ((9 * 60, 12 * 60), (13 * 60 + 30, 16 * 60))}
    empty = DayWaits("2026-11-24", ())
    assert clock_of(empty, **hours) == [f"{hour:02d}:00" for hour in range(9, 16)]
    assert clock_of(empty, 30, **hours)[:3] == ["09:00", "09:30", "10:00"]
    late = day_of(datetime(2026, 11, 24, 10, 5, tzinfo=UTC), 3)  # 18:05 in the hall
    assert clock_of(late, **hours) == [f"{hour:02d}:00" for hour in range(9, 19)]
    early = day_of(datetime(2026, 11, 23, 23, 5, tzinfo=UTC), 3)  # 07:05 in the hall
    assert clock_of(early, **hours)[0] == "07:00"


def test_a_call_after_midnight_stands_after_the_last_hour() -> None:
    over = day_of(datetime(2026, 11, 24, 16, 20, tzinfo=UTC), 40)  # 00:20 of the next day
    assert clock_of(over, spans_min=((20 * 60, 24 * 60),)) == ["20:00", "21:00", "22:00", "23:00", "00:00"]


def test_hours_begin_on_the_halls_own_clock() -> None:
    call = day_of(datetime(2026, 11, 24, 4, 10, tzinfo=UTC), 5)
    for zone, first in (("Asia/Kathmandu", "09:00"), ("Asia/Kolkata", "09:00"), ("UTC", "04:00")):
        assert clock_of(call, timezone=zone, spans_min=((540, 600),))[0] == first
    # A closed day on which somebody was called all the same.
    assert clock_of(call, weekdays=(7,)) == ["12:00"]
    assert clock_of(DayWaits("2026-11-24", ()), weekdays=(7,)) == []


def test_the_day_on_which_clocks_change_has_every_hour_once() -> None:
    described = small_hall(timezone="Europe/Berlin")
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        assert len(waits.by_clock(described, DayWaits(day, ()), 60)) == hours


@pytest.mark.rule("Q-2")
def test_waits_are_read_until_the_first_call_and_by_the_line_of_the_number(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    issuing.issue(site, "A")
    clock.advance(600)
    calling.call(site, "1")
    clock.advance(30)
    calling.recall(site, "1")
    calling.start(site, "1")
    moving.transfer(site, "A001", line="B")
    clock.advance(30)
    calling.call(site, "1")
    of = waits.read_waits(site, site.today())
    assert sorted((call.number, call.first_ms - call.issued_ms) for call in of.calls) == [
        ("A001", 600_000), ("A002", 660_000)
    ]  # fmt: skip
    parts = [part for part in waits.by_clock(site.hall, of, 60, "A") if part.called]
    assert [(part.called, part.median_wait_s, part.longest_wait_s) for part in parts] == [(2, 630, 660)]
    assert waits.clock_text(site.hall, parts[0].from_ms, "%H:%M") == "10:00"
    assert not any(part.called for part in waits.by_clock(site.hall, of, 60, "B"))
    whole = waits.in_all(of)
    assert (whole.called, whole.median_wait_s, whole.longest_wait_s) == (2, 630, 660)
    assert waits.read_waits(site, "2026-11-23").calls == ()


KEYS = ["from", "to", "line", "called", "median_wait_s", "longest_wait_s", "estimates"]


def test_the_waits_as_a_command(hall: Hall, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    hall.done("call", "1")
    found = hall.done("waits")["waits"]
    assert all(list(part) == KEYS for part in found)
    assert len(found) == 24  # this hall never closes
    assert Counter(part["called"] for part in found) == {0: 23, 1: 1}
    assert {part["line"] for part in found} == {None}
    empty = next(part for part in found if not part["called"])
    assert (empty["median_wait_s"], empty["longest_wait_s"]) == (None, None)
    files = [tmp_path / "w.csv", tmp_path / "w.xlsx"]
    of_line = hall.done("waits", "--line", "B", "--csv", str(files[0]), "--xlsx", str(files[1]))["waits"]
    assert [part["called"] for part in of_line] == [0] * 24
    assert {part["line"] for part in of_line} == {"B"}
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0][:6] == ["起", "至", "业务线", "已呼叫", "等候中位数（秒）", "最长等候（秒）"]
    assert rows[0][6:] == [
        "预计次数", "误差中位数（秒）", "误差中位数（%）", "实际减预计（秒）", "少报", "多报"
    ]  # fmt: skip
    assert rows[1][2:] == ["B", "0", "", "", "0", "", "", "", "0", "0"]
    assert files[1].read_bytes()[:2] == b"PK"
    assert hall.refusal("waits", "--line", "Z") == "unknown_line"
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    assert all(part["called"] == 0 for part in hall.done("waits", "--date", yesterday)["waits"])


def test_a_table_of_waits_holds_figures_not_words() -> None:
    table = waits.table(small_hall(), waits.by_clock(
        small_hall(spans_min=((540, 600),)), day_of(datetime(2026, 11, 24, 1, 10, tzinfo=UTC), 4, 6), 60
    ))  # fmt: skip
    assert table[1] == ["2026-11-24 09:00", "2026-11-24 10:00", "全厅", 2, 300, 360, 0, "", "", "", 0, 0]
    assert export.harmless(table[1][3]) == 2
