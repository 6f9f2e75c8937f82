"""What supervision reads of absence: who was away to the minute, what is to be looked into (AB-7, AB-8)."""

from __future__ import annotations

from jiaohao.queue.accounts import Account, read_accounts
from jiaohao.queue.clean import clean
from jiaohao.queue.incidents import Incident, incidents
from jiaohao.queue.language import gettext as _
from jiaohao.queue.presence import ALL_REASONS
from jiaohao.queue.words import absence_reason_word, attempt_word, incident_word, post_word
from jiaohao.store.values import Staff
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import TablePage, TextPage
from jiaohao.tui.widgets.rows import Column, RowData


def ask_absences(desk: Desk) -> None:
    """Everybody who left a window today, newest first; Enter shows all of one."""
    reader, today = desk.staff, desk.site.today()
    if reader is None:
        return

    def show(found: tuple[Account, ...]) -> None:
        newest = tuple(reversed(found))
        rows = [
            RowData(str(place), _account_cells(desk, one), "absent" if one.absence.to_ms is None else "")
            for place, one in enumerate(newest)
        ]
        columns = (
            fitting("window", _("Window"), 4), Column("who", _("Who")), fitting("since", _("From"), 5),
            fitting("to", _("Until"), 5), fitting("minutes", _("Min"), 4, "right"),
            fitting("empty", _("Empty"), 4, "right"),
            fitting("why", _("Reason"), 8, texts=map(absence_reason_word, ALL_REASONS)),
            fitting("agreed", _("Agreed"), 4),
        )  # fmt: skip

        def picked(key: str | None) -> None:
            if key is not None:
                desk.app.push_screen(TextPage(_("Absence"), account_text(desk, newest[int(key)])))

        title = _("Absences of today: {count}").format(count=len(rows))
        page = TablePage(title, columns, rows, empty=_("Nobody has left."), keys=_("Enter: all of it"))
        desk.app.push_screen(page, picked)

    desk.do(lambda site: read_accounts(site, today, today, staff=reader.no), show)


def _account_cells(desk: Desk, one: Account) -> tuple[str, ...]:
    absence = one.absence
    return (
        clean(absence.window), _person(desk, absence.staff), _time(desk, absence.from_ms),
        _time(desk, absence.to_ms), str(one.minutes), str(one.uncovered_min),
        absence_reason_word(absence.reason), _("yes") if absence.approved_by else _("no"),
    )  # fmt: skip


def account_text(desk: Desk, one: Account) -> str:
    """One absence with its cover, line by line."""
    absence = one.absence
    facts = [
        (_("Window"), _window(desk, absence.window)),
        (_("Who"), f"{_person(desk, absence.staff)}  {post_word(absence.post)}"),
        (_("Reason"), absence_reason_word(absence.reason)),
        (_("Agreed"), _person(desk, absence.approved_by) if absence.approved_by else _("no one")),
        (_("From"), _time(desk, absence.from_ms)),
        (_("Expected back"), _time(desk, absence.back_ms)),
        (_("Until"), _time(desk, absence.to_ms)),
        (_("Away"), _("{count} min").format(count=one.minutes)),
        (_("Window empty"), _("{count} min").format(count=one.uncovered_min)),
        (_("Covered"), _covered(desk, one)),
        (_("Counts as"), _to_be_looked_into(one.counts_as) if one.counts_as else ""),
    ]
    lines = [f"{label}  {fact}" for label, fact in facts if fact]
    if one.attempts:
        lines += ["", _("Asked to cover:")]
        lines += [
            f"  {_time(desk, attempt.at_ms)}  {post_word(attempt.post)}  {_person(desk, attempt.staff)}  "
            + attempt_word(attempt.answer)
            for attempt in one.attempts
        ]
    return "\n".join(lines)


def _covered(desk: Desk, one: Account) -> str:
    if one.covered_by_post is None:
        return _("by nobody")
    return f"{post_word(one.covered_by_post)}  {_time(desk, one.covered_ms)}"


def _to_be_looked_into(kind: str) -> str:
    return f"{incident_word(kind)}  ({_('to be looked into')})"


def ask_incidents(desk: Desk) -> None:
    """What is to be looked into since the first of the month, newest first; Enter shows the evidence."""
    reader, today = desk.staff, desk.site.today()
    if reader is None:
        return
    month = f"{today[:7]}-01"

    def show(found: tuple[Incident, ...]) -> None:
        newest = tuple(reversed(found))
        rows = [
            RowData(str(place), _incident_cells(desk, one), "absent" if one.is_higher else "")
            for place, one in enumerate(newest)
        ]
        columns = (
            fitting("day", _("Day"), 5), fitting("window", _("Window"), 4), Column("what", _("Finding")),
            Column("who", _("Who"), 8), fitting("minutes", _("Min"), 4, "right"),
            fitting("times", _("Times here"), 4, "right"),
            fitting("department", _("In department"), 4, "right"),
        )  # fmt: skip

        def picked(key: str | None) -> None:
            if key is not None:
                _show_evidence(desk, reader, newest[int(key)])

        title = _("To be looked into since {day}: {count}").format(day=month, count=len(rows))
        page = TablePage(title, columns, rows, empty=_("Nothing."), keys=_("Enter: evidence"))
        desk.app.push_screen(page, picked)

    desk.do(lambda site: incidents(site, month, today, staff=reader.no), show)


def _incident_cells(desk: Desk, one: Incident) -> tuple[str, ...]:
    return (
        one.day[5:], clean(one.window), ("! " if one.is_higher else "") + incident_word(one.kind),
        _person(desk, one.staff) if one.staff else "", str(one.minutes) if one.minutes else "",
        str(one.times), str(one.times_in_department),
    )  # fmt: skip


def _show_evidence(desk: Desk, reader: Staff, one: Incident) -> None:
    facts = [
        f"{_('Window')}  {_window(desk, one.window)}",
        f"{_('Day')}  {one.day}  {_time(desk, one.from_ms)}-{_time(desk, one.to_ms)}",
        f"{_('Who')}  {_person(desk, one.staff)}" if one.staff else "",
        _("Authorised person asked: {count}").format(count=one.attempts) if one.attempts else "",
        _("Times at this window: {times}, in its department: {all}").format(
            times=one.times, all=one.times_in_department
        ),
        _("From this many times on it is reported higher.") if one.is_higher else "",
    ]
    text = "\n".join([_to_be_looked_into(one.kind), "", *(fact for fact in facts if fact)])
    if one.absence is None:
        desk.app.push_screen(TextPage(_("Evidence"), text))
        return

    def show(found: tuple[Account, ...]) -> None:
        behind = [account_text(desk, told) for told in found if told.absence.id == one.absence]
        desk.app.push_screen(TextPage(_("Evidence"), "\n\n".join([text, *behind])))

    desk.do(lambda site: read_accounts(site, one.day, one.day, one.window, staff=reader.no), show)


def _window(desk: Desk, code: str) -> str:
    window = desk.site.directory.windows.get(code)
    return f"{clean(code)} {clean(window.name)}" if window else clean(code)


def _person(desk: Desk, no: str | None) -> str:
    person = desk.site.directory.staff.get(no or "")
    return clean(person.name) if person else no or ""


def _time(desk: Desk, instant_ms: int | None) -> str:
    return "-" if instant_ms is None else desk.clock_time(instant_ms, "%H:%M")
