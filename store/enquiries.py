"""Enquiries and their referrals: who was asked first, who answers for it now, who took over and when (FR)."""

from __future__ import annotations

import dataclasses

from jiaohao.store.base import Tx
from jiaohao.store.values import Enquiry, Referral


def _columns(fields: tuple[dataclasses.Field[object], ...]) -> list[str]:
    return ["window_code" if field.name == "window" else field.name for field in fields]


_ENQUIRY = _columns(dataclasses.fields(Enquiry))
_REFERRAL = _columns(dataclasses.fields(Referral))
_READ = f"SELECT {', '.join(_ENQUIRY)} FROM enquiries"


def _insert(table: str, columns: list[str]) -> str:
    names, marks = ", ".join(columns[1:]), ", ".join("?" * (len(columns) - 1))
    return f"INSERT INTO {table}({names}) VALUES({marks}) RETURNING id"


_ADD = _insert("enquiries", _ENQUIRY)
_ADD_REFERRAL = _insert("referrals", _REFERRAL)


def add(tx: Tx, enquiry: Enquiry) -> Enquiry:
    """Write a new enquiry; gives it with its id."""
    row = tx.rows(_ADD, dataclasses.astuple(enquiry)[1:])[0]
    return dataclasses.replace(enquiry, id=int(row[0]))


def hold(tx: Tx, enquiry_id: int) -> Enquiry | None:
    """The enquiry of that id, held for this transaction."""
    found = tx.row(f"{_READ} WHERE id = ?" + tx.locking, (enquiry_id,))
    return None if found is None else Enquiry(*found)


def by_id(tx: Tx, enquiry_id: int) -> Enquiry:
    """The enquiry of that id."""
    return Enquiry(*tx.rows(f"{_READ} WHERE id = ?", (enquiry_id,))[0])


def save(tx: Tx, enquiry: Enquiry) -> None:
    """Write what may change of an enquiry that this transaction holds; the first responder never does."""
    tx.run(
        "UPDATE enquiries SET ticket = ?, state = ?, outcome = ?, owner = ?, replied_ms = ?, reply = ? "
        "WHERE id = ?",
        (
            enquiry.ticket, enquiry.state, enquiry.outcome, enquiry.owner, enquiry.replied_ms, enquiry.reply,
            enquiry.id,
        ),
    )  # fmt: skip


def open_ones(tx: Tx, owner: str | None) -> list[Enquiry]:
    """The enquiries that are not closed, oldest first; of one owner, or of all."""
    if owner is None:
        rows = tx.rows(f"{_READ} WHERE state <> 'closed' ORDER BY id")
    else:
        rows = tx.rows(f"{_READ} WHERE state <> 'closed' AND owner = ? ORDER BY id", (owner,))
    return [Enquiry(*row) for row in rows]


def of_day(tx: Tx, day: str, owner: str | None) -> list[Enquiry]:
    """The enquiries of a day, oldest first; of one owner, or of all."""
    rows = tx.rows(f"{_READ} WHERE service_day = ? AND owner = coalesce(?, owner) ORDER BY id", (day, owner))
    return [Enquiry(*row) for row in rows]


def of_ticket(tx: Tx, ticket_id: int) -> list[Enquiry]:
    """The enquiries of a ticket that are not closed, held for this transaction."""
    rows = tx.rows(f"{_READ} WHERE ticket = ? AND state <> 'closed' ORDER BY id" + tx.locking, (ticket_id,))
    return [Enquiry(*row) for row in rows]


def add_referral(tx: Tx, referral: Referral) -> None:
    """Write down that an enquiry was sent on."""
    tx.rows(_ADD_REFERRAL, dataclasses.astuple(referral)[1:])


def referrals(tx: Tx, enquiry_id: int) -> list[Referral]:
    """Every time an enquiry was sent on, oldest first."""
    rows = tx.rows(
        f"SELECT {', '.join(_REFERRAL)} FROM referrals WHERE enquiry = ? ORDER BY id", (enquiry_id,)
    )
    return [Referral(*row) for row in rows]


def accept(tx: Tx, referral_id: int, staff: str, now_ms: int) -> None:
    """Write down who took over, and when."""
    tx.run("UPDATE referrals SET accepted_ms = ?, accepted_by = ? WHERE id = ?", (now_ms, staff, referral_id))
