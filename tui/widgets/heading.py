"""The first line of a desk: the hall, the desk, who is signed on, and the hall's time."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.site import Site

_GAP = "  "


class Heading(Widget, can_focus=False):
    """One line; its clock is the hall's, which need not be the machine's."""

    who: reactive[str] = reactive("")

    def __init__(self, site: Site, desk: str) -> None:
        """Head the desk of that name."""
        super().__init__()
        self._site = site
        self._desk = desk

    def on_mount(self) -> None:
        """Tick each second."""
        self.set_interval(1.0, self.refresh)

    def render(self) -> Content:
        """See Widget; what does not fit is cut from the hall's name, never from the time."""
        hall = self._site.hall
        time = local(self._site.now_ms(), hall.timezone).strftime("%m-%d %H:%M:%S")
        right = _GAP.join(part for part in (self.who, time) if part)
        room = max(0, self.size.width - cell_len(right) - len(_GAP))
        left = f"{self._desk}{_GAP}{clean(hall.name)}"
        return Content(set_cell_size(left, room) + _GAP + right)
