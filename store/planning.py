"""Leave planned ahead, and consents to sit where one holds no post (AB-3, AB-5)."""

from __future__ import annotations

from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Consent, Leave
from jiaohao.store.table import Table

LEAVES = Table("leaves", Leave)
CONSENTS = Table("consents", Consent)


def leaves_between(tx: Tx, from_day: str, to_day: str) -> list[Leave]:
    """The leave that touches any day from one to another, both included; what was cancelled is left out."""
    return LEAVES.all(tx, "to_day >= ? AND from_day <= ? AND cancelled_ms IS NULL", (from_day, to_day))


def consents_on(tx: Tx, day: str, window: str, staff: str) -> list[Consent]:
    """The consents for somebody at a window that hold on a day."""
    return CONSENTS.all(
        tx,
        "window_code = ? AND staff = ? AND from_day <= ? AND until_day >= ? AND withdrawn_ms IS NULL",
        (window, staff, day, day),
    )
