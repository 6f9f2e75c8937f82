"""The commands of the registers of the window staff: adjustments, study meetings, marks (SA, ST, AB-10)."""

from __future__ import annotations

import argparse

from jiaohao.queue import adjusting, marks, meetings
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.queue.words import adjustment_word, mark_word, post_word
from jiaohao.tui import staffing_text as texts
from jiaohao.tui.acting import named
from jiaohao.tui.commands import Add, Answer, Run
from jiaohao.tui.commands_enquiries import iso_day
from jiaohao.tui.contract_staffing import (
    change_json,
    listed_session_json,
    mark_json,
    session_json,
    tally_json,
    term_json,
)


def request(site: Site, args: argparse.Namespace) -> Answer:
    """``adjust request``: asks that somebody else hold a post."""
    asked = adjusting.request(
        site, window=args.window, post=args.post, entering=args.entering, leaving=args.leaving,
        why=args.why, consent=args.consent, staff=named(site, args).no, op=args.op,
    )  # fmt: skip
    return change_json(asked), texts.change_text(site, asked)


def step(site: Site, args: argparse.Namespace) -> Answer:
    """``adjust step ID --step STEP``: takes the next step of an adjustment."""
    taken = adjusting.step(
        site, args.adjustment, args.step, staff=named(site, args).no, note=args.note, op=args.op
    )
    return change_json(taken), texts.change_text(site, taken)


def list_changes(site: Site, args: argparse.Namespace) -> Answer:
    """``adjust list``: the adjustments, with ``--open`` those not yet authorised."""
    found = adjusting.changes(site, named(site, args), open_only=args.open)
    lines = [
        "  ".join(
            (
                str(change.adjustment.id),
                texts.window_text(site, change.adjustment.window),
                post_word(change.adjustment.post),
                texts.person_text(site, change.adjustment.entering),
                adjustment_word(change.adjustment.state),
                texts.change_said(change),
            )
        ).rstrip()
        for change in found
    ]
    return {"adjustments": [change_json(change) for change in found]}, "\n".join(lines)


def list_early(site: Site, args: argparse.Namespace) -> Answer:
    """``adjust early``: terms that ended before their year without an authorised adjustment."""
    found = adjusting.early_ends(site, named(site, args))
    lines = [f"{texts.to_look_into()}  {texts.term_text(site, term)}" for term in found]
    return {"terms": [term_json(term) for term in found]}, "\n".join(lines)


def plan(site: Site, args: argparse.Namespace) -> Answer:
    """``meeting plan``: plans a study meeting and says which windows would stand empty."""
    planned = meetings.plan(
        site, day=args.date, begins=args.begins, ends=args.ends, expected=args.expect, about=args.about,
        staff=named(site, args).no, op=args.op,
    )  # fmt: skip
    return session_json(planned), texts.session_text(site, planned)


def attend(site: Site, args: argparse.Namespace) -> Answer:
    """``meeting attend ID``: records who came."""
    held = meetings.attend(
        site, args.meeting, came=args.came, minutes=args.minutes, staff=named(site, args).no, op=args.op
    )
    return session_json(held), texts.session_text(site, held)


def list_meetings(site: Site, args: argparse.Namespace) -> Answer:
    """``meeting list``: the study meetings, and when the next is due."""
    found = meetings.sessions(site, named(site, args))
    lines = [texts.due_text(found)] if found.due else []
    lines += [
        "  ".join(
            (
                str(one.meeting.id),
                one.meeting.day,
                texts.span_text(one),
                texts.hours_text(one),
                "-" if one.came is None else f"{len(one.came)}/{len(one.expected)}",
                texts.empty_text(site, one),
            )
        ).rstrip()
        for one in found.sessions
    ]
    return {"meetings": [listed_session_json(one, found) for one in found.sessions]}, "\n".join(lines)


def add_mark(site: Site, args: argparse.Namespace) -> Answer:
    """``mark add STAFF --kind KIND``: records what counts against somebody."""
    mark = marks.add(site, args.person, args.kind, staff=named(site, args).no, note=args.note, op=args.op)
    return mark_json(mark), f"{texts.person_text(site, mark.staff)}  {mark_word(mark.kind)}"


def list_marks(site: Site, args: argparse.Namespace) -> Answer:
    """``mark list``: what is on record, counted per person."""
    found = marks.tallies(site, staff=named(site, args).no, of=args.of)
    blocks = [f"{texts.person_text(site, one.staff)}\n{texts.tally_text(site, one)}" for one in found]
    return {"marks": [tally_json(one) for one in found]}, "\n\n".join(blocks)


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    _add_adjust(add)
    add("meeting", _("study meetings"))
    planned = add("meeting plan", _("plan one; says which windows would stand empty"))
    planned.add_argument("--date", metavar="YYYY-MM-DD", type=iso_day, required=True)
    planned.add_argument("--from", dest="begins", metavar="HH:MM", required=True)
    planned.add_argument("--to", dest="ends", metavar="HH:MM", required=True)
    planned.add_argument("--expect", metavar="NO", nargs="+", required=True)
    planned.add_argument("--about", metavar="TEXT")
    attended = add("meeting attend", _("record who came"))
    attended.add_argument("meeting", type=int)
    attended.add_argument("--came", metavar="NO", nargs="+", required=True)
    attended.add_argument("--minutes", metavar="TEXT")
    add("meeting list", _("the meetings, and when the next is due"))
    add("mark", _("what counts against members of staff"))
    marked = add("mark add", _("record a criticism, a complaint or least satisfactory"))
    marked.add_argument("person", metavar="STAFF")
    marked.add_argument("--kind", choices=marks.KINDS, required=True)
    marked.add_argument("--note", metavar="TEXT")
    add("mark list", _("what is on record, counted per person")).add_argument("--of", metavar="NO")


def _add_adjust(add: Add) -> None:
    add("adjust", _("changes of who holds a post"))
    asked = add("adjust request", _("ask that somebody else hold a post"))
    asked.add_argument("--window", required=True)
    asked.add_argument("--post", choices=adjusting.POSTS, required=True)
    asked.add_argument("--entering", metavar="NO", required=True)
    asked.add_argument("--leaving", metavar="NO")
    asked.add_argument("--why", metavar="TEXT")
    asked.add_argument("--consent", metavar="NO")
    taken = add("adjust step", _("take the next step of one"))
    taken.add_argument("adjustment", metavar="ID", type=int)
    taken.add_argument("--step", choices=adjusting.STEPS[1:], required=True)
    taken.add_argument("--note", metavar="TEXT")
    add("adjust list", _("the adjustments")).add_argument("--open", action="store_true")
    add("adjust early", _("posts left before their year without an authorised adjustment"))


RUN: dict[str, Run] = {
    "adjust request": request,
    "adjust step": step,
    "adjust list": list_changes,
    "adjust early": list_early,
    "meeting plan": plan,
    "meeting attend": attend,
    "meeting list": list_meetings,
    "mark add": add_mark,
    "mark list": list_marks,
}
