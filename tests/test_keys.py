"""Every key of every desk, page and question: pressed by the pilot in a busy hall, and seen to do its work.

A key that a screen declares without a row here fails a test, and so does a row whose key is gone.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import BindingsMap
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from driving import SIZES, desk, text_of, until
from jiaohao.queue import (
    adjusting,
    calling,
    consents,
    enquiries,
    issuing,
    language,
    leaves,
    leaving,
    meetings,
    questions,
    seating,
    signing,
)
from jiaohao.queue.clock import ManualClock
from jiaohao.queue.language import gettext as _
from jiaohao.queue.reading import read_floor
from jiaohao.queue.show import find_ticket
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store
from jiaohao.tui import screens, widgets
from jiaohao.tui.app import JiaohaoApp
from jiaohao.tui.screens.page import TablePage
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.rows import Column, RowData, Rows
from small_hall import MORNING, small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

PIN = "246810"
BASES = frozenset(
    {"Desk", "WorkDesk", "OwingDesk", "AskingDesk", "NumbersDesk", "PaperDesk", "RegistersDesk"}
    | {"CounterView", "PublicDesk", "Dialog", "LivePage"}
)
"""Screens that are never opened themselves: their keys are those of the screens that stand on them."""
TEXTUALS = frozenset(BindingsMap(Screen.BINDINGS).key_to_bindings)
"""What every screen of Textual does: going from field to field, copying what is marked."""


@dataclass
class Hall:
    """A desk in a busy hall, as the one who drives it sees it."""

    site: Site
    app: JiaohaoApp
    pilot: Pilot[int]

    @property
    def screen(self) -> str:
        """What is in front, by its class."""
        return type(self.app.screen).__name__

    @property
    def title(self) -> str:
        """The title of the question in front."""
        return next((str(one.render()) for one in self.app.screen.query("#dialog-title")), "")

    def state(self, number: str) -> str:
        """What has become of a number, as the store has it."""
        return find_ticket(self.site, number)[0].state

    def rows(self, name: str = "") -> Rows | None:
        """A list of the screen in front, the first one if none is named."""
        return next(iter(self.app.screen.query(name or Rows).results(Rows)), None)

    def place(self, name: str = "") -> object:
        """Where the cursor or the view of a list stands."""
        rows = self.rows(name)
        return rows and (rows.cursor_key, rows.scroll_offset.y)

    def field(self, name: str) -> str:
        """What stands in a field."""
        return next((field.value for field in self.app.screen.query(name).results(Input)), "")


Effect = Callable[[Hall], object]


@dataclass(frozen=True)
class Changes:
    """The effect that something is no longer as it was before the key."""

    probe: Effect


@dataclass(frozen=True)
class Row:
    """One key: on what it is, what is bound to it there, and what is so after it and was not before.

    ``action`` is empty where no key is bound: a field takes Enter, a short list its digits.
    """

    on: str
    key: str
    action: str
    effect: Effect | Changes


@dataclass(frozen=True)
class Scene:
    """One desk opened once, and what is done there one after the other: rows, typing, what others do."""

    desk: str | None
    steps: tuple[Row | str | Callable[[Hall], object], ...]
    who: tuple[str | None, str | None] = (None, None)
    """Member of staff and window."""
    size: tuple[int, int] = SIZES[0]
    tongue: str = "zh_CN"


# Effects


def opens(kind: str, *words: str) -> Effect:
    """A screen of that class is in front, and the words stand on it."""
    return lambda hall: (
        hall.screen == kind and all(_(word).partition("{")[0] in text_of(hall.app) for word in words)
    )


def says(*words: str) -> Effect:
    """Each of these texts stands on the screen, in the language spoken."""
    return lambda hall: all(_(word).partition("{")[0] in text_of(hall.app) for word in words)


def becomes(number: str, state: str) -> Effect:
    """The store has that number in that state."""
    return lambda hall: hall.state(number) == state


def moves(name: str = "") -> Changes:
    """The selection, or the part that is seen, of a list moves."""
    return Changes(lambda hall: hall.place(name))


def scrolls(name: str) -> Changes:
    """What a page shows moves."""
    return Changes(lambda hall: hall.app.screen.query_one(name).scroll_offset.y)


def focuses() -> Changes:
    """Another field has the focus."""
    return Changes(lambda hall: hall.app.focused and hall.app.focused.id)


def rewrites(name: str) -> Changes:
    """Another text stands in that line of the screen."""
    return Changes(lambda hall: [str(line.render()) for line in hall.app.screen.query(name)])


def finishes(number: str, kind: str) -> Effect:
    """The number is served, as that kind of file."""
    return lambda hall: find_ticket(hall.site, number)[0].kind == kind


def window_is(code: str, state: str) -> Effect:
    """The hall has that window in that state."""
    return lambda hall: getattr(read_floor(hall.site)[0].window(code), "state", "") == state


def back(on: str, to: str, key: str = "escape", action: str = "back") -> Row:
    """A key that leads back."""
    return Row(on, key, action, opens(to))


# The hall


def _busy(site: Site, clock: ManualClock) -> None:
    """Numbers in every state, a window left, what supervision finds in its pages."""
    for staff in ("1001", "2001", "3001", "4001"):
        signing.sign_on(site, staff, PIN)
    for window in "1234":
        seating.sit(site, window, f"100{window}")
    for place in range(14):
        questions.receive(site, "A", matter="rs-001" if place % 2 else "rs-002", staff="2001")
    for _place in range(3):
        questions.receive(site, "C", staff="2001")
    issuing.issue(site, "B")
    clock.advance(300)
    calling.call(site, "1")  # A001
    calling.start(site, "1")
    calling.hold(site, "1")
    calling.call(site, "2")  # A002
    for _again in range(2):
        calling.recall(site, "2")
    calling.miss(site, "2")
    calling.call(site, "2")  # A003, called
    calling.call(site, "1")  # A004
    calling.start(site, "1")
    leaving.leave(site, "4", reason="meeting", back="10:50", approved_by="4001")
    leaves.plan(
        site, "1001", from_day="2026-12-07", to_day="2026-12-08", reason="training", approved_by="4001",
        by="4001",
    )  # fmt: skip
    meetings.plan(
        site, day="2026-11-27", begins="14:30", ends="16:30", expected=("1001", "1002"), about="规范",
        staff="4001",
    )  # fmt: skip
    adjusting.request(site, window="1", post="A", entering="1002", consent="4001", staff="4001")
    asked = questions.enquire(
        site, staff="2001", channel="phone", about="社保转移", name="王小明", phone="13"
    )
    enquiries.refer(site, asked.id, "registered", staff="2001")
    enquiries.refer(
        site, questions.enquire(site, staff="2001", about="工伤").id, "colleague", staff="2001", to="3001"
    )
    consents.give(site, "2001", "3", giver="4001", until="2026-12-31")


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The folder of the busy hall, and its time."""
    folder = tmp_path_factory.mktemp("busy")
    site, clock = sqlite_site(folder, small_hall())
    _busy(site, clock)
    site.store.close()
    return folder, clock.now_ms()


@pytest.fixture
def site(laid: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A copy of it, at a time that stands still; files are written beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(laid[0] / "hall.db", tmp_path)
    clock = ManualClock(MORNING)
    clock.set_ms(laid[1])
    opened = Site(open_store(f"sqlite:///{tmp_path / 'hall.db'}", "qh"), clock)
    yield opened
    opened.store.close()


# The table

GUIDE, COUNTER, CHIEF = ("2001", None), ("1001", "1"), ("4001", None)
LARGE = SIZES[1]


def _written(*endings: str) -> Effect:
    """Files of these kinds stand in the folder."""
    return lambda _hall: all(list(Path().glob(f"*.{ending}")) for ending in endings)


def _long(hall: Hall) -> bool:
    """A list longer than the screen shows at once."""
    if hall.screen != "TablePage":
        rows = [RowData(str(place), (str(place),)) for place in range(50)]
        hall.app.push_screen(TablePage("?", (Column("what", ""),), rows, keys="?"))
    return bool(hall.rows() and hall.rows().max_scroll_y)


def _notice(hall: Hall) -> bool:
    """The one-time notice for whoever rang up."""
    if hall.screen == "Pick":
        choices = hall.app.screen._choices
        hall.rows().move_to(next(at for at, one in enumerate(choices) if one.key == "notice"))
        hall.rows().action_choose()
    return hall.screen == "NoticeForm"


def _leave(hall: Hall) -> bool:
    """Somebody ends the seat elsewhere."""
    leaving.leave(hall.site, "1")
    return True


def _served(number: str) -> tuple[Row, ...]:
    """The next number is called, and its visitor comes."""
    return (
        Row("CounterDesk", "f2", "call", becomes(number, "called")),
        Row("CounterDesk", "f4", "start", becomes(number, "serving")),
    )


REGISTERS = (
    ("1", "TablePage", "Owed: {count}"),
    ("3", "TablePage", "Visitors who came twice (to be looked into)"),
    ("4", "TablePage", "Enter: outcomes"),
    ("5", "TablePage", "Enter: outcomes"),
    ("6", "TablePage", "Enter: outcomes"),
)
POSTS = (
    ("1", "TablePage", "Absences of today: {count}"),
    ("2", "TablePage", "Enter: evidence"),
    ("3", "TablePage", "Enter: whole chain"),
    ("4", "TablePage", "F2: plan leave"),
    ("5", "MonthPage", "Enter: the days"),
    ("6", "MonthPage", "F3: earlier"),
    ("7", "TablePage", "F2: plan one"),
    ("8", "TablePage", "F2: new request"),
    ("9", "TablePage", "F2: agree"),
    ("0", "TablePage", "Enter: entries"),
)

SCENES: dict[str, Scene] = {
    "guide": Scene("guide", (
        Row("GuideDesk", "f1", "desk_help", opens("Help")), back("Help", "GuideDesk"),
        Row("GuideDesk", "f1", "desk_help", opens("Help")), back("Help", "GuideDesk", "enter"),
        Row("GuideDesk", "f1", "desk_help", opens("Help")), back("Help", "GuideDesk", "f1"),
        Row("GuideDesk", "down", "move", moves("#found")),
        Row("GuideDesk", "up", "move", moves("#found")),
        Row("GuideDesk", "pagedown", "move", moves("#found")),
        Row("GuideDesk", "pageup", "move", moves("#found")),
        Row("GuideDesk", "f5", "next_side", lambda hall: hall.app.screen.query("#panel-missed.-shown")),
        Row("GuideDesk", "f2", "outcome", opens("Pick", "What becomes of it?")),
        back("Pick", "GuideDesk"),
        Row("GuideDesk", "f3", "priority", opens("Pick", "Which priority class?")),
        Row("Pick", "1", "", opens("Confirm")),
        Row("Confirm", "enter", "yes", lambda hall: hall.screen == "GuideDesk" and
            hall.app.screen.query_one("#priority").display),
        Row("GuideDesk", "escape", "clear", lambda hall: not hall.app.screen.query_one("#priority").display),
        Row("GuideDesk", "f4", "phone", opens("CallForm")),
        Row("CallForm", "f4", "other", rewrites("#dialog-title")),
        Row("CallForm", "down", "focus_next", focuses()), Row("CallForm", "up", "focus_previous", focuses()),
        "x",
        Row("CallForm", "enter", "", focuses()),
        "enter", "enter", opens("Pick", "What becomes of it?"), back("Pick", "GuideDesk"),
        Row("GuideDesk", "f4", "phone", opens("CallForm")), back("CallForm", "GuideDesk"),
        Row("GuideDesk", "f6", "requeue", opens("Pick", "Requeue which missed number?")),
        Row("Pick", "enter", "", becomes("A002", "waiting")),
        Row("GuideDesk", "f10", "undo", becomes("A002", "missed")),
        Row("GuideDesk", "f7", "cancel", opens("Pick", "Cancel which number?")),
        Row("Pick", "down", "move", moves()), Row("Pick", "up", "move", moves()),
        back("Pick", "GuideDesk"),
        Row("GuideDesk", "f8", "transfer", opens("Pick", "Transfer which number?")),
        Row("Pick", "enter", "", lambda hall: hall.title in {
            _("Where does {number} go?").format(number=number) for number in ("A003", "A004")}),
        Row("Pick", "enter", "", opens("Ask")), back("Ask", "GuideDesk"),
        Row("GuideDesk", "f9", "relocate", opens("Pick")), back("Pick", "GuideDesk"),
        Row("GuideDesk", "f11", "owed", opens("TablePage", "F2: register")),
        Row("TablePage", "f2", "f2", opens("RegisterPage")), back("RegisterPage", "GuideDesk"),
        Row("GuideDesk", "f3", "priority", opens("Pick")), "1", opens("Confirm"),
        back("Confirm", "GuideDesk"),
        "rs-001",
        Row("GuideDesk", "enter", "", says("Issued: {number}; F7 cancels it")),
        Row("JiaohaoApp", "ctrl+y", "copy_number", lambda hall: hall.app.clipboard == "A015"),
        Row("JiaohaoApp", "ctrl+c", "help_quit", says("Ctrl+Q quits.")),
        Row("JiaohaoApp", "ctrl+p", "command_palette", opens("CommandPalette")),
    ), GUIDE),
    "guide, large": Scene("guide", (
        lambda hall: hall.app.screen.query_one("#details").max_scroll_y > 0,
        Row("GuideDesk", "ctrl+down", "read", scrolls("#details")),
        Row("GuideDesk", "ctrl+up", "read", scrolls("#details")),
    ), GUIDE, (120, 15), "en"),
    "notice": Scene("guide", (
        Row("GuideDesk", "f4", "phone", opens("CallForm")), "x", "enter", "enter", "enter", _notice,
        Row("NoticeForm", "f6", "to_find_out", rewrites("#kind")),
        Row("NoticeForm", "f7", "oral", says("written")),
        Row("NoticeForm", "f5", "kind", lambda hall: not hall.app.screen.query_one("#materials").display),
        back("NoticeForm", "GuideDesk"),
    ), GUIDE),
    "counter": Scene("counter", (
        Row("CounterDesk", "f1", "desk_help", opens("Help")), back("Help", "CounterDesk"),
        Row("CounterDesk", "f7", "hold", becomes("A004", "held")),
        Row("CounterDesk", "f10", "undo", becomes("A004", "serving")),
        Row("CounterDesk", "f6", "outcome", opens("Pick", "What becomes of it?")),
        back("Pick", "CounterDesk"),
        Row("CounterDesk", "f8", "transfer", opens("Pick")), back("Pick", "CounterDesk"),
        Row("CounterDesk", "f11", "owed", opens("TablePage")), back("TablePage", "CounterDesk"),
        Row("CounterDesk", "f9", "away", opens("AwayForm")),
        Row("AwayForm", "f8", "in_hand", rewrites("#in-hand-line")), back("AwayForm", "CounterDesk"),
        Row("CounterDesk", "1", "finish_as", finishes("A004", "spot")), *_served("A005"),
        Row("CounterDesk", "2", "finish_as", finishes("A005", "promised")), *_served("A006"),
        Row("CounterDesk", "3", "finish_as", finishes("A006", "submitted")), *_served("A007"),
        Row("CounterDesk", "4", "finish_as", finishes("A007", "forwarded")), *_served("A008"),
        Row("CounterDesk", "5", "finish_as", finishes("A008", "joint")), *_served("A009"),
        Row("CounterDesk", "f5", "finish", finishes("A009", "spot")), *_served("A010"),
        Row("CounterDesk", "6", "finish_as", opens("NoticeForm")),
        Row("NoticeForm", "space", "tick", says("[x]")),
        Row("NoticeForm", "f2", "issue", opens("TextPage", "One-time notice")),
        Row("TextPage", "f2", "f2", finishes("A010", "returned")),
        Row("CounterDesk", "f6", "phone", opens("CallForm")), back("CallForm", "CounterDesk"),
        Row("CounterDesk", "f2", "call", becomes("A011", "called")),
        Row("CounterDesk", "f3", "recall", lambda hall: find_ticket(hall.site, "A011")[0].calls == 2),
        Row("CounterDesk", "f3", "recall", lambda hall: find_ticket(hall.site, "A011")[0].calls == 3),
        Row("CounterDesk", "f6", "miss", becomes("A011", "missed")),
        Row("CounterDesk", "f7", "resume", becomes("A001", "serving")),
        Row("CounterDesk", "f5", "finish", finishes("A001", "spot")),
        Row("CounterDesk", "f9", "away", opens("AwayForm")),
        Row("AwayForm", "f9", "other", says("Reason: a digit, or words")),
        Row("AwayForm", "down", "focus_next", focuses()),
        Row("AwayForm", "up", "focus_previous", focuses()),
        Row("AwayForm", "enter", "", focuses()),
        Row("AwayForm", "f9", "other", rewrites("#dialog-title")),
        Row("AwayForm", "f2", "go", window_is("1", "paused")),
        Row("CounterDesk", "f9", "go_on", window_is("1", "free")),
        _leave,
        Row("CounterDesk", "f2", "sit", window_is("1", "free")),
    ), COUNTER),
    "search": Scene("counter", (
        Row("CounterDesk", "f12", "search", opens("Search")),
        Row("Search", "down", "move", moves()), Row("Search", "up", "move", moves()),
        Row("Search", "ctrl+down", "read", scrolls("#details")),
        Row("Search", "ctrl+up", "read", scrolls("#details")),
        back("Search", "CounterDesk", "f12"), "f12", opens("Search"),
        back("Search", "CounterDesk", "enter"), "f12", opens("Search"), back("Search", "CounterDesk"),
    ), COUNTER, (80, 12), "en"),
    "supervision": Scene("supervise", (
        Row("SupervisionDesk", "f1", "desk_help", opens("Help")), back("Help", "SupervisionDesk"),
        Row("SupervisionDesk", "f11", "owed", opens("TablePage")), back("TablePage", "SupervisionDesk"),
        Row("SupervisionDesk", "f4", "journal", opens("JournalPage")), back("JournalPage", "SupervisionDesk"),
        Row("SupervisionDesk", "f5", "waits", opens("WaitsPage")), back("WaitsPage", "SupervisionDesk"),
        Row("SupervisionDesk", "f2", "registers", opens("Pick", "Registers")),
        back("Pick", "SupervisionDesk"),
        Row("SupervisionDesk", "f3", "posts", opens("Pick", "Posts and attendance")),
        back("Pick", "SupervisionDesk"),
        Row("SupervisionDesk", "f10", "undo", opens("Ask")), "A003",
        Row("Ask", "enter", "", becomes("A003", "waiting")),
        Row("SupervisionDesk", "f9", "close_day", opens("Confirm")),
        Row("Confirm", "enter", "yes", becomes("A005", "unserved")),
    ), CHIEF),
    "supervision, scrolled": Scene("supervise", (
        lambda hall: hall.rows("#all-windows").max_scroll_y > 0,
        Row("SupervisionDesk", "down", "move", moves("#all-windows")),
        Row("SupervisionDesk", "up", "move", moves("#all-windows")),
        Row("SupervisionDesk", "pagedown", "page", moves("#all-windows")),
        Row("SupervisionDesk", "pageup", "page", moves("#all-windows")),
    ), CHIEF, (80, 18)),
    "journal": Scene("supervise", (
        "f4", opens("JournalPage"), lambda hall: hall.rows() and hall.rows().cursor_key,
        Row("Lines", "end", "oldest", moves()), Row("Lines", "home", "newest", moves()),
        Row("JournalPage", "enter", "", opens("TextPage")), back("TextPage", "JournalPage"),
        "enter", opens("TextPage"), back("TextPage", "JournalPage", "enter"),
        Row("JournalPage", "f3", "number", opens("Ask")), "A001",
        Row("Ask", "enter", "", says("Only: {filters}")),
        Row("JournalPage", "f8", "clear", says("No filter: all lines")),
        Row("JournalPage", "f4", "window", opens("Pick", "Only one window")), back("Pick", "JournalPage"),
        Row("JournalPage", "f5", "staff", opens("Pick", "Only one member of staff")),
        back("Pick", "JournalPage"),
        Row("JournalPage", "f6", "event", opens("Pick", "Only one kind")), back("Pick", "JournalPage"),
        Row("JournalPage", "f7", "day", opens("Ask")), back("Ask", "JournalPage"),
        Row("JournalPage", "f2", "files", _written("csv", "xlsx")),
    ), CHIEF),
    "waits": Scene("supervise", (
        "f5", opens("WaitsPage"), lambda hall: hall.rows() and hall.rows().cursor_key,
        Row("WaitsPage", "right", "line", says("each line")),
        Row("WaitsPage", "left", "line", says("(1 of")),
        Row("WaitsPage", "f7", "day", opens("Ask")), back("Ask", "WaitsPage"),
        Row("WaitsPage", "f2", "files", _written("csv", "xlsx")),
    ), CHIEF, LARGE, "en"),
    "register": Scene("supervise", (
        "f2", opens("Pick"), Row("Pick", "2", "", opens("RegisterPage")),
        Row("RegisterPage", "down", "move", moves()), Row("RegisterPage", "up", "move", moves()),
        Row("RegisterPage", "pagedown", "move", moves()), Row("RegisterPage", "pageup", "move", moves()),
        Row("RegisterPage", "f2", "further", rewrites("#dialog-title")),
        Row("RegisterPage", "enter", "", opens("TextPage")), back("TextPage", "SupervisionDesk"),
        "f2", opens("Pick"), "2", opens("RegisterPage"), back("RegisterPage", "SupervisionDesk"),
    ), CHIEF),
    **{
        f"register {digit}": Scene("supervise", (
            "f2", opens("Pick"), Row("Pick", digit, "", opens(kind, title)), back(kind, "SupervisionDesk"),
        ), CHIEF) for digit, kind, title in REGISTERS
    },
    "posts": Scene("supervise", (
        *(step for digit, kind, title in POSTS for step in (
            "f3", opens("Pick"), Row("Pick", digit, "", opens(kind, title)), back(kind, "SupervisionDesk"),
        )),
    ), CHIEF, LARGE, "en"),
    "attendance": Scene("supervise", (
        "f3", opens("Pick"), "5", opens("MonthPage"), Row("MonthPage", "enter", "", opens("TablePage")),
        "escape", "f3", opens("Pick"), "5", opens("MonthPage"),
        Row("MonthPage", "f3", "earlier", says("2026-10")), "escape",
        "f3", opens("Pick"), "5", opens("MonthPage"),
        Row("MonthPage", "f2", "f2", _written("csv", "xlsx")),
    ), CHIEF, LARGE, "en"),
    "leave": Scene("supervise", (
        "f3", opens("Pick"), "4", opens("TablePage"), Row("TablePage", "enter", "", opens("TextPage")),
        Row("TextPage", "f2", "f2", opens("Confirm")), back("Confirm", "SupervisionDesk"),
        "f3", opens("Pick"), "4", opens("TablePage"), Row("TablePage", "f2", "f2", opens("Pick")),
        "enter", lambda hall: hall.title == _("Who has agreed to it?"), "enter", opens("DaysForm"),
        Row("DaysForm", "f4", "other", rewrites("#choice")),
        Row("DaysForm", "down", "focus_next", focuses()), Row("DaysForm", "up", "focus_previous", focuses()),
        Row("DaysForm", "enter", "", focuses()), back("DaysForm", "SupervisionDesk"),
    ), CHIEF),
    "meetings": Scene("supervise", (
        "f3", opens("Pick"), "7", opens("TablePage"), Row("TablePage", "f2", "f2", opens("FieldsForm")),
        Row("FieldsForm", "down", "focus_next", focuses()),
        Row("FieldsForm", "up", "focus_previous", focuses()),
        "2026-11-26", Row("FieldsForm", "enter", "", focuses()), "14:00", "enter", "16:00", "enter",
        Row("FieldsForm", "f2", "done", opens("TickPage")),
        Row("TickPage", "space", "tick", says("[x]")),
        Row("TickPage", "f2", "done", opens("TextPage")), back("TextPage", "TablePage"),
        Row("TablePage", "f2", "f2", opens("FieldsForm")), back("FieldsForm", "SupervisionDesk"),
        "f3", opens("Pick"), "7", opens("TablePage"), "enter", opens("TextPage"),
        Row("TextPage", "f2", "f2", opens("TickPage")), back("TickPage", "SupervisionDesk"),
    ), CHIEF, LARGE, "en"),
    "lists": Scene("supervise", (
        _long, Row("Rows", "down", "move", moves()), Row("Rows", "up", "move", moves()),
        Row("Rows", "pagedown", "page", moves()), Row("Rows", "pageup", "page", moves()),
        Row("Rows", "end", "move", moves()), Row("Rows", "home", "move", moves()),
        Row("Rows", "enter", "choose", opens("SupervisionDesk")),
    ), CHIEF),
    "start": Scene(None, (
        Row("StartDesk", "f1", "desk_help", opens("Help")), back("Help", "StartDesk"),
        Row("StartDesk", "1", "desk", opens("SignOn")), "2001",
        Row("SignOn", "enter", "", focuses()), back("SignOn", "StartDesk"),
        Row("StartDesk", "2", "desk", opens("SignOn", "Counter")), "escape", opens("StartDesk"),
        Row("StartDesk", "4", "desk", opens("SignOn", "Supervision")), "escape", opens("StartDesk"),
        Row("DeskList", "enter", "chosen", opens("SignOn", "Guide desk")), "escape", opens("StartDesk"),
        Row("StartDesk", "3", "desk", opens("WallDesk")),
    )),
    "wall": Scene("wall", (
        Row("WallDesk", "f1", "desk_help", opens("Help")), back("Help", "WallDesk"),
        Row("WallDesk", "q", "quit", lambda hall: hall.app.return_value == 0),
    )),
    "sign": Scene("sign", (
        Row("SignDesk", "f1", "desk_help", opens("Help")), back("Help", "SignDesk"),
        Row("SignDesk", "q", "quit", lambda hall: hall.app.return_value == 0),
    ), (None, "1")),
    "lock": Scene("guide", (
        Row("JiaohaoApp", "ctrl+l", "lock", opens("Lock")), PIN,
        Row("Lock", "enter", "", opens("GuideDesk")), "ctrl+l", opens("Lock"),
        Row("Lock", "f9", "sign_off", opens("Confirm")), "enter", opens("StartDesk"),
        Row("JiaohaoApp", "ctrl+q", "quit", lambda hall: hall.app.return_value == 0),
    ), GUIDE),
}  # fmt: skip


ROWS = [step for scene in SCENES.values() for step in scene.steps if isinstance(step, Row)]
WHOLE = frozenset({"enter", "escape", "ctrl+l", *(f"f{place}" for place in range(1, 13))})
"""Steps that are one key; any other text is typed."""
APPS = frozenset({"ctrl+q", "tab"})
"""The app's keys and Textual's, which questions tell of too."""


# The driving


def _bound(hall: Hall, row: Row) -> bool:
    """Whether the key does now what its row says, on what it says."""
    if not row.action:
        return hall.screen == row.on
    screen = hall.app.screen
    active = screen.active_bindings.get(row.key)
    # A field lets go of the keys for scrolling and copying, where it has nothing to scroll or to copy.
    is_let_go = active is None or active.binding.action.startswith(("scroll_", "page_", "copy"))
    nodes = [screen, hall.app] if is_let_go else [active.node]
    return any(
        type(node).__name__ == row.on and _name(binding.action) == row.action
        and hall.app._check_action_state(binding.action, node)
        for node in nodes
        for binding in node._bindings.key_to_bindings.get(row.key, ())
    )  # fmt: skip


def _name(action: str) -> str:
    return action.partition("(")[0].rpartition(".")[2]


def _told(screen: Screen[Any]) -> set[str]:
    """The keys that the last line of a question tells of."""
    spans = [span.style for line in screen.query(DialogKeys) for span in line.content.spans]
    return {str(style.meta["key"]) for style in spans if "key" in style.meta}


async def _press(hall: Hall, row: Row) -> None:
    await until(hall.pilot, lambda: _bound(hall, row))
    untried = _told(hall.app.screen) - APPS - {row.key for row in ROWS if row.on == hall.screen}
    assert not untried, "told of, but never tried"
    effect = row.effect
    if isinstance(effect, Changes):
        probe, before = effect.probe, effect.probe(hall)
        effect = lambda hall: probe(hall) != before  # noqa: E731
    assert not effect(hall), "so already before the key"
    await hall.pilot.press(row.key)
    await until(hall.pilot, lambda: effect(hall))


@pytest.mark.parametrize("name", SCENES)
async def test_every_key_does_what_it_is_for(site: Site, name: str) -> None:
    scene = SCENES[name]
    language.use(scene.tongue)
    staff, window = scene.who
    async with desk(site, scene.desk, staff=staff, window=window, size=scene.size) as (app, pilot):
        hall = Hall(site, app, pilot)
        for place, step in enumerate(scene.steps):
            try:
                await _take(hall, step)
            except AssertionError as error:
                error.add_note(f"at step {place}: {step}")
                raise


async def _take(hall: Hall, step: Row | str | Callable[[Hall], object]) -> None:
    if isinstance(step, Row):
        await _press(hall, step)
    elif isinstance(step, str):
        await hall.pilot.press(*([step] if step in WHOLE else step))
    else:
        await until(hall.pilot, lambda: step(hall))


def _kinds(of: type[Any]) -> Iterator[type[Any]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _declared() -> set[tuple[str, str, str]]:
    """Each key that a screen, a list or the app itself binds, with what it binds to it."""
    for package in (screens, widgets):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    every = {kind for kind in (JiaohaoApp, *_kinds(Widget)) if kind.__module__.startswith("jiaohao.tui.")}
    declared = {("JiaohaoApp", JiaohaoApp.COMMAND_PALETTE_BINDING, "command_palette")}
    for kind in every - {kind for kind in every if kind.__name__ in BASES}:
        bound = (
            kind._merged_bindings if issubclass(kind, Screen) else BindingsMap(vars(kind).get("BINDINGS", ()))
        )
        declared |= {
            (kind.__name__, key, _name(binding.action))
            for key, bindings in bound.key_to_bindings.items()
            for binding in bindings
            if key not in TEXTUALS or kind is JiaohaoApp
        }
    return declared


def test_every_key_that_a_screen_declares_has_a_row_and_every_row_a_key() -> None:
    driven = {(row.on, row.key, row.action) for row in ROWS if row.action}
    declared = _declared()
    assert driven - declared == set()
    assert declared - driven == set()
