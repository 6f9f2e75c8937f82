"""Who is at which window on which day, on paper and in print; windows that would stand empty (AB-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import language, leaves, roster, roster_pdf, roster_text
from jiaohao.store.staff_values import Leave
from jiaohao.store.values import CalendarYear, Post
from small_hall import small_hall

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.roster import WindowRoster
    from jiaohao.queue.site import Site

TUESDAY = date(2026, 11, 24)
FULL = small_hall(
    weekdays=(1, 2, 3, 4, 5),
    posts=(
        Post("1", "authorised", "2001"),
        Post("1", "chief", "1004"),
        Post("1", "lead", "4001"),
        Post("1", "B", "1002"),
        Post("1", "A", "1001"),
        Post("2", "A", "1003"),
        Post("2", "A", "1005"),
        Post("2", "B", "1001"),
    ),
)


def window(code: str, away: Collection[str]) -> WindowRoster:
    one = roster.roster_of(FULL, TUESDAY, away)
    return next(found for found in one.windows if found.window == code)


@pytest.mark.rule("AB-1", "AB-2", "AB-3")
@pytest.mark.parametrize(
    ("away", "first", "gaps"),
    [
        ((), ("A", "1001"), ()),
        (("1001",), ("B", "1002"), ("no_a",)),
        (("1001", "1002"), ("lead", "4001"), ("no_a",)),
        (("1001", "1002", "4001"), ("chief", "1004"), ("no_a",)),
        (("1001", "1002", "4001", "1004"), ("authorised", "2001"), ("no_a",)),
        (("1001", "1002", "4001", "1004", "2001"), None, ("empty",)),
        (("1003", "1005"), ("A", "1001"), ("shared",)),  # the A here is the B of window 2
    ],
)
def test_the_chain_stands_in_by_its_order(
    away: tuple[str, ...], first: tuple[str, str] | None, gaps: tuple[str, ...]
) -> None:
    one = window("1", away)
    assert [holder.post for holder in one.holders] == ["A", "B", "lead", "chief", "authorised"]
    assert {holder.staff for holder in one.holders if not holder.available} == {
        holder.staff for holder in one.holders if holder.staff in away
    }
    assert (one.first and (one.first.post, one.first.staff)) == first
    assert one.gaps == gaps


@pytest.mark.rule("AB-3")
def test_a_second_a_is_enough_and_a_window_without_posts_is_empty() -> None:
    one = window("2", ("1003",))
    assert one.first is not None
    assert (one.first.staff, one.gaps) == ("1005", ())
    shared = window("2", ("1003", "1005"))
    assert (shared.gaps, shared.also_at) == (("no_a", "shared"), ("1",))
    assert window("3", ()).gaps == ("empty",)


@pytest.mark.rule("AB-3", "HR-1")
def test_today_and_the_next_ten_working_days() -> None:
    days = roster.days_ahead(FULL, TUESDAY)
    assert len(days) == 11
    assert (days[0], days[-1]) == (TUESDAY, date(2026, 12, 8))
    assert all(day.isoweekday() < 6 for day in days)
    before_new_year = roster.days_ahead(FULL, date(2026, 2, 13))  # a Friday
    assert before_new_year[:3] == (date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24))
    sunday = roster.days_ahead(FULL, date(2026, 11, 29))
    assert (len(sunday), sunday[0]) == (10, date(2026, 11, 30))
    own = replace(FULL, calendar=(CalendarYear(2026, ("2026-11-25",), ("2026-11-28",)),))
    assert roster.days_ahead(own, TUESDAY)[1:4] == (
        date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28),
    )  # fmt: skip


@pytest.mark.rule("AB-3", "HR-1")
def test_a_hall_without_weekdays_works_on_the_days_it_names() -> None:
    named = replace(FULL, weekdays=(), calendar=(CalendarYear(2026, (), ("2026-11-24", "2026-12-24")),))
    assert roster.days_ahead(named, TUESDAY) == (TUESDAY, date(2026, 12, 24))
    never = replace(FULL, weekdays=(), calendar=(CalendarYear(2026, (), ("2026-11-24",)),))
    assert roster.days_ahead(never, date(2026, 11, 25)) == (date(2026, 11, 25),)
    weekly = replace(FULL, weekdays=(2,))
    assert len(roster.days_ahead(weekly, TUESDAY)) == 11


@pytest.mark.rule("AB-3", "HR-1")
def test_a_year_nobody_knows_is_said() -> None:
    found = roster.rosters(FULL, [TUESDAY, date(2027, 1, 4)], [])
    assert [one.is_known for one in found] == [True, False]
    language.use("en")
    assert roster_text.day_title(found[0]) == "2026-11-24 Tue"
    assert roster_text.day_title(found[1]).endswith("2027 are not known yet")
    assert roster_text.unknown_text(found[:1]) == ""
    assert "2027" in roster_text.unknown_text(found)
    (off,) = roster.rosters(FULL, [date(2026, 11, 28)], [])
    assert roster_text.day_title(off) == "2026-11-28 Sat   the hall is closed"


@pytest.mark.rule("AB-3")
def test_leave_counts_on_its_days_and_not_when_it_was_cancelled() -> None:
    taken = Leave(1, "1001", "2026-11-24", "2026-11-25", "sick", "4001", 0, None)
    given_up = Leave(2, "1002", "2026-11-24", "2026-11-30", "sick", "4001", 0, 5)
    found = roster.rosters(FULL, [TUESDAY, date(2026, 11, 25), date(2026, 11, 26)], [taken, given_up])
    assert [one.windows[0].gaps for one in found] == [("no_a",), ("no_a",), ()]


@pytest.mark.rule("AB-3")
def test_the_roster_follows_what_was_planned(hall_site: tuple[Site, ManualClock], tmp_path: Path) -> None:
    site, _clock = hall_site
    leaves.plan(
        site, "1001", from_day="2026-11-25", to_day="2026-11-25", reason="training", approved_by="4001",
        by="1001",
    )  # fmt: skip
    today, tomorrow, *_rest = roster.read_rosters(site)
    assert today.windows[0].gaps == ()
    assert (tomorrow.windows[0].gaps, tomorrow.windows[0].also_at) == (("no_a", "shared"), ("5",))
    assert roster.read_rosters(site, "2026-11-25") == (tomorrow,)
    cells = roster_text.cells(site.directory, tomorrow.windows[0])
    assert cells == ["1 社保一窗", "(赵一)", "周五", "王管", "-", "-", "周五", "! 无 A 岗, 同时首位 5"]
    roster_pdf.write(tmp_path / "r.pdf", site.directory, roster.read_rosters(site))
    raw = (tmp_path / "r.pdf").read_bytes()
    assert raw.startswith(b"%PDF")
    assert b"841.8898 595.2756" in raw  # across
