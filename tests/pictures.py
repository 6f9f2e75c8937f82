"""Pictures of every desk at a busy moment, from the real app, for docs/pictures/ (``make pictures``).

The hall is that of config.toml, the morning is played through the real operations on a clock that stands
still for the picture, and the seed is fixed: the same program makes the same pictures.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from textual.widgets import Input

from driving import desk, text_of
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
from jiaohao.queue.floor import Floor, WindowView, read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import hall_of
from small_hall import open_site

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

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
STILL_S = 0.3
"""A screen that has not changed for so long has settled."""


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
        )
        leaves.plan(
            site,
            post[first, "B"],
            from_day="2026-11-27",
            to_day="2026-11-27",
            reason="private",
            approved_by=manager,
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


PICTURES = (
    Picture("start", "start"),
    Picture("start", "start", tongue="en"),
    Picture("guide", "guide", keys=FIND),
    Picture("guide", "guide", LARGE, keys=FIND),
    Picture("guide", "guide", LARGE, "en", keys=FIND),
    Picture("counter", "counter"),
    Picture("counter", "counter", LARGE),
    Picture("counter", "counter", tongue="en"),
    Picture("outcome", "guide", keys=(*FIND, "f2")),
    Picture("outcome", "guide", tongue="en", keys=(*FIND, "f2")),
    Picture("telephone", "guide", keys=("f4",)),
    Picture("owed", "guide", keys=("f11",)),
    Picture("owed", "guide", LARGE, keys=("f11",)),
    Picture("owed", "guide", LARGE, "en", keys=("f11",)),
    Picture("register", "supervise", keys=("f2", "2")),
    Picture("register", "supervise", LARGE, keys=("f2", "2")),
    Picture("register", "supervise", LARGE, "en", keys=("f2", "2")),
    Picture("enquiry", "supervise", keys=("f2", "2", "enter")),
    Picture("notice-form", "counter", keys=("6")),
    Picture("notice-form", "counter", LARGE, "en", keys=("6")),
    Picture("notice", "counter", LARGE, keys=("6", "space", "f2")),
    Picture("registers", "supervise", keys=("f2",)),
    Picture("twice", "supervise", keys=("f2", "3")),
    Picture("figures", "supervise", keys=("f2", "6")),
    Picture("figures", "supervise", LARGE, keys=("f2", "6")),
    Picture("figures", "supervise", LARGE, "en", keys=("f2", "6")),
    Picture("outcomes", "supervise", keys=("f2", "4", "enter")),
    Picture("search", "counter", keys=("f12", *"gjj", "down")),
    Picture("search", "counter", LARGE, keys=("f12", *"gjj", "down")),
    Picture("leaving", "counter", keys=("f9",)),
    Picture("leaving", "counter", LARGE, "en", keys=("f9",)),
    Picture("empty", "guide", keys=("f5", "f5")),
    Picture("sign", "sign"),
    Picture("sign", "sign", LARGE, "en"),
    Picture("absences", "supervise", keys=("f3", "1")),
    Picture("absence", "supervise", LARGE, keys=("f3", "1", "enter")),
    Picture("incidents", "supervise", LARGE, keys=("f3", "2")),
    Picture("incidents", "supervise", LARGE, "en", keys=("f3", "2")),
    Picture("roster", "supervise", keys=("f3", "3")),
    Picture("roster", "supervise", LARGE, keys=("f3", "3")),
    Picture("roster", "supervise", LARGE, "en", keys=("f3", "3")),
    Picture("leave", "supervise", keys=("f3", "4")),
    Picture("attendance", "supervise", keys=("f3", "5")),
    Picture("map", "supervise", keys=("f3", "6")),
    Picture("map", "supervise", LARGE, "en", keys=("f3", "6")),
    Picture("meetings", "supervise", keys=("f3", "7")),
    Picture("adjustments", "supervise", keys=("f3", "8")),
    Picture("consents", "supervise", keys=("f3", "9")),
    Picture("wall", "wall"),
    Picture("wall", "wall", LARGE),
    Picture("wall", "wall", LARGE, "en"),
    Picture("wall", "wall", HUGE),
    Picture("supervision", "supervise"),
    Picture("supervision", "supervise", LARGE),
    Picture("supervision", "supervise", LARGE, "en"),
)


def portable(svg: str) -> str:
    """A picture that asks no other host for anything."""
    return re.sub(r"\s*@font-face\s*\{[^}]*\}|\s*<!--.*?-->", "", svg)


async def take(site: Site, picture: Picture) -> str:
    """The desk as it is now, as SVG."""
    language.use(picture.tongue)
    staff, window = _who(site, picture.desk)
    code = None if picture.desk == "start" else picture.desk
    async with desk(site, code, staff=staff, window=window, size=picture.size) as (app, pilot):
        await pilot.press(*picture.keys)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        before, now = "", text_of(app)
        while now != before:
            await pilot.pause(STILL_S)
            before, now = now, text_of(app)
        return portable(app.export_screenshot(title=site.hall.name))


def _who(site: Site, code: str) -> tuple[str | None, str | None]:
    if code == "counter":
        busy = next(view for view in read_floor(site)[0].windows if view.state == "serving")
        return busy.staff, busy.code
    if code == "sign":
        return None, next(view.code for view in read_floor(site)[0].absent)
    role = {"guide": "guide", "supervise": "supervision"}.get(code)
    return next((person.no for person in site.hall.staff if person.role == role), None), None


def main(config_file: Path = ROOT / "config.toml", target: Path = TARGET) -> int:
    """Take every picture. Gives 0."""
    hall = hall_of(config.load(config_file))
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        site, clock = open_site(f"sqlite:///{folder}/hall.db", hall, start=OPENING)
        Morning(site, clock).play()
        for picture in PICTURES:
            (target / picture.file).write_text(asyncio.run(take(site, picture)), encoding="utf-8")
            print(picture.file)
        site.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
