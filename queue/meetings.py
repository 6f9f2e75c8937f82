"""Study meetings 中心组学习: planned with who is expected, recorded with who came (ST-1)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import at_minute, service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY, permit
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import working_min
from jiaohao.store import journal, planning
from jiaohao.store import meetings as table
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Attendance, Meeting
from jiaohao.store.values import Entry, Staff

LEAST_MIN = 120
"""A study meeting lasts so many minutes or more."""
EVERY_DAYS = 14
"""So many calendar days after one meeting the next is due."""
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00")


@frozen
class Session:
    """A study meeting with who is expected and who came; ``came`` is None until that was recorded.

    ``empty`` are the windows that would stand empty during it; of one that is over or recorded, none (AB-8).
    """

    meeting: Meeting
    expected: tuple[str, ...]
    came: tuple[str, ...] | None
    empty: tuple[str, ...]

    @property
    def hours(self) -> float:
        """How long it lasts, in hours."""
        return round((self.meeting.to_min - self.meeting.from_min) / 60, 2)


@frozen
class Sessions:
    """The study meetings, the latest day first; the next is due by ``due``, once one was held (ST-1)."""

    sessions: tuple[Session, ...]
    last_held: str | None
    due: str | None
    is_overdue: bool


def plan(
    site: Site,
    *,
    day: str,
    begins: str,
    ends: str,
    expected: Iterable[str],
    about: str | None = None,
    staff: str,
    op: str | None = None,
) -> Session:
    """Plan a study meeting on a day, from HH:MM to HH:MM, and say which windows it would leave empty (ST-1).

    Raises Refusal unknown_staff, not_allowed, people_needed, wrong_date, wrong_time, meeting_too_short,
    too_short_notice once its beginning has passed.
    """
    permit(site, staff, "meeting plan")
    people = _people(site, expected)
    on, from_min, to_min = _day(day), _minute(begins), _minute(ends)
    if to_min - from_min < LEAST_MIN:
        raise Refusal("meeting_too_short")
    now_ms = site.now_ms()
    if at_minute(on, from_min, site.hall.timezone) < now_ms:
        raise Refusal("meeting_past", day=on.isoformat(), time=clock_text(from_min))

    def work(tx: Tx, op_id: str) -> Session:
        planned = table.MEETINGS.add(
            tx, Meeting(0, on.isoformat(), from_min, to_min, note_of(about), staff, now_ms, None, None)
        )
        table.expect(tx, planned.id, people)
        _write_down(tx, site, op_id, now_ms, "meeting_planned", planned.id, staff)
        return _read(tx, site, planned.id)

    return site.operate(work, lambda tx, done: _again(tx, site, done), op, "meeting_planned")


def attend(
    site: Site,
    meeting_id: int,
    *,
    came: Iterable[str],
    minutes: str | None = None,
    staff: str,
    op: str | None = None,
) -> Session:
    """Record who came to a meeting that has begun, and its minutes; recorded again, it is corrected (ST-1).

    Raises Refusal unknown_staff, not_allowed, people_needed, unknown_meeting, wrong_state before it begins.
    """
    permit(site, staff, "meeting attend")
    people = _people(site, came)
    now_ms = site.now_ms()

    def work(tx: Tx, op_id: str) -> Session:
        found = table.hold(tx, meeting_id)
        if found is None:
            raise Refusal("unknown_meeting", meeting=meeting_id)
        if _instants(site, found)[0] > now_ms:
            raise Refusal("meeting_not_begun", meeting=meeting_id)
        table.record(tx, meeting_id, people, note_of(minutes), now_ms)
        _write_down(tx, site, op_id, now_ms, "meeting_held", meeting_id, staff)
        return _read(tx, site, meeting_id)

    return site.operate(work, lambda tx, done: _again(tx, site, done), op, "meeting_held")


def sessions(site: Site, reader: Staff) -> Sessions:
    """The study meetings: all for supervision and managers, for others their own. Raises Fault."""

    def work(tx: Tx) -> list[Session]:
        people = table.people_of_all(tx)
        return [_session(tx, site, meeting, people.get(meeting.id, [])) for meeting in table.every(tx)]

    found = site.store.read(work)
    today = site.today()
    held = max((one.meeting.day for one in found if one.came is not None), default=None)
    due = (date.fromisoformat(held) + timedelta(days=EVERY_DAYS)).isoformat() if held else None
    reads_all = reader.role in MAY["meeting list"]
    mine = tuple(one for one in found if reads_all or reader.no in {*one.expected, *(one.came or ())})
    return Sessions(mine, held, due, due is not None and today > due)


def clock_text(minute: int) -> str:
    """Minutes past midnight as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _people(site: Site, named: Iterable[str]) -> list[str]:
    people = [site.directory.person(no).no for no in dict.fromkeys(named)]
    if not people:
        raise Refusal("people_needed")
    return people


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("not_a_day", text=text) from None


def _minute(text: str) -> int:
    # An input method writes the full-width colon.
    found = _TIME.fullmatch(text.strip().replace("：", ":"))
    if found is None:
        raise Refusal("not_a_time", text=text)
    hour, minute = found[0].split(":")
    return int(hour) * 60 + int(minute)


def _write_down(tx: Tx, site: Site, op_id: str, now_ms: int, event: str, meeting_id: int, staff: str) -> None:
    day = service_day(now_ms, site.hall.timezone)
    journal.add(tx, journal.Line(op_id, now_ms, day, event, staff=staff, note=str(meeting_id)))


def _again(tx: Tx, site: Site, done: Entry) -> Session:
    return _read(tx, site, int(done.note or 0))


def _read(tx: Tx, site: Site, meeting_id: int) -> Session:
    return _session(tx, site, table.by_id(tx, meeting_id), table.people_of(tx, meeting_id))


def _session(tx: Tx, site: Site, meeting: Meeting, people: list[Attendance]) -> Session:
    came = tuple(one.staff for one in people if one.attended) if meeting.held_ms is not None else None
    expected = tuple(one.staff for one in people if one.expected)
    return Session(meeting, expected, came, _empty(tx, site, meeting) if came is None else ())


def _instants(site: Site, meeting: Meeting) -> tuple[int, int]:
    day, timezone = date.fromisoformat(meeting.day), site.hall.timezone
    return at_minute(day, meeting.from_min, timezone), at_minute(day, meeting.to_min, timezone)


def _empty(tx: Tx, site: Site, meeting: Meeting) -> tuple[str, ...]:
    """The windows whose whole chain would be at a meeting or on leave, while the hall is open (AB-8)."""
    begins_ms, ends_ms = _instants(site, meeting)
    if ends_ms <= site.now_ms() or working_min(site.hall, begins_ms, ends_ms) == 0:
        return ()
    away = {leave.staff for leave in planning.leaves_between(tx, meeting.day, meeting.day)}
    for other in table.of_day(tx, meeting.day):
        if other.from_min < meeting.to_min and meeting.from_min < other.to_min:
            away |= {one.staff for one in table.people_of(tx, other.id) if one.expected}
    chains: dict[str, set[str]] = defaultdict(set)
    for post in site.hall.posts:
        chains[post.window].add(post.staff)
    return tuple(code for code in site.directory.windows if chains[code] and chains[code] <= away)
