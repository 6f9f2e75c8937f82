"""One-time notices 一次性告知书: numbered, written once, answered where something was to find out (ON)."""

from __future__ import annotations

import dataclasses
import json

from jiaohao.store.base import Row, Tx
from jiaohao.store.values import Notice

_COLUMNS = tuple(
    "window_code" if field.name == "window" else field.name for field in dataclasses.fields(Notice)
)
_READ = f"SELECT {', '.join(_COLUMNS)} FROM notices"
_MARKS = ", ".join("?" * (len(_COLUMNS) - 1))
_ADD = f"INSERT INTO notices({', '.join(_COLUMNS[1:])}) VALUES({_MARKS}) RETURNING id"
_MISSING = _COLUMNS.index("missing")


def next_number(tx: Tx, day: str) -> int:
    """Take the next notice number of a day, without gap or twin."""
    found = tx.rows(
        "INSERT INTO notice_numbers(service_day, last) VALUES(?, 1) "
        "ON CONFLICT(service_day) DO UPDATE SET last = notice_numbers.last + 1 RETURNING last",
        (day,),
    )
    return int(found[0][0])


def add(tx: Tx, notice: Notice) -> Notice:
    """Write a new notice; gives it with its id."""
    values = list(dataclasses.astuple(notice))
    values[_MISSING] = json.dumps(notice.missing, ensure_ascii=False)
    return dataclasses.replace(notice, id=int(tx.rows(_ADD, values[1:])[0][0]))


def _notice(row: Row) -> Notice:
    values = list(row)
    values[_MISSING] = tuple(json.loads(values[_MISSING]))
    return Notice(*values)


def by_id(tx: Tx, notice_id: int) -> Notice:
    """The notice of that id."""
    return _notice(tx.rows(f"{_READ} WHERE id = ?", (notice_id,))[0])


def hold(tx: Tx, serial: str) -> Notice | None:
    """The notice of that serial number, held for this transaction."""
    found = tx.row(f"{_READ} WHERE serial = ?" + tx.locking, (serial,))
    return None if found is None else _notice(found)


def has_written(tx: Tx, ticket_id: int) -> bool:
    """Whether a ticket's visitor was given a written notice (ON-3)."""
    found = tx.row("SELECT 1 FROM notices WHERE ticket = ? AND form = 'written' LIMIT 1", (ticket_id,))
    return found is not None


def of_visit(tx: Tx, ticket_id: int | None, enquiry_id: int | None) -> list[Notice]:
    """The notices of a visit, by its ticket or its enquiry, oldest first."""
    rows = tx.rows(f"{_READ} WHERE ticket = ? OR enquiry = ? ORDER BY id", (ticket_id, enquiry_id))
    return [_notice(row) for row in rows]


def owed(tx: Tx, owner: str | None) -> list[Notice]:
    """The notices that leave something to find out, oldest first; of one owner, or of all (ON-5)."""
    rows = tx.rows(
        f"{_READ} WHERE owner IS NOT NULL AND answered_ms IS NULL AND owner = coalesce(?, owner) ORDER BY id",
        (owner,),
    )
    return [_notice(row) for row in rows]


def answer(tx: Tx, notice_id: int, now_ms: int, text: str) -> None:
    """Write down what was found out and told."""
    tx.run("UPDATE notices SET answered_ms = ?, answer = ? WHERE id = ?", (now_ms, text, notice_id))
