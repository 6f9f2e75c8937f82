"""Turns to write: one after the other, in time or not at all, and nothing left behind."""

from __future__ import annotations

import errno
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from jiaohao.queue import issuing
from jiaohao.store.errors import Fault
from jiaohao.store.turns import Turn
from small_hall import sqlite_site

LONG_S = 20.0


def waiting_once(path: str) -> None:
    """Wait for a turn behind another thread that ends its own once it is waited for."""
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with Turn(path, LONG_S):
            is_held.set()
            may_end.wait(LONG_S)

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(LONG_S)
    with pytest.raises(Fault, match="store_busy"), Turn(path, 0.05):
        pass
    ending = threading.Timer(0.02, may_end.set)
    ending.start()
    with Turn(path, LONG_S):
        assert may_end.is_set()
    ending.join()
    holder.join()


def settled() -> set[threading.Thread]:
    """The threads that there are, once those that only wait to end have ended."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(0.2)
    return set(threading.enumerate())


@pytest.mark.rule("Q-1")
def test_who_waits_too_long_is_told_so_and_leaves_no_thread_behind(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    waiting_once(path)
    threads = settled()
    for _again in range(5):
        waiting_once(path)
    assert len(settled() - threads) <= 1  # who was left is not kept, and one stays in its place


@pytest.mark.rule("Q-1")
def test_a_turn_that_nobody_wants_any_more_is_given_on(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    with Turn(path, LONG_S):
        for _who in range(3):
            with pytest.raises(Fault, match="store_busy"), Turn(path, 0.01):
                pass
    with Turn(path, LONG_S):
        pass


@pytest.mark.rule("Q-1")
def test_a_child_that_is_forked_waits_by_itself(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    waiting_once(path)
    child = multiprocessing.get_context("fork").Process(target=waiting_once, args=(path,))
    child.start()
    child.join(2 * LONG_S)
    assert child.exitcode == 0


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EROFS, "store_read_only"),
        (errno.EACCES, "store_read_only"),
        (errno.ENOSPC, "store_full"),
        (errno.EMFILE, "store_unreachable"),
    ],
)
def test_what_keeps_a_turn_from_being_taken_is_told_by_every_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    site, _clock = sqlite_site(tmp_path)

    def refusing(path: str, flags: int, mode: int) -> int:
        raise OSError(number, os.strerror(number), path, flags, mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refusing)
        with pytest.raises(Fault) as caught:
            issuing.issue(site, "A")
    assert caught.value.code == code
    assert issuing.issue(site, "A").number == "A001"
    site.store.close()
