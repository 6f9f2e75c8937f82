"""What the store promises the floors above, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import calling, issuing, moving, seating
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.queue.site import Site
from jiaohao.store import backups, tickets
from jiaohao.store.errors import Fault
from jiaohao.store.opening import known_migrations, open_store, require_current, upgrade
from small_hall import open_site, small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.store.base import Tx


def test_upgrading_again_and_again_does_no_harm(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    number = issuing.issue(site, "A").number
    assert upgrade(site.store) == (False, len(known_migrations()))
    assert moving.cancel(site, number).state == "cancelled"


def test_a_database_newer_than_the_program_is_refused(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    site.store.transact(
        lambda tx: tx.run("INSERT INTO schema_migration(name, applied) VALUES('9999_later', '2030-01-01')")
    )
    for work in (upgrade, require_current):
        with pytest.raises(Fault) as caught:
            work(site.store)
        assert caught.value.code == "database_newer"


def cannot_be_made_out(site: Site, harm: str, value: str) -> None:
    """A hall harmed by a statement is damage to whoever reads it."""
    site.store.transact(lambda tx: tx.run(harm, (value,)))
    with pytest.raises(Fault) as caught:
        site.reload()
    assert caught.value.code == "store_damaged"


@pytest.mark.parametrize("settings", ["", "{", "[]", "{}", '{"weekdays": 1}', "[" * 100_000], ids=range(6))
def test_a_hall_that_cannot_be_made_out_is_damage(hall_site: tuple[Site, ManualClock], settings: str) -> None:
    cannot_be_made_out(hall_site[0], "UPDATE hall SET settings = ?", settings)


@pytest.mark.rule("Q-2")
@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../UTC", "Asia", "[" * 3000], ids=range(5))
def test_a_hall_without_a_clock_is_damage(hall_site: tuple[Site, ManualClock], zone: str) -> None:
    cannot_be_made_out(hall_site[0], "UPDATE hall SET timezone = ?", zone)


def test_a_text_that_is_none_is_damage(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    site.store.transact(lambda tx: tx.run("UPDATE staff SET name = CAST(x'ff' AS TEXT)"))
    one_by_one = "SELECT name FROM staff"
    for work in (lambda tx: tx.rows(one_by_one), lambda tx: list(tx.each(one_by_one))):
        with pytest.raises(Fault) as caught:
            site.store.read(work)
        assert caught.value.code == "store_damaged"


def test_a_database_without_a_hall_says_so(tmp_path: Path, pg_url: str) -> None:
    for url in (f"sqlite:///{tmp_path / 'none.db'}", pg_url):
        with pytest.raises(Fault) as caught:
            require_current(open_store(url, "nowhere"))
        assert caught.value.code == "not_initialised"
    assert not (tmp_path / "none.db").exists()


def test_the_hall_is_read_back_as_it_was_described(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    assert site.hall == small_hall()


def test_what_disappears_from_the_description_is_retired_never_deleted(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    seating.sit(site, "4", "1004")
    number = issuing.issue(site, "C").number
    hall = small_hall()
    smaller = dataclasses.replace(
        hall,
        lines=hall.lines[:2],
        windows=tuple(w for w in hall.windows if w.code != "4"),
        matters=hall.matters[:3],
        posts=tuple(p for p in hall.posts if p.window != "4"),
    )
    describe(site.store, smaller, clock)
    floor, _forecast = read_floor(site)
    assert site.hall == smaller
    assert floor.window("4") is None
    assert [ticket.number for ticket in floor.waiting] == [number]
    assert site.store.read(lambda tx: tx.rows("SELECT count(*) FROM windows")) == [(5,)]
    describe(site.store, hall, clock)
    site.reload()
    assert site.hall == hall


def test_describing_the_same_hall_again_writes_nothing(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    before = site.store.read(lambda tx: tx.rows("SELECT count(*), max(revision) FROM hall, journal"))
    describe(site.store, small_hall(), clock)
    assert site.store.read(lambda tx: tx.rows("SELECT count(*), max(revision) FROM hall, journal")) == before


@pytest.mark.rule("Q-3")
@pytest.mark.parametrize("statement", ["UPDATE journal SET note = 'x'", "DELETE FROM journal"])
def test_the_journal_is_only_ever_added_to(hall_site: tuple[Site, ManualClock], statement: str) -> None:
    site, _clock = hall_site
    issuing.issue(site, "A")
    with pytest.raises(Fault, match="only ever added to"):
        site.store.transact(lambda tx: tx.run(statement))


def test_the_hot_verbs_are_few_statements(
    hall_site: tuple[Site, ManualClock], counting: Callable[[], list[str]]
) -> None:
    site, _clock = hall_site
    seating.sit(site, "3", "1003")
    issuing.issue(site, "B")
    issuing.issue(site, "A")
    ran = counting()
    for work in (lambda: issuing.issue(site, "B"), lambda: calling.call(site, "3"), lambda: read_floor(site)):
        ran.clear()
        work()
        assert 0 < len(ran) <= 6, ran


@pytest.mark.rule("Q-3")
def test_what_an_operation_reads_besides_is_a_part_of_it_and_ends_nothing(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall_site
    last = "SELECT last FROM numbers"

    def work(tx: Tx) -> None:
        tickets.next_number(tx, site.today(), "A")
        assert site.store.read(lambda within: within.rows(last)) == [(1,)]
        raise Refusal("day_closed")

    with pytest.raises(Refusal):
        site.store.transact(work)
    assert site.store.read(lambda tx: tx.rows(last)) == []


def test_claiming_never_looks_at_the_history(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    from jiaohao.store import tickets  # noqa: PLC0415 - the statement under test is not public

    sql = tickets._claim_sql("sqlite", 2, 1)
    marks = ["x", 0, *["d", "q"] * 2, "d", "q", "d", "q", 11, 10]
    plan = site.store.read(lambda tx: tx.rows(f"EXPLAIN QUERY PLAN {sql}", marks))
    scans = [row[3] for row in plan if "tickets" in row[3]]
    assert scans
    assert all("tickets_waiting" in text or "PRIMARY KEY" in text for text in scans), scans


def test_a_backup_is_whole_and_can_be_opened(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    for _ in range(50):
        issuing.issue(site, "A")
    backups.backup(site.store, tmp_path / "copy.db")
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}", "")
    require_current(copy)
    assert copy.problems() == []
    assert copy.read(lambda tx: tx.rows("SELECT count(*) FROM tickets")) == [(50,)]


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(Fault) as caught:
        require_current(open_store(f"sqlite:///{path}", ""))
    assert caught.value.code == "store_damaged"


def test_two_halls_share_one_postgres_database(pg_url: str) -> None:
    one, _ = open_site(pg_url, small_hall(code="one"))
    two, _ = open_site(pg_url, small_hall(code="two"))
    assert issuing.issue(one, "A").number == "A001"
    assert issuing.issue(two, "A").number == "A001"
    assert len(read_floor(one)[0].waiting) == 1


def test_a_server_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        require_current(open_store(f"postgresql://nobody@/nothing?host={tmp_path}", "qh"))
    assert caught.value.code == "store_unreachable"


def test_nothing_is_written_to_a_file_that_was_moved_away(tmp_path: Path) -> None:
    first, clock = sqlite_site(tmp_path)
    path = tmp_path / "hall.db"
    first.store.close()
    site = Site(open_store(f"sqlite:///{path}", "qh"), clock)
    issuing.issue(site, "A")
    away = tmp_path / "away"
    away.mkdir()
    files = sorted(tmp_path.glob("hall.db*"))
    for file in files:
        file.rename(away / file.name)
    for work in (lambda: issuing.issue(site, "A"), lambda: read_floor(site)):
        with pytest.raises(Fault) as caught:
            work()
        assert caught.value.code == "store_unreachable"
    assert not path.exists()
    for file in files:
        (away / file.name).rename(file)
    assert issuing.issue(site, "A").number == "A002"


def test_a_copy_put_in_the_place_of_the_file_is_the_hall_from_then_on(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    issuing.issue(site, "A")
    backups.backup(site.store, tmp_path / "copy.db")
    issuing.issue(site, "A")
    (tmp_path / "hall.db").unlink()
    for log in ("hall.db-wal", "hall.db-shm"):
        (tmp_path / log).unlink(missing_ok=True)
    (tmp_path / "copy.db").rename(tmp_path / "hall.db")
    with pytest.raises(Fault):
        issuing.issue(site, "A")
    assert issuing.issue(site, "A").number == "A002"
    assert site.store.problems() == []
