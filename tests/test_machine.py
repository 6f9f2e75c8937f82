"""Walks through the operations of the floor in every order, held against the rules of ``model_hall``."""

# ruff: noqa: D102 - the name of a rule or an invariant is its sentence

from __future__ import annotations

import dataclasses
import itertools
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jiaohao.queue import calling, day, issuing, leaving, moving, seating
from jiaohao.queue.clock import ManualClock, local, to_ms
from jiaohao.queue.forecast import Forecast
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal
from jiaohao.store.opening import open_store
from jiaohao.store.values import Ticket
from model_hall import (
    CALLS_BEFORE_MISSED,
    FLEX_MARK,
    HEAD_START_MS,
    POSTED,
    REQUEUE_BEHIND,
    UNDO_MS,
    WINDOW_LINES,
    ModelHall,
)
from small_hall import MORNING, open_site, small_hall

# Small figures, so that a short walk comes to what a long day brings.
HALL = dataclasses.replace(
    small_hall(),
    calling=dataclasses.replace(
        small_hall().calling,
        flex_mark=FLEX_MARK,
        calls_before_missed=CALLS_BEFORE_MISSED,
        requeue_behind=REQUEUE_BEHIND,
    ),
    # Who forgets to go on is another story, told in test_absences.py.
    covering=dataclasses.replace(small_hall().covering, pause_min=100_000),
)
ZONE = HALL.timezone

WINDOWS = st.sampled_from(sorted(WINDOW_LINES))
LINES = st.sampled_from("AAABC")
PRIORITIES = st.sampled_from(["normal", "normal", "normal", *sorted(HEAD_START_MS)])

PICK = st.integers(0, 39)
"""Mostly who is fit for the step, now and then anybody at all."""
SECONDS = st.sampled_from([1, 5, 30, 59, 60, 61, 300, 1900])

SENSIBLE = {
    None: ("call",),
    "called": ("start", "recall", "miss", "start", "recall"),
    "serving": ("hold", "finish"),
}
"""What a clerk presses next, by the state of the ticket in hand."""

_TICKETS = (
    "SELECT service_day, number, line, queue, place_ms, state, window_code, calls, requeues, kind "
    "FROM tickets ORDER BY id"
)
_SEATS = (
    "SELECT service_day, window_code, staff, paused_ms FROM seats WHERE to_ms IS NULL ORDER BY window_code"
)
_JOURNAL = (
    "SELECT id, op, at_ms, service_day, event, ticket, number, from_state, to_state "
    "FROM journal WHERE id > ? "
    "AND event NOT IN ('enquired', 'referred', 'accepted', 'paged', 'page_answered') ORDER BY id"
)
_VISITS = (
    "SELECT tickets.state, enquiries.state, enquiries.owner FROM enquiries "
    "JOIN tickets ON tickets.id = enquiries.ticket"
)
_ENDED = {"finished", "cancelled", "unserved"}


class Walk(RuleBasedStateMachine):
    """One day after the other in a small hall; every step is taken in the store and in the model."""

    def __init__(self, opened: tuple[Site, ManualClock]) -> None:
        super().__init__()
        self.site, self.clock = opened
        self.clock.set_ms(to_ms(MORNING))
        self.model = ModelHall(self.clock.now_ms(), self.site.today())
        self.first_id = self.site.store.read(lambda tx: journal.pulse(tx, "")).journal_id
        self.written: list[tuple[Any, ...]] = []
        self.done: list[tuple[Callable[..., Any], str, str | None]] = []
        self.remembered = 0
        self.ops = itertools.count()

    def teardown(self) -> None:
        self.site.store.close()

    @initialize(count=st.sampled_from([4, 4, 4, 2, 0]))
    def the_day_begins(self, count: int) -> None:
        for window in "1234"[:count]:
            self.sit(window, 1)
        for line in "AAABBC":
            self.issue(line, "normal", 1)

    # Taking a step in both worlds

    def both(self, expected: str | None, step: Callable[..., Any]) -> Any:
        """Take the real step, which must end as the model did; gives its answer."""
        op = f"op{next(self.ops)}"
        try:
            answer = step(op=op)
        except Refusal as refusal:
            if refusal.code != expected:
                raise
            return None
        assert expected is None
        number = answer.number if isinstance(answer, Ticket) else None
        if len(self.model.journal) > self.remembered:
            self.done.append((step, op, number))
        self.remembered = len(self.model.journal)
        if isinstance(answer, Ticket):
            found = self.model.find(answer.number)
            assert found is not None
            assert (answer.state, answer.window, answer.place_ms) == (
                found.state,
                found.window,
                found.place_ms,
            )
        return answer

    def some(self, *states: str) -> bool:
        """Whether somebody is in one of these states today."""
        return any(ticket.state in states for ticket in self.model.today())

    def number_fit(self, pick: int, *states: str) -> str:
        """Today's number in one of these states, or any number, or none that there is."""
        today = self.model.today()
        fit = [ticket.number for ticket in today if ticket.state in states]
        moved = [ticket.number for ticket in today if ticket.state != "waiting"]
        return choose(fit, [*(moved or [ticket.number for ticket in today]), "A999"], pick)

    # The steps

    @rule(line=LINES, priority=PRIORITIES, count=st.integers(2, 6))
    def issue(self, line: str, priority: str, count: int) -> None:
        staff = None if priority == "normal" else "2001"
        for _ in range(count):
            self.pass_time_ms(7)
            expected = self.model.issue(line, priority)
            self.both(
                expected, lambda op: issuing.issue(self.site, line, priority=priority, staff=staff, op=op)
            )

    @rule(steps=st.lists(st.tuples(WINDOWS, st.integers(0, 4)), min_size=6, max_size=12))
    def clerks_work(self, steps: list[tuple[str, int]]) -> None:
        """What comes next at a window, whatever stands there."""
        for window, choice in steps:
            at = self.model.at_window(window)
            verbs = SENSIBLE[at.state if at else None]
            self.at_window(verbs[choice % len(verbs)], window)

    @rule(verb=st.sampled_from(["call", "recall", "start", "hold", "miss", "finish"]), window=WINDOWS)
    def clerk_presses_any_key(self, verb: str, window: str) -> None:
        self.at_window(verb, window)

    def at_window(self, verb: str, window: str) -> None:
        """A clerk's key, in both worlds."""
        if verb != "call":
            expected = self.model.work(verb, window)
            self.both(expected, lambda op: getattr(calling, verb)(self.site, window, op=op))
            return
        head = self.model.next_for(window)
        expected = self.model.call(window)
        answer = self.both(expected, lambda op: calling.call(self.site, window, op=op))
        if answer is not None:
            assert head is not None
            assert (answer.number, answer.service_day) == (head.number, self.model.day)

    @precondition(lambda self: self.some("held"))
    @rule(pick=PICK, where=PICK)
    def resume(self, pick: int, where: int) -> None:
        number = self.number_fit(pick, "held")
        free = [window for window in WINDOW_LINES if not self.model.at_window(window)]
        window = choose(free, sorted(WINDOW_LINES), where)
        expected = self.model.resume(number, window)
        self.both(expected, lambda op: moving.resume(self.site, number, window, op=op))

    @precondition(lambda self: self.some("missed"))
    @rule(pick=PICK, staff=st.sampled_from([None, "1001", "2001"]))
    def requeue(self, pick: int, staff: str | None) -> None:
        number = self.number_fit(pick, "missed")
        expected = self.model.requeue(number, staff)
        self.both(expected, lambda op: moving.requeue(self.site, number, staff=staff, op=op))
        if expected is None:
            self.stands_behind_three(number)

    def stands_behind_three(self, number: str) -> None:
        """Just behind three, or behind all when fewer wait (Q-5)."""
        waiting = read_floor(self.site, Forecast(0))[0].waiting
        mine = next(ticket for ticket in waiting if ticket.number == number)
        queue = [ticket for ticket in waiting if ticket.queue == mine.queue]
        if len({ticket.place_ms for ticket in queue}) == len(queue):
            assert queue.index(mine) == min(REQUEUE_BEHIND, len(queue) - 1)

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        number = self.number_fit(pick, "waiting", "called", "held")
        self.both(self.model.cancel(number), lambda op: moving.cancel(self.site, number, op=op))

    @precondition(lambda self: self.some("called", "serving"))
    @rule(
        pick=PICK,
        to=st.sampled_from([*({"line": line} for line in "ABC"), *({"window": w} for w in "123455")]),
    )
    def transfer(self, pick: int, to: dict[str, str]) -> None:
        number = self.number_fit(pick, "called", "serving")
        expected = self.model.transfer(number, **to)
        # With a note: going in circles is then counted, not refused (FR-9).
        self.both(expected, lambda op: moving.transfer(self.site, number, **to, note="转办", op=op))

    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        today = self.model.today()
        fit = [t.number for t in today if t.last[2] and self.model.now_ms - t.last[1] <= UNDO_MS]
        number = choose(fit, [*(t.number for t in today), "A999"], pick)
        expected = self.model.undo(number)
        self.both(expected, lambda op: moving.undo(self.site, number, op=op))

    @rule(window=WINDOWS, pick=PICK)
    def sit(self, window: str, pick: int) -> None:
        staff = choose([f"100{window}"], [*sorted(POSTED[window]), "1002", "3001"], pick)
        self.both(self.model.sit(window, staff), lambda op: seating.sit(self.site, window, staff, op=op))

    @precondition(lambda self: self.seats_now() < 5)
    @rule()
    def all_sit_down(self) -> None:
        for window in WINDOW_LINES:
            self.sit(window, 1)
            self.both(
                self.model.go_on(window), lambda op, window=window: seating.go_on(self.site, window, op=op)
            )

    def seats_now(self) -> int:
        """How many windows would call if somebody waited."""
        seats = [self.model.seat(window) for window in WINDOW_LINES]
        return sum(1 for seat in seats if seat and not seat.is_paused)

    @rule(verb=st.sampled_from(["leave", "pause", "go_on"]), window=WINDOWS)
    def clerk_rests(self, verb: str, window: str) -> None:
        expected = getattr(self.model, verb)(window)
        module = leaving if verb == "leave" else seating
        self.both(expected, lambda op: getattr(module, verb)(self.site, window, op=op))

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.pass_time_ms(seconds * 1000)

    @precondition(lambda self: len(self.done) > 25)
    @rule(rest_ms=st.sampled_from([-1, 0, 1, 3_600_000]))
    def the_day_turns(self, rest_ms: int) -> None:
        now = local(self.model.now_ms, ZONE)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000 + 86_400_000
        self.pass_time_ms(max(0, round(midnight) + rest_ms - self.model.now_ms))

    @precondition(lambda self: len(self.done) > 30)
    @rule()
    def close_day(self) -> None:
        self.model.close_day()
        answer = self.both(None, lambda op: day.close_day(self.site, op=op))
        states = Counter(ticket.state for ticket in self.model.today())
        assert answer == {
            "unserved": states["unserved"],
            "missed": states["missed"],
            "served": states["finished"],
        }

    @precondition(lambda self: self.done)
    @rule(back=st.integers(0, 5))
    def repeat_with_the_same_id(self, back: int) -> None:
        """A key pressed once and sent twice: nothing happens, and the answer is about the same ticket."""
        step, op, number = self.done[max(0, len(self.done) - 1 - back)]
        answer = step(op=op)
        if number is not None:
            assert answer.number == number

    def pass_time_ms(self, ms: int) -> None:
        """Time passes in both worlds."""
        self.clock.advance(ms / 1000)
        self.model.now_ms += ms
        self.model.day = local(self.model.now_ms, ZONE).date().isoformat()

    # What must hold after every step

    @invariant()
    def the_store_says_what_the_rules_say(self) -> None:
        found, seats = self.site.store.read(lambda tx: (tx.rows(_TICKETS), tx.rows(_SEATS)))
        assert found == [ticket.shown for ticket in self.model.tickets]
        sitting = [(*row[:3], row[3] is not None) for row in seats]
        assert sitting == [(s.day, w, s.staff, s.is_paused) for w, s in sorted(self.model.seats.items())]
        taken = [(row[0], row[6]) for row in found if row[5] in {"called", "serving"}]
        assert len(taken) == len(set(taken))
        numbers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in found:
            numbers[row[0], row[1][0]].append(row[1])
        for (_day, line), given in numbers.items():
            assert given == [f"{line}{count:03d}" for count in range(1, len(given) + 1)]

    @invariant()
    def the_journal_only_grows_and_tells_all(self) -> None:
        rows = self.site.store.read(lambda tx: tx.rows(_JOURNAL, (self.first_id,)))
        assert rows[: len(self.written)] == self.written
        self.written = rows
        assert [(row[3], row[4], row[6], row[7], row[8]) for row in rows] == self.model.journal
        state: dict[int, str] = {}
        for *_rest, ticket, _number, before, after in rows:
            if ticket is not None:
                assert state.get(ticket) == before
                state[ticket] = after
        tickets = self.site.store.read(lambda tx: tx.rows("SELECT id, state FROM tickets"))
        assert state == dict(tickets)

    @invariant()
    def somebody_answers_for_every_visit_until_it_ends(self) -> None:
        for ticket, enquiry, owner in self.site.store.read(lambda tx: tx.rows(_VISITS)):
            assert owner
            assert (enquiry == "closed") == (ticket in _ENDED)
            if ticket in {"called", "serving", "held"}:
                assert enquiry in {"open", "accepted"}

    @invariant()
    def the_floor_shows_the_order_of_calling(self) -> None:
        floor, _forecast = read_floor(self.site, Forecast(0))
        assert [t.number for t in floor.waiting] == [t.number for t in self.model.waiting()]
        for view in floor.windows:
            at, head = self.model.at_window(view.code), self.model.next_for(view.code)
            if view.is_manned:
                assert (view.ticket.number if view.ticket else None) == (at.number if at else None)
            coming = floor.next_for(view, 1, FLEX_MARK)
            assert [t.number for t in coming] == ([head.number] if head else [])


def choose(fit: list[str], anybody: list[str], pick: int) -> str:
    """One of those who are fit, most of the time."""
    among = fit if fit and pick % 4 else anybody
    return among[pick // 4 % len(among)]


def walk(opened: Callable[[], tuple[Site, ManualClock]], *, examples: int, steps: int = 60) -> None:
    """Walk; always the same walks, so that what fails here fails everywhere."""
    run_state_machine_as_test(
        lambda: Walk(opened()),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def on_sqlite(folder: Path) -> Callable[[], tuple[Site, ManualClock]]:
    """A fresh hall for each walk, copied from one that was laid once."""
    template, path = folder / "template.db", folder / "hall.db"
    open_site(f"sqlite:///{template}", HALL)[0].store.close()

    def opened() -> tuple[Site, ManualClock]:
        for old in folder.glob("hall.db*"):
            old.unlink()
        shutil.copy(template, path)
        clock = ManualClock(MORNING)
        return Site(open_store(f"sqlite:///{path}", HALL.code), clock), clock

    return opened


def on_postgres(url: str) -> Callable[[], tuple[Site, ManualClock]]:
    """The same hall swept clean for each walk."""
    site, clock = open_site(url, HALL)

    def opened() -> tuple[Site, ManualClock]:
        of_the_day = "tickets, calls, seats, journal, numbers, days, notice_numbers, remarks"
        without_guards = "SET LOCAL session_replication_role = replica"
        site.store.transact(lambda tx: (tx.run(without_guards), tx.run(f"TRUNCATE {of_the_day} CASCADE")))
        return site, clock

    return opened


FLOOR_RULES = pytest.mark.rule(
    "Q-1", "Q-2", "Q-3", "Q-4", "Q-5", "Q-6", "Q-9", "Q-10", "OP-2", "HR-2", "FR-4"
)


@FLOOR_RULES
def test_no_walk_leads_out_of_the_rules_on_sqlite(tmp_path: Path) -> None:
    walk(on_sqlite(tmp_path), examples=120)


@FLOOR_RULES
def test_no_walk_leads_out_of_the_rules_on_postgres(fresh_pg_url: str) -> None:
    walk(on_postgres(fresh_pg_url), examples=30)


@pytest.mark.slow
@FLOOR_RULES
def test_no_long_walk_leads_out_of_the_rules(tmp_path: Path) -> None:
    walk(on_sqlite(tmp_path), examples=300, steps=120)
