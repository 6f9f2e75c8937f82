"""A page in front of a desk: a table or a text to read; it gives what is chosen or pressed on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from jiaohao.queue.language import gettext as _
from jiaohao.tui.screens.dialogs import Dialog
from jiaohao.tui.widgets.rows import Column, RowData, Rows

F2 = "f2"
"""What a page gives when F2 was pressed on it."""


class TablePage(Dialog):
    """A table; gives the key of the row chosen, or F2 where something is offered for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "f2", show=False, priority=True)]

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[RowData],
        *,
        empty: str = "",
        keys: str = "",
        f2: str = "",
    ) -> None:
        """Show ``rows``; ``keys`` says what Enter does, ``f2`` what F2 does."""
        super().__init__(title)
        self._columns, self._rows_ = tuple(columns), tuple(rows)
        self._empty, self._keys, self._f2 = empty, keys, f2

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Rows(self._columns, cursor=True, empty=self._empty or _("Nothing."), id="table")

    def on_mount(self) -> None:
        """Show the rows."""
        self.query_one("#table", Rows).show(self._rows_)

    def keys(self) -> str:
        """See Dialog."""
        parts = [self._keys, self._f2, _("Esc: back")]
        return "   ".join(part for part in parts if part)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Give the row's key, where something can be done with it."""
        message.stop()
        if self._keys:
            self.dismiss(message.key)

    def action_f2(self) -> None:
        """Give that it was pressed."""
        if self._f2:
            self.dismiss(F2)


class TextPage(Dialog):
    """A text that is clean already; gives F2 where something is offered for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "f2", show=False),
        Binding("enter", "back", show=False),
    ]

    def __init__(self, title: str, text: str, *, f2: str = "") -> None:
        """Show ``text``; ``f2`` says what F2 does."""
        super().__init__(title)
        self._text, self._f2 = text, f2

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        with VerticalScroll(id="text-page"):
            yield Static(Content(self._text), markup=False)

    def keys(self) -> str:
        """See Dialog."""
        return "   ".join([*([self._f2] if self._f2 else []), _("Esc: back")])

    def action_f2(self) -> None:
        """Give that it was pressed."""
        if self._f2:
            self.dismiss(F2)
