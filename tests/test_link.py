"""The link of a terminal to its hall, without a screen."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

import pytest

from jiaohao.queue import issuing, seating
from jiaohao.queue.forecast import SHOWN_MS
from jiaohao.tui.link import FloorChanged, Link

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.floor import Floor
    from jiaohao.queue.site import Site

LOST_S = 30.0


class Screen:
    """Stands for the app, and takes the floors that a link reads."""

    def __init__(self) -> None:
        self._floors: queue.SimpleQueue[Floor] = queue.SimpleQueue()

    def post_message(self, message: object) -> None:
        """Take what the link says."""
        if isinstance(message, FloorChanged):
            self._floors.put(message.floor)

    def next_floor(self) -> Floor:
        """The next one."""
        return self._floors.get(timeout=LOST_S)


@pytest.mark.rule("Q-8")
def test_a_change_is_shown_first_and_the_waits_are_foreseen_in_the_quiet_after_it(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    before = issuing.issue(site, "A")
    screen = Screen()
    app: Any = screen
    link = Link(app, site)
    link.start()
    assert before.id in screen.next_floor().expected
    clock.advance(SHOWN_MS / 1000)
    after = issuing.issue(site, "A")
    shown = screen.next_floor()
    assert after in shown.waiting
    assert after.id not in shown.expected
    foreseen = screen.next_floor()
    assert foreseen.pulse == shown.pulse
    assert after.id in foreseen.expected
    link.stop()


@pytest.mark.rule("Q-8")
def test_waits_that_are_too_old_are_foreseen_anew_with_the_change(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    screen = Screen()
    app: Any = screen
    link = Link(app, site)
    link.start()
    screen.next_floor()
    clock.advance(2 * SHOWN_MS / 1000)
    after = issuing.issue(site, "A")
    assert after.id in screen.next_floor().expected
    link.stop()
