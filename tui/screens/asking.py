"""What is done with an enquiry at a desk: its outcome, calls taken down, the one-time notice (FR, ON)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jiaohao.queue import enquiries, notices
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.proposal import Asked, Proposal, propose
from jiaohao.queue.questions import Question
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site, new_op
from jiaohao.queue.words import outcome_word
from jiaohao.store.errors import Fault
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Enquiry, Notice
from jiaohao.tui import phrases
from jiaohao.tui.screens.dialogs import Ask, Choice, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.owing import OwingDesk
from jiaohao.tui.screens.page import F2, TextPage
from jiaohao.tui.widgets.rows import Column

if TYPE_CHECKING:
    from jiaohao.tui.screens.forms import Caller

_NOTICE = "notice"
"""Beside the outcomes: the notice answers for what is missing, or why not (FR-2)."""


@frozen
class Subject:
    """What is asked, before or after it was recorded."""

    about: str | None = field(default=None, repr=False)
    matter: str | None = None
    number: str | None = None
    caller: Caller | None = None
    enquiry: int | None = None
    asked: Asked = field(default_factory=Asked)

    @property
    def channel(self) -> str:
        """How it was asked."""
        return self.caller.channel if self.caller else self.asked.channel

    def said_at(self, window: str | None) -> int | Question:
        """The enquiry on record, or what is put on record with the next step."""
        if self.enquiry is not None:
            return self.enquiry
        name, phone = (self.caller.name, self.caller.phone) if self.caller else (None, None)
        return Question(self.channel, self.matter, self.about, window, name, phone, self.number)


class AskingDesk(OwingDesk):
    """A desk at which people ask something."""

    # Outcome

    def ask_what_became(self, enquiry: Enquiry) -> None:
        """See OwingDesk."""
        self.ask_outcome(subject_of(self.site, enquiry))

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
        likely = sum(1 for one in found if one.is_likely)
        choices.insert(likely, Choice(_NOTICE, (_("one-time notice"), _("what is missing, or why not"))))

        def picked(key: str | None) -> None:
            if key == _NOTICE:
                self.ask_notice(subject, done=self.enquiry_done)
            elif key is not None:
                self._ask_target(subject, found[int(key)])

        columns = (
            fitting("outcome", _("Outcome"), 8, texts=[choice.cells[0] for choice in choices]),
            Column("to", _("To")),
        )
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
        staff, asked, op = self.staff.no, subject.said_at(self.window_here()), new_op()
        contacted = outcome == "outside" and note is not None

        def work(site: Site) -> Enquiry:
            return enquiries.refer(
                site,
                asked,
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
            elif why.code == "answer_needed":
                self._ask_note(subject, outcome, to)

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
                self.app.push_screen(Ask(title, _("Reason given")), reasoned)

        def reasoned(reason: str | None) -> None:
            if reason:
                self._refer(subject, outcome, to, note, reason)

        columns = (fitting("outcome", "", 8, texts=[choice.cells[0] for choice in choices]), Column("to", ""))
        self.app.push_screen(Pick(_("The visitor would be sent in a circle"), columns, choices), picked)

    # By telephone

    def ask_call(self, about: str, matter: str | None) -> None:
        """Take down who asks what, by telephone mostly, then ask what becomes of it (FR-7)."""
        from jiaohao.tui.screens.forms import CallForm  # noqa: PLC0415 - not before a desk shows anything

        def taken(caller: Caller | None) -> None:
            if caller is not None:
                kept = matter if caller.about == about else None
                asked = _asked(self.site, caller.channel, kept)
                self.ask_outcome(Subject(caller.about, kept, None, caller, None, asked))

        self.app.push_screen(CallForm(about), taken)

    # The one-time notice

    def ask_notice(
        self,
        subject: Subject,
        *,
        done: Callable[[], None] | None = None,
        then: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        """Give a visitor or caller the one-time notice and show its text (ON-2 to ON-4).

        ``done`` is called once it is issued, ``then`` once it was read; that calls in its turn what says
        whether the file was written.
        """
        from jiaohao.queue.notice_text import sheet  # noqa: PLC0415 - not before a desk shows anything
        from jiaohao.tui.screens.fields import reason_text  # noqa: PLC0415
        from jiaohao.tui.screens.forms import NoticeForm  # noqa: PLC0415

        staff, op = self.staff.no if self.staff else "", new_op()
        asked = subject.said_at(self.window_here()) if subject.number is None else None

        def ask(before: notices.Wanted | None = None, said: str = "") -> None:
            by_phone = subject.channel == "phone"
            form = NoticeForm(title, found, by_phone=by_phone, before=before, said=said)
            self.app.push_screen(form, wanted)

        def wanted(what: notices.Wanted | None) -> None:
            if what is not None:
                self.do(work(what), issued, lambda reason: ask(what, reason_text(reason)))

        def work(what: notices.Wanted) -> Callable[[Site], Notice]:
            answers = asked is not None
            return lambda site: notices.notify(
                site, what, number=subject.number, enquiry=asked, staff=staff, answers=answers, op=op
            )

        def issued(notice: Notice) -> None:
            def read(key: str | None) -> None:
                tell = self._print(notice) if key == F2 else lambda: None
                if then is not None:
                    then(tell)
                else:
                    tell()

            if done is not None:
                done()
            self.say(_("Issued: notice {serial}").format(serial=notice.serial))
            text = sheet(self.site, notice).text
            self.app.push_screen(TextPage(_("One-time notice"), text, f2=_("F2: PDF")), read)

        found = self.site.directory.matters.get(subject.matter or "")
        title = _("One-time notice for {number}").format(number=subject.number or clean(subject.about or ""))
        ask()

    def _print(self, notice: Notice) -> Callable[[], None]:
        """Write the notice to its file; what it gives says what became of that."""
        from jiaohao.queue import notice_pdf  # noqa: PLC0415 - only who prints pays for it
        from jiaohao.queue.notice_text import sheet  # noqa: PLC0415

        path = Path(f"{notice.serial}.pdf")
        try:
            notice_pdf.write(path, sheet(self.site, notice))
        except OSError as error:
            text = _("The file could not be written: {error}").format(error=error.strerror)
            return partial(self.say, text, kind="fault")
        return partial(self.say, _("Written: {file}").format(file=path))


def subject_of(site: Site, enquiry: Enquiry) -> Subject:
    """An enquiry that was recorded already."""
    asked = _asked(site, enquiry.channel, enquiry.matter)
    return Subject(enquiry.about, enquiry.matter, None, None, enquiry.id, asked)


def _asked(site: Site, channel: str, code: str | None) -> Asked:
    matter = site.directory.matters.get(code or "")
    return Asked(channel, matter.line if matter else None, matter.department if matter else None)
