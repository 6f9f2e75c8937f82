"""A played day: through the real operations, whole at its end, and with estimates that hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import states, waits
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.simulated_crowd import crowd, manned_windows
from jiaohao.queue.simulated_day import SimulatedDay
from jiaohao.queue.simulation import Plan, Report, simulate
from jiaohao.store import journal, seats, tickets
from jiaohao.store.values import Department, Hall, Line, Post, Staff, Window
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.site import Site

DAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
OFFICE_HOURS = ((9 * 60, 17 * 60),)


def play(folder: Path, plan: Plan, hall: Hall) -> tuple[Site, Report]:
    """A day played on a fresh database, and what came of it."""
    folder.mkdir(exist_ok=True)
    site, clock = sqlite_site(folder, hall, start=MIDNIGHT)
    return site, simulate(site, clock, plan)


def county_hall() -> Hall:
    """Twenty windows, eight lines, open on a working day's hours."""
    lines = tuple(Line(code, code) for code in "ABCDEFGH")
    # Sorted: the order of a set changes from run to run, and with it the day.
    lines_of = [tuple(sorted({"ABCDEFGH"[n % 8], "ABCDEFGH"[(n * (n % 3)) % 8]})) for n in range(20)]
    windows = tuple(Window(str(n), str(n), "handling", "rs", lines_of[n]) for n in range(20))
    posts = [Post(str(n), "A", f"1{n:02d}") for n in range(20)] + [
        Post(str(n), "B", f"2{n:02d}") for n in range(20)
    ]
    staff = [Staff(post.staff, post.staff, "rs", "counter") for post in posts]
    return small_hall(
        spans_min=OFFICE_HOURS,
        departments=(Department("rs", "rs"),),
        lines=lines,
        windows=windows,
        matters=(),
        posts=tuple(posts),
        staff=(*staff, Staff("301", "引", "rs", "guide")),
    )


@pytest.mark.rule("Q-1", "Q-3", "HR-2")
def test_a_day_is_whole_at_its_end(tmp_path: Path) -> None:
    site, report = play(tmp_path, Plan(120, 4, 7, DAY), small_hall(spans_min=OFFICE_HOURS))
    today = DAY.isoformat()
    found = site.store.read(lambda tx: tickets.of_day(tx, today))
    assert len(found) == report.issued == 120
    for line in "ABC":
        numbers = [ticket.number for ticket in found if ticket.line == line or ticket.number[0] == line]
        of_line = sorted(number for number in numbers if number[0] == line)
        assert of_line == [f"{line}{count:03d}" for count in range(1, len(of_line) + 1)]
    ended = Counter(ticket.state for ticket in found)
    assert ended == Counter(
        {
            state: count
            for state, count in (
                (states.FINISHED, report.served),
                (states.MISSED, report.missed),
                (states.CANCELLED, report.cancelled),
                (states.UNSERVED, report.unserved),
            )
            if count
        }
    )
    assert site.store.read(lambda tx: journal.pulse(tx, today)).day_closed
    assert all(seat.to_ms is not None for seat in site.store.read(lambda tx: seats.of_day(tx, today)))
    assert site.store.problems() == []


def test_everything_that_happens_in_a_hall_happens(tmp_path: Path) -> None:
    site, _report = play(tmp_path, Plan(250, None, 3, DAY), small_hall(spans_min=OFFICE_HOURS))
    events = {row[0] for row in site.store.read(lambda tx: tx.rows("SELECT DISTINCT event FROM journal"))}
    assert events >= set(states.STEPS) - {"closed"} | {
        "issued",
        "sat",
        "left",
        "paused",
        "went_on",
        "day_closed",
    }


def test_a_hall_that_closes_for_noon_and_one_that_never_does(tmp_path: Path) -> None:
    for place, spans in enumerate((((540, 720), (810, 1020)), ((0, 1440),))):
        _site, report = play(tmp_path / str(place), Plan(60, None, 2, DAY), small_hall(spans_min=spans))
        assert report.served > 50
        assert report.unserved == 0


def test_the_same_seed_is_the_same_day(tmp_path: Path) -> None:
    hall = small_hall(spans_min=OFFICE_HOURS)
    first, second, other = (
        play(tmp_path / str(place), Plan(60, None, seed, DAY), hall)[1]
        for place, seed in enumerate((5, 5, 6))
    )
    assert first == second
    assert first.waits != other.waits


@pytest.mark.rule("HR-1")
def test_no_day_is_played_on_which_the_hall_is_closed(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        play(tmp_path, Plan(10, None, 1, date(2026, 11, 22)), small_hall(weekdays=(1, 2, 3, 4, 5)))
    assert refused.value.code == "hall_closed"


def test_most_come_in_the_morning_and_none_at_the_end() -> None:
    hall = county_hall()
    plan = Plan(1000, None, 1, DAY)
    visitors = crowd(hall, plan, manned_windows(hall, plan))
    hours = Counter((datetime.fromtimestamp(v.at_ms / 1000, UTC) + timedelta(hours=8)).hour for v in visitors)
    assert set(hours) == set(range(9, 17))
    assert hours[10] > hours[14] > hours[12] > hours[16]


def test_windows_are_manned_so_that_every_line_is_served() -> None:
    hall = county_hall()
    for count in (8, 12, None):
        manned = manned_windows(hall, Plan(600, count, 1, DAY))
        assert {line for window in manned for line in window.lines} == {line.code for line in hall.lines}
        assert count in {None, len(manned)}


def test_a_window_taken_over_is_left_alone(tmp_path: Path) -> None:
    site, clock = sqlite_site(tmp_path, small_hall(spans_min=OFFICE_HOURS), start=MIDNIGHT)
    taken: set[str] = set()
    day = SimulatedDay(site, Plan(120, 4, 4, DAY), spare=frozenset({"1"}), hands_off=taken.__contains__)
    while day.next_ms is not None and day.next_ms < MIDNIGHT.timestamp() * 1000 + 11 * 3_600_000:
        clock.set_ms(day.next_ms)
        day.step()
    today = DAY.isoformat()
    taken.add("2")
    before = site.store.read(lambda tx: tickets.at_window(tx, today, "2"))
    while day.next_ms is not None and not day.is_over:
        clock.set_ms(day.next_ms)
        day.step()
    assert site.store.read(lambda tx: tickets.at_window(tx, today, "2")) == before
    assert not [seat for seat in site.store.read(lambda tx: seats.of_day(tx, today)) if seat.window == "1"]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4, 5))])
def test_the_estimates_agree_with_what_follows(tmp_path: Path, seed: int) -> None:
    """On a day on which clerks pause, eat, are called away, and relieve one another."""
    site, report = play(tmp_path, Plan(600, None, seed, DAY), county_hall())
    assert report.served > 0.95 * report.issued
    assert report.estimates > 0.95 * report.issued
    assert report.waits.median_s is not None
    assert report.waits.median_s > 120, "a day without waiting proves nothing"
    assert report.error_median is not None
    assert report.error_median <= 0.2
    assert report.bias_s is not None
    assert abs(report.bias_s) <= 120, "waits are told neither too short nor too long"
    of = waits.read_waits(site, DAY.isoformat())
    kept = waits.in_all(of).estimates
    assert (kept.count, kept.median_share) == (report.estimates, pytest.approx(report.error_median, abs=0.01))
    site.store.close()
