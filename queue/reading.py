"""Reading the floor: all that screens show, on one consistent view, and whether it has become another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from jiaohao.queue import states, workdays
from jiaohao.queue.clock import local, service_day
from jiaohao.queue.floor import ABSENT, CLOSED, FREE, PAUSED, Floor, LineView, WindowView
from jiaohao.queue.forecast import Coming, Forecast, coming, forecast
from jiaohao.queue.presence import COMING, Lapse, lapse
from jiaohao.queue.site import Directory, Site
from jiaohao.store import absences, journal, seats, tickets
from jiaohao.store.base import Tx, Word
from jiaohao.store.frozen import frozen
from jiaohao.store.tickets import Service
from jiaohao.store.values import Call, Hall, Pulse, Seat, Ticket, Window

LAST_CALLS = 12
LATELY_COUNT = 400
LATELY_DAYS = 14
_DAY_MS = 24 * 3600 * 1000


@frozen
class _Rows:
    pulse: Pulse
    seats: list[Seat]
    tickets: list[Ticket]
    calls: list[Call]
    absences: list[tuple[str, int, int | None, str | None, str | None]]
    lately: list[Service] | None


def read_floor(site: Site, earlier: Forecast | None = None) -> tuple[Floor, Forecast]:
    """Read the floor now, on one consistent view. Raises Fault.

    ``earlier`` is a forecast still fresh enough to be shown again: playing the floor forward is the
    costly part, and a wait in minutes does not change with every call.
    """
    now_ms = site.now_ms()
    day = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx) -> _Rows:
        lately = None
        pulse = journal.pulse(tx, day)
        if earlier is None:
            lately = tickets.lately(tx, now_ms - LATELY_DAYS * _DAY_MS, LATELY_COUNT)
        return _Rows(
            pulse,
            seats.latest(tx, day),
            tickets.open_today(tx, day),
            journal.last_calls(tx, day, LAST_CALLS),
            absences.on_the_floor(tx, day),
            lately,
        )

    rows = site.store.read(work)
    site.follow(rows.pulse.revision)
    return _floor(site.directory, now_ms, day, rows, earlier)


def has_changed(site: Site, floor: Floor, word: Word | None = None) -> bool:
    """Whether anything happened since a floor was read: one cheap look, no whole reading. Raises Fault.

    A ``word`` of something newer says so by itself.
    """
    if word is not None and word.journal_id > floor.pulse.journal_id:
        return True
    today = site.today()
    return (site.store.read(lambda tx: journal.pulse(tx, today)), today) != (floor.pulse, floor.service_day)


def _floor(
    directory: Directory, now_ms: int, day: str, rows: _Rows, earlier: Forecast | None
) -> tuple[Floor, Forecast]:
    hall = directory.hall
    by_state: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in rows.tickets:
        by_state[ticket.state].append(ticket)
    span = None if rows.pulse.day_closed else workdays.open_span(hall, now_ms)
    windows = _windows(directory, now_ms, rows, span)
    waiting = tuple(by_state[states.WAITING])
    expectation = earlier or _forecast(hall, now_ms, rows, windows, waiting)
    floor = Floor(
        as_of_ms=now_ms,
        service_day=day,
        is_open=span is not None,
        pulse=rows.pulse,
        windows=windows,
        lines=_lines(directory, now_ms, waiting, windows, expectation),
        calls=tuple(rows.calls),
        waiting=waiting,
        held=tuple(by_state[states.HELD]),
        missed=tuple(by_state[states.MISSED]),
        unknown_years=workdays.unknown_years(hall, local(now_ms, hall.timezone).date()),
        expected=expectation.tickets_s,
        expected_early=expectation.classes_s,
    )
    return floor, expectation


def _forecast(
    hall: Hall, now_ms: int, rows: _Rows, windows: tuple[WindowView, ...], waiting: tuple[Ticket, ...]
) -> Forecast:
    lately = rows.lately or []
    took = [(service.line, service.took_ms) for service in lately]
    return forecast(hall, windows, waiting, took, now_ms, _to_come(hall, now_ms, rows.tickets, lately))


def _to_come(hall: Hall, now_ms: int, open_now: list[Ticket], lately: list[Service]) -> list[Coming]:
    issued = [(one.line, one.priority, one.issued_ms) for one in open_now]
    issued += [(one.line, one.priority, one.issued_ms) for one in lately]
    # Of what ended before the earliest service that was read, nothing is known.
    known_ms = lately[-1].ended_ms if len(lately) == LATELY_COUNT else 0
    return coming(hall, issued, known_ms, now_ms)


def _windows(
    directory: Directory, now_ms: int, rows: _Rows, span: tuple[int, int] | None
) -> tuple[WindowView, ...]:
    covering = directory.hall.covering
    taken = {seat.window: seat for seat in rows.seats if seat.to_ms is None}
    # A seat at which nobody is any more is empty for everybody at once, before anybody has written it down.
    lapses = {code: found for code, seat in taken.items() if (found := lapse(seat, covering, now_ms))}
    sitting = {code: seat for code, seat in taken.items() if code not in lapses}
    left = {seat.window: seat for seat in rows.seats if seat.to_ms is not None}
    at_window = {t.window: t for t in rows.tickets if t.state in {states.CALLED, states.SERVING}}
    gone = {absence[0]: absence for absence in rows.absences}
    serving = _Serving(directory.hall.windows, sitting)
    views = []
    for window in directory.hall.windows:
        code, go_to = window.code, serving.instead_of(window)
        seat, ticket = sitting.get(code), at_window.get(code)
        if seat is not None:
            views.append(_manned(window, seat, ticket, go_to, is_covered=code in gone))
        elif span is not None:
            since = _empty_since(span[0], lapses.get(code), left.get(code), taken.get(code))
            views.append(_absent(window, ticket, go_to, since, gone.get(code)))
        else:
            views.append(WindowView(**_described(window), state=CLOSED, ticket=ticket, go_to=go_to))
    return tuple(views)


def _empty_since(
    opened_ms: int, found: Lapse | None, last: Seat | None, lapsed: Seat | None
) -> tuple[int, int | None]:
    """Since when nobody is at a window, and when somebody said they would be back."""
    if found is not None:
        return max(opened_ms, found.since_ms), lapsed.back_ms if lapsed else None
    if last is None:
        return opened_ms, None
    return max(opened_ms, last.to_ms or 0), last.back_ms


class _Serving:
    """Who serves now, by what they serve: many windows have the same lines, and each names the others."""

    def __init__(self, windows: Iterable[Window], sitting: dict[str, Seat]) -> None:
        self._open = [w for w in windows if w.code in sitting and sitting[w.code].paused_ms is None]
        self._known: dict[tuple[str, ...], tuple[tuple[str, ...], dict[str, int]]] = {}

    def instead_of(self, window: Window) -> tuple[str, ...]:
        """The other windows that serve any of its lines, in the hall's order."""
        lines = window.lines
        if lines not in self._known:
            serving = tuple(w.code for w in self._open if not set(w.lines).isdisjoint(lines))
            self._known[lines] = serving, {code: place for place, code in enumerate(serving)}
        serving, places = self._known[lines]
        place = places.get(window.code, len(serving))
        # Cut: compared one by one, the 149 others of each of 150 windows take longer than all the rest.
        return serving[:place] + serving[place + 1 :]


def _described(window: Window) -> dict[str, Any]:
    return {
        "code": window.code, "name": window.name, "kind": window.kind, "lines": window.lines,
        "flex_lines": window.flex_lines,
    }  # fmt: skip


def _manned(
    window: Window, seat: Seat, ticket: Ticket | None, go_to: tuple[str, ...], *, is_covered: bool
) -> WindowView:
    state = ticket.state if ticket else PAUSED if seat.paused_ms is not None else FREE
    return WindowView(
        **_described(window), state=state, post=seat.post, staff=seat.staff, ticket=ticket,
        paused_ms=seat.paused_ms, back_ms=seat.back_ms, go_to=go_to, is_covered=is_covered,
    )  # fmt: skip


def _absent(
    window: Window,
    ticket: Ticket | None,
    go_to: tuple[str, ...],
    since: tuple[int, int | None],
    gone: tuple[str, int, int | None, str | None, str | None] | None,
) -> WindowView:
    post, answer = (gone[3], gone[4]) if gone else (None, None)
    asked = post if answer in {None, COMING} else None
    return WindowView(
        **_described(window), state=ABSENT, ticket=ticket, absent_since_ms=since[0], back_ms=since[1],
        go_to=go_to, cover=asked, comes=answer == COMING,
    )  # fmt: skip


def _lines(
    directory: Directory,
    now_ms: int,
    waiting: tuple[Ticket, ...],
    windows: tuple[WindowView, ...],
    expectation: Forecast,
) -> tuple[LineView, ...]:
    since: dict[str, list[int]] = defaultdict(list)
    for ticket in waiting:
        since[ticket.line].append(ticket.issued_ms)
    manned = Counter(line for window in windows if window.is_manned for line in window.lines)
    return tuple(
        LineView(
            line.code,
            line.name,
            len(since[line.code]),
            (now_ms - min(since[line.code])) // 1000 if since[line.code] else None,
            expectation.lines_s.get(line.code),
            manned[line.code],
        )
        for line in directory.hall.lines
    )
