"""The counter: the number in hand, those who come next, and one key for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from jiaohao.queue import calling, leaving, moving, notices, seating, states
from jiaohao.queue.clean import clean
from jiaohao.queue.events import event_word
from jiaohao.queue.floor import PAUSED
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.proposal import Asked
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site, new_op
from jiaohao.queue.words import kind_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Notice, Ticket
from jiaohao.tui import phrases, returning
from jiaohao.tui.screens.asking import Subject
from jiaohao.tui.screens.counter_view import CounterView
from jiaohao.tui.screens.dialogs import Ask, Choice, Confirm, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import TextPage
from jiaohao.tui.widgets.rows import Column, Rows

T = TypeVar("T")

if TYPE_CHECKING:
    from jiaohao.tui.screens.away import Away


class CounterDesk(CounterView):
    """One window, worked by whoever sits at it."""

    CODE = "counter"
    TITLE_ID = N_("Counter")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "call", N_("Call")),
        Binding("f2", "sit", N_("Sit down again")),
        Binding("f3", "recall", N_("Call again")),
        Binding("f4", "start", N_("Start")),
        Binding("f5", "finish", N_("Finish")),
        *(
            Binding(str(place), f"finish_as('{kind}')", show=False)
            for place, kind in enumerate(states.KINDS, 1)
        ),
        Binding("f6", "miss", N_("Missed")),
        Binding("f6", "outcome", N_("Outcome")),
        Binding("f6", "phone", N_("By telephone")),
        Binding("f7", "hold", N_("Hold")),
        Binding("f7", "resume", N_("Resume")),
        Binding("f8", "transfer", N_("Transfer")),
        Binding("f9", "away", N_("Pause or leave")),
        Binding("f9", "go_on", N_("Go on")),
        Binding("f10", "undo", N_("Undo")),
        Binding("f11", "owed", N_("Owed")),
        Binding("f12", "search", N_("Search")),
    ]

    _parting: Screen[Any] | None = None
    """The question that was asked last before leaving."""

    def on_mount(self) -> None:
        """Say from now on that this terminal is alive."""
        if self.staff is not None:
            if not self.jiaohao.demo:
                self.jiaohao.link.seat = (self.code, self.staff.no)
            self._read_notes(self.staff.no)

    def _read_notes(self, number: str, said: str = "") -> None:
        # What the one before has left comes before the first call (AB-2).
        window = self.code

        def read(notes: Sequence[str]) -> None:
            self.say(said)
            if notes:
                text = "\n".join(map(clean, notes))
                self.app.push_screen(TextPage(_("Left for you at this window"), text))

        self.do(lambda site: leaving.notes_for(site, window, number), read)

    def help_text(self) -> str:
        """See Desk."""
        return _(
            "F2 calls the next number, F4 when the visitor has come, F5 when served; 1 to 6 finish as "
            "another of the six kinds of file. Nobody came: F3 calls again, and after the last call F6. F7 "
            "sets a number aside and takes it up again. In service F6 says what becomes of the enquiry, idle "
            "it takes down a call; F11 shows who was sent here and what is owed. What was done by mistake, "
            "F10 takes back."
        )

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """A click on a held number takes it up again."""
        message.stop()
        if message.key in {ticket.number for ticket in self.held} and self.ticket is None:
            self._resume(message.key)

    def _simple(
        self,
        word: str,
        work: Callable[[Site, str, str], Ticket],
        *,
        undoable: bool = True,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        window = self.code
        self.step(
            word, lambda site, op: work(site, window, op), undoable=undoable, then=lambda _ticket: then()
        )

    def action_call(self) -> None:
        """Call the next number (Q-4)."""
        self._simple(_("called"), lambda site, window, op: calling.call(site, window, op=op))

    def action_recall(self) -> None:
        """Call the same number once more (Q-5)."""
        self._simple(
            _("called again"), lambda site, window, op: calling.recall(site, window, op=op), undoable=False
        )

    def action_start(self) -> None:
        """The visitor has come."""
        self._simple(_("started"), lambda site, window, op: calling.start(site, window, op=op))

    def action_miss(self) -> None:
        """Nobody came after the last call (Q-5)."""
        self._simple(_("missed"), lambda site, window, op: calling.miss(site, window, op=op))

    def action_hold(self) -> None:
        """Set the number in service aside."""
        self._simple(_("on hold"), lambda site, window, op: calling.hold(site, window, op=op))

    def action_finish(self) -> None:
        """Served, and the file is of the kind that is most likely for the matter (LK-3)."""
        self._finish(self.likely_kind)

    def action_finish_as(self, kind: str) -> None:
        """Served, and the file is of that kind of the six (LK-3)."""
        if kind == "returned":
            self._return()
        else:
            self._finish(kind)

    def _finish(self, kind: str, then: Callable[[], None] = lambda: None) -> None:
        word = _("finished: {kind}").format(kind=kind_word(kind))
        self._simple(word, lambda site, window, op: calling.finish(site, window, kind=kind, op=op), then=then)

    def _return(self) -> None:
        # Nothing is returned without its notice (ON-3): who has given none is asked for it first.
        ticket = self.ticket
        if ticket is None:
            return

        def found(given: list[Notice]) -> None:
            if given:
                self._finish("returned")
            else:
                subject = Subject(None, ticket.matter, ticket.number)
                self.ask_notice(subject, then=partial(self._finish, "returned"))

        self.do(lambda site: notices.of_ticket(site, ticket.id), found)

    def action_outcome(self) -> None:
        """Say what becomes of what the visitor asks (FR-2 to FR-8)."""
        ticket = self.ticket
        if ticket is not None:
            matter = self.site.directory.matters.get(ticket.matter or "")
            asked = Asked(line=ticket.line, department=matter.department if matter else None)
            about = phrases.matter_name(self.site.directory, ticket)
            self.ask_outcome(Subject(about, ticket.matter, ticket.number, asked=asked))

    def action_phone(self) -> None:
        """Take down what somebody asks by telephone, fax or network (FR-7)."""
        self.ask_call("", None)

    def action_resume(self) -> None:
        """Take a held number up again; ask which, when there are several."""
        held = self.held
        if len(held) == 1:
            self._resume(held[0].number)
            return

        def picked(number: str | None) -> None:
            if number is not None:
                self._resume(number)

        choices = [Choice(t.number, (t.number, phrases.matter_name(self.site.directory, t))) for t in held]
        columns = (fitting("number", _("Number"), 5), Column("what", _("For")))
        self.app.push_screen(Pick(_("Take up which number?"), columns, choices), picked)

    def _resume(self, number: str) -> None:
        self._simple(
            _("in service again"), lambda site, window, op: moving.resume(site, number, window, op=op)
        )

    def action_transfer(self) -> None:
        """Send the number in hand onward (FR-4)."""
        if self.ticket is not None:
            self.ask_transfer(self.ticket)

    def action_away(self) -> None:
        """Pause, or leave the window, with reason, expected return and a note for its cover (AB-2)."""
        self._ask_away()

    def _ask_away(self, before: Away | None = None, said: str = "") -> None:
        from jiaohao.tui.screens.away import AwayForm  # noqa: PLC0415 - not before a desk shows anything

        self.app.push_screen(AwayForm(self.code, self.ticket, before, said), self._go_away)

    def _go_away(self, away: Away | None) -> None:
        if away is None:
            return
        window = self.code

        def refused(reason: Refusal | Fault) -> None:
            from jiaohao.tui.screens.fields import reason_text  # noqa: PLC0415

            self._ask_away(away, reason_text(reason))

        if away.leaves:
            self.do(
                lambda site: leaving.leave(
                    site, window, reason=away.reason, back=away.back, approved_by=away.approved_by,
                    handover=away.handover, in_hand=away.in_hand,
                ),
                lambda _nothing: self._left(),
                refused,
            )  # fmt: skip
        else:
            self.do(
                lambda site: seating.pause(site, window, back=away.back),
                lambda _nothing: self.say(_("Paused; F9 goes on.")),
                refused,
            )

    def _left(self) -> None:
        window, self.jiaohao.window = self.code, None
        self.jiaohao.give_up_seat()
        self.app.call_later(
            self.jiaohao.action_change_desk, _("You have left window {window}.").format(window=window)
        )

    def action_go_on(self) -> None:
        """End the pause."""
        window = self.code
        self.do(lambda site: seating.go_on(site, window), lambda _nothing: self.say(_("Going on.")))

    def action_sit(self) -> None:
        """Sit down again after the seat has ended."""
        if self.staff is None:
            return
        window, number, token, is_watched = self.code, self.staff.no, new_op(), not self.jiaohao.demo

        def seated(_nothing: None) -> None:
            if is_watched:
                returning.remember(window, token)
            self._read_notes(number, _("Seated."))

        self.do(lambda site: seating.sit(site, window, number, alive=is_watched, op=token), seated)

    def palette(self) -> Iterable[tuple[str, str, Callable[[], None]]]:
        """See Desk."""
        yield from super().palette()
        if self.is_seated and self.view is not None and self.view.is_covered:
            name = f"{clean(self.view.code)} {clean(self.view.name)}"
            yield _("Leave a note for who returns"), name, self._hand_back

    def _hand_back(self) -> None:
        window, number, op = self.code, self.staff.no if self.staff else "", new_op()

        def said(note: str | None) -> None:
            if note:
                self.do(
                    lambda site: leaving.hand_back(site, window, staff=number, note=note, op=op),
                    lambda _absence: self.say(_("Recorded: {step}.").format(step=event_word("handed_back"))),
                )

        self.app.push_screen(Ask(_("Leave a note for who returns"), _("Note")), said)

    def action_search(self) -> None:
        """Look up a matter for whoever stands there (FR-2, FR-4)."""
        from jiaohao.tui.screens.search import Search  # noqa: PLC0415 - not before a desk shows anything

        if self.floor is not None:
            self.app.push_screen(Search(self.site.directory.lookup, self.floor))

    def bearing(self) -> object:
        """See Desk: its own window, and nothing that happens elsewhere."""
        view = self.view._replace(go_to=()) if self.view else None
        return (self.floor is None, view, bool(self.held), self.last_step, self.hall.calling)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now is offered."""
        view, ticket = self.view, self.ticket
        state = ticket.state if ticket else None
        idle = self.is_seated and ticket is None
        paused = idle and view is not None and view.state == PAUSED
        enough = ticket is not None and ticket.calls >= self.hall.calling.calls_before_missed
        return {
            "call": idle and not paused,
            "sit": view is not None and not self.is_seated,
            "recall": state == states.CALLED,
            "start": state == states.CALLED,
            "finish": state == states.SERVING,
            "finish_as": state == states.SERVING,
            "miss": state == states.CALLED and enough,
            "outcome": state == states.SERVING,
            "phone": idle,
            "hold": state == states.SERVING,
            "resume": idle and not paused and bool(self.held),
            "transfer": ticket is not None,
            "away": self.is_seated and not paused,
            "go_on": paused,
            "undo": self.is_seated and self.last_step is not None,
            "search": self.floor is not None,
        }.get(action, True)

    def leave_then(self, go: Callable[[], None]) -> None:
        """Ask before leaving with a number in hand; without one, ask whether to leave the window too."""
        if not self.is_seated:
            self._gone(go)
            return
        if self.ticket is not None:
            text = _("{number} is still in hand and stays at window {window}. Go all the same?")
            question = text.format(number=self.ticket.number, window=self.code)
            confirm = Confirm(_("Leave this desk"), question)
            self._part(confirm, lambda yes: self._gone(go) if yes else None)
            return
        choices = [
            Choice("leave", (_("Leave window {window} too").format(window=self.code),)),
            Choice("stay", (_("Stay signed on at window {window}").format(window=self.code),)),
        ]

        def picked(key: str | None) -> None:
            if key == "leave":
                window = self.code
                self.do(lambda site: leaving.leave(site, window), lambda _nothing: self._really_gone(go))
            elif key == "stay":
                self._gone(go)

        self._part(Pick(_("Leave this desk"), (Column("what", ""),), choices), picked)

    def _part(self, question: Screen[T], answered: Callable[[T | None], None]) -> None:
        # A key that is pressed again finds the question there.
        if self._parting not in self.app.screen_stack:
            self._parting = question
            self.app.push_screen(question, answered)

    def _really_gone(self, go: Callable[[], None]) -> None:
        self.jiaohao.give_up_seat()
        self._gone(go)

    def _gone(self, go: Callable[[], None]) -> None:
        self.jiaohao.window = None
        go()
