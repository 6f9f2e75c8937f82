"""What has happened with one number, in words, and the two clocks of it."""

from __future__ import annotations

from collections.abc import Sequence

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.events import NUMBERS, event_word, events_of
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Directory
from jiaohao.store.values import Entry
from jiaohao.tui import phrases
from jiaohao.tui.screens.guide_lists import Panel, fitting
from jiaohao.tui.widgets.rows import Column, RowData, in_columns

_WIDTH = 60


def _columns() -> tuple[Column, ...]:
    events = map(event_word, events_of(NUMBERS))
    return (Column("at", "", 8), fitting("event", "", 8, texts=events), Column("by", ""))


def story_panel() -> Panel:
    """The lines of one number, newest first: what is a minute old is what one asks for."""
    return Panel("story", _columns(), _("No number in hand."))


def story_rows(directory: Directory, entries: Sequence[Entry]) -> list[RowData]:
    """A number's journal in words, newest first."""
    timezone = directory.hall.timezone
    return [
        RowData(
            str(entry.id),
            (
                local(entry.at_ms, timezone).strftime("%H:%M:%S"),
                event_word(entry.event),
                _where_and_who(directory, entry),
            ),
        )
        for entry in reversed(entries)
    ]


def _where_and_who(directory: Directory, entry: Entry) -> str:
    where = _("window {code}").format(code=clean(entry.window)) if entry.window else ""
    return f"{where} {phrases.who_did(directory, entry)}".strip()


def story_text(directory: Directory, entries: Sequence[Entry]) -> str:
    """The same as lines of text, oldest first."""
    columns = _columns()
    return "\n".join(
        in_columns(row.cells, columns, _WIDTH) for row in reversed(story_rows(directory, entries))
    )


def last_ms(entries: Sequence[Entry], *events: str) -> int | None:
    """When the newest line of one of these events was written; None when there is none."""
    return next((entry.at_ms for entry in reversed(entries) if entry.event in events), None)
