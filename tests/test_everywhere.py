"""What is so at every desk: the heading, the lock, copying, help, looks and sizes."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.events import MouseMove
from textual.screen import ModalScreen
from textual.widgets import Input

from driving import SIZES, all_answered, desk, rows_of, says, text_of, until
from jiaohao.queue import calling, day, issuing, language, seating, signing
from jiaohao.queue.words import state_word
from jiaohao.store import hall as hall_table
from jiaohao.store import seats
from jiaohao.store.errors import Fault
from jiaohao.store.values import Desks
from jiaohao.tui import looks, returning
from jiaohao.tui.main import main
from jiaohao.tui.screens.dialogs import Help
from jiaohao.tui.screens.lock import Lock
from jiaohao.tui.widgets.board import Board
from jiaohao.tui.widgets.keybar import KeyBar, applying, key_name
from jiaohao.tui.widgets.rows import Rows
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.color import Color
    from textual.pilot import Pilot

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.base import Tx
    from jiaohao.tui.app import JiaohaoApp

DESKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("guide", {"staff": "2001"}),
    ("counter", {"staff": "1001", "window": "1"}),
    ("supervise", {"staff": "3001"}),
    ("wall", {}),
    ("sign", {"window": "1"}),
)
NINE_TO_FIVE = small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 1020),))


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    site, clock = sqlite_site(tmp_path, NINE_TO_FIVE)
    language.use("en")
    seating.sit(site, "1", "1001")
    yield site, clock
    site.store.close()


# --- the heading -----------------------------------------------------------------------------------------


@pytest.mark.rule("HR-1")
@pytest.mark.parametrize(("code", "who"), DESKS)
async def test_every_desk_says_until_when_the_hall_is_open(
    hall: tuple[Site, ManualClock], code: str, who: dict[str, Any]
) -> None:
    site, clock = hall
    words = {"en": ("open until 17:00", "opens 11-25 09:00"), "zh_CN": ("开放至 17:00", "11-25 09:00 开放")}
    async with desk(site, code, **who) as (app, pilot):
        for spoken, (open_text, closed_text) in words.items():
            await app.speak(spoken)
            clock.set_ms(_hall_ms(10))
            await until(pilot, lambda said=open_text: said in rows_of(app)[0])
            assert rows_of(app)[0].rstrip().endswith("11-24 10:00:00")
            clock.set_ms(_hall_ms(18))
            await until(pilot, lambda said=closed_text: said in rows_of(app)[0])
            assert rows_of(app)[0].rstrip().endswith("11-24 18:00:00")
            assert cell_len(rows_of(app)[0]) == 80


@pytest.mark.rule("HR-2")
async def test_a_day_that_was_closed_is_over_in_the_heading_too(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "open until 17:00"))
        day.close_day(site, staff="3001")
        await until(pilot, says(pilot, "closed, opens 11-25 09:00"))


async def test_the_time_is_cut_last_and_the_name_of_the_hall_first(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "counter", staff="1001", window="1", size=(120, 36)) as (app, pilot):
        await until(pilot, lambda: "post A" in rows_of(app)[0])
        kept = {
            120: ("Counter", "青禾县政务服务中心", "赵一 1001", "open until 17:00", "11-24 10:05:00"),
            66: ("Counter", "赵一 1001", "open until 17:00", "11-24 10:05:00"),
            44: ("赵一", "open until 17:00", "11-24 10:05:00"),
            40: ("open until 17:00", "11-24 10:05:00"),
            16: ("11-24 10:05:00",),
        }
        for width, parts in kept.items():
            await pilot.resize_terminal(width, 24)
            await until(pilot, lambda wanted=parts: all(part in rows_of(app)[0] for part in wanted))


def _hall_ms(hour: int) -> int:
    return round(datetime(2026, 11, 24, hour - 8, tzinfo=UTC).timestamp() * 1000)


# --- the lock --------------------------------------------------------------------------------------------

PIN = "246810"
STAFF_DESKS = DESKS[:3]


@pytest.fixture
def left(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    """A hall whose desks are locked after ten minutes, and whose people have a PIN."""
    site, clock = sqlite_site(tmp_path, small_hall(desks=Desks(lock_min=10)))
    language.use("en")
    for number in ("1001", "2001", "3001"):
        signing.sign_on(site, number, PIN)
    seating.sit(site, "1", "1001", alive=True)
    yield site, clock
    site.store.close()


def is_locked(app: JiaohaoApp) -> bool:
    return isinstance(app.screen, Lock)


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("code", "who"), STAFF_DESKS)
async def test_a_desk_left_alone_is_locked_until_its_person_is_back(
    left: tuple[Site, ManualClock], code: str, who: dict[str, Any], size: tuple[int, int]
) -> None:
    site, clock = left
    async with desk(site, code, size=size, **who) as (app, pilot):
        held = app.desk
        seen = "社保一窗" if code == "counter" else "社会保险"
        await until(pilot, says(pilot, seen))
        clock.advance(599)
        await pilot.press("up")
        clock.advance(599)
        app.post_message(MouseMove(None, 3, 3, 1, 0, 0, shift=False, meta=False, ctrl=False))
        await pilot.pause()
        clock.advance(599)
        app._lock_when_left()
        assert not is_locked(app)
        clock.advance(1)
        await until(pilot, lambda: is_locked(app))
        assert held is not None
        await until(pilot, says(pilot, "青禾县政务服务中心", f"Locked: {held.TITLE_ID}", who["staff"]))
        assert seen not in text_of(app)
        await pilot.press(*"111111", "enter")
        await until(pilot, says(pilot, "[wrong_pin]"))
        await pilot.press(*PIN, "enter")
        await until(pilot, lambda: app.screen is held)
        await until(pilot, says(pilot, seen))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_after_too_many_wrong_pins_the_lock_says_how_long_to_wait(
    left: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, clock = left
    not_before_ms = site.now_ms() + 30_000
    site.store.transact(
        lambda tx: (seats.count_try(tx, "2001", site.now_ms()), seats.put_off(tx, "2001", not_before_ms))
    )
    async with desk(site, "guide", staff="2001", size=size) as (app, pilot):
        held = app.screen
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        await pilot.press(*PIN, "enter")
        await until(pilot, says(pilot, "try again in 30 s", "[pin_wait]"))
        clock.advance(30)
        await pilot.press(*PIN, "enter")
        await until(pilot, lambda: app.screen is held)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("is_locked_first", [True, False], ids=["locked, then away", "away, then locked"])
async def test_while_the_store_is_away_a_lock_says_so_and_stays(
    left: tuple[Site, ManualClock],
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    *,
    is_locked_first: bool,
) -> None:
    site, _clock = left

    def away(_work: object) -> object:
        raise Fault("store_unreachable", "gone")

    async with desk(site, "guide", staff="2001", size=size) as (app, pilot):
        held = app.desk
        if is_locked_first:
            await pilot.press("ctrl+l")
            await until(pilot, lambda: is_locked(app))
        with monkeypatch.context() as lost:
            lost.setattr(site.store, "read", away)
            lost.setattr(site.store, "transact", away)
            await until(pilot, lambda: app.away)
            if not is_locked_first:
                await pilot.press("ctrl+l")
            await until(pilot, says(pilot, "No answer from the database since", "This desk stays locked"))
            await pilot.press(*PIN, "enter")
            await until(pilot, says(pilot, "The database does not answer. [store_unreachable]"))
            assert is_locked(app)
        await until(pilot, lambda: "No answer" not in text_of(app))
        assert "[store_unreachable]" not in text_of(app)
        assert is_locked(app)
        await pilot.press(*PIN, "enter")
        await until(pilot, lambda: app.screen is held)


async def test_behind_the_lock_nothing_is_lost_and_the_floor_goes_on(left: tuple[Site, ManualClock]) -> None:
    site, _clock = left
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await pilot.press(*"rs-002", "f4")
        await until(pilot, says(pilot, "Visitor's name"))
        app.screen.query_one("#name", Input).value = "张三"
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        assert "张三" not in text_of(app)
        issuing.issue(site, "A")
        await until(pilot, lambda: app.floor and len(app.floor.waiting) == 1)
        await pilot.press(*PIN, "enter")
        await until(pilot, says(pilot, "张三"))
        await pilot.press("escape")
        await until(pilot, says(pilot, "rs-002", "People ahead   1"))


async def test_what_was_asked_before_the_lock_is_answered_after_it(left: tuple[Site, ManualClock]) -> None:
    site, _clock = left
    issuing.issue(site, "A", matter="rs-001")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await until(pilot, says(pilot, "A001"))
        counter = app.desk
        assert counter is not None
        shown: list[str] = []
        go_on = threading.Event()
        counter.do(lambda _site: go_on.wait(60), lambda _done: shown.append("answered"))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        go_on.set()
        await pilot.press(*PIN)
        await until(pilot, lambda: app._unanswered)
        assert shown == []
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is counter and shown == ["answered"])


@pytest.mark.rule("AB-6")
async def test_a_locked_counter_is_occupied_and_gets_no_new_terminal_without_a_pin(
    left: tuple[Site, ManualClock],
) -> None:
    site, _clock = left
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        token = returning.recall("1")
        assert token is not None
        await pilot.press("ctrl+l")
        await until(pilot, says(pilot, "Window 1 still counts as occupied."))
        assert app.link.seat == ("1", "1001")
        assert returning.recall("1") is None
        await pilot.press(*PIN, "enter")
        await until(pilot, lambda: not is_locked(app))
        assert returning.recall("1") == token


async def test_somebody_else_may_sign_off_at_a_locked_desk_and_does_nothing_in_its_name(
    left: tuple[Site, ManualClock],
) -> None:
    site, _clock = left
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        await pilot.press("f9")
        await until(pilot, says(pilot, "Go all the same?"))
        await pilot.press("escape")
        await until(pilot, lambda: is_locked(app))
        await pilot.press("f9")
        await until(pilot, says(pilot, "Go all the same?"))
        await pilot.press("enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "start" and app.screen is app.desk)
        assert (app.staff, app.window, app.link.seat) == (None, None, None)
        view = app.floor.window("1") if app.floor else None
        assert view is not None
        assert (view.staff, view.ticket and view.ticket.state) == ("1001", "called")


async def test_a_locked_desk_offers_no_command_of_the_desk(left: tuple[Site, ManualClock]) -> None:
    site, _clock = left
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        await until(pilot, says(pilot, "F9"))
        assert "Lock" in {command.title for command in app.get_system_commands(app.screen)}
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert titles == {"Sign off", "Look: Light", "Look: Dark", "Look: High contrast", "Quit"}
        await pilot.press("ctrl+q")
        await until(pilot, says(pilot, "Go all the same?"))


async def test_behind_the_lock_no_number_is_copied_and_nothing_is_said(
    left: tuple[Site, ManualClock],
) -> None:
    site, _clock = left
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await until(pilot, says(pilot, "call 1 of 3"))
        await all_answered(app, pilot)
        counter = app.desk
        assert counter is not None
        counter.say("said before")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        await pilot.press("ctrl+y", "ctrl+c")
        assert app.clipboard == ""
        await pilot.press(*PIN, "enter")
        await until(pilot, lambda: app.screen is counter)
        await until(pilot, says(pilot, "said before"))


async def test_a_pin_that_was_cleared_is_not_set_anew_at_the_lock(left: tuple[Site, ManualClock]) -> None:
    site, _clock = left
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: is_locked(app))
        signing.reset_pin(site, "2001", manager="4001")
        await pilot.press(*"999999", "enter")
        await until(pilot, says(pilot, "[no_pin]"))
        assert is_locked(app)


@pytest.mark.parametrize(("code", "who"), DESKS[3:])
async def test_what_the_public_sees_is_never_locked(
    left: tuple[Site, ManualClock], code: str, who: dict[str, Any]
) -> None:
    site, clock = left
    async with desk(site, code, **who) as (app, pilot):
        app.staff = site.directory.person("2001")
        clock.advance(3600)
        app._lock_when_left()
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert not is_locked(app)


# --- a number to copy ------------------------------------------------------------------------------------


async def test_the_number_in_hand_or_issued_last_is_copied(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await pilot.press("ctrl+y")
        assert app.clipboard == ""
        await pilot.press(*"rs-001", "enter")
        await until(pilot, says(pilot, "Issued: A001"))
        await pilot.press("b", "ctrl+y")
        await until(pilot, says(pilot, "Copied: A001"))
        assert app.clipboard == "A001"
    issuing.issue(site, "A")
    async with desk(site, "counter", staff="1001", window="1") as (app, pilot):
        await until(pilot, says(pilot, "A002"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "A001 called"))
        await run_command(pilot, "Copy the number")
        await until(pilot, says(pilot, "Copied: A001"))
        assert app.clipboard == "A001"


# --- keys: footer, palette and help ----------------------------------------------------------------------


async def run_command(pilot: Pilot[int], title: str) -> None:
    """Find a command of the palette by its name and run it."""
    await pilot.press("ctrl+p")
    await until(pilot, says(pilot, "Change desk"))
    await pilot.press(*title.lower())
    await until(pilot, lambda: title in text_of(pilot.app) and "Change desk" not in text_of(pilot.app))
    await pilot.press("enter")


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 12)])
@pytest.mark.parametrize(("code", "who"), [*DESKS, ("start", {"staff": "4001"})])
async def test_footer_palette_and_help_say_the_same_of_each_key(
    hall: tuple[Site, ManualClock], code: str, who: dict[str, Any], size: tuple[int, int], spoken: str
) -> None:
    site, _clock = hall
    language.use(spoken)
    async with desk(site, None if code == "start" else code, size=(200, 60), **who) as (app, pilot):
        await until(pilot, lambda: len(list(applying(app.screen))) > 0)
        shown = {(key_name(key), label) for key, _action, label in applying(app.screen)}
        keys = {(key_name(k), label) for k, _action, label in applying(app.screen, everywhere=True)}
        assert shown <= keys
        if app.screen.query_one(KeyBar).display:
            footer = "\n".join(rows_of(app)[-3:])
            assert [f"{key} {label}" for key, label in shown if f"{key} {label}" not in footer] == []
        commands = {(command.help, command.title) for command in app.get_system_commands(app.screen)}
        assert keys <= commands
        await pilot.resize_terminal(*size)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, Help))
        page = app.screen.query_one("#help", VerticalScroll)
        read = ""
        while True:  # whatever does not fit is scrolled to by the keyboard
            read += text_of(app)
            if page.scroll_offset.y >= page.max_scroll_y:
                break
            at_y = page.scroll_offset.y
            await pilot.press("down")
            await until(pilot, lambda before=at_y: page.scroll_offset.y > before)
        words = "".join(read.split())
        assert [key for key, label in keys if f"{key}{label}".replace(" ", "") not in words] == []
        if size == (80, 24):
            assert page.max_scroll_y == 0
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.desk)


# --- what was done, and how to take it back --------------------------------------------------------------

# Keys, and what has to be said after them: what happened, and the way back where there is one.
GUIDE_SAYS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((*"rs-001", "enter"), "Issued: A001; F7 cancels it"),
    ((*"b", "enter"), "Issued: B001; F7 cancels it"),
    (("f7", "enter"), "B001 cancelled F10 takes it back (60 s)"),
    (("f10",), "Taken back: B001 is waiting again"),
    ((*"rs-001", "f2", "1", *"forms", "enter"), "Recorded: enquiry"),
    (("ctrl+y",), "Copied: B001"),
    (("ctrl+c",), "Ctrl+Q quits."),
)
COUNTER_SAYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("f2",), "A001 called F10 takes it back (60 s)"),
    (("f3",), "A001 called again"),
    (("f3",), "A001 called again"),
    (("f6",), "A001 missed F10 takes it back (60 s)"),
    (("f10",), "Taken back: A001 is called again"),
    (("f4",), "A001 started F10 takes it back (60 s)"),
    (("f7",), "A001 on hold F10 takes it back (60 s)"),
    (("f7",), "A001 in service again F10 takes it back (60 s)"),
    (("f8", *"医保", "enter", "enter"), "A001 transferred F10 takes it back (60 s)"),
    (("f2",), "A002 called F10 takes it back (60 s)"),
    (("f4",), "A002 started F10 takes it back (60 s)"),
    (("1",), "A002 finished: done on spot F10 takes it back (60 s)"),
    (("f2",), "Refused: Nobody is waiting for window 1. [nothing_waiting] F10 (60 s)"),
    (("f9", "enter"), "Paused; F9 goes on."),
    (("f9",), "Going on."),
    (("f9", "f9", "f2"), "You have left window 1."),
)
SUPERVISION_SAYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("f10", *"A001", "enter"), "Taken back: A001 is waiting again"),
    (("f10", *"A009", "enter"), "Refused: There is no ticket A009 today."),
    (("f9", "enter"), "Closed: 0 served, 0 missed, 2 unserved."),
)


@pytest.mark.rule("Q-10")
@pytest.mark.parametrize(
    ("code", "who", "steps"),
    [
        (*DESKS[0], GUIDE_SAYS),
        (*DESKS[1], COUNTER_SAYS),
        (*DESKS[2], SUPERVISION_SAYS),
    ],
)
async def test_every_step_says_what_it_did_and_how_to_take_it_back(
    hall: tuple[Site, ManualClock],
    code: str,
    who: dict[str, Any],
    steps: tuple[tuple[tuple[str, ...], str], ...],
) -> None:
    site, _clock = hall
    if code != "guide":
        issuing.issue(site, "A")
        issuing.issue(site, "A")
    if code == "supervise":
        calling.call(site, "1")
    async with desk(site, code, **who) as (app, pilot):
        await until(pilot, lambda: app.desk and "F1" in rows_of(app)[-1] + rows_of(app)[-2])
        for keys, said in steps:
            for key in keys:
                stack = len(app.screen_stack)
                await pilot.press(key)
                if key.startswith("f") or (key == "enter" and stack > 2):  # a question may come or go
                    await pilot.pause(0.1)
            await until(pilot, lambda wanted=said: wanted in " ".join(" ".join(rows_of(app)[1:5]).split()))


async def test_who_signs_off_is_said_to_whoever_comes_next(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await run_command(pilot, "Sign off")
        await until(pilot, says(pilot, "吴引 has signed off.", "Which desk is this terminal?"))


# --- looks -----------------------------------------------------------------------------------------------

NEEDED = {"light": 4.5, "dark": 4.5, "contrast": 7.0}
"""The contrast of WCAG 2 that a text needs on its background: AA, and in high contrast AAA."""
ASKED = {
    "guide": ("f1", "f2", "f3", "f4", "f7", "f8", "f11", "ctrl+p", "ctrl+l"),
    "counter": ("f1", "f6", "f8", "f9", "f11", "f12", "ctrl+p", "ctrl+l"),
    "supervise": ("f1", "f2", "f4", "f5", "f9", "f10", "f11", "ctrl+p", "ctrl+l"),
}


def lightness(colour: Color) -> float:
    """The relative luminance of a colour, by WCAG 2."""
    parts = [part / 255 for part in colour.get_truecolor()]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """How much two colours differ, from 1 to 21."""
    low, high = sorted((lightness(one), lightness(other)))
    return (high + 0.05) / (low + 0.05)


def hard_to_read(app: JiaohaoApp) -> list[tuple[float, str]]:
    """What stands on the screen with too little contrast; what lies dimmed behind a question is not read."""
    is_asking = isinstance(app.screen, ModalScreen)
    areas = app.screen.query("#dialog, CommandInput, CommandList").results() if is_asking else [app.screen]
    rows = app.screen._compositor.render_strips(app.size)
    found = []
    for area in areas:
        region = area.region.intersection(app.screen.region)
        for strip in rows[region.y : region.bottom]:
            for text, style, _control in strip.crop(region.x, region.right):
                if not text.strip(" =") or style is None:  # a bar is a ground of its own
                    continue
                assert style.color is not None, text
                assert style.bgcolor is not None, text
                has = contrast(style.color, style.bgcolor)
                if has < NEEDED[app.theme] or style.dim:
                    found.append((round(has, 2), text))
    return found


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Site]:
    """Every state of a window at once: serving, called, paused, absent."""
    site, _clock = sqlite_site(tmp_path)
    language.use("en")
    for window, number in (("1", "1001"), ("2", "1002"), ("3", "1003")):
        seating.sit(site, window, number)
    for _place in range(4):
        issuing.issue(site, "A", matter="rs-001")
    calling.call(site, "2")
    calling.recall(site, "2")
    calling.recall(site, "2")
    calling.miss(site, "2")
    for window in ("1", "2"):
        calling.call(site, window)
    calling.start(site, "1")
    seating.pause(site, "3")
    yield site
    site.store.close()


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("theme", sorted(NEEDED))
@pytest.mark.parametrize(("code", "who"), [*DESKS, ("start", {"staff": "4001"})])
async def test_every_text_has_the_contrast_it_needs(
    busy: Site, code: str, who: dict[str, Any], theme: str
) -> None:
    async with desk(busy, None if code == "start" else code, size=(120, 36), **who) as (app, pilot):
        app.look(theme)
        await until(pilot, says(pilot, "青禾县"))
        assert hard_to_read(app) == []
        for kind in ("", "refused", "fault"):
            if app.desk is not None:
                app.desk.say("Something was said", kind=kind)
            await pilot.pause()
            assert hard_to_read(app) == []
        for key in ASKED.get(code, ()):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not app.desk)
            await pilot.pause()
            assert (key, hard_to_read(app)) == (key, [])
            if key != "ctrl+l":
                await pilot.press("escape")
                await until(pilot, lambda: app.screen is app.desk)


@pytest.mark.parametrize(("code", "who"), [DESKS[0], DESKS[2], DESKS[3]])
async def test_a_state_is_never_told_by_colour_alone(busy: Site, code: str, who: dict[str, Any]) -> None:
    async with desk(busy, code, size=(120, 36), **who) as (app, pilot):
        await until(pilot, says(pilot, "A003"))
        rows = [row for part in app.screen.query(Rows) for row in part._rows]
        rows += [row for part in app.screen.query(Board) for row in part._rows]
        told = [row for row in rows if row.style in {"called", "serving", "absent", "paused"}]
        assert {row.style for row in told} == {"called", "serving", "absent", "paused"}
        for row in told:  # by its word, by that nobody serves it, or by the mark of what is wrong
            words = (state_word(row.style), "nobody", "! ")
            assert any(word in cell for word in words for cell in row.cells), row


async def test_look_and_language_stay_for_the_next_start(busy: Site) -> None:
    async with desk(busy, "guide", staff="2001") as (app, pilot):
        await pilot.press(*"rs-00")
        await run_command(pilot, "Look: High contrast")
        await until(pilot, lambda: app.theme == "contrast")
        await run_command(pilot, "Language: 中文")
        await until(pilot, says(pilot, "导办台"))
        await pilot.press("a")  # the field has the keys still, and what stood in it
        await until(pilot, lambda: app.screen.query_one("#say", Input).value == "rs-00a")
    async with desk(busy, "guide", staff="2001") as (app, pilot):
        assert app.theme == "contrast"
    for code in ("guide", "counter", "supervise", None):
        assert looks.recall(code, looks.LANGUAGE, language.LANGUAGES) == "zh_CN"
    async with desk(busy, "wall") as (app, _pilot):  # the public's screen is not the clerk's
        assert app.theme == "dark"
    assert looks.recall("wall", looks.LANGUAGE, language.LANGUAGES) is None


def test_a_desk_starts_in_the_language_that_was_chosen_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JIAOHAO_CONFIG", "JIAOHAO_DATABASE", "JIAOHAO_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    site, _clock = sqlite_site(tmp_path)
    site.store.close()
    begun: list[str] = []
    monkeypatch.setattr("jiaohao.tui.app.JiaohaoApp.run", lambda _app: begun.append(language.language()))
    for change in ("gc.disable", "gc.freeze"):  # this process goes on
        monkeypatch.setattr(change, lambda: None)

    def start(*words: str) -> str:
        assert main(["--database", f"sqlite:///{tmp_path / 'hall.db'}", *words]) == 0
        return begun.pop()

    assert site.hall.language == "zh_CN"
    assert start("guide") == "zh_CN"
    looks.remember("guide", looks.LANGUAGE, "en")  # as the palette does
    assert (start("guide"), start("counter", "1"), start()) == ("en", "en", "en")
    assert (start("wall"), start("sign", "1")) == ("zh_CN", "zh_CN")  # the public's are not the clerk's
    assert start("guide", "--language", "zh_CN") == "zh_CN"
    monkeypatch.setenv("JIAOHAO_LANGUAGE", "zh_CN")
    assert start("guide") == "zh_CN"


@pytest.mark.parametrize("kept", ["", "[]", '{"staff": 1}', '{"staff": {"theme": "pink", "language": "fr"}}'])
async def test_a_file_of_looks_that_says_nothing_changes_nothing(busy: Site, kept: str) -> None:
    file = looks._file()
    file.parent.mkdir(parents=True)
    file.write_text(kept, encoding="utf-8")
    async with desk(busy, "guide", staff="2001") as (app, _pilot):
        assert app.theme == "dark"
    assert looks.recall("guide", looks.LANGUAGE, language.LANGUAGES) is None


@pytest.mark.parametrize("written", [True, False])
def test_a_hall_described_before_there_was_a_lock_opens_with_its_default(
    hall_site: tuple[Site, ManualClock], *, written: bool
) -> None:
    site, _clock = hall_site

    def forget(tx: Tx) -> None:
        row = tx.row("SELECT settings FROM hall")
        assert row is not None
        settings = json.loads(row[0])
        assert settings.pop("desks")["lock_min"] == 0
        if not written:
            tx.run("UPDATE hall SET settings = ?", (json.dumps(settings),))

    site.store.transact(forget)
    assert site.store.read(hall_table.read).desks == Desks(lock_min=0 if written else 10)
