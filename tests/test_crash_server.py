"""A server restarted, frozen, killed and cut off while thirty terminals work at it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from jiaohao.queue import seating
from network import Network
from own_server import OwnServer
from small_hall import open_site
from terminal import Answer, Terminal, all_is_kept, audit, clerk_of, until_settled, wide_hall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENTS = 30
FROZEN_S = 12.0
"""Longer than any time that a statement, a lock or an idle transaction is given."""
WAIT_S = 120.0
SILENT_S = 40.0
"""In so long everybody has been told that nothing arrives any more."""


@pytest.fixture
def server() -> Iterator[OwnServer]:
    """A server of this test alone."""
    server = OwnServer()
    yield server
    server.end()


def cut(server: OwnServer, _working: list[Terminal]) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jiaohao'"
        )
        assert len(ended.fetchall()) >= CLIENTS


def restart(server: OwnServer, working: list[Terminal]) -> None:
    server.stop()
    for terminal in working:
        terminal.wait_until(lambda said: said[-1].get("fault") == "store_unreachable", WAIT_S)
    server.start()


def freeze(server: OwnServer, working: list[Terminal]) -> None:
    processes = server.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    # Not a wait for anything: for so long nobody is answered, but for what was on its way.
    time.sleep(FROZEN_S / 4)
    so_far = [terminal.answers() for terminal in working]
    time.sleep(FROZEN_S * 3 / 4)
    assert [terminal.answers() for terminal in working] == so_far
    for process in processes:
        os.kill(process, signal.SIGCONT)


def kill(server: OwnServer, _working: list[Terminal]) -> None:
    # As a machine out of memory does; the first process ends the others and begins again from the disk.
    for process in server.processes()[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
@pytest.mark.parametrize("harm", [cut, restart, freeze, kill])
def test_whatever_happens_to_a_server_thirty_terminals_lose_nothing(
    server: OwnServer, tmp_path: Path, harm: Callable[[OwnServer, list[Terminal]], None]
) -> None:
    nothing_is_lost(server, server.url, tmp_path, lambda working: harm(server, working))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.rule("Q-1", "Q-3", "Q-4")
def test_a_network_that_falls_silent_is_noticed_and_loses_nothing(server: OwnServer, tmp_path: Path) -> None:
    with Network(server.url) as network:

        def cable_pulled(working: list[Terminal]) -> None:
            network.fall_silent()
            pulled_s = time.monotonic()
            for terminal in working:
                terminal.wait_until(lambda said: said[-1].get("fault") == "store_unreachable", WAIT_S)
            assert time.monotonic() - pulled_s < SILENT_S
            network.come_back()

        nothing_is_lost(server, network.url, tmp_path, cable_pulled)


def nothing_is_lost(
    server: OwnServer, url: str, folder: Path, harm: Callable[[list[Terminal]], None]
) -> None:
    """Thirty terminals work at a URL of the server, suffer harm and go on; what they were told stands."""
    site, _clock = open_site(server.url, wide_hall(CLIENTS))
    windows = [str(number) for number in range(1, CLIENTS + 1)]
    for window in windows:
        seating.sit(site, window, clerk_of(window))
    working = [Terminal(url, folder) for _window in windows]
    answers: list[Answer] = []
    try:
        for window, terminal in zip(windows, working, strict=True):
            terminal.tell("day", window=window, rounds=0)
        for terminal in working:
            terminal.wait_until(lambda said: len(said) > 4, WAIT_S)
        harm(working)
        for terminal in working:
            so_far = len(terminal.answers())
            terminal.wait_until(
                lambda said, so_far=so_far: sum("did" in one for one in said[so_far:]) > 4, WAIT_S
            )
    finally:
        for terminal in working:
            answers += terminal.kill()
    until_settled(site)
    assert {one["fault"] for one in answers if "fault" in one} <= {"store_unreachable", "store_busy"}
    all_is_kept(site, answers)
    audit(site)
    site.store.close()
