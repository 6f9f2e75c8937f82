"""The wall and the supervision desk, read from the screen as the hall reads them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

import pictures
from driving import desk, rows_of, says, text_of, until
from jiaohao.queue import calling, day, issuing, language, leaving, seating
from jiaohao.queue.figures import figures_of
from jiaohao.queue.floor import Floor
from jiaohao.queue.forecast import Forecast
from jiaohao.queue.reading import read_floor
from jiaohao.queue.site import Site
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store
from jiaohao.store.values import Hall, Line, Post, Staff, Window
from jiaohao.tui import link
from jiaohao.tui.screens import wall
from jiaohao.tui.widgets.bignumber import BigNumber
from jiaohao.tui.widgets.board import Board
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from jiaohao.queue.clock import ManualClock

SIZES = ((80, 24), (160, 48), (200, 60))
NASTY = "[@click=app.quit]登[/]记\x1b]0;x\x07\u202e[bold"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    site, clock = sqlite_site(tmp_path)
    language.use("en")
    yield site, clock
    site.store.close()


def county_hall(windows: int = 26) -> Hall:
    """Ten lines, and windows enough for a county or for a city."""
    lines = tuple(
        Line(code, f"{name}业务") for code, name in zip("ABCDEFGHJK", "社医综房市税户积民交", strict=True)
    )
    return small_hall(
        lines=lines,
        windows=tuple(
            Window(str(n), f"综合{n}窗", "handling", "rs", (lines[n % len(lines)].code,))
            for n in range(1, windows + 1)
        ),
        matters=(),
        staff=(
            *small_hall().staff,
            *(Staff(f"c{n}", f"职员{n}", "rs", "counter") for n in range(windows + 1)),
        ),
        posts=tuple(Post(str(n), "A", f"c{n}") for n in range(1, windows + 1)),
    )


def busy(site: Site) -> None:
    """Half of the windows sit, each with somebody, and others wait."""
    for window in [window for window in site.hall.windows if window.lines][::2]:
        seating.sit(site, window.code, next(p.staff for p in site.hall.posts if p.window == window.code))
        for _ in range(2):
            issuing.issue(site, window.lines[0])
        calling.call(site, window.code)


def reads(pilot: Pilot[int], *texts: str) -> Callable[[], bool]:
    """Whether all these texts stand on the screen, however far their columns are apart."""
    return lambda: all(text in re.sub(" +", " ", text_of(pilot.app)) for text in texts)


# --- the wall --------------------------------------------------------------------------------------------


@pytest.mark.rule("Q-7")
async def test_a_call_is_seen_large_said_and_listed_within_a_second(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall_site
    seating.sit(site, "3", "1003")
    issuing.issue(site, "B")
    async with desk(site, "wall") as (app, pilot):
        await until(pilot, reads(pilot, "还没有呼叫"))
        calling.call(site, "3")
        await until(pilot, reads(pilot, "请 B001 号到 3 号窗口办理", "B001 > 3", "3 > 已呼叫"))
        assert app.screen.query_one("#big").is_on_screen
        assert app.screen.query_one("#announce").has_class("-fresh")


async def test_each_call_stands_large_for_a_while_however_fast_they_come(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    monkeypatch.setattr(wall, "HOLD_S", 0.5)
    for window, clerk, line in (("1", "1001", "A"), ("2", "1002", "A"), ("3", "1003", "B")):
        seating.sit(site, window, clerk)
        issuing.issue(site, line)
    async with desk(site, "wall") as (_app, pilot):
        for window in "123":
            calling.call(site, window)
        for number, window in (("A001", "1"), ("A002", "2"), ("B001", "3")):
            await until(pilot, reads(pilot, f"{number}, please go to window {window}"))
        assert all(reads(pilot, f"{number} > ")() for number in ("A001", "A002", "B001"))


async def test_a_new_call_flashes_no_more_than_three_times_a_second_and_then_rests(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    assert 1 / (2 * wall.FLASH_S) <= 3
    monkeypatch.setattr(wall, "FLASH_S", 0.05)
    monkeypatch.setattr(wall, "FRESH_S", 0.6)
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    async with desk(site, "wall") as (app, pilot):
        big, announce = app.screen.query_one("#big", BigNumber), app.screen.query_one("#announce")
        calling.call(site, "1")
        await until(pilot, lambda: big.is_lit)
        await until(pilot, lambda: not announce.has_class("-fresh"))
        assert not big.is_lit
        calling.recall(site, "1")
        await until(pilot, lambda: big.is_lit)


@pytest.mark.rule("AB-6")
@pytest.mark.parametrize(
    ("tongue", "told"),
    [
        ("en", ("! 2 社保二窗", "since 10:05 back 10:50", "lead asked", "go to window 1")),
        ("zh_CN", ("! 2 号窗口 社保二窗", "10:05 起 10:50 返回", "已请 负责人", "请到 1 号窗口")),
    ],
)
async def test_an_absent_window_says_since_when_until_when_and_where_to_go(
    hall: tuple[Site, ManualClock], tongue: str, told: tuple[str, ...]
) -> None:
    site, _clock = hall
    language.use(tongue)
    for window, clerk in zip("12345", ("1001", "1002", "1003", "1004", "1005"), strict=True):
        seating.sit(site, window, clerk)
    async with desk(site, "wall") as (app, pilot):
        await until(pilot, reads(pilot, "5 +"))
        kept = app.screen.query_one("#absent").region
        assert kept.height == 1  # nothing moves when the first one leaves
        assert not rows_of(app)[kept.y].strip()
        leaving.leave(site, "2", reason="meeting", back="10:50")
        await until(pilot, reads(pilot, *told, "2 ! "))
        leaving.leave(site, "5")
        where = {"en": "ask the guide", "zh_CN": "请询问导办台"}[tongue]
        await until(pilot, reads(pilot, *told, where))
        seating.sit(site, "2", "4001")
        await until(pilot, lambda: told[0] not in text_of(app))
        lead = {"en": "lead", "zh_CN": "负责人"}[tongue]
        await until(pilot, reads(pilot, f"{lead} 社保二窗"))


@pytest.mark.rule("PV-1")
async def test_the_wall_names_nobody(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A", matter="rs-001", priority="veteran", staff="2001")
    calling.call(site, "1")
    async with desk(site, "wall", size=(200, 60)) as (_app, pilot):
        await until(pilot, reads(pilot, "请 A001 号到 1 号窗口办理"))
        secrets = [person.name for person in site.hall.staff] + [person.no for person in site.hall.staff]
        secrets += ["军人优先", "灵活就业人员参保登记"]
        assert not [secret for secret in secrets if secret in text_of(pilot.app)]
    site.store.close()


async def test_a_wall_needs_no_more_than_to_look(hall: tuple[Site, ManualClock], tmp_path: Path) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    looking = Site(open_store(f"sqlite:///{tmp_path / 'hall.db'}", "qh", read_only=True), clock)
    async with desk(looking, "wall") as (_app, pilot):
        await until(pilot, reads(pilot, "1 + free"))
        issuing.issue(site, "A")
        calling.call(site, "1")
        await until(pilot, reads(pilot, "A001, please go to window 1"))
    looking.store.close()


async def test_the_last_truth_stays_and_is_marked_as_old(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "wall") as (_app, pilot):
        await until(pilot, reads(pilot, "A001, please go to window 1"))
        read = site.store.read

        def away(_work: object) -> object:
            raise Fault("store_unreachable", "gone")

        monkeypatch.setattr(site.store, "read", away)
        await until(pilot, reads(pilot, "!! OLD: as of 10:05:00", "A001, please go to window 1"))
        monkeypatch.setattr(site.store, "read", read)
        await until(pilot, lambda: "OLD" not in text_of(pilot.app))


@pytest.mark.rule("HR-1", "HR-2")
async def test_a_closed_hall_says_when_it_opens_and_a_closed_day_calls_nobody(tmp_path: Path) -> None:
    site, clock = sqlite_site(tmp_path, small_hall(spans_min=((600, 660), (840, 1020))))
    language.use("en")
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "wall") as (_app, pilot):
        await until(pilot, reads(pilot, "A001, please go to window 1"))
        clock.advance(3600)
        calling.start(site, "1")
        await until(pilot, reads(pilot, "The hall is closed now. Open: 10:00-11:00 14:00-17:00"))
        day.close_day(site)
        await until(pilot, reads(pilot, "This service day has been closed."))
        assert "A001, please" not in text_of(pilot.app)
    site.store.close()


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_county_hall_is_on_the_wall_at_once(
    tmp_path: Path, size: tuple[int, int], tongue: str
) -> None:
    site, _clock = sqlite_site(tmp_path, county_hall())
    busy(site)
    language.use(tongue)
    async with desk(site, "wall", size=size) as (app, pilot):
        await until(pilot, reads(pilot, {"en": ", please go to window", "zh_CN": "号窗口办理"}[tongue]))
        text = text_of(app)
        fits(text, size)
        for line in site.hall.lines:
            assert re.search(rf"{line.code} {line.name} +\d+ +", text), line.code
        for window in site.hall.windows:
            assert re.search(rf"\b{window.code} +[>*+!] ", text), window.code
        assert app.screen.query_one("#windows", Board).pages == 1
        assert app.screen.query_one("#lines", Board).pages == 1
        assert app.screen.query_one("#big").size.height >= 5
    site.store.close()


@pytest.mark.rule("Q-7")
async def test_a_call_is_worded_in_the_language_of_the_terminal(tmp_path: Path) -> None:
    of_hall = replace(small_hall().calling, announce="{number} 号请到 {window} 号", announcements={})
    site, _clock = sqlite_site(tmp_path, small_hall(calling=of_hall))
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "wall") as (app, pilot):
        await until(pilot, reads(pilot, "A001 号请到 1 号"))
        await app.speak("en")
        await until(pilot, reads(pilot, "A001, please go to window 1"))
    site.store.close()


@pytest.mark.parametrize("size", SIZES)
async def test_three_hundred_windows_come_page_by_page(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiaohao.tui.widgets.board.PAGE_S", 0.05)
    site, _clock = sqlite_site(tmp_path, county_hall(300))
    async with desk(site, "wall", size=size) as (app, pilot):
        board = app.screen.query_one("#windows", Board)
        await until(pilot, lambda: board.pages > 1)
        await until(pilot, reads(pilot, f"{board.pages}/{board.pages}"))
        assert " 300 ! " in text_of(app) or board.page != board.pages - 1
        fits(text_of(app), size)
        assert app.screen.query_one("#big").size.height >= 5
    site.store.close()


def fits(text: str, size: tuple[int, int]) -> None:
    """Every row as wide as the screen, and nothing whose width a terminal may see otherwise."""
    assert [cell_len(row) for row in text.split("\n")] == [size[0]] * size[1]
    assert not [char for char in text if unicodedata.east_asian_width(char) == "A"]


async def test_names_on_wall_and_supervision_are_never_obeyed(tmp_path: Path) -> None:
    base = small_hall()
    site, _clock = sqlite_site(
        tmp_path,
        replace(
            base,
            lines=tuple(replace(line, name=line.name + NASTY) for line in base.lines),
            windows=tuple(replace(window, name=NASTY) for window in base.windows),
            staff=tuple(replace(person, name=f"{person.name}{NASTY}") for person in base.staff),
            calling=replace(base.calling, announce="{number} {0} {x[/]} {window}" + NASTY),
        ),
    )
    busy(site)
    for code, staff in (("wall", None), ("supervise", "3001")):
        async with desk(site, code, staff=staff, size=(160, 48)) as (app, pilot):
            await until(pilot, reads(pilot, "登[/]记"))
            assert not set(text_of(app)) & {"\x1b", "\x07", "\u202e"}
            fits(text_of(app), (160, 48))
    site.store.close()


async def test_q_ends_the_wall_and_f1_explains_it(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "wall") as (app, pilot):
        await pilot.press("f1")
        await until(pilot, reads(pilot, "For the public"))
        await pilot.press("escape")
        await pilot.press("q")
        await until(pilot, lambda: app.return_value == 0)


async def test_a_picture_asks_no_other_host(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    svg = (await pictures.take(site, pictures.Picture("wall", "wall"))).svg
    assert set(re.findall("https?://[^\"' )]*", svg)) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in svg


# --- supervision -----------------------------------------------------------------------------------------


@pytest.mark.rule("AB-6", "OP-1")
async def test_supervision_sees_the_absent_first_and_who_sits_where(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    for window, clerk in zip("12345", ("1001", "1002", "1003", "1004", "1005"), strict=True):
        seating.sit(site, window, clerk)
    issuing.issue(site, "A")
    calling.call(site, "1")
    seating.pause(site, "4", back="10:30")
    leaving.leave(site, "3", reason="meeting", back="11:00")
    clock.advance(300)
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        await until(pilot, says(pilot, "医保一窗", "Empty: 1", "left"))
        rows = [row for row in rows_of(app) if re.match(r" \d [社医综咨]", row)]
        assert [row.split()[0] for row in rows] == ["3", "4", "1", "2", "5"]
        assert re.search(r"absent +10:05 +5 min 11:00", rows[0])
        assert re.search(r"paused +10:05 +5 min 10:30 李四 +post A", rows[1])
        assert re.search(r"called +A001 +10:05 +5 min +赵一 +post A", rows[2])


@pytest.mark.rule("HR-2")
async def test_supervision_closes_the_day_once_it_was_asked(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    seating.sit(site, "1", "1001")
    for _ in range(3):
        issuing.issue(site, "A")
    calling.call(site, "1")
    calling.start(site, "1")
    calling.finish(site, "1")
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        await until(pilot, says(pilot, "Issued 3  Served 1  Waiting 2", "F9 Close the day"))
        await pilot.press("f9")
        await until(pilot, says(pilot, "2 waiting, 0 at windows and 0 on hold"))
        await pilot.press("escape")
        await until(pilot, lambda: "Close the service day?" not in text_of(app))
        assert not app.floor.day_closed
        await pilot.press("f9")
        await until(pilot, says(pilot, "Close the service day?"))
        await pilot.press("enter")
        await until(
            pilot,
            says(
                pilot,
                "Closed: 1 served, 0 missed, 2 unserved.",
                "This service day has been closed.",
                "Served 1  Waiting 0  Held 0  Missed 0  Cancelled 0  Unserved 2",
                "day closed",
            ),
        )
        assert "F9" not in text_of(app)


@pytest.mark.rule("Q-10")
async def test_supervision_takes_back_a_step_by_its_number(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    issuing.issue(site, "A")
    calling.call(site, "1")
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await until(pilot, says(pilot, "F10 Undo a number's last step"))
        await pilot.press("f10", *"a001", "enter")
        await until(pilot, says(pilot, "Taken back: A001 is waiting again", "taken back"))
        calling.call(site, "1")
        clock.advance(120)
        await pilot.press("f10", *"a001", "enter")
        await until(pilot, says(pilot, "[too_late_to_undo]"))


@pytest.mark.rule("HR-1")
async def test_supervision_says_closed_and_unknown_years(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path, small_hall(spans_min=((0, 60),)))
    language.use("en")
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await until(pilot, says(pilot, "The hall is closed now", "holidays of 2027"))
    site.store.close()


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_supervision_of_a_county_hall_fits(tmp_path: Path, size: tuple[int, int], tongue: str) -> None:
    site, _clock = sqlite_site(tmp_path, county_hall())
    busy(site)
    language.use(tongue)
    async with desk(site, "supervise", staff="3001", size=size) as (app, pilot):
        await until(pilot, says(pilot, {"en": "Issued 26", "zh_CN": "取号 26"}[tongue], "F003"))
        fits(text_of(app), size)
        first = rows_of(app).index(next(row for row in rows_of(app) if "综合2窗" in row))
        await pilot.press("pagedown")
        if size[1] == 24:
            await until(pilot, lambda: "综合2窗" not in rows_of(app)[first])
    site.store.close()


async def test_supervision_scrolls_and_stays_where_it_is_read(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path, county_hall(60))
    busy(site)
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        await until(pilot, says(pilot, "综合2窗"))
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: "综合2窗" not in text_of(app))
        top = app.screen.query_one("#all-windows").scroll_offset.y
        issuing.issue(site, "A")
        await until(pilot, says(pilot, "取号 61"))
        assert app.screen.query_one("#all-windows").scroll_offset.y == top


def test_the_figures_of_a_day() -> None:
    none = figures_of({}, [])
    assert (none.issued, none.longest_wait_s, none.median_error_s) == (0, None, None)
    some = figures_of(
        {"finished": 5, "missed": 2, "waiting": 3, "unserved": 1, "cancelled": 1},
        [(60_000, 90), (600_000, 300), (120_000, None), (10_000, 20)],
    )
    assert (some.issued, some.served, some.missed, some.unserved, some.cancelled) == (12, 5, 2, 1, 1)
    assert (some.longest_wait_s, some.median_error_s) == (600, 30)


# --- the sign above a window ------------------------------------------------------------------------------


@pytest.mark.rule("OP-1", "AB-6", "PV-1")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tongue", ["en", "zh_CN"])
async def test_a_sign_says_what_is_done_there_who_sits_there_and_until_when(
    hall: tuple[Site, ManualClock], tmp_path: Path, tongue: str, size: tuple[int, int]
) -> None:
    site, clock = hall
    language.use(tongue)
    seating.sit(site, "1", "1001")
    seating.sit(site, "2", "1002")
    looking = Site(open_store(f"sqlite:///{tmp_path / 'hall.db'}", "qh", read_only=True), clock)
    words = {
        "en": ("Window 1 社保一窗", "Here: A 社会保险", "赵一 1001 post A until 00:00", "A001 called"),
        "zh_CN": ("1 号窗口 社保一窗", "办理：A 社会保险", "赵一 1001 A 岗 至 00:00", "A001 已呼叫"),
    }[tongue]
    away = {
        "en": ("Away since 10:05", "back at 10:50", "Please go to window 2", "post B asked"),
        "zh_CN": ("暂离 10:05 起", "10:50 返回", "请到 2 号窗口", "已请 B 岗"),
    }[tongue]
    async with desk(looking, "sign", window="1", size=size) as (app, pilot):
        await until(pilot, reads(pilot, *words[:3]))
        number = issuing.issue(site, "A", matter="rs-001", priority="veteran", staff="2001").number
        calling.call(site, "1")
        await until(pilot, reads(pilot, words[3]))
        assert not [secret for secret in ("军人优先", "灵活就业人员参保登记") if secret in text_of(app)]
        leaving.leave(site, "1", reason="sick", back="10:50", in_hand="back", handover="机密")
        await until(pilot, reads(pilot, *away))
        assert number not in text_of(app)
        assert "机密" not in text_of(app)
        for key in ("f2", "f9", "enter", "escape"):
            await pilot.press(key)
        await until(pilot, reads(pilot, *away))
    looking.store.close()


@pytest.mark.rule("AB-6")
async def test_a_sign_reads_for_its_own_window_at_once_and_for_the_others_now_and_then(
    hall: tuple[Site, ManualClock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, clock = hall
    seating.sit(site, "1", "1001")
    seating.sit(site, "2", "1002")
    looking = Site(open_store(f"sqlite:///{tmp_path / 'hall.db'}", "qh", read_only=True), clock)
    readings = []

    def noted(*args: Any) -> tuple[Floor, Forecast]:
        readings.append(args)
        return read_floor(*args)

    monkeypatch.setattr(link, "read_floor", noted)
    async with desk(looking, "sign", window="1") as (_app, pilot):
        leaving.leave(site, "1")
        await until(pilot, reads(pilot, "Please go to window 2"))
        readings.clear()
        for _time in range(20):
            leaving.leave(site, "2")
            seating.sit(site, "2", "1002")
            await pilot.pause(0.01)
        leaving.leave(site, "2")
        await until(pilot, reads(pilot, "Please ask the guide."))
        assert len(readings) < 20
    looking.store.close()
