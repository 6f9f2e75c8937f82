"""The JSON that people outside rely on; names and meanings here never change."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jiaohao.queue import states
from jiaohao.queue.clock import iso
from jiaohao.queue.presence import CONSENTED

if TYPE_CHECKING:  # every command prints JSON, and most of it is about few of these
    from jiaohao.queue.accounts import Account
    from jiaohao.queue.floor import Floor, WindowView
    from jiaohao.queue.incidents import Incident
    from jiaohao.queue.lookup import Hit
    from jiaohao.queue.registers import Owed, Registered
    from jiaohao.queue.waits import Slot
    from jiaohao.store.slips import Numbered
    from jiaohao.store.values import Call, Entry, Notice, Ticket

Json = dict[str, Any]


def _instant(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def ticket_json(ticket: Ticket, floor: Floor, *, told_s: int | None = None) -> Json:
    """One ticket; ``ahead`` and ``expected_wait_s`` only while it waits; ``told_s`` if the floor has none."""
    waiting = ticket.state == states.WAITING
    return {
        "number": ticket.number,
        "line": ticket.line,
        "matter": ticket.matter,
        "priority": ticket.priority,
        "state": ticket.state,
        "service_day": ticket.service_day,
        "issued_at": iso(ticket.issued_ms),
        "window": ticket.window,
        "calls": ticket.calls,
        "ahead": floor.ahead_of(ticket) if waiting else None,
        "expected_wait_s": floor.expected.get(ticket.id, told_s) if waiting else None,
    }


def entry_json(entry: Entry) -> Json:
    """One line of a ticket's journal."""
    return {
        "at": iso(entry.at_ms),
        "event": entry.event,
        "window": entry.window,
        "staff": entry.staff,
        "note": entry.note,
    }


def slip_json(one: Numbered, state: str) -> Json:
    """One slip; ``error`` is why it has not come out so far."""
    return {
        "number": one.number,
        "state": state,
        "again": bool(one.slip.again),
        "created_at": iso(one.slip.created_ms),
        "printed_at": _instant(one.slip.printed_ms),
        "attempts": one.slip.attempts,
        "error": one.slip.error,
    }


def line_json(entry: Entry) -> Json:
    """One line of a day's journal."""
    return {
        "at": iso(entry.at_ms),
        "event": entry.event,
        "number": entry.number,
        "window": entry.window,
        "staff": entry.staff,
        "note": entry.note,
    }


def wait_json(part: Slot) -> Json:
    """The numbers first called in a part of a day; ``line`` is null for the whole hall.

    ``estimates`` compares what was told at issue with what followed: ``error_median`` is relative (0.2 is a
    fifth), ``bias_s`` above zero says that waits were told too short.
    """
    told = part.estimates
    return {
        "from": iso(part.from_ms),
        "to": iso(part.to_ms),
        "line": part.line,
        "called": part.called,
        "median_wait_s": part.median_wait_s,
        "longest_wait_s": part.longest_wait_s,
        "estimates": {
            "count": told.count,
            "error_median_s": told.median_s,
            "error_median": told.median_share,
            "bias_s": told.bias_s,
            "too_short": told.too_short,
            "too_long": told.too_long,
        },
    }


def hit_json(hit: Hit, floor: Floor) -> Json:
    """One matter, line or outside body as it stands now; ``windows`` are open and serve the line."""
    if hit.agency is not None:
        agency = hit.agency
        return {
            "what": "agency",
            "code": agency.code,
            "name": agency.name,
            "address": agency.address,
            "phone": agency.phone,
            "hours": agency.hours,
        }
    line = floor.line(hit.line.code) if hit.line else None
    answer: Json = {
        "what": "matter" if hit.matter else "line",
        "code": hit.code,
        "name": hit.name,
        "line": line.code if line else None,
        "windows": list(floor.open_windows(line.code)) if line else [],
        "waiting": line.waiting if line else None,
        "expected_wait_s": line.expected_wait_s if line else None,
    }
    if (matter := hit.matter) is not None:
        answer |= {
            "department": matter.department,
            "materials": [asdict(material) for material in matter.materials],
            "procedure": matter.procedure,
            "limit_days": matter.limit_days,
            "fee": matter.fee,
            "basis": matter.basis,
        }
    return answer


def enquiry_json(one: Registered) -> Json:
    """One enquiry; the visitor's name and telephone never leave this way (PV-1)."""
    enquiry, last = one.enquiry, one.last
    return {
        "id": enquiry.id,
        "opened_at": iso(enquiry.opened_ms),
        "channel": enquiry.channel,
        "first_responder": enquiry.first_responder,
        "matter": enquiry.matter,
        "about": enquiry.about,
        "ticket": one.number,
        "state": enquiry.state,
        "outcome": enquiry.outcome,
        "owner": enquiry.owner,
        "from": (last.from_window or last.from_staff) if last else None,
        "to": (last.to_window or last.to_staff or last.to_agency) if last else None,
        "accepted_at": _instant(last.accepted_ms) if last else None,
        "replied_at": _instant(enquiry.replied_ms),
        "hops": one.hops,
        "overdue": one.is_overdue,
    }


def notice_json(notice: Notice, pdf: str | None = None) -> Json:
    """One one-time notice; ``pdf`` is the file to which it was written."""
    return {
        "serial": notice.serial,
        "kind": notice.kind,
        "form": notice.form,
        "matter": notice.matter,
        "missing": list(notice.missing),
        "basis": notice.basis,
        "reason": notice.reason,
        "issued_at": iso(notice.issued_ms),
        "pdf": pdf,
    }


def owed_json(owed: Owed) -> Json:
    """Something still owed; age and limit in working minutes."""
    return {
        "kind": owed.kind,
        "owner": owed.owner,
        "enquiry": owed.enquiry.id if owed.enquiry else None,
        "notice": owed.notice.serial if owed.notice else None,
        "since": iso(owed.since_ms),
        "age_min": owed.age_min,
        "limit_min": owed.limit_min,
        "overdue": owed.is_overdue,
    }


def absence_json(one: Account) -> Json:
    """One absence; minutes count within opening hours, ``counts_as`` is a fact to be looked into (AB-8)."""
    absence = one.absence
    return {
        "window": absence.window,
        "post": _post(absence.post),
        "staff": absence.staff,
        "reason": absence.reason,
        "approved": absence.approved_by is not None,
        "from": iso(absence.from_ms),
        "expected_back": _instant(absence.back_ms),
        "to": _instant(absence.to_ms),
        "minutes": one.minutes,
        "covered_by_post": _post(one.covered_by_post),
        "covered_at": _instant(one.covered_ms),
        "uncovered_minutes": one.uncovered_min,
        "counts_as": one.counts_as,
        "attempts": [
            {"post": attempt.post, "at": iso(attempt.at_ms), "answer": attempt.answer}
            for attempt in one.attempts
        ],
    }


def incident_json(one: Incident) -> Json:
    """One fact to be looked into, with how often its window and its department had one of its kind."""
    return {
        "kind": one.kind,
        "window": one.window,
        "department": one.department,
        "day": one.day,
        "from": _instant(one.from_ms),
        "to": _instant(one.to_ms),
        "minutes": one.minutes,
        "staff": one.staff,
        "post": _post(one.post),
        "attempts": one.attempts,
        "times": one.times,
        "times_in_department": one.times_in_department,
        "higher": one.is_higher,
    }


def _post(post: str | None) -> str | None:
    # Who sits by consent holds no post there.
    return None if post == CONSENTED else post


def window_json(window: WindowView) -> Json:
    """One window as it is now."""
    return {
        "code": window.code,
        "name": window.name,
        "kind": window.kind,
        "lines": list(window.lines),
        "state": window.state,
        "post": _post(window.post),
        "ticket": window.ticket.number if window.ticket else None,
        "absent_since": _instant(window.absent_since_ms),
        "expected_back": _instant(window.back_ms),
        "go_to": list(window.go_to),
        "covered": window.is_covered,
        "cover": window.cover,
    }


def floor_json(floor: Floor) -> Json:
    """The floor now: numbers and windows, nothing about persons (PV-1)."""
    return {
        "as_of": iso(floor.as_of_ms),
        "service_day": floor.service_day,
        "open": floor.is_open,
        "windows": [window_json(window) for window in floor.windows],
        "lines": [
            {
                "code": line.code,
                "name": line.name,
                "waiting": line.waiting,
                "longest_wait_s": line.longest_wait_s,
                "expected_wait_s": line.expected_wait_s,
            }
            for line in floor.lines
        ],
        "calls": [_call_json(call) for call in floor.calls],
        "absent": [window_json(window) for window in floor.absent],
    }


def _call_json(call: Call) -> Json:
    return {"number": call.number, "window": call.window, "at": iso(call.at_ms)}
