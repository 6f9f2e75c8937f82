"""What the guide does with numbers that exist: look one up, queue it again, cancel it, send it on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual.content import Content

from jiaohao.queue import moving, states
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Directory
from jiaohao.queue.words import state_word
from jiaohao.store.values import Entry, Ticket
from jiaohao.tui import phrases
from jiaohao.tui.screens import guide_lists as lists
from jiaohao.tui.screens.asking import AskingDesk
from jiaohao.tui.screens.dialogs import Pick
from jiaohao.tui.screens.matter import told
from jiaohao.tui.screens.page import TextPage
from jiaohao.tui.widgets.rows import RowData

_KEY = "number:"
_WHOLE = re.compile(r"([A-Z]+)[0-9]{3,}")
_BEGUN = re.compile(r"[A-Z]+[0-9]+")
_MOST = 8


def all_numbers(floor: Floor) -> list[Ticket]:
    """Every ticket on the floor."""
    return [*floor.waiting, *lists.at_windows(floor), *floor.held, *floor.missed]


def number_rows(directory: Directory, floor: Floor, said: str) -> list[RowData]:
    """The numbers that begin with what was said, once there is a digit in it.

    A whole number that is not on the floor is offered too: what became of it stands in the journal.
    """
    said = said.strip().upper()
    if not _BEGUN.fullmatch(said):
        return []
    found = sorted(
        (ticket for ticket in all_numbers(floor) if ticket.number.startswith(said)), key=lambda t: t.number
    )
    rows = [
        RowData(
            _KEY + ticket.number,
            (ticket.number, f"{state_word(ticket.state)}  {phrases.matter_name(directory, ticket)}"),
            "strong",
        )
        for ticket in found[:_MOST]
    ]
    whole = _WHOLE.fullmatch(said)
    if whole and whole[1] in directory.lines and said not in {ticket.number for ticket in found}:
        rows.insert(0, RowData(_KEY + said, (said, _("Enter: what became of it")), "strong"))
    return rows


def number_of(key: str | None) -> str | None:
    """The number that a row of ``number_rows`` stands for; None for any other row."""
    return key.removeprefix(_KEY) if key is not None and key.startswith(_KEY) else None


def number_details(directory: Directory, floor: Floor, ticket: Ticket) -> Content:
    """A number as it stands now: what for, where, how long still."""
    facts = [
        (_("For"), phrases.matter_name(directory, ticket)),
        (_("State"), state_word(ticket.state)),
        (_("Class"), phrases.priority_name(directory.hall, ticket.priority) or "-"),
        (_("Waited"), phrases.wait((floor.as_of_ms - ticket.issued_ms) // 1000)),
    ]
    if ticket.window:
        facts.append((_("Window"), phrases.codes([ticket.window])))
    if ticket.state == states.WAITING:
        facts += [
            (_("People ahead"), str(floor.ahead_of(ticket))),
            (_("Expected wait"), phrases.wait(floor.expected.get(ticket.id))),
        ]
    return told(ticket.number, facts)


class NumbersDesk(AskingDesk):
    """A desk at which numbers are looked after; one that was typed is dealt with in one step."""

    def sought(self) -> str | None:
        """The number selected by typing it, if one is."""
        return None

    def look_up(self, number: str) -> None:
        """Show what has happened with a number of today."""
        from jiaohao.queue.show import find_ticket  # noqa: PLC0415 - not before a desk shows anything
        from jiaohao.tui.screens.story import story_text  # noqa: PLC0415

        def found(what: tuple[Ticket, list[Entry]]) -> None:
            ticket, entries = what
            name = phrases.matter_name(self.site.directory, ticket)
            title = f"{ticket.number} {state_word(ticket.state)} {name}"
            self.app.push_screen(TextPage(title, story_text(self.site.directory, entries)))

        self.do(lambda site: find_ticket(site, number), found)

    def action_requeue(self) -> None:
        """Let a missed number wait again (Q-5)."""
        if self.floor is not None:
            self._with_one(_("Requeue which missed number?"), self.floor.missed, self._requeue)

    def _requeue(self, ticket: Ticket) -> None:
        staff = self.staff.no if self.staff else None
        self.step(_("waits again"), lambda site, op: moving.requeue(site, ticket.number, staff=staff, op=op))

    def action_cancel(self) -> None:
        """Cancel a number whose visitor has left."""
        floor = self.floor
        if floor is None:
            return
        called = [ticket for ticket in lists.at_windows(floor) if ticket.state == states.CALLED]
        newest_first = sorted(floor.waiting, key=lambda ticket: -ticket.issued_ms)
        tickets = [*newest_first, *called, *floor.held]
        tickets.sort(key=lambda ticket: ticket.id != self.last_issued())
        self._with_one(_("Cancel which number?"), tickets, self._cancel)

    def last_issued(self) -> int | None:
        """The ticket whose slip stands on the screen."""
        return None

    def _cancel(self, ticket: Ticket) -> None:
        staff = self.staff.no if self.staff else None
        self.step(_("cancelled"), lambda site, op: moving.cancel(site, ticket.number, staff=staff, op=op))

    def action_transfer(self) -> None:
        """Send a number that stands at a window to another line or window (FR-4)."""
        if self.floor is not None:
            tickets = lists.at_windows(self.floor)
            self._with_one(_("Transfer which number?"), tickets, self.ask_transfer)

    def _with_one(self, title: str, tickets: Sequence[Ticket], then: Callable[[Ticket], None]) -> None:
        # Whoever has typed the number has chosen already, and what is done can be taken back.
        by_number = {ticket.number: ticket for ticket in tickets}
        if (sought := by_number.get(self.sought() or "")) is not None:
            then(sought)
            return

        def picked(number: str | None) -> None:
            if number is not None:
                then(by_number[number])

        choices = lists.ticket_choices(self.site.directory, list(tickets))
        self.app.push_screen(Pick(title, lists.ticket_columns(), choices, typed=True), picked)
