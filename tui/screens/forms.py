"""Forms of several fields: who asks what, by telephone mostly, and the one-time notice."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from jiaohao.queue import notices
from jiaohao.queue.clean import clean
from jiaohao.queue.following import IN_PERSON
from jiaohao.queue.language import gettext as _
from jiaohao.queue.notice_text import copies_text
from jiaohao.queue.questions import CHANNELS
from jiaohao.queue.words import channel_word, notice_word
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Matter
from jiaohao.tui.screens.dialogs import Modal
from jiaohao.tui.screens.fields import says
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.rows import Column, RowData, Rows


@frozen
class Caller:
    """What was said on the telephone."""

    channel: str
    about: str = field(repr=False)
    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)


class CallForm(Modal[Caller | None]):
    """Who asks what: by telephone, and by F4 also by fax, by network or in person (FR-1, FR-7)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("f4", "other", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#about"

    def __init__(self, about: str) -> None:
        """``about`` is what was typed or selected before."""
        super().__init__()
        self._about = about
        # In person comes last: mostly a visitor's name is not needed.
        self._channels = sorted(CHANNELS, key=lambda channel: channel == IN_PERSON)

    def compose(self) -> ComposeResult:
        """The fields, one below the other."""
        with Vertical(id="dialog"):
            yield Static(id="dialog-title", markup=False)
            yield Static(Content(_("What about")), markup=False)
            yield Input(self._about, id="about", compact=True, max_length=200)
            yield Static(Content(_("Visitor's name")), markup=False)
            yield Input(id="name", compact=True, max_length=50)
            yield Static(Content(_("Telephone for the answer")), markup=False)
            yield Input(id="phone", compact=True, max_length=30)
            yield DialogKeys(_("Enter: go on   F4: channel   Esc: back"))

    def on_mount(self) -> None:
        """Begin with the telephone."""
        self._show()

    def _show(self) -> None:
        words = [channel_word(channel) for channel in self._channels]
        words[0] = f"[{words[0]}]"
        self.query_one("#dialog-title", Static).update(Content(_("Enquiry") + "   " + "  ".join(words)))

    def action_other(self) -> None:
        """Another channel."""
        self._channels.append(self._channels.pop(0))
        self._show()

    def action_back(self) -> None:
        """Record nothing."""
        self.dismiss(None)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go from field to field; after the last one it is done."""
        message.stop()
        following = {"about": "#name", "name": "#phone"}.get(message.input.id or "")
        if following is not None:
            self.query_one(following).focus()
            return
        about, name, phone = (clean(self.query_one(f"#{f}", Input).value) for f in ("about", "name", "phone"))
        if not about:
            self.query_one("#about").focus()
            return
        self.dismiss(Caller(self._channels[0], about, name or None, phone or None))


class NoticeForm(Modal[notices.Wanted | None]):
    """What was brought is ticked, what is left is the notice's list (ON-2); F5 changes its kind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("f5", "kind", show=False, priority=True),
        Binding("f6", "to_find_out", show=False, priority=True),
        Binding("f7", "oral", show=False, priority=True),
        Binding("space", "tick", show=False),
        Binding("f2", "issue", show=False, priority=True),
    ]
    AUTO_FOCUS = "Rows"

    def __init__(
        self,
        title: str,
        matter: Matter | None,
        *,
        by_phone: bool,
        before: notices.Wanted | None = None,
        said: str = "",
    ) -> None:
        """For a matter of the directory, or for none.

        ``before`` is what was refused, to be said anew; ``said`` is why.
        """
        super().__init__()
        self._heading = clean(title)
        self._matter = matter
        self._by_phone = by_phone
        self._before = before or notices.Wanted(oral=by_phone)
        self._said = said
        place = notices.KINDS.index(self._before.kind)
        self._kinds = [*notices.KINDS[place:], *notices.KINDS[:place]]
        self._brought = set(self._before.brought)
        self._oral = self._before.oral
        self._to_find_out = self._before.to_find_out

    def compose(self) -> ComposeResult:
        """Kind, materials, reason and basis."""
        columns = (Column("tick", "", 3), Column("name", _("Brought: space ticks")), Column("form", "", 14))
        before = self._before
        with Vertical(id="dialog"):
            yield Static(Content(self._heading), id="dialog-title", markup=False)
            yield from says(self._said)
            yield Static(id="kind", markup=False)
            yield Rows(columns, cursor=True, empty=_("No materials are listed."), id="materials")
            yield Static(Content(_("Reason given")), markup=False)
            yield Input(before.reason or "", id="reason", compact=True, max_length=400)
            yield Static(Content(_("Basis")), markup=False)
            yield Input(before.basis or "", id="basis", compact=True, max_length=400)
            yield Static(Content(_("Visitor's telephone (may stay empty)")), id="phone-label", markup=False)
            yield Input(before.phone or "", id="phone", compact=True, max_length=30)
            yield DialogKeys()

    def on_mount(self) -> None:
        """Nothing is ticked yet, or what was before."""
        self.query_one("#materials", Rows).styles.height = min(8, len(self._names) + 1)
        # Who rang up has given it already.
        self.query_one("#phone-label").display = not self._by_phone
        self.query_one("#phone").display = not self._by_phone
        self._show()
        if self._kinds[0] != notices.KINDS[0]:
            self.query_one("#reason").focus()

    @property
    def _names(self) -> list[str]:
        return [material.name for material in self._matter.materials] if self._matter else []

    def _show(self) -> None:
        marks = [
            _("oral") if self._oral else _("written"),
            _("still to be found out") if self._to_find_out else "",
        ]
        words = "  ".join([notice_word(self._kinds[0]), *(f"[{mark}]" for mark in marks if mark)])
        self.query_one("#kind", Static).update(Content(words))
        materials = self._matter.materials if self._matter else ()
        rows = [
            RowData(
                m.name, ("[x]" if m.name in self._brought else "[ ]", clean(m.name), _form(m.form, m.copies))
            )
            for m in materials
        ]
        self.query_one("#materials", Rows).show(rows)
        self.query_one("#materials").display = self._kinds[0] == notices.KINDS[0]
        keys = [_("F2: issue"), _("F5: kind"), _("F6: to find out")]
        keys += [_("F7: oral")] if self._by_phone else []
        self.query_one(DialogKeys).show("   ".join([*keys, _("Tab: fields"), _("Esc: back")]))

    def action_tick(self) -> None:
        """Tick what lies on the counter, or untick it."""
        name = self.query_one("#materials", Rows).cursor_key
        if name is not None:
            self._brought ^= {name}
            self._show()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Enter or a click ticks too."""
        message.stop()
        self.action_tick()

    def action_kind(self) -> None:
        """Another kind of notice."""
        self._kinds.append(self._kinds.pop(0))
        self._show()
        self.query_one("#materials" if self._kinds[0] == notices.KINDS[0] else "#reason").focus()

    def action_to_find_out(self) -> None:
        """Something is still to be found out, or nothing is (ON-5)."""
        self._to_find_out = not self._to_find_out
        self._show()

    def action_oral(self) -> None:
        """Told by telephone, or written after all (ON-4)."""
        self._oral = self._by_phone and not self._oral
        self._show()

    def action_back(self) -> None:
        """Issue none."""
        self.dismiss(None)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter in a field issues it."""
        message.stop()
        self.action_issue()

    def action_issue(self) -> None:
        """Give what it is to say."""
        reason, basis, phone = (
            clean(self.query_one(f"#{name}", Input).value) or None for name in ("reason", "basis", "phone")
        )
        is_list = self._kinds[0] == notices.KINDS[0]
        self.dismiss(
            notices.Wanted(
                self._kinds[0], tuple(self._brought) if is_list else (), basis, reason,
                oral=self._oral, to_find_out=self._to_find_out, phone=phone,
            )
        )  # fmt: skip


def _form(form: str, copies: int) -> str:
    return f"{clean(form)} {copies_text(copies)}".strip()
