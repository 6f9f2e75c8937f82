"""Visitors at a window, one operation after the other, and what each operation takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from bench.crowd import Crowd, Serve
from bench.measuring import now_s
from jiaohao.queue import calling, issuing, seating
from jiaohao.queue.clock import ShiftedClock
from jiaohao.queue.site import Site
from jiaohao.store.base import Tx
from jiaohao.store.opening import open_store
from small_hall import MORNING, open_site
from terminal import clerk_of, wide_hall

WARM = 20
"""So many of each operation are not counted: what is loaded at the first ones costs once a day."""

Operation = tuple[str, Callable[[], object]]
Statement = tuple[str, Any]


@dataclass
class Noted:
    """What an operation was called, and its statements."""

    name: str
    journeys: list[list[Statement]] = field(default_factory=lambda: [[]])
    """Those that PostgreSQL is sent together; the last ones go with the commit."""
    behind: Sequence[Statement] = ()
    """What goes out behind the commit."""

    @property
    def statements(self) -> list[Statement]:
        """All up to the commit."""
        return [*chain(*self.journeys)]


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


def noted(operations: Sequence[Operation]) -> list[Noted]:
    """Do them, and note their statements."""
    done: list[Noted] = []
    execute, end = Tx.execute, Tx.end

    def executing(tx: Tx, sql: str, params: Any, *, at_once: bool = True) -> Any:
        done[-1].journeys[-1].append((sql, params))
        if at_once:
            done[-1].journeys.append([])
        return execute(tx, sql, params, at_once=at_once)

    def ending(tx: Tx, sql: str, *behind: Statement) -> None:
        end(tx, sql, *behind)
        done[-1].behind = behind

    with mock.patch.object(Tx, "execute", executing), mock.patch.object(Tx, "end", ending):
        for name, work in operations:
            done.append(Noted(name))
            work()
    return done


def clerk(url: str, window: str, visitors: int, serve: Serve) -> tuple[float, float]:
    """So many visitors at one window, once all clerks are ready: when the first came and the last went."""
    site = Site(open_store(url, "qh"), ShiftedClock(MORNING))
    for _name, work in visit(site, window) * 2:
        work()
    serve()
    begin_s = now_s()
    for _name, work in visit(site, window) * visitors:
        work()
    site.store.close()
    return begin_s, now_s()


def a_second(url: str, clerks: int, visitors: int) -> float:
    """Operations a second of so many clerks, each a process at its own window with so many visitors."""
    works = [partial(clerk, url, str(number), visitors) for number in range(1, clerks + 1)]
    spans = Crowd(works, at_once=clerks).end()
    return 4 * clerks * visitors / (max(end for _begin, end in spans) - min(begin for begin, _end in spans))


def took_us(work: Callable[[], object]) -> float:
    """Microseconds that it took."""
    begin_s = now_s()
    work()
    return (now_s() - begin_s) * 1e6


def side_by_side(
    subject: Sequence[Operation], reference: Sequence[Operation]
) -> dict[str, tuple[float, float]]:
    """Microseconds that each operation takes in both, done in turn: the median, by the operation's name.

    Now this is first and now that: who comes second finds the caches warm.
    """
    took: dict[str, list[tuple[float, float]]] = {}
    for (name, ours), (_name, bare) in zip(subject, reference, strict=True):
        pairs = took.setdefault(name, [])
        if len(pairs) % 2:
            pairs.append((took_us(ours), took_us(bare)))
        else:
            pairs.append((took_us(bare), took_us(ours))[::-1])
    counted = {name: pairs[min(WARM, len(pairs) // 2) :] for name, pairs in took.items()}
    return {
        name: (median(ours for ours, _bare in pairs), median(bare for _ours, bare in pairs))
        for name, pairs in counted.items()
    }
