"""Issuing a ticket, and what its slip says (Q-1, Q-6, Q-8)."""

from __future__ import annotations

from jiaohao.queue import day, order, states
from jiaohao.queue.clock import local, service_day
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.language import ngettext
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import journal, slips, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Hall, Ticket


def issue(
    site: Site,
    line: str,
    *,
    matter: str | None = None,
    priority: str = order.NORMAL.code,
    staff: str | None = None,
    estimate_s: int | None = None,
    op: str | None = None,
) -> Ticket:
    """Issue the line's next number of the service day.

    ``staff`` is who issued it and, with a priority, who checked the proof (Q-6). ``estimate_s`` is the
    expected wait in seconds that the visitor was told. Raises Refusal hall_closed, unknown_line,
    unknown_matter, wrong_line, unknown_priority, unknown_staff, line_unserved (HR-1, OP-2).
    """
    now_ms = site.now_ms()
    order.priority_class(site.hall.calling, priority)  # refused before anything is done

    def work(tx: Tx, op_id: str) -> Ticket:
        # In here, so that an answer lost at the last minute is still found when asked for after closing.
        check(site, line, matter, staff, now_ms)
        return take_number(
            tx, site, line, op=op_id, now_ms=now_ms, matter=matter, priority=priority, staff=staff,
            estimate_s=estimate_s,
        )  # fmt: skip

    return site.operate(work, day.ticket_again, op, "issued")


def take_number(
    tx: Tx,
    site: Site,
    line: str,
    *,
    op: str,
    now_ms: int,
    matter: str | None,
    priority: str = order.NORMAL.code,
    staff: str | None,
    estimate_s: int | None = None,
) -> Ticket:
    """Issue the line's next number (see ``issue``) in a transaction under way. Raises Refusal hall_closed."""
    chosen = order.priority_class(site.hall.calling, priority)
    today = service_day(now_ms, site.hall.timezone)
    count = tickets.next_number(tx, today, line)
    if count is None:
        raise Refusal("day_closed")
    if count == 1:
        day.start_clean(tx, today, now_ms, op)
    ticket = tickets.add(
        tx,
        Ticket(
            id=0,
            service_day=today,
            number=f"{line}{count:03d}",
            line=line,
            queue=line,
            matter=matter,
            priority=priority,
            checked_by=None if chosen is order.NORMAL else staff,
            state=states.WAITING,
            window=None,
            place_ms=order.place_ms(now_ms, chosen),
            calls=0,
            requeues=0,
            issued_ms=now_ms,
            at_window_ms=None,
            occupied_ms=0,
            ended_ms=None,
            kind=None,
            estimate_s=estimate_s,
        ),
    )
    journal.add(
        tx,
        journal.Line(
            op, now_ms, today, "issued", ticket.id, ticket.number, staff=staff, to_state=states.WAITING
        ),
    )
    if site.hall.printer is not None:  # in the same transaction: who was given a number is owed its slip
        slips.add(tx, ticket.id, today, now_ms)
    return ticket


def estimate_s(hall: Hall, floor: Floor, line: str, priority: str = order.NORMAL.code) -> int | None:
    """The wait in seconds to tell whoever takes a number of a line now; None when nobody can tell.

    Who comes with a head start is told the wait of the place that it gives (Q-6). Raises Refusal
    unknown_priority.
    """
    if order.priority_class(hall.calling, priority) is not order.NORMAL:
        return floor.expected_early.get((line, priority))
    view = floor.line(line)
    return view.expected_wait_s if view else None


def check(site: Site, line: str, matter: str | None, staff: str | None, now_ms: int) -> None:
    """Whether a number of that line can be issued now. Raises Refusal like ``issue``."""
    directory = site.directory
    directory.line(line)
    if staff is not None:
        directory.person(staff)
    if matter is not None and (found := directory.matter(matter)).line != line:
        raise Refusal("wrong_line", matter=found.name, line=found.line)
    if line not in directory.served_lines:
        raise Refusal("line_unserved", line=line)
    if not directory.is_open(now_ms):
        raise Refusal("hall_closed")


def slip(hall: Hall, floor: Floor, ticket: Ticket) -> str:
    """The slip's text: hall, line, number, people ahead, expected wait, time, and what if missed (Q-8).

    The wait is the one kept with the ticket, by which the estimates are judged afterwards.
    """
    return "\n".join(
        [
            hall.name,
            line_name(floor, ticket),
            ticket.number,
            *prospects(floor, ticket, ticket.estimate_s),
            issued_at(hall, ticket),
            if_missed(hall),
        ]
    )


def line_name(floor: Floor, ticket: Ticket) -> str:
    """What the ticket's line is called."""
    line = floor.line(ticket.line)
    return line.name if line else ticket.line


def prospects(floor: Floor, ticket: Ticket, wait_s: int | None) -> list[str]:
    """People ahead and expected wait of a ticket that waits."""
    wait = _("not known yet") if wait_s is None else minutes(wait_s)
    return [
        _("People ahead: {ahead}").format(ahead=floor.ahead_of(ticket)),
        _("Expected wait: {wait}").format(wait=wait),
    ]


def issued_at(hall: Hall, ticket: Ticket) -> str:
    """Day and time of issue on the hall's clock."""
    return local(ticket.issued_ms, hall.timezone).strftime("%Y-%m-%d %H:%M")


def if_missed(hall: Hall) -> str:
    """What happens to a number whose visitor does not come (Q-5)."""
    calls, behind = hall.calling.calls_before_missed, hall.calling.requeue_behind
    return _(
        "Called {calls} times without coming, a number is missed: ask the guide, and it waits again "
        "behind {behind}."
    ).format(calls=calls, behind=behind)


def minutes(seconds: int) -> str:
    """A wait in whole minutes, rounded up, for people."""
    count = -(-seconds // 60)
    return ngettext("{count} minute", "{count} minutes", count).format(count=count)
