"""Who is really at a window, and who is asked next to cover it: pure rules (AB-2, AB-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jiaohao.queue.site import Directory
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Attempt
from jiaohao.store.values import Covering, Seat

REASONS = ("sick", "private", "official", "study", "training", "meeting", "short")
"""Why somebody leaves, as they say it (AB-2, AB-8)."""
UNSTATED, TERMINAL, OVERRUN = "unstated", "terminal", "overrun"
"""No reason was given; the terminal fell silent; a pause outlived its limit."""

ALL_REASONS = (*REASONS, UNSTATED, TERMINAL, OVERRUN)

BEAT_S = 15.0
"""How often the terminal of a seat says that it is alive."""
LOST_MS = 45_000
"""A terminal silent for so long is lost, and with it the window is empty: within a minute (AB-6)."""
QUICK_RETURN_MS = 10 * 60_000
"""A lost terminal that comes back sooner gives its person the seat back without a new sign-on."""

CHAIN = ("B", "lead", "chief", "authorised")
"""The posts that are asked to cover, in order (AB-2, AB-3)."""
CONSENTED = "consent"
"""What stands for the post of somebody who sits by consent of department and centre (AB-5)."""
POSTS = ("A", *CHAIN, CONSENTED)
"""What somebody may sit at a window as."""

CAME, COVERED, COMING, DECLINED = "came", "covered", "coming", "declined"
SILENT, ELSEWHERE, ON_LEAVE = "no_answer", "elsewhere", "on_leave"
"""What comes of asking somebody to cover."""


@frozen
class Lapse:
    """A seat at which nobody is any more: why, and since when."""

    reason: str
    since_ms: int


def lapse(seat: Seat, covering: Covering, now_ms: int) -> Lapse | None:
    """Whether a seat has lapsed: its terminal is silent, or its pause outlived its limit; None while not."""
    if seat.paused_ms is not None and now_ms - seat.paused_ms > covering.pause_min * 60_000:
        return Lapse(OVERRUN, seat.paused_ms)
    if seat.beat_ms is not None and now_ms - seat.beat_ms > LOST_MS:
        return Lapse(TERMINAL, seat.beat_ms)
    return None


def cover_chain(directory: Directory, window: str, leaver: str) -> list[tuple[str, str]]:
    """Post and number of everybody who may cover a window, in the order in which they are asked (AB-2).

    Nobody twice, and not the one who has left.
    """
    found: dict[str, str] = {}
    for post in CHAIN:
        for one in directory.hall.posts:
            if one.window == window and one.post == post and one.staff != leaver:
                found.setdefault(one.staff, post)
    return [(post, staff) for staff, post in found.items()]


@frozen
class Paging:
    """What is to be written of a chain: answers to attempts made before, and new attempts."""

    answers: tuple[tuple[int, str, int], ...] = ()
    attempts: tuple[tuple[int, str, str, int, str | None], ...] = ()

    @property
    def is_due(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.answers or self.attempts)


def due(
    chain: Sequence[tuple[str, str]],
    made: Sequence[Attempt],
    began_ms: int,
    opened_ms: int,
    page_min: int,
    away: Mapping[str, str],
    now_ms: int,
) -> Paging:
    """Whom to ask next to cover a window, until ``now_ms`` (AB-2, AB-7).

    One after another: who has not answered within ``page_min`` minutes, or said they come and did not, is
    followed by the next. ``away`` says of whom it is known that they cannot come, and why. The instants are
    those at which each step was due, so that nobody needs to have been looking at the time; none is before
    ``opened_ms``, when the hall was opened last, since nobody is asked while it is closed.
    """
    limit_ms = page_min * 60_000
    answers: list[tuple[int, str, int]] = []
    attempts: list[tuple[int, str, str, int, str | None]] = []
    place, last = len(made), made[-1] if made else None
    at_ms = max(opened_ms, (last.answered_ms or last.at_ms) if last else began_ms)
    if last is not None and last.answer in {None, COMING}:
        at_ms += limit_ms
        if now_ms < at_ms:
            return Paging()
        if last.answer is None:
            answers.append((last.id, SILENT, at_ms))
    while place < len(chain) and at_ms <= now_ms:
        post, staff = chain[place]
        answer = away.get(staff)
        is_over = answer is None and at_ms + limit_ms <= now_ms
        attempts.append((place, post, staff, at_ms, SILENT if is_over else answer))
        if answer is None:
            at_ms += limit_ms
        place += 1
        if answer is None and not is_over:
            break
    return Paging(tuple(answers), tuple(attempts))
