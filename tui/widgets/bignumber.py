"""A number, or a call to a window, as large as its place allows: to be read from afar."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from jiaohao.queue.clean import clean
from jiaohao.store.frozen import frozen
from jiaohao.tui.widgets.glyphs import LEAST, drawn
from jiaohao.tui.widgets.rows import fit

ARROW = ">"
_Line = tuple[tuple[str, str], ...]
_BETWEEN = 2
"""Empty columns of dots between number, arrow and window."""

# Five columns a character, each a number whose bits are its seven dots from the top down.
_FINE = {
    "0": "3E4141413E", "1": "00427F4000", "2": "4261514946", "3": "2141454B31", "4": "1814127F10",
    "5": "2745454539", "6": "3C4A494930", "7": "0171090503", "8": "3649494936", "9": "064949291E",
    "A": "7E1111117E", "B": "7F49494936", "C": "3E41414122", "D": "7F4141221C", "E": "7F49494941",
    "F": "7F09090901", "G": "3E4149497A", "H": "7F0808087F", "I": "00417F4100", "J": "2040413F01",
    "K": "7F08142241", "L": "7F40404040", "M": "7F020C027F", "N": "7F0408107F", "O": "1C2241221C",
    "P": "7F09090906", "Q": "3E4151215E", "R": "7F09192946", "S": "4649494931", "T": "01017F0101",
    "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543", "-": "0808080808", ">": "4122140800",
}  # fmt: skip
# The same in three columns of five dots, for small places; M, N and W take five.
_COARSE = {
    "0": "1F111F", "1": "121F10", "2": "1D1517", "3": "15151F", "4": "07041F", "5": "17151D", "6": "1F151D",
    "7": "01011F", "8": "1F151F", "9": "17151F", "A": "1F051F", "B": "1F150A", "C": "0E1111", "D": "1F110E",
    "E": "1F1511", "F": "1F0501", "G": "0E111D", "H": "1F041F", "I": "111F11", "J": "08100F", "K": "1F041B",
    "L": "1F1010", "M": "1F0204021F", "N": "1F0204081F", "O": "0E110E", "P": "1F0502", "Q": "0E191E",
    "R": "1F051A", "S": "121509", "T": "011F01", "U": "1F101F", "V": "0F100F", "W": "1F0804081F",
    "X": "1B041B", "Y": "031C03", "Z": "191513", "-": "040404", ">": "110A04",
}  # fmt: skip


@frozen
class _Cut:
    """One way to draw: a font, its rows of dots, and how many cells wide and rows high a dot is."""

    font: dict[str, str]
    dots: int
    wide: int
    high: int

    @property
    def height(self) -> int:
        """Rows that a text takes."""
        return self.dots * self.high

    def columns(self, text: str) -> bytes:
        """The columns of dots of a text, with one empty between two characters."""
        return b"\0".join(bytes.fromhex(self.font[char]) for char in text)


# The highest first. A dot twice as wide as high is square on most terminals; a slimmer one reads well too.
_CUTS = (
    *sorted(
        (
            _Cut(font, dots, wide, high)
            for font, dots in ((_FINE, 7), (_COARSE, 5))
            for high in range(1, 9)
            for wide in range(-(-3 * high // 2), 2 * high + 1)
        ),
        key=lambda cut: (-cut.height, -cut.wide),
    ),
    _Cut(_FINE, 7, 1, 1),
    _Cut(_COARSE, 5, 1, 1),
)


class BigNumber(Widget, can_focus=False):
    """Shows ``number > window`` in the largest letters that fit, or in plain ones where none do."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bignumber--number", "bignumber--arrow", "bignumber--window"}
    DEFAULT_CSS = """
    BigNumber > .bignumber--number { background: $primary; }
    BigNumber > .bignumber--arrow { background: $secondary; }
    BigNumber > .bignumber--window { background: $accent; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        """Nothing is shown yet."""
        super().__init__(id=id)
        self._parts: _Line = ()
        self._is_lit = False
        # Of the frame that is drawn: to find them out anew for each line would take longer than to draw it.
        self._base = Style.null()
        self._inks: dict[str, Style] = {}
        self._extent = (0, 0)
        self._drawn: dict[tuple[int, int] | None, Strip] = {}

    def show(self, number: str, window: str = "") -> None:
        """Show a number, and with a ``window`` where it is called to; an empty number shows nothing."""
        parts = (("number", number), ("arrow", ARROW), ("window", window))[: 3 if window else 1]
        parts = tuple((name, clean(text).upper()) for name, text in parts if number)
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    @property
    def is_lit(self) -> bool:
        """Whether light and dark have changed their places."""
        return self._is_lit

    def light(self, is_lit: bool) -> None:  # noqa: FBT001 - what it is about
        """Let light and dark change their places, or be as they are by themselves."""
        # Not by a class: to find out all styles anew would take longer than to draw.
        if is_lit != self._is_lit:
            self._is_lit = is_lit
            self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """See Widget: a frame has one look, and few of its lines differ: these are drawn once.

        Without Textual's own styling of each line: there is no border, no padding and nothing to see through.
        """
        plain, inks = self.rich_style, {name: self._ink(name) for name, _text in self._parts}
        self._base = self._ink("number") if self._is_lit else plain
        self._inks = dict.fromkeys(inks, plain) if self._is_lit else inks
        self._extent, self._drawn = self.size, {}
        lines = [self.render_line(y) for y in crop.line_range]
        ground = self.background_colors[1]
        for filtering in self.get_line_filters():  # a line remembers what it was made into
            lines = [line.apply_filter(filtering, ground) for line in lines]
        is_whole = crop.column_span == (0, self._extent[0])
        return lines if is_whole else [line.crop(*crop.column_span) for line in lines]

    def render_line(self, y: int) -> Strip:
        """See Widget: the call stands in the middle of the height, and where the text is aligned to."""
        width, height = self._extent
        cut, lines = _largest(self._parts, width, height)
        if cut is None:
            return self._other_line(y, width, height, self._base)
        at, row = divmod((y - (height - _height(cut, lines)) // 2) // cut.high, cut.dots + 1)
        place = (at, row) if 0 <= at < len(lines) and row < cut.dots else None
        if place not in self._drawn:
            line = lines[at] if place else ()
            self._drawn[place] = self._row(cut, line, row, width)
        return self._drawn[place]

    def _row(self, cut: _Cut, line: _Line, row: int, width: int) -> Strip:
        """One row of dots; a blank one where there is no line."""
        if not line:
            return Strip.blank(width, self._base)
        left = (width - _width(cut, line)) // 2 if self.styles.text_align == "center" else 0
        margin = Segment(" " * left, self._base)
        strip = Strip([margin, *self._dots(cut, line, row, self._base)])
        return strip.adjust_cell_length(width, self._base)

    def _other_line(self, y: int, width: int, height: int, base: Style) -> Strip:
        """A text that has characters of its own, or no room for large ones."""
        text = " ".join(text for _name, text in self._parts)
        rows = _glyphs(text, width, height) if text else ()
        if not rows:
            return Strip([Segment(fit(text if y == height // 2 else "", width), base + Style(bold=True))])
        at = y - (height - len(rows)) // 2
        if not 0 <= at < len(rows):
            return Strip.blank(width, base)
        left = (width - len(rows[0])) // 2 if self.styles.text_align == "center" else 0
        ink = Style.from_color(self._inks["number"].bgcolor)
        segments = [Segment(" " * left, base), Segment(rows[at], base + ink)]
        return Strip(segments).adjust_cell_length(width, base)

    def _ink(self, name: str) -> Style:
        return self.get_component_rich_style(f"bignumber--{name}")

    def _dots(self, cut: _Cut, line: _Line, row: int, base: Style) -> list[Segment]:
        segments: list[Segment] = []
        for name, text in line:
            dot = self._inks[name]
            segments += [Segment(" " * (_BETWEEN * cut.wide), base)] if segments else []
            lit = (column >> row & 1 for column in cut.columns(text))
            segments += [
                Segment(" " * (cut.wide * len(list(run))), dot if is_lit else base)
                for is_lit, run in groupby(lit)
            ]
        return segments


@lru_cache(maxsize=16)
def _largest(parts: _Line, width: int, height: int) -> tuple[_Cut | None, tuple[_Line, ...]]:
    """The largest letters that fit; asked for anew for each line of the screen."""
    # On one line or, where that is larger, the window below its number.
    arrangements = [(parts,), (parts[:1], parts[1:])][: len(parts)]
    if any(char not in _FINE for _name, text in parts for char in text):
        return None, ()
    fitting = (
        (cut, lines)
        for cut in _CUTS
        for lines in arrangements
        if _height(cut, lines) <= height and all(_width(cut, line) <= width for line in lines)
    )
    return next(fitting, (None, ()))


def _glyphs(text: str, width: int, height: int) -> tuple[str, ...]:
    """A text from a font, as large as fits; () where none does, or where our own letters would."""
    if all(char in _FINE or char == " " for char in text):
        return ()
    sizes = (drawn(text, dots) for dots in range(2 * height, LEAST - 1, -2))
    return next((rows for rows in sizes if rows and len(rows) <= height and len(rows[0]) <= width), ())


def _height(cut: _Cut, lines: tuple[_Line, ...]) -> int:
    return len(lines) * cut.height + (len(lines) - 1) * cut.high


def _width(cut: _Cut, line: _Line) -> int:
    return cut.wide * (sum(len(cut.columns(text)) for _name, text in line) + _BETWEEN * (len(line) - 1))
