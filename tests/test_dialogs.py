"""Every question: by keys alone, by the mouse alone, in any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from driving import desk, rows_of, text_of, until
from jiaohao.queue import calling, issuing, language, moving, seating, signing
from jiaohao.tui.screens.attendance_pages import MonthPage
from jiaohao.tui.screens.away import AwayForm
from jiaohao.tui.screens.days_form import DaysForm
from jiaohao.tui.screens.dialogs import Ask, Choice, Confirm, Dialog, Help, Modal, Pick
from jiaohao.tui.screens.fields import Field, FieldsForm, TickPage
from jiaohao.tui.screens.forms import CallForm, NoticeForm
from jiaohao.tui.screens.journal_page import JournalPage
from jiaohao.tui.screens.live_page import LivePage
from jiaohao.tui.screens.lock import Lock
from jiaohao.tui.screens.page import TablePage, TextPage
from jiaohao.tui.screens.register import RegisterPage
from jiaohao.tui.screens.search import Search
from jiaohao.tui.screens.sign_on import SignOn
from jiaohao.tui.screens.waits_page import WaitsPage
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.rows import Column, RowData, Rows
from small_hall import sqlite_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from jiaohao.queue.site import Site
    from jiaohao.tui.app import JiaohaoApp

PIN = "246810"
ROW = "row"
"""Among the keys of a question: the first row of its list, which the mouse clicks and Enter chooses."""
COLUMNS = (Column("one", "One", 6), Column("two", "Two"))
CHOICES = (Choice("a", ("A", "first")), Choice("b", ("B", "second")))
TABLE = (RowData("a", ("A", "first")), RowData("b", ("B", "second")))
LONG = "\n".join(f"line {place}" for place in range(99))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found, _clock = sqlite_site(tmp_path)
    language.use("en")
    signing.sign_on(found, "2001", PIN)
    seating.sit(found, "1", "1001")
    yield found
    found.store.close()


# Each question: how it is made, and the keys by which it is answered; None where Esc alone ends it.
QUESTIONS: dict[str, tuple[Callable[[JiaohaoApp], Screen[Any]], tuple[str, ...] | None]] = {
    "confirm": (lambda _app: Confirm("Sure?", "It cannot be taken back."), ("enter",)),
    "ask": (lambda _app: Ask("A note", "Note"), ("enter",)),
    "pick": (lambda _app: Pick("Which?", COLUMNS, CHOICES), (ROW,)),
    "pick, typed": (lambda _app: Pick("Which?", COLUMNS, CHOICES, typed=True), (ROW,)),
    "help": (lambda app: Help("Help", LONG, app.screen), None),
    "table": (lambda _app: TablePage("A table", COLUMNS, TABLE, keys="Enter: go", f2="F2: new"), (ROW,)),
    "table, f2": (lambda _app: TablePage("A table", COLUMNS, TABLE, keys="Enter: go", f2="F2: new"), ("f2",)),
    "month": (lambda _app: MonthPage("A month", COLUMNS, TABLE, keys="Enter: days", f2="F2: file"), (ROW,)),
    "text": (lambda _app: TextPage("A text", LONG, f2="F2: PDF"), ("f2",)),
    "ticks": (lambda _app: TickPage("Who came?", [("a", ("A", "x")), ("b", ("B", "y"))]), (ROW, "f2")),
    "fields": (
        lambda _app: FieldsForm("A form", [Field("a", "First", needed=True), Field("b", "Last")], {"a": "x"}),
        ("enter", "enter"),
    ),
    "fields, f2": (lambda _app: FieldsForm("A form", [Field("a", "First")], {"a": "x"}), ("f2",)),
    "days": (
        lambda _app: DaysForm("When?", "2026-11-25", {"a": "A", "b": "B"}, "F4: other"),
        ("enter", "enter"),
    ),
    "call": (lambda _app: CallForm("opening hours"), ("f4", "enter", "enter", "enter")),
    "notice": (
        lambda app: NoticeForm("Notice", app.site.directory.matters["rs-001"], by_phone=True),
        (ROW, "f6", "f7", "tab", "f2"),
    ),
    "away": (lambda _app: AwayForm("1", None), ("f9", "f9", "enter")),
    "away, with a number": (
        lambda app: AwayForm("1", app.floor.held[0] if app.floor else None),
        ("f2",),
    ),
    "search": (lambda app: Search(app.site.directory.lookup, _floor(app)), None),
    "register": (lambda app: RegisterPage(app.site, (), is_today=True), ("f2",)),
    "journal": (lambda app: JournalPage(_desk(app)), None),
    "waits": (lambda app: WaitsPage(_desk(app)), None),
    "sign on": (lambda _app: SignOn("Sign on", lambda _number: None), None),
}


def _floor(app: JiaohaoApp) -> Any:
    return app.floor


def _desk(app: JiaohaoApp) -> Any:
    return app.desk


def kinds(of: type[Screen[Any]]) -> Iterator[type[Screen[Any]]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


async def asked(app: JiaohaoApp, pilot: Pilot[int], name: str) -> list[Any]:
    """Ask a question; the answer comes into the list."""
    answers: list[Any] = []
    question = QUESTIONS[name][0](app)
    app.push_screen(question, answers.append)
    await until(pilot, lambda: app.screen is question and question.query_one(DialogKeys).region.height)
    return answers


def spot(app: JiaohaoApp, key: str) -> tuple[int, int] | None:
    """Where the mouse does what a key does."""
    if key == ROW:
        rows = app.screen.query_one(Rows).region
        return rows.x + 2, rows.y + 1
    region = app.screen.query_one(DialogKeys).region
    places = ((x, y) for y in range(region.y, region.bottom) for x in range(region.x, region.right))
    return next(((x, y) for x, y in places if app.screen.get_style_at(x, y).meta.get("key") == key), None)


async def click(app: JiaohaoApp, pilot: Pilot[int], key: str) -> None:
    place = spot(app, key)
    assert place is not None, (key, text_of(app))
    await pilot.click(offset=place)


async def test_every_sort_of_question_is_tried(site: Site) -> None:
    _hold_one(site)
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, lambda: app.floor and app.floor.held)
        tried = {type(make(app)) for make, _keys in QUESTIONS.values()} | {Dialog, LivePage, Modal}
    ours = {kind for kind in kinds(ModalScreen) if kind.__module__.startswith("jiaohao.")}
    assert ours - tried == set()


@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_is_answered_and_left_by_the_mouse_alone(site: Site, name: str, spoken: str) -> None:
    language.use(spoken)
    _hold_one(site)
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, lambda: app.floor and app.floor.held)
        answers = await asked(app, pilot, name)
        await click(app, pilot, "escape")
        await until(pilot, lambda: app.screen is app.desk)
        assert answers == [None]
        keys = QUESTIONS[name][1]
        if keys is not None:
            answers = await asked(app, pilot, name)
            for key in keys:
                await click(app, pilot, key)
            await until(pilot, lambda: app.screen is app.desk)
            assert len(answers) == 1
            assert answers[0] is not None


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_is_answered_and_left_by_keys_alone(site: Site, name: str) -> None:
    _hold_one(site)
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, lambda: app.floor and app.floor.held)
        answers = await asked(app, pilot, name)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.desk)
        assert answers == [None]
        keys = QUESTIONS[name][1]
        if keys is not None:
            answers = await asked(app, pilot, name)
            await pilot.press(*("enter" if key == ROW else key for key in keys))
            await until(pilot, lambda: app.screen is app.desk)
            assert len(answers) == 1
            assert answers[0] is not None


def press_at_once(app: JiaohaoApp, key: str, times: int) -> None:
    """Press a key several times before the first is answered."""
    for _time in range(times):
        app.post_message(Key(key, {"enter": "\r"}.get(key, key if len(key) == 1 else None)))


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("name", [*(name for name in QUESTIONS if QUESTIONS[name][1]), "pick, by digit"])
async def test_a_key_that_comes_several_times_at_once_answers_once(site: Site, name: str, times: int) -> None:
    _hold_one(site)
    question, by_digit, _rest = name.partition(", by digit")
    keys = ("1",) if by_digit else QUESTIONS[question][1] or ()
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, lambda: app.floor and app.floor.held)
        asking = app.desk
        answers = await asked(app, pilot, question)
        *before, last = ("enter" if key == ROW else key for key in keys)
        await pilot.press(*before)
        press_at_once(app, last, times)
        await until(pilot, lambda: answers)
        assert app.is_running
        assert app.desk is asking
        assert len(answers) == 1


async def test_signing_on_goes_by_the_mouse_but_for_what_is_typed(site: Site) -> None:
    async with desk(site, "guide", staff="2001") as (app, pilot):
        answers = await asked(app, pilot, "sign on")
        app.screen.query_one("#number", Input).value = "2001"
        await click(app, pilot, "enter")
        await until(pilot, lambda: app.screen.query_one("#pin").has_focus)
        app.screen.query_one("#pin", Input).value = PIN
        await click(app, pilot, "enter")
        await until(pilot, lambda: answers == ["2001"])


async def test_a_lock_goes_by_the_mouse_but_for_what_is_typed(site: Site) -> None:
    async with desk(site, "guide", staff="2001") as (app, pilot):
        app.action_lock()
        await until(pilot, lambda: isinstance(app.screen, Lock) and spot(app, "enter"))
        app.screen.query_one("#pin", Input).value = PIN
        await click(app, pilot, "enter")
        await until(pilot, lambda: app.screen is app.desk)
        app.action_lock()
        await until(pilot, lambda: isinstance(app.screen, Lock) and spot(app, "f9"))
        await click(app, pilot, "f9")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await click(app, pilot, "enter")
        await until(pilot, lambda: app.desk and app.desk.CODE == "start")


async def test_what_to_tell_scrolls_by_keys_while_the_typing_goes_on(site: Site) -> None:
    async with desk(site, "guide", staff="2001", size=(80, 12)) as (app, pilot):
        await pilot.press(*"rs-001")
        page = app.screen.query_one("#details")
        await until(pilot, lambda: page.max_scroll_y > 0)
        await pilot.press("ctrl+down")
        await until(pilot, lambda: page.scroll_offset.y > 0)
        await pilot.press("ctrl+up")
        await until(pilot, lambda: page.scroll_offset.y == 0)
        assert app.screen.query_one("#say", Input).value == "rs-001"


# --- resizing --------------------------------------------------------------------------------------------

pytestmark = [pytest.mark.slow, pytest.mark.look]
SIZES = ((120, 36), (40, 12), (200, 60), (40, 12), (80, 24))


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_stands_any_size_and_loses_nothing(site: Site, name: str) -> None:
    _hold_one(site)
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, lambda: app.floor and app.floor.held)
        await asked(app, pilot, name)
        fields = [field for field in app.screen.query(Input) if field.display]
        for place, field in enumerate(fields):
            field.value = f"{place}x"
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda wanted=size: app.size == wanted and len(rows_of(app)) == wanted[1])
            title = app.screen.query("#dialog-title, #page-title").first()
            assert title.region.right <= size[0]
        assert [field.value for field in fields] == [f"{place}x" for place in range(len(fields))]
        assert spot(app, "escape") is not None
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.desk)


@pytest.mark.parametrize(
    ("code", "who"),
    [
        ("guide", {"staff": "2001"}),
        ("counter", {"staff": "1001", "window": "1"}),
        ("supervise", {"staff": "3001"}),
        ("wall", {}),
        ("sign", {"window": "1"}),
        (None, {"staff": "4001"}),
    ],
)
async def test_a_desk_stands_any_size_in_the_middle_of_its_work(
    site: Site, code: str | None, who: dict[str, Any]
) -> None:
    _hold_one(site)
    issuing.issue(site, "A", matter="rs-001")
    async with desk(site, code, **who) as (app, pilot):
        held = app.desk
        if code == "guide":
            await pilot.press(*"rs-001")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            issuing.issue(site, "B")  # while it is laid out anew
            await until(pilot, lambda wanted=size: app.size == wanted and len(rows_of(app)) == wanted[1])
            assert app.desk is held
            await until(pilot, lambda: "10:05:00" in rows_of(app)[0])
            if code == "guide":
                assert app.screen.query_one("#say", Input).value == "rs-001"
                assert any("rs-001" in row for row in rows_of(app))


def _hold_one(site: Site) -> None:
    number = issuing.issue(site, "A", matter="rs-001").number
    calling.call(site, "1")
    calling.start(site, "1")
    calling.hold(site, "1")
    assert moving.resume(site, number, "1").state == "serving"
    calling.hold(site, "1")
