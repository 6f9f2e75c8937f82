"""The commands of the registers of the window staff as a script sees them: JSON, refusals, words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue.clock import ManualClock, SystemClock
from test_commands import Hall

if TYPE_CHECKING:
    from pathlib import Path

CHANGE_KEYS = [
    "id", "window", "post", "leaving", "entering", "why", "requested_on", "state", "next_step", "held_since",
    "before_year", "mid_year", "consent", "probation_until", "probation_ending", "steps",
]  # fmt: skip
MEETING_KEYS = [
    "id", "date", "from", "to", "hours", "about", "planned_by", "expected", "came", "minutes",
    "empty_windows",
]  # fmt: skip
TALLY_KEYS = ["staff", "stand_in", "criticisms", "complaints", "least", "look_into", "entries"]
MANAGER = ("--staff", "4001")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The clock that every command goes by: ten in the morning, in summer."""
    made = ManualClock(datetime.fromisoformat("2026-08-03T10:00:00+08:00"))
    monkeypatch.setattr(SystemClock, "now_ms", lambda _self: made.now_ms())
    return made


@pytest.fixture
def hall(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> Hall:
    """A hall that was described on that morning."""
    monkeypatch.setenv("JIAOHAO_PIN", "135790")
    for name in ("JIAOHAO_CONFIG", "JIAOHAO_DATABASE", "JIAOHAO_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    made = Hall(tmp_path, capsys)
    made.done("init")
    return made


@pytest.mark.rule("SA-1", "SA-2", "AB-9")
def test_a_change_from_its_request_to_the_probation(hall: Hall, clock: ManualClock) -> None:
    words = ("adjust", "request", "--window", "1", "--post", "A", "--entering", "2001", *MANAGER)
    assert hall.refusal(*words) == "consent_required"
    asked = hall.done(*words, "--consent", "4001", "--why", "调岗")
    assert list(asked) == CHANGE_KEYS
    assert {key: asked[key] for key in CHANGE_KEYS[1:-1]} == {
        "window": "1", "post": "A", "leaving": "1001", "entering": "2001", "why": "调岗",
        "requested_on": "2026-08-03", "state": "request", "next_step": "consultation",
        "held_since": "2026-08-03", "before_year": True, "mid_year": True, "consent": "4001",
        "probation_until": None, "probation_ending": False,
    }  # fmt: skip
    step = ("adjust", "step", str(asked["id"]), *MANAGER)
    assert hall.refusal(*step, "--step", "approval") == "wrong_step"
    for name in ("consultation", "interview", "approval"):
        assert hall.done(*step, "--step", name, "--note", "已办")["state"] == name
    assert hall.done("adjust", "list", "--open", *MANAGER)["adjustments"][0]["next_step"] == "authorisation"
    done = hall.done(*step, "--step", "authorisation")
    assert (done["probation_until"], done["next_step"]) == ("2026-09-03", None)
    assert [list(one) for one in done["steps"]] == [["step", "at", "staff", "note"]] * 5
    assert (done["steps"][1]["at"], done["steps"][1]["note"]) == ("2026-08-03T02:00:00Z", "已办")
    assert hall.done("adjust", "list", "--open", *MANAGER) == {"adjustments": []}
    clock.advance(25 * 86_400)
    (now,) = hall.done("adjust", "list", "--staff", "4001")["adjustments"]
    assert now == done | {"probation_ending": True}
    assert hall.done("adjust", "list", "--staff", "1001") == {"adjustments": []}


@pytest.mark.rule("AB-9")
def test_who_left_too_soon(hall: Hall) -> None:
    assert hall.done("adjust", "early", *MANAGER) == {"terms": []}
    text = hall.config.read_text(encoding="utf-8")
    hall.config.write_text(text.replace('a = ["1001"]', 'a = ["2001"]'), encoding="utf-8")
    hall.done("init")
    assert hall.done("adjust", "early", *MANAGER) == {
        "terms": [{"window": "1", "post": "A", "staff": "1001", "from": "2026-08-03", "to": "2026-08-03"}]
    }


@pytest.mark.rule("ST-1", "AB-8")
def test_a_meeting_from_its_plan_to_its_minutes(hall: Hall, clock: ManualClock) -> None:
    words = ("meeting", "plan", "--date", "2026-08-04", "--from", "14:00", *MANAGER)
    people = ("--expect", "1001", "1002", "4001")
    assert hall.refusal(*words, "--to", "15:30", *people) == "meeting_too_short"
    planned = hall.done(*words, "--to", "16:30", *people, "--about", "学习")
    assert list(planned) == MEETING_KEYS
    assert planned == {
        "id": planned["id"], "date": "2026-08-04", "from": "14:00", "to": "16:30", "hours": 2.5,
        "about": "学习", "planned_by": "4001", "expected": ["1001", "1002", "4001"], "came": None,
        "minutes": None, "empty_windows": ["1", "2"],
    }  # fmt: skip
    attend = ("meeting", "attend", str(planned["id"]), "--came", "1001", "4001", *MANAGER)
    assert hall.refusal(*attend) == "wrong_state"
    clock.advance(31 * 3600)
    held = hall.done(*attend, "--minutes", "传达文件")
    assert held == planned | {"came": ["1001", "4001"], "minutes": "传达文件", "empty_windows": []}
    clock.advance(15 * 86_400)
    (now,) = hall.done("meeting", "list", *MANAGER)["meetings"]
    assert now == held | {"next_due": "2026-08-18", "next_overdue": True}
    assert hall.refusal(*words, "--to", "16:00", *people) == "too_short_notice"
    assert hall.refusal("meeting", "attend", "1", "--came", "1001", "--staff", "1001") == "not_allowed"


@pytest.mark.rule("AB-10", "EV-2")
def test_marks_are_counted(hall: Hall) -> None:
    for kind, note in (("criticism", "迟到"), ("complaint", "态度")):
        mark = hall.done("mark", "add", "1002", "--kind", kind, "--note", note, *MANAGER)
    assert mark == {
        "id": mark["id"], "staff": "1002", "kind": "complaint", "date": "2026-08-03", "given_by": "4001",
        "at": "2026-08-03T02:00:00Z", "note": "态度",
    }  # fmt: skip
    hall.done("mark", "add", "2001", "--kind", "least", *MANAGER)
    (one, other) = hall.done("mark", "list", *MANAGER)["marks"]
    assert list(one) == TALLY_KEYS
    assert (one["staff"], one["stand_in"], one["criticisms"], one["complaints"], one["look_into"]) == (
        "1002", True, 1, 1, ["stand_in"],
    )  # fmt: skip
    assert one["entries"][1] == mark
    assert (other["staff"], other["stand_in"], other["least"], other["look_into"]) == ("2001", False, 1, [])
    assert hall.done("mark", "list", "--of", "2001", *MANAGER) == {"marks": [other]}
    assert hall.refusal("mark", "list", "--staff", "1001") == "not_allowed"


@pytest.mark.parametrize(
    "words",
    [
        ("adjust",),
        ("adjust", "request", "--window", "1"),
        ("adjust", "step", "1", "--step", "request"),
        ("meeting", "plan", "--date", "soon", "--from", "9:00", "--to", "11:00", "--expect", "1001"),
        ("meeting", "attend", "1"),
        ("mark", "add", "1001", "--kind", "praise"),
    ],
)
def test_wrong_usage_is_2(hall: Hall, words: tuple[str, ...]) -> None:
    code, error = hall(*words)
    assert (code, error["code"]) == (2, "usage")


@pytest.mark.parametrize("words", [("adjust", "list"), ("meeting", "list"), ("mark", "list")])
def test_who_asks_must_be_named(hall: Hall, words: tuple[str, ...]) -> None:
    assert hall.refusal(*words) == "staff_needed"


@pytest.mark.parametrize(
    ("tongue", "said"),
    [
        ("zh_CN", ("未满一年", "不是在上半年提出", "待核实", "将空岗：1 社保一窗, 2 医保一窗", "下次不迟于")),
        ("en", ("less than a year", "Not requested in the first half", "o be looked into",
                "would stand empty during it: 1 社保一窗, 2 医保一窗", "next by")),
    ],
)  # fmt: skip
def test_people_read_the_same_in_words(
    hall: Hall, clock: ManualClock, capsys: pytest.CaptureFixture[str], tongue: str, said: tuple[str, ...]
) -> None:
    from jiaohao.tui.main import main  # noqa: PLC0415 - the fixture has set the place by now

    def run(*words: str) -> None:
        assert main(["--config", str(hall.config), "--language", tongue, *words, *MANAGER]) == 0

    run("adjust", "request", "--window", "1", "--post", "A", "--entering", "2001", "--consent", "4001")
    run("adjust", "list")
    run("meeting", "plan", "--date", "2026-08-04", "--from", "9:00", "--to", "11:00",
        "--expect", "1001", "1002", "4001")  # fmt: skip
    clock.advance(86_400)
    run("meeting", "attend", "1", "--came", "1001")
    run("meeting", "list")
    for _time in range(2):
        run("mark", "add", "1001", "--kind", "complaint")
    run("mark", "list")
    shown = capsys.readouterr().out
    assert [words for words in said if words not in shown] == []
