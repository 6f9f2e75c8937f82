"""The supervision desk: the whole floor live, today in figures, the journal; the end of the day, and undo."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content

from jiaohao.queue import day, moving
from jiaohao.queue.clean import clean
from jiaohao.queue.figures import DayReport, read_report
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.words import state_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Pulse, Ticket
from jiaohao.tui.screens import supervision_lists as lists
from jiaohao.tui.screens.dialogs import Ask, Confirm
from jiaohao.tui.screens.guide_lists import Panel, line_rows, lines_panel, windows_title
from jiaohao.tui.screens.journal_page import JournalPage
from jiaohao.tui.screens.live_page import LivePage
from jiaohao.tui.screens.owing import OwedLine
from jiaohao.tui.screens.supervision_registers import RegistersDesk
from jiaohao.tui.screens.waits_page import WaitsPage
from jiaohao.tui.widgets.rows import Rows
from jiaohao.tui.widgets.words import Words

JOURNAL_LINES = 60
JOURNAL_S = 0.2
"""Its line in the journal follows a change: just then all terminals of the machine are busy showing that."""


class SupervisionDesk(RegistersDesk):
    """Who oversees the hall sees everything that happens in it, and ends its day."""

    CODE = "supervise"
    TITLE_ID = N_("Supervision")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "journal", N_("Journal")),
        Binding("f5", "waits", N_("Waits")),
        Binding("f9", "close_day", N_("Close the day")),
        Binding("f10", "undo", N_("Undo a number's last step")),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]
    DEFAULT_CSS = """
    SupervisionDesk #figures { height: auto; min-height: 2; max-height: 3; padding: 0 1; text-style: bold; }
    SupervisionDesk #supervision { layout: grid; grid-size: 2 2; grid-columns: 1fr 1fr; grid-rows: 1fr 8;
        grid-gutter: 0 1; height: 1fr; padding: 0 1; }
    SupervisionDesk #windows-box { column-span: 2; height: 100%; }
    SupervisionDesk #supervision Panel { height: 100%; }
    SupervisionDesk.-tall #supervision { grid-rows: 1fr 13; }
    SupervisionDesk.-wide #supervision { grid-columns: 5fr 3fr; grid-rows: 2fr 3fr; }
    SupervisionDesk.-wide #windows-box { column-span: 1; row-span: 2; }
    """

    def __init__(self) -> None:
        """Nothing was read yet."""
        super().__init__()
        self._report: DayReport | None = None
        self._journal: tuple[DayReport | None, Panel] | None = None
        self._read_for: tuple[str, Pulse] | None = None
        self._is_reading = False

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        yield OwedLine()
        yield Words(id="figures")
        with Container(id="supervision"):
            with Container(id="windows-box"):
                yield Words(id="windows-title", classes="panel-title")
                yield Rows(lists.window_columns(), id="all-windows")
            yield lines_panel()
            yield Panel("journal", lists.journal_columns(self.hall), _("Nothing has happened yet."))

    def help_text(self) -> str:
        """See Desk."""
        return _(
            "Every window with who sits there and since when, empty ones first; the lines, today in figures, "
            "and what happened last. F9 ends the service day: who still waits is unserved. F10 takes back "
            "the last step of a number, for a short while after it. F2 opens the registers: what is owed, "
            "who came twice, the figures. F4 is the journal of a whole day, narrowed by number, window, "
            "person and kind; F5 how long people waited, hour by hour. F11 shows what was sent to you and "
            "what you owe yourself."
        )

    def show_floor(self, floor: Floor) -> None:
        """See Desk."""
        owed = self.jiaohao.ledger.owed
        late = sum(1 for one in owed if one.is_overdue)
        parts = [windows_title(floor), _("Empty: {count}").format(count=len(floor.absent))]
        parts += [_("Owed: {count}").format(count=len(owed))] if owed else []
        parts += [_("! {count} overdue").format(count=late)] if late else []
        title = "  ".join(parts)
        self.query_one("#windows-title", Words).update(Content(title))
        self.query_one("#all-windows", Rows).show(lists.window_rows(self.site.directory, floor))
        self.query_one("#panel-lines", Panel).show(
            _("Waiting: {count}").format(count=len(floor.waiting)), line_rows(floor)
        )
        self.show_owed()
        self._show_report(floor)
        self._follow(floor)
        for screen in self.app.screen_stack:
            if isinstance(screen, LivePage):
                screen.heard()

    def _show_report(self, floor: Floor) -> None:
        report = self._report
        text = lists.figures_text(report.figures, floor) if report else ""
        self.query_one("#figures", Words).update(Content(text))
        panel = self.query_one("#panel-journal", Panel)
        if (report, panel) != self._journal:  # the floor changes more often
            self._journal = report, panel
            rows = lists.journal_rows(self.site.directory, report.latest) if report else []
            panel.show(_("Journal"), rows)

    def _follow(self, floor: Floor) -> None:
        # One reading at a time: what came meanwhile is read after it.
        if self._is_reading or (floor.service_day, floor.pulse) == self._read_for:
            return
        self._is_reading = True
        if self._report is None:
            self._read()
        else:
            self.set_timer(JOURNAL_S, self._read)

    def _read(self) -> None:
        wanted = (self.floor.service_day, self.floor.pulse) if self.floor else None

        def done(report: DayReport) -> None:
            self._is_reading, self._read_for, self._report = False, wanted, report
            if self.is_ready and self.floor is not None:
                self._show_report(self.floor)
                self._follow(self.floor)

        def failed(_reason: Refusal | Fault) -> None:
            self._is_reading = False  # the banner says it; the next floor tries again

        self.jiaohao.link.do(lambda site: read_report(site, JOURNAL_LINES), done, failed)

    def action_move(self, rows: int) -> None:
        """Scroll the windows by so many rows."""
        self.query_one("#all-windows", Rows).action_move(rows)

    def action_page(self, pages: int) -> None:
        """Scroll the windows by so many pages."""
        self.query_one("#all-windows", Rows).action_page(pages)

    def action_journal(self) -> None:
        """Look through the journal of a day (Q-3)."""
        self.app.push_screen(JournalPage(self))

    def action_waits(self) -> None:
        """Look at how long people waited in a day, hour by hour."""
        self.app.push_screen(WaitsPage(self))

    def action_close_day(self) -> None:
        """End the service day, once it was asked whether that is meant (HR-2)."""
        floor, staff = self.floor, self.staff
        if floor is None or staff is None:
            return
        in_hand = sum(1 for view in floor.windows if view.ticket is not None)
        question = _(
            "{waiting} waiting, {in_hand} at windows and {held} on hold will be unserved, and no number is "
            "issued any more today. This cannot be taken back."
        ).format(waiting=len(floor.waiting), in_hand=in_hand, held=len(floor.held))

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.do(lambda site: day.close_day(site, staff=staff.no), self._day_closed)

        self.app.push_screen(Confirm(_("Close the service day?"), question), answered)

    def _day_closed(self, figures: dict[str, int]) -> None:
        self.say(_("Closed: {served} served, {missed} missed, {unserved} unserved.").format(**figures))

    def action_undo(self) -> None:
        """Take back the last step of a number that is asked for (Q-10)."""
        staff = self.staff

        def answered(number: str | None) -> None:
            if number and staff is not None:
                self.do(lambda site: moving.undo(site, number, staff=staff.no), self._undone)

        self.app.push_screen(Ask(_("Undo a number's last step"), _("Number")), answered)

    def _undone(self, ticket: Ticket) -> None:
        text = _("Taken back: {number} is {state} again")
        self.say(text.format(number=clean(ticket.number), state=state_word(ticket.state)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now is offered."""
        if action == "close_day":
            return self.floor is not None and not self.floor.day_closed
        return True
