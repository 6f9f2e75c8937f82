"""The bench programs start, and say by their exit code whether their limits hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROGRAMS = sorted((TESTS / "bench").glob("bench_*.py"))


@pytest.mark.parametrize(("slack", "code"), [("1e9", 0), ("0", 1)], ids=["holds", "broken"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_the_exit_code_says_whether_the_limits_hold(
    program: Path, slack: str, code: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(program), "--small", "--slack", slack],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("BROKEN" in done.stdout) == bool(code)
    (told,) = tmp_path.glob("bench-*.json")
    assert json.loads(told.read_text(encoding="utf-8"))["holds"] == (not code)
