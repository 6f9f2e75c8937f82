"""The printer of the slips: what is sent to it, and how it is reached, through python-escpos (Q-8)."""

from __future__ import annotations

import os
import select
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from jiaohao.queue.slips import Paper
from jiaohao.store.values import Printer

_CHINESE = b"\x1c&"
"""FS &: what follows may be Chinese, two or four bytes a character as in GB18030."""
_READY = b"\x10\x04\x02"
"""DLE EOT 2, answered at once: what keeps the printer from printing."""
_DONE = b"\x1dr\x01"
"""GS r 1, answered in its turn: once all before it is printed."""
_OPEN, _NO_PAPER, _BROKEN = 0x04, 0x20, 0x40
_QR_DOTS = 8


class PrinterFault(Exception):
    """No slip comes out. ``code`` is stable (``printer_sentence``); ``detail`` is what the driver said."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep both."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


# What is sent


def cells(text: str) -> int:
    """How wide a text is on paper: what is not ASCII comes from the Chinese font, twice as wide."""
    return sum(1 if char.isascii() else 2 for char in text)


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most ``width``: English between words, Chinese after any character."""
    lines, line = [], ""
    for piece in _pieces(text, width):
        if line and cells((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, width: int) -> Iterator[str]:
    """Whole ASCII words with the blank after them, and single other characters."""
    word = ""
    for char in text:
        if char.isascii():
            word += char
        if word and (not char.isascii() or char == " " or len(word) == width):
            yield word
            word = ""
        if not char.isascii():
            yield char
    if word:
        yield word


def slip_bytes(paper: Paper, width: int) -> bytes:
    """A slip as the printer takes it, from its reset to the cut. Raises PrinterFault without the driver."""
    page = _escpos().Dummy()
    page.hw("INIT")
    page.set(align="center")
    for text in (paper.hall, paper.line, paper.matter):
        _lines(page, text, width)
    page.set(bold=True, double_width=True, double_height=True)
    _lines(page, paper.number, width // 2)
    page.set(bold=False, normal_textsize=True)
    page.qr(paper.number, native=True, size=_QR_DOTS)
    page.set(align="left")
    for text in paper.facts:
        _lines(page, text, width)
    page.cut()
    return bytes(page.output)


def _lines(page: Any, text: str, width: int) -> None:
    # Not by its own text(), which knows no GB18030.
    for line in wrapped(text, width):
        page._raw(_CHINESE + line.encode("gb18030", "replace") + b"\n")  # noqa: SLF001


# How it is reached


class Device:
    """An open connection to the printer."""

    def __init__(self, printer: Printer, driver: Any) -> None:
        """Print by ``driver``, one of python-escpos that is open."""
        self._answers = printer.answers and printer.kind != "file"
        self._driver = driver

    def be_ready(self) -> None:
        """Ask whether it can print. Raises PrinterFault when it cannot, or does not answer."""
        if not self._answers:
            return
        status = self._asked(_READY, "printer_mute")
        for bit, code in (
            (_OPEN, "printer_open"),
            (_NO_PAPER, "printer_no_paper"),
            (_BROKEN, "printer_broken"),
        ):
            if status & bit:
                raise PrinterFault(code)

    def send(self, data: bytes) -> None:
        """Print, and wait until it says that it has. Raises PrinterFault printer_dropped."""
        if self._answers:
            self._asked(data + _DONE, "printer_dropped")
            return
        with _faults("printer_dropped"):
            self._driver._raw(data)  # noqa: SLF001 - how python-escpos sends what is made up already

    def _asked(self, data: bytes, code: str) -> int:
        with _faults(code):
            said = self._driver.query_status(data)
        if not said:
            raise PrinterFault(code)
        return int(said[-1])


@contextmanager
def connected(printer: Printer) -> Iterator[Device]:
    """The printer, for a while. Raises PrinterFault printer_away, printer_driver_missing."""
    escpos = _escpos()
    with _faults("printer_away"):
        driver = _driver(escpos, printer)
        driver.open()
    try:
        yield Device(printer, driver)
    finally:
        # What was printed is out, and what was not is known by now.
        with _faults("printer_away", ignored=True):
            driver.close()


@cache
def _escpos() -> Any:
    try:
        from escpos import capabilities, printer  # noqa: PLC0415 - only who prints pays for it
    except ImportError as error:
        raise PrinterFault("printer_driver_missing", "pip install 'jiaohao[printer]'") from error
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        # It makes itself a new folder at every start, and never removes it.
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return printer


def _driver(escpos: Any, printer: Printer) -> Any:
    if printer.kind == "network":
        return escpos.Network(printer.host, printer.port, timeout=printer.timeout_s)
    if printer.kind == "usb":
        return escpos.Usb(
            printer.vendor, printer.product, timeout=printer.timeout_s * 1000,
            in_ep=printer.usb_in, out_ep=printer.usb_out,
        )  # fmt: skip
    if printer.kind == "serial":
        return _serial(escpos, printer)
    return _file(escpos, printer)


def _serial(escpos: Any, printer: Printer) -> Any:
    # Its own driver waits for sixteen characters, and a printer answers with one: each question would take
    # as long as a mute printer's.

    class Port(escpos.Serial):  # type: ignore[misc]
        def _read(self) -> bytes:
            return bytes(self.device.read(1) + self.device.read(self.device.in_waiting))

    return Port(printer.device, printer.baudrate, timeout=printer.timeout_s)


def _file(escpos: Any, printer: Printer) -> Any:
    # Its own driver for files empties a file each time it opens it, and waits for ever where nothing is
    # taken.

    class Node(escpos.File):  # type: ignore[misc]
        fd: int | None = None

        def open(self, raise_not_found: bool = True) -> None:  # noqa: FBT001, FBT002 - as it is declared
            self.fd = os.open(printer.path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)

        def _raw(self, msg: bytes) -> None:
            until_s = time.monotonic() + printer.timeout_s
            while msg:
                left_s = max(0.0, until_s - time.monotonic())
                if self.fd is None or not select.select([], [self.fd], [], left_s)[1]:
                    raise TimeoutError(printer.path)
                msg = msg[os.write(self.fd, msg) :]

        def close(self) -> None:
            if self.fd is not None:
                os.close(self.fd)
                self.fd = None

    return Node()


@contextmanager
def _faults(code: str, *, ignored: bool = False) -> Iterator[None]:
    """Name by one code whatever a driver raises: each of them has its own way of not finding a printer."""
    from escpos.exceptions import Error  # noqa: PLC0415 - see _escpos

    try:
        yield
    # OSError is the socket's, the serial port's and the USB port's; the others are python-escpos's own.
    except (OSError, Error, AssertionError) as error:
        if not ignored:
            raise PrinterFault(code, str(error)) from error
    # A driver that finds its own library missing.
    except (RuntimeError, ValueError) as error:
        if not ignored:
            raise PrinterFault("printer_driver_missing", str(error)) from error
