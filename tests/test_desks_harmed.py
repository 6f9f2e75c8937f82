"""Desks whose store is harmed say so by themselves, keep what they know, and go on by themselves."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from driving import desk, says, text_of, until
from jiaohao.queue import issuing, language
from jiaohao.queue.site import Site
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store
from jiaohao.tui import link
from own_server import OwnServer
from small_hall import open_site
from test_crash_disk import disk, may_mount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["disk"]


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    """A server of this file alone."""
    server = OwnServer()
    yield server
    server.end()


@contextmanager
def stopped(server: OwnServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: OwnServer) -> Iterator[None]:
    processes = server.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("guide", ["No answer from the database since", "OLD", "[store_unreachable]"]),
        ("wall", ["!! OLD: as of 10:05"]),
    ],
)
@pytest.mark.parametrize("harm", [stopped, frozen])
async def test_without_an_answer_from_its_server_a_desk_says_that_what_it_shows_is_old(
    own_server: OwnServer,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[OwnServer], AbstractContextManager[None]],
    code: str,
    told: list[str],
) -> None:
    monkeypatch.setattr(link, "SILENT_S", 1.0)
    language.use("en")
    url = own_server.new_database(f"{harm.__name__}_{code}")
    site, clock = open_site(url)
    shown = Site(open_store(url, "qh", read_only=True), clock) if code == "wall" else site
    async with desk(shown, code, staff=None if code == "wall" else "2001") as (app, pilot):
        # Nobody presses a key.
        with harm(own_server):
            await until(pilot, says(pilot, *told))
        await until(pilot, lambda: "OLD" not in text_of(app))
        issuing.issue(site, "A")
        await until(pilot, lambda: app.floor is not None and len(app.floor.waiting) == 1)
    site.store.close()


@may_mount
@pytest.mark.rule("Q-1")
async def test_a_guide_is_told_that_the_disk_is_full_and_asks_again_when_it_is_not(disk: Path) -> None:
    language.use("en")
    site, _clock = open_site(f"sqlite:///{disk / 'hall.db'}")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        ballast = disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        given = 0
        with pytest.raises(Fault):  # noqa: PT012 - what was set aside before lasts for some more
            while True:
                issuing.issue(site, "A")
                given += 1
        await pilot.press(*"rs-001")
        await until(pilot, says(pilot, "5 working days"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Fault: ", "[store_full]"))
        ballast.unlink()
        await pilot.press("enter")
        await until(pilot, says(pilot, f"Issued: A{given + 1:03d}"))
    site.store.close()
