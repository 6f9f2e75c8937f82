"""The hall, its tickets, calls, seats and the journal."""

from typing import Any

# {id} and {big} are what each database calls a growing key and a 64-bit number.
_TABLES = """
CREATE TABLE hall(
  id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  timezone TEXT NOT NULL, language TEXT NOT NULL, settings TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE departments(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE lines(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE windows(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  department TEXT REFERENCES departments(code), retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE window_lines(
  window_code TEXT NOT NULL REFERENCES windows(code), line TEXT NOT NULL REFERENCES lines(code),
  place INTEGER NOT NULL, flex INTEGER NOT NULL, retired INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (window_code, line));
CREATE TABLE matters(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL,
  line TEXT NOT NULL REFERENCES lines(code), department TEXT REFERENCES departments(code),
  materials TEXT NOT NULL, steps TEXT NOT NULL,
  limit_days INTEGER NOT NULL, fee TEXT NOT NULL, basis TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE staff(
  no TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL,
  department TEXT REFERENCES departments(code), role TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE pins(
  staff TEXT PRIMARY KEY REFERENCES staff(no), hash TEXT NOT NULL);
CREATE TABLE posts(
  window_code TEXT NOT NULL REFERENCES windows(code), post TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), place INTEGER NOT NULL, retired INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (window_code, post, staff));
CREATE TABLE agencies(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL,
  phone TEXT NOT NULL, hours TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE days(
  service_day TEXT PRIMARY KEY, closed_ms {big} NOT NULL);
CREATE TABLE numbers(
  service_day TEXT NOT NULL, line TEXT NOT NULL REFERENCES lines(code), last INTEGER NOT NULL,
  PRIMARY KEY (service_day, line));
CREATE TABLE tickets(
  id {id}, service_day TEXT NOT NULL, number TEXT NOT NULL, line TEXT NOT NULL REFERENCES lines(code),
  queue TEXT NOT NULL, matter TEXT REFERENCES matters(code), priority TEXT NOT NULL,
  checked_by TEXT REFERENCES staff(no), state TEXT NOT NULL, window_code TEXT REFERENCES windows(code),
  place_ms {big} NOT NULL, calls INTEGER NOT NULL, requeues INTEGER NOT NULL, issued_ms {big} NOT NULL,
  at_window_ms {big}, occupied_ms {big} NOT NULL, ended_ms {big}, kind TEXT, estimate_s INTEGER,
  UNIQUE (service_day, number));
CREATE INDEX tickets_waiting ON tickets(service_day, queue, place_ms, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX tickets_at_window ON tickets(service_day, window_code)
  WHERE state IN ('called', 'serving');
CREATE INDEX tickets_open ON tickets(service_day)
  WHERE state IN ('waiting', 'called', 'serving', 'held', 'missed');
CREATE INDEX tickets_lately ON tickets(ended_ms) WHERE state IN ('finished', 'missed');
CREATE TABLE calls(
  id {id}, service_day TEXT NOT NULL, ticket {big} NOT NULL REFERENCES tickets(id), number TEXT NOT NULL,
  window_code TEXT NOT NULL REFERENCES windows(code), at_ms {big} NOT NULL, times INTEGER NOT NULL);
CREATE INDEX calls_of_day ON calls(service_day, id);
CREATE TABLE seats(
  id {id}, service_day TEXT NOT NULL, window_code TEXT NOT NULL REFERENCES windows(code),
  staff TEXT NOT NULL REFERENCES staff(no), post TEXT NOT NULL, from_ms {big} NOT NULL, to_ms {big},
  paused_ms {big}, reason TEXT, back_ms {big});
CREATE INDEX seats_of_day ON seats(service_day, id);
CREATE UNIQUE INDEX seats_window ON seats(service_day, window_code) WHERE to_ms IS NULL;
CREATE UNIQUE INDEX seats_staff ON seats(service_day, staff) WHERE to_ms IS NULL;
CREATE TABLE journal(
  id {id}, op TEXT NOT NULL UNIQUE, at_ms {big} NOT NULL, service_day TEXT NOT NULL, event TEXT NOT NULL,
  ticket {big} REFERENCES tickets(id), number TEXT, window_code TEXT, staff TEXT,
  from_state TEXT, to_state TEXT, note TEXT, before_change TEXT);
CREATE INDEX journal_of_ticket ON journal(ticket, id);
"""

_GUARDS = {
    "sqlite": [
        (
            "CREATE TRIGGER journal_kept_{verb} BEFORE {verb} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END"
        )
    ],
    "postgres": [
        (
            "CREATE OR REPLACE FUNCTION journal_kept() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'the journal is only ever added to'; END $$"
        ),
        "CREATE TRIGGER journal_kept_{verb} BEFORE {verb} ON journal EXECUTE FUNCTION journal_kept()",
    ],
}
_WORDS = {
    "sqlite": {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "big": "INTEGER"},
    "postgres": {"id": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "big": "BIGINT"},
}


def up(migrator: Any, db: Any) -> None:
    """Lay the tables, and bar the journal against changes."""
    dialect = "sqlite" if type(db).__name__ == "APSWDatabase" else "postgres"
    for statement in _TABLES.format(**_WORDS[dialect]).split(";"):
        if statement.strip():
            db.execute_sql(statement)
    for verb in ("UPDATE", "DELETE"):
        for guard in _GUARDS[dialect]:
            db.execute_sql(guard.format(verb=verb))
