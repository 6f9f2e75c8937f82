"""A day of tens of thousands of journal lines, written straight into the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jiaohao.queue.site import Site

LINES = 60_000
EVERY = 1000
"""Each so manieth line is of window 3, the others are of window 1."""

_FILL = (
    "INSERT INTO journal(op, at_ms, service_day, event, number, window_code, staff, note) "
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {lines}) "
    "SELECT ? || i, {now_ms} + i, ?, 'called', 'A' || i, CASE WHEN i % {every} = 0 THEN '3' ELSE '1' END, "
    "'1001', ? FROM n"
)


def fill(site: Site, *, lines: int = LINES, day: str | None = None, note: str | None = None) -> None:
    """Write ``lines`` lines of a day, numbered A1 and on, one a millisecond."""
    today = day or site.today()
    sql = _FILL.format(lines=lines, now_ms=site.now_ms(), every=EVERY)
    site.store.transact(lambda tx: tx.run(sql, (f"{today}:", today, note)))
