"""A list with columns, drawn line by line: one changed row of three hundred costs one line, not the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, zip_longest
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from jiaohao.queue.clean import clean
from jiaohao.store.frozen import frozen
from jiaohao.tui.widgets.scrolled import Scrolled
from jiaohao.tui.widgets.styled import Styled

CUT = "~"
"""Stands where a cell was cut, in one column on every terminal."""
GAP = " "
"""Between two columns."""
_MARK = Style(underline=True)


@frozen
class Column:
    """A column; without a width it shares what the others leave. Widths are in cells, Chinese takes two.

    Where fewer cells than ``least`` are left to a sharing column, it would say nothing and is left out.
    """

    key: str
    title: str
    width: int | None = None
    align: Literal["left", "right"] = "left"
    least: int = 4

    def is_left_out(self, size: int) -> bool:
        """Whether it is not shown at all where it has so many cells."""
        return self.width is None and size < self.least


@frozen
class RowData:
    """One row: its key for ever, its cells, and how it looks (``called``, ``absent``, ``dim`` …).

    ``marks`` are the places of characters of the last cell that stand out.
    """

    key: str
    cells: tuple[str, ...]
    style: str = ""
    marks: tuple[int, ...] = ()


@lru_cache(maxsize=8192)
def fit(text: str, width: int, align: str = "left") -> str:
    """A text in exactly ``width`` cells, harmless to a terminal, cut with a mark or filled with blanks."""
    text = clean(text)
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + CUT if width > 0 else ""
    blanks = " " * (width - size)
    return blanks + text if align == "right" else text + blanks


def share(columns: Sequence[Column], width: int) -> list[int]:
    """The columns' widths in ``width`` cells: the fixed ones as they are, the others share what is left."""
    gaps = len(GAP) * max(0, len(columns) - 1)
    left = max(0, width - gaps - sum(column.width or 0 for column in columns))
    sharing = [at for at, column in enumerate(columns) if column.width is None]
    widths = [column.width or 0 for column in columns]
    for order, at in enumerate(sharing):
        widths[at] = left // len(sharing) + (1 if order < left % len(sharing) else 0)
    return widths


def in_columns(cells: Sequence[str], columns: Sequence[Column], width: int) -> str:
    """One row of a list, ``width`` cells wide if the columns leave room for it."""
    return GAP.join(_parts(cells, columns, width))


def _parts(cells: Sequence[str], columns: Sequence[Column], width: int) -> list[str]:
    return [
        fit(text, size, column.align)
        for text, size, column in zip(cells, share(columns, width), columns, strict=False)
        if not column.is_left_out(size)
    ]


class Rows(Scrolled, Styled, can_focus=True):
    """See the module. With ``cursor`` a row can be chosen by keys and mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("enter", "choose", show=False),
    ]
    DEFAULT_CSS = "Rows { height: 1fr; background: $background; }"

    @dataclass
    class Chosen(Message):
        """A row was chosen by Enter or by the mouse."""

        rows: Rows
        key: str

        @property
        def control(self) -> Rows:
            """The list that was chosen from."""
            return self.rows

    @dataclass
    class Moved(Message):
        """The cursor stands on another row; None when there is none."""

        rows: Rows
        key: str | None

        @property
        def control(self) -> Rows:
            """The list in which it moved."""
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        cursor: bool = False,
        empty: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        """A list of these columns; ``empty`` stands there while nothing else does."""
        super().__init__(id=id)
        self.can_focus = cursor
        self._columns = tuple(columns)
        self._with_cursor = cursor
        self._empty = empty
        self._rows: tuple[RowData, ...] = ()
        self._place = 0
        self._titled = any(column.title for column in columns)

    @property
    def rows(self) -> tuple[RowData, ...]:
        """The rows as last shown."""
        return self._rows

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self._rows[self._place].key if self._with_cursor and self._rows else None

    @property
    def is_at_top(self) -> bool:
        """Whether the cursor stands on the first row."""
        return self._place == 0

    def show(self, rows: Sequence[RowData]) -> None:
        """Show these rows: the cursor stays on its row, the scroll where it was; only changes are drawn."""
        before, key = self._rows, self.cursor_key
        was_seen = self._is_seen(self._place)
        self._rows = tuple(rows)
        place, self._place = self._place, self._found(key)
        seen = slice(top := self.scroll_offset.y, top + self.size.height)
        self._refresh_rows(
            place
            for place, (old, new) in enumerate(zip_longest(before[seen], self._rows[seen]), top)
            if old != new
        )
        if len(before) != len(self._rows):
            self._resize()
        if place != self._place:
            self._refresh_rows((place, self._place))
            if was_seen:
                self._bring_into_view()
        if self.cursor_key != key:
            self.post_message(self.Moved(self, self.cursor_key))

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Have other columns; the rows that fit them are shown next."""
        if (columns := tuple(columns)) != self._columns:
            self._columns = columns
            self.refresh()

    def show_in_place(self, rows: Sequence[RowData], *, stays_first: bool = False) -> None:
        """Show these rows, of which some came or went above: those that are read stay where they are.

        With ``stays_first`` whoever stands on the first row goes on standing on the first.
        """
        top, key = self.scroll_offset.y, self.cursor_key
        seen = self._rows[top].key if top < len(self._rows) else None
        self._rows = tuple(rows)
        places = {row.key: place for place, row in enumerate(self._rows)}
        is_first = stays_first and top == self._place == 0
        self._place = 0 if is_first else places.get(key or "", min(self._place, max(0, len(rows) - 1)))
        self._resize()
        if not is_first:
            self.scroll_to(y=places.get(seen or "", top), animate=False, force=True, immediate=True)
        self.refresh()
        if self.cursor_key != key:
            self.post_message(self.Moved(self, self.cursor_key))

    def _found(self, key: str | None) -> int:
        place = next((at for at, row in enumerate(self._rows) if row.key == key), None)
        return place if place is not None else max(0, min(self._place, len(self._rows) - 1))

    def _resize(self) -> None:
        self.lay(len(self._rows) + self._head)

    @property
    def _head(self) -> int:
        return 1 if self._titled else 0

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the columns anew."""
        self._resize()
        self.refresh()

    def _refresh_rows(self, places: Iterable[int]) -> None:
        above, (width, height) = self._head - self.scroll_offset.y, self.size
        regions = [Region(0, y, width, 1) for place in places if self._head <= (y := place + above) < height]
        if regions:
            self.refresh(*regions)

    def _is_seen(self, place: int) -> bool:
        return 0 <= place - self.scroll_offset.y < self.size.height - self._head

    def _bring_into_view(self) -> None:
        room = max(1, self.size.height - self._head)
        top = self.scroll_offset.y
        if self._place < top:
            self.scroll_to(y=self._place, animate=False, force=True)
        elif self._place >= top + room:
            self.scroll_to(y=self._place - room + 1, animate=False, force=True)

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self._refresh_rows((self._place,))

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self._refresh_rows((self._place,))

    def render_line(self, y: int) -> Strip:
        """See ScrollView: the titles stay on top, the rows scroll below."""
        width = self.size.width
        base = self.style_of("")
        if self._titled and y == 0:
            titles = [column.title for column in self._columns]
            return self._strip(titles, self.style_of("title"), width)
        place = y - self._head + self.scroll_offset.y
        if not self._rows and place == 0 and self._empty:
            style = self.style_of("dim")
            return Strip([Segment(fit(self._empty, width, "left"), style)])
        if not 0 <= place < len(self._rows):
            return Strip.blank(width, base)
        row = self._rows[place]
        style = self.style_of(row.style)
        if self._with_cursor and place == self._place and (self.has_focus or self._always_marked):
            style = self.style_of("cursor")
        return self._strip(row.cells, style, width, row.marks)

    @property
    def _always_marked(self) -> bool:
        # A list steered from an input field keeps its mark though the focus is in the field.
        return not self.screen.focused or not isinstance(self.screen.focused, Rows)

    def _strip(self, cells: Sequence[str], style: Style, width: int, marks: Sequence[int] = ()) -> Strip:
        parts = _parts(cells, self._columns, self.scrollable_content_region.width)
        text = GAP.join(parts)
        if not marks or len(parts) < len(self._columns):
            return Strip([Segment(text, style)]).adjust_cell_length(width, style)
        marked = {len(text) - len(parts[-1]) + mark for mark in marks}
        segments = [
            Segment("".join(char for _at, char in run), style + _MARK if is_marked else style)
            for is_marked, run in groupby(enumerate(text), lambda pair: pair[0] in marked)
        ]
        return Strip(segments).adjust_cell_length(width, style)

    def action_move(self, rows: int) -> None:
        """Move the cursor, or without one the view, by so many rows."""
        if not self._with_cursor:
            self.scroll_relative(y=rows, animate=False)
            return
        self.move_to(self._place + rows)

    def action_page(self, pages: int) -> None:
        """Move by a page."""
        self.action_move(pages * max(1, self.size.height - self._head - 1))

    def move_to(self, place: int) -> None:
        """Put the cursor on a row and bring it into view."""
        place = max(0, min(place, len(self._rows) - 1))
        if place == self._place or not self._rows:
            return
        before, self._place = self._place, place
        self._refresh_rows((before, place))
        self._bring_into_view()
        self.post_message(self.Moved(self, self.cursor_key))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Chosen(self, key))

    def on_click(self, event: events.Click) -> None:
        """A click chooses a row; the second one of a double click chooses nothing more."""
        place = event.y - self._head + self.scroll_offset.y
        if event.chain > 1 or event.y < self._head or not 0 <= place < len(self._rows):
            return
        if self._with_cursor:
            self.move_to(place)
        self.post_message(self.Chosen(self, self._rows[place].key))
