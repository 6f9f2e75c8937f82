"""What counts against members of staff (AB-10, EV-2)."""

from __future__ import annotations

from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Mark
from jiaohao.store.table import Table

MARKS = Table("marks", Mark)


def by_id(tx: Tx, mark_id: int) -> Mark:
    """The mark of that id, which must be there."""
    return MARKS.all(tx, "id = ?", (mark_id,))[0]


def of_staff(tx: Tx, staff: str | None) -> list[Mark]:
    """The marks of one member of staff, or of all, oldest first."""
    return MARKS.all(tx, "staff = coalesce(?, staff)", (staff,))
