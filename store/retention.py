"""Which columns hold what people said of themselves or others, and how it goes after its time (PV-1)."""

from __future__ import annotations

from jiaohao.store.base import Tx

PERSONAL = {
    "enquiries": ("visitor_name", "visitor_phone", "about", "reply", "handed_out"),
    "referrals": ("note", "reason"),
    "notices": ("basis", "reason", "answer"),
    "absences": ("handover", "handback"),
    "adjustments": ("why",),
    "adjustment_steps": ("note",),
    "meetings": ("about", "minutes"),
    "marks": ("note",),
    "remarks": ("text",),
}
"""Every column into which a person can write something personal; no other may hold any."""

_DONE = "SELECT id FROM enquiries WHERE service_day < ? AND state = 'closed'"
_OLD = {
    "enquiries": f"id IN ({_DONE})",
    "referrals": f"enquiry IN ({_DONE})",
    "notices": "service_day < ? AND (owner IS NULL OR answered_ms IS NOT NULL)",
    "absences": "service_day < ? AND to_ms IS NOT NULL",
    "adjustments": "requested_day < ?",
    "adjustment_steps": "adjustment IN (SELECT id FROM adjustments WHERE requested_day < ?)",
    "meetings": "day < ?",
    "marks": "day < ?",
    "remarks": "service_day < ?",
}


def count_old(tx: Tx, before_day: str) -> dict[str, int]:
    """How many rows of each table still hold something personal from before a day."""
    found = {}
    for table, columns in PERSONAL.items():
        held = " OR ".join(f"coalesce({column}, '') <> ''" for column in columns)
        row = tx.rows(f"SELECT count(*) FROM {table} WHERE {_OLD[table]} AND ({held})", (before_day,))[0]
        found[table] = int(row[0])
    return found


def forget(tx: Tx, before_day: str) -> None:
    """Remove what is personal from before a day; what is still open or owed stays."""
    for table, columns in PERSONAL.items():
        nothing = "''" if table == "remarks" else "NULL"
        changes = ", ".join(f"{column} = {nothing}" for column in columns)
        tx.run(f"UPDATE {table} SET {changes} WHERE {_OLD[table]}", (before_day,))
