"""Study meetings, at any desk: the list, planning one, recording who came (ST-1, AB-8)."""

from __future__ import annotations

from jiaohao.queue import meetings
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.meetings import Session, Sessions
from jiaohao.queue.site import Site
from jiaohao.store.values import Staff
from jiaohao.tui import staffing_text as texts
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Ask
from jiaohao.tui.screens.fields import Field, FieldsForm, TickPage, Values, reason_text
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.widgets.rows import Column, RowData


def ask_meetings(desk: Desk) -> None:
    """Open the list at a desk, as far as whoever is signed on there may read it."""
    reader = desk.staff
    if reader is None:
        return
    desk.do(lambda site: meetings.sessions(site, reader), lambda found: _show_list(desk, reader, found))


def _show_list(desk: Desk, reader: Staff, found: Sessions) -> None:
    columns = (
        Column("day", _("Day"), 10),
        Column("span", _("When"), 11),
        fitting("length", _("Length"), 8, "right"),
        fitting("expected", _("Should come"), 4, "right"),
        fitting("came", _("Came"), 4, "right"),
        Column("about", _("Subject")),
    )
    rows = [_row(one) for one in found.sessions]

    def picked(key: str | None) -> None:
        if key == F2:
            _ask_when(desk, reader, {})
        elif key is not None:
            _show_one(desk, reader, next(one for one in found.sessions if str(one.meeting.id) == key))

    title = _("Study meetings: {count}").format(count=len(rows))
    page = TablePage(
        ", ".join(part for part in (title, texts.due_text(found)) if part), columns, rows,
        keys=_("Enter: all of it"), f2=_("F2: plan one"),
    )  # fmt: skip
    desk.app.push_screen(page, picked)


def _row(one: Session) -> RowData:
    meeting = one.meeting
    cells = (
        meeting.day,
        texts.span_text(one),
        texts.hours_text(one),
        str(len(one.expected)),
        "-" if one.came is None else str(len(one.came)),
        ("! " if one.empty else "") + clean(meeting.about or ""),
    )
    return RowData(str(meeting.id), cells, "warning" if one.empty else "dim" if one.came is not None else "")


def _show_one(desk: Desk, reader: Staff, one: Session) -> None:
    def answered(key: str | None) -> None:
        if key == F2:
            _ask_who_came(desk, reader, one)
        else:
            ask_meetings(desk)

    title = _("Study meeting {id}").format(id=one.meeting.id)
    f2 = _("F2: record who came")
    desk.app.push_screen(TextPage(title, texts.session_text(desk.site, one), f2=f2), answered)


def _ask_when(desk: Desk, reader: Staff, values: Values, said: str = "") -> None:
    fields = (
        Field("day", _("Day (YYYY-MM-DD)"), 10, needed=True),
        Field("begins", _("From (HH:MM)"), 5, needed=True),
        Field("ends", _("To (HH:MM), two hours later at least"), 5, needed=True),
        Field("about", _("What it is about")),
    )

    def answered(typed: Values | None) -> None:
        if typed is not None:
            _ask_expected(desk, reader, typed)

    desk.app.push_screen(FieldsForm(_("Plan a study meeting"), fields, values, said=said), answered)


def _ask_expected(desk: Desk, reader: Staff, typed: Values) -> None:
    def planned(one: Session) -> None:
        desk.say(_("Planned: study meeting {id}.").format(id=one.meeting.id))
        _show_one(desk, reader, one)

    def answered(ticked: str | None) -> None:
        if ticked is None:
            _ask_when(desk, reader, typed)
            return
        desk.do(
            lambda site: meetings.plan(
                site, day=typed["day"], begins=typed["begins"], ends=typed["ends"], about=typed["about"],
                expected=ticked.splitlines(), staff=reader.no,
            ),
            planned,
            lambda reason: _ask_when(desk, reader, typed, reason_text(reason)),
        )  # fmt: skip

    desk.app.push_screen(TickPage(_("Who is expected?"), _people(desk.site)), answered)


def _ask_who_came(desk: Desk, reader: Staff, one: Session, said: str = "") -> None:
    def answered(ticked: str | None) -> None:
        if ticked is not None:
            ask = Ask(_("Study meeting {id}").format(id=one.meeting.id), _("Minutes"))
            desk.app.push_screen(ask, lambda minutes: record(ticked.splitlines(), minutes))

    def record(came: list[str], minutes: str | None) -> None:
        if minutes is not None:
            desk.do(
                lambda site: meetings.attend(
                    site, one.meeting.id, came=came, minutes=minutes, staff=reader.no
                ),
                recorded,
                lambda reason: _ask_who_came(desk, reader, one, reason_text(reason)),
            )

    def recorded(held: Session) -> None:
        desk.say(_("Recorded: who came to study meeting {id}.").format(id=held.meeting.id))
        _show_one(desk, reader, held)

    ticked = one.expected if one.came is None else one.came
    people = _people(desk.site, first=(*one.expected, *(one.came or ())))
    desk.app.push_screen(TickPage(_("Who came?"), people, ticked=ticked, said=said), answered)


def _people(site: Site, first: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    departments = {one.code: clean(one.name) for one in site.hall.departments}
    ordered = sorted(site.hall.staff, key=lambda person: person.no not in first)
    return [
        (one.no, (texts.person_text(site, one.no), departments.get(one.department or "", "")))
        for one in ordered
    ]
