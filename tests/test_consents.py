"""Consents to sit where one holds no post, and leave planned ahead (AB-2, AB-3, AB-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import consents, leaves, leaving, seating
from jiaohao.queue.setup import describe
from jiaohao.store import journal, seats
from jiaohao.store.values import Post, Staff
from refusing import refused
from small_hall import small_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.leaves import Planned
    from jiaohao.queue.site import Site

DAY_S = 86_400


def day(site: Site, ahead: int) -> str:
    return (date.fromisoformat(site.today()) + timedelta(days=ahead)).isoformat()


def events(site: Site) -> list[tuple[str, str | None, str | None]]:
    latest = site.store.read(lambda tx: journal.latest(tx, site.today(), 20))
    return [(one.event, one.staff, one.note) for one in reversed(latest) if one.event != "hall_described"]


@pytest.fixture
def led(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock]:
    """A Tuesday; 1004 speaks for the department at window 3, two managers for the centre."""
    site, clock = hall_site
    hall = small_hall(weekdays=(1, 2, 3, 4, 5))
    posts = (*hall.posts, Post("3", "chief", "1004"))
    head = Staff("4002", "冯副", "rs", "manager")
    describe(site.store, replace(hall, posts=posts, staff=(*hall.staff, head)), clock)
    site.reload()
    return hall_site


# --- consents ----------------------------------------------------------------------------------------------


@pytest.mark.rule("AB-5")
def test_it_takes_both_sides_to_sit_where_one_holds_no_post(led: tuple[Site, ManualClock]) -> None:
    site, _clock = led
    today = site.today()
    refused("not_posted", seating.sit, site, "3", "1001")
    given = consents.give(site, "1001", "3", giver="1004", until=day(site, 1))
    assert (given.side, given.from_day, given.until_day) == ("department", today, day(site, 1))
    refused("consent_required", seating.sit, site, "3", "1001")
    assert consents.give(site, "1001", "3", giver="4001", until=today).side == "centre"
    seating.sit(site, "3", "1001")
    seat = site.store.read(lambda tx: seats.of_day(tx, today))[0]
    assert (seat.window, seat.staff, seat.post) == ("3", "1001", "consent")
    assert events(site)[:2] == [("consented", "1004", "1"), ("consented", "4001", "2")]


@pytest.mark.rule("AB-5")
def test_a_consent_holds_on_its_days_for_its_person_and_window_alone(led: tuple[Site, ManualClock]) -> None:
    site, clock = led
    consents.give(site, "1001", "3", giver="4001", until=day(site, 2), from_day=day(site, 1))
    consents.give(site, "1001", "3", giver="1004", until=day(site, 1), from_day=day(site, 1))

    def sides(staff: str, window: str, ahead: int) -> set[str]:
        on = day(site, ahead)
        return set(site.store.read(lambda tx: consents.sides(tx, window, staff, on)))

    assert [sides("1001", "3", ahead) for ahead in range(4)] == [
        set(), {"department", "centre"}, {"centre"}, set(),
    ]  # fmt: skip
    assert sides("1002", "3", 1) == sides("1001", "2", 1) == set()
    clock.advance(DAY_S)
    seating.sit(site, "3", "1001")
    leaving.leave(site, "3")
    clock.advance(DAY_S)
    refused("consent_required", seating.sit, site, "3", "1001")


@pytest.mark.rule("AB-5")
@pytest.mark.parametrize(
    ("staff", "window", "giver", "code"),
    [
        ("1001", "3", "1002", "not_allowed"),  # holds no post there
        ("1001", "3", "1003", "not_allowed"),  # holds A there, which leads nobody
        ("1001", "3", "3001", "not_allowed"),  # supervises, and decides nothing
        ("1001", "2", "1004", "not_allowed"),  # leads another window
        ("1004", "3", "1004", "not_allowed"),  # is the one who is to sit
        ("4001", "3", "4001", "not_allowed"),  # a manager no less
        ("1001", "3", "9999", "unknown_staff"),
        ("9999", "3", "4001", "unknown_staff"),
        ("1001", "9", "4001", "unknown_window"),
    ],
)
def test_who_may_not_agree(
    led: tuple[Site, ManualClock], staff: str, window: str, giver: str, code: str
) -> None:
    site, _clock = led
    refused(code, consents.give, site, staff, window, giver=giver, until=day(site, 1))
    assert consents.consents(site, staff="4001") == ()


@pytest.mark.rule("AB-5")
def test_a_manager_who_leads_the_window_too_speaks_for_the_centre(led: tuple[Site, ManualClock]) -> None:
    site, _clock = led
    assert consents.side_of(site.directory, "3", "1001", "4001") == "centre"
    found = [(one.no, side) for one, side in consents.givers(site.directory, "3", "1001")]
    assert found == [("1004", "department"), ("4001", "centre"), ("4002", "centre")]


@pytest.mark.rule("AB-5")
@pytest.mark.parametrize(
    ("from_ahead", "until_ahead"), [(None, -1), (-1, 1), (2, 1)], ids=["over", "back-dated", "turned round"]
)
def test_a_consent_has_days_to_come(
    led: tuple[Site, ManualClock], from_ahead: int | None, until_ahead: int
) -> None:
    site, _clock = led
    first = None if from_ahead is None else day(site, from_ahead)
    until = day(site, until_ahead)
    refused("wrong_date", consents.give, site, "1001", "3", giver="4001", until=until, from_day=first)
    refused("wrong_date", consents.give, site, "1001", "3", giver="4001", until="soon")


@pytest.mark.rule("AB-5")
def test_each_side_takes_back_its_own_consent(led: tuple[Site, ManualClock]) -> None:
    site, clock = led
    consents.give(site, "1001", "3", giver="1004", until=day(site, 5))
    consents.give(site, "1001", "3", giver="4001", until=day(site, 5))
    refused("not_allowed", consents.withdraw, site, "1001", "3", giver="1003")
    taken = consents.withdraw(site, "1001", "3", giver="4002", op="take")
    assert (taken.side, taken.withdrawn_ms) == ("centre", clock.now_ms())
    assert consents.withdraw(site, "1001", "3", giver="4002", op="take") == taken
    refused("wrong_state", consents.withdraw, site, "1001", "3", giver="4002")
    refused("consent_required", seating.sit, site, "3", "1001")
    assert [(one.side, one.withdrawn_ms is None) for one in consents.consents(site, staff="4001")] == [
        ("department", True),
        ("centre", False),
    ]
    assert events(site)[-1] == ("consent_withdrawn", "4002", "2")


@pytest.mark.rule("AB-5")
def test_a_repeated_consent_is_one_and_the_list_has_its_days(led: tuple[Site, ManualClock]) -> None:
    site, clock = led
    first = consents.give(site, "1001", "3", giver="4001", until=day(site, 1), op="once")
    assert consents.give(site, "1001", "3", giver="4001", until=day(site, 1), op="once") == first
    later = consents.give(site, "1002", "3", giver="4001", from_day=day(site, 3), until=day(site, 4))
    assert consents.consents(site, staff="4001") == (first, later)
    assert consents.consents(site, day(site, 1), staff="4001") == (first,)
    assert consents.consents(site, day(site, 4), staff="4001") == (later,)
    clock.advance(2 * DAY_S)
    assert consents.consents(site, staff="4001") == (later,)


# --- leave -------------------------------------------------------------------------------------------------


def plan(site: Site, staff: str, first: int, last: int, approved_by: str = "4001", **more: str) -> Planned:
    return leaves.plan(
        site, staff, from_day=day(site, first), to_day=day(site, last), reason="private",
        approved_by=approved_by, **{"by": approved_by, **more},
    )  # fmt: skip


@pytest.mark.rule("AB-2", "AB-3")
def test_leave_says_which_windows_would_stand_empty_on_which_days(led: tuple[Site, ManualClock]) -> None:
    site, _clock = led
    alone = plan(site, "1001", 1, 1)
    assert (alone.empty, alone.is_to_look_into) == ((), False)
    plan(site, "1005", 1, 6)  # B of window 1, A of window 5
    last = plan(site, "4001", 1, 6, approved_by="4002")  # leads all of them; Wednesday to Monday
    assert last.empty == (
        ("1", day(site, 1)), ("5", day(site, 1)), ("5", day(site, 2)), ("5", day(site, 3)),
        ("5", day(site, 6)),
    )  # fmt: skip
    found = {one.leave.staff: one for one in leaves.read_leaves(site, staff="4001")}
    assert found["1001"].empty == (("1", day(site, 1)),)
    assert {window for window, _day in found["1005"].empty} == {"1", "5"}


@pytest.mark.rule("AB-3", "AB-7")
def test_two_working_days_of_an_a_whom_nobody_covers_are_to_be_looked_into(
    led: tuple[Site, ManualClock],
) -> None:
    site, _clock = led
    assert not plan(site, "4001", 1, 6, approved_by="4002").is_to_look_into  # holds no A
    assert not plan(site, "1005", 3, 5).is_to_look_into  # Friday to Sunday: one working day
    assert plan(site, "1005", 6, 6).empty == (("5", day(site, 6)),)  # alone, but for one day
    assert not plan(site, "1003", 1, 2).is_to_look_into  # its B is there
    leaves.cancel(site, "1005", from_day=day(site, 3), by="1005")
    assert plan(site, "1005", 3, 5).empty == (("5", day(site, 3)),)
    leaves.cancel(site, "1005", from_day=day(site, 6), by="1005")
    leaves.cancel(site, "1005", from_day=day(site, 3), by="1005")
    assert plan(site, "1005", 3, 6).is_to_look_into  # Friday and Monday


@pytest.mark.rule("AB-2")
@pytest.mark.parametrize("approved_by", ["1001", "1002", "3001", "2001"])
def test_who_may_not_agree_to_leave(led: tuple[Site, ManualClock], approved_by: str) -> None:
    site, _clock = led
    refused("not_allowed", plan, site, "1001", 1, 1, approved_by)
    assert leaves.read_leaves(site, staff="4001") == ()


@pytest.mark.rule("AB-2")
def test_who_leads_a_window_agrees_for_those_who_hold_a_post_there(led: tuple[Site, ManualClock]) -> None:
    site, _clock = led
    refused("not_allowed", plan, site, "1001", 1, 1, "1004")
    assert plan(site, "1003", 1, 1, "1004").leave.approved_by == "1004"
    refused("not_allowed", plan, site, "4001", 1, 1, "4001")
    assert [one.no for one in leaves.approvers(site.directory, "1003")] == ["1004", "4001", "4002"]


@pytest.mark.rule("AB-2", "AB-3")
def test_leave_is_planned_ahead_on_days_that_exist(led: tuple[Site, ManualClock]) -> None:
    site, _clock = led
    refused("too_short_notice", plan, site, "1001", 0, 1)
    refused("wrong_date", plan, site, "1001", 2, 1)
    refused("wrong_date", plan, site, "1001", 1, 400)
    refused("unknown_staff", plan, site, "9999", 1, 1)
    for first, reason in (("2026-02-30", "sick"), ("tomorrow", "sick")):
        refused(
            "wrong_date", leaves.plan, site, "1001", from_day=first, to_day=day(site, 3), reason=reason,
            approved_by="4001", by="4001",
        )  # fmt: skip
    refused(
        "not_allowed", leaves.plan, site, "1001", from_day=day(site, 1), to_day=day(site, 1), reason="short",
        approved_by="4001", by="4001",
    )  # fmt: skip
    plan(site, "1001", 1, 3)
    refused("wrong_date", plan, site, "1001", 3, 5)
    plan(site, "1002", 3, 5)


@pytest.mark.rule("AB-2")
def test_leave_is_given_up_or_ends_early_and_what_was_taken_stays(led: tuple[Site, ManualClock]) -> None:
    site, clock = led
    first = plan(site, "1001", 1, 5, op="plan", by="3001")
    assert plan(site, "1001", 1, 5, op="plan", by="3001") == first
    given_up = leaves.cancel(site, "1001", from_day=day(site, 1), by="3001", op="cancel")
    assert leaves.cancel(site, "1001", from_day=day(site, 1), by="3001", op="cancel") == given_up
    assert given_up.leave.cancelled_ms == clock.now_ms()
    assert leaves.read_leaves(site, staff="4001") == ()
    refused("wrong_date", leaves.cancel, site, "1001", from_day=day(site, 1), by="1001")
    assert events(site) == [("leave_planned", "3001", "1"), ("leave_cancelled", "3001", "1")]
    plan(site, "1001", 1, 5)
    clock.advance(3 * DAY_S)
    ended = leaves.cancel(site, "1001", from_day=day(site, -2), by="1001")
    assert (ended.leave.cancelled_ms, ended.leave.to_day) == (None, day(site, -1))
    assert [one.leave.id for one in leaves.read_leaves(site, day(site, -3), day(site, 0), staff="4001")] == [
        ended.leave.id
    ]
    refused("wrong_date", leaves.cancel, site, "1001", from_day=day(site, -2), by="1001")
