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


class TablePage(Dialog):
    """A table; gives the key of the row chosen, or "export" by F2 where that is offered."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "export", show=False)]

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[RowData],
        *,
        empty: str = "",
        keys: str = "",
        exports: bool = False,
    ) -> None:
        """Show ``rows``; ``keys`` says what Enter does."""
        super().__init__(title)
        self._columns, self._rows_ = tuple(columns), tuple(rows)
        self._empty, self._keys, self._exports = empty, keys, exports

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Rows(self._columns, cursor=True, empty=self._empty or _("Nothing."), id="table")

    def on_mount(self) -> None:
        """Show the rows."""
        self.query_one("#table", Rows).show(self._rows_)

    def keys(self) -> str:
        """See Dialog."""
        parts = [self._keys, _("F2: CSV and xlsx") if self._exports else "", _("Esc: back")]
        return "   ".join(part for part in parts if part)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Give the row's key, where something can be done with it."""
        message.stop()
        if self._keys:
            self.dismiss(message.key)

    def action_export(self) -> None:
        """Ask for files."""
        if self._exports:
            self.dismiss("export")


class TextPage(Dialog):
    """A text that is clean already; gives "pdf" by F2."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "pdf", show=False),
        Binding("enter", "back", show=False),
    ]

    def __init__(self, title: str, text: str, *, prints: bool = False) -> None:
        """Show ``text``."""
        super().__init__(title)
        self._text, self._prints = text, prints

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        with VerticalScroll(id="text-page"):
            yield Static(Content(self._text), markup=False)

    def keys(self) -> str:
        """See Dialog."""
        return "   ".join([*([_("F2: PDF")] if self._prints else []), _("Esc: back")])

    def action_pdf(self) -> None:
        """Ask for the paper."""
        if self._prints:
            self.dismiss("pdf")
