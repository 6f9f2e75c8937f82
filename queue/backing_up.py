"""A hall's backup, and the hall made of it again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from jiaohao.queue.clock import Clock, SystemClock
from jiaohao.queue.setup import Place, open_place
from jiaohao.store.opening import open_store


def backup(place: Place, target: Path, *, replace: bool = False) -> None:
    """Write a whole, consistent copy of a hall to one file while it is in use. Raises Fault, OSError."""
    from jiaohao.store import backups  # noqa: PLC0415 - only these commands pay for it

    backups.backup(open_place(place).store, target.absolute(), replace=replace)


def restore(place: Place, source: Path, clock: Clock | None = None, *, replace: bool = False) -> str | None:
    """Make a hall what a backup says, on either store. Raises Fault, with nothing changed.

    Gives the file or schema, named after the instant in UTC, in which what was there before is kept; None
    where nothing was.
    """
    from jiaohao.store import backups  # noqa: PLC0415 - only these commands pay for it

    now = datetime.fromtimestamp((clock or SystemClock()).now_ms() / 1000, UTC)
    store = open_store(place.url, place.schema, create=True)
    try:
        return backups.restore(source.absolute(), store, f"{now:%Y%m%d_%H%M%S}", replace=replace)
    finally:
        store.close()
