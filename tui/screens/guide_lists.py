"""The floor as the guide has it beside the work: lines, missed numbers, absent windows, all windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.floor import Floor, WindowView
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Directory
from jiaohao.queue.words import state_word
from jiaohao.store.values import Hall, Ticket
from jiaohao.tui import phrases
from jiaohao.tui.widgets.rows import Column, RowData, Rows
from jiaohao.tui.widgets.words import Words

if TYPE_CHECKING:
    from jiaohao.tui.screens.dialogs import Choice


class Panel(Vertical):
    """A titled list."""

    def __init__(self, name: str, columns: tuple[Column, ...], empty: str) -> None:
        """Name it; ``empty`` stands there when nothing does."""
        super().__init__(id=f"panel-{name}", classes="panel")
        self._columns = columns
        self._empty = empty

    def compose(self) -> ComposeResult:
        """Title and list."""
        yield Words(classes="panel-title")
        yield Rows(self._columns, empty=self._empty)

    def show(self, title: str, rows: list[RowData]) -> None:
        """Show what there is now."""
        self.query_one(".panel-title", Words).update(Content(title))
        self.query_one(Rows).show(rows)


def fitting(
    key: str, title: str, least: int, align: Literal["left", "right"] = "left", texts: Iterable[str] = ()
) -> Column:
    """A column of ``least`` cells, or as wide as its title and these texts in the language in force."""
    return Column(key, title, max([least, *map(cell_len, (title, *texts))]), align)


def lines_panel() -> Panel:
    """Every line: who waits, since when, how long still."""
    columns = (
        Column("line", _("Line")),
        fitting("waiting", _("Waiting"), 4, "right"),
        fitting("longest", _("Longest"), 7, "right"),
        fitting("expected", _("Expected"), 7, "right", [_("nobody")]),
    )
    return Panel("lines", columns, "")


def missed_panel() -> Panel:
    """Numbers that were missed and can be queued again."""
    return Panel(
        "missed", (fitting("number", _("Number"), 5), Column("what", _("For"))), _("No missed numbers.")
    )


def absent_panel() -> Panel:
    """Windows at which nobody sits though the hall is open, two lines each (AB-6)."""
    return Panel("absent", (Column("window", ""),), _("No window is empty."))


def windows_panel() -> Panel:
    """Every window and what it is doing."""
    columns = (
        Column("window", _("Window")),
        fitting("lines", _("Lines"), 5),
        fitting("state", _("State"), 7),
        fitting("ticket", _("Number"), 5),
    )
    return Panel("windows", columns, "")


def line_rows(floor: Floor) -> list[RowData]:
    """For the lines' panel."""
    return [
        RowData(
            line.code,
            (
                f"{line.code} {clean(line.name)}",
                str(line.waiting),
                phrases.wait(line.longest_wait_s),
                phrases.wait(line.expected_wait_s) if line.windows_open else _("nobody"),
            ),
            "" if line.windows_open else "absent",
        )
        for line in floor.lines
    ]


def missed_rows(directory: Directory, floor: Floor) -> list[RowData]:
    """For the missed numbers' panel."""
    return [RowData(str(t.id), (t.number, phrases.matter_name(directory, t))) for t in floor.missed]


def absent_rows(hall: Hall, floor: Floor) -> list[RowData]:
    """For the absent windows' panel: since and until when; then where to go, who is stuck, who covers."""
    return [row for view in floor.absent for row in _absent_lines(hall, floor, view)]


def _absent_lines(hall: Hall, floor: Floor, view: WindowView) -> tuple[RowData, RowData]:
    def time(instant_ms: int | None) -> str:
        return "-" if instant_ms is None else local(instant_ms, hall.timezone).strftime("%H:%M")

    since = _("since {time}").format(time=time(view.absent_since_ms))
    back = _("back {time}").format(time=time(view.back_ms)) if view.back_ms else ""
    stuck = len(floor.only_at(view.code))
    second = [
        _("go to {codes}").format(codes=phrases.codes(view.go_to)) if view.go_to else "",
        _("only here: {count}").format(count=stuck) if stuck else "",
        phrases.cover(view),
    ]
    # Blanks between the parts would be folded into one: a cell shows one line of clean text.
    first = " ".join(part for part in (f"! {_window(view)}", since, back) if part)
    below = "> " + "; ".join(part for part in second if part)
    return RowData(view.code, (first,), "absent"), RowData(f"{view.code}+", (below,), "dim")


def window_rows(directory: Directory, floor: Floor) -> list[RowData]:
    """For the windows' panel, with who sits there."""
    return [
        RowData(
            view.code,
            (
                _window_and_who(directory, view),
                phrases.codes(view.lines),
                state_word(view.state),
                view.ticket.number if view.ticket else "",
            ),
            view.state,
        )
        for view in floor.windows
    ]


def windows_title(floor: Floor) -> str:
    """For the windows' panel: how many of them are open."""
    manned = sum(1 for view in floor.windows if view.is_manned)
    return _("Windows: {manned} of {count} open").format(manned=manned, count=len(floor.windows))


def _window_and_who(directory: Directory, view: WindowView) -> str:
    person = directory.staff.get(view.staff or "")
    return f"{_window(view)} {clean(person.name)}" if person else _window(view)


def _window(view: WindowView) -> str:
    return f"{clean(view.code)} {clean(view.name)}"


def at_windows(floor: Floor) -> list[Ticket]:
    """The tickets called or in service, which can be transferred."""
    return [view.ticket for view in floor.windows if view.ticket is not None]


def ticket_choices(directory: Directory, tickets: list[Ticket]) -> list[Choice]:
    """Tickets to pick from: number, state, what for."""
    from jiaohao.tui.screens.dialogs import Choice  # noqa: PLC0415 - a wall has no dialogs

    return [
        Choice(
            t.number,
            (t.number, state_word(t.state), clean(t.window or ""), phrases.matter_name(directory, t)),
        )
        for t in tickets
    ]


def ticket_columns() -> tuple[Column, ...]:
    """The columns of ``ticket_choices``."""
    return (
        fitting("number", _("Number"), 5),
        fitting("state", _("State"), 9),
        fitting("window", _("Window"), 4),
        Column("what", _("For")),
    )


def target_choices(floor: Floor, served: frozenset[str]) -> list[Choice]:
    """Where a ticket can be sent: lines that some window serves, then windows, each with its state."""
    from jiaohao.tui.screens.dialogs import Choice  # noqa: PLC0415 - a wall has no dialogs

    lines = [
        Choice(
            f"line:{line.code}",
            (_("line"), line.code, clean(line.name), _("{count} waiting").format(count=line.waiting)),
        )
        for line in floor.lines
        if line.code in served
    ]
    windows = [
        Choice(
            f"window:{view.code}", (_("window"), clean(view.code), clean(view.name), state_word(view.state))
        )
        for view in floor.windows
    ]
    return lines + windows


def target_columns() -> tuple[Column, ...]:
    """The columns of ``target_choices``."""
    return (
        Column("sort", "", 7),
        Column("code", "", 5),
        Column("name", _("To")),
        Column("state", "", 12),
    )
