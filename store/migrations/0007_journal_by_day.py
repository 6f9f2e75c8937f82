"""The journal of one day is found by an index, however many days there are."""

from __future__ import annotations

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Add the index; its second column is the order in which a day is read."""
    db.execute_sql("CREATE INDEX journal_of_day ON journal(service_day, id)")
