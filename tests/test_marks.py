"""What counts against members of staff, and when it is to be looked into (AB-10, EV-2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import marks
from jiaohao.queue.setup import describe
from jiaohao.store import journal
from jiaohao.store.values import Covering
from refusing import refused
from small_hall import small_hall

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site

STAND_IN, RESIDENT = "1005", "1001"


def signs(site: Site, person: str) -> tuple[bool, bool]:
    (one,) = marks.tallies(site, staff="3001", of=person)
    return one.is_marked_stand_in, one.is_least_often


@pytest.mark.rule("AB-10")
def test_a_stand_in_with_two_criticisms_or_complaints_is_to_be_looked_into(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    first = marks.add(site, STAND_IN, "criticism", staff="3001", note="late", op="one")
    assert marks.add(site, STAND_IN, "criticism", staff="3001", op="one") == first
    assert signs(site, STAND_IN) == (False, False)
    clock.advance(86_400)
    second = marks.add(site, STAND_IN, "complaint", staff="4001")
    (one,) = marks.tallies(site, staff="4001")
    assert (one.staff, one.is_stand_in, one.criticisms, one.complaints, one.least) == (
        STAND_IN, True, 1, 1, 0,
    )  # fmt: skip
    assert one.is_marked_stand_in
    assert one.marks == (first, second)
    assert [(mark.day, mark.given_by, mark.note) for mark in one.marks] == [
        ("2026-11-24", "3001", "late"), ("2026-11-25", "4001", None),
    ]  # fmt: skip
    seen = site.store.read(lambda tx: journal.latest(tx, site.today(), 5))
    assert (seen[0].event, seen[0].staff, seen[0].note) == ("marked", "4001", str(second.id))


@pytest.mark.rule("AB-10")
def test_only_stand_ins_and_as_often_as_the_hall_says(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    for person in (STAND_IN, RESIDENT):
        for _time in range(2):
            marks.add(site, person, "complaint", staff="3001")
    assert signs(site, STAND_IN) == (True, False)
    assert signs(site, RESIDENT) == (False, False)
    assert [one.staff for one in marks.tallies(site, staff="3001")] == [STAND_IN, RESIDENT]
    describe(site.store, replace(small_hall(), covering=Covering(times=3)), clock)
    site.reload()
    assert signs(site, STAND_IN) == (False, False)


@pytest.mark.rule("EV-2")
def test_least_satisfactory_three_times_is_to_be_looked_into(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    for _time in range(2):
        marks.add(site, RESIDENT, "least", staff="3001")
    marks.add(site, RESIDENT, "complaint", staff="3001")
    assert signs(site, RESIDENT) == (False, False)
    marks.add(site, RESIDENT, "least", staff="3001")
    assert signs(site, RESIDENT) == (False, True)


@pytest.mark.rule("AB-10", "PV-1")
def test_marks_are_given_and_read_by_supervision_and_managers_alone(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, _clock = hall_site
    for staff in (RESIDENT, "2001"):
        refused("not_allowed", marks.add, site, STAND_IN, "criticism", staff=staff)
        refused("not_allowed", marks.tallies, site, staff=staff)
    refused("unknown_staff", marks.add, site, "9999", "criticism", staff="3001")
    refused("unknown_mark", marks.add, site, STAND_IN, "praise", staff="3001")
    assert marks.tallies(site, staff="3001") == ()
