"""How far the waits that visitors were told at issue were from those that followed."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from jiaohao.store.frozen import frozen

LEAST_S = 60
"""Waits are told in whole minutes: an error is measured against no less than one, and less is none."""


@frozen
class Errors:
    """Of ``count`` estimates: half were off by no more than the medians; None where nobody was told any."""

    count: int = 0
    median_s: int | None = None
    """In seconds."""
    median_share: float | None = None
    """Relative to the wait that followed: 0.2 is a fifth."""
    bias_s: int | None = None
    """The median of what followed less what was told, in seconds; above zero, waits are told too short."""
    too_short: int = 0
    """How many waited at least a minute longer than they were told."""
    too_long: int = 0
    """How many waited at least a minute less."""

    @property
    def percent(self) -> int | None:
        """The median error in whole per cent of the wait that followed."""
        return None if self.median_share is None else round(100 * self.median_share)


def share(told_s: float, waited_s: float) -> float:
    """The error of one estimate, relative to the wait that followed."""
    return abs(waited_s - told_s) / max(waited_s, LEAST_S)


def errors(told: Iterable[tuple[int | None, int]]) -> Errors:
    """The errors of what was told, each with the wait that followed, in seconds; None is an untold one."""
    pairs = [(told_s, waited_s) for told_s, waited_s in told if told_s is not None]
    if not pairs:
        return Errors()
    off_s = [waited_s - told_s for told_s, waited_s in pairs]
    return Errors(
        count=len(pairs),
        median_s=round(median(map(abs, off_s))),
        median_share=round(median(share(*pair) for pair in pairs), 3),
        bias_s=round(median(off_s)),
        too_short=sum(off >= LEAST_S for off in off_s),
        too_long=sum(off <= -LEAST_S for off in off_s),
    )
