"""The roster on the screen: today and the next ten working days, what is missing first (AB-3)."""

from __future__ import annotations

from pathlib import Path

from jiaohao.queue import roster_text
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.roster import EMPTY, POSTS, DayRoster, WindowRoster, read_rosters
from jiaohao.queue.site import Directory
from jiaohao.queue.words import post_word
from jiaohao.store.values import Staff
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Pick
from jiaohao.tui.screens.files import write_files
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.widgets.rows import Column, RowData, fit

_POST_WIDTH = 22


def ask_roster(desk: Desk) -> None:
    """Show who is where; Enter shows a window's whole chain, F2 prints."""

    def show(days: tuple[DayRoster, ...]) -> None:
        found = [(one, window) for one in days for window in one.windows]
        found.sort(key=lambda pair: not pair[1].gaps)
        by_key = {f"{one.day} {window.window}": (one, window) for one, window in found}
        rows = [
            RowData(key, _cells(desk.site.directory, *pair), _style(pair[1])) for key, pair in by_key.items()
        ]
        columns = (
            Column("mark", "", 1), Column("day", _("Day"), 10), Column("window", _("Window"), 16),
            fitting("first", _("First"), 8), Column("gaps", _("To be looked into")),
        )  # fmt: skip

        def picked(key: str | None) -> None:
            if key == F2:
                print_roster(desk, days)
            elif key is not None:
                one, window = by_key[key]
                title = f"{roster_text.day_title(one)}  {_window(desk.site.directory, window)}"
                desk.app.push_screen(TextPage(title, _whole(desk.site.directory, window)))

        gaps = sum(1 for _day, window in found if window.gaps)
        title = _("Roster of {days} working days, to be looked into: {count}").format(
            days=len(days), count=gaps
        )
        heading = "   ".join(filter(None, [title, roster_text.unknown_text(days)]))
        page = TablePage(heading, columns, rows, keys=_("Enter: whole chain"), f2=_("F2: PDF"))
        desk.app.push_screen(page, picked)

    desk.do(read_rosters, show)


def _window(directory: Directory, one: WindowRoster) -> str:
    window = directory.windows.get(one.window)
    return clean(f"{one.window} {window.name if window else ''}")


def _cells(directory: Directory, day: DayRoster, one: WindowRoster) -> tuple[str, ...]:
    return (
        roster_text.MARK if one.gaps else "",
        roster_text.day_text(day.day)[len("YYYY-") :],
        _window(directory, one),
        roster_text.name_of(directory, one.first.staff) if one.first else "-",
        roster_text.gap_text(one, is_short=True),
    )


def _style(one: WindowRoster) -> str:
    if EMPTY in one.gaps:
        return "absent"
    return "warning" if one.gaps else ""


def _whole(directory: Directory, one: WindowRoster) -> str:
    lines = []
    for post in POSTS:
        held = [holder for holder in one.holders if holder.post == post]
        who = [
            person_text(directory, holder.staff) + ("" if holder.available else "   " + _("on leave"))
            for holder in held
        ]
        lines += [fit(post_word(post), _POST_WIDTH) + text for text in who or ["-"]]
    gaps = roster_text.gap_text(one)
    return "\n".join([*lines, *(["", f"{roster_text.MARK} {gaps}"] if gaps else [])])


def person_text(directory: Directory, no: str) -> str:
    """A member of staff by name and number; by the number alone when they are no longer there."""
    return f"{roster_text.name_of(directory, no)} {no}" if no in directory.staff else no


def print_roster(desk: Desk, days: tuple[DayRoster, ...]) -> None:
    """Write the roster to a file for printing."""
    file = Path(f"jiaohao-roster-{desk.site.today()}.pdf")

    def write() -> None:
        from jiaohao.queue import roster_pdf  # noqa: PLC0415 - only who prints pays for it

        roster_pdf.write(file, desk.site.directory, days)

    write_files(desk, [file], write)


def staff_pick(title: str, people: tuple[Staff, ...], *, typed: bool = True, empty: str = "") -> Pick:
    """The question which one of some people; gives their number."""
    columns = (Column("no", "", 8), Column("name", _("Who")))
    choices = [Choice(one.no, (one.no, clean(one.name))) for one in people]
    return Pick(title, columns, choices, typed=typed, empty=empty)
