"""Slips of paper: what stands on one, which ones wait for the printer, and printing one again (Q-8).

A number's slip is owed from the transaction in which it was issued. Nobody who issues waits for paper:
whoever has the printer claims one slip after the other for ``LEASE_MS``, prints it and marks it. What is
printed is true when it is printed, not when the number was issued: the printer may have been away meanwhile.
"""

from __future__ import annotations

from jiaohao.queue import issuing, language, states
from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.language import ngettext
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.queue.words import printer_sentence, state_word
from jiaohao.store import journal, tickets
from jiaohao.store import slips as table
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.slips import Numbered, Slip
from jiaohao.store.values import Entry, Hall, Ticket

LEASE_MS = 40_000
"""So long a claimed slip is left to whoever claimed it, in milliseconds; printing one takes no longer."""
ATTEMPTS = 3
"""So often a slip is sent to a printer that was ready before and did not say that it is out."""
PRINTED_FOR = frozenset({states.WAITING, states.CALLED, states.HELD, states.MISSED})
"""The states in which a visitor still has use for the slip."""
_MINUTE_MS = 60_000


@frozen
class Paper:
    """What stands on a slip, clean; ``facts`` are sentences, one a line."""

    hall: str
    line: str
    matter: str
    number: str
    facts: tuple[str, ...]


@frozen
class Backlog:
    """The slips that wait for the printer; ``lost`` are numbers whose slip was tried in vain and left.

    ``since_ms`` and ``code`` tell since when it does not print and why; None while nothing has gone wrong.
    """

    waiting: int = 0
    since_ms: int | None = None
    code: str | None = None
    lost: tuple[str, ...] = ()


# What stands on it


def paper(hall: Hall, floor: Floor, ticket: Ticket, slip: Slip, now_ms: int) -> Paper:
    """A slip in the hall's own language, whoever prints it (Q-8)."""
    matter = next((one.name for one in hall.matters if one.code == ticket.matter), "")
    with language.speaking(hall.language):
        facts = [*_prospects(floor, ticket), *_times(hall, ticket, slip, now_ms), issuing.if_missed(hall)]
    return Paper(
        clean(hall.name),
        clean(issuing.line_name(floor, ticket)),
        clean(matter),
        clean(ticket.number),
        tuple(clean(fact) for fact in facts),
    )


def _prospects(floor: Floor, ticket: Ticket) -> list[str]:
    if ticket.state == states.WAITING:
        return issuing.prospects(floor, ticket, floor.expected.get(ticket.id, ticket.estimate_s))
    text = state_word(ticket.state)
    if ticket.window is not None:
        text += " " + _("window {window}").format(window=ticket.window)
    return [_("State: {state}").format(state=text)]


def _times(hall: Hall, ticket: Ticket, slip: Slip, now_ms: int) -> list[str]:
    times = [_("Issued: {time}").format(time=issuing.issued_at(hall, ticket))]
    clock = local(now_ms, hall.timezone).strftime("%H:%M")
    if slip.again:
        times.append(_("Printed again: {time}").format(time=clock))
    elif now_ms - ticket.issued_ms >= _MINUTE_MS:
        times.append(_("Printed: {time}").format(time=clock))
    return times


# What waits


def backlog(site: Site) -> Backlog:
    """What waits for the printer today. Raises Fault."""
    lapsed_ms, today = site.now_ms() - LEASE_MS, site.today()
    found = site.store.read(lambda tx: table.wanted(tx, today))
    waiting = [one.slip for one in found if not _is_lost(one.slip, lapsed_ms)]
    since = [slip.failed_ms for slip in waiting if slip.failed_ms is not None]
    return Backlog(
        waiting=len(waiting),
        since_ms=min(since, default=None),
        code=next((slip.error for slip in waiting if slip.error is not None), None),
        lost=tuple(one.number for one in found if _is_lost(one.slip, lapsed_ms)),
    )


def _is_lost(slip: Slip, lapsed_ms: int) -> bool:
    return slip.attempts >= ATTEMPTS and (slip.claimed_ms is None or slip.claimed_ms < lapsed_ms)


def claim(site: Site) -> tuple[Slip, Ticket] | None:
    """Take the oldest slip of today that nobody prints, with its ticket, or None. Raises Fault.

    Whoever has it marks it with ``printed`` or gives it back with ``failed``; who does neither for
    ``LEASE_MS`` loses it to the next.
    """
    now_ms, today = site.now_ms(), site.today()

    def work(tx: Tx) -> tuple[Slip, Ticket] | None:
        slip = table.claim(tx, today, now_ms, lapsed_ms=now_ms - LEASE_MS, attempts=ATTEMPTS)
        return None if slip is None else (slip, tickets.by_id(tx, slip.ticket))

    # Untold, here and below: nothing that a desk shows of the hall has changed.
    return site.store.transact(work, tell=False)


def paper_of(site: Site, slip: Slip, ticket: Ticket) -> Paper:
    """What is printed now for a claimed slip. Raises Fault."""
    floor, _forecast = read_floor(site)
    return paper(site.hall, floor, ticket, slip, site.now_ms())


def printed(site: Site, slip: Slip) -> None:
    """It is out. Raises Fault."""
    now_ms = site.now_ms()
    site.store.transact(lambda tx: table.printed(tx, slip, now_ms), tell=False)


def failed(site: Site, slip: Slip, code: str) -> None:
    """It may not have come out: give it back, to be tried again ``ATTEMPTS`` times in all. Raises Fault."""
    now_ms = site.now_ms()
    site.store.transact(lambda tx: table.failed(tx, slip, code, now_ms), tell=False)


def put_off(site: Site, code: str) -> None:
    """The printer cannot be had: note with what waits since when, and why. Raises Fault."""
    now_ms, today = site.now_ms(), site.today()
    found = site.store.read(lambda tx: table.wanted(tx, today))
    if any(one.slip.error != code for one in found if one.slip.claimed_ms is None):
        site.store.transact(lambda tx: table.put_off(tx, today, code, now_ms), tell=False)


def todays(site: Site) -> list[Numbered]:
    """Every slip of today, oldest first. Raises Fault."""
    today = site.today()
    return site.store.read(lambda tx: table.of_day(tx, today))


def slip_state(site: Site, one: Numbered) -> str:
    """How far a slip has come: waiting, printing, printed, failed, or dropped with a number that is over."""
    slip, lapsed_ms = one.slip, site.now_ms() - LEASE_MS
    if slip.printed_ms is not None:
        return "printed"
    if one.state not in PRINTED_FOR:
        return "dropped"
    if _is_lost(slip, lapsed_ms):
        return "failed"
    return "printing" if slip.claimed_ms is not None and slip.claimed_ms >= lapsed_ms else "waiting"


# Once more


def print_again(site: Site, number: str, *, staff: str | None = None, op: str | None = None) -> Ticket:
    """Print the slip of a number once more; one that is still waiting is tried anew instead.

    Raises Refusal no_printer, unknown_ticket, unknown_staff, wrong_state when the number is over.
    """
    now_ms, today = site.now_ms(), site.today()
    if site.hall.printer is None:
        raise Refusal("no_printer")
    if staff is not None:
        site.directory.person(staff)

    def work(tx: Tx, op_id: str) -> Ticket:
        ticket = tickets.find(tx, today, number.upper())
        if ticket is None:
            raise Refusal("unknown_ticket", number=number)
        if ticket.state not in PRINTED_FOR:
            raise Refusal("wrong_state", number=ticket.number, state=ticket.state)
        if not table.renew(tx, ticket.id, today):
            table.add(tx, ticket.id, today, now_ms, again=True)
        # Without the ticket's id: it is no step of the ticket's, and must not hide the one before from undo.
        journal.add(tx, journal.Line(op_id, now_ms, today, "slip_again", number=ticket.number, staff=staff))
        return ticket

    return site.operate(work, _again, op, "slip_again")


def _again(tx: Tx, done: Entry) -> Ticket:
    found = tickets.find(tx, done.service_day, done.number or "")
    if found is None:
        raise AssertionError(f"operation {done.op} was about no ticket")
    return found


# In words


def backlog_text(hall: Hall, found: Backlog) -> str:
    """What is wrong with the printing, in one line; empty while nothing is."""
    parts = []
    if found.waiting and found.code is not None:
        since = local(found.since_ms or 0, hall.timezone).strftime("%H:%M")
        count = ngettext("{count} slip waits", "{count} slips wait", found.waiting).format(
            count=found.waiting
        )
        parts.append(
            _("{reason} since {time}: {count} [{code}]").format(
                reason=printer_sentence(found.code), time=since, count=count, code=found.code
            )
        )
    if found.lost:
        numbers = clean(" ".join(found.lost[:3])) + (" ..." if found.lost[3:] else "")
        parts.append(_("not printed: {numbers} (Ctrl+P: print again)").format(numbers=numbers))
    return "   ".join(parts)
