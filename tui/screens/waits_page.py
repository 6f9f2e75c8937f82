"""How long people waited until they were called and what they were told: by hours and lines, as bars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from jiaohao.queue import export, waits
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.queue.waits import DayWaits, Slot
from jiaohao.tui import phrases
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.live_page import LivePage
from jiaohao.tui.widgets.bars import Bars, bar
from jiaohao.tui.widgets.rows import Column, RowData, fit
from jiaohao.tui.widgets.words import Words

WIDE = 110
"""From so many columns on a day is shown by half hours."""
_EACH = ""
"""Stands among the lines for all of them, a row each."""


class WaitsPage(LivePage):
    """A day read once, and then looked at line by line."""

    FOLLOW_S = 2.0
    """The whole day is read each time."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "line(-1)", show=False, priority=True),
        Binding("right", "line(1)", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        """The whole hall, today."""
        super().__init__(desk)
        self._lines: tuple[str | None, ...] = (None, _EACH, *(line.code for line in desk.hall.lines))
        self._place = 0
        self._waits: DayWaits | None = None

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Words(id="page-told")
        yield Bars(self._columns(), cursor=True, id="table")

    def _columns(self) -> tuple[Column, ...]:
        bar_column = Column("bar", _("=median -longest"))
        figures = (
            fitting("called", _("Called"), 5, "right"),
            fitting("median", _("Median"), 7, "right"), fitting("longest", _("Longest"), 7, "right"),
            fitting("off", _("Off by"), 11, "right"), fitting("told", _("Told"), 12),
        )  # fmt: skip
        if self._lines[self._place] != _EACH:
            return (fitting("from", _("From"), 5), *figures, bar_column)
        if self.app.size.width >= WIDE:
            return (fitting("line", _("Line"), 24), *figures, bar_column)
        return (Column("line", _("Line")), *figures)

    def keys(self) -> str:
        """See Dialog."""
        return "   ".join((_("Left, Right: line"), _("F2: CSV and xlsx"), _("F7: day"), _("Esc: back")))

    def read(self) -> None:
        """See LivePage."""
        day = self.day

        def show(read: DayWaits) -> None:
            self._waits = read
            self._show()

        def lost() -> None:
            if self._waits is None or self._waits.day != day:  # else it goes on showing what it knows
                show(DayWaits(day, ()))

        self.fetch(lambda site: waits.read_waits(site, day), show, lost)

    def follow(self) -> None:
        """See LivePage."""
        self.read()

    def on_resize(self) -> None:
        """As long as there is room for."""
        self.call_after_refresh(self._show)

    def action_line(self, by: int) -> None:
        """Go on to another line, or back to the whole hall."""
        self._place = (self._place + by) % len(self._lines)
        self._show()

    def action_files(self) -> None:
        """Write what is shown."""
        hall, parts = self.site.hall, self._parts()
        view = self._lines[self._place]
        name = "-".join(filter(None, ("waits", self.day, "lines" if view == _EACH else view)))

        def rows(_site: Site) -> Iterator[export.Row]:
            return iter(waits.table(hall, parts))

        self.write_files(name, rows)

    def _parts(self) -> tuple[Slot, ...]:
        if self._waits is None:
            return ()
        line = self._lines[self._place]
        if line == _EACH:
            return waits.by_line(self.site.hall, self._waits)
        step_min = waits.HALF_HOUR_MIN if self.app.size.width >= WIDE else waits.HOUR_MIN
        return waits.by_clock(self.site.hall, self._waits, step_min, line)

    def _show(self) -> None:
        if self._waits is None:
            return
        table, line = self.query_one("#table", Bars), self._lines[self._place]
        table.show_columns(self._columns())
        parts, room = self._parts(), table.room
        most = max((part.longest_wait_s or 0 for part in parts), default=0)
        table.show([self._row(part, most, room) for part in parts])
        title = _("Waits until called on {day}: {line} ({place} of {count})").format(
            day=self._waits.day, line=self._line_text(line), place=self._place + 1, count=len(self._lines)
        )
        in_all = waits.in_all(self._waits, line or None)
        facts = _("Called {called}, median {median}, longest {longest}").format(
            called=in_all.called,
            median=phrases.wait(in_all.median_wait_s),
            longest=phrases.wait(in_all.longest_wait_s),
        )
        told = phrases.estimates_text(in_all.estimates)
        for name, text in (("#page-title", title), ("#page-facts", facts), ("#page-told", told)):
            self.query_one(name, Words).update(Content(fit(text, table.size.width).rstrip()))

    def _line_text(self, code: str | None) -> str:
        if code == _EACH:
            return _("each line")
        line = self.site.directory.lines.get(code or "")
        return clean(f"{line.code} {line.name}") if line else _("whole hall")

    def _row(self, part: Slot, most: int, room: int) -> RowData:
        is_each = self._lines[self._place] == _EACH
        return RowData(
            part.line or "" if is_each else str(part.from_ms),
            (
                self._line_text(part.line) if is_each else self._clock_text(part.from_ms),
                str(part.called),
                phrases.wait(part.median_wait_s),
                phrases.wait(part.longest_wait_s),
                phrases.off_by(part.estimates),
                phrases.told_text(part.estimates.bias_s),
                bar(part.median_wait_s, part.longest_wait_s, most, room),
            ),
        )

    def _clock_text(self, instant_ms: int) -> str:
        is_other_day = waits.clock_text(self.site.hall, instant_ms, "%Y-%m-%d") != self.day
        return waits.clock_text(self.site.hall, instant_ms, "%m-%d" if is_other_day else "%H:%M")
