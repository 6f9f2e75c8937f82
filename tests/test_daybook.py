"""The journal of a day: filters, pages, a big day in few rows; and its files and command (Q-3, PV-1)."""

from __future__ import annotations

import csv
import json
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from busy_day import EVERY, LINES, fill
from jiaohao.queue import calling, daybook, export, issuing, language, moving, questions, seating
from jiaohao.queue.daybook import Wanted
from jiaohao.queue.events import EVENTS, GROUPS, event_word, events_of, group_word
from jiaohao.store import journal
from jiaohao.store.errors import Fault
from jiaohao.tui.main import main
from refusing import refused
from small_hall import sqlite_site
from test_commands import Hall, hall  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

BOSS = "3001"
HOSTILE = "\x1b]0;x\x07=1+1\u202e[@click=app.quit]x[/]" + "长" * 10_000


def a_morning(site: Site, clock: ManualClock) -> None:
    """Two numbers, one of them finished at window 1 and one told more than the journal says."""
    seating.sit(site, "1", "1001")
    questions.receive(site, "A", staff="2001")
    issuing.issue(site, "B", staff="2001")
    clock.advance(60)
    calling.call(site, "1")
    calling.start(site, "1")
    calling.finish(site, "1", kind="promised")


def table_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def events(site: Site, **narrowed: Any) -> list[str]:
    found = daybook.read(site, BOSS, Wanted(site.today(), **narrowed))
    assert found.count == len(found.lines)
    return [entry.event for entry in found.lines]


@pytest.mark.rule("Q-3")
def test_a_day_is_read_newest_first_and_narrowed_by_what_is_asked(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    a_morning(site, clock)
    assert events(site)[:4] == ["finished", "started", "accepted", "called"]
    assert events(site)[-1] == "hall_described"
    assert events(site, number="a001") == ["finished", "started", "called", "issued"]
    assert events(site, window="1", staff="1001", event="numbers") == ["finished", "started", "called"]
    assert events(site, window="1", event="seats") == ["sat"]
    assert events(site, event="sat") == ["sat"]
    assert set(events(site, event="enquiries")) <= set(events_of("enquiries"))
    assert events(site, event="enquiries")
    assert events(site, number="B001", window="1") == []
    assert events(site, staff="2001", event="issued") == ["issued", "issued"]


@pytest.mark.rule("Q-3")
def test_what_has_no_group_is_found_with_the_hall(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    line = journal.Line("x", site.now_ms(), site.today(), "something_new", staff="1001")
    site.store.transact(lambda tx: journal.add(tx, line))
    assert "something_new" in events(site, event="hall")
    assert "something_new" not in events(site, event="numbers")
    assert event_word("something_new") == "something_new"


@pytest.mark.parametrize("tongue", language.LANGUAGES)
def test_every_kind_has_its_word_and_is_in_one_group(tongue: str) -> None:
    language.use(tongue)
    assert sorted(EVENTS) == sorted(event for group in GROUPS for event in events_of(group))
    assert not [event for event in EVENTS if "_" in event_word(event)]
    assert len({group_word(group) for group in GROUPS}) == len(GROUPS)


@pytest.mark.rule("PV-1")
def test_the_journal_is_for_supervision_and_managers_alone(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    wanted = Wanted(site.today())
    for who in ("1001", "2001"):
        refused("not_allowed", daybook.read, site, who, wanted)
        refused("not_allowed", daybook.each, site, who, wanted)
    assert daybook.read(site, "4001", wanted).lines


@pytest.mark.rule("PV-1")
def test_what_a_person_wrote_stays_apart(hall_site: tuple[Site, ManualClock], tmp_path: Path) -> None:
    site, clock = hall_site
    a_morning(site, clock)
    seating.sit(site, "3", "1003")
    calling.call(site, "3")
    calling.start(site, "3")
    moving.transfer(site, "B001", line="A", note="王小明的电话13800000001")
    found = daybook.read(site, BOSS, Wanted(site.today(), event="transferred"))
    assert [entry.note for entry in found.lines] == [None]
    file = tmp_path / "journal.csv"
    export.write_long(
        file, daybook.table(site, daybook.each(site, BOSS, Wanted(site.today()))), is_xlsx=False
    )
    assert "王小明" not in file.read_text(encoding="utf-8-sig")
    assert found.lines[0].before is None  # what undoes a step names much, and is nobody's to read


@pytest.mark.rule("Q-3")
def test_a_big_day_is_read_in_few_statements_and_few_rows(
    hall_site: tuple[Site, ManualClock], counting: Callable[[], list[str]]
) -> None:
    site, _clock = hall_site
    fill(site)
    ran = counting()
    found = daybook.read(site, BOSS, Wanted(site.today()))
    assert len([sql for sql in ran if "journal" in sql]) == 2
    assert len(found.lines) == daybook.PAGE
    assert found.count == daybook.COUNT_MOST + 1
    assert found.lines[0].number == f"A{LINES}"
    older = daybook.read(site, BOSS, Wanted(site.today()), before=found.lines[-1].id)
    assert [entry.id for entry in older.lines] == [found.lines[-1].id - n - 1 for n in range(daybook.PAGE)]
    newer = daybook.read(site, BOSS, Wanted(site.today()), after=older.lines[0].id)
    assert newer.lines == found.lines
    few = daybook.read(site, BOSS, Wanted(site.today(), window="3"))
    assert (few.count, len(few.lines)) == (LINES // EVERY, LINES // EVERY)


@pytest.mark.rule("Q-3")
def test_a_day_is_found_by_its_index(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    shapes = [journal.Filter(), journal.Filter("A1", "1", "1001", ("called",)), journal.Filter(but=("sat",))]
    for wanted in shapes:
        for read in (
            lambda tx, wanted=wanted: journal.newest(tx, "d", wanted, 9),
            lambda tx, wanted=wanted: journal.newest(tx, "d", wanted, 9, before=7),
            lambda tx, wanted=wanted: journal.after(tx, "d", wanted, 9, 7),
            lambda tx, wanted=wanted: journal.count(tx, "d", wanted, 9),
        ):
            plans: list[str] = []

            class Explained:
                def __init__(self, tx: Any) -> None:
                    self._tx = tx

                def rows(self, sql: str, params: Any) -> list[Any]:
                    plans.extend(row[3] for row in self._tx.rows(f"EXPLAIN QUERY PLAN {sql}", params))  # noqa: B023
                    return [(0,)] if "count(" in sql else []

            site.store.read(lambda tx, read=read: read(Explained(tx)))
            assert any("journal_of_day" in text for text in plans), plans
            assert not any("TEMP B-TREE" in text for text in plans), plans
    site.store.close()


@pytest.mark.rule("Q-3")
@pytest.mark.parametrize("is_xlsx", [False, True])
def test_a_file_of_a_big_day_takes_no_more_memory_than_a_part_of_it(tmp_path: Path, *, is_xlsx: bool) -> None:
    site, _clock = sqlite_site(tmp_path)
    fill(site, lines=20_000)
    wanted = Wanted(site.today())
    export.write_long(tmp_path / "warm", daybook.table(site, iter(())), is_xlsx=is_xlsx)
    tracemalloc.start()
    export.write_long(
        tmp_path / "file", daybook.table(site, daybook.each(site, BOSS, wanted)), is_xlsx=is_xlsx
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000  # all 20,000 lines at once are more than twice that
    if not is_xlsx:
        rows = table_of(tmp_path / "file")
        assert [row[2] for row in rows[-20_000:]] == [f"A{n}" for n in range(1, 20_001)]
    site.store.close()


@pytest.mark.rule("PV-1")
def test_hostile_text_is_harmless_in_the_files(hall_site: tuple[Site, ManualClock], tmp_path: Path) -> None:
    site, _clock = hall_site
    fill(site, lines=1, note=HOSTILE)
    fill(site, lines=1, day="2026-11-23", note="=1+1")
    for day in (site.today(), "2026-11-23"):
        lines = daybook.each(site, BOSS, Wanted(day, event="called"))
        export.write_long(tmp_path / "j.csv", daybook.table(site, lines), is_xlsx=False)
        text = (tmp_path / "j.csv").read_text(encoding="utf-8-sig")
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
        assert len(text) < 2000
        lines = daybook.each(site, BOSS, Wanted(day, event="called"))
        export.write_long(tmp_path / "j.xlsx", daybook.table(site, lines), is_xlsx=True)
        sheet = zipfile.ZipFile(tmp_path / "j.xlsx").read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "1+1" in sheet
    assert "'=1+1" in (tmp_path / "j.csv").read_text(encoding="utf-8-sig")


def test_days_are_named_up_to_today(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    assert daybook.day_of(site, "") == site.today() == "2026-11-24"
    assert daybook.day_of(site, "2026-03-09") == "2026-03-09"
    for text in ("2026-11-25", "yesterday", "\x1b"):
        refused("wrong_date", daybook.day_of, site, text)


# The command

KEYS = ["at", "event", "number", "window", "staff", "note"]


@pytest.mark.rule("Q-3")
def test_the_journal_as_a_command(hall: Hall, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    hall.done("call", "1")
    assert hall.refusal("journal") == "staff_needed"
    hall.done("sit", "2", "--staff", "1002")
    assert hall.refusal("journal", "--staff", "1002") == "not_allowed"
    found = hall.done("journal", "--staff", "4001", "--event", "numbers")["journal"]
    assert [line["event"] for line in found] == ["issued", "called"]
    assert list(found[0]) == KEYS
    assert found[1] | {"at": ""} == dict(zip(KEYS, ("", "called", "A001", "1", "1001", None), strict=True))
    assert found[1]["at"].endswith("Z")
    of_one = hall.done(
        "journal", "--staff", "4001", "--number", "a001", "--window", "1", "--staff-of", "1001"
    )
    assert of_one["journal"] == found[1:]
    assert hall.done("journal", "--staff", "4001", "--date", "2020-01-01") == {"journal": []}
    assert hall("journal", "--staff", "4001", "--event", "nothing")[0] == 2
    assert hall("journal", "--staff", "4001", "--date", "now")[0] == 2
    files = [tmp_path / "j.csv", tmp_path / "j.book"]
    done = hall.done(
        "journal", "--staff", "4001", "--event", "called", "--csv", str(files[0]), "--xlsx", str(files[1])
    )
    assert done == {"journal": found[1:]}
    assert files[0].read_bytes().startswith(b"\xef\xbb\xbf")
    rows = table_of(files[0])
    assert rows[0][:3] == ["时间", "动作", "号码"]
    assert [row[1:3] for row in rows[1:]] == [["已呼叫", "A001"]]
    assert "A001" in zipfile.ZipFile(files[1]).read("xl/worksheets/sheet1.xml").decode()
    code, answer = hall("journal", "--staff", "4001", "--csv", str(tmp_path / "nowhere" / "j.csv"))
    assert (code, answer["code"]) == (2, "usage")


def test_the_journal_as_people_read_it(hall: Hall) -> None:  # noqa: F811 - the fixture
    hall.done("issue", "A")
    assert main(["--config", str(hall.config), "journal", "--staff", "4001", "--event", "issued"]) == 0
    out = hall.capsys.readouterr().out
    assert out.split()[1:] == ["A001", "取号"]


@pytest.mark.rule("Q-3")
def test_a_store_that_stops_answering_in_the_middle_is_no_whole_answer(
    hall: Hall,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall.done("issue", "A")
    real, times = daybook._read_after, []
    monkeypatch.setattr(daybook, "_CHUNK", 1)

    def sometimes(*args: Any) -> Any:
        times.append(1)
        if len(times) > 1:
            raise Fault("store_unreachable")
        return real(*args)

    monkeypatch.setattr(daybook, "_read_after", sometimes)
    assert main(["--config", str(hall.config), "journal", "--staff", "4001", "--json"]) == 3
    out, err = hall.capsys.readouterr()
    with pytest.raises(json.JSONDecodeError):
        json.loads(out)
    assert json.loads(err)["error"]["code"] == "store_unreachable"
