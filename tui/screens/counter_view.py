"""What the counter shows: the number in hand, who comes next, what is on hold."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from jiaohao.queue import states
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import PAUSED, Floor, WindowView
from jiaohao.queue.language import gettext as _
from jiaohao.queue.proposal import likely_kind
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.show import AtWindow, at_window
from jiaohao.queue.words import kind_word, post_word, state_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Entry, Ticket
from jiaohao.tui import phrases
from jiaohao.tui.screens.asking import AskingDesk
from jiaohao.tui.screens.guide_lists import Panel, fitting, line_rows, lines_panel
from jiaohao.tui.screens.owing import OwedLine
from jiaohao.tui.screens.story import last_ms, story_panel, story_rows
from jiaohao.tui.widgets.bignumber import BigNumber
from jiaohao.tui.widgets.rows import Column, RowData
from jiaohao.tui.widgets.words import Words


class CounterView(AskingDesk):
    """One window, as whoever sits at it sees it."""

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        yield OwedLine(kept=True)
        with Horizontal(id="counter"):
            with Vertical(id="in-hand"):
                yield Words(id="window")
                yield Words(id="today")
                yield BigNumber(id="number")
                yield Words(id="state")
                yield Words(id="ticket")
                yield Words(id="kinds")
                yield story_panel()
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

    def __init__(self) -> None:
        """Nothing was read yet."""
        super().__init__()
        self._at_window: AtWindow | None = None
        self._read_for: object = None
        self._story_of: object = None

    def on_mount(self) -> None:
        """Count the seconds of the number in hand."""
        self.set_interval(1.0, self._tick)

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
        view, staff = self.view, self.staff
        return view is not None and staff is not None and view.staff == staff.no

    @property
    def ticket(self) -> Ticket | None:
        """The ticket in hand: called or in service here."""
        view = self.view
        return view.ticket if view is not None and self.is_seated else None

    @property
    def held(self) -> list[Ticket]:
        """The tickets that this window set aside."""
        return [ticket for ticket in self.floor.held if ticket.window == self.code] if self.floor else []

    @property
    def likely_kind(self) -> str:
        """The kind of file as which F5 finishes the ticket in hand (LK-3)."""
        matter = self.ticket.matter if self.ticket else None
        return likely_kind(self.site.directory.matters.get(matter or ""))

    def who(self) -> str:
        """See Desk."""
        post = self.view.post if self.view and self.is_seated else None
        return "  ".join(part for part in (super().who(), post_word(post) if post else "") if part)

    def number_at_hand(self) -> str | None:
        """See Desk: the number in hand, or the last one."""
        return self.ticket.number if self.ticket else super().number_at_hand()

    def window_here(self) -> str | None:
        """See AskingDesk."""
        return self.code if self.is_seated else None

    def show_floor(self, floor: Floor) -> None:
        """See Desk."""
        self.show_owed()
        self._show_in_hand()
        self._show_queue(floor)
        self._read()

    def _read(self) -> None:
        # Only what happens at this window is worth a reading of its own.
        ticket = self.ticket
        wanted = (
            self.floor.service_day if self.floor else "",
            ticket and (ticket.id, ticket.state, ticket.calls),
        )
        if wanted == self._read_for:
            return
        self._read_for, window = wanted, self.code

        def done(found: AtWindow) -> None:
            self._at_window = found
            if self.is_ready:
                self._show_story()

        def failed(_reason: Refusal | Fault) -> None:
            self._read_for = None  # the banner says it; the next floor tries again

        self.jiaohao.link.do(lambda site: at_window(site, window, ticket), done, failed)

    def _show_story(self) -> None:
        self._tick()
        found, ticket, directory = self._at_window, self.ticket, self.site.directory
        panel = self.query_one("#panel-story", Panel)
        # At most floors something has happened elsewhere only; a screen composed anew has another panel.
        story_of = (panel, directory, ticket, found)
        if story_of == self._story_of:
            return
        self._story_of = story_of
        panel.show(_("Journal"), story_rows(directory, self._entries))
        took = phrases.wait(found.median_s) if found else "-"
        text = _("Today: {count} served, {took} each")
        self.query_one("#today", Words).update(
            Content(text.format(count=found.served, took=took) if found else "")
        )
        is_serving = ticket is not None and ticket.state == states.SERVING
        self.query_one("#kinds", Words).update(Content(self._kinds_text() if is_serving else ""))

    def _kinds_text(self) -> str:
        keys = {kind: str(digit) for digit, kind in enumerate(states.KINDS, 1)}
        likely = self.likely_kind
        keys = {likely: "F5", **{kind: key for kind, key in keys.items() if kind != likely}}
        return "  ".join(f"{key}:{kind_word(kind)}" for kind, key in keys.items())

    @property
    def _entries(self) -> tuple[Entry, ...]:
        """The journal of the number in hand, as far as it was read."""
        found, ticket = self._at_window, self.ticket
        return found.entries if found and ticket and found.ticket_id == ticket.id else ()

    def _show_in_hand(self) -> None:
        view, ticket = self.view, self.ticket
        name = clean(view.name) if view else ""
        lines = phrases.codes(view.lines) if view else ""
        text = _("Window {code}  {name}  Lines {lines}").format(code=clean(self.code), name=name, lines=lines)
        self.query_one("#window", Words).update(Content(text))
        self.query_one("#number", BigNumber).show(ticket.number if ticket else "")
        self.query_one("#ticket", Words).update(Content(self._ticket_text(ticket) if ticket else ""))
        self._show_story()

    def _ticket_text(self, ticket: Ticket) -> str:
        parts = [phrases.matter_name(self.site.directory, ticket)]
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
        return self._in_hand_text(ticket)

    def _in_hand_text(self, ticket: Ticket) -> str:
        now_ms = self.site.now_ms()
        called = phrases.stopwatch(now_ms - (ticket.at_window_ms or now_ms))
        if ticket.state == states.CALLED:
            needed = self.hall.calling.calls_before_missed
            text = _("call {calls} of {needed}").format(calls=ticket.calls, needed=needed)
            return f"{state_word(ticket.state)}  {called}   {text}"
        started_ms = last_ms(self._entries, "started", "resumed")
        if started_ms is None:
            return f"{state_word(ticket.state)}  {called}"
        since_call = _("since called {time}").format(time=called)
        return f"{state_word(ticket.state)}  {phrases.stopwatch(now_ms - started_ms)}   {since_call}"

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
        # Who is sent here by somebody comes with a word of theirs, read before the call (FR-9).
        sent = {one.number: self.coming_text(one) for one in reversed(self.coming)}
        rows = [
            RowData(str(t.id), self._next_cells(t, floor, sent.get(t.number)), "strong" if place == 0 else "")
            for place, t in enumerate(coming)
        ]
        self.query_one("#panel-next", Panel).show(_("Next: {count}").format(count=len(coming)), rows)
        held = [RowData(t.number, (t.number, phrases.matter_name(self.site.directory, t))) for t in self.held]
        self.query_one("#panel-held", Panel).show(_("On hold: {count}").format(count=len(held)), held)

    def _next_cells(self, ticket: Ticket, floor: Floor, sent: str | None) -> tuple[str, ...]:
        priority = phrases.priority_name(self.hall, ticket.priority)
        what = phrases.matter_name(self.site.directory, ticket)
        waited = phrases.wait((floor.as_of_ms - ticket.issued_ms) // 1000)
        return (ticket.number, f"{priority} {sent or what}".strip(), waited)
