"""The one-time notice on A4, with the Chinese font that every reader of PDF brings along (ON-3)."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import textsplit
from reportlab.lib.colors import black, lightgrey
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from jiaohao.queue.language import gettext as _
from jiaohao.queue.notice_text import Sheet

# What no Chinese line begins with, beside what the library knows of Japanese.
textsplit.ALL_CANNOT_START += "，；：？！》〉”’…—·"

_FONT = "STSong-Light"
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=11, leading=18, wordWrap="CJK")
_HEAD = ParagraphStyle("head", parent=_BODY, fontSize=14, leading=22, alignment=TA_CENTER)
_TITLE = ParagraphStyle("title", parent=_HEAD, fontSize=20, leading=32)
_LABEL_WIDTH, _WIDTH = 34 * mm, 160 * mm


def write(path: Path, sheet: Sheet) -> None:
    """Write a notice to a file. Raises OSError."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    parts: list[Flowable] = [
        _text(sheet.hall, _HEAD), _text(sheet.title, _TITLE), _text(sheet.serial, _HEAD), Spacer(1, 6 * mm),
        _facts(sheet.facts),
    ]  # fmt: skip
    if sheet.missing:
        parts += [Spacer(1, 4 * mm), _text(_("Still to be brought:")), _list(sheet)]
    parts += [Spacer(1, 6 * mm), _facts(sheet.closing), Spacer(1, 12 * mm)]
    parts.append(_text(_("Received by (signature): ____________________")))
    with path.open("wb") as file:
        SimpleDocTemplate(
            file, pagesize=A4, leftMargin=25 * mm, rightMargin=25 * mm, topMargin=25 * mm,
            bottomMargin=20 * mm, title=f"{sheet.title} {sheet.serial}", author=sheet.hall, invariant=1,
        ).build(parts)  # fmt: skip


def _text(text: str, style: ParagraphStyle = _BODY) -> Paragraph:
    return Paragraph(escape(text), style)


def _facts(facts: tuple[tuple[str, str], ...]) -> Table:
    rows = [[_text(label), _text(fact)] for label, fact in facts]
    table = Table(rows, colWidths=[_LABEL_WIDTH, _WIDTH - _LABEL_WIDTH])
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.3, lightgrey)])
    )
    return table


def _list(sheet: Sheet) -> Table:
    titles = ["", _("Material"), _("Form"), _("Copies"), _("Issued by")]
    rows = [[_text(title) for title in titles]]
    rows += [[_text(cell) for cell in (str(n), *cells)] for n, cells in enumerate(sheet.missing, 1)]
    table = Table(rows, colWidths=[10 * mm, 62 * mm, 26 * mm, 24 * mm, 38 * mm], repeatRows=1)
    table.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    )
    return table
