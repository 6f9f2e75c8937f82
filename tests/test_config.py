"""config.toml: every mistake at once, each by file, line and key; and the county hall of the repository."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaohao.queue import language
from jiaohao.queue.announcing import Speech
from jiaohao.queue.config import ConfigError, Problem, check, load, read_place, read_speech
from jiaohao.queue.config_lines import key_lines, line_of
from jiaohao.queue.config_model import KINDS

RIGHT = """\
[hall]
name = "青禾县政务服务中心"
code = "qh"
timezone = "Asia/Shanghai"
language = "zh_CN"
database = "sqlite:///hall.db"

[hours]
weekdays = [1, 2, 3, 4, 5]
open = ["09:00-12:00", "13:30-17:00"]
[calendar.2027]
closed = ["2027-01-01"]
workdays = ["2027-02-13"]

[calling]
calls_before_missed = 3
[[calling.priority]]
code = "veteran"
name = "军人优先"
head_start_min = 30

[[departments]]
code = "rs"
name = "人社局"

[[lines]]
code = "A"
name = "社会保险"
[[lines]]
code = "B"
name = "医疗保障"

[[windows]]
code = "1"
name = "社保窗"
kind = "handling"
department = "rs"
lines = ["A"]
[[windows]]
code = "2"
name = "医保窗"
kind = "reception"
lines = ["B"]
flex_lines = ["A"]

[[matters]]
code = "rs-001"
name = "参保登记"
line = "A"
materials = [
  { name = "居民身份证", copies = 1, form = "原件" },
  { name = "户口簿", copies = 2 },  # both pages
]
fee = "不收费"
basis = "《社会保险法》"

[[staff]]
no = "1001"
name = "陈文静"
department = "rs"
role = "counter"
[[staff]]
no = "1002"
name = "林立群"
role = "counter"

[[posts]]
window = "1"
a = ["1001"]
b = ["1002"]
lead = "1002"
[[posts]]
window = "2"
a = ["1002"]
b = ["1001"]

[[agencies]]
code = "court"
name = "县人民法院"
address = "明理路 18 号"
phone = "555-0101"
"""


@pytest.fixture(autouse=True)
def english() -> None:
    language.use("en")


def problems_in(folder: Path, text: str) -> list[Problem]:
    """What is wrong with a file of that text."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    config, problems = check(path)
    assert (config is None) == bool(problems)
    return list(problems)


def changed(old: str, new: str) -> str:
    """The right file with one thing changed."""
    assert old in RIGHT
    return RIGHT.replace(old, new, 1)


def line_with(text: str, piece: str, nth: int = 1) -> int:
    """The number of the ``nth`` line that holds ``piece``."""
    return [number for number, line in enumerate(text.splitlines(), 1) if piece in line][nth - 1]


def test_a_right_file_has_no_mistakes(tmp_path: Path) -> None:
    assert problems_in(tmp_path, RIGHT) == []
    config = load(tmp_path / "config.toml")
    assert config.calling.requeue_behind == 3
    assert [material.copies for material in config.matters[0].materials] == [1, 2]


Q1 = pytest.mark.rule("Q-1")
AB1 = pytest.mark.rule("AB-1")
Q7 = pytest.mark.rule("Q-7")
HR1 = pytest.mark.rule("HR-1")
OP3 = pytest.mark.rule("OP-3")

# What is written instead of what, the line by a piece of it, the key, and a word of the sentence.
MISTAKES: list[Any] = [
    (('code = "2"\nname = "医保窗"', 'code = "1"\nname = "医保窗"'),
     ('code = "1"', 2), "windows[1].code", "already"),
    pytest.param(
        ('code = "B"\nname = "医', 'code = "A"\nname = "医'),
        ('code = "A"', 2), "lines[1].code", "already", marks=Q1
    ),
    pytest.param(
        ('code = "B"\nname = "医', 'code = "b1"\nname = "医'), ('"b1"', 1), "lines[1].code", "form", marks=Q1
    ),
    (('lines = ["B"]', "lines = []"), ('code = "B"', 1), "lines[1].code", "no window serves"),
    (('lines = ["B"]', 'lines = ["B", "B"]'), ('lines = ["B", "B"]', 1), "windows[1].lines", "twice"),
    (('flex_lines = ["A"]', 'flex_lines = ["C"]'), ('["C"]', 1), "windows[1].flex_lines[0]", "no line C"),
    (("[calling]", '[printer]\nkind = "network"\n[calling]'), ("[printer]", 1), "printer.host", "missing"),
    (("[calling]", '[printer]\nkind = "usb"\nproduct = 7\n[calling]'),
     ("[printer]", 1), "printer.vendor", "missing"),
    (("[calling]", '[printer]\nkind = "fax"\n[calling]'), ('"fax"', 1), "printer.kind", "one of"),
    (("[calling]", '[printer]\nkind = "file"\npath = "/dev/usb/lp0"\nhost = "there"\n[calling]'),
     ('"there"', 1), "printer.host", "another kind"),
    (("[calling]", '[printer]\nkind = "serial"\ndevice = "ttyS0"\n[calling]'),
     ('"ttyS0"', 1), "printer.device", "whole path"),
    (("[calling]", '[printer]\nkind = "network"\nhost = "p"\ntimeout_s = 60\n[calling]'),
     ("60", 1), "printer.timeout_s", "not right"),
    (("[calling]", '[printer]\nkind = "network"\nhosts = "p"\n[calling]'),
     ("hosts", 1), "printer.hosts", "did you mean host?"),
    (('line = "A"', 'line = "D"'), ('line = "D"', 1), "matters[0].line", "no line D"),
    (('department = "rs"', 'department = "yb"'), ('"yb"', 1), "windows[0].department", "no department yb"),
    pytest.param(('a = ["1001"]', 'a = ["1009"]'), ('"1009"', 1), "posts[0].a[0]", "1009", marks=AB1),
    pytest.param(
        ('b = ["1002"]', 'b = [\n  "1002",\n  "1009",\n]'), ('"1009"', 1), "posts[0].b[1]", "1009", marks=AB1
    ),
    pytest.param(('lead = "1002"', 'lead = "1009"'), ('"1009"', 1), "posts[0].lead", "1009", marks=AB1),
    pytest.param(('b = ["1001"]\n', ""), ("[[posts]]", 2), "posts[1].b", "needs posts A and B", marks=AB1),
    pytest.param(
        ('[[posts]]\nwindow = "2"\na = ["1002"]\nb = ["1001"]\n', ""), ('code = "2"', 1),
        "windows[1].code", "needs posts A and B", marks=AB1,
    ),
    (('[[posts]]\nwindow = "2"', '[[posts]]\nwindow = "1"'),
     ('window = "1"', 2), "posts[1].window", "already"),
    (('window = "2"', 'window = "7"'), ('window = "7"', 1), "posts[1].window", "no window 7"),
    (("calls_before_missed", "calls_before_miss"), ("before_miss ", 1),
     "calling.calls_before_miss", "did you mean calls_before_missed?"),
    (("copies = 2", "copys = 2"), ("copys", 1), "matters[0].materials[1].copys", "did you mean copies?"),
    (("copies = 2", 'copies = "2"'), ('copies = "2"', 1), "matters[0].materials[1].copies", "not right"),
    (('name = "参保登记"\n', ""), ("[[matters]]", 1), "matters[0].name", "missing"),
    pytest.param(('"reception"', '"desks"'), ('"desks"', 1), "windows[1].kind", "one of", marks=OP3),
    (('"counter"', '"boss"'), ('"boss"', 1), "staff[0].role", "one of"),
    (('no = "1002"', 'no = "1001"'), ('no = "1001"', 2), "staff[1].no", "already"),
    pytest.param(('"13:30-17:00"', '"17:00-13:30"'), ("17:00-13:30", 1), "hours.open[1]", "after", marks=HR1),
    pytest.param(('"13:30-17:00"', '"11:00-17:00"'),
    ("11:00-17:00", 1), "hours.open[1]", "before", marks=HR1),
    pytest.param(('"13:30-17:00"', '"afternoon"'),
    ("afternoon", 1), "hours.open[1]", "not a span", marks=HR1),
    pytest.param(
        ('["09:00-12:00", "13:30-17:00"]', "[]"), ("open =", 1), "hours.open", "is empty", marks=HR1
    ),
    pytest.param(("[1, 2, 3, 4, 5]", "[1, 2, 2]"), ("[1, 2, 2]", 1), "hours.weekdays", "twice", marks=HR1),
    pytest.param(("[1, 2, 3, 4, 5]", "[0]"), ("[0]", 1), "hours.weekdays[0]", "not right", marks=HR1),
    pytest.param(
        ('"2027-01-01"', '"2026-01-01"'),
        ("2026-01-01", 1), "calendar.2027.closed[0]", "not a day of", marks=HR1
    ),
    pytest.param(
        ('"2027-02-13"', '"2027-01-01"'),
        ("[calendar.2027]", 1), "calendar.2027", "both closed and", marks=HR1
    ),
    (("head_start_min = 30", "first = false"), ("[[calling.priority]]", 1), "calling.priority[0]", "either"),
    (
        ("head_start_min = 30", "head_start_min = 30\nfirst = true"), ("[[calling.priority]]", 1),
        "calling.priority[0]", "either",
    ),
    pytest.param(
        ("calls_before_missed = 3", 'announce = "{window} 号窗口"'),
        ("announce =", 1), "calling.announce", "lacks {number}", marks=Q7,
    ),
    pytest.param(
        ("[[calling.priority]]", '[calling.announcements]\nen = "{number}, please"\n[[calling.priority]]'),
        ("please", 1), "calling.announcements.en", "lacks {window}", marks=Q7,
    ),
    pytest.param(
        ("[[calling.priority]]", '[calling.announcements]\nfr = "{number} {window}"\n[[calling.priority]]'),
        ("fr =", 1), "calling.announcements.fr", "one of", marks=Q7,
    ),
    pytest.param(
        ("[[departments]]", "[speech]\ncommand = []\n[[departments]]"),
        ("command =", 1), "speech.command", "not right", marks=Q7,
    ),
    pytest.param(
        ("[[departments]]", '[speech]\ncommand = ["", "x"]\n[[departments]]'),
        ("command =", 1), "speech.command[0]", "empty", marks=Q7,
    ),
    pytest.param(
        ("[[departments]]", '[speech]\ncomand = ["x"]\n[[departments]]'),
        ("comand", 1), "speech.comand", "did you mean command?", marks=Q7,
    ),
    (('"veteran"', '"normal"'), ('"normal"', 1), "calling.priority[0].code", "always exists"),
    (("Asia/Shanghai", "Asia/Qingxi"), ("Asia/Qingxi", 1), "hall.timezone", "time zone"),
    (("sqlite:///", "mysql://"), ("mysql", 1), "hall.database", "must begin with"),
    (('"zh_CN"', '"fr"'), ('"fr"', 1), "hall.language", "one of"),
    (('"县人民法院"', '"\\u001b[2J"'), ("u001b", 1), "agencies[0].name", "terminal would obey"),
    (('address = "明理路 18 号"', 'address = "  "'), ('"  "', 1), "agencies[0].address", "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "where", "key", "word"), MISTAKES)
def test_a_mistake_is_named_with_line_and_key(
    tmp_path: Path, change: tuple[str, str], where: tuple[str, int], key: str, word: str
) -> None:
    text = changed(*change)
    found = [problem for problem in problems_in(tmp_path, text) if problem.key == key]
    assert [problem.where for problem in found] == [f"config.toml:{line_with(text, *where)}"]
    assert word in found[0].message


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        changed("Asia/Shanghai", "Mars").replace("weekdays", "weekday").replace('lead = "1002"', 'lead = "9"')
    )
    assert [(problem.where, problem.key) for problem in problems_in(tmp_path, text)] == [
        (f"config.toml:{line_with(text, 'Mars')}", "hall.timezone"),
        (f"config.toml:{line_with(text, 'weekday')}", "hours.weekday"),
        (f"config.toml:{line_with(text, 'lead')}", "posts[0].lead"),
    ]


def test_one_mistake_does_not_hide_another_of_its_kind(tmp_path: Path) -> None:
    text = changed("copies = 2", 'copies = "2"').replace('line = "A"', 'line = "D"')
    keys = {problem.key for problem in problems_in(tmp_path, text)}
    assert keys == {"matters[0].materials[1].copies", "matters[0].line"}


def test_missing_parts_are_named(tmp_path: Path) -> None:
    assert {problem.key for problem in problems_in(tmp_path, "")} == {"hall", "lines", "windows"}


def test_what_is_not_toml_is_named_with_its_line(tmp_path: Path) -> None:
    text = changed('timezone = "Asia/Shanghai"', "timezone = Asia")
    assert [(p.where, p.key) for p in problems_in(tmp_path, text)] == [("config.toml:4", "")]


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    config, problems = check(tmp_path / "nothing.toml")
    assert config is None
    assert [problem.where for problem in problems] == ["nothing.toml"]
    (tmp_path / "gbk.toml").write_bytes('name = "青禾县"'.encode("gbk"))
    assert "UTF-8" in check(tmp_path / "gbk.toml")[1][0].message
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "gbk.toml")


@pytest.mark.rule("Q-7")
def test_how_a_machine_speaks_stands_in_its_own_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert read_speech(None) == Speech()
    path.write_text(RIGHT, encoding="utf-8")
    assert read_speech(path) == Speech()
    path.write_text('[speech]\ncommand = ["say"]\nvoices = { en = "en-us" }\n', encoding="utf-8")
    assert read_speech(path) == Speech(("say",), {"zh_CN": "cmn-latn-pinyin", "en": "en-us"})
    path.write_text('[speech]\ncommand = "say"\n[calling]\nundo = 1\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_speech(path)
    assert [(p.where, p.key) for p in caught.value.problems] == [("config.toml:2", "speech.command")]


def test_where_the_database_is_does_not_wait_for_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[hall]\ncode = "qh"\ndatabase = "sqlite:///data/../hall.db"\n', encoding="utf-8")
    assert read_place(path).database == f"sqlite:///{tmp_path.resolve() / 'hall.db'}"
    path.write_text('[hall]\ncode = "qh"\ndatabase = "postgresql://one,two/hall"\n', encoding="utf-8")
    assert read_place(path).database == "postgresql://one,two/hall"
    path.write_text("[hall]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_place(path)
    assert [problem.key for problem in caught.value.problems] == ["hall.code", "hall.database"]


TRICKY = '''\
title = "a # b = [c]"
owner.name = "x"
[a]
list = [
  "one, two",  # [not] = this
  [1, 2],
  { k = "}" },
]
text = """
[no.table]
no_key = 1
"""
[[a.b]]
"quoted key" = 'it\\'
[[a.b]]
plain = {x = 1, y = "]"}
  [a.b.c]
  deep = true
[[other]]
last = 'end'
'''


def keys_of(value: Any, path: str = "") -> set[str]:
    """Every dotted key that the standard library's parser finds, as far down as lines are told."""
    found = {path} - {""}
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= keys_of(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found |= keys_of(inner, f"{path}[{place}]")
    return found


def test_lines_are_told_for_whatever_toml_allows() -> None:
    lines = key_lines(TRICKY)
    assert set(lines) <= keys_of(tomllib.loads(TRICKY)) | {"a"}
    expected = {
        "title": 1, "owner.name": 2, "a.list": 4, "a.list[0]": 5, "a.list[1]": 6, "a.list[2]": 7, "a.text": 9,
        "a.b[0].quoted key": 14, "a.b[1]": 15, "a.b[1].plain": 16, "a.b[1].c": 17, "a.b[1].c.deep": 18,
        "other[0].last": 20,
    }  # fmt: skip
    assert {key: lines.get(key) for key in expected} == expected
    assert line_of(lines, "a.b[1].plain.x") == 16
    assert line_of(lines, "nowhere") == 1


PIECES = RIGHT.splitlines(keepends=True)


@given(
    st.lists(
        st.tuples(st.sampled_from(["drop", "twice", "swap"]), st.integers(0, len(PIECES) - 1)), max_size=6
    )
)
@settings(max_examples=200)
def test_no_file_is_too_broken_to_be_told_about(tmp_path_factory: Any, steps: list[tuple[str, int]]) -> None:
    pieces = list(PIECES)
    for verb, place in steps:
        if verb == "drop":
            pieces[place] = ""
        elif verb == "twice":
            pieces[place] *= 2
        else:
            pieces[place], pieces[-1 - place] = pieces[-1 - place], pieces[place]
    text = "".join(pieces)
    for problem in problems_in(tmp_path_factory.getbasetemp(), text):
        line = int(problem.where.removeprefix("config.toml:"))
        assert 1 <= line <= text.count("\n") + 1
        assert problem.message


@pytest.mark.rule("OP-1", "OP-3", "OP-4", "AB-1")
def test_the_county_hall_is_whole() -> None:
    hall = load(Path(__file__).parent.parent / "config.toml")
    assert len(hall.windows) >= 24
    assert {window.kind for window in hall.windows} == set(KINDS)
    assert len(hall.departments) >= 12
    assert len(hall.lines) >= 10
    assert len(hall.matters) >= 90
    assert all(m.materials and m.procedure and m.fee and m.basis and m.department for m in hall.matters)
    assert len(hall.staff) >= 75
    assert {person.role for person in hall.staff} == {"guide", "counter", "supervision", "manager"}
    assert {post.window for post in hall.posts} == {window.code for window in hall.windows}
    assert all(post.lead and post.chief and post.authorised for post in hall.posts)
    residents = [no for post in hall.posts for no in post.a]
    assert len(set(residents)) == len(residents)
    assert len(hall.agencies) >= 12
    assert all(agency.phone for agency in hall.agencies)
    assert len(hall.calling.priority) >= 4
    assert any(window.flex_lines for window in hall.windows)
