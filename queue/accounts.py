"""Absences to the minute, and windows that stood empty: computed from who sat where (AB-6 to AB-8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from jiaohao.queue.clock import at_minute
from jiaohao.queue.presence import TERMINAL
from jiaohao.queue.roles import may_read_of
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import is_open, open_spans, working_ms
from jiaohao.store import absences, seats
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Absence, Attempt
from jiaohao.store.values import Hall, Seat

HALF_DAY, UNDETERMINED = "half_day", "to_be_determined"
Span = tuple[int, int]
"""From an instant to another, in milliseconds."""


@frozen
class Account:
    """One absence in figures; minutes count within opening hours only.

    ``counts_as`` is half_day, to_be_determined 待认定, or None when it was approved, is not over, or began
    and ended while the hall was closed (AB-8).
    """

    absence: Absence
    minutes: int
    uncovered_min: int
    covered_by_post: str | None
    covered_ms: int | None
    counts_as: str | None
    attempts: tuple[Attempt, ...]


@frozen
class Emptiness:
    """A window stood empty while the hall was open (AB-7)."""

    window: str
    service_day: str
    from_ms: int
    to_ms: int
    minutes: int


def read_accounts(
    site: Site, from_day: str, to_day: str, window: str | None = None, *, staff: str
) -> tuple[Account, ...]:
    """What ``accounts`` says, as far as ``staff`` may read it: who oversees, and who leads a window of it.

    Everybody reads their own. Raises Refusal unknown_staff, Fault.
    """
    reader = site.directory.person(staff)
    return tuple(
        one
        for one in accounts(site, from_day, to_day, window)
        if one.absence.staff == staff or may_read_of(site, reader, "absences", one.absence.window)
    )


def accounts(site: Site, from_day: str, to_day: str, window: str | None = None) -> tuple[Account, ...]:
    """Every absence that began from one day to another, both included, oldest first. Raises Fault."""

    def work(tx: Tx) -> tuple[list[Absence], list[Seat], dict[int, list[Attempt]]]:
        return (
            absences.of_period(tx, from_day, to_day, window),
            seats.of_period(tx, from_day, to_day),
            absences.attempts_of_period(tx, from_day, to_day),
        )

    found, sat, asked = site.store.read(work)
    now_ms = site.now_ms()
    there = _by_place(sat)
    return tuple(
        account(site.hall, one, there.get((one.service_day, one.window), ()), asked.get(one.id, ()), now_ms)
        for one in found
    )


def _by_place(sat: Iterable[Seat]) -> dict[tuple[str, str], list[Seat]]:
    found: dict[tuple[str, str], list[Seat]] = {}
    for seat in sat:
        found.setdefault((seat.service_day, seat.window), []).append(seat)
    return found


def account(
    hall: Hall, absence: Absence, at_window: Sequence[Seat], asked: Sequence[Attempt], now_ms: int
) -> Account:
    """One absence in figures, from who sat at its window that day."""
    until_ms = min(absence.to_ms or now_ms, _end_of(hall, absence.service_day))
    minutes = working_ms(hall, absence.from_ms, until_ms) // 60_000
    empty_ms = sum(
        working_ms(hall, *gap) for gap in gaps((absence.from_ms, until_ms), taken(hall, at_window, now_ms))
    )
    covers = [
        seat for seat in at_window
        if seat.staff != absence.staff and absence.from_ms <= seat.from_ms < until_ms
    ]  # fmt: skip
    first = min(covers, key=lambda seat: seat.from_ms, default=None)
    return Account(
        absence, minutes, empty_ms // 60_000, first.post if first else None, first.from_ms if first else None,
        counts_as(hall, absence, minutes), tuple(asked),
    )  # fmt: skip


def counts_as(hall: Hall, absence: Absence, minutes: int) -> str | None:
    """What an absence counts as by the rule; where the rule is silent a person judges 待认定 (AB-8)."""
    if absence.approved_by is not None or absence.to_ms is None:
        return None
    if minutes == 0 and not is_open(hall, absence.from_ms):
        return None  # a terminal that fell silent after the last hour, or in a break
    day = date.fromisoformat(absence.service_day)
    half_day_min = sum(end - start for start, end in open_spans(hall, day)) // 60_000 // 2
    is_half = hall.covering.half_day_min <= minutes <= half_day_min
    # Whether somebody left at all when a terminal fell silent is for a person to say.
    return HALF_DAY if is_half and absence.reason != TERMINAL else UNDETERMINED


def _end_of(hall: Hall, day: str) -> int:
    return at_minute(date.fromisoformat(day), 1440, hall.timezone)


def taken(hall: Hall, sat: Iterable[Seat], now_ms: int) -> list[Span]:
    """When somebody sat there, in order; nobody sits through the night, nor before they sat down."""
    spans = [
        (seat.from_ms, min(seat.to_ms if seat.to_ms is not None else now_ms, _end_of(hall, seat.service_day)))
        for seat in sat
    ]
    return sorted(span for span in spans if span[0] < span[1])


def gaps(within: Span, spans: Sequence[Span]) -> list[Span]:
    """What some spans, in order, leave open of another."""
    found, at_ms = [], within[0]
    for start_ms, end_ms in spans:
        if at_ms < min(start_ms, within[1]):
            found.append((at_ms, min(start_ms, within[1])))
        at_ms = max(at_ms, end_ms)
    return [*found, (at_ms, within[1])] if at_ms < within[1] else found


def emptiness(site: Site, from_day: str, to_day: str) -> tuple[Emptiness, ...]:
    """Every stretch of opening hours in which nobody sat at a window, on days on which the hall was at work.

    Raises Fault.
    """
    sat = site.store.read(lambda tx: seats.of_period(tx, from_day, to_day))
    return tuple(empty_windows(site.hall, sat, site.now_ms()))


def empty_windows(hall: Hall, sat: Sequence[Seat], now_ms: int) -> Iterable[Emptiness]:
    """See ``emptiness``; from who sat where alone."""
    by_place = _by_place(sat)
    for day in sorted({day for day, _window in by_place}):
        spans = open_spans(hall, date.fromisoformat(day))
        for window in hall.windows:
            there = taken(hall, by_place.get((day, window.code), ()), now_ms)
            for start_ms, end_ms in spans:
                for from_ms, to_ms in gaps((start_ms, min(end_ms, now_ms)), there):
                    yield Emptiness(window.code, day, from_ms, to_ms, (to_ms - from_ms) // 60_000)
