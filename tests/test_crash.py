"""Terminals killed, servers restarted, disks full: what was answered is kept, and the hall stays whole."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from jiaohao.queue import calling, issuing, moving, seating
from jiaohao.queue.reading import read_floor
from jiaohao.store.base import Tx
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store
from jiaohao.store.sqlite import SqliteStore
from own_server import OwnServer
from small_hall import open_site, sqlite_site
from terminal import ANSWER_S, Answer, Terminal, all_is_kept, audit, clerk_of, wide_hall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jiaohao.queue.site import Site

WINDOWS = 6


def busy_hall(url: str) -> Site:
    """A hall with six clerks at their windows."""
    site, _clock = open_site(url, wide_hall(WINDOWS))
    for number in range(1, WINDOWS + 1):
        seating.sit(site, str(number), clerk_of(str(number)))
    return site


def kill_them(url: str, folder: Path, *, seed: int, kills: int) -> list[Answer]:
    """Six terminals issue and call; one after the other is killed, and another takes its window."""
    rng = random.Random(seed)  # noqa: S311 - the same moments every time
    answers: list[Answer] = []
    windows = [str(number) for number in range(1, WINDOWS + 1)]
    working: dict[str, Terminal] = {}
    try:
        for window in windows:
            working[window] = Terminal(url, folder)
            working[window].tell("day", window=window, rounds=0)
        for _ in range(kills):
            window = rng.choice(windows)
            terminal = working[window]
            terminal.wait_until(lambda said: len(said) > 6)
            # Not a wait for anything: the very moment of the killing is what is tried.
            time.sleep(rng.uniform(0, 0.05))
            answers += terminal.kill()
            working[window] = Terminal(url, folder)
            working[window].tell("day", window=window, rounds=0)
        for terminal in working.values():
            terminal.wait_until(lambda said: len(said) > 6)
    finally:
        for terminal in working.values():
            answers += terminal.kill()
    return answers


def unhurt(site: Site, answers: list[Answer]) -> None:
    """Nothing answered is lost, nothing happened twice, and the hall goes on."""
    assert [answer for answer in answers if "fault" in answer] == []
    all_is_kept(site, answers)
    audit(site)
    issued = [answer["number"] for answer in answers if answer.get("did") == "issue"]
    assert len(issued) == len(set(issued)) > 0
    assert issuing.issue(site, "A").state == "waiting"
    audit(site)


@pytest.mark.slow
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
@pytest.mark.parametrize("seed", [1, 2])
def test_terminals_killed_on_sqlite_lose_nothing(tmp_path: Path, seed: int) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    site = busy_hall(url)
    answers = kill_them(url, tmp_path, seed=seed, kills=25)
    unhurt(site, answers)
    assert site.store.read(lambda tx: tx.rows("PRAGMA integrity_check")) == [("ok",)]
    site.store.close()


@pytest.mark.slow
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_terminals_killed_on_postgres_lose_nothing(fresh_pg_url: str, tmp_path: Path) -> None:
    site = busy_hall(fresh_pg_url)
    unhurt(site, kill_them(fresh_pg_url, tmp_path, seed=3, kills=25))
    site.store.close()


@pytest.mark.rule("Q-1", "Q-3")
def test_a_terminal_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    site = busy_hall(url)
    unhurt(site, kill_them(url, tmp_path, seed=4, kills=2))
    site.store.close()


# The server goes away


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    """A server of this file alone."""
    server = OwnServer()
    yield server
    server.end()


@pytest.fixture
def own_site(own_server: OwnServer) -> Iterator[Site]:
    """A new hall on the server that may go away."""
    with psycopg.connect(own_server.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS qh CASCADE")
    site = busy_hall(own_server.url)
    yield site
    site.store.close()


def insist(work: Callable[[], Any]) -> Any:
    """What a person does: press again while the store does not answer. Gives the answer."""
    end = time.monotonic() + ANSWER_S
    while time.monotonic() < end:
        try:
            return work()
        except Fault as fault:
            if fault.code != "store_unreachable":
                raise
            time.sleep(0.02)
    raise AssertionError("the store never came back")


def cut_all(url: str) -> int:
    """Let the server end every connection of the program; gives how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jiaohao'"
        )
        return len(rows.fetchall())


@pytest.mark.rule("Q-1")
def test_connections_cut_by_the_server_are_not_even_noticed(own_server: OwnServer, own_site: Site) -> None:
    for count in range(1, 6):
        assert issuing.issue(own_site, "A").number == f"A{count:03d}"
        assert cut_all(own_server.url) > 0
    audit(own_site)
    assert cut_all(own_server.url) > 0
    read_floor(own_site)


@pytest.mark.rule("Q-1", "Q-3")
def test_connections_cut_in_the_middle_give_one_ticket_for_one_operation(
    own_server: OwnServer, own_site: Site
) -> None:
    stop = threading.Event()

    def cut() -> None:
        rng = random.Random(5)  # noqa: S311 - the same moments every time
        while not stop.wait(rng.uniform(0.005, 0.03)):
            cut_all(own_server.url)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        for count in range(60):
            ticket = insist(lambda count=count: issuing.issue(own_site, "A", op=f"op-{count}"))
            assert ticket.number == f"A{count + 1:03d}"
            called = insist(lambda count=count: calling.call(own_site, "1", op=f"call-{count}"))
            assert called.number == ticket.number
            insist(lambda n=ticket.number, count=count: moving.cancel(own_site, n, op=f"cancel-{count}"))
    finally:
        stop.set()
        cutter.join()
    audit(own_site)


@pytest.mark.rule("Q-1", "Q-3")
@pytest.mark.parametrize(
    "closed",
    [
        # What the driver says where another thread of the program closes the pool.
        psycopg.InternalError("got no result from the query"),
        # A server that was frozen finds a transaction idle for too long, and ends its connection.
        psycopg.errors.IdleInTransactionSessionTimeout("terminating connection"),
    ],
)
def test_a_connection_closed_under_an_operation_costs_no_more_than_another_one(
    own_server: OwnServer, own_site: Site, monkeypatch: pytest.MonkeyPatch, closed: psycopg.Error
) -> None:
    closes, execute = [True], Tx.execute

    def closed_under(tx: Tx, sql: str, params: Sequence[object], **how: Any) -> object:
        if closes and sql.startswith("INSERT INTO journal"):
            closes.pop()
            assert cut_all(own_server.url) > 0
            raise closed
        return execute(tx, sql, params, **how)

    monkeypatch.setattr(Tx, "execute", closed_under)
    assert issuing.issue(own_site, "A").number == "A001"
    assert not closes
    audit(own_site)


@pytest.mark.rule("Q-1", "Q-3")
def test_a_server_stopped_and_started_is_found_again(own_server: OwnServer, own_site: Site) -> None:
    issuing.issue(own_site, "A", op="before")
    own_server.stop()
    with pytest.raises(Fault) as caught:
        issuing.issue(own_site, "A", op="meanwhile")
    assert caught.value.code == "store_unreachable"
    with pytest.raises(Fault):
        read_floor(own_site)
    own_server.start()
    assert insist(lambda: issuing.issue(own_site, "A", op="meanwhile")).number == "A002"
    assert issuing.issue(own_site, "A", op="meanwhile").number == "A002"
    assert insist(lambda: calling.call(own_site, "1")).number == "A001"
    audit(own_site)


@pytest.mark.rule("Q-1", "Q-3")
def test_a_server_restarted_while_all_work_loses_nothing(
    own_server: OwnServer, own_site: Site, tmp_path: Path
) -> None:
    with Terminal(own_server.url, tmp_path) as one, Terminal(own_server.url, tmp_path) as two:
        for window, terminal in (("1", one), ("2", two)):
            terminal.tell("day", window=window, rounds=0)
        for terminal in (one, two):
            terminal.wait_until(lambda said: len(said) > 20)
        own_server.stop()
        for terminal in (one, two):
            terminal.wait_until(lambda said: said[-1].get("fault") == "store_unreachable")
        own_server.start()
        for terminal in (one, two):
            before = len(terminal.answers())
            terminal.wait_until(lambda said, before=before: any("did" in answer for answer in said[before:]))
        answers = one.kill() + two.kill()
    assert {answer["fault"] for answer in answers if "fault" in answer} == {"store_unreachable"}
    all_is_kept(own_site, answers)
    audit(own_site)


def test_where_no_server_can_be_had_nobody_waits_for_it_twice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        store = open_store(f"postgresql://x@127.0.0.1:{port}/x?sslmode=disable&gssencmode=disable", "qh")
        calls = 0

        def hang_up() -> None:
            nonlocal calls
            with contextlib.suppress(OSError):  # the test is over
                while True:
                    caller, _address = door.accept()
                    calls += 1
                    caller.close()

        answering = threading.Thread(target=hang_up)
        answering.start()
        for asked, work in enumerate((store.read, store.transact), start=1):
            with pytest.raises(Fault) as caught:
                work(lambda tx: tx.rows("SELECT 1"))
            assert caught.value.code == "store_unreachable"
            assert calls == asked
        door.shutdown(socket.SHUT_RDWR)
        answering.join()


def test_a_listener_says_that_its_server_went_away(own_server: OwnServer, own_site: Site) -> None:
    listener = own_site.store.listen()
    own_server.stop()
    with pytest.raises(Fault):
        listener.wait(ANSWER_S)
    listener.close()
    with pytest.raises(Fault):
        own_site.store.listen()
    own_server.start()
    again = insist(own_site.store.listen)
    insist(lambda: issuing.issue(own_site, "A"))
    assert again.wait(ANSWER_S)
    again.close()


# The disk is full


@pytest.mark.rule("Q-1")
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    seating.sit(site, "1", "1001")
    pages = site.store.read(lambda tx: tx.rows("PRAGMA page_count"))[0][0]
    assert isinstance(site.store, SqliteStore)
    site.store.db.execute_sql(f"PRAGMA max_page_count = {pages + 2}").fetchall()
    given: list[str] = []

    def issue_on() -> None:
        while True:
            given.append(issuing.issue(site, "A").number)

    def call_on() -> None:
        while True:
            for work in (calling.call, calling.start, calling.finish):
                work(site, "1")

    for go_on in (issue_on, call_on):
        with pytest.raises(Fault) as caught:
            go_on()
        assert caught.value.code == "store_full"
    assert given == [f"A{count:03d}" for count in range(1, len(given) + 1)] != []
    audit(site)
    site.store.db.execute_sql("PRAGMA max_page_count = 1000000").fetchall()
    assert issuing.issue(site, "A").number == f"A{len(given) + 1:03d}"
    audit(site)
    seating.sit(site, "2", "1002")
    assert calling.call(site, "2").state == "called"
    audit(site)
    site.store.close()
