"""What every desk has: heading, banner, notice, keys, and the way to the hall through the link."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widgets import Input

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.queue.words import fault_sentence
from jiaohao.store.errors import Fault
from jiaohao.store.values import Hall, Staff
from jiaohao.tui.widgets.heading import Heading
from jiaohao.tui.widgets.keybar import KeyBar
from jiaohao.tui.widgets.notice import Notice
from jiaohao.tui.widgets.words import Words

if TYPE_CHECKING:
    from jiaohao.tui.app import JiaohaoApp

T = TypeVar("T")

SLOW_S = 1.0
"""After how long an operation under way is mentioned."""


class Desk(Screen[None]):
    """A desk of the hall. A subclass composes its own part and shows each new floor."""

    CODE: ClassVar[str] = ""
    """The desk's name on the command line."""
    TITLE_ID: ClassVar[str] = ""
    """The desk's name for people, to be translated when shown."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "desk_help", N_("Help"))]

    def __init__(self) -> None:
        """Nothing is under way yet."""
        super().__init__()
        self._under_way = 0
        self._is_composing = True
        self._is_returning = False
        self._bearing: object = None

    @property
    def is_ready(self) -> bool:
        """Whether the desk's widgets are all there; of an app that ends they go one by one."""
        return self.is_attached and self.app.is_running and not self._is_composing

    @property
    def jiaohao(self) -> JiaohaoApp:
        """The app, by its own type."""
        return cast("JiaohaoApp", self.app)

    @property
    def site(self) -> Site:
        """The opened hall."""
        return self.jiaohao.site

    @property
    def hall(self) -> Hall:
        """The hall's description."""
        return self.site.hall

    @property
    def floor(self) -> Floor | None:
        """The floor as last known; None before the first reading."""
        return self.jiaohao.floor

    @property
    def staff(self) -> Staff | None:
        """Who is signed on at this terminal."""
        return self.jiaohao.staff

    def compose(self) -> ComposeResult:
        """Heading, banner and notice above the desk's own part, keys below."""
        # Textual says so too, but only when all is laid out already, and then lays it out once more.
        width, height = self.app.size
        self.add_class(
            _reached(self.HORIZONTAL_BREAKPOINTS, width), _reached(self.VERTICAL_BREAKPOINTS, height)
        )
        yield Heading(self.site, _(self.TITLE_ID))
        yield Words(id="banner")
        with Horizontal(id="says"):
            yield Notice()
            yield from self.compose_says()
        yield from self.compose_desk()
        yield KeyBar()

    def compose_says(self) -> ComposeResult:
        """What stands beside the notice."""
        yield from ()

    def compose_desk(self) -> ComposeResult:
        """The desk's own part."""
        yield from ()

    def show_floor(self, floor: Floor) -> None:
        """Show a new floor; called on the screen's thread, also when the desk opens."""

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Shown for the first time, each widget has its styles already, from when it was mounted."""
        event.refresh_styles = self._is_returning
        self._is_returning = True

    def on_mount(self) -> None:
        """Show what is known already, so that the first frame is a whole one."""
        self._is_composing = False
        self.show_all()

    async def speak_anew(self) -> None:
        """Write every text again, after the language has changed; what was typed stays, and goes on."""
        typed = {field.id: (field.value, field.cursor_position) for field in self.query(Input) if field.id}
        focused = self.focused.id if self.focused is not None else None
        self._is_composing = True
        await self.recompose()
        self._is_composing = False
        for name, (value, place) in typed.items():
            field = self.query_one(f"#{name}", Input)
            field.value, field.cursor_position = value, place
        if focused is not None:
            self.query_one(f"#{focused}").focus()
        self.call_after_refresh(self.show_all)

    def show_all(self) -> None:
        """Show who is signed on, the store's state and the floor."""
        if not self.is_ready:
            return
        heading = self.query_one(Heading)
        heading.who = self.who()
        heading.day_closed = self.floor is not None and self.floor.day_closed
        self.show_banner()
        if self.floor is not None:
            self.show_floor(self.floor)
        bearing = (self.staff, self.jiaohao.away, self.bearing())
        if bearing != self._bearing:  # to look through all keys takes as long as to show all the rest
            self._bearing = bearing
            self.refresh_bindings()

    def bearing(self) -> object:
        """What decides which keys apply here: all of the floor, where a desk does not know better."""
        return self.floor

    def who(self) -> str:
        """Who is signed on, for the heading."""
        return clean(f"{self.staff.name} {self.staff.no}") if self.staff is not None else ""

    def show_banner(self) -> None:
        """What everybody at this desk has to know before anything else; nothing when all is well."""
        banner = self.query_one("#banner", Words)
        away = self.jiaohao.away
        lines = self._banner_lines()
        banner.set_class(away is not None, "-away")
        banner.display = bool(lines)
        banner.update(Content("\n".join(lines)))

    def _banner_lines(self) -> list[str]:
        lines = []
        floor, away = self.floor, self.jiaohao.away
        if away is not None:
            since = self.clock_time(away.since_ms)
            lines.append(
                _("!! No answer from the database since {time} [{code}]").format(time=since, code=away.code)
            )
            if floor is not None:
                lines.append(
                    _("   What is shown is OLD: as of {time}").format(time=self.clock_time(floor.as_of_ms))
                )
        if floor is not None and floor.day_closed:
            lines.append(_("!  This service day has been closed."))
        elif floor is not None and not floor.is_open:
            lines.append(_("!  The hall is closed now."))
        if floor is not None and floor.clock_behind_min:
            lines.append(
                _("!! The clock of this machine is wrong: {minutes} min behind the last entry").format(
                    minutes=floor.clock_behind_min
                )
            )
        if floor is not None and floor.unknown_years:
            years = " ".join(map(str, floor.unknown_years))
            lines.append(
                _("!  The public holidays of {years} are not known yet: config.toml, [calendar]").format(
                    years=years
                )
            )
        return lines

    def clock_time(self, instant_ms: int, pattern: str = "%H:%M:%S") -> str:
        """An instant on the hall's clock."""
        return local(instant_ms, self.hall.timezone).strftime(pattern)

    def do(
        self,
        work: Callable[[Site], T],
        done: Callable[[T], None],
        failed: Callable[[Refusal | Fault], None] | None = None,
    ) -> None:
        """Run an operation away from the screen, then ``done``; a refusal or fault is said in the notice.

        One at a time: a key pressed again before the answer does nothing a second time. What follows from
        an answer, of a person to a question or of the hall, waits for its turn instead: it is said once.
        """
        if self._under_way and not self.jiaohao.is_answering:
            return
        self._under_way += 1
        self.say("")
        slow = self.set_timer(SLOW_S, lambda: self.say(_("Waiting for the database...")))

        def ended() -> bool:
            self._under_way -= 1
            slow.stop()
            self.say("")
            return self.is_ready

        def answer(result: T) -> None:
            if ended():
                self.jiaohao.answering(done, result)
                self.refresh_bindings()

        def stopped(reason: Refusal | Fault) -> None:
            if ended():
                self.say_refused(reason)
                if failed is not None:
                    self.jiaohao.answering(failed, reason)
                self.refresh_bindings()

        self.jiaohao.link.do(work, answer, stopped)

    def say(self, text: str, *, kind: str = "") -> None:
        """Put one sentence into the notice: plain, or of kind ``refused`` or ``fault``; no text clears it."""
        if not self.is_ready:
            return
        self.query_one(Notice).say(text, kind=kind)

    def say_refused(self, reason: Refusal | Fault) -> None:
        """Say why the hall refused, or what the store could not do, with its stable code."""
        if isinstance(reason, Refusal):
            self.say(
                _("Refused: {message} [{code}]").format(message=reason.message, code=reason.code),
                kind="refused",
            )
        else:
            text = fault_sentence(reason.code, "")
            self.say(_("Fault: {message} [{code}]").format(message=text, code=reason.code), kind="fault")

    def palette(self) -> Iterable[tuple[str, str, Callable[[], None]]]:
        """What can be done here beside the keys: its name, an explanation, and what does it."""
        yield from ()

    def number_at_hand(self) -> str | None:
        """The ticket's number that this desk is about just now, to be copied; None where there is none."""
        return None

    def leave_then(self, go: Callable[[], None]) -> None:
        """Leave this desk by calling ``go``; a desk with something in hand asks first."""
        go()

    def action_desk_help(self) -> None:
        """Explain this desk on one page."""
        from jiaohao.tui.screens.dialogs import Help  # noqa: PLC0415 - dialogs stand on the desk's words

        self.app.push_screen(Help(_(self.TITLE_ID), self.help_text(), self))

    def help_text(self) -> str:
        """What this desk is for, above its keys on the help page."""
        return ""


def _reached(points: list[tuple[int, str]], size: int) -> str:
    return max(point for point in points if point[0] <= size)[1]
