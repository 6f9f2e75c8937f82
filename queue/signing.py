"""Signing on with number and PIN."""

from __future__ import annotations

from contextlib import suppress
from time import sleep

from jiaohao.queue.clock import service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import permit
from jiaohao.queue.site import Site
from jiaohao.store import journal, seats
from jiaohao.store.base import Tx
from jiaohao.store.values import Desks, Entry, Staff

PIN_DIGITS = 6
HALL_TRIES, HALL_WITHIN_S, HALL_WAIT_S = 20, 300, 2
"""After so many wrong PINs in the hall within so many seconds each check takes so many seconds longer."""
_MOST_DOUBLINGS = 20
_NOBODYS = f"$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5bm9ib2R5bm9ibw${'A' * 43}"
"""What no PIN gives, as long in the making as a real one: what argon2 takes by default."""


def has_pin(site: Site, staff: str) -> bool:
    """Whether a member of staff has set a PIN yet. Raises Refusal unknown_staff."""
    site.directory.person(staff)
    return site.store.read(lambda tx: seats.pin_hash(tx, staff)) is not None


def sign_on(site: Site, staff: str, pin: str) -> Staff:
    """Check a PIN, or at the first sign-on set it (six digits or more; journalled).

    Takes about 130 ms, whether there is somebody of that number or not: the hash is slow on purpose. Raises
    Refusal unknown_staff, wrong_pin, weak_pin, pin_wait.
    """
    if staff in site.directory.staff and not has_pin(site, staff):
        if not (len(pin) >= PIN_DIGITS and pin.isascii() and pin.isdigit()):
            raise Refusal("weak_pin")
        _set_first(site, staff, pin)
    return check_pin(site, staff, pin)


def check_pin(site: Site, staff: str, pin: str) -> Staff:
    """Check a PIN and set none: who is back at a desk that was locked has one already.

    Takes about 130 ms. A try is counted before it is made, so that however many terminals guess at once, no
    more are made than the hall allows; a right PIN forgets the count. While one PIN is tried over many
    numbers every check takes longer, and nobody is locked out by that. Raises Refusal unknown_staff, no_pin,
    wrong_pin, pin_wait.
    """
    from argon2 import PasswordHasher  # noqa: PLC0415 - only who signs on pays for it
    from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415

    if staff not in site.directory.staff:
        _try_nobodys(site, pin)
    person = site.directory.person(staff)
    known = site.store.read(lambda tx: seats.pin_hash(tx, staff))
    if known is None:
        raise Refusal("no_pin")
    tries = _count(site, staff)
    _slow_down(site)
    try:
        PasswordHasher().verify(known, pin)
    except (Argon2Error, InvalidHashError):
        _journal(site, "pin_wrong", staff, str(tries))
        raise Refusal("wrong_pin") from None
    site.store.transact(lambda tx: seats.forget_tries(tx, staff), tell=False)
    return person


def _try_nobodys(site: Site, pin: str) -> None:
    """Be as long about a number that nobody has: how soon the answer comes says nothing of a number."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - see above
    from argon2.exceptions import Argon2Error  # noqa: PLC0415

    _slow_down(site)
    with suppress(Argon2Error):
        PasswordHasher().verify(_NOBODYS, pin)


def wait_s(desks: Desks, tries: int) -> int:
    """For how many seconds the next try must wait after so many wrong ones."""
    if tries < desks.pin_tries:
        return 0
    doublings = min(tries - desks.pin_tries, _MOST_DOUBLINGS)
    return min(desks.pin_wait_s << doublings, desks.pin_longest_s)


def _count(site: Site, staff: str) -> int:
    """The number of this try, counted from the last right one. Raises Refusal pin_wait."""
    now_ms = site.now_ms()

    def work(tx: Tx) -> tuple[int | None, int, bool]:
        tries = seats.count_try(tx, staff, now_ms)
        if tries is None:
            return None, seats.not_before_ms(tx, staff), seats.tell_once(tx, staff)
        seats.put_off(tx, staff, now_ms + wait_s(site.hall.desks, tries) * 1000)
        return tries, now_ms, False

    tries, not_before_ms, is_first = site.store.transact(work, tell=False)
    if tries is not None:
        return tries
    if is_first:  # a robot would fill the journal with the others
        _journal(site, "pin_refused", staff)
    raise Refusal("pin_wait", staff=staff, wait_s=-(-(not_before_ms - now_ms) // 1000))


def _slow_down(site: Site) -> None:
    """Wait where the hall is guessed at, outside any transaction."""
    since_ms = site.now_ms() - HALL_WITHIN_S * 1000
    day = service_day(since_ms, site.hall.timezone)
    if site.store.read(lambda tx: journal.count_since(tx, day, since_ms, "pin_wrong")) >= HALL_TRIES:
        sleep(HALL_WAIT_S)


def _journal(site: Site, event: str, staff: str, note: str | None = None) -> None:
    now_ms = site.now_ms()
    day = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> None:
        journal.add(tx, journal.Line(op_id, now_ms, day, event, staff=staff, note=note))

    site.operate(work, _nothing, None, event)


def _set_first(site: Site, staff: str, pin: str) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415 - only who signs on pays for it

    now_ms, hashed = site.now_ms(), PasswordHasher().hash(pin)

    def work(tx: Tx, op_id: str) -> None:
        if seats.pin_hash(tx, staff) is not None:
            return  # another terminal was first; its PIN is the one that is checked
        seats.set_pin(tx, staff, hashed)
        journal.add(
            tx, journal.Line(op_id, now_ms, service_day(now_ms, site.hall.timezone), "pin_set", staff=staff)
        )

    site.operate(work, _nothing, None, "pin_set")


def reset_pin(site: Site, staff: str, *, manager: str, op: str | None = None) -> None:
    """A manager clears a PIN and the wrong tries of it; the next sign-on sets one.

    Raises Refusal unknown_staff, not_allowed.
    """
    site.directory.person(staff)
    permit(site, manager, "pin")
    now_ms = site.now_ms()

    def work(tx: Tx, op_id: str) -> None:
        seats.clear_pin(tx, staff)
        seats.forget_tries(tx, staff)
        day = service_day(now_ms, site.hall.timezone)
        journal.add(tx, journal.Line(op_id, now_ms, day, "pin_reset", staff=manager, note=staff))

    site.operate(work, _nothing, op, "pin_reset")


def _nothing(_tx: Tx, _done: Entry) -> None:
    return None
