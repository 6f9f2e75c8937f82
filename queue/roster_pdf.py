"""The roster to hang up: A4 across, a page for each day (AB-3)."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.colors import black
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Table, TableStyle

from jiaohao.queue import pdf, roster_text
from jiaohao.queue.language import gettext as _
from jiaohao.queue.pdf import HEAD, SMALL, text
from jiaohao.queue.roster import DayRoster
from jiaohao.queue.site import Directory

_WIDTHS = [46 * mm, *[32 * mm] * 5, 26 * mm, 41 * mm]
_STYLE = [
    ("GRID", (0, 0), (-1, -1), 0.5, black),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    # Thirty windows fit on one page.
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def write(path: Path, directory: Directory, days: tuple[DayRoster, ...]) -> None:
    """Write the roster of some days to a file. Raises OSError."""
    title, parts = _("Roster"), list[Flowable]()
    for one in days:
        parts += [
            text(f"{directory.hall.name} {title}   {roster_text.day_title(one)}", HEAD),
            text(_("Names in brackets are on leave."), SMALL),
            _table(directory, one),
            PageBreak(),
        ]
    pdf.write(path, parts, title=title, author=directory.hall.name, side_mm=12, is_wide=True)


def _table(directory: Directory, one: DayRoster) -> Table:
    rows = [[text(title, SMALL) for title in roster_text.titles()]]
    rows += [[text(cell, SMALL) for cell in roster_text.cells(directory, window)] for window in one.windows]
    return Table(rows, colWidths=_WIDTHS, repeatRows=1, splitInRow=1, style=TableStyle(_STYLE))
