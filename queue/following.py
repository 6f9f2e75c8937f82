"""An enquiry follows its visitor's ticket: called, sent on, ended and taken back with it (FR-4, FR-9)."""

from __future__ import annotations

from dataclasses import replace

from jiaohao.queue.refusal import Refusal
from jiaohao.store import enquiries, journal
from jiaohao.store.base import Tx
from jiaohao.store.values import Enquiry, Entry, Referral, Ticket

IN_PERSON = "in_person"
OPEN, REFERRED, ACCEPTED, CLOSED = "open", "referred", "accepted", "closed"
SENT_ON = frozenset({"colleague", "window", "desk", "office", "supervision"})
"""The outcomes by which somebody else takes over, once they accept (FR-9)."""
MOST_REFERRALS = 2
"""Sent on more often than this, a visit is a bounce (FR-9)."""


def is_sent_on(hop: Referral) -> bool:
    """Whether a visitor was sent from somebody to somebody else; a first number at the door is not that."""
    return hop.outcome in SENT_ON and not (hop.to_line is not None and hop.from_window is None)


def is_bounce(enquiry: Enquiry, before: list[Referral], hop: Referral) -> bool:
    """Whether a visit would come back to where it was, or be sent on once too often (FR-9)."""
    gone = [one for one in before if is_sent_on(one)]
    windows = {enquiry.window, *(one.from_window for one in gone), *(one.to_window for one in gone)}
    people = {enquiry.first_responder, *(one.from_staff for one in gone), *(one.to_staff for one in gone)}
    lines = {one.to_line for one in before}
    returns = (
        hop.to_window in windows - {None} or hop.to_staff in people - {None} or hop.to_line in lines - {None}
    )
    return returns or len(gone) >= MOST_REFERRALS


def judged(enquiry: Enquiry, before: list[Referral], hop: Referral) -> Referral:
    """The referral marked as a bounce if it is one; without a reason it is refused. Raises Refusal bounce."""
    if not is_bounce(enquiry, before, hop):
        return hop
    if hop.reason is None:
        raise Refusal("bounce", enquiry=enquiry.id)
    return replace(hop, is_bounce=1)


def open_hop(tx: Tx, enquiry: Enquiry) -> Referral | None:
    """The referral that nobody has accepted yet."""
    hops = enquiries.referrals(tx, enquiry.id) if enquiry.state == REFERRED else []
    return hops[-1] if hops and hops[-1].accepted_ms is None else None


def taken(tx: Tx, op_id: str, now_ms: int, enquiry: Enquiry, hop: Referral, staff: str) -> Enquiry:
    """Somebody takes an enquiry over."""
    after = replace(enquiry, state=ACCEPTED, owner=staff)
    enquiries.accept(tx, hop.id, staff, now_ms)
    enquiries.save(tx, after)
    write_down(tx, op_id, now_ms, "accepted", after, staff, hop.to_window)
    return after


def called(tx: Tx, op_id: str, now_ms: int, ticket: Ticket, staff: str) -> None:
    """Whoever calls a visitor takes over what the visitor came with (FR-9)."""
    for enquiry in enquiries.of_ticket(tx, ticket.id):
        hop = open_hop(tx, enquiry)
        if hop is not None:
            taken(tx, f"{op_id}:{enquiry.id}", now_ms, enquiry, hop, staff)


def moved(
    tx: Tx,
    op_id: str,
    now_ms: int,
    before: Ticket,
    staff: str,
    *,
    to_line: str | None,
    to_window: str | None,
    note: str | None,
) -> None:
    """Whoever moves a ticket sends its visitor on, and answers for the visit until somebody calls it (FR-9).

    A ticket that nobody was asked about before opens an enquiry: then the clerk was asked first (FR-1).
    The note is the reason of a bounce. Raises Refusal bounce.
    """
    with_it = [one for one in enquiries.of_ticket(tx, before.id) if one.channel == IN_PERSON]
    enquiry = with_it[0] if with_it else asked_now(tx, op_id, now_ms, before, staff)
    hop = Referral(
        id=0, enquiry=enquiry.id, outcome="window", at_ms=now_ms, from_staff=staff, from_window=before.window,
        to_window=to_window, to_staff=None, to_agency=None, note=note, reason=note, accepted_ms=None,
        accepted_by=None, to_line=to_line,
    )  # fmt: skip
    enquiries.add_referral(tx, judged(enquiry, enquiries.referrals(tx, enquiry.id), hop))
    after = replace(enquiry, state=REFERRED, outcome="window", owner=staff)
    enquiries.save(tx, after)
    write_down(tx, f"{op_id}:referred", now_ms, "referred", after, staff, to_window)


def asked_now(tx: Tx, op_id: str, now_ms: int, ticket: Ticket, staff: str) -> Enquiry:
    """The enquiry of a visitor whom nobody had asked before: the clerk in front of them was first (FR-1)."""
    enquiry = enquiries.add(
        tx,
        Enquiry(
            id=0, service_day=ticket.service_day, opened_ms=now_ms, channel=IN_PERSON, first_responder=staff,
            window=ticket.window, matter=ticket.matter, about=None, visitor_name=None, visitor_phone=None,
            ticket=ticket.id, state=OPEN, outcome=None, owner=staff, replied_ms=None, reply=None,
        ),
    )  # fmt: skip
    write_down(tx, f"{op_id}:enquired", now_ms, "enquired", enquiry, staff, ticket.window)
    return enquiry


def given_back(tx: Tx, ticket: Ticket) -> None:
    """A visitor waits again: whoever sent them answers for them until the number is called (FR-9)."""
    for enquiry in enquiries.of_ticket(tx, ticket.id):
        hops = enquiries.referrals(tx, enquiry.id)
        if enquiry.state == ACCEPTED and hops:
            enquiries.accept(tx, hops[-1].id, None, None)
            enquiries.save(tx, replace(enquiry, state=REFERRED, owner=hops[-1].from_staff))


def ended(tx: Tx, ticket: Ticket) -> None:
    """A visit that has ended owes nothing more; what was promised to a caller stays owed (FR-7)."""
    for enquiry in enquiries.of_ticket(tx, ticket.id):
        if enquiry.channel == IN_PERSON:
            enquiries.save(tx, replace(enquiry, state=CLOSED, outcome=enquiry.outcome or "handled"))


def taken_back(tx: Tx, ticket: Ticket, step: Entry) -> None:
    """A ticket's last step was undone: its enquiries stand again where they stood before it (Q-10)."""
    for enquiry in enquiries.all_of_ticket(tx, ticket.id):
        hops = enquiries.referrals(tx, enquiry.id)
        last = hops[-1] if hops else None
        if last is not None and step.event == "called" and last.accepted_ms == step.at_ms:
            enquiries.accept(tx, last.id, None, None)
            enquiries.save(tx, replace(enquiry, state=REFERRED, owner=last.from_staff))
        elif last is not None and step.event in {"transferred", "moved"} and last.at_ms == step.at_ms:
            enquiries.drop_referral(tx, last.id)
            enquiries.save(tx, _as_of(enquiry, hops[:-1]))
        elif step.event in {"finished", "cancelled"} and enquiry.replied_ms is None:
            enquiries.save(tx, _as_of(enquiry, hops))


def _as_of(enquiry: Enquiry, hops: list[Referral]) -> Enquiry:
    """An enquiry as its referrals alone have left it."""
    if not hops:
        return replace(enquiry, state=OPEN, outcome=None, owner=enquiry.first_responder)
    last = hops[-1]
    if last.outcome in SENT_ON:
        state = REFERRED if last.accepted_ms is None else ACCEPTED
    else:
        state = OPEN if last.outcome == "registered" else CLOSED
    return replace(enquiry, state=state, outcome=last.outcome, owner=last.accepted_by or last.from_staff)


def write_down(
    tx: Tx, op_id: str, now_ms: int, event: str, enquiry: Enquiry, staff: str | None, window: str | None
) -> None:
    """Write a step of an enquiry into the journal: its number, and nothing of what it says (PV-1)."""
    journal.add(
        tx,
        journal.Line(
            op_id, now_ms, enquiry.service_day, event, window=window, staff=staff, note=str(enquiry.id)
        ),
    )
