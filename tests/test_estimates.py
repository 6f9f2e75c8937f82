"""What visitors were told to wait: kept as it was told, and held against the wait that followed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driving import SIZES, desk, says, until
from jiaohao.queue import calling, issuing, language, order, questions, seating, waits
from jiaohao.queue.clock import to_ms
from jiaohao.queue.estimates import Errors, errors
from jiaohao.queue.floor import Floor
from jiaohao.queue.reading import read_floor
from jiaohao.queue.show import find_ticket
from jiaohao.queue.waits import DayWaits
from jiaohao.store.figures import FirstCall
from jiaohao.tui.widgets.rows import Rows
from small_hall import small_hall
from test_commands import Hall, hall  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

MIN_S = 60


def test_the_error_is_the_median_of_what_each_was_off_by() -> None:
    told = errors([(10 * MIN_S, 12 * MIN_S), (5 * MIN_S, 10 * MIN_S), (4 * MIN_S, 4 * MIN_S), (None, 900)])
    assert told == Errors(3, 2 * MIN_S, round(2 / 12, 3), 2 * MIN_S, too_short=2, too_long=0)
    assert told.percent == 17


def test_who_was_told_nothing_counts_for_nothing() -> None:
    assert errors([(None, 600)]) == errors([]) == Errors()
    assert Errors().percent is None


def test_waits_told_too_long_are_below_zero() -> None:
    told = errors([(600, 300), (600, 420), (120, 100)])
    assert (told.bias_s, told.too_short, told.too_long) == (-180, 0, 2)


def test_a_wait_of_seconds_is_measured_against_a_minute() -> None:
    assert errors([(30, 0)]).median_share == 0.5


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_supervision_sees_how_near_the_estimates_were(
    hall_site: tuple[Site, ManualClock], size: tuple[int, int], tongue: str
) -> None:
    site, clock = hall_site
    language.use(tongue)
    seating.sit(site, "1", "1001")
    for told_min in (130, 9, 8):
        issuing.issue(site, "A", estimate_s=told_min * MIN_S)
    clock.advance(10 * MIN_S)
    for _visitor in range(3):
        calling.call(site, "1")
        calling.start(site, "1")
        calling.finish(site, "1")
    facts, cells = {
        "en": ("Told 3: half within 2 min 20%, 1 min short; 2 short, 1 long", ("2 min 20%", "1 min short")),
        "zh_CN": (
            "预计 3 次：半数误差在 2 分 20% 以内，少报 1 分；少报 2，多报 1",
            ("2 分 20%", "少报 1 分"),
        ),
    }[tongue]
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await pilot.press("f5")
        await until(pilot, says(pilot, facts))
        await pilot.press("right")
        await until(pilot, says(pilot, "A 社会保险"))
        assert [row.cells[4:6] for row in pilot.app.screen.query_one("#table", Rows).rows] == [
            cells, cells, ("-", "-"), ("-", "-")
        ]  # fmt: skip


def told_day() -> DayWaits:
    """Two of line A told too short, one of B told too long, one of C told nothing."""
    first_ms = to_ms(datetime(2026, 11, 24, 2, 30, tzinfo=UTC))
    return DayWaits("2026-11-24", tuple(
        FirstCall(number, first_ms - waited_min * 60_000, first_ms, told_s)
        for number, waited_min, told_s in (
            ("A001", 10, 480), ("A002", 20, 720), ("B001", 5, 600), ("C001", 5, None)
        )
    ))  # fmt: skip


def test_each_line_is_judged_by_its_own_and_the_day_by_all() -> None:
    parts = waits.by_line(small_hall(spans_min=((540, 1020),)), told_day())
    assert [(part.line, part.estimates.count, part.estimates.bias_s) for part in parts] == [
        (None, 3, 120), ("A", 2, 300), ("B", 1, -300), ("C", 0, None)
    ]  # fmt: skip
    assert [part.called for part in parts] == [4, 2, 1, 1]
    hours = waits.by_clock(small_hall(spans_min=((540, 1020),)), told_day(), 60)
    assert {(part.from_ms, part.to_ms) for part in parts} == {(hours[0].from_ms, hours[-1].to_ms)}
    assert [part.estimates.count for part in hours] == [0, 3, 0, 0, 0, 0, 0, 0]


def test_a_closed_day_has_its_lines_without_hours() -> None:
    parts = waits.by_line(small_hall(weekdays=(7,)), DayWaits("2026-11-24", ()))
    assert [part.called for part in parts] == [0, 0, 0, 0]


@pytest.mark.rule("Q-8")
def test_what_was_told_is_kept_with_the_ticket_and_compared(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    told = []
    for _visitor in range(3):
        floor, _forecast = read_floor(site)
        told.append(issuing.estimate_s(site.hall, floor, "A"))
        ticket = questions.receive(site, "A", staff="2001", estimate_s=told[-1])
        slip_s = issuing.minutes(told[-1] or 0)
        assert slip_s in issuing.slip(site.hall, floor, ticket)
        assert find_ticket(site, ticket.number)[0].estimate_s == told[-1]
    questions.receive(site, "A", staff="2001")  # nobody could tell
    for _visitor in range(4):
        clock.advance(300)
        calling.call(site, "1")
        calling.start(site, "1")
        calling.finish(site, "1")
    of = waits.read_waits(site, site.today())
    assert sorted((call.number, call.told_s) for call in of.calls) == [
        *zip(("A001", "A002", "A003"), told, strict=True), ("A004", None)
    ]  # fmt: skip
    followed = (300, 600, 900)
    assert waits.in_all(of).estimates == errors(zip(told, followed, strict=True))


@pytest.mark.rule("Q-6")
def test_a_priority_visitor_is_told_the_wait_of_the_place_they_take(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    waiting = []
    for _visitor in range(4):
        clock.advance(20 * 60)
        waiting.append(issuing.issue(site, "A"))
    floor, _forecast = read_floor(site)

    def told(priority: str, of: Floor = floor) -> int | None:
        return issuing.estimate_s(site.hall, of, "A", priority)

    assert told("urgent") == floor.expected[waiting[0].id]
    assert told("veteran") == floor.expected[waiting[2].id]  # 30 minutes ahead: behind the first two
    assert told(order.NORMAL.code) == floor.lines[0].expected_wait_s
    for _visitor in range(4):
        calling.start(site, "1")
        calling.finish(site, "1")
        calling.call(site, "1")
    floor, _forecast = read_floor(site)
    assert told("urgent", floor) == told("normal", floor)  # nobody waits whom they could overtake


@pytest.mark.rule("Q-8")
async def test_the_guide_tells_what_is_kept(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    language.use("en")
    seating.sit(site, "1", "1001")
    for _visitor in range(3):
        issuing.issue(site, "A")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press(*"参保", "enter")
        await until(pilot, says(pilot, "Issued: A004"))
        told_s = find_ticket(site, "A004")[0].estimate_s
        assert told_s
        await until(pilot, says(pilot, f"Expected wait: {issuing.minutes(told_s)}"))


def test_the_command_tells_what_it_keeps(hall: Hall) -> None:  # noqa: F811 - the fixture
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    hall.done("call", "1")
    told_s = [hall.done("issue", "A")["expected_wait_s"] for _visitor in range(2)]
    hall.done("start", "1")
    for _visitor in range(2):
        hall.done("finish", "1")
        hall.done("call", "1")
        hall.done("start", "1")
    found = hall.done("waits", "--by-line")["waits"]
    assert [part["line"] for part in found] == [None, "A", "B"]
    assert list(found[1]["estimates"]) == [
        "count", "error_median_s", "error_median", "bias_s", "too_short", "too_long"
    ]  # fmt: skip
    assert found[0]["estimates"] == found[1]["estimates"]
    assert found[1]["estimates"]["count"] == 3
    assert found[1]["estimates"]["bias_s"] == pytest.approx(-min(told_s), abs=5)  # called within seconds
    assert found[2]["estimates"]["count"] == 0
    assert hall("waits", "--by-line", "--line", "A")[0] == 2
