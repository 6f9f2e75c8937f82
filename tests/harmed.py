"""Backups of a small busy hall, and all that may happen to one before somebody restores it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from hypothesis import strategies as st

from jiaohao.queue import (
    adjusting,
    calling,
    consents,
    day,
    issuing,
    leaves,
    leaving,
    meetings,
    moving,
    notices,
    questions,
    seating,
    signing,
)
from jiaohao.queue.setup import describe
from jiaohao.store import backups
from jiaohao.store.opening import known_migrations, open_store, upgrade
from small_hall import open_site, small_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

_VALUES = (
    "NULL", "0", "1", "-1", "2", "7", "9223372036854775807", "-9223372036854775808", "4294967296", "1.5",
    "9e999",
    "''", "' '", "'1'", "'x'", "'A001'", "'normal'", "'waiting'", "'day_closed'", "'issued'", "'2026-11-24'",
    "'2026-02-30'", "'9999-12-31'", "'0000-00-00'", "'[]'", "'{}'", "'null'", "'[1]'", "'[[\"x\", 2, null]]'",
    "'{\"x\": 1}'", "'\"'", "'[' || replace(hex(zeroblob(2000)), '00', '[')", "x''", "x'00ff'",
    "zeroblob(32)",
    "CAST(x'ff' AS TEXT)", "CAST(x'41edA080' AS TEXT)", "char(0)", "'a' || char(0) || 'b'",
    "char(27) || '[2J' || char(8238)", "'[@click=app.quit]x[/]'", "'\"; DROP TABLE tickets; --'",
    "hex(zeroblob(50000))",
    "{c} || 'x'", "{c} + 1", "-{c}", "CAST({c} AS TEXT)", "CAST({c} AS BLOB)", "replace({c}, '1', '2')",
    "(SELECT max({c}) FROM {t})", "replace({c}, '\"', '')", "replace({c}, ':', ':-')", "substr({c}, 2)",
)  # fmt: skip
"""What is put in a value's place: the value itself is {c}, its table {t}."""
_STATEMENTS = (
    "CREATE TRIGGER more AFTER INSERT ON journal BEGIN UPDATE tickets SET state = 'finished'; END",
    "CREATE TRIGGER journal_more BEFORE INSERT ON tickets BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE TRIGGER last AFTER INSERT ON schema_migration BEGIN DELETE FROM hall; END",
    (
        "CREATE TRIGGER long AFTER INSERT ON schema_migration BEGIN INSERT INTO remarks "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, '', '' FROM n; END"
    ),
    "CREATE VIEW more AS SELECT * FROM staff",
    (
        "DROP TABLE schema_migration; CREATE VIEW schema_migration AS WITH RECURSIVE n(name) AS "
        "(SELECT 1 UNION ALL SELECT name + 1 FROM n) SELECT name, name AS applied FROM n"
    ),
    "DROP TABLE schema_migration; CREATE TABLE schema_migration(name TEXT)",
    "ALTER TABLE lines RENAME TO lines_; CREATE VIEW lines AS SELECT * FROM lines_",
    "CREATE VIRTUAL TABLE more USING fts5(x)",
    "CREATE TABLE more(x)",
    "CREATE TABLE \"x'); DROP TABLE tickets; --\"(\"a\"\"b\")",
    "CREATE INDEX more ON journal(note)",
    "CREATE UNIQUE INDEX more ON journal(event, id)",
    "ALTER TABLE staff ADD COLUMN more TEXT",
    "ALTER TABLE staff RENAME COLUMN name TO name_",
    "ALTER TABLE tickets DROP COLUMN estimate_s",
    "ALTER TABLE lines ADD COLUMN more AS (hex(code))",
    "DROP TRIGGER journal_kept_UPDATE",
    "DROP INDEX tickets_at_window; CREATE INDEX tickets_at_window ON tickets(service_day)",
    (
        "DROP TRIGGER seals_kept_DELETE; "
        "CREATE TRIGGER seals_kept_DELETE BEFORE DELETE ON seals BEGIN SELECT 1; END"
    ),
    "INSERT INTO schema_migration(name, applied) VALUES('9999_later', '2030-01-01')",
    "INSERT INTO schema_migration(name, applied) VALUES('0000_earlier', '2030-01-01')",
    "DELETE FROM schema_migration WHERE id > 3",
    "DELETE FROM schema_migration WHERE id = 2",
    "DELETE FROM schema_migration",
    "UPDATE schema_migration SET applied = ''",
    "DELETE FROM hall",
    "UPDATE hall SET code = 'other'",
    "UPDATE hall SET timezone = 'Mars/Olympus'",
    "UPDATE hall SET timezone = '../../etc/passwd'",
    "UPDATE hall SET language = '../x'",
    "UPDATE hall SET settings = json_remove(settings, '$.calling')",
    "UPDATE hall SET settings = json_set(settings, '$.calling.undo_s', 'x')",
    "UPDATE hall SET settings = json_set(settings, '$.spans_min', json('[[1, 2, 3]]'))",
    "UPDATE hall SET settings = json_set(settings, '$.weekdays', json('[99]'))",
    "UPDATE hall SET settings = json_set(settings, '$.calling.announce', '{x.__class__}{')",
    "UPDATE hall SET settings = json_set(settings, '$.more', 1)",
    "UPDATE hall SET settings = json_set(settings, '$.calling.more', 1)",
    "UPDATE staff SET name = char(27) || ']0;x' || char(7) || char(8238)",
    "UPDATE windows SET retired = 1",
    "UPDATE sqlite_sequence SET seq = 9223372036854775807",
    "UPDATE sqlite_sequence SET seq = 'x'",
    "UPDATE sqlite_sequence SET seq = 0",
    "DELETE FROM sqlite_sequence",
    "DELETE FROM seals",
    "DELETE FROM seals WHERE position = (SELECT max(position) FROM seals)",
    "DELETE FROM seals WHERE position = 4",
    "DELETE FROM journal WHERE id = 5",
    "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)",
    "UPDATE journal SET note = 'x' WHERE id = 4",
    "UPDATE journal SET service_day = '2026-11-25'",
    "INSERT INTO journal(op, at_ms, service_day, event) VALUES('x', 1, '2026-11-24', 'x')",
    "INSERT INTO journal(op, at_ms, service_day, event) VALUES('x', 1, '2026-11-24', 'day_closed')",
    "INSERT INTO calls SELECT id + 9, service_day, ticket, number, window_code, at_ms, times FROM calls",
    "UPDATE numbers SET last = 99999",
    "UPDATE tickets SET number = line || '002'",
    "UPDATE tickets SET state = 'x'",
    "UPDATE tickets SET place_ms = place_ms + 1",
    "DELETE FROM tickets",
    "DELETE FROM staff",
    "PRAGMA user_version = 99; PRAGMA application_id = 99",
    "PRAGMA encoding = 'UTF-16'; VACUUM",
    "PRAGMA page_size = 512; VACUUM",
    "PRAGMA journal_mode = WAL; UPDATE days SET closed_ms = 1",
    "ANALYZE",
    "ANALYZE; UPDATE sqlite_stat1 SET stat = hex(zeroblob(9000))",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE x' WHERE name = 'hall'",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 2",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = CAST(x'ff' AS TEXT) WHERE type = 'trigger'",
    "PRAGMA writable_schema = 1; DELETE FROM sqlite_master WHERE type = 'index'",
)  # fmt: skip
_KINDS = ("hall", "hall", "hall", "hall", "hall", "hall", "older", "other")
_HEADS = ("", "x", "SQLite format 3\0", "{c}", "PK\x03\x04", "-- SQL\nINSERT")
"""Files that are no backup; {c} is what a good one begins with."""


@st.composite
def harms(draw: st.DrawFn) -> dict[str, Any]:
    """What is done to which backup, and whether ``--anyway`` is given."""
    small, any_of = st.integers(0, 400), st.integers(0, 10**6)
    found: dict[str, Any] = {"kind": draw(st.sampled_from(_KINDS)), "anyway": draw(st.booleans())}
    how = draw(st.integers(0, 9))
    if how <= 3:
        found["values"] = draw(
            st.lists(st.tuples(small, small, small, st.sampled_from(_VALUES)), min_size=1, max_size=2)
        )
    elif how <= 5:
        found["statements"] = draw(st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=2))
    elif how == 6:
        found["dropped"] = draw(st.lists(small, min_size=1, max_size=2))
    elif how == 7:
        byte = st.integers(0, 255)
        found["flipped"] = draw(st.lists(st.tuples(any_of, byte), min_size=1, max_size=9))
    elif how == 8:
        found["pages"] = draw(
            st.lists(st.tuples(small, st.sampled_from([0, 0, 0xFF, 0x0D])), min_size=1, max_size=3)
        )
    else:
        found[draw(st.sampled_from(["cut", "head"]))] = draw(any_of)
    return found


def work(site: Site, clock: ManualClock) -> None:
    """Something in many tables, on two days."""
    signing.sign_on(site, "2001", "123456")
    seating.sit(site, "1", "1001")
    seating.sit(site, "3", "1003")
    for _ in range(3):
        issuing.issue(site, "A", matter="rs-001")
    issuing.issue(site, "B", priority="veteran", staff="2001")
    for end in ("returned", "spot"):
        clock.advance(60)
        number = calling.call(site, "1").number
        calling.start(site, "1")
        if end == "returned":
            notices.notify(site, notices.Wanted(brought=("居民身份证",)), number=number)
        calling.finish(site, "1", kind=end)
    calling.call(site, "3")
    moving.transfer(site, "B001", line="C", note="看一下")
    questions.enquire(site, staff="1001", channel="phone", about="社保\n卡", name="张三", phone="13800001234")
    consents.give(site, "1003", "1", giver="4001", until="2027-01-31")
    adjusting.request(site, window="3", post="A", entering="1004", consent="4001", staff="4001")
    leaves.plan(
        site, "1001", from_day="2026-12-08", to_day="2026-12-09", reason="sick", approved_by="4001", by="1001"
    )
    meetings.plan(site, day="2026-12-08", begins="09:00", ends="11:00", expected=("1001",), staff="4001")
    leaving.leave(site, "3", reason="sick")
    clock.advance(600)
    day.close_day(site)
    clock.advance(24 * 3600)
    seating.sit(site, "1", "1001")
    for line in "AABC":
        issuing.issue(site, line)
    calling.call(site, "1")


def good_backups(folder: Path) -> dict[str, bytes]:
    """A backup of the hall, one of before the last migration, and one of another hall."""
    made = {}
    for kind in ("hall", "other"):
        hall = small_hall() if kind == "hall" else replace(small_hall(), code="other")
        site, clock = open_site(f"sqlite:///{folder / kind}.db", hall)
        work(site, clock)
        made[kind] = _backed_up(site.store, folder / f"{kind}.backup")
    store = open_store(f"sqlite:///{folder / 'older.db'}", "qh", create=True)
    upgrade(store, len(known_migrations()) - 1)
    describe(store, small_hall(), clock)
    made["older"] = _backed_up(store, folder / "older.backup")
    return made


def _backed_up(store: Any, file: Path) -> bytes:
    backups.backup(store, file)
    store.close()
    return file.read_bytes()


class PresentHall:
    """The hall that is restored over, on either store."""

    def __init__(self, url: str, folder: Path) -> None:
        """Of that database; on SQLite the file of it lies in ``folder``."""
        self._url, self._folder = url, folder

    def looks(self) -> Any:
        """What may not change when a restore is refused."""
        if self._url.startswith("sqlite:///"):
            path = Path(self._url.removeprefix("sqlite:///"))
            return sorted(one.name for one in self._folder.iterdir()), path.read_bytes()
        with psycopg.connect(self._url, autocommit=True) as connection:
            schemas = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^qh' ORDER BY 1")
            last = connection.execute("SELECT digest FROM qh.seals ORDER BY position DESC LIMIT 1")
            return schemas.fetchall(), last.fetchall()

    def put_back(self, kept: str) -> None:
        """Undo a restore."""
        if self._url.startswith("sqlite:///"):
            path = Path(self._url.removeprefix("sqlite:///"))
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
                if (old := Path(kept + end)).exists():
                    old.rename(path.with_name(path.name + end))
            return
        with psycopg.connect(self._url) as connection:
            connection.execute("DROP SCHEMA qh CASCADE")
            connection.execute(f'ALTER SCHEMA "{kept}" RENAME TO qh')


def harm(example: dict[str, Any], good: dict[str, bytes], file: Path) -> None:
    """Write the backup of that kind, with this harm done to it."""
    raw = good[example["kind"]]
    if "head" in example:
        head = _HEADS[example["head"] % len(_HEADS)]
        raw = raw[:100] if head == "{c}" else head.encode()
    file.write_bytes(raw)
    steps = [*example.get("values", ()), *example.get("dropped", ()), *example.get("statements", ())]
    if steps:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.text_factory = bytes
            connection.create_function("chained", -1, lambda *_values: bytes(32))
            for step in steps:
                _run(connection, step)
        return
    broken = bytearray(raw)
    for at, byte in example.get("flipped", ()):
        broken[at % len(broken)] = byte
    for page, byte in example.get("pages", ()):
        at = page * 4096 % len(broken)
        broken[at : at + 4096] = bytes([byte]) * 4096
    if "cut" in example:
        del broken[example["cut"] % len(broken) :]
    file.write_bytes(broken)


def _run(connection: sqlite3.Connection, step: Any) -> None:
    """One step, as far as SQLite lets it be done; no guard of the hall's stands in its way."""
    connection.execute("PRAGMA ignore_check_constraints = 1")
    if isinstance(step, int):
        made = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        kind, name = made[step % len(made)]
        _tried(connection, f"DROP {kind.decode()} {name.decode()}")
        return
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    statement = step if isinstance(step, str) else _put(connection, *step)
    is_guarded = statement.startswith(("UPDATE", "DELETE", "INSERT")) and "sqlite_" not in statement
    for name, _sql in guards if is_guarded else ():
        connection.execute(f"DROP TRIGGER {name.decode()}")
    _tried(connection, statement)
    for _name, sql in guards if is_guarded else ():
        _tried(connection, sql.decode(errors="replace"))


def _put(connection: sqlite3.Connection, table_no: int, column_no: int, row_no: int, value: str) -> str:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    names = [name.decode() for (name,) in tables]
    filled = [name for name in names if connection.execute(f"SELECT 1 FROM {name}").fetchone()] or ["hall"]  # noqa: S608 - a table's own name
    table = filled[table_no % len(filled)]
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    column = columns[column_no % len(columns)][1].decode()
    count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - see above
    row = f"(SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET {row_no % max(1, count)})"  # noqa: S608 - see above
    put = value.format(c=column, t=table) if "{c}" in value else value
    return f"UPDATE {table} SET {column} = {put} WHERE rowid = {row}"  # noqa: S608 - see above


def _tried(connection: sqlite3.Connection, statement: str) -> None:
    try:
        connection.executescript(statement)
    except (sqlite3.Error, OverflowError):
        return  # SQLite itself does not let it be
