"""Time is passed in: no rule looks at the machine's clock by itself."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Something that knows what time it is."""

    def now_ms(self) -> int:
        """The instant, in milliseconds UTC since 1970."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """See Clock."""
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is moved; for simulated days and tests."""

    def __init__(self, start: datetime) -> None:
        """Start at an aware instant."""
        self._now_ms = to_ms(start)

    def now_ms(self) -> int:
        """See Clock."""
        return self._now_ms

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        self._now_ms += round(seconds * 1000)

    def set_ms(self, now_ms: int) -> None:
        """Move to an instant."""
        self._now_ms = now_ms


class ShiftedClock:
    """The machine's clock, as if it had been ``start`` when this was made; ``speed`` times as fast."""

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        """Run on from an aware instant."""
        self._start_ms = to_ms(start)
        self._speed = speed
        self._made_s = time.monotonic()

    def now_ms(self) -> int:
        """See Clock."""
        return self._start_ms + round((time.monotonic() - self._made_s) * 1000 * self._speed)


def to_ms(instant: datetime) -> int:
    """An aware instant as milliseconds UTC since 1970."""
    return round(instant.timestamp() * 1000)


def to_utc(ms: int) -> datetime:
    """Milliseconds as an instant in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def iso(ms: int) -> str:
    """Milliseconds as ISO 8601 in UTC, to the second, with Z."""
    return to_utc(ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(ms: int, timezone: str) -> datetime:
    """Milliseconds on the hall's wall clock."""
    return to_utc(ms).astimezone(ZoneInfo(timezone))


def service_day(ms: int, timezone: str) -> str:
    """The hall's local date at an instant, whatever the machine's own time zone (Q-2)."""
    return _day_of_minute(ms // 60_000, timezone)


@lru_cache(maxsize=256)
def _day_of_minute(minute: int, timezone: str) -> str:
    # Every operation asks, and no zone's day begins within a minute.
    return local(minute * 60_000, timezone).date().isoformat()


@lru_cache(maxsize=256)
def at_minute(day: date, minute: int, timezone: str) -> int:
    """When the hall's clock shows ``minute`` minutes past midnight of ``day``; 1440 is its end."""
    zone = ZoneInfo(timezone)
    days, rest = divmod(minute, 1440)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=days)
    return to_ms(midnight.replace(hour=rest // 60, minute=rest % 60))
