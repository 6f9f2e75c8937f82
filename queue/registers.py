"""The enquiries as a desk or a command shows them: where each has come to, and what is late (FR-9)."""

from __future__ import annotations

from dataclasses import dataclass

from jiaohao.queue.enquiries import REFERRED, SENT_ON
from jiaohao.queue.site import Site
from jiaohao.store import enquiries, tickets
from jiaohao.store.base import Tx
from jiaohao.store.values import Enquiry, Referral

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Registered:
    """One enquiry with its ticket's number and every time it was sent on, oldest first."""

    enquiry: Enquiry
    number: str | None
    referrals: tuple[Referral, ...]
    is_overdue: bool

    @property
    def last(self) -> Referral | None:
        """What was last done with it."""
        return self.referrals[-1] if self.referrals else None

    @property
    def hops(self) -> int:
        """How often it was sent on to somebody else."""
        return sum(1 for referral in self.referrals if referral.outcome in SENT_ON)


def registered(site: Site, enquiry: Enquiry) -> Registered:
    """One enquiry as it stands now. Raises Fault."""
    return site.store.read(lambda tx: _of(tx, site, enquiry))


def register(site: Site, *, owner: str | None = None, open_only: bool = False) -> tuple[Registered, ...]:
    """Today's enquiries, or all that are still open, oldest first; of one owner, or of all. Raises Fault."""
    today = site.today()

    def work(tx: Tx) -> tuple[Registered, ...]:
        found = enquiries.open_ones(tx, owner) if open_only else enquiries.of_day(tx, today, owner)
        return tuple(_of(tx, site, enquiry) for enquiry in found)

    return site.store.read(work)


def _of(tx: Tx, site: Site, enquiry: Enquiry) -> Registered:
    number = tickets.by_id(tx, enquiry.ticket).number if enquiry.ticket is not None else None
    sent = tuple(enquiries.referrals(tx, enquiry.id))
    limit_ms = site.hall.calling.accept_min * _MINUTE_MS
    is_overdue = enquiry.state == REFERRED and bool(sent) and site.now_ms() - sent[-1].at_ms > limit_ms
    return Registered(enquiry, number, sent, is_overdue)
