"""What whoever sits at a desk still owes, and who was sent to them (FR-7, FR-9, ON-5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content

from jiaohao.queue import enquiries, leaving, notices
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.privacy import Visitor, mask_name, mask_phone, unmask
from jiaohao.queue.registers import Coming, Owed, Page
from jiaohao.queue.site import Site
from jiaohao.queue.words import owed_word, post_word
from jiaohao.store.values import Enquiry, Notice
from jiaohao.tui.screens.dialogs import Ask, Choice, Pick
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.screens.register import ask_register, enquiry_about
from jiaohao.tui.screens.work import WorkDesk
from jiaohao.tui.widgets.rows import Column, RowData
from jiaohao.tui.widgets.words import Words

_MANNED_BY_POST = frozenset({"desk", "office", "supervision"})
"""Kinds of window to which people are sent though nobody may sit there at a counter."""


class OwedLine(Words):
    """What whoever sits here owes, and who comes.

    It gives its place away while there is neither; at a counter it is ``kept``, since there it also says
    whose business is carried: the desk must not jump whenever somebody gets up elsewhere.
    """

    DEFAULT_CSS = """
    OwedLine { height: 1; padding: 0 1; color: $warning; text-style: bold; }
    """

    def __init__(self, *, kept: bool = False) -> None:
        """Empty at first."""
        super().__init__()
        self._kept = self.display = kept

    def show(
        self, owed: tuple[Owed, ...], coming: tuple[str, ...], pages: tuple[Page, ...], carried: str
    ) -> None:
        """Show how much, and the words with which the first one comes; what cannot wait stands first.

        ``carried`` are the empty windows whose business is done here meanwhile. The words are people's own,
        and may be longer than the line.
        """
        late = sum(1 for one in owed if one.is_overdue)
        parts = [_("! Cover window {window}").format(window=page.window) for page in pages[:1]]
        parts += [_("! {count} overdue").format(count=late)] if late else []
        parts += [_("{count} owed").format(count=len(owed))] if owed else []
        parts += [_("{count} sent to you").format(count=len(coming))] if coming else []
        also = [_("also for window {codes}").format(codes=carried)] if carried else []
        lead = ["F11", *parts, *also, *coming[:1]] if parts else also
        self.display = self._kept or bool(lead)
        self.update(Content("   ".join(lead)))


class OwingDesk(WorkDesk):
    """A desk whose person answers for enquiries."""

    OVERSEES: ClassVar[bool] = False
    """Whether everybody's late referrals are shown here too."""

    def window_here(self) -> str | None:
        """The window at which this desk stands, if it is one."""
        return None

    def ask_what_became(self, enquiry: Enquiry) -> None:
        """Ask for the outcome of an enquiry that was recorded before."""

    def show_owed(self) -> None:
        """Show in one line what is owed and who comes."""
        carried = self.floor.carries(self.window_here() or "") if self.floor else ()
        codes = " ".join(clean(view.code) for view in carried)
        self.query_one(OwedLine).show(self.owed, self.coming_texts, self.pages, codes)

    @property
    def owed(self) -> tuple[Owed, ...]:
        """What whoever is signed on still owes."""
        if self.staff is None:
            return ()
        return self.jiaohao.ledger.owed_by(self.staff.no, oversees=self.OVERSEES)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The empty windows that whoever is signed on is asked to cover."""
        return self.jiaohao.ledger.pages_for(self.staff.no) if self.staff else ()

    @property
    def coming(self) -> tuple[Coming, ...]:
        """Who was sent here and is not accepted yet."""
        if self.staff is None:
            return ()
        here, mine = self.window_here(), self.staff.no
        windows = {here} if here else {
            post.window
            for post in self.hall.posts
            if post.staff == mine and self.site.directory.windows[post.window].kind in _MANNED_BY_POST
        }  # fmt: skip
        return self.jiaohao.ledger.coming_to(windows, mine)

    def action_owed(self) -> None:
        """What is still owed, oldest first, and who comes; Enter deals with one."""
        coming = {f"come:{one.enquiry.id}": one for one in self.coming}
        owed = {f"owed:{place}": one for place, one in enumerate(self.owed)}
        pages = {f"page:{page.window}": page for page in self.pages}
        rows = [RowData(key, self._page_cells(page), "absent") for key, page in pages.items()]
        rows += [
            RowData(key, (_("comes"), self.coming_text(one), one.number or ""), "strong")
            for key, one in coming.items()
        ]
        rows += [
            RowData(key, owed_cells(self.site, one), "absent" if one.is_overdue else "")
            for key, one in owed.items()
        ]
        title = _("Owed: {owed}   Coming: {coming}").format(owed=len(owed), coming=len(coming))

        def picked(key: str | None) -> None:
            if key in pages:
                self._answer_page(pages[key])
            elif key in coming:
                self._accept(coming[key])
            elif key in owed:
                self._deal_with(owed[key])
            elif key == F2:
                ask_register(self)

        page = TablePage(
            title, owed_columns([row.cells for row in rows]), rows, empty=_("Nothing is owed."),
            keys=_("Enter: deal with it"), f2=_("F2: register"),
        )  # fmt: skip
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

    def _page_cells(self, page: Page) -> tuple[str, str, str]:
        window = self.site.directory.windows.get(page.window)  # it may have left the hall since
        name = f"{clean(page.window)} {clean(window.name)}" if window else clean(page.window)
        since = self.clock_time(page.since_ms, "%H:%M")
        text = _("window {window} is empty since {time}").format(window=name, time=since)
        return (_("cover it"), text, _("is coming") if page.is_coming else post_word(page.post))

    def _answer_page(self, page: Page) -> None:
        """Come, or say at once that one cannot: then the next is asked (AB-2)."""
        staff = self.staff.no if self.staff else ""
        choices = [Choice("come", (_("I am coming"),)), Choice("no", (_("I cannot come"),))]

        def picked(key: str | None) -> None:
            if key is None:
                return
            self.do(
                lambda site: leaving.cover(site, page.window, staff=staff, comes=key == "come"),
                lambda _absence: self.say(
                    _("Go to window {window} and sit down.").format(window=page.window)
                    if key == "come"
                    else _("The next one is asked.")
                ),
            )

        title = _("Cover window {window}?").format(window=page.window)
        self.app.push_screen(Pick(title, (Column("what", ""),), choices), picked)

    def _deal_with(self, one: Owed) -> None:
        if one.notice is not None:
            self._ask_answer(one.notice.serial, one.notice.serial)
        elif one.enquiry is not None and one.kind == "reply":
            self._ask_how(one.enquiry)
        elif one.enquiry is not None and one.kind == "outcome":
            self.ask_what_became(one.enquiry)
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


def owed_columns(rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """The columns of rows like ``owed_cells``: all but the middle one whole."""
    return (
        fitting("kind", _("Owed"), 14, texts=[kind for kind, _what, _age in rows]),
        Column("what", _("About")),
        fitting("age", _("Age of limit"), 14, "right", [age for _kind, _what, age in rows]),
    )


def owed_cells(site: Site, one: Owed) -> tuple[str, str, str]:
    """Something owed: what, about what, how long of how long in working time."""
    about = enquiry_about(site, one.enquiry) if one.enquiry else one.notice.serial if one.notice else ""
    late = "! " if one.is_overdue else ""
    age = _("{late}{age} of {limit} min").format(late=late, age=one.age_min, limit=one.limit_min)
    return (owed_word(one.kind), about, age)
