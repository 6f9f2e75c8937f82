"""What does not fit its place on a screen: texts cut, texts without room, widgets beyond their container.

Only what people wrote, a name say, may be cut, with a mark; what the program says never. See ``misfits``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.visual import Visual
from textual.widget import Widget
from textual.widgets import Input, OptionList

from jiaohao.queue.clean import clean
from jiaohao.tui.widgets.bars import Bars
from jiaohao.tui.widgets.bignumber import BigNumber
from jiaohao.tui.widgets.board import Board
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.heading import Heading
from jiaohao.tui.widgets.keybar import KeyBar
from jiaohao.tui.widgets.rows import CUT, GAP, Column, Rows, fit, share
from jiaohao.tui.widgets.scrolled import Page, Scrolled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import App
    from textual.geometry import Region

    from jiaohao.queue.site import Site

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z]+")


def written(site: Site) -> frozenset[str]:
    """What people wrote: all Chinese in the store, also within its JSON. Codes have none, and stay whole."""
    database = site.store.db
    tables = [row[0] for row in database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return frozenset(
        clean(text)
        for table in tables
        for row in database.execute_sql(f'SELECT * FROM "{table}"')  # noqa: S608 - its own tables
        for value in row
        for text in _strings(value)
        if _CHINESE.search(text)
    )


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, str):
        try:
            held = json.loads(value)
        except ValueError:
            held = None
        if isinstance(held, dict | list):
            yield from _strings(held)
        else:
            yield value


def misfits(app: App[Any], names: frozenset[str]) -> list[str]:
    """What does not fit on the screen in front, one sentence each; of ``names`` the ends may be cut."""
    found: list[str] = []
    for widget in app.screen.walk_children(Widget):
        if _is_shown(widget):
            where = f"{type(widget).__name__}{f'#{widget.id}' if widget.id else ''}"
            found += [f"{where}: {what}" for what in (*_beyond(widget), *_unsaid(widget, names))]
    return found


def _is_shown(widget: Widget) -> bool:
    return widget.is_attached and all(
        node.display and node.visible for node in widget.ancestors_with_self if isinstance(node, Widget)
    )


def _beyond(widget: Widget) -> Iterator[str]:
    """Whether part of it lies where nobody can see it, nor scroll to it."""
    region = widget.region
    for parent in widget.ancestors:
        if not isinstance(parent, Widget):
            return
        is_barred = parent.show_vertical_scrollbar and not isinstance(widget, DialogKeys)
        if not _is_within(region, parent.region, is_barred=is_barred):
            yield f"{tuple(region)} is beyond {type(parent).__name__} {tuple(parent.region)}"
            return
        if is_barred:
            return


def _is_within(region: Region, place: Region, *, is_barred: bool) -> bool:
    is_wide = region.x >= place.x and region.right <= place.right
    return is_wide and (is_barred or (region.y >= place.y and region.bottom <= place.bottom))


def _unsaid(widget: Widget, names: frozenset[str]) -> Iterator[str]:
    """What it has to say and does not."""
    for kind, unsaid in _KINDS:
        if isinstance(widget, kind):
            yield from unsaid(widget, names)
            return
    if not widget.is_container and not widget.children:
        yield from _text(widget, names)


def _input(field: Input, _names: frozenset[str]) -> Iterator[str]:
    if not field.value and cell_len(str(field.placeholder)) > field.content_region.width:
        yield f"no room for {str(field.placeholder)!r}"


def _heading(heading: Heading, names: frozenset[str]) -> Iterator[str]:
    said = heading.render().plain
    for text in (heading._desk, heading._hours[1], heading.who):
        if text and text not in said:
            yield f"{text!r} is cut in {said!r}"
    name = clean(heading._site.hall.name)
    if name not in said and CUT not in said:
        yield f"{name!r} is cut without a mark in {said!r}"
    if cell_len(said) > heading.content_region.width:
        yield from _text(heading, names)


def _options(options: OptionList, _names: frozenset[str]) -> Iterator[str]:
    width = options.scrollable_content_region.width - options._get_left_gutter_width()
    for option in options.options:
        yield from _wrapped(options, options._get_visual(option), width, None)


def _big(big: BigNumber, _names: frozenset[str]) -> Iterator[str]:
    if any(CUT in big.render_line(y).text for y in range(big.size.height)):
        yield "no room for the number"


def _page(page: Page, _names: frozenset[str]) -> Iterator[str]:
    if page.virtual_size.height > page.size.height and not page.show_vertical_scrollbar:
        yield "more lines than rows, and no scroll bar"


def _rows(rows: Rows, names: frozenset[str]) -> Iterator[str]:
    width, columns = rows.scrollable_content_region.width, rows._columns
    yield from _page_of(rows)
    if not rows._rows and cell_len(rows._empty) > width:
        yield f"no room for {rows._empty!r}"
    last = [columns[-1]] if isinstance(rows, Bars) else []
    plain = columns[: len(columns) - len(last)]
    yield from _table(plain, [row.cells for row in rows._rows], width, names, is_titled=rows._titled)
    for column in last:
        if cell_len(column.title) > rows.room:
            yield f"the title {column.title!r} is cut"


def _page_of(rows: Scrolled) -> Iterator[str]:
    lines = rows.virtual_size.height
    if lines > rows.size.height and not rows.show_vertical_scrollbar:
        yield f"{lines} lines in {rows.size.height} rows, and no scroll bar"


def _board(board: Board, names: frozenset[str]) -> Iterator[str]:
    wide = (board.size.width + 2) // board._blocks - 2
    yield from _table(board._columns, [row.cells for row in board._rows], wide, names, is_titled=board._head)
    if board.pages > 1 and board._head:
        titles = "".join(part.text for part in board._titles(board._blocks, wide))
        if not titles.endswith(
            " " * (len(f" {board.page + 1}/{board.pages}") - (board.size.width - len(titles)))
        ):
            yield f"the page stands over {titles!r}"


def _table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    width: int,
    names: frozenset[str],
    *,
    is_titled: object,
) -> Iterator[str]:
    widths = share(columns, width)
    shown = [size for column, size in zip(columns, widths, strict=True) if not column.is_left_out(size)]
    if sum(shown) + len(GAP) * (len(shown) - 1) > width:
        yield f"columns of {widths} in {width} cells"
    for at, (column, size) in enumerate(zip(columns, widths, strict=True)):
        if column.is_left_out(size):
            # What nobody gave a title to may be.
            if column.title:
                yield f"the column {column.title!r} is left out"
            continue
        if is_titled and cell_len(column.title) > size:
            yield f"the title {column.title!r} is cut to {fit(column.title, size)!r}"
        for cell in dict.fromkeys(row[at] for row in rows if at < len(row)):
            if not may_be_cut(cell, size, names):
                yield f"{cell!r} is cut to {fit(cell, size)!r}"


def may_be_cut(text: str, width: int, names: frozenset[str]) -> bool:
    """Whether a text fits, or loses to a mark nothing but the end of what people wrote."""
    text = clean(text)
    if cell_len(text) <= width:
        return True
    kept = len(fit(text, width).removesuffix(CUT).rstrip())
    lost = [True] * len(text)
    for name in names:
        at = text.find(name)
        while at >= 0:
            lost[at : at + len(name)] = [False] * len(name)
            at = text.find(name, at + 1)
    return not any(
        is_ours and not char.isspace() for is_ours, char in list(zip(lost, text, strict=True))[kept:]
    )


def _text(widget: Widget, _names: frozenset[str]) -> Iterator[str]:
    yield from _wrapped(widget, widget._render(), widget.content_region.width, widget.content_region.height)


def _wrapped(widget: Widget, visual: Visual, width: int, height: int | None) -> Iterator[str]:
    text = str(getattr(visual, "plain", visual if isinstance(visual, str) else ""))
    if not text.strip():
        return
    if width <= 0 or height == 0:
        yield f"no room for {text!r}"
        return
    longest = max(map(cell_len, text.split("\n")))
    if widget.styles.text_wrap == "nowrap" and longest > width:
        yield f"{text!r} is cut to {width} cells"
    lines = Visual.to_strips(widget, visual, width, None, widget.visual_style)
    if height is not None and len(lines) > height:
        yield f"{text!r} takes {len(lines)} rows of {width} and has {height}"
    for word in _WORD.findall(text):
        if len(word) > width:
            yield f"the word {word!r} is broken in {width} cells"


_KINDS: tuple[tuple[type[Widget], Callable[[Any, frozenset[str]], Iterator[str]]], ...] = (
    (Input, _input),
    (Heading, _heading),
    (KeyBar, _text),
    (OptionList, _options),
    (BigNumber, _big),
    (Page, _page),
    (Rows, _rows),
    (Board, _board),
)
