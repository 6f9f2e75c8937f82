"""Slips of paper: one is owed with each number, claimed by whoever prints it, and marked when it is out."""

from __future__ import annotations

from typing import NamedTuple

from jiaohao.store.base import Tx


class Slip(NamedTuple):
    """One slip of a ticket; ``again`` is 1 where somebody asked for another one.

    ``claimed_ms`` is since when somebody prints it; ``failed_ms`` and ``error`` tell of the first time and
    of the last way in which that came to nothing.
    """

    id: int
    ticket: int
    service_day: str
    again: int
    created_ms: int
    attempts: int
    claimed_ms: int | None
    printed_ms: int | None
    failed_ms: int | None
    error: str | None


class Numbered(NamedTuple):
    """A slip with the number that stands on it, and the state of that ticket."""

    slip: Slip
    number: str
    state: str


_COLUMNS = ", ".join(f"slips.{name}" for name in Slip._fields)
_ADD = "INSERT INTO slips(ticket, service_day, again, created_ms, attempts) VALUES(?, ?, ?, ?, 0)"
_NUMBERED = f"SELECT {_COLUMNS}, number, state FROM slips JOIN tickets ON tickets.id = slips.ticket"
# A ticket of which nobody needs a slip any more is passed over: its slip stays unprinted for good.
_WANTED = "slips.service_day = ? AND printed_ms IS NULL AND state IN ('waiting', 'called', 'held', 'missed')"


def add(tx: Tx, ticket_id: int, day: str, now_ms: int, *, again: bool = False) -> None:
    """Owe a slip of a ticket."""
    tx.run(_ADD, (ticket_id, day, int(again), now_ms))


def claim(tx: Tx, day: str, now_ms: int, *, lapsed_ms: int, attempts: int) -> Slip | None:
    """Take the oldest slip that is wanted and nobody prints, for oneself alone; None when there is none.

    Whoever claimed one before ``lapsed_ms`` has had their time; one tried ``attempts`` times is left.
    """
    first = (
        f"SELECT slips.id FROM slips JOIN tickets ON tickets.id = slips.ticket WHERE {_WANTED} "
        "AND attempts < ? AND (claimed_ms IS NULL OR claimed_ms < ?) ORDER BY slips.id LIMIT 1"
    )
    if tx.dialect == "postgres":
        first += " FOR UPDATE OF slips SKIP LOCKED"
    found = tx.row(
        f"UPDATE slips SET claimed_ms = ?, attempts = attempts + 1 WHERE id = ({first}) RETURNING {_COLUMNS}",
        (now_ms, day, attempts, lapsed_ms),
    )
    return None if found is None else Slip(*found)


def printed(tx: Tx, slip: Slip, now_ms: int) -> None:
    """It is out."""
    tx.run(
        "UPDATE slips SET printed_ms = ?, claimed_ms = NULL, error = NULL "
        "WHERE id = ? AND printed_ms IS NULL",
        (now_ms, slip.id),
    )


def failed(tx: Tx, slip: Slip, error: str, now_ms: int) -> None:
    """Give a claimed slip back, unless somebody else has claimed it meanwhile."""
    tx.run(
        "UPDATE slips SET claimed_ms = NULL, error = ?, failed_ms = coalesce(failed_ms, ?) "
        "WHERE id = ? AND claimed_ms = ? AND printed_ms IS NULL",
        (error, now_ms, slip.id, slip.claimed_ms),
    )


def put_off(tx: Tx, day: str, error: str, now_ms: int) -> None:
    """Note with all that nobody prints why they still wait."""
    tx.run(
        "UPDATE slips SET error = ?, failed_ms = coalesce(failed_ms, ?) "
        "WHERE service_day = ? AND printed_ms IS NULL AND claimed_ms IS NULL",
        (error, now_ms, day),
    )


def renew(tx: Tx, ticket_id: int, day: str) -> bool:
    """Try those of a ticket anew that are not out; whether there are any."""
    found = tx.rows(
        "UPDATE slips SET attempts = 0 WHERE service_day = ? AND printed_ms IS NULL AND ticket = ? "
        "RETURNING id",
        (day, ticket_id),
    )
    return bool(found)


def wanted(tx: Tx, day: str) -> list[Numbered]:
    """All that are not out and still of use, oldest first."""
    rows = tx.rows(f"{_NUMBERED} WHERE {_WANTED} ORDER BY slips.id", (day,))
    return [Numbered(Slip(*row[:-2]), *row[-2:]) for row in rows]


def of_day(tx: Tx, day: str) -> list[Numbered]:
    """Every slip of a day, oldest first."""
    rows = tx.rows(f"{_NUMBERED} WHERE slips.service_day = ? ORDER BY slips.id", (day,))
    return [Numbered(Slip(*row[:-2]), *row[-2:]) for row in rows]
