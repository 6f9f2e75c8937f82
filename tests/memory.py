"""Where the tests write: in memory where there is room, since on a disk they wait more than they work."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of their own are made in it
_ROOM = 2 << 30
"""Bytes: as much as the servers and files of many tests at once may take; a container has far less."""


def memory() -> str | None:
    """A folder in memory for what must outlive nothing; None is the system's own for such files."""
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    return str(_MEMORY)
