"""The one-time notice: everything that is missing is told once, and why not is told with its basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from jiaohao.queue import calling, enquiries, issuing, language, notice_pdf, notices, questions, seating
from jiaohao.queue.notice_text import sheet
from jiaohao.queue.notices import Wanted
from jiaohao.queue.registers import obligations, second_visits
from refusing import refused

if TYPE_CHECKING:
    from pathlib import Path

    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site


@pytest.fixture
def serving(hall_site: tuple[Site, ManualClock]) -> tuple[Site, ManualClock, str]:
    """Somebody stands at window 1 with a matter that needs two materials."""
    site, clock = hall_site
    seating.sit(site, "1", "1001")
    number = issuing.issue(site, "A", matter="rs-001").number
    calling.call(site, "1")
    calling.start(site, "1")
    return site, clock, number


@pytest.mark.rule("ON-1", "ON-2", "FR-2")
def test_what_was_not_brought_is_listed_once_and_whole(serving: tuple[Site, ManualClock, str]) -> None:
    site, _clock, number = serving
    issued = notices.notify(site, Wanted(brought=("居民身份证",)), number=number)
    assert (issued.kind, issued.form, issued.missing) == ("supplement", "written", ("户口簿",))
    assert (issued.staff, issued.window, issued.matter) == ("1001", "1", "rs-001")
    language.use("zh_CN")
    text = sheet(site, issued).text
    for told in (
        "户口簿",
        "复印件",
        "公安机关",
        "受理-审核-办结",
        "5 个工作日",
        "不收费",
        "社会保险法第十条",
    ):
        assert told in text
    assert "居民身份证" not in text
    refused("unknown_material", notices.notify, site, Wanted(brought=("护照",)), number=number)
    refused("nothing_missing", notices.notify, site, Wanted(brought=("居民身份证", "户口簿")), number=number)


@pytest.mark.rule("ON-3")
def test_nothing_is_returned_without_its_notice(serving: tuple[Site, ManualClock, str]) -> None:
    site, _clock, number = serving
    refused("notice_required", calling.finish, site, "1", kind="returned")
    notices.notify(site, Wanted(), number=number)
    assert calling.finish(site, "1", kind="returned").kind == "returned"


@pytest.mark.rule("ON-3")
@pytest.mark.parametrize("kind", ["refusal", "not_ours", "no_permit"])
def test_a_no_needs_its_basis_or_its_reason(serving: tuple[Site, ManualClock, str], kind: str) -> None:
    site, _clock, number = serving
    refused("basis_required", notices.notify, site, Wanted(kind=kind), number=number)
    refused("basis_required", notices.notify, site, Wanted(kind=kind, basis=" ", reason=""), number=number)
    by_basis = notices.notify(site, Wanted(kind=kind, basis="条例第八条"), number=number)
    by_reason = notices.notify(site, Wanted(kind=kind, reason="户籍不在本县"), number=number)
    assert (by_basis.basis, by_reason.reason) == ("条例第八条", "户籍不在本县")
    assert by_basis.missing == ()
    assert "条例第八条" in sheet(site, by_basis).text
    assert ("理由", "户籍不在本县") in sheet(site, by_reason).facts


@pytest.mark.rule("ON-4")
def test_only_by_telephone_is_a_notice_oral(serving: tuple[Site, ManualClock, str]) -> None:
    site, _clock, number = serving
    refused("written_needed", notices.notify, site, Wanted(oral=True), number=number)
    asked = questions.enquire(site, staff="2001", channel="phone", matter="rs-001")
    told = notices.notify(site, Wanted(oral=True), enquiry=asked.id, staff="2001")
    assert (told.form, told.missing) == ("oral", ("居民身份证", "户口簿"))
    refused("not_your_enquiry", notices.notify, site, Wanted(), enquiry=asked.id, staff="1001")
    refused("unknown_enquiry", notices.notify, site, Wanted(), enquiry=99, staff="2001")


@pytest.mark.rule("ON-5")
def test_what_is_unclear_stays_owed_until_the_answer_is_told(serving: tuple[Site, ManualClock, str]) -> None:
    site, clock, number = serving
    issued = notices.notify(site, Wanted(reason="需向医保局核实", to_find_out=True), number=number)
    clock.advance(3600)
    (owed,) = [one for one in obligations(site, "1001") if one.kind == "answer"]
    assert (owed.notice, owed.age_min, owed.limit_min) == (issued, 60, 480)
    refused("answer_needed", notices.answer, site, issued.serial, staff="1001", note=" ")
    refused("not_your_enquiry", notices.answer, site, issued.serial, staff="1002", note="可以办")
    told = notices.answer(site, issued.serial, staff="1001", note="可以办")
    assert (told.answer, told.answered_ms) == ("可以办", clock.now_ms())
    assert not [one for one in obligations(site, "1001") if one.kind == "answer"]


@pytest.mark.rule("ON-6")
@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (None, None, "no_notice"),
        (("居民身份证",), ("户口簿",), "incomplete_notice"),
        ((), (), None),
    ],
    ids=["no notice", "incomplete", "whole"],
)
def test_who_comes_twice_for_lack_of_a_full_notice_is_shown(
    serving: tuple[Site, ManualClock, str],
    first: tuple[str, ...] | None,
    second: tuple[str, ...] | None,
    why: str | None,
) -> None:
    site, clock, _number = serving
    asked = []
    for brought in (first, second):
        one = questions.enquire(site, staff="2001", matter="rs-001", phone="13900000001", window="5")
        if brought is not None:
            notices.notify(site, Wanted(brought=brought), enquiry=one.id, staff="2001")
        enquiries.refer(site, one.id, "handled", staff="2001", note="已告知")
        asked.append(one.id)
        clock.advance(86_400)
    found = second_visits(site, site.directory.person("3001"))
    expected = [] if why is None else [(asked[0], asked[1], why)]
    assert [(v.first.enquiry.id, v.second.enquiry.id, v.why) for v in found] == expected
    refused("not_allowed", second_visits, site, site.directory.person("1001"))


@pytest.mark.rule("ON-6", "FR-1")
def test_a_visitor_who_gives_a_number_with_the_notice_is_known_again(
    serving: tuple[Site, ManualClock, str],
) -> None:
    site, clock, number = serving
    notices.notify(site, Wanted(brought=("居民身份证",), phone="13900000001"), number=number)
    calling.finish(site, "1", kind="returned")
    clock.advance(3600)
    again = questions.receive(site, "A", staff="2001", matter="rs-001")
    calling.call(site, "1")
    calling.start(site, "1")
    notices.notify(site, Wanted(brought=("户口簿",), phone="13900000001"), number=again.number)
    (visit,) = second_visits(site, site.directory.person("3001"))
    assert (visit.first.number, visit.second.number, visit.why) == (number, again.number, "incomplete_notice")
    assert (visit.first.enquiry.first_responder, visit.second.enquiry.first_responder) == ("1001", "2001")


@pytest.mark.rule("FR-2")
def test_nothing_is_handled_without_a_ticket_a_notice_or_an_answer(
    serving: tuple[Site, ManualClock, str],
) -> None:
    site, _clock, number = serving
    asked = questions.enquire(site, staff="2001", matter="rs-001")
    refused("answer_needed", enquiries.refer, site, asked.id, "handled", staff="2001")
    notices.notify(site, Wanted(), enquiry=asked.id, staff="2001")
    assert enquiries.refer(site, asked.id, "handled", staff="2001").state == "closed"
    other = questions.enquire(site, staff="1001", matter="rs-001", ticket=number, window="1")
    assert enquiries.refer(site, other.id, "handled", staff="1001").state == "closed"


@pytest.mark.rule("ON-3")
def test_serial_numbers_have_no_gap_and_a_repeated_operation_issues_once(
    serving: tuple[Site, ManualClock, str],
) -> None:
    site, _clock, number = serving
    first = notices.notify(site, Wanted(), number=number, op="once")
    assert notices.notify(site, Wanted(), number=number, op="once") == first
    refused("basis_required", notices.notify, site, Wanted(kind="refusal"), number=number)
    second = notices.notify(site, Wanted(), number=number)
    assert [first.serial, second.serial] == ["QH-20261124-001", "QH-20261124-002"]


@pytest.mark.rule("ON-1", "ON-3")
@pytest.mark.parametrize("tongue", ["zh_CN", "en"])
def test_the_pdf_says_what_the_screen_says(
    serving: tuple[Site, ManualClock, str], tmp_path: Path, tongue: str
) -> None:
    site, _clock, number = serving
    language.use(tongue)
    issued = notices.notify(site, Wanted(brought=("居民身份证",), reason="请 <补> & 正"), number=number)
    page = sheet(site, issued)
    notice_pdf.write(tmp_path / "notice.pdf", page)
    (paper,) = PdfReader(tmp_path / "notice.pdf").pages
    assert (round(paper.mediabox.width), round(paper.mediabox.height)) == (595, 842)
    printed = "".join(paper.extract_text().split())
    facts = [cell for row in (*page.facts, *page.missing, *page.closing) for cell in row]
    for told in (page.hall, page.title, page.serial, *facts):
        assert "".join(told.split()) in printed


@pytest.mark.rule("ON-3")
def test_no_line_of_the_paper_begins_with_a_comma(
    serving: tuple[Site, ManualClock, str], tmp_path: Path
) -> None:
    site, _clock, number = serving
    told = "，".join(["字" * 31] * 12)  # as many as a line holds
    issued = notices.notify(site, Wanted(kind="refusal", reason=told), number=number)
    notice_pdf.write(tmp_path / "notice.pdf", sheet(site, issued))
    (paper,) = PdfReader(tmp_path / "notice.pdf").pages
    lines = [line for line in paper.extract_text().splitlines() if "字" in line]
    assert len(lines) > 7
    assert not [line for line in lines if line.lstrip().startswith("，")]
