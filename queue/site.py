"""One opened hall: its store, its description and its clock, put together once for every operation."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from jiaohao.queue import workdays
from jiaohao.queue.clock import Clock, SystemClock, service_day
from jiaohao.queue.lookup import Lookup
from jiaohao.queue.refusal import Refusal
from jiaohao.store import hall as hall_table
from jiaohao.store import journal
from jiaohao.store.base import Store, Tx
from jiaohao.store.errors import Conflict
from jiaohao.store.values import Agency, Entry, Hall, Line, Matter, Post, Staff, Window

T = TypeVar("T")


class Directory:
    """The hall's description with every code looked up at once; made anew when the hall changes."""

    def __init__(self, hall: Hall) -> None:
        """Index ``hall``."""
        self.hall = hall
        self.lines = {line.code: line for line in hall.lines}
        self.windows = {window.code: window for window in hall.windows}
        self.matters = {matter.code: matter for matter in hall.matters}
        self.staff = {person.no: person for person in hall.staff}
        self._open_at = (-1, False)

    def is_open(self, now_ms: int) -> bool:
        """Whether the hall is open now (HR-1). Hours are in minutes, and each number issued asks."""
        minute = now_ms // 60_000
        if self._open_at[0] != minute:
            self._open_at = (minute, workdays.is_open(self.hall, now_ms))
        return self._open_at[1]

    @cached_property
    def served_lines(self) -> frozenset[str]:
        """The lines that some window serves."""
        return frozenset(line for window in self.hall.windows for line in (*window.lines, *window.flex_lines))

    def line(self, code: str) -> Line:
        """The line of that code. Raises Refusal unknown_line."""
        if code not in self.lines:
            raise Refusal("unknown_line", line=code)
        return self.lines[code]

    @cached_property
    def lookup(self) -> Lookup:
        """What is searched by what visitors say."""
        return Lookup(self.hall)

    def window(self, code: str) -> Window:
        """The window of that code. Raises Refusal unknown_window."""
        if code not in self.windows:
            raise Refusal("unknown_window", window=code)
        return self.windows[code]

    def matter(self, code: str) -> Matter:
        """The matter of that code. Raises Refusal unknown_matter."""
        if code not in self.matters:
            raise Refusal("unknown_matter", matter=code)
        return self.matters[code]

    def person(self, no: str) -> Staff:
        """The member of staff of that number. Raises Refusal unknown_staff."""
        if no not in self.staff:
            raise Refusal("unknown_staff", staff=no)
        return self.staff[no]

    def agency(self, code: str) -> Agency:
        """The outside body of that code. Raises Refusal unknown_agency."""
        found = next((agency for agency in self.hall.agencies if agency.code == code), None)
        if found is None:
            raise Refusal("unknown_agency", agency=code)
        return found

    def post_at(self, window: str, staff: str) -> Post | None:
        """The first post that a member of staff holds at a window: A before B, lead, chief, authorised."""
        return next((p for p in self.hall.posts if p.window == window and p.staff == staff), None)


class Site:
    """An opened hall. Operations take it first; it holds nothing that the store does not know better."""

    def __init__(self, store: Store, clock: Clock | None = None) -> None:
        """Put a store and a clock together; the hall is read at first use."""
        self.store = store
        self.clock: Clock = clock or SystemClock()
        self._directory: Directory | None = None
        self._revision = -1

    @property
    def directory(self) -> Directory:
        """The hall's description as last read. Raises Fault not_initialised."""
        if self._directory is None:
            self.reload()
        if self._directory is None:
            raise AssertionError("reload reads or raises")
        return self._directory

    @property
    def hall(self) -> Hall:
        """The hall's description as last read."""
        return self.directory.hall

    def reload(self) -> None:
        """Read the hall's description anew."""

        def work(tx: Tx) -> tuple[int, Hall]:
            return hall_table.revision_and_digest(tx)[0], hall_table.read(tx)

        revision, hall = self.store.read(work)
        self._directory, self._revision = Directory(hall), revision

    def follow(self, revision: int) -> None:
        """Read the description anew when the hall was described again meanwhile."""
        if revision != self._revision:
            self.reload()

    def now_ms(self) -> int:
        """The instant on the hall's clock, in milliseconds UTC."""
        return self.clock.now_ms()

    def today(self) -> str:
        """The service day: the hall's own date (Q-2)."""
        return service_day(self.now_ms(), self.hall.timezone)

    def operate(
        self,
        work: Callable[[Tx, str], T],
        again: Callable[[Tx, Entry], T],
        op: str | None,
        *events: str,
        **same: str,
    ) -> T:
        """Run one operation: one transaction, one id, one notification after commit.

        ``work`` gets the transaction and the operation's id, by which it writes down one of ``events``. An id
        that was used before does nothing a second time: ``again`` gives what it did. One that was used for
        another event, or for a line that differs in ``same``, answers nothing. Raises Refusal, Fault.
        """
        op_id = op or new_op()
        for _attempt in range(3):
            try:
                return self.store.transact(lambda tx: work(tx, op_id))
            except (Conflict, Refusal) as error:
                stopped = error
            # A commit may have succeeded and its answer been lost: then the repeated attempt is refused.
            # Not while the refusal is handled: a fault of this would count it among its causes.
            done = self.store.read(lambda tx: journal.by_op(tx, op_id))
            if done is not None and done.event in events and _is_as(done, same):
                return self._answer(again, done)
            if isinstance(stopped, Refusal):
                raise stopped
        raise Refusal("busy_try_again")

    def _answer(self, again: Callable[[Tx, Entry], T], done: Entry) -> T:
        self.store.settle()
        return self.store.read(lambda tx: again(tx, done))


def _is_as(done: Entry, same: dict[str, str]) -> bool:
    return all(getattr(done, name) == value for name, value in same.items())


def new_op() -> str:
    """An operation's own id."""
    return secrets.token_hex(16)
