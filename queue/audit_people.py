"""Seats, absences and enquiries as their journal tells them, against their tables (AB-2, FR-1, FR-9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jiaohao.queue.audit_tickets import compared
from jiaohao.queue.findings import DIFFERS, MISSING, NO_STEP, UNTOLD, Finding
from jiaohao.queue.presence import OVERRUN, TERMINAL
from jiaohao.store.history import Acceptance, Past, SeatRow
from jiaohao.store.staff_values import Absence
from jiaohao.store.values import Entry

NEW_DAY = "new_day"
_LAPSES = {"lost": TERMINAL, "overran": OVERRUN}
_ENDS = frozenset({"left", "relieved", *_LAPSES})
_SEAT_EVENTS = frozenset({"sat", "went_on", "kept", "paused", *_ENDS})


class _Seats:
    """Who sits where by the lines so far."""

    def __init__(self) -> None:
        self.open: dict[str, SeatRow] = {}
        self.last: dict[str, SeatRow] = {}
        self.ended: list[SeatRow] = []

    def follow(self, line: Entry) -> SeatRow | None:
        """Take a line; gives the seat that it takes or ends. Raises ValueError when it cannot follow."""
        window, seat = line.window or "", self.open.get(line.window or "")
        if line.event == "sat" and seat is None:
            return self._take(SeatRow(window, line.staff or "", line.note or "", line.at_ms, None, None))
        # Whose pause has outlived its limit lost the seat in the line before, and takes it again.
        last = self.last.get(window) if line.event == "went_on" and seat is None else None
        if last is not None and (last.reason, last.staff) == (OVERRUN, line.staff):
            return self._take(last._replace(from_ms=line.at_ms, to_ms=None, reason=None))
        if line.event == "sat" or seat is None or seat.staff != line.staff:
            raise ValueError(line.event)
        if line.event not in _ENDS:
            return None
        to_ms, reason = _end(line)
        self.last[window] = seat._replace(to_ms=to_ms, reason=reason)
        self.ended.append(self.last[window])
        del self.open[window]
        return self.last[window]

    def _take(self, seat: SeatRow) -> SeatRow:
        self.open[seat.window] = seat
        return seat


def _end(line: Entry) -> tuple[int, str]:
    """When a line ends a seat, and with what reason. Raises ValueError when its note does not say."""
    if line.event == "relieved":
        return line.at_ms, line.event
    words = (line.note or "").split()
    if line.event == "left":
        reason, _approved_by, since = words
        return int(since), reason
    (since,) = words
    return int(since), _LAPSES[line.event]


def _seat_lines(past: Past) -> list[Entry] | None:
    """The lines of a day's seats; None where a later day had begun before, as after a clock set back.

    A new day ends all earlier seats and absences without a line of its own, so that nothing is proved then.
    """
    lines = [line for line in past.lines if line.event in _SEAT_EVENTS | {"day_closed"}]
    seated = [line.id for line in lines if line.event in _SEAT_EVENTS]
    return None if past.later_id is not None and seated and seated[-1] > past.later_id else lines


def audit_seats(past: Past) -> Iterator[Finding]:
    """Replay who sat where, and hold seats and absences against it (AB-2).

    The hours of a past day are not kept: that who left was away is not proved, only that each absence has its
    line, begins with it, and ends when its window was taken again. One that lasts to the end of its day ends
    with it or with a later day; when is not proved, nor is pausing, nor who was asked to cover.
    """
    lines = _seat_lines(past)
    if lines is None:
        return
    seats, away = _Seats(), _Absences(past)
    for line in lines:
        if line.event == "day_closed":
            away.close(line.at_ms)
            continue
        try:
            seat = seats.follow(line)
        except (ValueError, TypeError):
            about = f"{line.window} {line.staff}"
            yield Finding(past.day, about, NO_STEP, line.event, line.note, _sitting(seats, line))
            continue
        if seat is not None and line.event in _ENDS - {"relieved"}:
            yield from away.begin(line, seat)
        elif seat is not None and seat.to_ms is None:
            yield from away.taken_up(line.at_ms, seat)
    rows = Counter(_without_night(seat, past) for seat in past.seats)
    told = Counter([*seats.ended, *seats.open.values()])
    yield from compared(past.day, "seats", told, rows, lambda seat: seat.window)
    yield from away.rest()


def _sitting(seats: _Seats, line: Entry) -> str | None:
    seat = seats.open.get(line.window or "")
    return seat and seat.staff


def _without_night(seat: SeatRow, past: Past) -> SeatRow:
    """A seat as the journal tells it: that a new day has ended it has no line."""
    is_over = past.later_id is not None and seat.reason == NEW_DAY and seat.to_ms is not None
    return seat._replace(to_ms=None, reason=None) if is_over else seat


class _Absences:
    """The absences of a day: those that the lines have not begun yet, and those that they leave open."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._rows = list(past.absences)
        self._open: list[Absence] = []

    def begin(self, line: Entry, seat: SeatRow) -> Iterator[Finding]:
        """A seat has ended: who lapsed is absent, who left may be."""
        begun = next((row for row in self._rows if _is_of(row, line, seat)), None)
        if begun is not None:
            self._rows.remove(begun)
            self._open.append(begun)
        elif line.event in _LAPSES:
            about = f"{seat.window} {seat.staff}"
            yield Finding(self._past.day, about, MISSING, "absences", expected=line.event)

    def taken_up(self, at_ms: int, seat: SeatRow) -> Iterator[Finding]:
        """Somebody has sat down; see ``leaving.taken_up``."""
        for row in [row for row in self._open if row.window == seat.window]:
            if row.staff == seat.staff or seat.post == "A" or row.post != "A":
                self._open.remove(row)
                if row.to_ms != at_ms:
                    yield self._differs(row, at_ms)

    def close(self, at_ms: int) -> None:
        """The day was closed: who left at that very moment may be open still."""
        self._open = [row for row in self._open if row.to_ms != at_ms]

    def rest(self) -> Iterator[Finding]:
        """Absences without a line, and those that have ended though nothing ended them."""
        for row in self._rows:
            about = f"{row.window} {row.staff}"
            yield Finding(self._past.day, about, UNTOLD, "absences", f"{row.reason} {row.from_ms}")
        if self._past.later_id is None:
            for row in self._open:
                if row.to_ms is not None:
                    yield self._differs(row, None)

    def _differs(self, row: Absence, expected: int | None) -> Finding:
        about = f"{row.window} {row.staff}"
        return Finding(self._past.day, about, DIFFERS, "absences to_ms", row.to_ms, expected)


def _is_of(row: Absence, line: Entry, seat: SeatRow) -> bool:
    approved_by = (line.note or "").split()[1] if line.event == "left" else "-"
    return (row.window, row.staff, row.post, row.reason, row.from_ms, row.approved_by or "-") == (
        seat.window, seat.staff, seat.post, seat.reason, seat.to_ms, approved_by
    )  # fmt: skip


def audit_enquiries(past: Past) -> Iterator[Finding]:
    """Every enquiry has its line, and nobody took one over or told a caller without one (FR-1, FR-7, FR-9).

    What came of an enquiry is not proved: the journal keeps no word of it (PV-1).
    """
    told = {event: set[Acceptance]() for event in ("enquired", "accepted", "replied", "referred")}
    for line in past.lines:
        if line.event in told and (line.note or "").isdecimal():
            told[line.event].add(Acceptance(int(line.note or 0), line.at_ms, line.staff))
    opened = Counter(told["enquired"])
    rows = Counter(Acceptance(one.id, one.opened_ms, one.first_responder) for one in past.enquiries)
    yield from compared(past.day, "enquiries", opened, rows, lambda one: str(one.enquiry))
    for one in past.acceptances:
        if one not in told["accepted"]:
            yield Finding(past.day, str(one.enquiry), UNTOLD, "referrals accepted_ms", one.at_ms)
    replies = {(one.enquiry, one.at_ms) for one in told["replied"] | told["referred"]}
    replied = {one.enquiry: one.at_ms for one in sorted(told["replied"], key=lambda one: one.at_ms)}
    for enquiry in past.enquiries:
        if enquiry.replied_ms is None and enquiry.id in replied:
            yield Finding(past.day, str(enquiry.id), DIFFERS, "replied_ms", None, replied[enquiry.id])
        elif enquiry.replied_ms is not None and (enquiry.id, enquiry.replied_ms) not in replies:
            yield Finding(past.day, str(enquiry.id), UNTOLD, "replied_ms", enquiry.replied_ms)
