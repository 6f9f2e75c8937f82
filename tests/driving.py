"""Driving the desks in tests: open one, wait for what must come, read what stands there."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from textual import _wait
from textual._context import visible_screen_stack
from textual.css.stylesheet import Stylesheet

from jiaohao.tui.app import JiaohaoApp
from jiaohao.tui.looks import PUBLIC_DESKS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import pytest
    from textual.css.model import RuleSet
    from textual.css.types import CSSLocation
    from textual.pilot import Pilot

    from jiaohao.queue.site import Site
    from jiaohao.tui.speaker import Speaker

SIZES = ((80, 24), (120, 36))
TRIES = 1000
TRY_S = 0.01

# A pilot takes an app for idle that has done nothing for so long, and looks twice after each key: with its
# own fiftieth of a second, tests would wait more than they work.
_wait.SLEEP_GRANULARITY = 0.004
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20

_parse_rules = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def _parse_once(
    sheet: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,  # noqa: FBT001, FBT002 - Textual's own signature
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    # Each app parses the same styles anew, which is a third of opening a desk; here hundreds are opened.
    told = (css, read_from, is_default_rules, tie_breaker, scope)
    known = (*told, tuple(sheet._variables.items()))
    if known not in _parsed:
        _parsed[known] = _parse_rules(sheet, *told)
    return _parsed[known]


Stylesheet._parse_rules = _parse_once


async def until(pilot: Pilot[int], is_so: Callable[[], object]) -> None:
    """Wait until something is so; fail with the screen when it never comes to be."""
    for _try in range(TRIES):
        await pilot.pause(TRY_S)
        if is_so():
            await pilot.pause()
            return
    raise AssertionError("never came to be:\n" + "\n".join(rows_of(pilot.app)))


def rows_of(app: Any) -> list[str]:
    """The screen as it stands, row by row; where it is drawn first here, what lies behind it too."""
    visible_screen_stack.set(app._background_screens)
    return [strip.text for strip in app.screen._compositor.render_strips(app.size)]


def text_of(app: Any) -> str:
    """The whole screen as one text."""
    return "\n".join(rows_of(app))


def says(pilot: Pilot[int], *texts: str) -> Callable[[], bool]:
    """Whether all these texts stand on the screen."""
    return lambda: all(text in text_of(pilot.app) for text in texts)


async def all_answered(app: JiaohaoApp, pilot: Pilot[int]) -> None:
    """Wait until the hall has answered all that it was asked."""
    answered: list[None] = []
    app.link.do(lambda _site: None, answered.append, lambda _reason: None)
    await until(pilot, lambda: answered)


@contextmanager
def kept_waiting(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> Iterator[threading.Event]:
    """Hold an operation of the hall until the event is set, or the test has failed."""
    real, may_go_on = getattr(module, name), threading.Event()

    def waiting(*args: Any, **kwargs: Any) -> Any:
        may_go_on.wait()
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, waiting)
    try:
        yield may_go_on
    finally:
        may_go_on.set()


@asynccontextmanager
async def desk(
    site: Site,
    code: str | None,
    *,
    staff: str | None = None,
    window: str | None = None,
    size: tuple[int, int] = (80, 24),
    demo: bool = False,
    speaker: Speaker | None = None,
) -> AsyncIterator[tuple[JiaohaoApp, Pilot[int]]]:
    """The app at a desk, with somebody signed on already, once it shows the floor."""
    person = site.directory.person(staff) if staff else None
    app = JiaohaoApp(site, desk=code, window=window, staff=person, demo=demo, speaker=speaker)
    async with app.run_test(size=size) as pilot:
        expected = (code or "start") if person or code in PUBLIC_DESKS else "start"
        await until(pilot, lambda: app.floor and app.desk is not None and expected == app.desk.CODE)
        yield app, pilot
