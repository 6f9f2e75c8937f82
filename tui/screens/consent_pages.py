"""Consents on the screen: who may sit where they hold no post; given and taken back (AB-5)."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue import consents
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roster_text import name_of
from jiaohao.queue.words import side_word
from jiaohao.store.staff_values import Consent
from jiaohao.tui.screens.days_form import Days, DaysForm
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Confirm, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage
from jiaohao.tui.screens.roster_pages import person_text, staff_pick
from jiaohao.tui.screens.sign_on import SignOn
from jiaohao.tui.widgets.rows import Column, RowData

_ME, _OTHER = "me", "other"


def ask_consents(desk: Desk) -> None:
    """Show the consents that are not over; F2 gives one, Enter takes one back."""
    reader = desk.staff
    if reader is None:
        return

    def show(found: tuple[Consent, ...]) -> None:
        rows = [RowData(str(one.id), _cells(desk, one, found), _style(one)) for one in found]
        columns = (
            Column("who", _("Who"), 13), Column("window", _("Window")), fitting("side", _("Side"), 10),
            Column("by", _("By"), 8), Column("from", _("From"), 5), Column("until", _("Until"), 5),
            fitting("state", _("State"), 13),
        )  # fmt: skip
        by_key = {str(one.id): one for one in found}

        def picked(key: str | None) -> None:
            if key == F2:
                _ask_who(desk)
            elif key is not None and by_key[key].withdrawn_ms is None:
                _take_back(desk, by_key[key])

        title = _("Consents to sit where somebody holds no post: {count}").format(count=len(found))
        page = TablePage(title, columns, rows, keys=_("Enter: take back"), f2=_("F2: agree"))
        desk.app.push_screen(page, picked)

    desk.do(lambda site: consents.consents(site, staff=reader.no), show)


def _cells(desk: Desk, one: Consent, found: tuple[Consent, ...]) -> tuple[str, ...]:
    directory = desk.site.directory
    window = directory.windows.get(one.window)
    return (
        person_text(directory, one.staff), clean(f"{one.window} {window.name if window else ''}"),
        side_word(one.side), name_of(directory, one.given_by), one.from_day[5:], one.until_day[5:],
        _state(one, found),
    )  # fmt: skip


def _state(one: Consent, found: tuple[Consent, ...]) -> str:
    if one.withdrawn_ms is not None:
        return _("withdrawn")
    has_other = any(
        other.withdrawn_ms is None and (other.staff, other.window) == (one.staff, one.window)
        and other.side != one.side and other.from_day <= one.until_day and one.from_day <= other.until_day
        for other in found
    )  # fmt: skip
    return _("both agree") if has_other else _("one side only")


def _style(one: Consent) -> str:
    return "dim" if one.withdrawn_ms is not None else ""


def _ask_who(desk: Desk) -> None:
    windows = [Choice(one.code, (one.code, clean(one.name))) for one in desk.hall.windows]

    def who(staff: str | None) -> None:
        if staff is None:
            return

        def where(window: str | None) -> None:
            if window is not None:
                _ask_days(desk, staff, window)

        columns = (Column("code", "", 8), Column("name", _("Window")))
        desk.app.push_screen(Pick(_("At which window?"), columns, windows, typed=True), where)

    desk.app.push_screen(staff_pick(_("Who is to sit where they hold no post?"), desk.hall.staff), who)


def _ask_days(desk: Desk, staff: str, window: str) -> None:
    words = {_OTHER: _("somebody else agrees, with their PIN")}
    me = desk.staff
    if me is not None and consents.side_of(desk.site.directory, window, staff, me.no):
        words = {_ME: _("I agree"), **words}

    def given(days: Days | None) -> None:
        if days is None:
            return

        def agree(giver: str) -> None:
            desk.do(
                lambda site: consents.give(
                    site, staff, window, giver=giver, from_day=days.first, until=days.last
                ),
                lambda one: desk.say(_("Agreed for the {side}").format(side=side_word(one.side))),
            )

        _by(desk, staff, window, me.no if me is not None and days.choice == _ME else None, agree)

    title = _("{who} at window {window}").format(who=person_text(desk.site.directory, staff), window=window)
    desk.app.push_screen(DaysForm(title, desk.site.today(), words, _("F4: who agrees")), given)


def _by(desk: Desk, staff: str, window: str, giver: str | None, then: Callable[[str], None]) -> None:
    """Go on with the one who agrees, who signs with their PIN unless they are signed on here."""
    if giver is not None:
        then(giver)
        return

    def may(no: str) -> str | None:
        if consents.side_of(desk.site.directory, window, staff, no) is None:
            return Refusal("not_theirs_to_allow", staff=no).message
        return None

    def signed(no: str | None) -> None:
        if no is not None:
            then(no)

    desk.app.push_screen(SignOn(_("Who agrees?"), may), signed)


def _take_back(desk: Desk, one: Consent) -> None:
    me = desk.staff
    mine = me and consents.side_of(desk.site.directory, one.window, one.staff, me.no) == one.side
    who = person_text(desk.site.directory, one.staff)

    def take(giver: str) -> None:
        desk.do(
            lambda site: consents.withdraw(site, one.staff, one.window, giver=giver),
            lambda taken: desk.say(_("Taken back for the {side}").format(side=side_word(taken.side))),
        )

    def answered(answer: str | None) -> None:
        if answer is not None:
            _by(desk, one.staff, one.window, me.no if me and mine else None, take)

    question = _("From now on the {side} no longer agrees that {who} sits at window {window}.").format(
        side=side_word(one.side), who=who, window=one.window
    )
    desk.app.push_screen(Confirm(_("Take back?"), question), answered)
