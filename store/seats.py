"""Seats: who sat at which window from when to when; and the PINs by which they sign on."""

from __future__ import annotations

from jiaohao.store.base import Tx
from jiaohao.store.values import Seat

_COLUMNS = ", ".join("window_code" if name == "window" else name for name in Seat._fields)
AT_WINDOW = f"SELECT {_COLUMNS} FROM seats WHERE service_day = ? AND window_code = ? AND to_ms IS NULL"
"""The seat that is taken at a window."""


def at_window(tx: Tx, day: str, window: str) -> Seat | None:
    """Who sits at a window now, held for this transaction."""
    found = tx.row(AT_WINDOW + tx.locking, (day, window))
    return None if found is None else Seat(*found)


def who_sits(tx: Tx, day: str, window: str) -> str | None:
    """The member of staff at a window now, only looked at."""
    found = tx.row(
        "SELECT staff FROM seats WHERE service_day = ? AND window_code = ? AND to_ms IS NULL", (day, window)
    )
    return None if found is None else str(found[0])


def of_staff(tx: Tx, day: str, staff: str) -> Seat | None:
    """Where a member of staff sits now."""
    found = tx.row(
        f"SELECT {_COLUMNS} FROM seats WHERE service_day = ? AND staff = ? AND to_ms IS NULL", (day, staff)
    )
    return None if found is None else Seat(*found)


def of_day(tx: Tx, day: str) -> list[Seat]:
    """Every seat of a day, oldest first."""
    return [
        Seat(*row)
        for row in tx.rows(f"SELECT {_COLUMNS} FROM seats WHERE service_day = ? ORDER BY id", (day,))
    ]


def latest(tx: Tx, day: str) -> list[Seat]:
    """The latest seat of a day at each window, taken or given up: all that the floor has to know."""
    return [
        Seat(*row)
        for row in tx.rows(
            f"SELECT {_COLUMNS} FROM seats WHERE id IN "
            "(SELECT max(id) FROM seats WHERE service_day = ? GROUP BY window_code) ORDER BY id",
            (day,),
        )
    ]


def take(
    tx: Tx, day: str, window: str, staff: str, post: str, now_ms: int, *, beat_ms: int | None = None
) -> None:
    """Sit down. Two at one window, or one at two, break a uniqueness."""
    tx.run(
        "INSERT INTO seats(service_day, window_code, staff, post, from_ms, beat_ms) VALUES(?, ?, ?, ?, ?, ?)",
        (day, window, staff, post, now_ms, beat_ms),
    )


def give_up(tx: Tx, seat_id: int, now_ms: int, reason: str | None, back_ms: int | None) -> None:
    """Get up, with what ended it and the expected return where that was given (AB-2)."""
    tx.run(
        "UPDATE seats SET to_ms = ?, reason = ?, back_ms = ? WHERE id = ?", (now_ms, reason, back_ms, seat_id)
    )


def beat(tx: Tx, seat_id: int, now_ms: int) -> None:
    """The terminal of a seat is alive."""
    tx.run("UPDATE seats SET beat_ms = ? WHERE id = ?", (now_ms, seat_id))


def ended_by(tx: Tx, seat_id: int) -> str | None:
    """What ended a seat; None while it has not ended."""
    found = tx.row("SELECT reason FROM seats WHERE id = ?", (seat_id,))
    return None if found is None else found[0]


def sat_last(tx: Tx, window: str, day: str) -> str | None:
    """Who sat at a window when the last day before ``day`` ended."""
    found = tx.row(
        "SELECT staff FROM seats WHERE window_code = ? AND service_day < ? "
        "AND (to_ms IS NULL OR reason = 'new_day') ORDER BY id DESC LIMIT 1",
        (window, day),
    )
    return None if found is None else str(found[0])


def still_taken(tx: Tx, day: str) -> list[Seat]:
    """Every seat of a day that has not ended, held for this transaction, in the order of their windows."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM seats WHERE service_day = ? AND to_ms IS NULL ORDER BY window_code"
        + tx.locking,
        (day,),
    )
    return [Seat(*row) for row in rows]


def of_period(tx: Tx, from_day: str, to_day: str) -> list[Seat]:
    """Every seat from one day to another, both included, oldest first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM seats WHERE service_day BETWEEN ? AND ? ORDER BY from_ms, id",
        (from_day, to_day),
    )
    return [Seat(*row) for row in rows]


def first_day(tx: Tx) -> str | None:
    """The service day of the oldest seat; None before anybody sat."""
    found = tx.rows("SELECT min(service_day) FROM seats")[0][0]
    return None if found is None else str(found)


def pause(tx: Tx, seat_id: int, paused_ms: int | None, back_ms: int | None) -> None:
    """Stop calling for a moment without getting up, or with None go on."""
    tx.run("UPDATE seats SET paused_ms = ?, back_ms = ? WHERE id = ?", (paused_ms, back_ms, seat_id))


def end_days_before(tx: Tx, day: str, now_ms: int) -> None:
    """Nobody sits through the night: seats left open on earlier days end."""
    tx.run(
        "UPDATE seats SET to_ms = ?, reason = 'new_day' WHERE service_day < ? AND to_ms IS NULL",
        (now_ms, day),
    )


def pin_hash(tx: Tx, staff: str) -> str | None:
    """The hash of a member of staff's PIN, or None before the first sign-on."""
    found = tx.row("SELECT hash FROM pins WHERE staff = ?", (staff,))
    return None if found is None else str(found[0])


def set_pin(tx: Tx, staff: str, hashed: str) -> None:
    """Keep a first PIN. A second one meanwhile breaks the uniqueness."""
    tx.run("INSERT INTO pins(staff, hash) VALUES(?, ?)", (staff, hashed))


def clear_pin(tx: Tx, staff: str) -> None:
    """Forget a PIN, so that the next sign-on sets one."""
    tx.run("DELETE FROM pins WHERE staff = ?", (staff,))


def count_try(tx: Tx, staff: str, now_ms: int) -> int | None:
    """Count a try of a PIN before it is made, and hold the count; None while the next one must wait."""
    found = tx.row(
        "INSERT INTO pin_tries(staff, tries, not_before_ms, is_told) VALUES(?, 1, 0, 0) "
        "ON CONFLICT(staff) DO UPDATE SET tries = pin_tries.tries + 1, is_told = 0 "
        "WHERE pin_tries.not_before_ms <= ? RETURNING tries",
        (staff, now_ms),
    )
    return None if found is None else int(found[0])


def put_off(tx: Tx, staff: str, not_before_ms: int) -> None:
    """Let no PIN of a member of staff be tried before an instant."""
    tx.run("UPDATE pin_tries SET not_before_ms = ? WHERE staff = ?", (not_before_ms, staff))


def not_before_ms(tx: Tx, staff: str) -> int:
    """The instant from which a PIN may be tried again; 0 when it never had to wait."""
    found = tx.row("SELECT not_before_ms FROM pin_tries WHERE staff = ?", (staff,))
    return 0 if found is None else int(found[0])


def tell_once(tx: Tx, staff: str) -> bool:
    """Whether this is the first try that was refused in a wait; of the others nothing is written."""
    sql = "UPDATE pin_tries SET is_told = 1 WHERE staff = ? AND is_told = 0 RETURNING staff"
    return tx.row(sql, (staff,)) is not None


def forget_tries(tx: Tx, staff: str) -> None:
    """Begin to count anew."""
    tx.run("DELETE FROM pin_tries WHERE staff = ?", (staff,))
