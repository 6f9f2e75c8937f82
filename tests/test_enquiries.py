"""First-responder responsibility: who is asked first answers until somebody else has taken over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import calling, enquiries, issuing, leaving, moving, questions, seating
from jiaohao.queue.consents import SIDES
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.show import find_ticket
from jiaohao.store import enquiries as table
from jiaohao.store import planning
from jiaohao.store.errors import Fault
from jiaohao.store.staff_values import Consent
from refusing import refused

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Enquiry, Referral


@pytest.fixture
def manned(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock]:
    """The small hall with every window manned."""
    site, _clock = hall_site
    for window in "12345":
        seating.sit(site, window, f"100{window}")
    return hall_site


def hops(site: Site, enquiry: Enquiry) -> list[Referral]:
    return site.store.read(lambda tx: table.referrals(tx, enquiry.id))


def now(site: Site, enquiry: Enquiry) -> Enquiry:
    return site.store.read(lambda tx: table.by_id(tx, enquiry.id))


@pytest.mark.rule("FR-1", "TS-1")
def test_who_is_asked_first_is_recorded_and_never_changes(manned: tuple[Site, ManualClock]) -> None:
    site, clock = manned
    asked = questions.enquire(
        site, staff="2001", channel="phone", about="公积金怎么取", name="张三", phone="138"
    )
    assert (asked.first_responder, asked.owner, asked.state) == ("2001", "2001", "open")
    assert (asked.channel, asked.about, asked.opened_ms) == ("phone", "公积金怎么取", clock.now_ms())
    enquiries.refer(site, asked.id, "colleague", staff="2001", to="1003")
    taken = enquiries.accept(site, asked.id, staff="1003")
    assert (taken.first_responder, taken.owner) == ("2001", "1003")
    with pytest.raises(Fault):
        site.store.transact(lambda tx: tx.run("UPDATE enquiries SET first_responder = '1001'"))
    for code, changes in (
        ("unknown_staff", {"staff": "9"}),
        ("unknown_matter", {"matter": "none"}),
        ("unknown_channel", {"channel": "pigeon"}),
        ("unknown_ticket", {"ticket": "A009"}),
        ("about_needed", {"about": "  "}),
    ):
        refused(code, questions.enquire, site, **{"staff": "2001", "about": "x", **changes})


@pytest.mark.rule("FR-2")
def test_what_is_ones_own_is_dealt_with(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="1001", matter="rs-001", window="1")
    done = enquiries.refer(site, asked.id, "handled", staff="1001", note="已答复")
    assert (done.state, done.outcome, done.owner) == ("closed", "handled", "1001")
    refused("wrong_state", enquiries.refer, site, asked.id, "handled", staff="1001")


@pytest.mark.rule("FR-3", "FR-9")
def test_until_the_colleague_accepts_the_first_responder_answers(manned: tuple[Site, ManualClock]) -> None:
    site, clock = manned
    asked = questions.enquire(site, staff="1001", about="档案", window="1")
    refused("outcome_needs_target", enquiries.refer, site, asked.id, "colleague", staff="1001")
    sent = enquiries.refer(site, asked.id, "colleague", staff="1001", to="1002", note="要查旧档")
    assert (sent.state, sent.owner) == ("referred", "1001")
    refused("not_your_enquiry", enquiries.accept, site, asked.id, staff="1003")
    clock.advance(90)
    taken = enquiries.accept(site, asked.id, staff="1002")
    assert (taken.state, taken.owner) == ("accepted", "1002")
    (hop,) = hops(site, asked)
    assert (hop.from_staff, hop.from_window, hop.to_staff, hop.to_window) == ("1001", "1", "1002", "2")
    assert (hop.note, hop.accepted_by, (hop.accepted_ms or 0) - hop.at_ms) == ("要查旧档", "1002", 90_000)
    refused("not_accepted", enquiries.accept, site, asked.id, staff="1002")
    refused("not_your_enquiry", enquiries.refer, site, asked.id, "handled", staff="1001")


@pytest.mark.rule("FR-4", "FR-9")
def test_the_ticket_goes_along_with_number_and_wait_and_calling_it_accepts(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    before = issuing.issue(site, "A", matter="rs-001")
    calling.call(site, "1")
    calling.start(site, "1")
    asked = questions.enquire(site, staff="1001", matter="yb-001", window="1", ticket=before.number)
    clock.advance(30)
    enquiries.refer(site, asked.id, "window", staff="1001")
    after, journal = find_ticket(site, before.number)
    assert (after.queue, after.place_ms, after.number) == ("@3", before.place_ms, before.number)
    assert journal[-1].event == "transferred"
    assert now(site, asked).owner == "1001"
    assert calling.call(site, "3").number == before.number
    assert (now(site, asked).owner, now(site, asked).state) == ("1003", "accepted")


@pytest.mark.rule("FR-9", "AB-5")
def test_who_sits_there_by_consent_accepts_what_is_sent_to_the_window(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    leaving.leave(site, "3", reason="sick")
    leaving.leave(site, "2", reason="short")
    for side in SIDES:
        consent = Consent(0, "1002", "3", side, "4001", site.today(), site.today(), clock.now_ms(), None)
        site.store.transact(lambda tx, consent=consent: planning.CONSENTS.add(tx, consent))
    asked = questions.enquire(site, staff="1001", channel="phone", about="异地就医")
    enquiries.refer(site, asked.id, "window", staff="1001", to="3", note="医保")
    refused("not_your_enquiry", enquiries.accept, site, asked.id, staff="1002")
    seating.sit(site, "3", "1002")
    assert enquiries.accept(site, asked.id, staff="1002", window="3").owner == "1002"


@pytest.mark.rule("FR-4")
def test_a_number_that_still_waits_goes_along_too(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    ticket = questions.receive(site, "A", staff="2001")
    asked = questions.Question(about="其实要办医保", ticket=ticket.number)
    enquiries.refer(site, asked, "window", staff="2001", to="3", note="医保")
    after, journal = find_ticket(site, ticket.number)
    assert (after.state, after.queue, after.place_ms) == ("waiting", "@3", ticket.place_ms)
    assert journal[-1].event == "moved"
    assert calling.call(site, "3").number == ticket.number


@pytest.mark.rule("FR-4")
def test_a_visitor_without_a_ticket_is_issued_one(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", matter="yb-001")
    sent = enquiries.refer(site, asked.id, "window", staff="2001", to="3")
    assert sent.ticket is not None
    assert calling.call(site, "3").id == sent.ticket
    assert now(site, asked).owner == "1003"
    phoned = questions.enquire(site, staff="2001", channel="phone", matter="yb-001")
    assert enquiries.refer(site, phoned.id, "window", staff="2001", to="3").ticket is None


@pytest.mark.rule("FR-5")
def test_a_body_outside_is_told_by_its_entry(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", about="起诉")
    refused("unknown_agency", enquiries.refer, site, asked.id, "outside", staff="2001", to="moon")
    done = enquiries.refer(site, asked.id, "outside", staff="2001", to="court", note="已电话联系")
    assert done.state == "closed"
    assert hops(site, asked)[0].to_agency == "court"


@pytest.mark.rule("FR-6")
def test_who_does_not_know_leads_to_the_consultation_desk(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="1001", about="不清楚", window="1")
    refused("unknown_outcome", enquiries.refer, site, asked.id, "do not know", staff="1001")
    enquiries.refer(site, asked.id, "desk", staff="1001")
    assert hops(site, asked)[0].to_window == "5"
    assert enquiries.accept(site, asked.id, staff="1005").owner == "1005"
    other = questions.enquire(site, staff="1001", about="不清楚", window="1")
    refused("outcome_needs_target", enquiries.refer, site, other.id, "office", staff="1001")


@pytest.mark.rule("FR-7")
def test_a_call_registered_stays_owed_until_the_caller_was_told(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", channel="phone", about="进度", phone="13800000000")
    kept = enquiries.refer(site, asked.id, "registered", staff="2001")
    assert (kept.state, kept.outcome) == ("open", "registered")
    assert [one.id for one in site.store.read(lambda tx: table.open_ones(tx, "2001"))] == [asked.id]
    refused("answer_needed", enquiries.reply, site, asked.id, staff="2001", note=" ")
    refused("not_your_enquiry", enquiries.reply, site, asked.id, staff="1001", note="已办结")
    told = enquiries.reply(site, asked.id, staff="2001", note="已办结")
    assert (told.state, told.outcome, told.reply, told.replied_ms) == (
        "closed",
        "registered",
        "已办结",
        site.now_ms(),
    )
    assert site.store.read(lambda tx: table.open_ones(tx, "2001")) == []


@pytest.mark.rule("FR-9")
def test_nobody_is_sent_in_circles_without_a_reason(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="1001", about="兜圈", window="1")
    enquiries.refer(site, asked.id, "window", staff="1001", to="2")
    enquiries.accept(site, asked.id, staff="1002", window="2")
    refused("bounce", enquiries.refer, site, asked.id, "window", staff="1002", to="1")
    refused("bounce", enquiries.refer, site, asked.id, "colleague", staff="1002", to="1001")
    enquiries.refer(site, asked.id, "window", staff="1002", to="3")
    enquiries.accept(site, asked.id, staff="1003", window="3")
    refused("bounce", enquiries.refer, site, asked.id, "window", staff="1003", to="4")
    again = enquiries.refer(site, asked.id, "window", staff="1003", to="4", reason="材料在四号窗")
    assert again.state == "referred"
    assert [hop.reason for hop in hops(site, asked)] == [None, None, "材料在四号窗"]


@pytest.mark.rule("FR-9")
def test_of_two_who_accept_at_once_one_answers_for_it(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    for round_ in range(5):
        asked = questions.enquire(site, staff="1002", about=f"第 {round_} 次")
        enquiries.refer(site, asked.id, "window", staff="1002", to="1", note="x")

        def take(staff: str, enquiry: int = asked.id) -> str:
            try:
                return enquiries.accept(site, enquiry, staff=staff).owner
            except Refusal as refusal:
                return refusal.code
            finally:
                site.store.close()

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(take, ["1001", "1005"]))
        assert answers[1] == "not_accepted"
        assert now(site, asked).owner == answers[0]


@pytest.mark.rule("FR-9")
def test_a_repeated_operation_refers_once(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", matter="yb-001", op="ask")
    assert questions.enquire(site, staff="2001", matter="yb-001", op="ask").id == asked.id
    sent = enquiries.refer(site, asked.id, "window", staff="2001", to="3", op="send")
    assert enquiries.refer(site, asked.id, "window", staff="2001", to="3", op="send") == sent
    assert len(hops(site, asked)) == 1


@pytest.mark.rule("FR-9")
def test_a_move_by_referral_is_not_taken_back_by_undo(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    asked = questions.enquire(site, staff="1001", about="转走", window="1", ticket=number)
    enquiries.refer(site, asked.id, "window", staff="1001", to="3")
    refused("too_late_to_undo", moving.undo, site, number)


@pytest.mark.rule("PV-1")
def test_the_journal_says_nothing_of_what_was_asked_or_by_whom(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(
        site, staff="2001", channel="phone", about="秘密的事", name="王秘密", phone="13912345678"
    )
    enquiries.refer(site, asked.id, "colleague", staff="2001", to="1001", note="秘密的事")
    enquiries.accept(site, asked.id, staff="1001")
    enquiries.reply(site, asked.id, staff="1001", note="秘密的事")
    rows = site.store.read(lambda tx: tx.rows("SELECT * FROM journal"))
    assert len([row for row in rows if str(asked.id) in row]) >= 4
    assert not any(word in str(rows) for word in ("秘密", "1391234"))
