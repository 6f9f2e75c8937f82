"""First-responder responsibility in figures: per person, per window, per department (FR-10)."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median

from jiaohao.queue.enquiries import OUTCOMES
from jiaohao.queue.following import IN_PERSON
from jiaohao.queue.language import gettext as _
from jiaohao.queue.roles import permit
from jiaohao.queue.site import Site
from jiaohao.queue.words import outcome_word
from jiaohao.queue.workdays import working_min
from jiaohao.store import enquiries
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Enquiry, Referral

GROUPS = ("person", "window", "department")


@frozen
class Compliance:
    """The figures of one person, window or department; facts, no judgement.

    ``accepted_s`` is the median time in seconds in which they took over what was sent to them.
    """

    code: str
    name: str
    first_asked: int
    outcomes: dict[str, int]
    accepted_s: int | None
    bounces: int
    replies_overdue: int


class _Sums:
    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        self.accepted_ms: dict[str, list[int]] = defaultdict(list)
        self.bounces: Counter[str] = Counter()
        self.overdue: Counter[str] = Counter()

    def codes(self) -> set[str]:
        """Everybody of whom there is something to say."""
        return {*self.asked, *self.outcomes, *self.accepted_ms, *self.bounces, *self.overdue}


def compliance(site: Site, by: str, from_day: str, to_day: str, *, staff: str) -> tuple[Compliance, ...]:
    """The figures of a period, both days included, by one of GROUPS; ``staff`` reads them.

    Raises Refusal unknown_staff, not_allowed, Fault.
    """
    permit(site, staff, "figures")
    found = site.store.read(lambda tx: enquiries.of_period(tx, from_day, to_day))
    sums = _Sums()
    for enquiry, _number, hops in found:
        _count(site, sums, by, enquiry, hops)
    names = _names(site, by)
    order = [code for code in names if code in sums.codes()]
    order += sorted(sums.codes() - set(names))
    return tuple(
        Compliance(
            code,
            names.get(code, code),
            sums.asked[code],
            {outcome: sums.outcomes[code][outcome] for outcome in OUTCOMES},
            round(median(sums.accepted_ms[code]) / 1000) if sums.accepted_ms[code] else None,
            sums.bounces[code],
            sums.overdue[code],
        )
        for code in order
    )


def _count(site: Site, sums: _Sums, by: str, enquiry: Enquiry, hops: list[Referral]) -> None:
    first = _group(site, by, enquiry.first_responder, enquiry.window)
    if first is not None:
        sums.asked[first] += 1
        if enquiry.outcome is not None:
            sums.outcomes[first][enquiry.outcome] += 1
        sums.overdue[first] += _is_reply_overdue(site, enquiry)
    for hop in hops:
        sender = _group(site, by, hop.from_staff, hop.from_window)
        if sender is not None:
            sums.bounces[sender] += hop.is_bounce
        # Who waited for a number of a line did not wait for somebody to take over.
        if hop.accepted_ms is not None and hop.accepted_by is not None and hop.to_line is None:
            receiver = _group(site, by, hop.accepted_by, hop.to_window)
            if receiver is not None:
                sums.accepted_ms[receiver].append(hop.accepted_ms - hop.at_ms)


def _is_reply_overdue(site: Site, enquiry: Enquiry) -> int:
    if enquiry.channel == IN_PERSON:
        return 0
    until_ms = enquiry.replied_ms or site.now_ms()
    return int(working_min(site.hall, enquiry.opened_ms, until_ms) > site.hall.records.reply_h * 60)


def _group(site: Site, by: str, staff: str, window: str | None) -> str | None:
    if by == "person":
        return staff
    if by == "window":
        return window
    person = site.directory.staff.get(staff)
    return person.department if person else None


def _names(site: Site, by: str) -> dict[str, str]:
    hall = site.hall
    if by == "person":
        return {person.no: person.name for person in hall.staff}
    if by == "window":
        return {window.code: window.name for window in hall.windows}
    return {department.code: department.name for department in hall.departments}


def table(rows: tuple[Compliance, ...]) -> list[list[str | int]]:
    """The figures as a table with its titles, for a file."""
    titles: list[str | int] = [_("Code"), _("Name"), _("First asked")]
    titles += [outcome_word(outcome) for outcome in OUTCOMES]
    titles += [_("Taken over in (s)"), _("Bounces"), _("Replies overdue")]
    return [titles] + [
        [
            row.code, row.name, row.first_asked, *row.outcomes.values(),
            "" if row.accepted_s is None else row.accepted_s, row.bounces, row.replies_overdue,
        ]
        for row in rows
    ]  # fmt: skip
