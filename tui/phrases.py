"""Small phrases that several desks show: waits, times, lists of windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jiaohao.queue.clean import clean
from jiaohao.queue.floor import WindowView
from jiaohao.queue.language import gettext as _
from jiaohao.queue.order import NORMAL
from jiaohao.queue.site import Directory
from jiaohao.queue.states import KINDS
from jiaohao.queue.words import kind_word, post_short
from jiaohao.store.values import Entry, Hall, Ticket

if TYPE_CHECKING:
    from jiaohao.queue.estimates import Errors


def wait(seconds: int | None) -> str:
    """A wait in whole minutes, rounded up, short enough for a column; a dash when nobody knows."""
    return "-" if seconds is None else _("{count} min").format(count=-(-seconds // 60))


def told_text(bias_s: int | None) -> str:
    """Whether waits are told too short or too long, by whole minutes; a dash when nobody was told any."""
    if bias_s is None:
        return "-"
    minutes = round(abs(bias_s) / 60)
    if not minutes:
        return _("about right")
    text = _("{count} min short") if bias_s > 0 else _("{count} min long")
    return text.format(count=minutes)


def off_by(told: Errors) -> str:
    """The median error in whole minutes and per cent, short enough for a column."""
    return "-" if told.percent is None else f"{wait(told.median_s)} {told.percent}%"


def estimates_text(told: Errors) -> str:
    """What was told at issue against what followed, in one line."""
    if not told.count:
        return _("Nobody who was called had been told a wait")
    return _("Told {count}: half within {error}, {bias}; {short} short, {long} long").format(
        count=told.count,
        error=off_by(told),
        bias=told_text(told.bias_s),
        short=told.too_short,
        long=told.too_long,
    )


def stopwatch(milliseconds: int) -> str:
    """How long something has gone on, as minutes and seconds, or hours and minutes and seconds."""
    minutes, seconds = divmod(max(0, milliseconds) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def codes(windows: Iterable[str]) -> str:
    """Several windows' codes in a row; a dash for none."""
    return " ".join(map(clean, windows)) or "-"


def priority_name(hall: Hall, code: str) -> str:
    """A priority class for staff; empty for the normal one."""
    if code == NORMAL.code:
        return ""
    return next((clean(p.name) for p in hall.calling.priorities if p.code == code), code)


def matter_name(directory: Directory, ticket: Ticket) -> str:
    """What a ticket was issued for: its matter, or its line when none was named."""
    found = directory.matters.get(ticket.matter or "") or directory.lines.get(ticket.line)
    return clean(found.name) if found else ticket.line


def cover(view: WindowView) -> str:
    """Which post is on its way to an empty window, and no name (PV-1); empty when none is."""
    if view.cover is None:
        return ""
    text = _("{post} coming") if view.comes else _("{post} asked")
    return text.format(post=post_short(view.cover))


def who(directory: Directory, entry: Entry) -> str:
    """Who is behind a line of the journal."""
    person = directory.staff.get(entry.staff or "")
    return clean(person.name if person else entry.staff or "")


def who_did(directory: Directory, entry: Entry) -> str:
    """Who is behind a line of the journal; at the end of a service also as which kind of file (LK-3)."""
    kind = kind_word(entry.note) if entry.note in KINDS else ""
    return f"{who(directory, entry)} {kind}".strip()
