"""Who sits where, what a window shows, and signing on by PIN. Every test runs on both stores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import argon2
import pytest

from jiaohao.queue import calling, issuing, leaving, seating, signing
from jiaohao.queue.audit import audit
from jiaohao.queue.floor import WindowView
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.store import journal

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site


def code_of(work: object, *args: object, **kwargs: object) -> str:
    """The promised code of the refusal that an operation answers."""
    with pytest.raises(Refusal) as caught:
        work(*args, **kwargs)  # type: ignore[operator]
    return caught.value.code


def window(site: Site, code: str) -> WindowView:
    """A window as the floor shows it now."""
    found = read_floor(site)[0].window(code)
    assert found is not None
    return found


@pytest.mark.rule("AB-4")
def test_only_who_has_a_post_there_sits_down(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    assert code_of(seating.sit, site, "1", "1002") == "not_posted"
    assert code_of(seating.sit, site, "1", "9999") == "unknown_staff"
    assert code_of(seating.sit, site, "99", "1001") == "unknown_window"
    seating.sit(site, "1", "1005")
    assert (window(site, "1").post, window(site, "1").staff) == ("B", "1005")


def test_one_person_sits_at_one_window_and_one_window_has_one_person(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall_site
    seating.sit(site, "1", "1005")
    seating.sit(site, "1", "1005")
    assert code_of(seating.sit, site, "1", "1001") == "already_seated"
    assert code_of(seating.sit, site, "2", "1005") == "already_seated"
    leaving.leave(site, "1")
    seating.sit(site, "2", "1005")
    assert code_of(leaving.leave, site, "1") == "not_seated"


@pytest.mark.rule("AB-4")
def test_who_sat_at_a_window_that_the_hall_no_longer_has_sits_down_elsewhere(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1005")
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    clock.advance(60)
    windows = tuple(window for window in site.hall.windows if window.code != "1")
    posts = tuple(post for post in site.hall.posts if post.window != "1")
    describe(site.store, replace(site.hall, windows=windows, posts=posts), clock)
    site.reload()
    assert code_of(leaving.leave, site, "1") == "unknown_window"
    seating.sit(site, "2", "1005")
    assert window(site, "2").staff == "1005"
    assert calling.call(site, "2").number == number
    assert list(audit(site.store)) == []


def test_the_states_of_a_window(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    assert window(site, "1").state == "absent"
    seating.sit(site, "1", "1001")
    assert window(site, "1").state == "free"
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    called = window(site, "1")
    assert (called.state, called.ticket and called.ticket.number) == ("called", number)
    assert code_of(leaving.leave, site, "1") == "window_busy"
    assert code_of(seating.pause, site, "1") == "window_busy"
    calling.start(site, "1")
    assert window(site, "1").state == "serving"
    calling.finish(site, "1")
    seating.pause(site, "1", back="10:30")
    assert window(site, "1").state == "paused"
    assert code_of(calling.call, site, "1") == "window_paused"
    assert code_of(seating.pause, site, "1") == "window_paused"
    seating.go_on(site, "1")
    seating.go_on(site, "1")
    assert window(site, "1").state == "free"
    clock.advance(60)
    leaving.leave(site, "1", reason="meeting", back="10:50")
    left = window(site, "1")
    assert (left.state, left.post) == ("absent", None)
    assert left.absent_since_ms == clock.now_ms()
    assert left.back_ms == clock.now_ms() + 44 * 60_000


def test_where_to_go_instead_of_an_absent_window(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    seating.sit(site, "2", "1002")
    seating.sit(site, "4", "1004")
    assert window(site, "1").go_to == ("2",)
    assert window(site, "3").go_to == ("4",)
    seating.pause(site, "2")
    assert window(site, "1").go_to == ()


@pytest.mark.parametrize("text", ["25:00", "soon", "", "09:00"])
def test_an_expected_return_is_a_time_still_to_come(hall_site: tuple[Site, ManualClock], text: str) -> None:
    site, _clock = hall_site
    seating.sit(site, "1", "1001")
    assert code_of(leaving.leave, site, "1", back=text) == "wrong_time"
    assert window(site, "1").is_manned


def test_the_first_sign_on_sets_the_pin(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    assert not signing.has_pin(site, "1001")
    for weak in ("12345", "abcdef", "１２３４５６", ""):
        assert code_of(signing.sign_on, site, "1001", weak) == "weak_pin"
    assert signing.sign_on(site, "1001", "135790").no == "1001"
    assert signing.has_pin(site, "1001")
    assert code_of(signing.sign_on, site, "1001", "135791") == "wrong_pin"
    assert code_of(signing.sign_on, site, "9999", "135790") == "unknown_staff"
    assert signing.sign_on(site, "1001", "135790").role == "counter"


def test_only_a_manager_clears_a_pin(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    signing.sign_on(site, "1001", "135790")
    assert code_of(signing.reset_pin, site, "1001", manager="2001") == "not_allowed"
    signing.reset_pin(site, "1001", manager="4001")
    assert signing.sign_on(site, "1001", "246800").no == "1001"
    events = [e.event for e in site.store.read(lambda tx: journal.latest(tx, site.today(), 9))]
    assert events[:3] == ["pin_set", "pin_reset", "pin_set"]


def test_the_pin_is_nowhere_in_the_database_as_it_was_typed(
    hall_site: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what stands there instead costs a thief 64 MiB and three passes for each guess."""
    site, _clock = hall_site
    monkeypatch.setattr(argon2, "PasswordHasher", type(argon2.PasswordHasher()))  # not the tests' cheap one
    signing.sign_on(site, "1001", "135790")
    rows = site.store.read(lambda tx: tx.rows("SELECT hash FROM pins") + tx.rows("SELECT note FROM journal"))
    assert "135790" not in str(rows)
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in str(rows)
