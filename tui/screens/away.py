"""Getting up from a window: for a moment or for longer, why, and until when (AB-2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _


@dataclass(frozen=True, slots=True)
class Absence:
    """What a clerk says on getting up; ``back`` is HH:MM."""

    leaves: bool
    reason: str | None
    back: str | None


class AwayForm(ModalScreen[Absence | None]):
    """Pause or leave; F9 again changes between the two."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("f9", "other", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#back"

    def __init__(self, window: str) -> None:
        """Ask about that window; a pause is what is meant most often."""
        super().__init__()
        self._window = clean(window)
        self._leaves = False

    def compose(self) -> ComposeResult:
        """Which of the two, then the fields."""
        with Vertical(id="dialog"):
            yield Static(id="dialog-title", markup=False)
            yield Static(Content(_("Back at (HH:MM, may stay empty)")), markup=False)
            yield Input(id="back", compact=True, max_length=5)
            yield Static(Content(_("Reason")), id="reason-label", markup=False)
            yield Input(id="reason", compact=True, max_length=100)
            yield Static(
                Content(_("Enter: go   F9: pause or leave   Esc: back")), id="dialog-keys", markup=False
            )

    def on_mount(self) -> None:
        """Begin with the pause."""
        self._show()

    def _show(self) -> None:
        pause = _("[Pause]  Leave   window {window}").format(window=self._window)
        leave = _("Pause  [Leave]   window {window}").format(window=self._window)
        self.query_one("#dialog-title", Static).update(Content(leave if self._leaves else pause))
        # A pause has no reason: only leaving is recorded with one.
        self.query_one("#reason-label").display = self._leaves
        self.query_one("#reason").display = self._leaves
        self.query_one("#back").focus()

    def action_other(self) -> None:
        """Change between pause and leaving."""
        self._leaves = not self._leaves
        self._show()

    def action_back(self) -> None:
        """Stay."""
        self.dismiss(None)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go on to the reason when leaving, else done."""
        message.stop()
        if self._leaves and message.input.id == "back":
            self.query_one("#reason").focus()
            return
        back = clean(self.query_one("#back", Input).value).replace("：", ":") or None
        reason = clean(self.query_one("#reason", Input).value) or None
        self.dismiss(Absence(self._leaves, reason if self._leaves else None, back))
