"""What supervision sees as lists: windows with the absent ones first, the day's figures, the journal."""

from __future__ import annotations

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.events import EVENTS, event_word
from jiaohao.queue.figures import DayFigures
from jiaohao.queue.floor import ABSENT, PAUSED, Floor, WindowView
from jiaohao.queue.language import gettext as _
from jiaohao.queue.presence import POSTS
from jiaohao.queue.site import Directory
from jiaohao.queue.states import CALLED, KINDS, SERVING
from jiaohao.queue.words import kind_word, post_short, state_word
from jiaohao.store.values import Entry, Hall
from jiaohao.tui import phrases
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.widgets.rows import Column, RowData

_URGENCY = {ABSENT: 0, PAUSED: 1}


def window_columns() -> tuple[Column, ...]:
    """The columns of ``window_rows``."""
    return (
        Column("window", _("Window")),
        fitting("state", _("State"), 8),
        fitting("number", _("Number"), 5),
        fitting("since", _("Since"), 5),
        fitting("lasts", _("Lasts"), 7, "right"),
        fitting("back", _("Back"), 5),
        fitting("who", _("Who"), 8),
        fitting("post", _("Post"), 6, texts=map(post_short, POSTS)),
    )


def window_rows(directory: Directory, floor: Floor) -> list[RowData]:
    """Every window: the absent first, the longest absent before the others, then the paused (AB-6)."""

    def urgency(view: WindowView) -> tuple[int, int]:
        return _URGENCY.get(view.state, 2), since_ms(view) or 0 if view.state in _URGENCY else 0

    timezone = directory.hall.timezone
    return [
        _window_row(directory, view, floor.as_of_ms, timezone) for view in sorted(floor.windows, key=urgency)
    ]


def since_ms(view: WindowView) -> int | None:
    """Since when a window is as it is; None where that is not kept."""
    if view.state in {CALLED, SERVING}:
        return view.ticket.at_window_ms if view.ticket else None
    return view.absent_since_ms if view.state == ABSENT else view.paused_ms


def _window_row(directory: Directory, view: WindowView, now_ms: int, timezone: str) -> RowData:
    since = since_ms(view)
    person = directory.staff.get(view.staff or "")
    return RowData(
        view.code,
        (
            f"{clean(view.code)} {clean(view.name)}",
            state_word(view.state),
            view.ticket.number if view.ticket else "",
            _time(since, timezone),
            "" if since is None else phrases.wait(max(0, now_ms - since) // 1000),
            _time(view.back_ms, timezone),
            clean(person.name) if person else view.staff or "",
            post_short(view.post) if view.post else "",
        ),
        view.state,
    )


def _time(instant_ms: int | None, timezone: str) -> str:
    return "" if instant_ms is None else local(instant_ms, timezone).strftime("%H:%M")


def figures_text(figures: DayFigures, floor: Floor) -> str:
    """Today: what became of the numbers in one line, the waits in a second."""
    counts = _(
        "Issued {issued}  Served {served}  Waiting {waiting}  Held {held}  Missed {missed}  "
        "Cancelled {cancelled}  Unserved {unserved}"
    ).format(
        issued=figures.issued,
        served=figures.served,
        waiting=len(floor.waiting),
        held=len(floor.held),
        missed=figures.missed,
        cancelled=figures.cancelled,
        unserved=figures.unserved,
    )
    waits = _("Longest wait until called {longest}  Estimates off by {error} (median)").format(
        longest=phrases.wait(figures.longest_wait_s), error=phrases.wait(figures.median_error_s)
    )
    return f"{counts}\n{waits}"


def journal_columns(hall: Hall) -> tuple[Column, ...]:
    """The columns of ``journal_rows``."""
    return (
        fitting("at", _("Time"), 5),
        fitting("number", _("Number"), 5),
        fitting("event", _("What"), 8, texts=(*map(event_word, EVENTS), *map(kind_word, KINDS))),
        fitting("window", _("At"), 2, texts=[clean(window.code) for window in hall.windows]),
        Column("who", _("Who")),
    )


def journal_rows(directory: Directory, entries: tuple[Entry, ...]) -> list[RowData]:
    """The journal's latest lines, newest first; the end of a service by its kind of file (LK-3)."""
    timezone = directory.hall.timezone
    return [
        RowData(
            str(entry.id),
            (
                local(entry.at_ms, timezone).strftime("%H:%M"),
                entry.number or "",
                kind_word(entry.note) if entry.note in KINDS else event_word(entry.event),
                clean(entry.window or ""),
                phrases.who(directory, entry),
            ),
        )
        for entry in entries
    ]
