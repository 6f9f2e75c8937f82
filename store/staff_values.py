"""What is kept of the people at the windows: posts, absences, leave, consents, meetings, marks."""

from __future__ import annotations

from dataclasses import field

from jiaohao.store.frozen import frozen


@frozen
class PostTerm:
    """From when to when somebody has held a post, as service days; ``to_day`` None means still (AB-9)."""

    id: int
    window: str
    post: str
    staff: str
    from_day: str
    to_day: str | None


@frozen
class Absence:
    """Somebody has left their window, until ``to_ms`` (AB-2, AB-8).

    ``back_ms`` is when they said they would return, ``handover`` what they left for whoever covers,
    ``handback`` what that one left for them.
    """

    id: int
    service_day: str
    window: str
    staff: str
    post: str
    reason: str
    approved_by: str | None
    from_ms: int
    back_ms: int | None
    to_ms: int | None
    handover: str | None = field(repr=False)
    handback: str | None = field(repr=False)


@frozen
class Attempt:
    """One member of the cover chain was asked to sit down; ``place`` counts from 0 (AB-2, AB-7)."""

    id: int
    absence: int
    place: int
    post: str
    staff: str
    at_ms: int
    answer: str | None
    answered_ms: int | None


@frozen
class Leave:
    """Leave planned ahead, from one service day to another, both included (AB-2, AB-3)."""

    id: int
    staff: str
    from_day: str
    to_day: str
    reason: str
    approved_by: str
    planned_ms: int
    cancelled_ms: int | None


@frozen
class Consent:
    """Department or centre (``side``) agrees that somebody sits where they hold no post (AB-5)."""

    id: int
    staff: str
    window: str
    side: str
    given_by: str
    from_day: str
    until_day: str
    given_ms: int
    withdrawn_ms: int | None


@frozen
class Adjustment:
    """A change of who holds a post, on its way through its steps (SA-1, SA-2, AB-9).

    ``state`` is the last step taken; ``consent`` is who agreed for the centre to a change before its year.
    """

    id: int
    window: str
    post: str
    leaving: str | None
    entering: str
    consent: str | None
    why: str | None = field(repr=False)
    requested_day: str
    state: str
    probation_until: str | None


@frozen
class AdjustmentStep:
    """One step of an adjustment: who took it, and when (SA-1)."""

    id: int
    adjustment: int
    step: str
    at_ms: int
    staff: str
    note: str | None = field(repr=False)


@frozen
class Meeting:
    """A study meeting, in minutes past midnight of its day (ST-1).

    ``held_ms`` is when it was first recorded who came; ``minutes`` is the text of its minutes.
    """

    id: int
    day: str
    from_min: int
    to_min: int
    about: str | None = field(repr=False)
    planned_by: str
    planned_ms: int
    held_ms: int | None
    minutes: str | None = field(repr=False)


@frozen
class Attendance:
    """Somebody at a study meeting: whether they were expected, and whether they came (ST-1).

    ``attended`` is None until it was recorded.
    """

    meeting: int
    staff: str
    expected: int
    attended: int | None


@frozen
class Mark:
    """What counts against a member of staff: criticism, complaint, least satisfactory (AB-10, EV-2)."""

    id: int
    staff: str
    kind: str
    day: str
    given_by: str
    at_ms: int
    note: str | None = field(repr=False)
