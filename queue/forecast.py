"""Expected waits, by playing the floor forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jiaohao.queue.floor import WindowView
    from jiaohao.store.values import Hall, Ticket


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected waits in seconds: of who comes next to each line, and of each waiting ticket by its id."""

    made_ms: int
    lines_s: dict[str, int] = field(default_factory=dict)
    tickets_s: dict[int, int] = field(default_factory=dict)


def forecast(
    hall: Hall, windows: Sequence[WindowView], waiting: Sequence[Ticket], lately: Sequence[tuple[str, int]], now_ms: int
) -> Forecast:
    """Play the floor forward."""
    return Forecast(now_ms)
