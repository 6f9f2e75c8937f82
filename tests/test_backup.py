"""A backup is the whole hall at one instant, and the hall can be made of it again, on either store."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import peewee
import pytest

from jiaohao.queue import backing_up, calling, issuing, moving, questions, sealing, seating
from jiaohao.queue.reading import read_floor
from jiaohao.queue.setup import Place, check_hall, open_place
from jiaohao.queue.site import Site
from jiaohao.store import backups, copying
from jiaohao.store.base import Tx
from jiaohao.store.errors import Fault
from jiaohao.store.opening import applied_migrations, known_migrations, open_store, require_current
from jiaohao.store.sqlite import SqliteStore
from small_hall import open_site, small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from jiaohao.queue.clock import ManualClock
    from jiaohao.store.base import Store

Hall = tuple[Site, "ManualClock"]
STAMP = "20261124_020500"


def work(site: Site) -> None:
    """Something in many tables, deleted rows and a number that was given back among it."""
    seating.sit(site, "1", "1001")
    seating.sit(site, "3", "1003")
    for _ in range(3):
        issuing.issue(site, "A")
    issuing.issue(site, "B", priority="veteran", staff="2001")
    calling.call(site, "1")
    calling.start(site, "1")
    calling.finish(site, "1", kind="promised")
    calling.call(site, "1")
    moving.cancel(site, "B001", staff="2001")
    questions.enquire(site, staff="1001", channel="phone", about="社保\n卡", name="张三", phone="13800001234")


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a file."""
    store = SqliteStore(path, read_only=True)
    names = [*store.read(copying.tables), "sqlite_sequence"]
    rows = {}
    for name in names:
        sql = f"SELECT * FROM {name}"  # noqa: S608 - a table's own name
        rows[name] = store.read(lambda tx, sql=sql: sorted(tx.rows(sql), key=repr))
    store.close()
    return rows


def url_of(site: Site) -> str:
    store = site.store
    return f"sqlite:///{store.path}" if isinstance(store, SqliteStore) else str(vars(store)["url"])


def code_of(source: Path, store: Store, stamp: str, *, replace: bool = False) -> str:
    with pytest.raises(Fault) as caught:
        backups.restore(source, store, stamp, replace=replace)
    return caught.value.code


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.rule("Q-1", "Q-3")
def test_what_was_backed_up_comes_back(hall_site: Hall, tmp_path: Path) -> None:
    site, _clock = hall_site
    work(site)
    file = tmp_path / "copies" / "hall.backup"
    file.parent.mkdir()
    backups.backup(site.store, file)
    assert listed(file.parent) == ["hall.backup"]
    assert file.stat().st_mode & 0o777 == 0o600
    number = issuing.issue(site, "A").number
    assert code_of(file, site.store, STAMP) == "hall_not_empty"
    kept = backups.restore(file, site.store, STAMP, replace=True)
    assert kept is not None
    assert STAMP in kept
    site.reload()
    assert number not in {ticket.number for ticket in read_floor(site)[0].waiting}
    assert issuing.issue(site, "A").number == number
    assert site.store.problems() == []
    assert sealing.verify(site).problems == []
    # The guards are there as before.
    for broken in (
        "DELETE FROM journal",
        "UPDATE seals SET position = 9",
        "UPDATE enquiries SET first_responder='1'",
    ):
        with pytest.raises(Fault):
            site.store.transact(lambda tx, broken=broken: tx.run(broken))


@pytest.mark.rule("Q-3")
def test_from_one_store_to_the_other_and_back_every_row_is_the_same(
    tmp_path: Path, fresh_pg_url: str
) -> None:
    site, clock = sqlite_site(tmp_path)
    work(site)
    # Where the last numbers were deleted the next ones still go on after them.
    site.store.transact(lambda tx: tx.run("DELETE FROM calls"))
    first, second = tmp_path / "first", tmp_path / "second"
    backups.backup(site.store, first)
    moved = Site(open_store(fresh_pg_url, "qh"), clock)
    assert backups.restore(first, moved.store, STAMP) is None
    assert sealing.verify(moved).problems == []
    backups.backup(moved.store, second)
    assert everything(second) == everything(first)
    again = SqliteStore(second)
    assert sealing.verify(Site(again, clock)).problems == []
    assert again.problems() == []
    again.close()
    assert [issuing.issue(moved, "A").number, issuing.issue(site, "A").number] == ["A004", "A004"]
    assert calling.recall(moved, "1").calls == 2
    assert sealing.verify(moved).problems == []
    moved.store.close()
    site.store.close()


def test_a_backup_overwrites_only_what_it_may(hall_site: Hall, tmp_path: Path) -> None:
    site, _clock = hall_site
    file = tmp_path / "there"
    file.write_text("somebody's")
    with pytest.raises(Fault, match="backup_exists"):
        backups.backup(site.store, file)
    assert file.read_text() == "somebody's"
    backups.backup(site.store, file, replace=True)
    require_current(SqliteStore(file))


def test_a_backup_never_takes_the_place_of_its_hall(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    with pytest.raises(Fault, match="backup_exists"):
        backups.backup(site.store, tmp_path / "hall.db", replace=True)


@pytest.mark.rule("Q-1")
def test_what_is_no_whole_backup_changes_nothing(hall_site: Hall, tmp_path: Path) -> None:
    site, _clock = hall_site
    for _ in range(100):
        issuing.issue(site, "A")
    good = tmp_path / "good"
    backups.backup(site.store, good)
    content = good.read_bytes()
    folder = tmp_path / "files"
    folder.mkdir()
    bad = {
        "text": (b"not a database at all", "not_a_backup"),
        "empty": (b"", "not_a_backup"),
        "half": (content[: len(content) // 2], "backup_damaged"),
        "torn": (content[:8192] + b"\xaa" * 40960 + content[49152:], "backup_damaged"),
    }
    for name, (is_in_it, code) in bad.items():
        (folder / name).write_bytes(is_in_it)
        assert (name, code_of(folder / name, site.store, STAMP)) == (name, code)
    foreign = SqliteStore(folder / "foreign", create=True)
    foreign.db.execute_sql("CREATE TABLE tickets(id INTEGER)")
    foreign.close()
    newer = SqliteStore(good)
    newer.db.execute_sql("INSERT INTO schema_migration(name, applied) VALUES('9999_later', '2030-01-01')")
    newer.close()
    for path, code in (
        (folder / "foreign", "not_a_backup"),
        (folder / "missing", "not_a_backup"),
        (folder, "not_a_backup"),
        (good, "database_newer"),
    ):
        assert (path.name, code_of(path, site.store, STAMP)) == (path.name, code)
    assert issuing.issue(site, "A").number == "A101"
    assert [name for name in listed(tmp_path) if "part" in name or STAMP in name] == []


def test_no_column_is_of_a_kind_that_a_restore_does_not_look_at(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    kinds = (
        "SELECT DISTINCT columns.type FROM sqlite_master AS made, pragma_table_info(made.name) AS columns "
        "WHERE made.type = 'table' AND made.name NOT LIKE 'sqlite_%'"
    )
    found = {kind for (kind,) in site.store.read(lambda tx: tx.rows(kinds))}
    assert found <= {"INTEGER", "BIGINT", "BLOB", "TEXT", "VARCHAR(255)", "DATETIME"}


def test_an_older_backup_is_upgraded(hall_site: Hall, tmp_path: Path) -> None:
    site, _clock = hall_site
    old = tmp_path / "old" / "hall.db"
    old.parent.mkdir()
    store = SqliteStore(old, create=True)
    _first_steps(store, 3)
    store.close()
    backups.restore(old, site.store, STAMP)
    assert applied_migrations(site.store) == known_migrations()
    assert applied_migrations(SqliteStore(old)) == known_migrations()[:3]


@pytest.mark.rule("Q-1", "Q-3")
def test_a_hall_of_an_earlier_program_goes_on_in_the_middle_of_its_day(
    hall_site: Hall, tmp_path: Path
) -> None:
    site, clock = hall_site
    with contextlib.closing(apsw.Connection(str(tmp_path / "old"))) as old:
        # As the program wrote it that ended with this migration.
        old.execute((Path(__file__).parent / "corpus" / "hall_0006.sql").read_text(encoding="utf-8"))
    place = Place(None, url_of(site), "qh")
    assert backing_up.restore(place, tmp_path / "old", clock, replace=True) is not None
    restored = Site(open_store(place.url, "qh"), clock)
    assert sealing.walk(restored).problems == []
    assert check_hall(place, deep=True)[0] == []
    clock.advance(600)
    floor = read_floor(restored)[0]
    assert [ticket.number for ticket in floor.waiting] == ["A002", "A003"]
    assert [view.code for view in floor.absent if view.cover] == ["1"]
    assert issuing.issue(restored, "A").number == "A004"
    assert calling.call(restored, "2").number == "A002"
    assert check_hall(place, deep=True)[0] == []
    restored.store.close()


def _first_steps(store: SqliteStore, count: int) -> None:
    from playhouse.migrations import Runner  # noqa: PLC0415 - as in store/opening.py

    from jiaohao.store.opening import MIGRATIONS  # noqa: PLC0415

    with store.migrating():
        Runner(store.db, str(MIGRATIONS), table_name="schema_migration").up(known_migrations()[count - 1])


def test_postgres_is_told_which_row_it_cannot_keep(tmp_path: Path, fresh_pg_url: str) -> None:
    site, clock = sqlite_site(tmp_path)
    site.store.transact(
        lambda tx: tx.run("INSERT INTO remarks VALUES('x', '2026-11-24', 'a' || char(0) || 'b')")
    )
    backups.backup(site.store, tmp_path / "copy")
    target, _ = open_site(fresh_pg_url)
    with pytest.raises(Fault, match="remarks op=x") as caught:
        backups.restore(tmp_path / "copy", target.store, STAMP)
    assert caught.value.code == "backup_has_nul"
    schemas = target.store.read(lambda tx: tx.rows("SELECT nspname FROM pg_namespace WHERE nspname ~ '^qh'"))
    assert schemas == [("qh",)]
    assert issuing.issue(target, "A").number == "A001"
    assert clock


def test_the_wall_reads_on_and_terminals_hear_of_it(hall_site: Hall, tmp_path: Path) -> None:
    site, clock = hall_site
    work(site)
    backups.backup(site.store, tmp_path / "copy")
    url = url_of(site)
    wall = Site(open_store(url, "qh", read_only=True), clock)
    other = Site(open_store(url, "qh"), clock)
    for _ in range(8):  # so often that the server keeps the plan
        issuing.issue(other, "A")
        assert read_floor(wall)[0].windows
    ear = wall.store.listen()
    backups.restore(tmp_path / "copy", other.store, STAMP, replace=True)
    assert ear.wait(5) is not None
    ear.close()
    for one in (wall, other):
        if one is wall and one.store.dialect == "sqlite":
            # Whoever has the old file open finds out once.
            with pytest.raises(Fault, match="store_unreachable"):
                read_floor(one)
        assert [ticket.number for ticket in read_floor(one)[0].waiting] == ["A003"]
    assert issuing.issue(other, "A").number == "A004"
    assert sealing.verify(other).problems == []
    wall.store.close()
    other.store.close()


def told(url: str, *words: str) -> tuple[int, dict[str, object]]:
    """A command's exit code, and its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "jiaohao.tui.main", "--database", url, "--json", *words],
        check=False, capture_output=True, text=True, timeout=60, env={**os.environ, "JIAOHAO_LANGUAGE": "en"},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or done.stderr)


def test_the_commands(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    issuing.issue(site, "A")
    site.store.close()
    url, file = f"sqlite:///{tmp_path / 'hall.db'}", str(tmp_path / "copy")
    assert told(url, "backup", file) == (0, {"backup": file})
    code, said = told(url, "backup", file)
    assert (code, said["error"]["code"]) == (2, "backup_exists")  # type: ignore[index]
    code, said = told(url, "backup", str(tmp_path / "none" / "copy"))
    assert (code, said["error"]["code"]) == (2, "usage")  # type: ignore[index]
    assert told(url, "backup", file, "--replace") == (0, {"backup": file})
    code, said = told(url, "restore", file)
    assert (code, said["error"]["code"]) == (2, "hall_not_empty")  # type: ignore[index]
    code, said = told(url, "restore", file, "--replace")
    kept = str(said["kept"])
    assert (code, said["restored"], Path(kept).exists()) == (0, file, True)
    assert told(f"sqlite:///{tmp_path / 'elsewhere.db'}", "restore", file) == (
        0,
        {"restored": file, "kept": None},
    )


def killed_at(moment: int, work: Callable[[], object]) -> bool:
    """Whether a process of its own was killed at its so-manieth statement or renaming, or came to its end."""
    child = os.fork()
    if not child:
        left = moment

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def count(*args: object, **kwargs: object) -> object:
                nonlocal left
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **kwargs)

            return count

        Path.rename = counted(Path.rename)  # type: ignore[method-assign, assignment]
        peewee.Database.execute_sql = counted(peewee.Database.execute_sql)
        Tx.execute = counted(Tx.execute)  # type: ignore[method-assign]
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.rule("Q-1")
def test_whenever_a_backup_is_killed_there_is_the_old_one_or_the_new_one(
    hall_site: Hall, tmp_path: Path
) -> None:
    site, _clock = hall_site
    url = url_of(site)
    folder = tmp_path / "copies"
    folder.mkdir()
    file = folder / "hall.backup"
    backups.backup(site.store, file)
    issuing.issue(site, "A")
    site.store.close()
    step = 1 if site.store.dialect == "sqlite" else 40
    moment = 1
    while killed_at(moment, lambda: backups.backup(open_store(url, "qh"), file, replace=True)):
        assert len(everything(file)["tickets"]) == 0
        moment += step
    assert moment > 2 * step
    assert listed(folder) == ["hall.backup"]
    assert len(everything(file)["tickets"]) == 1


@pytest.mark.rule("Q-1")
def test_whenever_a_restore_of_a_file_is_killed_both_halls_are_whole(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    site, _clock = sqlite_site(before)
    backups.backup(site.store, tmp_path / "copy")
    issuing.issue(site, "A")
    site.store.close()
    moment, is_done = 1, False
    while not is_done:
        folder = Path(shutil.copytree(before, tmp_path / str(moment)))
        path = folder / "hall.db"
        is_done = not killed_at(
            moment, lambda p=path: backups.restore(tmp_path / "copy", SqliteStore(p), STAMP, replace=True)
        )
        kept = path.with_name(f"hall.db.{STAMP}")
        if not is_done and path.exists():
            assert len(everything(path)["tickets"]) == 1
            assert not kept.exists()
        elif not is_done:
            # Between the two renamings: what was is kept, and restoring once more ends it.
            assert len(everything(kept)["tickets"]) == 1
        store = SqliteStore(path, create=True)
        if not is_done:
            backups.restore(tmp_path / "copy", store, "20261124_020501", replace=True)
        assert store.problems() == []
        assert not backups.has_tickets(store)
        store.close()
        assert [name for name in listed(folder) if "part" in name] == []
        moment += 1
    assert moment > 10


@pytest.mark.rule("Q-1")
def test_whenever_a_restore_of_a_schema_is_killed_the_old_hall_is_whole(
    fresh_pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    site, _clock = open_site(fresh_pg_url)
    backups.backup(site.store, tmp_path / "copy")
    issuing.issue(site, "A")
    site.store.close()

    def restored() -> str | None:
        return backups.restore(tmp_path / "copy", open_store(fresh_pg_url, "qh"), STAMP, replace=True)

    for moment in (2, 40, 150, 300):
        assert killed_at(moment, restored)
        assert len(read_floor(site)[0].waiting) == 1
        site.store.close()
    assert restored() == f"qh_{STAMP}"
    site.reload()
    assert len(read_floor(site)[0].waiting) == 0
    schemas = site.store.read(
        lambda tx: tx.rows("SELECT nspname FROM pg_namespace WHERE nspname ~ '^qh' ORDER BY 1")
    )
    assert schemas == [("qh",), (f"qh_{STAMP}",)]
    assert listed(tmp_path) == ["copy"]  # also what the killed ones had left


def test_a_restore_takes_away_no_folder_of_one_at_work(
    fresh_pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    site, _clock = open_site(fresh_pg_url)
    backups.backup(site.store, tmp_path / "copy")
    for name in ("at-work", "left"):
        (tmp_path / f"jiaohao-restore-{name}").mkdir()
    (tmp_path / "jiaohao-restore-link").symlink_to(tmp_path / "jiaohao-restore-at-work")
    at_work = os.open(tmp_path / "jiaohao-restore-at-work", os.O_RDONLY)
    fcntl.flock(at_work, fcntl.LOCK_EX)
    backups.restore(tmp_path / "copy", site.store, STAMP)
    os.close(at_work)
    assert listed(tmp_path) == ["copy", "jiaohao-restore-at-work", "jiaohao-restore-link"]


OTHER = replace(small_hall(), code="other")


@pytest.mark.rule("Q-1")
def test_another_halls_backup_goes_only_where_there_is_no_hall(hall_site: Hall, tmp_path: Path) -> None:
    site, _clock = hall_site
    other, _ = open_site(f"sqlite:///{tmp_path / 'other.db'}", OTHER)
    backups.backup(other.store, tmp_path / "copy")
    place = Place(None, url_of(site), "qh")
    for replacing in (False, True):
        with pytest.raises(Fault) as caught:
            backing_up.restore(place, tmp_path / "copy", replace=replacing, anyway=True)
        assert caught.value.code == "other_hall"
    site.reload()
    assert site.hall.code == "qh"
    assert issuing.issue(site, "A").number == "A001"
    assert (
        backing_up.restore(Place(None, f"sqlite:///{tmp_path / 'new.db'}", "qh"), tmp_path / "copy") is None
    )
    assert open_place(Place(None, f"sqlite:///{tmp_path / 'new.db'}", "")).hall.code == "other"


def test_a_schema_of_another_name_takes_no_hall(fresh_pg_url: str, tmp_path: Path) -> None:
    other, _ = open_site(f"sqlite:///{tmp_path / 'other.db'}", OTHER)
    backups.backup(other.store, tmp_path / "copy")
    with pytest.raises(Fault, match="other_hall: other / qh"):
        backing_up.restore(Place(None, fresh_pg_url, "qh"), tmp_path / "copy")
    assert backing_up.restore(Place(None, fresh_pg_url, "other"), tmp_path / "copy") is None


def test_over_a_hall_that_cannot_be_read_the_configured_one_counts(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    backups.backup(site.store, tmp_path / "copy")
    site.store.close()
    (tmp_path / "hall.db").write_bytes(b"torn" * 4096)
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    with pytest.raises(Fault, match="other_hall"):
        backing_up.restore(Place(None, url, "other"), tmp_path / "copy", replace=True)
    assert backing_up.restore(Place(None, url, "qh"), tmp_path / "copy", replace=True) is not None
    assert open_place(Place(None, url, "qh")).hall.code == "qh"


@pytest.mark.rule("Q-3")
def test_what_is_not_as_its_journal_says_is_restored_only_when_that_is_asked_for(
    hall_site: Hall, tmp_path: Path
) -> None:
    site, _clock = hall_site
    work(site)
    backups.backup(site.store, tmp_path / "copy")
    with contextlib.closing(apsw.Connection(str(tmp_path / "copy"))) as copy:
        copy.execute("UPDATE tickets SET state = 'held' WHERE number = 'A002'")
    place = Place(None, url_of(site), "qh")
    with pytest.raises(Fault, match="A002") as caught:
        backing_up.restore(place, tmp_path / "copy", replace=True)
    assert caught.value.code == "backup_unsound"
    assert calling.recall(site, "1").number == "A002"
    assert backing_up.restore(place, tmp_path / "copy", replace=True, anyway=True) is not None
    (problem,) = check_hall(place, deep=True)[0]
    assert "A002" in problem.message


@pytest.mark.rule("Q-3")
def test_a_line_put_into_a_backups_journal_is_not_sealed_by_restoring_it(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    work(site)
    backups.backup(site.store, tmp_path / "copy")
    with contextlib.closing(apsw.Connection(str(tmp_path / "copy"))) as copy:
        copy.execute(
            "INSERT INTO journal(op, at_ms, service_day, event) VALUES('x', 1, '2026-11-24', 'paged')"
        )
    with pytest.raises(Fault) as caught:
        backing_up.restore(Place(None, url_of(site), "qh"), tmp_path / "copy", replace=True)
    assert caught.value.code == "backup_unsound"


@pytest.mark.rule("Q-1")
def test_no_room_is_said_and_leaves_nothing(hall_site: Hall, tmp_path: Path) -> None:
    site, _clock = hall_site
    folder = tmp_path / "copies"
    folder.mkdir()
    backups.backup(site.store, tmp_path / "whole")
    assert issuing.issue(site, "A").number == "A001"
    before = listed(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(Fault) as caught:
            backups.backup(site.store, folder / "hall.backup")
        code = code_of(tmp_path / "whole", site.store, STAMP, replace=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (caught.value.code, code) == ("store_full", "store_full")
    assert (listed(folder), listed(tmp_path)) == ([], before)
    assert issuing.issue(site, "A").number == "A002"


@pytest.mark.rule("Q-1", "Q-3")
def test_a_backup_while_others_write_is_one_instant(hall_site: Hall, tmp_path: Path) -> None:
    site, clock = hall_site
    is_over = threading.Event()
    other = Site(open_store(url_of(site), "qh"), clock)

    def issue_on() -> None:
        while not is_over.is_set():
            issuing.issue(other, "A")
        other.store.close()

    issued: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(issue_on)
        try:
            for name in ("one", "two"):
                before = len(read_floor(site)[0].waiting)
                while len(read_floor(site)[0].waiting) == before:
                    assert not busy.done()
                backups.backup(site.store, tmp_path / name)
        finally:
            is_over.set()
        busy.result()
    for name in ("one", "two"):
        store = SqliteStore(tmp_path / name)
        found = sealing.verify(Site(store, clock))
        assert (found.problems, store.problems()) == ([], [])
        count = (
            "SELECT (SELECT count(*) FROM tickets) - (SELECT count(*) FROM journal WHERE event = 'issued')"
        )
        assert store.read(lambda tx, count=count: tx.rows(count)) == [(0,)]
        issued += store.read(lambda tx: tx.rows("SELECT count(*) FROM tickets"))[0]
        store.close()
    assert 0 < issued[0] < issued[1]


@pytest.mark.rule("Q-3")
def test_what_was_sealed_in_another_order_than_it_was_written_can_be_restored(
    fresh_pg_url: str, tmp_path: Path
) -> None:
    site, clock = open_site(fresh_pg_url)
    other = Site(open_store(fresh_pg_url, "qh"), clock)

    def issue_both(tx: Tx) -> None:
        issuing.issue(site, "A")
        tx.rows("SELECT 1")  # its line is written when something else is asked
        issuing.issue(other, "B")  # is done first

    site.store.transact(issue_both)
    sealed = site.store.read(
        lambda tx: tx.rows("SELECT journal_id FROM seals ORDER BY position DESC LIMIT 2")
    )
    assert sealed[0] < sealed[1]
    backups.backup(site.store, tmp_path / "copy")
    site.store.close()
    for url in (f"sqlite:///{tmp_path / 'hall.db'}", fresh_pg_url):
        backing_up.restore(Place(None, url, "qh"), tmp_path / "copy", replace=True)
        restored = Site(open_store(url, "qh"), clock)
        assert issuing.issue(restored, "B").number == "B002"
        assert sealing.walk(restored).problems == []
        restored.store.close()
    other.store.close()


def test_a_restore_waits_for_whoever_reads_the_tables_in_another_order(
    fresh_pg_url: str, tmp_path: Path
) -> None:
    site, clock = open_site(fresh_pg_url)
    issuing.issue(site, "A")
    backups.backup(site.store, tmp_path / "copy")
    other = open_store(fresh_pg_url, "qh")
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
    with ThreadPoolExecutor() as threads:

        def read(tx: Tx) -> object:
            tx.rows("SELECT 1 FROM journal")
            restores = threads.submit(backups.restore, tmp_path / "copy", other, STAMP, replace=True)
            while not tx.rows(waiting):
                assert not restores.done()
            tx.rows("SELECT 1 FROM calls")
            return restores

        assert site.store.read(read).result() == f"qh_{STAMP}"
    assert issuing.issue(Site(other, clock), "A").number == "A002"
    other.close()
    site.store.close()


def test_the_schedule_keeps_the_last_ones(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    site.store.close()
    folder = tmp_path / "copies of the hall"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"hall-2020010{day}-000000.backup").touch()
    own = ["hall-2019-12-31.backup", "hall-20191231-000000-before.backup", "hall-notes.backup"]
    for name in own:
        (folder / name).touch()
    script = Path(__file__).parents[1] / "docs" / "operations" / "backup.sh"
    database = f"sqlite:///{tmp_path / 'hall.db'}"
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "JIAOHAO_DATABASE": database,
        "JIAOHAO_LANGUAGE": "en",
    }

    def run(keep: str) -> int:
        words = [str(script), str(folder), keep]
        return subprocess.run(words, env=env, cwd=tmp_path, check=False, capture_output=True).returncode

    assert run("2") == 0
    oldest, newest = sorted(set(listed(folder)) - set(own))
    assert oldest == "hall-20200103-000000.backup"
    assert set(own) < set(listed(folder))
    require_current(SqliteStore(folder / newest))
    env["JIAOHAO_DATABASE"] = f"sqlite:///{tmp_path / 'none.db'}"
    assert run("1") == 2
    assert run("none") == 2
    assert set(listed(folder)) == {oldest, newest, *own}
