"""Tables and sheets that a desk writes into files of the folder in which it was started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from jiaohao.queue import export
from jiaohao.queue.language import gettext as _
from jiaohao.tui.screens.desk import Desk


def write_table(
    desk: Desk, name: str, table: export.Table, also: Mapping[str, export.Table] | None = None
) -> None:
    """Write a table as CSV and as xlsx, there with further sheets, and say where or why not."""
    files = [Path(f"jiaohao-{name}.{ending}") for ending in ("csv", "xlsx")]

    def write() -> None:
        for file in files:
            export.write(file, table, also)

    write_files(desk, files, write)


def write_files(desk: Desk, files: list[Path], write: Callable[[], None]) -> None:
    """Run what writes some files, and say at the desk which, or why not."""
    try:
        write()
    except OSError as error:
        desk.say(_("The file could not be written: {error}").format(error=error.strerror), kind="fault")
        return
    desk.say(_("Written: {file}").format(file=", ".join(map(str, files))))
