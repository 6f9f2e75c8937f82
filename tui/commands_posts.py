"""The commands of posts and absence: leaving, covering, what stood empty, moving who waits (AB)."""

from __future__ import annotations

import argparse

from jiaohao.queue import leaving, relocating
from jiaohao.queue.accounts import Account, accounts, read_accounts
from jiaohao.queue.incidents import Incident, incidents
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.queue.words import absence_reason_word, incident_word, post_word
from jiaohao.tui.acting import acting_no, named
from jiaohao.tui.commands import Add, Answer, Run, window_answer
from jiaohao.tui.commands_enquiries import iso_day
from jiaohao.tui.contract import absence_json, incident_json


def leave(site: Site, args: argparse.Namespace) -> Answer:
    """``leave WINDOW``: whoever sits there leaves it; while the hall is open its cover is asked."""
    leaving.leave(
        site, args.window, reason=args.reason, back=args.back, approved_by=args.approved_by,
        handover=args.handover, in_hand=args.in_hand, op=args.op,
    )  # fmt: skip
    return window_answer(site, args.window)


def cover(site: Site, args: argparse.Namespace) -> Answer:
    """``cover WINDOW --staff NO``: answers for oneself that one comes, or with ``--decline`` does not."""
    absence = leaving.cover(site, args.window, staff=named(site, args).no, comes=not args.decline, op=args.op)
    day = absence.service_day
    found = next(one for one in accounts(site, day, day, args.window) if one.absence.id == absence.id)
    return absence_json(found), _account_line(found)


def list_absences(site: Site, args: argparse.Namespace) -> Answer:
    """``absences``: of a day, to the minute, with who was asked to cover."""
    staff, day = named(site, args).no, args.date or site.today()
    found = read_accounts(site, day, day, args.window, staff=staff)
    return {"absences": [absence_json(one) for one in found]}, "\n".join(map(_account_line, found))


def _account_line(one: Account) -> str:
    absence = one.absence
    parts = [
        _("window {window}").format(window=absence.window), absence.staff,
        absence_reason_word(absence.reason), _("{count} min").format(count=one.minutes),
        _("empty {count} min").format(count=one.uncovered_min),
        post_word(one.covered_by_post) if one.covered_by_post else "",
        incident_word(one.counts_as) if one.counts_as else "",
    ]  # fmt: skip
    return "  ".join(part for part in parts if part)


def list_incidents(site: Site, args: argparse.Namespace) -> Answer:
    """``incidents``: what is to be looked into, of a period, with how often it happened."""
    staff, today = named(site, args).no, site.today()
    since = args.since or f"{today[:7]}-01"
    found = incidents(site, since, args.until or today, staff=staff, department=args.department)
    return {"incidents": [incident_json(one) for one in found]}, "\n".join(map(_incident_line, found))


def _incident_line(one: Incident) -> str:
    parts = [
        one.day, _("window {window}").format(window=one.window), incident_word(one.kind), one.staff or "",
        _("{count} min").format(count=one.minutes) if one.minutes else "",
        _("{count} times").format(count=one.times), _("to be looked into"),
    ]  # fmt: skip
    return "  ".join(part for part in parts if part)


def move_waiting(site: Site, args: argparse.Namespace) -> Answer:
    """``move-waiting WINDOW --to WINDOW|LINE``: those whom only an empty window could serve."""
    moved = relocating.move_waiting(
        site, args.window, args.to, numbers=args.number or None, staff=acting_no(site, args), op=args.op
    )
    numbers = [ticket.number for ticket in moved]
    return {"tickets": numbers}, " ".join(numbers)


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    leave = add("leave", _("leave a window"), "window")
    for name, metavar in (
        ("--reason", "REASON"),
        ("--back", "HH:MM"),
        ("--approved-by", "NO"),
        ("--handover", "TEXT"),
    ):
        leave.add_argument(name, metavar=metavar)
    leave.add_argument("--in-hand", choices=leaving.IN_HAND)
    cover = add("cover", _("answer that one comes to cover a window (--staff)"), "window")
    cover.add_argument("--decline", action="store_true")
    listed = add("absences", _("who was away from which window, and who covered (--staff)"))
    listed.add_argument("--date", metavar="YYYY-MM-DD", type=iso_day)
    listed.add_argument("--window")
    found = add(
        "incidents", _("what is to be looked into: empty windows, absence without approval (--staff)")
    )
    found.add_argument("--department", metavar="CODE")
    for name in ("--since", "--until"):
        found.add_argument(name, metavar="YYYY-MM-DD", type=iso_day)
    moves = add("move-waiting", _("move those whom only an empty window could serve"), "window")
    moves.add_argument("--to", required=True, metavar="WINDOW|LINE")
    moves.add_argument("--number", action="append", metavar="NUMBER")


RUN: dict[str, Run] = {
    "leave": leave,
    "cover": cover,
    "absences": list_absences,
    "incidents": list_incidents,
    "move-waiting": move_waiting,
}
