"""Widgets that draw fixed lines and nothing else: what the reference apps show their lists with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget


class Lines(Widget):
    """Lines drawn one by one, and only those that are others."""

    DEFAULT_CSS = "Lines { height: 1fr; }"
    texts: tuple[str, ...] = ()

    def show(self, texts: Sequence[str]) -> None:
        """Show these."""
        before, self.texts = self.texts, tuple(texts)
        changed = [y for y, (old, new) in enumerate(zip_longest(before, self.texts)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """See Widget."""
        text = self.texts[y] if y < len(self.texts) else ""
        return Strip([Segment(text.ljust(self.size.width))])


class ScrolledLines(ScrollView):
    """Lines drawn one by one as they are, of which there may be more than there is room for."""

    DEFAULT_CSS = "ScrolledLines { height: 1fr; }"
    strips: Sequence[Strip] = ()

    def fill(self, strips: Sequence[Strip]) -> None:
        """Show these lines."""
        self.strips = strips
        self.virtual_size = Size(self.size.width, len(strips))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """See ScrollView."""
        strip = self.strips[y] if y < len(self.strips) else Strip([])
        return strip.adjust_cell_length(self.size.width)
