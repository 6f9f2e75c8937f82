"""Whoever changes the journal behind the program's back is found (Q-3)."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import calling, day, issuing, leaving, moving, privacy, sealing, seating
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.sealing import CHANGED, GAP, MISSING, NO_SEAL, NOT_KEPT
from jiaohao.queue.site import Site
from jiaohao.store import seals
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store, upgrade
from jiaohao.tui.main import main
from small_hall import open_site
from terminal import Terminal, at_once, clerk_of, terminals, until_settled, wide_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.store.base import Tx

pytestmark = pytest.mark.rule("Q-3")
DAY_S = 86400
Hall = tuple[Site, "ManualClock"]
LINES = "SELECT id, service_day FROM journal ORDER BY id"


def busy(site: Site, clock: ManualClock, days: int = 3) -> list[str]:
    """So many days with a few numbers each; gives the days."""
    told = []
    for count in range(days):
        if count:
            clock.advance(DAY_S)
        seating.sit(site, "1", "1001")
        for _ in range(3):
            issuing.issue(site, "A")
        calling.call(site, "1")
        day.close_day(site)
        told.append(site.today())
    return told


def behind_its_back(site: Site, *statements: str) -> None:
    """Somebody with the database's password and without scruples."""
    is_sqlite = site.store.dialect == "sqlite"
    with contextlib.ExitStack() as stack:
        if is_sqlite:
            names = site.store.read(
                lambda tx: tx.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            )
            site.store.transact(lambda tx: [tx.run(f"DROP TRIGGER {name}") for name, _sql in names])
            stack.callback(lambda: site.store.transact(lambda tx: [tx.run(sql) for _name, sql in names]))
        site.store.transact(lambda tx: _tamper(tx, statements))


def _tamper(tx: Tx, statements: tuple[str, ...]) -> None:
    if tx.dialect == "postgres":
        tx.run("SET LOCAL session_replication_role = replica")
    for statement in statements:
        tx.run(statement)


def found(site: Site, *args: str | None) -> list[tuple[str, str | None, int | None]]:
    """What is found."""
    return [(one.code, one.day, one.line) for one in sealing.verify(site, *args).problems]


def ids(site: Site, of_day: str) -> list[int]:
    """The lines of a day."""
    return [row[0] for row in site.store.read(lambda tx: tx.rows(LINES)) if row[1] == of_day]


def test_a_journal_that_nobody_touched_is_whole(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    proof = sealing.verify(site)
    assert proof.problems == []
    assert list(proof.days) == days
    assert [one.lines for one in proof.days.values()] == [len(ids(site, one)) for one in days]
    for one in days:
        part = sealing.verify(site, one, one)
        assert (part.problems, list(part.days.values())) == ([], [proof.days[one]])
        assert sealing.digest_of(site, one) == proof.days[one].digest


def test_both_stores_make_the_same_digest(hall_site: Hall) -> None:
    site, clock = hall_site
    busy(site, clock, 1)
    before = seals.GENESIS
    rows = site.store.read(lambda tx: seals.links(tx, 0, None, 100))
    assert len(rows) > 5
    for link in rows:
        before = seals.chained(before, *link.line)
        assert link.digest == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("op", "'other'"), ("at_ms", "at_ms + 1"), ("event", "'cancelled'"), ("ticket", "NULL"),
        ("number", "'A999'"), ("window_code", "'2'"), ("staff", "'1002'"), ("from_state", "'held'"),
        ("to_state", "'held'"), ("note", "''"), ("before_change", "'x'"),
    ],
)  # fmt: skip
def test_a_changed_column_is_found_and_nothing_else(hall_site: Hall, column: str, value: str) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    line = site.store.read(
        lambda tx: tx.rows("SELECT id FROM journal WHERE event = 'called' AND service_day = ?", (days[1],))
    )[0][0]
    behind_its_back(site, f"UPDATE journal SET {column} = {value} WHERE id = {line}")
    assert found(site) == [(CHANGED, days[1], line)]
    assert found(site, days[1], days[1]) == [(CHANGED, days[1], line)]
    assert found(site, days[2], days[2]) == []


def test_a_line_moved_to_another_day_is_found(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    line = ids(site, days[1])[2]
    behind_its_back(site, f"UPDATE journal SET service_day = '{days[0]}' WHERE id = {line}")
    assert (CHANGED, days[0], line) in found(site)
    assert found(site, days[1], days[1])


def test_a_removed_line_is_found_with_or_without_its_seal(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    lines = ids(site, days[1])
    behind_its_back(site, f"DELETE FROM journal WHERE id = {lines[2]}")
    assert found(site) == [(MISSING, days[1], lines[2])]
    behind_its_back(site, f"DELETE FROM seals WHERE journal_id = {lines[2]}")
    assert found(site) == [(GAP, days[1], lines[3])]
    behind_its_back(
        site,
        "UPDATE seals SET position = -position WHERE position > "
        f"(SELECT position FROM seals WHERE journal_id = {lines[1]})",
        "UPDATE seals SET position = -position - 1 WHERE position < 0",
    )
    assert found(site) == [(CHANGED, days[1], lines[3])]


def test_a_line_removed_at_the_end_is_found_with_a_digest_kept_elsewhere(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    digest = sealing.digest_of(site, days[2])
    assert digest is not None
    kept = [(days[2], digest[:16])]
    proof = sealing.verify(site, kept=kept)
    assert (proof.problems, proof.days[days[2]].since_kept) == ([], 0)
    last = ids(site, days[2])[-1]
    behind_its_back(
        site,
        f"DELETE FROM seals WHERE journal_id = {last}",
        f"DELETE FROM journal WHERE id = {last}",
    )
    assert found(site) == []  # what only a digest outside can show
    assert [one.code for one in sealing.verify(site, kept=kept).problems] == [NOT_KEPT]
    assert [one.code for one in sealing.verify(site, days[2], days[2], kept).problems] == [NOT_KEPT]


def test_lines_written_after_the_kept_digest_are_counted(hall_site: Hall) -> None:
    site, clock = hall_site
    busy(site, clock, 1)
    clock.advance(DAY_S)
    issuing.issue(site, "A")
    today = site.today()
    digest = sealing.digest_of(site, today)
    assert digest is not None
    issuing.issue(site, "A")
    issuing.issue(site, "B")
    proof = sealing.verify(site, kept=[(today, digest)])
    assert (proof.problems, proof.days[today].since_kept) == ([], 2)


def test_a_kept_digest_of_a_day_that_is_not_looked_at_is_refused(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock, 2)
    digest = sealing.digest_of(site, days[0])
    assert digest is not None
    with pytest.raises(Refusal) as caught:
        sealing.verify(site, days[1], days[1], [(days[0], digest)])
    assert caught.value.code == "wrong_date"


def test_swapped_lines_are_found(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    one, two = ids(site, days[1])[1:3]
    behind_its_back(
        site,
        f"UPDATE seals SET journal_id = -1 WHERE journal_id = {one}",
        f"UPDATE seals SET journal_id = {one} WHERE journal_id = {two}",
        f"UPDATE seals SET journal_id = {two} WHERE journal_id = -1",
    )
    assert {(code, line) for code, _day, line in found(site)} >= {(CHANGED, two), (CHANGED, one)}


def test_a_line_put_in_is_found(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    override = " OVERRIDING SYSTEM VALUE" if site.store.dialect == "postgres" else ""
    behind_its_back(
        site,
        f"INSERT INTO journal(id, op, at_ms, service_day, event){override} "
        f"VALUES(-5, 'x', 1, '{days[1]}', 'sat')",
    )
    assert found(site) == [(NO_SEAL, days[1], -5)]
    assert found(site, days[1], days[1]) == [(NO_SEAL, days[1], -5)]


def test_a_whole_day_taken_out_is_found_also_when_only_that_day_is_asked_for(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    lines = ids(site, days[1])
    behind_its_back(
        site,
        f"DELETE FROM seals WHERE journal_id BETWEEN {lines[0]} AND {lines[-1]}",
        f"DELETE FROM journal WHERE id BETWEEN {lines[0]} AND {lines[-1]}",
    )
    expected = [(GAP, days[2], ids(site, days[2])[0])]
    assert found(site) == expected
    assert found(site, days[1], days[1]) == expected
    assert found(site, days[2], days[2]) == expected


def test_the_beginning_taken_out_is_found(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    lines = ids(site, days[0])
    behind_its_back(
        site,
        f"DELETE FROM journal WHERE id <= {lines[-1]}",
        "UPDATE seals SET digest = "
        f"(SELECT digest FROM seals WHERE journal_id = {lines[-1]}) WHERE position = 0",
        f"DELETE FROM seals WHERE journal_id BETWEEN 1 AND {lines[-1]}",
        "UPDATE seals SET position = -position WHERE position > 0",
        f"UPDATE seals SET position = -position - {len(lines)} WHERE position < 0",
    )
    assert found(site) == [(CHANGED, days[1], ids(site, days[1])[0])]


def test_a_changed_seal_is_found_once(hall_site: Hall) -> None:
    site, clock = hall_site
    days = busy(site, clock)
    line = ids(site, days[1])[2]
    behind_its_back(
        site,
        f"UPDATE seals SET digest = (SELECT digest FROM seals WHERE position = 1) WHERE journal_id = {line}",
    )
    assert found(site) == [(CHANGED, days[1], line)]


def test_seals_after_which_none_can_be_written_are_found(hall_site: Hall) -> None:
    site, clock = hall_site
    busy(site, clock)
    behind_its_back(site, "UPDATE seals SET position = 999 WHERE position = 0")
    assert GAP in {code for code, _day, _line in found(site)}


@pytest.mark.parametrize("statement", ["UPDATE seals SET position = position", "DELETE FROM seals"])
def test_the_seals_are_only_ever_added_to(hall_site: Hall, statement: str) -> None:
    site, _clock = hall_site
    with pytest.raises(Fault, match="only ever added to"):
        site.store.transact(lambda tx: tx.run(statement))


def test_nothing_is_emptied_at_once_either(fresh_pg_url: str) -> None:
    site, _clock = open_site(fresh_pg_url)
    for table in ("journal", "seals"):
        with pytest.raises(Fault, match="only ever added to"):
            site.store.transact(lambda tx, table=table: tx.run(f"TRUNCATE {table}"))
    site.store.close()


def test_what_is_undone_or_refused_leaves_the_chain_whole(hall_site: Hall) -> None:
    site, _clock = hall_site
    seating.sit(site, "1", "1001")
    with pytest.raises(Refusal):
        calling.call(site, "1")
    number = issuing.issue(site, "A", op="once").number
    issuing.issue(site, "A", op="once")
    moving.cancel(site, number)
    moving.undo(site, number)
    proof = sealing.verify(site)
    assert proof.problems == []
    count = site.store.read(lambda tx: tx.rows("SELECT count(*) FROM journal"))[0][0]
    assert sum(one.lines for one in proof.days.values()) == count


@pytest.mark.rule("PV-1")
def test_removing_what_is_personal_leaves_the_chain_whole(hall_site: Hall) -> None:
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    leaving.leave(site, "1", reason="王小明的家事")
    clock.advance(800 * DAY_S)
    privacy.anonymise(site, staff="4001")
    assert site.store.read(lambda tx: tx.rows("SELECT text FROM remarks")) == [("",)]
    assert found(site) == []


def test_lines_from_before_the_seals_are_sealed_by_the_upgrade(hall_site: Hall) -> None:
    site, clock = hall_site
    busy(site, clock)
    before = sealing.verify(site)
    names = ["DROP TABLE seals", "DELETE FROM schema_migration WHERE name = '0008_seals'"]
    if site.store.dialect == "postgres":
        names = [
            "DROP TRIGGER journal_sealed ON journal", "DROP TRIGGER journal_kept_TRUNCATE ON journal",
            "DROP FUNCTION seal_line", "DROP FUNCTION seal_waiting", "DROP FUNCTION chained",
            "DROP TABLE unsealed", *names,
        ]  # fmt: skip
    site.store.transact(lambda tx: [tx.run(name) for name in names])
    upgrade(site.store)
    after = sealing.verify(site)
    assert after.problems == []
    assert [one.lines for one in after.days.values()] == [one.lines for one in before.days.values()]
    clock.advance(DAY_S)
    issuing.issue(site, "A")
    assert found(site) == []


def test_nobody_waits_for_who_seals(fresh_pg_url: str) -> None:
    site, clock = open_site(fresh_pg_url)
    other = Site(open_store(fresh_pg_url, "qh"), clock)
    sealed = "SELECT count(*) FROM seals WHERE position > 0"

    def work(tx: Tx) -> None:
        seals.seal_rest(tx)  # holds the turn until its commit
        before = other.store.read(lambda tx: tx.rows(sealed))
        issuing.issue(other, "A")
        assert other.store.read(seals.has_rest)
        assert other.store.read(lambda tx: tx.rows(sealed)) == before

    site.store.transact(work, tell=False)
    sealing.watch(other)
    assert not other.store.read(seals.has_rest)
    assert found(site) == []
    other.store.close()
    site.store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a hall can be laid, on each store."""
    if request.param == "postgres":
        return str(request.getfixturevalue("fresh_pg_url"))
    return f"sqlite:///{tmp_path / 'hall.db'}"


def manned(url: str) -> Site:
    """A hall with eight windows, each with its clerk."""
    site, _clock = open_site(url, wide_hall(8))
    for number in range(1, 9):
        seating.sit(site, str(number), clerk_of(str(number)))
    return site


def test_eight_that_write_at_once_leave_one_whole_chain(url: str, tmp_path: Path) -> None:
    site = manned(url)
    with terminals(url, tmp_path, 8) as started:
        jobs = [{"job": "day", "window": str(number), "rounds": 15} for number in range(1, 9)]
        answers = at_once(started, jobs)
    assert [answer for said in answers for answer in said if "fault" in answer] == []
    proof = sealing.verify(site)
    assert proof.problems == []
    count = site.store.read(lambda tx: tx.rows("SELECT count(*) FROM journal"))[0][0]
    assert sum(one.lines for one in proof.days.values()) == count


def test_terminals_that_are_killed_leave_a_whole_chain(url: str, tmp_path: Path) -> None:
    site = manned(url)
    with terminals(url, tmp_path, 4) as started:
        for number, terminal in enumerate(started, 1):
            terminal.tell("day", window=str(number), rounds=0)
        for terminal in started:
            _kill_at_work(terminal)
    until_settled(site)
    proof = sealing.verify(site)
    assert proof.problems == []
    count = site.store.read(lambda tx: tx.rows("SELECT count(*) FROM journal"))[0][0]
    assert sum(one.lines for one in proof.days.values()) == count


def _kill_at_work(terminal: Terminal) -> None:
    terminal.wait_until(lambda said: len(said) > 20)
    terminal.kill()


def test_the_command_says_days_and_problems_and_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, clock = open_site(f"sqlite:///{tmp_path / 'hall.db'}")
    days = busy(site, clock)
    words = ["--database", f"sqlite:///{tmp_path / 'hall.db'}"]
    assert main([*words, "verify", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["day"] for one in told["days"]] == days
    assert told["problems"] == []
    digest = told["days"][1]["digest"]
    assert main([*words, "verify", "--day", days[1], "--head", f"{days[1]}:{digest[:20]}"]) == 0
    assert digest in capsys.readouterr().out
    behind_its_back(site, f"UPDATE journal SET staff = '1002' WHERE id = {ids(site, days[1])[1]}")
    assert main([*words, "verify", "--from", days[0], "--to", days[2], "--json"]) == 1
    out, err = capsys.readouterr()
    (problem,) = json.loads(out)["problems"]
    assert (problem["day"], problem["line"], problem["code"]) == (days[1], ids(site, days[1])[1], CHANGED)
    assert json.loads(err)["error"]["code"] == "journal_changed"
    assert main([*words, "verify", "--day", days[0], "--json"]) == 0
    capsys.readouterr()
    assert main([*words, "verify", "--head", "x:1", "--json"]) == 2


def test_closing_the_day_gives_its_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    site, clock = open_site(url)
    busy(site, clock, 1)
    assert main(["--database", url, "close-day", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    today = Site(site.store).today()
    assert told["digest"] == sealing.digest_of(site, today)
    assert len(told["digest"]) == 64
