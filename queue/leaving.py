"""Leaving a window, and its cover: one after another is asked until somebody sits down (AB-2, AB-7)."""

from __future__ import annotations

from collections.abc import Sequence

from jiaohao.queue import calling, following, presence, workdays
from jiaohao.queue.change import away, changed, seated
from jiaohao.queue.clean import note_of
from jiaohao.queue.clock import service_day, to_ms
from jiaohao.queue.presence import OVERRUN, REASONS, TERMINAL, UNSTATED, Lapse
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import LEADING, MAY
from jiaohao.queue.site import Site
from jiaohao.store import absences, journal, planning, seats, tickets
from jiaohao.store.base import Tx
from jiaohao.store.errors import Conflict
from jiaohao.store.staff_values import Absence, Attempt
from jiaohao.store.values import Entry, Seat, Ticket

FINISH, HOLD, BACK = "finish", "hold", "back"
IN_HAND = (FINISH, HOLD, BACK)
"""What becomes of the ticket in hand when its clerk leaves: served, set aside, or back with its wait."""
JUST_BACK_MS = 10 * 60_000
"""So long after a return, what whoever covered has left is still read."""
_LAPSED = {TERMINAL: "lost", OVERRUN: "overran"}


def leave(
    site: Site,
    window: str,
    *,
    reason: str | None = None,
    back: str | None = None,
    approved_by: str | None = None,
    handover: str | None = None,
    in_hand: str | None = None,
    op: str | None = None,
) -> None:
    """Whoever sits at a window leaves it; while the hall is open that is an absence, and its cover is asked.

    ``reason`` is one of REASONS, or words of one's own; ``back`` the expected return as HH:MM;
    ``approved_by`` who has agreed, the lead, chief or authorised person of the window or a manager (AB-8);
    ``handover`` a note for whoever covers; ``in_hand`` what becomes of a ticket in hand (see IN_HAND).
    Raises Refusal unknown_window, not_seated, window_busy with a ticket in hand and nothing said of it,
    wrong_state, wrong_time, unknown_staff, not_allowed.
    """
    back_ms = expected_back_ms(site, back)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    said = note_of(reason)
    code = said if said in REASONS else UNSTATED

    def work(tx: Tx, op_id: str) -> None:
        seat = seated(tx, site, today, window)
        _check_approval(site, seat, approved_by)
        _put_down(tx, op_id, now_ms, seat, in_hand)
        # Who leaves from a pause that was over has been away since it began.
        found = presence.lapse(seat, site.hall.covering, now_ms)
        since_ms = found.since_ms if found else now_ms
        seats.give_up(tx, seat.id, since_ms, code, back_ms)
        remark = None if code == said else said
        note = f"{code} {approved_by or '-'} {since_ms}"
        journal.add(
            tx, journal.Line(op_id, now_ms, today, "left", window=window, staff=seat.staff, note=note), remark
        )
        if workdays.is_open(site.hall, now_ms) and not journal.is_closed(tx, today):
            absence = absences.ABSENCES.add(
                tx,
                Absence(
                    0, today, window, seat.staff, seat.post, code, approved_by, since_ms, back_ms, None,
                    note_of(handover), None,
                ),
            )  # fmt: skip
            _page(tx, site, absence, now_ms)

    site.operate(work, _nothing, op, "left")


def _check_approval(site: Site, seat: Seat, approved_by: str | None) -> None:
    if approved_by is None:
        return
    person = site.directory.person(approved_by)
    holds = {post.post for post in site.hall.posts if post.window == seat.window and post.staff == person.no}
    if person.no == seat.staff or not (person.role in MAY["approve leave"] or holds & LEADING):
        raise Refusal("not_allowed", role=person.role)


def _put_down(tx: Tx, op_id: str, now_ms: int, seat: Seat, in_hand: str | None) -> None:
    ticket = tickets.at_window(tx, seat.service_day, seat.window)
    if ticket is None:
        return
    op = f"{op_id}:ticket"
    if in_hand == HOLD:
        changed(tx, ticket, "held", op=op, now_ms=now_ms, staff=seat.staff, **away(ticket, now_ms))
    elif in_hand == FINISH:
        calling.finished(tx, ticket, "spot", op=op, now_ms=now_ms, staff=seat.staff)
    elif in_hand == BACK:
        send_back(tx, ticket, op=op, now_ms=now_ms, staff=seat.staff)
    else:
        raise Refusal("window_busy", window=seat.window, number=ticket.number)


def cleared(tx: Tx, op_id: str, now_ms: int, seat: Seat) -> None:
    """A seat at a window that the hall no longer has ends, and the ticket in hand waits again (AB-2)."""
    _put_down(tx, op_id, now_ms, seat, BACK)
    seats.give_up(tx, seat.id, now_ms, UNSTATED, None)
    journal.add(
        tx,
        journal.Line(
            f"{op_id}:left", now_ms, seat.service_day, "left", window=seat.window, staff=seat.staff,
            note=f"{UNSTATED} - {now_ms}",
        ),
    )  # fmt: skip


def send_back(tx: Tx, ticket: Ticket, *, op: str, now_ms: int, staff: str | None) -> Ticket:
    """A ticket at a window waits again where it came from, with number and wait kept (AB-2)."""
    following.given_back(tx, ticket)
    return changed(
        tx, ticket, "sent_back", op=op, now_ms=now_ms, staff=staff, at=ticket.window, undoable=False,
        window=None, calls=0, **away(ticket, now_ms),
    )  # fmt: skip


def lapsed(tx: Tx, site: Site, seat: Seat, found: Lapse, now_ms: int) -> None:
    """A seat at which nobody is any more ends when it was last known to be taken, and its cover is asked."""
    seats.give_up(tx, seat.id, found.since_ms, found.reason, seat.back_ms)
    note = str(found.since_ms)
    journal.add(
        tx,
        journal.Line(
            f"lapse:{seat.id}", now_ms, seat.service_day, _LAPSED[found.reason], window=seat.window,
            staff=seat.staff, note=note,
        ),
    )  # fmt: skip
    absence = absences.ABSENCES.add(
        tx,
        Absence(
            0, seat.service_day, seat.window, seat.staff, seat.post, found.reason, None, found.since_ms,
            seat.back_ms, None, None, None,
        ),
    )  # fmt: skip
    _page(tx, site, absence, now_ms)


def watch(site: Site) -> bool:
    """What time alone brings: silent terminals, pauses that are over, the next of a chain (AB-2, AB-6).

    Any terminal may do it as often as it likes; nothing is written twice. Gives whether anything was.
    """
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    if not site.store.read(lambda tx: _has_work(tx, site, today, now_ms)):
        return False

    def work(tx: Tx) -> None:
        for seat in seats.still_taken(tx, today):
            found = presence.lapse(seat, site.hall.covering, now_ms)
            if found is not None:
                lapsed(tx, site, seat, found, now_ms)
        for absence in _uncovered(tx, today):
            _page(tx, site, absence, now_ms)

    try:
        site.store.transact(work)
    except Conflict:
        return False  # another terminal has just written it
    return True


def _has_work(tx: Tx, site: Site, today: str, now_ms: int) -> bool:
    taken = [seat for seat in seats.latest(tx, today) if seat.to_ms is None]
    if any(presence.lapse(seat, site.hall.covering, now_ms) for seat in taken):
        return True
    return any(_paging(tx, site, one, now_ms).is_due for one in _uncovered(tx, today))


def _uncovered(tx: Tx, today: str) -> list[Absence]:
    """Of each window at which nobody sits, the absence that began last."""
    taken = {seat.window for seat in seats.latest(tx, today) if seat.to_ms is None}
    latest = {absence.window: absence for absence in absences.still_open(tx, today)}
    return [absence for window, absence in latest.items() if window not in taken]


def _paging(tx: Tx, site: Site, absence: Absence, now_ms: int) -> presence.Paging:
    span = workdays.open_span(site.hall, now_ms)
    if span is None:
        return presence.Paging()
    chain = presence.cover_chain(site.directory, absence.window, absence.staff)
    made = absences.attempts(tx, absence.id)
    page_min = site.hall.covering.page_min
    return presence.due(chain, made, absence.from_ms, span[0], page_min, _away(tx, absence), now_ms)


def _away(tx: Tx, absence: Absence) -> dict[str, str]:
    """Of whom it is known that they cannot come: on leave, or sitting at another window."""
    day = absence.service_day
    found = {one.staff: presence.ELSEWHERE for one in absences.still_open(tx, day)}
    found |= {seat.staff: presence.ELSEWHERE for seat in seats.latest(tx, day) if seat.to_ms is None}
    found |= {leave.staff: presence.ON_LEAVE for leave in planning.leaves_between(tx, day, day)}
    return found


def _page(tx: Tx, site: Site, absence: Absence, now_ms: int) -> None:
    paging = _paging(tx, site, absence, now_ms)
    for attempt_id, given, given_ms in paging.answers:
        absences.answer(tx, attempt_id, given, given_ms)
        _log_answer(tx, absence, attempt_id, given, now_ms)
    for place, post, staff, at_ms, answer in paging.attempts:
        limit_ms = site.hall.covering.page_min * 60_000
        answered_ms = None if answer is None else at_ms + (limit_ms if answer == presence.SILENT else 0)
        absences.ATTEMPTS.add(tx, Attempt(0, absence.id, place, post, staff, at_ms, answer, answered_ms))
        journal.add(
            tx,
            journal.Line(
                f"page:{absence.id}:{place}", now_ms, absence.service_day, "paged", window=absence.window,
                staff=staff, note=f"{post} {answer or '-'}",
            ),
        )  # fmt: skip


def _log_answer(tx: Tx, absence: Absence, attempt_id: int, answer: str, now_ms: int) -> None:
    journal.add(
        tx,
        journal.Line(
            f"page-answer:{attempt_id}:{answer}", now_ms, absence.service_day, "page_answered",
            window=absence.window, note=answer,
        ),
    )  # fmt: skip


def cover(site: Site, window: str, *, staff: str, comes: bool = True, op: str | None = None) -> Absence:
    """Answer for oneself that one comes to cover a window, or does not; the next is then asked (AB-2).

    Raises Refusal unknown_window, unknown_staff, no_cover_needed while nobody is missing there, not_posted.
    """
    site.directory.window(window)
    site.directory.person(staff)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    answer = presence.COMING if comes else presence.DECLINED

    def work(tx: Tx, op_id: str) -> Absence:
        absence = next((one for one in _uncovered(tx, today) if one.window == window), None)
        if absence is None:
            raise Refusal("no_cover_needed", window=window)
        if staff not in {no for _post, no in presence.cover_chain(site.directory, window, absence.staff)}:
            raise Refusal("not_posted", staff=staff, window=window)
        _page(tx, site, absence, now_ms)
        for attempt in absences.attempts(tx, absence.id):
            if attempt.staff == staff and attempt.answer in {None, presence.COMING, presence.SILENT}:
                absences.answer(tx, attempt.id, answer, now_ms)
        note = str(absence.id)
        journal.add(tx, journal.Line(op_id, now_ms, today, answer, window=window, staff=staff, note=note))
        if not comes:
            _page(tx, site, absence, now_ms)
        return absence

    return site.operate(work, _absence_again, op, answer)


def taken_up(tx: Tx, site: Site, window: str, staff: str, post: str, now_ms: int) -> None:
    """Somebody has sat down: absences that this ends are over, whoever was asked to cover has come (AB-2)."""
    today = service_day(now_ms, site.hall.timezone)
    for absence in absences.open_at(tx, today, window):
        for attempt in absences.attempts(tx, absence.id):
            if attempt.answer in {None, presence.COMING}:
                answer = presence.CAME if attempt.staff == staff else presence.COVERED
                absences.answer(tx, attempt.id, answer, now_ms)
        # Residents relieve everybody; a stand-in who left is no longer missed once anybody sits there.
        if absence.staff == staff or post == "A" or absence.post != "A":
            absences.end(tx, absence.id, now_ms)


def hand_back(site: Site, window: str, *, staff: str, note: str, op: str | None = None) -> Absence:
    """Leave a note for the one who returns to a window that one covers (AB-2).

    Raises Refusal unknown_window, no_cover_needed when nobody is away from there, answer_needed.
    """
    site.directory.window(window)
    now_ms = site.now_ms()
    today = service_day(now_ms, site.hall.timezone)
    text = note_of(note)

    def work(tx: Tx, op_id: str) -> Absence:
        open_ones = absences.open_at(tx, today, window)
        if not open_ones:
            raise Refusal("no_cover_needed", window=window)
        if text is None:
            raise Refusal("answer_needed")
        absences.hand_back(tx, open_ones[0].id, text)
        line = journal.Line(
            op_id, now_ms, today, "handed_back", window=window, staff=staff, note=str(open_ones[0].id)
        )
        journal.add(tx, line)
        return open_ones[0]

    return site.operate(work, _absence_again, op, "handed_back")


def notes_for(site: Site, window: str, staff: str) -> Sequence[str]:
    """What was left for somebody who sits down at a window, by who is away or who covered. Raises Fault."""
    today, now_ms = site.today(), site.now_ms()

    def work(tx: Tx) -> list[str]:
        found = absences.of_period(tx, today, today, window)
        mine = [
            one.handback for one in found
            if one.staff == staff and one.to_ms is not None and now_ms - one.to_ms < JUST_BACK_MS
        ]  # fmt: skip
        theirs = [one.handover for one in found if one.to_ms is None and one.staff != staff]
        return [note for note in (*mine, *theirs) if note]

    return site.store.read(work)


def expected_back_ms(site: Site, text: str | None) -> int | None:
    """The instant of an expected return given as HH:MM, today. Raises Refusal wrong_time."""
    if text is None:
        return None
    import pendulum  # noqa: PLC0415 - only who says when they return pays for it

    now = pendulum.from_timestamp(site.now_ms() / 1000, tz=site.hall.timezone)
    try:
        at = pendulum.from_format(text.strip(), "H:mm", tz=site.hall.timezone).time()
    except ValueError:
        raise Refusal("wrong_time", text=text) from None
    back = now.at(at.hour, at.minute)
    if back <= now.subtract(minutes=1):
        raise Refusal("wrong_time", text=text)
    return to_ms(back)


def _absence_again(tx: Tx, done: Entry) -> Absence:
    return absences.ABSENCES.all(tx, "id = ?", (int(done.note or 0),))[0]


def _nothing(_tx: Tx, _done: Entry) -> None:
    return None
