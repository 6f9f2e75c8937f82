"""Roster, leave, consents and attendance on the screen of supervision."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from textual.widgets import Input

from driving import SIZES, desk, says, text_of, until
from jiaohao.queue import consents, language, leaves, leaving, seating, signing
from jiaohao.queue.clock import to_ms
from jiaohao.queue.setup import describe
from jiaohao.store import seats
from jiaohao.store.values import Post
from jiaohao.tui.screens.dialogs import Pick
from jiaohao.tui.widgets.rows import Rows
from small_hall import small_hall

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

TONGUES = ("zh_CN", "en")
WIDE = SIZES[1][0]


@pytest.fixture
def hall(
    hall_site: tuple[Site, ManualClock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Site, ManualClock]:
    """A Tuesday, 10:05, on which the hall is open from nine; 1004 speaks for the department at window 3."""
    site, clock = hall_site
    plain = small_hall()
    posts = (*plain.posts, Post("3", "chief", "1004"))
    describe(
        site.store,
        small_hall(weekdays=(1, 2, 3, 4, 5), spans_min=((540, 1020),), posts=posts),
        clock,
    )
    site.reload()
    monkeypatch.chdir(tmp_path)
    language.use("en")
    return hall_site


async def open_page(pilot: Pilot[int], page: str, *texts: str) -> None:
    """Open one of the pages of posts, until it says what it must."""
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(pilot.app.screen, Pick))
    places = [row.key for row in pilot.app.screen.query_one("#choices", Rows).rows]
    await pilot.press(*["down"] * places.index(page), "enter")
    await until(pilot, says(pilot, *texts))


def page_rows(pilot: Pilot[int]) -> list[str]:
    """What stands on the page in front, without the desk behind it."""
    screen = pilot.app.screen
    region = screen.query_one("#dialog").region
    strips = screen._compositor.render_strips(pilot.app.size)
    return [strips[y].crop(region.x, region.right).text for y in range(region.y, region.bottom)]


def is_whole(pilot: Pilot[int]) -> bool:
    """Whether no cell of the page was cut off."""
    return not any("~" in row for row in page_rows(pilot))


def line_with(pilot: Pilot[int], text: str) -> str:
    return next(row for row in page_rows(pilot) if text in row)


# --- roster ------------------------------------------------------------------------------------------------


@pytest.mark.rule("AB-3")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tongue", TONGUES)
async def test_what_is_missing_stands_first_with_its_mark_and_word(
    hall: tuple[Site, ManualClock], tmp_path: Path, size: tuple[int, int], tongue: str
) -> None:
    site, _clock = hall
    for staff, approver in (("1003", "1004"), ("1005", "4001"), ("1004", "4001")):
        leaves.plan(
            site, staff, from_day="2026-12-01", to_day="2026-12-01", reason="training", approved_by=approver,
            by="3001",
        )  # fmt: skip
    language.use(tongue)
    no_a, also, leave, window = {
        "zh_CN": ("无 A 岗", "同时首位", "请假", "窗口负责人"),
        "en": ("no post A", "first at", "on leave", "window lead"),
    }[tongue]
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await open_page(pilot, "roster", no_a, "11-24")
        text = "\n".join(page_rows(pilot))
        assert text.index("! 12-01") < text.index("11-24 ", text.index(no_a))
        assert also in line_with(pilot, "3 医保一窗")
        assert is_whole(pilot)
        starts = {cell_len(row[: row.index("医保一窗")]) for row in page_rows(pilot) if "医保一窗" in row}
        assert len(starts) == 1
        await pilot.press("enter")
        await until(pilot, says(pilot, "2026-12-01", "孙三 1003", leave, window))
        await pilot.press("escape")
        await open_page(pilot, "roster", no_a)
        await pilot.press("f2")
        await until(pilot, says(pilot, "jiaohao-roster-2026-11-24.pdf"))
    assert (tmp_path / "jiaohao-roster-2026-11-24.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.rule("AB-3", "HR-1")
async def test_a_year_whose_holidays_nobody_knows_is_said(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    clock.set_ms(to_ms(datetime(2026, 12, 28, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))))
    async with desk(site, "supervise", staff="3001", size=SIZES[1]) as (_app, pilot):
        await open_page(pilot, "roster", "The public holidays of 2027 are not known yet", "Roster of 11")


# --- leave -------------------------------------------------------------------------------------------------


@pytest.mark.rule("AB-2", "AB-3")
@pytest.mark.parametrize("size", SIZES)
async def test_leave_is_planned_seen_and_given_up(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    leaves.plan(
        site, "4001", from_day="2026-11-25", to_day="2026-11-26", reason="official", approved_by="1004",
        by="4001",
    )  # fmt: skip
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await open_page(pilot, "leaves", "official duty", "王管 4001")
        await pilot.press("f2")
        await until(pilot, says(pilot, "Leave: who is away?"))
        await pilot.press(*"1005", "enter")
        await until(pilot, says(pilot, "Who has agreed to it?", "李四", "王管"))
        await pilot.press(*"4001", "enter")
        await until(pilot, says(pilot, "Leave of 周五 1005", "[sick leave]"))
        await pilot.press("f4")
        await until(pilot, says(pilot, "[private leave]"))
        await pilot.press("enter", *"2026-11-26", "enter")
        await until(pilot, says(pilot, "Planned: leave of 周五 1005", "would stand empty: 5"))
        await open_page(pilot, "leaves", "! to be looked into, 5", "private leave")
        assert is_whole(pilot)
        await pilot.press("enter")
        await until(pilot, says(pilot, "approved by 王管 4001", "! 2026-11-26 Thu  would stand empty: 5"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Give up this leave? 周五 1005"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Given up: leave of 周五 1005"))
        # Looked at while the app is open: it takes the store's connections with it.
        assert [one.leave.staff for one in leaves.read_leaves(site, staff="4001")] == ["4001"]


@pytest.mark.rule("AB-2")
async def test_a_refusal_of_leave_is_said_on_the_desk(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "leaves", "Nobody is on leave.")
        await pilot.press("f2")
        await until(pilot, says(pilot, "Leave: who is away?"))
        await pilot.press(*"1001", "enter")
        await until(pilot, says(pilot, "Who has agreed to it?"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Leave of 赵一 1001"))
        await pilot.press(*"2026-11-24", "enter", "enter")
        await until(pilot, says(pilot, "2026-11-24 is too soon", "[too_short_notice]"))


# --- consents ----------------------------------------------------------------------------------------------


@pytest.mark.rule("AB-5")
@pytest.mark.parametrize("size", SIZES)
async def test_both_sides_agree_at_one_desk_and_one_takes_it_back(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    signing.sign_on(site, "1004", "246802")
    async with desk(site, "supervise", staff="4001", size=size) as (_app, pilot):
        await open_page(pilot, "consents", "F2: agree")
        for other in (False, True):
            await pilot.press("f2")
            await until(pilot, says(pilot, "Who is to sit"))
            await pilot.press(*"1001", "enter")
            await until(pilot, says(pilot, "At which window?"))
            await pilot.press(*"3", "enter")
            await until(pilot, says(pilot, "赵一 1001 at window 3", "[I agree]"))
            await pilot.press(*(["f4"] if other else []), "enter", *"2026-11-27", "enter")
            if other:
                await until(pilot, says(pilot, "Who agrees?"))
                await pilot.press(*"1003", "enter")
                await until(pilot, says(pilot, "1003 may not agree to this."))
                pilot.app.screen.query_one("#number", Input).value = "1004"
                await pilot.press("enter")
                await until(pilot, lambda: pilot.app.screen.query_one("#pin").display)
                await pilot.press(*"246802", "enter")
            side = "department" if other else "centre"
            await until(pilot, says(pilot, f"Agreed for the {side}"))
            await open_page(pilot, "consents", "both agree" if other else "one side only", side)
            assert is_whole(pilot)
        seating.sit(site, "3", "1001")
        await pilot.press("enter")
        await until(pilot, says(pilot, "From now on the centre no longer agrees"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Taken back for the centre"))
        found = [
            (one.side, one.given_by, one.withdrawn_ms is None)
            for one in consents.consents(site, staff="4001")
        ]
        assert found == [("centre", "4001", False), ("department", "1004", True)]
        assert site.store.read(lambda tx: seats.of_day(tx, site.today()))[0].post == "consent"


@pytest.mark.rule("AB-5")
async def test_who_speaks_for_no_side_cannot_agree_alone(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "consents", "F2: agree")
        await pilot.press("f2")
        await until(pilot, says(pilot, "Who is to sit"))
        await pilot.press(*"1001", "enter")
        await until(pilot, says(pilot, "At which window?"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "[somebody else agrees, with their PIN]"))
        assert "I agree" not in text_of(pilot.app)


# --- attendance --------------------------------------------------------------------------------------------


@pytest.mark.rule("DC-1")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tongue", TONGUES)
async def test_a_month_its_days_and_its_files(
    hall: tuple[Site, ManualClock], tmp_path: Path, size: tuple[int, int], tongue: str
) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    clock.advance(55 * 60)
    leaving.leave(site, "1")
    clock.advance(60 * 60)  # 12:00
    language.use(tongue)
    look, late = ("待核实", "迟到") if tongue == "zh_CN" else ("to be looked into", "Tardy")
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await open_page(pilot, "attendance", "赵一 1001", late)
        assert line_with(pilot, "赵一 1001").split()[2:] == ["1", "65", "60", "0", "55", "0", "!", "1"]
        assert line_with(pilot, "钱二 1002").split()[2:] == ["0", "0", "0", "180", "0", "0", "!", "1"]
        assert is_whole(pilot)
        ends = {cell_len(line_with(pilot, f"{name}").rstrip()) for name in ("赵一 1001", "钱二 1002")}
        assert len(ends) == 1
        await pilot.press("enter")
        await until(pilot, says(pilot, "11-24", "10:05", "11:00", f"! {look}"))
        assert is_whole(pilot)
        await pilot.press("escape")
        await open_page(pilot, "attendance", "赵一 1001")
        await pilot.press("f2")
        await until(pilot, says(pilot, "jiaohao-attendance-2026-11.csv"))
        await open_page(pilot, "attendance", "赵一 1001")
        await pilot.press("f3")
        await until(pilot, says(pilot, "2026-10"))
        assert "赵一 1001" not in text_of(pilot.app).split("2026-10")[1]
    assert (tmp_path / "jiaohao-attendance-2026-11.xlsx").exists()


@pytest.mark.rule("AB-7", "DC-1")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tongue", TONGUES)
async def test_the_map_has_one_mark_a_half_day_and_fits(
    hall: tuple[Site, ManualClock], size: tuple[int, int], tongue: str
) -> None:
    site, clock = hall
    zone = ZoneInfo("Asia/Shanghai")
    for day in (2, 3):
        clock.set_ms(to_ms(datetime(2026, 11, day, 9, 0, tzinfo=zone)))
        seating.sit(site, "1", "1001")
        clock.set_ms(to_ms(datetime(2026, 11, day, 15, 0, tzinfo=zone)))
        leaving.leave(site, "1")
    clock.set_ms(to_ms(datetime(2026, 11, 30, 18, 0, tzinfo=zone)))
    language.use(tongue)
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await open_page(pilot, "heat", "2026-11", "30")
        if size[0] < WIDE:
            assert not any("F6" in row for row in page_rows(pilot))
            await pilot.press("f3")
        await until(pilot, says(pilot, "F6 F6 00", "02 03 04"))
        head, row = line_with(pilot, "02 03 04"), line_with(pilot, "1 社保一窗")
        assert cell_len(head[: head.index("02 03")]) == cell_len(row[: row.index("F6 F6")])
        assert row.split()[-1] in {"00", "F6"}
        assert len(row.split()[2:]) == (21 if size[0] >= WIDE else 10)
        assert is_whole(pilot)
