"""A ticket's day: its number, its states, the order of calling. Every test runs on both stores."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import calling, issuing, leaving, moving, seating, states
from jiaohao.queue.reading import read_floor
from jiaohao.queue.setup import describe
from jiaohao.queue.show import find_ticket
from refusing import refused
from small_hall import small_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

Opened = "tuple[Site, ManualClock]"


@pytest.fixture
def seated(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock]:
    """The small hall with its first four windows manned."""
    site, _clock = hall_site
    for window in "1234":
        seating.sit(site, window, f"100{window}")
    return hall_site


@pytest.mark.rule("Q-1")
def test_numbers_run_from_001_without_gap_and_past_999(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    assert [issuing.issue(site, "A").number for _ in range(3)] == ["A001", "A002", "A003"]
    assert issuing.issue(site, "B").number == "B001"
    site.store.transact(lambda tx: tx.run("UPDATE numbers SET last = 998 WHERE line = 'A'"))
    assert [issuing.issue(site, "A").number for _ in range(3)] == ["A999", "A1000", "A1001"]


@pytest.mark.rule("Q-1")
def test_a_refused_issue_leaves_no_gap(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    issuing.issue(site, "A")
    refused("unknown_priority", issuing.issue, site, "A", priority="nobody")
    refused("unknown_line", issuing.issue, site, "Z")
    refused("unknown_matter", issuing.issue, site, "A", matter="none")
    refused("wrong_line", issuing.issue, site, "B", matter="rs-001")
    assert issuing.issue(site, "A").number == "A002"


@pytest.mark.rule("Q-3")
def test_the_whole_way_of_a_ticket_is_in_the_journal(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    number = issuing.issue(site, "A", matter="rs-001", staff="2001").number
    clock.advance(60)
    assert calling.call(site, "1").state == states.CALLED
    assert calling.start(site, "1").state == states.SERVING
    assert calling.hold(site, "1").state == states.HELD
    assert moving.resume(site, number, "1").state == states.SERVING
    clock.advance(300)
    done = calling.finish(site, "1", kind="promised")
    assert (done.state, done.kind, done.occupied_ms) == (states.FINISHED, "promised", 300_000)
    ticket, entries = find_ticket(site, number.lower())
    assert ticket == done
    assert [e.event for e in entries] == ["issued", "called", "started", "held", "resumed", "finished"]
    assert [(e.from_state, e.to_state) for e in entries] == [
        (None, "waiting"), ("waiting", "called"), ("called", "serving"),
        ("serving", "held"), ("held", "serving"), ("serving", "finished"),
    ]  # fmt: skip
    assert [e.staff for e in entries] == ["2001"] + ["1001"] * 5


@pytest.mark.rule("Q-3")
def test_no_step_leads_from_a_state_that_is_not_its_own(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    one, two = (issuing.issue(site, "A").number for _ in range(2))
    for number, verb in itertools.product((one,), (moving.requeue,)):
        refused("wrong_state", verb, site, number)
    refused("wrong_state", moving.resume, site, one, "1")
    refused("wrong_state", moving.transfer, site, one, line="B")
    for verb in (calling.recall, calling.start, calling.hold, calling.miss, calling.finish):
        refused("wrong_state", verb, site, "1")
    calling.call(site, "1")
    refused("wrong_state", calling.hold, site, "1")
    refused("wrong_state", calling.finish, site, "1")
    calling.start(site, "1")
    refused("wrong_state", calling.recall, site, "1")
    refused("wrong_state", calling.miss, site, "1")
    refused("wrong_state", moving.cancel, site, one)
    calling.finish(site, "1")
    refused("wrong_state", moving.cancel, site, one)
    assert moving.cancel(site, two).state == states.CANCELLED


@pytest.mark.rule("Q-4")
@pytest.mark.rule("OP-2")
def test_a_window_calls_one_ticket_and_only_of_its_lines(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    issuing.issue(site, "B")
    refused("nothing_waiting", calling.call, site, "1")
    first = calling.call(site, "3")
    assert (first.number, first.window, first.calls) == ("B001", "3", 1)
    issuing.issue(site, "B")
    refused("window_busy", calling.call, site, "3")
    refused("unknown_window", calling.call, site, "99")
    leaving.leave(site, "1")
    refused("not_seated", calling.call, site, "1")


@pytest.mark.rule("Q-5")
def test_missed_after_three_calls_then_behind_three_then_only_by_the_guide(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    missed = issuing.issue(site, "A").number
    calling.call(site, "1")
    for _ in range(2):
        refused("wrong_state", calling.miss, site, "1")
        calling.recall(site, "1")
    others = []
    for _ in range(5):
        clock.advance(10)
        others.append(issuing.issue(site, "A").number)
    assert calling.miss(site, "1").state == states.MISSED
    assert moving.requeue(site, missed).state == states.WAITING
    floor, _forecast = read_floor(site)
    assert [ticket.number for ticket in floor.waiting] == [*others[:3], missed, *others[3:]]
    for number in others[:3]:
        assert calling.call(site, "1").number == number
        calling.start(site, "1")
        calling.finish(site, "1")
    assert calling.call(site, "1").calls == 1
    calling.recall(site, "1")
    calling.recall(site, "1")
    calling.miss(site, "1")
    refused("requeued_before", moving.requeue, site, missed)
    refused("requeued_before", moving.requeue, site, missed, staff="1001")
    assert moving.requeue(site, missed, staff="2001").requeues == 2


@pytest.mark.rule("Q-5")
def test_behind_none_is_before_all_who_wait(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    calls = replace(site.hall.calling, calls_before_missed=1, requeue_behind=0)
    describe(site.store, replace(site.hall, calling=calls), clock)
    site.reload()
    missed = issuing.issue(site, "A").number
    calling.call(site, "1")
    calling.miss(site, "1")
    clock.advance(10)
    others = [issuing.issue(site, "A").number for _ in range(2)]
    moving.requeue(site, missed)
    assert [ticket.number for ticket in read_floor(site)[0].waiting] == [missed, *others]


@pytest.mark.rule("Q-6")
def test_priority_is_a_head_start_or_always_first_and_says_who_checked(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    early = issuing.issue(site, "A", staff="2001")
    assert early.checked_by is None
    clock.advance(31 * 60)
    plain = issuing.issue(site, "A")
    clock.advance(60)
    veteran = issuing.issue(site, "A", priority="veteran", staff="2001")
    urgent = issuing.issue(site, "A", priority="urgent", staff="2001")
    assert veteran.checked_by == "2001"
    floor, _forecast = read_floor(site)
    assert [t.number for t in floor.waiting] == [t.number for t in (urgent, early, veteran, plain)]


@pytest.mark.rule("FR-4")
def test_a_transfer_keeps_number_and_wait(seated: tuple[Site, ManualClock]) -> None:
    site, clock = seated
    moved = issuing.issue(site, "A")
    clock.advance(600)
    waiting_there = issuing.issue(site, "B")
    calling.call(site, "1")
    calling.start(site, "1")
    onward = moving.transfer(site, moved.number, line="B", note="医保\x1b[31m业务")
    assert (onward.number, onward.place_ms, onward.state, onward.line) == (
        moved.number, moved.place_ms, states.WAITING, "B",
    )  # fmt: skip
    assert calling.call(site, "3").number == moved.number
    assert find_ticket(site, moved.number)[1][-2].note == "医保[31m业务"
    assert calling.call(site, "4").number == waiting_there.number


@pytest.mark.rule("OP-2")
def test_a_transfer_to_a_window_is_called_by_that_window_alone(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    refused("same_place", moving.transfer, site, number, window="1")
    refused("unknown_window", moving.transfer, site, number, window="99")
    refused("unknown_line", moving.transfer, site, number, line="Z")
    moving.transfer(site, number, window="2")
    refused("nothing_waiting", calling.call, site, "1")
    assert calling.call(site, "2").number == number
    assert moving.transfer(site, number, window="4").line == "C"
    assert calling.call(site, "4").number == number


@pytest.mark.rule("Q-9")
def test_a_flex_window_helps_only_past_the_mark(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    for _ in range(10):
        issuing.issue(site, "A")
    refused("nothing_waiting", calling.call, site, "3")
    issuing.issue(site, "A")
    assert calling.call(site, "3").number == "A001"
    calling.start(site, "3")
    calling.finish(site, "3")
    refused("nothing_waiting", calling.call, site, "3")


@pytest.mark.rule("Q-10")
def test_each_step_can_be_undone_for_a_minute_and_the_journal_keeps_both(
    seated: tuple[Site, ManualClock],
) -> None:
    site, clock = seated
    number = issuing.issue(site, "A").number
    refused("too_late_to_undo", moving.undo, site, number)
    steps = [
        lambda: calling.call(site, "1"),
        lambda: calling.start(site, "1"),
        lambda: calling.hold(site, "1"),
        lambda: moving.resume(site, number, "2"),
        lambda: calling.finish(site, "2"),
    ]
    for step in steps:
        before = find_ticket(site, number)[0]
        after = step()
        clock.advance(60)
        assert moving.undo(site, number) == before
        refused("too_late_to_undo", moving.undo, site, number)
        assert step()._replace(at_window_ms=None, occupied_ms=0) == after._replace(
            at_window_ms=None, occupied_ms=0, ended_ms=step_end(site, number)
        )
    clock.advance(61)
    refused("too_late_to_undo", moving.undo, site, number)
    events = [entry.event for entry in find_ticket(site, number)[1]]
    assert events.count("undone") == len(steps)


def step_end(site: Site, number: str) -> int | None:
    """When the ticket ended, if it did."""
    return find_ticket(site, number)[0].ended_ms


@pytest.mark.rule("Q-10")
@pytest.mark.rule("Q-4")
def test_an_undo_never_puts_two_tickets_at_one_window(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    one, _two = (issuing.issue(site, "A").number for _ in range(2))
    calling.call(site, "1")
    calling.start(site, "1")
    calling.finish(site, "1")
    calling.call(site, "1")
    refused("window_busy", moving.undo, site, one)
    calling.start(site, "1")
    calling.finish(site, "1")
    leaving.leave(site, "1")
    refused("not_seated", moving.undo, site, one)


@pytest.mark.rule("Q-3")
def test_a_repeated_operation_does_nothing_twice(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    first = issuing.issue(site, "A", op="one")
    assert issuing.issue(site, "A", op="one") == first
    called = calling.call(site, "1", op="two")
    assert calling.call(site, "1", op="two") == called
    again = calling.recall(site, "1", op="three")
    assert calling.recall(site, "1", op="three") == again
    assert [entry.event for entry in find_ticket(site, first.number)[1]] == ["issued", "called", "recalled"]
    assert issuing.issue(site, "A").number == "A002"


@pytest.mark.rule("Q-8")
def test_the_slip_says_what_the_visitor_may_expect(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    issuing.issue(site, "A")
    ticket = issuing.issue(site, "A")
    floor, _forecast = read_floor(site)
    text = issuing.slip(site.hall, floor, ticket)
    for part in (site.hall.name, "社会保险", "A002", "2026-11-24 10:05"):
        assert part in text
    assert floor.ahead_of(ticket) == 1


def test_a_held_ticket_is_resumed_only_where_its_line_is_served(seated: tuple[Site, ManualClock]) -> None:
    site, _clock = seated
    number = issuing.issue(site, "A").number
    issuing.issue(site, "A")
    calling.call(site, "1")
    calling.start(site, "1")
    calling.hold(site, "1")
    refused("line_not_served", moving.resume, site, number, "4")
    calling.call(site, "2")
    refused("window_busy", moving.resume, site, number, "2")
    seating.pause(site, "1")
    refused("window_paused", moving.resume, site, number, "1")
    seating.go_on(site, "1")
    assert moving.resume(site, number, "1").window == "1"


def test_a_line_that_no_window_serves_takes_nobody(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    hall = small_hall()
    assert {line.code for line in hall.lines} == site.directory.served_lines
