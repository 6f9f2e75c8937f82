"""Pictures of every desk at a busy moment, from the real app, for docs/pictures/ (``make pictures``).

The hall is that of config.toml, the morning is played through the real operations on a clock that stands
still for the picture, and the seed is fixed: the same program makes the same pictures.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import itertools
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.widgets import Input

from driving import desk, text_of
from fitting import misfits, written
from jiaohao.queue import (
    adjusting,
    calling,
    config,
    consents,
    enquiries,
    language,
    leaves,
    leaving,
    meetings,
    questions,
    seating,
)
from jiaohao.queue.clock import ManualClock
from jiaohao.queue.floor import Floor, WindowView
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import hall_of
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store
from jiaohao.tui.app import JiaohaoApp
from small_hall import open_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from textual.pilot import Pilot

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "pictures"
SEED = 7
OPENING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday, 09:00 in the hall."""
MINUTES = 78
STEP_S = 20
RARELY = 0.06
SMALL, LARGE, HUGE = (80, 24), (120, 36), (200, 60)

FIND = (*"yanglao", "down")
"""What the guide types, and then selects."""
STILL, STILL_S = 2, 0.15
"""A screen that has not changed for so many looks, each so much later, has settled."""


class Morning:
    """Visitors who come and clerks who work, by the dice."""

    def __init__(self, site: Site, clock: ManualClock) -> None:
        """Nobody is there yet."""
        self._site = site
        self._clock = clock
        self._dice = Random(SEED)  # noqa: S311 - dice, not secrets
        hall = site.hall
        self._clerks = {post.window: post.staff for post in reversed(hall.posts) if post.post == "A"}
        self._serving = [
            window.code for window in hall.windows if window.lines and window.code in self._clerks
        ]
        self._guide = next(person.no for person in hall.staff if person.role == "guide")

    def play(self) -> None:
        """Play until it is busy; at the end some windows are empty, and one has just called."""
        late = self._serving[8]
        for window, clerk in self._clerks.items():
            if window != late:
                seating.sit(self._site, window, clerk)
        steps = MINUTES * 60 // STEP_S
        for step in range(steps):
            self._clock.advance(STEP_S)
            self._visitors_come(step / steps)
            if step == steps // 2:
                seating.sit(self._site, late, self._clerks[late])
            if step == steps - 30:
                self._some_leave()
            if step == steps - 12:
                self._one_is_covered()
            leaving.watch(self._site)
            floor = self._floor()
            for window in self._dice.sample(self._serving, len(self._serving)):
                self._work(floor, window)
        self._clock.advance(7)
        self._one_calls()
        self._some_are_owed()
        self._staff_are_planned()

    def _visitors_come(self, gone: float) -> None:
        floor, hall = self._floor(), self._site.hall
        classes = [p.code for p in hall.calling.priorities if not p.first]
        for line in floor.lines:
            windows = sum(1 for window in hall.windows if line.code in window.lines)
            if self._dice.random() < (1.5 - abs(gone - 0.6)) * windows * STEP_S / 420:
                questions.receive(
                    self._site,
                    line.code,
                    matter=self._dice.choice([m.code for m in hall.matters if m.line == line.code] or [None]),
                    priority=self._dice.choice(classes) if self._dice.random() < RARELY else "normal",
                    staff=self._guide,
                    estimate_s=line.expected_wait_s,
                )

    def _some_leave(self) -> None:
        left = 0
        for view in read_floor(self._site)[0].windows:
            if view.code in self._serving and view.state == "free" and left < 2:
                left += 1
            elif view.code in self._serving and view.state == "serving" and left < 2 and len(view.go_to) > 1:
                calling.finish(self._site, view.code)
                left += 1
            else:
                continue
            self._leaves(view.code, is_approved=left == 1)
            self._serving.remove(view.code)
        paused = self._serving.pop()
        if self._view(paused).ticket is not None:
            self._finish(paused)
        seating.pause(self._site, paused, back="10:30")

    def _leaves(self, window: str, *, is_approved: bool) -> None:
        """One goes to a meeting with the lead's consent, the other goes away without a word."""
        lead = next(p.staff for p in self._site.hall.posts if (p.window, p.post) == (window, "lead"))
        if is_approved:
            note = "下一位材料已核对，缺复印件一份"
            leaving.leave(self._site, window, reason="meeting", back="10:50", approved_by=lead, handover=note)
        else:
            leaving.leave(self._site, window)

    def _one_is_covered(self) -> None:
        """A stand-in has taken the seat of somebody who is ill."""
        taken = {view.staff for view in self._floor().windows}
        for post in self._site.hall.posts:
            view = self._view(post.window)
            if post.post == "B" and post.staff not in taken and view.state == "free" and view.lines:
                leaving.leave(self._site, view.code, reason="sick", approved_by=None)
                seating.sit(self._site, view.code, post.staff)
                return

    def _work(self, floor: Floor, window: str) -> None:
        view = next(view for view in floor.windows if view.code == window)
        if view.ticket is None:
            with contextlib.suppress(Refusal):  # another window may have been faster
                calling.call(self._site, window)
        elif view.state == "called":
            self._wait_for_visitor(window, view.ticket.calls)
        elif self._dice.random() < STEP_S / 330:
            self._finish(window)

    def _wait_for_visitor(self, window: str, calls: int) -> None:
        if self._dice.random() < 0.75:
            calling.start(self._site, window)
        elif calls < self._site.hall.calling.calls_before_missed:
            calling.recall(self._site, window)
        else:
            calling.miss(self._site, window)

    def _finish(self, window: str) -> None:
        if self._view(window).state == "called":
            calling.start(self._site, window)
        calling.finish(self._site, window, kind=self._dice.choice(["spot", "spot", "promised", "forwarded"]))

    def _one_calls(self) -> None:
        for window in self._serving:
            view = self._view(window)
            if view.state == "serving" and self._floor().next_for(view, 4, 10):
                self._finish(window)
                calling.call(self._site, window)
                self._clock.advance(4)
                return

    def _staff_are_planned(self) -> None:
        """Leave, a study meeting, a change of posts and a consent, as supervision finds them."""
        site = self._site
        manager = next(person.no for person in site.hall.staff if person.role == "manager")
        post = {(p.window, p.post): p.staff for p in site.hall.posts}
        first, second, third = (window.code for window in site.hall.windows[3:6])
        leaves.plan(
            site,
            post[first, "A"],
            from_day="2026-11-26",
            to_day="2026-11-27",
            reason="training",
            approved_by=manager,
            by=manager,
        )
        leaves.plan(
            site,
            post[first, "B"],
            from_day="2026-11-27",
            to_day="2026-11-27",
            reason="private",
            approved_by=manager,
            by=manager,
        )
        people = tuple(dict.fromkeys((post[second, "A"], post[second, "B"], post[third, "A"])))
        meetings.plan(
            site, day="2026-11-27", begins="14:30", ends="16:30", expected=people, about="政务服务规范学习",
            staff=manager,
        )  # fmt: skip
        entering = next(p.no for p in site.hall.staff if p.role == "guide")
        adjusting.request(
            site, window=second, post="B", entering=entering, why="业务量增加", staff=manager, consent=manager
        )
        consents.give(site, entering, third, giver=manager, until="2026-12-31")

    def _some_are_owed(self) -> None:
        """What the guide, a clerk and supervision find in their registers."""
        site, guide = self._site, self._guide
        now_ms = self._clock.now_ms()
        busy = next(view for view in self._floor().windows if view.state == "serving")
        matter = next(m.code for m in site.hall.matters if m.line == busy.lines[0] and len(m.materials) > 2)
        for minutes, about, phone in (
            (71, "社保转移办到哪一步", "13800000001"),
            (12, "公积金异地贷款材料", "13800000002"),
        ):
            self._clock.set_ms(now_ms - minutes * 60_000)
            asked = questions.enquire(
                site, staff=guide, channel="phone", about=about, name="王小明", phone=phone
            )
            enquiries.refer(site, asked.id, "registered", staff=guide)
        sent = questions.enquire(site, staff=guide, about="工伤待遇补发")
        colleague = next(p.no for p in site.hall.staff if p.role == "manager")
        enquiries.refer(site, sent.id, "colleague", staff=guide, to=colleague, note="材料齐全，请核对年限")
        for days in (2, 0):
            self._clock.set_ms(now_ms - days * 86_400_000 - 900_000)
            first = questions.enquire(site, staff=guide, matter=matter, phone="13800000003")
            enquiries.refer(site, first.id, "handled", staff=guide, note="已告知流程")
        self._clock.set_ms(now_ms - 60_000)
        to_counter = questions.enquire(site, staff=guide, matter=matter)
        enquiries.refer(site, to_counter.id, "window", staff=guide, to=busy.code, note="二次来访，请优先核对")
        self._clock.set_ms(now_ms)

    def _floor(self) -> Floor:
        return read_floor(self._site)[0]

    def _view(self, window: str) -> WindowView:
        return next(view for view in self._floor().windows if view.code == window)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: which desk, how large, in which language, after which keys."""

    name: str
    desk: str
    size: tuple[int, int] = SMALL
    tongue: str = "zh_CN"
    keys: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Its file's name, the same for ever."""
        return f"{self.name}-{self.size[0]}x{self.size[1]}{'' if self.tongue == 'zh_CN' else '-en'}.svg"


SCREENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "start": ("start", ()),
    "sign-on": ("start", ("1",)),
    "guide": ("guide", FIND),
    "guide-help": ("guide", ("f1",)),
    "number": ("guide", tuple("a035")),
    "number-story": ("guide", (*"a035", "enter")),
    "outcome": ("guide", (*FIND, "f2")),
    "priority": ("guide", ("f3",)),
    "proof": ("guide", ("f3", "1")),
    "telephone": ("guide", ("f4",)),
    "empty": ("guide", ("f5", "f5")),
    "requeue": ("guide", ("f6",)),
    "cancel": ("guide", ("f7",)),
    "transfer": ("guide", ("f8",)),
    "transfer-to": ("guide", ("f8", "enter")),
    "relocate": ("guide", ("f9",)),
    "owed": ("guide", ("f11",)),
    "commands": ("guide", ("ctrl+p",)),
    "slip": ("guide", (*FIND, "enter")),
    "lock": ("guide", ("ctrl+l",)),
    "counter-lock": ("counter", ("ctrl+l",)),
    "counter": ("counter", ()),
    "counter-help": ("counter", ("f1",)),
    "counter-outcome": ("counter", ("f6",)),
    "counter-transfer": ("counter", ("f8",)),
    "leaving": ("counter", ("f9",)),
    "leaving-for-long": ("counter", ("f9", "f9")),
    "counter-owed": ("counter", ("f11",)),
    "search": ("counter", ("f12", *"gjj", "down")),
    "going": ("counter", ("ctrl+q",)),
    "notice-form": ("counter", ("6",)),
    "notice": ("counter", ("6", "space", "f2")),
    "wall": ("wall", ()),
    "sign": ("sign", ()),
    "supervision": ("supervise", ()),
    "supervision-help": ("supervise", ("f1",)),
    "registers": ("supervise", ("f2",)),
    "all-owed": ("supervise", ("f2", "1")),
    "register": ("supervise", ("f2", "2")),
    "enquiry": ("supervise", ("f2", "2", "enter")),
    "twice": ("supervise", ("f2", "3")),
    "figures": ("supervise", ("f2", "6")),
    "outcomes": ("supervise", ("f2", "4", "enter")),
    "journal": ("supervise", ("f4",)),
    "journal-kind": ("supervise", ("f4", "f6")),
    "journal-line": ("supervise", ("f4", "enter")),
    "waits": ("supervise", ("f5",)),
    "posts": ("supervise", ("f3",)),
    "absences": ("supervise", ("f3", "1")),
    "absence": ("supervise", ("f3", "1", "enter")),
    "incidents": ("supervise", ("f3", "2")),
    "incident": ("supervise", ("f3", "2", "enter")),
    "roster": ("supervise", ("f3", "3")),
    "chain": ("supervise", ("f3", "3", "enter")),
    "leave": ("supervise", ("f3", "4")),
    "leave-form": ("supervise", ("f3", "4", "f2")),
    "attendance": ("supervise", ("f3", "5")),
    "map": ("supervise", ("f3", "6")),
    "meetings": ("supervise", ("f3", "7")),
    "meeting-form": ("supervise", ("f3", "7", "f2")),
    "adjustments": ("supervise", ("f3", "8")),
    "adjustment-form": ("supervise", ("f3", "8", "f2")),
    "consents": ("supervise", ("f3", "9")),
    "consent-form": ("supervise", ("f3", "9", "f2")),
    "close-day": ("supervise", ("f9",)),
    "undo": ("supervise", ("f10",)),
}
"""Every desk and what opens in front of it: the desk, and the keys that lead there."""
_LARGER = (
    "guide", "counter", "owed", "register", "notice-form", "notice", "figures", "search", "leaving", "sign",
    "absence", "journal", "waits", "incidents", "roster", "map", "wall", "supervision",
)  # fmt: skip
"""What is also shown large, in both languages."""
_IN_ENGLISH = ("start", "counter", "outcome")

PICTURES = (
    *(Picture(name, desk, keys=keys) for name, (desk, keys) in SCREENS.items()),
    *(
        Picture(name, SCREENS[name][0], LARGE, tongue, SCREENS[name][1])
        for name in _LARGER
        for tongue in ("zh_CN", "en")
    ),
    *(Picture(name, SCREENS[name][0], SMALL, "en", SCREENS[name][1]) for name in _IN_ENGLISH),
    Picture("wall", "wall", HUGE),
)


_TEXT = re.compile(
    r'<text class="(\S+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" clip-path="(\S+)">([^<]*)</text>'
)
_CELL = 12.2
"""How wide Rich draws a cell."""


def portable(svg: str) -> str:
    """A picture that asks no other host for anything, and has every character in its cells."""
    return _TEXT.sub(_in_cells, re.sub(r"\s*@font-face\s*\{[^}]*\}|\s*<!--.*?-->", "", svg))


def _in_cells(text: re.Match[str]) -> str:
    # Rich counts characters for the length of a text, so that Chinese would be drawn over itself, and one
    # length for a mixed text would move its columns.
    kind, x, y, clip, said = text.groups()
    at, parts = float(x), []
    for run in re.split(r"(\xa0+)", html.unescape(said)):
        for width, chars in itertools.groupby(run, cell_len):
            part = "".join(chars)
            length = round(width * len(part) * _CELL, 1)
            if part.strip():
                where = f'x="{round(at, 1)}" y="{y}" textLength="{length}" clip-path="{clip}"'
                parts.append(f'<text class="{kind}" {where}>{html.escape(part, quote=False)}</text>')
            at += length
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Look:
    """What a desk looks like."""

    text: str
    svg: str
    misfits: list[str]
    """What does not fit its place."""


async def take(site: Site, picture: Picture) -> Look:
    """The desk as it is now, once it has settled after each key."""
    async with led(site, picture) as (app, texts):
        svg = portable(app.export_screenshot(title=site.hall.name))
        return Look(texts[-1], svg, misfits(app, written(site)))


@contextlib.asynccontextmanager
async def led(site: Site, picture: Picture) -> AsyncIterator[tuple[JiaohaoApp, list[str]]]:
    """The desk after the keys that lead there, and as text how it looked before the first and after each."""
    language.use(picture.tongue)
    staff, window = _who(site, picture)
    code = None if picture.desk == "start" else picture.desk
    async with desk(site, code, staff=staff, window=window, size=picture.size) as (app, pilot):
        texts = [await _settled(pilot)]
        for key in picture.keys:
            await pilot.press(key)
            texts.append(await _settled(pilot))
        yield app, texts


async def _settled(pilot: Pilot[int]) -> str:
    app = pilot.app
    assert isinstance(app, JiaohaoApp)
    before, now, still = "", text_of(app), 0
    while still < STILL:
        await pilot.pause()  # what a key leads to is asked for
        await answered(app)
        await pilot.pause()  # and the answer is on its way to the screen
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause(STILL_S)
        before, now = now, text_of(app)
        still = still + 1 if now == before else 0
    return now


async def answered(app: JiaohaoApp) -> None:
    """Whatever was asked for before this is answered before it."""
    ended = asyncio.Event()
    app.link.do(lambda _site: None, lambda _nothing: ended.set(), lambda _reason: ended.set(), at_once=True)
    await ended.wait()


def _who(site: Site, picture: Picture) -> tuple[str | None, str | None]:
    code = picture.desk
    if code == "counter":
        busy = next(view for view in read_floor(site)[0].windows if view.state == "serving")
        return busy.staff, busy.code
    if code == "sign":
        return None, next(view.code for view in read_floor(site)[0].absent)
    role = {"guide": "guide", "supervise": "supervision"}.get(code)
    if picture.name.startswith("adjustment"):
        role = "manager"  # to nobody else is a new request offered
    return next((person.no for person in site.hall.staff if person.role == role), None), None


def lay(folder: Path, config_file: Path = ROOT / "config.toml") -> int:
    """Lay a hall in the middle of its morning into a folder; gives its time."""
    site, clock = open_site(f"sqlite:///{folder}/hall.db", hall_of(config.load(config_file)), start=OPENING)
    Morning(site, clock).play()
    site.store.close()
    return clock.now_ms()


@contextlib.contextmanager
def copied(hall: Path, now_ms: int) -> Iterator[Site]:
    """A copy of the hall in a folder, at a time that stands still: what a desk does there is gone with it."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        shutil.copy(hall / "hall.db", folder)
        clock = ManualClock(OPENING)
        clock.set_ms(now_ms)
        site = Site(open_store(f"sqlite:///{folder}/hall.db", "hq"), clock)
        yield site
        site.store.close()


def main(config_file: Path = ROOT / "config.toml", target: Path = TARGET) -> int:
    """Take every picture. Gives 0."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        now_ms = lay(Path(folder), config_file)
        for picture in PICTURES:
            with copied(Path(folder), now_ms) as site:
                look = asyncio.run(take(site, picture))
            (target / picture.file).write_text(look.svg, encoding="utf-8")
            print(picture.file)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
