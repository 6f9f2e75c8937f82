"""A terminal without a screen: a process of its own on a hall, told what to do and killed by the tests.

Run as a program it takes one JSON object a line, does it, and prints a line for each thing that it has done,
only after the hall has answered: what was printed must never be lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jiaohao.queue import audit as auditing
from jiaohao.queue import calling, enquiries, issuing, leaving, moving, questions, seating
from jiaohao.queue.clock import ShiftedClock
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.queue.site import Site, new_op
from jiaohao.store.errors import Fault
from jiaohao.store.opening import open_store, upgrade
from jiaohao.store.values import Hall, Post, Staff, Window
from small_hall import MORNING, small_hall

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ANSWER_S = 60.0
Answer = dict[str, Any]


def wide_hall(windows: int, **changes: Any) -> Hall:
    """The small hall with windows 1 to ``windows`` that all serve all lines, and a clerk for each."""
    hall = small_hall()
    codes = [str(number) for number in range(1, windows + 1)]
    clerks = tuple(Staff(f"5{int(code):03d}", "窗口人员", "rs", "counter") for code in codes)
    return small_hall(
        windows=tuple(Window(code, f"{code}号窗口", "handling", "rs", ("A", "B", "C")) for code in codes),
        staff=(*hall.staff, *clerks),
        posts=(
            *(Post(code, "A", clerk.no) for code, clerk in zip(codes, clerks, strict=True)),
            *(Post(code, "B", "1005") for code in codes),
            *(Post(code, "lead", "4001") for code in codes),
        ),
        **changes,
    )


def clerk_of(window: str) -> str:
    """Who holds post A at a window of the wide hall."""
    return f"5{int(window):03d}"


# What the process does


def _operate(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Answer:
    op = kwargs.setdefault("op", new_op())
    try:
        done = work(*args, **kwargs)
    except Refusal as refusal:
        return {"op": op, "refused": refusal.code}
    except Fault as fault:
        return {"op": op, "fault": fault.code, "detail": fault.detail}
    event = work.__name__
    return {"op": op, "did": event, **({"number": done.number, "window": done.window} if done else {})}


VERBS = {
    verb.__name__: verb
    for verb in (
        issuing.issue, calling.call, calling.recall, calling.start, calling.hold, calling.miss,
        calling.finish, moving.resume, moving.requeue, moving.cancel, moving.transfer, moving.undo,
        seating.sit, leaving.leave,
    )
}  # fmt: skip


def _one(site: Site, verb: str, args: list[str], **kwargs: Any) -> Iterator[Answer]:
    yield _operate(VERBS[verb], site, *args, **kwargs)


def _same(site: Site, window: str, rounds: int) -> Iterator[Answer]:
    # Each process does the very same operations, by their ids.
    for count in range(rounds):
        yield _operate(issuing.issue, site, "A", op=f"issue-{count}")
        for work in (calling.call, calling.start, calling.finish):
            yield _operate(work, site, window, op=f"{work.__name__}-{count}")


def _day(site: Site, window: str, rounds: int) -> Iterator[Answer]:
    """A guide and a clerk in one, as fast as they can; for ever with ``rounds`` 0."""
    count = 0
    for work in (calling.start, calling.finish):
        # What a terminal that was killed here has left in hand.
        yield _operate(work, site, window)
    while not rounds or count < rounds:
        yield _operate(issuing.issue, site, "ABC"[count % 3])
        for work in (calling.call, calling.start, calling.finish):
            yield _operate(work, site, window)
        count += 1


def _insist(site: Site, window: str) -> Iterator[Answer]:
    """A guide and a clerk in one, for ever; what has no answer is asked again, by its own id."""
    count = 0
    while True:
        for work, args in (
            (issuing.issue, ("ABC"[count % 3],)),
            (calling.call, (window,)),
            (calling.start, (window,)),
            (calling.finish, (window,)),
        ):
            op, faults = new_op(), []
            while "fault" in (answer := _operate(work, site, *args, op=op)):
                faults.append(answer["fault"])
                time.sleep(0.02)
            yield {**answer, "at_s": time.monotonic(), "faults": sorted(set(faults))}
        count += 1


def _storm(site: Site, seed: int, rounds: int, windows: list[str]) -> Iterator[Answer]:
    """Any key at any window, many times."""
    rng = random.Random(seed)  # noqa: S311 - the same keys every time
    for _ in range(rounds):
        window, number = rng.choice(windows), f"A{rng.randint(1, rounds):03d}"
        at_window = rng.choice(["call", "call", "recall", "start", "start", "finish", "hold", "miss"])
        yield _operate(
            *rng.choice(
                [
                    (issuing.issue, site, "A"),
                    *[(VERBS[at_window], site, window)] * 4,
                    (moving.resume, site, number, window),
                    (moving.cancel, site, number),
                    (moving.undo, site, number),
                    (moving.requeue, site, number),
                ]
            )
        )
        yield _operate(moving.transfer, site, number, window=window)


def _pass_on(site: Site, window: str, to: str) -> Iterator[Answer]:
    """A clerk who sends every visitor on to another window, for ever, as fast as can be."""
    staff = seating.who_sits(site, window)
    while True:
        for work in (calling.start, calling.finish):
            # What a clerk who was killed here has left in hand.
            _operate(work, site, window)
        issuing.issue(site, "A")
        number = calling.call(site, window).number
        asked = questions.Question(about="x", window=window, ticket=number)
        yield {"sent": enquiries.refer(site, asked, "window", staff=staff, to=to, note="x").id}


def _come_and_go(site: Site, window: str) -> Iterator[Answer]:
    """A clerk who calls, starts and leaves with the number sent back, for ever, as fast as can be."""
    staff = clerk_of(window)
    while True:
        _operate(seating.sit, site, window, staff)
        issuing.issue(site, "A")
        for work in (calling.call, calling.start):
            _operate(work, site, window)
        yield _operate(leaving.leave, site, window, reason="short", in_hand="back")


def _hammer(site: Site, seconds: float) -> Iterator[Answer]:
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        issuing.issue(site, "A")
        count += 1
    yield {"count": count}


def _lay(url: str, code: str) -> Iterator[Answer]:
    store = open_store(url, code, create=True)
    created, schema = upgrade(store)
    describe(store, small_hall(), ShiftedClock(MORNING))
    yield {"created": created, "schema": schema}


def _listen(site: Site) -> Iterator[Answer]:
    listener = site.store.listen()
    yield {"listening": True}
    while True:
        listener.wait(ANSWER_S)


JOBS = {
    "listen": _listen,
    "one": _one,
    "same": _same,
    "day": _day,
    "insist": _insist,
    "storm": _storm,
    "hammer": _hammer,
    "pass_on": _pass_on,
    "come_and_go": _come_and_go,
}


def main() -> None:
    """Do what the lines of standard input say."""
    url, code = sys.argv[1:]
    site: Site | None = None
    _print({"ready": os.getpid()})
    for line in sys.stdin:
        job = json.loads(line)
        name = job.pop("job")
        if name == "lay":
            answers = _lay(url, code)
        else:
            site = site or Site(open_store(url, code), ShiftedClock(MORNING))
            answers = JOBS[name](site, **job)
        for answer in answers:
            _print(answer)
        _print({"end": True})


def _print(answer: Answer) -> None:
    print(json.dumps(answer), flush=True)


# How tests hold it


class Terminal:
    """The process, from the outside."""

    def __init__(self, url: str, folder: Path, code: str = "qh") -> None:
        """Start it; what it prints goes to a file, which outlives it."""
        self._path = folder / f"terminal-{new_op()[:12]}"
        self._said = self._path.open("wb")
        self._lines = 0
        self.process = subprocess.Popen(
            [sys.executable, __file__, url, code],
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        """See ``stop``."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """See ``stop``."""
        self.stop()

    def tell(self, job: str, **what: Any) -> None:
        """Give it something to do."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"job": job, **what}) + "\n")
        self.process.stdin.flush()

    def answers(self) -> list[Answer]:
        """All that it has said, but for a last line that it could not finish."""
        text = self._path.read_text(encoding="utf-8")
        try:
            return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        except ValueError:
            raise AssertionError(text) from None

    def wait_until(
        self, is_so: Callable[[list[Answer]], object], timeout_s: float = ANSWER_S
    ) -> list[Answer]:
        """Wait until what it has said is so; gives all of it."""
        end = time.monotonic() + timeout_s
        while not is_so(found := self.answers()):
            assert self.process.poll() is None, found[-3:]
            assert time.monotonic() < end, found[-3:]
            time.sleep(0.005)
        return found

    def ready(self) -> None:
        """Wait until it has started."""
        self.wait_until(bool)

    def result(self) -> list[Answer]:
        """Wait until the last job is done; gives what it said in it."""
        before = self._lines
        found = self.wait_until(lambda said: len(said) > max(before, 1) and said[-1].get("end"))
        self._lines = len(found)
        return [answer for answer in found[before:] if "ready" not in answer and "end" not in answer]

    def kill(self) -> list[Answer]:
        """SIGKILL; gives all that it ever said."""
        self.process.kill()
        self.process.wait()
        self._close()
        return self.answers()

    def stop(self) -> None:
        """End it, however it is."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self._said.close()


@contextlib.contextmanager
def terminals(url: str, folder: Path, count: int) -> Iterator[list[Terminal]]:
    """Several, all ready."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(Terminal(url, folder)) for _ in range(count)]
        for terminal in started:
            terminal.ready()
        yield started


def at_once(started: list[Terminal], jobs: list[Answer]) -> list[list[Answer]]:
    """One job for each terminal, all told before any is waited for; gives what each said."""
    for terminal, job in zip(started, jobs, strict=True):
        terminal.tell(**job)
    return [terminal.result() for terminal in started]


# What must hold of any hall, however it was driven

_AT_WORK = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle' "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)


def until_settled(site: Site, timeout_s: float = ANSWER_S) -> None:
    """Wait until the server has done, or given up, what the killed had sent it: it outlives them."""
    end = time.monotonic() + timeout_s
    while site.store.dialect == "postgres" and (at_work := site.store.read(lambda tx: tx.rows(_AT_WORK))):
        assert time.monotonic() < end, at_work
        time.sleep(0.005)


_STEPS = "SELECT op, event, ticket, number, from_state, to_state FROM journal ORDER BY id"


def audit(site: Site) -> None:
    """The whole hall is sound: the database's own check, and all that its journal proves (Q-1, Q-3, Q-4)."""
    assert site.store.problems() == []
    assert [found.sentence for found in auditing.audit(site.store)] == []


EVENTS = {
    "issue": "issued", "call": "called", "recall": "recalled", "start": "started", "finish": "finished",
    "hold": "held", "miss": "missed", "resume": "resumed", "requeue": "requeued", "cancel": "cancelled",
    "transfer": "transferred", "undo": "undone", "sit": "sat", "leave": "left",
}  # fmt: skip


def all_is_kept(site: Site, answers: list[Answer]) -> None:
    """Everything that was answered stands in the journal, as it was answered."""
    steps = {row[0]: row for row in site.store.read(lambda tx: tx.rows(_STEPS))}
    for answer in answers:
        if "did" in answer:
            step = steps[answer["op"]]
            assert (step[1], step[3]) == (EVENTS[answer["did"]], answer.get("number"))


if __name__ == "__main__":
    main()
