"""What somebody asks, put on record: whoever is asked first answers for it (FR-1, TS-1)."""

from __future__ import annotations

from dataclasses import field

from jiaohao.queue import day, following, issuing, order
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.following import IN_PERSON, OPEN, REFERRED
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import enquiries, tickets
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Enquiry, Entry, Referral, Ticket

CHANNELS = (IN_PERSON, "phone", "fax", "network")


@frozen
class Question:
    """What somebody asks, before it is on record (FR-1, TS-1).

    ``matter`` is a code of the directory, ``about`` free text; one of them is needed. ``name`` and ``phone``
    are the visitor's, ``window`` is where they stand, ``ticket`` the number they hold, ``handed_out`` the
    forms and papers given along (CR-2).
    """

    channel: str = IN_PERSON
    matter: str | None = None
    about: str | None = field(default=None, repr=False)
    window: str | None = None
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    ticket: str | None = None
    handed_out: str | None = field(default=None, repr=False)


def enquire(
    site: Site,
    *,
    staff: str,
    channel: str = IN_PERSON,
    matter: str | None = None,
    about: str | None = None,
    window: str | None = None,
    name: str | None = None,
    phone: str | None = None,
    ticket: str | None = None,
    handed_out: str | None = None,
    op: str | None = None,
) -> Enquiry:
    """Record that ``staff`` was asked first, by which channel and what about (FR-1, TS-1); see ``Question``.

    Raises Refusal unknown_staff, unknown_window, unknown_matter, unknown_ticket, unknown_channel,
    about_needed.
    """
    question = Question(channel, matter, about, window, name, phone, ticket, handed_out)
    now_ms = site.now_ms()
    return site.operate(
        lambda tx, op_id: _record(tx, site, op_id, now_ms, question, _ticket_of(tx, site, question), staff),
        enquiry_again,
        op,
        "enquired",
    )


def taken_up(tx: Tx, site: Site, op_id: str, now_ms: int, asked: int | Question, staff: str) -> Enquiry:
    """The enquiry of that id, held; of what is asked now, the one that came with the ticket or a new one.

    In a transaction under way. Raises Refusal unknown_enquiry, and those of ``enquire``.
    """
    if isinstance(asked, Question):
        of = _ticket_of(tx, site, asked)
        before = enquiries.of_ticket(tx, of.id) if of else []
        came = next((one for one in before if one.channel == IN_PERSON), None)
        return came or _record(tx, site, f"{op_id}:asked", now_ms, asked, of, staff)
    # Ticket before enquiry, as every step with a ticket does: two who wait for each other stand still.
    tickets.hold(tx, enquiries.ticket_of(tx, asked))
    found = enquiries.hold(tx, asked)
    if found is None:
        raise Refusal("unknown_enquiry", enquiry=asked)
    return found


def _ticket_of(tx: Tx, site: Site, question: Question) -> Ticket | None:
    if question.ticket is None:
        return None
    found = tickets.by_number(tx, site.today(), question.ticket.upper())
    if found is None:
        raise Refusal("unknown_ticket", number=question.ticket)
    return found


def _record(
    tx: Tx, site: Site, op_id: str, now_ms: int, question: Question, of: Ticket | None, staff: str
) -> Enquiry:
    _check(site, question, staff)
    enquiry = enquiries.add(
        tx,
        Enquiry(
            id=0,
            service_day=service_day(now_ms, site.hall.timezone),
            opened_ms=now_ms,
            channel=question.channel,
            first_responder=staff,
            window=question.window,
            matter=question.matter,
            about=note_of(question.about),
            visitor_name=note_of(question.name),
            visitor_phone=note_of(question.phone),
            ticket=of.id if of else None,
            state=OPEN,
            outcome=None,
            owner=staff,
            replied_ms=None,
            reply=None,
            handed_out=note_of(question.handed_out),
        ),
    )
    following.write_down(tx, op_id, now_ms, "enquired", enquiry, staff, question.window)
    return enquiry


def _check(site: Site, question: Question, staff: str) -> None:
    directory = site.directory
    directory.person(staff)
    if question.window is not None:
        directory.window(question.window)
    if question.matter is not None:
        directory.matter(question.matter)
    if question.channel not in CHANNELS:
        raise Refusal("unknown_channel", channels=" ".join(CHANNELS))
    if question.matter is None and note_of(question.about) is None:
        raise Refusal("about_needed")


def receive(
    site: Site,
    line: str,
    *,
    staff: str,
    matter: str | None = None,
    priority: str = order.NORMAL.code,
    estimate_s: int | None = None,
    window: str | None = None,
    op: str | None = None,
) -> Ticket:
    """A visitor's whole first contact at once: asked first, answered with a number of the line (FR-1, FR-4).

    Gives the ticket; whoever calls it takes the visit over. Raises Refusal like ``issuing.issue``.
    """
    now_ms = site.now_ms()
    order.priority_class(site.hall.calling, priority)

    def work(tx: Tx, op_id: str) -> Ticket:
        issuing.check(site, line, matter, staff, now_ms)
        ticket = issuing.take_number(
            tx, site, line, op=op_id, now_ms=now_ms, matter=matter, priority=priority, staff=staff,
            estimate_s=estimate_s,
        )  # fmt: skip
        enquiry = enquiries.add(
            tx,
            Enquiry(
                id=0, service_day=ticket.service_day, opened_ms=now_ms, channel=IN_PERSON,
                first_responder=staff, window=window, matter=matter, about=site.directory.line(line).name,
                visitor_name=None, visitor_phone=None, ticket=ticket.id, state=REFERRED, outcome="window",
                owner=staff, replied_ms=None, reply=None,
            ),
        )  # fmt: skip
        enquiries.add_referral(
            tx,
            Referral(
                id=0, enquiry=enquiry.id, outcome="window", at_ms=now_ms, from_staff=staff, from_window=None,
                to_window=None, to_staff=None, to_agency=None, note=None, reason=None, accepted_ms=None,
                accepted_by=None, to_line=line,
            ),
        )  # fmt: skip
        following.write_down(tx, f"{op_id}:enquired", now_ms, "enquired", enquiry, staff, window)
        return ticket

    return site.operate(work, day.ticket_again, op, "issued")


def enquiry_again(tx: Tx, done: Entry) -> Enquiry:
    """What a repeated operation answers: the enquiry it was about, as it is now."""
    return enquiries.by_id(tx, int(done.note or 0))


def asked_today(site: Site) -> dict[str, int]:
    """How often each matter was asked about today, by its code (OP-1). Raises Fault."""
    today = site.today()
    return site.store.read(lambda tx: enquiries.asked(tx, today))
