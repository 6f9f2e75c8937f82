"""What is sent to the printer, read back from the bytes, and the ways in which it is reached (Q-8)."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
import threading
import time
import tty
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaohao.queue import calling, issuing, language, slips
from jiaohao.queue.floor import Floor
from jiaohao.queue.reading import read_floor
from jiaohao.store import slips as table
from jiaohao.store.values import Line, Printer, Ticket
from jiaohao.tui import printer as printer_module
from jiaohao.tui.printer import PrinterFault, cells, connected, slip_bytes, wrapped
from jiaohao.tui.printing import print_waiting
from printer_server import DONE, READY, PrinterServer
from printing_hall import fails, manned, network, printed, until_heard
from slip_reader import read_slip
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    # python-escpos lets go of a socket with which it did not get through, without closing it.
    "ignore:unclosed <socket:ResourceWarning"
)

WIDTHS = (48, 32)
FIRST = table.Slip(1, 1, "2026-11-24", 0, 0, 1, None, None, None, None)


@pytest.fixture
def served() -> Iterator[PrinterServer]:
    """A printer in good order."""
    with PrinterServer() as server:
        yield server


# --- what stands on it -----------------------------------------------------------------------------------


@pytest.mark.rule("Q-8")
@pytest.mark.parametrize("speaks", ["zh_CN", "en"])
def test_a_slip_says_all_that_the_rule_asks_for(tmp_path: Path, speaks: str, served: PrinterServer) -> None:
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(served.port), speaks=speaks)
    issuing.issue(site, "A")
    issuing.issue(site, "A")
    ticket = issuing.issue(site, "A", matter="rs-001")
    language.use("en" if speaks == "zh_CN" else "zh_CN")  # whoever prints speaks another language
    assert print_waiting(site) == 3
    slip = printed(served)[-1]
    floor, _forecast = read_floor(site)
    wait_min = -(-floor.expected[ticket.id] // 60)
    in_words = {
        "zh_CN": ("前面还有: 2 人", f"预计等候: {wait_min} 分钟", "取号时间: ", "呼叫 3 次未到即为过号"),
        "en": ("People ahead: 2", f"Expected wait: {wait_min} minute", "Issued: ", "Called 3 times without"),
    }[speaks]
    for part in ("青禾县政务服务中心", "社会保险", "灵活就业人员参保登记", "2026-11-24 10:05", *in_words):
        assert part in slip.text, slip.text
    assert (2, "A003") in slip.lines
    assert [times for times, _line in slip.lines].count(2) == 1
    assert slip.codes == ["A003"]
    assert slip.cuts == 1
    assert served.slips[-1].endswith(b"\x1dV\x00")


@pytest.mark.rule("Q-8")
def test_a_slip_printed_later_says_what_is_true_then(tmp_path: Path, served: PrinterServer) -> None:
    site, clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(served.port))
    first, second = issuing.issue(site, "A"), issuing.issue(site, "A")
    clock.advance(600)
    calling.call(site, "1")
    assert print_waiting(site) == 2
    one, other = printed(served)
    assert first.number in one.text
    assert "状态: 已呼叫 1 号窗口" in one.text
    assert second.number in other.text
    assert "前面还有: 0 人" in other.text
    assert "取号时间: 2026-11-24 10:05" in other.text
    assert "打印时间: 10:15" in other.text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("speaks", ["zh_CN", "en"])
def test_no_line_is_wider_than_the_paper(tmp_path: Path, width: int, speaks: str) -> None:
    long = "青禾县人力资源和社会保障局·政务服务中心(城关镇)Comprehensive Service Hall"
    site, _clock = sqlite_site(tmp_path, small_hall(name=long, language=speaks))
    ticket = issuing.issue(site, "A")
    floor, _forecast = read_floor(site)
    slip = read_slip(slip_bytes(slips.paper(site.hall, floor, ticket, FIRST, site.now_ms()), width))
    assert width - 2 <= slip.widest() <= width
    assert "".join(slip.text.split()).startswith("".join(long.split()))
    site.store.close()


@given(st.text(max_size=80), st.integers(24, 80))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(0 < cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


_HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x1b\x1d\x1c\x10\x00\x07\r\n\x85\x9b\u202e\u2066\u200b\U000e0041\ud800@V!k&"),
        st.characters(),
    ),
    min_size=1,
    max_size=60,
)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> tuple[Floor, Ticket]:
    """A floor with one ticket."""
    site, _clock = sqlite_site(tmp_path_factory.mktemp("hall"))
    ticket = issuing.issue(site, "A", matter="rs-001")
    floor, _forecast = read_floor(site)
    site.store.close()
    return floor, ticket


@given(hall_name=_HOSTILE, line_name=_HOSTILE, matter_name=_HOSTILE)
def test_nothing_that_people_wrote_reaches_the_printer_as_a_command(
    looked_at: tuple[Floor, Ticket], hall_name: str, line_name: str, matter_name: str
) -> None:
    floor, ticket = looked_at
    (mine,) = [line for line in floor.lines if line.code == "A"]
    hostile = small_hall(
        name=hall_name,
        lines=(Line("A", line_name),),
        matters=(replace(small_hall().matters[0], name=matter_name),),
    )
    floor = replace(floor, lines=(replace(mine, name=line_name),))
    data = slip_bytes(slips.paper(hostile, floor, ticket, FIRST, ticket.issued_ms), 48)
    slip = read_slip(data)  # fails at any byte that is neither a command of ours nor a character
    assert slip.codes == ["A001"]
    assert slip.cuts == 1
    assert slip.widest() <= 48
    harmless = slip_bytes(slips.paper(small_hall(), floor, ticket, FIRST, ticket.issued_ms), 48)
    for command in (b"\x1b@", b"\x1ba", b"\x1b!", b"\x1bE", b"\x1d(k", b"\x1bd", b"\x1dV"):
        assert data.count(command) == harmless.count(command)


# --- other ways to reach it ------------------------------------------------------------------------------


def test_a_file_takes_one_slip_after_the_other(tmp_path: Path) -> None:
    out = tmp_path / "lp0"
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", Printer("file", path=str(out)))
    issuing.issue(site, "A")
    assert fails(site) == "printer_away"
    assert not out.exists()  # a device that is not there is not made a file of
    out.touch()
    assert print_waiting(site) == 1
    issuing.issue(site, "A")
    assert print_waiting(site) == 1
    assert read_slip(out.read_bytes()).codes == ["A001", "A002"]
    site.store.close()


def test_a_device_that_takes_nothing_holds_nobody_up(tmp_path: Path) -> None:
    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", Printer("file", path=str(pipe), timeout_s=1))
    issuing.issue(site, "A")
    assert fails(site) == "printer_away"  # nobody at the other end
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    stuffed = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while os.write(stuffed, b"\0" * 65_536):
            pass
    assert fails(site) == "printer_dropped"
    os.close(reader)
    os.close(stuffed)
    site.store.close()


def test_a_serial_printer_is_asked_too(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs, termios.TCSANOW)
    came = bytearray()

    def answer() -> None:
        while not came.endswith(DONE):
            came.extend(os.read(ours, 64))
            if came == READY:
                came.clear()
                os.write(ours, b"\x12")
        os.write(ours, b"\x00")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with connected(Printer("serial", device=os.ttyname(theirs), baudrate=115_200, timeout_s=5)) as device:
        began_s = time.monotonic()
        device.be_ready()
        device.send(b"\x1c&A001\n")
        assert time.monotonic() - began_s < 5  # an answer is taken when it comes, not when time is up
    thread.join(30)
    assert bytes(came) == b"\x1c&A001\n" + DONE
    os.close(ours)
    os.close(theirs)
    with pytest.raises(PrinterFault, match="printer_away"), connected(Printer("serial", device="/dev/none")):
        raise AssertionError("there is no such port")


class UsbDevice:
    """As much of a USB device as python-escpos asks for."""

    def __init__(self) -> None:
        """Ready, and sure."""
        self.backend = self
        self._ctx = self
        self.written: list[tuple[int, bytes, int]] = []
        self.answers = [b"\x12", b"\x00"]

    def set_configuration(self) -> None:
        """It always can be."""

    def reset(self) -> None:
        """It always can be."""

    def dispose(self, _device: object) -> None:
        """Let go."""

    def write(self, end: int, data: bytes, timeout_ms: int) -> None:
        """Keep what came."""
        self.written.append((end, bytes(data), timeout_ms))

    def read(self, end: int, _size: int) -> bytes:
        """Answer."""
        assert end == 0x81
        return self.answers.pop(0)


def test_a_usb_printer_is_found_by_its_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    found: list[UsbDevice | None] = [UsbDevice(), None]

    def find(**by: object) -> UsbDevice | None:
        asked.append(by)
        return found[len(asked) - 1]

    monkeypatch.setattr("usb.core.find", find)
    printer = Printer("usb", vendor=0x04B8, product=0x0202, usb_in=0x81, usb_out=0x03, timeout_s=2)
    with connected(printer) as device:
        device.be_ready()
        device.send(b"slip")
    assert asked == [{"idVendor": 0x04B8, "idProduct": 0x0202}]
    assert found[0] is not None
    assert found[0].written == [(0x03, READY, 2000), (0x03, b"slip" + DONE, 2000)]
    with pytest.raises(PrinterFault, match="printer_away"), connected(printer):
        raise AssertionError("it was unplugged")


def test_a_printer_that_answers_nothing_is_only_written_to(tmp_path: Path, served: PrinterServer) -> None:
    quiet = replace(network(served.port), answers=False)
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", quiet)
    issuing.issue(site, "A")
    assert print_waiting(site) == 1
    until_heard(lambda: served.unfinished.endswith(b"\x1dV\x00"))
    assert read_slip(served.unfinished).codes == ["A001"]
    site.store.close()


def test_without_the_driver_it_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: PrinterServer
) -> None:
    site, _clock = manned(f"sqlite:///{tmp_path / 'hall.db'}", network(served.port))
    issuing.issue(site, "A")
    printer_module._escpos.cache_clear()
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "escpos", None)
        assert fails(site) == "printer_driver_missing"
        assert "jiaohao[printer]" in slips.backlog_text(site.hall, slips.backlog(site))
    assert print_waiting(site) == 1
    site.store.close()
