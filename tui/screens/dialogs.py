"""What a desk asks: pick one, yes or no, a line of text, why and until when; and its help page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.store.frozen import frozen
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.keybar import applying, key_name
from jiaohao.tui.widgets.rows import Column, RowData, Rows

T = TypeVar("T")

_AROUND_TEXT = 6
"""The rows of a dialog that are not its text: two of them empty, two with the title, two with the keys."""

_DIGITS = "1234567890"
"""The keys by which the first ten are chosen."""


@frozen
class Choice:
    """One thing to pick: its key, its cells, and further words by which it is found."""

    key: str
    cells: tuple[str, ...]
    words: str = ""

    def fits(self, text: str) -> bool:
        """Whether it holds each word of a text."""
        held = " ".join((*self.cells, self.words)).lower()
        return all(word in held for word in clean(text).lower().split())


class Modal(ModalScreen[T]):
    """What stands in front of a desk until it is answered, and is answered once."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """See Screen; only in front: a key that came twice would take away the desk below instead."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Dialog(Modal[str | None]):
    """A question in front of a desk; Esc goes back with None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    AUTO_FOCUS = "Input, Rows, VerticalScroll"

    def __init__(self, title: str) -> None:
        """Ask under that title."""
        super().__init__()
        self._heading = clean(title)

    def compose(self) -> ComposeResult:
        """Title, the question's own part, and the keys."""
        with Vertical(id="dialog"):
            yield Static(Content(self._heading), id="dialog-title", markup=False)
            yield from self.compose_question()
            yield DialogKeys(self.keys())

    def compose_question(self) -> ComposeResult:
        """The question's own part."""
        yield from ()

    def on_resize(self) -> None:
        """A text that is too long scrolls; what stands above and below it stays in sight."""
        for page in self.query("#dialog VerticalScroll"):
            page.styles.max_height = max(1, self.size.height * 95 // 100 - _AROUND_TEXT)

    def keys(self) -> str:
        """The keys that answer, for the last line."""
        return _("Enter: yes   Esc: back")

    def action_back(self) -> None:
        """Go back without an answer."""
        self.dismiss(None)


class Confirm(Dialog):
    """Yes or no; gives "yes" or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "yes", show=False)]

    def __init__(self, title: str, question: str) -> None:
        """Ask ``question``."""
        super().__init__(title)
        self._question = clean(question)

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Static(Content(self._question), markup=False)

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss("yes")


class Ask(Dialog):
    """One line of text; gives it clean, perhaps empty."""

    def __init__(self, title: str, label: str) -> None:
        """Ask for what ``label`` names."""
        super().__init__(title)
        self._label = label

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Static(Content(self._label), markup=False)
        yield Input(compact=True, max_length=200)

    def keys(self) -> str:
        """See Dialog."""
        return _("Enter: go on   Esc: back")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give the text."""
        message.stop()
        self.dismiss(clean(message.value))


class Pick(Dialog):
    """One of several; gives its key. By digit where they are few, else narrowed by typing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        choices: Sequence[Choice],
        *,
        typed: bool = False,
        empty: str = "",
    ) -> None:
        """Offer ``choices``, the first one selected; ``typed`` narrows by typing, not by digit."""
        super().__init__(title)
        self._columns = tuple(columns) if typed else (Column("digit", "", 2), *columns)
        self._choices = tuple(choices)
        self._typed = typed
        self._empty = empty or _("There is nothing to pick.")

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        if self._typed:
            yield Input(compact=True, placeholder=_("Type to narrow"))
        yield Rows(self._columns, cursor=True, empty=self._empty, id="choices")

    def on_mount(self) -> None:
        """Show all choices."""
        rows = self.query_one("#choices", Rows)
        rows.styles.height = min(14, max(2, len(self._choices) + 1))
        self._narrow("")

    def keys(self) -> str:
        """See Dialog."""
        return _("Enter: choose   Esc: back") if self._typed else _("Digit or Enter: choose   Esc: back")

    def _narrow(self, text: str) -> None:
        fitting = [choice for choice in self._choices if choice.fits(text)]
        rows = [
            RowData(choice.key, choice.cells if self._typed else (_DIGITS[place : place + 1], *choice.cells))
            for place, choice in enumerate(fitting)
        ]
        found = self.query_one("#choices", Rows)
        found.show(rows)
        found.move_to(0)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow."""
        self._narrow(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Choose the selected one."""
        message.stop()
        if (key := self.query_one("#choices", Rows).cursor_key) is not None:
            self.dismiss(key)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Choose this one."""
        message.stop()
        self.dismiss(message.key)

    def on_key(self, event: Key) -> None:
        """Choose by digit."""
        if self._typed or event.character is None or event.character not in _DIGITS:
            return
        place = _DIGITS.index(event.character)
        if place < len(self._choices):
            event.stop()
            self.dismiss(self._choices[place].key)

    def action_move(self, by: int) -> None:
        """Move the selection while the text keeps the focus."""
        self.query_one("#choices", Rows).action_move(by)


class Help(Dialog):
    """One page: what a desk is for, and the keys that apply to it now."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,f1", "back", show=False)]

    def __init__(self, title: str, text: str, desk: Screen[None]) -> None:
        """Explain ``desk``; its keys are read now, while it still has them."""
        super().__init__(title)
        self._text = text
        self._keys = [(key_name(key), label) for key, _action, label in applying(desk, everywhere=True)]

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        with VerticalScroll(id="help"):
            if self._text:
                yield Static(Content(self._text + "\n"), markup=False)
            yield Static(Content(_("Keys now:")), markup=False)
            lines = [f"  {key:<10}{label}" for key, label in self._keys]
            lines.append(f"  {'Ctrl+P':<10}" + _("Every command by name"))
            half = -(-len(lines) // 2)
            with Container(id="help-keys"):
                for part in (lines[:half], lines[half:]):
                    yield Static(Content("\n".join(part)), markup=False)

    def keys(self) -> str:
        """See Dialog."""
        return _("Esc: back")
