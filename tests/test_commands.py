"""The commands as a script sees them: JSON, exit codes, refusal codes (CONTRACT)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from jiaohao.store.opening import known_migrations
from jiaohao.tui.main import _build, _word, main

HALL = """\
[hall]
name = "青禾县政务服务中心"
code = "qh"
timezone = "Asia/Shanghai"
language = "zh_CN"
database = "sqlite:///hall.db"

[hours]
weekdays = [1, 2, 3, 4, 5, 6, 7]
open = ["00:00-24:00"]

[calendar.{year}]
workdays = [{today}]

[calling]
calls_before_missed = 2
[[calling.priority]]
code = "veteran"
name = "军人优先"
head_start_min = 30

[[departments]]
code = "rs"
name = "人力资源和社会保障局"

[[lines]]
code = "A"
name = "社会保险"
[[lines]]
code = "B"
name = "医疗保障"

[[windows]]
code = "1"
name = "社保一窗"
kind = "handling"
department = "rs"
lines = ["A"]
[[windows]]
code = "2"
name = "医保一窗"
kind = "handling"
department = "rs"
lines = ["B", "A"]

[[matters]]
code = "rs-001"
name = "灵活就业人员参保登记"
line = "A"
materials = [{{ name = "居民身份证", copies = 1, form = "原件" }}]
procedure = "受理、审核、办结"
limit_days = 5
fee = "不收费"
basis = "社会保险法"

[[staff]]
no = "1001"
name = "赵一"
department = "rs"
role = "counter"
[[staff]]
no = "1002"
name = "钱二"
department = "rs"
role = "counter"
[[staff]]
no = "2001"
name = "孙三"
department = "rs"
role = "guide"
[[staff]]
no = "4001"
name = "李四"
department = "rs"
role = "manager"

[[posts]]
window = "1"
a = ["1001"]
b = ["1002"]
lead = "4001"
chief = "4001"
authorised = "4001"
[[posts]]
window = "2"
a = ["1002"]
b = ["1001"]
lead = "4001"
chief = "4001"
authorised = "4001"

[[agencies]]
code = "court"
name = "青禾县人民法院"
address = "城关镇一号"
"""


class Hall:
    """A hall in a folder, driven by the command line of this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "config.toml"
        now = datetime.now().astimezone()
        today = [now.date().isoformat()]
        self.config.write_text(HALL.format(year=now.year, today=json.dumps(today)[1:-1]), encoding="utf-8")
        self.capsys = capsys

    def __call__(self, *words: str) -> tuple[int, Any]:
        """Run one command with --json; its exit code, and what it printed where it belongs."""
        code = main(["--config", str(self.config), *words, "--json"])
        out, err = self.capsys.readouterr()
        if code == 0:
            assert err == ""
            return code, json.loads(out)
        if out:
            return code, json.loads(out)
        return code, json.loads(err)["error"]

    def done(self, *words: str) -> Any:
        """The answer of a command that must succeed."""
        code, answer = self(*words)
        assert code == 0, answer
        return answer

    def refusal(self, *words: str) -> str:
        """The code with which the hall refuses a command."""
        code, answer = self(*words)
        assert code == 1, answer
        assert answer["message"]
        return str(answer["code"])


@pytest.fixture
def hall(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A hall that has been initialised."""
    monkeypatch.setenv("JIAOHAO_PIN", "135790")
    for name in ("JIAOHAO_CONFIG", "JIAOHAO_DATABASE", "JIAOHAO_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    made = Hall(tmp_path, capsys)
    assert made.done("init") == {"created": True, "schema": len(known_migrations())}
    return made


TICKET_KEYS = [
    "number", "line", "matter", "priority", "state", "service_day", "issued_at", "window", "calls", "ahead",
    "expected_wait_s",
]  # fmt: skip
WINDOW_KEYS = [
    "code", "name", "kind", "lines", "state", "post", "ticket", "absent_since", "expected_back", "go_to",
    "covered", "cover",
]  # fmt: skip


def test_init_again_does_no_harm(hall: Hall) -> None:
    hall.done("issue", "A")
    assert hall.done("init") == {"created": False, "schema": len(known_migrations())}
    assert hall.done("show", "A001")["state"] == "waiting"


def test_one_day_of_one_ticket(hall: Hall) -> None:
    seat = hall.done("sit", "1", "--staff", "1001")
    assert list(seat) == WINDOW_KEYS
    assert (seat["state"], seat["post"], seat["absent_since"]) == ("free", "A", None)
    ticket = hall.done("issue", "A", "--matter", "rs-001", "--priority", "veteran")
    assert list(ticket) == TICKET_KEYS
    assert (ticket["number"], ticket["state"], ticket["ahead"], ticket["calls"]) == ("A001", "waiting", 0, 0)
    assert isinstance(ticket["expected_wait_s"], int)
    assert ticket["issued_at"].endswith("Z")
    called = hall.done("call", "1")
    assert (called["state"], called["window"], called["ahead"], called["expected_wait_s"]) == (
        "called",
        "1",
        None,
        None,
    )
    assert hall.done("recall", "1")["calls"] == 2
    assert hall.done("start", "1")["state"] == "serving"
    assert hall.done("hold", "1")["state"] == "held"
    assert hall.done("resume", "A001", "1")["state"] == "serving"
    assert hall.done("transfer", "A001", "--line", "B", "--note", "医保", "--staff", "2001")["line"] == "B"
    hall.done("sit", "2", "--staff", "1002")
    assert hall.done("call", "2")["number"] == "A001"
    hall.done("start", "2")
    assert hall.done("finish", "2", "--kind", "joint")["state"] == "finished"
    assert hall.done("undo", "A001")["state"] == "serving"
    assert hall.done("finish", "2")["state"] == "finished"
    journal = hall.done("show", "a001")["journal"]
    assert [list(entry) for entry in journal] == [["at", "event", "window", "staff", "note"]] * len(journal)
    assert [entry["event"] for entry in journal] == [
        "issued", "called", "recalled", "started", "held", "resumed", "transferred", "called", "started",
        "finished", "undone", "finished",
    ]  # fmt: skip
    assert [entry["staff"] for entry in journal if entry["event"] == "transferred"] == ["2001"]


def test_missed_requeued_cancelled_and_the_day_closed(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    hall.done("call", "1")
    assert hall.refusal("miss", "1") == "wrong_state"
    hall.done("recall", "1")
    assert hall.done("miss", "1")["state"] == "missed"
    assert hall.done("requeue", "A001")["state"] == "waiting"
    assert hall.done("cancel", "A001")["state"] == "cancelled"
    hall.done("issue", "B")
    closed = hall.done("close-day")
    assert len(closed.pop("digest")) == 64
    assert closed == {"unserved": 1, "missed": 0, "served": 0}
    assert hall.refusal("issue", "A") == "hall_closed"


def test_the_floor_says_what_is_so_and_nothing_about_persons(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    hall.done("issue", "A")
    hall.done("call", "1")
    floor = hall.done("floor")
    assert list(floor) == ["as_of", "service_day", "open", "windows", "lines", "calls", "absent"]
    assert list(floor["lines"][0]) == ["code", "name", "waiting", "longest_wait_s", "expected_wait_s"]
    assert floor["lines"][0]["waiting"] == 1
    assert list(floor["calls"][0]) == ["number", "window", "at"]
    assert [window["code"] for window in floor["absent"]] == ["2"]
    assert floor["absent"][0]["go_to"] == ["1"]
    assert "赵一" not in json.dumps(floor, ensure_ascii=False)
    assert "1001" not in json.dumps(floor)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("issue", "Z"), "unknown_line"),
        (("call", "9"), "unknown_window"),
        (("show", "A999"), "unknown_ticket"),
        (("sit", "1", "--staff", "9999"), "unknown_staff"),
        (("sit", "1", "--staff", "2001"), "not_posted"),
        (("sit", "1"), "staff_needed"),
        (("call", "1"), "not_seated"),
        (("pin", "1001", "--reset", "--staff", "2001"), "not_allowed"),
    ],
)
def test_refusals_keep_their_codes(hall: Hall, words: tuple[str, ...], code: str) -> None:
    assert hall.refusal(*words) == code


def test_refusals_of_the_seats(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.done("sit", "1", "--staff", "1001")
    assert hall.refusal("call", "1") == "nothing_waiting"
    assert hall.refusal("sit", "1", "--staff", "1002") == "already_seated"
    assert hall.refusal("sit", "2", "--staff", "1001") == "already_seated"
    monkeypatch.setenv("JIAOHAO_PIN", "000000")
    assert hall.refusal("sit", "2", "--staff", "1001") == "wrong_pin"
    hall.done("issue", "A")
    hall.done("call", "1")
    hall.done("issue", "A")
    assert hall.refusal("call", "1") == "window_busy"
    assert hall.refusal("undo", "A002") == "too_late_to_undo"
    monkeypatch.delenv("JIAOHAO_PIN")
    assert hall.refusal("sit", "2", "--staff", "1002") == "pin_needed"


def test_who_types_no_pin_when_asked_does_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIAOHAO_PIN")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", Mock(side_effect=EOFError))  # Ctrl+D
    assert hall.refusal("sit", "1", "--staff", "1001") == "pin_needed"
    monkeypatch.setattr("getpass.getpass", Mock(side_effect=KeyboardInterrupt))  # Ctrl+C
    assert main(["--config", str(hall.config), "sit", "1", "--staff", "1001"]) == 130
    said = hall.capsys.readouterr()
    assert (said.out, said.err) == ("", "\n")
    assert hall.done("floor")["windows"][0]["state"] == "absent"


def test_leaving_says_why_and_until_when(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    left = hall.done("leave", "1", "--reason", "meeting", "--back", "23:59")
    assert left["state"] == "absent"
    assert left["expected_back"].endswith("Z")
    assert left["absent_since"] is not None


def test_a_repeated_op_does_nothing_twice(hall: Hall) -> None:
    first = hall.done("issue", "A", "--op", "slip-1")
    assert hall.done("issue", "A", "--op", "slip-1")["number"] == first["number"]
    assert hall.done("issue", "A")["number"] == "A002"


def test_a_manager_clears_a_pin(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("pin", "1001", "--reset", "--staff", "4001")
    hall.done("leave", "1")
    monkeypatch.setenv("JIAOHAO_PIN", "246802")
    assert hall.done("sit", "1", "--staff", "1001")["post"] == "A"


@pytest.mark.parametrize("words", [("nonsense",), ("issue",), ("transfer", "A001"), ("issue", "A", "--what")])
def test_wrong_usage_is_2(hall: Hall, words: tuple[str, ...]) -> None:
    code, error = hall(*words)
    assert (code, error["code"]) == (2, "usage")


def test_a_wrong_configuration_is_2_and_changes_nothing(hall: Hall) -> None:
    hall.config.write_text(
        hall.config.read_text(encoding="utf-8").replace('code = "2"', 'code = "1"'), "utf-8"
    )
    code, error = hall("init")
    assert (code, error["code"]) == (2, "wrong_configuration")
    code, answer = hall("check")
    assert code == 2
    assert any(problem["where"].startswith("config.toml:") for problem in answer["problems"])
    assert len(hall.done("floor")["windows"]) == 2


def test_check_finds_nothing_wrong_with_a_sound_hall(hall: Hall) -> None:
    assert hall.done("check")["problems"] == []


@pytest.mark.rule("OP-1", "OP-4")
def test_matters_are_found_with_what_to_tell(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    (found,) = hall.done("matters", "lhjy")["matters"]
    assert found == {
        "what": "matter", "code": "rs-001", "name": "灵活就业人员参保登记", "line": "A", "windows": ["1"],
        "waiting": 1, "expected_wait_s": found["expected_wait_s"], "department": None,
        "materials": [{"name": "居民身份证", "copies": 1, "form": "原件", "issuer": ""}],
        "procedure": "受理、审核、办结", "limit_days": 5, "fee": "不收费", "basis": "社会保险法",
    }  # fmt: skip
    assert found["expected_wait_s"] > 0
    assert hall.done("matters", "fayuan")["matters"][0]["address"] == "城关镇一号"
    assert hall.done("matters", "shehui")["matters"][0]["what"] == "line"
    assert hall.done("matters", "没有")["matters"] == []


def test_no_hall_yet_is_2_and_no_store_is_3(hall: Hall, tmp_path: Path) -> None:
    code, error = hall("floor", "--database", f"sqlite:///{tmp_path / 'empty.db'}")
    assert (code, error["code"]) == (2, "not_initialised")
    code, error = hall("floor", "--database", f"sqlite:///{tmp_path / 'unmounted' / 'hall.db'}")
    assert (code, error["code"]) == (3, "store_unreachable")
    for place in (f"nobody@/nothing?host={tmp_path}", f"{'a' * 10_000}/x", "a..b/x", f"{'长' * 100},a..b/x"):
        code, error = hall("floor", "--database", f"postgresql://{place}")
        assert (code, error["code"]) == (3, "store_unreachable")


def test_the_same_on_postgres(hall: Hall, fresh_pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIAOHAO_DATABASE", fresh_pg_url)
    assert hall.done("init")["created"] is True
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A")
    assert hall.done("call", "1")["number"] == "A001"
    assert hall.done("check")["problems"] == []


def test_options_stand_before_or_after_the_command(hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["--json", "--config", str(hall.config), "floor"],
        ["floor", "--json", "--config", str(hall.config)],
        ["--config", str(hall.config), "floor", "--json"],
    ):
        assert main(words) == 0
        assert json.loads(capsys.readouterr().out)["open"] is True


def test_people_get_sentences_in_the_halls_language(hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(hall.config), "call", "1"]) == 1
    chinese = capsys.readouterr().err
    assert main(["--config", str(hall.config), "--language", "en", "call", "1"]) == 1
    english = capsys.readouterr().err
    assert "sign on" in english
    assert chinese != english
    assert main(["--config", str(hall.config), "issue", "A"]) == 0
    assert "A001" in capsys.readouterr().out


def test_a_headless_command_loads_no_screen(hall: Hall) -> None:
    script = (
        "import sys; from jiaohao.tui.main import main; "
        f"code = main(['--config', {str(hall.config)!r}, 'issue', 'A', '--json']); "
        "loaded = [m for m in ('textual', 'rich', 'pydantic', 'argon2', 'pendulum', 'psycopg', 'statistics', "
        "'jiaohao.tui.commands_enquiries') if m in sys.modules]; "
        "print(code, loaded)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert answer.stdout.splitlines()[-1] == "0 []"


def test_each_command_is_known_by_its_own_words_alone() -> None:
    [verbs] = [action for action in _build()._actions if isinstance(action, argparse._SubParsersAction)]
    for name in verbs.choices:
        assert _word(["--staff", "floor", name, "--json"]) == name
        [alone] = [
            action for action in _build(name)._actions if isinstance(action, argparse._SubParsersAction)
        ]
        assert list(alone.choices) == [name]
    assert (_word([]), _word(["--json"])) == ("", "")
    assert (_word(["--help"]), _word(["isue", "A"]), _word(["--config"])) == (None, None, None)


@pytest.mark.rule("FR-1", "FR-4", "FR-9", "PV-1")
def test_an_enquiry_from_first_question_to_acceptance(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("sit", "2", "--staff", "1002")
    asked = hall.done(
        "enquire", "--about", "医保怎么办", "--name", "王小明", "--phone", "13912345678", "--staff", "2001"
    )
    assert (asked["state"], asked["first_responder"], asked["owner"]) == ("open", "2001", "2001")
    assert "王小明" not in str(asked)
    assert "1391234" not in str(asked)
    sent = hall.done("refer", str(asked["id"]), "--outcome", "window", "--to", "2", "--staff", "2001")
    assert (sent["state"], sent["owner"], sent["to"], sent["ticket"]) == ("referred", "2001", "2", "B001")
    (waiting,) = hall.done("enquiries", "--open", "--mine", "--staff", "2001")["enquiries"]
    assert waiting == sent
    assert (waiting["hops"], waiting["overdue"], waiting["accepted_at"]) == (1, False, None)
    assert hall.done("call", "2")["number"] == "B001"
    (taken,) = hall.done("enquiries", "--staff", "2001")["enquiries"]
    assert (taken["state"], taken["owner"], taken["first_responder"]) == ("accepted", "1002", "2001")
    code, error = hall("reply", str(asked["id"]), "--note", "已答复", "--staff", "2001")
    assert (code, error["code"]) == (1, "not_your_enquiry")
    told = hall.done("reply", str(asked["id"]), "--note", "已答复", "--staff", "1002")
    assert (told["state"], told["replied_at"] is not None) == ("closed", True)
    assert hall.done("enquire", "--matter", "rs-001", "--window", "1")["first_responder"] == "1001"


@pytest.mark.rule("FR-9")
def test_sent_to_a_window_whoever_sits_there_accepts(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    asked = hall.done("enquire", "--about", "x", "--channel", "phone", "--staff", "2001")
    hall.done("refer", str(asked["id"]), "--outcome", "window", "--to", "1", "--staff", "2001")
    assert hall.done("accept", str(asked["id"]), "--window", "1")["owner"] == "1001"
    assert hall("accept", "99", "--window", "1")[1]["code"] == "unknown_enquiry"


ENQUIRY_KEYS = [
    "id", "opened_at", "channel", "first_responder", "matter", "about", "ticket", "state", "outcome", "owner",
    "from", "to", "accepted_at", "replied_at", "hops", "overdue",
]  # fmt: skip
NOTICE_KEYS = ["serial", "kind", "form", "matter", "missing", "basis", "reason", "issued_at", "pdf"]


@pytest.mark.rule("ON-2", "ON-3")
def test_a_notice_before_a_number_is_returned(hall: Hall, tmp_path: Path) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A", "--matter", "rs-001")
    hall.done("call", "1")
    hall.done("start", "1")
    assert hall.refusal("finish", "1", "--kind", "returned") == "notice_required"
    assert hall.refusal("notice", "A001", "--kind", "refusal") == "basis_required"
    pdf = str(tmp_path / "notice.pdf")
    given = hall.done("notice", "A001", "--reason", "照片不清", "--pdf", pdf)
    assert list(given) == NOTICE_KEYS
    assert (given["kind"], given["form"], given["matter"], given["pdf"]) == (
        "supplement", "written", "rs-001", pdf,
    )  # fmt: skip
    assert Path(pdf).read_bytes().startswith(b"%PDF")
    assert hall.refusal("notice", "A001", "--brought", "月亮") == "unknown_material"
    assert hall.refusal("notice", "A009") == "unknown_ticket"
    assert hall.done("finish", "1", "--kind", "returned")["state"] == "finished"
    assert hall("notice")[0] == 2


@pytest.mark.rule("ON-3")
def test_no_notice_is_issued_whose_file_cannot_be_written(hall: Hall, tmp_path: Path) -> None:
    hall.done("sit", "1", "--staff", "1001")
    hall.done("issue", "A", "--matter", "rs-001")
    hall.done("call", "1")
    hall.done("start", "1")
    nowhere = tmp_path / "nowhere" / "notice.pdf"
    code, answer = hall("notice", "A001", "--pdf", str(nowhere))
    assert (code, answer["code"]) == (2, "usage")
    assert hall.refusal("finish", "1", "--kind", "returned") == "notice_required"
    refused = tmp_path / "refused.pdf"
    assert hall.refusal("notice", "A001", "--kind", "refusal", "--pdf", str(refused)) == "basis_required"
    assert not refused.exists()
    nowhere.parent.mkdir()
    assert hall.done("notice", "A001", "--pdf", str(nowhere))["serial"].endswith("-001")


@pytest.mark.rule("ON-3")
def test_a_notice_that_a_full_disk_does_not_take_is_told_all_the_same(hall: Hall) -> None:
    asked = hall.done("enquire", "--about", "进度", "--staff", "2001")
    words = (
        "notice",
        "--enquiry",
        str(asked["id"]),
        "--reason",
        "待核实",
        "--staff",
        "2001",
        "--pdf",
        "/dev/full",
    )
    given = hall.done(*words)
    assert (given["serial"][-4:], given["pdf"]) == ("-001", None)
    assert main(["--config", str(hall.config), *words]) == 0
    assert "! 文件写不进去：" in hall.capsys.readouterr().out


@pytest.mark.rule("FR-7", "ON-5", "PV-1")
def test_what_is_owed_is_listed_answered_and_forgotten(hall: Hall) -> None:
    asked = hall.done(
        "enquire", "--channel", "phone", "--about", "进度", "--name", "王小明", "--phone", "13912345678",
        "--staff", "2001",
    )  # fmt: skip
    assert list(asked) == ENQUIRY_KEYS
    number = str(asked["id"])
    notice = hall.done(
        "notice", "--enquiry", number, "--oral", "--reason", "待核实", "--to-find-out", "--staff", "2001"
    )
    assert (notice["form"], notice["missing"]) == ("oral", [])
    owed = hall.done("obligations", "--staff", "2001")["obligations"]
    assert [(one["kind"], one["enquiry"], one["notice"], one["overdue"]) for one in owed] == [
        ("reply", asked["id"], None, False),
        ("answer", None, notice["serial"], False),
    ]
    assert hall.done("obligations", "--all", "--staff", "2001")["obligations"] == owed
    assert hall.done("obligations", "--staff", "1001") == {"obligations": []}
    assert hall.refusal("obligations", "--all", "--staff", "1001") == "not_allowed"
    assert hall.refusal("unmask", number, "--staff", "1001") == "not_allowed"
    assert hall.done("unmask", number, "--staff", "2001")["phone"] == "13912345678"
    assert hall.done("reply", notice["serial"], "--note", "可以", "--staff", "2001") == notice
    assert hall.done("reply", number, "--note", "明天", "--staff", "2001")["state"] == "closed"
    assert hall.done("obligations", "--staff", "2001") == {"obligations": []}
    assert hall.done("enquiries", "--find", "进度", "--staff", "2001")["enquiries"][0]["id"] == asked["id"]
    assert hall.done("enquiries", "--find", "别的", "--staff", "2001") == {"enquiries": []}
    would = hall.done("anonymise", "--dry-run", "--staff", "4001")
    assert (would["dry_run"], would["rows"]["enquiries"]) == (True, 0)
    assert hall.refusal("anonymise", "--before", "soon", "--staff", "4001") == "wrong_date"
    assert hall.done("anonymise", "--staff", "4001")["dry_run"] is False


@pytest.mark.rule("FR-10")
def test_the_figures_go_to_files(hall: Hall, tmp_path: Path) -> None:
    hall.done("enquire", "--about", "x", "--staff", "2001")
    (row,) = hall.done("figures", "--file", str(tmp_path / "f.csv"), "--staff", "4001")["figures"]
    assert (row["code"], row["first_asked"]) == ("2001", 1)
    assert "2001" in (tmp_path / "f.csv").read_text(encoding="utf-8-sig")
    assert hall.done("figures", "--by", "window", "--staff", "4001") == {"figures": []}


ABSENCE_KEYS = [
    "window", "post", "staff", "reason", "approved", "from", "expected_back", "to", "minutes",
    "covered_by_post", "covered_at", "uncovered_minutes", "counts_as", "attempts",
]  # fmt: skip


@pytest.mark.rule("AB-2", "AB-6", "AB-7", "AB-8")
def test_leaving_covering_and_what_comes_of_it(hall: Hall) -> None:
    hall.done("sit", "1", "--staff", "1001")
    for _one in range(2):
        hall.done("issue", "A")
    number = hall.done("call", "1")["number"]
    assert hall.refusal("leave", "1", "--reason", "meeting") == "window_busy"
    assert hall.refusal("cover", "1", "--staff", "1002") == "no_cover_needed"
    left = hall.done(
        "leave", "1", "--reason", "meeting", "--back", "23:59", "--approved-by", "4001", "--handover", "A002",
        "--in-hand", "back",
    )  # fmt: skip
    assert (left["state"], left["post"], left["cover"], left["covered"]) == ("absent", None, "B", False)
    assert hall.done("show", number)["state"] == "waiting"
    assert hall.refusal("cover", "1", "--staff", "2001") == "not_posted"
    answered = hall.done("cover", "1", "--staff", "1002")
    assert list(answered) == ABSENCE_KEYS
    assert answered["attempts"][0] == {"post": "B", "at": answered["from"], "answer": "coming"}
    assert hall.refusal("sit", "1", "--staff", "2001") == "not_posted"
    moved = hall.done("move-waiting", "1", "--to", "2", "--number", number, "--staff", "2001")
    assert moved == {"tickets": [number]}
    covered = hall.done("sit", "1", "--staff", "1002")
    assert (covered["state"], covered["post"], covered["covered"]) == ("free", "B", True)
    assert hall.refusal("move-waiting", "1", "--to", "2") == "no_cover_needed"
    (told,) = hall.done("absences", "--window", "1", "--staff", "1001")["absences"]
    assert (told["reason"], told["approved"], told["covered_by_post"]) == ("meeting", True, "B")
    assert (told["to"], told["counts_as"], told["minutes"]) == (None, None, 0)
    hall.done("sit", "1", "--staff", "1001")
    assert hall.done("absences", "--date", "2020-01-01", "--staff", "4001") == {"absences": []}
    hall.done("leave", "1")
    hall.done("sit", "1", "--staff", "1001")
    found = hall.done("incidents", "--department", "rs", "--staff", "4001")["incidents"]
    mine = [one for one in found if one["kind"] == "to_be_determined"]
    assert [(one["window"], one["staff"], one["times"], one["higher"]) for one in mine] == [
        ("1", "1001", 1, False)
    ]
    assert hall.done("incidents", "--department", "yb", "--staff", "4001") == {"incidents": []}
