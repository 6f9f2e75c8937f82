"""A ticket's number, to be read across a counter; drawn with blanks, which no terminal gets wrong."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from jiaohao.queue.clean import clean

ROWS = 5

_FONT = {
    "0": "### # # # # # # ###", "1": " #  ##   #   #  ###", "2": "###   # ### #   ###",
    "3": "###   # ###   # ###", "4": "# # # # ###   #   #", "5": "### #   ###   # ###",
    "6": "### #   ### # # ###", "7": "###   #   #   #   #", "8": "### # # ### # # ###",
    "9": "### # # ###   # ###", "A": " #  # # ### # # # #", "B": "##  # # ##  # # ## ",
    "C": " ## #   #   #    ##", "D": "##  # # # # # # ## ", "E": "### #   ##  #   ###",
    "F": "### #   ##  #   #  ", "G": " ## #   # # # #  ##", "H": "# # # # ### # # # #",
    "I": "###  #   #   #  ###", "J": "  #   #   # # #  # ", "K": "# # # # ##  # # # #",
    "L": "#   #   #   #   ###", "P": "##  # # ##  #   #  ", "Q": " #  # # # #  ##   #",
    "O": " #  # # # # # #  # ", "R": "##  # # ##  # # # #", "S": " ## #    #    # ## ",
    "T": "###  #   #   #   # ", "U": "# # # # # # # # ###", "V": "# # # # # # # #  # ",
    "X": "# # # #  #  # # # #", "Y": "# # # #  #   #   # ", "Z": "###   #  #  #   ###",
    "-": "        ###        ", "M": "#   # ## ## # # # #   # #   #", "N": "#   # ##  # # # # #  ## #   #",
    "W": "#   # #   # # # # ## ## #   #",
}  # fmt: skip


def _rows(char: str) -> list[str]:
    # Each glyph is five rows of three or five dots, with one blank between the rows.
    dots = _FONT[char]
    width = (len(dots) - 4) // ROWS
    return [dots[row * (width + 1) : row * (width + 1) + width] for row in range(ROWS)]


class Large(Widget, can_focus=False):
    """Large letters and figures; a text with any other character stands there in its usual size."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"large--dot"}

    text: reactive[str] = reactive("", layout=True)

    def render(self) -> Content:
        """See Widget."""
        text = clean(self.text)
        if not text or any(char not in _FONT for char in text):
            return Content(text)
        dot = Style.from_styles(self.get_component_styles("large--dot"))
        pixel = 2 if self._width(text, 2) <= self.size.width else 1
        glyphs = [_rows(char) for char in text]
        return Content("\n").join(
            Content(" " * pixel).join(
                Content.assemble(*((" " * pixel, dot if mark == "#" else "") for mark in glyph[row]))
                for glyph in glyphs
            )
            for row in range(ROWS)
        )

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """See Widget."""
        width = self._width(clean(self.text), 2)
        return width if width <= container.width else self._width(clean(self.text), 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """See Widget."""
        return ROWS

    @staticmethod
    def _width(text: str, pixel: int) -> int:
        return pixel * (sum(len(_rows(char)[0]) + 1 for char in text if char in _FONT) - 1) if text else 0
