"""``jiaohao simulate``: one object or one table, and nothing left behind."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from jiaohao.tui import main as command
from jiaohao.tui import simulate
from small_hall import small_hall

if TYPE_CHECKING:
    from pathlib import Path

HALL = small_hall(spans_min=((9 * 60, 17 * 60),), weekdays=(1, 2, 3, 4, 5))
WORDS = ("simulate", "--visitors", "30", "--windows", "3", "--seed", "5", "--date", "2026-11-24")
NAMED = '[hall]\ncode = "qh"\ndatabase = "sqlite:///hall.db"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hall to simulate, and a folder of its own for everything temporary, which it gives."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "config.toml").write_text(NAMED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(simulate, "load_hall", lambda _args, _path: HALL)
    return scratch


def test_one_object_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([*WORDS, "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert err == ""
    assert (told["date"], told["seed"], told["windows"], told["issued"]) == ("2026-11-24", 5, 3, 30)
    assert told["served"] + told["missed"] + told["cancelled"] + told["unserved"] == 30
    assert set(told["waits"]) == {"called", "median_s", "p90_s", "longest_s"}
    assert set(told["lines"]) <= {"A", "B", "C"}
    assert set(told["estimates"]) == {"count", "error_median", "error_p90", "bias_s"}
    assert not list(folder.iterdir())


def test_a_table_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([*WORDS, "--language", "en"]) == 0
    out, _err = capsys.readouterr()
    assert "A 社会保险" in out
    assert "30 visitors" in out


@pytest.mark.parametrize(
    ("word", "value", "code"),
    [("--visitors", "0", 2), ("--windows", "-1", 2), ("--date", "soon", 2), ("--date", "2026-11-22", 1)],
)
def test_what_cannot_be_played_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], word: str, value: str, code: int
) -> None:
    assert command.main(["simulate", word, value, "--json"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["error"]["message"]
    assert not list(folder.iterdir())


def test_ctrl_c_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(simulate, "simulate", interrupted)
    assert command.main([*WORDS]) == 130
    assert not list(folder.iterdir())


def test_no_textual_is_loaded() -> None:
    code = "import sys, jiaohao.tui.simulate; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
