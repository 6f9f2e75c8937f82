"""The hall's own words for states, kinds, posts and kinds of window, in the language in force."""

from __future__ import annotations

from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _

_IN_SECONDS_S = 120
_STATES = {
    "waiting": N_("waiting"),
    "called": N_("called"),
    "serving": N_("serving"),
    "held": N_("held"),
    "missed": N_("missed"),
    "finished": N_("finished"),
    "cancelled": N_("cancelled"),
    "unserved": N_("unserved"),
    "free": N_("free"),
    "paused": N_("paused"),
    "absent": N_("absent"),
    "closed": N_("closed"),
}


def state_word(state: str) -> str:
    """A ticket's or a window's state."""
    return _(_STATES[state])


def wait_word(wait_s: int) -> str:
    """So many seconds still to wait: in seconds up to two minutes, then in minutes, never too few."""
    if wait_s <= _IN_SECONDS_S:
        return _("{count} s").format(count=wait_s)
    return _("{count} min").format(count=-(-wait_s // 60))


def kind_word(kind: str) -> str:
    """One of the six kinds of file 六件 (LK-3)."""
    return {
        "spot": _("done on spot"),
        "promised": _("promised"),
        "submitted": _("submitted"),
        "forwarded": _("forwarded"),
        "joint": _("joint"),
        "returned": _("returned"),
    }[kind]


def post_word(post: str) -> str:
    """A post at a window (AB-1)."""
    return {
        "A": _("post A"),
        "B": _("post B"),
        "lead": _("window lead"),
        "chief": _("chief representative"),
        "authorised": _("authorised person"),
        "consent": _("by consent"),
    }[post]


def post_short(post: str) -> str:
    """A post, where there is little room."""
    return {
        "lead": _("lead"),
        "chief": _("chief"),
        "authorised": _("authorised"),
    }.get(post) or post_word(post)


def absence_reason_word(reason: str) -> str:
    """Why somebody is away from a window (AB-2)."""
    return {
        "sick": _("ill"),
        "private": _("private matter"),
        "official": _("official business"),
        "study": _("study"),
        "training": _("training"),
        "meeting": _("meeting"),
        "short": _("back in a moment"),
        "unstated": _("no reason given"),
        "terminal": _("terminal silent"),
        "overrun": _("pause too long"),
    }.get(reason, reason)


def incident_word(kind: str) -> str:
    """A fact that is to be looked into (AB-7, AB-8)."""
    return {
        "empty": _("window empty"),
        "exception": _("not its own staff"),
        "half_day": _("half a day"),
        "to_be_determined": _("to be determined"),
        "nobody_sent": _("nobody sent"),
    }[kind]


def attempt_word(answer: str | None) -> str:
    """What came of asking somebody to cover (AB-7)."""
    return {
        "came": _("came"),
        "covered": _("somebody else came"),
        "coming": _("is coming"),
        "declined": _("cannot come"),
        "no_answer": _("no answer"),
        "elsewhere": _("busy elsewhere"),
        "on_leave": _("on leave"),
    }.get(answer or "", _("asked"))


def window_kind_word(kind: str) -> str:
    """A kind of window (OP-3)."""
    return {
        "reception": _("reception"),
        "handling": _("handling"),
        "feedback": _("feedback"),
        "desk": _("consultation desk"),
        "office": _("centre office"),
        "supervision": _("supervision office"),
    }[kind]


def step_word(step: str) -> str:
    """A step of an adjustment of window staff, as something to be done (SA-1)."""
    return {
        "request": _("request"),
        "consultation": _("first talk with the centre"),
        "interview": _("interview"),
        "approval": _("county approval"),
        "authorisation": _("authorisation"),
    }[step]


def adjustment_word(state: str) -> str:
    """How far an adjustment has come: the last step taken (SA-1)."""
    return {
        "request": _("requested"),
        "consultation": _("agreed"),
        "interview": _("interviewed"),
        "approval": _("approved"),
        "authorisation": _("appointed"),
    }[state]


def mark_word(kind: str) -> str:
    """What counts against a member of staff (AB-10, EV-2)."""
    return {
        "criticism": _("criticism"),
        "complaint": _("complaint"),
        "least": _("least satisfactory"),
    }[kind]


def role_word(role: str) -> str:
    """A role of a member of staff."""
    return {
        "guide": _("guide"),
        "counter": _("counter clerk"),
        "supervision": _("supervision"),
        "manager": _("manager"),
    }[role]


def outcome_word(outcome: str) -> str:
    """What became of an enquiry (FR-2 to FR-8)."""
    return {
        "handled": _("handled"),
        "colleague": _("to a colleague"),
        "window": _("to a window"),
        "outside": _("outside the centre"),
        "desk": _("to the consultation desk"),
        "office": _("to the centre office"),
        "registered": _("registered, to be answered"),
        "supervision": _("to the supervision office"),
    }[outcome]


def channel_word(channel: str) -> str:
    """How somebody asked (FR-1)."""
    return {
        "in_person": _("in person"),
        "phone": _("by telephone"),
        "fax": _("by fax"),
        "network": _("by network"),
    }[channel]


def enquiry_word(state: str) -> str:
    """The state of an enquiry."""
    return {
        "open": _("open"),
        "referred": _("sent on, not yet accepted"),
        "accepted": _("taken over"),
        "closed": _("dealt with"),
    }[state]


def owed_word(kind: str) -> str:
    """What somebody still owes (FR-7, FR-9, ON-5)."""
    return {
        "referral": _("not taken over"),
        "reply": _("to be answered"),
        "answer": _("to be found out"),
        "outcome": _("to be dealt with"),
    }[kind]


def notice_word(kind: str) -> str:
    """A kind of one-time notice (ON-2, ON-3)."""
    return {
        "supplement": _("to be supplemented"),
        "refusal": _("not accepted"),
        "not_ours": _("not our business"),
        "no_permit": _("no permit needed"),
    }[kind]


def leave_word(reason: str) -> str:
    """Why somebody is on planned leave (AB-2, AB-8)."""
    return {
        "sick": _("sick leave"),
        "private": _("private leave"),
        "official": _("official duty"),
        "study": _("study"),
        "training": _("training"),
        "meeting": _("meeting"),
    }[reason]


def slip_word(state: str) -> str:
    """How far a slip has come (Q-8)."""
    return {
        "waiting": _("waits for the printer"),
        "printing": _("is being printed"),
        "printed": _("printed"),
        "failed": _("not printed"),
        "dropped": _("no longer needed"),
    }[state]


def side_word(side: str) -> str:
    """Who agrees that somebody sits where they hold no post (AB-5)."""
    return {"department": _("department"), "centre": _("centre")}[side]


def printer_sentence(code: str) -> str:
    """Why no slip comes out."""
    return _printer_sentences().get(code, code)


def _printer_sentences() -> dict[str, str]:
    return {
        "printer_away": _("The printer cannot be reached"),
        "printer_mute": _("The printer does not answer"),
        "printer_dropped": _("The printer has not confirmed what was sent"),
        "printer_no_paper": _("The printer is out of paper"),
        "printer_open": _("The printer's cover is open"),
        "printer_broken": _("The printer reports an error"),
        "printer_driver_missing": _("Printing needs the driver: install jiaohao[printer]"),
    }


def fault_sentence(code: str, detail: str) -> str:
    """What a fault of the store means for a person."""
    sentences = {
        "store_unreachable": _("The database does not answer."),
        "store_busy": _("The database is busy; nothing was changed. Try again."),
        "store_full": _("The disk is full; nothing was changed. Make room, then try again."),
        "store_damaged": _("The database file is damaged; restore the last backup."),
        "store_read_only": _("Nothing may be written from here, or to this disk; nothing was changed."),
        "store_refused": _("The database refused the change; nothing was changed."),
        "not_initialised": _("There is no hall in this database yet: run jiaohao init."),
        "database_newer": _("The database was written by a newer jiaohao; update this program."),
        "browser_missing": _("The browser needs its packages: install jiaohao[browser]."),
        "driver_missing": _("PostgreSQL needs the driver: install jiaohao[postgres]."),
        "backup_exists": _("There is a file of that name, and it was left as it is: give --replace."),
        "not_a_backup": _("This is no backup of a hall; nothing was changed."),
        "backup_damaged": _("The backup is damaged; nothing was changed. Take another one."),
        "backup_unsound": _(
            "The backup is not what its own journal says; nothing was changed. "
            "Take another one, or give --anyway."
        ),
        "other_hall": _(
            "This is the backup of another hall; nothing was changed. "
            "It goes only where there is no hall yet."
        ),
        "backup_has_nul": _("The backup has a character that PostgreSQL cannot keep; nothing was changed."),
        "hall_not_empty": _("This hall has tickets; nothing was changed: give --replace to restore over it."),
        **_printer_sentences(),
    }
    sentence = sentences.get(code, code)
    return f"{sentence} ({detail})" if detail else sentence


def speech_sentence(code: str) -> str:
    """Why calls cannot be heard, for whoever looks after the wall."""
    return {
        "speech_missing": _("the speech command cannot start"),
        "speech_failed": _("the speech command fails"),
        "speech_hangs": _("the speech command does not end"),
    }[code]
