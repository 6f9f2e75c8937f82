"""The JSON of consents, leave, roster and attendance; names and meanings here never change."""

from __future__ import annotations

from jiaohao.queue.attendance import Attendance
from jiaohao.queue.clock import iso
from jiaohao.queue.leaves import Planned
from jiaohao.queue.roster import DayRoster
from jiaohao.store.staff_values import Consent
from jiaohao.tui.contract import Json


def consent_json(consent: Consent) -> Json:
    """One consent; ``side`` is department or centre, ``withdrawn`` when it was taken back, or null."""
    return {
        "staff": consent.staff,
        "window": consent.window,
        "side": consent.side,
        "by": consent.given_by,
        "from": consent.from_day,
        "until": consent.until_day,
        "withdrawn": None if consent.withdrawn_ms is None else iso(consent.withdrawn_ms),
    }


def leave_json(planned: Planned) -> Json:
    """One leave; ``empty`` are the windows that would have nobody left of their chain, day by day."""
    leave = planned.leave
    return {
        "staff": leave.staff,
        "from": leave.from_day,
        "to": leave.to_day,
        "reason": leave.reason,
        "approved_by": leave.approved_by,
        "empty": [{"window": window, "day": day} for window, day in planned.empty],
    }


def roster_json(one: DayRoster) -> Json:
    """One day; ``first`` is the first of a window's chain who is available, null when it would be empty."""
    return {
        "day": one.day,
        "windows": [
            {
                "window": window.window,
                "posts": [
                    {"post": holder.post, "staff": holder.staff, "available": holder.available}
                    for holder in window.holders
                ],
                "first": window.first.staff if window.first else None,
                "empty": window.first is None,
            }
            for window in one.windows
        ],
    }


def attendance_json(one: Attendance) -> Json:
    """One person's day; ``leave`` is why they were on planned leave, or null."""
    return {
        "staff": one.staff,
        "day": one.day,
        "first": None if one.first_ms is None else iso(one.first_ms),
        "last": None if one.last_ms is None else iso(one.last_ms),
        "late_min": one.late_min,
        "early_min": one.early_min,
        "gap_min": one.gap_min,
        "at_windows_min": one.at_windows_min,
        "leave": one.leave,
    }
