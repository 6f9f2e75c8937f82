"""A hall's backup, and the hall made of it again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from jiaohao.queue.clock import Clock, SystemClock
from jiaohao.queue.setup import Place, open_place
from jiaohao.queue.site import Site
from jiaohao.store import hall
from jiaohao.store.base import Store
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store


def backup(place: Place, target: Path, *, replace: bool = False) -> None:
    """Write a whole, consistent copy of a hall to one file while it is in use. Raises Fault, OSError."""
    from jiaohao.store import backups  # noqa: PLC0415 - only these commands pay for it

    backups.backup(open_place(place).store, target.absolute(), replace=replace)


def restore(
    place: Place, source: Path, clock: Clock | None = None, *, replace: bool = False, anyway: bool = False
) -> str | None:
    """Make a hall what a backup says, on either store. Raises Fault, with nothing changed.

    A backup of another hall goes only where there is none, and on PostgreSQL, where the schema has the hall's
    code, not there either: other_hall. One that is not what its own journal says, or whose journal was
    changed, is refused unless ``anyway`` is set: backup_unsound (Q-3).

    Gives the file or schema, named after the instant in UTC, in which what was there before is kept; None
    where nothing was.
    """
    from jiaohao.queue import soundness  # noqa: PLC0415 - only these commands pay for it
    from jiaohao.store import backups  # noqa: PLC0415

    clock = clock or SystemClock()
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    code = _code_there(place)

    def examine(copy: Store) -> None:
        soundness.require(Site(copy, clock), code, anyway=anyway)

    store = open_store(place.url, place.schema, create=True)
    try:
        return backups.restore(
            source.absolute(), store, f"{now:%Y%m%d_%H%M%S}", replace=replace, examine=examine
        )
    finally:
        store.close()


def _code_there(place: Place) -> str | None:
    """The code of the hall that is to be restored; None where there is no hall yet."""
    if not place.url.startswith("sqlite:///"):
        return place.schema
    try:
        store = open_store(place.url, place.schema)
        try:
            return store.read(hall.code)
        finally:
            store.close()
    except Fault as fault:
        if fault.code == "store_damaged":
            return place.schema or None
        if fault.code == "not_initialised":
            return None
        raise
