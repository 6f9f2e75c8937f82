"""The terminal app: holds the floor and hands it to the desks; only the person before it ends it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Event, InputEvent, Paste
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from jiaohao.queue import language
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Staff
from jiaohao.tui import looks, returning
from jiaohao.tui.hanging_up import end_with_terminal
from jiaohao.tui.link import Answered, FloorChanged, Link, StoreAway, StoreBack
from jiaohao.tui.log import log_file, write_failure
from jiaohao.tui.opening import Opening, desk_of
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.themes import THEMES
from jiaohao.tui.widgets.keybar import applying, key_name

if TYPE_CHECKING:
    from jiaohao.queue.registers import Ledger
    from jiaohao.tui.screens.lock import Lock
    from jiaohao.tui.speaker import Speaker, VoiceChanged

T = TypeVar("T")

_LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}


class _PlainBar(ScrollBarRender):
    """A scroll bar without the part-blocks, whose width is ambiguous on Chinese terminals."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


ScrollBar.renderer = _PlainBar


LOCK_LOOK_S = 5.0
"""How often to look whether a desk was left alone: seldom, since many terminals stand on one machine."""
_FIRST = 1
"""Where on the stack the desk stands: on the blank screen that every app begins with."""


@frozen
class Away:
    """The store does not answer: since when on the hall's clock, and by which code."""

    since_ms: int
    code: str


class JiaohaoApp(App[int]):
    """The desks of one hall in one terminal."""

    CSS_PATH = "jiaohao.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", N_("Quit"), show=False, priority=True),
        Binding("ctrl+l", "lock", N_("Lock"), show=False, priority=True),
        Binding("ctrl+y", "copy_number", N_("Copy the number"), show=False),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        site: Site,
        *,
        desk: str | None = None,
        window: str | None = None,
        staff: Staff | None = None,
        demo: bool = False,
        speaker: Speaker | None = None,
    ) -> None:
        """Open ``desk`` at once where nothing is missing for it; else the start desk asks.

        ``staff`` has signed on already; ``window`` is where a counter is. With ``demo`` nobody needs a PIN,
        and no seat is lost with its terminal: its clock may be faster than that can follow (AB-6).
        A ``speaker`` is given what the wall shows, to say it.
        """
        super().__init__()
        self.site = site
        self.staff = staff
        self.window = window
        self.demo = demo
        self.speaker = speaker
        self.voice_fault = ""
        self.first_desk = desk
        self.floor: Floor | None = None
        self._ledger: Ledger | None = None
        self.away: Away | None = None
        self._opening = Opening(self)
        self._touched_ms = site.now_ms()
        self._lock: Lock | None = None
        self._unanswered: list[Answered] = []
        self.is_answering = False
        """Whether what happens now follows from an answer, not from a key."""
        self._seat_token: str | None = None
        self.link = Link(
            self, site, read_only=site.store.read_only, only_at=window if desk == "sign" else None
        )
        for theme in THEMES:
            self.register_theme(theme)
        names = [theme.name for theme in THEMES]
        self.theme = looks.recall(desk, looks.THEME, names) or names[0]

    def on_mount(self) -> None:
        """Begin to follow the floor, and open the first desk."""
        self.title = self.site.hall.name
        if not self.is_headless:
            end_with_terminal()
        self.link.start()
        if self.speaker is not None:
            from jiaohao.tui.speaker import VoiceChanged  # noqa: PLC0415 - few walls speak

            self.speaker.start(lambda code: self.post_message(VoiceChanged(code)))
        self.set_interval(LOCK_LOOK_S, self._lock_when_left)
        self._opening.begin()  # loaded while the floor is read

    def on_ready(self) -> None:
        """What starts the app lets nothing be looked through for garbage until it runs."""
        gc.enable()

    def on_unmount(self) -> None:
        """Let go of the hall."""
        self.link.stop()
        if self.speaker is not None:
            self.speaker.stop()

    def open_desk(self, code: str) -> None:
        """Show the desk of that name; whoever has to be signed on for it is."""
        self.show_desk(desk_of(code))

    def push_screen(self, screen: Any, callback: Any = None, *args: Any, **kwargs: Any) -> Any:
        """See App; what follows from the answer to a question is known for that."""
        answered: Any = callback and partial(self.answering, callback)
        return super().push_screen(screen, answered, *args, **kwargs)

    def answering(self, go: Callable[[T], object], answer: T) -> None:
        """Go on with an answer."""
        before, self.is_answering = self.is_answering, True
        try:
            go(answer)
        finally:
            self.is_answering = before

    def show_desk(self, desk: Desk) -> None:
        """Put a desk in place of the one before, and of whatever it was asking."""
        while self.screen_stack[_FIRST + 1 :]:
            self.pop_screen()
        if self.screen_stack[_FIRST:]:
            self.switch_screen(desk)
        else:
            self.push_screen(desk)

    @property
    def ledger(self) -> Ledger:
        """What is owed; nothing before it was read, and at a desk that is told of no one's affairs."""
        from jiaohao.queue.registers import Ledger  # noqa: PLC0415 - no wall or sign needs it

        return self._ledger or Ledger((), ())

    @property
    def desk(self) -> Desk | None:
        """The desk on the screen, or the one below what is being asked."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Desk)), None)

    def _desks(self) -> list[Desk]:
        # Of an app that ends, the widgets go one by one, and there is nothing to show any more.
        stack = self.screen_stack if self.is_running else []
        desks = [screen for screen in stack if isinstance(screen, Desk)]
        # One that is being mounted shows what is known, and must not miss what comes before it is done.
        return [desk for desk in desks if desk.is_mounted or desk.is_ready]

    def _fatal_error(self) -> None:
        # Textual's own page shows the values at hand, and with them what visitors have said (PV-1).
        if (error := sys.exception()) is not None:
            write_failure(error)
        self.bell()
        self.panic(
            Text(_("An error of the program has ended it; it is described in {file}").format(file=log_file()))
        )

    def on_floor_changed(self, message: FloorChanged) -> None:
        """Hand the new floor to every desk."""
        self.floor, self._ledger = message.floor, message.ledger
        self._opening.floor_came()
        for desk in self._desks():
            desk.show_all()

    def on_store_away(self, message: StoreAway) -> None:
        """Say that the store does not answer; what is known stays on the screen."""
        self._show_away(Away(self.site.now_ms(), message.fault.code))

    def on_store_back(self, _message: StoreBack) -> None:
        """The store answers again."""
        self._show_away(None)

    def _show_away(self, away: Away | None) -> None:
        self.away = away
        self._opening.open()
        for desk in self._desks():
            desk.show_all()
        if self._lock is not None:
            self._lock.show_away()

    def on_voice_changed(self, message: VoiceChanged) -> None:
        """Calls are no longer heard, or are heard again."""
        self.voice_fault = message.code
        for desk in self._desks():
            desk.show_all()

    def on_answered(self, message: Answered) -> None:
        """An operation has ended; behind a lock that is told when its person is back."""
        if self._lock is None or message.at_once:
            message.tell()
        else:
            self._unanswered.append(message)

    async def on_event(self, event: Event) -> None:
        """See App: a key or the mouse says that somebody is there."""
        if isinstance(event, InputEvent | Paste):
            self._touched_ms = self.site.now_ms()
        await super().on_event(event)

    def _lock_when_left(self) -> None:
        lock_ms = self.site.hall.desks.lock_min * 60_000
        if lock_ms and not self.demo and self.site.now_ms() - self._touched_ms >= lock_ms:
            self.action_lock()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a desk with somebody signed on is locked, and only once; a number is copied where one is."""
        if action == "copy_number":
            return self._lock is None and self.desk is not None and self.desk.number_at_hand() is not None
        return self._can_lock if action == "lock" else super().check_action(action, parameters)

    @property
    def _can_lock(self) -> bool:
        desk = self.desk
        return (
            self._lock is None
            and self.staff is not None
            and desk is not None
            and desk.CODE not in looks.PUBLIC_DESKS
        )

    def action_lock(self) -> None:
        """Hide everything until the PIN of whoever holds the desk is typed."""
        from jiaohao.tui.screens.lock import Lock  # noqa: PLC0415 - no wall needs it

        desk, staff = self.desk, self.staff
        if desk is None or staff is None or not self._can_lock:
            return
        # A terminal that is ended and started anew gets its seat back without a PIN: not past a lock.
        self._seat_token = returning.recall(self.window) if self.window else None
        returning.forget()
        self._lock = Lock(_(desk.TITLE_ID), staff, self.link.seat[0] if self.link.seat else None)
        self.push_screen(self._lock)

    def unlock(self) -> None:
        """Go on with what stands behind the lock, and with what was answered meanwhile."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        while lock in self.screen_stack:
            self.pop_screen()
        self._touched_ms = self.site.now_ms()
        if self.window is not None and self._seat_token is not None:
            returning.remember(self.window, self._seat_token)
        held, self._unanswered = self._unanswered, []
        for message in held:
            message.tell()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every command by its name: the desk's keys, other desks, language, look, the end."""
        if self._lock is None:
            yield from self._desk_commands(screen)
        else:
            yield SystemCommand(_("Quit"), "Ctrl+Q", self.action_quit)
        if self.staff is not None:
            yield SystemCommand(_("Sign off"), _("Somebody else takes this terminal"), self.action_sign_off)
        for theme in THEMES:
            label = {"light": _("Light"), "dark": _("Dark"), "contrast": _("High contrast")}[theme.name]
            yield SystemCommand(
                _("Look: {name}").format(name=label), theme.name, partial(self.look, theme.name)
            )

    def _desk_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        for key, action, label in applying(screen, everywhere=True):
            yield SystemCommand(label, key_name(key), partial(self._run_on, screen, action))
        if isinstance(screen, Desk):
            for label, explained, do in screen.palette():
                yield SystemCommand(label, explained, do)
        yield SystemCommand(_("Change desk"), _("Back to the choice of desks"), self.action_change_desk)
        for code, name in _LANGUAGE_NAMES.items():
            yield SystemCommand(
                _("Language: {name}").format(name=name), code, partial(self._choose_language, code)
            )

    async def _run_on(self, screen: Screen[Any], action: str) -> None:
        await self.run_action(
            action.removeprefix("screen."), screen if action.startswith("screen.") else self
        )

    def action_command_palette(self) -> None:
        """Find a command by its name."""
        if not CommandPalette.is_open(cast("App[object]", self)):
            self.push_screen(CommandPalette(placeholder=_("Command..."), id="--command-palette"))

    def action_change_desk(self, said: str = "") -> None:
        """Back to the choice of desks, which says what was done; who is signed on stays so."""
        from jiaohao.tui.screens.start import StartDesk  # noqa: PLC0415 - the desks stand on the app

        self._leave_then(lambda: self.show_desk(StartDesk(said=said)))

    def action_sign_off(self) -> None:
        """Nobody is signed on at this terminal any more."""

        def go() -> None:
            from jiaohao.tui.screens.start import StartDesk  # noqa: PLC0415 - the desks stand on the app

            said = _("{name} has signed off.").format(name=clean(self.staff.name)) if self.staff else ""
            self.staff = None
            self.window = None
            self._lock, self._unanswered = None, []
            self.give_up_seat()
            self.show_desk(StartDesk(said=said))

        self._leave_then(go)

    async def action_quit(self) -> None:
        """End, unless the desk has something in hand and the person thinks better of it."""
        self._leave_then(lambda: self.exit(0))

    def give_up_seat(self) -> None:
        """Stand at no window any more."""
        self.link.seat = None
        returning.forget()

    def _leave_then(self, go: Callable[[], None]) -> None:
        if self._lock is not None:
            self._lock.ask_to_leave(go)
        elif (desk := self.desk) is not None:
            desk.leave_then(go)
        else:
            go()

    def action_copy_number(self) -> None:
        """Give the number that the desk is about to the clipboard of this terminal (OSC 52)."""
        desk = self.desk
        number = desk.number_at_hand() if desk is not None else None
        if desk is not None and number is not None:
            self.copy_to_clipboard(clean(number))
            desk.say(_("Copied: {number}").format(number=number))

    def action_help_quit(self) -> None:
        """Ctrl+C ends nothing; say what does."""
        if self._lock is None and (desk := self.desk) is not None:
            desk.say(_("Ctrl+Q quits."))

    def look(self, theme: str) -> None:
        """Change the look of this terminal, and keep it for its next start."""
        self.theme = theme
        looks.remember(self.first_desk, looks.THEME, theme)

    async def _choose_language(self, code: str) -> None:
        looks.remember(self.first_desk, looks.LANGUAGE, code)
        await self.speak(code)

    async def speak(self, code: str) -> None:
        """Change the language of this terminal."""
        language.use(code)
        for desk in self._desks():
            await desk.speak_anew()
