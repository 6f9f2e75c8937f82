"""The registers: enquiries as they stand, what is still owed and since when, who came twice (FR, ON, CR)."""

from __future__ import annotations

from collections.abc import Container

from jiaohao.queue.following import ACCEPTED, CLOSED, IN_PERSON, REFERRED, is_sent_on
from jiaohao.queue.roles import MAY, permit
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import working_min
from jiaohao.store import absences, enquiries, notices, tickets
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Enquiry, Notice, Referral, Staff


@frozen
class Owed:
    """What somebody still owes, and since when; age and limit in working minutes.

    ``kind`` is referral (nobody has accepted it, FR-9), reply (to a caller, FR-7), answer (to be found out,
    ON-5) or outcome (asked or taken over, and not yet dealt with, FR-2).
    """

    kind: str
    owner: str
    enquiry: Enquiry | None
    notice: Notice | None
    since_ms: int
    age_min: int
    limit_min: int

    @property
    def is_overdue(self) -> bool:
        """Whether the limit has passed."""
        return self.age_min >= self.limit_min


@frozen
class Registered:
    """One enquiry with its ticket's number and every time it was sent on, oldest first."""

    enquiry: Enquiry
    number: str | None
    referrals: tuple[Referral, ...]
    owed: tuple[Owed, ...]

    @property
    def last(self) -> Referral | None:
        """What was last done with it."""
        return self.referrals[-1] if self.referrals else None

    @property
    def hops(self) -> int:
        """How often it was sent on to somebody else."""
        return sum(1 for referral in self.referrals if is_sent_on(referral))

    @property
    def is_overdue(self) -> bool:
        """Whether something is owed past its limit."""
        return any(owed.is_overdue for owed in self.owed)


def registered(site: Site, enquiry: Enquiry) -> Registered:
    """One enquiry as it stands now. Raises Fault."""
    return site.store.read(lambda tx: _of(tx, site, enquiry))


def register(
    site: Site,
    *,
    owner: str | None = None,
    open_only: bool = False,
    day: str | None = None,
    since: str | None = None,
    window: str | None = None,
    text: str = "",
    reader: Staff | None = None,
) -> tuple[Registered, ...]:
    """The consultation register of a day, from ``since`` to it, or all that are still open (CR-1).

    Oldest first; of one owner, one window, or holding a text. A counter clerk as ``reader`` sees what they
    had to do with and the windows of their posts; the other roles see all (PV-1). Raises Fault.
    """
    until = day or site.today()

    def work(tx: Tx) -> list[Registered]:
        if open_only:
            return [_of(tx, site, enquiry) for enquiry in enquiries.open_ones(tx, owner)]
        return [
            _registered(site, enquiry, number, tuple(hops))
            for enquiry, number, hops in enquiries.of_period(tx, since or until, until)
            if owner in {None, enquiry.owner}
        ]

    return tuple(
        one
        for one in site.store.read(work)
        if (reader is None or may_read(site, reader, one))
        and (window is None or window in _windows(one))
        and holds(site, one, text)
    )


def holds(site: Site, one: Registered, text: str) -> bool:
    """Whether each word of a text stands somewhere in an enquiry."""
    said = _said(site, one).casefold()
    return all(word in said for word in text.casefold().split())


def may_read(site: Site, reader: Staff, one: Registered) -> bool:
    """Whether a member of staff may read an enquiry (CR-1, PV-1)."""
    if reader.role in MAY["enquiries"]:
        return True
    people = {one.enquiry.first_responder, one.enquiry.owner}
    people |= {who for hop in one.referrals for who in (hop.from_staff, hop.to_staff, hop.accepted_by) if who}
    return reader.no in people or any(site.directory.post_at(code, reader.no) for code in _windows(one))


def _windows(one: Registered) -> set[str]:
    codes = {one.enquiry.window}
    codes |= {code for hop in one.referrals for code in (hop.from_window, hop.to_window)}
    return {code for code in codes if code is not None}


def _said(site: Site, one: Registered) -> str:
    enquiry = one.enquiry
    matter = site.directory.matters.get(enquiry.matter or "")
    parts = [enquiry.about, enquiry.reply, enquiry.handed_out, one.number, enquiry.matter]
    parts += [matter.name if matter else None, *(hop.note for hop in one.referrals)]
    for no in (enquiry.first_responder, enquiry.owner):
        person = site.directory.staff.get(no)
        parts += [no, person.name if person else None]
    return "\n".join(part for part in parts if part)


def _of(tx: Tx, site: Site, enquiry: Enquiry) -> Registered:
    number = tickets.by_id(tx, enquiry.ticket).number if enquiry.ticket is not None else None
    return _registered(site, enquiry, number, tuple(enquiries.referrals(tx, enquiry.id)))


def _registered(site: Site, enquiry: Enquiry, number: str | None, hops: tuple[Referral, ...]) -> Registered:
    return Registered(enquiry, number, hops, tuple(_owed(site, enquiry, hops)))


def _owed(site: Site, enquiry: Enquiry, hops: tuple[Referral, ...]) -> list[Owed]:
    if enquiry.state == CLOSED:
        return []
    found = []
    last = hops[-1] if hops else None
    # A number of a line waits its turn; only what was sent to somebody can be left lying.
    if enquiry.state == REFERRED and last is not None and last.to_line is None:
        found.append(_owes(site, "referral", enquiry.owner, last.at_ms, enquiry))
    if enquiry.channel != IN_PERSON:
        answerable = dict.fromkeys((enquiry.first_responder, enquiry.owner))
        found += [_owes(site, "reply", who, enquiry.opened_ms, enquiry) for who in answerable]
    elif enquiry.state != REFERRED and enquiry.ticket is None:
        began_ms = (last.accepted_ms if last and enquiry.state == ACCEPTED else None) or enquiry.opened_ms
        found.append(_owes(site, "outcome", enquiry.owner, began_ms, enquiry))
    return found


def _owes(
    site: Site, kind: str, owner: str, since_ms: int, enquiry: Enquiry | None, notice: Notice | None = None
) -> Owed:
    age_min = working_min(site.hall, since_ms, site.now_ms())
    limit_min = site.hall.calling.accept_min if kind == "referral" else site.hall.records.reply_h * 60
    return Owed(kind, owner, enquiry, notice, since_ms, age_min, limit_min)


@frozen
class Coming:
    """Who comes to a window or a person with a referral, from whom and with what note (FR-9)."""

    enquiry: Enquiry
    hop: Referral
    number: str | None


@frozen
class Page:
    """A window is empty, and somebody is asked to cover it by their post there (AB-2)."""

    window: str
    post: str
    staff: str
    since_ms: int
    is_coming: bool


@frozen
class Ledger:
    """All that is owed, on its way to somebody or asked of them, read at one instant; oldest first."""

    owed: tuple[Owed, ...]
    coming: tuple[Coming, ...]
    pages: tuple[Page, ...] = ()

    def pages_for(self, staff: str) -> tuple[Page, ...]:
        """The empty windows that a member of staff is asked to cover (AB-2)."""
        return tuple(page for page in self.pages if page.staff == staff)

    def owed_by(self, staff: str, *, oversees: bool = False) -> tuple[Owed, ...]:
        """What a member of staff owes, and the late referrals of what they were asked first (FR-9).

        Who ``oversees`` the hall, as the guide does, is shown every late referral.
        """

        def concerns(owed: Owed) -> bool:
            is_late = owed.kind == "referral" and owed.is_overdue
            was_asked = owed.enquiry is not None and owed.enquiry.first_responder == staff
            return owed.owner == staff or (is_late and (oversees or was_asked))

        return tuple(owed for owed in self.owed if concerns(owed))

    def coming_to(self, windows: Container[str | None], staff: str) -> tuple[Coming, ...]:
        """What was sent to one of some windows, or to a person, and is not accepted yet."""
        return tuple(
            one for one in self.coming
            if one.hop.to_staff == staff or (one.hop.to_staff is None and one.hop.to_window in windows)
        )  # fmt: skip


def read_ledger(site: Site) -> Ledger:
    """What everybody owes, what is on its way, who is to cover (FR-7, FR-9, ON-5, AB-2). Raises Fault."""
    today = site.today()

    def work(tx: Tx) -> Ledger:
        pending = enquiries.pending(tx)
        owed = [
            one for enquiry, hop, _number in pending
            for one in _owed(site, enquiry, (hop,) if hop else ())
        ]  # fmt: skip
        owed += [
            _owes(site, "answer", notice.owner or notice.staff, notice.issued_ms, None, notice)
            for notice in notices.owed(tx, None)
        ]
        coming = [
            Coming(enquiry, hop, number)
            for enquiry, hop, number in pending
            if hop is not None and enquiry.state == REFERRED
        ]
        pages = [
            Page(absence.window, attempt.post, attempt.staff, absence.from_ms, attempt.answer is not None)
            for absence, attempt in absences.unanswered(tx, today)
        ]
        return Ledger(tuple(sorted(owed, key=lambda one: one.since_ms)), tuple(coming), tuple(pages))

    return site.store.read(work)


def obligations(site: Site, staff: str, *, of_all: bool = False) -> tuple[Owed, ...]:
    """What a member of staff, or everybody, still owes, oldest first.

    Everybody's is for the guide and for who oversees. Raises Refusal unknown_staff, not_allowed, Fault.
    """
    site.directory.person(staff)
    if of_all:
        permit(site, staff, "obligations --all")
    ledger = read_ledger(site)
    return ledger.owed if of_all else ledger.owed_by(staff)


@frozen
class SecondVisit:
    """The same visitor back for the same matter, both visits side by side; a person judges 待核实 (ON-6).

    ``why`` is no_notice or incomplete_notice.
    """

    first: Registered
    second: Registered
    first_notices: tuple[Notice, ...]
    second_notices: tuple[Notice, ...]
    why: str


def second_visits(site: Site, reader: Staff) -> tuple[SecondVisit, ...]:
    """Who had to come twice for lack of a full notice, newest first (ON-6). Raises Refusal not_allowed."""
    permit(site, reader.no, "second visits")

    def work(tx: Tx) -> tuple[SecondVisit, ...]:
        found = []
        for first, second in enquiries.repeated(tx):
            if _was_served(tx, first):
                continue
            told = tuple(notices.of_visit(tx, first.ticket, first.id))
            again = tuple(notices.of_visit(tx, second.ticket, second.id))
            listed = {name for notice in told for name in notice.missing}
            asked = {name for notice in again for name in notice.missing}
            why = "no_notice" if not told else "incomplete_notice" if asked - listed else None
            if why is not None:
                found.append(SecondVisit(_of(tx, site, first), _of(tx, site, second), told, again, why))
        return tuple(found)

    return site.store.read(work)


def _was_served(tx: Tx, enquiry: Enquiry) -> bool:
    ticket = tickets.by_id(tx, enquiry.ticket) if enquiry.ticket is not None else None
    return ticket is not None and ticket.kind not in {None, "returned"}
