"""A form for a span of days, and one of several words that F4 changes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.store.frozen import frozen
from jiaohao.tui.screens.dialogs import Modal
from jiaohao.tui.widgets.dialogkeys import DialogKeys


@frozen
class Days:
    """From one day to another as they were typed, and the key of the word chosen."""

    first: str
    last: str
    choice: str


class DaysForm(Modal[Days | None]):
    """From when to when; Enter goes from the first day to the last, and then gives both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("f4", "other", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#first"

    def __init__(self, title: str, day: str, choices: dict[str, str], f4: str) -> None:
        """With ``day`` in both fields; ``choices`` are words by their keys, ``f4`` says what changes them."""
        super().__init__()
        self._heading, self._day, self._f4 = clean(title), day, f4
        self._choices = list(choices.items())

    def compose(self) -> ComposeResult:
        """The fields, one below the other."""
        keys = [_("Enter: go on"), self._f4 if len(self._choices) > 1 else "", _("Esc: back")]
        with Vertical(id="dialog"):
            yield Static(Content(self._heading), id="dialog-title", markup=False)
            yield Static(id="choice", markup=False)
            yield Static(Content(_("First day (YYYY-MM-DD)")), markup=False)
            yield Input(self._day, id="first", compact=True, max_length=10)
            yield Static(Content(_("Last day (YYYY-MM-DD)")), markup=False)
            yield Input(self._day, id="last", compact=True, max_length=10)
            yield DialogKeys("   ".join(filter(None, keys)))

    def on_mount(self) -> None:
        """Show the first word."""
        self._show()

    def _show(self) -> None:
        words = [word for _key, word in self._choices]
        words[0] = f"[{words[0]}]"
        self.query_one("#choice", Static).update(Content("  ".join(words)))

    def action_other(self) -> None:
        """Another word."""
        self._choices.append(self._choices.pop(0))
        self._show()

    def action_back(self) -> None:
        """Nothing is meant."""
        self.dismiss(None)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """On to the last day, or done."""
        message.stop()
        if message.input.id == "first":
            self.query_one("#last").focus()
            return
        first, last = (clean(self.query_one(name, Input).value) for name in ("#first", "#last"))
        self.dismiss(Days(first, last, self._choices[0][0]))
