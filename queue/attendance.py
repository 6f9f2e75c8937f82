"""Who came when and went when, day by day against the hours: late, early and gaps, to the minute (DC-1)."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from jiaohao.queue import heat
from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY, may_read_of
from jiaohao.queue.roster import leaves_of_day
from jiaohao.queue.site import Site
from jiaohao.queue.sitting import Span, hours, joined, length_ms, sat, shared_ms, within
from jiaohao.queue.words import leave_word
from jiaohao.store import planning, posts, seats
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Leave, PostTerm
from jiaohao.store.values import Hall, Seat

_MINUTE_MS = 60_000


@frozen
class Attendance:
    """One person on one service day; facts, no judgement.

    Instants are None when nobody sat. All minutes are whole minutes of the opening hours, so that late,
    early, gaps and at windows together are what was open, and a lunch break is none of them. On a day on
    which the hall is closed ``at_windows_min`` is simply how long they sat. Only who holds post A and is not
    on leave is expected, and can be late, early or missing; who never came has all of the day as gap.
    ``leave`` is why they are on planned leave.
    """

    staff: str
    day: str
    first_ms: int | None
    last_ms: int | None
    late_min: int
    early_min: int
    gap_min: int
    at_windows_min: int
    leave: str | None

    @property
    def is_to_look_into(self) -> bool:
        """Whether a person has to judge what was behind it."""
        return self.late_min + self.early_min + self.gap_min > 0


@frozen
class Record:
    """What attendance is made from: the seats of some days, and who was expected or on leave on them."""

    seats: Sequence[Seat]
    leaves: Sequence[Leave]
    terms: Sequence[PostTerm]


@frozen
class Month:
    """A month so far: its days of each person, and how each window was manned."""

    month: str
    days: tuple[Attendance, ...]
    heat: tuple[heat.WindowHeat, ...]


def attendance(hall: Hall, days: Iterable[date], record: Record, now_ms: int) -> tuple[Attendance, ...]:
    """Everybody who was expected or who sat on some days, until ``now_ms``; by day, then by number (DC-1)."""
    by_day: dict[str, dict[str, list[Seat]]] = defaultdict(lambda: defaultdict(list))
    for seat in record.seats:
        by_day[seat.service_day][seat.staff].append(seat)
    found: list[Attendance] = []
    for day in days:
        name = day.isoformat()
        is_open = within(hours(hall, day), 0, now_ms)
        on_leave = {leave.staff: leave.reason for leave in leaves_of_day(record.leaves, name)}
        expected = _expected(record.terms, name) if is_open else set()
        for staff in sorted(expected | by_day[name].keys()):
            spans = joined(span for seat in by_day[name][staff] if (span := sat(hall, day, seat, now_ms)))
            leave = on_leave.get(staff)
            if staff in expected and leave is None:
                found.append(_expected_one(staff, name, spans, is_open))
            elif spans or staff in expected:
                found.append(_other(staff, name, spans, is_open, leave))
    return tuple(found)


def _expected(terms: Iterable[PostTerm], day: str) -> set[str]:
    # On the day of a change it is the new holder who is expected.
    return {
        term.staff
        for term in terms
        if term.post == "A" and term.from_day <= day and (term.to_day is None or day < term.to_day)
    }


def _expected_one(staff: str, day: str, spans: list[Span], is_open: list[Span]) -> Attendance:
    open_ms, at_ms = length_ms(is_open), shared_ms(is_open, spans)
    if not spans:
        return Attendance(staff, day, None, None, 0, 0, open_ms // _MINUTE_MS, 0, None)
    first_ms, last_ms = spans[0][0], spans[-1][1]
    late_ms = length_ms(within(is_open, 0, first_ms))
    early_ms = length_ms(within(is_open, last_ms, is_open[-1][1]))
    gap_ms = open_ms - at_ms - late_ms - early_ms
    late, early, gap, at_windows = (ms // _MINUTE_MS for ms in (late_ms, early_ms, gap_ms, at_ms))
    return Attendance(staff, day, first_ms, last_ms, late, early, gap, at_windows, None)


def _other(staff: str, day: str, spans: list[Span], is_open: list[Span], leave: str | None) -> Attendance:
    at_ms = shared_ms(is_open, spans) if is_open else length_ms(spans)
    first_ms, last_ms = (spans[0][0], spans[-1][1]) if spans else (None, None)
    return Attendance(staff, day, first_ms, last_ms, 0, 0, 0, at_ms // _MINUTE_MS, leave)


def days_of_month(month: str, until: str) -> tuple[date, ...]:
    """The days of a month given as YYYY-MM, none after ``until``. Raises ValueError."""
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=place) for place in range(monthrange(first.year, first.month)[1]))
    return tuple(day for day in days if day.isoformat() <= until)


def read_month(site: Site, month: str | None = None, of: str | None = None, *, staff: str) -> Month:
    """A month so far, the present one by default; ``of`` one person or everybody (DC-1).

    ``staff`` reads it; who does not oversee reads their own days, and how the windows were manned that they
    lead. Raises ValueError for what is no month, Refusal unknown_staff, not_allowed, Fault.
    """
    reader = site.directory.person(staff)
    if of is not None:
        site.directory.person(of)
    if of != staff and reader.role not in MAY["attendance"]:
        if of is not None:
            raise Refusal("not_allowed", role=reader.role)
        of = staff
    now_ms, today = site.now_ms(), site.today()
    month = month or today[:7]
    days = days_of_month(month, today)
    last = f"{month}-31"

    def work(tx: Tx) -> tuple[str | None, Record]:
        return seats.first_day(tx), Record(
            seats.of_period(tx, f"{month}-01", last),
            planning.leaves_between(tx, f"{month}-01", last),
            posts.history(tx),
        )

    began, record = site.store.read(work)
    # Before anybody ever sat nothing was kept: that is no absence.
    days = tuple(day for day in days if began is not None and began <= day.isoformat())
    found = attendance(site.hall, days, record, now_ms)
    mine = tuple(one for one in found if of is None or one.staff == of)
    windows = heat.heat(site.hall, days, record.seats, now_ms)
    shown = tuple(one for one in windows if may_read_of(site, reader, "attendance", one.window))
    return Month(month, mine, shown)


@frozen
class Sums:
    """One person's month: days on which they sat, times and minutes, days of planned leave."""

    staff: str
    days: int
    late: int
    late_min: int
    early: int
    early_min: int
    gap_min: int
    at_windows_min: int
    leave_days: int
    to_look_into: int


def sums(days: Iterable[Attendance]) -> tuple[Sums, ...]:
    """Each person's days together, by number."""
    by_staff: dict[str, list[Attendance]] = defaultdict(list)
    for one in days:
        by_staff[one.staff].append(one)
    return tuple(
        Sums(
            staff,
            sum(one.first_ms is not None for one in mine),
            sum(one.late_min > 0 for one in mine),
            sum(one.late_min for one in mine),
            sum(one.early_min > 0 for one in mine),
            sum(one.early_min for one in mine),
            sum(one.gap_min for one in mine),
            sum(one.at_windows_min for one in mine),
            sum(one.leave is not None for one in mine),
            sum(one.is_to_look_into for one in mine),
        )
        for staff, mine in sorted(by_staff.items())
    )


def table(site: Site, days: Iterable[Attendance]) -> list[list[str | int]]:
    """The days as a table with its titles, for a file and for the command line; times on the hall's clock."""
    titles: list[str | int] = [
        _("Day"), _("Staff number"), _("Who"), _("First sign-on"), _("Last sign-off"), _("Late (min)"),
        _("Early (min)"), _("Gaps (min)"), _("At windows (min)"), _("Leave"), _("To be looked into"),
    ]  # fmt: skip
    people, timezone = site.directory.staff, site.hall.timezone
    return [titles] + [
        [
            one.day, one.staff, clean(people[one.staff].name) if one.staff in people else "",
            clock_time(one.first_ms, timezone), clock_time(one.last_ms, timezone), one.late_min,
            one.early_min, one.gap_min, one.at_windows_min, leave_word(one.leave) if one.leave else "",
            _("to be looked into") if one.is_to_look_into else "",
        ]
        for one in days
    ]  # fmt: skip


def clock_time(instant_ms: int | None, timezone: str) -> str:
    """An instant on the hall's clock, to the minute; nothing for none."""
    return "" if instant_ms is None else local(instant_ms, timezone).strftime("%H:%M")
