"""Who prints the slips: a thread beside the guide's desk, or ``jiaohao print``; nobody else waits for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from jiaohao.queue import slips
from jiaohao.queue.site import Site
from jiaohao.queue.slips import Backlog
from jiaohao.store.base import Listener
from jiaohao.store.errors import Fault
from jiaohao.store.values import Printer
from jiaohao.tui.printer import Device, PrinterFault, connected, slip_bytes

POLL_S = 2.0
"""How long to wait for word of a change before looking for slips."""
RETRY_S = 5.0
"""How long a printer is left alone that could not be had."""


def print_waiting(site: Site, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Print what waits, oldest first; gives how many came out. Nothing is claimed that cannot be printed now.

    Raises PrinterFault, after having noted it with what waits; Fault.
    """
    printer = site.hall.printer
    if printer is None or not slips.backlog(site).waiting:
        return 0
    try:
        with connected(printer) as device:
            return _print_on(site, printer, device, is_stopped)
    except PrinterFault as fault:
        slips.put_off(site, fault.code)
        raise


def _print_on(site: Site, printer: Printer, device: Device, is_stopped: Callable[[], bool]) -> int:
    count = 0
    while not is_stopped():
        device.be_ready()
        if (claimed := slips.claim(site)) is None:
            break
        slip, ticket = claimed
        data = slip_bytes(slips.paper_of(site, slip, ticket), printer.width)
        try:
            device.send(data)
        except PrinterFault as fault:
            slips.failed(site, slip, fault.code)
            raise
        slips.printed(site, slip)
        count += 1
    return count


class Press(threading.Thread):
    """Prints until it is stopped, and says whenever what waits for the printer has changed."""

    def __init__(
        self, site: Site, tell: Callable[[Backlog], None], failed: Callable[[Exception], None]
    ) -> None:
        """``tell`` and ``failed`` are called on this thread; after ``failed`` it prints no more."""
        super().__init__(name="printing", daemon=True)
        self._site = site
        self._tell = tell
        self._failed = failed
        self._told = Backlog()
        self._stopped = threading.Event()
        self._listener: Listener | None = None
        self.count = 0
        """How many slips have come out."""

    def stop(self) -> None:
        """Print no more once the slip under way is out. It is not waited for: a printer may take its time."""
        self._stopped.set()
        if (listener := self._listener) is not None:
            listener.close()

    def run(self) -> None:
        """See Thread."""
        try:
            while not self._stopped.is_set():
                self._go_on()
        except Exception as error:  # noqa: BLE001 - nothing may end a thread unseen
            if not self._stopped.is_set():  # a listener closed while it waits ends in its driver's way
                self._failed(error)
        finally:
            with contextlib.suppress(Exception):
                self._forget_listener()
                self._site.store.close()

    def _go_on(self) -> None:
        try:
            found = slips.backlog(self._site)
            # Said before it is tried: where somebody else has the printer at hand, this one's being away is
            # no news unless the slip is still there after a while.
            self._say(found)
            printed = print_waiting(self._site, self._stopped.is_set) if found.waiting else 0
            self.count += printed
            if not printed:
                self._listen()
        except PrinterFault:
            self._stopped.wait(RETRY_S)
        except Fault:  # whoever shows the floor says that the store is away
            self._forget_listener()
            self._stopped.wait(RETRY_S)

    def _say(self, found: Backlog) -> None:
        if found != self._told:
            self._told = found
            self._tell(found)

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = self._site.store.listen()
        else:  # something may have happened before there was an ear: then look first
            self._listener.wait(POLL_S)

    def _forget_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(Fault):
                listener.close()
