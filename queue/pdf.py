"""What all printed sheets have in common: A4, and the Chinese font that every reader of PDF brings along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import textsplit
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

# What no Chinese line begins with, beside what the library knows of Japanese.
textsplit.ALL_CANNOT_START += "，；：？！》〉”’…—·"

_FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))  # before the first paragraph asks for it
BODY = ParagraphStyle("body", fontName=_FONT, fontSize=11, leading=18, wordWrap="CJK")
SMALL = ParagraphStyle("small", parent=BODY, fontSize=9, leading=12)
HEAD = ParagraphStyle("head", parent=BODY, fontSize=14, leading=22, alignment=TA_CENTER)
TITLE = ParagraphStyle("title", parent=HEAD, fontSize=20, leading=32)


def text(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Words as they are, nothing in them taken for markup."""
    return Paragraph(escape(words), style)


def write(
    path: Path, parts: Sequence[Flowable], *, title: str, author: str, side_mm: int, is_wide: bool = False
) -> None:
    """Write a document, ``side_mm`` millimetres free at its sides, upright or wide. Raises OSError."""
    with path.open("wb") as file:
        SimpleDocTemplate(
            file, pagesize=landscape(A4) if is_wide else A4, leftMargin=side_mm * mm,
            rightMargin=side_mm * mm, topMargin=side_mm * mm, bottomMargin=min(side_mm, 20) * mm,
            title=title, author=author, invariant=1,
        ).build(list(parts))  # fmt: skip
