"""The slips as the guide and a script see them: a line while the printer is away, a slip once more (Q-8)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from driving import SIZES, desk, rows_of, says, text_of, until
from jiaohao.queue import issuing, language, slips
from jiaohao.queue.config import load
from jiaohao.tui import printing
from jiaohao.tui.log import log_file
from jiaohao.tui.main import main
from jiaohao.tui.scratch import load_hall
from kept_port import kept_port
from printer_server import PrinterServer
from printing_hall import manned, network, numbers, states, until_heard
from test_commands import Hall

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    # See test_slips.py.
    "ignore:unclosed <socket:ResourceWarning"
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not leave a printer alone for long."""
    monkeypatch.setattr(printing, "RETRY_S", 0.05)


SAID = {
    "zh_CN": ("10:05 起连不上打印机: 1 张号票在等 [printer_away]", "重新打印", "重新打印 A002 的号票"),
    "en": (
        "The printer cannot be reached since 10:05: 1 slip waits [printer_away]",
        "Print the slip",
        "The slip of A002 is printed again",
    ),
}


@pytest.mark.rule("Q-8")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("speaks", ["zh_CN", "en"])
async def test_the_guide_hears_of_the_printer_and_prints_once_more(
    tmp_path: Path, size: tuple[int, int], speaks: str
) -> None:
    port = kept_port()
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(port), speaks=speaks)
    language.use(speaks)
    away, command, done = SAID[speaks]
    async with desk(site, "guide", staff="2001", size=size) as (app, pilot):
        before = text_of(app)
        await pilot.press(*"rs-001", "enter")
        await until(pilot, says(pilot, "A001", away))
        (row,) = [row for row in rows_of(app) if "[printer_away]" in row]
        assert cell_len(row.rstrip()) <= size[0]
        assert "printer" not in before.lower()
        with PrinterServer(port=port) as server:
            await until(pilot, lambda: "[printer_away]" not in text_of(app))
            await pilot.press(*"rs-001", "enter")
            await until(pilot, lambda: numbers(server) == ["A001", "A002"])
            await pilot.press("ctrl+p")
            await until(pilot, lambda: app.screen.query("CommandInput"))
            await pilot.press(*"slip" if speaks == "en" else command)
            await until(pilot, says(pilot, command))
            await pilot.press("down", "enter")
            await until(pilot, lambda: app.screen.query("#choices"))
            await until(pilot, says(pilot, "A001", "A002"))
            await pilot.press("enter")  # the last one issued stands first
            await until(pilot, says(pilot, done))
            await until(pilot, lambda: numbers(server) == ["A001", "A002", "A002"])
    site.store.close()


async def test_a_slip_that_was_lost_is_said_until_it_is_printed(tmp_path: Path) -> None:
    with PrinterServer(drop=slips.ATTEMPTS) as server:
        site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(server.port))
        issuing.issue(site, "A")
        async with desk(site, "guide", staff="2001") as (app, pilot):
            await until(pilot, says(pilot, "未打印: A001"))
            slips.print_again(site, "A001")
            await until(pilot, lambda: "未打印" not in text_of(app))
            await app.speak("en")
            await until(pilot, lambda: numbers(server) == ["A001"])
        site.store.close()


async def test_an_unforeseen_error_of_the_printing_leaves_the_desk_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(printing, "print_waiting", broken)
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(kept_port()))
    async with desk(site, "guide", staff="2001", size=(120, 36)) as (_app, pilot):
        await pilot.press(*"rs-001", "enter")
        await until(pilot, says(pilot, "A001", "打印已停止"))
        assert "ZeroDivisionError" in log_file().read_text(encoding="utf-8")
        await pilot.press(*"rs-001", "enter")
        await until(pilot, says(pilot, "A002"))
    site.store.close()


async def test_a_guide_without_a_printer_sees_nothing_of_it(tmp_path: Path) -> None:
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", None)
    async with desk(site, "guide", staff="2001") as (app, pilot):
        assert app.desk is not None
        assert list(app.desk.palette()) == []
        await pilot.press(*"rs-001", "enter")
        await until(pilot, says(pilot, "A001"))
    assert slips.todays(site) == []
    site.store.close()


def test_a_day_that_is_only_played_has_no_paper(hall: Hall) -> None:
    assert load(hall.config).printer is not None
    assert load_hall(Namespace(language=None), hall.config).printer is None


# --- commands --------------------------------------------------------------------------------------------


@pytest.fixture
def hall(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A hall with a printer at a port where nobody is yet."""
    monkeypatch.setenv("JIAOHAO_PIN", "135790")
    made = Hall(tmp_path, capsys)
    text = made.config.read_text(encoding="utf-8")
    printer = f'[printer]\nkind = "network"\nhost = "127.0.0.1"\nport = {kept_port()}\ntimeout_s = 1\n'
    made.config.write_text(text.replace("[calling]", f"{printer}[calling]", 1), "utf-8")
    made.done("init")
    return made


def port_of(hall: Hall) -> int:
    """Where the printer of that hall is."""
    text = hall.config.read_text(encoding="utf-8")
    return int(text.partition("port = ")[2].split("\n")[0])


@pytest.mark.rule("Q-8")
def test_the_slips_by_command(hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    hall.done("issue", "A", "--op", "one")
    hall.done("issue", "A", "--op", "one")
    code, error = hall("print")
    assert (code, error["code"]) == (3, "printer_away")
    (slip,) = hall.done("slips")["slips"]
    assert list(slip) == ["number", "state", "again", "created_at", "printed_at", "attempts", "error"]
    assert (slip["number"], slip["state"], slip["printed_at"]) == ("A001", "waiting", None)
    assert (slip["attempts"], slip["error"]) == (0, "printer_away")
    main(["--config", str(hall.config), "slips"])
    assert capsys.readouterr().out == "A001  等待打印  连不上打印机 [printer_away]\n"
    with PrinterServer(port=port_of(hall)) as server:
        assert hall.done("print") == {"printed": 1, "waiting": 0}
        assert hall.done("reprint", "a001", "--staff", "2001")["number"] == "A001"
        assert hall.done("print") == {"printed": 1, "waiting": 0}
        assert hall.done("print") == {"printed": 0, "waiting": 0}
        assert numbers(server) == ["A001", "A001"]
    found = hall.done("slips")["slips"]
    assert [(one["state"], one["again"], one["error"]) for one in found] == [
        ("printed", False, None),
        ("printed", True, None),
    ]
    assert hall.refusal("reprint", "A007") == "unknown_ticket"
    hall.done("cancel", "A001")
    assert hall.refusal("reprint", "A001") == "wrong_state"


def test_without_a_printer_the_commands_say_so(hall: Hall) -> None:
    text = hall.config.read_text(encoding="utf-8")
    start, end = text.index("[printer]"), text.index("[calling]")
    hall.config.write_text(text[:start] + text[end:], "utf-8")
    hall.done("init")
    hall.done("issue", "A")
    assert hall.done("slips") == {"slips": []}
    assert hall.refusal("print") == "no_printer"
    assert hall.refusal("reprint", "A001") == "no_printer"


def test_without_the_driver_the_command_names_it(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    from jiaohao.tui import printer  # noqa: PLC0415 - what it has loaded is forgotten first

    hall.done("issue", "A")
    printer._escpos.cache_clear()
    monkeypatch.setitem(sys.modules, "escpos", None)
    code, error = hall("print")
    assert (code, error["code"]) == (2, "printer_driver_missing")
    assert "jiaohao[printer]" in error["message"]


def test_watching_prints_until_it_is_interrupted(hall: Hall) -> None:
    watching = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jiaohao.tui.main",
            "--config",
            str(hall.config),
            "--json",
            "print",
            "--watch",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert watching.stderr is not None
    hall.done("issue", "A")
    assert "[printer_away]" in watching.stderr.readline()
    with PrinterServer(port=port_of(hall)) as server:
        until_heard(lambda: numbers(server) == ["A001"])
        hall.done("issue", "B")
        until_heard(lambda: numbers(server) == ["A001", "B001"])
        until_heard(lambda: {one["state"] for one in hall.done("slips")["slips"]} == {"printed"})
        watching.send_signal(signal.SIGINT)
        out, _err = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert out == '{"printed": 2, "waiting": 0}\n'


def test_headless_commands_load_nothing_of_the_printer() -> None:
    code = "import sys, jiaohao.tui.main; print([name for name in sys.modules if name.startswith('escpos')])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_states_are_told_apart(tmp_path: Path) -> None:
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(kept_port()))
    issuing.issue(site, "A")
    claimed: Any = slips.claim(site)
    assert states(site) == {"A001": "printing"}
    slips.printed(site, claimed[0])
    assert states(site) == {"A001": "printed"}
    site.store.close()
