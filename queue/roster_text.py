"""The roster in words: its cells, what is to be looked into, whose holidays nobody knows (AB-3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.roster import EMPTY, NO_A, POSTS, DayRoster, WindowRoster
from jiaohao.queue.site import Directory
from jiaohao.queue.words import post_word

MARK = "!"
"""Stands before what a person has to look at, beside the word for it."""

_MOST_NAMED = 3
"""So many windows are named one by one where there is little room."""


def name_of(directory: Directory, staff: str) -> str:
    """A member of staff's name; the number of one who is no longer there."""
    person = directory.staff.get(staff)
    return clean(person.name) if person else staff


def day_text(day: str) -> str:
    """A day with its weekday."""
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return f"{day} {weekdays[date.fromisoformat(day).weekday()]}"


def day_title(one: DayRoster) -> str:
    """A day with all that has to be said of it (HR-1)."""
    parts = [day_text(one.day)]
    if not one.is_known:
        parts.append(unknown_text([one]))
    if not one.is_working:
        parts.append(_("the hall is closed"))
    return "   ".join(part for part in parts if part)


def unknown_text(days: Iterable[DayRoster]) -> str:
    """That nobody knows the holidays of some years; nothing when they are known (HR-1)."""
    years = sorted({one.day[:4] for one in days if not one.is_known})
    return (
        _("! The public holidays of {years} are not known yet").format(years=" ".join(years)) if years else ""
    )


def many(windows: Iterable[str]) -> str:
    """Some windows by their codes, each once."""
    return " ".join(map(clean, dict.fromkeys(windows)))


def few(windows: Collection[str]) -> str:
    """Some windows by their codes, or how many where there are too many for a column."""
    count = len(set(windows))
    return many(windows) if count <= _MOST_NAMED else _("{count} windows").format(count=count)


def gap_text(one: WindowRoster, *, is_short: bool = False) -> str:
    """What of a window a person has to look into, ``is_short`` for a column; nothing when all is well."""
    words = {EMPTY: _("would stand empty"), NO_A: _("no post A")}
    shared = _("first at {windows} too").format(windows=few(one.also_at) if is_short else many(one.also_at))
    return ", ".join(words.get(gap, shared) for gap in one.gaps)


def post_cell(directory: Directory, one: WindowRoster, post: str) -> str:
    """Who holds a post; who is on leave in brackets."""
    names = [
        (name if holder.available else f"({name})")
        for holder in one.holders
        if holder.post == post and (name := name_of(directory, holder.staff))
    ]
    return " ".join(names) or "-"


def titles() -> list[str]:
    """The titles of ``cells``."""
    return [_("Window"), *map(post_word, POSTS), _("First"), _("To be looked into")]


def cells(directory: Directory, one: WindowRoster) -> list[str]:
    """One window as a row of the table."""
    window = directory.windows.get(one.window)
    gaps = gap_text(one)
    return [
        clean(f"{one.window} {window.name if window else ''}"),
        *(post_cell(directory, one, post) for post in POSTS),
        name_of(directory, one.first.staff) if one.first else "-",
        f"{MARK} {gaps}" if gaps else "",
    ]
