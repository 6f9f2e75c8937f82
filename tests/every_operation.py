"""One day in which every operation of the hall is done, each when it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jiaohao.queue import (
    adjusting,
    calling,
    consents,
    day,
    enquiries,
    issuing,
    leaves,
    leaving,
    marks,
    meetings,
    moving,
    notices,
    privacy,
    questions,
    relocating,
    seating,
    signing,
    slips,
)
from jiaohao.queue.notices import Wanted
from jiaohao.queue.questions import Question
from jiaohao.store.values import Printer
from small_hall import small_hall

if TYPE_CHECKING:
    from collections.abc import Callable

    from jiaohao.queue.site import Site


class Newest(NamedTuple):
    """Stands for the id of a table's newest row: on PostgreSQL what was undone leaves gaps."""

    table: str


class Step(NamedTuple):
    """One operation with what it is told."""

    work: Callable[..., Any]
    args: tuple[Any, ...]
    told: dict[str, Any]

    @property
    def name(self) -> str:
        """Its subject and its name."""
        return f"{self.work.__module__.rpartition('.')[2]}.{self.work.__name__}"

    def __call__(self, site: Site, op: str) -> Any:
        """Do it under an operation's own id."""
        return self.work(site, *(_known(site, word) for word in self.args), **self.told, op=op)


def _known(site: Site, word: Any) -> Any:
    if not isinstance(word, Newest):
        return word
    return site.store.read(lambda tx: tx.rows(f"SELECT max(id) FROM {word.table}"))[0][0]  # noqa: S608


def step(work: Callable[..., Any], *args: Any, **told: Any) -> Step:
    """One operation of the day."""
    return Step(work, args, told)


HALL = small_hall(printer=Printer("file", path="slips"))
"""Where the day can be: nothing is printed, but slips wait."""
EVERY_S = 30
"""One is done so long after the other: a step is undone within a minute, a meeting has begun."""

DAY: tuple[Step, ...] = (
    step(seating.sit, "1", "1001"),
    step(seating.sit, "2", "1002"),
    step(seating.sit, "5", "1005"),
    # a number called, put aside, taken up and served
    step(questions.receive, "A", staff="2001", matter="rs-001"),
    step(issuing.issue, "A", priority="urgent"),
    step(issuing.issue, "A"),
    step(calling.call, "1"),
    step(calling.recall, "1"),
    step(calling.start, "1"),
    step(calling.hold, "1", note="copies"),
    step(moving.resume, "A002", "1"),
    step(calling.finish, "1", kind="promised"),
    step(moving.undo, "A002"),
    step(calling.finish, "1"),
    step(slips.print_again, "A001"),
    # one missed, back in the queue, sent on, and given up
    step(calling.call, "1"),
    step(calling.recall, "1"),
    step(calling.recall, "1"),
    step(calling.miss, "1"),
    step(moving.requeue, "A001"),
    step(calling.call, "1"),
    step(calling.start, "1"),
    step(moving.transfer, "A003", window="2", note="their matter"),
    step(issuing.issue, "A"),
    step(moving.cancel, "A004"),
    # windows pause, empty, are covered, and what waits there alone is moved
    step(seating.pause, "1", back="10:30"),
    step(seating.go_on, "1"),
    step(leaving.leave, "2", reason="meeting", back="11:00", handover="the stamp is in the drawer"),
    step(relocating.move_waiting, "2", "1", staff="2001"),
    step(leaving.cover, "2", staff="1005", comes=False),
    step(leaving.hand_back, "2", staff="1005", note="one came"),
    step(calling.call, "1"),
    step(calling.start, "1"),
    step(leaving.leave, "1", reason="short", in_hand="back"),
    step(seating.sit, "1", "1001"),
    step(calling.call, "1"),
    step(calling.start, "1"),
    step(calling.finish, "1"),
    # enquiries and notices
    step(calling.call, "1"),
    step(calling.start, "1"),
    step(notices.notify, Wanted(brought=("居民身份证",), to_find_out=True, name="某某"), number="A001"),
    step(notices.answer, "QH-20261124-001", staff="1001", note="told"),
    step(calling.finish, "1", kind="returned"),
    step(questions.enquire, staff="2001", channel="phone", about="hours", name="某某", phone="0000"),
    step(enquiries.refer, Newest("enquiries"), "desk", staff="2001", note="please"),
    step(enquiries.accept, Newest("enquiries"), staff="1005"),
    step(enquiries.reply, Newest("enquiries"), staff="1005", note="told"),
    step(enquiries.refer, Question(about="where", window="5"), "outside", staff="1005", to="court",
         contacted=True),
    step(privacy.unmask, Newest("enquiries"), staff="3001"),
    # the staff
    step(leaves.plan, "1003", from_day="2026-12-10", to_day="2026-12-11", reason="training",
         approved_by="4001", by="4001"),
    step(leaves.cancel, "1003", from_day="2026-12-10", by="1003"),
    step(consents.give, "1001", "3", giver="4001", until="2026-11-30"),
    step(consents.withdraw, "1001", "3", giver="4001"),
    step(adjusting.request, window="1", post="A", entering="1004", why="to learn", consent="4001",
         staff="4001"),
    step(adjusting.step, Newest("adjustments"), "consultation", staff="4001", note="agreed"),
    step(meetings.plan, day="2026-11-24", begins="10:34", ends="12:34", expected=("1001", "1002"),
         staff="3001"),
    step(marks.add, "1002", "criticism", staff="3001", note="late"),
    step(signing.reset_pin, "1001", manager="4001"),
    step(privacy.anonymise, before="2026-10-01", staff="3001"),
    step(meetings.attend, Newest("meetings"), came=("1001",), minutes="the new form", staff="3001"),
    step(issuing.issue, "A"),
    step(day.close_day, staff="2001"),
)  # fmt: skip
