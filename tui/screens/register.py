"""The consultation register, searched as one types: who asked what, who advised, what became of it (CR-1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.privacy import Visitor, mask_name, mask_phone, unmask
from jiaohao.queue.registers import Registered, holds, register
from jiaohao.queue.site import Site
from jiaohao.queue.words import channel_word, enquiry_word, outcome_word
from jiaohao.store.values import Enquiry, Referral
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Dialog
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TextPage
from jiaohao.tui.widgets.rows import Column, RowData, Rows

_BACK_DAYS = 30
"""How far back the register goes when more than today is asked for."""


class RegisterPage(Dialog):
    """All that a person may read of the register, newest first; narrowed by each word typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("f2", "further", show=False, priority=True),
    ]

    def __init__(self, site: Site, found: tuple[Registered, ...], *, is_today: bool) -> None:
        """Show ``found``, which is of today alone or goes further back."""
        title = _("Register of today: {count}") if is_today else _("Register of the last 30 days: {count}")
        super().__init__(title.format(count=len(found)))
        self._site = site
        self._found = tuple(sorted(found, key=lambda one: one.enquiry.opened_ms, reverse=True))
        self._is_today = is_today

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Input(compact=True, placeholder=_("Person, matter, number or words of the answer"))
        columns = (
            Column("at", _("Time"), 11), fitting("who", _("First asked"), 8), Column("what", _("About")),
            fitting("now", _("Now"), 8, texts=[_now(one) for one in self._found]),
        )  # fmt: skip
        yield Rows(columns, cursor=True, empty=_("Nothing fits; fewer characters find more."), id="table")

    def on_mount(self) -> None:
        """Everything, before a word was typed."""
        self._narrow("")

    def keys(self) -> str:
        """See Dialog."""
        more = _("F2: last 30 days") if self._is_today else _("F2: today only")
        return "   ".join([_("Enter: all of it"), more, _("Esc: back")])

    def _narrow(self, text: str) -> None:
        rows = [
            RowData(str(one.enquiry.id), _cells(self._site, one), "absent" if one.is_overdue else "")
            for one in self._found
            if holds(self._site, one, text)
        ]
        table = self.query_one("#table", Rows)
        table.show(rows)
        table.move_to(0)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow at each key."""
        self._narrow(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give the selected enquiry."""
        message.stop()
        if (key := self.query_one("#table", Rows).cursor_key) is not None:
            self.dismiss(key)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """A click gives it too."""
        message.stop()
        self.dismiss(message.key)

    def action_further(self) -> None:
        """Look further back, or at today alone again."""
        self.dismiss(F2)

    def action_move(self, by: int) -> None:
        """Select another one while the typing goes on."""
        self.query_one("#table", Rows).action_move(by)


def ask_register(desk: Desk, *, is_today: bool = True) -> None:
    """Open the register at a desk, as far as whoever is signed on there may read it (CR-1, PV-1)."""
    reader = desk.staff
    if reader is None:
        return
    today = date.fromisoformat(desk.site.today())
    since = None if is_today else (today - timedelta(days=_BACK_DAYS)).isoformat()

    def show(found: tuple[Registered, ...]) -> None:
        by_id = {str(one.enquiry.id): one for one in found}

        def picked(key: str | None) -> None:
            if key == F2:
                ask_register(desk, is_today=not is_today)
            elif key is not None:
                _show_whole(desk, by_id[key])

        desk.app.push_screen(RegisterPage(desk.site, found, is_today=is_today), picked)

    desk.do(lambda site: register(site, since=since, reader=reader), show)


def _show_whole(desk: Desk, one: Registered) -> None:
    staff = desk.staff.no if desk.staff else ""
    title = _("Enquiry {id}").format(id=one.enquiry.id)
    has_visitor = bool(one.enquiry.visitor_name or one.enquiry.visitor_phone)

    def read(key: str | None) -> None:
        if key == F2:
            desk.do(lambda site: unmask(site, one.enquiry.id, staff=staff), unmasked)

    def unmasked(visitor: Visitor) -> None:
        text = f"{clean(visitor.name or '-')}\n{clean(visitor.phone or '-')}"
        desk.app.push_screen(TextPage(title, text))

    f2 = _("F2: name and telephone in full (it is recorded)") if has_visitor else ""
    desk.app.push_screen(TextPage(title, whole(desk.site, one), f2=f2), read)


def whole(site: Site, one: Registered) -> str:
    """An enquiry with all that became of it, line by line; who asked stays masked (PV-1)."""
    enquiry = one.enquiry
    facts = [
        (_("Time"), _time(site, enquiry.opened_ms)),
        (_("First asked"), _person(site, enquiry.first_responder)),
        (_("How"), channel_word(enquiry.channel)),
        (_("Number"), one.number or ""),
        (_("About"), enquiry_about(site, enquiry)),
        (_("Visitor"), f"{mask_name(enquiry.visitor_name)} {mask_phone(enquiry.visitor_phone)}".strip()),
        (_("Handed out"), clean(enquiry.handed_out or "")),
        (_("Answers for it"), _person(site, enquiry.owner)),
        (_("Now"), enquiry_word(enquiry.state)),
    ]
    lines = [f"{label}  {fact}" for label, fact in facts if fact]
    for hop in one.referrals:
        lines += ["", *_hop_lines(site, hop)]
    if enquiry.replied_ms is not None:
        lines += [
            "",
            f"{_time(site, enquiry.replied_ms)}  {_('What was answered')}: {clean(enquiry.reply or '')}",
        ]
    return "\n".join(lines)


def _hop_lines(site: Site, hop: Referral) -> list[str]:
    to = " ".join(
        part
        for part in (
            _person(site, hop.to_staff) if hop.to_staff else "",
            _("window {window}").format(window=hop.to_window) if hop.to_window else "",
            _("line {line}").format(line=hop.to_line) if hop.to_line else "",
            _agency(site, hop.to_agency),
        )
        if part
    )
    sender = _person(site, hop.from_staff)
    lines = [f"{_time(site, hop.at_ms)}  {sender}: {outcome_word(hop.outcome)} {to}".rstrip()]
    lines += [
        f"  {label}  {clean(text)}"
        for label, text in ((_("Note"), hop.note), (_("Reason given"), hop.reason))
        if text
    ]
    if hop.accepted_ms is not None and hop.accepted_by is not None:
        lines.append(
            "  " + _("taken over {time} by {who}").format(
                time=_time(site, hop.accepted_ms), who=_person(site, hop.accepted_by)
            )
        )  # fmt: skip
    return lines


def _now(one: Registered) -> str:
    enquiry = one.enquiry
    return outcome_word(enquiry.outcome) if enquiry.outcome else enquiry_word(enquiry.state)


def _cells(site: Site, one: Registered) -> tuple[str, ...]:
    enquiry = one.enquiry
    return (
        local(enquiry.opened_ms, site.hall.timezone).strftime("%m-%d %H:%M"),
        _name(site, enquiry.first_responder),
        enquiry_about(site, enquiry),
        _now(one),
    )


def _time(site: Site, instant_ms: int) -> str:
    return local(instant_ms, site.hall.timezone).strftime("%Y-%m-%d %H:%M")


def _agency(site: Site, code: str | None) -> str:
    # A body may have left the directory since.
    return next((clean(body.name) for body in site.hall.agencies if body.code == code), code or "")


def _name(site: Site, no: str) -> str:
    person = site.directory.staff.get(no)
    return clean(person.name) if person else no


def _person(site: Site, no: str) -> str:
    return f"{_name(site, no)} {no}" if no in site.directory.staff else no


def enquiry_about(site: Site, enquiry: Enquiry) -> str:
    """What an enquiry is about, for staff."""
    matter = site.directory.matters.get(enquiry.matter or "")
    return clean(matter.name if matter else enquiry.about or "")
