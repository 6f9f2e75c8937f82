"""Getting up from a window: for a moment or longer, why, until when, with what in hand (AB-2)."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from jiaohao.queue import states
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.leaving import BACK, FINISH, HOLD
from jiaohao.queue.presence import REASONS
from jiaohao.queue.words import absence_reason_word
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Ticket
from jiaohao.tui.screens.dialogs import Modal
from jiaohao.tui.screens.fields import says
from jiaohao.tui.widgets.dialogkeys import DialogKeys

_FIELDS = ("back", "reason", "approved", "handover")


@frozen
class Away:
    """What a clerk says on getting up; ``back`` is HH:MM, ``approved_by`` the number of who agreed."""

    leaves: bool
    back: str | None = None
    reason: str | None = None
    approved_by: str | None = None
    handover: str | None = field(default=None, repr=False)
    in_hand: str | None = None


class AwayForm(Modal[Away | None]):
    """Pause or leave; F9 again changes between the two. With a ticket in hand one can only leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("f9", "other", show=False, priority=True),
        Binding("f8", "in_hand", show=False, priority=True),
        Binding("f2", "go", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#back"

    def __init__(
        self, window: str, ticket: Ticket | None, before: Away | None = None, said: str = ""
    ) -> None:
        """Ask about that window; a pause is what is meant most often.

        ``before`` is what was refused, to be said anew; ``said`` is why.
        """
        super().__init__()
        self._window = clean(window)
        self._ticket = ticket
        self._before = before or Away(leaves=False)
        self._said = said
        self._leaves = self._before.leaves or ticket is not None
        self._in_hand = sorted(_choices(ticket), key=lambda choice: choice != self._before.in_hand)

    def compose(self) -> ComposeResult:
        """Which of the two, then the fields."""
        labels = {
            "back": _("Back at (HH:MM, may stay empty)"),
            "reason": _("Reason: a digit, or words"),
            "approved": _("Number of who has agreed (may stay empty)"),
            "handover": _("Note for whoever covers (may stay empty)"),
        }
        before = self._before
        reason = absence_reason_word(before.reason) if before.reason else None
        values = dict(zip(_FIELDS, (before.back, reason, before.approved_by, before.handover), strict=True))
        with Vertical(id="dialog"):
            yield Static(id="dialog-title", markup=False)
            yield from says(self._said)
            yield Static(id="in-hand-line", markup=False)
            for name in _FIELDS:
                yield Static(Content(labels[name]), id=f"{name}-label", markup=False)
                if name == "reason":
                    yield Static(Content(_reasons()), id="reasons", markup=False)
                limit = 5 if name == "back" else 100
                yield Input(values[name] or "", id=name, compact=True, max_length=limit)
            yield DialogKeys()

    def on_mount(self) -> None:
        """Begin with the pause, where there is one."""
        self._show()

    def _show(self) -> None:
        pause = _("[Pause]  Leave   window {window}").format(window=self._window)
        leave = _("Pause  [Leave]   window {window}").format(window=self._window)
        if self._ticket is not None:
            leave = _("Leave window {window}").format(window=self._window)
        self.query_one("#dialog-title", Static).update(Content(leave if self._leaves else pause))
        # A pause has neither reason nor cover: only leaving is recorded with them.
        for name in ("reason", "approved", "handover"):
            self.query_one(f"#{name}-label").display = self._leaves
            self.query_one(f"#{name}").display = self._leaves
        self.query_one("#reasons").display = self._leaves
        line = self.query_one("#in-hand-line", Static)
        line.display = self._ticket is not None
        line.update(Content(self._in_hand_text()))
        keys = [_("Enter: go on"), _("F2: go")]
        keys += [_("F8: number in hand")] if len(self._in_hand) > 1 else []
        keys += [] if self._ticket else [_("F9: pause or leave")]
        self.query_one(DialogKeys).show("   ".join([*keys, _("Esc: back")]))
        self.query_one("#back").focus()

    def _in_hand_text(self) -> str:
        if self._ticket is None:
            return ""
        words = {
            HOLD: _("set {number} aside"),
            BACK: _("{number} waits again, with its wait"),
            FINISH: _("{number} is finished"),
        }
        return words[self._in_hand[0]].format(number=self._ticket.number)

    def action_other(self) -> None:
        """Change between pause and leaving."""
        if self._ticket is None:
            self._leaves = not self._leaves
            self._show()

    def action_in_hand(self) -> None:
        """Something else becomes of the ticket in hand."""
        if self._in_hand:
            self._in_hand.append(self._in_hand.pop(0))
            self._show()

    def action_back(self) -> None:
        """Stay."""
        self.dismiss(None)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go on from field to field when leaving; after the last one, done."""
        message.stop()
        place = _FIELDS.index(message.input.id or "back") + 1
        if self._leaves and place < len(_FIELDS):
            self.query_one(f"#{_FIELDS[place]}").focus()
        else:
            self.action_go()

    def action_go(self) -> None:
        """Give what was said."""
        said = {name: clean(self.query_one(f"#{name}", Input).value) or None for name in _FIELDS}
        back = said["back"].replace("：", ":") if said["back"] else None
        if not self._leaves:
            self.dismiss(Away(leaves=False, back=back))
            return
        self.dismiss(
            Away(
                leaves=True, back=back, reason=_reason_of(said["reason"]), approved_by=said["approved"],
                handover=said["handover"], in_hand=self._in_hand[0] if self._in_hand else None,
            )
        )  # fmt: skip


def _choices(ticket: Ticket | None) -> list[str]:
    if ticket is None:
        return []
    return [HOLD, BACK, FINISH] if ticket.state == states.SERVING else [BACK]


def _reasons() -> str:
    return "  ".join(f"{place} {absence_reason_word(reason)}" for place, reason in enumerate(REASONS, 1))


def _reason_of(said: str | None) -> str | None:
    """The reason that a digit or its word stands for; other words are one's own."""
    words = {absence_reason_word(reason): reason for reason in REASONS}
    digits = {str(place): reason for place, reason in enumerate(REASONS, 1)}
    return None if said is None else digits.get(said) or words.get(said) or said
