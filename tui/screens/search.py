"""What the guide's desk is about, one key away at a counter: the search, with the matter's page beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

from jiaohao.queue.floor import Floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.lookup import Hit, Lookup
from jiaohao.tui.screens.dialogs import Dialog
from jiaohao.tui.screens.matter import details
from jiaohao.tui.widgets.rows import Column, RowData, Rows
from jiaohao.tui.widgets.scrolled import Page


def found_rows() -> Rows:
    """The list of what was found, still empty."""
    columns = (Column("code", _("Code"), 8), Column("name", _("Matter, line or body")))
    return Rows(columns, cursor=True, empty=_("Nothing fits; fewer characters find more."), id="found")


def hit_row(hit: Hit) -> RowData:
    """One row of it, with what was asked for standing out."""
    style = "strong" if hit.matter is None and hit.line else "dim" if hit.is_near else ""
    lead = "? " if hit.is_near else ""
    marks = tuple(mark + len(lead) for mark in hit.marks)
    return RowData(hit.key, (hit.code, lead + hit.shown), style, marks)


class SayField(Input):
    """Where what the visitor says is typed; each change is answered before the field itself is drawn.

    A message about it comes when the field has been drawn, and its answer has to wait for the next frame.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """As Input's, but a longer text is no reason to lay out the whole screen anew."""

    def __init__(self, answer: Callable[[], None], placeholder: str, id: str | None = None) -> None:  # noqa: A002
        """``answer`` is called at each change."""
        super().__init__(placeholder=placeholder, compact=True, id=id, select_on_focus=False)
        self._answer = answer

    def watch_value(self) -> None:
        """Answer."""
        self._answer()

    async def on_key(self, event: Key) -> None:
        """Take a character back in its turn: as a binding it would come after what was typed next."""
        if event.key == "backspace":
            event.stop()
            event.prevent_default()
            self.action_delete_left()


class Search(Dialog):
    """Looks, and changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("ctrl+up", "read(-3)", show=False),
        Binding("ctrl+down", "read(3)", show=False),
        Binding("enter,f12", "back", show=False, priority=True),
    ]

    def __init__(self, lookup: Lookup, floor: Floor) -> None:
        """Search in ``lookup``; what is open and how long it takes is told from ``floor``."""
        super().__init__(_("What does the visitor want?"))
        self._lookup = lookup
        self._floor = floor
        self._hits: dict[str, Hit] = {}

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield SayField(self._find, _("Name, pinyin or first letters"))
        with Horizontal(id="search"):
            yield found_rows()
            yield Page("details")

    def keys(self) -> str:
        """See Dialog."""
        return _("Arrows: select   Ctrl+Up/Down: scroll   Esc: back")

    def on_mount(self) -> None:
        """Everything, before a word was typed."""
        self._find()
        self.call_after_refresh(self._lookup.make_ready)

    def _find(self) -> None:
        self._hits = {hit.key: hit for hit in self._lookup.find(self.query_one(Input).value)}
        found = self.query_one("#found", Rows)
        found.show([hit_row(hit) for hit in self._hits.values()])
        found.move_to(0)
        self._show_chosen()

    def _show_chosen(self) -> None:
        hit = self._hits.get(self.query_one("#found", Rows).cursor_key or "")
        self.query_one("#details", Page).update(details(self._floor, hit) if hit else Content())

    def on_rows_moved(self, _message: Rows.Moved) -> None:
        """Tell about the newly selected one."""
        self._show_chosen()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """A click selects, and the typing goes on."""
        message.stop()
        self.query_one(Input).focus()

    def action_read(self, lines: int) -> None:
        """Scroll what to tell about the selected one."""
        self.query_one("#details", Page).scroll_relative(y=lines, animate=False)

    def action_move(self, by: int) -> None:
        """Select another one while the typing goes on."""
        self.query_one("#found", Rows).action_move(by)
