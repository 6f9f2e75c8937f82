"""Absences from windows and who was asked to cover them (AB-2, AB-6, AB-7)."""

from __future__ import annotations

from jiaohao.store.base import Tx
from jiaohao.store.staff_values import Absence, Attempt
from jiaohao.store.table import Table

ABSENCES = Table("absences", Absence)
ATTEMPTS = Table("attempts", Attempt)

# What the wall may read (PV-1): no name, no reason, nothing that was written.
PUBLIC = ("id", "service_day", "window_code", "from_ms", "back_ms", "to_ms")
PUBLIC_ATTEMPT = ("id", "absence", "place", "post", "at_ms", "answer")


def open_of(tx: Tx, window: str, staff: str) -> Absence | None:
    """The absence of somebody from a window that has not ended, held for this transaction."""
    return ABSENCES.one(tx, "window_code = ? AND staff = ? AND to_ms IS NULL", (window, staff))


def open_at(tx: Tx, day: str, window: str) -> list[Absence]:
    """The absences from a window that have not ended, oldest first."""
    return ABSENCES.all(tx, "service_day = ? AND window_code = ? AND to_ms IS NULL", (day, window))


def still_open(tx: Tx, day: str) -> list[Absence]:
    """Every absence of a day that has not ended, oldest first."""
    return ABSENCES.all(tx, "service_day = ? AND to_ms IS NULL", (day,))


def of_period(tx: Tx, from_day: str, to_day: str, window: str | None = None) -> list[Absence]:
    """The absences that began from one day to another, both included, oldest first; of one window or all."""
    return ABSENCES.all(
        tx,
        "service_day BETWEEN ? AND ? AND window_code = coalesce(?, window_code) ORDER BY from_ms, id",
        (from_day, to_day, window),
    )


def end(tx: Tx, absence_id: int, to_ms: int) -> None:
    """They are back, or the day is over."""
    tx.run("UPDATE absences SET to_ms = ? WHERE id = ?", (to_ms, absence_id))


def end_days_before(tx: Tx, day: str, now_ms: int) -> None:
    """No absence outlives its day."""
    tx.run("UPDATE absences SET to_ms = ? WHERE service_day < ? AND to_ms IS NULL", (now_ms, day))


def hand_back(tx: Tx, absence_id: int, note: str) -> None:
    """Write down what whoever covered leaves for the one who returns."""
    tx.run("UPDATE absences SET handback = ? WHERE id = ?", (note, absence_id))


def attempts(tx: Tx, absence_id: int) -> list[Attempt]:
    """Whom an absence has asked to cover, in order."""
    return ATTEMPTS.all(tx, "absence = ? ORDER BY place", (absence_id,))


def attempts_of_period(tx: Tx, from_day: str, to_day: str) -> dict[int, list[Attempt]]:
    """The attempts of every absence that began from one day to another, by the absence."""
    found: dict[int, list[Attempt]] = {}
    those = "absence IN (SELECT id FROM absences WHERE service_day BETWEEN ? AND ?) ORDER BY absence, place"
    for attempt in ATTEMPTS.all(tx, those, (from_day, to_day)):
        found.setdefault(attempt.absence, []).append(attempt)
    return found


def answer(tx: Tx, attempt_id: int, text: str, now_ms: int) -> None:
    """Write down what came of an attempt."""
    tx.run("UPDATE attempts SET answer = ?, answered_ms = ? WHERE id = ?", (text, now_ms, attempt_id))


def unanswered(tx: Tx, day: str) -> list[tuple[Absence, Attempt]]:
    """Whom the open absences of a day have asked and who may still come, oldest first."""
    found = []
    for absence in still_open(tx, day):
        last = attempts(tx, absence.id)[-1:]
        found += [(absence, attempt) for attempt in last if attempt.answer in {None, "coming"}]
    return found


def on_the_floor(tx: Tx, day: str) -> list[tuple[str, int, int | None, str | None, str | None]]:
    """Of each open absence: window, since when, expected back, the post asked last and its answer.

    Nothing in it that the wall may not read.
    """
    rows = tx.rows(
        "SELECT a.window_code, a.from_ms, a.back_ms, t.post, t.answer FROM absences AS a "
        "LEFT JOIN attempts AS t ON t.absence = a.id "
        "AND t.place = (SELECT max(place) FROM attempts WHERE absence = a.id) "
        "WHERE a.service_day = ? AND a.to_ms IS NULL ORDER BY a.id",
        (day,),
    )
    return [(row[0], int(row[1]), row[2], row[3], row[4]) for row in rows]
