"""Who may give which command, row by row, through the command line itself."""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import argon2
import pytest

from jiaohao.queue import questions
from jiaohao.tui.main import _build, main
from small_hall import sqlite_site

SOON = (date.today() + timedelta(days=3)).isoformat()  # noqa: DTZ011 - any day ahead will do
WHO = {"nobody": None, "counter": "1002", "guide": "2001", "supervision": "3001", "manager": "4001"}
NONE = ("staff_needed",)
MANAGERS = (*NONE, "not_allowed", "not_allowed", "not_allowed")
OVERSEERS = (*NONE, "not_allowed", "not_allowed")

ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "pin": ("1003 --reset", (*MANAGERS, "done")),
    "adjust request": ("--window 1 --post B --entering 1002", (*MANAGERS, "consent_required")),
    "adjust step": ("99 --step consultation", (*MANAGERS, "unknown_adjustment")),
    "consent": (f"1003 1 --until {SOON}", (*MANAGERS, "done")),
    "journal": ("", (*OVERSEERS, "done", "done")),
    "mark add": ("1003 --kind criticism", (*OVERSEERS, "done", "done")),
    "mark list": ("", (*OVERSEERS, "done", "done")),
    "meeting plan": (
        f"--date {SOON} --from 09:00 --to 11:00 --expect 1001",
        (*OVERSEERS, "done", "done"),
    ),
    "meeting attend": ("99 --came 1001", (*OVERSEERS, "unknown_meeting", "unknown_meeting")),
    "unmask": ("1", (*OVERSEERS, "done", "done")),
    "anonymise": ("--dry-run", ("done", "not_allowed", "not_allowed", "done", "done")),
    "sit": ("1", (*NONE, "not_posted", "not_posted", "not_posted", "done")),
    "adjust list": ("", (*NONE, "done", "done", "done", "done")),
    "adjust early": ("", (*NONE, "done", "done", "done", "done")),
    "meeting list": ("", (*NONE, "done", "done", "done", "done")),
    "enquiries": ("", (*NONE, "done", "done", "done", "done")),
}
"""A command, its words, and what comes of it for each of WHO."""

BY_THE_WINDOW = frozenset(
    [
        "call",
        "recall",
        "start",
        "hold",
        "miss",
        "finish",
        "resume",
        "transfer",
        "pause",
        "go-on",
        "leave",
        "requeue",
        "cancel",
        "undo",
        "issue",
        "move-waiting",
        "notice",
        "close-day",
    ]
)
"""Whoever sits at the window acts there, and the guide's commands need no name (CONTRACT)."""

BY_THE_ENQUIRY = frozenset(["enquire", "refer", "accept", "reply", "cover", "plan-leave"])
"""Goes by whose enquiry, window or leave it is, not by roles; each has its own tests."""

OPEN = frozenset(
    [
        "init",
        "check",
        "backup",
        "floor",
        "matters",
        "show",
        "waits",
        "verify",
        "obligations",
        "figures",
        "absences",
        "incidents",
        "consents",
        "leaves",
        "roster",
        "attendance",
        "print",
        "reprint",
        "slips",
    ]
)
"""Whoever has this machine's shell may look, and keeps the hall."""


def commands() -> set[str]:
    """Every command of the command line, those of two words too."""

    def within(parser: argparse.ArgumentParser, before: str) -> set[str]:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            return {before.strip()}
        return {name for word, verb in groups[0].choices.items() for name in within(verb, f"{before} {word}")}

    return within(_build(), "")


def test_every_command_has_its_place_in_the_matrix() -> None:
    desks = {"guide", "counter", "wall", "sign", "supervise", "serve", "demo", "simulate"}
    assert commands() - desks == set(ROWS) | BY_THE_WINDOW | BY_THE_ENQUIRY | OPEN


def test_the_document_says_the_same() -> None:
    text = (Path(__file__).parents[1] / "docs" / "access.md").read_text(encoding="utf-8")
    rows = [f"| `{name}` | {' | '.join(codes)} |" for name, (_words, codes) in ROWS.items()]
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows
    missing = [name for name in BY_THE_WINDOW | BY_THE_ENQUIRY | OPEN if f"`{name}`" not in text]
    assert missing == []


@pytest.mark.rule("PV-1", "AB-4", "AB-5")
def test_each_command_is_for_those_of_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cheap = partial(argon2.PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(argon2, "PasswordHasher", cheap)
    monkeypatch.setenv("JIAOHAO_PIN", "135790")
    site, _clock = sqlite_site(tmp_path)
    questions.enquire(site, staff="1001", channel="phone", about="社保", name="张三", phone="13800001234")
    site.store.close()
    found = {}
    for command, (words, _codes) in ROWS.items():
        codes = []
        for staff in WHO.values():
            who = ["--staff", staff] if staff else []
            database = ["--database", f"sqlite:///{tmp_path / 'hall.db'}"]
            code = main([*database, *command.split(), *words.split(), *who, "--json"])
            err = capsys.readouterr().err
            codes.append("done" if code == 0 else json.loads(err)["error"]["code"])
        found[command] = (words, tuple(codes))
    assert found == ROWS
