"""Text that means harm, in every field that a person can fill: drawn, told and written harmless.

It is put into the database behind the program's back, since what comes in through the program is cleaned
before it is kept; a database may be older than that, or have been written by another hand.
"""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import apsw
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import pictures
from jiaohao.queue import announcing, export, issuing, moving, notice_pdf
from jiaohao.queue.clean import clean, is_clean, json_of, lines_of
from jiaohao.queue.notice_text import Sheet
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import Place, open_place
from jiaohao.store.opening import open_store, upgrade
from jiaohao.store.retention import PERSONAL
from jiaohao.store.values import Call, Calling
from jiaohao.tui import browser
from jiaohao.tui.browser import Room
from jiaohao.tui.log import log_file, write_failure
from jiaohao.tui.main import main
from pictures import SCREENS, SMALL, Picture, copied, lay, led
from small_hall import small_hall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import PgServer
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

OWN = "postgresql://the-hall-of-the-test"
OBEYED = (
    "=cmd|'/c calc'!A1\x1b]0;x\x07\x1b[2J\x9b31m\x00\r\n\u202e\u2066\u200b\ufeff\U000e0041"
    "[@click=app.quit]登[/]记[bold red]{0} {number} %s $(id) `id`"
)
ENDLESS = "长" * 10_000
NAMES = {
    "hall": ("name",), "departments": ("name",), "lines": ("name",), "windows": ("name",),
    "matters": ("name", "steps", "fee", "basis"), "staff": ("name",),
    "agencies": ("name", "address", "phone", "hours"),
}  # fmt: skip
TOLD = (
    "floor", "matters 登记", "show A030", "enquiries", "obligations --all", "figures", "absences",
    "incidents", "leaves", "consents", "roster", "attendance", "adjust list", "meeting list", "mark list",
    "waits",
)  # fmt: skip
"""Commands that tell what stands in the hall."""
MANAGER = "1071"
"""To whom all of it is told."""


@pytest.fixture(autouse=True)
def _pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIAOHAO_PIN", "135790")


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A hall in the middle of its morning, and its time."""
    folder = tmp_path_factory.mktemp("morning")
    return folder, lay(folder)


@pytest.fixture(scope="module")
def hostile(morning: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The same with such a text before and after every text."""
    folder, now_ms = morning
    spoilt = tmp_path_factory.mktemp("spoilt")
    shutil.copy(folder / "hall.db", spoilt)
    connection = apsw.Connection(str(spoilt / "hall.db"))
    for table, columns in {**NAMES, **PERSONAL}.items():
        for column in columns:
            spoil = f"UPDATE {table} SET {column} = ? || {column} || ? WHERE {column} IS NOT NULL"  # noqa: S608
            connection.execute(spoil, (OBEYED, ENDLESS))
    connection.close()
    return spoilt, now_ms


def _leads_on(name: str) -> bool:
    """Whether the screen stands on the way to another one, and is seen there."""
    code, keys = SCREENS[name]
    return any(
        desk == code and len(more) > len(keys) and more[: len(keys)] == keys
        for desk, more in SCREENS.values()
    )


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("name", [name for name in SCREENS if not _leads_on(name)])
async def test_every_screen_draws_it_harmless(hostile: tuple[Path, int], name: str) -> None:
    code, keys = SCREENS[name]
    with copied(*hostile) as site:
        async with led(site, Picture(name, code, SMALL, "zh_CN", keys)) as (_app, texts):
            for text in texts:
                assert [cell_len(row) for row in text.split("\n")] == [SMALL[0]] * SMALL[1]
                assert is_clean(text)


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("said", TOLD)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_every_command_tells_it_harmless(
    hostile: tuple[Path, int],
    capsys: pytest.CaptureFixture[str],
    said: str,
    form: list[str],
) -> None:
    folder, _now_ms = hostile
    words = ["--config", str(pictures.ROOT / "config.toml"), "--database", f"sqlite:///{folder / 'hall.db'}"]
    code = main([*words, *said.split(), "--staff", MANAGER, *form])
    out, err = capsys.readouterr()
    assert code in {0, 1}, err
    assert is_clean(out + err)
    if form:
        json.loads(out or err)


@pytest.mark.slow
@pytest.mark.look
def test_every_table_is_written_harmless(hostile: tuple[Path, int], tmp_path: Path) -> None:
    folder, _now_ms = hostile
    words = ["--config", str(pictures.ROOT / "config.toml"), "--database", f"sqlite:///{folder / 'hall.db'}"]
    for said in ("figures", "attendance --month 2026-11"):
        file = tmp_path / f"{said.split()[0]}.csv"
        assert main([*words, *said.split(), "--staff", MANAGER, "--file", str(file)]) == 0
        with file.open(encoding="utf-8-sig") as written:
            cells: list[Any] = [cell for row in csv.reader(written) for cell in row]
        assert cells
        assert is_clean("".join(cells))
        assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"} and len(cell) > 1]


@pytest.mark.slow
@pytest.mark.look
def test_every_workbook_and_the_roster_to_hang_up_are_written_harmless(
    hostile: tuple[Path, int], tmp_path: Path
) -> None:
    folder, _now_ms = hostile
    words = ["--config", str(pictures.ROOT / "config.toml"), "--database", f"sqlite:///{folder / 'hall.db'}"]
    for said in ("figures", "attendance --month 2026-11"):
        file = tmp_path / f"{said.split()[0]}.xlsx"
        assert main([*words, *said.split(), "--staff", MANAGER, "--file", str(file)]) == 0
        with zipfile.ZipFile(file) as book:
            parts = [book.read(name).decode() for name in book.namelist()]
        assert not [part for part in parts if "<f>" in part or "<hyperlink" in part]
        assert is_clean("".join(parts).replace("\n", ""))
    file = tmp_path / "roster.pdf"
    assert main([*words, "roster", "--staff", MANAGER, "--pdf", str(file)]) == 0
    written = file.read_bytes()
    assert written.startswith(b"%PDF")
    assert not [word for word in (b"/JavaScript", b"/URI", b"/Launch", b"/OpenAction") if word in written]


# On PostgreSQL, which takes no NUL


@pytest.fixture(scope="module")
def on_postgres(hostile: tuple[Path, int], pg_server: PgServer) -> Iterator[str]:
    """The same hall, carried over row by row; what PostgreSQL would not take is left out of its texts."""
    folder, _now_ms = hostile
    url = pg_server.new_database()
    schema = "hq"
    upgrade(open_store(url, schema, create=True))
    spoilt = apsw.Connection(str(folder / "hall.db"))
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # in any order, whatever refers to what
        # What waits to be sealed waits on PostgreSQL alone.
        tables = spoilt.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        for (table,) in tables.fetchall():
            if table != "schema_migration":
                _carry_over(spoilt, connection, schema, table)
    spoilt.close()
    yield url
    pg_server.drop_database(url)


def _carry_over(
    spoilt: apsw.Connection, connection: psycopg.Connection[Any], schema: str, table: str
) -> None:
    cursor = spoilt.execute(f"SELECT * FROM {table}")  # noqa: S608
    rows = [[value.replace("\0", "") if isinstance(value, str) else value for value in row] for row in cursor]
    if rows:
        names = [str(column[1]) for column in spoilt.execute(f"PRAGMA table_info({table})")]
        marks = ", ".join(["%s"] * len(names))
        connection.execute(f"DELETE FROM {schema}.{table}")  # noqa: S608
        insert = f"INSERT INTO {schema}.{table}({', '.join(names)}) OVERRIDING SYSTEM VALUE VALUES({marks})"
        connection.cursor().executemany(insert, rows)
        if "id" in names:
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {schema}.{table}",  # noqa: S608
                (f"{schema}.{table}",),
            )


@pytest.mark.slow
@pytest.mark.look
def test_postgres_tells_and_writes_it_harmless(
    on_postgres: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--config", str(pictures.ROOT / "config.toml"), "--database", on_postgres]
    for said in TOLD:
        assert main([*words, *said.split(), "--staff", MANAGER, "--json"]) in {0, 1}
        out, err = capsys.readouterr()
        assert is_clean(out + err)
        json.loads(out or err)
    file = tmp_path / "figures.csv"
    assert main([*words, "figures", "--staff", MANAGER, "--file", str(file)]) == 0
    assert is_clean(file.read_text(encoding="utf-8-sig"))


# What is typed and what surrounds it

TYPED = {
    "escapes": OBEYED.replace("\0", ""), "NUL": "a\0b", "half a character": "a\ud800", "no text": "a\udcffb",
    "lines": "A\r\nB", "endless": ENDLESS, "an option": "--x", "nothing": "",
}  # fmt: skip
ASKED = (
    "issue {}", "show {}", "call {}", "cancel {}", "undo {}", "requeue {}", "resume {} {}",
    "leave 1 --back {}", "issue A --matter {}", "issue A --priority {}", "issue A --op {}",
    "transfer A001 --line {}",
    "{}", "transfer A001 --window 1 --note {}", "floor --staff {}", "floor --language {}", "waits --from {}",
    "attendance --month {}", "figures --staff 4001 --file {}/x.csv", "journal {}", "check --config {}",
    "floor --database sqlite:////nowhere/{}", "floor --database sqlite:///{}",
)  # fmt: skip


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    assert is_clean(out + err)
    return code, out + err


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_whatever_is_typed_is_answered_in_short_and_harmless(
    hall_site: tuple[Site, ManualClock],
    typed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site, _clock = hall_site
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jiaohao.tui.main.open_place", lambda place, **_how: real_place(site, place))
    config = tmp_path / "config.toml"
    config.write_text(f'[hall]\ncode = "qh"\ndatabase = "{OWN}"\n', encoding="utf-8")
    for asked in ASKED:
        words = [word.replace("{}", typed) for word in asked.split()]
        for form in ([], ["--json"]):
            code, said = _told(capsys, *words, *form)
            assert code != 3 or "--database" in words, (asked, said)
            assert len(said) < 4000, asked
        if code:
            assert json.loads(said)["error"]["code"]


def real_place(site: Site, place: Place) -> Site:
    """The hall of the test where a command names no other."""
    return site if place.url == OWN else open_place(place)


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_what_looks_for_a_number_finds_none_on_either_store(
    hall_site: tuple[Site, ManualClock], typed: str
) -> None:
    site, _clock = hall_site
    with pytest.raises(Refusal) as refused:
        moving.cancel(site, typed, staff=None)
    assert refused.value.code == "unknown_ticket"
    assert is_clean(refused.value.message)
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("typed", [text for text in TYPED.values() if text])
def test_an_operation_of_any_id_is_done_once(hall_site: tuple[Site, ManualClock], typed: str) -> None:
    site, _clock = hall_site
    assert issuing.issue(site, "A", op=typed).number == issuing.issue(site, "A", op=typed).number
    assert issuing.issue(site, "A", op=typed + "x").number == "A002"


@pytest.mark.parametrize("name", ["JIAOHAO_LANGUAGE", "JIAOHAO_CONFIG", "JIAOHAO_DATABASE", "JIAOHAO_PIN"])
@pytest.mark.parametrize("value", ["x\x1b[2J\u202e", "a\udcffb", "x\ny"])
def test_the_environment_ends_nothing(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    code, said = _told(capsys, "floor", "--json")
    assert code == 2
    assert json.loads(said)["error"]["code"] in {"usage", "wrong_configuration"}


@pytest.mark.parametrize("line", [
    'name = "x\\u001b[2J\\u0000\\u202e"', '"x\\u001b[2J\\n\\u0000" = 1', '["x\\u001b[2J\\n["]\na = 1',
    'name = "\x1b"', "\0",
])  # fmt: skip
def test_a_configuration_is_told_its_mistakes_harmless(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    place = f'[hall]\ncode = "qh"\ndatabase = "sqlite:///{tmp_path}/hall.db"\n'
    config.write_text(place + line, encoding="utf-8")
    code, said = _told(capsys, "init", "--config", str(config))
    assert code == 2
    assert all(mistake.startswith("config.toml") for mistake in said.splitlines())


# What leaves the program by other ways


def test_a_failure_is_one_line_of_the_log() -> None:
    for text in (OBEYED, "a\ud800"):
        write_failure(ValueError(text))
    written = log_file().read_text(encoding="utf-8")
    assert is_clean(written)
    assert [line for line in written.splitlines() if "the app failed" not in line] == []
    assert written.count("the app failed") == 2


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_a_loudspeaker_is_told_one_line(typed: str) -> None:
    hall = small_hall(calling=Calling(announce="{number} {window}" + typed))
    said = announcing.for_voice(announcing.spoken(Call(typed, typed, 0, 1), hall), "cmn-latn-pinyin")
    assert is_clean(said)
    assert "\n" not in said


def test_a_page_takes_the_name_of_the_hall_for_text() -> None:
    room = Room("/", ("app",), {}, "<script>" + OBEYED, keys=False, most_bytes=100)
    page = browser._html(room, host="localhost")
    assert "<script>=cmd" not in page
    assert is_clean(page)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_table_computes_what_was_typed(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"table.{ending}"
    texts: list[str | int] = [clean(text) for text in ("=1+1", "+1", "-1", "@x", *TYPED.values())]
    export.write(file, [["a"], texts])
    if ending == "xlsx":
        with zipfile.ZipFile(file) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    else:
        cells = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))[1]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("typed", [clean(text) for text in TYPED.values()], ids=TYPED)
def test_a_printed_notice_takes_it_for_text(typed: str, tmp_path: Path) -> None:
    pair, file = ("x", typed), tmp_path / "notice.pdf"
    notice_pdf.write(file, Sheet(typed, "<b>" + typed, typed, (pair,), ((typed,) * 4,), (pair,)))
    written = file.read_bytes()
    assert written.startswith(b"%PDF")
    assert not [word for word in (b"/JavaScript", b"/URI", b"/Launch", b"/OpenAction") if word in written]


@given(st.text())
def test_json_loses_nothing_and_holds_nothing_that_is_obeyed(text: str) -> None:
    told = json_of({"name": text})
    assert json.loads(told) == {"name": text}
    assert is_clean(told)
    assert "\n" not in told


@given(st.text())
def test_lines_are_what_they_were_but_for_what_is_obeyed(text: str) -> None:
    told = lines_of(text)
    assert is_clean(told)
    assert told == "".join(char for char in text if char == "\n" or is_clean(char))
