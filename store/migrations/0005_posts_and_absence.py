"""Posts with their dates, absences and who was asked to cover, and the registers of the window staff."""

from __future__ import annotations

from typing import Any

_TABLES = """
CREATE TABLE post_terms(
  id {id}, window_code TEXT NOT NULL REFERENCES windows(code), post TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), from_day TEXT NOT NULL, to_day TEXT);
CREATE UNIQUE INDEX post_terms_now ON post_terms(window_code, post, staff) WHERE to_day IS NULL;
ALTER TABLE seats ADD COLUMN beat_ms {big};
UPDATE seats SET reason = NULL;
CREATE TABLE absences(
  id {id}, service_day TEXT NOT NULL, window_code TEXT NOT NULL REFERENCES windows(code),
  staff TEXT NOT NULL REFERENCES staff(no), post TEXT NOT NULL, reason TEXT NOT NULL,
  approved_by TEXT REFERENCES staff(no), from_ms {big} NOT NULL, back_ms {big}, to_ms {big},
  handover TEXT, handback TEXT);
CREATE INDEX absences_of_day ON absences(service_day, id);
CREATE UNIQUE INDEX absences_open ON absences(window_code, staff) WHERE to_ms IS NULL;
CREATE TABLE attempts(
  id {id}, absence {big} NOT NULL REFERENCES absences(id), place INTEGER NOT NULL, post TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), at_ms {big} NOT NULL, answer TEXT, answered_ms {big},
  UNIQUE (absence, place));
CREATE TABLE leaves(
  id {id}, staff TEXT NOT NULL REFERENCES staff(no), from_day TEXT NOT NULL, to_day TEXT NOT NULL,
  reason TEXT NOT NULL, approved_by TEXT NOT NULL REFERENCES staff(no), planned_ms {big} NOT NULL,
  cancelled_ms {big});
CREATE INDEX leaves_by_days ON leaves(to_day, from_day);
CREATE TABLE consents(
  id {id}, staff TEXT NOT NULL REFERENCES staff(no), window_code TEXT NOT NULL REFERENCES windows(code),
  side TEXT NOT NULL, given_by TEXT NOT NULL REFERENCES staff(no), from_day TEXT NOT NULL,
  until_day TEXT NOT NULL, given_ms {big} NOT NULL, withdrawn_ms {big});
CREATE INDEX consents_of ON consents(window_code, staff);
CREATE TABLE adjustments(
  id {id}, window_code TEXT NOT NULL REFERENCES windows(code), post TEXT NOT NULL,
  leaving TEXT REFERENCES staff(no), entering TEXT NOT NULL REFERENCES staff(no),
  consent TEXT REFERENCES staff(no), why TEXT, requested_day TEXT NOT NULL,
  state TEXT NOT NULL, probation_until TEXT);
CREATE TABLE adjustment_steps(
  id {id}, adjustment {big} NOT NULL REFERENCES adjustments(id), step TEXT NOT NULL, at_ms {big} NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), note TEXT, UNIQUE (adjustment, step));
CREATE TABLE meetings(
  id {id}, day TEXT NOT NULL, from_min INTEGER NOT NULL, to_min INTEGER NOT NULL, about TEXT,
  planned_by TEXT NOT NULL REFERENCES staff(no), planned_ms {big} NOT NULL, held_ms {big}, minutes TEXT);
CREATE INDEX meetings_by_day ON meetings(day, id);
CREATE TABLE meeting_people(
  meeting {big} NOT NULL REFERENCES meetings(id), staff TEXT NOT NULL REFERENCES staff(no),
  expected INTEGER NOT NULL, attended INTEGER, PRIMARY KEY (meeting, staff));
CREATE TABLE marks(
  id {id}, staff TEXT NOT NULL REFERENCES staff(no), kind TEXT NOT NULL, day TEXT NOT NULL,
  given_by TEXT NOT NULL REFERENCES staff(no), at_ms {big} NOT NULL, note TEXT);
CREATE INDEX marks_of_staff ON marks(staff, kind)
"""
_WORDS = {
    "APSWDatabase": {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "big": "INTEGER"},
    "": {"id": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "big": "BIGINT"},
}


def up(migrator: Any, db: Any) -> None:
    """Lay the tables; why somebody left a window stands from now on with the absence, not with the seat."""
    words = _WORDS.get(type(db).__name__, _WORDS[""])
    for statement in _TABLES.format(**words).split(";"):
        db.execute_sql(statement)
