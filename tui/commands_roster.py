"""The commands of who is where on which day: consents, planned leave, roster, attendance (AB, DC)."""

from __future__ import annotations

import argparse
from pathlib import Path

from jiaohao.queue import attendance, consents, export, heat, leaves, roster, roster_text
from jiaohao.queue.language import gettext as _
from jiaohao.queue.leaves import Planned
from jiaohao.queue.site import Site
from jiaohao.queue.words import leave_word, side_word
from jiaohao.store.staff_values import Consent
from jiaohao.tui.acting import named
from jiaohao.tui.aligned import aligned
from jiaohao.tui.commands import Add, Answer, Run
from jiaohao.tui.commands_enquiries import iso_day
from jiaohao.tui.contract_roster import attendance_json, consent_json, leave_json, roster_json


def consent(site: Site, args: argparse.Namespace) -> Answer:
    """``consent STAFF WINDOW --until D``: who gives it (``--staff`` or ``--by``) speaks for their side."""
    if args.by is not None:
        args.staff = args.by
    giver = named(site, args).no
    if args.withdraw:
        given = consents.withdraw(site, args.who, args.window, giver=giver, op=args.op)
    else:
        given = consents.give(
            site, args.who, args.window, giver=giver, until=args.until, from_day=args.from_day, op=args.op
        )
    return consent_json(given), aligned([_consent_cells(site, given)])


def _consent_cells(site: Site, one: Consent) -> list[str]:
    by = _("{side}: {who}").format(side=side_word(one.side), who=_person(site, one.given_by))
    withdrawn = "" if one.withdrawn_ms is None else _("withdrawn")
    return [_person(site, one.staff), one.window, one.from_day, one.until_day, by, withdrawn]


def _person(site: Site, no: str) -> str:
    return f"{no} {roster_text.name_of(site.directory, no)}"


def list_consents(site: Site, args: argparse.Namespace) -> Answer:
    """``consents``: those of a day, or all that are not over."""
    found = consents.consents(site, args.date, staff=named(site, args).no)
    return {"consents": [consent_json(one) for one in found]}, aligned(
        [_consent_cells(site, one) for one in found]
    )


def plan_leave(site: Site, args: argparse.Namespace) -> Answer:
    """``plan-leave STAFF --from D --to D``: leave, and which windows would stand empty because of it."""
    by = named(site, args).no
    if args.cancel:
        planned = leaves.cancel(site, args.who, from_day=args.from_day, by=by, op=args.op)
    else:
        planned = leaves.plan(
            site, args.who, from_day=args.from_day, to_day=args.to_day, reason=args.reason,
            approved_by=args.approved_by, by=by, op=args.op,
        )  # fmt: skip
    return leave_json(planned), _leave_text(site, planned)


def _leave_text(site: Site, planned: Planned) -> str:
    lines = [aligned([_leave_cells(site, planned)])]
    empty = _("window {window} would stand empty")
    lines += [f"! {day}  {empty.format(window=window)}" for window, day in planned.empty]
    return "\n".join(lines)


def _leave_cells(site: Site, planned: Planned) -> list[str]:
    leave = planned.leave
    approved = _("approved by {who}").format(who=_person(site, leave.approved_by))
    state = _("to be looked into") if planned.is_to_look_into else ""
    state = _("cancelled") if leave.cancelled_ms is not None else state
    return [
        _person(site, leave.staff), leave.from_day, leave.to_day, leave_word(leave.reason), approved, state
    ]  # fmt: skip


def list_leaves(site: Site, args: argparse.Namespace) -> Answer:
    """``leaves``: who is away from a day to another one, from today on by default."""
    found = leaves.read_leaves(site, args.from_day, args.to_day, staff=named(site, args).no)
    text = aligned([_leave_cells(site, one) for one in found])
    return {"leaves": [leave_json(one) for one in found]}, text


def show_roster(site: Site, args: argparse.Namespace) -> Answer:
    """``roster``: who is at which window, on one day or today and the next ten working days.

    Everybody on the staff may ask (``--staff``): who stands in must know when. Nobody else, since it shows
    who is away on which day ahead (PV-1).
    """
    named(site, args)
    days = roster.read_rosters(site, args.date)
    if args.pdf is not None:
        from jiaohao.queue import roster_pdf  # noqa: PLC0415 - only who prints pays for it

        roster_pdf.write(Path(args.pdf), site.directory, days)
    parts = [
        f"{roster_text.day_title(one)}\n"
        + aligned(
            [roster_text.titles(), *(roster_text.cells(site.directory, window) for window in one.windows)]
        )
        for one in days
    ]
    return {"roster": [roster_json(one) for one in days]}, "\n\n".join(parts)


def show_attendance(site: Site, args: argparse.Namespace) -> Answer:
    """``attendance``: a month's days against the hours, also as CSV, or as xlsx with the map of windows.

    ``--staff`` reads it: all of it, of one person by ``--of``, or their own.
    """
    month = attendance.read_month(site, args.month, args.of, staff=named(site, args).no)
    table = attendance.table(site, month.days)
    if args.file is not None:
        export.write(Path(args.file), table, {_("Windows"): heat.table(site.hall, month.heat)})
    return {"attendance": [attendance_json(one) for one in month.days]}, aligned(table)


def _month(text: str) -> str:
    return iso_day(f"{text}-01")[:7]


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    agreed = add("consent", _("agree that somebody sits where they hold no post (--staff)"))
    agreed.add_argument("who", metavar="STAFF")
    agreed.add_argument("window")
    agreed.add_argument("--from", dest="from_day", metavar="YYYY-MM-DD")
    how = agreed.add_mutually_exclusive_group(required=True)
    how.add_argument("--until", metavar="YYYY-MM-DD")
    how.add_argument("--withdraw", action="store_true")
    agreed.add_argument("--by", metavar="NO")
    given = add("consents", _("who may sit where they hold no post (--staff)"))
    given.add_argument("--date", metavar="YYYY-MM-DD", type=iso_day)
    planned = add("plan-leave", _("leave planned ahead, or given up (--staff)"))
    planned.add_argument("who", metavar="STAFF")
    planned.add_argument("--from", dest="from_day", metavar="YYYY-MM-DD", required=True)
    what = planned.add_mutually_exclusive_group(required=True)
    what.add_argument("--to", dest="to_day", metavar="YYYY-MM-DD")
    what.add_argument("--cancel", action="store_true")
    planned.add_argument("--reason", choices=leaves.REASONS)
    planned.add_argument("--approved-by", metavar="NO")
    away = add("leaves", _("who is on planned leave (--staff)"))
    away.add_argument("--from", dest="from_day", metavar="YYYY-MM-DD", type=iso_day)
    away.add_argument("--to", dest="to_day", metavar="YYYY-MM-DD", type=iso_day)
    listed = add("roster", _("who is at which window on which day (--staff)"))
    listed.add_argument("--date", metavar="YYYY-MM-DD", type=iso_day)
    listed.add_argument("--pdf", metavar="FILE")
    month = add("attendance", _("who came when and went when, against the hours (--staff)"))
    month.add_argument("--month", metavar="YYYY-MM", type=_month)
    month.add_argument("--of", metavar="NO")
    month.add_argument("--file", metavar="FILE")


RUN: dict[str, Run] = {
    "consent": consent,
    "consents": list_consents,
    "plan-leave": plan_leave,
    "leaves": list_leaves,
    "roster": show_roster,
    "attendance": show_attendance,
}
