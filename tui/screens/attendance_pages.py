"""Attendance on the screen: a month per person, day by day, and as a map of the windows (DC-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType

from jiaohao.queue import attendance, heat
from jiaohao.queue.attendance import Attendance, Month
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.roster_text import MARK, day_text
from jiaohao.queue.words import leave_word
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.files import write_table
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage
from jiaohao.tui.screens.roster_pages import person_text
from jiaohao.tui.widgets.rows import Column, RowData

_EARLIER = "f3"
_HALF = 16
"""The day with which the second half of a month begins."""


class MonthPage(TablePage):
    """A table of a month, or a part of it; F3 gives that an earlier one is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f3", "earlier", show=False, priority=True)]

    def keys(self) -> str:
        """See Dialog."""
        return _("F3: earlier") + "   " + super().keys()

    def action_earlier(self) -> None:
        """Give that it was pressed."""
        self.dismiss(_EARLIER)


def month_before(month: str) -> str:
    """The month before one, both as YYYY-MM."""
    return (date.fromisoformat(f"{month}-01") - timedelta(days=1)).isoformat()[:7]


def ask_attendance(desk: Desk, month: str | None = None) -> None:
    """Show a month per person, the present one by default; Enter shows their days, F2 writes files."""
    reader = desk.staff
    if reader is None:
        return

    def show(read: Month) -> None:
        rows = [
            RowData(one.staff, (
                person_text(desk.site.directory, one.staff), str(one.days), str(one.late_min),
                str(one.early_min), str(one.gap_min), str(one.at_windows_min), str(one.leave_days),
                f"{MARK} {one.to_look_into}" if one.to_look_into else "",
            ), "warning" if one.to_look_into else "")
            for one in attendance.sums(read.days)
        ]  # fmt: skip
        columns = (
            Column("who", _("Who")), fitting("days", _("Days"), 4, "right"), *_minutes(),
            fitting("leave", _("On leave"), 4, "right"), fitting("look", _("To look into"), 6, "right"),
        )  # fmt: skip

        def picked(key: str | None) -> None:
            if key == F2:
                also = {_("Windows"): heat.table(desk.hall, read.heat)}
                write_table(desk, f"attendance-{read.month}", attendance.table(desk.site, read.days), also)
            elif key == _EARLIER:
                ask_attendance(desk, month_before(read.month))
            elif key is not None:
                _show_days(desk, read.month, [one for one in read.days if one.staff == key])

        title = _("Attendance in {month}, in minutes").format(month=read.month)
        page = MonthPage(
            title, columns, rows, empty=_("Nobody was expected, and nobody came."), keys=_("Enter: the days"),
            f2=_("F2: CSV and xlsx"),
        )  # fmt: skip
        desk.app.push_screen(page, picked)

    desk.do(lambda site: attendance.read_month(site, month, staff=reader.no), show)


def _minutes() -> tuple[Column, ...]:
    return (
        fitting("late", _("Tardy"), 5, "right"), fitting("early", _("Early"), 5, "right"),
        fitting("gaps", _("Gaps"), 5, "right"), fitting("at", _("At work"), 5, "right"),
    )  # fmt: skip


def _show_days(desk: Desk, month: str, days: Sequence[Attendance]) -> None:
    timezone = desk.hall.timezone
    rows = [
        RowData(one.day, (
            day_text(one.day)[len("YYYY-"):], attendance.clock_time(one.first_ms, timezone),
            attendance.clock_time(one.last_ms, timezone), str(one.late_min), str(one.early_min),
            str(one.gap_min), str(one.at_windows_min), _said_of(one),
        ), "warning" if one.is_to_look_into else "")
        for one in days
    ]  # fmt: skip
    columns = (
        Column("day", _("Day"), 10), fitting("first", _("In"), 5), fitting("last", _("Out"), 5),
        *_minutes(), Column("said", ""),
    )  # fmt: skip
    title = f"{person_text(desk.site.directory, days[0].staff)}  {month}"
    desk.app.push_screen(TablePage(title, columns, rows))


def _said_of(one: Attendance) -> str:
    if one.leave is not None:
        return leave_word(one.leave)
    return f"{MARK} " + _("to be looked into") if one.is_to_look_into else ""


def ask_heat(desk: Desk, month: str | None = None, *, second: bool | None = None) -> None:
    """Show how each window was manned, a month on a large screen, on a small one half a month."""
    reader = desk.staff
    if reader is None:
        return

    def show(read: Month) -> None:
        is_second = desk.site.today()[8:] >= f"{_HALF:02d}" if second is None else second
        is_whole = desk.has_class("-wide")
        days = read.heat[0].days if read.heat else ()
        shown = [place for place, day in enumerate(days) if is_whole or (int(day[8:]) >= _HALF) == is_second]
        names = {window.code: window.name for window in desk.hall.windows}
        rows = [
            RowData(row.window, (
                clean(f"{row.window} {names.get(row.window, '')}"),
                *("".join(map(heat.mark, row.parts[place])) for place in shown),
            ))
            for row in read.heat
        ]  # fmt: skip
        columns = (Column("window", _("Window")), *(Column(days[at], days[at][8:], 2) for at in shown))

        def picked(key: str | None) -> None:
            if key == _EARLIER and is_second and not is_whole:
                ask_heat(desk, read.month, second=False)
            elif key == _EARLIER:
                ask_heat(desk, month_before(read.month), second=True)

        title = _("Manned in {month}, half days: F all of it, 0-9 tenths, - not open").format(
            month=read.month
        )
        desk.app.push_screen(MonthPage(title, columns, rows), picked)

    desk.do(lambda site: attendance.read_month(site, month, staff=reader.no), show)
