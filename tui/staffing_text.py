"""What is said of adjustments, study meetings and marks, for screens and commands alike."""

from __future__ import annotations

from jiaohao.queue.adjusting import Change
from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.language import ngettext
from jiaohao.queue.marks import LEAST_TIMES, Tally
from jiaohao.queue.meetings import Session, Sessions, clock_text
from jiaohao.queue.site import Site
from jiaohao.queue.words import adjustment_word, mark_word, post_word
from jiaohao.store.staff_values import PostTerm


def person_text(site: Site, no: str | None) -> str:
    """A member of staff by name and number; one who has left the list by the number alone."""
    person = site.directory.staff.get(no or "")
    return clean(f"{person.name} {person.no}") if person else no or "-"


def name_text(site: Site, no: str | None) -> str:
    """A member of staff by name alone, for columns."""
    person = site.directory.staff.get(no or "")
    return clean(person.name) if person else no or "-"


def window_text(site: Site, code: str) -> str:
    """A window by code and name; a retired one by its code alone."""
    window = site.directory.windows.get(code)
    return clean(f"{window.code} {window.name}") if window else code


def to_look_into() -> str:
    """The mark of what a person must judge."""
    return _("! to be looked into")


def change_said(change: Change) -> str:
    """What is known of an adjustment in a few words: its probation, or what stands against it still."""
    until = change.adjustment.probation_until
    if until is not None:
        mark = "! " if change.is_probation_ending else ""
        return mark + _("probation to {day}").format(day=until[5:])
    said = [
        word
        for word, is_so in (
            (_("under a year"), change.is_before_year),
            (_("mid-year"), change.is_mid_year),
        )
        if is_so
    ]
    return ", ".join(said)


def change_text(site: Site, change: Change) -> str:
    """An adjustment with all that is known of it and the steps it took, line by line."""
    one = change.adjustment
    since = _("has held it since {day}").format(day=change.held_since) if change.held_since else ""
    facts = [
        (_("Window"), window_text(site, one.window)),
        (_("Post"), post_word(one.post)),
        (_("Leaving"), "  ".join(part for part in (person_text(site, one.leaving), since) if part)),
        (_("Entering"), person_text(site, one.entering)),
        (_("Reason"), clean(one.why or "")),
        (_("Consent of the centre"), person_text(site, one.consent) if one.consent else ""),
    ]
    lines = [f"{label}  {fact}" for label, fact in facts if fact]
    lines += [f"! {fact}" for fact in _change_facts(change)]
    for step in change.steps:
        at = local(step.at_ms, site.hall.timezone).strftime("%Y-%m-%d %H:%M")
        lines += ["", f"{at}  {adjustment_word(step.step)}  {person_text(site, step.staff)}"]
        lines += [f"  {clean(step.note)}"] if step.note else []
    return "\n".join(lines)


def _change_facts(change: Change) -> list[str]:
    until = change.adjustment.probation_until
    facts = [_("The post was held for less than a year.")] if change.is_before_year else []
    facts += [_("Not requested in the first half of the year.")] if change.is_mid_year else []
    if until is not None:
        facts.append(_("On probation until {day}.").format(day=until))
    if change.is_probation_ending:
        facts.append(_("The probation ends within the coming ten working days."))
    return facts


def term_text(site: Site, term: PostTerm) -> str:
    """What is known of a term that ended before its year."""
    return _(
        "{window}, {post}: {who} held it from {begun} to {ended}, less than a year, and no adjustment was "
        "authorised by then."
    ).format(
        window=window_text(site, term.window),
        post=post_word(term.post),
        who=person_text(site, term.staff),
        begun=term.from_day,
        ended=term.to_day,
    )


def hours_text(session: Session) -> str:
    """How many hours a meeting lasts, without needless zeros."""
    return _("{hours} h").format(hours=f"{session.hours:g}")


def span_text(session: Session) -> str:
    """From when to when a meeting lasts."""
    return f"{clock_text(session.meeting.from_min)}-{clock_text(session.meeting.to_min)}"


def due_text(found: Sessions) -> str:
    """When the next study meeting is due; nothing before one was held."""
    if found.due is None:
        return ""
    if found.is_overdue:
        return _("! more than two weeks since {day}").format(day=found.last_held)
    return _("next by {day}").format(day=found.due)


def empty_text(site: Site, session: Session) -> str:
    """Which windows a meeting would leave empty; nothing where it leaves none."""
    if not session.empty:
        return ""
    windows = ", ".join(window_text(site, code) for code in session.empty)
    return _("! These windows would stand empty during it: {windows}").format(windows=windows)


def session_text(site: Site, session: Session) -> str:
    """A study meeting with who was expected, who came and its minutes, line by line."""
    meeting = session.meeting
    came = session.came
    facts = [
        (_("When"), f"{meeting.day}  {span_text(session)}"),
        (_("Subject"), clean(meeting.about or "")),
        (_("Planned by"), person_text(site, meeting.planned_by)),
        (_("Should come"), _people(site, session.expected)),
        (_("Came"), _("not yet recorded") if came is None else _people(site, came)),
        (_("Did not come"), _people(site, sorted(set(session.expected) - set(came or session.expected)))),
        (_("Minutes"), clean(meeting.minutes or "")),
    ]
    lines = [f"{label}  {fact}" for label, fact in facts if fact]
    empty = empty_text(site, session)
    return "\n".join([*lines, *(["", empty] if empty else [])])


def _people(site: Site, numbers: tuple[str, ...] | list[str]) -> str:
    return ", ".join(person_text(site, no) for no in numbers)


def tally_text(site: Site, tally: Tally) -> str:
    """What is on record against somebody, with the entries behind the counts, line by line."""
    lines = []
    if tally.is_marked_stand_in:
        times = site.hall.covering.times
        text = ngettext(
            "! A stand-in with {count} criticism or complaint or more: to be looked into.",
            "! A stand-in with {count} criticisms and complaints or more: to be looked into.",
            times,
        )
        lines.append(text.format(count=times))
    if tally.is_least_often:
        text = _("! Least satisfactory {count} times or more: to be looked into.")
        lines.append(text.format(count=LEAST_TIMES))
    lines += [""] if lines else []
    for mark in tally.marks:
        lines.append(f"{mark.day}  {mark_word(mark.kind)}  {person_text(site, mark.given_by)}")
        lines += [f"  {clean(mark.note)}"] if mark.note else []
    return "\n".join(lines)
