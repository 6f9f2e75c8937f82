"""The journal of a whole day, read as far as one looks at it, narrowed by key, followed while it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from jiaohao.queue import daybook, export
from jiaohao.queue.clean import clean
from jiaohao.queue.daybook import Found, Wanted
from jiaohao.queue.events import EVENTS, GROUPS, event_word, group_word
from jiaohao.queue.language import gettext as _
from jiaohao.queue.language import ngettext
from jiaohao.queue.site import Directory, Site
from jiaohao.store.values import Entry
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Ask, Choice, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.live_page import LivePage
from jiaohao.tui.screens.page import TextPage
from jiaohao.tui.widgets.rows import Column, RowData, Rows, fit
from jiaohao.tui.widgets.words import Words

HELD = 4 * daybook.PAGE
"""So many lines are kept at most; those far from the screen are read again when one goes there."""
_NEAR = daybook.PAGE // 2
"""So near to the last line kept the next ones are read."""
_FACT = 24
"""Cells of a filter's words in the heading."""


class Lines(Rows):
    """The lines that are kept; its ends are those of the day."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "screen.newest", show=False),
        Binding("end", "screen.oldest", show=False),
    ]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See ScrollView; the mouse comes near an end too."""
        super().watch_scroll_y(old_value, new_value)
        if isinstance(self.screen, JournalPage):
            self.screen.reach()

    @property
    def seen(self) -> tuple[int, int]:
        """The first and the last place on the screen."""
        top = self.scroll_offset.y
        return top, top + self.size.height


class JournalPage(LivePage):
    """Newest first. A part of it is kept, without a gap, and moves along with the reader."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "number", show=False, priority=True),
        Binding("f4", "window", show=False, priority=True),
        Binding("f5", "staff", show=False, priority=True),
        Binding("f6", "event", show=False, priority=True),
        Binding("f8", "clear", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        """All of today."""
        super().__init__(desk)
        self._narrowed = Wanted(self.day)
        self._lines: tuple[Entry, ...] = ()
        self._count = 0
        self._has_newer = self._has_older = False

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        columns = (
            fitting("at", _("Time"), 8), fitting("number", _("Number"), 5),
            fitting("event", _("What"), 8, texts=map(event_word, EVENTS)), fitting("window", _("At"), 4),
            Column("who", _("Who")), fitting("note", _("Note"), 8, texts=daybook.note_words()),
        )  # fmt: skip
        yield Lines(columns, cursor=True, empty=_("Nothing in the journal fits."), id="table")

    def keys(self) -> str:
        """See Dialog."""
        rows = (
            (_("Enter: all of it"), _("F2: CSV and xlsx"), _("F7: day"), _("Esc: back")),
            (_("F3: number"), _("F4: window"), _("F5: person"), _("F6: kind"), _("F8: no filter")),
        )
        return "\n".join("   ".join(row) for row in rows)

    @property
    def wanted(self) -> Wanted:
        """The day and the filters in force."""
        return replace(self._narrowed, day=self.day)

    @property
    def _table(self) -> Lines:
        return self.query_one("#table", Lines)

    # Reading

    def read(self) -> None:
        """See LivePage: the newest lines."""
        wanted, reader = self.wanted, self.reader
        self._head()

        def show(found: Found) -> None:
            self._keep(found, found.lines, has_newer=False, has_older=_is_full(found))
            self._table.show(self._rows())
            self._to_top()

        # Lines of another day or filter must not stand under this heading.
        self.fetch(lambda site: daybook.read(site, reader, wanted), show, lambda: show(Found((), 0)))

    def action_newest(self) -> None:
        """Go to the newest line."""
        if self._has_newer:
            self.read()
        else:
            self._to_top()

    def _to_top(self) -> None:
        self._table.move_to(0)
        self._table.scroll_home(animate=False, force=True)  # the mouse may have left the cursor behind

    def action_oldest(self) -> None:
        """Go to the oldest line."""
        if not self._has_older:
            self._table.move_to(len(self._lines))
            return
        wanted, reader = self.wanted, self.reader

        def show(found: Found) -> None:
            self._keep(found, found.lines, has_newer=_is_full(found), has_older=False)
            self._table.show(self._rows())
            self._table.move_to(len(self._lines))

        self.fetch(lambda site: daybook.read(site, reader, wanted, after=0), show)

    def follow(self) -> None:
        """See LivePage: the newest lines again, as one that was numbered earlier may be committed later."""
        wanted, reader = self.wanted, self.reader
        if not self._lines:
            self.read()
            return

        def show(found: Found) -> None:
            if self._has_newer or not _joins(found.lines, self._lines):
                self._keep(found, self._lines, has_newer=True, has_older=self._has_older)
            else:
                known = {entry.id: entry for entry in (*self._lines, *found.lines)}
                lines = [known[line] for line in sorted(known, reverse=True)]
                self._above(found, lines, has_newer=False, stays_first=True)

        self.fetch(lambda site: daybook.read(site, reader, wanted), show)

    def settled(self) -> None:
        """See LivePage; while it went on, the reader may have gone further."""
        self.reach()
        super().settled()

    def reach(self) -> None:
        """Read on where an end of what is kept has come near."""
        if self.is_reading or not self._lines:
            return
        first, last = self._table.seen
        if self._has_older and last > len(self._lines) - _NEAR:
            self._read_on(before=self._lines[-1].id)
        elif self._has_newer and first < _NEAR:
            self._read_on(after=self._lines[0].id)

    def _read_on(self, *, before: int | None = None, after: int | None = None) -> None:
        wanted, reader = self.wanted, self.reader

        def older(found: Found) -> None:
            lines = [*self._lines, *found.lines]
            gone = max(0, min(len(lines) - HELD, self._table.seen[0] - _NEAR))
            has_newer = self._has_newer or gone > 0
            self._keep(found, lines[gone:], has_newer=has_newer, has_older=_is_full(found))
            self._table.show_in_place(self._rows())

        def newer(found: Found) -> None:
            self._above(found, [*found.lines, *self._lines], has_newer=_is_full(found))

        show = older if after is None else newer
        self.fetch(lambda site: daybook.read(site, reader, wanted, before=before, after=after), show)

    def _above(
        self, found: Found, lines: Sequence[Entry], *, has_newer: bool, stays_first: bool = False
    ) -> None:
        # What came above pushes the reader's lines down; as many may go below as are out of sight there.
        read = self._table.seen[1] + len(lines) - len(self._lines) + _NEAR
        kept = lines[: max(HELD, read)]
        has_older = self._has_older or len(kept) < len(lines)
        self._keep(found, kept, has_newer=has_newer, has_older=has_older)
        self._table.show_in_place(self._rows(), stays_first=stays_first)

    def _keep(self, found: Found, lines: Sequence[Entry], *, has_newer: bool, has_older: bool) -> None:
        self._lines, self._count = tuple(lines), found.count
        self._has_newer, self._has_older = has_newer, has_older
        self._head()

    def _rows(self) -> list[RowData]:
        return [RowData(str(entry.id), _cells(self.site.directory, entry)) for entry in self._lines]

    def on_rows_moved(self, message: Rows.Moved) -> None:
        """The cursor may have come near an end."""
        message.stop()
        self.reach()

    # What stands above

    def _head(self) -> None:
        is_more = self._count > daybook.COUNT_MOST
        lines = ngettext("{count} line", "{count} lines", self._count)
        count = (_("more than {count} lines") if is_more else lines).format(
            count=min(self._count, daybook.COUNT_MOST)
        )
        title = _("Journal of {day}: {count}").format(day=self.day, count=count)
        self.query_one("#page-title", Words).update(Content(title))
        facts = [f"{label} {fit(text, _FACT).rstrip()}" for label, text in self._facts() if text]
        text = _("Only: {filters}").format(filters=", ".join(facts)) if facts else _("No filter: all lines")
        width = self._table.size.width
        self.query_one("#page-facts", Words).update(Content(fit(text, width).rstrip() if width else text))

    def _facts(self) -> tuple[tuple[str, str], ...]:
        wanted, directory = self._narrowed, self.site.directory
        window, person = directory.windows.get(wanted.window or ""), directory.staff.get(wanted.staff or "")
        return (
            (_("number"), clean(wanted.number or "")),
            (_("window"), clean(f"{window.code} {window.name}") if window else ""),
            (_("person"), clean(f"{person.name} {person.no}") if person else ""),
            (_("kind"), _kind_text(wanted.event)),
        )

    # Filters

    def _narrow(self, wanted: Wanted) -> None:
        self._narrowed = wanted
        self.read()

    def action_number(self) -> None:
        """Only one number."""

        def answered(text: str | None) -> None:
            if text is not None:
                self._narrow(replace(self._narrowed, number=text.upper() or None))

        self.app.push_screen(Ask(_("Only one number"), _("Number; nothing for all")), answered)

    def action_window(self) -> None:
        """Only one window."""
        found = [(window.code, f"{window.code} {window.name}") for window in self.site.hall.windows]
        self._pick(_("Only one window"), found, lambda now, key: replace(now, window=key))

    def action_staff(self) -> None:
        """Only one member of staff."""
        found = [(person.no, f"{person.name} {person.no}") for person in self.site.hall.staff]
        self._pick(_("Only one member of staff"), found, lambda now, key: replace(now, staff=key))

    def action_event(self) -> None:
        """Only one kind of event, or a group of them."""
        found = [(code, _kind_text(code)) for code in (*GROUPS, *EVENTS)]
        self._pick(_("Only one kind"), found, lambda now, key: replace(now, event=key))

    def _pick(
        self, title: str, found: list[tuple[str, str]], narrow: Callable[[Wanted, str | None], Wanted]
    ) -> None:
        choices = [Choice("", (_("all"),)), *(Choice(key, (clean(text),), key) for key, text in found)]

        def picked(key: str | None) -> None:
            if key is not None:
                self._narrow(narrow(self._narrowed, key or None))

        self.app.push_screen(Pick(title, (Column("what", ""),), choices, typed=True), picked)

    def action_clear(self) -> None:
        """The whole day again."""
        self._narrow(Wanted(self.day))

    # One line, and all of them

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Show the whole line."""
        message.stop()
        entry = next((entry for entry in self._lines if str(entry.id) == message.key), None)
        if entry is not None:
            self.app.push_screen(TextPage(_("A line of the journal"), whole(self.site.directory, entry)))

    def action_files(self) -> None:
        """Write all lines that the filters leave."""
        wanted, reader = self.wanted, self.reader

        def rows(site: Site) -> Iterator[export.Row]:
            return daybook.table(site, daybook.each(site, reader, wanted))

        self.write_files(f"journal-{self.day}", rows)


def _is_full(found: Found) -> bool:
    return len(found.lines) == daybook.PAGE


def _joins(newest: Sequence[Entry], kept: Sequence[Entry]) -> bool:
    # Fewer than a page are all that there are.
    return len(newest) < daybook.PAGE or newest[-1].id <= kept[0].id


def _kind_text(event: str | None) -> str:
    if event in GROUPS:
        return _("{group} (all)").format(group=group_word(event))
    return event_word(event) if event else ""


def _cells(directory: Directory, entry: Entry) -> tuple[str, ...]:
    return (
        daybook.at_text(directory, entry, "%H:%M:%S"), clean(entry.number or ""), event_word(entry.event),
        clean(entry.window or ""), daybook.name_text(directory, entry) or clean(entry.staff or ""),
        daybook.note_text(entry),
    )  # fmt: skip


def whole(directory: Directory, entry: Entry) -> str:
    """All that the journal has of one line; what a person wrote is not among it (PV-1)."""
    window = directory.windows.get(entry.window or "")
    states = [daybook.state_text(entry.event, state) for state in (entry.from_state, entry.to_state)]
    facts = [
        (_("Time"), daybook.at_text(directory, entry, "%Y-%m-%d %H:%M:%S")),
        (_("Number"), clean(entry.number or "")),
        (_("What"), event_word(entry.event)),
        (_("From state"), states[0]),
        (_("To state"), states[1]),
        (_("Window"), clean(f"{entry.window} {window.name}" if window else entry.window or "")),
        (_("Who"), f"{daybook.name_text(directory, entry)} {clean(entry.staff or '')}".strip()),
        (_("Note"), daybook.note_text(entry)),
    ]
    return "\n".join(f"{label}  {fact}" for label, fact in facts if fact)
