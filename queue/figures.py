"""Today in figures, and the journal's latest lines, for whoever supervises the hall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from jiaohao.queue import states
from jiaohao.queue.site import Site
from jiaohao.store import figures, journal, tickets
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Entry


@frozen
class DayFigures:
    """One service day so far. Waits and errors in seconds; None while there is nothing to measure."""

    issued: int
    served: int
    missed: int
    unserved: int
    cancelled: int
    longest_wait_s: int | None
    """The longest that anybody who was called had waited for the first call."""
    median_error_s: int | None
    """Half of the estimates given at issue were off by no more than this."""


@frozen
class DayReport:
    """The day's figures, and its latest journal lines, newest first."""

    figures: DayFigures
    latest: tuple[Entry, ...]


def figures_of(counts: Mapping[str, int], waits: Sequence[tuple[int, int | None]]) -> DayFigures:
    """The figures from the tickets in each state, and each called one's wait (ms) and estimate (s)."""
    errors_s = [abs(waited_ms / 1000 - told_s) for waited_ms, told_s in waits if told_s is not None]
    return DayFigures(
        issued=sum(counts.values()),
        served=counts.get(states.FINISHED, 0),
        missed=counts.get(states.MISSED, 0),
        unserved=counts.get(states.UNSERVED, 0),
        cancelled=counts.get(states.CANCELLED, 0),
        longest_wait_s=max((waited_ms // 1000 for waited_ms, _told in waits), default=None),
        median_error_s=round(median(errors_s)) if errors_s else None,
    )


def read_report(site: Site, lines: int) -> DayReport:
    """Today's report with so many journal lines, on one consistent view. Raises Fault."""
    today = site.today()

    def work(tx: Tx) -> DayReport:
        day_figures = figures_of(tickets.count_by_state(tx, today), figures.waits(tx, today))
        return DayReport(day_figures, tuple(journal.latest(tx, today, lines)))

    return site.store.read(work)
