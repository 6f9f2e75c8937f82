"""The guide's desk: type what the visitor says, read what to tell, press Enter for the number."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input

from jiaohao.queue import issuing, order, questions
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.lookup import Hit
from jiaohao.queue.proposal import asked_about
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import new_op
from jiaohao.store.errors import Fault
from jiaohao.store.values import Ticket
from jiaohao.tui import phrases
from jiaohao.tui.screens import guide_lists as lists
from jiaohao.tui.screens.asking import Subject
from jiaohao.tui.screens.matter import Slip, details
from jiaohao.tui.screens.numbers import (
    NumbersDesk,
    all_numbers,
    number_details,
    number_of,
    number_rows,
)
from jiaohao.tui.screens.owing import OwedLine
from jiaohao.tui.screens.paper import PaperDesk, PaperLine
from jiaohao.tui.screens.priority import ask_priority
from jiaohao.tui.screens.relocate import ask_relocation, stuck
from jiaohao.tui.screens.search import SayField, found_rows, hit_row
from jiaohao.tui.widgets.notice import Notice
from jiaohao.tui.widgets.rows import Rows
from jiaohao.tui.widgets.scrolled import Page
from jiaohao.tui.widgets.undo import UndoLine
from jiaohao.tui.widgets.words import Words

_SIDES = ("lines", "missed", "absent", "windows")


class GuideDesk(NumbersDesk, PaperDesk):
    """Where numbers are issued and everybody's first question is answered."""

    CODE = "guide"
    OVERSEES = True
    TITLE_ID = N_("Guide desk")
    AUTO_FOCUS = "#say"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "outcome", N_("Refer")),
        Binding("f3", "priority", N_("Priority")),
        Binding("f4", "phone", N_("By telephone")),
        Binding("f5", "next_side", N_("Lists")),
        Binding("f6", "requeue", N_("Requeue")),
        Binding("f7", "cancel", N_("Cancel")),
        Binding("f8", "transfer", N_("Transfer")),
        Binding("f9", "relocate", N_("Move waiting")),
        Binding("f10", "undo", N_("Undo")),
        Binding("f11", "owed", N_("Owed")),
        Binding("escape", "clear", N_("Clear")),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-8)", show=False),
        Binding("pagedown", "move(8)", show=False),
        Binding("ctrl+up", "read(-3)", show=False),
        Binding("ctrl+down", "read(3)", N_("Scroll what to tell"), show=False),
    ]

    def __init__(self) -> None:
        """Nothing typed yet."""
        super().__init__()
        self._hits: dict[str, Hit] = {}
        self._told: object = None
        self._is_stuck = False
        self._priority = order.NORMAL.code
        self._op = new_op()
        self._slip: Ticket | None = None
        self._side = 0
        self._clears = False
        self._often: dict[str, int] = {}

    def on_mount(self) -> None:
        """Learn what was asked today."""
        self._learn()

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        yield SayField(self._narrow, _("What does the visitor want? Enter issues the number"), id="say")
        yield Words(id="priority")
        yield OwedLine()
        yield PaperLine()
        with Container(id="guide"):
            yield found_rows()
            yield Page("details")
            yield Slip(id="slip")
            with Container(id="side"):
                yield lists.lines_panel()
                yield lists.missed_panel()
                yield lists.absent_panel()
                yield lists.windows_panel()

    async def speak_anew(self) -> None:
        """See Desk; a slip is not shown again in another language than it was printed in."""
        self._slip = None
        self._told = None
        await super().speak_anew()

    def help_text(self) -> str:
        """See Desk."""
        return _(
            "Type what the visitor says: part of a name, its pinyin or first letters. The arrows select; "
            "beside the selected one stands what to tell the visitor. Enter issues the number. With F3 the "
            "number gets a priority class, once its proof was seen. F2 sends a visitor on without a number "
            "of a line, F4 takes down a call, F11 shows what is still owed."
        )

    def show_floor(self, floor: Floor) -> None:
        """See Desk."""
        # Asked for with every key that is typed, and the same until the next floor.
        self._is_stuck = bool(stuck(self))
        self._show_lists(floor)
        self._find()
        self._show_chosen()
        self.call_after_refresh(self.site.directory.lookup.make_ready)

    def _show_lists(self, floor: Floor) -> None:
        shown = {
            "lines": (_("Waiting: {count}").format(count=len(floor.waiting)), lists.line_rows(floor)),
            "missed": (
                _("Missed: {count}").format(count=len(floor.missed)),
                lists.missed_rows(self.site.directory, floor),
            ),
            "absent": (
                _("Empty: {count}").format(count=len(floor.absent)),
                lists.absent_rows(self.hall, floor),
            ),
            "windows": (lists.windows_title(floor), lists.window_rows(self.site.directory, floor)),
        }
        self.show_owed()
        narrow = not self.has_class("-wide")
        for place, name in enumerate(_SIDES):
            title, rows = shown[name]
            if narrow:  # where only one list is seen, its title also says what the others hold
                title = "  ".join(
                    [title, *(shown[other][0] for other in ("lines", "missed", "absent") if other != name)]
                )
            panel = self.query_one(f"#panel-{name}", lists.Panel)
            panel.show(title, rows)
            panel.set_class(place == self._side, "-shown")

    def _find(self) -> None:
        if self.floor is None:
            return
        said = self.query_one("#say", Input).value
        found = self.site.directory.lookup.find(said, often=self._often)
        self._hits = {hit.key: hit for hit in found}
        numbers = number_rows(self.site.directory, self.floor, said)
        self.query_one("#found", Rows).show([*numbers, *map(hit_row, found)])

    @property
    def _chosen(self) -> Hit | None:
        return self._hits.get(self.query_one("#found", Rows).cursor_key or "")

    def sought(self) -> str | None:
        """See NumbersDesk."""
        return number_of(self.query_one("#found", Rows).cursor_key)

    def last_issued(self) -> int | None:
        """See NumbersDesk."""
        return self._slip.id if self._slip else None

    def _learn(self) -> None:
        # Between two visitors, so that nothing changes its place under a hand that types or chooses.
        def learnt(often: dict[str, int]) -> None:
            self._often = {f"matter:{code}": count for code, count in often.items()}
            rows = self.query_one("#found", Rows) if self.is_ready else None
            if rows is not None and rows.is_at_top and not self.query_one("#say", Input).value:
                self._find()
                rows.move_to(0)
                self._show_chosen()

        self.jiaohao.link.do(questions.asked_today, learnt, lambda _reason: None)

    def _show_chosen(self) -> None:
        hit, floor, number = self._chosen, self.floor, self.sought()
        told = (floor, number, hit and (hit.line, hit.matter, hit.agency))
        if told != self._told:  # most keys leave the best one where it is, and laying its page out is dear
            self._told = told
            self.query_one("#details", Page).update(self._page(floor, number, hit))
        self.set_class(self._slip is not None, "-slip")
        if self._has_something() != self._clears:  # most keys change nothing of what can be done
            self._clears = not self._clears
            self.refresh_bindings()
        line = self.query_one("#priority", Words)
        line.display = self._priority != order.NORMAL.code
        if line.display:
            name = phrases.priority_name(self.hall, self._priority)
            line.update(
                Content(_("Next number: {priority} (proof seen)   Esc: normal again").format(priority=name))
            )

    def _page(self, floor: Floor | None, number: str | None, hit: Hit | None) -> Content:
        if floor is None:
            return Content()
        ticket = next((ticket for ticket in all_numbers(floor) if ticket.number == number), None)
        if ticket is not None:
            return number_details(self.site.directory, floor, ticket)
        return details(floor, hit) if hit else Content()

    def _narrow(self) -> None:
        """Narrow at each key; the slip has been read."""
        if self.floor is None or not self.is_ready:
            return
        if self.query_one("#say", Input).value:
            self._slip = None
            self.query_one(Notice).give_way()
        self._op = new_op()
        self._find()
        self.query_one("#found", Rows).move_to(0)
        self._show_chosen()

    def on_resize(self) -> None:
        """How many lists are seen depends on the room."""
        self.call_after_refresh(self.show_all)

    def on_rows_moved(self, _message: Rows.Moved) -> None:
        """Tell about the newly selected one."""
        self._op = new_op()
        self._show_chosen()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """A click selects, and the typing goes on."""
        message.stop()
        self.query_one("#say").focus()
        self._show_chosen()

    def action_move(self, by: int) -> None:
        """Select another one while the typing goes on."""
        self.query_one(Notice).give_way()
        self._slip = None
        self.query_one("#found", Rows).action_move(by)
        self._show_chosen()

    def action_read(self, lines: int) -> None:
        """Scroll what to tell about the selected one."""
        self.query_one("#details", Page).scroll_relative(y=lines, animate=False)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Issue a number for the selected matter or line (Q-1)."""
        message.stop()
        if self._slip is not None and not message.value:
            self.action_clear()  # Enter once too often must not give a second number
            return
        if (number := self.sought()) is not None:
            self.look_up(number)
            return
        hit, floor = self._chosen, self.floor
        if hit is None or floor is None:
            return
        if hit.line is None:
            self.action_outcome()
            return
        code = hit.line.code
        matter = hit.matter.code if hit.matter else None
        staff = self.staff.no if self.staff else ""
        priority, op = self._priority, self._op
        self.do(
            lambda site: questions.receive(
                site,
                code,
                matter=matter,
                priority=priority,
                staff=staff,
                estimate_s=issuing.estimate_s(site.hall, floor, code, priority),
                op=op,
            ),
            self._issued,
            self._not_issued,
        )

    def action_outcome(self) -> None:
        """Record what was asked, and say what becomes of it (FR-2 to FR-8)."""
        hit, text = self._chosen, clean(self.query_one("#say", Input).value)
        if hit is None and not text:
            self.say(_("Type first what the visitor wants."))
            return
        matter = hit.matter.code if hit and hit.matter else None
        self.ask_outcome(Subject(hit.name if hit else text, matter, asked=asked_about(hit)))

    def enquiry_done(self) -> None:
        """See AskingDesk."""
        self._op = new_op()
        self.query_one("#say", Input).value = ""

    def action_phone(self) -> None:
        """Take down what somebody asks by telephone, fax or network (FR-7)."""
        hit, text = self._chosen, clean(self.query_one("#say", Input).value)
        about = hit.name if hit is not None and text else text
        self.ask_call(about, hit.matter.code if hit and hit.matter else None)

    def _not_issued(self, reason: Refusal | Fault) -> None:
        # After a fault the number may exist all the same: the same id again gives that one, never a second.
        if isinstance(reason, Refusal):
            self._op = new_op()

    def _issued(self, ticket: Ticket) -> None:
        self._op = new_op()
        self._slip, self.last_number = ticket, ticket.number
        self._priority = order.NORMAL.code
        self.query_one(UndoLine).offer(None)
        if self.floor is not None:
            self.query_one(Slip).show(ticket.number, issuing.slip(self.hall, self.floor, ticket))
        self.query_one("#say", Input).value = ""
        self.say(_("Issued: {number}; F7 cancels it").format(number=ticket.number))
        self._show_chosen()
        self._learn()

    def action_clear(self) -> None:
        """Begin anew: text, slip and priority class."""
        self._slip = None
        self._priority = order.NORMAL.code
        self.query_one("#say", Input).value = ""
        self.say("")
        self.query_one("#say").focus()
        self._show_chosen()

    def action_next_side(self) -> None:
        """Show the next of the lists: lines, missed numbers, empty windows, all windows."""
        self._side = (self._side + 1) % len(_SIDES)
        if self.floor is not None:
            self._show_lists(self.floor)

    def action_priority(self) -> None:
        """Give the next number a priority class, once its proof was checked (Q-6)."""

        def taken(code: str) -> None:
            self._priority = code
            self._op = new_op()
            self._show_chosen()

        ask_priority(self, taken)

    def action_relocate(self) -> None:
        """Move those who wait for an empty window (AB-6)."""
        ask_relocation(self)

    def _has_something(self) -> bool:
        typed = self.is_ready and bool(self.query_one("#say", Input).value)
        return typed or self._slip is not None or self._priority != order.NORMAL.code

    def bearing(self) -> object:
        """See Desk: of the floor, no more than whether there is anybody to whom a key could apply."""
        floor = self.floor
        if floor is None:
            return None
        waiting, at_windows = bool(floor.waiting or floor.held), bool(lists.at_windows(floor))
        here = (self._is_stuck, self.last_step, self.classes, bool(self.hall.calling.priorities))
        return (waiting, at_windows, bool(floor.missed), *here)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now is offered."""
        floor = self.floor
        if action in {"requeue", "cancel", "transfer"} and floor is None:
            return False
        if floor is None:
            return True
        return {
            "requeue": bool(floor.missed),
            "cancel": bool(floor.waiting or floor.held or lists.at_windows(floor)),
            "transfer": bool(lists.at_windows(floor)),
            "priority": bool(self.hall.calling.priorities),
            "relocate": self._is_stuck,
            "undo": self.last_step is not None,
            "clear": self._has_something(),
            "next_side": not self.has_class("-wide"),
        }.get(action, True)
