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


def ticket_of(tx: Tx, enquiry_id: int) -> int | None:
    """The id of an enquiry's ticket, only looked at."""
    found = tx.row("SELECT ticket FROM enquiries WHERE id = ?", (enquiry_id,))
    return None if found is None else found[0]


def by_id(tx: Tx, enquiry_id: int) -> Enquiry:
    """The enquiry of that id."""
    return Enquiry(*tx.rows(f"{_READ} WHERE id = ?", (enquiry_id,))[0])


def save(tx: Tx, enquiry: Enquiry) -> None:
    """Write what may change of an enquiry that this transaction holds; the first responder never does."""
    tx.run(
        "UPDATE enquiries SET ticket = ?, state = ?, outcome = ?, owner = ?, replied_ms = ?, reply = ?, "
        "handed_out = ? WHERE id = ?",
        (
            enquiry.ticket, enquiry.state, enquiry.outcome, enquiry.owner, enquiry.replied_ms, enquiry.reply,
            enquiry.handed_out, enquiry.id,
        ),
    )  # fmt: skip


def asked(tx: Tx, day: str) -> dict[str, int]:
    """How often each matter was asked about on a day."""
    rows = tx.rows(
        "SELECT matter, count(*) FROM enquiries WHERE service_day = ? AND matter IS NOT NULL GROUP BY matter",
        (day,),
    )
    return {str(matter): int(count) for matter, count in rows}


def open_ones(tx: Tx, owner: str | None) -> list[Enquiry]:
    """The enquiries that are not closed, oldest first; of one owner, or of all."""
    if owner is None:
        rows = tx.rows(f"{_READ} WHERE state <> 'closed' ORDER BY id")
    else:
        rows = tx.rows(f"{_READ} WHERE state <> 'closed' AND owner = ? ORDER BY id", (owner,))
    return [Enquiry(*row) for row in rows]


_PENDING = (
    f"SELECT {', '.join('e.' + name for name in _ENQUIRY)}, {', '.join('r.' + name for name in _REFERRAL)}, "
    "tickets.number FROM enquiries AS e LEFT JOIN referrals AS r "
    "ON r.id = (SELECT max(id) FROM referrals WHERE enquiry = e.id) "
    "LEFT JOIN tickets ON tickets.id = e.ticket WHERE e.state <> 'closed' AND (e.channel <> 'in_person' "
    "OR (e.state = 'referred' AND r.to_line IS NULL) OR (e.state <> 'referred' AND e.ticket IS NULL)) "
    "ORDER BY e.id"
)


def pending(tx: Tx) -> list[tuple[Enquiry, Referral | None, str | None]]:
    """The enquiries of which somebody owes something, each with its last referral and its number.

    A visitor who waits in a line or stands at a window is looked after by the queue, and left out.
    """
    width = len(_ENQUIRY)
    return [
        (Enquiry(*row[:width]), None if row[width] is None else Referral(*row[width:-1]), row[-1])
        for row in tx.rows(_PENDING, ())
    ]


def of_ticket(tx: Tx, ticket_id: int) -> list[Enquiry]:
    """The enquiries of a ticket that are not closed, held for this transaction."""
    rows = tx.rows(f"{_READ} WHERE ticket = ? AND state <> 'closed' ORDER BY id" + tx.locking, (ticket_id,))
    return [Enquiry(*row) for row in rows]


def all_of_ticket(tx: Tx, ticket_id: int) -> list[Enquiry]:
    """The enquiries of a ticket, closed ones too, held for this transaction."""
    rows = tx.rows(f"{_READ} WHERE ticket = ? ORDER BY id" + tx.locking, (ticket_id,))
    return [Enquiry(*row) for row in rows]


def of_day(tx: Tx, day: str) -> list[Enquiry]:
    """The enquiries of a day, oldest first."""
    return [Enquiry(*row) for row in tx.rows(f"{_READ} WHERE service_day = ? ORDER BY id", (day,))]


def end_with_day(tx: Tx, *, until_day: str, inclusive: bool) -> None:
    """Close every visit of the days up to ``until_day``; what was promised to a caller stays owed (FR-7)."""
    tx.run(
        "UPDATE enquiries SET state = 'closed', outcome = coalesce(outcome, 'handled') "
        f"WHERE state <> 'closed' AND service_day {'<=' if inclusive else '<'} ? "
        "AND channel = 'in_person' AND ticket IS NOT NULL",
        (until_day,),
    )


def name_visitor(tx: Tx, enquiry_id: int, name: str | None, phone: str | None) -> None:
    """Write down who asked, as far as it was said; what was known before stays where nothing new was."""
    tx.run(
        "UPDATE enquiries SET visitor_name = coalesce(?, visitor_name), "
        "visitor_phone = coalesce(?, visitor_phone) WHERE id = ?",
        (name, phone, enquiry_id),
    )


def add_complaint(tx: Tx, enquiry_id: int, now_ms: int) -> None:
    """Open the complaint file of an enquiry, once (CO-1)."""
    tx.run(
        "INSERT INTO complaints(enquiry, opened_ms, state) VALUES(?, ?, 'taken') "
        "ON CONFLICT(enquiry) DO NOTHING",
        (enquiry_id, now_ms),
    )


def add_referral(tx: Tx, referral: Referral) -> None:
    """Write down that an enquiry was sent on."""
    tx.rows(_ADD_REFERRAL, dataclasses.astuple(referral)[1:])


def referrals(tx: Tx, enquiry_id: int) -> list[Referral]:
    """Every time an enquiry was sent on, oldest first."""
    rows = tx.rows(
        f"SELECT {', '.join(_REFERRAL)} FROM referrals WHERE enquiry = ? ORDER BY id", (enquiry_id,)
    )
    return [Referral(*row) for row in rows]


def drop_referral(tx: Tx, referral_id: int) -> None:
    """Forget a referral that was taken back at once; the journal remembers it."""
    tx.run("DELETE FROM referrals WHERE id = ?", (referral_id,))


def accept(tx: Tx, referral_id: int, staff: str | None, now_ms: int | None) -> None:
    """Write down who took over, and when; or that nobody has after all."""
    tx.run("UPDATE referrals SET accepted_ms = ?, accepted_by = ? WHERE id = ?", (now_ms, staff, referral_id))


def repeated(tx: Tx) -> list[tuple[Enquiry, Enquiry]]:
    """Each visit with the one before it of the same caller for the same matter, newest first (ON-6)."""
    rows = tx.rows(
        "SELECT max(earlier.id), later.id FROM enquiries AS later JOIN enquiries AS earlier "
        "ON earlier.visitor_phone = later.visitor_phone AND earlier.matter = later.matter "
        "AND earlier.id < later.id AND coalesce(earlier.ticket, 0) <> coalesce(later.ticket, -1) "
        "WHERE later.visitor_phone IS NOT NULL GROUP BY later.id ORDER BY later.id DESC"
    )
    return [(by_id(tx, int(first)), by_id(tx, int(second))) for first, second in rows]


def of_period(tx: Tx, from_day: str, to_day: str) -> list[tuple[Enquiry, str | None, list[Referral]]]:
    """The enquiries opened from one day to another, both included, oldest first.

    Each with its ticket's number and its referrals.
    """
    rows = tx.rows(
        f"SELECT {', '.join('e.' + name for name in _ENQUIRY)}, tickets.number FROM enquiries AS e "
        "LEFT JOIN tickets ON tickets.id = e.ticket WHERE e.service_day BETWEEN ? AND ? ORDER BY e.id",
        (from_day, to_day),
    )
    hops = tx.rows(
        f"SELECT {', '.join(_REFERRAL)} FROM referrals WHERE enquiry IN "
        "(SELECT id FROM enquiries WHERE service_day BETWEEN ? AND ?) ORDER BY id",
        (from_day, to_day),
    )
    by_enquiry: dict[int, list[Referral]] = {}
    for hop in (Referral(*row) for row in hops):
        by_enquiry.setdefault(hop.enquiry, []).append(hop)
    return [(Enquiry(*row[:-1]), row[-1], by_enquiry.get(row[0], [])) for row in rows]
