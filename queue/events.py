"""What can happen, as the journal names it: in words, and in the groups by which one looks for it."""

from __future__ import annotations

from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _

NUMBERS, SEATS, ENQUIRIES, HALL = "numbers", "seats", "enquiries", "hall"
GROUPS = (NUMBERS, SEATS, ENQUIRIES, HALL)

_WORDS = {
    NUMBERS: {
        "issued": N_("issued"),
        "called": N_("called"),
        "recalled": N_("called again"),
        "started": N_("started"),
        "held": N_("on hold"),
        "resumed": N_("resumed"),
        "missed": N_("missed"),
        "requeued": N_("waits again"),
        "finished": N_("finished"),
        "transferred": N_("transferred"),
        "moved": N_("moved"),
        "sent_back": N_("waits again"),
        "cancelled": N_("cancelled"),
        "closed": N_("unserved"),
        "undone": N_("taken back"),
        "slip_again": N_("slip again"),
    },
    SEATS: {
        "sat": N_("sat down"),
        "left": N_("left"),
        "paused": N_("paused"),
        "went_on": N_("went on"),
        "kept": N_("back at once"),
        "relieved": N_("relieved"),
        "lost": N_("terminal lost"),
        "overran": N_("pause too long"),
        "paged": N_("asked to cover"),
        "page_answered": N_("no answer"),
        "coming": N_("is coming"),
        "declined": N_("cannot come"),
        "handed_back": N_("note left"),
        "relocated": N_("all moved"),
    },
    ENQUIRIES: {
        "enquired": N_("enquiry opened"),
        "referred": N_("outcome given"),
        "accepted": N_("enquiry taken"),
        "replied": N_("caller told"),
        "notified": N_("notice issued"),
        "answered": N_("answer told"),
        "unmasked": N_("full name seen"),
    },
    HALL: {
        "anonymised": N_("data removed"),
        "day_closed": N_("day closed"),
        "hall_described": N_("hall described"),
        "pin_set": N_("PIN set"),
        "pin_reset": N_("PIN cleared"),
        "pin_wrong": N_("PIN wrong"),
        "pin_refused": N_("PIN put off"),
        "adjustment_requested": N_("change asked"),
        "adjustment_stepped": N_("change goes on"),
        "meeting_planned": N_("meeting set"),
        "meeting_held": N_("meeting held"),
        "marked": N_("mark recorded"),
        "consented": N_("consented"),
        "consent_withdrawn": N_("withdrawn"),
        "leave_planned": N_("leave plan"),
        "leave_cancelled": N_("leave off"),
    },
}
_ALL = {event: word for group in _WORDS.values() for event, word in group.items()}
EVENTS = tuple(_ALL)


def event_word(event: str) -> str:
    """What happened, as a line of the journal says it."""
    return _(_ALL[event]) if event in _ALL else event


def group_word(group: str) -> str:
    """A group of what can happen."""
    return {
        NUMBERS: _("numbers"),
        SEATS: _("windows and seats"),
        ENQUIRIES: _("enquiries and notices"),
        HALL: _("hall and staff"),
    }[group]


def events_of(group: str) -> tuple[str, ...]:
    """What can happen in a group."""
    return tuple(_WORDS[group])
