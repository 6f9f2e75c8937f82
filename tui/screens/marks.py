"""What counts against members of staff, at any desk: the counts, the entries behind them (AB-10, EV-2)."""

from __future__ import annotations

from jiaohao.queue import marks
from jiaohao.queue.language import gettext as _
from jiaohao.queue.marks import Tally
from jiaohao.queue.site import Site
from jiaohao.queue.words import mark_word
from jiaohao.store.staff_values import Mark
from jiaohao.store.values import Staff
from jiaohao.tui import staffing_text as texts
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Ask, Choice, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.widgets.rows import Column, RowData


def ask_marks(desk: Desk) -> None:
    """Open the list at a desk, where whoever is signed on there may read it."""
    reader = desk.staff
    if reader is None:
        return
    desk.do(lambda site: marks.tallies(site, staff=reader.no), lambda found: _show_list(desk, reader, found))


def _show_list(desk: Desk, reader: Staff, found: tuple[Tally, ...]) -> None:
    columns = (
        Column("who", _("Who")),
        fitting("criticisms", _("Criticisms"), 4, "right"),
        fitting("complaints", _("Complaints"), 4, "right"),
        fitting("least", _("Least sat."), 4, "right"),
        Column("said", "", 19),
    )
    rows = [_row(desk.site, one) for one in found]

    def picked(key: str | None) -> None:
        if key == F2:
            _ask_whom(desk, reader)
        elif key is not None:
            one = next(tally for tally in found if tally.staff == key)
            page = TextPage(texts.person_text(desk.site, key), texts.tally_text(desk.site, one))
            desk.app.push_screen(page, lambda _nothing: ask_marks(desk))

    page = TablePage(
        _("Criticisms and complaints"), columns, rows, empty=_("Nothing is on record."),
        keys=_("Enter: entries"), f2=_("F2: record one"),
    )  # fmt: skip
    desk.app.push_screen(page, picked)


def _row(site: Site, one: Tally) -> RowData:
    is_so = one.is_marked_stand_in or one.is_least_often
    cells = (
        texts.person_text(site, one.staff),
        str(one.criticisms),
        str(one.complaints),
        str(one.least),
        texts.to_look_into() if is_so else "",
    )
    return RowData(one.staff, cells, "warning" if is_so else "")


def _ask_whom(desk: Desk, reader: Staff) -> None:
    people = [Choice(one.no, (texts.person_text(desk.site, one.no),)) for one in desk.hall.staff]
    kinds = [Choice(kind, (mark_word(kind),)) for kind in marks.KINDS]

    def person_picked(person: str | None) -> None:
        if person is not None:
            pick = Pick(texts.person_text(desk.site, person), (Column("kind", _("Kind")),), kinds)
            desk.app.push_screen(pick, lambda kind: kind_picked(person, kind))

    def kind_picked(person: str, kind: str | None) -> None:
        if kind is not None:
            ask = Ask(f"{texts.person_text(desk.site, person)}, {mark_word(kind)}", _("What happened"))
            desk.app.push_screen(ask, lambda note: noted(person, kind, note))

    def noted(person: str, kind: str, note: str | None) -> None:
        if note is not None:
            desk.do(lambda site: marks.add(site, person, kind, staff=reader.no, note=note), recorded)

    def recorded(mark: Mark) -> None:
        who = texts.person_text(desk.site, mark.staff)
        desk.say(_("Recorded: {who}, {kind}.").format(who=who, kind=mark_word(mark.kind)))

    desk.app.push_screen(
        Pick(_("About whom?"), (Column("who", _("Who")),), people, typed=True), person_picked
    )
