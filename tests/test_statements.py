"""What a desk says to PostgreSQL: each statement with its values, prepared once, within bounds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pytest

from jiaohao.queue import issuing
from jiaohao.queue.refusal import Refusal
from jiaohao.store import tickets
from jiaohao.store.errors import Conflict, Fault
from jiaohao.store.opening import open_store
from jiaohao.store.statements import PREPARED_MOST, TOGETHER_MOST, Connection
from small_hall import open_site

if TYPE_CHECKING:
    from jiaohao.store.base import Store, Tx

JOURNAL = "SELECT count(*) FROM pg_prepared_statements WHERE starts_with(statement, 'INSERT INTO jour')"


def prepared(store: Store) -> int:
    """How often the server keeps the journal's statement for the connection of this thread."""
    return int(store.read(lambda tx: tx.rows(JOURNAL))[0][0])


def test_a_commit_that_the_server_refuses_is_said_and_nothing_stays_of_it(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)

    def work(tx: Tx) -> None:
        tickets.next_number(tx, site.today(), "A")
        tx.run("CREATE TEMPORARY TABLE late(n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        tx.run("INSERT INTO late VALUES(1), (1)")

    with pytest.raises(Conflict):
        site.store.transact(work)
    assert issuing.issue(site, "A").number == "A001"


def test_what_a_desk_says_twice_is_prepared(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    found = []
    for _visitor in range(3):
        issuing.issue(site, "A")
        found.append(prepared(site.store))
    assert found == [0, 1, 1]


def test_what_is_prepared_outlives_what_was_undone(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    for _visitor in range(2):
        issuing.issue(site, "A")

    def refused(tx: Tx) -> None:
        tx.run("SELECT 1 / ?", (0,))

    for _time in range(3):  # as it is, then prepared, then known
        with pytest.raises(Fault, match="division by zero"):
            site.store.transact(refused)
    assert prepared(site.store) == 1
    assert issuing.issue(site, "A").number == "A003"


def test_a_statement_that_cannot_be_prepared_is_said_each_time(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    for _time in range(3):
        with pytest.raises(Fault) as caught:
            site.store.read(lambda tx: tx.run("SELECT * FROM nowhere WHERE id = ?", (1,)))
        assert caught.value.code == "not_initialised"
    assert issuing.issue(site, "A").number == "A001"


def test_the_server_keeps_no_more_than_so_many_statements_for_a_desk(pg_url: str) -> None:
    store = open_store(pg_url, "qh")

    def work(tx: Tx) -> list[int]:
        kept = []
        for number in range(2 * PREPARED_MOST + 10):
            for value in (number, -number):
                assert tx.rows(f"SELECT ? + {number}", (value,)) == [(value + number,)]
            kept.append(tx.rows("SELECT count(*) FROM pg_prepared_statements")[0][0])
        return kept

    kept = store.read(work)
    assert PREPARED_MOST / 2 < max(kept) <= PREPARED_MOST
    assert kept[-1] < PREPARED_MOST / 2
    store.close()


@pytest.mark.parametrize(
    "value",
    [0, -1, 2**15, 2**31, 2**62, True, None, "", "张三", "it's", "%s", "$1 ? \\", "a\nb", 0.5],
    ids=repr,
)
def test_what_is_bound_comes_back_as_it_was(pg_url: str, value: object) -> None:
    store = open_store(pg_url, "qh")
    for _time in range(3):
        assert store.read(lambda tx: tx.rows("SELECT ?, ?", (value, "b"))) == [(value, "b")]
    store.close()


def test_what_gives_no_rows_gives_none(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    for _time in range(3):
        assert site.store.transact(lambda tx: tx.rows("UPDATE hall SET code = code WHERE 1 = ?", (2,))) == []


def test_a_table_that_is_another_since_is_read_as_it_is_now(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    read = partial(site.store.read, lambda tx: tx.row("SELECT * FROM hall"))
    found = [read(), read()]
    with psycopg.connect(hall_pg_url, autocommit=True) as upgrading:
        upgrading.execute("ALTER TABLE qh.hall ADD COLUMN later int DEFAULT 7")
    assert found[0] is not None
    assert [*found, read()] == [found[0], found[0], (*found[0], 7)]


def test_what_gives_no_rows_goes_out_with_the_next_in_its_order(pg_url: str) -> None:
    with Connection.connect(pg_url, autocommit=True) as connection:
        for _time in range(3):  # as it is, then prepared, then known
            connection.later("BEGIN")
            connection.later("CREATE TEMPORARY TABLE those(n int, of_what text)")
            assert connection.is_in_transaction
            for number in range(2 * TOGETHER_MOST + 10):
                connection.later("INSERT INTO those VALUES(?, ?)", (number, "it's"))
            found = connection.ask("SELECT count(*), sum(n), min(of_what) FROM those")
            assert found == [(210, 21945, "it's")]
            connection.later("DELETE FROM those WHERE n = ?", (7,))
            # What the driver itself says comes behind what was said before.
            assert connection.execute("SELECT count(*) FROM those").fetchone() == (209,)
            connection.later("DROP TABLE those")
            assert connection.ask("COMMIT") == []
            assert not connection.is_in_transaction


def test_an_error_of_what_went_out_with_another_is_raised_there_and_undoes_both(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    reached = []

    def work(tx: Tx) -> None:
        tickets.next_number(tx, site.today(), "A")
        tx.run("UPDATE hall SET code = 'x' || ?", (1 / 3,))
        tx.run("SELECT 1 / ?", (0,))
        reached.append("behind the wrong one")
        tx.rows("UPDATE hall SET code = 'y' RETURNING code")
        reached.append("behind the next")

    for _time in range(3):
        with pytest.raises(Fault, match="division by zero"):
            site.store.transact(work)
    assert reached == ["behind the wrong one"] * 3
    assert site.store.read(lambda tx: tx.rows("SELECT code FROM hall")) == [(site.hall.code,)]
    assert issuing.issue(site, "A").number == "A001"


def test_of_what_was_given_up_before_it_went_out_nothing_is_said(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)

    def refused(tx: Tx) -> None:
        tx.run("UPDATE hall SET code = 'x'")
        raise Refusal("nothing_waiting", window="1")

    with pytest.raises(Refusal):
        site.store.transact(refused)
    assert issuing.issue(site, "A").number == "A001"
    assert site.store.read(lambda tx: tx.rows("SELECT code FROM hall")) == [(site.hall.code,)]


def test_a_read_inside_an_operation_that_has_said_nothing_yet_is_a_part_of_it(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)

    def isolation(tx: Tx) -> object:
        return tx.rows("SELECT current_setting('transaction_isolation')")[0][0]

    assert site.store.read(isolation) == "repeatable read"
    assert site.store.transact(lambda _tx: site.store.read(isolation)) == "read committed"


def test_an_operation_that_says_nothing_ends_as_any_other(hall_pg_url: str) -> None:
    site, _clock = open_site(hall_pg_url)
    for _time in range(3):
        assert site.store.transact(lambda _tx: 7) == site.store.read(lambda _tx: 7) == 7
    assert issuing.issue(site, "A").number == "A001"


def test_what_is_closed_before_it_has_answered_has_not_answered(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Connection.connect(pg_url) as connection:
        # So it is when another thread closes the store between the last byte and its being read.
        wait = connection.wait
        monkeypatch.setattr(connection, "wait", lambda answer: wait(answer)[:0])
        with pytest.raises(psycopg.OperationalError):
            connection.ask("SELECT 1")
        monkeypatch.undo()
