"""The one-time notice 一次性告知书: what is missing, or why not, said once and whole (ON-1 to ON-5)."""

from __future__ import annotations

from dataclasses import field, replace
from typing import Any

from jiaohao.queue import following
from jiaohao.queue.change import by_number
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.questions import Question, taken_up
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import enquiries, journal, notices, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Entry, Matter, Notice

KINDS = ("supplement", "refusal", "not_ours", "no_permit")
WRITTEN, ORAL = "written", "oral"


@frozen
class Wanted:
    """What a notice is to say. ``brought`` are names of the matter's materials that the visitor has.

    With ``to_find_out`` it stays open with its clerk until the answer is told (ON-5). ``name`` and ``phone``
    are the visitor's where they were given: by these a second visit for the same matter is known (ON-6).
    """

    kind: str = KINDS[0]
    brought: tuple[str, ...] = ()
    basis: str | None = None
    reason: str | None = None
    oral: bool = False
    to_find_out: bool = False
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    @property
    def names_visitor(self) -> bool:
        """Whether the visitor said who they are."""
        return note_of(self.name) is not None or note_of(self.phone) is not None


@frozen
class _Visit:
    ticket: int | None
    enquiry: int | None
    matter: str | None
    channel: str
    staff: str
    window: str | None


def notify(
    site: Site,
    wanted: Wanted,
    *,
    number: str | None = None,
    enquiry: int | Question | None = None,
    staff: str | None = None,
    answers: bool = False,
    op: str | None = None,
) -> Notice:
    """Issue the notice of a visit, named by its ticket or its enquiry; what is asked just now is recorded.

    Without ``staff`` whoever sits at the ticket's window issues it. What is left of the matter's materials
    is what is missing (ON-2); every other kind needs a basis or a reason (ON-3); only by telephone may it
    be oral (ON-4). With ``answers`` the enquiry is dealt with by it (FR-2). Raises Refusal unknown_notice,
    unknown_ticket, unknown_enquiry, unknown_material, staff_needed, wrong_state, basis_required,
    written_needed, nothing_missing, and those of ``enquire``.
    """
    if wanted.kind not in KINDS:
        raise Refusal("unknown_notice", kinds=" ".join(KINDS))
    basis, reason = note_of(wanted.basis), note_of(wanted.reason)
    if wanted.kind != KINDS[0] and basis is None and reason is None:
        raise Refusal("basis_required")
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Notice:
        if number:
            visit = _by_ticket(tx, site, number, staff, wanted, op_id)
        else:
            visit = _by_enquiry(tx, site, op_id, enquiry, staff)
        if wanted.oral and visit.channel != "phone":
            raise Refusal("written_needed")
        matter = site.directory.matter(visit.matter) if visit.matter else None
        missing = missing_of(matter, wanted) if wanted.kind == KINDS[0] else ()
        if wanted.kind == KINDS[0] and not missing and reason is None:
            raise Refusal("nothing_missing")
        if visit.enquiry is not None and wanted.names_visitor:
            enquiries.name_visitor(tx, visit.enquiry, note_of(wanted.name), note_of(wanted.phone))
        count = notices.next_number(tx, today)
        notice = notices.add(
            tx,
            Notice(
                id=0,
                serial=f"{site.hall.code.upper()}-{today.replace('-', '')}-{count:03d}",
                service_day=today,
                kind=wanted.kind,
                form=ORAL if wanted.oral else WRITTEN,
                ticket=visit.ticket,
                enquiry=visit.enquiry,
                matter=visit.matter,
                missing=missing,
                basis=basis,
                reason=reason,
                issued_ms=now_ms,
                staff=visit.staff,
                window=visit.window,
                owner=visit.staff if wanted.to_find_out else None,
                answered_ms=None,
                answer=None,
            ),
        )
        _log(tx, op_id, now_ms, "notified", notice)
        if answers and visit.enquiry is not None:
            _answered(tx, op_id, now_ms, notice, visit)
        return notice

    return site.operate(work, _again, op, "notified")


def missing_of(matter: Matter | None, wanted: Wanted) -> tuple[str, ...]:
    """The materials of a matter that the visitor has not brought (ON-2). Raises Refusal unknown_material."""
    needed = [material.name for material in matter.materials] if matter else []
    for name in wanted.brought:
        if name not in needed:
            raise Refusal("unknown_material", material=name)
    return tuple(name for name in needed if name not in wanted.brought)


def answer(site: Site, serial: str, *, staff: str, note: str, op: str | None = None) -> Notice:
    """Record what was found out and told to the visitor; until then the notice stays owed (ON-5).

    Raises Refusal unknown_notice_serial, not_your_enquiry, answer_needed.
    """
    now_ms = site.now_ms()
    text = note_of(note)

    def work(tx: Tx, op_id: str) -> Notice:
        notice = notices.hold(tx, serial)
        if notice is None or notice.owner is None or notice.answered_ms is not None:
            raise Refusal("unknown_notice_serial", serial=serial)
        if notice.owner != staff:
            raise Refusal("not_your_enquiry", enquiry=serial, staff=notice.owner)
        if text is None:
            raise Refusal("answer_needed")
        notices.answer(tx, notice.id, now_ms, text)
        _log(tx, op_id, now_ms, "answered", notice)
        return replace(notice, answered_ms=now_ms, answer=text)

    return site.operate(work, _again, op, "answered")


def of_ticket(site: Site, ticket_id: int) -> list[Notice]:
    """The notices of a ticket's visit, oldest first. Raises Fault."""
    return site.store.read(lambda tx: notices.of_visit(tx, ticket_id, None))


def _by_ticket(tx: Tx, site: Site, number: str, staff: str | None, wanted: Wanted, op_id: str) -> _Visit:
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    ticket = by_number(tx, today, number)
    if ticket.state not in {"called", "serving", "held"}:
        raise Refusal("wrong_state", number=ticket.number, state=ticket.state)
    who = staff or seats.who_sits(tx, today, ticket.window or "")
    if who is None:
        raise Refusal("staff_needed")
    with_it = enquiries.of_ticket(tx, ticket.id)
    if not with_it and wanted.names_visitor:
        # Who the visitor is belongs to an enquiry; nobody was asked before this clerk (FR-1).
        with_it = [following.asked_now(tx, op_id, now_ms, ticket, who)]
    matter = ticket.matter or next((one.matter for one in with_it if one.matter), None)
    enquiry = with_it[0].id if with_it else None
    return _Visit(ticket.id, enquiry, matter, following.IN_PERSON, who, ticket.window)


def _answered(tx: Tx, op_id: str, now_ms: int, notice: Notice, visit: _Visit) -> None:
    # Told what is missing, or why not, the visitor has an answer; what is to be found out stays owed (ON-5).
    enquiry = enquiries.by_id(tx, visit.enquiry or 0)
    is_caller = visit.channel != following.IN_PERSON
    told: dict[str, Any] = {"replied_ms": now_ms, "reply": notice.serial} if is_caller else {}
    after = replace(enquiry, state=following.CLOSED, outcome="handled", **told)
    enquiries.save(tx, after)
    following.write_down(tx, f"{op_id}:handled", now_ms, "referred", after, visit.staff, visit.window)


def _by_enquiry(tx: Tx, site: Site, op_id: str, asked: int | Question | None, staff: str | None) -> _Visit:
    if staff is None:
        raise Refusal("staff_needed")
    enquiry = taken_up(tx, site, op_id, site.now_ms(), asked or 0, staff)
    if staff != enquiry.owner:
        raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=enquiry.owner)
    seat = seats.of_staff(tx, enquiry.service_day, staff)
    window = seat.window if seat else enquiry.window
    return _Visit(enquiry.ticket, enquiry.id, enquiry.matter, enquiry.channel, staff, window)


def _again(tx: Tx, done: Entry) -> Notice:
    found = notices.hold(tx, done.note or "")
    if found is None:
        raise AssertionError(f"operation {done.op} issued no notice")
    return found


def _log(tx: Tx, op_id: str, now_ms: int, event: str, notice: Notice) -> None:
    ticket = tickets.by_id(tx, notice.ticket) if notice.ticket is not None else None
    journal.add(
        tx,
        journal.Line(
            op_id, now_ms, notice.service_day, event, None, ticket.number if ticket else None,
            notice.window, notice.staff, note=notice.serial,
        ),
    )  # fmt: skip
