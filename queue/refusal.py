"""What the hall refuses: a stable code for programs, a sentence for people."""

from __future__ import annotations

from typing import Any

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.words import post_word, state_word, step_word, wait_word


def _sentences() -> dict[str, str]:
    # Looked up when shown, so that they follow the language in force.
    return {
        "hall_closed": _("The hall is closed; no tickets are issued now."),
        "day_closed": _("This service day has been closed."),
        "unknown_line": _("There is no line {line}."),
        "unknown_window": _("There is no window {window}."),
        "unknown_ticket": _("There is no ticket {number} today."),
        "unknown_staff": _("There is no member of staff with number {staff}."),
        "unknown_matter": _("There is no matter {matter}."),
        "unknown_priority": _("There is no priority class {priority}."),
        "unknown_agency": _("There is no outside body {agency}."),
        "unknown_enquiry": _("There is no enquiry {enquiry}."),
        "unknown_channel": _("An enquiry comes by one of: {channels}."),
        "unknown_outcome": _("An enquiry's outcome is one of: {outcomes}."),
        "about_needed": _("What the enquiry is about must be said: a matter or a text."),
        "answer_needed": _("What was answered must be written down."),
        "enquiry_closed": _("Enquiry {enquiry} is closed."),
        "not_your_enquiry": _("Enquiry {enquiry} is for {staff} to deal with."),
        "not_accepted": _("Enquiry {enquiry} was not sent on to anybody who could accept it now."),
        "outcome_needs_target": _("The outcome {outcome} needs a window, a person or a body to lead to."),
        "bounce": _(
            "Enquiry {enquiry} would go back to where it was, or on for the third time: give a reason, "
            "or send it to the consultation desk or the office."
        ),
        "notice_required": _("{number} cannot be returned without its one-time notice."),
        "basis_required": _("This notice needs its legal basis or the reason in detail."),
        "written_needed": _("Only by telephone may a notice be oral; to a visitor it is given in writing."),
        "nothing_missing": _("Nothing is missing: leave out a tick, or write a reason."),
        "unknown_notice": _("A notice is one of: {kinds}."),
        "unknown_notice_serial": _("There is no notice {serial} that is still to be answered."),
        "unknown_material": _("{material} is none of this matter's materials."),
        "unknown_kind": _("A finished service is one of: {kinds}."),
        "wrong_line": _("{matter} is handled in line {line}."),
        "wrong_pin": _("The PIN is not right: type it again; a manager can clear one that was forgotten."),
        "pin_wait": _("Too many wrong PINs for {staff}: try again in {wait_s}; a manager can clear the PIN."),
        "no_pin": _("No PIN is set any more: sign off, then sign on and choose one."),
        "weak_pin": _("A PIN has six digits or more."),
        "pin_needed": _("A PIN is needed to act as {staff}."),
        "staff_needed": _("Who acts must be named (--staff)."),
        "not_allowed": _("The role {role} may not do this."),
        "nothing_waiting": _("Nobody is waiting for window {window}."),
        "nothing_at_window": _("Window {window} has nobody called or in service."),
        "not_seated": _("Nobody sits at window {window}; sign on first."),
        "not_posted": _("{staff} has no post at window {window}: choose another one."),
        "consent_required": _(
            "{staff} holds no post at window {window}, and not both department and centre have agreed."
        ),
        "window_manned": _("Somebody sits at window {window}."),
        "no_cover_needed": _("Nobody is missing at window {window}."),
        "too_short_notice": _("{text} is too soon: this is planned ahead."),
        "not_theirs_to_allow": _("{staff} may not agree to this."),
        "wrong_day": _("{text} is not a day that can be meant here, as YYYY-MM-DD."),
        "approval_needed": _("Leave needs its reason and somebody who has agreed to it."),
        "leave_overlaps": _("{staff} already has leave planned on one of these days."),
        "no_leave": _("{staff} has no leave planned from {text} that is not over."),
        "no_consent": _("Nothing is agreed to for {staff} at window {window} that could be taken back."),
        "already_seated": _("Window {window} is already taken by {staff}."),
        "seated_elsewhere": _("{staff} already sits at window {window}."),
        "window_busy": _("Window {window} still has {number}: finish, hold or transfer it first."),
        "window_paused": _("Window {window} is paused; go on first."),
        "wrong_state": _("{number} is {state}; this cannot be done to it now."),
        "too_few_calls": _("{number} was called {calls} of {needed} times; it is missed only after that."),
        "line_not_served": _("Window {window} does not serve line {line}."),
        "line_unserved": _("No window serves line {line}."),
        "same_place": _("{number} is already there."),
        "requeued_before": _("{number} was queued again before; now only the guide may do it."),
        "too_late_to_undo": _("The last step of {number} can no longer be undone."),
        "nothing_to_undo": _("The last step of {number} is not one that can be undone."),
        "wrong_date": _("{text} is not a date up to today, as YYYY-MM-DD."),
        "wrong_time": _("{text} is not a time of day still to come, as HH:MM."),
        "unknown_post": _("A post is one of: {posts}."),
        "unknown_adjustment": _("There is no adjustment {adjustment}."),
        "not_in_post": _("{staff} does not hold this post at window {window}: {post}."),
        "already_in_post": _("{staff} holds this post at window {window} already: {post}."),
        "who_leaves": _("Several hold this post at window {window}, {post}: say who leaves it (--leaving)."),
        "before_year": _(
            "{staff} has held this post since {day}, for less than a year: name the consent of the centre."
        ),
        "wrong_step": _("Adjustment {adjustment} waits for another step first: {step}."),
        "adjustment_done": _("Adjustment {adjustment} has been authorised; no step is left."),
        "meeting_too_short": _("A study meeting lasts two hours or more."),
        "meeting_past": _("{day} {time} has passed; a meeting is planned ahead."),
        "meeting_not_begun": _("Meeting {meeting} has not begun; who came is recorded afterwards."),
        "unknown_meeting": _("There is no meeting {meeting}."),
        "people_needed": _("At least one member of staff must be named."),
        "not_a_day": _("{text} is not a date, as YYYY-MM-DD."),
        "not_a_time": _("{text} is not a time of day, as HH:MM."),
        "unknown_mark": _("A mark is one of: {kinds}."),
        "no_printer": _("This hall has no printer: config.toml, [printer]."),
        "journal_changed": _("The journal is not as it was written; places: {count}."),
        "busy_try_again": _("Others were faster; try again."),
    }


# Codes that CONTRACT.md does not name are said to programs as the promised code they are a case of.
_CASES = {
    "day_closed": "hall_closed",
    "nothing_at_window": "wrong_state",
    "window_manned": "no_cover_needed",
    "enquiry_closed": "wrong_state",
    "seated_elsewhere": "already_seated",
    "too_few_calls": "wrong_state",
    "nothing_to_undo": "too_late_to_undo",
    "not_in_post": "not_posted",
    "before_year": "consent_required",
    "adjustment_done": "wrong_step",
    "meeting_past": "too_short_notice",
    "meeting_not_begun": "wrong_state",
    "not_a_day": "wrong_date",
    "not_a_time": "wrong_time",
    "not_theirs_to_allow": "not_allowed",
    "wrong_day": "wrong_date",
    "approval_needed": "not_allowed",
    "leave_overlaps": "wrong_date",
    "no_leave": "wrong_date",
    "no_consent": "wrong_state",
}


class Refusal(Exception):
    """The hall refuses, by a rule. Nothing was changed.

    ``code`` is stable; ``case`` picks the sentence; ``details`` fill it.
    """

    def __init__(self, case: str, **details: Any) -> None:
        """Refuse by the rule ``case``."""
        super().__init__(case)
        self.case = case
        self.code = _CASES.get(case, case)
        self.details = details

    @property
    def message(self) -> str:
        """The sentence, in the language in force."""
        # Mostly what somebody typed: it is repeated to them on one line, and not at any length.
        details = {
            name: clean(value) if isinstance(value, str) else value for name, value in self.details.items()
        }
        for name, word in (("state", state_word), ("step", step_word), ("post", post_word)):
            if name in details:
                details[name] = word(details[name])
        if "wait_s" in details:
            details["wait_s"] = wait_word(self.details["wait_s"])
        return _sentences()[self.case].format(**details)

    def __str__(self) -> str:
        """The sentence for a person."""
        return self.message
