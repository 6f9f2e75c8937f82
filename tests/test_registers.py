"""What is owed, what the register holds, the figures; and nothing personal where it does not belong."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from driving import desk, text_of, until
from jiaohao.queue import (
    adjusting,
    calling,
    compliance,
    enquiries,
    export,
    issuing,
    language,
    leaving,
    marks,
    meetings,
    moving,
    notices,
    privacy,
    questions,
    seating,
)
from jiaohao.queue.notices import Wanted
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.registers import obligations, read_ledger, register
from jiaohao.queue.show import find_ticket
from jiaohao.store import enquiries as table
from jiaohao.store import journal, retention
from jiaohao.store import notices as notices_table
from jiaohao.store.errors import Fault
from jiaohao.store.values import Records
from jiaohao.tui.contract import enquiry_json, floor_json
from jiaohao.tui.log import log_file
from refusing import refused
from small_hall import small_hall, sqlite_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Enquiry

NAME, PHONE, SAID = "欧阳机密", "13987651234", "只有本人知道的事"


@pytest.fixture
def manned(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock]:
    """The small hall with every window manned."""
    site, _clock = hall_site
    for window in "12345":
        seating.sit(site, window, f"100{window}")
    return hall_site


def owed_by(site: Site, staff: str | None = None) -> list[tuple[str, int | None, bool]]:
    found = obligations(site, staff or "3001", of_all=staff is None)
    return [(one.kind, one.enquiry.id if one.enquiry else None, one.is_overdue) for one in found]


def now(site: Site, one: Enquiry) -> Enquiry:
    return site.store.read(lambda tx: table.by_id(tx, one.id))


# --- first contact and what follows the ticket -------------------------------------------------------------


@pytest.mark.rule("FR-1", "FR-4", "FR-9")
def test_a_number_at_the_door_is_the_guides_until_a_window_calls_it(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    ticket = questions.receive(site, "A", staff="2001", matter="rs-001", op="door")
    assert questions.receive(site, "A", staff="2001", matter="rs-001", op="door").id == ticket.id
    (one,) = register(site)
    assert (one.enquiry.first_responder, one.enquiry.owner, one.number, one.hops) == (
        "2001", "2001", ticket.number, 0,
    )  # fmt: skip
    clock.advance(3600)
    assert owed_by(site, "2001") == []  # it waits its turn like everybody
    calling.call(site, "1")
    assert (now(site, one.enquiry).state, now(site, one.enquiry).owner) == ("accepted", "1001")
    calling.start(site, "1")
    calling.finish(site, "1")
    assert now(site, one.enquiry).state == "closed"
    moving.undo(site, ticket.number)
    assert (now(site, one.enquiry).state, now(site, one.enquiry).owner) == ("accepted", "1001")


@pytest.mark.rule("FR-9", "Q-10")
def test_a_call_taken_back_gives_the_visit_back(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    ticket = questions.receive(site, "A", staff="2001")
    calling.call(site, "1")
    moving.undo(site, ticket.number)
    (one,) = register(site)
    assert (one.enquiry.state, one.enquiry.owner) == ("referred", "2001")
    calling.call(site, "2")
    assert now(site, one.enquiry).owner == "1002"


@pytest.mark.rule("FR-4", "FR-9")
def test_moving_a_number_is_a_referral_that_the_mover_owns(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    moving.transfer(site, number, window="3", note="医保事项")
    (one,) = register(site)
    assert (one.enquiry.first_responder, one.enquiry.owner, one.enquiry.state) == ("1001", "1001", "referred")
    (coming,) = read_ledger(site).coming_to({"3"}, "1003")
    assert (coming.hop.from_staff, coming.hop.note) == ("1001", "医保事项")
    assert coming.number == number
    calling.call(site, "3")
    assert read_ledger(site).coming_to({"3"}, "1003") == ()
    refused("bounce", moving.transfer, site, number, window="1")
    moving.transfer(site, number, window="1", note="三窗无权限")
    (one,) = register(site)
    assert [hop.is_bounce for hop in one.referrals] == [0, 1]
    assert (one.hops, now(site, one.enquiry).owner) == (2, "1003")
    moving.undo(site, number)
    (one,) = register(site)
    assert (one.hops, one.enquiry.state, one.enquiry.owner) == (1, "accepted", "1003")


@pytest.mark.rule("Q-3", "FR-9")
def test_who_moves_a_number_from_a_window_that_was_left_is_on_record_and_owns_it(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    seating.sit(site, "3", "1003", alive=True)
    number = questions.receive(site, "B", staff="2001").number
    calling.call(site, "3")
    clock.advance(60)
    leaving.watch(site)  # its terminal is lost, and the number stands there
    moving.transfer(site, number, window="4", note="三窗无人", staff="2001")
    (one,) = register(site)
    assert (one.enquiry.state, one.enquiry.owner) == ("referred", "2001")
    assert (one.referrals[-1].from_staff, one.referrals[-1].from_window) == ("2001", "3")
    assert find_ticket(site, number)[1][-1].staff == "2001"
    calling.call(site, "4")
    refused("bounce", moving.transfer, site, number, window="3", staff="2001")
    moving.transfer(site, number, window="3", note="四窗无权限", staff="2001")
    (one,) = register(site)
    assert [hop.is_bounce for hop in one.referrals] == [0, 0, 1]
    assert one.enquiry.owner == find_ticket(site, number)[1][-1].staff == "2001"  # and not the clerk's


@pytest.mark.rule("Q-10", "FR-9")
def test_a_transfer_taken_back_leaves_the_visit_with_who_was_asked_first(
    manned: tuple[Site, ManualClock],
) -> None:
    site, _clock = manned
    number = issuing.issue(site, "A").number
    asked = questions.enquire(site, staff="2001", about="社保", ticket=number)
    calling.call(site, "1")
    moving.transfer(site, number, window="3")
    assert now(site, asked).owner == "1001"
    moving.undo(site, number)
    assert now(site, asked) == asked
    kept = enquiries.refer(site, asked.id, "registered", staff="2001", note="待复")
    moving.transfer(site, number, window="3")
    moving.undo(site, number)
    assert now(site, asked) == kept


@pytest.mark.rule("HR-2", "FR-7")
def test_the_end_of_the_day_ends_visits_and_no_promise(manned: tuple[Site, ManualClock]) -> None:
    site, clock = manned
    questions.receive(site, "A", staff="2001")
    phoned = questions.enquire(site, staff="2001", channel="phone", about="进度")
    clock.advance(86_400)
    issuing.issue(site, "A")
    assert [one.enquiry.id for one in register(site, open_only=True)] == [phoned.id]


# --- obligations -------------------------------------------------------------------------------------------


@pytest.mark.rule("FR-9")
def test_a_referral_nobody_accepts_is_owed_and_late_after_ten_minutes(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    asked = questions.enquire(site, staff="1001", about="档案", window="1")
    enquiries.refer(site, asked.id, "colleague", staff="1001", to="2001")
    clock.advance(599)
    assert owed_by(site, "1001") == [("referral", asked.id, False)]
    clock.advance(1)
    assert owed_by(site, "1001") == [("referral", asked.id, True)]
    assert owed_by(site) == [("referral", asked.id, True)]
    assert register(site)[0].is_overdue
    enquiries.accept(site, asked.id, staff="2001")
    assert owed_by(site, "1001") == []
    assert owed_by(site, "2001") == [("outcome", asked.id, False)]


@pytest.mark.rule("FR-7", "TS-1")
def test_a_caller_is_owed_an_answer_by_who_was_asked_and_by_who_deals_with_it(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    asked = questions.enquire(site, staff="2001", channel="phone", about="进度", name=NAME, phone=PHONE)
    enquiries.refer(site, asked.id, "registered", staff="2001")
    enquiries.refer(site, asked.id, "colleague", staff="2001", to="1001")
    enquiries.accept(site, asked.id, staff="1001")
    assert owed_by(site, "2001") == owed_by(site, "1001") == [("reply", asked.id, False)]
    refused("answer_needed", enquiries.refer, site, asked.id, "handled", staff="1001")
    clock.advance(8 * 3600)
    assert owed_by(site, "2001") == [("reply", asked.id, True)]
    told = enquiries.reply(site, asked.id, staff="2001", note="明天办结")
    assert (told.replied_ms, told.state) == (clock.now_ms(), "closed")
    assert owed_by(site) == []


@pytest.mark.rule("FR-7")
def test_age_counts_in_working_hours(tmp_path: Path) -> None:
    hall = small_hall(
        spans_min=((540, 720), (780, 1020)), weekdays=(1, 2, 3, 4, 5), records=Records(reply_h=7)
    )
    site, clock = sqlite_site(tmp_path, hall)  # Tuesday 10:05
    asked = questions.enquire(site, staff="2001", channel="phone", about="进度")
    clock.advance(3 * 3600)  # 13:05, an hour of lunch
    assert obligations(site, "2001")[0].age_min == 120
    clock.advance(20 * 3600)  # 09:05 the next day
    assert (obligations(site, "2001")[0].age_min, obligations(site, "2001")[0].is_overdue) == (360, False)
    clock.advance(3600)
    assert owed_by(site) == [("reply", asked.id, True)]
    site.store.close()


@pytest.mark.rule("FR-5")
def test_contact_with_a_body_outside_is_on_record(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", channel="phone", about="起诉")
    done = enquiries.refer(site, asked.id, "outside", staff="2001", to="court", contacted=True)
    assert (done.state, done.reply) == ("closed", "青禾县人民法院")
    assert register(site)[0].referrals[0].contacted == 1


@pytest.mark.rule("FR-8", "CO-1")
def test_a_complaint_opens_its_file_once(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="1001", about="投诉", window="1")
    refused("outcome_needs_target", enquiries.refer, site, asked.id, "supervision", staff="1001")
    for window in ("5", "4"):
        enquiries.refer(site, asked.id, "supervision", staff="1001", to=window, note="本人陈述")
    files = site.store.read(lambda tx: tx.rows("SELECT enquiry, state FROM complaints"))
    assert files == [(asked.id, "taken")]


# --- the consultation register -----------------------------------------------------------------------------


@pytest.mark.rule("CR-1", "CR-2", "ON-4", "TS-1")
def test_the_register_holds_content_time_adviser_and_what_was_handed_out(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    asked = questions.enquire(
        site, staff="1003", about="异地备案怎么办", window="3", handed_out="备案申请表", phone=PHONE
    )
    questions.enquire(site, staff="1001", about="参保", window="1")
    (one,) = register(site, window="3")
    assert (one.enquiry.first_responder, one.enquiry.opened_ms) == ("1003", clock.now_ms())
    assert [found.enquiry.id for found in register(site, text="申请表")] == [asked.id]
    assert len(register(site, reader=site.directory.person("3001"))) == 2
    assert [found.enquiry.id for found in register(site, reader=site.directory.person("1003"))] == [asked.id]
    assert register(site, reader=site.directory.person("1002")) == ()
    enquiries.refer(site, asked.id, "handled", staff="1003", note="已告知", handed_out="办事指南")
    assert now(site, asked).handed_out == "办事指南"


# --- figures -----------------------------------------------------------------------------------------------


@pytest.mark.rule("FR-10")
def test_the_figures_by_person_window_and_department(
    manned: tuple[Site, ManualClock], tmp_path: Path
) -> None:
    site, clock = manned
    today = site.today()
    asked = questions.enquire(site, staff="1001", about="=兜圈", window="1")
    enquiries.refer(site, asked.id, "window", staff="1001", to="3")
    clock.advance(120)
    enquiries.accept(site, asked.id, staff="1003", window="3")
    enquiries.refer(site, asked.id, "window", staff="1003", to="1", reason="材料在一窗")
    questions.enquire(site, staff="2001", channel="phone", about="进度")
    clock.advance(9 * 3600)
    people = {
        row.code: row for row in compliance.compliance(site, "person", today, site.today(), staff="4001")
    }
    assert (people["1001"].first_asked, people["1001"].outcomes["window"]) == (1, 1)
    assert (people["1003"].accepted_s, people["1003"].bounces) == (120, 1)
    assert (people["2001"].replies_overdue, people["1001"].replies_overdue) == (1, 0)
    windows = {
        row.code: row for row in compliance.compliance(site, "window", today, site.today(), staff="4001")
    }
    assert (windows["1"].first_asked, windows["3"].bounces, windows["3"].accepted_s) == (1, 1, 120)
    departments = {
        row.code: row for row in compliance.compliance(site, "department", today, today, staff="4001")
    }
    assert (departments["rs"].first_asked, departments["yb"].bounces) == (2, 1)
    rows = compliance.table(tuple(people.values()))
    rows[1][1] = "=HYPERLINK(1)"
    export.write(tmp_path / "f.csv", rows)
    raw = (tmp_path / "f.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert read[1][1] == "'=HYPERLINK(1)"
    assert [len(row) for row in read] == [len(rows[0])] * len(rows)
    export.write(tmp_path / "f.xlsx", rows)
    assert (tmp_path / "f.xlsx").read_bytes().startswith(b"PK")


# --- privacy -----------------------------------------------------------------------------------------------


@pytest.mark.rule("PV-1")
@pytest.mark.parametrize(
    ("mask", "plain", "shown"),
    [
        (privacy.mask_name, "张三", "张*"),
        (privacy.mask_name, "欧阳修远", "欧*"),
        (privacy.mask_name, None, ""),
        (privacy.mask_phone, "13812341234", "138****1234"),
        (privacy.mask_phone, "5551234", "*******"),
        (privacy.mask_phone, "", ""),
        (privacy.mask_id, "110101199003071234", "110***********1234"),
    ],
)
def test_what_everybody_may_see_of_it(
    mask: Callable[[str | None], str], plain: str | None, shown: str
) -> None:
    assert mask(plain) == shown


@pytest.mark.rule("PV-1")
def test_unmasking_is_for_few_and_on_record(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", channel="phone", about="x", name=NAME, phone=PHONE)
    refused("not_allowed", privacy.unmask, site, asked.id, staff="1001")
    for staff in ("2001", "3001"):
        assert privacy.unmask(site, asked.id, staff=staff) == privacy.Visitor(NAME, PHONE)
    latest = site.store.read(lambda tx: journal.latest(tx, site.today(), 10))
    seen = [(line.event, line.staff, line.note) for line in latest if line.event == "unmasked"]
    assert seen == [("unmasked", "3001", str(asked.id)), ("unmasked", "2001", str(asked.id))]


def plant(site: Site) -> Enquiry:
    """Personal data through every path by which a person can enter some."""
    questions.enquire(site, staff="2001", channel="fax", about=SAID, name=NAME, phone=PHONE)
    asked = questions.enquire(
        site, staff="2001", channel="phone", about=SAID, name=NAME, phone=PHONE, handed_out=SAID
    )
    enquiries.refer(site, asked.id, "colleague", staff="2001", to="1001", note=SAID, reason=SAID)
    enquiries.accept(site, asked.id, staff="1001")
    notice = notices.notify(
        site,
        Wanted(kind="refusal", basis=SAID, reason=SAID, to_find_out=True),
        enquiry=asked.id,
        staff="1001",
    )
    notices.answer(site, notice.serial, staff="1001", note=SAID)
    number = issuing.issue(site, "A").number
    calling.call(site, "1")
    calling.start(site, "1")
    calling.hold(site, "1", note=SAID)
    moving.resume(site, number, "1")
    moving.transfer(site, number, line="B", note=SAID)
    enquiries.reply(site, asked.id, staff="1001", note=SAID)
    leaving.leave(site, "2", reason=SAID, handover=SAID)
    leaving.hand_back(site, "2", staff="1005", note=SAID)
    plant_of_staff(site)
    return asked


def plant_of_staff(site: Site) -> None:
    """The same through the registers of the window staff."""
    change = adjusting.request(
        site, window="1", post="A", entering="1002", consent="4001", why=SAID, staff="4001"
    )
    adjusting.step(site, change.adjustment.id, "consultation", staff="4001", note=SAID)
    planned = meetings.plan(
        site, day=site.today(), begins="10:05", ends="12:05", expected=["1001"], about=SAID, staff="3001"
    )
    meetings.attend(site, planned.meeting.id, came=["1001"], minutes=SAID, staff="3001")
    marks.add(site, "1005", "complaint", staff="3001", note=SAID)


def marked(text: str) -> bool:
    return any(mark in text for mark in (NAME, PHONE, SAID))


@pytest.mark.rule("PV-1")
def test_nothing_personal_is_kept_where_the_retention_job_does_not_know(
    manned: tuple[Site, ManualClock],
) -> None:
    site, _clock = manned
    plant(site)
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if site.store.dialect == "sqlite"
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    )
    held = set()
    for (name,) in site.store.read(lambda tx: tx.rows(tables)):
        for row in site.store.read(lambda tx, name=name: tx.rows(f"SELECT * FROM {name}")):  # noqa: S608
            if marked(str(row)):
                held.add(name)
    assert held == set(retention.PERSONAL)
    for name, columns in retention.PERSONAL.items():
        shown = ", ".join(columns)
        rows = site.store.read(lambda tx, name=name, shown=shown: tx.rows(f"SELECT {shown} FROM {name}"))  # noqa: S608
        for place, column in enumerate(columns):
            assert any(marked(str(row[place])) for row in rows), f"{name}.{column} was never planted"


@pytest.mark.rule("PV-1")
def test_what_is_personal_goes_after_its_time_and_not_what_is_owed(
    manned: tuple[Site, ManualClock],
) -> None:
    site, clock = manned
    plant(site)
    day = site.today()
    clock.advance(731 * 86_400)
    for window in "1345":
        seating.sit(site, window, f"100{window}")  # yesterday's seats have ended
    issuing.issue(site, "A")
    refused("not_allowed", privacy.anonymise, site, staff="1001")
    refused("wrong_date", privacy.anonymise, site, staff="3001", before="someday")
    refused("wrong_date", privacy.anonymise, site, staff="3001", before="2999-01-01")
    assert sum(privacy.anonymise(site, staff="3001", before=day, dry_run=True).rows.values()) == 0
    would = privacy.anonymise(site, staff="3001", dry_run=True)
    assert would.before > day
    assert all(would.rows.values())
    assert marked(str(site.store.read(lambda tx: tx.rows("SELECT * FROM enquiries"))))
    assert privacy.anonymise(site, staff="3001", op="night").rows == would.rows
    assert sum(privacy.anonymise(site, staff="3001", dry_run=True).rows.values()) == 0
    left = [one for one in site.store.read(lambda tx: table.open_ones(tx, None)) if one.visitor_name]
    assert [one.channel for one in left] == ["fax"]  # still to be answered
    for name in retention.PERSONAL:
        rows = site.store.read(lambda tx, name=name: tx.rows(f"SELECT * FROM {name}"))  # noqa: S608
        assert [row for row in rows if marked(str(row))] == [] or name == "enquiries"


@pytest.mark.rule("PV-1")
async def test_nothing_personal_is_seen_where_everybody_looks(tmp_path: Path) -> None:
    site, _clock = sqlite_site(tmp_path)
    for window in "12345":
        seating.sit(site, window, f"100{window}")
    asked = plant(site)
    language.use("zh_CN")
    now_, _forecast = read_floor(site)
    assert not marked(json.dumps(floor_json(now_), ensure_ascii=False))
    assert not marked(str(asdict(now_)))
    (_fax, one) = register(site)[:2]
    answer = enquiry_json(one)
    assert {NAME, PHONE}.isdisjoint(map(str, answer.values()))
    for code, staff in (("wall", None), ("guide", "2001"), ("supervise", "3001")):
        async with desk(site, code, staff=staff, size=(200, 60)) as (app, pilot):
            await pilot.pause(0.3)
            shown = text_of(app)
            assert "青禾县" in shown
            assert not any(mark in shown for mark in (NAME, PHONE))
            if code == "wall":
                assert not marked(shown)
    # A traceback shows the values at hand.
    assert not marked(repr(register(site)))
    assert not marked(repr(site.store.read(lambda tx: notices_table.of_visit(tx, None, asked.id))))
    with pytest.raises(Refusal) as caught:
        enquiries.accept(site, asked.id, staff="1003")
    assert not marked(str(caught.value) + repr(caught.value) + str(caught.value.details))
    site.store.close()


@pytest.mark.rule("PV-1")
def test_a_fault_says_nothing_of_the_row_that_was_refused(manned: tuple[Site, ManualClock]) -> None:
    site, _clock = manned
    asked = questions.enquire(site, staff="2001", channel="phone", about=SAID, name=NAME, phone=PHONE)
    # The server quotes the whole row that it refuses.
    with pytest.raises(Fault) as caught:
        site.store.transact(lambda tx: tx.run("UPDATE enquiries SET state = NULL WHERE id = ?", (asked.id,)))
    assert caught.value.code == "store_refused"
    assert not marked(f"{caught.value} {caught.value!r} {caught.value.detail}")


@pytest.mark.rule("PV-1")
async def test_an_error_of_the_program_ends_it_without_a_word_of_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    site, _clock = sqlite_site(tmp_path)
    asked = questions.enquire(site, staff="2001", channel="phone", about=SAID, name=NAME, phone=PHONE)

    def fails(_site: Site) -> None:
        said, visitor = SAID, asked
        raise KeyError(len(said), visitor.id)

    async def failing() -> None:
        async with desk(site, "guide", staff="2001") as (app, pilot):
            app.link.do(fails, lambda _nothing: None, lambda _reason: None)
            await until(pilot, lambda: not app.is_running)

    with pytest.raises(KeyError):
        await failing()
    shown, log = capsys.readouterr().err, log_file().read_text(encoding="utf-8")
    assert "jiaohao.log" in shown.replace("\n", "")
    assert "KeyError" in log
    assert "in fails" in log
    assert not marked(shown + log)
    site.store.close()
