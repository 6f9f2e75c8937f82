"""Slips of paper: owed with the number, printed once, whatever goes wrong (Q-8)."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jiaohao.queue import calling, day, issuing, moving, seating, slips
from jiaohao.queue.show import find_ticket
from jiaohao.queue.site import Site
from jiaohao.store import slips as table
from jiaohao.store.opening import open_store
from jiaohao.store.values import Printer
from jiaohao.tui import printing
from jiaohao.tui.printing import Press, print_waiting
from kept_port import kept_port
from printer_server import PrinterServer
from printing_hall import fails, manned, network, numbers, printed, states, until_heard
from refusing import refused
from slip_reader import read_slip
from small_hall import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    # python-escpos lets go of a socket with which it did not get through, without closing it.
    "ignore:unclosed <socket:ResourceWarning"
)


@pytest.fixture
def served() -> Iterator[PrinterServer]:
    """A printer in good order."""
    with PrinterServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a hall can be laid, on each store."""
    if request.param == "postgres":
        return str(request.getfixturevalue("fresh_pg_url"))
    return f"sqlite:///{tmp_path / 'hall.db'}"


# --- owed with the number --------------------------------------------------------------------------------


@pytest.mark.rule("Q-1", "Q-8")
def test_a_number_and_its_slip_come_together_or_not_at_all(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _clock = manned(url, network(kept_port()))
    issuing.issue(site, "A", op="one")
    issuing.issue(site, "A", op="one")
    assert states(site) == {"A001": "waiting"}

    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("the disk")

    with monkeypatch.context() as patched:
        patched.setattr(table, "add", broken)
        with pytest.raises(RuntimeError, match="the disk"):
            issuing.issue(site, "A")
    assert issuing.issue(site, "A").number == "A002"
    assert list(states(site)) == ["A001", "A002"]


def test_a_hall_without_a_printer_owes_no_paper(url: str) -> None:
    site, _clock = manned(url, None)
    issuing.issue(site, "A")
    assert slips.todays(site) == []
    assert print_waiting(site) == 0
    refused("no_printer", slips.print_again, site, "A001")


def test_the_printer_is_kept_with_the_hall_and_an_older_hall_has_none(url: str) -> None:
    printer = Printer("usb", vendor=0x04B8, product=0x0202, width=32, timeout_s=2, answers=False)
    site, clock = manned(url, printer)
    assert Site(site.store, clock).hall.printer == printer
    (text,) = site.store.read(lambda tx: tx.rows("SELECT settings FROM hall"))[0]
    older = {key: value for key, value in json.loads(text).items() if key != "printer"}
    site.store.transact(lambda tx: tx.run("UPDATE hall SET settings = ?", (json.dumps(older),)))
    assert Site(site.store, clock).hall.printer is None


def test_issuing_with_a_printer_is_few_statements(url: str, counting: Callable[[], list[str]]) -> None:
    site, _clock = manned(url, network(kept_port()))
    issuing.issue(site, "A")
    ran = counting()
    issuing.issue(site, "A")
    assert any("INTO slips" in sql for sql in ran)
    assert len(ran) <= 6, ran


# --- the printer goes wrong ------------------------------------------------------------------------------


@pytest.mark.rule("Q-8")
def test_a_printer_that_is_away_keeps_nobody_waiting_and_gets_its_slips_later(url: str) -> None:
    port = kept_port()
    site, clock = manned(url, network(port))
    issuing.issue(site, "A")
    assert fails(site) == "printer_away"
    away_ms = site.now_ms()
    clock.advance(300)
    issuing.issue(site, "B")
    assert fails(site) == "printer_away"
    found = slips.backlog(site)
    assert (found.waiting, found.since_ms, found.code, found.lost) == (2, away_ms, "printer_away", ())
    said = slips.backlog_text(site.hall, found)
    assert said == "10:05 起连不上打印机: 2 张号票在等 [printer_away]"
    with PrinterServer(port=port) as server:
        assert print_waiting(site) == 2
        assert numbers(server) == ["A001", "B001"]
    assert slips.backlog_text(site.hall, slips.backlog(site)) == ""


def test_a_mute_printer_is_sent_nothing(url: str) -> None:
    with PrinterServer(mute=True) as server:
        site, _clock = manned(url, network(server.port))
        issuing.issue(site, "A")
        assert fails(site) == "printer_mute"
        assert server.heard == b""
        assert slips.backlog(site).code == "printer_mute"
        server.mute = False
        assert print_waiting(site) == 1
        assert numbers(server) == ["A001"]


@pytest.mark.parametrize(
    ("status", "code"), [(0x16, "printer_open"), (0x32, "printer_no_paper"), (0x52, "printer_broken")]
)
def test_a_printer_that_cannot_print_is_sent_nothing(tmp_path: Path, status: int, code: str) -> None:
    with PrinterServer(status=status) as server:
        site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(server.port))
        issuing.issue(site, "A")
        assert fails(site) == code
        assert server.heard == b""
        assert code in slips.backlog_text(site.hall, slips.backlog(site))
        server.status = 0x12
        assert print_waiting(site) == 1
        site.store.close()


def test_a_slip_cut_off_in_the_middle_is_printed_again_whole(url: str) -> None:
    with PrinterServer(drop=1) as server:
        site, _clock = manned(url, network(server.port))
        for _ in range(3):
            issuing.issue(site, "A")
        assert fails(site) == "printer_dropped"
        assert slips.todays(site)[0].slip.error == "printer_dropped"
        assert print_waiting(site) == 3
        assert numbers(server) == ["A001", "A002", "A003"]
    assert set(states(site).values()) == {"printed"}


def test_a_slip_that_never_comes_out_is_left_and_said(url: str) -> None:
    with PrinterServer(drop=slips.ATTEMPTS) as server:
        site, _clock = manned(url, network(server.port))
        issuing.issue(site, "A")
        for _ in range(slips.ATTEMPTS):
            assert fails(site) == "printer_dropped"
        assert print_waiting(site) == 0
        assert states(site) == {"A001": "failed"}
        assert slips.backlog_text(site.hall, slips.backlog(site)) == "未打印: A001 (Ctrl+P 重新打印)"
        slips.print_again(site, "A001")
        assert print_waiting(site) == 1
        assert numbers(server) == ["A001"]
        assert len(slips.todays(site)) == 1


@pytest.mark.rule("Q-2", "Q-8")
def test_what_nobody_needs_any_more_is_not_printed(url: str) -> None:
    port = kept_port()
    site, clock = manned(url, network(port))
    issuing.issue(site, "B")
    clock.advance(86_400)
    for window in "124":
        seating.sit(site, window, f"100{window}")
    for _ in range(3):
        issuing.issue(site, "A")
    issuing.issue(site, "C")
    calling.call(site, "1")
    calling.start(site, "1")
    calling.finish(site, "1")
    moving.cancel(site, "A002")
    calling.call(site, "4")
    calling.start(site, "4")
    assert fails(site) == "printer_away"
    assert slips.backlog(site).waiting == 1
    with PrinterServer(port=port) as server:
        assert print_waiting(site) == 1
        assert numbers(server) == ["A003"]
    assert states(site) == {"A001": "dropped", "A002": "dropped", "A003": "printed", "C001": "dropped"}
    day.close_day(site)
    assert print_waiting(site) == 0


# --- once more -------------------------------------------------------------------------------------------


@pytest.mark.rule("Q-8")
def test_a_slip_is_printed_once_more_and_says_so(url: str, served: PrinterServer) -> None:
    site, clock = manned(url, network(served.port))
    issuing.issue(site, "A")
    print_waiting(site)
    clock.advance(120)
    assert slips.print_again(site, "a001", staff="2001", op="again").number == "A001"
    slips.print_again(site, "A001", staff="2001", op="again")
    assert print_waiting(site) == 1
    assert numbers(served) == ["A001", "A001"]
    assert "重新打印: 10:07" in printed(served)[-1].text
    assert [bool(one.slip.again) for one in slips.todays(site)] == [False, True]
    refused("unknown_ticket", slips.print_again, site, "A009")
    refused("unknown_staff", slips.print_again, site, "A001", staff="9999")
    calling.call(site, "1")
    moving.undo(site, "A001")  # the slip was no step of the ticket's
    moving.cancel(site, "A001")
    refused("wrong_state", slips.print_again, site, "A001")
    assert [entry.event for entry in find_ticket(site, "A001")[1]][:2] == ["issued", "called"]


# --- several who print, and killed ones ------------------------------------------------------------------

_PRINTS = """
import sys
from datetime import datetime
from jiaohao.queue.clock import ManualClock
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store
from jiaohao.tui.printing import print_waiting
site = Site(open_store(sys.argv[1], "qh"), ManualClock(datetime.fromisoformat(sys.argv[2])))
site.reload()
print("ready", flush=True)
sys.stdin.readline()
print(print_waiting(site), flush=True)
"""


def printing_process(url: str) -> subprocess.Popen[str]:
    """A process that prints once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PRINTS, url, MORNING.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.rule("Q-8")
def test_several_who_print_at_once_print_each_slip_once(url: str, tmp_path: Path) -> None:
    out = tmp_path / "printer"
    out.touch()
    site, _clock = manned(url, Printer("file", path=str(out)))
    for line in itertools.islice(itertools.cycle("ABC"), 60):
        issuing.issue(site, line)
    processes = [printing_process(url) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    counts = [int(process.communicate()[0]) for process in processes]
    codes = read_slip(out.read_bytes()).codes
    assert len(codes) == len(set(codes)) == sum(counts) == 60
    assert set(states(site).values()) == {"printed"}


@pytest.mark.rule("Q-8")
def test_the_slip_of_one_who_was_killed_is_printed_by_another_once_the_lease_is_over(url: str) -> None:
    with PrinterServer(unsure=True) as server:
        site, clock = manned(url, network(server.port, timeout_s=10))
        issuing.issue(site, "A")
        process = printing_process(url)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert server.was_sent.wait(30)  # claimed, and on its way
        process.kill()
        process.communicate()
        server.unsure = False
        assert print_waiting(site) == 0
        assert states(site) == {"A001": "printing"}
        clock.advance(slips.LEASE_MS / 1000 + 1)
        assert states(site) == {"A001": "waiting"}
        assert print_waiting(site) == 1
        assert print_waiting(site) == 0
        assert numbers(server) == ["A001"]
    assert states(site) == {"A001": "printed"}


def test_who_comes_too_late_takes_nothing_back(url: str) -> None:
    site, clock = manned(url, network(kept_port()))
    issuing.issue(site, "A")
    slow = slips.claim(site)
    assert slow is not None
    assert slips.claim(site) is None
    clock.advance(slips.LEASE_MS / 1000 + 1)
    other = slips.claim(site)
    assert other is not None
    slips.failed(site, slow[0], "printer_dropped")
    assert slips.claim(site) is None  # the other one has it still
    slips.printed(site, other[0])
    slips.failed(site, slow[0], "printer_dropped")
    assert states(site) == {"A001": "printed"}


# --- beside the desk -------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not leave a printer alone for long."""
    monkeypatch.setattr(printing, "RETRY_S", 0.05)


@pytest.mark.usefixtures("quick")
def test_the_thread_prints_by_itself_and_says_when_it_cannot(url: str) -> None:
    port = kept_port()
    site, _clock = manned(url, network(port))
    said: list[Any] = []
    press = Press(Site(open_store(url, "qh"), site.clock), said.append, said.append)
    press.start()
    issuing.issue(site, "A")
    until_heard(lambda: any((one.waiting, one.code) == (1, "printer_away") for one in said))
    with PrinterServer(port=port) as server:
        until_heard(lambda: said[-1].waiting == 0)
        for _ in range(3):
            issuing.issue(site, "A")
        until_heard(lambda: len(server.slips) == 4)
        press.stop()
        press.join(30)
        assert not press.is_alive()
        assert numbers(server) == ["A001", "A002", "A003", "A004"]


def test_nobody_waits_for_a_printer_that_does_not_answer(url: str) -> None:
    with PrinterServer(mute=True) as server:
        site, _clock = manned(url, network(server.port, timeout_s=10))
        press = Press(Site(open_store(url, "qh"), site.clock), lambda _found: None, lambda _error: None)
        press.start()
        issuing.issue(site, "A")
        assert server.was_asked.wait(30)
        for _ in range(20):
            issuing.issue(site, "A")
        # All of it while the printer still has the time that it is given.
        found = slips.backlog(site)
        assert (found.waiting, found.code) == (21, None)
        press.stop()
