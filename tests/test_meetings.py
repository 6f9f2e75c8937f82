"""Study meetings: planned, held, and the windows that they would leave empty (ST-1, AB-8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import meetings
from jiaohao.queue.setup import describe
from jiaohao.store import journal
from jiaohao.store.planning import LEAVES
from jiaohao.store.staff_values import Leave
from refusing import refused
from small_hall import small_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

DAY = "2026-11-26"
EVERYBODY = ("1001", "1002", "1003", "1004", "1005", "4001")
"""All who hold a post in the small hall."""


def plan(
    site: Site,
    *expected: str,
    day: str = DAY,
    begins: str = "14:00",
    ends: str = "16:00",
    staff: str = "3001",
    op: str | None = None,
) -> meetings.Session:
    return meetings.plan(
        site, day=day, begins=begins, ends=ends, expected=expected or ("1001",), about="rules",
        staff=staff, op=op,
    )  # fmt: skip


def listed(site: Site, no: str = "3001") -> meetings.Sessions:
    return meetings.sessions(site, site.directory.person(no))


def on_leave(site: Site, staff: str, from_day: str, to_day: str) -> None:
    site.store.transact(lambda tx: LEAVES.add(tx, Leave(0, staff, from_day, to_day, "sick", "4001", 0, None)))


@pytest.mark.rule("ST-1")
def test_a_meeting_is_planned_held_and_minuted(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    planned = plan(site, "1002", "1001", "1002", op="plan")
    assert plan(site, "1003", op="plan") == planned
    assert (planned.meeting.day, planned.meeting.from_min, planned.meeting.to_min) == (DAY, 840, 960)
    assert (planned.expected, planned.came, planned.hours) == (("1001", "1002"), None, 2.0)
    number = planned.meeting.id
    refused("wrong_state", meetings.attend, site, number, came=["1001"], staff="3001")
    clock.advance(2 * 86_400 + 4 * 3600)
    held = meetings.attend(site, number, came=["1002", "2001"], minutes="read aloud", staff="4001", op="who")
    assert (held.expected, held.came, held.meeting.minutes) == (
        ("1001", "1002"), ("1002", "2001"), "read aloud",
    )  # fmt: skip
    assert meetings.attend(site, number, came=["1001"], staff="4001", op="who") == held
    corrected = meetings.attend(site, number, came=["1001"], staff="3001")
    assert (corrected.expected, corrected.came) == (("1001", "1002"), ("1001",))
    assert (corrected.meeting.minutes, corrected.meeting.held_ms) == ("read aloud", held.meeting.held_ms)
    (one,) = listed(site).sessions
    assert one == corrected
    seen = site.store.read(lambda tx: journal.latest(tx, site.today(), 20))
    events = [(line.event, line.staff, line.note) for line in seen if line.event.startswith("meeting")]
    assert events == [("meeting_held", "3001", str(number)), ("meeting_held", "4001", str(number))]


@pytest.mark.rule("ST-1")
@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        ("14:00", "15:59", "meeting_too_short"),
        ("16:00", "14:00", "meeting_too_short"),
        ("14", "16:00", "wrong_time"),
        ("14:00", "16:60", "wrong_time"),
        ("25:00", "27:00", "wrong_time"),
        ("１4:00", "17:00", "wrong_time"),
    ],
)
def test_two_hours_at_least(hall_site: tuple[Site, ManualClock], begins: str, ends: str, code: str) -> None:
    site, _clock = hall_site
    refused(code, plan, site, begins=begins, ends=ends)
    assert listed(site).sessions == ()
    assert plan(site, begins="22：00", ends="24:00").hours == 2  # the colon of an input method


@pytest.mark.rule("ST-1")
def test_a_meeting_is_planned_ahead_by_supervision_or_a_manager(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall_site  # it is 10:05
    refused("too_short_notice", plan, site, day="2026-11-23")
    refused("too_short_notice", plan, site, day="2026-11-24", begins="10:00", ends="12:00")
    refused("wrong_date", plan, site, day="2026-02-30")
    refused("unknown_staff", plan, site, "1001", "9999")
    refused("people_needed", meetings.plan, site, day=DAY, begins="9:00", ends="11:00", expected=(),
            staff="3001")  # fmt: skip
    for staff in ("1001", "2001"):
        refused("not_allowed", plan, site, staff=staff)
        refused("not_allowed", meetings.attend, site, 1, came=["1001"], staff=staff)
    refused("unknown_meeting", meetings.attend, site, 1, came=["1001"], staff="4001")
    assert plan(site, day="2026-11-24", begins="10:05", ends="12:05", staff="4001").meeting.id
    refused("people_needed", meetings.attend, site, 1, came=[], staff="4001")


@pytest.mark.rule("ST-1", "AB-8")
def test_the_windows_that_would_stand_empty_are_said(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    assert plan(site, "1001", "1005").empty == ()  # A and B away, the lead is left
    assert plan(site, "1001", "1005", "4001", day="2026-11-27").empty == ("1", "5")
    assert plan(site, *EVERYBODY, day="2026-11-28").empty == ("1", "2", "3", "4", "5")


@pytest.mark.rule("ST-1", "AB-8", "AB-3")
def test_who_is_on_leave_that_day_is_no_help(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    on_leave(site, "4001", "2026-11-25", DAY)
    assert plan(site, "1001", "1005").empty == ("1", "5")
    assert plan(site, "1001", "1005", day="2026-11-27").empty == ()
    on_leave(site, "4001", "2026-11-27", "2026-11-27")  # planned only after the meeting was
    by_day = {one.meeting.day: one.empty for one in listed(site).sessions}
    assert by_day == {DAY: ("1", "5"), "2026-11-27": ("1", "5")}
    clock.advance(3 * 86_400 + 7 * 3600)
    assert {one.empty for one in listed(site).sessions} == {()}  # both are over


@pytest.mark.rule("ST-1", "AB-8")
def test_two_meetings_at_one_time_are_counted_together(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    plan(site, "4001")
    assert plan(site, "1001", "1005", begins="15:00", ends="17:00").empty == ("1", "5")
    assert plan(site, "1001", "1005", begins="17:00", ends="19:00").empty == ()


@pytest.mark.rule("ST-1", "HR-1")
def test_while_the_hall_is_closed_no_window_stands_empty(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    hall = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 720), (780, 1020)))
    describe(site.store, hall, clock)
    site.reload()
    assert plan(site, *EVERYBODY, begins="16:59", ends="19:00").empty == ("1", "2", "3", "4", "5")
    assert plan(site, *EVERYBODY, day="2026-12-01", begins="17:00", ends="19:00").empty == ()
    assert plan(site, *EVERYBODY, day="2026-11-29").empty == ()  # a Sunday


@pytest.mark.rule("AB-8")
def test_a_window_that_nobody_holds_is_not_left_by_a_meeting(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    base = small_hall()
    hall = replace(base, posts=tuple(post for post in base.posts if post.window != "2"))
    describe(site.store, hall, clock)
    site.reload()
    assert plan(site, *EVERYBODY).empty == ("1", "3", "4", "5")


@pytest.mark.rule("ST-1")
def test_after_two_weeks_the_next_is_due(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    first = plan(site, day="2026-11-24", begins="11:00", ends="13:30")
    assert first.hours == 2.5
    assert (listed(site).last_held, listed(site).due, listed(site).is_overdue) == (None, None, False)
    clock.advance(4 * 3600)
    meetings.attend(site, first.meeting.id, came=["1001"], staff="3001")
    plan(site, day="2026-12-20")  # planned is not held
    assert (listed(site).last_held, listed(site).due) == ("2026-11-24", "2026-12-08")
    clock.advance(14 * 86_400)
    assert (site.today(), listed(site).is_overdue) == ("2026-12-08", False)
    clock.advance(86_400)
    assert listed(site).is_overdue


@pytest.mark.rule("ST-1", "PV-1")
def test_who_is_not_concerned_reads_nothing(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    for people in (("1001",), ("1002",)):
        plan(site, *people)
    assert [one.expected for one in listed(site, "1002").sessions] == [("1002",)]
    assert listed(site, "2001").sessions == ()
    assert len(listed(site, "4001").sessions) == 2
