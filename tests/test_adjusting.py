"""Changes of window staff: step by step, the first year, the probation, who left too soon (SA, AB-9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import adjusting, terms
from jiaohao.queue.adjusting import STEPS
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.store import journal
from jiaohao.store.values import Post, Staff
from refusing import refused
from small_hall import MORNING, small_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Hall

LONG_AGO = "2024-03-01"


def staffed_hall(*, since: str | None = LONG_AGO, **changes: str) -> Hall:
    """The small hall with a chief representative, posts held ``since``; ``changes`` put another into w1_A."""
    base = small_hall()
    posts = [
        replace(post, since=since, staff=changes.get(f"w{post.window}_{post.post}", post.staff))
        for post in base.posts
    ]
    chief = Staff("1006", "冯六", "rs", "counter")
    return replace(
        base,
        staff=(*base.staff, chief),
        posts=(*posts, Post("1", "chief", "1006", LONG_AGO), Post("3", "chief", "1006", LONG_AGO)),
    )


def redescribe(site: Site, clock: ManualClock, hall: Hall) -> None:
    describe(site.store, hall, clock)
    site.reload()


@pytest.fixture
def staffed(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock]:
    """The small hall where every post has been held for years."""
    site, clock = hall_site
    redescribe(site, clock, staffed_hall())
    return hall_site


def ask(site: Site, **changes: str | None) -> adjusting.Change:
    wanted = {"window": "1", "post": "A", "entering": "1002", "staff": "4001"} | changes
    return adjusting.request(site, **wanted)  # type: ignore[arg-type]


def take(site: Site, asked: adjusting.Change, *names: str) -> adjusting.Change:
    for name in names:
        asked = adjusting.step(site, asked.adjustment.id, name, staff="4001", note=f"note on {name}")
    return asked


def known(site: Site, asked: adjusting.Change) -> adjusting.Change:
    reader = site.directory.person("4001")
    return next(one for one in adjusting.changes(site, reader) if one.adjustment.id == asked.adjustment.id)


@pytest.mark.rule("SA-1")
def test_a_change_goes_through_its_steps_each_with_who_and_when(staffed: tuple[Site, ManualClock]) -> None:
    site, clock = staffed
    asked = ask(site, staff="1006", why="workload", op="letter")
    assert (asked.adjustment.state, asked.next_step) == ("request", "consultation")
    assert ask(site, staff="1006", op="letter").adjustment.id == asked.adjustment.id
    for name in STEPS[1:]:
        clock.advance(3600)
        asked = take(site, asked, name)
        assert asked.adjustment.state == name
    assert asked == known(site, asked)
    assert asked.next_step is None
    assert asked.adjustment.leaving == "1001"  # the only one who held it
    began = clock.now_ms() - 4 * 3_600_000
    assert [(one.step, one.staff, one.at_ms) for one in asked.steps] == [
        (name, "1006" if name == "request" else "4001", began + place * 3_600_000)
        for place, name in enumerate(STEPS)
    ]
    assert [one.note for one in asked.steps[1:]] == [f"note on {name}" for name in STEPS[1:]]
    refused("wrong_step", take, site, asked, "authorisation")
    seen = site.store.read(lambda tx: journal.latest(tx, site.today(), 20))
    taken = [(line.to_state, line.note) for line in seen if line.event.startswith("adjustment")]
    assert taken == [(name, str(asked.adjustment.id)) for name in reversed(STEPS)]


@pytest.mark.rule("SA-1")
@pytest.mark.parametrize("place", range(1, len(STEPS)))
def test_a_step_out_of_order_is_refused_and_changes_nothing(
    staffed: tuple[Site, ManualClock], place: int
) -> None:
    site, _clock = staffed
    asked = take(site, ask(site), *STEPS[1:place])
    for name in set(STEPS) - {STEPS[place]}:
        refused("wrong_step", take, site, asked, name)
    assert known(site, asked) == asked
    assert take(site, asked, STEPS[place]).adjustment.state == STEPS[place]


@pytest.mark.rule("SA-1")
def test_a_repeated_step_is_taken_once(staffed: tuple[Site, ManualClock]) -> None:
    site, _clock = staffed
    asked = ask(site)
    for _time in range(2):
        done = adjusting.step(site, asked.adjustment.id, "consultation", staff="4001", op="talk")
        assert [one.step for one in done.steps] == ["request", "consultation"]


@pytest.mark.rule("SA-1")
def test_of_two_who_take_a_step_at_once_one_does(staffed: tuple[Site, ManualClock]) -> None:
    site, _clock = staffed
    asked = ask(site)

    def talk(_place: int) -> str:
        try:
            return take(site, asked, "consultation").adjustment.state
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(talk, range(4)))
    assert answers == ["consultation", *["wrong_step"] * 3]
    assert [one.step for one in known(site, asked).steps] == ["request", "consultation"]


@pytest.mark.rule("SA-1")
def test_who_asks_and_who_decides(staffed: tuple[Site, ManualClock]) -> None:
    site, _clock = staffed
    for staff in ("1001", "1005", "2001", "3001"):
        refused("not_allowed", ask, site, staff=staff)
    refused("not_allowed", ask, site, window="2", staff="1006")  # leads the first window alone
    refused("not_allowed", ask, site, window="3", entering="1001", staff="1006")  # not of its department
    asked = ask(site, staff="1006")
    for staff in ("1006", "3001"):
        refused("not_allowed", adjusting.step, site, asked.adjustment.id, "consultation", staff=staff)
    refused("unknown_adjustment", adjusting.step, site, 99, "consultation", staff="4001")


@pytest.mark.rule("SA-1")
def test_what_is_asked_must_be_a_change(staffed: tuple[Site, ManualClock]) -> None:
    site, clock = staffed
    refused("unknown_window", ask, site, window="9")
    refused("unknown_staff", ask, site, entering="9999")
    refused("unknown_post", ask, site, post="C")
    refused("already_in_post", ask, site, entering="1001")
    refused("not_posted", ask, site, leaving="1003")
    assert ask(site, post="authorised").adjustment.leaving is None  # nobody held it
    hall = staffed_hall()
    redescribe(site, clock, replace(hall, posts=(*hall.posts, Post("1", "A", "1003", LONG_AGO))))
    refused("who_leaves", ask, site)
    assert ask(site, leaving="1003").adjustment.leaving == "1003"


@pytest.mark.rule("AB-9", "SA-1")
def test_before_the_year_the_centre_must_have_agreed(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    redescribe(site, clock, staffed_hall(since="2025-11-25"))  # a year tomorrow
    refused("consent_required", ask, site)
    refused("not_allowed", ask, site, consent="3001")
    agreed = ask(site, consent="4001")
    assert (agreed.adjustment.consent, agreed.held_since, agreed.is_before_year) == (
        "4001", "2025-11-25", True,
    )  # fmt: skip
    clock.advance(86_400)
    over = ask(site)
    assert (over.adjustment.consent, over.held_since, over.is_before_year) == (None, "2025-11-25", False)
    assert known(site, agreed).is_before_year  # as it was when it was asked


@pytest.mark.rule("SA-1")
@pytest.mark.parametrize(("day", "is_mid_year"), [("2027-06-30", False), ("2027-07-01", True)])
def test_changes_are_for_the_first_half_of_the_year(
    staffed: tuple[Site, ManualClock],
    day: str,
    is_mid_year: bool,  # noqa: FBT001
) -> None:
    site, clock = staffed
    days = (date.fromisoformat(day) - MORNING.date()).days
    clock.advance(days * 86_400)
    assert site.today() == day
    assert ask(site).is_mid_year is is_mid_year


@pytest.mark.rule("SA-2")
def test_the_month_of_probation_is_shown_ahead_of_its_end(staffed: tuple[Site, ManualClock]) -> None:
    site, clock = staffed
    redescribe(site, clock, replace(staffed_hall(), weekdays=(1, 2, 3, 4, 5)))
    asked = take(site, ask(site), *STEPS[1:4])
    assert asked.adjustment.probation_until is None
    asked = take(site, asked, "authorisation")
    assert (asked.adjustment.probation_until, asked.is_probation_ending) == ("2026-12-24", False)
    clock.advance(15 * 86_400)  # Wednesday the 9th: ten working days reach the 23rd
    assert not known(site, asked).is_probation_ending
    clock.advance(86_400)
    assert known(site, asked).is_probation_ending
    clock.advance(14 * 86_400)  # its last day
    assert known(site, asked).is_probation_ending
    clock.advance(86_400)
    assert not known(site, asked).is_probation_ending


@pytest.mark.rule("SA-2", "AB-9")
@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2026-11-24", 1, "2026-12-24"),
        ("2026-12-05", 1, "2027-01-05"),
        ("2027-01-31", 1, "2027-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_a_month_and_a_year_by_the_calendar(day: str, months: int, after: str) -> None:
    assert terms.months_after(day, months) == after


@pytest.mark.rule("SA-2")
def test_a_hall_that_never_works_is_not_searched_for_ever() -> None:
    assert terms.soon(replace(small_hall(), weekdays=()), "2027-03-01") > "2027-03-01"


@pytest.mark.rule("AB-9")
def test_who_left_before_the_year_without_a_decision_is_to_be_looked_into(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    redescribe(site, clock, staffed_hall(since="2026-03-02"))
    reader = site.directory.person("3001")
    decided = take(site, ask(site, consent="4001"), *STEPS[1:])
    undecided = ask(site, window="2", entering="1001", consent="4001")
    clock.advance(86_400)
    redescribe(site, clock, staffed_hall(since="2026-03-02", w1_A="1002", w2_A="1001"))
    found = adjusting.early_ends(site, reader)
    assert [(one.window, one.post, one.staff, one.to_day) for one in found] == [
        ("2", "A", "1002", "2026-11-25")
    ]
    clock.advance(86_400)
    take(site, undecided, *STEPS[1:])  # too late for what was done already
    assert adjusting.early_ends(site, reader) == found
    assert known(site, decided).held_since == "2026-03-02"


@pytest.mark.rule("AB-9")
def test_who_left_after_the_year_is_not_listed(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    redescribe(site, clock, staffed_hall(since="2025-11-24"))
    redescribe(site, clock, staffed_hall(since="2025-11-24", w1_A="1002"))
    assert adjusting.early_ends(site, site.directory.person("4001")) == ()


@pytest.mark.rule("SA-1", "PV-1")
def test_only_who_has_to_do_with_a_window_reads_of_its_staff(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    redescribe(site, clock, staffed_hall(since="2026-03-02"))
    first = ask(site, consent="4001")
    second = ask(site, window="2", entering="1001", consent="4001")
    take(site, first, *STEPS[1:])
    redescribe(site, clock, staffed_hall(since="2026-03-02", w1_A="1002", w2_A="1001", w3_A="1001"))

    def read(no: str) -> tuple[list[int], list[str]]:
        reader = site.directory.person(no)
        found = adjusting.changes(site, reader)
        return [one.adjustment.id for one in found], [
            one.window for one in adjusting.early_ends(site, reader)
        ]

    ids = [second.adjustment.id, first.adjustment.id]  # what is open stands first
    assert read("3001") == read("4001") == (ids, ["3", "2"])
    assert read("1006") == (ids[1:], ["3"])
    assert read("1001") == read("2001") == ([], [])
    open_ones = adjusting.changes(site, site.directory.person("3001"), open_only=True)
    assert [one.adjustment.id for one in open_ones] == ids[:1]
