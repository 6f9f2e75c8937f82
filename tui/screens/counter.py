"""The counter: the number in hand, those who come next, and one key for each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from jiaohao.queue import calling, leaving, moving, notices, seating, states
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import PAUSED, Floor, WindowView
from jiaohao.queue.language import gettext as _
from jiaohao.queue.proposal import Asked
from jiaohao.queue.site import Site
from jiaohao.queue.words import kind_word, post_word, state_word
from jiaohao.store.values import Notice, Ticket
from jiaohao.tui import phrases
from jiaohao.tui.screens.asking import AskingDesk, Subject
from jiaohao.tui.screens.away import Away, AwayForm
from jiaohao.tui.screens.dialogs import Choice, Confirm, Pick
from jiaohao.tui.screens.guide_lists import Panel, fitting, line_rows, lines_panel
from jiaohao.tui.screens.owing import OwedLine
from jiaohao.tui.screens.page import TextPage
from jiaohao.tui.screens.search import Search
from jiaohao.tui.widgets.bignumber import BigNumber
from jiaohao.tui.widgets.keybar import N_
from jiaohao.tui.widgets.rows import Column, RowData, Rows
from jiaohao.tui.widgets.words import Words


class CounterDesk(AskingDesk):
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

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        yield OwedLine()
        with Horizontal(id="counter"):
            with Vertical(id="in-hand"):
                yield Words(id="window")
                yield BigNumber(id="number")
                yield Words(id="state")
                yield Words(id="ticket")
                yield lines_panel()
            with Vertical(id="queue"):
                yield Panel(
                    "next",
                    (
                        fitting("number", _("Number"), 5),
                        Column("what", _("For")),
                        fitting("wait", _("Waited"), 7, "right"),
                    ),
                    _("Nobody is waiting for this window."),
                )
                columns = (fitting("number", _("Number"), 5), Column("what", _("For")))
                yield Panel("held", columns, _("Nothing on hold here."))

    def on_mount(self) -> None:
        """Count the seconds of the number in hand; say from now on that this terminal is alive."""
        self.set_interval(1.0, self._tick)
        if self.staff is not None:
            window, number = self.code, self.staff.no
            self.jiaohao.link.seat = (window, number)
            self.do(lambda site: leaving.notes_for(site, window, number), self._show_notes)

    def _show_notes(self, notes: Sequence[str]) -> None:
        # What the one before has left comes before the first call (AB-2).
        if notes:
            text = "\n".join(map(clean, notes))
            self.app.push_screen(TextPage(_("Left for you at this window"), text))

    def help_text(self) -> str:
        """See Desk."""
        return _(
            "F2 calls the next number, F4 when the visitor has come, F5 when served. Nobody came: "
            "F3 calls again, and after the last call F6. F7 sets a number aside and takes it up again. "
            "In service F6 says what becomes of the enquiry, idle it takes down a call; F11 shows who was "
            "sent here and what is owed. What was done by mistake, F10 takes back."
        )

    @property
    def code(self) -> str:
        """The window's code."""
        return self.jiaohao.window or ""

    @property
    def view(self) -> WindowView | None:
        """The window as last known."""
        return self.floor.window(self.code) if self.floor else None

    @property
    def is_seated(self) -> bool:
        """Whether whoever is signed on here sits at the window."""
        return self.view is not None and self.staff is not None and self.view.staff == self.staff.no

    @property
    def ticket(self) -> Ticket | None:
        """The ticket in hand: called or in service here."""
        return self.view.ticket if self.view is not None and self.is_seated else None

    @property
    def held(self) -> list[Ticket]:
        """The tickets that this window set aside."""
        return [ticket for ticket in self.floor.held if ticket.window == self.code] if self.floor else []

    def who(self) -> str:
        """See Desk."""
        post = self.view.post if self.view and self.is_seated else None
        return "  ".join(part for part in (super().who(), post_word(post) if post else "") if part)

    def window_here(self) -> str | None:
        """See AskingDesk."""
        return self.code if self.is_seated else None

    def show_floor(self, floor: Floor) -> None:
        """See Desk."""
        self.show_owed()
        self._show_in_hand()
        self._show_queue(floor)

    def _show_in_hand(self) -> None:
        view, ticket = self.view, self.ticket
        name = clean(view.name) if view else ""
        lines = phrases.codes(view.lines) if view else ""
        text = _("Window {code}  {name}  Lines {lines}").format(code=clean(self.code), name=name, lines=lines)
        self.query_one("#window", Words).update(Content(text))
        self.query_one("#number", BigNumber).show(ticket.number if ticket else "")
        self.query_one("#ticket", Words).update(Content(self._ticket_text(ticket) if ticket else ""))
        self._tick()

    def _ticket_text(self, ticket: Ticket) -> str:
        parts = [phrases.matter_name(self.hall, ticket)]
        if priority := phrases.priority_name(self.hall, ticket.priority):
            parts.append(_("Priority: {priority}").format(priority=priority))
        waited = phrases.wait((self.site.now_ms() - ticket.issued_ms) // 1000)
        parts.append(_("In the hall for {wait}").format(wait=waited))
        return "\n".join(parts)

    def _tick(self) -> None:
        if not self.is_ready:
            return
        line = self.query_one("#state", Words)
        view, ticket = self.view, self.ticket
        line.set_class(not self.is_seated, "-ended")
        line.update(Content(self._state_text(view, ticket)))

    def _state_text(self, view: WindowView | None, ticket: Ticket | None) -> str:
        if view is None:
            return _("This window is no longer part of the hall.") if self.floor else ""
        if not self.is_seated:
            return self._seat_ended(view)
        if ticket is None and view.state == PAUSED:
            since = phrases.stopwatch(self.site.now_ms() - (view.paused_ms or 0))
            back = self.clock_time(view.back_ms, "%H:%M") if view.back_ms else "-"
            return _("Paused for {since}   back at {back}").format(since=since, back=back)
        if ticket is None:
            return _("Free")
        since = phrases.stopwatch(self.site.now_ms() - (ticket.at_window_ms or self.site.now_ms()))
        text = f"{state_word(ticket.state)}  {since}"
        if ticket.state == states.CALLED:
            needed = self.hall.calling.calls_before_missed
            text += "   " + _("call {calls} of {needed}").format(calls=ticket.calls, needed=needed)
        return text

    def _seat_ended(self, view: WindowView) -> str:
        if view.staff is not None:
            person = self.site.directory.staff.get(view.staff)
            return _("! {name} sits at this window now.").format(
                name=clean(person.name if person else view.staff)
            )
        return _("! You no longer sit at this window (a new day, or ended elsewhere). F2: sit down again.")

    def _show_queue(self, floor: Floor) -> None:
        self.query_one("#panel-lines", Panel).show(_("Lines"), line_rows(floor))
        view = self.view
        coming = floor.next_for(view, len(floor.waiting), self.hall.calling.flex_mark) if view else ()
        rows = [
            RowData(str(t.id), self._next_cells(t, floor), "strong" if place == 0 else "")
            for place, t in enumerate(coming)
        ]
        self.query_one("#panel-next", Panel).show(_("Next: {count}").format(count=len(coming)), rows)
        held = [RowData(t.number, (t.number, phrases.matter_name(self.hall, t))) for t in self.held]
        self.query_one("#panel-held", Panel).show(_("On hold: {count}").format(count=len(held)), held)

    def _next_cells(self, ticket: Ticket, floor: Floor) -> tuple[str, ...]:
        priority = phrases.priority_name(self.hall, ticket.priority)
        what = phrases.matter_name(self.hall, ticket)
        waited = phrases.wait((floor.as_of_ms - ticket.issued_ms) // 1000)
        # Who is sent here by somebody comes with a word of theirs, read before the call (FR-9).
        sent = next((self.coming_text(one) for one in self.coming if one.number == ticket.number), "")
        return (ticket.number, f"{priority} {sent or what}".strip(), waited)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """A click on a held number takes it up again."""
        message.stop()
        if message.key in {ticket.number for ticket in self.held} and self.ticket is None:
            self._resume(message.key)

    def _simple(self, word: str, work: Callable[[Site, str, str], Ticket], *, undoable: bool = True) -> None:
        window = self.code
        self.step(word, lambda site, op: work(site, window, op), undoable=undoable)

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
        """Served: ask which of the six kinds of file it is (LK-3)."""
        choices = [Choice(kind, (kind_word(kind),)) for kind in states.KINDS]

        def picked(kind: str | None) -> None:
            if kind == "returned":
                self._return()
            elif kind is not None:
                self._finish(kind)

        number = self.ticket.number if self.ticket else ""
        title = _("Finish {number}: which kind of file?").format(number=number)
        self.app.push_screen(Pick(title, (Column("kind", ""),), choices), picked)

    def _finish(self, kind: str) -> None:
        word = _("finished: {kind}").format(kind=kind_word(kind))
        self._simple(word, lambda site, window, op: calling.finish(site, window, kind=kind, op=op))

    def _return(self) -> None:
        # Nothing is returned without its notice (ON-3): who has given none is asked for it first.
        ticket = self.ticket
        if ticket is None:
            return

        def found(given: list[Notice]) -> None:
            if given:
                self._finish("returned")
            else:
                self.ask_notice(
                    Subject(None, ticket.matter, ticket.number), then=lambda: self._finish("returned")
                )

        self.do(lambda site: notices.of_ticket(site, ticket.id), found)

    def action_outcome(self) -> None:
        """Say what becomes of what the visitor asks (FR-2 to FR-8)."""
        ticket = self.ticket
        if ticket is not None:
            matter = self.site.directory.matters.get(ticket.matter or "")
            asked = Asked(line=ticket.line, department=matter.department if matter else None)
            about = phrases.matter_name(self.hall, ticket)
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

        choices = [Choice(t.number, (t.number, phrases.matter_name(self.hall, t))) for t in held]
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
        self.app.push_screen(AwayForm(self.code, self.ticket), self._go_away)

    def _go_away(self, away: Away | None) -> None:
        if away is None:
            return
        window = self.code
        if away.leaves:
            self.do(
                lambda site: leaving.leave(
                    site, window, reason=away.reason, back=away.back, approved_by=away.approved_by,
                    handover=away.handover, in_hand=away.in_hand,
                ),
                lambda _nothing: self._left(),
            )  # fmt: skip
        else:
            self.do(
                lambda site: seating.pause(site, window, back=away.back),
                lambda _nothing: self.say(_("Paused; F9 goes on.")),
            )

    def _left(self) -> None:
        self.jiaohao.window = None
        self.jiaohao.link.seat = None
        self.app.call_later(self.jiaohao.action_change_desk)

    def action_go_on(self) -> None:
        """End the pause."""
        window = self.code
        self.do(lambda site: seating.go_on(site, window), lambda _nothing: self.say(_("Going on.")))

    def action_sit(self) -> None:
        """Sit down again after the seat has ended."""
        if self.staff is not None:
            window, number = self.code, self.staff.no
            self.do(
                lambda site: seating.sit(site, window, number, alive=True),
                lambda _nothing: self.say(_("Seated.")),
            )

    def action_search(self) -> None:
        """Look up a matter for whoever stands there (FR-2, FR-4)."""
        if self.floor is not None:
            self.app.push_screen(Search(self.site.directory.lookup, self.floor))

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
            self.app.push_screen(
                Confirm(_("Leave this desk"), question), lambda yes: self._gone(go) if yes else None
            )
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

        self.app.push_screen(Pick(_("Leave this desk"), (Column("what", ""),), choices), picked)

    def _really_gone(self, go: Callable[[], None]) -> None:
        self.jiaohao.link.seat = None
        self._gone(go)

    def _gone(self, go: Callable[[], None]) -> None:
        self.jiaohao.window = None
        go()
