"""What the hall refuses: a stable code for programs, a sentence for people."""

from __future__ import annotations

from typing import Any

from jiaohao.queue.clean import clean
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.words import post_word, state_word, step_word, wait_word

# Looked up in the language in force when shown.
_SENTENCES = {
    "hall_closed": N_("The hall is closed; no tickets are issued now."),
    "day_closed": N_("This service day has been closed."),
    "unknown_line": N_("There is no line {line}."),
    "unknown_window": N_("There is no window {window}."),
    "unknown_ticket": N_("There is no ticket {number} today."),
    "unknown_staff": N_("There is no member of staff with number {staff}."),
    "unknown_matter": N_("There is no matter {matter}."),
    "unknown_priority": N_("There is no priority class {priority}."),
    "unknown_agency": N_("There is no outside body {agency}."),
    "unknown_enquiry": N_("There is no enquiry {enquiry}."),
    "unknown_channel": N_("An enquiry comes by one of: {channels}."),
    "unknown_outcome": N_("An enquiry's outcome is one of: {outcomes}."),
    "about_needed": N_("What the enquiry is about must be said: a matter or a text."),
    "answer_needed": N_("What was answered must be written down."),
    "enquiry_closed": N_("Enquiry {enquiry} is closed."),
    "not_your_enquiry": N_("Enquiry {enquiry} is for {staff} to deal with."),
    "not_accepted": N_("Enquiry {enquiry} was not sent on to anybody who could accept it now."),
    "outcome_needs_target": N_("The outcome {outcome} needs a window, a person or a body to lead to."),
    "bounce": N_(
        "Enquiry {enquiry} would go back to where it was, or on for the third time: give a reason, "
        "or send it to the consultation desk or the office."
    ),
    "notice_required": N_("{number} cannot be returned without its one-time notice."),
    "basis_required": N_("This notice needs its legal basis or the reason in detail."),
    "written_needed": N_("Only by telephone may a notice be oral; to a visitor it is given in writing."),
    "nothing_missing": N_("Nothing is missing: leave out a tick, or write a reason."),
    "unknown_notice": N_("A notice is one of: {kinds}."),
    "unknown_notice_serial": N_("There is no notice {serial} that is still to be answered."),
    "unknown_material": N_("{material} is none of this matter's materials."),
    "unknown_kind": N_("A finished service is one of: {kinds}."),
    "wrong_line": N_("{matter} is handled in line {line}."),
    "wrong_pin": N_("The PIN is not right: type it again; a manager can clear one that was forgotten."),
    "pin_wait": N_("Too many wrong PINs for {staff}: try again in {wait_s}; a manager can clear the PIN."),
    "no_pin": N_("No PIN is set any more: sign off, then sign on and choose one."),
    "weak_pin": N_("A PIN has six digits or more."),
    "pin_needed": N_("A PIN is needed to act as {staff}."),
    "staff_needed": N_("Who acts must be named (--staff)."),
    "not_allowed": N_("The role {role} may not do this."),
    "nothing_waiting": N_("Nobody is waiting for window {window}."),
    "nothing_at_window": N_("Window {window} has nobody called or in service."),
    "not_seated": N_("Nobody sits at window {window}; sign on first."),
    "not_posted": N_("{staff} has no post at window {window}: choose another one."),
    "consent_required": N_(
        "{staff} holds no post at window {window}, and not both department and centre have agreed."
    ),
    "window_manned": N_("Somebody sits at window {window}."),
    "no_cover_needed": N_("Nobody is missing at window {window}."),
    "too_short_notice": N_("{text} is too soon: this is planned ahead."),
    "not_theirs_to_allow": N_("{staff} may not agree to this."),
    "wrong_day": N_("{text} is not a day that can be meant here, as YYYY-MM-DD."),
    "approval_needed": N_("Leave needs its reason and somebody who has agreed to it."),
    "leave_overlaps": N_("{staff} already has leave planned on one of these days."),
    "no_leave": N_("{staff} has no leave planned from {text} that is not over."),
    "no_consent": N_("Nothing is agreed to for {staff} at window {window} that could be taken back."),
    "already_seated": N_("Window {window} is already taken by {staff}."),
    "seated_elsewhere": N_("{staff} already sits at window {window}."),
    "window_busy": N_("Window {window} still has {number}: finish, hold or transfer it first."),
    "window_paused": N_("Window {window} is paused; go on first."),
    "wrong_state": N_("{number} is {state}; this cannot be done to it now."),
    "too_few_calls": N_("{number} was called {calls} of {needed} times; it is missed only after that."),
    "line_not_served": N_("Window {window} does not serve line {line}."),
    "line_unserved": N_("No window serves line {line}."),
    "same_place": N_("{number} is already there."),
    "requeued_before": N_("{number} was queued again before; now only the guide may do it."),
    "too_late_to_undo": N_("The last step of {number} can no longer be undone."),
    "nothing_to_undo": N_("The last step of {number} is not one that can be undone."),
    "wrong_date": N_("{text} is not a date up to today, as YYYY-MM-DD."),
    "wrong_time": N_("{text} is not a time of day still to come, as HH:MM."),
    "unknown_post": N_("A post is one of: {posts}."),
    "unknown_adjustment": N_("There is no adjustment {adjustment}."),
    "not_in_post": N_("{staff} does not hold this post at window {window}: {post}."),
    "already_in_post": N_("{staff} holds this post at window {window} already: {post}."),
    "who_leaves": N_("Several hold this post at window {window}, {post}: say who leaves it (--leaving)."),
    "before_year": N_(
        "{staff} has held this post since {day}, for less than a year: name the consent of the centre."
    ),
    "wrong_step": N_("Adjustment {adjustment} waits for another step first: {step}."),
    "adjustment_done": N_("Adjustment {adjustment} has been authorised; no step is left."),
    "meeting_too_short": N_("A study meeting lasts two hours or more."),
    "meeting_past": N_("{day} {time} has passed; a meeting is planned ahead."),
    "meeting_not_begun": N_("Meeting {meeting} has not begun; who came is recorded afterwards."),
    "unknown_meeting": N_("There is no meeting {meeting}."),
    "people_needed": N_("At least one member of staff must be named."),
    "not_a_day": N_("{text} is not a date, as YYYY-MM-DD."),
    "not_a_time": N_("{text} is not a time of day, as HH:MM."),
    "unknown_mark": N_("A mark is one of: {kinds}."),
    "no_printer": N_("This hall has no printer: config.toml, [printer]."),
    "journal_changed": N_("The journal is not as it was written; places: {count}."),
    "busy_try_again": N_("Others were faster; try again."),
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
        return _(_SENTENCES[self.case]).format(**details)

    def __str__(self) -> str:
        """The sentence for a person."""
        return self.message
