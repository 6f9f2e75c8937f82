"""What counts against members of staff, and how often; a person judges 待核实 (AB-10, EV-2)."""

from __future__ import annotations

from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import permit
from jiaohao.queue.site import Site
from jiaohao.store import journal
from jiaohao.store import marks as table
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.staff_values import Mark
from jiaohao.store.values import Entry

KINDS = ("criticism", "complaint", "least")
LEAST_TIMES = 3
"""From so many "least satisfactory" on it is to be looked into (EV-2)."""


@frozen
class Tally:
    """What is on record against one member of staff, with the entries behind the counts, oldest first.

    ``is_stand_in`` is whether they hold a post B now. ``is_marked_stand_in`` is a stand-in with as many
    criticisms and complaints as the hall says, two by default (AB-10); ``is_least_often`` is "least
    satisfactory" three times or more (EV-2). Both are facts to be looked into.
    """

    staff: str
    is_stand_in: bool
    criticisms: int
    complaints: int
    least: int
    is_marked_stand_in: bool
    is_least_often: bool
    marks: tuple[Mark, ...]


def add(
    site: Site, person: str, kind: str, *, staff: str, note: str | None = None, op: str | None = None
) -> Mark:
    """Record what counts against ``person``, one of KINDS, by supervision or a manager (AB-10, EV-2).

    Raises Refusal unknown_staff, not_allowed, unknown_mark.
    """
    permit(site, staff, "mark add")
    site.directory.person(person)
    if kind not in KINDS:
        raise Refusal("unknown_mark", kinds=" ".join(KINDS))
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)

    def work(tx: Tx, op_id: str) -> Mark:
        mark = table.MARKS.add(tx, Mark(0, person, kind, today, staff, now_ms, note_of(note)))
        journal.add(tx, journal.Line(op_id, now_ms, today, "marked", staff=staff, note=str(mark.id)))
        return mark

    def again(tx: Tx, done: Entry) -> Mark:
        return table.by_id(tx, int(done.note or 0))

    return site.operate(work, again, op, "marked")


def tallies(site: Site, *, staff: str, of: str | None = None) -> tuple[Tally, ...]:
    """What is on record against one or all, for supervision and managers; what is to be looked into first.

    Raises Refusal unknown_staff, not_allowed.
    """
    permit(site, staff, "mark list")
    found: dict[str, list[Mark]] = {}
    for mark in site.store.read(lambda tx: table.of_staff(tx, of)):
        found.setdefault(mark.staff, []).append(mark)
    counted = [_tally(site, person, tuple(marks)) for person, marks in found.items()]
    return tuple(
        sorted(counted, key=lambda one: (not (one.is_marked_stand_in or one.is_least_often), one.staff))
    )


def _tally(site: Site, person: str, marks: tuple[Mark, ...]) -> Tally:
    criticisms, complaints, least = (sum(mark.kind == kind for mark in marks) for kind in KINDS)
    is_stand_in = any(post.post == "B" and post.staff == person for post in site.hall.posts)
    return Tally(
        staff=person,
        is_stand_in=is_stand_in,
        criticisms=criticisms,
        complaints=complaints,
        least=least,
        is_marked_stand_in=is_stand_in and criticisms + complaints >= site.hall.covering.times,
        is_least_often=least >= LEAST_TIMES,
        marks=marks,
    )
