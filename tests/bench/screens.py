"""A program in a terminal of its own: when it has painted what is looked for, and what it then takes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psutil import Process

from bench.measuring import now_s

LOST_S = 60.0
STILL_S = 0.5
"""It has come to rest when it has written nothing for so long, but for a clock's tick, which is short."""
_TICK = 1024
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """Milliseconds from the start of the process to its first whole frame, and what it takes afterwards.

    ``private_mb`` is what is its own alone, ``rss_mb`` all that is in memory, with what others share.
    """

    painted_ms: float
    private_mb: float
    rss_mb: float


def shown(
    command: Sequence[str], marks: Iterable[str], size: tuple[int, int], folder: Path, env: Mapping[str, str]
) -> Shown:
    """Start it in a terminal of so many columns and rows, until all ``marks`` were painted and it rests."""
    ours, theirs = pty.openpty()
    columns, rows = size
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    begin_s = now_s()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=env, start_new_session=True
    )
    os.close(theirs)
    try:
        painted_s = _painted_s(ours, [mark.encode() for mark in marks])
        _rest(ours)
        takes = Process(process.pid).memory_full_info()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return Shown((painted_s - begin_s) * 1000, takes.uss / _MB, takes.rss / _MB)


def _painted_s(terminal: int, marks: Sequence[bytes]) -> float:
    said = b""
    try:
        while not all(mark in said for mark in marks):
            if not select.select([terminal], [], [], LOST_S)[0]:
                raise TimeoutError
            said += os.read(terminal, 65536)
    except OSError as error:  # nothing comes any more, or the process has gone
        missing = [mark.decode() for mark in marks if mark not in said]
        raise RuntimeError(f"never painted: {missing}\n{said.decode(errors='replace')}") from error
    return now_s()


def _rest(terminal: int) -> None:
    still_s = now_s() + STILL_S
    while (left_s := still_s - now_s()) > 0:
        if select.select([terminal], [], [], left_s)[0] and len(os.read(terminal, 65536)) > _TICK:
            still_s = now_s() + STILL_S
