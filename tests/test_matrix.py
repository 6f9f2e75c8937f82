"""Who may do what: each command as each role through the command line, each desk at the screen."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from driving import desk, says, text_of, until
from jiaohao.queue import (
    adjusting,
    consents,
    language,
    leaves,
    leaving,
    meetings,
    questions,
    seating,
    signing,
)
from jiaohao.queue.clock import service_day
from jiaohao.queue.roles import MAY
from jiaohao.queue.setup import describe
from jiaohao.store.values import CalendarYear, Post
from jiaohao.tui.main import _build, main
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from jiaohao.queue.site import Site

PIN = "135790"
SOON = (date.today() + timedelta(days=3)).isoformat()  # noqa: DTZ011 - any day ahead will do
ROLES = {"counter": "1002", "guide": "2001", "supervision": "3001", "manager": "4001"}

REFUSED: dict[str, tuple[str, str]] = {
    "adjust request": ("--window 1 --post B --entering 1002", "consent_required"),
    "adjust step": ("99 --step consultation", "unknown_adjustment"),
    "anonymise": ("--dry-run", "done"),
    "consent": (f"1003 1 --until {SOON}", "done"),
    "figures": ("", "done"),
    "incidents": ("", "done"),
    "journal": ("", "done"),
    "mark add": ("1003 --kind criticism", "done"),
    "mark list": ("", "done"),
    "meeting attend": ("99 --came 1001", "unknown_meeting"),
    "meeting plan": (f"--date {SOON} --from 09:00 --to 11:00 --expect 1001", "done"),
    "obligations --all": ("", "done"),
    "pin": ("1003 --reset", "done"),
    "plan-leave": (f"1003 --from {SOON} --cancel", "wrong_date"),
    "unmask": ("1", "done"),
}
"""A command, its words, and what comes of it for whoever may; everybody else is refused."""

LISTS = {
    "absences": "",
    "adjust early": "",
    "adjust list": "",
    "attendance": "",
    "consents": "",
    "enquiries": "",
    "leaves": "",
    "meeting list": "",
}
"""A list and its words: whoever may reads all of it, everybody else their own."""

BY_POST = {
    "sit": ("1", ("not_posted", "not_posted", "not_posted", "done")),
    "obligations": ("", ("done",) * 4),
    "roster": ("", ("done",) * 4),
}
"""A command, its words, and what comes of it for each of ROLES, which it does not go by."""

DESKS = ("guide", "supervise")
"""The desks that go by role."""

NOT_COMMANDS = frozenset({*DESKS, "approve leave", "requeue again", "second visits"})
"""What MAY says of desks and of what has no command of its own."""

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

BY_THE_ENQUIRY = frozenset(["enquire", "refer", "accept", "reply", "cover"])
"""Goes by whose enquiry or window it is, not by roles; each has its own tests."""

OPEN = frozenset(
    [
        "init",
        "check",
        "backup",
        "restore",
        "floor",
        "matters",
        "show",
        "waits",
        "print",
        "reprint",
        "slips",
        "verify",
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


def rows() -> dict[str, tuple[str, ...]]:
    """What each of ROLES may, as the document says it: of a desk, of a command, of a list."""
    found = {code: tuple("opens" if role in MAY[code] else "refused" for role in ROLES) for code in DESKS}
    for name, (_words, answer) in REFUSED.items():
        found[name] = tuple(answer if role in MAY[name] else "not_allowed" for role in ROLES)
    for name in LISTS:
        found[name] = tuple("all" if role in MAY[name] else "own" for role in ROLES)
    return {**found, **{name: answers for name, (_words, answers) in BY_POST.items()}}


def test_every_command_has_its_place_in_the_matrix() -> None:
    desks = {"guide", "counter", "wall", "sign", "supervise", "serve", "demo", "simulate"}
    by_role = {name.partition(" --")[0] for name in {*REFUSED, *LISTS, *BY_POST}}
    assert commands() - desks == by_role | BY_THE_WINDOW | BY_THE_ENQUIRY | OPEN
    assert set(MAY) == {*REFUSED, *LISTS} | NOT_COMMANDS


def test_the_document_says_the_same() -> None:
    text = (Path(__file__).parents[1] / "docs" / "access.md").read_text(encoding="utf-8")
    said = [line for line in text.splitlines() if line.startswith("| `")]
    assert said == [f"| `{name}` | {' | '.join(answers)} |" for name, answers in rows().items()]
    missing = [name for name in BY_THE_WINDOW | BY_THE_ENQUIRY | OPEN if f"`{name}`" not in text]
    assert missing == []


class Hall:
    """A hall with something in each of its lists, given commands on its command line."""

    def __init__(self, site: Site, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self._url, self._capsys = site, url, capsys

    def __call__(self, command: str, words: str, staff: str | None) -> tuple[str, Any]:
        """``done`` or the code of the refusal, and what the command answered."""
        who = ["--staff", staff] if staff else []
        code = main(["--database", self._url, *command.split(), *words.split(), *who, "--json"])
        out, err = self._capsys.readouterr()
        return ("done", json.loads(out)) if code == 0 else (json.loads(err)["error"]["code"], None)


@pytest.fixture(autouse=True)
def _pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIAOHAO_PIN", PIN)


@pytest.fixture
def hall(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Hall:
    """Today, as on the command line, and a working day whichever it is; what is listed is not 1002's."""
    now = datetime.now(UTC)
    today = service_day(int(now.timestamp() * 1000), "Asia/Shanghai")
    calendar = (CalendarYear(int(today[:4]), (), (today,)),)
    described = small_hall(calendar=calendar)
    site, clock = sqlite_site(tmp_path, described, start=now)
    fewer = tuple(post for post in described.posts if post != Post("4", "A", "1004"))
    describe(site.store, small_hall(calendar=calendar, posts=(*fewer, Post("4", "A", "1003"))), clock)
    site.reload()
    seating.sit(site, "1", "1001")
    leaving.leave(site, "1")
    questions.enquire(site, staff="1001", channel="phone", about="社保", name="张三", phone="13800001234")
    consents.give(site, "1003", "1", giver="4001", until=SOON)
    adjusting.request(site, window="3", post="A", entering="1004", consent="4001", staff="4001")
    day = (date.fromisoformat(today) + timedelta(days=9)).isoformat()
    leaves.plan(site, "1001", from_day=day, to_day=day, reason="sick", approved_by="4001", by="1001")
    meetings.plan(site, day=day, begins="09:00", ends="11:00", expected=("1001",), staff="4001")
    return Hall(site, f"sqlite:///{tmp_path / 'hall.db'}", capsys)


@pytest.mark.rule("PV-1", "AB-4", "AB-5")
def test_each_command_is_for_those_of_its_row(hall: Hall) -> None:
    said = {**{name: words for name, (words, _answer) in {**REFUSED, **BY_POST}.items()}, **LISTS}
    assert {name: hall(name, words, None)[0] for name, words in said.items()} == dict.fromkeys(
        said, "staff_needed"
    )
    given = {name: words for name, words in said.items() if name not in LISTS}
    found = {name: tuple(hall(name, words, no)[0] for no in ROLES.values()) for name, words in given.items()}
    assert found == {name: answers for name, answers in rows().items() if name in given}


@pytest.mark.rule("PV-1", "CR-1", "DC-1")
def test_of_a_list_each_reads_all_or_their_own(hall: Hall) -> None:
    found = {}
    for name, words in LISTS.items():
        lists = [next(iter(hall(name, words, no)[1].values())) for no in ROLES.values()]
        found[name] = tuple("all" if one == lists[-1] else "own" for one in lists)
        assert all(entry in lists[-1] for one in lists for entry in one)
    assert found == {name: answers for name, answers in rows().items() if name in LISTS}


@pytest.mark.rule("PV-1", "DC-1", "AB-2")
def test_ones_own_is_there_for_everybody(hall: Hall) -> None:
    mine = {name: hall(name, "", "1001")[1] for name in LISTS if not name.startswith("adjust")}
    assert [name for name, answer in mine.items() if not any(answer.values())] == ["consents"]
    assert {row["staff"] for row in mine["attendance"]["attendance"]} == {"1001"}
    assert hall("attendance", "--of 1001", "1001")[0] == "done"
    assert hall("attendance", "--of 1002", "1001")[0] == "not_allowed"
    (leave,) = mine["leaves"]["leaves"]
    cancel = f"1001 --from {leave['from']} --cancel"
    assert [hall("plan-leave", cancel, no)[0] for no in ("1002", "1001")] == ["not_allowed", "done"]


# --- at the screen -----------------------------------------------------------------------------------------


async def came_of(site: Site, code: str, number: str) -> str:
    """``opens``, or the sentence with which the sign-on to a desk refuses somebody."""
    async with desk(site, code) as (app, pilot):
        await until(pilot, says(pilot, "Staff number"))
        await pilot.press(*number, "enter")

        def objection() -> str:
            return app.screen.query_one("#sign-on-says").render_line(0).text.strip()

        await until(pilot, lambda: app.screen.query_one("#pin").has_focus or objection())
        if not app.screen.query_one("#pin").has_focus:
            return objection()
        await pilot.press(*PIN, "enter")
        if code == "counter":
            await until(pilot, says(pilot, "At which window?"))
        else:
            await until(pilot, lambda: app.desk and code == app.desk.CODE)
        return "opens"


@pytest.mark.rule("PV-1", "AB-4")
@pytest.mark.parametrize("code", [*DESKS, "counter"])
async def test_each_desk_opens_to_those_of_its_row(tmp_path: Path, code: str) -> None:
    language.use("en")
    site, _clock = sqlite_site(tmp_path)
    words = {"counter": "counter clerk"}
    for role, number in ROLES.items():
        signing.sign_on(site, number, PIN)
        person = site.directory.person(number)
        if code == "counter":
            has_post = any(post.staff == number for post in site.hall.posts)
            expected = "opens" if has_post else f"{person.name} holds no post at any window."
        else:
            refusal = f"This desk is not for the role {words.get(role, role)}."
            expected = "opens" if role in MAY[code] else refusal
        assert await came_of(site, code, number) == expected
    site.store.close()


@pytest.mark.rule("SA-1")
@pytest.mark.parametrize("role", ["supervision", "manager"])
async def test_a_key_that_is_not_for_a_role_is_not_offered_to_it(tmp_path: Path, role: str) -> None:
    language.use("en")
    site, _clock = sqlite_site(tmp_path)
    adjusting.request(site, window="1", post="A", entering="1004", consent="4001", staff="4001")
    async with desk(site, "supervise", staff=ROLES[role]) as (app, pilot):
        await pilot.press("f3", "8")
        await until(pilot, says(pilot, "Changes of window staff: 1"))
        assert ("F2: new request" in text_of(app)) == (role in MAY["adjust request"])
        if role not in MAY["adjust request"]:
            await pilot.press("f2")
        await pilot.press("enter")
        await until(pilot, says(pilot, "Change of window staff 1"))
        assert ("F2: next step" in text_of(app)) == (role in MAY["adjust step"])
    site.store.close()
