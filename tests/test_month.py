"""A month of leaving, sickness, pauses and dying terminals: what is counted is what the journal alone says.

The second account shares nothing with the program: it reads the journal's lines and knows one office day,
from nine to five.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from jiaohao.queue import day as service
from jiaohao.queue import leaving, seating
from jiaohao.queue.accounts import accounts
from jiaohao.queue.incidents import incidents
from jiaohao.queue.refusal import Refusal
from jiaohao.store.values import Line, Post, Staff, Window
from small_hall import open_site, small_hall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Hall

OPEN_MIN, CLOSE_MIN = 9 * 60, 17 * 60
HALF_DAY = range(120, 241)
LONG_EMPTY_MIN = 30
FIRST = date(2026, 11, 2)
LAPSES = {"lost": "terminal", "overran": "overrun"}
MANAGER = "4001"
REASONS = ("sick", "private", "official", "study", "training", "meeting", "short", None)


def office(windows: int) -> Hall:
    """Windows with a resident each, a stand-in for four, and one lead and authorised person for all."""
    codes = [str(number) for number in range(1, windows + 1)]
    staff = [Staff(MANAGER, "王管", "rs", "manager"), Staff("9001", "授权", "rs", "counter")]
    staff += [Staff(f"1{code:>04}", "常驻", "rs", "counter") for code in codes]
    staff += [Staff(f"2{number:>04}", "替岗", "rs", "counter") for number in range(-(-windows // 4))]
    return small_hall(
        weekdays=(1, 2, 3, 4, 5),
        spans_min=((OPEN_MIN, CLOSE_MIN),),
        lines=(Line("A", "业务"),),
        windows=tuple(Window(code, f"{code}窗", "handling", "rs", ("A",)) for code in codes),
        matters=(),
        staff=tuple(staff),
        posts=tuple(
            post
            for place, code in enumerate(codes)
            for post in (
                Post(code, "A", f"1{code:>04}"),
                Post(code, "B", f"2{place // 4:>04}"),
                Post(code, "lead", MANAGER),
                Post(code, "authorised", "9001"),
            )
        ),
    )


class Month:
    """People who come, go and are replaced, by the dice; every step through the real operations."""

    def __init__(self, site: Site, clock: ManualClock, seed: int) -> None:
        self.site, self.clock = site, clock
        self.dice = Random(seed)  # noqa: S311 - dice, not secrets
        self.due: list[tuple[int, int, Callable[[], None]]] = []
        self.order = itertools.count()

    def after(self, minutes: float, act: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self.due, (self.clock.now_ms() + round(minutes * 60_000), next(self.order), act))

    @staticmethod
    def tried(act: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
        """Whether the hall let it happen."""
        try:
            act(*args, **kwargs)
        except Refusal:
            return False
        return True

    def day(self, day: date, *, is_closed_by_hand: bool) -> None:
        """One working day from half past eight on."""
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30)
        self.clock.set_ms(round(start.timestamp() * 1000))
        for window in self.site.hall.windows:
            if self.dice.random() < 0.95:
                self.after(self.dice.uniform(10, 50), lambda code=window.code: self.comes(code))  # type: ignore[misc]
        for minute in range(20, 520, 7):
            self.after(minute, lambda: leaving.watch(self.site))
        if is_closed_by_hand:
            self.after(525, lambda: service.close_day(self.site))
        while self.due and self.due[0][0] < round(start.timestamp() * 1000) + 540 * 60_000:
            at_ms, _order, act = heapq.heappop(self.due)
            self.clock.set_ms(at_ms)
            act()
        self.due.clear()

    def comes(self, window: str) -> None:
        """The resident sits down, and will do something with the day."""
        if self.tried(seating.sit, self.site, window, f"1{window:>04}"):
            self.after(self.dice.uniform(20, 400), lambda: self.does(window))

    def does(self, window: str) -> None:
        """Leaves, pauses for too long or not, or the terminal dies."""
        what = self.dice.choice(["leaves", "leaves", "leaves", "pauses", "dies"])
        if what == "pauses":
            self.tried(seating.pause, self.site, window)
            self.after(self.dice.uniform(5, 40), lambda: self.goes_on(window))
            return
        if what == "dies":
            self.tried(seating.sit, self.site, window, f"1{window:>04}", alive=True)
        else:
            approved_by = self.dice.choice([None, None, MANAGER])
            reason = self.dice.choice(REASONS)
            self.tried(leaving.leave, self.site, window, reason=reason, approved_by=approved_by)
        if self.dice.random() < 0.5:
            cover = self.dice.choice([f"2{(int(window) - 1) // 4:>04}", MANAGER, "9001"])
            self.after(self.dice.uniform(1, 60), lambda: self.covers(window, cover))
        if self.dice.random() < 0.8:
            self.after(self.dice.choice([10, 60, 130, 200, 300]), lambda: self.comes(window))

    def goes_on(self, window: str) -> None:
        """Back from a pause; too late, the seat has to be taken again."""
        if not self.tried(seating.go_on, self.site, window):
            self.comes(window)

    def covers(self, window: str, staff: str) -> None:
        """Says that they come, or that they cannot; sits down, and leaves again some time."""
        self.tried(leaving.cover, self.site, window, staff=staff, comes=self.dice.random() < 0.7)
        if self.tried(seating.sit, self.site, window, staff):
            self.after(self.dice.uniform(20, 200), lambda: self.tried(leaving.leave, self.site, window))


# The second account


def minute_of(ms: int) -> float:
    """Minutes past midnight in the hall, eight hours east."""
    return ((ms / 60_000) + 480) % 1440


def worked(from_ms: float, to_ms: float) -> float:
    """Minutes between two instants of one day that lie between nine and five."""
    start, end = (min(max(minute_of(int(ms)), OPEN_MIN), CLOSE_MIN) for ms in (from_ms, to_ms))
    return max(0.0, end - start)


class Account:
    """What one window's lines of one day say."""

    def __init__(self) -> None:
        self.sat: list[list[Any]] = []
        self.away: list[dict[str, Any]] = []

    def take(self, staff: str, post: str, at_ms: int) -> None:
        """Somebody sits down."""
        self.sat.append([staff, post, at_ms, None])
        for one in self.away:
            if one["to"] is None and (one["staff"] == staff or post == "A" or one["post"] != "A"):
                one["to"] = at_ms

    def go(self, at_ms: int) -> list[Any]:
        """Whoever sits there does not any more."""
        self.sat[-1][3] = at_ms
        return self.sat[-1]

    def miss(self, seat: list[Any], since_ms: int, reason: str, approved_by: str) -> None:
        """They are away from then on."""
        self.away.append(
            {"staff": seat[0], "post": seat[1], "from": since_ms, "to": None, "reason": reason,
             "approved": approved_by != "-"}
        )  # fmt: skip

    def read(self, event: str, at_ms: int, staff: str, note: str) -> None:
        """One line of the journal."""
        if event == "sat":
            self.take(staff, note, at_ms)
        elif event == "relieved":
            self.go(at_ms)
        elif event in LAPSES:
            self.miss(self.go(int(note)), int(note), LAPSES[event], "-")
        elif event == "went_on" and self.sat[-1][3] is not None:
            self.take(self.sat[-1][0], self.sat[-1][1], at_ms)
        elif event == "left":
            reason, approved_by, since = note.split()
            seat = self.go(int(since))
            if OPEN_MIN <= minute_of(at_ms) < CLOSE_MIN:
                self.miss(seat, int(since), reason, approved_by)


def read_journal(site: Site, until: str) -> tuple[dict[tuple[str, str], Account], Counter[str]]:
    """Every window's account by day, and how often each post was asked."""
    lines = site.store.read(
        lambda tx: tx.rows(
            "SELECT event, at_ms, service_day, window_code, staff, note FROM journal "
            "WHERE service_day <= ? AND window_code IS NOT NULL ORDER BY id",
            (until,),
        )
    )
    found: dict[tuple[str, str], Account] = defaultdict(Account)
    asked: Counter[str] = Counter()
    for event, at_ms, day, window, staff, note in lines:
        if event == "paged":
            asked[note.split()[0]] += 1
        else:
            found[day, window].read(event, at_ms, staff, note)
    return found, asked


def recount(site: Site, until: str) -> tuple[Counter[tuple[str, str]], dict[str, int], Counter[str]]:
    """Incidents by kind and window, minutes away, and how often each post was asked, up to a day."""
    found, asked = read_journal(site, until)
    counted: Counter[tuple[str, str]] = Counter()
    minutes = {"away": 0, "absences": 0}
    for day in sorted({day for day, _window in found}):
        midnight_ms = round(datetime.fromisoformat(f"{day}T00:00:00+08:00").timestamp() * 1000)
        for code in (window.code for window in site.hall.windows):
            one = found.get((day, code), Account())
            counted["exception", code] += sum(1 for seat in one.sat if seat[1] in {"authorised", "consent"})
            counted["empty", code] += long_empty(one, midnight_ms)
            for absence in one.away:
                end_ms = midnight_ms + 86_399_999 if absence["to"] is None else absence["to"]
                away = int(worked(absence["from"], max(end_ms, absence["from"])))
                minutes["away"] += away
                minutes["absences"] += 1
                is_after_hours = not away and not OPEN_MIN <= minute_of(absence["from"]) < CLOSE_MIN
                if not absence["approved"] and not is_after_hours:
                    is_half = away in HALF_DAY and absence["reason"] != "terminal"
                    counted["half_day" if is_half else "to_be_determined", code] += 1
    return +counted, minutes, asked


def long_empty(one: Account, midnight_ms: int) -> int:
    """How often nobody sat there for half an hour and more."""
    at_ms, five_ms = midnight_ms + OPEN_MIN * 60_000, midnight_ms + CLOSE_MIN * 60_000
    count = 0
    for _staff, _post, from_ms, to_ms in one.sat:
        if from_ms != to_ms:
            count += min(from_ms, five_ms) - at_ms >= LONG_EMPTY_MIN * 60_000
            at_ms = max(at_ms, five_ms if to_ms is None else min(to_ms, five_ms))
    return count + (five_ms - at_ms >= LONG_EMPTY_MIN * 60_000)


def play(site: Site, clock: ManualClock, days: int, seed: int) -> None:
    """So many working days, and then a look at them from the first morning after."""
    month, day = Month(site, clock, seed), FIRST
    for number in range(days):
        while day.isoweekday() > 5:
            day += timedelta(days=1)
        month.day(day, is_closed_by_hand=number % 2 == 0)
        day += timedelta(days=1)
    clock.advance(3 * 86_400)
    # The first who sits down ends what the last evening left open.
    seating.sit(site, "1", f"1{'1':>04}")
    leaving.leave(site, "1")


def compare(site: Site) -> None:
    """Both accounts of all days but today are one."""
    until = (date.fromisoformat(site.today()) - timedelta(days=1)).isoformat()
    told = [
        one for one in incidents(site, FIRST.isoformat(), until, staff="4001") if one.kind != "nobody_sent"
    ]
    away = accounts(site, FIRST.isoformat(), until)
    counted, minutes, asked = recount(site, until)
    assert Counter((one.kind, one.window) for one in told) == counted
    assert {"away": sum(one.minutes for one in away), "absences": len(away)} == minutes
    assert Counter(attempt.post for one in away for attempt in one.attempts) == asked
    assert {kind for kind, _window in counted} == {"empty", "exception", "half_day", "to_be_determined"}
    assert min(asked[post] for post in ("B", "lead", "authorised")) > 0


@pytest.mark.rule("AB-2", "AB-4", "AB-6", "AB-7", "AB-8")
@pytest.mark.parametrize("url", ["sqlite", "postgres"])
def test_a_week_counts_as_its_journal_says(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    place = (
        f"sqlite:///{tmp_path / 'hall.db'}" if url == "sqlite" else request.getfixturevalue("fresh_pg_url")
    )
    site, clock = open_site(place, office(12), start=datetime(2026, 11, 1, tzinfo=UTC))
    play(site, clock, days=5, seed=3)
    compare(site)
    site.store.close()


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.rule("AB-2", "AB-4", "AB-6", "AB-7", "AB-8")
def test_a_month_of_150_windows_counts_as_its_journal_says(tmp_path: Path) -> None:
    site, clock = open_site(
        f"sqlite:///{tmp_path / 'hall.db'}", office(150), start=datetime(2026, 11, 1, tzinfo=UTC)
    )
    play(site, clock, days=21, seed=5)
    compare(site)
    site.store.close()
