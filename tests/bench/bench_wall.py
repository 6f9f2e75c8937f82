"""From one change at a wall of 300 windows to its frame, and how that grows with the windows.

The wall is the real one, on a hall at work, without a terminal. At one window after the other a visitor is
called, taken up and sent on to another window, and the clerk leaves and sits down again. The time runs from
when the app is handed the floor that its link has read, until the update that shows the change has been made
into the string that a terminal gets. Every call is shown large at once, as if the last one had been shown
for long enough. The clock, the flashing and the turning of pages stand still meanwhile.

The reference is a bare Textual app with one line-drawn widget of the same size, which changes one row.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message

from bench.frames import Frames
from bench.lines import Lines
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, p95, report
from driving import desk
from jiaohao.queue import calling, issuing, leaving, moving, seating
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store
from jiaohao.tui.link import FloorChanged
from jiaohao.tui.screens.wall import WallDesk
from jiaohao.tui.widgets.bignumber import BigNumber
from small_hall import sqlite_site
from terminal import clerk_of, wide_hall

WINDOWS = 300
FEWER = (10, 50, 150)
KINDS = ("call", "start", "transfer", "leave", "sit")
LIMIT_MS = 10.0
WALL = (320, 90)
"""On a screen of this size 300 windows stand at once."""
TERMINAL = (120, 36)
PAGE = 50
"""On one of this size so many stand on the first page."""
WAITING = 200
AT = 8
"""At so many windows in each round; the first change of all is not counted."""

Change = tuple[str, Callable[[], object]]
Times = list[tuple[str, float]]
"""What was changed, and how many milliseconds it took."""


class Wide:
    """A hall of so many windows: one in three serves, some are empty, the others are free; many wait."""

    def __init__(self, folder: Path, windows: int) -> None:
        """Lay it into a new file in ``folder``; its clock stands still."""
        self._windows = windows
        self._url = f"sqlite:///{folder / 'hall.db'}"
        self._site, self._clock = sqlite_site(folder, wide_hall(windows))
        for number in range(1, windows + 1):
            seating.sit(self._site, str(number), clerk_of(str(number)))
        for place in range(WAITING):
            issuing.issue(self._site, "ABC"[place % 3])
        for number in range(1, windows + 1, 3):
            calling.call(self._site, str(number))
            calling.start(self._site, str(number))
        for number in range(3, windows + 1, 30):
            self._leave(str(number))

    def as_seen(self) -> Site:
        """The hall as a wall opens it."""
        return Site(open_store(self._url, self._site.hall.code, read_only=True), self._clock)

    def changes(self, shown: int, at: int) -> Iterator[Change]:
        """At free windows among the first ``shown``, as many as ``at`` if there are so many."""
        free = range(2, min(shown, self._windows) + 1, 3)
        for number in free[:: max(1, len(free) // at)][:at]:
            yield from self._at(str(number), to=str(number - 1))

    def _at(self, window: str, to: str) -> Iterator[Change]:
        called: list[str] = []
        yield "call", lambda: called.append(calling.call(self._site, window).number)
        yield "start", partial(calling.start, self._site, window)
        yield "transfer", lambda: moving.transfer(self._site, called[0], window=to)
        yield "leave", partial(self._leave, window)
        yield "sit", partial(seating.sit, self._site, window, clerk_of(window))

    def _leave(self, window: str) -> None:
        leaving.leave(self._site, window, reason="meeting", in_hand="back")

    def close(self) -> None:
        """Let go of it."""
        self._site.store.close()


async def handed_s(app: App[Any], kind: type[Message], change: Callable[[], object]) -> float:
    """Make a change; the instant at which the app was then handed a message of that kind."""
    loop, handed = asyncio.get_running_loop(), asyncio.Queue[float]()
    post: Callable[[Message], bool] = app.post_message

    def noted(message: Message) -> bool:
        if isinstance(message, kind):
            loop.call_soon_threadsafe(handed.put_nowait, now_s())
        return post(message)

    app.post_message = noted  # type: ignore[method-assign]
    await asyncio.to_thread(change)
    instant_s = await handed.get()
    app.post_message = post  # type: ignore[method-assign]
    return instant_s


async def measured(
    app: App[Any], kind: type[Message], changes: Iterator[Change], calm: Callable[[], object]
) -> Times:
    """The time of each change, but for the first."""
    frames, times = Frames(app), []
    for what, change in changes:
        calm()
        await frames.rest()
        frames.forget()
        begin_s = await handed_s(app, kind, change)
        times.append((what, (await frames.shown_s(what) - begin_s) * 1000))
    return times[1:]


def calm(wall: WallDesk) -> None:
    """Nothing moves by itself any more, and the last call is as if it had been shown for long enough."""
    for node in (wall, *wall.query("*")):
        for timer in list(node._timers):
            if timer is not wall._update_timer:
                timer.stop()
    wall._hold = None
    wall._grow_old(list(wall._fresh))
    wall.query_one("#big", BigNumber).light(False)  # noqa: FBT003 - what it is about


async def at_the_wall(hall: Wide, size: tuple[int, int], shown: int, at: int) -> Times:
    """One round at the real wall."""
    site = hall.as_seen()
    gc.freeze()  # as the program does when it opens a desk
    async with desk(site, "wall", size=size) as (app, _pilot):
        wall = app.screen
        if not isinstance(wall, WallDesk):
            raise TypeError(wall)
        return await measured(app, FloorChanged, hall.changes(shown, at), partial(calm, wall))


@dataclass
class Changed(Message):
    """Other lines."""

    texts: list[str]


class Bare(App[None]):
    """The reference."""

    def compose(self) -> ComposeResult:
        """Nothing but lines."""
        yield Lines()

    def on_changed(self, message: Changed) -> None:
        """Show them."""
        self.query_one(Lines).show(message.texts)


async def at_the_bare_app(size: tuple[int, int], changes: int) -> Times:
    """One round at the reference."""
    app = Bare()
    texts = [f"{y} 号窗口 空闲" for y in range(size[1])]

    def change(count: int) -> None:
        texts[count % len(texts)] = f"{count} 次"
        app.post_message(Changed([*texts]))

    async with app.run_test(size=size):
        app.query_one(Lines).show(texts)
        todo = (("row", partial(change, count)) for count in range(changes))
        return await measured(app, Changed, todo, lambda: None)


def of_hall(windows: int, size: tuple[int, int], at: int, rounds: int, limits: dict[str, float]) -> Row:
    """The figures of a hall of so many windows on a screen of that size."""
    shown = PAGE if size == TERMINAL else windows
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        hall = Wide(Path(folder), windows)
        count = len(list(hall.changes(shown, at)))
        found = in_turn(
            lambda: asyncio.run(at_the_wall(hall, size, shown, at)),
            lambda: asyncio.run(at_the_bare_app(size, count)),
            rounds,
        )
        hall.close()
    figures = {
        "p50, ms": middle(found, lambda ours, _bare: median(_ms(ours))),
        "p95, ms": middle(found, lambda ours, _bare: p95(_ms(ours))),
        **{f"{what}, p50, ms": middle(found, partial(_of_kind, what)) for what in KINDS},
        "bare app's p50, ms": middle(found, lambda _ours, bare: median(_ms(bare))),
        "bare app's p95, ms": middle(found, lambda _ours, bare: p95(_ms(bare))),
        "p50, times the bare app's": middle(found, lambda ours, bare: median(_ms(ours)) / median(_ms(bare))),
        "p95, times the bare app's": middle(found, lambda ours, bare: p95(_ms(ours)) / p95(_ms(bare))),
    }
    what = f"change -> frame, {windows} windows, {size[0]}x{size[1]}: {rounds * (count - 1)} changes"
    return Row(what, figures, limits)


def _ms(times: Times) -> list[float]:
    return [time_ms for _what, time_ms in times]


def _of_kind(kind: str, ours: Times, _bare: Times) -> float:
    return median(time_ms for what, time_ms in ours if what == kind)


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when the limit is broken."""
    limits = {"p95, ms": LIMIT_MS}
    if asked.small:
        rows = [of_hall(20, TERMINAL, 2, 1, limits)]
    else:
        rows = [
            *(of_hall(windows, WALL, AT, ROUNDS, {}) for windows in FEWER),
            *(of_hall(WINDOWS, size, AT, ROUNDS, limits) for size in (WALL, TERMINAL)),
        ]
    return report("wall", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
