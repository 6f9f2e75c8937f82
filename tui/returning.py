"""What a terminal remembers of its seat, so that one that died gets it back without a new sign-on (AB-6).

The id of the operation by which somebody sat down is known to their terminal alone; whoever has it is let
back for a few minutes. It lies in a file that nobody else may read.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from jiaohao.tui.log import log_file


def _file() -> Path:
    return log_file().with_name("seat.json")


def remember(window: str, token: str) -> None:
    """Keep by what somebody sat down at a window; a disk that refuses only means a sign-on more."""
    with contextlib.suppress(OSError):
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"window": window, "token": token}), encoding="utf-8")


def forget() -> None:
    """They have left or signed off."""
    with contextlib.suppress(OSError):
        _file().unlink()


def recall(window: str) -> str | None:
    """By what somebody sat down at a window from this terminal, if they did."""
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept.get("token") if isinstance(kept, dict) and kept.get("window") == window else None
