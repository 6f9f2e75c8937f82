"""The journal and the waits at the supervision desk: every key, live, in both languages and sizes."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from textual.widgets import Input

from busy_day import EVERY, LINES, fill
from driving import SIZES, desk, rows_of, says, text_of, until
from jiaohao.queue import calling, daybook, issuing, language, questions, seating
from jiaohao.queue.setup import describe
from jiaohao.queue.words import fault_sentence
from jiaohao.store.errors import Fault
from jiaohao.store.values import Staff
from jiaohao.tui.screens.dialogs import Ask, Pick
from jiaohao.tui.screens.journal_page import HELD, JournalPage
from jiaohao.tui.screens.page import TextPage
from jiaohao.tui.screens.waits_page import WaitsPage
from jiaohao.tui.widgets.rows import Rows
from small_hall import small_hall

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

HOSTILE = "\x1b]0;x\x07\u202e[@click=app.quit]x[/]" + "长" * 10_000


@pytest.fixture
def hall(
    hall_site: tuple[Site, ManualClock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Site, ManualClock]:
    """A hall that is open from nine, in English; what is written goes into a folder of its own."""
    site, clock = hall_site
    describe(site.store, small_hall(spans_min=((540, 1020),)), clock)
    site.reload()
    monkeypatch.chdir(tmp_path)
    language.use("en")
    return hall_site


def a_morning(site: Site, clock: ManualClock) -> None:
    """Three numbers in line A, two of them called, one in B that nobody calls."""
    seating.sit(site, "1", "1001")
    questions.receive(site, "A", staff="2001")
    issuing.issue(site, "A", staff="2001")
    issuing.issue(site, "B", staff="2001")
    for minutes in (6, 14):
        clock.advance(minutes * 60)
        calling.call(site, "1")
        calling.start(site, "1")
        calling.finish(site, "1")


def table(pilot: Pilot[int]) -> Rows:
    return pilot.app.screen.query_one("#table", Rows)


def written(name: str) -> list[list[str]]:
    """What was written as CSV; its xlsx is there too."""
    assert Path(f"{name}.xlsx").read_bytes()[:2] == b"PK"
    with Path(f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def stand_in_the_way(name: str) -> None:
    """Put a folder in the place of a file."""
    Path(name).unlink()
    Path(name).mkdir()


def column(pilot: Pilot[int], place: int) -> list[str]:
    return [row.cells[place] for row in table(pilot).rows]


async def open_page(pilot: Pilot[int], key: str, *texts: str) -> None:
    await pilot.press(key)
    page = {"f4": JournalPage, "f5": WaitsPage}[key]
    await until(pilot, lambda: isinstance(pilot.app.screen, page) and table(pilot).rows)
    await until(pilot, says(pilot, *texts))


async def pick(pilot: Pilot[int], key: str, *typed: str) -> None:
    """Pick a filter by what is typed."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Pick))
    await pilot.press(*typed)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, JournalPage))


async def answer(pilot: Pilot[int], key: str, text: str, page: type) -> None:
    """Answer what a key asks for."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Ask))
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, page))


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.rule("Q-3")
@pytest.mark.parametrize("size", SIZES)
async def test_the_journal_is_narrowed_by_keys_and_always_says_how(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, clock = hall
    a_morning(site, clock)
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await until(pilot, says(pilot, "F4 Journal", "F5 Waits"))
        await open_page(pilot, "f4", "Journal of 2026-11-24: ", "No filter: all lines")
        whole = len(table(pilot).rows)
        await until(pilot, says(pilot, f"{whole} lines"))
        await answer(pilot, "f3", "a001", JournalPage)
        await until(pilot, says(pilot, "Only: number A001", "4 lines"))
        assert column(pilot, 2) == ["finished", "started", "called", "issued"]
        await pick(pilot, "f6", *"started")
        await until(pilot, says(pilot, "number A001, kind started", "1 line"))
        await answer(pilot, "f3", "", JournalPage)
        await until(pilot, says(pilot, "Only: kind started", "2 lines"))
        await pick(pilot, "f4", *"1")
        await pick(pilot, "f5", *"1001")
        await until(pilot, says(pilot, "window 1 社保一窗, person 赵一 1001, kind started"))
        await pick(pilot, "f6", *"numbers")
        await until(pilot, says(pilot, "kind numbers (all)", "6 lines"))
        await pick(pilot, "f5", *"1002")
        await until(pilot, says(pilot, "Nothing in the journal fits.", "0 lines"))
        await pilot.press("f8")
        await until(pilot, says(pilot, "No filter: all lines", f"{whole} lines"))
        await answer(pilot, "f7", "2026-11-23", JournalPage)
        await until(pilot, says(pilot, "Journal of 2026-11-23: 0 lines"))
        await answer(pilot, "f7", "2027-01-01", JournalPage)
        await until(pilot, says(pilot, "2027-01-01 is not a date up to today"))
        await answer(pilot, "f7", "", JournalPage)
        await until(pilot, says(pilot, "Journal of 2026-11-24", f"{whole} lines"))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is pilot.app.desk)


@pytest.mark.rule("Q-3")
@pytest.mark.parametrize("size", SIZES)
async def test_a_line_is_shown_whole(hall: tuple[Site, ManualClock], size: tuple[int, int]) -> None:
    site, clock = hall
    a_morning(site, clock)
    async with desk(site, "supervise", staff="4001", size=size) as (_app, pilot):
        await open_page(pilot, "f4")
        await answer(pilot, "f3", "A001", JournalPage)
        await until(pilot, says(pilot, "4 lines"))
        await pilot.press("down", "up", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TextPage))
        await until(pilot, says(pilot, "Time  2026-11-24 10:11:00", "Number  A001", "What  finished"))
        await until(pilot, says(pilot, "From state  serving", "To state  finished", "Who  赵一 1001"))
        await until(pilot, says(pilot, "Window  1 社保一窗", "Note  done on spot"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, JournalPage))


@pytest.mark.rule("Q-3")
async def test_new_lines_come_on_top_and_leave_the_reader_where_they_are(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    fill(site, lines=daybook.PAGE * 2)
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "f4")
        issuing.issue(site, "A")
        await until(pilot, says(pilot, "A001"))  # whoever stands on the newest line goes on doing so
        assert table(pilot).cursor_key == table(pilot).rows[0].key
        await pilot.press("pagedown", "pagedown", "up")
        await pilot.pause()
        before, key = rows_of(pilot.app)[6:18], table(pilot).cursor_key
        top = table(pilot).rows[0].key
        for _one in range(3):
            issuing.issue(site, "B")
        await until(pilot, lambda: table(pilot).rows[0].key != top and column(pilot, 1)[0] == "B003")
        await pilot.pause(0.5)
        assert rows_of(pilot.app)[6:18] == before
        assert table(pilot).cursor_key == key
        await pilot.press("home")
        await until(pilot, says(pilot, "B003"))


@pytest.mark.rule("Q-3")
async def test_only_what_the_filters_leave_is_followed(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    a_morning(site, clock)
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "f4")
        await pick(pilot, "f6", *"issued")
        await until(pilot, says(pilot, "kind issued", "3 lines"))
        seating.pause(site, "1")
        issuing.issue(site, "C")
        await until(pilot, says(pilot, "C001", "4 lines"))
        assert set(column(pilot, 2)) == {"issued"}


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.rule("Q-3")
async def test_a_big_day_is_never_held_whole(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    fill(site)
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        read: list[int] = []
        real = daybook.read

        def counted(*args: object, **kwargs: object) -> daybook.Found:
            found = real(*args, **kwargs)
            read.append(len(found.lines))
            return found

        monkeypatch.setattr(daybook, "read", counted)
        await open_page(pilot, "f4", "more than 10000 lines")
        assert read == [daybook.PAGE]
        for _page in range(45):
            await pilot.press("pagedown")
            await pilot.pause()
        await until(pilot, lambda: len(table(pilot).rows) == HELD)
        assert max(read) == daybook.PAGE
        assert len(read) < 20
        numbers = [int(number[1:]) for number in column(pilot, 1)]
        assert numbers == list(range(numbers[0], numbers[0] - HELD, -1))
        assert numbers[0] < LINES
        for _page in range(55):
            await pilot.press("pageup")
            await pilot.pause()
        await until(pilot, lambda: column(pilot, 1)[0] == f"A{LINES}")
        assert len(table(pilot).rows) <= HELD + daybook.PAGE
        await pilot.press("end")
        await until(pilot, lambda: "A1" in column(pilot, 1))
        assert len(table(pilot).rows) == daybook.PAGE
        await pilot.press(*["pageup"] * 6)
        await until(pilot, lambda: len(table(pilot).rows) == 2 * daybook.PAGE)
        await pilot.press("home")
        await until(pilot, lambda: column(pilot, 1)[0] == f"A{LINES}")
        await pick(pilot, "f4", *"3 ")
        await until(pilot, says(pilot, f"{LINES // EVERY} lines"))
        assert sum(read[-1:]) == LINES // EVERY


async def test_what_is_shown_is_written_with_its_filters(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    a_morning(site, clock)
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "f4")
        await answer(pilot, "f3", "A002", JournalPage)
        await until(pilot, says(pilot, "Only: number A002", "4 lines"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Written: jiaohao-journal-2026-11-24.csv"))
        rows = written("jiaohao-journal-2026-11-24")
        assert [row[1] for row in rows] == ["What", "issued", "called", "started", "finished"]
        stand_in_the_way("jiaohao-journal-2026-11-24.csv")
        await pilot.press("f2")
        await until(pilot, says(pilot, "The file could not be written: Is a directory"))


@pytest.mark.rule("PV-1")
@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_is_harmless_on_the_pages(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, clock = hall
    people = tuple(
        Staff("1001", HOSTILE, "rs", "counter") if one.no == "1001" else one for one in site.hall.staff
    )
    describe(site.store, small_hall(staff=people, spans_min=((540, 1020),)), clock)
    site.reload()
    fill(site, lines=3, note=HOSTILE)
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await open_page(pilot, "f4", "A3")
        shown = [text_of(pilot.app)]
        await pick(pilot, "f5", *"1001")
        await until(pilot, says(pilot, "Only: person"))
        shown.append(text_of(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TextPage))
        await pilot.pause()
        shown.append(text_of(pilot.app))
    for text in shown:
        assert "[@click=app" in text  # as a text, however far the column reaches
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
        assert [cell_len(row) for row in text.split("\n")] == [size[0]] * size[1]


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("size", SIZES)
async def test_the_waits_are_gone_through_line_by_line(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, clock = hall
    a_morning(site, clock)
    is_wide = size == SIZES[1]
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await open_page(pilot, "f5", "Waits until called on 2026-11-24: whole hall (1 of 5)")
        await until(pilot, says(pilot, "Called 2, median 13 min, longest 20 min"))
        assert column(pilot, 0)[:3] == (
            ["09:00", "09:30", "10:00"] if is_wide else ["09:00", "10:00", "11:00"]
        )
        assert len(column(pilot, 0)) == (16 if is_wide else 8)
        ten = next(row for row in table(pilot).rows if row.cells[0] == "10:00").cells
        assert ten[1:4] == ("2", "13 min", "20 min")
        assert ten[4:6] == ("-", "-")  # nobody was told a wait
        assert (ten[6][0], ten[6][-1]) == ("=", "|")
        assert column(pilot, 1)[0] == "0"
        assert column(pilot, 2)[0] == column(pilot, 3)[0] == "-"
        await pilot.press("right")
        await until(pilot, says(pilot, "each line (2 of 5)", "Called 2"))
        assert column(pilot, 0) == ["whole hall", "A 社会保险", "B 医疗保障", "C 综合受理"]
        assert column(pilot, 1) == ["2", "2", "0", "0"]
        await pilot.press("right")
        await until(pilot, says(pilot, "A 社会保险 (3 of 5)", "Called 2"))
        await pilot.press("right")
        await until(pilot, says(pilot, "B 医疗保障 (4 of 5)", "Called 0, median -, longest -"))
        await pilot.press("left", "left", "left", "left")
        await until(pilot, says(pilot, "C 综合受理 (5 of 5)"))
        await pilot.press("right", "right", "right")
        await pilot.press("f2")
        await until(pilot, says(pilot, "Written: jiaohao-waits-2026-11-24-A.csv"))
        rows = written("jiaohao-waits-2026-11-24-A")
        assert sum(int(row[3]) for row in rows[1:]) == 2
        seating.sit(site, "3", "1003")
        calling.call(site, "3")
        await pilot.press("right")
        await until(pilot, says(pilot, "B 医疗保障 (4 of 5)", "Called 1, median 20 min"))  # it follows
        await answer(pilot, "f7", "2026-11-23", WaitsPage)
        await until(pilot, says(pilot, "on 2026-11-23", "Called 0"))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is pilot.app.desk)


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_pages_fit_and_hold_no_character_of_ambiguous_width(
    hall: tuple[Site, ManualClock], size: tuple[int, int], tongue: str
) -> None:
    site, clock = hall
    a_morning(site, clock)
    language.use(tongue)
    shown: list[str] = []
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        for key in ("f4", "f5"):
            await open_page(pilot, key)
            await until(pilot, says(pilot, {"zh_CN": "Esc：返回", "en": "Esc: back"}[tongue]))
            shown.append(text_of(pilot.app))
            await pilot.press("escape")
        await pilot.press("f1")
        await pilot.pause()
        shown.append(text_of(pilot.app))
    for text in shown:
        assert [cell_len(row) for row in text.split("\n")] == [size[0]] * size[1]
        assert not [char for char in text if unicodedata.east_asian_width(char) == "A"]
    assert "F4" in shown[-1]


async def test_the_palette_opens_the_pages(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    a_morning(site, clock)
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await pilot.press("ctrl+p", *"waits")
        await until(pilot, says(pilot, "F5"))
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WaitsPage))


@pytest.mark.rule("Q-3")
async def test_a_store_that_does_not_answer_is_said_and_asked_again(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    fill(site, lines=daybook.PAGE * 2)

    def away(*_args: object, **_kwargs: object) -> daybook.Found:
        raise Fault("store_unreachable")

    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "f4", "202 lines")
        real = daybook.read
        monkeypatch.setattr(daybook, "read", away)
        await pilot.press("f8")
        await until(
            pilot, says(pilot, fault_sentence("store_unreachable", ""), "Nothing in the journal fits")
        )
        monkeypatch.setattr(daybook, "read", real)
        issuing.issue(site, "A")
        await until(pilot, says(pilot, "A001", "203 lines"))
        assert len(table(pilot).rows) == daybook.PAGE
        assert fault_sentence("store_unreachable", "") not in text_of(pilot.app)


@pytest.mark.rule("Q-3")
async def test_the_mouse_reads_on_too(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    fill(site, lines=HELD * 2)
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await open_page(pilot, "f4", "802 lines")
        first = table(pilot).rows[0].key
        while len(table(pilot).rows) < HELD or table(pilot).rows[0].key == first:
            before = table(pilot).rows[-1].key
            table(pilot).scroll_end(animate=False)
            await until(pilot, lambda before=before: table(pilot).rows[-1].key != before)
        numbers = [int(number[1:]) for number in column(pilot, 1)]
        assert numbers == list(range(numbers[0], numbers[0] - len(numbers), -1))
        assert len(numbers) <= HELD + daybook.PAGE
        while table(pilot).rows[0].key != first:
            before = table(pilot).rows[0].key
            table(pilot).scroll_home(animate=False)
            await until(pilot, lambda before=before: table(pilot).rows[0].key != before)


@pytest.mark.rule("PV-1")
async def test_whoever_may_not_read_the_journal_is_told_so(hall: tuple[Site, ManualClock]) -> None:
    site, clock = hall
    a_morning(site, clock)
    async with desk(site, "supervise", staff="3001") as (app, pilot):
        app.staff = site.directory.person("1001")
        await pilot.press("f4")
        await until(pilot, says(pilot, "The role counter may not do this."))
        assert table(pilot).rows == ()
