"""Adjustments of window staff and the steps they took (SA-1, SA-2)."""

from __future__ import annotations

from collections import defaultdict

from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Adjustment, AdjustmentStep
from jiaohao.store.table import Table

ADJUSTMENTS = Table("adjustments", Adjustment)
STEPS = Table("adjustment_steps", AdjustmentStep)


def hold(tx: Tx, adjustment_id: int) -> Adjustment | None:
    """The adjustment of that id, held for this transaction; None when there is none."""
    return ADJUSTMENTS.one(tx, "id = ?", (adjustment_id,))


def by_id(tx: Tx, adjustment_id: int) -> Adjustment:
    """The adjustment of that id, which must be there."""
    return ADJUSTMENTS.all(tx, "id = ?", (adjustment_id,))[0]


def every(tx: Tx) -> list[Adjustment]:
    """All adjustments, oldest first."""
    return ADJUSTMENTS.all(tx, "id > 0")


def move(tx: Tx, adjustment_id: int, state: str, probation_until: str | None) -> None:
    """Write down the step it has reached, and with the last one the end of the probation."""
    tx.run(
        "UPDATE adjustments SET state = ?, probation_until = ? WHERE id = ?",
        (state, probation_until, adjustment_id),
    )


def steps_of(tx: Tx, adjustment_id: int) -> list[AdjustmentStep]:
    """The steps of one, oldest first."""
    return STEPS.all(tx, "adjustment = ?", (adjustment_id,))


def steps_of_all(tx: Tx) -> dict[int, list[AdjustmentStep]]:
    """The steps of every adjustment, oldest first, by the adjustment."""
    found: dict[int, list[AdjustmentStep]] = defaultdict(list)
    for step in STEPS.all(tx, "id > 0"):
        found[step.adjustment].append(step)
    return found
