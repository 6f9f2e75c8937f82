"""Every line of the journal is sealed: a digest over the line before it and its own values."""

from __future__ import annotations

from typing import Any

_FIELDS = (
    "id", "op", "at_ms", "service_day", "event", "ticket", "number", "window_code", "staff", "from_state",
    "to_state", "note", "before_change",
)  # fmt: skip

_LINE = ", ".join(f"journal.{name}" for name in _FIELDS)

_SQLITE = [
    (
        "CREATE TABLE seals("
        "position INTEGER PRIMARY KEY, journal_id INTEGER NOT NULL UNIQUE, digest BLOB NOT NULL)"
    ),
    "INSERT INTO seals(position, journal_id, digest) VALUES(0, 0, zeroblob(32))",
    (
        "INSERT INTO seals(position, journal_id, digest) "
        "WITH RECURSIVE chain(position, journal_id, digest) AS (SELECT 0, 0, zeroblob(32) UNION ALL "
        f"SELECT chain.position + 1, journal.id, chained(chain.digest, {_LINE}) "
        "FROM chain JOIN journal ON journal.id = "
        "(SELECT id FROM journal WHERE id > chain.journal_id ORDER BY id LIMIT 1)) "
        "SELECT position, journal_id, digest FROM chain LIMIT -1 OFFSET 1"
    ),
    *(
        f"CREATE TRIGGER seals_kept_{verb} BEFORE {verb} ON seals "
        "BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END"
        for verb in ("UPDATE", "DELETE")
    ),
]

# Each value with the length of its bytes, as store/seals.py has it.
_FORM = " || ".join(
    f"coalesce(octet_length(convert_to(line.{name}::text, 'UTF8'))::text || ':' || line.{name}::text, '-')"
    for name in _FIELDS
)
_POSTGRES = [
    (
        "CREATE TABLE seals("
        "position BIGINT PRIMARY KEY, journal_id BIGINT NOT NULL UNIQUE, digest BYTEA NOT NULL)"
    ),
    "CREATE TABLE unsealed(journal_id BIGINT PRIMARY KEY)",
    "INSERT INTO seals(position, journal_id, digest) VALUES(0, 0, decode(repeat('00', 32), 'hex'))",
    (
        "CREATE FUNCTION chained(previous bytea, line journal) RETURNS bytea LANGUAGE plpgsql AS $$ "
        f"BEGIN RETURN sha256(previous || convert_to({_FORM}, 'UTF8')); END $$"
    ),
    (
        "CREATE FUNCTION seal_waiting() RETURNS void LANGUAGE plpgsql AS $$ "
        "DECLARE line journal; head seals; BEGIN "
        "SELECT * INTO head FROM seals ORDER BY position DESC LIMIT 1; "
        "FOR line IN WITH gone AS (DELETE FROM unsealed RETURNING journal_id) "
        "SELECT journal.* FROM gone JOIN journal ON journal.id = gone.journal_id ORDER BY journal.id LOOP "
        "head.position := head.position + 1; head.digest := chained(head.digest, line); "
        "INSERT INTO seals(position, journal_id, digest) VALUES(head.position, line.id, head.digest); "
        "END LOOP; END $$"
    ),
    # At the commit, when nothing else is left to do, and without waiting: whoever seals does it for all.
    (
        "CREATE FUNCTION seal_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NOT pg_try_advisory_xact_lock(1936023916, TG_RELID::int) THEN "
        "INSERT INTO unsealed(journal_id) VALUES(NEW.id); RETURN NULL; END IF; "
        "IF EXISTS (SELECT FROM unsealed) THEN PERFORM seal_waiting(); END IF; "
        "INSERT INTO seals(position, journal_id, digest) SELECT position + 1, NEW.id, chained(digest, NEW) "
        "FROM seals ORDER BY position DESC LIMIT 1; RETURN NULL; END $$"
    ),
    "SET LOCAL statement_timeout = 0",
    (
        "DO $$ DECLARE line journal; head seals; BEGIN SELECT * INTO head FROM seals; "
        "LOCK TABLE journal IN EXCLUSIVE MODE; "
        "FOR line IN SELECT * FROM journal ORDER BY id LOOP "
        "head.position := head.position + 1; head.digest := chained(head.digest, line); "
        "INSERT INTO seals(position, journal_id, digest) VALUES(head.position, line.id, head.digest); "
        "END LOOP; END $$"
    ),
    (
        "CREATE CONSTRAINT TRIGGER journal_sealed AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION seal_line()"
    ),
    *(
        f"CREATE TRIGGER seals_kept_{verb} BEFORE {verb} ON seals EXECUTE FUNCTION journal_kept()"
        for verb in ("UPDATE", "DELETE", "TRUNCATE")
    ),
    "CREATE TRIGGER journal_kept_TRUNCATE BEFORE TRUNCATE ON journal EXECUTE FUNCTION journal_kept()",
]


def up(migrator: Any, db: Any) -> None:
    """Lay the chain over all lines that are there, and seal each that comes."""
    for statement in _SQLITE if type(db).__name__ == "APSWDatabase" else _POSTGRES:
        db.execute_sql(statement)
