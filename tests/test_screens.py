"""Start, guide and counter, driven by their keys and read from the screen."""

from __future__ import annotations

import contextlib
import threading
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from textual.events import Key
from textual.message import Message
from textual.widgets import Input

from driving import SIZES, all_answered, desk, kept_waiting, says, text_of, until
from fitting import misfits, written
from jiaohao.queue import calling, issuing, language, moving, questions, seating, signing
from jiaohao.queue.reading import read_floor
from jiaohao.store import absences, journal, tickets
from jiaohao.store.errors import Fault
from jiaohao.store.turns import Turn
from jiaohao.store.values import Matter, Ticket
from jiaohao.tui import link, returning
from jiaohao.tui.app import JiaohaoApp
from jiaohao.tui.screens import counter_view, sign_on
from jiaohao.tui.screens.search import SayField
from jiaohao.tui.widgets.rows import Rows
from jiaohao.tui.widgets.undo import UndoLine
from small_hall import small_hall, sqlite_site
from terminal import ANSWER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

PIN = "246810"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    site, clock = sqlite_site(tmp_path)
    language.use("en")
    yield site, clock
    site.store.close()


def ticket(site: Site, number: str) -> Ticket:
    found = site.store.read(lambda tx: tickets.by_number(tx, site.today(), number))
    assert found is not None
    return found


def wait_for_three_calls(site: Site, window: str) -> None:
    calling.call(site, window)
    calling.recall(site, window)
    calling.recall(site, window)


# --- start -----------------------------------------------------------------------------------------------


async def test_a_desk_opens_although_the_store_does_not_answer(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    answers = threading.Event()
    read = link.read_floor

    def waiting(*args: Any) -> Any:
        answers.wait()
        return read(*args)

    monkeypatch.setattr(link, "read_floor", waiting)
    async with JiaohaoApp(site, desk="wall").run_test() as pilot:
        await until(pilot, lambda: "Wall" in text_of(pilot.app))
        assert "A 社会保险" not in text_of(pilot.app)
        answers.set()
        await until(pilot, says(pilot, "A 社会保险"))


async def test_the_first_sign_on_sets_the_pin_and_opens_the_desk(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, None) as (app, pilot):
        await pilot.press("1")
        await until(pilot, says(pilot, "Staff number"))
        await pilot.press(*"2001", "enter")
        await until(pilot, says(pilot, "First sign-on", "The same PIN once more"))
        await pilot.press(*PIN, "enter", *PIN[::-1], "enter")
        await until(pilot, says(pilot, "The two are not the same"))
        await pilot.press(*PIN, "enter", *PIN, "enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "guide")
    assert signing.sign_on(site, "2001", PIN).no == "2001"


async def test_a_wrong_pin_and_a_wrong_role_are_refused(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    signing.sign_on(site, "2001", PIN)
    async with desk(site, "guide") as (app, pilot):
        await until(pilot, says(pilot, "Staff number"))
        await pilot.press(*"1001", "enter")
        await until(pilot, says(pilot, "not for the role"))
        app.screen.query_one("#number", Input).value = "9999"
        await pilot.press("enter")
        await until(pilot, says(pilot, "[unknown_staff]"))
        app.screen.query_one("#number", Input).value = "2001"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one("#pin").has_focus)
        await pilot.press(*"111111", "enter")
        await until(pilot, says(pilot, "[wrong_pin]"))
        await pilot.press(*PIN, "enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "guide")


async def test_the_palette_opened_while_a_pin_is_checked_stays_in_front(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    signing.sign_on(site, "2001", PIN)
    async with desk(site, None) as (app, pilot):
        await pilot.press("1", *"2001", "enter")
        await until(pilot, lambda: app.screen.query_one("#pin").has_focus)
        asked = app.screen
        with kept_waiting(monkeypatch, sign_on, "sign_on") as may_answer:
            await pilot.press(*PIN, "enter", "ctrl+p")
            await until(pilot, says(pilot, "Change desk"))
            may_answer.set()
            await all_answered(app, pilot)
        assert asked in app.screen_stack
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is asked)
        await pilot.press("enter")
        await until(pilot, says(pilot, "Guide desk", "Waiting: 0"))


async def test_a_number_changed_while_it_is_looked_for_is_looked_for_itself(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    signing.sign_on(site, "1001", PIN)
    async with desk(site, None) as (app, pilot):
        await pilot.press("4", *"3001")
        with kept_waiting(monkeypatch, sign_on, "has_pin") as may_answer:
            await pilot.press("enter", *["backspace"] * 4, *"1001")
            may_answer.set()
            await all_answered(app, pilot)
        assert app.screen.query_one("#number").has_focus
        await pilot.press("enter")
        await until(pilot, says(pilot, "This desk is not for the role"))


@pytest.mark.rule("AB-4")
async def test_a_counter_is_opened_at_a_window_of_ones_own(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, None) as (app, pilot):
        app.staff = site.directory.person("1003")
        await pilot.press("1")
        await until(pilot, says(pilot, "This desk is not for the role counter clerk.", "Staff number"))
        await pilot.press("escape")
        await pilot.press("2")
        await until(pilot, says(pilot, "At which window?", "post A"))
        await pilot.press(*"咨询", "enter")
        await until(pilot, says(pilot, "[not_posted]"))
        await pilot.press("2")
        await until(pilot, says(pilot, "At which window?"))
        await pilot.press("enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "counter")
        await until(pilot, says(pilot, "Window 3", "Free"))


async def test_in_the_demo_nobody_is_asked_for_a_pin(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, None, demo=True) as (app, pilot):
        await pilot.press("1")
        await until(pilot, lambda: app.desk and app.desk.CODE == "guide")
        await pilot.press("ctrl+p")
        await until(pilot, says(pilot, "Change desk"))
        await pilot.press(*"change", "enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "start")
        await pilot.press("2")
        await until(pilot, says(pilot, "At which window?"))
        await pilot.press("enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "counter")


async def test_an_answer_that_comes_while_the_app_ends_finds_no_desk_and_is_no_mistake(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    answers: list[Callable[[], None]] = []
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        await until(pilot, says(pilot, "Journal"))
        post = app.post_message

        def kept(message: Message) -> bool:
            if isinstance(message, link.Answered):
                answers.append(message.tell)
                return True
            return post(message)

        app.post_message = kept  # type: ignore[method-assign]
        issuing.issue(site, "A")
        await until(pilot, lambda: answers)
        close = app._close_all

        async def closing() -> None:
            await app._prune(*app.screen.children)
            for tell in answers:
                tell()
            await close()

        app._close_all = closing  # type: ignore[method-assign]
    assert answers


# --- guide -----------------------------------------------------------------------------------------------


@pytest.mark.rule("OP-1", "OP-4", "Q-1", "Q-8")
async def test_the_guide_types_reads_and_issues(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press(*"参保")
        await until(
            pilot,
            says(pilot, "灵活就业人员参保登记", "居民身份证", "5 working days", "不收费", "社会保险法第十条"),
        )
        assert "异地就医备案" not in text_of(pilot.app)
        await pilot.press("enter")
        await until(pilot, says(pilot, "Issued: A001", "People ahead: 0"))
        await pilot.press("b", "enter")
        await until(pilot, says(pilot, "Issued: B001"))
    first = ticket(site, "A001")
    assert (first.matter, first.priority, first.checked_by) == ("rs-001", "normal", None)
    assert ticket(site, "B001").matter is None


@pytest.mark.rule("FR-5")
async def test_a_body_outside_the_centre_is_told_and_no_number_issued(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await pilot.press(*"法院")
        await until(pilot, says(pilot, "Outside the centre", "青禾县城关镇一号", "0000-0000001"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "What becomes of it?", "outside the centre"))
        await pilot.press("1")
        await until(pilot, says(pilot, "Tell: 青禾县城关镇一号  0000-0000001"))
        await pilot.press(*"reached", "enter")
        await until(pilot, says(pilot, "Recorded: enquiry 1, outside the centre"))
        assert app.floor is not None
        assert app.floor.waiting == ()


@pytest.mark.rule("OP-1")
async def test_the_search_is_made_ready_after_the_first_frame_and_before_the_first_key(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    lookup = site.directory.lookup
    assert lookup.find("")
    assert "_ready" not in vars(lookup)
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, lambda: "_ready" in vars(lookup))


@pytest.mark.rule("OP-1")
async def test_the_search_is_one_key_away_at_the_counter(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "counter", window="1", staff="1001") as (app, pilot):
        await until(pilot, says(pilot, "F12"))
        await pilot.press("f12")
        await pilot.press(*"参保")
        await until(pilot, says(pilot, "灵活就业人员参保登记", "居民身份证", "Open windows"))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.desk)


@pytest.mark.parametrize("times", [2, 3])
async def test_an_answer_that_comes_several_times_at_once_leaves_the_desk_where_it_is(
    hall: tuple[Site, ManualClock], times: int
) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (app, pilot):
        here = app.desk
        await pilot.press("f3")
        await until(pilot, lambda: app.screen is not here)
        for _time in range(times):
            app.post_message(Key("2", "2"))
        await until(pilot, says(pilot, "Have you seen the proof"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "(proof seen)"))
        assert app.screen is here


@pytest.mark.rule("Q-6")
async def test_priority_is_given_once_its_proof_was_seen_and_by_whom(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press("f3")
        await until(pilot, says(pilot, "军人优先"))
        await pilot.press("1")
        await until(pilot, says(pilot, "Have you seen the proof"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Next number: 军人优先"))
        await pilot.press(*"rs-002", "enter")
        await until(pilot, says(pilot, "Issued: A001"))
        await pilot.press("enter")  # once too often
        await until(pilot, lambda: "Issued" not in text_of(pilot.app))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Issued: A002"))
    given, after = ticket(site, "A001"), ticket(site, "A002")
    assert (given.priority, given.checked_by) == ("veteran", "2001")
    assert (after.priority, after.checked_by) == ("normal", None)


@pytest.mark.rule("Q-5", "Q-10")
async def test_the_guide_queues_missed_numbers_again_cancels_and_undoes(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    issuing.issue(site, "A")
    wait_for_three_calls(site, "1")
    calling.miss(site, "1")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "F6 Requeue"))
        await pilot.press("f6", "enter")
        await until(pilot, says(pilot, "A001 waits again"))
        assert ticket(site, "A001").state == "waiting"
        await pilot.press("f7")
        await until(pilot, says(pilot, "Cancel which number?"))
        await pilot.press(*"a002", "enter")
        await until(pilot, says(pilot, "A002 cancelled   F10 takes it back"))
        assert ticket(site, "A002").state == "cancelled"
        await pilot.press("f10")
        await until(pilot, says(pilot, "Taken back: A002 is waiting again"))
    assert ticket(site, "A002").state == "waiting"


@pytest.mark.rule("Q-10")
async def test_a_step_that_somebody_else_took_since_is_not_undone(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    wait_for_three_calls(site, "1")
    calling.miss(site, "1")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "F6 Requeue"))
        await pilot.press("f6", "enter")
        await until(pilot, says(pilot, "A001 waits again"))
        calling.call(site, "1")
        await pilot.press("f10")
        await until(pilot, says(pilot, "[too_late_to_undo]"))
        assert ticket(site, "A001").state == "called"
        moving.cancel(site, "A001")
        await pilot.press(*"rs-001", "enter")
        await until(pilot, says(pilot, "Issued: A002"))
        await pilot.press("f7", "enter")
        await until(pilot, says(pilot, "A002 cancelled   F10 takes it back"))
        clock.advance(61)
        await until(pilot, lambda: "F10" not in text_of(pilot.app))


@pytest.mark.rule("FR-4")
async def test_the_guide_sends_a_called_number_to_another_window(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press("f8", "enter")
        await until(pilot, says(pilot, "Where does A001 go?"))
        await pilot.press(*"医保一窗", "enter")
        await until(pilot, says(pilot, "Note for whoever"))
        await pilot.press(*"no copy", "enter")
        await until(pilot, says(pilot, "A001 transferred"))
    moved = ticket(site, "A001")
    assert (moved.state, moved.queue) == ("waiting", "@3")
    assert site.store.read(lambda tx: journal.of_ticket(tx, moved.id))[-1].note == "no copy"


@pytest.mark.rule("HR-1")
async def test_a_closed_hall_says_so_and_refuses(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path, small_hall(spans_min=((0, 60),)))
    language.use("en")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "The hall is closed now", "holidays of 2027"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "[hall_closed]"))
    site.store.close()


async def test_what_others_do_shows_by_itself(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    language.use("en")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "Waiting: 0"))
        issuing.issue(site, "A")
        await until(pilot, says(pilot, "Waiting: 1"))
        for title in ("Missed: 0", "Empty: 5", "Windows: 0 of 5 open"):
            await pilot.press("f5")
            await until(pilot, says(pilot, title))


@pytest.mark.rule("Q-5", "Q-10")
@pytest.mark.parametrize("size", SIZES)
async def test_a_number_that_is_typed_is_looked_up_and_dealt_with_in_one_step(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    for _ in range(3):
        issuing.issue(site, "A", matter="rs-001")
    wait_for_three_calls(site, "1")
    calling.miss(site, "1")
    async with desk(site, "guide", staff="2001", size=size) as (app, pilot):
        await pilot.press(*"a00")
        await until(pilot, says(pilot, "A001", "A002", "A003", "missed", "waiting"))
        await pilot.press("3")
        await until(pilot, says(pilot, "People ahead", "Expected wait"))
        assert "A002" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, says(pilot, "A003 waiting 灵活就业人员参保登记", "issued"))
        await pilot.press("escape", "f7")
        await until(pilot, says(pilot, "A003 cancelled   F10 takes it back"))
        await pilot.press("f10")
        await until(pilot, says(pilot, "Taken back: A003 is waiting again"))
        await pilot.press("backspace", "1", "f6")
        await until(pilot, says(pilot, "A001 waits again"))
        await pilot.press("escape", *"a009")
        await until(pilot, says(pilot, "Enter: what became of it"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "There is no ticket A009"))


@pytest.mark.rule("OP-1")
async def test_what_was_asked_most_today_stands_first_when_nothing_is_typed(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    for _ in range(2):
        questions.receive(site, "B", matter="yb-001", staff="2001")
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, lambda: app.screen.query_one("#found", Rows).cursor_key == "matter:yb-001")
        await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, says(pilot, "Issued: A001"))


# --- counter ---------------------------------------------------------------------------------------------


@pytest.mark.rule("Q-3", "LK-3")
@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_service_is_three_keys_with_its_story_and_both_clocks(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    number = issuing.issue(site, "A", staff="2001").number
    async with desk(site, "counter", staff="1001", window="1", size=size) as (_app, pilot):
        await until(pilot, says(pilot, "F2 Call"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "called  00:00   call 1 of 3", "window 1 赵一", "issued"))
        clock.advance(30)
        await pilot.press("f4")
        await until(pilot, says(pilot, "F5:done on spot", "2:promised", "started"))
        clock.advance(65)
        await until(pilot, says(pilot, "serving  01:05   since called 01:35"))
        await pilot.press("f5")
        await until(pilot, says(pilot, f"{number} finished: done on spot", "Today: 1 served, 2 min each"))
    assert (ticket(site, number).state, ticket(site, number).kind) == ("finished", "spot")


@pytest.mark.rule("LK-3")
async def test_a_matter_with_a_limit_in_days_is_most_likely_promised(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    for _ in range(2):
        issuing.issue(site, "A", matter="rs-001")
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "F2 Call"))
        for number, key, kind in (("A001", "f5", "promised"), ("A002", "4", "forwarded")):
            await pilot.press("f2")
            await until(pilot, says(pilot, f"{number} called"))
            await pilot.press("f4")
            await until(pilot, says(pilot, "F5:promised", "4:forwarded"))
            await pilot.press(key)
            await until(pilot, says(pilot, f"{number} finished: {kind}"))
            assert ticket(site, number).kind == kind


@pytest.mark.rule("Q-3", "Q-5", "LK-3")
async def test_a_counter_works_through_a_number(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    for _ in range(3):
        issuing.issue(site, "A", matter="rs-001")
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Next: 3", "F2 Call"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "call 1 of 3", "灵活就业人员参保登记"))
        assert "F6" not in text_of(pilot.app)
        await pilot.press("f3")
        await until(pilot, says(pilot, "call 2 of 3"))
        await pilot.press("f3")
        await until(pilot, says(pilot, "call 3 of 3", "F6 Missed"))
        await pilot.press("f6")
        await until(pilot, says(pilot, "A001 missed", "Free"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "A002 called"))
        await pilot.press("f4")
        await until(pilot, says(pilot, "A002 started", "F5 Finish"))
        await pilot.press("f7")
        await until(pilot, says(pilot, "On hold: 1", "F7 Resume"))
        await pilot.press("f7")
        await until(pilot, says(pilot, "On hold: 0", "serving"))
        await pilot.press("2")
        await until(pilot, says(pilot, "A002 finished: promised"))
    assert (ticket(site, "A001").state, ticket(site, "A002").kind) == ("missed", "promised")


@pytest.mark.rule("Q-10")
async def test_a_counter_takes_a_finish_back_within_the_minute(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A", priority="veteran", staff="2001")
    calling.call(site, "1")
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Priority: 军人优先"))
        await pilot.press("f4")
        await until(pilot, says(pilot, "F5 Finish"))
        await pilot.press("f5")
        await until(pilot, says(pilot, "A001 finished: done on spot   F10 takes it back (60 s)"))
        clock.advance(20)
        await until(pilot, says(pilot, "(40 s)"))
        await pilot.press("f10")
        await until(pilot, says(pilot, "Taken back: A001 is serving again"))
    assert ticket(site, "A001").state == "serving"


@pytest.mark.rule("Q-10")
async def test_what_can_no_longer_be_taken_back_is_not_offered_any_more(
    hall: tuple[Site, ManualClock],
) -> None:
    """Also where something else at the desk has seen first that the minute is over."""
    site, clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await until(pilot, says(pilot, "F4 Start"))
        await pilot.press("f4")
        await until(pilot, says(pilot, "A001 started   F10 takes it back (60 s)"))
        clock.advance(60)
        assert app.screen.query_one(UndoLine).step is None
        await until(pilot, lambda: "F10" not in text_of(app))


async def test_nobody_waiting_is_said(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Nobody is waiting for this window."))
        await pilot.press("f2")
        await until(pilot, says(pilot, "[nothing_waiting]"))


@pytest.mark.rule("AB-2")
async def test_a_clerk_pauses_goes_on_and_leaves(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await until(pilot, says(pilot, "F9 Pause or leave"))
        await pilot.press("f9")
        await until(pilot, says(pilot, "[Pause]"))
        await pilot.press(*"08:00", "enter")
        await until(pilot, says(pilot, "08:00 is not a time of day still to come", "[Pause]"))
        await pilot.press(*"10:50", "enter")
        await until(pilot, says(pilot, "Paused for", "back at 10:50", "F9 Go on"))
        await pilot.press("f9")
        await until(pilot, says(pilot, "Free", "F2 Call"))
        await pilot.press("f9", "f9")
        await until(pilot, says(pilot, "[Leave]", "Reason"))
        await pilot.press(*"11:20", "enter", "6", "enter", *"1002", "enter", *"A012 waits", "enter")
        await until(pilot, says(pilot, "[Leave]", "11:20", "meeting ", "1002", "A012 waits", "[not_allowed]"))
        assert misfits(app, written(site)) == []
        await pilot.press("down", "down", *"4001", "f2")
        await until(pilot, lambda: app.desk and app.desk.CODE == "start")
    view = read_floor(site)[0].window("1")
    assert view is not None
    assert (view.state, view.cover) == ("absent", "B")
    assert view.back_ms is not None
    today = site.today()
    (absence,) = site.store.read(lambda tx: absences.still_open(tx, today))
    assert (absence.reason, absence.approved_by, absence.handover) == ("meeting", "4001", "A012 waits")


@pytest.mark.rule("Q-2")
async def test_a_new_day_ends_the_seat_and_the_clerk_sits_down_again(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "Free"))
        clock.advance(24 * 3600)
        issuing.issue(site, "A")
        await until(pilot, says(pilot, "You no longer sit at this window", "F2 Sit down again"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "F2 Call", "Next: 1"))


async def test_quitting_with_a_number_in_hand_asks_first(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await until(pilot, says(pilot, "call 1 of 3"))
        await pilot.press("ctrl+q", "ctrl+q")
        await until(pilot, says(pilot, "A001 is still in hand"))
        await pilot.press("ctrl+q", "escape")
        await until(pilot, lambda: "still in hand" not in text_of(app))
        await pilot.press("ctrl+q")
        await until(pilot, says(pilot, "A001 is still in hand"))
        await pilot.press("enter")
        await until(pilot, lambda: app.return_value == 0)
    assert ticket(site, "A001").window == "1"


async def test_the_story_is_read_and_drawn_for_what_happens_at_the_own_window_only(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    done: list[str] = []
    for name in ("at_window", "story_rows"):
        work = getattr(counter_view, name)
        monkeypatch.setattr(
            counter_view, name, lambda *args, name=name, work=work: done.append(name) or work(*args)
        )
    for line in "AAB":
        issuing.issue(site, line)
    seating.sit(site, "1", "1001")
    seating.sit(site, "2", "1002")
    calling.call(site, "1")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):

        async def settle(window: str, state: str, calls: int) -> list[str]:
            def is_so() -> bool:
                ticket = app.floor.window(window).ticket if app.floor else None
                return ticket is not None and (ticket.state, ticket.calls) == (state, calls)

            await until(pilot, is_so)
            await all_answered(app, pilot)
            seen, done[:] = done[:], []
            return seen

        await until(pilot, says(pilot, "10:05:00 called "))
        assert await settle("1", "called", 1)
        calling.call(site, "2")
        assert await settle("2", "called", 1) == []
        calling.recall(site, "2")
        assert await settle("2", "called", 2) == []
        calling.start(site, "1")
        assert set(await settle("1", "serving", 1)) == {"at_window", "story_rows"}
        await until(pilot, says(pilot, "F5:", "10:05:00 started "))


async def test_what_is_typed_faster_than_it_is_shown_keeps_its_order(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await pilot.press(*"sb")
        for key in ("backspace", "backspace", "y", "b"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.screen.query_one(SayField).value == "yb")


# --- every desk ------------------------------------------------------------------------------------------


async def test_the_store_goes_away_and_comes_back(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        read, transact = site.store.read, site.store.transact

        def away(_work: object) -> object:
            raise Fault("store_unreachable", "gone")

        monkeypatch.setattr(site.store, "read", away)
        monkeypatch.setattr(site.store, "transact", away)
        await until(pilot, says(pilot, "No answer from the database since", "OLD", "[store_unreachable]"))
        await pilot.press(*"rs-001")
        await until(pilot, says(pilot, "5 working days"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Fault: "))
        monkeypatch.setattr(site.store, "read", read)
        monkeypatch.setattr(site.store, "transact", transact)
        await until(pilot, lambda: "No answer" not in text_of(pilot.app))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Issued: A001"))


async def test_the_language_and_the_look_change_in_place(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, says(pilot, "Change desk"))
        await pilot.press(*"language: 中", "enter")
        await until(pilot, says(pilot, "导办台", "帮助"))
        await app.speak("en")
        await until(pilot, says(pilot, "Guide desk", "Waiting: 0"))
        await pilot.press("ctrl+p")
        await until(pilot, says(pilot, "Change desk"))
        await pilot.press(*"high contrast", "enter")
        await until(pilot, lambda: app.theme == "contrast")


async def test_help_lists_the_keys_that_apply(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press("f1")
        await until(pilot, says(pilot, "Keys now:", "F3        Priority", "Ctrl+Q"))
        assert "F6        Requeue" not in text_of(pilot.app)
        await pilot.press("escape")
        await until(pilot, lambda: "Keys now:" not in text_of(pilot.app))


async def test_text_from_people_is_never_obeyed(tmp_path: Path) -> None:
    nasty = "[@click=app.quit]登[/]记\x1b]0;x\x07\u202e[bold"
    base = small_hall()
    site, _clock = sqlite_site(
        tmp_path,
        replace(
            base,
            name=f"大厅{nasty}",
            matters=(*base.matters, Matter("x-1", nasty, "A", None, (), nasty, 0, nasty, nasty)),
            staff=tuple(replace(person, name=f"{person.name}{nasty}") for person in base.staff),
        ),
    )
    language.use("en")
    async with desk(site, "guide", staff="2001", size=(120, 36)) as (_app, pilot):
        await pilot.press(*"x-1")
        await until(pilot, says(pilot, "[@click=app.quit]登[/]记"))
        assert not set(text_of(pilot.app)) & {"\x1b", "\x07", "\u202e"}
        await pilot.press("enter")
        await until(pilot, says(pilot, "Issued: A001"))
    site.store.close()


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_fits_and_holds_no_character_of_ambiguous_width(
    hall: tuple[Site, ManualClock], size: tuple[int, int], tongue: str
) -> None:
    site, _clock = hall
    language.use(tongue)
    seating.sit(site, "1", "1001")
    for _ in range(4):
        issuing.issue(site, "A", matter="rs-001")
    shown: list[str] = []
    async with desk(site, "guide", staff="2001", size=size) as (_app, pilot):
        for keys in ([], ["f1"], ["escape", *"rs", "enter"], ["f3"], ["escape", "f7"], ["escape", "ctrl+p"]):
            await pilot.press(*keys)
            await pilot.pause()
            shown.append(text_of(pilot.app))
    async with desk(site, "counter", staff="1001", window="1", size=size) as (_app, pilot):
        for keys in ([], ["f9"], ["escape", "f2"], ["f8"], ["escape", "f1"]):
            await pilot.press(*keys)
            await pilot.pause()
            shown.append(text_of(pilot.app))
    for text in shown:
        rows = text.split("\n")
        assert [cell_len(row) for row in rows] == [size[0]] * size[1]
        assert not [char for char in text if unicodedata.east_asian_width(char) == "A"]
        assert "Ctrl+P" in rows[-1]


async def test_the_footer_answers_the_mouse(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    async with desk(site, "counter", staff="1001", window="1") as (_app, pilot):
        await until(pilot, says(pilot, "F2 Call", "Next: 1"))
        await pilot.click("KeyBar", offset=(1 + len("F1 Help  F2"), 0))
        await until(pilot, says(pilot, "call 1 of 3"))


async def test_without_an_ear_changes_are_looked_for(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall

    def deaf() -> object:
        raise Fault("store_unreachable", "no folder for it")

    monkeypatch.setattr(site.store, "listen", deaf)
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "Waiting: 0"))
        issuing.issue(site, "A")
        await until(pilot, says(pilot, "Waiting: 1"))
        assert "No answer" not in text_of(pilot.app)


async def test_an_unforeseen_failure_is_written_down_and_ends_the_app(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site, _clock = hall
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def broken(_site: Site) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    async def fail() -> None:
        async with desk(site, "guide", staff="2001") as (app, pilot):
            app.link.do(broken, lambda _nothing: None, lambda _reason: None)
            await until(pilot, lambda: not app.is_running)

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert "nobody foresaw this" in (tmp_path / "state" / "jiaohao" / "jiaohao.log").read_text()


@pytest.mark.rule("AB-4")
async def test_who_may_not_sit_there_is_told_so_where_a_desk_is_chosen(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    app = JiaohaoApp(site, desk="counter", window="1", staff=site.directory.person("1002"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, says(pilot, "not_posted"))
        assert app.desk is not None
        assert app.desk.CODE == "start"
        await pilot.press("2")
        await until(pilot, says(pilot, "At which window?"))


@pytest.mark.rule("AB-6")
@pytest.mark.parametrize(("key", "opens"), [("", "counter"), ("3", "wall")])
async def test_who_waits_for_the_seat_is_told_so_and_may_go_elsewhere(
    hall: tuple[Site, ManualClock], tmp_path: Path, key: str, opens: str
) -> None:
    site, _clock = hall
    app = JiaohaoApp(site, desk="counter", window="1", staff=site.directory.person("1001"))
    with contextlib.ExitStack() as busy:
        busy.enter_context(Turn(str(tmp_path / "hall.db-turn"), ANSWER_S))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, says(pilot, "Waiting for the database..."))
            if key:
                await pilot.press(key)
                await until(pilot, lambda: app.desk is not None and opens == app.desk.CODE)
            busy.close()
            await until(pilot, lambda: returning.recall("1") is not None)
            await until(pilot, lambda: app.desk is not None and opens == app.desk.CODE)
