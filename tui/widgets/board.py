"""A list to look at from afar: blocks side by side, and pages where those are not enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from jiaohao.tui.widgets.rows import GAP, STYLES, Column, RowData, in_columns

PAGE_S = 8.0
"""How long a page stands before the next one."""
_BETWEEN = "  "


class Board(Widget, can_focus=False):
    """Rows that fill blocks from top to bottom, then from left to right; nobody steers it.

    Blocks are ``easy`` cells wide where there is room, and narrower where more of them are needed, down to
    ``shared`` cells for what the columns without a width share. What does not fit even so comes on the
    next page, and the page is said.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "board--title",
        "board--row",
        *(f"board--{name}" for name in STYLES),
    }
    DEFAULT_CSS = """
    Board { height: auto; }
    Board > .board--title { color: $primary; background: $surface; text-style: bold; }
    Board > .board--called { color: $accent; text-style: bold reverse; }
    Board > .board--serving { color: $success; }
    Board > .board--absent { color: $error; text-style: bold; }
    Board > .board--paused { color: $warning; text-style: bold; }
    Board > .board--closed { color: $text-muted; }
    Board > .board--dim { color: $text-muted; }
    Board > .board--strong { text-style: bold; }
    Board > .board--warning { color: $warning; text-style: bold; }
    """

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
        """Show these rows; the page stays, so that nothing jumps before it was read."""
        if tuple(rows) != self._rows:
            is_longer = len(rows) != len(self._rows)
            self._rows = tuple(rows)
            self.refresh(layout=is_longer)

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
        needed = -(-len(self._rows) // self._room)
        return min(self._most(self.size.width, self._least), max(needed, self._liked(self.size.width)))

    def _liked(self, width: int) -> int:
        return min(self._most(width, self._easy), max(1, len(self._rows)))

    @staticmethod
    def _most(width: int, block: int) -> int:
        return max(1, (width + len(_BETWEEN)) // (block + len(_BETWEEN)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """See Widget: what it takes in easy blocks; a style may allow it less."""
        return self._head + -(-len(self._rows) // self._liked(width))

    def render_line(self, y: int) -> Strip:
        """See Widget; which page it is stands at the end of the first line."""
        base = self.get_component_rich_style("board--row")
        segments = self._titles(base) if y < self._head else self._line(y - self._head, base)
        strip = Strip(segments).adjust_cell_length(self.size.width, segments[-1].style if segments else base)
        if y == 0 and self.pages > 1:
            mark = Segment(f" {self.page + 1}/{self.pages}", base + Style(bold=True))
            strip = Strip([*strip.crop(0, self.size.width - mark.cell_length), mark])
        return strip

    @property
    def _wide(self) -> int:
        return (self.size.width + len(_BETWEEN)) // self._blocks - len(_BETWEEN)

    def _line(self, y: int, base: Style) -> list[Segment]:
        first = self.page * self._room * self._blocks + y
        segments: list[Segment] = []
        for row in self._rows[first : first + self._blocks * self._room : self._room]:
            style = self.get_component_rich_style(f"board--{row.style or 'row'}")
            segments += [Segment(_BETWEEN, base)] if segments else []
            segments.append(Segment(in_columns(row.cells, self._columns, self._wide), style))
        return [*segments, Segment("", base)]

    def _titles(self, base: Style) -> list[Segment]:
        style = self.get_component_rich_style("board--title")
        one = in_columns([column.title for column in self._columns], self._columns, self._wide)
        return [Segment(_BETWEEN.join([one] * self._blocks), style)]
