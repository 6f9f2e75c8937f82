"""A list whose last column is a bar: so far to the middle of what was measured, and on to the longest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from jiaohao.tui.widgets.rows import Rows, in_columns

MIDDLE, HALF, REST, END = "=", "▐", "-", "|"
"""The two parts of a bar differ in shape, not only in colour. Of all blocks that fill half a cell this one
alone takes one column on every terminal: it is drawn in the background's colour, and leaves the left half."""


def bar(middle: int | None, longest: int | None, most: int, width: int) -> str:
    """A bar in ``width`` cells, all of which ``most`` would take; no bar where nothing was measured."""
    if middle is None or longest is None or width <= 0:
        return ""
    cells, is_odd = divmod(round(2 * width * middle / max(1, most)), 2)
    drawn = MIDDLE * cells + HALF * is_odd
    rest = round(width * longest / max(1, most)) - len(drawn)
    return drawn + (REST * (rest - 1) + END if rest > 0 else "")


class Bars(Rows):
    """See the module; rows are as those of any list, their last cell made by ``bar``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bars--middle"}
    DEFAULT_CSS = "Bars > .bars--middle { color: $accent; background: $accent; }"

    @property
    def room(self) -> int:
        """Cells that the bars have."""
        width = self.scrollable_content_region.width
        return width - len(in_columns([""] * len(self._columns), self._columns[:-1], width)) - 1

    def _strip(self, cells: Sequence[str], style: Style, width: int, marks: Sequence[int] = ()) -> Strip:
        drawn = cells[-1] if len(cells) == len(self._columns) else ""
        if not set(drawn) & {MIDDLE, HALF}:
            return super()._strip(cells, style, width, marks)
        text = in_columns(cells[:-1], self._columns[:-1], self.scrollable_content_region.width)
        middle = self.get_component_rich_style("bars--middle")
        looks = {MIDDLE: middle, HALF: Style(color=style.bgcolor, bgcolor=middle.bgcolor)}
        parts = [Segment("".join(run), looks.get(char, style)) for char, run in groupby(drawn)]
        return Strip([Segment(f"{text} ", style), *parts]).adjust_cell_length(width, style)
