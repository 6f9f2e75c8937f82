"""One-time notices 一次性告知书, complaint files, and what people wrote, apart from the journal."""

from __future__ import annotations

from typing import Any

_TABLES = """
CREATE TABLE notices(
  id {id}, serial TEXT NOT NULL UNIQUE, service_day TEXT NOT NULL, kind TEXT NOT NULL, form TEXT NOT NULL,
  ticket {big} REFERENCES tickets(id), enquiry {big} REFERENCES enquiries(id),
  matter TEXT REFERENCES matters(code), missing TEXT NOT NULL, basis TEXT, reason TEXT,
  issued_ms {big} NOT NULL, staff TEXT NOT NULL REFERENCES staff(no),
  window_code TEXT REFERENCES windows(code), owner TEXT REFERENCES staff(no), answered_ms {big}, answer TEXT);
CREATE INDEX notices_of_ticket ON notices(ticket);
CREATE INDEX notices_of_enquiry ON notices(enquiry);
CREATE INDEX notices_owed ON notices(owner, id) WHERE owner IS NOT NULL AND answered_ms IS NULL;
CREATE TABLE notice_numbers(service_day TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE complaints(
  id {id}, enquiry {big} NOT NULL UNIQUE REFERENCES enquiries(id), opened_ms {big} NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE remarks(op TEXT PRIMARY KEY, service_day TEXT NOT NULL, text TEXT NOT NULL);
ALTER TABLE enquiries ADD COLUMN handed_out TEXT;
CREATE INDEX enquiries_of_day ON enquiries(service_day, id);
CREATE INDEX enquiries_of_caller ON enquiries(visitor_phone, matter) WHERE visitor_phone IS NOT NULL;
ALTER TABLE referrals ADD COLUMN to_line TEXT REFERENCES lines(code);
ALTER TABLE referrals ADD COLUMN contacted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN is_bounce INTEGER NOT NULL DEFAULT 0
"""
_WORDS = {
    "APSWDatabase": {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "big": "INTEGER"},
    "": {"id": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "big": "BIGINT"},
}


def up(migrator: Any, db: Any) -> None:
    """Lay the tables and add the columns."""
    words = _WORDS.get(type(db).__name__, _WORDS[""])
    for statement in _TABLES.format(**words).split(";"):
        db.execute_sql(statement)
