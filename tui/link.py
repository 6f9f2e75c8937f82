"""The process's link to the hall: one thread follows the floor, one runs operations. No widget is known."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.message import Message

from jiaohao.queue.floor import Floor
from jiaohao.queue.forecast import SHOWN_MS, Forecast
from jiaohao.queue.reading import has_changed, read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store.base import Listener, Word
from jiaohao.store.errors import Fault

if TYPE_CHECKING:
    from jiaohao.queue.registers import Ledger

T = TypeVar("T")

POLL_S = 2.0
"""How long to wait for word of a change before looking for one."""
DEAF_POLL_S = 1.0
"""How often to look when there is nothing to listen with."""
RETRY_S = 1.0
FRESH_MS = 10_000
"""A floor older than this is read again though nothing was said: states depend on the clock."""
_LATEST = 2
"""After so many times as long a forecast is made anew though there is a change to be shown."""
_SPREAD = 997
SILENT_S = 5.0
"""A floor that was not looked at for so long is said to have no answer, though nothing has failed yet."""
ATTEND_S = 10.0
"""How often to say that this terminal is alive, and to look for what time alone brings (AB-6)."""


@dataclass
class FloorChanged(Message):
    """The floor as it is now, and what is owed; a link that may only look is told of no one's affairs."""

    floor: Floor
    ledger: Ledger | None

    def can_replace(self, message: Message) -> bool:
        """A newer floor takes the place of one not shown yet."""
        return isinstance(message, FloorChanged)


@dataclass
class StoreAway(Message):
    """The store does not answer; said once."""

    fault: Fault


class StoreBack(Message):
    """The store answers again."""


@dataclass
class Answered(Message):
    """An operation has come to its end; ``tell`` says so on the screen's thread."""

    tell: Callable[[], None]
    at_once: bool = False
    """Also while the desk is locked, behind whose back nothing else is answered."""


class Link:
    """Follows the floor and runs operations, each on a thread of its own; speaks to the app in messages.

    A third thread only watches the first: a server that is frozen neither answers nor fails.
    """

    def __init__(
        self, app: App[Any], site: Site, *, read_only: bool = False, only_at: str | None = None
    ) -> None:
        """Nothing runs before ``start``. A ``read_only`` link refuses to run operations.

        Where only one window is shown, ``only_at`` names it: of what happens at others the link hears in a
        few seconds. A hall has as many signs as windows, and each would read the floor for all of them.
        """
        self._app = app
        self._site = site
        self._read_only = read_only
        self._only_at = only_at
        self._stopped = threading.Event()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._reading = threading.Lock()
        self._listener: Listener | None = None
        self._floor: Floor | None = None
        self._read_at = 0.0
        self._forecast: Forecast | None = None
        # Each terminal of a machine makes it anew in another moment, and not when there is a change to be
        # shown: it takes five times as long as reading the floor, and would cost all of them that at once.
        self._shift_ms = os.getpid() * _SPREAD % SHOWN_MS
        self._is_away = False
        self._saying = threading.Lock()
        self._looked_s = time.monotonic()
        self._attended_s = time.monotonic()
        self.seat: tuple[str, str] | None = None
        """The window at which this terminal stands, and whoever sits there."""

    def start(self) -> None:
        """Begin to follow the floor, to watch that it is followed, and to run what ``do`` is given."""
        self._looked_s = time.monotonic()
        threading.Thread(target=self._guarded, args=(self._follow,), name="floor", daemon=True).start()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        if not self._read_only:
            threading.Thread(target=self._guarded, args=(self._work,), name="operations", daemon=True).start()

    def stop(self) -> None:
        """End the threads; none is waited for, since a store that hangs must not hold up the screen."""
        self._stopped.set()
        self._jobs.put(None)
        if (listener := self._listener) is not None:
            listener.close()

    def do(
        self,
        work: Callable[[Site], T],
        done: Callable[[T], None],
        failed: Callable[[Refusal | Fault], None],
        *,
        at_once: bool = False,
    ) -> None:
        """Run ``work`` on the operations thread, then ``done`` or ``failed`` on the screen's.

        The floor is read again before ``done`` is called, so that the screen knows it first. Nothing is
        done on a link that may only look. ``at_once`` answers at a locked desk too.
        """
        if self._read_only:
            failed(Fault("store_read_only"))
            return

        def job() -> None:
            try:
                result = work(self._site)
            except (Refusal, Fault) as stopped:
                reason = stopped
                self._look(Word())
                self._app.post_message(Answered(lambda: failed(reason), at_once))
                return
            self._look(Word())
            self._app.post_message(Answered(lambda: done(result), at_once))

        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None and not self._stopped.is_set():
            job()

    def _follow(self) -> None:
        while not self._stopped.is_set():
            word = self._wait() if self._floor is not None and not self._is_away else None
            if self._stopped.is_set():
                return
            if not self._look(word) and not self._stopped.wait(RETRY_S):
                self._forget_listener()
            self._attend()
            self._looked_s = time.monotonic()

    def _watch(self) -> None:
        while not self._stopped.wait(RETRY_S):
            if time.monotonic() - self._looked_s > SILENT_S:
                self._say_away(Fault("store_unreachable"))

    def _attend(self) -> None:
        now_s = time.monotonic()
        if self._read_only or self._is_away or now_s - self._attended_s < ATTEND_S:
            return
        self._attended_s = now_s
        from jiaohao.queue import leaving, sealing, seating  # noqa: PLC0415 - no wall needs them, nor a first frame

        with contextlib.suppress(Fault):  # the next look says that the store is away
            if (seat := self.seat) is not None:
                seating.beat(self._site, *seat)
            leaving.watch(self._site)
            sealing.watch(self._site)

    def _wait(self) -> Word | None:
        if self._listener is None:
            with contextlib.suppress(Fault):
                self._listener = self._site.store.listen()
                return Word()  # something may have happened before there was an ear
        if self._listener is None:
            self._stopped.wait(DEAF_POLL_S)
            return None
        try:
            return self._listener.wait(POLL_S)
        except Fault:
            self._forget_listener()
            return None

    def _forget_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(Fault):
                listener.close()

    def _look(self, word: Word | None) -> bool:
        # One reader at a time, so that an older floor is never shown after a newer one.
        with self._reading:
            try:
                if self._is_due(word):
                    self._read(word)
            except Fault as fault:
                self._say_away(fault)
                return False
            self._say_back()
            return True

    def _say_away(self, fault: Fault) -> None:
        with self._saying:
            if not self._is_away:
                self._is_away = True
                self._app.post_message(StoreAway(fault))

    def _say_back(self) -> None:
        with self._saying:
            self._looked_s = time.monotonic()
            if self._is_away:
                self._is_away = False
                self._app.post_message(StoreBack())

    def _is_due(self, word: Word | None) -> bool:
        if self._floor is None or self._is_away or (word is None and self._is_old(self._floor)):
            return True
        return not self._can_wait(word) and has_changed(self._site, self._floor, word)

    def _can_wait(self, word: Word | None) -> bool:
        is_elsewhere = word is not None and self._only_at is not None and word.is_elsewhere(self._only_at)
        return is_elsewhere and time.monotonic() - self._read_at < POLL_S

    def _is_old(self, floor: Floor) -> bool:
        """Whether to read again though nothing was said: for the expected waits, or for the clock's sake."""
        made = self._forecast
        is_behind = made is not None and made.made_ms < floor.as_of_ms and self._earlier(None) is None
        return is_behind or time.monotonic() - self._read_at > FRESH_MS / 1000

    def _earlier(self, word: Word | None) -> Forecast | None:
        """The forecast, while it may be shown again: for longer when there is a change to be shown."""
        if self._forecast is None:
            return None
        terms = self._term(self._site.now_ms()) - self._term(self._forecast.made_ms)
        return self._forecast if 0 <= terms < (1 if word is None else _LATEST) else None

    def _read(self, word: Word | None) -> None:
        self._floor, self._forecast = read_floor(self._site, self._earlier(word))
        self._read_at = time.monotonic()
        self._app.post_message(FloorChanged(self._floor, None if self._read_only else self._ledger()))

    def _ledger(self) -> Ledger:
        from jiaohao.queue.registers import read_ledger  # noqa: PLC0415 - no wall or sign needs it

        return read_ledger(self._site)

    def _term(self, instant_ms: int) -> int:
        return (instant_ms - self._shift_ms) // SHOWN_MS

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except Exception as error:  # noqa: BLE001 - nothing may end a thread unseen
            if self._stopped.is_set():
                return  # a listener closed while it waits ends in whatever way its driver has
            self._app.post_message(Answered(_raiser(error), at_once=True))
        finally:
            with contextlib.suppress(Exception):
                self._site.store.close()


def _raiser(error: Exception) -> Callable[[], None]:
    def tell() -> None:
        raise error

    return tell
