"""Lists, boards and large numbers: cell by cell as a terminal shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import reportlab
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.color import Color
from textual.geometry import Region
from textual.widget import Widget

from driving import rows_of, until
from jiaohao.tui.themes import THEMES
from jiaohao.tui.widgets import glyphs
from jiaohao.tui.widgets.bignumber import BigNumber
from jiaohao.tui.widgets.board import Board
from jiaohao.tui.widgets.rows import Column, RowData, Rows, fit, in_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.strip import Strip

COLUMNS = (Column("code", "Code", 4), Column("name", "Name"), Column("count", "Count", 5, "right"))
A_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
NASTY = "[@click=app.quit]登[/]记\x1b]0;x\x07\u202e[bold"


class Alone(App[None]):
    """An app with one widget and nothing else."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.heard: list[tuple[str, str | None]] = []

    def compose(self) -> ComposeResult:
        """The widget."""
        yield self.widget

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Note it."""
        self.heard.append(("chosen", message.key))

    def on_rows_moved(self, message: Rows.Moved) -> None:
        """Note it."""
        self.heard.append(("moved", message.key))


def many(count: int) -> list[RowData]:
    return [RowData(str(place), (f"{place}", f"综合{place}窗", "7")) for place in range(count)]


def texts(app: App[None]) -> list[str]:
    return [text.rstrip() for text in rows_of(app)]


@pytest.mark.parametrize("text", ["", "a", "社保一窗", "社保x窗", "综合窗口abc", NASTY])
@pytest.mark.parametrize("width", range(12))
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int) -> None:
    for align in ("left", "right"):
        cell = fit(text, width, align)
        assert cell_len(cell) == width
        assert not set(cell) & {"\x1b", "\x07", "\u202e"}


def test_a_cut_is_marked_and_chinese_keeps_the_columns_straight() -> None:
    assert fit("社会保险业务", 8) == "社会保 ~"
    assert in_columns(("1", "社保", "7"), COLUMNS, 20) == "1    社保          7"
    assert in_columns(("1", "abcd", "7"), COLUMNS, 20) == "1    abcd          7"
    assert in_columns(("1", "社保", "7"), COLUMNS, 12) == "1        7"  # no room left to say a name


async def test_one_changed_row_of_many_is_drawn_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(COLUMNS)
    drawn: list[int] = []
    render_line = Rows.render_line

    def noted(self: Rows, y: int) -> Strip:
        drawn.append(y)
        return render_line(self, y)

    app = Alone(rows)
    async with app.run_test(size=(60, 40)) as pilot:
        shown = many(300)
        rows.show(shown)
        await until(pilot, lambda: "综合3窗" in rows_of(app)[4])
        monkeypatch.setattr(Rows, "render_line", noted)
        shown[7] = RowData("7", ("7", "医保", "8"), "called")
        shown[250] = RowData("250", ("250", "not seen", "8"))
        rows.show(shown)
        await until(pilot, lambda: drawn)
        assert set(drawn) == {8}
        assert "医保" in rows_of(app)[8]
        drawn.clear()
        rows.show(list(shown))
        await pilot.pause()
        assert not drawn


async def test_titles_stay_and_rows_scroll() -> None:
    rows = Rows(COLUMNS)
    app = Alone(rows)
    async with app.run_test(size=(40, 6)) as pilot:
        rows.show(many(20))
        await until(pilot, lambda: texts(app)[1].startswith("0"))
        rows.action_move(5)
        await until(pilot, lambda: texts(app)[1].startswith("5"))
        assert texts(app)[0].startswith("Code Name")


async def test_the_cursor_stays_on_its_row_whatever_comes_before_it() -> None:
    rows = Rows(COLUMNS, cursor=True, empty="nothing")
    app = Alone(rows)
    async with app.run_test(size=(40, 8)) as pilot:
        await until(pilot, lambda: "nothing" in texts(app)[1])
        rows.show(many(20))
        await pilot.press("down", "down", "down")
        assert rows.cursor_key == "3"
        rows.show([RowData("new", ("0", "新", "1")), *many(20)])
        assert rows.cursor_key == "3"
        await pilot.press("enter")
        rows.show([row for row in many(20) if row.key != "3"])
        assert rows.cursor_key == "5"
        rows.show([])
        assert rows.cursor_key is None
        await pilot.pause()
    assert app.heard[-3:] == [("chosen", "3"), ("moved", "5"), ("moved", None)]


async def test_the_cursor_is_followed_when_its_row_moves_away() -> None:
    rows = Rows(COLUMNS, cursor=True)
    app = Alone(rows)
    async with app.run_test(size=(40, 8)) as pilot:
        rows.show(many(20))
        rows.show([*many(20)[1:], many(20)[0]])
        await until(pilot, lambda: texts(app)[7].startswith("0 "))


async def test_a_click_chooses_and_a_double_click_chooses_once() -> None:
    rows = Rows(COLUMNS, cursor=True)
    app = Alone(rows)
    async with app.run_test(size=(40, 8)) as pilot:
        rows.show(many(5))
        await pilot.click(rows, offset=(2, 3), times=2)
        await pilot.click(rows, offset=(2, 0))
        await pilot.click(rows, offset=(2, 7))
    assert [heard for heard in app.heard if heard[0] == "chosen"] == [("chosen", "2")]


async def test_names_are_never_obeyed() -> None:
    for widget in (Rows(COLUMNS), Board(COLUMNS, shared=8, easy=30)):
        app = Alone(widget)
        async with app.run_test(size=(60, 8)) as pilot:
            widget.show([RowData("1", ("1", NASTY, NASTY))])
            await until(pilot, lambda app=app: "[@click=app.quit]登[/]记" in texts(app)[1])
            assert not set("".join(texts(app))) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize(("width", "blocks"), [(30, 1), (62, 2), (94, 3), (200, 6)])
async def test_a_board_fills_its_width_with_blocks(width: int, blocks: int) -> None:
    board = Board(COLUMNS, shared=8, easy=30)
    app = Alone(board)
    async with app.run_test(size=(width, 40)) as pilot:
        board.show(many(24))
        await until(pilot, lambda: rows_of(app)[0].count("Code") == blocks)
        assert board.pages == 1
        assert board.size.height == 1 + 24 // blocks
        assert all(cell_len(text) == width for text in rows_of(app))


async def test_a_board_turns_its_pages_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiaohao.tui.widgets.board.PAGE_S", 0.05)
    board = Board(COLUMNS, shared=8, easy=30)
    board.styles.max_height = 6
    app = Alone(board)
    async with app.run_test(size=(41, 10)) as pilot:
        board.show(many(24))
        for page in ("2/3", "3/3", "1/3"):
            await until(pilot, lambda page=page: texts(app)[0].endswith(page))
        seen: set[str] = set()

        def all_were_seen() -> bool:
            seen.update(name for text in texts(app) for name in text.split() if name.startswith("综合"))
            return len(seen) == 24

        await until(pilot, all_were_seen)


@pytest.mark.parametrize(
    ("size", "height"),
    [((10, 3), 1), ((40, 6), 5), ((58, 7), 5), ((88, 8), 7), ((100, 12), 10), ((180, 46), 45)],
)
async def test_a_number_is_as_large_as_its_place_allows(size: tuple[int, int], height: int) -> None:
    big = BigNumber()
    app = Alone(big)
    async with app.run_test(size=size) as pilot:
        big.show("A012", "12")
        await pilot.pause()
        ground = big.rich_style.bgcolor
        lit = [
            y
            for y in range(size[1])
            if any(
                part.text.strip() or part.style.bgcolor != ground for part in big.render_line(y) if part.style
            )
        ]
        assert len(range(lit[0], lit[-1] + 1)) == height
        assert all(big.render_line(y).cell_length == size[0] for y in range(size[1]))


async def test_a_part_of_a_number_is_drawn_and_without_colours_where_there_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    big = BigNumber()
    app = Alone(big)
    async with app.run_test(size=(58, 7)) as pilot:
        big.show("A012", "12")
        await pilot.pause()
        whole = big.render_lines(Region(0, 0, 58, 7))
        part = big.render_lines(Region(20, 2, 9, 3))
        assert part == [line.crop(20, 29) for line in whole[2:5]]
        styles = {segment.style for line in whole for segment in line if segment.style}
        greys = {color.triplet for style in styles if (color := style.bgcolor) and color.triplet}
        assert len(greys) > 1
        assert all(red == green == blue for red, green, blue in greys), greys


@pytest.mark.parametrize("size", [(60, 9), (100, 14)])
async def test_a_number_with_chinese_characters_is_drawn_from_a_font(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(glyphs, "chinese_font", lambda: str(A_FONT))
    glyphs.drawn.cache_clear()
    big = BigNumber()
    app = Alone(big)
    async with app.run_test(size=size) as pilot:
        big.show("甲012", "3")
        blocks = "\N{UPPER HALF BLOCK}\N{LOWER HALF BLOCK}\N{FULL BLOCK}"
        await until(pilot, lambda: any(block in "".join(texts(app)) for block in blocks))
        drawn = [line for line in texts(app) if any(block in line for block in blocks)]
        assert len(drawn) > size[1] // 2
        assert {char for line in texts(app) for char in line} <= {" ", *blocks}
        assert all(cell_len(line) == size[0] for line in rows_of(app))
    glyphs.drawn.cache_clear()


async def test_a_number_without_large_letters_stands_there_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(glyphs, "chinese_font", lambda: None)
    glyphs.drawn.cache_clear()
    big = BigNumber()
    app = Alone(big)
    async with app.run_test(size=(60, 9)) as pilot:
        big.show("甲012", "3")
        await until(pilot, lambda: texts(app)[4] == "甲012 > 3")
        big.show("")
        await until(pilot, lambda: not "".join(texts(app)).strip())


@pytest.mark.parametrize(
    "make", [lambda: Rows(COLUMNS), lambda: Board(COLUMNS, shared=8, easy=20)], ids=["list", "board"]
)
async def test_rows_take_on_another_look(make: Callable[[], Rows | Board]) -> None:
    app = Alone(widget := make())
    async with app.run_test() as pilot:
        for theme in THEMES:
            app.register_theme(theme)
        for theme in THEMES:
            app.theme = theme.name
            await until(pilot, lambda theme=theme: is_drawn_in(widget, theme.error, theme.background))


def is_drawn_in(widget: Rows | Board, colour: str, background: str) -> bool:
    """Whether a row in the style "absent" is drawn in that, but for what a rounding makes of it."""
    style = widget.style_of("absent")
    drawn = [part for of in (style.color, style.bgcolor) for part in Color.from_rich_color(of).rgb]
    wanted = [part for of in (colour, background) for part in Color.parse(of).rgb]
    return all(abs(one - other) <= 1 for one, other in zip(drawn, wanted, strict=True))
