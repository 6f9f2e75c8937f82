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


def leave(tx: Tx, leave_id: int) -> Leave:
    """The leave of that id."""
    return LEAVES.all(tx, "id = ?", (leave_id,))[0]


def cancel_leave(tx: Tx, leave_id: int, now_ms: int) -> None:
    """Leave that is not taken at all."""
    tx.run("UPDATE leaves SET cancelled_ms = ? WHERE id = ?", (now_ms, leave_id))


def end_leave(tx: Tx, leave_id: int, to_day: str) -> None:
    """Leave that ends sooner than planned."""
    tx.run("UPDATE leaves SET to_day = ? WHERE id = ?", (to_day, leave_id))


def consents_on(tx: Tx, day: str, window: str, staff: str) -> list[Consent]:
    """The consents for somebody at a window that hold on a day."""
    return CONSENTS.all(
        tx,
        "window_code = ? AND staff = ? AND from_day <= ? AND until_day >= ? AND withdrawn_ms IS NULL",
        (window, staff, day, day),
    )


def consents_held(tx: Tx, day: str, window: str, staff: str, side: str) -> list[Consent]:
    """The consents of one side for somebody at a window that hold on a day or later."""
    return CONSENTS.all(
        tx,
        "window_code = ? AND staff = ? AND side = ? AND until_day >= ? AND withdrawn_ms IS NULL",
        (window, staff, side, day),
    )


def consents_from(tx: Tx, day: str, begun_by: str | None) -> list[Consent]:
    """The consents, withdrawn ones too, that last to a day or longer, begun on another one or before it."""
    return CONSENTS.all(tx, "until_day >= ? AND from_day <= coalesce(?, from_day)", (day, begun_by))


def consent(tx: Tx, consent_id: int) -> Consent:
    """The consent of that id."""
    return CONSENTS.all(tx, "id = ?", (consent_id,))[0]


def withdraw(tx: Tx, consent_id: int, now_ms: int) -> None:
    """A consent that holds no longer."""
    tx.run("UPDATE consents SET withdrawn_ms = ? WHERE id = ?", (now_ms, consent_id))
