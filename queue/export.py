"""Tables for other programs: CSV and xlsx in which nothing that people typed is taken for a formula."""

from __future__ import annotations

import csv
from pathlib import Path

Table = list[list[str | int]]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str | int) -> str | int:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write(path: Path, rows: Table) -> None:
    """Write a table as xlsx or, by any other name, as CSV with its Chinese readable. Raises OSError."""
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, rows)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)


def _write_xlsx(path: Path, rows: Table) -> None:
    import xlsxwriter  # noqa: PLC0415 - only who exports pays for it

    with (
        path.open("wb") as file,
        xlsxwriter.Workbook(
            file, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        ) as book,
    ):
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row, bold if place == 0 else None)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
