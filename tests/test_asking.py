"""Enquiries at the desks: few keys, who comes is seen before the call, what is owed is dealt with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from driving import SIZES, desk, kept_waiting, says, text_of, until
from fitting import misfits, written
from jiaohao.queue import calling, enquiries, issuing, language, leaving, notices, questions, seating
from jiaohao.queue.notices import Wanted
from jiaohao.queue.pinyin import spoken
from jiaohao.queue.proposal import Asked, asked_about, propose
from jiaohao.queue.reading import read_floor
from jiaohao.queue.registers import register
from jiaohao.store import journal, tickets
from jiaohao.store import notices as table
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Enquiry


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, ManualClock]]:
    """The small hall with every window manned, and a folder of one's own for files."""
    plain = small_hall()
    said = tuple(replace(matter, spoken=(spoken(matter.name),)) for matter in plain.matters)
    site, clock = sqlite_site(tmp_path, replace(plain, matters=said))
    for window in "12345":
        seating.sit(site, window, f"100{window}")
    language.use("en")
    monkeypatch.chdir(tmp_path)
    yield site, clock
    site.store.close()


def the_enquiry(site: Site) -> Enquiry:
    (one,) = register(site)
    return one.enquiry


def serve(site: Site, *, matter: str = "rs-001") -> str:
    number = issuing.issue(site, "A", matter=matter).number
    calling.call(site, "1")
    calling.start(site, "1")
    return number


# --- what is proposed --------------------------------------------------------------------------------------


@pytest.mark.rule("FR-2", "FR-3", "FR-4", "FR-5", "FR-6", "FR-7", "FR-8")
def test_what_is_likeliest_is_proposed_first(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    directory = site.directory
    floor, _forecast = read_floor(site)

    def first(asked: Asked, window: str | None = None) -> tuple[str, str | None]:
        found = propose(directory, floor, asked, window)
        assert len({(one.outcome, one.to) for one in found}) == len(found)
        assert {"handled", "colleague", "window", "outside", "desk", "registered"} <= {
            one.outcome for one in found
        }
        return found[0].outcome, found[0].to

    social = asked_about(next(iter(directory.lookup.find("参保"))))
    assert first(social, "1") == ("handled", None)
    assert first(social, "3") == ("window", "1")
    assert first(social) == ("window", "1")
    assert first(asked_about(next(iter(directory.lookup.find("法院"))))) == ("outside", "court")
    assert first(Asked()) == ("desk", "5")
    assert first(Asked("phone", "A")) == ("registered", None)


# --- the guide ---------------------------------------------------------------------------------------------


@pytest.mark.rule("FR-1", "FR-4")
async def test_a_first_contact_takes_six_keys_at_most(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    number, referral = ("l", "h", "j", "y", "enter"), ("y", "d", "b", "f2", "1", "enter")
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        assert len(number) <= 6
        await pilot.press(*number)
        await until(pilot, says(pilot, "Issued: A001"))
        one = the_enquiry(site)
        assert (one.first_responder, one.matter, one.state) == ("2001", "rs-001", "referred")
        assert len(referral) <= 6
        await pilot.press(*referral)
        await until(pilot, says(pilot, "Recorded: enquiry 2, to a window"))
    sent = register(site)[1]
    assert (sent.enquiry.matter, sent.referrals[0].to_window, sent.number) == ("yb-001", "3", "B001")


@pytest.mark.rule("FR-7", "TS-1", "PV-1")
async def test_a_call_is_taken_down_and_owed_until_it_is_answered(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001", size=(120, 36)) as (_app, pilot):
        await pilot.press("f4")
        await until(pilot, says(pilot, "[by telephone]"))
        await pilot.press("f4", "f4", "f4", "f4")  # all the way round
        await pilot.press(*"progress", "enter", *"Wang", "enter", *"13912345678", "enter")
        await until(pilot, says(pilot, "What becomes of it?"))
        await pilot.press("1", "enter")
        await until(pilot, says(pilot, "registered, to be answered", "1 owed"))
        one = the_enquiry(site)
        assert (one.channel, one.visitor_name, one.visitor_phone) == ("phone", "Wang", "13912345678")
        assert "13912345678" not in text_of(pilot.app)
        await pilot.press("f11")
        await until(pilot, says(pilot, "to be answered", "progress", "0 of 480 min"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "W*", "139****5678"))
        await pilot.press("2")
        await until(pilot, says(pilot, "13912345678", "Wang"))
        await pilot.press("escape")
        await until(pilot, says(pilot, "What was answered"))
        await pilot.press(*"tomorrow", "enter")
        await until(pilot, says(pilot, "Recorded what was answered."))
    assert (the_enquiry(site).state, the_enquiry(site).reply) == ("closed", "tomorrow")
    seen = site.store.read(lambda tx: journal.latest(tx, site.today(), 20))
    assert [line.staff for line in seen if line.event == "unmasked"] == ["2001"]


@pytest.mark.rule("FR-2", "CR-1", "CR-2")
async def test_what_is_ones_own_is_answered_and_what_was_handed_out_is_on_record(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    serve(site)
    async with desk(site, "counter", window="1", staff="1001") as (_app, pilot):
        await until(pilot, says(pilot, "serving"))
        await pilot.press("f6", "1")
        await until(pilot, says(pilot, "What was answered"))
        await pilot.press(*"told", "enter")
        await until(pilot, says(pilot, "Forms and papers handed out"))
        await pilot.press(*"form 7", "enter")
        await until(pilot, says(pilot, "Recorded: enquiry 1, handled"))
    (one,) = register(site, window="1", text="form 7")
    assert (one.enquiry.state, one.enquiry.handed_out, one.referrals[0].note) == ("closed", "form 7", "told")


@pytest.mark.rule("FR-1", "FR-2", "ON-2", "ON-6")
async def test_a_visitor_who_says_who_they_are_is_given_the_notice_at_the_guides_desk(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press(*"lhjy")
        await until(pilot, says(pilot, "rs-001"))
        await pilot.press("f4", "f4", "f4", "f4")
        await until(pilot, says(pilot, "[in person]"))
        await pilot.press("enter", *"Wang", "enter", *"13912345678", "enter")
        await until(pilot, says(pilot, "What becomes of it?", "one-time notice"))
        await pilot.press("down", "down", "enter")
        await until(pilot, says(pilot, "[ ] 居民身份证", "written"))
        await pilot.press("space", "f2")
        await until(pilot, says(pilot, "QH-20261124-001", "1. 户口簿"))
        await pilot.press("escape")
    one = the_enquiry(site)
    assert (one.channel, one.matter, one.visitor_phone) == ("in_person", "rs-001", "13912345678")
    assert (one.state, one.outcome) == ("closed", "handled")


@pytest.mark.rule("ON-4")
async def test_a_caller_is_told_what_to_bring_and_the_notice_is_oral(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001", size=(120, 36)) as (_app, pilot):
        await pilot.press(*"lhjy", "f4")
        await until(pilot, says(pilot, "[by telephone]"))
        await pilot.press("enter", "enter", *"13912345678", "enter")
        await until(pilot, says(pilot, "What becomes of it?"))
        await pilot.press("2")
        await until(pilot, says(pilot, "oral", "F7: oral"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "QH-20261124-001", "2. 户口簿"))
        await pilot.press("escape")
    one = the_enquiry(site)
    assert (one.state, one.outcome, one.reply) == ("closed", "handled", "QH-20261124-001")
    (given,) = site.store.read(lambda tx: table.of_visit(tx, None, one.id))
    assert given.form == "oral"


@pytest.mark.rule("FR-2")
async def test_nothing_is_dealt_with_without_an_answer(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await pilot.press(*"lhjy", "f2")
        await until(pilot, says(pilot, "What becomes of it?"))
        await pilot.press("4")
        await until(pilot, says(pilot, "What was answered"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Forms and papers handed out"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "What was answered", "Refused"))
        await pilot.press(*"told", "enter", "enter")
        await until(pilot, says(pilot, "Recorded: enquiry 1, handled"))
    assert register(site)[0].referrals[0].note == "told"


@pytest.mark.rule("CR-1", "PV-1")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("code", "staff"), [("guide", "2001"), ("supervise", "3001"), ("counter", "1001")])
async def test_the_register_is_searched_as_one_types(
    hall: tuple[Site, ManualClock], code: str, staff: str, size: tuple[int, int]
) -> None:
    site, clock = hall
    for about, window, who in (("maps", "1", "1001"), ("boats", "3", "1003"), ("old maps", "1", "1001")):
        asked = questions.enquire(site, staff=who, about=about, window=window, phone="13912345678")
        enquiries.refer(site, asked.id, "colleague", staff=who, to="2001", note="shelf 9")
        clock.advance(60)
    enquiries.accept(site, asked.id, staff="2001")
    seen = 2 if code == "counter" else 3
    window = "1" if code == "counter" else None
    async with desk(site, code, staff=staff, window=window, size=size) as (_app, pilot):
        await pilot.press("f11")
        await until(pilot, says(pilot, "F2: register"))
        await pilot.press("f2")
        await until(pilot, says(pilot, f"Register of today: {seen}", "maps"))
        assert ("boats" in text_of(pilot.app)) == (code != "counter")
        await pilot.press(*"old 1001")
        await until(pilot, lambda: "boats" not in text_of(pilot.app) and "old maps" in text_of(pilot.app))
        await pilot.press("f2")
        await until(pilot, says(pilot, f"Register of the last 30 days: {seen}"))
        await pilot.press(*"old", "enter")
        await until(pilot, says(pilot, "Enquiry 3", "shelf 9", "139****5678", "taken over", "吴引 2001"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "13912345678"))
    seen_by = site.store.read(lambda tx: journal.latest(tx, site.today(), 5))
    assert [line.staff for line in seen_by if line.event == "unmasked"] == [staff]


@pytest.mark.rule("FR-8", "FR-9")
async def test_who_holds_a_post_at_a_desk_sees_who_was_sent_there(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    leaving.leave(site, "5")
    asked = questions.enquire(site, staff="1001", about="nobody knows", window="1")
    enquiries.refer(site, asked.id, "desk", staff="1001", note="please")
    async with desk(site, "supervise", staff="4001", size=(120, 36)) as (_app, pilot):
        await until(pilot, says(pilot, "! Cover window 5", "1 sent to you", "from 赵一: please"))
        await pilot.press("f11", "down", "enter")
        await until(pilot, says(pilot, "Taken over: enquiry 1"))
    assert the_enquiry(site).owner == "4001"


@pytest.mark.rule("FR-9")
async def test_what_nobody_takes_over_is_seen_by_its_owner_and_by_supervision(
    hall: tuple[Site, ManualClock],
) -> None:
    site, clock = hall
    asked = questions.enquire(site, staff="2001", about="files")
    enquiries.refer(site, asked.id, "colleague", staff="2001", to="4001")
    clock.advance(11 * 60)
    async with desk(site, "guide", staff="2001") as (_app, pilot):
        await until(pilot, says(pilot, "! 1 overdue"))
        await pilot.press("f11")
        await until(pilot, says(pilot, "not taken over", "! 11 of 10 min"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "It stays yours"))
    other = questions.enquire(site, staff="1001", about="maps", window="1")
    enquiries.refer(site, other.id, "colleague", staff="1001", to="4001")
    clock.advance(11 * 60)
    async with desk(site, "guide", staff="2001", size=(120, 36)) as (_app, pilot):
        await pilot.press("f11")
        await until(pilot, says(pilot, "files", "maps"))  # the guide sees what others left lying, too
    async with desk(site, "supervise", staff="3001") as (_app, pilot):
        await until(pilot, says(pilot, "! 2 overdue"))
        await pilot.press("f2", "1")
        await until(pilot, says(pilot, "吴引 2001", "! 22 of 10 min", "赵一 1001", "! 11 of 10 min"))


@pytest.mark.rule("FR-1")
async def test_what_is_answered_while_the_hall_is_slow_waits_for_its_turn_but_no_key_does(
    hall: tuple[Site, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _clock = hall
    async with desk(site, "guide", staff="2001") as (app, pilot):
        await until(pilot, says(pilot, "rs-001"))
        with kept_waiting(monkeypatch, questions, "receive") as may_go_on:
            await pilot.press("enter", "enter", "f4")
            await until(pilot, says(pilot, "Telephone for the answer"))
            await pilot.press(*"maps", "enter", "enter", "enter")
            await until(pilot, says(pilot, "What becomes of it?"))
            await pilot.press("1")
            await until(pilot, says(pilot, "Note (may stay empty)"))
            await pilot.press("enter")
            may_go_on.set()
        await until(pilot, says(pilot, "Recorded: enquiry 2"))
        assert app.floor is not None
        assert len(app.floor.waiting) == 1


# --- the counter -------------------------------------------------------------------------------------------


@pytest.mark.rule("FR-9")
@pytest.mark.parametrize("size", SIZES)
async def test_who_comes_from_whom_with_what_note_is_seen_before_the_call(
    hall: tuple[Site, ManualClock], size: tuple[int, int]
) -> None:
    site, _clock = hall
    number = serve(site)
    asked = questions.enquire(site, staff="1001", matter="rs-001", window="1", ticket=number)
    enquiries.refer(site, asked.id, "window", staff="1001", to="3", note="check B")
    async with desk(site, "counter", window="3", staff="1003", size=size) as (_app, pilot):
        await until(pilot, says(pilot, "1 sent to you   A001 from 赵一: check B"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "called"))
        await until(pilot, lambda: "1 sent to you" not in text_of(pilot.app))
    assert the_enquiry(site).owner == "1003"


@pytest.mark.rule("FR-4", "FR-9")
async def test_the_ticket_in_hand_is_sent_on_with_the_proposed_outcome(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    serve(site)
    async with desk(site, "counter", window="1", staff="1001") as (_app, pilot):
        await until(pilot, says(pilot, "serving"))
        await pilot.press("f6")
        await until(pilot, says(pilot, "What becomes of it?", "handled", "2 社保二窗"))
        await pilot.press("2")
        await until(pilot, says(pilot, "Note for whoever"))
        await pilot.press(*"please", "enter")
        await until(pilot, says(pilot, "Recorded: enquiry 1"))
    one = the_enquiry(site)
    assert (one.first_responder, one.state, one.owner) == ("1001", "referred", "1001")
    moved = site.store.read(lambda tx: tickets.by_id(tx, one.ticket or 0))
    assert (moved.state, moved.queue) == ("waiting", "@2")


@pytest.mark.rule("FR-9")
async def test_going_in_circles_proposes_the_desk_and_asks_for_a_reason(
    hall: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall
    number = serve(site)
    asked = questions.enquire(site, staff="1001", about="circle", window="1", ticket=number)
    enquiries.refer(site, asked.id, "window", staff="1001", to="2", note="x")
    calling.call(site, "2")
    calling.start(site, "2")
    async with desk(site, "counter", window="2", staff="1002") as (_app, pilot):
        await until(pilot, says(pilot, "serving"))
        await pilot.press("f6", "2")  # back to window 1
        await until(pilot, says(pilot, "Note for whoever"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "sent in a circle", "5 咨询台", "send on all the same"))
        await pilot.press("2")
        await until(pilot, says(pilot, "Reason"))
        await pilot.press(*"must", "enter")
        await until(pilot, says(pilot, "Recorded: enquiry 1, to a window"))
    (one,) = register(site)
    assert [(hop.to_window, hop.reason, hop.is_bounce) for hop in one.referrals] == [
        ("2", None, 0),
        ("1", "must", 1),
    ]


@pytest.mark.rule("ON-2", "ON-3")
async def test_returning_asks_for_the_notice_first(hall: tuple[Site, ManualClock], tmp_path: Path) -> None:
    site, _clock = hall
    number = serve(site)
    async with desk(site, "counter", window="1", staff="1001") as (_app, pilot):
        await until(pilot, says(pilot, "serving"))
        await pilot.press("6")
        await until(pilot, says(pilot, f"One-time notice for {number}", "[ ] 居民身份证"))
        await pilot.press("space")
        await until(pilot, says(pilot, "[x] 居民身份证"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "QH-20261124-001", "1. 户口簿"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Written: QH-20261124-001.pdf", "F10 ("))
    assert (tmp_path / "QH-20261124-001.pdf").read_bytes().startswith(b"%PDF")
    ended = site.store.read(lambda tx: tickets.by_number(tx, site.today(), number))
    assert ended is not None
    assert ended.kind == "returned"


@pytest.mark.rule("ON-2", "ON-3")
async def test_a_notice_that_could_not_be_written_is_said_after_the_step_too(
    hall: tuple[Site, ManualClock], tmp_path: Path
) -> None:
    site, _clock = hall
    serve(site)
    (tmp_path / "QH-20261124-001.pdf").mkdir()
    async with desk(site, "counter", window="1", staff="1001") as (_app, pilot):
        await until(pilot, says(pilot, "serving"))
        await pilot.press("6")
        await until(pilot, says(pilot, "One-time notice for"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "QH-20261124-001"))
        await pilot.press("f2")
        await until(pilot, says(pilot, "The file could not be written", "F10 ("))


@pytest.mark.rule("ON-3")
async def test_a_refusal_without_basis_is_refused_and_loses_nothing(hall: tuple[Site, ManualClock]) -> None:
    site, _clock = hall
    serve(site)
    async with desk(site, "counter", window="1", staff="1001") as (app, pilot):
        await until(pilot, says(pilot, "serving"))
        await pilot.press("6")
        await until(pilot, says(pilot, "One-time notice for"))
        await pilot.press("f5")
        await until(pilot, says(pilot, "not accepted"))
        await pilot.press("f6", "tab", "tab", *"13900000001", "f2")
        kept = ("not accepted", "[still to be found out]", "13900000001")
        await until(pilot, says(pilot, "This notice needs its legal basis", *kept))
        assert misfits(app, written(site)) == []
        await pilot.press(*"not of age", "f2")
        await until(pilot, says(pilot, "QH-20261124-001", "not of age"))


# --- supervision -------------------------------------------------------------------------------------------


@pytest.mark.rule("ON-6", "FR-10")
@pytest.mark.parametrize("size", SIZES)
async def test_supervision_sees_who_came_twice_and_the_figures(
    hall: tuple[Site, ManualClock], tmp_path: Path, size: tuple[int, int]
) -> None:
    site, clock = hall
    for brought in (("居民身份证",), ("户口簿",)):
        one = questions.enquire(site, staff="2001", matter="rs-001", phone="13900000001", name="Zhang")
        notices.notify(site, Wanted(brought=brought), enquiry=one.id, staff="2001")
        enquiries.refer(site, one.id, "handled", staff="2001")
        clock.advance(3600)
    maps = questions.Question(about="maps", window="1")
    enquiries.refer(site, maps, "desk", staff="1001", to="5", note="atlas")
    async with desk(site, "supervise", staff="3001", size=size) as (_app, pilot):
        await pilot.press("f2", "3")
        await until(pilot, says(pilot, "the notice was incomp"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "First visit", "户口簿", "Second visit"))
        assert "Zhang" not in text_of(pilot.app)
        await pilot.press("escape", "f2", "4")
        await until(pilot, says(pilot, "2001 吴引", "===="))
        await pilot.press("enter")
        await until(pilot, says(pilot, "1001 赵一", "to the consultation desk", "===="))
        await pilot.press("escape", "f2", "4")
        await until(pilot, says(pilot, "2001 吴引", "===="))
        await pilot.press("f2")
        await until(pilot, says(pilot, "Written: jiaohao-person-2026-11-24.csv"))
    assert (tmp_path / "jiaohao-person-2026-11-24.xlsx").exists()
