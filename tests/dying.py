"""An operation in a process of its own, which is killed at a chosen moment of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jiaohao.queue.clock import ManualClock, to_utc
from jiaohao.queue.site import Site
from jiaohao.store.base import Tx
from jiaohao.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["dying", "every_operation", "jiaohao.store.sqlite", "jiaohao.store.postgres", "psycopg"]
)
DURABLE = "durable"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Countdown:
    """Kills the process at its ``moment``-th statement or commit."""

    def __init__(self, moment: int) -> None:
        """Count from here."""
        self._left = moment

    def before(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work, which counts as a moment before it is done."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if not self._left:
                _die()
            return work(*args, **kwargs)

        return counted


def _run(
    url: str, now_ms: int, moment: int, marker: str, work: Callable[[Site, str], object], op: str
) -> None:
    site = Site(open_store(url, "qh"), ManualClock(to_utc(now_ms)))
    # What is known of the hall by itself is no part of the operation.
    assert site.directory

    countdown = _Countdown(moment)
    Tx.execute = countdown.before(Tx.execute)  # type: ignore[method-assign]
    end = countdown.before(Tx.end)

    def ending(tx: Tx, *statements: Any) -> None:
        end(tx, *statements)
        if tx.word.journal_id:
            Path(marker).write_text(DURABLE, encoding="utf-8")
            _die()

    Tx.end = ending  # type: ignore[method-assign]
    work(site, op)


def killed_at(
    moment: int, url: str, now_ms: int, folder: Path, work: Callable[[Site, str], object], op: str
) -> bool:
    """Do ``work`` in another process until it is killed before its ``moment``-th statement or commit.

    Whether it had been done by then: the moment after the commit is the last one.
    """
    marker = folder / "durable"
    marker.unlink(missing_ok=True)
    process = _FORKS.Process(target=_run, args=(url, now_ms, moment, str(marker), work, op))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    return marker.exists()
