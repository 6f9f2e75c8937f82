"""A hall on a scratch database, for days that are only played."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from jiaohao.queue import config, language, workdays
from jiaohao.queue.clock import Clock, ManualClock, SystemClock, at_minute, local, to_utc
from jiaohao.queue.config import ConfigError, Problem
from jiaohao.queue.language import gettext as _
from jiaohao.queue.setup import DEFAULT_CONFIG, describe, hall_of
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store, upgrade
from jiaohao.store.values import Hall

_TRIES, _TRY_S = 40, 0.05


def load_hall(args: argparse.Namespace, path: Path | None) -> Hall:
    """The hall that a configuration describes; its language is spoken unless another was asked for.

    Raises ConfigError.
    """
    if path is None:
        raise ConfigError((Problem(DEFAULT_CONFIG, "", _("there is no such file")),))
    hall = replace(hall_of(config.load(path)), printer=None)  # a day that is only played has no paper
    language.use(args.language or os.environ.get("JIAOHAO_LANGUAGE") or hall.language)
    return hall


def working_day(hall: Hall, wanted: date | None = None) -> date:
    """The first working day of the hall from ``wanted`` on, or from its own today on.

    Raises ConfigError when the hall does not work on any day of a year.
    """
    first = wanted or local(SystemClock().now_ms(), hall.timezone).date()
    for ahead in range(366):
        day = first + timedelta(days=ahead)
        if workdays.is_working_day(hall, day):
            return day
    raise ConfigError((Problem(DEFAULT_CONFIG, "hours.weekdays", _("the hall never opens")),))


@contextmanager
def scratch_site(hall: Hall, clock: Clock) -> Iterator[Site]:
    """A site of that hall on an empty database, of which nothing is left afterwards, however this ends."""
    with _ended_by_signal(), _scratch_folder() as folder:
        store = open_store(f"sqlite:///{folder / 'scratch.db'}", hall.code, create=True)
        try:
            upgrade(store)
            describe(store, hall, clock)
            yield Site(store, clock)
        finally:
            store.close()


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jiaohao-"))
    try:
        yield folder
    finally:
        # A thread that was just writing may put a file back: once more, until nothing is there.
        for _try in range(_TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(_TRY_S)


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    # A closed terminal or a polite kill must unwind like Ctrl+C does, or the folder would stay.
    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def midnight_of(hall: Hall, day: date) -> ManualClock:
    """A clock that stands at the beginning of a day."""
    return ManualClock(to_utc(at_minute(day, 0, hall.timezone)))
