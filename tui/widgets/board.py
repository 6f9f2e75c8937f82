"""A list to look at from afar: blocks side by side, and pages where those are not enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from jiaohao.tui.widgets.rows import GAP, Column, RowData, in_columns
from jiaohao.tui.widgets.styled import Styled

PAGE_S = 8.0
"""How long a page stands before the next one."""
_BETWEEN = "  "


class Board(Styled, can_focus=False):
    """Rows that fill blocks from top to bottom, then from left to right; nobody steers it.

    Blocks are ``easy`` cells wide where there is room, and narrower where more of them are needed, down to
    ``shared`` cells for what the columns without a width share. What does not fit even so comes on the
    next page, and the page is said.
    """

    STYLES: ClassVar[Mapping[str, str]] = {
        **Styled.STYLES,
        "title": "bold $primary on $surface",
        "called": "bold reverse $accent",
        "paused": "bold $warning",
    }
    DEFAULT_CSS = "Board { height: auto; }"

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        shared: int,
        easy: int,
        paged: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        """Rows of these columns, in blocks of so many cells; without pages the last rows are left out."""
        super().__init__(id=id)
        self._columns = tuple(columns)
        fixed = [column.width for column in columns if column.width is not None]
        self._least = sum(fixed) + len(GAP) * (len(fixed) - 1) + (shared + len(GAP) if shared else 0)
        self._easy = easy
        self._paged = paged
        self._head = int(any(column.title for column in columns))
        self._rows: tuple[RowData, ...] = ()
        self._page = 0

    def on_mount(self) -> None:
        """Turn the pages."""
        self.set_interval(PAGE_S, self._turn)

    def show(self, rows: Sequence[RowData]) -> None:
        """Show these rows; the page stays, so that nothing jumps. Only changes are drawn."""
        before, self._rows = self._rows, tuple(rows)
        if before == self._rows:
            return
        if len(before) != len(self._rows):
            width = self.size.width
            self.refresh(layout=self._high(len(before), width) != self._high(len(rows), width))
            return
        width, room = self.size.width, self._room
        changed = {
            at % room for at, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old != new
        }
        self.refresh(*(Region(0, self._head + line, width, 1) for line in sorted(changed)))

    @property
    def pages(self) -> int:
        """How many pages it takes now."""
        return 1 if not self._paged else max(1, -(-len(self._rows) // max(1, self._room * self._blocks)))

    @property
    def page(self) -> int:
        """The page shown now, from 0."""
        return self._page % self.pages

    def _turn(self) -> None:
        if self.pages > 1:
            self._page = (self.page + 1) % self.pages
            self.refresh()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - self._head)

    @property
    def _blocks(self) -> int:
        rows, width = len(self._rows), self.size.width
        needed = -(-rows // self._room)
        return min(self._most(width, self._least), max(needed, self._liked(width, rows)))

    def _liked(self, width: int, rows: int) -> int:
        return min(self._most(width, self._easy), max(1, rows))

    @staticmethod
    def _most(width: int, block: int) -> int:
        return max(1, (width + len(_BETWEEN)) // (block + len(_BETWEEN)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """See Widget: what it takes in easy blocks; a style may allow it less."""
        return self._high(len(self._rows), width)

    def _high(self, rows: int, width: int) -> int:
        # A line is kept for the first row, so that nothing jumps when it comes.
        return self._head + max(1, -(-rows // self._liked(width, rows)))

    def render_line(self, y: int) -> Strip:
        """See Widget; which page it is stands at the end of the first line."""
        base = self.style_of("")
        width, blocks, pages = self.size.width, self._blocks, self.pages
        wide = (width + len(_BETWEEN)) // blocks - len(_BETWEEN)
        if y < self._head:
            segments = self._titles(blocks, wide)
        else:
            room = self._room
            first = self._page % pages * room * blocks + y - self._head
            segments = self._line(self._rows[first : first + blocks * room : room], wide, base)
        strip = Strip(segments).adjust_cell_length(width, segments[-1].style if segments else base)
        if y == 0 and pages > 1:
            mark = Segment(f" {self.page + 1}/{pages}", base + Style(bold=True))
            strip = Strip([*strip.crop(0, width - mark.cell_length), mark])
        return strip

    def _line(self, rows: Sequence[RowData], wide: int, base: Style) -> list[Segment]:
        segments: list[Segment] = []
        for row in rows:
            style = self.style_of(row.style)
            segments += [Segment(_BETWEEN, base)] if segments else []
            segments.append(Segment(in_columns(row.cells, self._columns, wide), style))
        return [*segments, Segment("", base)]

    def _titles(self, blocks: int, wide: int) -> list[Segment]:
        style = self.style_of("title")
        one = in_columns([column.title for column in self._columns], self._columns, wide)
        return [Segment(_BETWEEN.join([one] * blocks), style)]
