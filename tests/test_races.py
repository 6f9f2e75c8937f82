"""Many processes on one hall at once: one ticket to one window, however many press (Q-1, Q-4)."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiaohao.queue import calling, day, issuing, leaving, seating
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import tickets
from jiaohao.store.base import Tx
from jiaohao.store.opening import known_migrations, open_store, require_current
from small_hall import open_site
from terminal import Answer, all_is_kept, at_once, audit, clerk_of, terminals, wide_hall

WINDOWS = 12
SITTING = "SELECT staff FROM seats WHERE window_code = ? AND to_ms IS NULL"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a hall can be laid, on each store."""
    if request.param == "postgres":
        return str(request.getfixturevalue("fresh_pg_url"))
    return f"sqlite:///{tmp_path / 'hall.db'}"


@pytest.fixture
def site(url: str) -> Iterator[Site]:
    """A hall with a dozen windows, each with its clerk."""
    opened, _clock = open_site(url, wide_hall(WINDOWS))
    for number in range(1, WINDOWS + 1):
        seating.sit(opened, str(number), clerk_of(str(number)))
    yield opened
    opened.store.close()


def faults(answers: list[list[Answer]]) -> list[Answer]:
    """What no race may bring."""
    return [answer for said in answers for answer in said if "fault" in answer]


def refusals(answers: list[list[Answer]]) -> Counter[str]:
    """What was refused, and how often."""
    return Counter(answer["refused"] for said in answers for answer in said if "refused" in answer)


@pytest.mark.rule("Q-1", "Q-4")
def test_a_dozen_issue_and_call_as_fast_as_they_can(site: Site, url: str, tmp_path: Path) -> None:
    rounds = 20
    with terminals(url, tmp_path, WINDOWS) as started:
        jobs = [{"job": "day", "window": str(number), "rounds": rounds} for number in range(1, WINDOWS + 1)]
        answers = at_once(started, jobs)
    assert faults(answers) == []
    audit(site)
    done = [answer for said in answers for answer in said if "did" in answer]
    all_is_kept(site, done)
    for verb in ("issue", "call"):
        numbers = [answer["number"] for answer in done if answer["did"] == verb]
        assert len(numbers) == len(set(numbers))
        assert len(numbers) == WINDOWS * rounds
    # Whoever calls has issued before, so that somebody waits at every moment, whoever is called.
    assert "nothing_waiting" not in refusals(answers)


@pytest.mark.rule("Q-4")
@pytest.mark.parametrize(
    ("comes_late", "lets_go", "told"),
    [(False, True, "A001"), (True, False, "A002"), (True, True, "A001"), (False, False, "nothing_waiting")],
)
def test_nobody_is_said_to_wait_no_more_while_another_window_is_still_calling(
    fresh_pg_url: str, *, comes_late: bool, lets_go: bool, told: str
) -> None:
    site, clock = open_site(fresh_pg_url, wide_hall(2))
    for window in ("1", "2"):
        seating.sit(site, window, clerk_of(window))
    issuing.issue(site, "A")
    other = Site(open_store(fresh_pg_url, "qh"), clock)
    answers: list[str] = []

    def call() -> None:
        try:
            answers.append(calling.call(other, "2").number)
        except Refusal as refusal:
            answers.append(refusal.code)

    calls = threading.Thread(target=call)

    def take(tx: Tx) -> None:
        taken = tickets.claim(tx, site.today(), "1", ("A",), (), 0, site.now_ms())
        assert taken is not None
        calls.start()
        while not tx.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert calls.is_alive()
        if comes_late:
            late = threading.Thread(
                target=issuing.issue, args=(Site(open_store(fresh_pg_url, "qh"), clock), "A")
            )
            late.start()
            late.join()
        if lets_go:
            raise LookupError("let go")

    with contextlib.suppress(LookupError):
        site.store.transact(take)
    calls.join()
    other.store.close()
    site.store.close()
    assert answers == [told]


@pytest.mark.rule("Q-4", "OP-2", "FR-9")
def test_who_is_sent_to_another_queue_at_this_moment_is_not_called_from_the_one_before(
    fresh_pg_url: str,
) -> None:
    site, clock = open_site(fresh_pg_url, wide_hall(2))
    for window in ("1", "2"):
        seating.sit(site, window, clerk_of(window))
    for _ in range(2):
        issuing.issue(site, "A")
    other = Site(open_store(fresh_pg_url, "qh"), clock)
    answers: list[str] = []
    calls = threading.Thread(target=lambda: answers.append(calling.call(other, "2").number))

    def send_on(tx: Tx) -> None:
        # The second is held too, so that the call has to wait for one of them.
        tx.rows("SELECT 1 FROM tickets WHERE number = 'A002' FOR UPDATE")
        tx.run("UPDATE tickets SET queue = '@1' WHERE number = 'A001'")
        calls.start()
        while not tx.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert calls.is_alive()

    site.store.transact(send_on)
    calls.join()
    other.store.close()
    site.store.close()
    assert answers == ["A002"]


@pytest.mark.rule("Q-3", "Q-4")
def test_any_key_at_any_window_at_once(site: Site, url: str, tmp_path: Path) -> None:
    with terminals(url, tmp_path, 8) as started:
        jobs = [{"job": "storm", "seed": seed, "rounds": 40, "windows": ["1", "2", "3"]} for seed in range(8)]
        answers = at_once(started, jobs)
    assert faults(answers) == []
    audit(site)
    all_is_kept(site, [answer for said in answers for answer in said])


@pytest.mark.rule("Q-1")
def test_whoever_asks_first_for_a_number_has_it_first(fresh_pg_url: str) -> None:
    site, clock = open_site(fresh_pg_url, wide_hall(1))
    guides = [Site(open_store(fresh_pg_url, "qh"), clock) for _guide in range(12)]
    numbers: dict[int, int | None] = {}

    def ask(place: int) -> None:
        def take(tx: Tx) -> int | None:
            # However long the others take to come.
            tx.run("SET LOCAL lock_timeout = 0")
            tx.run("SET LOCAL statement_timeout = 0")
            return tickets.next_number(tx, site.today(), "A")

        numbers[place] = guides[place].store.transact(take)
        guides[place].store.close()

    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    asking = [threading.Thread(target=ask, args=(place,)) for place in range(len(guides))]

    def hold(tx: Tx) -> None:
        tickets.next_number(tx, site.today(), "A")
        for place, one in enumerate(asking):
            one.start()
            while tx.rows(waiting) != [(place + 1,)]:
                assert one.is_alive()
                tx.run("SELECT pg_stat_clear_snapshot()")

    site.store.transact(hold)
    for one in asking:
        one.join()
    site.store.close()
    assert numbers == {place: place + 2 for place in range(len(guides))}


@pytest.mark.rule("Q-3")
def test_one_operation_sent_from_several_processes_is_done_once(site: Site, url: str, tmp_path: Path) -> None:
    rounds = 15
    with terminals(url, tmp_path, 4) as started:
        answers = at_once(started, [{"job": "same", "window": "1", "rounds": rounds}] * 4)
    assert faults(answers) == []
    assert not refusals(answers)
    told = [[(answer["op"], answer["number"]) for answer in said] for said in answers]
    assert told == [told[0]] * 4
    audit(site)
    tickets = site.store.read(lambda tx: tx.rows("SELECT number, state FROM tickets ORDER BY id"))
    assert tickets == [(f"A{count:03d}", "finished") for count in range(1, rounds + 1)]


@pytest.mark.rule("AB-4")
def test_of_those_who_sit_down_at_once_one_sits(site: Site, url: str, tmp_path: Path) -> None:
    for number in range(1, 6):
        leaving.leave(site, str(number))
    with terminals(url, tmp_path, 5) as started:
        for window, staff in (("1", ("1005", "4001", clerk_of("1"))), ("2", ("1005", "4001", clerk_of("2")))):
            jobs = [{"job": "one", "verb": "sit", "args": [window, staff[n % 3]]} for n in range(5)]
            answers = at_once(started, jobs)
            assert faults(answers) == []
            assert set(refusals(answers)) == {"already_seated"}
            sitting = site.store.read(lambda tx, window=window: tx.rows(SITTING, (window,)))
            assert len(sitting) == 1
            leaving.leave(site, window)
        jobs = [{"job": "one", "verb": "sit", "args": [str(number), "4001"]} for number in range(1, 6)]
        answers = at_once(started, jobs)
    assert faults(answers) == []
    assert sorted(len(said[0].get("refused", "")) > 0 for said in answers) == [False, True, True, True, True]


@pytest.mark.rule("Q-4")
def test_of_those_who_call_to_one_window_at_once_one_calls(site: Site, url: str, tmp_path: Path) -> None:
    with terminals(url, tmp_path, 4) as started:
        for _round in range(5):
            for _ in range(6):
                issuing.issue(site, "A")
            answers = at_once(started, [{"job": "one", "verb": "call", "args": ["1"]}] * 4)
            assert faults(answers) == []
            assert refusals(answers) == {"window_busy": 3}
            calling.start(site, "1")
            calling.finish(site, "1")
    audit(site)


@pytest.mark.rule("Q-2", "HR-2")
def test_the_morning_begins_for_all_at_once(url: str, tmp_path: Path) -> None:
    """What yesterday left open is closed once, though every clerk sits down in the same second."""
    yesterday, clock = open_site(url, wide_hall(WINDOWS))
    clock.advance(-86400)
    for _ in range(200):
        issuing.issue(yesterday, "A")
    with terminals(url, tmp_path, 8) as started:
        jobs = [{"job": "one", "verb": "sit", "args": [str(n), clerk_of(str(n))]} for n in range(1, 9)]
        answers = at_once(started, jobs)
    assert faults(answers) == []
    assert not refusals(answers)
    audit(yesterday)


@pytest.mark.rule("HR-2")
def test_closing_the_day_while_others_issue_leaves_nobody_waiting(
    site: Site, url: str, tmp_path: Path
) -> None:
    with terminals(url, tmp_path, 6) as started:
        for number, terminal in enumerate(started, 1):
            terminal.tell("day", window=str(number), rounds=60)
        for terminal in started:
            terminal.wait_until(lambda said: len(said) > 20)
        figures = day.close_day(site)
        answers = [terminal.result() for terminal in started]
    assert faults(answers) == []
    assert refusals(answers)["hall_closed"]
    audit(site)
    states = Counter(row[0] for row in site.store.read(lambda tx: tx.rows("SELECT state FROM tickets")))
    assert states == Counter(finished=figures["served"], unserved=figures["unserved"])


@pytest.mark.parametrize("count", [10])
def test_ten_that_lay_the_hall_at_once_lay_it_once(url: str, tmp_path: Path, count: int) -> None:
    with terminals(url, tmp_path, count) as started:
        answers = at_once(started, [{"job": "lay"}] * count)
    assert sorted(said[0]["created"] for said in answers) == [False] * (count - 1) + [True]
    assert {said[0]["schema"] for said in answers} == {len(known_migrations())}
    store = open_store(url, "qh")
    require_current(store)
    rows = "SELECT count(*) FROM journal WHERE event = 'hall_described'"
    assert store.read(lambda tx: tx.rows(rows)) == [(1,)]
    store.close()


@pytest.mark.slow
@pytest.mark.alone
def test_the_turns_to_write_are_fair(tmp_path: Path) -> None:
    """Jain's index of the operations of twenty processes that write all the time; 1 is quite fair."""
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    opened, _clock = open_site(url, wide_hall(WINDOWS))
    with terminals(url, tmp_path, 20) as started:
        answers = at_once(started, [{"job": "hammer", "seconds": 1.5}] * 20)
    counts = [said[0]["count"] for said in answers]
    assert sum(counts) ** 2 / (len(counts) * sum(count**2 for count in counts)) >= 0.95, counts
    audit(opened)
