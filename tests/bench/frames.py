"""From a key to the frame with its answer, in any Textual app without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.cells import cell_len
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.events import Key
from textual.scrollbar import ScrollBar
from textual.widgets import Input

from bench.measuring import now_s

STILL = 8
TURN_S = 0.005
"""So many turns of the loop without a frame, each of so many seconds: more than two of Textual's frames."""


class Frames:
    """Notes when an app has written its last frame.

    Every change of the screen goes through ``App._display``, which makes a string of the update and hands it
    to the driver. Without a terminal Textual leaves that out; so it is made here, and the frame counts from
    then.
    """

    def __init__(self, app: App[Any]) -> None:
        """Note from now on; cursors stop blinking, since they write frames that nobody asked for."""
        self._app = app
        self._written: list[tuple[float, Any]] = []
        self._painted: dict[tuple[int, int], object] = {}
        self._bars: set[tuple[int, int]] = set()
        for field in app.screen.query(Input):
            field.cursor_blink = False
        display: Callable[[Any, Any], None] = app._display

        def noted(screen: Any, update: Any) -> None:
            display(screen, update)
            if update is not None and not app._batch_count:
                update.render_segments(app.console)
                self._written.append((now_s(), update))

        app._display = noted  # type: ignore[method-assign]

    async def rest(self) -> None:
        """Wait until the app has nothing more to show.

        Turns are counted, not time: an app that is busy with the answer keeps its loop from turning.
        """
        still = 0
        while still < STILL:
            count = len(self._written)
            await asyncio.sleep(TURN_S)
            still = still + 1 if count == len(self._written) else 0

    async def after(self, key: str) -> float:
        """Milliseconds from a key, as the driver hands it on, to the last frame that shows anything new."""
        driver = self._app._driver
        if driver is None:
            raise RuntimeError("the app does not run")
        character = " " if key == "space" else key if len(key) == 1 else None
        self.forget()
        began_s = now_s()
        driver.send_message(Key(key, character))
        return (await self.shown_s(key) - began_s) * 1000

    def forget(self) -> None:
        """Count only what comes from now on."""
        for _at_s, update in self._written:
            self._paints(update)
        self._written.clear()

    async def shown_s(self, what: str) -> float:
        """Once the app rests, the instant of the last frame that showed anything new after ``what``."""
        await self.rest()
        shown_s = [at_s for at_s, update in self._written if self._paints(update)]
        if not shown_s:
            raise RuntimeError(f"nothing was shown after {what}")
        return shown_s[-1]

    def _paints(self, update: Any) -> bool:
        """Whether an update changes what stands there, scroll bars aside.

        Textual draws these once more a frame later, mostly as they were, and blanks the place of one that
        went; nobody waits for that.
        """
        new = dict(_cells(update))
        changed = [place for place, cell in new.items() if self._painted.get(place) != cell]
        self._painted |= new
        screen = self._app.screen
        self._bars |= {place for place in changed if isinstance(screen.get_widget_at(*place)[0], ScrollBar)}
        return bool(set(changed) - self._bars)

    def texts(self) -> Iterator[tuple[float, str]]:
        """The instant of each frame so far, and what then stood on the screen, as far as it was painted."""
        rows: dict[int, dict[int, str]] = {}
        lines: dict[int, str] = {}
        for at_s, update in self._written:
            painted = [*_cells(update)]
            for (x, y), (char, _style) in painted:
                row = rows.setdefault(y, {})
                row[x] = char
                if cell_len(char) > 1:
                    row[x + 1] = ""
            for y in {y for (_x, y), _cell in painted}:
                lines[y] = "".join(rows[y][x] for x in sorted(rows[y]))
            yield at_s, "\n".join(lines.values())

    async def typed(self, keys: Iterable[str], check: Callable[[], None]) -> list[float]:
        """The milliseconds of each key; ``check`` looks at every answer, outside of the time."""
        await self.rest()
        times_ms = []
        for key in keys:
            times_ms.append(await self.after(key))
            check()
        return times_ms


def _cells(update: Any) -> Iterator[tuple[tuple[int, int], tuple[str, object]]]:
    """Each cell that an update paints, with its character and its look."""
    if isinstance(update, LayoutUpdate):
        whole = update.region
        spans = [(y, whole.x, whole.right) for y in range(whole.y, whole.bottom)]
        chops = {
            y: {whole.x: [segment for strip in line for segment in strip]}
            for y, line in enumerate(update.strips, whole.y)
        }
    else:
        spans, chops = update.spans, update.chops
    for y, left, right in spans:
        for start, strip in chops[y].items():
            x = start
            for text, style, _control in strip or ():
                for char in text:
                    if left <= x < right:
                        yield (x, y), (char, style)
                    x += cell_len(char)
