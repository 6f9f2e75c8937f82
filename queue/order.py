"""The order of calling: a place in time, and nothing else (Q-5, Q-6, Q-9)."""

from __future__ import annotations

from collections.abc import Sequence

from jiaohao.queue.refusal import Refusal
from jiaohao.store.values import Calling, Priority, Window

NORMAL = Priority(code="normal", name="", head_start_min=0, first=False)

# Further ahead than any day is long, so that "always first" is before everyone and still by arrival.
_FIRST_MS = 7 * 24 * 3600 * 1000


def priority_class(calling: Calling, code: str) -> Priority:
    """The class of that code; "normal" always exists (Q-6). Raises Refusal unknown_priority."""
    for priority in (NORMAL, *calling.priorities):
        if priority.code == code:
            return priority
    raise Refusal("unknown_priority", priority=code)


def place_ms(wait_began_ms: int, priority: Priority) -> int:
    """A ticket's place in time: when its wait began, less the head start of its class (Q-6)."""
    return wait_began_ms - (_FIRST_MS if priority.first else priority.head_start_min * 60_000)


def place_behind(places_ms: Sequence[int], count: int, now_ms: int) -> int:
    """The place just behind the first ``count`` of a queue whose places are given; behind none is first.

    Now, when nobody waits (Q-5).
    """
    if not places_ms:
        return now_ms
    return places_ms[:count][-1] + 1 if count else places_ms[0] - 1


def window_queue(window: str) -> str:
    """The queue of those sent to one window and no other."""
    return f"@{window}"


def queues_of(window: Window) -> tuple[str, ...]:
    """The queues from which a window always calls (OP-2)."""
    return (window_queue(window.code), *window.lines)


def next_place(
    queues: Sequence[str], flex: Sequence[str], flex_mark: int, waiting: dict[str, list[int]]
) -> str | None:
    """Which queue a window calls from next, given each queue's waiting places in order; None when none.

    The same rule as the store's claiming statement, for playing the floor forward (Q-4, Q-9).
    """
    offered = list(queues) + [queue for queue in flex if len(waiting.get(queue, ())) > flex_mark]
    heads = [(waiting[queue][0], queue) for queue in offered if waiting.get(queue)]
    return min(heads)[1] if heads else None
