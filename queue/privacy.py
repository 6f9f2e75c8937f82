"""What is personal: shown masked, unmasked only by an act on record, and forgotten after its time (PV-1)."""

from __future__ import annotations

from dataclasses import field
from datetime import date, timedelta

from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import permit
from jiaohao.queue.site import Site
from jiaohao.store import enquiries, journal, retention
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Entry

_PHONE_HEAD, _ID_HEAD, _TAIL = 3, 3, 4


def mask_name(name: str | None) -> str:
    """A name as everybody may see it: 张*."""
    return f"{name[0]}*" if name else ""


def mask_phone(phone: str | None) -> str:
    """A telephone number as everybody may see it: 138****1234; a short one not at all."""
    return _masked(phone, _PHONE_HEAD)


def mask_id(number: str | None) -> str:
    """An identity number as everybody may see it: its first three and last four characters."""
    return _masked(number, _ID_HEAD)


def _masked(text: str | None, head: int) -> str:
    if not text:
        return ""
    hidden = len(text) - head - _TAIL
    return f"{text[:head]}{'*' * hidden}{text[-_TAIL:]}" if hidden > 0 else "*" * len(text)


@frozen
class Visitor:
    """Who asked, in full; for whoever has to call back or to look into it."""

    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)


def unmask(site: Site, enquiry_id: int, *, staff: str, op: str | None = None) -> Visitor:
    """Name and telephone in full, for who answers for the enquiry and for supervision; it is journalled.

    Raises Refusal unknown_enquiry, unknown_staff, not_allowed.
    """
    site.directory.person(staff)
    now_ms = site.now_ms()

    def work(tx: Tx, op_id: str) -> Visitor:
        enquiry = enquiries.hold(tx, enquiry_id)
        if enquiry is None:
            raise Refusal("unknown_enquiry", enquiry=enquiry_id)
        if staff not in {enquiry.owner, enquiry.first_responder}:
            permit(site, staff, "unmask")
        day = service_day(now_ms, site.hall.timezone)
        journal.add(tx, journal.Line(op_id, now_ms, day, "unmasked", staff=staff, note=str(enquiry.id)))
        return Visitor(enquiry.visitor_name, enquiry.visitor_phone)

    def again(tx: Tx, done: Entry) -> Visitor:
        enquiry = enquiries.by_id(tx, int(done.note or 0))
        return Visitor(enquiry.visitor_name, enquiry.visitor_phone)

    # Nobody is shown again what somebody else was, nor by whatever another line leads to.
    return site.operate(work, again, op, "unmasked", staff=staff, note=str(enquiry_id))


@frozen
class Forgotten:
    """What a run of the retention job removed, or would remove: rows of each table before a service day."""

    before: str
    rows: dict[str, int]


def anonymise(
    site: Site, *, staff: str, before: str | None = None, dry_run: bool = False, op: str | None = None
) -> Forgotten:
    """Remove what is personal from before a day; by default when the hall's retention time has passed.

    What is still open or owed stays. Raises Refusal unknown_staff, not_allowed, wrong_date.
    """
    permit(site, staff, "anonymise")
    now_ms = site.now_ms()
    today = date.fromisoformat(service_day(now_ms, site.hall.timezone))
    day = (today - timedelta(days=site.hall.records.retention_days)).isoformat()
    if before is not None:
        day = _date(before, today)
    if dry_run:
        return Forgotten(day, site.store.read(lambda tx: retention.count_old(tx, day)))

    def work(tx: Tx, op_id: str) -> Forgotten:
        rows = retention.count_old(tx, day)
        retention.forget(tx, day)
        text = note_of(f"{day}: {sum(rows.values())}")
        journal.add(tx, journal.Line(op_id, now_ms, today.isoformat(), "anonymised", staff=staff, note=text))
        return Forgotten(day, rows)

    def again(tx: Tx, _done: Entry) -> Forgotten:
        return Forgotten(day, retention.count_old(tx, day))

    return site.operate(work, again, op, "anonymised")


def _date(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal("wrong_date", text=text) from None
    # Today's visitors are still in the hall.
    if day > today:
        raise Refusal("wrong_date", text=text)
    return day.isoformat()
