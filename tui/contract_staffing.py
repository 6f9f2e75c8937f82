"""The JSON of the registers of the window staff; names and meanings here never change."""

from __future__ import annotations

from jiaohao.queue.adjusting import Change
from jiaohao.queue.clock import iso
from jiaohao.queue.marks import Tally
from jiaohao.queue.meetings import Session, Sessions, clock_text
from jiaohao.store.staff_values import Mark, PostTerm
from jiaohao.tui.contract import Json


def change_json(change: Change) -> Json:
    """One adjustment of window staff; ``mid_year`` is a request outside the first half of the year."""
    one = change.adjustment
    return {
        "id": one.id,
        "window": one.window,
        "post": one.post,
        "leaving": one.leaving,
        "entering": one.entering,
        "why": one.why,
        "requested_on": one.requested_day,
        "state": one.state,
        "next_step": change.next_step,
        "held_since": change.held_since,
        "before_year": change.is_before_year,
        "mid_year": change.is_mid_year,
        "consent": one.consent,
        "probation_until": one.probation_until,
        "probation_ending": change.is_probation_ending,
        "steps": [
            {"step": step.step, "at": iso(step.at_ms), "staff": step.staff, "note": step.note}
            for step in change.steps
        ],
    }


def term_json(term: PostTerm) -> Json:
    """One time that somebody held a post."""
    return {
        "window": term.window,
        "post": term.post,
        "staff": term.staff,
        "from": term.from_day,
        "to": term.to_day,
    }


def session_json(one: Session) -> Json:
    """One study meeting; ``came`` is null until it was recorded, ``minutes`` are its words."""
    meeting = one.meeting
    return {
        "id": meeting.id,
        "date": meeting.day,
        "from": clock_text(meeting.from_min),
        "to": clock_text(meeting.to_min),
        "hours": one.hours,
        "about": meeting.about,
        "planned_by": meeting.planned_by,
        "expected": list(one.expected),
        "came": None if one.came is None else list(one.came),
        "minutes": meeting.minutes,
        "empty_windows": list(one.empty),
    }


def listed_session_json(one: Session, among: Sessions) -> Json:
    """One study meeting of a list; the last one held says when the next is due and whether it is late."""
    is_last = one.came is not None and one.meeting.day == among.last_held
    return session_json(one) | {
        "next_due": among.due if is_last else None,
        "next_overdue": is_last and among.is_overdue,
    }


def mark_json(mark: Mark) -> Json:
    """One entry of what counts against a member of staff."""
    return {
        "id": mark.id,
        "staff": mark.staff,
        "kind": mark.kind,
        "date": mark.day,
        "given_by": mark.given_by,
        "at": iso(mark.at_ms),
        "note": mark.note,
    }


def tally_json(tally: Tally) -> Json:
    """What is on record against one member of staff; ``look_into`` names what a person must judge."""
    signs = (("stand_in", tally.is_marked_stand_in), ("least", tally.is_least_often))
    return {
        "staff": tally.staff,
        "stand_in": tally.is_stand_in,
        "criticisms": tally.criticisms,
        "complaints": tally.complaints,
        "least": tally.least,
        "look_into": [sign for sign, is_so in signs if is_so],
        "entries": [mark_json(mark) for mark in tally.marks],
    }
