"""Visitors at a window, one operation after the other, and what each operation takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench.measuring import now_s
from jiaohao.queue import calling, issuing, seating
from jiaohao.queue.clock import ShiftedClock
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store
from small_hall import MORNING, open_site
from terminal import clerk_of, wide_hall

WARM = 20
"""So many of each operation are not counted: what is loaded at the first ones costs once a day."""

Operation = tuple[str, Callable[[], object]]


def laid(url: str, windows: int) -> Site:
    """A hall whose windows are manned."""
    site, _clock = open_site(url, wide_hall(windows))
    man(site)
    return site


def man(site: Site) -> None:
    """A clerk sits down at each window of a wide hall."""
    for window in site.hall.windows:
        seating.sit(site, window.code, clerk_of(window.code))


def reopened(path: Path) -> Site:
    """The hall of that file, as a process opens it; its clock runs."""
    return Site(open_store(f"sqlite:///{path}", "qh"), ShiftedClock(MORNING))


def visit(site: Site, window: str = "1") -> list[Operation]:
    """One visitor from the number to the end."""
    return [
        ("issue", partial(issuing.issue, site, "A")),
        ("call", partial(calling.call, site, window)),
        ("start", partial(calling.start, site, window)),
        ("finish", partial(calling.finish, site, window)),
    ]


def took_us(work: Callable[[], object]) -> float:
    """Microseconds that it took."""
    begin_s = now_s()
    work()
    return (now_s() - begin_s) * 1e6


def side_by_side(
    subject: Sequence[Operation], reference: Sequence[Operation]
) -> dict[str, tuple[float, float]]:
    """Microseconds that each operation takes in both, done in turn: the median, by the operation's name."""
    took: dict[str, list[tuple[float, float]]] = {}
    for (name, ours), (_name, bare) in zip(subject, reference, strict=True):
        took.setdefault(name, []).append((took_us(ours), took_us(bare)))
    counted = {name: pairs[min(WARM, len(pairs) // 2) :] for name, pairs in took.items()}
    return {
        name: (median(ours for ours, _bare in pairs), median(bare for _ours, bare in pairs))
        for name, pairs in counted.items()
    }
