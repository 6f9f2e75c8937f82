"""Enquiries: whoever is asked first answers for it until somebody else has taken over (FR-1 to FR-9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jiaohao.queue import issuing, moving, states, workdays
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import enquiries, journal, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Enquiry, Entry, Referral, Ticket, Window

CHANNELS = ("in_person", "phone", "fax", "network")
OPEN, REFERRED, ACCEPTED, CLOSED = "open", "referred", "accepted", "closed"

SENT_ON = frozenset({"colleague", "window", "desk", "office", "supervision"})
"""The outcomes by which somebody else takes over, once they accept (FR-9)."""
OUTCOMES = ("handled", "colleague", "window", "outside", "desk", "office", "registered", "supervision")
MOST_REFERRALS = 2
"""Sent on more often than this, a visit is a bounce (FR-9)."""
_KIND_OF = {"desk": "desk", "office": "office", "supervision": "supervision"}
"""The kind of window to which an outcome leads."""


def enquire(
    site: Site,
    *,
    staff: str,
    channel: str = CHANNELS[0],
    matter: str | None = None,
    about: str | None = None,
    window: str | None = None,
    name: str | None = None,
    phone: str | None = None,
    ticket: str | None = None,
    op: str | None = None,
) -> Enquiry:
    """Record that ``staff`` was asked first, by which channel and what about (FR-1, TS-1).

    ``matter`` is a code of the directory, ``about`` free text; one of them is needed. ``name`` and ``phone``
    are the visitor's. Raises Refusal unknown_staff, unknown_window, unknown_matter, unknown_ticket,
    unknown_channel, about_needed.
    """
    directory = site.directory
    directory.person(staff)
    if window is not None:
        directory.window(window)
    if matter is not None:
        directory.matter(matter)
    if channel not in CHANNELS:
        raise Refusal("unknown_channel", channels=" ".join(CHANNELS))
    if matter is None and note_of(about) is None:
        raise Refusal("about_needed")
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Enquiry:
        of = tickets.find(tx, today, ticket.upper()) if ticket is not None else None
        if ticket is not None and of is None:
            raise Refusal("unknown_ticket", number=ticket)
        enquiry = enquiries.add(
            tx,
            Enquiry(
                id=0,
                service_day=today,
                opened_ms=now_ms,
                channel=channel,
                first_responder=staff,
                window=window,
                matter=matter,
                about=note_of(about),
                visitor_name=note_of(name),
                visitor_phone=note_of(phone),
                ticket=of.id if of else None,
                state=OPEN,
                outcome=None,
                owner=staff,
                replied_ms=None,
                reply=None,
            ),
        )
        _log(tx, op_id, now_ms, today, "enquired", enquiry, staff, window)
        return enquiry

    return site.operate(work, _again, op)


def refer(
    site: Site,
    enquiry_id: int,
    outcome: str,
    *,
    staff: str,
    to: str | None = None,
    note: str | None = None,
    reason: str | None = None,
    op: str | None = None,
) -> Enquiry:
    """What becomes of an enquiry (FR-2 to FR-8); ``to`` is a window, a member of staff or an outside body.

    Sent on, it is its owner's until somebody accepts it, and the visitor's ticket goes along with number and
    wait; who has none is issued one. ``window`` without ``to`` takes the first open window of the matter's
    line. A bounce needs a ``reason`` (FR-9). Raises Refusal unknown_enquiry, unknown_outcome,
    not_your_enquiry, enquiry_closed, outcome_needs_target, bounce, and those of transfer and issue.
    """
    if outcome not in OUTCOMES:
        raise Refusal("unknown_outcome", outcomes=" ".join(OUTCOMES))
    now_ms = site.now_ms()

    def step(tx: Tx, op_id: str, enquiry: Enquiry) -> Enquiry:
        if enquiry.owner != staff:
            raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=enquiry.owner)
        hop = replace(
            _target(tx, site, enquiry, outcome, to, now_ms), note=note_of(note), reason=note_of(reason)
        )
        if outcome in SENT_ON:
            before = enquiries.referrals(tx, enquiry.id)
            if hop.reason is None and is_bounce(enquiry, before, hop):
                raise Refusal("bounce", enquiry=enquiry.id)
            ticket = _send_ticket(tx, site, op_id, now_ms, enquiry, hop)
            after = replace(enquiry, state=REFERRED, outcome=outcome, ticket=ticket)
        elif outcome == "registered":
            after = replace(enquiry, state=OPEN, outcome=outcome)
        else:
            after = replace(enquiry, state=CLOSED, outcome=outcome)
        enquiries.add_referral(tx, hop)
        enquiries.save(tx, after)
        _log(tx, op_id, now_ms, enquiry.service_day, "referred", after, staff, hop.to_window)
        return after

    return _on(site, enquiry_id, op, step)


def is_bounce(enquiry: Enquiry, before: list[Referral], hop: Referral) -> bool:
    """Whether a visit would come back to where it was, or be sent on once too often (FR-9)."""
    gone = [one for one in before if one.outcome in SENT_ON]
    windows = {enquiry.window, *(one.from_window for one in gone), *(one.to_window for one in gone)}
    people = {enquiry.first_responder, *(one.from_staff for one in gone), *(one.to_staff for one in gone)}
    returns = hop.to_window in windows - {None} or hop.to_staff in people - {None}
    return returns or len(gone) >= MOST_REFERRALS


def accept(
    site: Site, enquiry_id: int, *, staff: str, window: str | None = None, op: str | None = None
) -> Enquiry:
    """Take an enquiry over: from now on ``staff`` answers for it (FR-9).

    Sent to a person, only that person accepts; sent to a window, whoever holds a post there or sits there.
    Raises Refusal unknown_enquiry, unknown_staff, unknown_window, not_your_enquiry, not_accepted when it was
    not sent to anybody or somebody has accepted it.
    """
    site.directory.person(staff)
    if window is not None:
        site.directory.window(window)
    now_ms = site.now_ms()

    def step(tx: Tx, op_id: str, enquiry: Enquiry) -> Enquiry:
        hop = _open_hop(tx, enquiry)
        if hop is None:
            raise Refusal("not_accepted", enquiry=enquiry.id)
        if hop.to_staff is not None:
            is_meant = hop.to_staff == staff
        else:
            at = hop.to_window or ""
            is_meant = window in {None, at} and site.directory.post_at(at, staff) is not None
        if not is_meant:
            raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=hop.to_staff or hop.to_window)
        return _taken(tx, op_id, now_ms, enquiry, hop, staff)

    return _on(site, enquiry_id, op, step)


def accept_with_ticket(tx: Tx, op_id: str, now_ms: int, ticket: Ticket, staff: str) -> None:
    """Whoever calls a visitor takes over what the visitor came with (FR-9)."""
    for enquiry in enquiries.of_ticket(tx, ticket.id):
        hop = _open_hop(tx, enquiry)
        if hop is not None:
            _taken(tx, f"{op_id}:{enquiry.id}", now_ms, enquiry, hop, staff)


def reply(site: Site, enquiry_id: int, *, staff: str, note: str, op: str | None = None) -> Enquiry:
    """Record what the caller was told; without it what was registered stays owed (FR-7).

    Raises Refusal unknown_enquiry, not_your_enquiry, enquiry_closed, answer_needed.
    """
    now_ms = site.now_ms()
    answer = note_of(note)

    def step(tx: Tx, op_id: str, enquiry: Enquiry) -> Enquiry:
        if enquiry.owner != staff:
            raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=enquiry.owner)
        if answer is None:
            raise Refusal("answer_needed")
        after = replace(
            enquiry, state=CLOSED, outcome=enquiry.outcome or "handled", replied_ms=now_ms, reply=answer
        )
        enquiries.save(tx, after)
        _log(tx, op_id, now_ms, enquiry.service_day, "replied", after, staff, None)
        return after

    return _on(site, enquiry_id, op, step)


def _target(tx: Tx, site: Site, enquiry: Enquiry, outcome: str, to: str | None, now_ms: int) -> Referral:
    """Where an outcome leads: to whom, or to which window or outside body."""
    today = service_day(now_ms, site.hall.timezone)
    here = seats.of_staff(tx, today, enquiry.owner)
    hop = Referral(
        id=0, enquiry=enquiry.id, outcome=outcome, at_ms=now_ms, from_staff=enquiry.owner,
        from_window=here.window if here else None, to_window=None, to_staff=None, to_agency=None,
        note=None, reason=None, accepted_ms=None, accepted_by=None,
    )  # fmt: skip
    directory = site.directory
    if outcome in {"handled", "registered"}:
        return hop
    if outcome == "colleague" and to is not None:
        there = seats.of_staff(tx, today, directory.person(to).no)
        return replace(hop, to_staff=to, to_window=there.window if there else None)
    if outcome == "outside" and to is not None:
        return replace(hop, to_agency=directory.agency(to).code)
    if outcome in {"window", *_KIND_OF}:
        fitting = [directory.window(to)] if to is not None else _proposed(tx, site, enquiry, outcome, today)
        if fitting:
            return replace(hop, to_window=fitting[0].code)
    raise Refusal("outcome_needs_target", outcome=outcome)


def _proposed(tx: Tx, site: Site, enquiry: Enquiry, outcome: str, today: str) -> list[Window]:
    """The windows to which an outcome can lead when none is named; those where somebody sits come first."""
    if outcome in _KIND_OF:
        fitting = [window for window in site.hall.windows if window.kind == _KIND_OF[outcome]]
    else:
        line = site.directory.matter(enquiry.matter).line if enquiry.matter else None
        fitting = [window for window in site.hall.windows if line in window.lines]
    return sorted(fitting, key=lambda window: seats.who_sits(tx, today, window.code) is None)


def _send_ticket(tx: Tx, site: Site, op_id: str, now_ms: int, enquiry: Enquiry, hop: Referral) -> int | None:
    """Send the visitor's ticket along, or issue one to a visitor who stands here without; gives its id."""
    if hop.to_window is None:
        return enquiry.ticket
    target = site.directory.window(hop.to_window)
    if enquiry.ticket is not None:
        found = tickets.by_number(tx, enquiry.service_day, tickets.by_id(tx, enquiry.ticket).number)
        if found is not None and found.state in {states.CALLED, states.SERVING}:
            # The note stays with the enquiry; and to undo the move alone would tear the two apart.
            op = f"{op_id}:ticket"
            moving.to_window(tx, found, target, op=op, now_ms=now_ms, note=None, undoable=False)
        return enquiry.ticket
    if enquiry.channel != CHANNELS[0] or not target.lines:
        return None
    matter = site.directory.matter(enquiry.matter) if enquiry.matter else None
    fits = matter is not None and matter.line in target.lines
    if not workdays.is_open(site.hall, now_ms):
        raise Refusal("hall_closed")
    ticket = issuing.take_number(
        tx, site, matter.line if matter and fits else target.lines[0], op=f"{op_id}:ticket", now_ms=now_ms,
        matter=matter.code if matter and fits else None, staff=enquiry.owner,
    )  # fmt: skip
    return ticket.id


def _open_hop(tx: Tx, enquiry: Enquiry) -> Referral | None:
    """The referral that nobody has accepted yet."""
    hops = enquiries.referrals(tx, enquiry.id) if enquiry.state == REFERRED else []
    return hops[-1] if hops and hops[-1].accepted_ms is None else None


def _taken(tx: Tx, op_id: str, now_ms: int, enquiry: Enquiry, hop: Referral, staff: str) -> Enquiry:
    after = replace(enquiry, state=ACCEPTED, owner=staff)
    enquiries.accept(tx, hop.id, staff, now_ms)
    enquiries.save(tx, after)
    _log(tx, op_id, now_ms, enquiry.service_day, "accepted", after, staff, hop.to_window)
    return after


def _on(site: Site, enquiry_id: int, op: str | None, step: Callable[[Tx, str, Enquiry], Enquiry]) -> Enquiry:
    def work(tx: Tx, op_id: str) -> Enquiry:
        enquiry = enquiries.hold(tx, enquiry_id)
        if enquiry is None:
            raise Refusal("unknown_enquiry", enquiry=enquiry_id)
        if enquiry.state == CLOSED:
            raise Refusal("enquiry_closed", enquiry=enquiry_id)
        return step(tx, op_id, enquiry)

    return site.operate(work, _again, op)


def _again(tx: Tx, done: Entry) -> Enquiry:
    return enquiries.by_id(tx, int(done.note or 0))


def _log(
    tx: Tx, op_id: str, now_ms: int, day: str, event: str, enquiry: Enquiry, staff: str, window: str | None
) -> None:
    # The enquiry's number and nothing of what it says: the journal is kept for ever (PV-1).
    journal.add(tx, journal.Line(op_id, now_ms, day, event, window=window, staff=staff, note=str(enquiry.id)))
