"""A PIN cannot be guessed: wrong ones are slowed down, from wherever they come. On both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import argon2
import pytest

from jiaohao.queue import signing
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal
from jiaohao.store.values import Desks

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock

PIN = "135790"
WRONG = "975310"


def attempt(site: Site, pin: str = WRONG, staff: str = "1001") -> str:
    """What comes of a try: ``in``, or the code of the refusal."""
    try:
        signing.check_pin(site, staff, pin)
    except Refusal as refused:
        return "leaked" if pin in refused.message else refused.code
    return "in"


def attempts(site: Site, count: int) -> list[str]:
    """What comes of so many wrong tries."""
    return [attempt(site) for _each in range(count)]


def lines(site: Site) -> list[tuple[str, str | None, str | None]]:
    """What the journal says of PINs, oldest first."""
    found = site.store.read(lambda tx: journal.latest(tx, site.today(), 99))
    return [(e.event, e.staff, e.note) for e in reversed(found) if e.event in {"pin_wrong", "pin_refused"}]


@pytest.fixture
def site(hall_site: tuple[Site, ManualClock]) -> Site:
    """The small hall, where two have their PINs."""
    for staff in ("1001", "1002"):
        signing.sign_on(hall_site[0], staff, PIN)
    return hall_site[0]


@pytest.fixture
def clock(hall_site: tuple[Site, ManualClock]) -> ManualClock:
    """The clock of the hall."""
    return hall_site[1]


def test_after_five_wrong_ones_even_the_right_one_waits_to_the_instant(
    site: Site, clock: ManualClock
) -> None:
    assert attempts(site, 5) == ["wrong_pin"] * 5
    assert attempt(site, PIN) == "pin_wait"
    assert attempt(site, PIN, "1002") == "in"
    clock.advance(29.999)
    with pytest.raises(Refusal, match="1 秒"):
        signing.sign_on(site, "1001", PIN)
    clock.advance(0.001)
    assert attempt(site, PIN) == "in"


def test_each_further_one_doubles_the_wait_up_to_the_longest(site: Site, clock: ManualClock) -> None:
    assert attempts(site, 5) == ["wrong_pin"] * 5
    for wait_s in (30, 60, 120, 240, 480, 900, 900):
        clock.advance(wait_s - 0.001)
        assert attempt(site) == "pin_wait"
        clock.advance(0.001)
        assert attempts(site, 2) == ["wrong_pin", "pin_wait"]


def test_a_right_one_begins_the_count_anew(site: Site) -> None:
    for _round in range(3):
        assert attempts(site, 4) == ["wrong_pin"] * 4
        assert attempt(site, PIN) == "in"


def test_a_number_that_nobody_has_costs_as_many_hashes_as_a_wrong_pin(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, checked = argon2.low_level.verify_secret, list[bytes]()

    def counted(kept: bytes, secret: bytes, kind: argon2.Type) -> bool:
        checked.append(kept)
        return real(kept, secret, kind)

    monkeypatch.setattr("argon2._password_hasher.verify_secret", counted)
    for check in (signing.check_pin, signing.sign_on):
        counts = []
        for staff, code in (("1001", "wrong_pin"), ("9999", "unknown_staff")):
            checked.clear()
            with pytest.raises(Refusal) as refused:
                check(site, staff, WRONG)
            assert refused.value.code == code
            counts.append(len(checked))
        assert counts == [1, 1]


def test_a_number_that_nobody_has_is_hashed_as_long_as_a_real_one() -> None:
    usual = (
        argon2.PasswordHasher.func if isinstance(argon2.PasswordHasher, partial) else argon2.PasswordHasher
    )
    assert argon2.extract_parameters(signing._NOBODYS) == argon2.extract_parameters(usual().hash(PIN))


def test_a_manager_ends_the_wait(site: Site) -> None:
    attempts(site, 5)
    signing.reset_pin(site, "1001", manager="4001")
    assert attempt(site, PIN) == "no_pin"
    assert signing.sign_on(site, "1001", "246800").no == "1001"


def test_the_journal_keeps_each_wrong_one_but_of_a_wait_only_the_first_refusal(
    site: Site, clock: ManualClock
) -> None:
    attempts(site, 40)
    wrong = [("pin_wrong", "1001", str(number)) for number in range(1, 6)]
    assert lines(site) == [*wrong, ("pin_refused", "1001", None)]
    clock.advance(30)
    attempts(site, 40)
    again = [("pin_wrong", "1001", "6"), ("pin_refused", "1001", None)]
    assert lines(site) == [*wrong, ("pin_refused", "1001", None), *again]
    assert WRONG not in str(site.store.read(lambda tx: tx.rows("SELECT * FROM journal")))


def test_guessing_from_many_terminals_at_once_gives_no_more_tries(site: Site, clock: ManualClock) -> None:
    def guess(_terminal: int) -> list[str]:
        # Each thread has a connection of its own.
        return attempts(Site(site.store, clock), 4)

    with ThreadPoolExecutor(4) as terminals:
        codes = [code for found in terminals.map(guess, range(4)) for code in found]
    assert (codes.count("wrong_pin"), codes.count("pin_wait")) == (5, 11)
    assert attempt(site) == "pin_wait"


def test_one_pin_tried_over_all_numbers_slows_every_check_and_locks_nobody_out(
    site: Site, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(signing, "sleep", slept.append)
    others = ("1003", "1004", "1005", "2001", "3001", "4001")
    for staff in others:
        signing.sign_on(site, staff, PIN)
    for _round in range(3):
        assert [attempt(site, staff=staff) for staff in others] == ["wrong_pin"] * len(others)
    assert attempt(site) == "wrong_pin"
    assert attempt(site, staff="1003") == "wrong_pin"
    assert slept == []
    assert attempt(site, PIN, "1002") == "in"
    assert slept == [signing.HALL_WAIT_S]
    clock.advance(signing.HALL_WITHIN_S)
    assert attempt(site, PIN, "1002") == "in"
    assert len(slept) == 2
    clock.advance(0.001)
    assert attempt(site, PIN, "1002") == "in"
    assert len(slept) == 2


def test_the_wait_is_told_in_words() -> None:
    def said(wait_s: int) -> str:
        return Refusal("pin_wait", staff="1001", wait_s=wait_s).message

    assert "120 秒" in said(120)
    assert "3 分" in said(121)
    assert "15 分" in said(900)


@pytest.mark.parametrize(("tries", "wait_s"), [(0, 0), (2, 0), (3, 10), (4, 20), (5, 25), (10_000, 25)])
def test_the_hall_says_how_many_and_how_long(tries: int, wait_s: int) -> None:
    assert signing.wait_s(Desks(pin_tries=3, pin_wait_s=10, pin_longest_s=25), tries) == wait_s
