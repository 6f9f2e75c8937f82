"""``jiaohao demo``: a busy hall live around whoever tries the keys, on a database that is gone afterwards."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from jiaohao.queue import workdays
from jiaohao.queue.clock import ManualClock, ShiftedClock, at_minute, to_utc
from jiaohao.queue.config import ConfigError, Problem
from jiaohao.queue.language import gettext as _
from jiaohao.queue.simulated_crowd import Plan, enough_visitors, manned_windows, spans_ms
from jiaohao.queue.simulated_day import SimulatedDay
from jiaohao.queue.site import Site
from jiaohao.store.values import Hall, Window
from jiaohao.tui.app import JiaohaoApp
from jiaohao.tui.log import write_failure
from jiaohao.tui.scratch import load_hall, midnight_of, scratch_site, working_day

_BEGINS_MIN = 10 * 60 + 5
"""The minute of the day at which the demo goes live, if the hall is open then."""
_AFTER_OPENING_MS = 65 * 60_000
_LOOK_S = 2.0
"""How often idle clerks look for what the person at the keys has sent them."""
_SEED = 7


def run(args: argparse.Namespace, config_path: Path | None) -> int:
    """Open a desk in a hall at work. Gives the exit code. Raises ConfigError, Fault."""
    if args.speed <= 0:
        raise ConfigError((Problem("--speed", "", _("must be more than 0")),))
    hall = load_hall(args, config_path)
    with live_hall(hall, args.desk, args.speed) as app:
        app.run()
        return app.return_code or 0


@contextmanager
def live_hall(hall: Hall, desk: str, speed: float = 1.0) -> Iterator[JiaohaoApp]:
    """An app that has not run yet, in a hall that has been at work since the morning and goes on."""
    day = working_day(hall)
    plan = Plan(enough_visitors(hall, day), len(hall.windows), _SEED, day)
    clock = midnight_of(hall, day)
    window = _window_left(hall, plan)
    with scratch_site(hall, clock) as site:
        app = _app(site, desk, window)
        played = SimulatedDay(
            site, plan, spare=frozenset({window.code}), hands_off=lambda code: code == app.window
        )
        begins_ms = _begins_ms(hall, plan)
        with Console(stderr=True).status(_("The morning is being played...")):
            _play_until(played, clock, begins_ms)
        site.clock = ShiftedClock(to_utc(begins_ms), speed)
        crew = _Crew(site, played, speed)
        crew.start()
        try:
            yield app
        finally:
            crew.stop()
            app.link.stop()


def _window_left(hall: Hall, plan: Plan) -> Window:
    # The first window whose lines are served at another one too; else the last that is manned at all.
    manned = manned_windows(hall, plan)
    for window in manned:
        others = {line for other in manned if other is not window for line in other.lines}
        if others.issuperset(window.lines):
            return window
    return manned[-1]


def _app(site: Site, desk: str, window: Window) -> JiaohaoApp:
    if desk not in {"start", "counter"}:
        return JiaohaoApp(site, desk=desk, demo=True)
    resident = site.directory.staff[next(p.staff for p in site.hall.posts if p.window == window.code)]
    return JiaohaoApp(site, desk=desk, window=window.code, staff=resident, demo=True)


def _begins_ms(hall: Hall, plan: Plan) -> int:
    wanted_ms = at_minute(plan.day, _BEGINS_MIN, hall.timezone)
    start_ms, end_ms = spans_ms(hall, plan.day)[0]
    is_open = workdays.open_span(hall, wanted_ms) is not None
    return wanted_ms if is_open else min(start_ms + _AFTER_OPENING_MS, (start_ms + end_ms) // 2)


def _play_until(played: SimulatedDay, clock: ManualClock, until_ms: int) -> None:
    while (next_ms := played.next_ms) is not None and next_ms < until_ms:
        clock.set_ms(max(next_ms, clock.now_ms()))
        played.step()
    clock.set_ms(until_ms)


class _Crew(threading.Thread):
    """Takes the day's events when the site's clock has come to them, until it is stopped."""

    def __init__(self, site: Site, played: SimulatedDay, speed: float) -> None:
        super().__init__(name="crew", daemon=True)
        self._site = site
        self._played = played
        self._speed = speed
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End, once the event under way is over."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        """See Thread."""
        try:
            self._go_on()
        except Exception as error:  # noqa: BLE001 - the desks stay usable without anybody around
            write_failure(error)
        finally:
            self._site.store.close()

    def _go_on(self) -> None:
        looked_s = time.monotonic()
        while not self._stopped.is_set() and (next_ms := self._played.next_ms) is not None:
            left_s = (next_ms - self._site.now_ms()) / 1000 / self._speed
            if left_s <= 0:
                self._played.step()
            else:
                self._stopped.wait(min(left_s, _LOOK_S))
            if time.monotonic() - looked_s >= _LOOK_S:
                self._played.look_around()
                looked_s = time.monotonic()
