"""What a desk has to say: one row at its place, and more of them only while a text needs them."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content

from jiaohao.queue.clean import clean
from jiaohao.tui.widgets.words import Words

_EDGES = 2
"""The columns left and right of the row that stay blank."""


class Notice(Words):
    """A text of more than one row lies over what stands below it: nothing moves, and nothing of it is cut."""

    DEFAULT_CSS = """
    Notice { height: 1; width: 1fr; color: $foreground; }
    Notice.-refused { color: $warning; text-style: bold; }
    Notice.-fault { color: $error; text-style: bold reverse; }
    Notice.-long { overlay: screen; width: 100%; height: auto; background: $background; }
    """

    def __init__(self) -> None:
        """Nothing is said yet."""
        super().__init__(id="notice")
        self._text = ""

    def say(self, text: str, *, kind: str = "") -> None:
        """Show one sentence: plain, or of kind ``refused`` or ``fault``; no text clears it."""
        self._text = clean(text)
        self.set_class(kind == "refused", "-refused")
        self.set_class(kind == "fault", "-fault")
        self._take_room()
        self.update(Content(self._text))

    def give_way(self) -> None:
        """Take a text away that lies over what is below: that is looked at now."""
        if self.has_class("-long"):
            self.say("")

    def on_resize(self, _event: events.Resize) -> None:
        """On another screen the same text may fit, or not any more."""
        self._take_room()

    def _take_room(self) -> None:
        self.set_class(cell_len(self._text) > self.screen.size.width - _EDGES, "-long")
