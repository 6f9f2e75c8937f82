"""The reference for the start of a desk: a bare Textual app with the same kinds of widgets and fixed rows.

It has a widget for each that the desk shows, in the same containers: a text where the desk has a text, a
line-drawn list, scrolled or not, where it has a list or a board, a field where it has a field. Nothing is
read, nothing is listened to, no key is bound. Run as a program with the desk's name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from bench.lines import Lines, ScrolledLines

MARK = "预计"
"""What stands there once its first frame is whole."""
ROW, ROWS = f"业务线  等候  {MARK}", 4


class Bare(App[None]):
    """One of the three."""

    CSS = """
    Screen > Static { height: 1; }
    #now { width: 1fr; }
    #calls { width: 24; }
    Vertical > Static { height: 1; }
    #big { height: 5; }
    """

    def __init__(self, desk: str) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Heading, what has to be said, the desk's own part, keys."""
        yield _text("青禾县政务服务中心")
        yield _text("")
        if self._desk == "wall":
            yield from _wall()
            return
        yield Horizontal(_text(""))
        yield from _guide() if self._desk == "guide" else _counter()
        yield _text("F1 帮助  Ctrl+P 命令")


def _wall() -> Iterable[Widget]:
    called = Vertical(_text("A001", id="big"), _text("请 A001 号到 1 号窗口办理"), id="now")
    yield Horizontal(called, _board(id="calls"))
    yield from (_board(), _board(), _board())


def _guide() -> Iterable[Widget]:
    yield Input(compact=True)
    lists = Vertical(_panel(), _panel(), _panel(), _panel())
    yield Horizontal(_list(), VerticalScroll(_text("社会保险")), lists)


def _counter() -> Iterable[Widget]:
    yield _text("")
    in_hand = [_text("社保一窗"), _text("今日办结"), _text("A001", id="big"), *map(_text, ("已呼叫", "", ""))]
    yield Horizontal(Vertical(*in_hand, _panel(), _panel()), Vertical(_panel(), _panel()))


def _panel() -> Widget:
    return Vertical(_text("业务线"), _list())


def _text(text: str, id: str | None = None) -> Static:  # noqa: A002 - Textual's own name for it
    return Static(text, markup=False, id=id)


def _board(id: str | None = None) -> Lines:  # noqa: A002 - Textual's own name for it
    board = Lines(id=id)
    board.texts = (ROW,) * ROWS
    return board


def _list() -> ScrolledLines:
    rows = ScrolledLines()
    rows.strips = (Strip([Segment(ROW)]),) * ROWS
    return rows


if __name__ == "__main__":
    Bare(sys.argv[1]).run()
