"""What the guide's desk and the counter share: a step with a ticket, taking it back, sending it onward."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from jiaohao.queue import moving
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site, new_op
from jiaohao.queue.words import state_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Ticket
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Ask, Pick
from jiaohao.tui.screens.guide_lists import target_choices, target_columns
from jiaohao.tui.widgets.undo import Step, UndoLine


class WorkDesk(Desk):
    """A desk at which tickets are worked with; beside its notice stands what can be taken back."""

    last_number: str | None = None
    """The ticket with which something was done last."""

    def number_at_hand(self) -> str | None:
        """See Desk."""
        return self.last_number

    def compose_says(self) -> ComposeResult:
        """See Desk."""
        yield UndoLine(self.site)

    def say(self, text: str, *, kind: str = "") -> None:
        """See Desk; what can be taken back makes room for it."""
        super().say(text, kind=kind)
        if self.is_ready:
            self.query_one(UndoLine).stand_beside(clean(text))

    def step(
        self,
        word: str,
        work: Callable[[Site, str], Ticket],
        *,
        undoable: bool = True,
        then: Callable[[Ticket], None] | None = None,
        failed: Callable[[Refusal | Fault], None] | None = None,
    ) -> None:
        """Take one step with a ticket; ``word`` says what was done; F10 takes it back for a while (Q-10)."""
        op, at_ms = new_op(), self.site.now_ms()

        def done(ticket: Ticket) -> None:
            self.last_number = ticket.number
            self.query_one(UndoLine).offer(Step(ticket.number, word, op, at_ms) if undoable else None)
            if not undoable:
                self.say(f"{ticket.number} {word}")
            if then is not None:
                then(ticket)

        self.do(lambda site: work(site, op), done, failed)

    @property
    def last_step(self) -> Step | None:
        """The step that F10 takes back now, or None."""
        return self.query_one(UndoLine).step if self.is_ready else None

    def action_undo(self) -> None:
        """Take back this desk's own last step (Q-10)."""
        last = self.last_step
        if last is None:
            return
        staff = self.staff.no if self.staff else None

        def done(ticket: Ticket) -> None:
            self.query_one(UndoLine).offer(None)
            text = _("Taken back: {number} is {state} again")
            self.say(text.format(number=ticket.number, state=state_word(ticket.state)))

        def failed(reason: Refusal | Fault) -> None:
            if isinstance(reason, Refusal):
                self.query_one(UndoLine).offer(None)

        self.do(lambda site: moving.undo(site, last.number, staff=staff, step_op=last.op), done, failed)

    def ask_transfer(self, ticket: Ticket) -> None:
        """Ask where to and with what note, then send a ticket onward (FR-4)."""
        floor = self.floor
        if floor is None:
            return
        number = ticket.number
        choices = [
            choice
            for choice in target_choices(floor, self.site.directory.served_lines)
            if choice.key != f"window:{ticket.window}"
        ]

        def picked(target: str | None) -> None:
            if target is not None:
                title = _("Transfer {number}").format(number=number)
                self.app.push_screen(
                    Ask(title, _("Note for whoever takes over (may stay empty)")), noted(target)
                )

        def noted(target: str) -> Callable[[str | None], None]:
            def send(note: str | None) -> None:
                if note is not None:
                    self._transfer(number, target, note)

            return send

        title = _("Where does {number} go?").format(number=number)
        self.app.push_screen(Pick(title, target_columns(), choices, typed=True), picked)

    def _transfer(self, number: str, target: str, note: str) -> None:
        sort, _colon, code = target.partition(":")
        line, window = (code, None) if sort == "line" else (None, code)
        staff = self.staff.no if self.staff else None
        self.step(
            _("transferred"),
            lambda site, op: moving.transfer(
                site, number, line=line, window=window, note=note or None, staff=staff, op=op
            ),
        )
