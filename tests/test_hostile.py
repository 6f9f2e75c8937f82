"""Text that means harm, in every field that a person can fill: drawn, told and written harmless.

It is put into the database behind the program's back, since what comes in through the program is cleaned
before it is kept; a database may be older than that, or have been written by another hand.
"""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import pictures
from jiaohao.queue.clean import is_clean, json_of, lines_of
from jiaohao.store.retention import PERSONAL
from jiaohao.tui.main import main
from pictures import SCREENS, SMALL, Picture, copied, lay, take

if TYPE_CHECKING:
    from pathlib import Path

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
    "floor", "matters 登记", "show A030", "enquiries", "obligations", "figures", "absences", "incidents",
    "leaves", "consents", "roster", "attendance", "adjust list", "meeting list", "mark list", "waits",
)  # fmt: skip
"""Commands that tell what stands in the hall."""


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


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("name", SCREENS)
async def test_every_screen_draws_it_harmless(hostile: tuple[Path, int], name: str) -> None:
    code, keys = SCREENS[name]
    with copied(*hostile) as site:
        look = await take(site, Picture(name, code, SMALL, "zh_CN", keys))
    rows = look.text.split("\n")
    assert [cell_len(row) for row in rows] == [SMALL[0]] * SMALL[1]
    assert is_clean(look.text)


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("said", TOLD)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_every_command_tells_it_harmless(
    hostile: tuple[Path, int], capsys: pytest.CaptureFixture[str], said: str, form: list[str]
) -> None:
    folder, _now_ms = hostile
    url = f"sqlite:///{folder / 'hall.db'}"
    code = main(["--config", str(pictures.ROOT / "config.toml"), "--database", url, *said.split(), *form])
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
        assert main([*words, *said.split(), "--file", str(file)]) == 0
        with file.open(encoding="utf-8-sig") as written:
            cells: list[Any] = [cell for row in csv.reader(written) for cell in row]
        assert cells
        assert is_clean("".join(cells))
        assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"} and len(cell) > 1]


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
