"""That each text fits its place: the finder finds a text that is cut on purpose, and lets names be cut."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Input, Static

from fitting import may_be_cut, misfits
from jiaohao.tui.widgets.board import Board
from jiaohao.tui.widgets.rows import Column, RowData, Rows

NAMES = frozenset({"社会保险业务大厅"})


class Alone(App[None]):
    """An app with one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        """The widget."""
        yield self.widget


async def found(widget: Widget, *rows: str) -> list[str]:
    app = Alone(widget)
    async with app.run_test(size=(80, 24)) as pilot:
        if isinstance(widget, Rows | Board):
            widget.show([RowData(str(at), (text,)) for at, text in enumerate(rows)])
        await pilot.pause()
        return misfits(app, NAMES)


def styled(widget: Widget, **styles: object) -> Widget:
    for name, value in styles.items():
        setattr(widget.styles, name, value)
    return widget


async def test_a_text_without_room_is_found() -> None:
    assert await found(styled(Static("two words"), width=5, height=1))
    assert await found(styled(Static("longword"), width=5))
    assert await found(styled(Static("wide"), width=90))
    assert await found(styled(Input(placeholder="type to narrow"), width=10))
    assert not await found(styled(Static("two words"), width=5, height=2))


async def test_a_title_or_a_cell_of_ours_that_is_cut_is_found() -> None:
    assert await found(Rows((Column("state", "Waiting", 4),)))
    assert await found(Rows((Column("state", "", 6),)), "105 minutes")
    assert await found(Board((Column("state", "", 6),), shared=0, easy=6), "105 minutes")
    assert not await found(Rows((Column("state", "", 8),)), "社会保险业务大厅")


async def test_a_column_that_is_left_out_takes_no_room_and_only_one_without_a_title_may_be() -> None:
    async def beside(title: str) -> list[str]:
        columns = (Column("state", "", 6), Column("name", title, least=8))
        return await found(styled(Rows(columns), width=7), "105m")

    assert not await beside("")
    assert await beside("Name")


def test_only_the_end_of_what_people_wrote_may_be_cut() -> None:
    assert may_be_cut("1 社会保险业务大厅", 10, NAMES)
    assert not may_be_cut("社会保险业务大厅 A", 10, NAMES)
    assert not may_be_cut("open until 17:00", 10, NAMES)
