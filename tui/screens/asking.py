"""What guide and counter do with an enquiry: its outcome, taking over, answers, notices (FR, ON)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from jiaohao.queue import enquiries, notices
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.notice_text import sheet
from jiaohao.queue.privacy import Visitor, mask_name, mask_phone, unmask
from jiaohao.queue.proposal import Asked, Proposal, propose
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.registers import Coming, Owed
from jiaohao.queue.site import Site, new_op
from jiaohao.queue.words import outcome_word, owed_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Enquiry, Notice
from jiaohao.tui import phrases
from jiaohao.tui.screens.dialogs import Ask, Choice, Pick
from jiaohao.tui.screens.forms import Caller, CallForm, NoticeForm
from jiaohao.tui.screens.page import TablePage, TextPage
from jiaohao.tui.screens.work import WorkDesk
from jiaohao.tui.widgets.rows import Column, RowData


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked, before or after it was recorded."""

    about: str | None = None
    matter: str | None = None
    number: str | None = None
    caller: Caller | None = None
    enquiry: int | None = None
    asked: Asked = field(default_factory=Asked)

    @property
    def channel(self) -> str:
        """How it was asked."""
        return self.caller.channel if self.caller else self.asked.channel


class OwedLine(Static):
    """What whoever sits here owes, and who comes; away while there is neither."""

    DEFAULT_CSS = """
    OwedLine { height: 1; padding: 0 1; color: $warning; text-style: bold; display: none; }
    """

    def __init__(self) -> None:
        """Nothing yet."""
        super().__init__(markup=False)

    def show(self, owed: tuple[Owed, ...], coming: tuple[str, ...]) -> None:
        """Show how much, and the words with which the first one comes; what is late stands first."""
        late = sum(1 for one in owed if one.is_overdue)
        parts = [_("! {count} overdue").format(count=late)] if late else []
        parts += [_("{count} owed").format(count=len(owed))] if owed else []
        parts += [_("{count} sent to you").format(count=len(coming))] if coming else []
        self.display = bool(parts)
        self.update(Content("   ".join(["F11", *parts, *coming[:1]])))


class AskingDesk(WorkDesk):
    """A desk at which people ask something."""

    OVERSEES: ClassVar[bool] = False
    """Whether everybody's late referrals are shown here too."""

    def window_here(self) -> str | None:
        """The window at which this desk stands, if it is one."""
        return None

    # Outcome

    def ask_outcome(self, subject: Subject) -> None:
        """Propose what becomes of an enquiry; the person confirms or takes another."""
        floor = self.floor
        if floor is None or self.staff is None:
            return
        found = propose(self.site.directory, floor, subject.asked, self.window_here())
        choices = [
            Choice(str(place), (outcome_word(one.outcome), self._leads(one)))
            for place, one in enumerate(found)
        ]

        def picked(key: str | None) -> None:
            if key is not None:
                self._ask_target(subject, found[int(key)])

        columns = (Column("outcome", _("Outcome"), 27), Column("to", _("To")))
        self.app.push_screen(Pick(_("What becomes of it?"), columns, choices), picked)

    def _leads(self, one: Proposal) -> str:
        directory = self.site.directory
        if one.to in directory.windows and one.outcome != "outside":
            window = directory.windows[one.to]
            wait = "" if one.wait_s is None else phrases.wait(one.wait_s)
            return "  ".join(part for part in (f"{clean(window.code)} {clean(window.name)}", wait) if part)
        if one.to is not None:
            return clean(directory.agency(one.to).name)
        return _("choose...") if one.outcome in {"colleague", "window", "outside"} else ""

    def _ask_target(self, subject: Subject, one: Proposal) -> None:
        if one.to is not None or one.outcome in {"handled", "registered"}:
            self._ask_note(subject, one.outcome, one.to)
            return
        hall, floor = self.hall, self.floor
        if one.outcome == "colleague":
            mine = self.staff.no if self.staff else ""
            found = [(p.no, clean(p.name)) for p in hall.staff if p.no != mine]
        elif one.outcome == "outside":
            found = [(agency.code, clean(agency.name)) for agency in hall.agencies]
        else:
            found = [(view.code, clean(view.name)) for view in floor.windows] if floor else []

        def picked(to: str | None) -> None:
            if to is not None:
                self._ask_note(subject, one.outcome, to)

        columns = (Column("code", "", 8), Column("name", _("To")))
        choices = [Choice(code, (code, name)) for code, name in found]
        self.app.push_screen(Pick(outcome_word(one.outcome), columns, choices, typed=True), picked)

    def _ask_note(self, subject: Subject, outcome: str, to: str | None) -> None:
        label = _("Note for whoever takes over (may stay empty)")
        papers = _("Forms and papers handed out (may stay empty)")
        if outcome == "handled":
            label = _("What was answered")
        elif outcome == "outside" and to is not None:
            agency = self.site.directory.agency(to)
            told = "  ".join(clean(part) for part in (agency.address, agency.phone) if part)
            label = _("Tell: {told}. Whom you reached there, if anybody").format(told=told)
        elif outcome == "registered":
            label = _("Note (may stay empty)")

        def noted(note: str | None) -> None:
            if note is None:
                return
            if outcome == "handled":
                self.app.push_screen(Ask(outcome_word(outcome), papers), handed(note))
            else:
                self._refer(subject, outcome, to, note or None, None)

        def handed(note: str) -> Callable[[str | None], None]:
            def given(text: str | None) -> None:
                if text is not None:
                    self._refer(subject, outcome, to, note or None, None, text or None)

            return given

        self.app.push_screen(Ask(outcome_word(outcome), label), noted)

    def _refer(
        self,
        subject: Subject,
        outcome: str,
        to: str | None,
        note: str | None,
        reason: str | None,
        handed_out: str | None = None,
    ) -> None:
        if self.staff is None:
            return
        staff, window, op = self.staff.no, self.window_here(), new_op()
        contacted = outcome == "outside" and note is not None

        def work(site: Site) -> Enquiry:
            one = subject.enquiry or _recorded(site, subject, staff, window, f"{op}:asked")
            return enquiries.refer(
                site,
                one,
                outcome,
                staff=staff,
                to=to,
                note=note,
                reason=reason,
                contacted=contacted,
                handed_out=handed_out,
                op=op,
            )

        def done(after: Enquiry) -> None:
            self.say(
                _("Recorded: enquiry {id}, {outcome}").format(id=after.id, outcome=outcome_word(outcome))
            )
            self.enquiry_done()

        def failed(why: Refusal | Fault) -> None:
            if why.code == "bounce":
                self._ask_bounce(subject, outcome, to, note)

        self.do(work, done, failed)

    def enquiry_done(self) -> None:
        """An enquiry has its outcome; the desk may begin anew."""

    def _ask_bounce(self, subject: Subject, outcome: str, to: str | None, note: str | None) -> None:
        # Proposed is who is there for it; who sends on all the same says why, and it is counted (FR-9).
        kinds = [w for w in self.hall.windows if w.kind in {"desk", "office"}]
        choices = [Choice(w.code, (outcome_word(w.kind), f"{clean(w.code)} {clean(w.name)}")) for w in kinds]
        choices.append(Choice("", (_("send on all the same"), _("a reason is needed"))))
        kind_of = {w.code: w.kind for w in kinds}

        def picked(code: str | None) -> None:
            if code:
                self._refer(subject, kind_of[code], code, note, None)
            elif code == "":
                title = _("The visitor would be sent in a circle")
                self.app.push_screen(Ask(title, _("Reason")), reasoned)

        def reasoned(reason: str | None) -> None:
            if reason:
                self._refer(subject, outcome, to, note, reason)

        columns = (Column("outcome", "", 22), Column("to", ""))
        self.app.push_screen(Pick(_("The visitor would be sent in a circle"), columns, choices), picked)

    # By telephone

    def ask_call(self, about: str, matter: str | None) -> None:
        """Take down an enquiry by telephone, fax or network, then ask what becomes of it (FR-7)."""

        def taken(caller: Caller | None) -> None:
            if caller is not None:
                kept = matter if caller.about == about else None
                self.ask_outcome(Subject(caller.about, kept, None, caller, None, Asked(caller.channel)))

        self.app.push_screen(CallForm(about), taken)

    # What is owed, and who comes

    @property
    def owed(self) -> tuple[Owed, ...]:
        """What whoever is signed on still owes."""
        if self.staff is None:
            return ()
        return self.jiaohao.ledger.owed_by(self.staff.no, oversees=self.OVERSEES)

    @property
    def coming(self) -> tuple[Coming, ...]:
        """Who was sent here and is not accepted yet."""
        return self.jiaohao.ledger.coming_to(self.window_here(), self.staff.no) if self.staff else ()

    def action_owed(self) -> None:
        """What is still owed, oldest first, and who comes; Enter deals with one."""
        coming = {f"come:{one.enquiry.id}": one for one in self.coming}
        owed = {f"owed:{place}": one for place, one in enumerate(self.owed)}
        rows = [
            RowData(key, (_("comes"), self.coming_text(one), one.number or ""), "strong")
            for key, one in coming.items()
        ]
        rows += [
            RowData(key, owed_cells(self.site, one), "absent" if one.is_overdue else "")
            for key, one in owed.items()
        ]
        title = _("Owed: {owed}   Coming: {coming}").format(owed=len(owed), coming=len(coming))

        def picked(key: str | None) -> None:
            if key in coming:
                self._accept(coming[key])
            elif key in owed:
                self._deal_with(owed[key])

        page = TablePage(
            title, owed_columns(), rows, empty=_("Nothing is owed."), keys=_("Enter: deal with it")
        )
        self.app.push_screen(page, picked)

    def coming_text(self, one: Coming) -> str:
        """Who comes, from whom, with what note (FR-9)."""
        sender = self.site.directory.staff.get(one.hop.from_staff)
        name = clean(sender.name) if sender else one.hop.from_staff
        text = _("from {name}: {note}").format(name=name, note=clean(one.hop.note or "-"))
        return "  ".join(part for part in (text, enquiry_about(self.site, one.enquiry)) if part)

    @property
    def coming_texts(self) -> tuple[str, ...]:
        """Who comes, as ``OwedLine`` shows it."""
        return tuple(f"{one.number or ''} {self.coming_text(one)}".strip() for one in self.coming)

    def _accept(self, one: Coming) -> None:
        staff = self.staff.no if self.staff else ""
        number = one.enquiry.id
        self.do(
            lambda site: enquiries.accept(site, number, staff=staff),
            lambda after: self.say(_("Taken over: enquiry {id}").format(id=after.id)),
        )

    def _deal_with(self, one: Owed) -> None:
        if one.notice is not None:
            self._ask_answer(one.notice.serial, one.notice.serial)
        elif one.enquiry is not None and one.kind == "reply":
            self._ask_how(one.enquiry)
        elif one.enquiry is not None and one.kind == "outcome":
            self.ask_outcome(subject_of(self.site, one.enquiry))
        else:
            self.say(_("It stays yours until somebody has taken it over."))

    def _ask_how(self, enquiry: Enquiry) -> None:
        # Whoever calls back needs the number; to see it in full is an act on record (PV-1).
        title = enquiry_about(self.site, enquiry)
        shown = f"{mask_name(enquiry.visitor_name)}  {mask_phone(enquiry.visitor_phone)}".strip()
        staff = self.staff.no if self.staff else ""
        choices = [
            Choice("answer", (_("Record what was answered"), "")),
            Choice("unmask", (_("Show name and telephone (it is recorded)"), shown)),
        ]

        def picked(key: str | None) -> None:
            if key == "answer":
                self._ask_answer(title, enquiry.id)
            elif key == "unmask":
                self.do(lambda site: unmask(site, enquiry.id, staff=staff), unmasked)

        def unmasked(visitor: Visitor) -> None:
            text = f"{visitor.name or '-'}\n{visitor.phone or '-'}"
            self.app.push_screen(TextPage(title, text), lambda _key: self._ask_answer(title, enquiry.id))

        columns = (Column("what", ""), Column("who", "", 20))
        self.app.push_screen(Pick(title, columns, choices), picked)

    def _ask_answer(self, title: str, what: int | str) -> None:
        staff = self.staff.no if self.staff else ""

        def answered(note: str | None) -> None:
            if note is None:
                return
            if isinstance(what, int):
                self.do(lambda site: enquiries.reply(site, what, staff=staff, note=note), told)
            else:
                self.do(lambda site: notices.answer(site, what, staff=staff, note=note), told)

        def told(_after: Enquiry | Notice) -> None:
            self.say(_("Recorded what was answered."))

        self.app.push_screen(Ask(title, _("What was answered")), answered)

    # The one-time notice

    def ask_notice(self, number: str, matter: str | None, then: Callable[[], None] | None = None) -> None:
        """Give the visitor of a ticket the one-time notice, then show its text (ON-2, ON-3)."""
        staff = self.staff.no if self.staff else None

        def wanted(what: notices.Wanted | None) -> None:
            if what is not None:
                op = new_op()
                self.do(lambda site: notices.notify(site, what, number=number, staff=staff, op=op), issued)

        def issued(notice: Notice) -> None:
            def read(key: str | None) -> None:
                if key == "pdf":
                    self._print(notice)
                if then is not None:
                    then()

            text = sheet(self.site, notice).text
            self.app.push_screen(TextPage(_("One-time notice"), text, prints=True), read)

        title = _("One-time notice for {number}").format(number=number)
        found = self.site.directory.matters.get(matter or "")
        self.app.push_screen(NoticeForm(title, found, by_phone=False), wanted)

    def _print(self, notice: Notice) -> None:
        from jiaohao.queue import notice_pdf  # noqa: PLC0415 - only who prints pays for it

        path = Path(f"{notice.serial}.pdf")
        try:
            notice_pdf.write(path, sheet(self.site, notice))
        except OSError as error:
            self.say(_("The file could not be written: {error}").format(error=error.strerror), kind="fault")
            return
        self.say(_("Written: {file}").format(file=path))


def _recorded(site: Site, subject: Subject, staff: str, window: str | None, op: str) -> int:
    caller = subject.caller
    before = enquiries.of_visit(site, subject.number) if subject.number else None
    if before is not None:
        return before.id
    return enquiries.enquire(
        site, staff=staff, channel=subject.channel, matter=subject.matter, about=subject.about, window=window,
        name=caller.name if caller else None, phone=caller.phone if caller else None, ticket=subject.number,
        op=op,
    ).id  # fmt: skip


def subject_of(site: Site, enquiry: Enquiry) -> Subject:
    """An enquiry that was recorded already."""
    matter = site.directory.matters.get(enquiry.matter or "")
    asked = Asked(enquiry.channel, matter.line if matter else None, matter.department if matter else None)
    return Subject(enquiry.about, enquiry.matter, None, None, enquiry.id, asked)


def enquiry_about(site: Site, enquiry: Enquiry) -> str:
    """What an enquiry is about, for staff."""
    matter = site.directory.matters.get(enquiry.matter or "")
    return clean(matter.name if matter else enquiry.about or "")


def owed_columns() -> tuple[Column, ...]:
    """The columns of ``owed_cells``."""
    return (
        Column("kind", _("Owed"), 14),
        Column("what", _("About")),
        Column("age", _("Age of limit"), 14, "right"),
    )


def owed_cells(site: Site, one: Owed) -> tuple[str, ...]:
    """Something owed: what, about what, how long of how long in working time."""
    about = enquiry_about(site, one.enquiry) if one.enquiry else one.notice.serial if one.notice else ""
    late = "! " if one.is_overdue else ""
    age = _("{late}{age} of {limit} min").format(late=late, age=one.age_min, limit=one.limit_min)
    return (owed_word(one.kind), about, age)
