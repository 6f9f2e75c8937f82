"""Expected waits against queueing theory: memoryless arrivals and services, told by the hall's own forecast.

Each mean is over independent replications from fixed seeds, with what it may be off by 95 times of 100; and
each test sees to it that a forecast a fifth too long or too short would be found out.
"""

from __future__ import annotations

import pytest

from jiaohao.store.values import Priority
from mmc import (
    NORMAL,
    SERVICE_S,
    URGENT,
    Arrival,
    Interval,
    Queue,
    class_wait_s,
    erlang_wait_s,
    replicate,
    wait_behind_s,
)

WRONG = (1.2, 1 / 1.2)
"""A forecast that is so many times what it should be must not pass."""
ONE, THREE, EIGHT = Queue(1, 0.7), Queue(3, 2.5), Queue(8, 7.2)
MIXED, LARGE = Queue(1, 0.7, urgent=0.3), Queue(3, 2.5, urgent=0.25)


def agrees(told: Interval, theory_s: float) -> bool:
    """Whether what is told agrees with theory, so closely that a wrong forecast would not."""
    assert not any(told.scaled(factor).holds(theory_s) for factor in WRONG), "it could not tell a wrong one"
    return told.holds(theory_s)


def test_theory_is_known_where_it_is_plain() -> None:
    """One window at half of its load: a whole service; and the classes' waits together are Erlang's."""
    assert erlang_wait_s(Queue(1, 0.5)) == pytest.approx(SERVICE_S)
    for queue in (MIXED, LARGE):
        mixed = queue.urgent * class_wait_s(queue, URGENT) + (1 - queue.urgent) * class_wait_s(queue, NORMAL)
        assert mixed == pytest.approx(erlang_wait_s(queue))


@pytest.mark.parametrize(
    ("queue", "looks"),
    [(ONE, 40), (THREE, 40), pytest.param(EIGHT, 200, marks=pytest.mark.slow)],
)
def test_the_mean_wait_is_that_of_erlang(queue: Queue, looks: int) -> None:
    assert agrees(replicate(queue, looks, every=50), erlang_wait_s(queue))


@pytest.mark.rule("Q-6")
@pytest.mark.parametrize(
    ("queue", "priority", "looks"),
    [
        (THREE, NORMAL, 10),
        *(
            pytest.param(queue, priority, 50, marks=pytest.mark.slow)
            for queue, priority in ((ONE, NORMAL), (EIGHT, NORMAL), (LARGE, URGENT))
        ),
    ],
)
def test_behind_so_many_the_wait_is_that_of_so_many_services(
    queue: Queue, priority: Priority, looks: int
) -> None:
    """What is left of what is told, once that is taken away, is nothing."""

    def must_wait(arrival: Arrival) -> bool:
        return arrival.priority is priority and arrival.present >= queue.windows

    left = replicate(queue, looks, every=7, of=must_wait, less=lambda arrival: wait_behind_s(queue, arrival))
    assert left.half_width < 0.05 * class_wait_s(queue, priority), "it could not tell a wrong one"
    assert left.holds(0)


@pytest.mark.rule("Q-6")
@pytest.mark.parametrize(("queue", "looks"), [(MIXED, 40), pytest.param(LARGE, 100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("priority", [URGENT, NORMAL])
def test_each_of_two_classes_waits_as_theory_says(queue: Queue, looks: int, priority: Priority) -> None:
    told = replicate(queue, looks, every=50, of=lambda arrival: arrival.priority is priority)
    assert agrees(told, class_wait_s(queue, priority))


@pytest.mark.slow
@pytest.mark.rule("Q-6")
def test_who_overtakes_later_must_be_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them the others would be told too short a wait, and it is seen."""
    monkeypatch.setattr(Queue, "coming", ())
    told = replicate(LARGE, 100, every=50, of=lambda arrival: arrival.priority is NORMAL)
    assert told.mean + told.half_width < class_wait_s(LARGE, NORMAL)
