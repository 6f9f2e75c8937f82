"""How long people waited until they were first called, by the hours or the lines of a day, and were told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from jiaohao.queue.clock import at_minute, local
from jiaohao.queue.estimates import Errors, errors
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import open_spans
from jiaohao.store import figures
from jiaohao.store.figures import FirstCall
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Hall

HOUR_MIN, HALF_HOUR_MIN = 60, 30
_MINUTE_MS = 60_000


@frozen
class Slot:
    """The numbers first called in a part of a day, and how long they had waited; None where none was called.

    Instants are milliseconds UTC, waits seconds; ``line`` is None for the whole hall.
    """

    from_ms: int
    to_ms: int
    line: str | None
    called: int
    median_wait_s: int | None
    longest_wait_s: int | None
    estimates: Errors
    """How far what they were told at issue was from that."""


@frozen
class DayWaits:
    """A day's first calls, as they are read once and then looked at line by line."""

    day: str
    calls: tuple[FirstCall, ...]


def line_of(number: str) -> str:
    """The line under which a number was issued; it keeps its number when it moves to another one (Q-1)."""
    return number.rstrip("0123456789")


def slots(
    calls: Iterable[FirstCall], begin_ms: int, end_ms: int, step_ms: int, line: str | None = None
) -> tuple[Slot, ...]:
    """A day in parts of ``step_ms`` from ``begin_ms`` on, without a gap, until the end and the last call.

    Calls before the beginning have parts of their own before it.
    """
    called: dict[int, list[FirstCall]] = defaultdict(list)
    for call in _of_line(calls, line):
        called[(call.first_ms - begin_ms) // step_ms].append(call)
    first = min([0, *called])
    end = max([-(-(end_ms - begin_ms) // step_ms), *(at + 1 for at in called)])
    return tuple(
        _slot(begin_ms + at * step_ms, begin_ms + (at + 1) * step_ms, line, called[at])
        for at in range(first, end)
    )


def _wait_s(call: FirstCall) -> int:
    return max(0, call.first_ms - call.issued_ms) // 1000


def _of_line(calls: Iterable[FirstCall], line: str | None) -> list[FirstCall]:
    return [call for call in calls if line is None or line_of(call.number) == line]


def _slot(from_ms: int, to_ms: int, line: str | None, calls: Sequence[FirstCall]) -> Slot:
    if not calls:
        return Slot(from_ms, to_ms, line, 0, None, None, Errors())
    waits_s = [_wait_s(call) for call in calls]
    told = errors((call.told_s, waited_s) for call, waited_s in zip(calls, waits_s, strict=True))
    return Slot(from_ms, to_ms, line, len(waits_s), int(median(waits_s)), max(waits_s), told)


def by_clock(hall: Hall, of: DayWaits, step_min: int, line: str | None = None) -> tuple[Slot, ...]:
    """A day in hours or parts of them, at least its opening hours; all parts begin on the hall's clock."""
    day = date.fromisoformat(of.day)
    spans = open_spans(hall, day)
    step_ms = step_min * _MINUTE_MS
    midnight_ms = at_minute(day, 0, hall.timezone)
    begin_ms = min([start for start, _end in spans] or [call.first_ms for call in of.calls] or [midnight_ms])
    end_ms = max([end for _start, end in spans] or [begin_ms])
    # Counted from midnight in time that passes: the day on which clocks are changed has an hour more or less.
    begin_ms -= (begin_ms - midnight_ms) % step_ms
    return slots(of.calls, begin_ms, end_ms, step_ms, line)


def in_all(of: DayWaits, line: str | None = None) -> Slot:
    """The whole day as one part; its instants say nothing."""
    return _slot(0, 0, line, _of_line(of.calls, line))


def by_line(hall: Hall, of: DayWaits) -> tuple[Slot, ...]:
    """A whole day: the hall first, then each of its lines; from the day's first part to its last."""
    parts = by_clock(hall, of, HOUR_MIN)
    midnight_ms = at_minute(date.fromisoformat(of.day), 0, hall.timezone)
    from_ms, to_ms = (parts[0].from_ms, parts[-1].to_ms) if parts else (midnight_ms, midnight_ms)
    return tuple(
        replace(in_all(of, line), from_ms=from_ms, to_ms=to_ms)
        for line in (None, *(line.code for line in hall.lines))
    )


def read_waits(site: Site, day: str) -> DayWaits:
    """The first calls of a day. Raises Fault."""
    return DayWaits(day, tuple(site.store.read(lambda tx: figures.first_calls(tx, day))))


def table(hall: Hall, parts: Iterable[Slot]) -> list[list[str | int]]:
    """The parts of a day as a table with its titles, for a file; waits in seconds."""
    titles: list[str | int] = [
        _("From"), _("Until"), _("Line"), _("Called"), _("Median wait (s)"), _("Longest wait (s)"),
        _("Estimates"), _("Median error (s)"), _("Median error (%)"), _("Followed less told (s)"),
        _("Told too short"), _("Told too long"),
    ]  # fmt: skip
    return [titles] + [
        [
            clock_text(hall, part.from_ms, "%Y-%m-%d %H:%M"), clock_text(hall, part.to_ms, "%Y-%m-%d %H:%M"),
            part.line or _("whole hall"), part.called,
            _known(part.median_wait_s), _known(part.longest_wait_s),
            told.count, _known(told.median_s), _known(told.percent), _known(told.bias_s),
            told.too_short, told.too_long,
        ]
        for part in parts
        for told in (part.estimates,)
    ]  # fmt: skip


def _known(figure: int | None) -> str | int:
    return "" if figure is None else figure


def clock_text(hall: Hall, instant_ms: int, pattern: str) -> str:
    """An instant on the hall's clock."""
    return local(instant_ms, hall.timezone).strftime(pattern)
