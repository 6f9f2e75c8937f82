"""A page in front of a desk that looks back on a day and, while that is today, follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from jiaohao.queue import export
from jiaohao.queue.daybook import day_of
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store.errors import Fault
from jiaohao.store.values import Pulse
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Ask, Dialog
from jiaohao.tui.screens.fields import reason_text
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.words import Words

T = TypeVar("T")


class LivePage(Dialog):
    """Heading of two lines, what the subclass shows, what has to be said, and the keys."""

    FOLLOW_S: ClassVar[float] = 0.2
    """What has changed is read so much later: just then all terminals of the machine show it."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "files", show=False, priority=True),
        Binding("f7", "day", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        """Look back on today, in front of ``desk``."""
        super().__init__("")
        self.desk = desk
        self.day = desk.site.today()
        self._asked = 0
        self._is_reading = False
        self._is_writing = False
        self._pulse: Pulse | None = None

    def compose(self) -> ComposeResult:
        """See Dialog; its title changes here."""
        with Vertical(id="dialog"):
            yield Words(id="page-title")
            yield Words(id="page-facts")
            yield from self.compose_question()
            yield Words(id="page-says")
            yield DialogKeys()

    def on_mount(self) -> None:
        """Read the day."""
        self.query_one(DialogKeys).show(self.keys())
        self.call_after_refresh(self.read)

    @property
    def site(self) -> Site:
        """The opened hall."""
        return self.desk.site

    @property
    def reader(self) -> str:
        """Who is signed on at the desk."""
        return self.desk.staff.no if self.desk.staff else ""

    def read(self) -> None:
        """Read all anew, and show it."""

    def follow(self) -> None:
        """Read what is new today, and show it."""

    def heard(self) -> None:
        """The floor has changed: what that brings is read in a moment, unless something is being read."""
        floor = self.desk.floor
        if self._is_reading or floor is None or floor.pulse == self._pulse or self.day != floor.service_day:
            return
        self._is_reading = True
        asked = self._asked

        def look() -> None:
            if asked == self._asked:
                self.follow()

        self.set_timer(self.FOLLOW_S, look)

    def fetch(
        self, work: Callable[[Site], T], done: Callable[[T], None], lost: Callable[[], None] | None = None
    ) -> None:
        """Run a reading away from the screen, then ``done``, unless another was asked for meanwhile.

        Why it failed is said; ``lost`` takes away what is no longer true.
        """
        self._asked += 1
        asked, self._is_reading = self._asked, True
        self._pulse = self.desk.floor.pulse if self.desk.floor else None

        def is_wanted() -> bool:
            if asked != self._asked or not self.is_attached:
                return False
            self._is_reading = False
            return True

        def answer(result: T) -> None:
            if is_wanted():
                self.say("")
                done(result)
                self.settled()

        def failed(reason: Refusal | Fault) -> None:
            if is_wanted():
                self._pulse = None  # the next floor tries again
                self.say(reason_text(reason))
                if lost is not None:
                    lost()

        self.desk.jiaohao.link.do(work, answer, failed)

    def settled(self) -> None:
        """A reading has ended; the next may begin."""
        self.heard()

    @property
    def is_reading(self) -> bool:
        """Whether something is being read."""
        return self._is_reading

    def say(self, text: str) -> None:
        """Say one sentence above the keys; while a file is written, that it is."""
        self.query_one("#page-says", Words).update(Content(_("Writing...") if self._is_writing else text))

    def action_day(self) -> None:
        """Ask for another day."""

        def answered(text: str | None) -> None:
            if text is None:
                return
            try:
                self.day = day_of(self.site, text)
            except Refusal as reason:
                self.say(reason.message)
                return
            self.read()

        self.app.push_screen(Ask(_("Which day?"), _("YYYY-MM-DD; nothing for today")), answered)

    def write_files(self, name: str, rows: Callable[[Site], Iterator[export.Row]]) -> None:
        """Write what is shown as CSV and as xlsx, away from the screen, and say where or why not."""
        if self._is_writing:
            return
        self._is_writing = True
        self.say("")
        files = [Path(f"jiaohao-{name}.{ending}") for ending in ("csv", "xlsx")]

        def work(site: Site) -> str:
            try:
                for file in files:
                    export.write_long(file, rows(site), is_xlsx=file.suffix == ".xlsx")
            except OSError as error:
                return _("The file could not be written: {error}").format(error=error.strerror)
            return _("Written: {file}").format(file=", ".join(map(str, files)))

        def told(text: str) -> None:
            self._is_writing = False
            if self.is_attached:
                self.say(text)

        self.desk.jiaohao.link.do(work, told, lambda reason: told(reason_text(reason)))
