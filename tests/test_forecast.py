"""Expected waits, case by case where the answer is plain."""

from __future__ import annotations

import math
import statistics

import pytest

from jiaohao.queue import forecast as forecasting
from jiaohao.queue import order
from jiaohao.queue.floor import FREE, WindowView
from jiaohao.queue.forecast import Coming, coming, forecast
from jiaohao.store.values import Calling, Ticket
from small_hall import small_hall

NOW_MS = 1_800_000_000_000
MINUTE_MS = 60_000
SIX = [("A", 6 * MINUTE_MS)] * 20
"""Every service of line A has taken six minutes lately."""


def ticket(
    number: int,
    line: str = "A",
    *,
    queue: str | None = None,
    head_start_min: int = 0,
    at_window_s: int | None = None,
) -> Ticket:
    """The ticket that came ``number``-th; with ``at_window_s`` it is being served for so long."""
    issued_ms = NOW_MS - (1000 - number) * 1000
    place_ms = issued_ms - head_start_min * MINUTE_MS
    since_ms = None if at_window_s is None else NOW_MS - at_window_s * 1000
    state = "waiting" if since_ms is None else "serving"
    return Ticket(
        number, "2026-11-24", f"{line}{number:03d}", line, queue or line, None, "normal", None, state, None,
        place_ms, 0, 0, issued_ms, since_ms, 0, None, None, None,
    )  # fmt: skip


def since(number: int, minutes: int) -> Ticket:
    """A ticket that has waited for so long."""
    return ticket(number)._replace(place_ms=NOW_MS - minutes * MINUTE_MS)


def window(code: str, *lines: str, flex: tuple[str, ...] = (), serving: Ticket | None = None) -> WindowView:
    """A manned window."""
    state = serving.state if serving else FREE
    return WindowView(code, code, "handling", lines, flex, state, "A", f"10{code}", serving)


def in_order(*tickets: Ticket) -> list[Ticket]:
    """Those who wait, as the floor has them."""
    return sorted(tickets, key=lambda one: (one.place_ms, one.id))


def test_the_wait_behind_so_many_is_theirs_over_the_windows() -> None:
    """With memoryless services at c busy windows, the n-th is called after n/c services on the mean."""
    views = [window(str(n), "A", serving=ticket(n, at_window_s=60)) for n in range(4)]
    waiting = [ticket(number) for number in range(10, 50)]
    runs = [forecast(small_hall(), views, waiting, [], NOW_MS + n) for n in range(40)]
    for place in (0, 7, 39):
        waits = [run.tickets_s[waiting[place].id] for run in runs]
        half_width = 1.96 * statistics.stdev(waits) / math.sqrt(len(waits)) + 1
        assert statistics.mean(waits) == pytest.approx((place + 1) * 360 / 4, abs=half_width)


def test_one_window_calls_one_after_the_other() -> None:
    waiting = [ticket(1), ticket(2), ticket(3)]
    made = forecast(small_hall(), [window("1", "A")], waiting, SIX, NOW_MS)
    assert made.made_ms == NOW_MS
    assert made.tickets_s == {1: 0, 2: 360, 3: 720}
    assert made.lines_s == {"A": 1080}


def test_a_service_under_way_is_waited_for() -> None:
    busy = window("1", "A", serving=ticket(9, at_window_s=240))
    assert forecast(small_hall(), [busy], [ticket(10)], SIX, NOW_MS).tickets_s == {10: 120}


def test_a_service_longer_than_any_of_late_ends_some_time() -> None:
    busy = window("1", "A", serving=ticket(9, at_window_s=3000))
    assert 0 < forecast(small_hall(), [busy], [ticket(10)], SIX, NOW_MS).tickets_s[10] < 1800


@pytest.mark.parametrize(
    "views",
    [
        (),
        (WindowView("1", "1", "handling", ("A",), (), "absent"),),
        (window("1", "A")._replace(state="paused", paused_ms=NOW_MS),),
    ],
)
def test_where_nobody_calls_nothing_is_expected(views: tuple[WindowView, ...]) -> None:
    made = forecast(small_hall(), views, [ticket(1)], SIX, NOW_MS)
    assert (made.lines_s, made.tickets_s) == ({}, {})


def test_a_line_without_a_manned_window_has_no_entry() -> None:
    made = forecast(small_hall(), [window("1", "A")], in_order(ticket(1), ticket(2, "B")), SIX, NOW_MS)
    assert made.tickets_s == {1: 0}
    assert made.lines_s == {"A": 360}


@pytest.mark.rule("Q-6")
def test_a_head_start_counts() -> None:
    waiting = in_order(ticket(1), ticket(2), ticket(3, head_start_min=30))
    made = forecast(small_hall(), [window("1", "A")], waiting, SIX, NOW_MS)
    assert made.tickets_s == {3: 0, 1: 360, 2: 720}


@pytest.mark.rule("OP-2")
def test_a_window_of_two_lines_calls_the_earliest_place_of_both() -> None:
    lately = [*SIX, *[("B", 2 * MINUTE_MS)] * 20]
    waiting = in_order(ticket(1, "B"), ticket(2), ticket(3, "B"))
    made = forecast(small_hall(), [window("1", "A", "B")], waiting, lately, NOW_MS)
    assert made.tickets_s == {1: 0, 2: 120, 3: 480}
    assert made.lines_s == {"A": 600, "B": 600}


@pytest.mark.rule("FR-4")
def test_who_is_sent_to_a_window_waits_for_that_window() -> None:
    busy = window("1", "A", serving=ticket(9, at_window_s=60))
    waiting = in_order(ticket(10, queue=order.window_queue("1")), ticket(11))
    made = forecast(small_hall(), [busy, window("2", "A")], waiting, SIX, NOW_MS)
    assert made.tickets_s == {10: 300, 11: 0}
    assert forecast(small_hall(), [window("2", "A")], waiting, SIX, NOW_MS).tickets_s == {11: 0}


@pytest.mark.rule("Q-9")
def test_a_flex_window_helps_while_the_line_is_long() -> None:
    hall = small_hall(calling=Calling(flex_mark=2))
    views = [window("1", "A"), window("3", "B", flex=("A",))]
    waiting = [ticket(number) for number in range(1, 6)]
    made = forecast(hall, views, waiting, SIX, NOW_MS)
    # Of five, two are called at once and one more by the flex window; behind them no more than two wait.
    assert made.tickets_s == {1: 0, 2: 0, 3: 360, 4: 720, 5: 1080}
    assert forecast(hall, views[1:], waiting, SIX, NOW_MS).tickets_s == {1: 0, 2: 360, 3: 720}


@pytest.mark.rule("Q-6")
def test_who_comes_with_a_head_start_is_told_the_wait_of_the_place_it_gives() -> None:
    """The veteran's is of thirty minutes: behind the first, before the second."""
    waiting = [
        ticket(number)._replace(place_ms=NOW_MS - ago * MINUTE_MS) for number, ago in ((1, 50), (2, 20))
    ]
    made = forecast(small_hall(), [window("1", "A")], waiting, SIX, NOW_MS)
    assert made.classes_s == {("A", "urgent"): 0, ("A", "veteran"): 360}
    assert made.lines_s == {"A": 720}


@pytest.mark.rule("Q-6")
def test_those_who_will_come_with_a_head_start_are_foreseen() -> None:
    """One an hour comes for six minutes: of each minute in the queue, a tenth is theirs."""
    waiting = [ticket(number) for number in range(1, 41)]
    urgent = Coming("A", 7 * 24 * 60 * MINUTE_MS, 1 / (60 * MINUTE_MS))
    runs = [forecast(small_hall(), [window("1", "A")], waiting, SIX, NOW_MS + n, [urgent]) for n in range(20)]
    assert statistics.fmean(run.lines_s["A"] for run in runs) == pytest.approx(40 * 360 / 0.9, rel=0.02)
    assert {run.classes_s["A", "urgent"] for run in runs} == {0}  # none of them is before who comes now


@pytest.mark.rule("Q-6")
def test_who_comes_later_overtakes_only_as_far_as_the_head_start_reaches() -> None:
    """The first has waited for longer than that, the last has not."""
    waiting = [
        ticket(number)._replace(place_ms=NOW_MS - ago * MINUTE_MS) for number, ago in ((1, 50), (2, 1))
    ]
    soon = Coming("A", 30 * MINUTE_MS, 1 / MINUTE_MS)
    made = forecast(small_hall(), [window("1", "A")], waiting, SIX, NOW_MS, [soon])
    assert made.tickets_s[1] == 0
    # Those of the next 29 minutes and of those that they take come before the second.
    assert made.tickets_s[2] > 29 * 60


def test_more_than_can_be_served_end_all_the_same() -> None:
    flood = Coming("A", 7 * 24 * 60 * MINUTE_MS, 1 / 1000)
    made = forecast(small_hall(), [window("1", "A")], [ticket(1), ticket(2)], SIX, NOW_MS, [flood])
    assert made.tickets_s[1] == 0
    assert made.tickets_s[2] > 3600


@pytest.mark.rule("Q-6")
def test_as_many_are_expected_as_came_lately() -> None:
    issued = [("A", "urgent", NOW_MS - minute * MINUTE_MS) for minute in (1, 10, 59, 61, 200)]
    issued += [("A", "normal", NOW_MS), ("B", "veteran", NOW_MS - MINUTE_MS), ("B", "gone", NOW_MS)]
    hall, hour_ms = small_hall(), 60 * MINUTE_MS
    assert coming(hall, issued, 0, NOW_MS) == [
        Coming("A", 7 * 24 * hour_ms, 3 / hour_ms), Coming("B", 30 * MINUTE_MS, 1 / hour_ms)
    ]  # fmt: skip
    # Where only the last half hour is known, it is taken for itself.
    assert coming(hall, issued, NOW_MS - hour_ms // 2, NOW_MS)[0].rate == 2 / (hour_ms // 2)


def test_an_appointment_to_come_does_not_hold_up_who_comes_now() -> None:
    later = ticket(1)._replace(place_ms=NOW_MS + 30 * MINUTE_MS)
    made = forecast(small_hall(), [window("1", "A")], [ticket(2), later], SIX, NOW_MS)
    assert made.lines_s == {"A": 360}


def test_few_services_of_a_line_lean_on_the_figure_of_the_hall() -> None:
    hall = small_hall(calling=Calling(service_min=10))
    waiting = [ticket(number) for number in range(1, 102)]
    last_s = {
        count: forecast(hall, [window("1", "A")], waiting, SIX[:count], NOW_MS).tickets_s[101]
        for count in (0, 2, 5)
    }
    assert last_s[0] == pytest.approx(100 * 600, rel=0.1)
    assert last_s[2] == pytest.approx(100 * (0.4 * 360 + 0.6 * 600), rel=0.1)
    assert last_s[5] == 100 * 360


def test_the_same_floor_gives_the_same_waits() -> None:
    views = [window(str(n), "A", serving=ticket(n, at_window_s=60 * n)) for n in range(3)]
    waiting = [ticket(number) for number in range(10, 30)]
    first, second = (forecast(small_hall(), views, waiting, [], NOW_MS) for _time in range(2))
    assert first == second


@pytest.mark.parametrize("count", [1, 100, 1_000, 5_000])
def test_the_work_is_bounded_whatever_waits(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in calls played, not in milliseconds: a busy machine must not fail the budget."""
    played = 0
    plain = forecasting.heapreplace

    def counted(heap: list[tuple[float, int]], item: tuple[float, int]) -> tuple[float, int]:
        nonlocal played
        played += 1
        return plain(heap, item)

    monkeypatch.setattr(forecasting, "heapreplace", counted)
    views = [window(str(n), "A") for n in range(24)]
    waiting = [ticket(number) for number in range(count)]
    made = forecast(small_hall(), views, waiting, SIX, NOW_MS)
    assert len(made.tickets_s) == count
    assert count * forecasting.FEWEST <= played <= max(forecasting.STEPS, count * forecasting.FEWEST)
