"""Study meetings, who was expected and who came (ST-1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Attendance, Meeting
from jiaohao.store.table import Table

MEETINGS = Table("meetings", Meeting)
_PEOPLE = "SELECT meeting, staff, expected, attended FROM meeting_people"


def hold(tx: Tx, meeting_id: int) -> Meeting | None:
    """The meeting of that id, held for this transaction; None when there is none."""
    return MEETINGS.one(tx, "id = ?", (meeting_id,))


def by_id(tx: Tx, meeting_id: int) -> Meeting:
    """The meeting of that id, which must be there."""
    return MEETINGS.all(tx, "id = ?", (meeting_id,))[0]


def of_day(tx: Tx, day: str) -> list[Meeting]:
    """The meetings of a day."""
    return MEETINGS.all(tx, "day = ?", (day,))


def every(tx: Tx) -> list[Meeting]:
    """All meetings, the latest day first."""
    return MEETINGS.all(tx, "id > 0 ORDER BY day DESC, from_min DESC, id DESC")


def people_of(tx: Tx, meeting_id: int) -> list[Attendance]:
    """Who was expected at a meeting or came to it, in the order of their numbers."""
    rows = tx.rows(f"{_PEOPLE} WHERE meeting = ? ORDER BY staff", (meeting_id,))
    return [Attendance(*row) for row in rows]


def people_of_all(tx: Tx) -> dict[int, list[Attendance]]:
    """Who was expected at every meeting or came to it, by the meeting and in the order of their numbers."""
    found: dict[int, list[Attendance]] = defaultdict(list)
    for row in tx.rows(f"{_PEOPLE} ORDER BY meeting, staff"):
        found[int(row[0])].append(Attendance(*row))
    return found


def expect(tx: Tx, meeting_id: int, people: Iterable[str]) -> None:
    """Write down who is expected."""
    for staff in people:
        tx.run(
            "INSERT INTO meeting_people(meeting, staff, expected) VALUES(?, ?, 1)",
            (meeting_id, staff),
        )


def record(tx: Tx, meeting_id: int, came: Iterable[str], minutes: str | None, now_ms: int) -> None:
    """Write down who came, expected or not, in place of what was recorded before.

    Without new minutes the old ones stay.
    """
    tx.run("DELETE FROM meeting_people WHERE meeting = ? AND expected = 0", (meeting_id,))
    tx.run("UPDATE meeting_people SET attended = 0 WHERE meeting = ?", (meeting_id,))
    for staff in came:
        tx.run(
            "INSERT INTO meeting_people(meeting, staff, expected, attended) VALUES(?, ?, 0, 1) "
            "ON CONFLICT(meeting, staff) DO UPDATE SET attended = 1",
            (meeting_id, staff),
        )
    tx.run(
        "UPDATE meetings SET held_ms = coalesce(held_ms, ?), minutes = coalesce(?, minutes) WHERE id = ?",
        (now_ms, minutes, meeting_id),
    )
