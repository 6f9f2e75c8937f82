"""Consents, leave, roster and attendance as a script sees them: JSON, exit codes, refusal codes."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from jiaohao.tui.aligned import aligned
from jiaohao.tui.main import main
from test_commands import Hall


@pytest.fixture
def hall(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A hall whose guide 2001 is chief representative at both windows, and speaks for the department."""
    monkeypatch.setenv("JIAOHAO_PIN", "135790")
    for name in ("JIAOHAO_CONFIG", "JIAOHAO_DATABASE", "JIAOHAO_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    made = Hall(tmp_path, capsys)
    text = made.config.read_text(encoding="utf-8").replace('chief = "4001"', 'chief = "2001"')
    made.config.write_text(text, encoding="utf-8")
    made.done("init")
    return made


def ahead(days: int) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=days)).isoformat()


def said(hall: Hall, *words: str) -> str:
    """What a command tells people."""
    assert main(["--config", str(hall.config), *words]) == 0
    return hall.capsys.readouterr().out


@pytest.mark.rule("AB-5")
def test_consents_of_both_sides_let_somebody_sit(hall: Hall) -> None:
    config = hall.config.read_text(encoding="utf-8")
    visitor = '[[staff]]\nno = "1003"\nname = "周五"\nrole = "counter"\n[[posts]]'
    hall.config.write_text(config.replace("[[posts]]", visitor, 1), encoding="utf-8")
    hall.done("init")
    assert hall.refusal("sit", "1", "--staff", "1003") == "not_posted"
    until = ahead(3)
    given = hall.done("consent", "1003", "1", "--until", until, "--staff", "2001")
    assert given == {
        "staff": "1003", "window": "1", "side": "department", "by": "2001", "from": ahead(0), "until": until,
        "withdrawn": None,
    }  # fmt: skip
    assert list(given) == ["staff", "window", "side", "by", "from", "until", "withdrawn"]
    assert hall.refusal("sit", "1", "--staff", "1003") == "consent_required"
    centre = hall.done("consent", "1003", "1", "--until", until, "--by", "4001")
    assert centre["side"] == "centre"
    assert hall.done("sit", "1", "--staff", "1003")["state"] == "free"
    assert hall.done("consents", "--staff", "4001") == {"consents": [given, centre]}
    assert hall.done("consents", "--date", ahead(4), "--staff", "4001") == {"consents": []}
    taken = hall.done("consent", "1003", "1", "--withdraw", "--by", "4001")
    assert taken["withdrawn"].endswith("Z")
    assert hall.refusal("consent", "1003", "1", "--withdraw", "--by", "4001") == "wrong_state"
    assert hall.refusal("consent", "1003", "1", "--until", until, "--by", "1003") == "not_allowed"
    assert hall.refusal("consent", "1003", "1", "--until", ahead(-1), "--by", "4001") == "wrong_date"
    assert hall.refusal("consent", "1003", "1", "--until", until) == "staff_needed"
    assert hall("consent", "1003", "1", "--by", "4001")[0] == 2
    assert "部门：2001 孙三" in said(hall, "consents", "--staff", "4001")


@pytest.mark.rule("AB-5")
def test_a_consent_needs_the_givers_pin(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.done("consent", "1001", "2", "--until", ahead(1), "--by", "4001")
    monkeypatch.setenv("JIAOHAO_PIN", "000000")
    assert hall.refusal("consent", "1001", "2", "--until", ahead(1), "--by", "4001") == "wrong_pin"
    monkeypatch.delenv("JIAOHAO_PIN")
    assert hall.refusal("consent", "1001", "2", "--until", ahead(1), "--by", "4001") == "pin_needed"


def leave(first: int, last: int, staff: str, approved_by: str) -> tuple[str, ...]:
    return (
        "plan-leave", staff, "--from", ahead(first), "--to", ahead(last), "--reason", "sick",
        "--approved-by", approved_by, "--staff", "4001",
    )  # fmt: skip


@pytest.mark.rule("AB-2", "AB-3")
def test_leave_is_planned_listed_and_given_up(hall: Hall) -> None:
    planned = hall.done(*leave(1, 14, "1001", "4001"))
    assert planned == {
        "staff": "1001", "from": ahead(1), "to": ahead(14), "reason": "sick", "approved_by": "4001",
        "empty": [],
    }  # fmt: skip
    hall.done(*leave(1, 14, "1002", "2001"))
    hall.done(*leave(1, 14, "2001", "4001"))
    assert hall.refusal(*leave(1, 14, "4001", "4001")) == "not_allowed"
    last = hall.done(*leave(1, 14, "4001", "2001"))
    assert {entry["window"] for entry in last["empty"]} == {"1", "2"}
    assert all(ahead(1) <= entry["day"] <= ahead(14) for entry in last["empty"])
    listed = hall.done("leaves", "--staff", "4001")["leaves"]
    assert [one["staff"] for one in listed] == ["1001", "1002", "2001", "4001"]
    assert listed[0]["empty"]  # by now nobody is left
    assert hall.done("leaves", "--from", ahead(15), "--staff", "4001") == {"leaves": []}
    assert hall.done("leaves", "--from", ahead(-3), "--to", ahead(0), "--staff", "4001") == {"leaves": []}
    text = said(hall, "leaves", "--staff", "4001")
    assert "待核实" in text
    assert hall.done("plan-leave", "1001", "--from", ahead(1), "--cancel", "--staff", "4001")["empty"] == []
    assert len(hall.done("leaves", "--staff", "4001")["leaves"]) == 3
    assert (
        hall.refusal("plan-leave", "1001", "--from", ahead(1), "--cancel", "--staff", "4001") == "wrong_date"
    )
    assert hall.refusal(*leave(0, 1, "1001", "4001")) == "too_short_notice"
    assert hall.refusal(*leave(2, 1, "1001", "4001")) == "wrong_date"
    assert hall.refusal(*leave(1, 1, "9999", "4001")) == "unknown_staff"
    assert (
        hall.refusal("plan-leave", "1001", "--from", ahead(1), "--to", ahead(1), "--staff", "4001")
        == "not_allowed"
    )
    assert hall("plan-leave", "1001", "--from", ahead(1))[0] == 2
    assert "1 号窗口将空岗" not in said(hall, *leave(20, 20, "1001", "4001"))


@pytest.mark.rule("AB-3")
def test_the_roster_as_json_as_text_and_in_print(hall: Hall, tmp_path: Path) -> None:
    hall.done(*leave(1, 1, "1001", "4001"))
    (day,) = hall.done("roster", "--date", ahead(1), "--staff", "1001")["roster"]
    assert day["day"] == ahead(1)
    assert [list(window) for window in day["windows"]] == [["window", "posts", "first", "empty"]] * 2
    first = day["windows"][0]
    assert (first["window"], first["first"], first["empty"]) == ("1", "1002", False)
    assert first["posts"][:2] == [
        {"post": "A", "staff": "1001", "available": False},
        {"post": "B", "staff": "1002", "available": True},
    ]
    assert len(hall.done("roster", "--staff", "1001")["roster"]) in {10, 11}
    assert hall.refusal("roster") == "staff_needed"
    pdf = tmp_path / "roster.pdf"
    hall.done("roster", "--pdf", str(pdf), "--staff", "1001")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert hall("roster", "--date", "soon")[0] == 2
    title, *rows = said(hall, "roster", "--date", ahead(1), "--staff", "1001").splitlines()
    assert title.startswith(ahead(1))
    places = {
        cell_len(row[: row.index(name)]) for row, name in zip(rows[1:], ("(赵一)", "钱二"), strict=True)
    }
    assert places == {cell_len(rows[0][: rows[0].index("A 岗")])}


def test_columns_of_the_command_line_are_as_wide_as_a_terminal_draws_them() -> None:
    rows: list[list[str | int]] = [["a", "号", "x"], ["社保一窗", 7, "y"]]
    assert aligned(rows) == "a         号  x\n社保一窗   7  y"
    assert aligned([]) == ""


@pytest.mark.rule("DC-1")
def test_attendance_goes_to_files(hall: Hall, tmp_path: Path) -> None:
    hall.done("sit", "1", "--staff", "1001")
    answer: Any = hall.done(
        "attendance", "--of", "1001", "--file", str(tmp_path / "a.csv"), "--staff", "4001"
    )
    (one,) = [row for row in answer["attendance"] if row["day"] == ahead(0)]
    assert list(one) == [
        "staff", "day", "first", "last", "late_min", "early_min", "gap_min", "at_windows_min", "leave",
    ]  # fmt: skip
    assert one["leave"] is None
    assert {row["staff"] for row in answer["attendance"]} == {"1001"}
    read = list(csv.reader((tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert read[-1][1:3] == ["1001", "赵一"]
    assert len(read) == len(answer["attendance"]) + 1
    everybody = hall.done("attendance", "--file", str(tmp_path / "a.xlsx"), "--staff", "4001")["attendance"]
    assert {row["staff"] for row in everybody} == {"1001", "1002"}
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    assert hall.done("attendance", "--month", "2020-01", "--staff", "4001") == {"attendance": []}
    assert hall("attendance", "--month", "2020")[0] == 2
    assert hall.refusal("attendance", "--of", "9999", "--staff", "4001") == "unknown_staff"
