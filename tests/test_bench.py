"""The bench programs start, and say by their exit code whether their limits hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measuring import Options, Row, report

TESTS = Path(__file__).parent
PROGRAMS = sorted((TESTS / "bench").glob("bench_*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_every_program_can_fail(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(program), "--small", "--slack", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr  # else it measures what was not done
    (told,) = tmp_path.glob("bench-*.json")
    rows = [Row(**row) for row in json.loads(told.read_text(encoding="utf-8"))["rows"]]
    # Where little is measured nothing may go wrong at all: such a figure is 0, and no slack breaks it.
    breakable = [name for row in rows for name in (*row.limits, *row.least) if row.figures[name]]
    assert breakable
    assert done.stdout.count("BROKEN") == len(breakable)
    assert not any(row.broken(1e9) for row in rows)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Row("most", {"took": 9.0}, {"took": 10.0}), 0),
        (Row("most", {"took": 11.0}, {"took": 10.0}), 1),
        (Row("least", {"done": 11.0}, {}, {"done": 10.0}), 0),
        (Row("least", {"done": 9.0}, {}, {"done": 10.0}), 1),
        (Row("no number", {"took": float("nan")}, {"took": 10.0}), 1),
    ],
)
def test_the_exit_code_says_whether_the_limits_hold(
    row: Row, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report("one", [row], Options()) == code
    assert ("BROKEN" in capsys.readouterr().out) == bool(code)
    assert json.loads((tmp_path / "bench-one.json").read_text(encoding="utf-8"))["holds"] == (not code)
