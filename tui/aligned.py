"""Tables on the command line, aligned by the cells that a terminal gives each character."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str | int]]) -> str:
    """Rows under one another, each column as wide as its widest cell: Chinese takes two, numbers right."""
    from rich.cells import cell_len  # noqa: PLC0415 - only who prints a table pays for it

    if not rows:
        return ""
    widths = [max(cell_len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]

    def cell(value: str | int, width: int) -> str:
        blanks = " " * (width - cell_len(str(value)))
        return f"{blanks}{value}" if isinstance(value, int) else f"{value}{blanks}"

    return "\n".join(
        "  ".join(cell(value, width) for value, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
