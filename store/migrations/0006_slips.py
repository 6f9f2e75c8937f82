"""The slips that a printer owes: what is printed of each is read from its ticket when its turn comes."""

from __future__ import annotations

from typing import Any

_TABLES = """
CREATE TABLE slips(
  id {id}, ticket {big} NOT NULL REFERENCES tickets(id), service_day TEXT NOT NULL, again INTEGER NOT NULL,
  created_ms {big} NOT NULL, attempts INTEGER NOT NULL, claimed_ms {big}, printed_ms {big}, failed_ms {big},
  error TEXT);
CREATE INDEX slips_of_day ON slips(service_day, printed_ms, id)
"""
_WORDS = {
    "APSWDatabase": {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "big": "INTEGER"},
    "": {"id": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "big": "BIGINT"},
}


def up(migrator: Any, db: Any) -> None:
    """Lay the table; numbers issued before have no slip in it."""
    words = _WORDS.get(type(db).__name__, _WORDS[""])
    for statement in _TABLES.format(**words).split(";"):
        db.execute_sql(statement)
