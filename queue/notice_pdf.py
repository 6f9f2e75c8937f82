"""The one-time notice on A4 (ON-3)."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.colors import black, lightgrey
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from jiaohao.queue import pdf
from jiaohao.queue.language import gettext as _
from jiaohao.queue.notice_text import Sheet
from jiaohao.queue.pdf import HEAD, TITLE, text

_LABEL_WIDTH, _WIDTH = 34 * mm, 160 * mm


def write(path: Path, sheet: Sheet) -> None:
    """Write a notice to a file. Raises OSError."""
    parts: list[Flowable] = [
        text(sheet.hall, HEAD), text(sheet.title, TITLE), text(sheet.serial, HEAD), Spacer(1, 6 * mm),
        _facts(sheet.facts),
    ]  # fmt: skip
    if sheet.missing:
        parts += [Spacer(1, 4 * mm), text(_("Still to be brought:")), _list(sheet)]
    parts += [Spacer(1, 6 * mm), _facts(sheet.closing), Spacer(1, 12 * mm)]
    parts.append(text(_("Received by (signature): ____________________")))
    pdf.write(path, parts, title=f"{sheet.title} {sheet.serial}", author=sheet.hall, side_mm=25)


def _facts(facts: tuple[tuple[str, str], ...]) -> Table:
    rows = [[text(label), text(fact)] for label, fact in facts]
    table = Table(rows, colWidths=[_LABEL_WIDTH, _WIDTH - _LABEL_WIDTH], splitInRow=1)
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.3, lightgrey)])
    )
    return table


def _list(sheet: Sheet) -> Table:
    titles = ["", _("Material"), _("Form"), _("Copies"), _("Issued by")]
    rows = [[text(title) for title in titles]]
    rows += [[text(cell) for cell in (str(n), *cells)] for n, cells in enumerate(sheet.missing, 1)]
    table = Table(rows, colWidths=[10 * mm, 62 * mm, 26 * mm, 24 * mm, 38 * mm], repeatRows=1, splitInRow=1)
    table.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    )
    return table
