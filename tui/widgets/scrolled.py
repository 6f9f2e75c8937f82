"""What is drawn line by line and may be longer than its place."""

from __future__ import annotations

from itertools import zip_longest

from textual.content import Content
from textual.events import Resize
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual


class Scrolled(ScrollView):
    """So many lines that scroll in a place of a fixed size."""

    DEFAULT_CSS = "Scrolled { scrollbar-size: 1 1; overflow-x: hidden; }"

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)
    """As ScrollView's, but another number of lines is no reason to lay out the whole screen anew."""

    def lay(self, lines: int) -> None:
        """So many lines there are now; whoever says so draws those that are others."""
        self.virtual_size = Size(self.size.width, lines)
        is_barred = self.styles.overflow_y == "scroll" or lines > self.container_size.height
        if is_barred != self.show_vertical_scrollbar:
            self.refresh(layout=True)
        elif is_barred:
            self.vertical_scrollbar.window_virtual_size = lines
        self.scroll_y = self.validate_scroll_y(self.scroll_y)


class Page(Scrolled, can_focus=False):
    """One text."""

    DEFAULT_CSS = "Page { scrollbar-gutter: stable; }"

    def __init__(self, id: str) -> None:  # noqa: A002
        """Empty at first."""
        super().__init__(id=id)
        self._text = Content()
        self._strips: list[Strip] = []

    def update(self, text: Content) -> None:
        """Show this text, from its beginning unless it is the same."""
        if text.is_same(self._text):
            return
        self._text = text
        self.scroll_y = 0
        self._wrap()

    def on_resize(self, _event: Resize) -> None:
        """Break its lines anew."""
        self._wrap()

    def notify_style_update(self) -> None:
        """Take on the new look."""
        super().notify_style_update()
        self._wrap()

    def _wrap(self) -> None:
        width, before = self.scrollable_content_region.width, self._strips
        self._strips = Visual.to_strips(self, self._text, width, None, self.visual_style) if width else []
        self.lay(len(self._strips))
        changed = [
            Region(0, line - self.scroll_offset.y, self.size.width, 1)
            for line, (old, new) in enumerate(zip_longest(before, self._strips))
            if old != new
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """See ScrollView."""
        place, style = y + self.scroll_offset.y, self.visual_style.rich_style
        strip = self._strips[place] if place < len(self._strips) else Strip.blank(0, style)
        return strip.adjust_cell_length(self.size.width, style)
