"""Word of a change reaches every terminal at once; and the wall can look, but not touch."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import socket
import threading
import time
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import psycopg
import pytest

from jiaohao.queue import calling, issuing, leaving, seating, signing
from jiaohao.queue.clock import ManualClock
from jiaohao.queue.reading import has_changed, read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import feed
from jiaohao.store.base import Word
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store, require_current, upgrade
from jiaohao.store.postgres import PUBLIC, PostgresStore
from jiaohao.store.sqlite import SqliteStore
from small_hall import MORNING, open_site, sqlite_site
from terminal import ANSWER_S, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jiaohao.store.base import Listener

SELECT_MOST = 1024
"""So many files are as many as ``select`` knows."""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a hall can be laid, on each store."""
    if request.param == "postgres":
        return str(request.getfixturevalue("fresh_pg_url"))
    return f"sqlite:///{tmp_path / 'hall.db'}"


@pytest.fixture
def site(url: str) -> Iterator[Site]:
    """The small hall."""
    opened, _clock = open_site(url)
    yield opened
    opened.store.close()


@pytest.fixture
def wall(site: Site, url: str) -> Iterator[Site]:
    """The same hall, opened as the wall opens it."""
    opened = Site(open_store(url, "qh", read_only=True), ManualClock(MORNING))
    yield opened
    opened.store.close()


@pytest.fixture
def ear(site: Site) -> Iterator[Listener]:
    """A listener of the hall."""
    listener = site.store.listen()
    yield listener
    listener.close()


def seconds_until_heard(listener: Listener, change: Callable[[], object]) -> float:
    """How long it took from before a change until it was heard."""
    start = time.monotonic()
    change()
    assert listener.wait(ANSWER_S)
    return time.monotonic() - start


def test_a_commit_is_heard_within_a_second(site: Site, ear: Listener) -> None:
    assert not ear.wait(0.05)
    for _ in range(5):
        assert seconds_until_heard(ear, lambda: issuing.issue(site, "A")) < 1
    seating.sit(site, "1", "1001")
    assert seconds_until_heard(ear, lambda: calling.call(site, "1")) < 1


def test_a_commit_of_another_process_is_heard(site: Site, url: str, ear: Listener, tmp_path: Path) -> None:
    with Terminal(url, tmp_path) as terminal:
        terminal.ready()
        floor, _forecast = read_floor(site)
        terminal.tell("one", verb="issue", args=["A"])
        assert ear.wait(ANSWER_S)
        assert has_changed(site, floor)
        assert len(read_floor(site)[0].waiting) == 1


def test_a_word_says_what_is_newest_so_that_nobody_need_look(site: Site, ear: Listener) -> None:
    floor, _forecast = read_floor(site)
    for _ in range(3):
        issuing.issue(site, "A")
    newest = read_floor(site)[0]
    word = ear.wait(ANSWER_S)
    while word is not None and word.journal_id != newest.pulse.journal_id:
        word = ear.wait(ANSWER_S)
    assert word == Word(newest.pulse.journal_id)
    site.store.close()  # a look is not needed, nor possible when the store is away
    assert has_changed(_without_store(site), floor, word)
    assert not has_changed(site, newest, word)


def test_a_word_says_which_windows_it_is_about(site: Site, ear: Listener) -> None:
    seating.sit(site, "1", "1001")
    word = ear.wait(ANSWER_S)
    assert word == Word(read_floor(site)[0].pulse.journal_id, frozenset({"1"}))
    assert word.is_elsewhere("2")
    assert not word.is_elsewhere("1")
    assert not Word().is_elsewhere("1")  # what nothing is known of may be about anything
    assert word.and_of(Word(1, frozenset({"2"}))).windows == {"1", "2"}


def _without_store(site: Site) -> Site:
    blind = copy(site)
    blind.store = None  # type: ignore[assignment]
    return blind


@pytest.mark.parametrize("said", [b"", b"\xff" * 8, b"x", b"\x00" * 9000])
def test_a_word_from_a_stranger_does_no_harm(tmp_path: Path, said: bytes) -> None:
    site, _clock = sqlite_site(tmp_path)
    ear = site.store.listen()
    [mailbox] = feed.folder(tmp_path / "hall.db").iterdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(said, str(mailbox))
    assert ear.wait(ANSWER_S)
    issuing.issue(site, "A")
    assert ear.wait(ANSWER_S) == Word(read_floor(site)[0].pulse.journal_id)
    ear.close()
    site.store.close()


@pytest.mark.parametrize(
    "said", ["", "x", "-1", "1" * 5000, "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT TWO}"]
)
def test_a_notification_from_a_stranger_does_no_harm(fresh_pg_url: str, said: str) -> None:
    site, _clock = open_site(fresh_pg_url)
    assert isinstance(site.store, PostgresStore)
    ear = site.store.listen()
    with psycopg.connect(fresh_pg_url, autocommit=True) as connection:
        connection.execute("SELECT pg_notify(%s, %s)", (site.store.channel, said))
    assert ear.wait(ANSWER_S) == Word(0)
    ear.close()
    site.store.close()


def test_a_line_numbered_earlier_and_committed_later_is_found(fresh_pg_url: str) -> None:
    """On PostgreSQL two clerks' lines may be committed the other way round than they were numbered."""
    site, _clock = open_site(fresh_pg_url)
    with psycopg.connect(fresh_pg_url, options="-c search_path=qh") as slow:
        slow.execute(
            "INSERT INTO journal(op, at_ms, service_day, event) VALUES('slow', 0, %s, 'issued')",
            (site.today(),),
        )
        issuing.issue(site, "A")
        floor, _forecast = read_floor(site)
        assert not has_changed(site, floor)
        slow.commit()
        assert has_changed(site, floor)
    site.store.close()


def test_what_is_refused_tells_nobody(site: Site, ear: Listener) -> None:
    with pytest.raises(Refusal):
        calling.call(site, "1")
    issuing.issue(site, "A")
    assert ear.wait(ANSWER_S) == Word(read_floor(site)[0].pulse.journal_id)


def test_no_change_is_missed_by_who_reads_again_at_each_word(site: Site, url: str, tmp_path: Path) -> None:
    """As the desks follow: listen, read, and read again at each word; at the end nothing is left unseen."""
    listener = site.store.listen()
    count = 60
    seen: list[int] = []

    def follow() -> None:
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            seen.append(len(read_floor(site)[0].waiting))
            if seen[-1] == count or not listener.wait(ANSWER_S):
                return

    follower = threading.Thread(target=follow)
    with Terminal(url, tmp_path) as terminal:
        terminal.ready()
        follower.start()
        for _ in range(count):
            terminal.tell("one", verb="issue", args=["A"])
        follower.join()
    listener.close()
    assert seen[-1] == count
    assert seen == sorted(seen)


def test_a_hundred_listeners_all_hear(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    listeners = [site.store.listen() for _ in range(100)]
    issuing.issue(site, "A")
    assert all(listener.wait(ANSWER_S) for listener in listeners)
    for listener in listeners:
        listener.close()
    assert not feed.folder(tmp_path / "hall.db").exists()
    site.store.close()


def test_a_listener_hears_however_many_files_are_open(site: Site) -> None:
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as files:
        files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, allowed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed[1], allowed[1]))
        while files.enter_context(Path(os.devnull).open("rb")).fileno() < SELECT_MOST:
            pass
        listener = files.enter_context(contextlib.closing(site.store.listen()))
        assert seconds_until_heard(listener, lambda: issuing.issue(site, "A")) < ANSWER_S


def test_closing_ends_a_wait_under_way(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    listener = site.store.listen()
    heard: list[Word | None] = []
    waiting = threading.Thread(target=lambda: heard.append(listener.wait(ANSWER_S)))
    waiting.start()
    listener.close()
    waiting.join(ANSWER_S)
    assert heard == [None]
    site.store.close()


def test_a_listener_that_nobody_reads_is_closed_at_once(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    listener = site.store.listen()
    for _ in range(600):  # more than any mailbox takes
        feed.tell(str(feed.folder(tmp_path / "hall.db")), Word(1))
    closing = threading.Thread(target=listener.close, daemon=True)
    closing.start()
    closing.join(ANSWER_S)
    assert not closing.is_alive()
    site.store.close()


def test_the_dead_are_cleared_away(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    place = feed.folder(tmp_path / "hall.db")
    alive = site.store.listen()
    with Terminal(url, tmp_path) as terminal:
        terminal.tell("listen")
        terminal.wait_until(lambda said: len(said) > 1)
        assert len(list(place.iterdir())) == 2
        terminal.kill()
    assert len(list(place.iterdir())) == 2
    issuing.issue(site, "A")
    assert len(list(place.iterdir())) == 1
    assert alive.wait(ANSWER_S)
    alive.close()
    site.store.close()


def test_without_a_folder_nothing_fails_and_a_new_listener_makes_it(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    place = feed.folder(tmp_path / "hall.db")
    assert not place.exists()
    issuing.issue(site, "A")
    swept = site.store.listen()
    shutil.rmtree(place)  # as a sweeper of old temporary files does
    floor, _forecast = read_floor(site)
    issuing.issue(site, "A")
    assert not swept.wait(0.05)
    assert has_changed(site, floor)  # what the slow look finds
    listener = site.store.listen()
    issuing.issue(site, "A")
    assert listener.wait(ANSWER_S)
    listener.close()
    swept.close()
    site.store.close()


def test_listeners_come_and_go_at_once(tmp_path: Path) -> None:
    """The last one out clears the folder away while the next one comes in."""
    site, _clock = sqlite_site(tmp_path)
    faults: list[Fault] = []

    def come_and_go() -> None:
        for _ in range(200):
            try:
                site.store.listen().close()
            except Fault as fault:
                faults.append(fault)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    site.store.close()


# The wall can look, but not touch


def test_the_wall_reads_and_hears(site: Site, wall: Site) -> None:
    require_current(wall.store)
    listener = wall.store.listen()
    issuing.issue(site, "A")
    assert listener.wait(ANSWER_S)
    assert [ticket.number for ticket in read_floor(wall)[0].waiting] == ["A001"]
    listener.close()


@pytest.mark.rule("PV-1")
def test_the_wall_cannot_write(site: Site, wall: Site) -> None:
    with pytest.raises(Fault) as caught:
        issuing.issue(wall, "A")
    assert caught.value.code == "store_read_only"
    for statement in (
        "INSERT INTO numbers(service_day, line, last) VALUES('2026-11-24', 'A', 9)",
        "UPDATE lines SET name = 'x'",
        "DELETE FROM posts",
        "DROP TABLE calls",
    ):
        # Nor by a reading that is none.
        with pytest.raises(Fault) as caught:
            wall.store.read(lambda tx, statement=statement: tx.run(statement))
        assert caught.value.code in {"store_read_only", "store_refused"}, statement
    assert issuing.issue(site, "A").number == "A001"


def test_the_wall_cannot_write_on_sqlite_whatever_it_switches(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    wall = open_store(f"sqlite:///{tmp_path / 'hall.db'}", "qh", read_only=True)
    assert isinstance(wall, SqliteStore)
    wall.db.execute_sql("PRAGMA query_only = 0").fetchall()
    with pytest.raises(Fault) as caught:
        wall.read(lambda tx: tx.run("UPDATE lines SET name = 'x'"))
    assert caught.value.code == "store_read_only"
    with pytest.raises(apsw.ReadOnlyError):
        wall.db.connection().execute("UPDATE lines SET name = 'x'")
    wall.close()
    site.store.close()


@pytest.fixture
def wall_login(fresh_pg_url: str) -> Iterator[tuple[Site, str]]:
    """The hall on PostgreSQL, and the address with which a wall signs on that may only look."""
    opened, _clock = open_site(fresh_pg_url)
    with psycopg.connect(fresh_pg_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE screen LOGIN IN ROLE qh_wall")
    yield opened, psycopg.conninfo.make_conninfo(fresh_pg_url, user="screen")
    opened.store.close()
    with psycopg.connect(fresh_pg_url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY screen")
        connection.execute("DROP ROLE screen")


@pytest.mark.rule("PV-1")
def test_a_wall_with_a_login_of_its_own_shows_the_floor(wall_login: tuple[Site, str]) -> None:
    site, conninfo = wall_login
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    store = open_store(f"postgresql://screen@/{parts['dbname']}?host={parts['host']}", "qh", read_only=True)
    require_current(store)
    issuing.issue(site, "A")
    seating.sit(site, "1", "1001")
    leaving.leave(site, "1", reason="sick")
    shown = read_floor(Site(store, ManualClock(MORNING)))[0]
    assert len(shown.waiting) == 1
    assert [(view.code, view.cover) for view in shown.absent if view.code == "1"] == [("1", "B")]
    store.close()


_BARRED = (
    "INSERT INTO qh.numbers(service_day, line, last) VALUES('2026-11-24', 'A', 9)",
    "UPDATE qh.tickets SET state = 'finished'",
    "DELETE FROM qh.posts",
    "TRUNCATE qh.calls",
    "DROP TABLE qh.calls",
    "CREATE TABLE qh.mine(x int)",
    "SELECT * FROM qh.pins",
    "SELECT * FROM qh.enquiries",
    "SELECT * FROM qh.referrals",
    "SELECT * FROM qh.notices",
    "SELECT * FROM qh.remarks",
    "SELECT reason FROM qh.absences",
    "SELECT staff FROM qh.absences",
    "SELECT handover FROM qh.absences",
    "SELECT staff FROM qh.attempts",
    "SELECT * FROM qh.leaves",
    "SELECT * FROM qh.consents",
    "SELECT * FROM qh.adjustment_steps",
    "SELECT * FROM qh.meetings",
    "SELECT * FROM qh.marks",
    "SELECT * FROM qh.numbers",
    "SELECT * FROM qh.post_terms",
    "SELECT staff FROM qh.journal",
    "SELECT note FROM qh.journal",
    "UPDATE qh.journal SET note = ''",
    "CREATE FUNCTION qh.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE public.mine(x int)",
    "ALTER TABLE qh.tickets ADD COLUMN mine int",
    "DROP SCHEMA qh CASCADE",
    "GRANT SELECT ON qh.pins TO PUBLIC",
    "CREATE ROLE mine",
    "ALTER ROLE qh_wall SUPERUSER",
    "SET ROLE postgres",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('postgresql.conf')",
    "COPY qh.tickets TO PROGRAM 'true'",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
)


@pytest.mark.rule("PV-1")
def test_what_guards_is_what_was_granted(wall_login: tuple[Site, str]) -> None:
    site, conninfo = wall_login
    issuing.issue(site, "A")
    signing.sign_on(site, "1001", "123456")
    let_through = []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for switch in ("SET ROLE qh_wall", "RESET ROLE"):
            connection.execute(switch)
            for statement in _BARRED:
                try:
                    connection.execute(statement)
                except psycopg.errors.InsufficientPrivilege:
                    continue
                let_through.append((switch, statement))
        assert let_through == []
        assert connection.execute("SELECT count(*) FROM qh.tickets").fetchall() == [(1,)]


_WHAT_THE_WALL_MAY = """
SELECT relname, (SELECT array_agg(attname ORDER BY attname) FROM pg_attribute
  WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped
  AND has_column_privilege('qh_wall', r.oid, attnum, 'SELECT')),
  has_table_privilege('qh_wall', r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
  OR has_any_column_privilege('qh_wall', r.oid, 'INSERT, UPDATE, REFERENCES')
FROM pg_class r WHERE relnamespace = 'qh'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')
"""


@pytest.mark.rule("PV-1")
def test_the_wall_may_read_what_is_listed_and_change_nothing(wall_login: tuple[Site, str]) -> None:
    site, _conninfo = wall_login
    # As a later migration would: it says nothing of the wall.
    site.store.transact(lambda tx: tx.run("CREATE TABLE qh.later(secret text)"))
    for _upgraded_again in range(2):
        found = site.store.read(lambda tx: tx.rows(_WHAT_THE_WALL_MAY))
        assert {name for name, columns, _changes in found if columns} == set(PUBLIC)
        assert {name for name, _columns, changes in found if changes} == set()
        may = {name: set(columns) for name, columns, _changes in found if columns}
        assert [may[name] for name, columns in PUBLIC.items() if columns] == [
            set(columns) for columns in PUBLIC.values() if columns
        ]
        upgrade(site.store)


@pytest.mark.rule("PV-1")
def test_what_nobody_can_be_kept_from_does_the_hall_no_harm(wall_login: tuple[Site, str]) -> None:
    site, conninfo = wall_login
    listener = site.store.listen()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("CREATE TEMP TABLE tickets(number text)")
        connection.execute("SELECT lo_create(0)")
        connection.execute("SELECT pg_notify('jiaohao_qh', 'not a word; DROP TABLE qh.tickets')")
        assert listener.wait(ANSWER_S) == Word()
    listener.close()
    assert issuing.issue(site, "A").number == "A001"


_LOCKS = (
    "SELECT pg_advisory_lock('qh.numbers'::regclass::oid::int, hashtext('A'))",
    "SELECT pg_advisory_lock_shared(1936023916, 'qh.journal'::regclass::oid::int)",
    "SELECT pg_try_advisory_xact_lock(1785815407)",
)


@pytest.mark.rule("PV-1")
def test_once_they_are_taken_from_it_a_wall_cannot_hold_the_locks_of_the_hall(
    wall_login: tuple[Site, str], fresh_pg_url: str
) -> None:
    site, conninfo = wall_login
    access = (Path(__file__).parents[1] / "docs/access.md").read_text(encoding="utf-8")
    ((how, owner),) = re.findall(r"```sql\n(SELECT .*? TO (\w+)'.*?) \\gexec\n```", access, re.DOTALL)
    with psycopg.connect(fresh_pg_url, autocommit=True) as connection:
        ((user,),) = connection.execute("SELECT quote_ident(current_user)").fetchall()
        for (statement,) in connection.execute(how.replace(owner, user)).fetchall():
            connection.execute(statement)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for lock in _LOCKS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(lock)
        assert issuing.issue(site, "A").number == "A001"


@pytest.mark.rule("PV-1")
def test_a_wall_that_signs_on_as_the_owner_is_held_by_the_walls_role(site: Site, wall: Site) -> None:
    signing.sign_on(site, "1001", "123456")
    if site.store.dialect == "sqlite":
        return  # one file, one right: whoever may read it may read all of it
    with pytest.raises(Fault) as caught:
        wall.store.read(lambda tx: tx.rows("SELECT * FROM pins"))
    assert caught.value.code == "store_read_only"
    with pytest.raises(Fault):
        wall.store.read(
            lambda tx: (tx.run("SET TRANSACTION READ WRITE"), tx.run("UPDATE lines SET name = 'x'"))
        )
