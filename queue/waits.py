"""How long people waited until they were first called, hour by hour of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from jiaohao.queue.clock import at_minute, local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import open_spans
from jiaohao.store import figures
from jiaohao.store.figures import FirstCall
from jiaohao.store.values import Hall

HOUR_MIN, HALF_HOUR_MIN = 60, 30
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
    waits_s: dict[int, list[int]] = defaultdict(list)
    for call in calls:
        if line is None or line_of(call.number) == line:
            waits_s[(call.first_ms - begin_ms) // step_ms].append(_wait_s(call))
    first = min([0, *waits_s])
    end = max([-(-(end_ms - begin_ms) // step_ms), *(at + 1 for at in waits_s)])
    return tuple(
        _slot(begin_ms + at * step_ms, begin_ms + (at + 1) * step_ms, line, waits_s[at])
        for at in range(first, end)
    )


def _wait_s(call: FirstCall) -> int:
    return max(0, call.first_ms - call.issued_ms) // 1000


def _slot(from_ms: int, to_ms: int, line: str | None, waits_s: Sequence[int]) -> Slot:
    if not waits_s:
        return Slot(from_ms, to_ms, line, 0, None, None)
    return Slot(from_ms, to_ms, line, len(waits_s), int(median(waits_s)), max(waits_s))


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
    return _slot(
        0, 0, line, [_wait_s(call) for call in of.calls if line is None or line_of(call.number) == line]
    )


def read_waits(site: Site, day: str) -> DayWaits:
    """The first calls of a day. Raises Fault."""
    return DayWaits(day, tuple(site.store.read(lambda tx: figures.first_calls(tx, day))))


def table(hall: Hall, parts: Iterable[Slot]) -> list[list[str | int]]:
    """The parts of a day as a table with its titles, for a file; waits in seconds."""
    titles: list[str | int] = [
        _("From"), _("Until"), _("Line"), _("Called"), _("Median wait (s)"), _("Longest wait (s)")
    ]  # fmt: skip
    return [titles] + [
        [
            clock_text(hall, part.from_ms, "%Y-%m-%d %H:%M"), clock_text(hall, part.to_ms, "%Y-%m-%d %H:%M"),
            part.line or _("whole hall"), part.called,
            "" if part.median_wait_s is None else part.median_wait_s,
            "" if part.longest_wait_s is None else part.longest_wait_s,
        ]
        for part in parts
    ]  # fmt: skip


def clock_text(hall: Hall, instant_ms: int, pattern: str) -> str:
    """An instant on the hall's clock."""
    return local(instant_ms, hall.timezone).strftime(pattern)
