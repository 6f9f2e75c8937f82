"""Tables for other programs: CSV and xlsx in which nothing that people typed is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Row = Sequence[str | int]
Table = list[list[str | int]]

_COLUMNS, _WIDTH = 25, 18
"""How many columns of a long table are as wide as so many characters."""
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
    else:
        _write_csv(path, rows)


def write_long(path: Path, rows: Iterable[Row], *, is_xlsx: bool) -> None:
    """Write a table of any length like ``write``, a row at a time: it is never held whole. Raises OSError."""
    if is_xlsx:
        _write_xlsx(path, [(None, rows)], is_long=True)
    else:
        _write_csv(path, rows)


def _write_csv(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)


def _write_xlsx(
    path: Path, sheets: Sequence[tuple[str | None, Iterable[Row]]], *, is_long: bool = False
) -> None:
    import xlsxwriter  # noqa: PLC0415 - only who exports pays for it

    how = {"constant_memory": True} if is_long else {"in_memory": True}
    with (
        path.open("wb") as file,
        xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False, **how}) as book,
    ):
        bold = book.add_format({"bold": True})
        for title, rows in sheets:
            sheet = book.add_worksheet(title)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row, bold if place == 0 else None)
            sheet.freeze_panes(1, 0)
            if is_long:
                sheet.set_column(0, _COLUMNS, _WIDTH)  # what has been written can no longer be measured
            else:
                sheet.autofit()
