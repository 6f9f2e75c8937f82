"""The commands of enquiries, notices and registers (FR, ON, CR, PV)."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

from jiaohao.queue import compliance, enquiries, export, notices, privacy, questions, seating
from jiaohao.queue.language import gettext as _
from jiaohao.queue.notice_text import sheet
from jiaohao.queue.registers import obligations, register, registered
from jiaohao.queue.site import Site
from jiaohao.queue.words import owed_word
from jiaohao.store.values import Enquiry, Notice
from jiaohao.tui.acting import acting_no, named
from jiaohao.tui.commands import Add, Answer, Run
from jiaohao.tui.contract import Json, enquiry_json, notice_json, owed_json


def _enquiry(site: Site, enquiry: Enquiry) -> Answer:
    one = registered(site, enquiry)
    return enquiry_json(one), f"{enquiry.id}  {enquiry.state}  {enquiry.owner}"


def _acting_at(site: Site, args: argparse.Namespace) -> str:
    # Whoever sits at a window is the one who acts there.
    if args.staff is None and args.window is not None:
        return seating.who_sits(site, args.window)
    return named(site, args).no


def enquire(site: Site, args: argparse.Namespace) -> Answer:
    """``enquire``: what somebody was first asked."""
    asked = questions.enquire(
        site, staff=_acting_at(site, args), channel=args.channel, matter=args.matter, about=args.about,
        window=args.window, name=args.name, phone=args.phone, ticket=args.ticket, handed_out=args.handed_out,
        op=args.op,
    )  # fmt: skip
    return _enquiry(site, asked)


def refer(site: Site, args: argparse.Namespace) -> Answer:
    """``refer ENQUIRY --outcome OUTCOME``: what becomes of it."""
    sent = enquiries.refer(
        site, args.enquiry, args.outcome, staff=named(site, args).no, to=args.to, note=args.note,
        reason=args.reason, contacted=args.contacted, handed_out=args.handed_out, op=args.op,
    )  # fmt: skip
    return _enquiry(site, sent)


def accept(site: Site, args: argparse.Namespace) -> Answer:
    """``accept ENQUIRY``: takes it over."""
    staff = _acting_at(site, args)
    return _enquiry(site, enquiries.accept(site, args.enquiry, staff=staff, window=args.window, op=args.op))


def reply(site: Site, args: argparse.Namespace) -> Answer:
    """``reply ENQUIRY|SERIAL --note TEXT``: what the caller was told, or what was found out."""
    staff = named(site, args).no
    if not args.enquiry.isdecimal():
        return _notice(site, notices.answer(site, args.enquiry, staff=staff, note=args.note, op=args.op))
    return _enquiry(site, enquiries.reply(site, int(args.enquiry), staff=staff, note=args.note, op=args.op))


def list_enquiries(site: Site, args: argparse.Namespace) -> Answer:
    """``enquiries``: a day's register, with ``--open`` all that are not closed, with ``--mine`` one's own."""
    person = named(site, args)
    found = register(
        site, owner=person.no if args.mine else None, open_only=args.open, day=args.date, window=args.window,
        text=args.find or "", reader=person,
    )  # fmt: skip
    lines = [f"{one.enquiry.id}  {one.enquiry.state}  {one.enquiry.owner}" for one in found]
    return {"enquiries": [enquiry_json(one) for one in found]}, "\n".join(lines)


def _notice(site: Site, notice: Notice, pdf: str | None = None) -> Answer:
    return notice_json(notice, pdf), sheet(site, notice).text


def _try_to_write(file: Path) -> None:
    # Before the notice is issued: nobody is to issue it again because its file could not be written.
    is_new = not os.path.lexists(file)
    with file.open("ab"):
        pass
    if is_new:
        file.unlink()  # the hall may refuse the notice yet


def notice(site: Site, args: argparse.Namespace) -> Answer:
    """``notice NUMBER | --enquiry ID``: the one-time notice, as text and as PDF."""
    wanted = notices.Wanted(
        args.kind, tuple(args.brought), args.basis, args.reason, oral=args.oral, to_find_out=args.to_find_out
    )
    if args.pdf is not None:
        _try_to_write(Path(args.pdf))
    issued = notices.notify(
        site, wanted, number=args.number, enquiry=args.enquiry, staff=acting_no(site, args), op=args.op
    )
    if args.pdf is not None:
        from jiaohao.queue import notice_pdf  # noqa: PLC0415 - only who prints pays for it

        try:
            notice_pdf.write(Path(args.pdf), sheet(site, issued))
        except OSError as error:  # a disk that is full: the notice stands, and must not be issued again
            answer, text = _notice(site, issued)
            said = _("The file could not be written: {error}").format(error=error.strerror)
            return answer, f"{text}\n! {said}"
    return _notice(site, issued, args.pdf)


def list_obligations(site: Site, args: argparse.Namespace) -> Answer:
    """``obligations``: what one still owes oneself, or with ``--all`` everybody, oldest first."""
    found = obligations(site, named(site, args).no, of_all=args.all)
    lines = [
        f"{owed.owner}  {owed_word(owed.kind)}  {owed.age_min}/{owed.limit_min} min"
        + (f"  {_('overdue')}" if owed.is_overdue else "")
        for owed in found
    ]
    return {"obligations": [owed_json(owed) for owed in found]}, "\n".join(lines)


def unmask(site: Site, args: argparse.Namespace) -> Answer:
    """``unmask ENQUIRY``: name and telephone in full, for who may see them; the journal keeps it."""
    visitor = privacy.unmask(site, args.enquiry, staff=named(site, args).no, op=args.op)
    answer: Json = {"id": args.enquiry, "name": visitor.name, "phone": visitor.phone}
    return answer, f"{visitor.name or '-'}  {visitor.phone or '-'}"


def anonymise(site: Site, args: argparse.Namespace) -> Answer:
    """``anonymise``: removes what is personal from before a day, or only counts it."""
    staff = named(site, args).no
    done = privacy.anonymise(site, staff=staff, before=args.before, dry_run=args.dry_run, op=args.op)
    answer: Json = {"before": done.before, "rows": done.rows, "dry_run": args.dry_run}
    return answer, "\n".join(f"{table}: {count}" for table, count in done.rows.items())


def figures(site: Site, args: argparse.Namespace) -> Answer:
    """``figures``: first-responder responsibility per person, window or department, also as CSV or xlsx."""
    staff, today = named(site, args).no, site.today()
    rows = compliance.compliance(site, args.by, args.since or today, args.until or today, staff=staff)
    table = compliance.table(rows)
    if args.file is not None:
        export.write(Path(args.file), table)
    text = "\n".join("  ".join(str(cell) for cell in row) for row in table)
    return {"figures": [asdict(row) for row in rows]}, text


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    enquire = add("enquire", _("record what somebody was first asked"))
    enquire.add_argument("--window")
    enquire.add_argument("--channel", choices=questions.CHANNELS, default=questions.CHANNELS[0])
    what = enquire.add_mutually_exclusive_group(required=True)
    what.add_argument("--matter", metavar="CODE")
    what.add_argument("--about", metavar="TEXT")
    for name in ("--name", "--phone", "--ticket", "--handed-out"):
        enquire.add_argument(name)
    refer = add("refer", _("say what becomes of an enquiry"))
    refer.add_argument("enquiry", type=int)
    refer.add_argument("--outcome", required=True, choices=enquiries.OUTCOMES)
    for name in ("--to", "--note", "--reason", "--handed-out"):
        refer.add_argument(name)
    refer.add_argument("--contacted", action="store_true")
    accept = add("accept", _("take an enquiry over"))
    accept.add_argument("enquiry", type=int)
    accept.add_argument("--window")
    reply = add("reply", _("record what the caller was told, or what was found out"), "enquiry")
    reply.add_argument("--note", required=True)
    listed = add("enquiries", _("the enquiries of today (--staff)"))
    listed.add_argument("--open", action="store_true")
    listed.add_argument("--mine", action="store_true")
    listed.add_argument("--date", metavar="YYYY-MM-DD", type=iso_day)
    for name in ("--window", "--find"):
        listed.add_argument(name)
    _add_notice(add)
    owed = add("obligations", _("what one still owes, or everybody (--staff)"))
    owed.add_argument("--all", action="store_true")
    add("unmask", _("a visitor's name and telephone in full; it is journalled")).add_argument(
        "enquiry", type=int
    )
    anonymise = add("anonymise", _("remove what is personal after its time (--staff)"))
    anonymise.add_argument("--before", metavar="YYYY-MM-DD")
    anonymise.add_argument("--dry-run", action="store_true")
    figures = add("figures", _("first-responder responsibility in figures"))
    figures.add_argument("--by", choices=compliance.GROUPS, default=compliance.GROUPS[0])
    figures.add_argument("--since", metavar="YYYY-MM-DD", type=iso_day)
    figures.add_argument("--until", metavar="YYYY-MM-DD", type=iso_day)
    figures.add_argument("--file", metavar="FILE")


def _add_notice(add: Add) -> None:
    notice = add("notice", _("the one-time notice of a visit"))
    whose = notice.add_mutually_exclusive_group(required=True)
    whose.add_argument("number", nargs="?")
    whose.add_argument("--enquiry", type=int, metavar="ID")
    notice.add_argument("--kind", choices=notices.KINDS, default=notices.KINDS[0])
    notice.add_argument("--brought", metavar="NAME", action="append", default=[])
    for name in ("--basis", "--reason"):
        notice.add_argument(name, metavar="TEXT")
    notice.add_argument("--oral", action="store_true")
    notice.add_argument("--to-find-out", action="store_true")
    notice.add_argument("--pdf", metavar="FILE")


def iso_day(text: str) -> str:
    """A service day given on the command line. Raises ValueError."""
    return date.fromisoformat(text).isoformat()


RUN: dict[str, Run] = {
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
}
