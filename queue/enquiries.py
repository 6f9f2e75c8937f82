"""What becomes of an enquiry: somebody answers for it until somebody else has taken over (FR-2 to FR-9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jiaohao.queue import following, issuing, moving, states, workdays
from jiaohao.queue.change import changed
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.following import CLOSED, IN_PERSON, OPEN, REFERRED, SENT_ON
from jiaohao.queue.questions import Question, enquiry_again, taken_up
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import enquiries, notices, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Enquiry, Referral, Window

OUTCOMES = ("handled", "colleague", "window", "outside", "desk", "office", "registered", "supervision")
_KIND_OF = {"desk": "desk", "office": "office", "supervision": "supervision"}
"""The kind of window to which an outcome leads."""


def refer(
    site: Site,
    asked: int | Question,
    outcome: str,
    *,
    staff: str,
    to: str | None = None,
    note: str | None = None,
    reason: str | None = None,
    contacted: bool = False,
    handed_out: str | None = None,
    op: str | None = None,
) -> Enquiry:
    """What becomes of an enquiry (FR-2 to FR-8); ``to`` is a window, a member of staff or an outside body.

    Asked just now, it is recorded in the same step, and nothing is left of it where the outcome is refused.
    Sent on, it is its owner's until somebody accepts it, and the visitor's ticket goes along with number and
    wait; who has none is issued one. ``window`` without ``to`` takes the first open window of the matter's
    line. A bounce needs a ``reason`` (FR-9). ``contacted`` says that the body outside was spoken to (FR-5),
    ``handed_out`` what was given along (CR-2). Nothing is handled without a ticket, a notice or a ``note`` of
    what was answered (FR-2), and no caller's enquiry is closed without that (FR-7). Raises Refusal
    unknown_enquiry, unknown_outcome, not_your_enquiry, enquiry_closed, outcome_needs_target, answer_needed,
    bounce, and those of transfer and issue.
    """
    if outcome not in OUTCOMES:
        raise Refusal("unknown_outcome", outcomes=" ".join(OUTCOMES))
    now_ms = site.now_ms()

    def step(tx: Tx, op_id: str, enquiry: Enquiry) -> Enquiry:
        if enquiry.owner != staff:
            raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=enquiry.owner)
        hop = replace(
            _target(tx, site, enquiry, outcome, to, now_ms),
            note=note_of(note), reason=note_of(reason), contacted=int(contacted),
        )  # fmt: skip
        kept = replace(enquiry, outcome=outcome, handed_out=note_of(handed_out) or enquiry.handed_out)
        if outcome in SENT_ON:
            hop = following.judged(enquiry, enquiries.referrals(tx, enquiry.id), hop)
            ticket = _send_ticket(tx, site, op_id, now_ms, enquiry, hop)
            after = replace(kept, state=REFERRED, ticket=ticket)
        elif outcome == "registered":
            after = replace(kept, state=OPEN)
        else:
            after = replace(kept, state=CLOSED, **_told(tx, site, enquiry, hop))
        if outcome == "supervision":
            enquiries.add_complaint(tx, enquiry.id, now_ms)
        enquiries.add_referral(tx, hop)
        enquiries.save(tx, after)
        following.write_down(tx, op_id, now_ms, "referred", after, staff, hop.to_window)
        return after

    return _on(site, asked, staff, op, "referred", step)


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
        hop = following.open_hop(tx, enquiry)
        if hop is None:
            raise Refusal("not_accepted", enquiry=enquiry.id)
        if hop.to_staff is not None:
            is_meant = hop.to_staff == staff
        else:
            at = hop.to_window or ""
            is_there = (
                site.directory.post_at(at, staff) is not None or seats.who_sits(tx, site.today(), at) == staff
            )
            is_meant = window in {None, at} and is_there
        if not is_meant:
            raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=hop.to_staff or hop.to_window)
        return following.taken(tx, op_id, now_ms, enquiry, hop, staff)

    return _on(site, enquiry_id, staff, op, "accepted", step)


def reply(site: Site, enquiry_id: int, *, staff: str, note: str, op: str | None = None) -> Enquiry:
    """Record what the caller was told; without it what was registered stays owed (FR-7).

    Raises Refusal unknown_enquiry, not_your_enquiry, enquiry_closed, answer_needed.
    """
    now_ms = site.now_ms()
    answer = note_of(note)

    def step(tx: Tx, op_id: str, enquiry: Enquiry) -> Enquiry:
        # Who was rung up sees to it that the caller is told, whoever deals with it now.
        may = {enquiry.owner} if enquiry.channel == IN_PERSON else {enquiry.owner, enquiry.first_responder}
        if staff not in may:
            raise Refusal("not_your_enquiry", enquiry=enquiry.id, staff=enquiry.owner)
        if answer is None:
            raise Refusal("answer_needed")
        after = replace(
            enquiry, state=CLOSED, outcome=enquiry.outcome or "handled", replied_ms=now_ms, reply=answer
        )
        enquiries.save(tx, after)
        following.write_down(tx, op_id, now_ms, "replied", after, staff, None)
        return after

    return _on(site, enquiry_id, staff, op, "replied", step)


def _told(tx: Tx, site: Site, enquiry: Enquiry, hop: Referral) -> dict[str, Any]:
    """What was answered, and to a caller also when. Raises Refusal answer_needed."""
    if enquiry.channel == IN_PERSON:
        served = enquiry.ticket is not None or hop.note is not None or hop.outcome != "handled"
        if not served and not notices.of_visit(tx, None, enquiry.id):
            raise Refusal("answer_needed")
        return {}
    answer = hop.note
    if hop.to_agency is not None and enquiry.channel == "phone":
        answer = answer or site.directory.agency(hop.to_agency).name
    if answer is None:
        raise Refusal("answer_needed")
    return {"replied_ms": hop.at_ms, "reply": answer}


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
            moving.to_window(
                tx, found, target, op=op, now_ms=now_ms, staff=enquiry.owner, note=None, undoable=False
            )
        elif found is not None and found.state == states.WAITING:
            line, queue = moving.queue_at(found, target)
            changed(
                tx, found, "moved", op=f"{op_id}:ticket", now_ms=now_ms, staff=enquiry.owner, undoable=False,
                line=line, queue=queue,
            )  # fmt: skip
        return enquiry.ticket
    if enquiry.channel != IN_PERSON or not target.lines:
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


def _on(
    site: Site,
    asked: int | Question,
    staff: str,
    op: str | None,
    event: str,
    step: Callable[[Tx, str, Enquiry], Enquiry],
) -> Enquiry:
    now_ms = site.now_ms()

    def work(tx: Tx, op_id: str) -> Enquiry:
        enquiry = taken_up(tx, site, op_id, now_ms, asked, staff)
        if enquiry.state == CLOSED:
            raise Refusal("enquiry_closed", enquiry=enquiry.id)
        return step(tx, op_id, enquiry)

    return site.operate(work, enquiry_again, op, event)
