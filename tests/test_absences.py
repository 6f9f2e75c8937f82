"""Who leaves, who is asked to cover, what is empty and for how long. Every test runs on both stores."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from jiaohao.queue import calling, day, issuing, leaving, moving, presence, questions, relocating, seating
from jiaohao.queue.accounts import accounts, emptiness
from jiaohao.queue.floor import WindowView
from jiaohao.queue.incidents import incidents
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.queue.show import find_ticket
from jiaohao.queue.site import Site
from jiaohao.store import absences, planning, posts, seats
from jiaohao.store.opening import open_store
from jiaohao.store.staff_values import Absence, Attempt, Consent, Leave
from jiaohao.store.values import Covering, Post
from refusing import refused
from small_hall import open_site, small_hall, sqlite_site

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.store.values import Seat

MINUTE = 60
CHAIN = (("B", "1005"), ("lead", "4001"))
"""Who may cover window 1 of the small hall, in the order in which they are asked."""


@pytest.fixture
def seated(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock]:
    """The small hall with its residents at windows 1 to 4; 1005, their stand-in, is free."""
    site, _clock = hall_site
    for window in "1234":
        seating.sit(site, window, f"100{window}")
    return hall_site


def window(site: Site, code: str) -> WindowView:
    found = read_floor(site)[0].window(code)
    assert found is not None
    return found


def open_absences(site: Site) -> list[Absence]:
    today = site.today()
    return site.store.read(lambda tx: absences.still_open(tx, today))


def seats_now(site: Site) -> list[Seat]:
    today = site.today()
    return site.store.read(lambda tx: seats.still_taken(tx, today))


def asked(site: Site, absence: Absence) -> list[tuple[str, str, str | None]]:
    found: list[Attempt] = site.store.read(lambda tx: absences.attempts(tx, absence.id))
    return [(one.post, one.staff, one.answer) for one in found]


# --- leaving, and the chain ---------------------------------------------------------------------------------


@pytest.mark.rule("AB-2")
def test_leaving_says_why_until_when_and_who_agreed_and_asks_the_stand_in_first(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    refused("not_allowed", leaving.leave, site, "1", reason="meeting", approved_by="1001")
    refused("not_allowed", leaving.leave, site, "1", reason="meeting", approved_by="1002")
    refused("unknown_staff", leaving.leave, site, "1", reason="meeting", approved_by="9")
    leaving.leave(site, "1", reason="meeting", back="10:50", approved_by="4001", handover="A012 等材料")
    (absence,) = open_absences(site)
    assert (absence.reason, absence.approved_by, absence.post) == ("meeting", "4001", "A")
    assert (absence.from_ms, absence.back_ms) == (clock.now_ms(), clock.now_ms() + 45 * 60_000)
    assert asked(site, absence) == [("B", "1005", None)]
    seen = window(site, "1")
    assert (seen.state, seen.cover, seen.comes, seen.back_ms) == ("absent", "B", False, absence.back_ms)
    assert list(leaving.notes_for(site, "1", "1005")) == ["A012 等材料"]


@pytest.mark.rule("AB-2", "AB-3", "AB-7")
def test_the_chain_is_asked_one_after_another_and_each_attempt_is_kept(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    leaving.leave(site, "1", reason="sick")
    (absence,) = open_absences(site)
    clock.advance(5 * MINUTE - 1)
    assert not leaving.watch(site)
    assert asked(site, absence) == [("B", "1005", None)]
    clock.advance(1)
    assert leaving.watch(site)
    assert not leaving.watch(site)
    assert asked(site, absence) == [("B", "1005", "no_answer"), ("lead", "4001", None)]
    leaving.cover(site, "1", staff="4001")
    assert (window(site, "1").cover, window(site, "1").comes) == ("lead", True)
    seating.sit(site, "1", "4001")
    assert asked(site, absence)[1] == ("lead", "4001", "came")
    seen = window(site, "1")
    assert (seen.state, seen.post, seen.is_covered) == ("free", "lead", True)
    refused("no_cover_needed", leaving.cover, site, "1", staff="1005")


@pytest.mark.rule("AB-2", "AB-7")
def test_nobody_needs_to_look_for_the_chain_to_have_been_asked_in_time(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    began_ms = clock.now_ms()
    leaving.leave(site, "1", reason="sick")
    clock.advance(60 * MINUTE)
    leaving.watch(site)
    (absence,) = open_absences(site)
    found = site.store.read(lambda tx: absences.attempts(tx, absence.id))
    assert [(one.staff, (one.at_ms - began_ms) // 60_000) for one in found] == [("1005", 0), ("4001", 5)]
    assert [one.answer for one in found] == ["no_answer", "no_answer"]


@pytest.mark.rule("AB-2")
def test_of_two_terminals_that_ask_the_next_at_once_one_does(
    hall_pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, clock = open_site(hall_pg_url)
    other = Site(open_store(hall_pg_url, "qh"), clock)
    seating.sit(site, "1", "1001")
    leaving.leave(site, "1", reason="sick")
    clock.advance(5 * MINUTE)
    real, looks = presence.due, itertools.count(1)

    def due(*args: Any) -> presence.Paging:
        paging = real(*args)
        if next(looks) == 2:  # the first has looked, and is about to write
            assert leaving.watch(other)
        return paging

    monkeypatch.setattr(presence, "due", due)
    assert not leaving.watch(site)
    assert asked(site, open_absences(site)[0]) == [("B", "1005", "no_answer"), ("lead", "4001", None)]
    other.store.close()
    site.store.close()


@pytest.mark.rule("AB-2")
def test_who_is_busy_or_on_leave_is_passed_over_and_who_declines_is_followed_at_once(
    seated: tuple[Site, ManualClock],
) -> None:
    site, _clock = seated
    seating.sit(site, "5", "1005")
    leaving.leave(site, "1", reason="private")
    (first,) = open_absences(site)
    assert asked(site, first) == [("B", "1005", "elsewhere"), ("lead", "4001", None)]
    leaving.leave(site, "5", reason="short")
    seating.sit(site, "1", "1001")
    site.store.transact(
        lambda tx: planning.LEAVES.add(
            tx, Leave(0, "1005", "2026-11-24", "2026-11-25", "sick", "4001", 0, None)
        )
    )
    leaving.leave(site, "2", reason="private")
    second = open_absences(site)[-1]
    assert asked(site, second)[0] == ("B", "1005", "on_leave")
    leaving.cover(site, "2", staff="4001", comes=False)
    assert asked(site, second) == [("B", "1005", "on_leave"), ("lead", "4001", "declined")]
    refused("not_posted", leaving.cover, site, "2", staff="1003")


@pytest.mark.rule("AB-2")
def test_who_is_back_takes_the_seat_with_the_ticket_in_hand_and_reads_what_was_left(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    number = issuing.issue(site, "A").number
    leaving.leave(site, "1", reason="official", approved_by="4001")
    seating.sit(site, "1", "1005")
    refused("already_seated", seating.sit, site, "1", "4001")
    calling.call(site, "1")
    calling.start(site, "1")
    leaving.hand_back(site, "1", staff="1005", note="已补材料")
    clock.advance(20 * MINUTE)
    seating.sit(site, "1", "1001")
    seen = window(site, "1")
    assert (seen.staff, seen.is_covered, seen.ticket and seen.ticket.number) == ("1001", False, number)
    assert open_absences(site) == []
    assert list(leaving.notes_for(site, "1", "1001")) == ["已补材料"]
    (told,) = accounts(site, site.today(), site.today())
    assert (told.minutes, told.uncovered_min, told.covered_by_post) == (20, 0, "B")
    assert told.covered_ms == told.absence.from_ms


@pytest.mark.rule("AB-2")
@pytest.mark.parametrize(
    ("in_hand", "state", "queue"),
    [("hold", "held", "A"), ("back", "waiting", "A"), ("finish", "finished", "A")],
)
def test_the_ticket_in_hand_is_never_lost(
    seated: tuple[Site, ManualClock], in_hand: str, state: str, queue: str
) -> None:
    site, clock = seated
    before = questions.receive(site, "A", staff="2001")
    clock.advance(MINUTE)
    calling.call(site, "1")
    calling.start(site, "1")
    refused("window_busy", leaving.leave, site, "1", reason="short")
    assert window(site, "1").is_manned
    leaving.leave(site, "1", reason="short", in_hand=in_hand)
    after, _journal = find_ticket(site, before.number)
    assert (after.state, after.queue, after.place_ms) == (state, "A", before.place_ms)
    if in_hand == "back":
        assert calling.call(site, "2").number == before.number


# --- the state of a window, one truth -----------------------------------------------------------------------


@pytest.mark.rule("AB-6")
def test_a_terminal_that_dies_leaves_its_window_empty_within_a_minute(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001", alive=True)
    seating.sit(site, "2", "1002")  # by a command: nobody expects it to tell that it is alive
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    for _beat in range(4):
        clock.advance(15)
        assert seating.beat(site, "1", "1001")
    last_ms = clock.now_ms()
    clock.advance(45)
    assert window(site, "1").state == "called"
    clock.advance(1)
    seen = window(site, "1")
    assert (seen.state, seen.absent_since_ms) == ("absent", last_ms)  # seen before anybody wrote it down
    assert seen.ticket is not None
    assert seen.ticket.number == number  # and the ticket is where it was
    leaving.watch(site)
    (absence,) = open_absences(site)
    assert (absence.reason, absence.from_ms, absence.staff) == ("terminal", last_ms, "1001")
    assert window(site, "2").is_manned
    clock.advance(60)
    assert seating.beat(site, "1", "1001")  # back soon: the seat again, without a new sign-on
    assert window(site, "1").state == "called"
    assert open_absences(site) == []


@pytest.mark.rule("AB-6")
def test_a_terminal_that_comes_back_late_or_to_a_taken_seat_signs_on_anew(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    for code in "12":
        seating.sit(site, code, f"100{code}", alive=True)
    clock.advance(MINUTE)
    seating.sit(site, "1", "1005", alive=True)  # a lapsed seat can be covered though nobody wrote it down
    assert not seating.beat(site, "1", "1001")
    leaving.watch(site)
    clock.advance(10 * MINUTE)
    assert not seating.beat(site, "2", "1002")
    seating.sit(site, "2", "1002", alive=True)
    assert window(site, "2").is_manned


@pytest.mark.rule("AB-6")
def test_a_terminal_that_starts_anew_knows_its_seat_for_a_while(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001", alive=True, op="mine")
    clock.advance(9 * MINUTE)
    leaving.watch(site)
    assert seating.resume(site, "2", "mine") is None
    assert seating.resume(site, "1", "somebody else's") is None
    found = seating.resume(site, "1", "mine")
    assert found is not None
    assert (found.no, window(site, "1").is_manned) == ("1001", True)
    clock.advance(11 * MINUTE)
    assert seating.resume(site, "1", "mine") is None
    seating.sit(site, "1", "1001", alive=True, op="again")
    leaving.leave(site, "1", reason="short")
    assert seating.resume(site, "1", "again") is None  # who left signs on anew


@pytest.mark.rule("AB-6")
def test_a_pause_that_outlives_its_limit_is_an_absence_from_its_beginning(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    began_ms = clock.now_ms()
    seating.pause(site, "1", back="10:15")
    clock.advance(15 * MINUTE)
    assert window(site, "1").state == "paused"
    clock.advance(1)
    assert (window(site, "1").state, window(site, "1").absent_since_ms) == ("absent", began_ms)
    leaving.watch(site)
    (absence,) = open_absences(site)
    assert (absence.reason, absence.from_ms) == ("overrun", began_ms)
    seating.pause(site, "2")
    clock.advance(16 * MINUTE)
    seating.go_on(site, "2")  # back before anybody had looked: it was an absence all the same
    told = [one for one in accounts(site, site.today(), site.today()) if one.absence.window == "2"]
    assert [(one.absence.reason, one.minutes) for one in told] == [("overrun", 16)]
    assert window(site, "2").state == "free"


@pytest.mark.rule("AB-6")
def test_who_waits_only_there_is_seen_and_moved_in_one_step(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    before = [questions.receive(site, "B", staff="2001") for _ in range(3)]
    sent = issuing.issue(site, "A").number
    calling.call(site, "1")
    moving.transfer(site, sent, window="3", note="医保")
    leaving.leave(site, "3", reason="meeting")
    floor = read_floor(site)[0]
    assert [ticket.number for ticket in floor.only_at("3")] == [sent]  # window 4 serves line B too
    assert [view.code for view in floor.carries("4")] == ["3"]
    leaving.leave(site, "4", reason="meeting")
    floor = read_floor(site)[0]
    assert {t.number for t in floor.only_at("3")} == {sent, *(one.number for one in before)}
    refused("no_cover_needed", relocating.move_waiting, site, "2", "1")
    clock.advance(MINUTE)
    moved = relocating.move_waiting(site, "3", "1", numbers=[before[0].number], staff="2001", op="once")
    again = relocating.move_waiting(site, "3", "1", numbers=[before[0].number], staff="2001", op="once")
    assert [one.number for one in moved] == [one.number for one in again] == [before[0].number]
    assert (moved[0].queue, moved[0].place_ms) == ("@1", before[0].place_ms)
    assert calling.call(site, "1").number == before[0].number
    relocating.move_waiting(site, "3", "2", staff="2001")
    assert read_floor(site)[0].only_at("3") == ()
    assert [calling.call(site, "2").number] == [before[1].number]
    refused("nothing_waiting", relocating.move_waiting, site, "3", "1")


@pytest.mark.rule("AB-6", "Q-9")
def test_a_window_that_only_helps_leaves_nobody_who_cannot_be_moved(
    seated: tuple[Site, ManualClock],
) -> None:
    site, _clock = seated  # window 3 helps line A once more than ten wait in it
    waiting = [issuing.issue(site, "A").number for _ in range(5)]
    leaving.leave(site, "2", reason="sick")
    leaving.leave(site, "1", reason="sick")
    refused("nothing_waiting", calling.call, site, "3")
    assert [ticket.number for ticket in read_floor(site)[0].only_at("1")] == waiting
    assert [one.number for one in relocating.move_waiting(site, "1", "3", staff="2001")] == waiting
    assert calling.call(site, "3").number == waiting[0]


# --- who may sit where --------------------------------------------------------------------------------------


@pytest.mark.rule("AB-4", "AB-5")
def test_without_a_post_only_both_consents_open_a_window(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    leaving.leave(site, "3", reason="sick", approved_by="4001")
    leaving.leave(site, "2", reason="short")
    refused("not_posted", seating.sit, site, "3", "1002")

    def agree(side: str, by: str) -> None:
        consent = Consent(0, "1002", "3", side, by, "2026-11-24", "2026-11-25", clock.now_ms(), None)
        site.store.transact(lambda tx: planning.CONSENTS.add(tx, consent))

    agree("department", "1003")
    refused("consent_required", seating.sit, site, "3", "1002")
    agree("centre", "4001")
    seating.sit(site, "3", "1002")
    assert window(site, "3").post == "consent"
    assert [one.kind for one in incidents(site, site.today(), site.today(), staff="4001")].count(
        "exception"
    ) == 1
    clock.advance(2 * 86_400)
    refused("not_posted", seating.sit, site, "3", "1002")


@pytest.mark.rule("AB-4")
def test_the_authorised_person_is_let_in_as_an_exception_on_record(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    described = replace(site.hall, posts=(*site.hall.posts, Post("1", "authorised", "3001")))
    describe(site.store, described, clock)
    site.reload()
    seating.sit(site, "1", "3001")
    (found,) = [
        one for one in incidents(site, site.today(), site.today(), staff="4001") if one.kind == "exception"
    ]
    assert (found.window, found.staff, found.post, found.department) == ("1", "3001", "authorised", "rs")


@pytest.mark.rule("AB-4", "AB-6")
def test_of_two_who_sit_down_at_once_one_has_the_seat(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    for round_ in range(4):
        seating.sit(site, "1", "1001")
        leaving.leave(site, "1", reason="short")

        def take(staff: str) -> str:
            try:
                seating.sit(site, "1", staff)
            except Refusal as refusal:
                return refusal.code
            finally:
                site.store.close()
            return staff

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(take, ["1005", "4001"]))
        assert len([seat for seat in seats_now(site) if seat.window == "1"]) == 1, round_
        assert max(answers) == "already_seated"
        seating.sit(site, "1", "1001")
        leaving.leave(site, "1")


@pytest.mark.rule("AB-9")
def test_the_history_of_a_post_has_its_days(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    clock.advance(10 * 86_400)
    kept = tuple(post for post in site.hall.posts if (post.window, post.post) != ("1", "A"))
    described = replace(site.hall, posts=(Post("1", "A", "1004", "2026-01-05"), *kept))
    describe(site.store, described, clock)
    terms = site.store.read(lambda tx: posts.history(tx, "1"))
    assert [(t.staff, t.from_day, t.to_day) for t in terms if t.post == "A"] == [
        ("1004", "2026-01-05", None),
        ("1001", "2026-11-24", "2026-12-04"),
    ]
    assert site.store.read(lambda tx: posts.held_since(tx, "1", "A", "1004")) == "2026-01-05"


# --- what it counts as --------------------------------------------------------------------------------------


@pytest.fixture
def office_hours(tmp_path: Path) -> tuple[Site, ManualClock]:
    """The small hall from nine to twelve and from one to five, on weekdays; its residents sit at 10:05."""
    hall = small_hall(spans_min=((540, 720), (780, 1020)), weekdays=(1, 2, 3, 4, 5))
    site, clock = sqlite_site(tmp_path, hall)
    for code in "1234":
        seating.sit(site, code, f"100{code}")
    return site, clock


@pytest.mark.rule("AB-8")
@pytest.mark.parametrize(
    ("minutes", "approved_by", "counts_as"),
    [
        (119, None, "to_be_determined"),
        (120, None, "half_day"),
        (210, None, "half_day"),
        (211, None, "to_be_determined"),
        (150, "4001", None),
    ],
)
def test_leaving_without_consent_counts_by_the_rule(
    office_hours: tuple[Site, ManualClock], minutes: int, approved_by: str | None, counts_as: str | None
) -> None:
    site, clock = office_hours
    leaving.leave(site, "1", reason="study", approved_by=approved_by)
    assert accounts(site, site.today(), site.today())[0].counts_as is None  # not over
    # Lunch is nobody's absence.
    clock.advance((minutes + (60 if minutes > 115 else 0)) * MINUTE)
    seating.sit(site, "1", "1001")
    (told,) = accounts(site, site.today(), site.today())
    assert (told.minutes, told.counts_as) == (minutes, counts_as)
    kinds = [
        one.kind for one in incidents(site, site.today(), site.today(), staff="4001") if one.staff == "1001"
    ]
    assert kinds == ([counts_as] if counts_as else [])
    site.store.close()


@pytest.mark.rule("AB-8", "HR-1")
def test_leaving_before_lunch_and_returning_after_it_counts_what_lies_in_opening_hours(
    office_hours: tuple[Site, ManualClock],
) -> None:
    site, clock = office_hours
    clock.advance(110 * MINUTE)  # 11:55
    leaving.leave(site, "1", reason="private")
    clock.advance(75 * MINUTE)  # 13:10
    seating.sit(site, "1", "1001")
    (told,) = accounts(site, site.today(), site.today())
    assert (told.minutes, told.uncovered_min) == (15, 15)
    empty = [one for one in emptiness(site, site.today(), site.today()) if one.window == "1"]
    assert [one.minutes for one in empty] == [65, 5, 10]
    site.store.close()


@pytest.mark.rule("AB-2", "AB-7", "HR-1")
def test_nobody_is_asked_to_cover_while_the_hall_is_closed(office_hours: tuple[Site, ManualClock]) -> None:
    site, clock = office_hours
    clock.advance(110 * MINUTE)  # 11:55
    leaving.leave(site, "1", reason="sick")
    clock.advance(3 * MINUTE)
    leaving.leave(site, "2", reason="sick")
    leaving.cover(site, "2", staff="1005", comes=False)
    first, second = open_absences(site)
    clock.advance(30 * MINUTE)  # 12:28
    assert not leaving.watch(site)
    leaving.cover(site, "2", staff="4001", comes=False)
    clock.advance(36 * MINUTE)  # 13:04: there was no time to answer yet
    assert not leaving.watch(site)
    assert asked(site, first) == [("B", "1005", None)]
    clock.advance(MINUTE)
    assert leaving.watch(site)
    found = site.store.read(lambda tx: absences.attempts(tx, first.id))
    assert [(one.staff, one.answer, one.at_ms - clock.now_ms()) for one in found] == [
        ("1005", "no_answer", -70 * 60_000),
        ("4001", None, 0),
    ]
    assert found[0].answered_ms == clock.now_ms()
    assert asked(site, second) == [("B", "1005", "declined"), ("lead", "4001", "declined")]
    site.store.close()


@pytest.mark.rule("AB-2", "AB-7", "HR-1")
def test_who_lapses_as_the_hall_closes_is_covered_from_its_opening_on(
    office_hours: tuple[Site, ManualClock],
) -> None:
    site, clock = office_hours
    clock.advance(114 * MINUTE)  # 11:59
    seating.pause(site, "1")
    clock.advance(17 * MINUTE)  # 12:16
    leaving.watch(site)
    (absence,) = open_absences(site)
    assert asked(site, absence) == []
    clock.advance(45 * MINUTE)  # 13:01
    leaving.watch(site)
    (attempt,) = site.store.read(lambda tx: absences.attempts(tx, absence.id))
    assert (attempt.staff, attempt.answer, attempt.at_ms) == ("1005", None, clock.now_ms() - 60_000)
    site.store.close()


@pytest.mark.rule("AB-6", "HR-1")
def test_leaving_when_the_hall_is_closed_is_nobodys_absence(
    office_hours: tuple[Site, ManualClock],
) -> None:
    site, clock = office_hours
    clock.advance(7 * 3600)  # 17:05
    leaving.leave(site, "1")
    assert open_absences(site) == []
    leaving.leave(site, "2", reason="sick")
    assert open_absences(site) == []
    site.store.close()


@pytest.mark.rule("AB-8", "HR-1")
def test_a_terminal_that_is_switched_off_after_hours_is_nobodys_absence(
    office_hours: tuple[Site, ManualClock],
) -> None:
    site, clock = office_hours
    clock.advance(6 * 3600 + 54 * MINUTE)  # 16:59
    seating.sit(site, "1", "1001", alive=True)
    seating.sit(site, "2", "1002", alive=True)
    clock.advance(30)
    assert seating.beat(site, "2", "1002")
    clock.advance(6.5 * MINUTE)  # 17:06
    assert seating.beat(site, "1", "1001")
    clock.advance(2 * MINUTE)
    leaving.watch(site)
    day.close_day(site)
    told = accounts(site, site.today(), site.today())
    assert [(one.absence.window, one.minutes, one.counts_as) for one in told] == [
        ("2", 0, "to_be_determined"),  # it was silent before the hall closed
        ("1", 0, None),
    ]
    kinds = [(one.window, one.kind) for one in incidents(site, site.today(), site.today(), staff="4001")]
    assert ("1", "to_be_determined") not in kinds
    assert ("2", "to_be_determined") in kinds
    site.store.close()


@pytest.mark.rule("AB-6", "HR-2")
def test_no_absence_outlives_its_day(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    leaving.leave(site, "1", reason="sick", approved_by="4001")
    leaving.leave(site, "2", reason="sick", approved_by="4001")
    clock.advance(3600)
    day.close_day(site)
    assert open_absences(site) == []
    first = accounts(site, "2026-11-24", "2026-11-24")
    assert [one.minutes for one in first] == [60, 60]
    clock.advance(86_400)
    seating.sit(site, "3", "1003")
    leaving.leave(site, "3", reason="sick")
    clock.advance(86_400)
    seating.sit(site, "3", "1003")
    (told,) = accounts(site, "2026-11-25", "2026-11-25")
    assert told.minutes == 24 * 60 - 11 * 60 - 5  # from 11:05 to midnight, and not to the next morning


@pytest.mark.rule("AB-6")
def test_a_shift_goes_on_over_midnight_on_a_duty_day(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    clock.advance(13 * 3600 + 54 * MINUTE)  # 23:59
    seating.sit(site, "1", "1001", alive=True)
    clock.advance(30)
    assert seating.beat(site, "1", "1001")
    clock.advance(31)
    assert site.today() == "2026-11-25"
    assert seating.beat(site, "1", "1001")
    assert window(site, "1").is_manned
    assert not seating.beat(site, "2", "1002")
    told = accounts(site, "2026-11-24", "2026-11-25")
    assert told == ()


@pytest.mark.rule("AB-8")
def test_a_clock_set_back_makes_no_absence_negative(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    leaving.leave(site, "1", reason="short")
    clock.advance(-10 * MINUTE)
    leaving.watch(site)
    seating.sit(site, "1", "1001")
    (told,) = accounts(site, site.today(), site.today())
    assert (told.minutes, told.uncovered_min, told.counts_as) == (0, 0, "to_be_determined")
    assert window(site, "1").is_manned


# --- what is reported ---------------------------------------------------------------------------------------


@pytest.mark.rule("AB-7")
def test_long_empty_windows_are_counted_and_twice_is_reported_higher(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    for minutes in (29, 30, 45):
        leaving.leave(site, "3", reason="private", approved_by="4001")
        clock.advance(minutes * MINUTE)
        seating.sit(site, "3", "1003")
        clock.advance(MINUTE)
    told = incidents(site, site.today(), site.today(), department="yb", staff="4001")
    found = [one for one in told if one.kind == "empty"]
    # The first is the night before the hall was manned.
    assert [(one.minutes, one.times, one.is_higher) for one in found] == [
        (634, 3, True),
        (30, 3, True),
        (45, 3, True),
    ]


@pytest.mark.rule("AB-7")
def test_leave_of_two_days_to_which_nobody_was_sent_is_reported_with_its_attempts(
    office_hours: tuple[Site, ManualClock],
) -> None:
    site, clock = office_hours
    described = replace(site.hall, posts=(*site.hall.posts, Post("1", "authorised", "3001")))
    describe(site.store, described, clock)
    site.reload()
    leaving.leave(site, "1", reason="sick", approved_by="4001")
    clock.advance(20 * MINUTE)
    leaving.watch(site)
    leave = Leave(0, "1001", "2026-11-24", "2026-11-25", "sick", "4001", 0, None)
    site.store.transact(lambda tx: planning.LEAVES.add(tx, leave))
    clock.advance(86_400)
    found = [
        one for one in incidents(site, "2026-11-24", "2026-11-25", staff="4001") if one.kind == "nobody_sent"
    ]
    assert [(one.window, one.staff, one.attempts) for one in found] == [("1", "1001", 1)]
    seating.sit(site, "1", "1005")
    assert not [
        one for one in incidents(site, "2026-11-24", "2026-11-25", staff="4001") if one.kind == "nobody_sent"
    ]
    site.store.close()


@pytest.mark.rule("AB-7")
def test_leave_over_the_end_of_a_month_to_which_nobody_was_sent_is_reported(
    office_hours: tuple[Site, ManualClock],
) -> None:
    site, clock = office_hours

    def unsent(from_day: str, to_day: str) -> list[tuple[str, str]]:
        told = incidents(site, from_day, to_day, staff="4001")
        return [(one.window, one.day) for one in told if one.kind == "nobody_sent"]

    def of_december() -> list[str]:
        told = incidents(site, "2026-12-01", "2026-12-31", staff="4001")
        return [one.kind for one in told if one.day < "2026-12-01"]

    for no in ("1001", "1002"):
        leave = Leave(0, no, "2026-11-30", "2026-12-01", "sick", "4001", 0, None)
        site.store.transact(lambda tx, leave=leave: planning.LEAVES.add(tx, leave))
    clock.advance(6 * 86_400)  # Monday
    seating.sit(site, "2", "1005")
    assert unsent("2026-11-01", "2026-11-30") == []  # one day so far
    clock.advance(86_400)
    assert unsent("2026-11-01", "2026-11-30") == [("1", "2026-11-30")]
    assert unsent("2026-12-01", "2026-12-31") == [("1", "2026-12-01")]
    assert of_december() == []
    site.store.close()


@pytest.mark.rule("AB-2")
def test_the_figures_of_absence_are_the_halls_own(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    describe(site.store, replace(site.hall, covering=Covering(page_min=1, pause_min=2)), clock)
    site.reload()
    seating.sit(site, "1", "1001")
    seating.pause(site, "1")
    clock.advance(121)
    assert window(site, "1").state == "absent"
    leaving.watch(site)
    clock.advance(60)
    leaving.watch(site)
    (absence,) = open_absences(site)
    assert asked(site, absence)[0] == (*CHAIN[0], "no_answer")
