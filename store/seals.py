"""The seals of the journal: a digest of each line over the one before it, so that a change is found (Q-3).

There is one chain for a hall: the digest of any line stands for all lines sealed before it, of every day. On
SQLite each transaction seals its own lines. On PostgreSQL the database does it at each commit: one at a time
seals, and who finds another at it leaves its line in ``unsealed`` for the next, and waits for nobody.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jiaohao.store.base import Tx

GENESIS = bytes(32)
"""What the first line of a hall is chained to."""
FIRST = 1
"""The place of the first line in the chain."""

_FIELDS = (
    "id", "op", "at_ms", "service_day", "event", "ticket", "number", "window_code", "staff", "from_state",
    "to_state", "note", "before_change",
)  # fmt: skip
_LINE = ", ".join(f"journal.{name}" for name in _FIELDS)
# Written under the one writer's lock: the lines that have no seal yet are those with a later id than any that
# has one. In a hall that was on PostgreSQL the last seal need not be the last line's.
SEAL_NEW = (
    "INSERT INTO seals(position, journal_id, digest) WITH RECURSIVE chain(position, journal_id, digest) AS ("
    "SELECT * FROM (SELECT position, (SELECT max(journal_id) FROM seals), digest FROM seals "
    "ORDER BY position DESC LIMIT 1) "
    f"UNION ALL SELECT chain.position + 1, journal.id, chained(chain.digest, {_LINE}) "
    "FROM chain JOIN journal ON journal.id = "
    "(SELECT id FROM journal WHERE id > chain.journal_id ORDER BY id LIMIT 1)"
    ") SELECT position, journal_id, digest FROM chain LIMIT -1 OFFSET 1"
)
"""Seals what has none, on SQLite."""
_TURN = "SELECT pg_advisory_xact_lock(1936023916, 'journal'::regclass::oid::int)"
"""Waits until nobody seals; the numbers are those of the migration."""


class Link(NamedTuple):
    """A seal with the line that it is of, as both stand there now; without a line when that is gone."""

    position: int
    digest: bytes
    journal_id: int
    day: str | None
    line: tuple[object, ...]


def chained(previous: bytes, *values: object) -> bytes:
    """The digest of a line, from the one before it and the values of all columns, each with its length.

    The same is done by ``chained`` in PostgreSQL; neither may ever change.
    """
    form = bytearray(previous)
    for value in values:
        if value is None:
            form += b"-"
        else:
            text = str(value).encode()
            form += b"%d:%b" % (len(text), text)
    return hashlib.sha256(form).digest()


def seal_rest(tx: Tx) -> None:
    """Seal what others have left."""
    if tx.dialect == "postgres":
        tx.run(_TURN)
        tx.rows("SELECT seal_waiting()")
    else:
        tx.run(SEAL_NEW)


def seal_these(tx: Tx, lines: list[int]) -> None:
    """Seal these lines of the journal after all others, in a copy in which others can no longer do it."""
    for line in lines:
        tx.run(
            "INSERT INTO seals(position, journal_id, digest) "
            f"SELECT position + 1, journal.id, chained(digest, {_LINE}) FROM seals, journal "
            "WHERE journal.id = ? ORDER BY position DESC LIMIT 1",
            (line,),
        )


def goes_on(tx: Tx) -> bool:
    """Whether what is written next in a file can be sealed: there is a seal, and none of a line to come."""
    given = "SELECT max(id) AS last FROM journal UNION SELECT seq FROM sqlite_sequence WHERE name = 'journal'"
    return tx.row(f"SELECT max(journal_id) <= (SELECT max(0, max(last)) FROM ({given})) FROM seals") == (1,)


def has_rest(tx: Tx) -> bool:
    """Whether lines were left for others to seal; never on SQLite."""
    return tx.dialect == "postgres" and tx.row("SELECT 1 FROM unsealed LIMIT 1") is not None


def head(tx: Tx, day: str) -> bytes | None:
    """The digest of the line of a day that was sealed last; None without any."""
    found = tx.row(
        "SELECT digest FROM seals JOIN journal ON journal.id = journal_id WHERE service_day = ? "
        "ORDER BY position DESC LIMIT 1",
        (day,),
    )
    return None if found is None else bytes(found[0])


def _ends(tx: Tx, day: str | None) -> tuple[int, int] | None:
    row = tx.rows(
        "SELECT min(position), max(position) FROM seals JOIN journal ON journal.id = journal_id "
        "WHERE service_day = ?",
        (day,),
    )[0]
    return None if row[0] is None else (int(row[0]), int(row[1]))


def stretch(tx: Tx, first_day: str | None, last_day: str | None) -> tuple[int, int | None]:
    """The part of the chain that holds all lines of some days: from after a place up to one, or to the end.

    It reaches to the nearest lines of other days, so that a whole day that was taken out leaves a gap.
    """
    after, until = FIRST - 1, None
    if first_day is not None:
        before = tx.rows("SELECT max(service_day) FROM journal WHERE service_day < ?", (first_day,))[0][0]
        day = tx.rows("SELECT min(service_day) FROM journal WHERE service_day >= ?", (first_day,))[0][0]
        if neighbour := _ends(tx, before):
            # Lines of a day may be written after the next has begun: who still waited is unserved then.
            own = _ends(tx, day)
            after = min(neighbour[1], own[0] - 1) if own else neighbour[1]
    if last_day is not None:
        next_day = tx.rows("SELECT min(service_day) FROM journal WHERE service_day > ?", (last_day,))[0][0]
        day = tx.rows("SELECT max(service_day) FROM journal WHERE service_day <= ?", (last_day,))[0][0]
        if neighbour := _ends(tx, next_day):
            own = _ends(tx, day)
            until = max(neighbour[0], own[1]) if own else neighbour[0]
    return after, until


def digest_at(tx: Tx, position: int) -> bytes | None:
    """The digest at a place of the chain; None when there is none."""
    if position < FIRST:
        return GENESIS
    found = tx.row("SELECT digest FROM seals WHERE position = ?", (position,))
    return None if found is None else bytes(found[0])


def links(tx: Tx, after: int, until: int | None, count: int) -> list[Link]:
    """The next seals after a place, in their order, up to ``until``."""
    bound = "" if until is None else " AND position <= ?"
    values = (after, count) if until is None else (after, until, count)
    rows = tx.rows(
        f"SELECT position, digest, journal_id, {_LINE} FROM seals "
        f"LEFT JOIN journal ON journal.id = journal_id WHERE position > ?{bound} ORDER BY position LIMIT ?",
        values,
    )
    day = 3 + _FIELDS.index("service_day")
    return [
        Link(int(row[0]), bytes(row[1]), int(row[2]), None if row[3] is None else str(row[day]), row[3:])
        for row in rows
    ]


class Written(NamedTuple):
    """A line of the journal, and whether it has its seal or waits for it."""

    day: str
    id: int
    is_sealed: bool


def written(tx: Tx, after: tuple[str, int], last_day: str, count: int) -> list[Written]:
    """The next lines of the journal after a day and an id, up to a day, day by day."""
    waits = " OR journal.id IN (SELECT journal_id FROM unsealed)" if tx.dialect == "postgres" else ""
    rows = tx.rows(
        f"SELECT service_day, journal.id, seals.journal_id IS NOT NULL{waits} FROM journal "
        "LEFT JOIN seals ON seals.journal_id = journal.id "
        "WHERE (service_day, journal.id) > (?, ?) AND service_day <= ? "
        "ORDER BY service_day, journal.id LIMIT ?",
        (*after, last_day, count),
    )
    return [Written(str(row[0]), int(row[1]), bool(row[2])) for row in rows]
