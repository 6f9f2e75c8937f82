"""The start desk: which desk, then who; for a counter also at which window."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from jiaohao.queue import seating
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import Floor, WindowView
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.presence import POSTS
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY
from jiaohao.queue.words import post_word, state_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Staff
from jiaohao.tui import phrases, returning
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.sign_on import SignOn
from jiaohao.tui.sitting import objection, sit
from jiaohao.tui.widgets.rows import Column, RowData, Rows

DESKS = ("guide", "counter", "wall", "supervise")


def _desk_words() -> dict[str, tuple[str, str]]:
    return {
        "guide": (_("Guide desk"), _("issue numbers, look matters up, see the whole floor")),
        "counter": (_("Counter"), _("call, serve and finish at a window")),
        "wall": (_("Wall"), _("for the public; nothing to sign on to")),
        "supervise": (_("Supervision"), _("the day as it goes, window by window")),
    }


class DeskList(Rows):
    """The desks to choose from; the footer tells of its Enter too."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.chosen", N_("Open"))]


class StartDesk(Desk):
    """Where a terminal begins."""

    CODE = "start"
    TITLE_ID = N_("Start")
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(place), f"desk('{code}')", show=False) for place, code in enumerate(DESKS, 1)),
    ]

    def __init__(self, desk: str | None = None, *, said: str | Refusal | Fault = "") -> None:
        """Ask for everything, or with a ``desk`` only for what that one needs; ``said`` is said first."""
        super().__init__()
        self._said = said
        self._asked_for = desk if desk in DESKS else None

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        yield Static(
            Content(_("Which desk is this terminal? Digit, or arrows and Enter.")),
            id="start-question",
            markup=False,
        )
        yield DeskList(
            (Column("place", "", 2), Column("name", _("Desk"), 16), Column("for", "")),
            cursor=True,
            id="desks",
        )

    def show_floor(self, floor: Floor) -> None:
        """See Desk; a desk that was asked for opens with the first floor."""
        words = _desk_words()
        if self._said:
            said, self._said = self._said, ""
            if isinstance(said, str):
                self.say(said)
            else:
                self.say_refused(said)
        self.query_one("#desks", Rows).show(
            [RowData(code, (str(place), *words[code])) for place, code in enumerate(DESKS, 1)]
        )
        if self._asked_for is not None:
            code, self._asked_for = self._asked_for, None
            self._open_asked_for(code)

    def _open_asked_for(self, code: str) -> None:
        window = self.jiaohao.window
        token = returning.recall(window) if code == "counter" and window and self.staff is None else None
        if window is None or token is None:
            self.action_desk(code)
            return

        def answered(person: Staff | None) -> None:
            if person is None:
                self.action_desk(code)
                return
            self.jiaohao.staff = person
            self.jiaohao.open_desk("counter")

        # A terminal that died a moment ago: its person is still there (AB-6).
        self.do(
            lambda site: seating.resume(site, window, token), answered, lambda _why: self.action_desk(code)
        )

    def help_text(self) -> str:
        """See Desk."""
        return _("Choose a desk with its digit, with the arrows and Enter, or with the mouse. Then sign on.")

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Open the desk chosen."""
        self.action_desk(message.key)

    def action_chosen(self) -> None:
        """Open the selected desk."""
        if (key := self.query_one("#desks", Rows).cursor_key) is not None:
            self.action_desk(key)

    def action_desk(self, code: str) -> None:
        """Open a desk, once it is known who sits there."""
        if code == "wall":
            self.jiaohao.open_desk("wall")
            return
        reason = objection(self.site, code, self.staff.no) if self.staff else ""
        if reason is None:
            self._signed_on(code)
        elif self.jiaohao.demo:
            self._take_part(code)
        else:
            self.say(reason)
            title = _("Sign on: {desk}").format(desk=_desk_words()[code][0])
            self.app.push_screen(
                SignOn(title, partial(objection, self.site, code)), partial(self._came_back, code)
            )

    def _came_back(self, code: str, number: str | None) -> None:
        if number is not None:
            self.jiaohao.staff = self.site.directory.person(number)
            self._signed_on(code)

    def _take_part(self, code: str) -> None:
        # In the demo nobody signs on: whoever may sit there lends their name.
        if code == "counter":
            self._ask_for_window()
            return
        for person in self.hall.staff:
            if person.role in MAY[code]:
                self.jiaohao.staff = person
                self._signed_on(code)
                return

    def _signed_on(self, code: str) -> None:
        if code != "counter":
            self.jiaohao.open_desk(code)
        elif self.jiaohao.window is not None:
            self._sit(self.jiaohao.window)
        else:
            self._ask_for_window()

    def _ask_for_window(self) -> None:
        if self.floor is None:
            return
        posts = {post.window: post.post for post in reversed(self.hall.posts) if self._is_mine(post.staff)}
        views = sorted(self.floor.windows, key=lambda view: (view.code not in posts, view.is_manned))
        columns = (
            fitting("code", _("Window"), 4),
            Column("name", _("Name")),
            fitting("lines", _("Lines"), 8),
            fitting("state", _("State"), 8),
            fitting("post", _("Your post"), 8, texts=map(post_word, POSTS)),
        )
        choices = [self._window_choice(view, posts.get(view.code)) for view in views]
        self.app.push_screen(Pick(_("At which window?"), columns, choices, typed=True), self._window_picked)

    def _is_mine(self, number: str) -> bool:
        return self.staff is not None and self.staff.no == number

    @staticmethod
    def _window_choice(view: WindowView, post: str | None) -> Choice:
        return Choice(
            view.code,
            (
                clean(view.code),
                clean(view.name),
                phrases.codes(view.lines),
                state_word(view.state),
                post_word(post) if post else "",
            ),
        )

    def _window_picked(self, window: str | None) -> None:
        if window is None:
            return
        if self.jiaohao.demo:
            self.jiaohao.staff = self._stand_in(window)
        self._sit(window)

    def _stand_in(self, window: str) -> Staff | None:
        sitting = {view.staff for view in self.floor.windows} if self.floor else set()
        holders = [post.staff for post in self.hall.posts if post.window == window]
        free = [number for number in holders if number not in sitting]
        return self.site.directory.staff.get((free or holders or [""])[0])

    def _sit(self, window: str) -> None:
        staff = self.staff
        if staff is None:
            self.say_refused(Refusal("not_posted", staff="-", window=window))
            return

        sit(self.do, self.jiaohao, window, staff, lambda: self.jiaohao.open_desk("counter"))
