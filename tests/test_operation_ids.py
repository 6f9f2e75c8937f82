"""An operation's own id answers for what was done under it, and for nothing else (Q-3, PV-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from every_operation import DAY, EVERY_S, HALL
from jiaohao.queue import issuing, leaves, privacy, questions, seating
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import describe
from jiaohao.store import journal
from refusing import refused

if TYPE_CHECKING:
    from jiaohao.queue.clock import ManualClock
    from jiaohao.queue.site import Site
    from jiaohao.store.values import Entry


def lines(site: Site) -> list[Entry]:
    today = site.today()
    return site.store.read(lambda tx: journal.latest(tx, today, 1000))


@pytest.mark.rule("Q-3")
def test_no_operation_answers_for_an_id_of_another_kind(hall_site: tuple[Site, ManualClock]) -> None:
    site, clock = hall_site
    describe(site.store, HALL, clock)
    seating.sit(site, "3", "1003", op="of a seat")
    issuing.issue(site, "B", op="of a number")
    for at, step in enumerate(DAY):
        clock.advance(EVERY_S)
        before = lines(site)
        other = "of a number" if step.work is seating.sit else "of a seat"
        with pytest.raises(Refusal):
            step(site, other)
        assert lines(site) == before, step.name
        step(site, f"step-{at}")


@pytest.mark.rule("PV-1")
def test_no_id_that_was_used_before_shows_a_name_without_a_line(hall_site: tuple[Site, ManualClock]) -> None:
    site, _clock = hall_site
    names = [
        questions.enquire(site, staff="2001", channel="phone", about="时间", name=name, phone="13912345678")
        for name in ("张三", "李四")
    ]
    planned = leaves.plan(
        site, "1001", from_day="2026-12-10", to_day="2026-12-10", reason="sick", approved_by="4001",
        by="1001", op="of leave",
    )  # fmt: skip
    assert planned.leave.id == names[0].id
    refused("not_allowed", privacy.unmask, site, names[0].id, staff="1001", op="of leave")
    shown = privacy.unmask(site, names[0].id, staff="3001", op="of a name")
    assert privacy.unmask(site, names[0].id, staff="3001", op="of a name") == shown
    refused("not_allowed", privacy.unmask, site, names[0].id, staff="1001", op="of a name")
    refused("busy_try_again", privacy.unmask, site, names[0].id, staff="2001", op="of a name")
    refused("busy_try_again", privacy.unmask, site, names[1].id, staff="3001", op="of a name")
    assert [line.staff for line in lines(site) if line.event == "unmasked"] == ["3001"]
