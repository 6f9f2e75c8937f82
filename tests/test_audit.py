"""What a hall's tables say against its journal: whole days are found whole, each planted mistake is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from every_operation import DAY, EVERY_S, HALL
from jiaohao.queue import calling, day, issuing, leaving, moving, questions, seating
from jiaohao.queue.audit import audit
from jiaohao.queue.findings import DIFFERS, MISSING, NO_STEP, NONSENSE, TAKEN, UNTOLD
from jiaohao.queue.setup import describe
from jiaohao.queue.simulation import Plan, simulate
from jiaohao.tui import main as command
from small_hall import MORNING, open_site, small_hall
from test_simulation import DAY as PLAYED
from test_simulation import MIDNIGHT, OFFICE_HOURS

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.findings import Finding
    from jiaohao.queue.site import Site
    from jiaohao.store.base import Tx

TODAY = MORNING.date().isoformat()


def found(site: Site) -> list[Finding]:
    """What the audit of all days finds."""
    return list(audit(site.store))


def kinds(site: Site) -> set[tuple[str, str, str]]:
    """Of each finding about whom it is, its kind and what it is about."""
    return {(one.about, one.kind, one.what) for one in found(site)}


def plant(site: Site, *statements: str) -> None:
    """Change the tables behind the program's back."""

    def work(tx: Tx) -> None:
        for sql in statements:
            tx.run(sql)

    site.store.transact(work)


def every_step(site: Site, clock: ManualClock) -> None:
    """The day in which every operation is done."""
    for at, step in enumerate(DAY):
        clock.advance(EVERY_S)
        step(site, f"step-{at}")


@pytest.fixture
def morning(hall_site: tuple[Site, ManualClock]) -> Site:
    """A003 is called to window 1; A001 was served there, A002 is held, an enquiry came with A004."""
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    for _ in range(3):
        issuing.issue(site, "A")
    questions.receive(site, "A", staff="2001")
    for end in (calling.finish, calling.hold):
        clock.advance(60)
        calling.call(site, "1")
        calling.start(site, "1")
        end(site, "1")
    calling.call(site, "1")
    calling.recall(site, "1")
    seating.sit(site, "2", "1002")
    clock.advance(60)
    leaving.leave(site, "2", reason="meeting")
    return site


@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_a_day_of_every_operation_is_whole(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    describe(site.store, HALL, clock)
    for at, step in enumerate(DAY):
        clock.advance(EVERY_S)
        step(site, f"step-{at}")
        assert found(site) == [], step.name


@pytest.mark.rule("Q-2", "HR-2")
def test_a_night_between_two_days_is_whole(morning: Site, hall_site: tuple[Site, ManualClock]) -> None:
    _site, clock = hall_site
    clock.advance(86_400)
    issuing.issue(morning, "A")
    assert found(morning) == []
    clock.advance(-86_400)
    seating.sit(morning, "1", "1001")
    assert found(morning) == []
    clock.advance(86_400)
    day.close_day(morning)
    assert found(morning) == []


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_played_day_is_whole(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = (
        f"sqlite:///{tmp_path / 'hall.db'}" if store == "sqlite" else request.getfixturevalue("fresh_pg_url")
    )
    site, clock = open_site(url, small_hall(spans_min=OFFICE_HOURS), start=MIDNIGHT)
    simulate(site, clock, Plan(150, None, 3, PLAYED))
    assert found(site) == []
    site.store.close()


PLANTED = {
    # tickets
    "a state": ("UPDATE tickets SET state = 'missed' WHERE number = 'A002'", ("A002", DIFFERS, "state")),
    "a window": ("UPDATE tickets SET window_code = '2' WHERE number = 'A003'", ("A003", DIFFERS, "window")),
    "a line": ("UPDATE tickets SET line = 'B' WHERE number = 'A001'", ("A001", DIFFERS, "line")),
    "a queue": ("UPDATE tickets SET queue = '@2' WHERE number = 'A003'", ("A003", DIFFERS, "queue")),
    "a place": ("UPDATE tickets SET place_ms = 1 WHERE number = 'A002'", ("A002", DIFFERS, "place_ms")),
    "calls": ("UPDATE tickets SET calls = 1 WHERE number = 'A003'", ("A003", DIFFERS, "calls")),
    "requeues": ("UPDATE tickets SET requeues = 1 WHERE number = 'A001'", ("A001", DIFFERS, "requeues")),
    "a kind": ("UPDATE tickets SET kind = 'joint' WHERE number = 'A001'", ("A001", DIFFERS, "kind")),
    "time at a window": (
        "UPDATE tickets SET occupied_ms = 7 WHERE number = 'A001'", ("A001", DIFFERS, "occupied_ms")
    ),
    "an end": ("UPDATE tickets SET ended_ms = 7 WHERE number = 'A001'", ("A001", DIFFERS, "ended_ms")),
    "an issue": ("UPDATE tickets SET issued_ms = 7 WHERE number = 'A001'", ("A001", DIFFERS, "issued_ms")),
    "a number without a line": (
        ("INSERT INTO tickets(service_day, number, line, queue, priority, state, place_ms, calls, requeues, "
        f"issued_ms, occupied_ms) VALUES('{TODAY}', 'B001', 'B', 'B', 'normal', 'waiting', 1, 0, 0, 1, 0)"),
        ("B001", UNTOLD, "tickets"),
    ),
    # numbers
    "a number too many": ("UPDATE numbers SET last = 5", ("A005", UNTOLD, "numbers")),
    "a number far too many": ("UPDATE numbers SET last = 2000000000", ("A005", UNTOLD, "numbers")),
    "a number too few": ("UPDATE numbers SET last = 3", ("A004", MISSING, "numbers")),
    # calls
    "a call lost": ("DELETE FROM calls WHERE number = 'A002'", ("A002", MISSING, "calls")),
    "a call at another time": ("UPDATE calls SET at_ms = 7 WHERE number = 'A002'", ("A002", UNTOLD, "calls")),
    "a call counted wrongly": ("UPDATE calls SET times = 3 WHERE times = 2", ("A003", UNTOLD, "calls")),
    "a call twice": (
        ("INSERT INTO calls(service_day, ticket, number, window_code, at_ms, times) "
        "SELECT service_day, ticket, number, window_code, at_ms, times FROM calls WHERE number = 'A001'"),
        ("A001", UNTOLD, "calls"),
    ),
    # the day
    "a day closed": (f"INSERT INTO days VALUES('{TODAY}', 7)", ("", UNTOLD, "days")),
    # seats
    "a seat given up": ("UPDATE seats SET to_ms = 7 WHERE window_code = '1'", ("1", MISSING, "seats")),
    "a seat ended by a night that was not": (
        "UPDATE seats SET to_ms = 7, reason = 'new_day' WHERE window_code = '1'", ("1", UNTOLD, "seats")
    ),
    "somebody else in a seat": (
        "UPDATE seats SET staff = '1005' WHERE window_code = '1'", ("1", UNTOLD, "seats")
    ),
    "another end of a seat": ("UPDATE seats SET to_ms = 7 WHERE window_code = '2'", ("2", UNTOLD, "seats")),
    "a seat without a line": (
        ("INSERT INTO seats(service_day, window_code, staff, post, from_ms) "
        f"VALUES('{TODAY}', '3', '1003', 'A', 7)"),
        ("3", UNTOLD, "seats"),
    ),
    # absences
    "an absence without a line": (
        "UPDATE absences SET reason = 'illness'", ("2 1002", UNTOLD, "absences")
    ),
    "an absence begun at another time": ("UPDATE absences SET from_ms = 7", ("2 1002", UNTOLD, "absences")),
    "an absence that nothing ended": ("UPDATE absences SET to_ms = 7", ("2 1002", DIFFERS, "absences to_ms")),
    # enquiries
    "an enquiry without a line": (
        ("INSERT INTO enquiries(service_day, opened_ms, channel, first_responder, state, owner) "
        f"VALUES('{TODAY}', 7, 'phone', '2001', 'open', '2001')"),
        ("{enquiry}", UNTOLD, "enquiries"),
    ),
    "an enquiry opened at another time": (
        "UPDATE enquiries SET opened_ms = 7", ("{enquiry}", UNTOLD, "enquiries")
    ),
    "an acceptance without a line": (
        "UPDATE referrals SET accepted_ms = 7, accepted_by = '1001'",
        ("{enquiry}", UNTOLD, "referrals accepted_ms"),
    ),
    "a reply without a line": ("UPDATE enquiries SET replied_ms = 7", ("{enquiry}", UNTOLD, "replied_ms")),
}  # fmt: skip


@pytest.mark.rule("Q-3")
@pytest.mark.parametrize("what", PLANTED)
def test_each_change_behind_the_program_is_found(morning: Site, what: str) -> None:
    assert found(morning) == []
    statement, (about, kind, column) = PLANTED[what]
    plant(morning, statement)
    enquiry = morning.store.read(lambda tx: tx.rows("SELECT max(id) FROM enquiries"))[0][0]
    assert (about.format(enquiry=enquiry), kind, column) in kinds(morning)


_LINE = (
    "INSERT INTO journal(op, at_ms, service_day, event, ticket, number, window_code, staff, from_state, "
    "to_state, note, before_change) SELECT 'planted', at_ms + 1, service_day, '{event}', ticket, number, "
    "{words} FROM journal WHERE number = '{number}' AND event = 'issued'"
)


def line(number: str, event: str, *rest: str | None) -> str:
    """A line of the journal about a number: window, staff, the states, the note, what was before."""
    words = ", ".join("NULL" if word is None else f"'{word}'" for word in rest)
    return _LINE.format(number=number, event=event, words=words)


def seat_line(event: str, window: str, staff: str, note: str | None) -> str:
    """A line of the journal about a seat."""
    said = "NULL" if note is None else f"'{note}'"
    return (
        "INSERT INTO journal(op, at_ms, service_day, event, window_code, staff, note) "
        f"VALUES('planted', 7, '{TODAY}', '{event}', '{window}', '{staff}', {said})"
    )


LINES = {
    "a step that there is not": (
        line("A004", "started", "1", None, "waiting", "serving", None, None), ("A004", NO_STEP, "started")
    ),
    "a step from where it does not stand": (
        line("A004", "finished", "1", None, "serving", "finished", "spot", None),
        ("A004", NO_STEP, "finished"),
    ),
    "a step to where it does not lead": (
        line("A004", "cancelled", None, None, "waiting", "missed", None, None), ("A004", NO_STEP, "cancelled")
    ),
    "a number issued twice": (
        line("A004", "issued", None, None, None, "waiting", None, None), ("A004", DIFFERS, "issued")
    ),
    "a step taken back that was not taken": (
        line("A002", "undone", "1", None, "held", "serving", "finished", None), ("A002", NO_STEP, "undone")
    ),
    "two at a window": (
        line("A004", "called", "1", None, "waiting", "called", None, None), ("A004", TAKEN, "called")
    ),
    "what was before it is not what was": (
        line("A004", "cancelled", None, None, "waiting", "cancelled", None,
             json.dumps(["A", "A", "waiting", None, 1, 9, 0, None, 0, None, None])),
        ("A004", DIFFERS, "journal {journal} calls"),
    ),
    "what was before it cannot be read": (
        line("A004", "cancelled", None, None, "waiting", "cancelled", None, "x"),
        ("A004", DIFFERS, "journal {journal} before_change"),
    ),
    "two in a seat": (seat_line("sat", "1", "1005", "B"), ("1 1005", NO_STEP, "sat")),
    "nobody who left": (seat_line("left", "3", "1003", "short - 7"), ("3 1003", NO_STEP, "left")),
    "nobody who goes on": (seat_line("went_on", "2", "1002", None), ("2 1002", NO_STEP, "went_on")),
    "a seat lost nobody knows when": (seat_line("lost", "1", "1001", None), ("1 1001", NO_STEP, "lost")),
    "a terminal lost without an absence": (
        seat_line("lost", "1", "1001", "7"), ("1 1001", MISSING, "absences")
    ),
    "a day that is not closed": (seat_line("day_closed", "1", "1001", None), ("", MISSING, "days")),
    "an enquiry that is not there": (seat_line("enquired", "1", "1001", "99"), ("99", MISSING, "enquiries")),
    "a reply that is not there": (
        seat_line("replied", "1", "1001", "{enquiry}"), ("{enquiry}", DIFFERS, "replied_ms")
    ),
}  # fmt: skip


@pytest.mark.rule("Q-3")
@pytest.mark.parametrize("what", LINES)
def test_each_line_that_cannot_be_true_is_found(morning: Site, what: str) -> None:
    statement, (about, kind, column) = LINES[what]
    newest = "SELECT max({}) FROM {}"
    enquiry = morning.store.read(lambda tx: tx.rows(newest.format("id", "enquiries")))[0][0]
    plant(morning, statement.replace("{enquiry}", str(enquiry)))
    journal = morning.store.read(lambda tx: tx.rows(newest.format("id", "journal")))[0][0]
    assert (about.format(enquiry=enquiry), kind, column.format(journal=journal)) in kinds(morning)


@pytest.mark.rule("Q-10")
def test_a_step_taken_back_leaves_the_ticket_as_it_was(morning: Site) -> None:
    moving.cancel(morning, "A003")
    moving.undo(morning, "A002")
    assert found(morning) == []
    plant(morning, "UPDATE tickets SET occupied_ms = 60000 WHERE number = 'A002'")
    assert kinds(morning) == {("A002", DIFFERS, "occupied_ms")}


@pytest.mark.rule("Q-2", "HR-2")
def test_nobody_waits_on_a_closed_day(morning: Site) -> None:
    day.close_day(morning)
    assert found(morning) == []
    plant(morning, "DELETE FROM days")
    issuing.issue(morning, "A")
    plant(morning, f"INSERT INTO days VALUES('{TODAY}', 7)")
    assert kinds(morning) == {("A005", NO_STEP, "day_closed"), ("", DIFFERS, "closed_ms")}


@pytest.mark.rule("AB-2")
def test_an_absence_ends_when_its_window_is_taken_again(morning: Site) -> None:
    seating.sit(morning, "2", "1002")
    assert found(morning) == []
    plant(morning, "UPDATE absences SET to_ms = NULL")
    assert kinds(morning) == {("2 1002", DIFFERS, "absences to_ms")}


@pytest.mark.rule("Q-3")
def test_what_no_operation_writes_is_found_and_the_other_days_are_looked_at(
    morning: Site, hall_site: tuple[Site, ManualClock]
) -> None:
    _site, clock = hall_site
    clock.advance(86_400)
    issuing.issue(morning, "A")
    plant(
        morning,
        seat_line("enquired", "1", "1001", "9" * 5000),
        "UPDATE numbers SET last = 9 WHERE service_day = (SELECT max(service_day) FROM numbers)",
    )
    assert {(one.day > TODAY, one.kind) for one in found(morning)} >= {(False, NONSENSE), (True, UNTOLD)}


def test_every_day_is_looked_at_and_named(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    days = []
    for _ in range(3):
        days.append(site.today())
        issuing.issue(site, "A")
        clock.advance(86_400)
    plant(site, "UPDATE numbers SET last = 2")
    assert [(one.day, one.about) for one in found(site)] == [(name, "A002") for name in days]


CONFIG = '[hall]\ncode = "qh"\ndatabase = "sqlite:///hall.db"\n'


@pytest.mark.parametrize("deep", [False, True])
def test_the_command_says_so(
    *, deep: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site, _clock = open_site(f"sqlite:///{tmp_path / 'hall.db'}")
    issuing.issue(site, "A")
    words = ["check", "--json", "--database", f"sqlite:///{tmp_path / 'hall.db'}", *["--deep"] * deep]
    monkeypatch.chdir(tmp_path)
    assert command.main(words) == 0
    plant(site, "UPDATE tickets SET calls = 3")
    capsys.readouterr()
    assert command.main(words) == (2 if deep else 0)
    problems = json.loads(capsys.readouterr().out)["problems"]
    said = [problem["message"] for problem in problems]
    assert said == ["2026-11-24 A001: calls 为 3, 按日志应为 0"] * deep
    site.store.close()
