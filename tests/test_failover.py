"""Two servers: the primary killed under load, the standby promoted by the runbook's script, and back."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from driving import desk, text_of
from jiaohao.queue import calling, issuing, seating
from jiaohao.queue.reading import read_floor
from jiaohao.queue.site import Site
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store
from jiaohao.store.postgres import PostgresStore
from jiaohao.tui.main import main
from server_pair import SCRIPT, Pair, Server
from small_hall import open_site
from terminal import ANSWER_S, Answer, all_is_kept, audit, clerk_of, terminals, wide_hall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jiaohao.queue.clock import ManualClock
    from jiaohao.store.values import Ticket
    from jiaohao.tui.app import JiaohaoApp
    from terminal import Terminal

ROOT = Path(__file__).parent.parent
CLIENTS = 8
WINDOWS = [str(number) for number in range(1, CLIENTS + 1)]
WAITING = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
WAITING_S = 10.0
STEPS = 40
"""So much each client does before and after each switch."""


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Two servers of this file alone; each test leaves both in good order."""
    made = Pair()
    yield made
    made.end()


@pytest.fixture
def paired(pair: Pair) -> Iterator[tuple[Site, ManualClock]]:
    """A new hall on both servers, with a clerk at each window."""
    pair.one.ask("DROP SCHEMA IF EXISTS qh CASCADE")
    site, clock = open_site(pair.url, wide_hall(CLIENTS))
    for window in WINDOWS:
        seating.sit(site, window, clerk_of(window))
    yield site, clock
    site.store.close()


def wall_of(pair: Pair, clock: ManualClock) -> Site:
    """What a wall opens."""
    return Site(open_store(pair.url, "qh", read_only=True), clock)


def reads_a_standby(site: Site) -> bool:
    return bool(site.store.read(lambda tx: tx.rows("SELECT pg_is_in_recovery()"))[0][0])


def last_line(site: Site) -> int:
    return int(site.store.read(lambda tx: tx.rows("SELECT max(id) FROM journal"))[0][0])


async def until(is_so: Callable[[], object]) -> None:
    end_s = time.monotonic() + ANSWER_S
    while not is_so():
        assert time.monotonic() < end_s
        await asyncio.sleep(0.02)


# The whole of it, under load


class Watch:
    """Somebody who never takes their eyes off the wall."""

    def __init__(self, app: JiaohaoApp) -> None:
        self._app = app
        self.looks = 0
        self.dark: list[str] = []

    async def look(self) -> None:
        """Until somebody calls them away."""
        while True:
            self.looks += 1
            self._look()
            await asyncio.sleep(0.03)

    def _look(self) -> None:
        shown = text_of(self._app)
        if "号窗口办理" not in shown or "!! " in shown:
            self.dark.append(shown)


async def all_go_on(clients: list[Terminal], steps: int = STEPS) -> None:
    """Wait until each client has had so many answers more."""
    before = [len(client.answers()) for client in clients]
    await until(
        lambda: all(
            len(client.answers()) >= count + steps for client, count in zip(clients, before, strict=True)
        )
    )


def longest_pause_s(answers: list[Answer]) -> float:
    """The longest time in which nobody at all was answered."""
    moments = sorted(answer["at_s"] for answer in answers if "at_s" in answer)
    return max(after - before for before, after in pairwise(moments))


def fail_over(dead: Server, heir: Server) -> None:
    """The runbook, when a server is lost."""
    dead.kill()
    dead.step("stop")
    heir.step("promote")


def take_back(old: Server, primary: Server) -> None:
    """The runbook, when the lost server is there again."""
    old.step("rejoin", primary.place, old.name)
    primary.step("synchronous", old.name)


def switch(primary: Server, standby: Server) -> None:
    """The runbook, when the servers are to change places on purpose."""
    primary.step("stop")
    standby.step("promote")
    take_back(primary, standby)


@pytest.mark.slow
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
async def test_a_primary_killed_under_load_loses_nothing_and_no_wall_goes_dark(
    pair: Pair, paired: tuple[Site, ManualClock], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, clock = paired
    issuing.issue(site, "A", op="first")
    calling.call(site, "1", op="called")
    calling.start(site, "1")
    calling.finish(site, "1")
    wall = wall_of(pair, clock)
    assert reads_a_standby(wall)
    answers: list[Answer] = []
    with terminals(pair.url, tmp_path, CLIENTS) as clients:
        async with desk(wall, "wall") as (app, _pilot):
            watch = Watch(app)
            watching = asyncio.create_task(watch.look())
            for window, client in zip(WINDOWS, clients, strict=True):
                client.tell("insist", window=window)
            await all_go_on(clients)
            await asyncio.to_thread(fail_over, pair.one, pair.two)
            await all_go_on(clients)
            killed_s = longest_pause_s([answer for client in clients for answer in client.answers()])
            await asyncio.to_thread(take_back, pair.one, pair.two)
            await all_go_on(clients)
            switched_ms = time.monotonic()
            await asyncio.to_thread(switch, pair.two, pair.one)
            await all_go_on(clients)
            for client in clients:
                answers += client.kill()
            issuing.issue(site, "A")
            await until(lambda: app.floor is not None and app.floor.pulse.journal_id == last_line(site))
            watching.cancel()
        said = [answer for answer in answers if "at_s" in answer]
        switched_s = longest_pause_s([answer for answer in said if answer["at_s"] > switched_ms])
    assert watch.dark == []
    assert watch.looks > STEPS
    all_is_kept(site, answers)
    audit(site)
    done = Counter(row[0] for row in site.store.read(lambda tx: tx.rows("SELECT op FROM journal")))
    assert [answer for answer in said if "did" in answer and done[answer["op"]] != 1] == []
    numbers = [answer["number"] for answer in said if answer.get("did") == "issue"]
    assert len(numbers) == len(set(numbers)) > CLIENTS * STEPS / 2
    assert {fault for answer in said for fault in answer["faults"]} == {"store_unreachable"}
    assert issuing.issue(site, "B", op="first").number == "A001"  # answered on the first server
    with capsys.disabled():
        print(
            f"\nkilled: {killed_s:.1f} s without writing; switched: {switched_s:.1f} s; {len(said)} answers"
        )


# One thing at a time


@contextmanager
def asked_without_standby(pair: Pair, site: Site) -> Iterator[Future[Ticket]]:
    """A number asked for while the standby is stopped; whoever still waits at the end is let go."""
    pair.two.step("stop")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(issuing.issue, site, "A", op="once")
        try:
            yield asked
        finally:
            pair.one.step("alone")


@pytest.mark.slow
@pytest.mark.rule("Q-1", "Q-3")
def test_a_commit_that_succeeds_and_raises_is_one_ticket_and_waits_for_the_standby(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    site, _clock = paired
    with asked_without_standby(pair, site) as asked:
        for _ in range(2):
            # It is committed there, and waits for the standby; then its connection is cut.
            until_waiting(pair.one)
            assert "commits waiting|1" in pair.one.step("state")
            pair.one.ask(f"SELECT pg_terminate_backend(pid) {WAITING}")
        until_waiting(pair.one)
        assert not asked.done()
        pair.two.step("start")
        assert asked.result(ANSWER_S).number == "A001"
    pair.one.step("synchronous", pair.two.name)
    assert issuing.issue(site, "A").number == "A002"
    audit(site)


@pytest.mark.slow
@pytest.mark.rule("Q-1")
def test_a_primary_told_to_work_alone_lets_those_go_who_wait(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    site, _clock = paired
    with asked_without_standby(pair, site) as asked:
        until_waiting(pair.one)
        assert not asked.done()
    assert asked.result(ANSWER_S).number == "A001"
    pair.two.step("start")
    pair.one.step("synchronous", pair.two.name)


def until_waiting(server: Server) -> None:
    end_s = time.monotonic() + WAITING_S
    while not server.ask(f"SELECT pid {WAITING}"):
        assert time.monotonic() < end_s


def start_again(pair: Pair, killed: Server) -> None:
    killed.step("stop")
    killed.step("start")
    pair.one.step("synchronous", pair.two.name)


@pytest.mark.slow
def test_a_wall_leaves_a_standby_that_lags_and_one_that_is_gone(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    site, clock = paired
    wall = wall_of(pair, clock)
    listener = wall.store.listen()
    assert reads_a_standby(wall)
    issuing.issue(site, "A")
    assert listener.wait(ANSWER_S)
    assert read_floor(wall)[0].pulse.journal_id == last_line(site)
    assert reads_a_standby(wall)
    pair.two.ask("SELECT pg_wal_replay_pause()")
    issuing.issue(site, "A")
    assert listener.wait(ANSWER_S)
    assert read_floor(wall)[0].pulse.journal_id == last_line(site)
    assert not reads_a_standby(wall)
    pair.two.ask("SELECT pg_wal_replay_resume()")
    listener.close()
    wall.store.close()
    another = wall_of(pair, clock)
    assert reads_a_standby(another)
    pair.two.kill()
    assert read_floor(another)[0].pulse.journal_id == last_line(site)
    another.store.close()
    start_again(pair, pair.two)


@pytest.mark.slow
@pytest.mark.rule("Q-1")
async def test_a_desk_says_that_the_primary_is_away_and_finds_the_new_one(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    site, _clock = paired
    issuing.issue(site, "A")
    async with desk(site, "counter", staff=clerk_of("1"), window="1") as (app, pilot):
        await asyncio.to_thread(pair.one.kill)
        await until(lambda: app.away is not None)
        await pilot.press("f2")
        await until(lambda: "store_unreachable" in text_of(app))
        await asyncio.to_thread(pair.two.step, "promote")
        await until(lambda: app.away is None)
        await pilot.press("f2")
        await until(lambda: "A001" in text_of(app))
    pair.one.step("stop")
    take_back(pair.one, pair.two)
    pair.turn()


@pytest.mark.slow
def test_a_lost_server_whose_files_are_hurt_is_copied_anew(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    site, _clock = paired
    fail_over(pair.one, pair.two)
    issuing.issue(site, "A")
    (pair.one.data / "global" / "pg_control").unlink()
    assert "a new copy is made" in pair.one.step("rejoin", pair.two.place, pair.one.name)
    pair.two.step("synchronous", pair.one.name)
    assert issuing.issue(site, "A").number == "A002"
    assert pair.one.ask("SELECT last FROM qh.numbers WHERE line = 'A'") == [(2,)]
    with pytest.raises(AssertionError, match="stop it first"):
        pair.two.step("rejoin", pair.one.place, pair.two.name)
    pair.turn()


@pytest.mark.slow
def test_a_standby_that_was_away_for_too_long_is_made_anew(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    site, _clock = paired
    pair.two.step("stop")
    pair.one.step("alone")
    for setting in ("max_slot_wal_keep_size", "wal_keep_size"):
        pair.one.ask(f"ALTER SYSTEM SET {setting} = '1MB'")
    pair.one.ask("SELECT pg_reload_conf()")
    while pair.one.ask("SELECT wal_status FROM pg_replication_slots") != [("lost",)]:
        issuing.issue(site, "A")
        pair.one.ask("SELECT pg_switch_wal()")
        pair.one.ask("CHECKPOINT")
    pair.one.step("prepare")  # which sets again how much is kept
    shutil.rmtree(pair.two.data)
    pair.two.step("standby", pair.one.place, pair.two.name)
    pair.one.step("synchronous", pair.two.name)
    given = issuing.issue(site, "A").number
    assert pair.two.ask("SELECT number FROM qh.tickets ORDER BY id DESC LIMIT 1") == [(given,)]


@pytest.mark.slow
def test_a_primary_that_became_the_standby_keeps_nothing_for_anybody(
    pair: Pair, paired: tuple[Site, ManualClock]
) -> None:
    assert paired
    switch(pair.one, pair.two)
    assert pair.one.ask("SELECT slot_name FROM pg_replication_slots") == []
    pair.turn()


# Which server is asked


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes a connection and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def beside(host: str, port: int, pg_url: str) -> str:
    """A URL of two servers, of which the second is there."""
    parts = psycopg.conninfo.conninfo_to_dict(pg_url)
    return f"postgresql://postgres@/{parts['dbname']}?host={host},{parts['host']}&port={port},5432"


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "/there/is/no/socket"])
def test_a_server_that_is_not_there_is_passed_over(host: str, *, read_only: bool, fresh_pg_url: str) -> None:
    site, _clock = open_site(fresh_pg_url)
    store = open_store(beside(host, 1, fresh_pg_url), "qh", read_only=read_only)
    assert read_floor(Site(store, site.clock))[0].windows
    store.listen().close()
    store.close()
    site.store.close()


def test_a_server_that_hangs_is_waited_for_once(mute: int, fresh_pg_url: str) -> None:
    site, _clock = open_site(fresh_pg_url)
    store = open_store(beside("127.0.0.1", mute, fresh_pg_url), "qh")
    assert isinstance(store, PostgresStore)
    waited_s = []
    for _ in range(3):
        before_s = time.monotonic()
        store.read(lambda tx: tx.rows("SELECT 1"))
        store.db.close_idle()
        waited_s.append(time.monotonic() - before_s)
    assert waited_s[0] >= 2 > max(waited_s[1:])
    site.store.close()


@pytest.mark.parametrize("url", ["postgresql://u@127.0.0.1:1,127.0.0.1:1/x", "postgresql://u@h:port/x?no=1"])
def test_an_address_at_which_nobody_is_is_said(url: str) -> None:
    def ask() -> None:
        open_store(url, "qh").read(lambda tx: tx.rows("SELECT 1"))

    with pytest.raises(Fault) as caught:
        ask()
    assert caught.value.code == "store_unreachable"


def test_an_address_of_several_servers_is_good_everywhere(
    fresh_pg_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    url = beside("127.0.0.1", 1, fresh_pg_url)
    config.write_text(re.sub(r'(?m)^database = ".*"', f'database = "{url}"', text), encoding="utf-8")
    for command in ("init", "check", "floor"):
        assert main([command, "--config", str(config), "--json"]) == 0, capsys.readouterr()
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[0]["created"]
    assert said[1]["problems"] == []
    assert said[2]["windows"]


@pytest.mark.slow
def test_a_standby_alone_is_no_server_to_write_to(pair: Pair, paired: tuple[Site, ManualClock]) -> None:
    site, _clock = paired
    pair.one.kill()
    with pytest.raises(Fault) as caught:
        issuing.issue(site, "A")
    assert (
        caught.value.code == "store_unreachable"
    )  # a standby calls itself read-only, which is another fault


# The runbook and its script


def test_the_runbook_names_steps_that_the_script_has() -> None:
    usage = subprocess.run(["sh", str(SCRIPT)], check=False, capture_output=True, text=True)
    assert usage.returncode == 2
    steps = set(re.findall(r"failover\.sh (\w+)", usage.stderr))
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`failover\.sh (\w+)", runbook)) == steps


@pytest.mark.parametrize(
    "words", [["promote"], ["say", "x"], ["standby", "no-such-folder", "host=127.0.0.1 port=1", "no name"]]
)
def test_a_step_that_is_told_wrongly_does_nothing(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(["sh", str(SCRIPT), *words], check=False, cwd=tmp_path, capture_output=True)
    assert done.returncode in {1, 2}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["stop", "state", "alone"])
def test_nothing_is_said_of_a_server_that_was_not_looked_at(pair: Pair, tmp_path: Path, step: str) -> None:
    with pytest.raises(AssertionError, match="no data folder"):
        Server(tmp_path, Path("/bin"), None).step(step)
    without = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", str(SCRIPT), step, str(pair.one.data)],
        env=without,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "not on the PATH" in done.stderr
