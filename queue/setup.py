"""From config.toml to an opened hall: where it is, loading it, following it, checking it."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from jiaohao.queue import config as config_file
from jiaohao.queue.clock import Clock, SystemClock, local, service_day
from jiaohao.queue.config import ConfigError, Problem
from jiaohao.queue.language import gettext as _
from jiaohao.queue.pinyin import spoken
from jiaohao.queue.site import Site, new_op
from jiaohao.queue.words import fault_sentence
from jiaohao.queue.workdays import unknown_years
from jiaohao.store import hall as hall_table
from jiaohao.store import journal
from jiaohao.store.base import Store, Tx
from jiaohao.store.errors import Fault
from jiaohao.store.frozen import frozen
from jiaohao.store.opening import open_store, require_current, upgrade
from jiaohao.store.values import (
    Agency,
    CalendarYear,
    Calling,
    Covering,
    Department,
    Desks,
    Hall,
    Line,
    Material,
    Matter,
    Post,
    Printer,
    Priority,
    Records,
    Staff,
    Window,
)

if TYPE_CHECKING:
    from jiaohao.queue.config_model import HallConfig, PostsPart

DEFAULT_CONFIG = "config.toml"
_POSTS = (("a", "A"), ("b", "B"))
_SINGLE_POSTS = ("lead", "chief", "authorised")


@frozen
class Place:
    """Where a hall is: its configuration file, its database, and its schema on PostgreSQL."""

    config: Path | None
    url: str
    schema: str

    @property
    def shown_url(self) -> str:
        """The database's address without its password."""
        return re.sub(r"(?<=://)([^:/@]*):[^@/]*@", r"\1:***@", self.url)


def find_place(config: str | None, database: str | None) -> Place:
    """Where the hall is: ``--config``, else ./config.toml, else $JIAOHAO_CONFIG; the same for the database.

    Raises ConfigError when there is no configuration file to name the database.
    """
    path = _config_path(config)
    url = database or os.environ.get("JIAOHAO_DATABASE")
    if path is None:
        if url is None or not url.startswith("sqlite:"):
            raise ConfigError((Problem(config or DEFAULT_CONFIG, "", _("there is no such file")),))
        return Place(None, _absolute(url, Path.cwd()), "")
    named = config_file.read_place(path)
    return Place(path, _absolute(url, Path.cwd()) if url else named.database, named.code)


def _config_path(given: str | None) -> Path | None:
    if given is not None:
        return Path(given)
    here = Path(DEFAULT_CONFIG)
    if here.exists():
        return here
    named = os.environ.get("JIAOHAO_CONFIG")
    return Path(named) if named else None


def _absolute(url: str, base: Path) -> str:
    if not url.startswith("sqlite:///"):
        return url
    return f"sqlite:///{(base / url.removeprefix('sqlite:///')).resolve()}"


def open_place(place: Place, *, read_only: bool = False, clock: Clock | None = None) -> Site:
    """Open a hall that ``init`` has made. Raises Fault not_initialised, database_newer, store_unreachable."""
    store = open_store(place.url, place.schema, read_only=read_only)
    require_current(store)
    return Site(store, clock)


def init_hall(place: Place, clock: Clock | None = None) -> tuple[bool, int]:
    """Create or upgrade the database and make its hall what config.toml says; again and again without harm.

    Gives whether the database was new, and its schema's number. Raises ConfigError, Fault.
    """
    if place.config is None:
        raise ConfigError((Problem(DEFAULT_CONFIG, "", _("there is no such file")),))
    described = hall_of(config_file.load(place.config))
    store = open_store(place.url, place.schema, create=True)
    created, schema = upgrade(store)
    describe(store, described, clock or SystemClock())
    return created, schema


def describe(store: Store, hall: Hall, clock: Clock) -> None:
    """Make the hall of a database this one; nothing is written when it is already. Raises Fault."""
    digest = _digest(hall)
    now_ms = clock.now_ms()

    def work(tx: Tx) -> None:
        tx.alone("hall")
        if hall_table.revision_and_digest(tx)[1] == digest:
            return
        day = service_day(now_ms, hall.timezone)
        hall_table.write(tx, hall, digest, day)
        journal.add(tx, journal.Line(new_op(), now_ms, day, "hall_described", note=digest[:12]))

    store.transact(work)


def _digest(hall: Hall) -> str:
    return hashlib.sha256(repr(asdict(hall)).encode()).hexdigest()


def hall_of(config: HallConfig) -> Hall:
    """The hall as the store keeps it, from the checked configuration."""
    calling = config.calling
    return Hall(
        name=config.hall.name,
        code=config.hall.code,
        timezone=config.hall.timezone,
        language=config.hall.language,
        weekdays=tuple(config.hours.weekdays),
        spans_min=tuple(_span_min(span) for span in config.hours.open),
        calendar=tuple(
            CalendarYear(
                year, tuple(d.isoformat() for d in entry.closed), tuple(d.isoformat() for d in entry.workdays)
            )
            for year, entry in sorted(config.calendar.items())
        ),
        calling=Calling(
            calls_before_missed=calling.calls_before_missed,
            requeue_behind=calling.requeue_behind,
            requeue_times=calling.requeue_times,
            undo_s=calling.undo_s,
            flex_mark=calling.flex_mark,
            service_min=calling.service_min,
            accept_min=calling.accept_min,
            announce=calling.announce or "",
            announcements=dict(calling.announcements.items()),
            announce_times=calling.announce_times,
            priorities=tuple(
                Priority(p.code, p.name, p.head_start_min or 0, p.first) for p in calling.priority
            ),
        ),
        records=Records(**config.records.model_dump()),
        covering=Covering(**config.absence.model_dump()),
        desks=Desks(**config.desks.model_dump()),
        departments=tuple(Department(d.code, d.name) for d in config.departments),
        lines=tuple(Line(line.code, line.name, (spoken(line.name),)) for line in config.lines),
        windows=tuple(
            Window(w.code, w.name, w.kind, w.department, tuple(w.lines), tuple(w.flex_lines))
            for w in config.windows
        ),
        matters=tuple(
            Matter(
                m.code, m.name, m.line, m.department,
                tuple(Material(x.name, x.copies, x.form, x.issuer) for x in m.materials),
                m.procedure, m.limit_days, m.fee, m.basis,
                tuple(m.aliases), tuple(spoken(name) for name in (m.name, *m.aliases)),
            )
            for m in config.matters
        ),
        staff=tuple(Staff(s.no, s.name, s.department, s.role) for s in config.staff),
        posts=_posts(config),
        agencies=tuple(
            Agency(a.code, a.name, a.address, a.phone, a.hours, (spoken(a.name),)) for a in config.agencies
        ),
        printer=Printer(**config.printer.model_dump()) if config.printer else None,
    )  # fmt: skip


def _posts(config: HallConfig) -> tuple[Post, ...]:
    found = []
    for entry in config.posts:
        for key, post in _POSTS:
            found += [Post(entry.window, post, no, _since(entry, no)) for no in getattr(entry, key)]
        for post in _SINGLE_POSTS:
            no = getattr(entry, post)
            found += [Post(entry.window, post, no, _since(entry, no))] if no else []
    return tuple(found)


def _since(entry: PostsPart, no: str) -> str | None:
    day = entry.since.get(no)
    return day.isoformat() if day is not None else None


def _span_min(text: str) -> tuple[int, int]:
    start, end = (clock.split(":") for clock in text.split("-"))
    return int(start[0]) * 60 + int(start[1]), int(end[0]) * 60 + int(end[1])


def check_hall(
    place: Place, clock: Clock | None = None, *, deep: bool = False
) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with config.toml and the database, and what one should know (an unknown year, HR-1).

    ``deep`` also looks whether the hall is what its journal says, of every day (see ``audit``).
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    hall: Hall | None = None
    if place.config is not None:
        config, found = config_file.check(place.config)
        problems += found
        hall = hall_of(config) if config is not None else None
    if hall is not None:
        warnings += _unknown_years(place, hall, clock or SystemClock())
    try:
        site = open_place(place)
        problems += [Problem(place.shown_url, "", text) for text in site.store.problems()]
        if deep:
            from jiaohao.queue.audit import audit  # noqa: PLC0415 - every command loads this module

            problems += [Problem(place.shown_url, "", found.sentence) for found in audit(site.store)]
        if hall is not None and site.hall != hall:
            text = _("config.toml has changed since it was loaded: run jiaohao init")
            warnings.append(Problem(place.shown_url, "", text))
    except Fault as fault:
        listed = warnings if fault.code == "not_initialised" else problems
        listed.append(Problem(place.shown_url, "", fault_sentence(fault.code, fault.detail)))
    return problems, warnings


def _unknown_years(place: Place, hall: Hall, clock: Clock) -> list[Problem]:
    today = local(clock.now_ms(), hall.timezone).date()
    where = place.config.name if place.config else DEFAULT_CONFIG
    text = _("the holidays of {year} are not known: give them under [calendar.{year}]")
    return [Problem(where, f"calendar.{year}", text.format(year=year)) for year in unknown_years(hall, today)]
