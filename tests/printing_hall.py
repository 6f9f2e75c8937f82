"""A hall with a printer for the tests, and what came out of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import seating, slips
from jiaohao.store.values import Printer
from jiaohao.tui.printer import PrinterFault
from jiaohao.tui.printing import print_waiting
from slip_reader import Printed, read_slip
from small_hall import open_site, small_hall

if TYPE_CHECKING:
    from collections.abc import Callable

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from printer_server import PrinterServer


def network(port: int, timeout_s: int = 1) -> Printer:
    """A printer at that port of this machine."""
    return Printer("network", host="127.0.0.1", port=port, timeout_s=timeout_s)


def manned(url: str, printer: Printer | None, *, speaks: str = "zh_CN") -> tuple[Site, ManualClock]:
    """A hall with that printer, and a clerk at each window."""
    site, clock = open_site(url, small_hall(printer=printer, language=speaks))
    for window in "1234":
        seating.sit(site, window, f"100{window}")
    return site, clock


def printed(server: PrinterServer) -> list[Printed]:
    """What came out, slip by slip."""
    return [read_slip(data) for data in server.slips]


def numbers(server: PrinterServer) -> list[str]:
    """The numbers that came out, in that order."""
    return [code for slip in printed(server) for code in slip.codes]


def states(site: Site) -> dict[str, str]:
    """How far each slip has come; of several of one number, the last."""
    return {one.number: slips.slip_state(site, one) for one in slips.todays(site)}


def fails(site: Site) -> str:
    """By which code printing fails."""
    with pytest.raises(PrinterFault) as caught:
        print_waiting(site)
    return caught.value.code


def until_heard(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that another thread does."""
    for _try in range(1000):
        if is_so():
            return
        threading.Event().wait(0.02)
    raise AssertionError("never came to be")
