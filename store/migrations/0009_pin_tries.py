"""How often a member of staff's PIN was tried in vain, and when it may be tried again."""

from __future__ import annotations

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Add the table; a row goes with the first right PIN."""
    db.execute_sql(
        "CREATE TABLE pin_tries(staff TEXT PRIMARY KEY REFERENCES staff(no), tries INTEGER NOT NULL, "
        "not_before_ms BIGINT NOT NULL, is_told INTEGER NOT NULL)"
    )
