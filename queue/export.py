"""Tables for other programs: CSV and xlsx in which nothing that people typed is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Table = list[list[str | int]]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str | int) -> str | int:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write(path: Path, rows: Table, also: Mapping[str, Table] | None = None) -> None:
    """Write a table as xlsx or, by any other name, as CSV with its Chinese readable. Raises OSError.

    ``also`` are further tables by their titles, each a sheet of its own; a CSV has no room for them.
    """
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, [(None, rows), *(also or {}).items()])
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)


def _write_xlsx(path: Path, sheets: Sequence[tuple[str | None, Table]]) -> None:
    import xlsxwriter  # noqa: PLC0415 - only who exports pays for it

    with (
        path.open("wb") as file,
        xlsxwriter.Workbook(
            file, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        ) as book,
    ):
        bold = book.add_format({"bold": True})
        for title, rows in sheets:
            sheet = book.add_worksheet(title)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row, bold if place == 0 else None)
            sheet.freeze_panes(1, 0)
            sheet.autofit()
