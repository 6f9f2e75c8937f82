"""The registers of the window staff at supervision's desk: keys and mouse, both languages and sizes."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from driving import SIZES, desk, says, text_of, until
from jiaohao.queue import adjusting, language, marks, meetings
from jiaohao.queue.setup import describe
from jiaohao.store.values import Post, Staff
from pictures import answered
from refusing import refused
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

CHANGES, MEETINGS, MARKS = (("f3", digit) for digit in "870")
"""The keys that open each page."""


@pytest.fixture
def site(hall_site: tuple[Site, ManualClock]) -> Site:
    """The small hall, in English."""
    language.use("en")
    return hall_site[0]


def settled(pilot: Pilot[int]) -> None:
    """Every row as wide as the screen, and no character that a terminal may draw wider."""
    rows = text_of(pilot.app).split("\n")
    assert [cell_len(row) for row in rows] == [pilot.app.size.width] * pilot.app.size.height
    assert not [char for row in rows for char in row if unicodedata.east_asian_width(char) == "A"]


def in_front(pilot: Pilot[int]) -> str:
    """What stands in the page or form in front of the desk."""
    x, y, width, height = pilot.app.screen.query_one("#dialog").region
    rows = pilot.app.screen._compositor.render_strips(pilot.app.size)[y : y + height]
    return "\n".join(strip.crop(x, x + width).text for strip in rows)


@pytest.mark.rule("SA-1", "SA-2", "AB-9")
@pytest.mark.parametrize("size", SIZES)
async def test_a_change_is_asked_for_and_taken_to_its_end(site: Site, size: tuple[int, int]) -> None:
    async with desk(site, "supervise", staff="4001", size=size) as (_app, pilot):
        await pilot.press(*CHANGES)
        await until(pilot, says(pilot, "Changes of window staff: 0", "F2: new request"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "At which window?"))
        await pilot.press(*"1 ", "enter")
        await until(pilot, says(pilot, "Which post?", "window lead"))
        await pilot.press("1")
        await until(pilot, says(pilot, "1 社保一窗, post A", "1001"))
        await pilot.press("f2")  # nobody named: the form stays
        await pilot.press(*"1002", "enter", "enter", *"workload", "enter", "enter")
        await until(pilot, says(pilot, "name the consent", "workload"))  # what was typed is still there
        await pilot.press("up", *"4001", "f2")
        await until(pilot, says(pilot, "Requested: change of window staff 1.", "Consent of the centre"))
        await until(pilot, says(pilot, "! The post was held for less than a year.", "F2: next step, first"))
        for name, done in (("first talk", "agreed"), ("interview", "interviewed"), ("county", "approved")):
            await pilot.press("f2")
            await until(pilot, says(pilot, name, "Note (may stay empty)"))
            await pilot.press(*"fine", "enter")
            await until(pilot, says(pilot, f"Change of window staff 1: {done}"))
        await pilot.press("f2", "enter")
        await until(pilot, says(pilot, "On probation until 2026-12-24."))
        settled(pilot)
        assert "F2: next step" not in text_of(pilot.app)
        await pilot.press("escape")
        await until(pilot, says(pilot, "赵一 > 钱二", "appointed", "probation to 12-24"))
        settled(pilot)
        (one,) = adjusting.changes(site, site.directory.person("4001"))
        assert (one.adjustment.why, one.adjustment.consent, one.steps[1].note) == ("workload", "4001", "fine")


@pytest.mark.rule("SA-1")
async def test_what_may_not_be_done_is_not_offered_and_refused(site: Site) -> None:
    adjusting.request(site, window="1", post="A", entering="1002", consent="4001", staff="4001")
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await pilot.press(*CHANGES)
        await until(pilot, says(pilot, "under a year, mid-year"))
        await pilot.click("#table", offset=(10, 1))  # by mouse
        await until(pilot, says(pilot, "Change of window staff 1: requested"))
        assert "F2: next step" not in text_of(pilot.app)
        await pilot.press("f2")
        await until(pilot, says(pilot, "Change of window staff 1: requested"))
    refused("not_allowed", adjusting.step, site, 1, "consultation", staff="3001")


@pytest.mark.rule("AB-9")
@pytest.mark.parametrize("size", SIZES)
async def test_who_left_too_soon_stands_in_the_list(
    site: Site, hall_site: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    base = small_hall()
    posts = (Post("1", "A", "1002"), *base.posts[1:])
    describe(site.store, replace(base, posts=posts), hall_site[1])
    site.reload()
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await pilot.press(*CHANGES)
        await until(pilot, says(pilot, "赵一 > -", "left early", "! to be looked into"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "赵一 1001 held it from 2026-11-24", "! to be looked into"))
        settled(pilot)
        await pilot.press("escape")
        await until(pilot, says(pilot, "Changes of window staff: 0"))


@pytest.mark.rule("ST-1", "AB-8")
@pytest.mark.parametrize("size", SIZES)
async def test_a_meeting_is_planned_and_recorded(
    site: Site, hall_site: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await pilot.press(*MEETINGS)
        await until(pilot, says(pilot, "Study meetings: 0", "F2: plan one"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Plan a study meeting", "Day (YYYY-MM-DD)"))
        await pilot.press(*"2026-11-24", "enter", *"11:00", "enter", *"12:30", "enter", *"rules", "enter")
        await until(pilot, says(pilot, "Who is expected?", "[ ] 赵一 1001"))
        await pilot.press("space", "down", "down", "down", "down", "enter")
        await until(pilot, says(pilot, "[x] 周五 1005"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "lasts two hours or more", "12:30", "rules"))
        await pilot.press("down", "down", *(["backspace"] * 5), *"13:30", "f2")
        await until(pilot, says(pilot, "Who is expected?"))
        await pilot.press("space", *(["down"] * 4), "space", *(["down"] * 3), "space", "f2")
        await until(pilot, says(pilot, "Planned: study meeting 1.", "rules", "would stand empty during it",
                                "1 社保一窗, 5 咨询台", "not yet recorded"))  # fmt: skip
        settled(pilot)
        hall_site[1].advance(2 * 3600)
        await pilot.press("f2")
        await until(pilot, says(pilot, "Who came?", "[x] 赵一 1001"))
        await pilot.press("space", "f2")
        await until(pilot, says(pilot, "Minutes"))
        await pilot.press(*"read", "enter")
        await until(pilot, says(pilot, "Recorded: who came", "Did not come  赵一 1001", "Minutes  read"))
        await pilot.press("escape")
        await until(pilot, says(pilot, "Study meetings: 1, next by 2026-12-08", "11:00-13:30", "2.5 h"))
        settled(pilot)
        hall_site[1].advance(15 * 86_400)
        await pilot.press("escape", *MEETINGS)
        await until(pilot, says(pilot, "! more than two weeks since 2026-11-24"))
        (one,) = meetings.sessions(site, site.directory.person("3001")).sessions
        assert (one.expected, one.came, one.meeting.minutes) == (
            ("1001", "1005", "4001"), ("1005", "4001"), "read",
        )  # fmt: skip


@pytest.mark.rule("ST-1")
async def test_a_meeting_is_not_recorded_before_it_begins(site: Site) -> None:
    meetings.plan(site, day="2026-11-25", begins="9:00", ends="11:00", expected=["1001"], staff="3001")
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await pilot.press(*MEETINGS)
        await until(pilot, says(pilot, "Study meetings: 1"))
        await pilot.press("enter", "f2")
        await until(pilot, says(pilot, "Who came?"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Minutes"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Meeting 1 has not begun", "Who came?"))


@pytest.mark.rule("AB-10", "EV-2")
@pytest.mark.parametrize("size", SIZES)
async def test_marks_are_recorded_and_counted(site: Site, size: tuple[int, int]) -> None:
    marks.add(site, "1005", "criticism", staff="4001", note="was late")
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await pilot.press(*MARKS)
        await until(pilot, says(pilot, "Criticisms and complaints", "周五 1005"))
        assert "to be looked into" not in text_of(pilot.app)
        await pilot.press("f2")
        await until(pilot, says(pilot, "About whom?"))
        await pilot.press(*"1005", "enter")
        await until(pilot, says(pilot, "least satisfactory"))
        await pilot.press("2")
        await until(pilot, says(pilot, "What happened"))
        await pilot.press(*"was rude", "enter")
        await until(pilot, says(pilot, "Recorded: 周五 1005, complaint."))
        await pilot.press(*MARKS)
        await until(pilot, says(pilot, "周五 1005", "! to be looked into"))
        settled(pilot)
        await pilot.press("enter")
        await until(pilot, says(pilot, "criticism  王管 4001", "was late", "was rude",
                                "! A stand-in with 2 criticisms and complaints or more"))  # fmt: skip
        settled(pilot)


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_cut_off_in_either_language(
    tmp_path: Path, size: tuple[int, int], tongue: str
) -> None:
    language.use(tongue)
    site, clock = sqlite_site(tmp_path)
    base = small_hall()
    staff = tuple(replace(one, name=f"{one.name}明") for one in base.staff)  # three characters, as most have
    hall = replace(base, staff=(*staff, Staff("10006", "冯六明", "rs", "counter")))
    describe(site.store, hall, clock)
    site.reload()
    for post in adjusting.POSTS:
        asked = adjusting.request(site, window="1", post=post, entering="10006", consent="4001", staff="4001")
    for name in adjusting.STEPS[1:]:
        adjusting.step(site, asked.adjustment.id, name, staff="4001")
    describe(site.store, replace(hall, posts=(Post("1", "A", "10006"), *hall.posts[1:])), clock)
    site.reload()
    clock.advance(20 * 86_400)
    everybody = [one.no for one in staff]
    meetings.plan(site, day="2026-12-20", begins="9:00", ends="11:30", expected=everybody, about="政策法规",
                  staff="3001")  # fmt: skip
    for kind in (*marks.KINDS, "least", "least"):
        marks.add(site, "1005", kind, staff="3001")
    async with desk(site, "supervise", staff="3001", size=size) as (app, pilot):
        at_the_desk = app.screen
        for keys in (CHANGES, (*CHANGES, "enter"), (*CHANGES, "end", "enter"), MEETINGS, (*MEETINGS, "enter"),
                     (*MEETINGS, "enter", "f2"), MARKS, (*MARKS, "enter")):  # fmt: skip
            for key in keys:
                await pilot.press(key)
                await answered(app)
                await pilot.pause()
            await until(pilot, lambda: bool(app.screen.query("#dialog")))
            settled(pilot)
            assert "~" not in in_front(pilot)
            while app.screen is not at_the_desk:
                await pilot.press("escape")
    site.store.close()
