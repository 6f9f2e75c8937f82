"""The guide's printer: a thread that prints beside the desk, one line when it does not, a slip once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.content import Content

from jiaohao.queue import slips
from jiaohao.queue.language import gettext as _
from jiaohao.queue.slips import Backlog
from jiaohao.store.values import Ticket
from jiaohao.tui.link import Answered
from jiaohao.tui.log import log_file, write_failure
from jiaohao.tui.printing import Press
from jiaohao.tui.screens import guide_lists as lists
from jiaohao.tui.screens.asking import AskingDesk
from jiaohao.tui.screens.dialogs import Pick
from jiaohao.tui.widgets.words import Words


class PaperLine(Words):
    """Says why slips do not come out and how many wait; gives its place away while nothing is wrong."""

    DEFAULT_CSS = """
    PaperLine { height: auto; max-height: 2; padding: 0 1; color: $warning; text-style: bold; }
    """

    def __init__(self) -> None:
        """Empty at first."""
        super().__init__()
        self.display = False

    def show(self, text: str) -> None:
        """Show what is wrong, or that nothing is."""
        self.display = bool(text)
        self.update(Content(text))


class PaperDesk(AskingDesk):
    """A desk that has the hall's printer, if the hall has one."""

    _press: Press | None = None
    _backlog = Backlog()
    _stopped = False

    def on_mount(self) -> None:
        """Begin to print."""
        if self.hall.printer is not None and not self.site.store.read_only:
            self._press = Press(self.site, self._hear, self._broken)
            self._press.start()

    def on_unmount(self) -> None:
        """Leave the printing to others."""
        if self._press is not None:
            self._press.stop()

    def _hear(self, found: Backlog) -> None:
        def show() -> None:
            self._backlog = found
            self._show_paper()

        self.app.post_message(Answered(show))

    def _broken(self, error: Exception) -> None:
        # A desk at which no slip comes out is still better than none.
        write_failure(error)
        self._stopped = True
        self.app.post_message(Answered(self._show_paper))

    def show_all(self) -> None:
        """See Desk."""
        super().show_all()
        self._show_paper()

    def _show_paper(self) -> None:
        if self.is_ready:
            text = slips.backlog_text(self.hall, self._backlog)
            if self._stopped:
                text = _("Printing has stopped; why is described in {file}").format(file=log_file())
            self.query_one(PaperLine).show(f"!  {text}" if text else "")

    def palette(self) -> Iterable[tuple[str, str, Callable[[], None]]]:
        """See Desk."""
        if self.hall.printer is not None:
            yield _("Print the slip again"), _("Asks for the number"), self._ask_again

    def _ask_again(self) -> None:
        """Ask for which number; the last one issued is offered first."""
        if self.floor is None:
            return
        floor = self.floor
        there = [*floor.waiting, *lists.at_windows(floor), *floor.held, *floor.missed]
        tickets = [one for one in there if one.state in slips.PRINTED_FOR]
        tickets.sort(key=lambda ticket: -ticket.id)
        staff = self.staff.no if self.staff else None

        def picked(number: str | None) -> None:
            if number is not None:
                self.do(lambda site: slips.print_again(site, number, staff=staff), printing)

        def printing(ticket: Ticket) -> None:
            self.say(_("The slip of {number} is printed again.").format(number=ticket.number))

        choices = lists.ticket_choices(self.site.directory, tickets)
        title = _("Print the slip of which number again?")
        self.app.push_screen(Pick(title, lists.ticket_columns(), choices, typed=True), picked)
