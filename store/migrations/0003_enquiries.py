"""Enquiries 首问登记 and their referrals; who was asked first is never changed."""

from typing import Any

# {id} and {big} are what each database calls a growing key and a 64-bit number.
_TABLES = """
CREATE TABLE enquiries(
  id {id}, service_day TEXT NOT NULL, opened_ms {big} NOT NULL, channel TEXT NOT NULL,
  first_responder TEXT NOT NULL REFERENCES staff(no), window_code TEXT REFERENCES windows(code),
  matter TEXT REFERENCES matters(code), about TEXT, visitor_name TEXT, visitor_phone TEXT,
  ticket {big} REFERENCES tickets(id), state TEXT NOT NULL, outcome TEXT,
  owner TEXT NOT NULL REFERENCES staff(no), replied_ms {big}, reply TEXT);
CREATE INDEX enquiries_owed ON enquiries(owner, id) WHERE state <> 'closed';
CREATE INDEX enquiries_of_ticket ON enquiries(ticket, id);
CREATE TABLE referrals(
  id {id}, enquiry {big} NOT NULL REFERENCES enquiries(id), outcome TEXT NOT NULL, at_ms {big} NOT NULL,
  from_staff TEXT NOT NULL REFERENCES staff(no), from_window TEXT REFERENCES windows(code),
  to_window TEXT REFERENCES windows(code), to_staff TEXT REFERENCES staff(no),
  to_agency TEXT REFERENCES agencies(code), note TEXT, reason TEXT,
  accepted_ms {big}, accepted_by TEXT REFERENCES staff(no));
CREATE INDEX referrals_of_enquiry ON referrals(enquiry, id)
"""

_GUARDS = {
    "sqlite": [
        (
            "CREATE TRIGGER first_responder_stays BEFORE UPDATE OF first_responder ON enquiries "
            "BEGIN SELECT RAISE(ABORT, 'the first responder never changes'); END"
        )
    ],
    "postgres": [
        (
            "CREATE OR REPLACE FUNCTION first_responder_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'the first responder never changes'; END $$"
        ),
        (
            "CREATE TRIGGER first_responder_stays BEFORE UPDATE OF first_responder ON enquiries "
            "FOR EACH ROW EXECUTE FUNCTION first_responder_stays()"
        ),
    ],
}
_WORDS = {
    "sqlite": {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "big": "INTEGER"},
    "postgres": {"id": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "big": "BIGINT"},
}


def up(migrator: Any, db: Any) -> None:
    """Lay the tables, and bar the first responder against changes."""
    dialect = "sqlite" if type(db).__name__ == "APSWDatabase" else "postgres"
    for statement in _TABLES.format(**_WORDS[dialect]).split(";"):
        db.execute_sql(statement)
    for guard in _GUARDS[dialect]:
        db.execute_sql(guard)
