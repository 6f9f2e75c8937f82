"""How somebody wants to see this terminal, kept for its next start: its look and its language.

It lies in the user's folder of settings. Walls and signs have their own: what a clerk of the same account
likes is not put before the public.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from pathlib import Path

from platformdirs import user_config_path

PUBLIC_DESKS = frozenset({"wall", "sign"})
THEME, LANGUAGE = "theme", "language"


def _file() -> Path:
    return user_config_path("jiaohao", appauthor=False) / "looks.json"


def _kept() -> dict[str, dict[str, str]]:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {side: looks for side, looks in kept.items() if isinstance(looks, dict)}


def _side(desk: str | None) -> str:
    return "public" if desk in PUBLIC_DESKS else "staff"


def recall(desk: str | None, name: str, known: Collection[str]) -> str | None:
    """What was chosen before at a desk of that sort, if it is known still; None where nothing was."""
    value = _kept().get(_side(desk), {}).get(name)
    return value if value is not None and value in known else None


def remember(desk: str | None, name: str, value: str) -> None:
    """Keep one choice; on a disk that refuses it is only made again."""
    kept = _kept()
    kept.setdefault(_side(desk), {})[name] = value
    with contextlib.suppress(OSError):
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
