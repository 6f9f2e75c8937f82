"""Absence at the desks: leaving with a number in hand, pages, who is stuck, what supervision reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from driving import SIZES, desk, says, text_of, until
from fitting import misfits, written
from jiaohao.queue import calling, enquiries, issuing, language, leaving, questions, seating
from jiaohao.queue.figures import DayFigures, DayReport
from jiaohao.queue.reading import read_floor
from jiaohao.queue.setup import describe
from jiaohao.queue.show import find_ticket
from jiaohao.store import absences, seats
from jiaohao.tui import link
from jiaohao.tui.app import JiaohaoApp
from jiaohao.tui.screens import supervision
from jiaohao.tui.screens.dialogs import Ask
from small_hall import sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    """The small hall with its residents at windows 1 to 4."""
    site, clock = sqlite_site(tmp_path)
    for window in "1234":
        seating.sit(site, window, f"100{window}")
    language.use("en")
    yield site, clock
    site.store.close()


@pytest.mark.rule("AB-2")
@pytest.mark.parametrize("size", SIZES)
async def test_leaving_with_a_number_in_hand_says_what_becomes_of_it(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    calling.start(site, "1")
    async with desk(site, "counter", staff="1001", window="1", size=size) as (app, pilot):
        await until(pilot, says(pilot, "serving", "F9 Pause or leave"))
        await pilot.press("f9")
        await until(pilot, says(pilot, "Leave window 1", f"set {number} aside", "6 meeting"))
        await pilot.press("f8")
        await until(pilot, says(pilot, f"{number} waits again"))
        await pilot.press(*"10:50", "enter", "2", "f2")
        await until(pilot, lambda: app.desk and app.desk.CODE == "start")
        assert app.link.seat is None
    today = site.today()
    (absence,) = site.store.read(lambda tx: absences.still_open(tx, today))
    assert (absence.reason, absence.approved_by) == ("private", None)
    assert find_ticket(site, number)[0].state == "waiting"


@pytest.mark.rule("AB-2")
async def test_what_was_left_is_read_on_sitting_down(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    leaving.leave(site, "1", reason="meeting", handover="A012 comes back at three")
    seating.sit(site, "1", "1005")
    async with desk(site, "counter", staff="1005", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Left for you at this window", "A012 comes back at three"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "F2 Call"))


@pytest.mark.rule("AB-2", "AB-7")
@pytest.mark.parametrize("size", SIZES)
async def test_who_is_asked_to_cover_sees_it_and_answers(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    seating.sit(site, "5", "1005")
    async with desk(site, "supervise", staff="4001", size=size) as (_app, pilot):
        leaving.leave(site, "2", reason="sick")  # B is busy elsewhere, so the lead is asked at once
        await until(pilot, says(pilot, "! Cover window 2"))
        await pilot.press("f11")
        await until(pilot, says(pilot, "cover it", "is empty since 10:05", "window lead"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "I am coming"))
        await pilot.press("1")
        await until(pilot, says(pilot, "Go to window 2 and sit down."))
    seen = read_floor(site)[0].window("2")
    assert seen is not None
    assert (seen.cover, seen.comes) == ("lead", True)


@pytest.mark.rule("AB-6")
@pytest.mark.parametrize("size", SIZES)
async def test_the_guide_moves_those_who_wait_for_an_empty_window_with_one_key(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    for _one in range(3):
        questions.receive(site, "C", staff="2001")
    async with desk(site, "guide", staff="2001", size=size) as (_app, pilot):
        assert "F9" not in text_of(pilot.app)
        leaving.leave(site, "4", reason="meeting", back="10:50")
        await until(pilot, says(pilot, "F9 Move waiting"))
        if size == SIZES[0]:
            await pilot.press("f5", "f5")
        await until(pilot, says(pilot, "! 4 综合窗口", "since 10:05", "back 10:50", "only here: 3"))
        await pilot.press("f9")
        await until(pilot, says(pilot, "Window 4 is empty: where do they go?", "医保一窗"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Whom?", "all", "C001"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Moved to 3: C001 C002 C003"))
    assert calling.call(site, "3").number == "C001"


@pytest.mark.rule("AB-6")
async def test_a_counter_knows_whose_business_it_carries(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "counter", staff="1002", window="2") as (_app, pilot):
        await until(pilot, says(pilot, "Free"))
        assert "also for window" not in text_of(pilot.app)
        leaving.leave(site, "1", reason="sick")
        await until(pilot, says(pilot, "also for window 1"))
        seating.sit(site, "1", "1001")
        await until(pilot, lambda: "also for window" not in text_of(pilot.app))


@pytest.mark.rule("AB-6")
async def test_a_desk_says_that_it_is_alive_and_writes_down_who_is_not(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, clock = hall
    monkeypatch.setattr(link, "ATTEND_S", 0.05)
    seating.sit(site, "5", "1005", alive=True)
    today = site.today()
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Free"))

        def beats() -> bool:
            return any(
                seat.window == "1" and seat.beat_ms == clock.now_ms()
                for seat in site.store.read(lambda tx: seats.still_taken(tx, today))
            )

        await until(pilot, beats)
        for _step in range(4):
            clock.advance(15)
            await until(pilot, beats)
        await until(
            pilot,
            lambda: (
                [one.reason for one in site.store.read(lambda tx: absences.still_open(tx, today))]
                == ["terminal"]
            ),
        )


@pytest.mark.rule("AB-6")
async def test_a_terminal_that_died_is_back_at_its_window_without_a_new_sign_on(
    hall: tuple[Site, ManualClock],
) -> None:
    site, clock = hall
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Free"))
    clock.advance(120)
    leaving.watch(site)
    seen = read_floor(site)[0].window("1")
    assert seen is not None
    assert seen.state == "absent"
    again = JiaohaoApp(site, desk="counter", window="1")
    async with again.run_test() as pilot:
        await until(pilot, lambda: again.desk and again.desk.CODE == "counter")
        await until(pilot, says(pilot, "赵一 1001", "Free", "F2 Call"))
    clock.advance(15 * 60)
    late = JiaohaoApp(site, desk="counter", window="1")
    async with late.run_test() as pilot:
        await until(pilot, says(pilot, "Sign on: Counter", "Staff number"))


@pytest.mark.rule("AB-2", "AB-6")
async def test_who_sits_down_again_reads_what_was_left_and_is_let_back_after_a_crash(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        leaving.leave(site, "1", reason="sick")
        seating.sit(site, "1", "1005")
        leaving.hand_back(site, "1", staff="1005", note="one came")
        await until(pilot, says(pilot, "周五 sits at this window now", "F2 Sit down again"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Left for you at this window", "one came"))
        await pilot.press("escape")
        await until(pilot, says(pilot, "Seated.", "F2 Call"))
    again = JiaohaoApp(site, desk="counter", window="1")
    async with again.run_test() as pilot:
        await until(pilot, says(pilot, "赵一 1001", "F2 Call", "Left for you"))


@pytest.mark.rule("AB-2")
async def test_who_covers_leaves_a_note_for_who_returns(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    leave_a_note = "Leave a note for who returns"

    def is_offered(app: JiaohaoApp) -> bool:
        return leave_a_note in {command.title for command in app.get_system_commands(app.screen)}

    async with desk(site, "counter", staff="1002", window="2") as (app, pilot):
        await until(pilot, says(pilot, "Free"))
        assert not is_offered(app)
    leaving.leave(site, "1", reason="official", approved_by="4001")
    seating.sit(site, "1", "1005")
    async with desk(site, "counter", staff="1005", window="1") as (app, pilot):
        await until(pilot, says(pilot, "Free"))
        assert is_offered(app)
        await pilot.press("ctrl+p")
        await until(pilot, says(pilot, "Change desk"))
        await pilot.press(*leave_a_note.lower())
        await until(pilot, lambda: "Change desk" not in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"one came", "enter")
        await until(pilot, says(pilot, "Recorded: note left."))
    seating.sit(site, "1", "1001")
    assert list(leaving.notes_for(site, "1", "1001")) == ["one came"]


@pytest.mark.rule("AB-2")
async def test_a_page_for_a_window_that_has_left_the_hall_is_shown_by_its_code(
    hall: tuple[Site, ManualClock],
) -> None:
    site, clock = hall
    leaving.leave(site, "4", reason="sick")
    left = replace(
        site.hall,
        windows=tuple(window for window in site.hall.windows if window.code != "4"),
        posts=tuple(post for post in site.hall.posts if post.window != "4"),
    )
    describe(site.store, left, clock)
    site.reload()
    async with desk(site, "counter", staff="1005", window="5") as (_app, pilot):
        await until(pilot, says(pilot, "! Cover window 4"))
        await pilot.press("f11")
        await until(pilot, says(pilot, "window 4 is empty since 10:05"))


# --- what fits at 80x24 ----------------------------------------------------------------------------------


async def test_a_seat_that_has_ended_is_said_in_full(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        leaving.leave(site, "1", reason="sick")
        await until(pilot, says(pilot, "You no longer sit"))
        assert misfits(app, written(site)) == []


async def test_the_figures_of_a_busy_day_stand_in_full(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    busy = DayFigures(1612, 1480, 123, 0, 115, 3600, 600)
    monkeypatch.setattr(supervision, "read_report", lambda *_what: DayReport(busy, ()))
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        await until(pilot, says(pilot, "Issued 1612", "Longest wait until called"))
        assert misfits(app, written(site)) == []


@pytest.mark.rule("AB-6")
async def test_a_long_note_leaves_in_sight_whose_business_is_carried(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    asked = questions.enquire(site, staff="2001", about="maps")
    enquiries.refer(site, asked.id, "window", staff="2001", to="2", note="a note " * 20)
    async with desk(site, "counter", staff="1002", window="2") as (_app, pilot):
        leaving.leave(site, "1", reason="sick")
        await until(pilot, says(pilot, "1 sent to you   also for window 1   A001 from 吴引"))


@pytest.mark.rule("AB-7", "AB-8")
@pytest.mark.parametrize("size", SIZES)
async def test_supervision_reads_what_is_to_be_looked_into_with_its_evidence(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, clock = hall
    leaving.leave(site, "3", reason="private")
    clock.advance(45 * 60)
    leaving.watch(site)
    seating.sit(site, "3", "1003")
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await until(pilot, says(pilot, "F3 Posts"))
        await pilot.press("f3", "1")
        await until(pilot, says(pilot, "Absences of today: 1", "孙三", "private", "45"))
        await pilot.press("enter")
        await until(
            pilot, says(pilot, "Agreed  no one", "Counts as  to be determined", "post B  周五  no answer")
        )
        await pilot.press("escape", "f3", "2")
        await until(pilot, says(pilot, "To be looked into since 2026-11-01", "! window empty"))
        await pilot.press("down", "enter")
        await until(pilot, says(pilot, "(to be looked into)", "reported higher"))
