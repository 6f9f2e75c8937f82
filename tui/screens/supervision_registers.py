"""What supervision looks into: what is owed, who came twice, the register, the figures (FR-10, ON-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from jiaohao.queue import compliance
from jiaohao.queue.clean import clean
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.registers import Ledger, SecondVisit, read_ledger, second_visits
from jiaohao.queue.words import outcome_word
from jiaohao.store.values import Notice
from jiaohao.tui.screens.asking import AskingDesk
from jiaohao.tui.screens.dialogs import Choice, Pick
from jiaohao.tui.screens.files import write_table
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.owing import owed_cells, owed_columns
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.screens.post_pages import ask_posts
from jiaohao.tui.screens.register import ask_register, enquiry_about
from jiaohao.tui.widgets.rows import Column, RowData

_BARS = {False: 8, True: 40}
"""The longest bar in cells beside the figures, on a small and on a large screen."""
_OUTCOME_BARS = {False: 24, True: 60}
"""The same where there is nothing else."""


class RegistersDesk(AskingDesk):
    """A desk that may read the registers."""

    OVERSEES = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "registers", N_("Registers")),
        Binding("f3", "posts", N_("Posts")),
        Binding("f11", "owed", N_("Owed")),
    ]

    def action_registers(self) -> None:
        """Ask which of them."""
        pages: dict[str, tuple[str, Callable[[], None]]] = {
            "owed": (_("What is owed, by everybody"), self._owed),
            "register": (_("Consultation register"), lambda: ask_register(self)),
            "twice": (_("Visitors who came twice (to be looked into)"), self._twice),
            "person": (_("Figures per person"), lambda: self._figures("person")),
            "window": (_("Figures per window"), lambda: self._figures("window")),
            "department": (_("Figures per department"), lambda: self._figures("department")),
        }
        choices = [Choice(key, (title,)) for key, (title, _open) in pages.items()]

        def picked(key: str | None) -> None:
            if key is not None:
                pages[key][1]()

        self.app.push_screen(Pick(_("Registers"), (Column("what", ""),), choices), picked)

    def action_posts(self) -> None:
        """Who is where, who was away, and what is to be looked into (AB, DC, SA, ST)."""
        ask_posts(self)

    def _owed(self) -> None:
        def show(ledger: Ledger) -> None:
            cells = [owed_cells(self.site, one) for one in ledger.owed]
            rows = [
                RowData(str(place), (self._who(one.owner), *said), "absent" if one.is_overdue else "")
                for place, (one, said) in enumerate(zip(ledger.owed, cells, strict=True))
            ]
            title = _("Owed: {count}").format(count=len(rows))
            columns = (Column("who", _("Who"), 14), *owed_columns(cells))
            self.app.push_screen(TablePage(title, columns, rows, empty=_("Nothing is owed.")))

        self.do(read_ledger, show)

    def _twice(self) -> None:
        staff = self.staff
        if staff is None:
            return

        def show(found: tuple[SecondVisit, ...]) -> None:
            rows = [
                RowData(str(place), (
                    self.clock_time(visit.first.enquiry.opened_ms, "%m-%d %H:%M"),
                    self.clock_time(visit.second.enquiry.opened_ms, "%m-%d %H:%M"),
                    enquiry_about(self.site, visit.second.enquiry),
                    _why(visit),
                ))
                for place, visit in enumerate(found)
            ]  # fmt: skip
            columns = (
                fitting("first", _("First visit"), 11), fitting("second", _("Second visit"), 11),
                Column("what", _("About")), fitting("why", _("To be looked into"), 8, texts=map(_why, found)),
            )  # fmt: skip

            def picked(key: str | None) -> None:
                if key is not None:
                    self.app.push_screen(TextPage(_("Both visits"), self._side_by_side(found[int(key)])))

            title = _("Visitors who came twice (to be looked into)")
            page = TablePage(title, columns, rows, empty=_("Nobody."), keys=_("Enter: both visits"))
            self.app.push_screen(page, picked)

        self.do(lambda site: second_visits(site, staff), show)

    def _side_by_side(self, visit: SecondVisit) -> str:
        parts = [_why(visit), ""]
        for title, one, given in (
            (_("First visit"), visit.first, visit.first_notices),
            (_("Second visit"), visit.second, visit.second_notices),
        ):
            at = self.clock_time(one.enquiry.opened_ms, "%Y-%m-%d %H:%M")
            parts += [
                f"{title}  {at}  {self._who(one.enquiry.first_responder)}",
                "  " + enquiry_about(self.site, one.enquiry),
                *(f"  {_notice_line(notice)}" for notice in given),
                *([] if given else ["  " + _("no notice was given")]),
                "",
            ]
        return "\n".join(parts)

    def _who(self, staff: str) -> str:
        person = self.site.directory.staff.get(staff)
        return clean(f"{person.name} {staff}") if person else staff

    def _figures(self, by: str) -> None:
        staff, today = self.staff, self.site.today()
        if staff is None:
            return
        month = f"{today[:7]}-01"
        width = _BARS[self.has_class("-wide")]

        def show(found: tuple[compliance.Compliance, ...]) -> None:
            most = max((row.first_asked for row in found), default=0) or 1
            rows = [
                RowData(row.code, (
                    clean(f"{row.code} {row.name}"), str(row.first_asked),
                    _bar(row.first_asked, most, width),
                    "-" if row.accepted_s is None else _("{count} s").format(count=row.accepted_s),
                    str(row.bounces), str(row.replies_overdue),
                ))
                for row in found
            ]  # fmt: skip
            columns = (
                Column("name", ""), fitting("asked", _("Asked"), 5, "right"), Column("bar", "", width),
                fitting("accepted", _("Taken over in"), 6, "right"),
                fitting("bounces", _("Bounces"), 4, "right"), fitting("late", _("Late"), 4, "right"),
            )  # fmt: skip

            def picked(key: str | None) -> None:
                if key == F2:
                    write_table(self, f"{by}-{today}", compliance.table(found))
                elif key is not None:
                    self._outcomes(next(row for row in found if row.code == key))

            title = _("First-responder responsibility since {day}").format(day=month)
            page = TablePage(title, columns, rows, keys=_("Enter: outcomes"), f2=_("F2: CSV and xlsx"))
            self.app.push_screen(page, picked)

        self.do(lambda site: compliance.compliance(site, by, month, today, staff=staff.no), show)

    def _outcomes(self, of: compliance.Compliance) -> None:
        width = _OUTCOME_BARS[self.has_class("-wide")]
        most = max(of.outcomes.values(), default=0) or 1
        rows = [
            RowData(outcome, (outcome_word(outcome), str(count), _bar(count, most, width)))
            for outcome, count in of.outcomes.items()
        ]
        columns = (
            Column("what", _("Outcome")),
            fitting("count", _("Count"), 5, "right"),
            Column("bar", "", width),
        )
        self.app.push_screen(TablePage(clean(f"{of.code} {of.name}"), columns, rows))


def _bar(count: int, most: int, width: int) -> str:
    return "=" * -(-count * width // most)


def _why(visit: SecondVisit) -> str:
    return _("no notice was given") if visit.why == "no_notice" else _("the notice was incomplete")


def _notice_line(notice: Notice) -> str:
    return clean("  ".join([notice.serial, *notice.missing, notice.reason or ""]))
