"""The wall: who is called now, for the whole hall to read. Numbers, windows, lines, nothing else (PV-1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer

from jiaohao.queue import announcing
from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.floor import ABSENT, Floor, LineView, WindowView
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.presence import CHAIN
from jiaohao.queue.words import post_short, state_word
from jiaohao.store.values import Call
from jiaohao.tui import phrases
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.public import PublicDesk
from jiaohao.tui.widgets.bignumber import ARROW, BigNumber
from jiaohao.tui.widgets.board import Board
from jiaohao.tui.widgets.rows import Column, RowData
from jiaohao.tui.widgets.words import Words

HOLD_S = 3.0
"""How long a call stays large while others wait for their turn."""
BACKLOG = 4
"""How many calls wait for their turn at most: what is older is only listed."""
FRESH_S = 10.0
"""How long a call is marked as new."""
FLASH_S = 0.5
"""Half a flash: one flash a second, where three would still be harmless (WCAG 2.3.1)."""
FLASHES = 3
_LONG_S = 999 * 60
"""As long as people may have to wait."""
GO_TO = 3
"""How many windows are named to go to instead of an absent one."""
_MARKS = {"free": "+", "called": ARROW, "serving": "*", "paused": "=", "absent": "!", "closed": "-"}


class WallDesk(PublicDesk):
    """For the public: nobody signs on, no key changes anything."""

    CODE = "wall"
    TITLE_ID = N_("Wall")
    DEFAULT_CSS = """
    WallDesk #now-and-last { height: 1fr; min-height: 6; padding: 0 1 0 0; }
    WallDesk #now { width: 1fr; height: 100%; }
    WallDesk.-tall #now { padding: 1 0 0 0; }
    WallDesk #big { width: 100%; height: 1fr; text-align: center; }
    WallDesk #announce { width: 100%; height: 1; text-align: center; text-style: bold; }
    WallDesk.-tall #announce { margin: 0 0 1 0; }
    WallDesk #announce.-fresh { background: $accent; color: $background; }
    WallDesk #calls { width: 19; height: 100%; margin: 0 0 0 1; }
    WallDesk.-wide #calls { width: 24; margin: 0 0 0 2; }
    WallDesk #absent { min-height: 1; max-height: 13%; padding: 0 1; background: $surface; }
    WallDesk #lines { max-height: 22%; padding: 0 1; }
    WallDesk #windows { max-height: 34%; padding: 0 1; }
    """

    def __init__(self) -> None:
        """Nothing was called yet."""
        super().__init__()
        self._day = ""
        self._now: Call | None = None
        self._coming: deque[Call] = deque(maxlen=BACKLOG)
        self._seen: frozenset[Call] = frozenset()
        self._fresh: set[Call] = set()
        self._hold: Timer | None = None
        self._flash: Timer | None = None
        self._blinks = 0
        self._rows: dict[str, tuple[WindowView, RowData]] = {}

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        self._rows.clear()  # they may be in another language
        with Horizontal(id="now-and-last"):
            with Vertical(id="now"):
                yield BigNumber(id="big")
                yield Words(id="announce")
            columns = (Column("number", _("Number")), Column("window", _("Window"), 6), Column("at", "", 5))
            yield Board(columns, shared=5, easy=18, paged=False, id="calls")
        yield Board(_absent_columns(), shared=16, easy=78, id="absent")
        lines = (
            Column("line", _("Line")),
            fitting("waiting", _("Queue"), 4, "right"),
            fitting("expected", _("Wait"), 6, "right", [phrases.wait(_LONG_S), _("nobody")]),
        )
        yield Board(lines, shared=9, easy=30, id="lines")
        windows = (
            Column("code", "", max([2, *(cell_len(window.code) for window in self.hall.windows)])),
            fitting("state", _("Window"), 2 + max(cell_len(_state(state)) for state in _MARKS)),
            Column("number", "", 5),
            Column("name", "", least=8),
        )
        yield Board(windows, shared=0, easy=36, id="windows")

    def show_floor(self, floor: Floor) -> None:
        """See Desk."""
        self._hear(floor)
        self._show_now(floor)
        self._show_calls(floor)
        self.query_one("#absent", Board).show([self._absent_row(view) for view in floor.absent])
        self.query_one("#lines", Board).show(
            [_line_row(line, is_over=floor.day_closed) for line in floor.lines]
        )
        self.query_one("#windows", Board).show(self._window_rows(floor.windows))

    def _window_rows(self, views: Sequence[WindowView]) -> list[RowData]:
        # Of many windows few change at once, and to see that takes less than to write a row.
        before = self._rows
        self._rows = {
            view.code: old
            if (old := before.get(view.code)) is not None and old[0] == view
            else (view, _window_row(view))
            for view in views
        }
        return [row for _view, row in self._rows.values()]

    def _hear(self, floor: Floor) -> None:
        calls = frozenset(floor.calls)
        is_another_day = floor.service_day != self._day or floor.day_closed
        news = [] if is_another_day else [call for call in reversed(floor.calls) if call not in self._seen]
        if (speaker := self.jiaohao.speaker) is not None:
            speaker.follow(floor, news)
        if is_another_day:
            # What was called before this terminal looked is not news.
            self._day, self._seen = floor.service_day, calls
            self._coming.clear()
            self._now = floor.calls[0] if floor.calls and not floor.day_closed else None
            return
        self._seen = calls
        self._coming.extend(news)
        self._fresh.update(news)
        if news:
            self.set_timer(FRESH_S, lambda: self._grow_old(news))
        if self._hold is None:
            self._next()

    def _next(self) -> None:
        # One call after the other, each long enough to be read, however fast the windows press.
        self._hold = None
        if not self._coming or not self.is_ready:
            return
        self._now = self._coming.popleft()
        self._hold = self.set_timer(HOLD_S, self._next)
        if self._flash is not None:
            self._flash.stop()
        self._blinks = 2 * FLASHES
        self._flash = self.set_interval(FLASH_S, self._blink)
        self._blink()
        if self.floor is not None:
            self._show_now(self.floor)

    def _blink(self) -> None:
        self._blinks -= 1
        if self.is_ready:
            self.query_one("#big", BigNumber).light(self._blinks % 2 == 1)
        if self._blinks == 0 and self._flash is not None:
            self._flash.stop()

    def _grow_old(self, calls: list[Call]) -> None:
        self._fresh.difference_update(calls)
        if self.floor is not None and self.is_ready:
            self._show_now(self.floor)
            self._show_calls(self.floor)

    def _show_now(self, floor: Floor) -> None:
        call = self._now
        self.query_one("#big", BigNumber).show(call.number if call else "", call.window if call else "")
        announce = self.query_one("#announce", Words)
        announce.set_class(call in self._fresh, "-fresh")
        nobody = _("Nobody was called yet.") if floor.is_open else ""
        announce.update(Content(announcing.shown(call, self.hall) if call else nobody))

    def _show_calls(self, floor: Floor) -> None:
        latest: dict[tuple[str, str], Call] = {}
        for call in floor.calls:
            latest.setdefault((call.number, call.window), call)
        self.query_one("#calls", Board).show(
            [
                RowData(
                    f"{number} {window}",
                    (number, f"{ARROW} {window}", self.clock_time(call.at_ms, "%H:%M")),
                    "called" if call in self._fresh else "",
                )
                for (number, window), call in latest.items()
            ]
        )

    def _absent_row(self, view: WindowView) -> RowData:
        since = _("since {time}").format(time=self._time(view.absent_since_ms))
        back = _("back {time}").format(time=self._time(view.back_ms)) if view.back_ms else ""
        codes = phrases.codes(view.go_to[:GO_TO])
        where = _("go to window {codes}").format(codes=codes) if view.go_to else _("ask the guide")
        window = _("! {code} {name}").format(code=clean(view.code), name=clean(view.name))
        return RowData(view.code, (window, since, back, phrases.cover(view), where), "absent")

    def _time(self, instant_ms: int | None) -> str:
        return local(instant_ms, self.hall.timezone).strftime("%H:%M") if instant_ms is not None else "-"


def _absent_columns() -> tuple[Column, ...]:
    time = "00:00"
    asked = [WindowView("", "", "", (), (), ABSENT, cover=post) for post in CHAIN]
    samples = (
        [_("since {time}").format(time=time)],
        [_("back {time}").format(time=time)],
        [phrases.cover(view) for view in asked],
        [_("go to window {codes}").format(codes="1 2 3"), _("ask the guide")],
    )
    widths = [max(map(cell_len, texts)) for texts in samples]
    return (Column("window", ""), *(Column(str(place), "", width) for place, width in enumerate(widths)))


def _state(state: str) -> str:
    # To the public an absent window is away; what to think of it is for supervision.
    return _("away") if state == ABSENT else state_word(state)


def _line_row(line: LineView, *, is_over: bool) -> RowData:
    wait = phrases.wait(None if is_over else line.expected_wait_s) if line.windows_open else _("nobody")
    cells = (f"{line.code} {clean(line.name)}", str(line.waiting), wait)
    return RowData(line.code, cells, "" if line.windows_open else "dim")


def _window_row(view: WindowView) -> RowData:
    number = view.ticket.number if view.ticket else ""
    name = f"{clean(view.name)} {' '.join(view.lines)}"
    if view.is_covered and view.post in CHAIN:
        name = f"{post_short(view.post)} {name}"
    return RowData(
        view.code, (clean(view.code), f"{_MARKS[view.state]} {_state(view.state)}", number, name), view.state
    )
