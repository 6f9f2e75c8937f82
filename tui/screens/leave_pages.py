"""The calendar of leave on the screen: who is away, and which windows would stand empty (AB-2, AB-3)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from rich.cells import cell_len

from jiaohao.queue import leaves
from jiaohao.queue.language import gettext as _
from jiaohao.queue.leaves import Planned
from jiaohao.queue.roster_text import MARK, day_text, few, many
from jiaohao.queue.words import leave_word
from jiaohao.store.values import Staff
from jiaohao.tui.screens.days_form import Days, DaysForm
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Confirm
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.screens.roster_pages import person_text, staff_pick
from jiaohao.tui.widgets.rows import Column, RowData


def ask_leaves(desk: Desk) -> None:
    """Show who is on leave from today on; F2 plans leave, Enter shows what it means, to be given up there."""
    reader = desk.staff
    if reader is None:
        return

    def show(found: tuple[Planned, ...]) -> None:
        rows = [RowData(str(place), _cells(desk, one), _style(one)) for place, one in enumerate(found)]
        reasons = max(cell_len(leave_word(reason)) for reason in leaves.REASONS)
        columns = (
            Column("who", _("Who"), 13), Column("from", _("From"), 5), Column("to", _("Until"), 5),
            fitting("reason", _("Reason"), reasons), Column("empty", _("Windows that would stand empty")),
        )  # fmt: skip

        def picked(key: str | None) -> None:
            if key == F2:
                _plan(desk, reader)
            elif key is not None:
                _show_whole(desk, reader, found[int(key)])

        title = _("Leave from today on: {count}").format(count=len(found))
        page = TablePage(
            title, columns, rows, empty=_("Nobody is on leave."), keys=_("Enter: day by day, give up"),
            f2=_("F2: plan leave"),
        )  # fmt: skip
        desk.app.push_screen(page, picked)

    desk.do(lambda site: leaves.read_leaves(site, staff=reader.no), show)


def _cells(desk: Desk, one: Planned) -> tuple[str, ...]:
    leave = one.leave
    return (
        person_text(desk.site.directory, leave.staff), leave.from_day[5:], leave.to_day[5:],
        leave_word(leave.reason), state_text(one),
    )  # fmt: skip


def _style(one: Planned) -> str:
    return "absent" if one.is_to_look_into else "warning" if one.empty else ""


def state_text(one: Planned) -> str:
    """How often a window would stand empty, and whether a person has to look into it."""
    if not one.empty:
        return ""
    windows = few([window for window, _day in one.empty])
    state = ", ".join(filter(None, [_("to be looked into") if one.is_to_look_into else "", windows]))
    return f"{MARK} {state}"


def _show_whole(desk: Desk, reader: Staff, one: Planned) -> None:
    leave = one.leave
    by_day: dict[str, list[str]] = defaultdict(list)
    for window, day in one.empty:
        by_day[day].append(window)
    lines = [
        f"{leave.from_day} - {leave.to_day}  {leave_word(leave.reason)}",
        _("approved by {who}").format(who=person_text(desk.site.directory, leave.approved_by)),
        "",
        *(
            f"{MARK} {day_text(day)}  " + _("would stand empty: {windows}").format(windows=many(codes))
            for day, codes in by_day.items()
        ),
    ]
    lines += [] if by_day else [_("No window would stand empty.")]
    lines += ["", _("to be looked into")] if one.is_to_look_into else []
    title = person_text(desk.site.directory, leave.staff)

    def read(key: str | None) -> None:
        if key == F2:
            question = _("Leave that has begun ends with yesterday; what was taken stays on record.")
            desk.app.push_screen(Confirm(_("Give up this leave?") + f"  {title}", question), answered)

    def answered(answer: str | None) -> None:
        if answer is not None:
            desk.do(
                lambda site: leaves.cancel(site, leave.staff, from_day=leave.from_day, by=reader.no),
                lambda _ended: desk.say(_("Given up: leave of {who}").format(who=title)),
            )

    desk.app.push_screen(TextPage(title, "\n".join(lines), f2=_("F2: give it up")), read)


def _plan(desk: Desk, reader: Staff) -> None:
    people = desk.hall.staff

    def who(staff: str | None) -> None:
        if staff is not None:
            _ask_approver(desk, reader, staff)

    desk.app.push_screen(staff_pick(_("Leave: who is away?"), people), who)


def _ask_approver(desk: Desk, reader: Staff, staff: str) -> None:
    found = leaves.approvers(desk.site.directory, staff)

    def approved(approver: str | None) -> None:
        if approver is not None:
            _ask_days(desk, reader, staff, approver)

    title = _("Who has agreed to it?")
    desk.app.push_screen(staff_pick(title, found, empty=_("Nobody may agree to it.")), approved)


def _ask_days(desk: Desk, reader: Staff, staff: str, approver: str) -> None:
    first = date.fromisoformat(desk.site.today()) + timedelta(days=desk.hall.covering.notice_days)

    def given(days: Days | None) -> None:
        if days is not None:
            desk.do(
                lambda site: leaves.plan(
                    site, staff, from_day=days.first, to_day=days.last, reason=days.choice,
                    approved_by=approver, by=reader.no,
                ),
                lambda planned: _planned(desk, planned),
            )  # fmt: skip

    title = _("Leave of {who}").format(who=person_text(desk.site.directory, staff))
    words = {reason: leave_word(reason) for reason in leaves.REASONS}
    desk.app.push_screen(DaysForm(title, first.isoformat(), words, _("F4: reason")), given)


def _planned(desk: Desk, planned: Planned) -> None:
    who = person_text(desk.site.directory, planned.leave.staff)
    parts = [_("Planned: leave of {who}").format(who=who)]
    if planned.empty:
        windows = many(window for window, _day in planned.empty)
        parts.append("! " + _("would stand empty: {windows}").format(windows=windows))
    desk.say("   ".join(parts))
