"""The commands without a screen: each one operation of the hall, answered as text or as one JSON object."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jiaohao.queue import (
    calling,
    compliance,
    day,
    enquiries,
    export,
    issuing,
    moving,
    notices,
    privacy,
    seating,
    signing,
    states,
)
from jiaohao.queue.floor import Floor, read_floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.notice_text import sheet
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.registers import obligations, register, registered
from jiaohao.queue.show import find_ticket
from jiaohao.queue.site import Site
from jiaohao.queue.words import owed_word, state_word
from jiaohao.store.values import Enquiry, Notice, Staff, Ticket
from jiaohao.tui.contract import (
    Json,
    enquiry_json,
    entry_json,
    floor_json,
    hit_json,
    notice_json,
    owed_json,
    ticket_json,
    window_json,
)

Answer = tuple[Json, str]
"""What a command did, for programs and for people."""


def acting(site: Site, args: argparse.Namespace) -> Staff | None:
    """Who acts (``--staff``), their PIN checked; None when nobody was named. Raises Refusal."""
    if args.staff is None:
        return None
    site.directory.person(args.staff)
    pin = os.environ.get("JIAOHAO_PIN")
    if pin is None:
        if not sys.stdin.isatty():
            raise Refusal("pin_needed", staff=args.staff)
        pin = getpass.getpass(_("PIN: "))
    return signing.sign_on(site, args.staff, pin)


def _acting_no(site: Site, args: argparse.Namespace) -> str | None:
    person = acting(site, args)
    return person.no if person else None


def _named(site: Site, args: argparse.Namespace) -> Staff:
    person = acting(site, args)
    if person is None:
        raise Refusal("staff_needed")
    return person


def _ticket(site: Site, ticket: Ticket) -> Answer:
    floor, _forecast = read_floor(site)
    text = f"{ticket.number} {state_word(ticket.state)}"
    if ticket.window:
        text += " " + _("window {window}").format(window=ticket.window)
    return ticket_json(ticket, floor), text


def issue(site: Site, args: argparse.Namespace) -> Answer:
    """``issue LINE``: a new ticket, and the slip that says what the visitor may expect."""
    staff = _acting_no(site, args)
    floor, _forecast = read_floor(site)
    line = floor.line(args.line)
    ticket = issuing.issue(
        site, args.line, matter=args.matter, priority=args.priority, staff=staff,
        estimate_s=line.expected_wait_s if line else None, op=args.op,
    )  # fmt: skip
    floor, _forecast = read_floor(site)
    return ticket_json(ticket, floor), issuing.slip(site.hall, floor, ticket)


def show(site: Site, args: argparse.Namespace) -> Answer:
    """``show NUMBER``: today's ticket with its journal."""
    ticket, entries = find_ticket(site, args.number)
    answer, text = _ticket(site, ticket)
    answer["journal"] = [entry_json(entry) for entry in entries]
    lines = [text] + [
        "  ".join(str(v) for v in entry.values() if v is not None) for entry in answer["journal"]
    ]
    return answer, "\n".join(lines)


def matters(site: Site, args: argparse.Namespace) -> Answer:
    """``matters TEXT``: what can be meant, the likeliest first, with what to tell the visitor."""
    hits = site.directory.lookup.find(args.text)
    now, _forecast = read_floor(site)
    return {"matters": [hit_json(hit, now) for hit in hits]}, "\n".join(f"{h.code}  {h.shown}" for h in hits)


def _window(site: Site, code: str) -> Answer:
    floor, _forecast = read_floor(site)
    window = floor.window(code)
    if window is None:
        raise Refusal("unknown_window", window=code)
    return window_json(window), f"{window.code} {window.name} {state_word(window.state)}"


def sit(site: Site, args: argparse.Namespace) -> Answer:
    """``sit WINDOW --staff NO``: signs on at a window."""
    site.directory.window(args.window)
    seating.sit(site, args.window, _named(site, args).no, op=args.op)
    return _window(site, args.window)


def leave(site: Site, args: argparse.Namespace) -> Answer:
    """``leave WINDOW``: signs off it."""
    seating.leave(site, args.window, reason=args.reason, back=args.back, op=args.op)
    return _window(site, args.window)


def pause(site: Site, args: argparse.Namespace) -> Answer:
    """``pause WINDOW``: stops calling for a moment."""
    seating.pause(site, args.window, back=args.back, op=args.op)
    return _window(site, args.window)


def go_on(site: Site, args: argparse.Namespace) -> Answer:
    """``go-on WINDOW``: ends a pause."""
    seating.go_on(site, args.window, op=args.op)
    return _window(site, args.window)


def at_window(verb: Callable[..., Ticket]) -> Callable[[Site, argparse.Namespace], Answer]:
    """A command for the ticket at a window: call, recall, start, hold, miss."""

    def run(site: Site, args: argparse.Namespace) -> Answer:
        return _ticket(site, verb(site, args.window, op=args.op))

    return run


def finish(site: Site, args: argparse.Namespace) -> Answer:
    """``finish WINDOW --kind KIND``: served."""
    return _ticket(site, calling.finish(site, args.window, kind=args.kind, op=args.op))


def resume(site: Site, args: argparse.Namespace) -> Answer:
    """``resume NUMBER WINDOW``: a held ticket goes on."""
    return _ticket(site, moving.resume(site, args.number, args.window, op=args.op))


def by_number(verb: Callable[..., Ticket]) -> Callable[[Site, argparse.Namespace], Answer]:
    """A command for a ticket by its number: requeue, cancel, undo."""

    def run(site: Site, args: argparse.Namespace) -> Answer:
        return _ticket(site, verb(site, args.number, staff=_acting_no(site, args), op=args.op))

    return run


def transfer(site: Site, args: argparse.Namespace) -> Answer:
    """``transfer NUMBER --line LINE | --window W``: onward, keeping number and wait."""
    moved = moving.transfer(site, args.number, line=args.line, window=args.window, note=args.note, op=args.op)
    return _ticket(site, moved)


def close_day(site: Site, args: argparse.Namespace) -> Answer:
    """``close-day``: closes the service day."""
    figures: dict[str, Any] = dict(day.close_day(site, staff=_acting_no(site, args), op=args.op))
    text = _("Day closed: served {served}, missed {missed}, unserved {unserved}").format(**figures)
    return figures, text


def pin(site: Site, args: argparse.Namespace) -> Answer:
    """``pin NO --reset``: a manager clears a PIN."""
    signing.reset_pin(site, args.no, manager=_named(site, args).no, op=args.op)
    return {"no": args.no, "pin": None}, _("PIN of {staff} cleared.").format(staff=args.no)


def floor(site: Site, _args: argparse.Namespace) -> Answer:
    """``floor``: the floor now."""
    now, _forecast = read_floor(site)
    return floor_json(now), _floor_text(now)


def _floor_text(now: Floor) -> str:
    lines = [
        _("{line} {name}: {waiting} waiting").format(line=line.code, name=line.name, waiting=line.waiting)
        for line in now.lines
    ]
    for window in now.windows:
        number = window.ticket.number if window.ticket else ""
        lines.append(f"{window.code} {window.name} {state_word(window.state)} {number}".rstrip())
    return "\n".join(lines)


def _enquiry(site: Site, enquiry: Enquiry) -> Answer:
    one = registered(site, enquiry)
    return enquiry_json(one), f"{enquiry.id}  {enquiry.state}  {enquiry.owner}"


def _acting_at(site: Site, args: argparse.Namespace) -> str:
    # Whoever sits at a window is the one who acts there.
    if args.staff is None and args.window is not None:
        return seating.who_sits(site, args.window)
    return _named(site, args).no


def enquire(site: Site, args: argparse.Namespace) -> Answer:
    """``enquire``: what somebody was first asked."""
    asked = enquiries.enquire(
        site, staff=_acting_at(site, args), channel=args.channel, matter=args.matter, about=args.about,
        window=args.window, name=args.name, phone=args.phone, ticket=args.ticket, handed_out=args.handed_out,
        op=args.op,
    )  # fmt: skip
    return _enquiry(site, asked)


def refer(site: Site, args: argparse.Namespace) -> Answer:
    """``refer ENQUIRY --outcome OUTCOME``: what becomes of it."""
    sent = enquiries.refer(
        site, args.enquiry, args.outcome, staff=_named(site, args).no, to=args.to, note=args.note,
        reason=args.reason, contacted=args.contacted, handed_out=args.handed_out, op=args.op,
    )  # fmt: skip
    return _enquiry(site, sent)


def accept(site: Site, args: argparse.Namespace) -> Answer:
    """``accept ENQUIRY``: takes it over."""
    staff = _acting_at(site, args)
    return _enquiry(site, enquiries.accept(site, args.enquiry, staff=staff, window=args.window, op=args.op))


def reply(site: Site, args: argparse.Namespace) -> Answer:
    """``reply ENQUIRY|SERIAL --note TEXT``: what the caller was told, or what was found out."""
    staff = _named(site, args).no
    if not args.enquiry.isdecimal():
        return _notice(site, notices.answer(site, args.enquiry, staff=staff, note=args.note, op=args.op))
    return _enquiry(site, enquiries.reply(site, int(args.enquiry), staff=staff, note=args.note, op=args.op))


def list_enquiries(site: Site, args: argparse.Namespace) -> Answer:
    """``enquiries``: a day's register, with ``--open`` all that are not closed, with ``--mine`` one's own."""
    person = _named(site, args)
    found = register(
        site, owner=person.no if args.mine else None, open_only=args.open, day=args.date, window=args.window,
        text=args.find or "", reader=person,
    )  # fmt: skip
    lines = [f"{one.enquiry.id}  {one.enquiry.state}  {one.enquiry.owner}" for one in found]
    return {"enquiries": [enquiry_json(one) for one in found]}, "\n".join(lines)


def _notice(site: Site, notice: Notice, pdf: str | None = None) -> Answer:
    return notice_json(notice, pdf), sheet(site, notice).text


def notice(site: Site, args: argparse.Namespace) -> Answer:
    """``notice NUMBER | --enquiry ID``: the one-time notice, as text and as PDF."""
    wanted = notices.Wanted(
        args.kind, tuple(args.brought), args.basis, args.reason, oral=args.oral, to_find_out=args.to_find_out
    )
    issued = notices.notify(
        site, wanted, number=args.number, enquiry=args.enquiry, staff=_acting_no(site, args), op=args.op
    )
    if args.pdf is not None:
        from jiaohao.queue import notice_pdf  # noqa: PLC0415 - only who prints pays for it

        notice_pdf.write(Path(args.pdf), sheet(site, issued))
    return _notice(site, issued, args.pdf)


def list_obligations(site: Site, args: argparse.Namespace) -> Answer:
    """``obligations``: what somebody, or everybody, still owes, oldest first."""
    found = obligations(site, _acting_no(site, args))
    lines = [
        f"{owed.owner}  {owed_word(owed.kind)}  {owed.age_min}/{owed.limit_min} min"
        + (f"  {_('overdue')}" if owed.is_overdue else "")
        for owed in found
    ]
    return {"obligations": [owed_json(owed) for owed in found]}, "\n".join(lines)


def unmask(site: Site, args: argparse.Namespace) -> Answer:
    """``unmask ENQUIRY``: name and telephone in full, for who may see them; the journal keeps it."""
    visitor = privacy.unmask(site, args.enquiry, staff=_named(site, args).no, op=args.op)
    answer: Json = {"id": args.enquiry, "name": visitor.name, "phone": visitor.phone}
    return answer, f"{visitor.name or '-'}  {visitor.phone or '-'}"


def anonymise(site: Site, args: argparse.Namespace) -> Answer:
    """``anonymise``: removes what is personal from before a day, or only counts it."""
    done = privacy.anonymise(
        site, before=args.before, dry_run=args.dry_run, staff=_acting_no(site, args), op=args.op
    )
    answer: Json = {"before": done.before, "rows": done.rows, "dry_run": args.dry_run}
    return answer, "\n".join(f"{table}: {count}" for table, count in done.rows.items())


def figures(site: Site, args: argparse.Namespace) -> Answer:
    """``figures``: first-responder responsibility per person, window or department, also as CSV or xlsx."""
    today = site.today()
    rows = compliance.compliance(site, args.by, args.since or today, args.until or today)
    table = compliance.table(rows)
    if args.file is not None:
        export.write(Path(args.file), table)
    text = "\n".join("  ".join(str(cell) for cell in row) for row in table)
    return {"figures": [asdict(row) for row in rows]}, text


KINDS = states.KINDS
RUN: dict[str, Callable[[Site, argparse.Namespace], Answer]] = {
    "floor": floor,
    "issue": issue,
    "matters": matters,
    "show": show,
    "sit": sit,
    "leave": leave,
    "pause": pause,
    "go-on": go_on,
    "call": at_window(calling.call),
    "recall": at_window(calling.recall),
    "start": at_window(calling.start),
    "hold": at_window(calling.hold),
    "miss": at_window(calling.miss),
    "finish": finish,
    "resume": resume,
    "requeue": by_number(moving.requeue),
    "cancel": by_number(moving.cancel),
    "undo": by_number(moving.undo),
    "transfer": transfer,
    "enquire": enquire,
    "refer": refer,
    "accept": accept,
    "reply": reply,
    "enquiries": list_enquiries,
    "notice": notice,
    "obligations": list_obligations,
    "unmask": unmask,
    "anonymise": anonymise,
    "figures": figures,
    "close-day": close_day,
    "pin": pin,
}
