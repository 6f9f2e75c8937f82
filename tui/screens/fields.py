"""Forms made of fields, and lists of people to tick, for what supervision records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.words import fault_sentence
from jiaohao.store.errors import Fault
from jiaohao.store.frozen import frozen
from jiaohao.tui.screens.dialogs import Dialog, Modal
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.rows import Column, RowData, Rows

Values = dict[str, str]
"""What was typed, clean, by the names of the fields."""


@frozen
class Field:
    """One field of a form: its name, what is asked, how many characters at most, and if it may stay empty."""

    name: str
    label: str
    limit: int = 200
    needed: bool = False


def reason_text(reason: Refusal | Fault) -> str:
    """Why something was not done, for the form that asks for it again."""
    return reason.message if isinstance(reason, Refusal) else fault_sentence(reason.code, "")


def says(text: str) -> Iterable[Static]:
    """The line of a form that says why it is asked again; none where there is nothing to say."""
    if text:
        yield Static(Content(clean(text)), id="form-says", markup=False)


class FieldsForm(Modal[Values | None]):
    """Several fields one below the other; gives what was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("f2", "done", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "Input"

    def __init__(self, title: str, fields: Sequence[Field], values: Values, *, said: str = "") -> None:
        """Ask for ``fields``, in which ``values`` stand already; ``said`` is why they were refused before."""
        super().__init__()
        self._said = said
        self._heading = clean(title)
        self._fields = tuple(fields)
        self._values = values

    def compose(self) -> ComposeResult:
        """Title, fields, keys."""
        with Vertical(id="dialog"):
            yield Static(Content(self._heading), id="dialog-title", markup=False)
            yield from says(self._said)
            for field in self._fields:
                yield Static(Content(field.label), markup=False)
                yield Input(
                    self._values.get(field.name, ""), id=field.name, compact=True, max_length=field.limit
                )
            yield DialogKeys(_("Enter: next field   F2: done   Esc: back"))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go from field to field; after the last one it is done."""
        message.stop()
        names = [field.name for field in self._fields]
        place = names.index(message.input.id or "") + 1
        if place < len(names):
            self.query_one(f"#{names[place]}").focus()
        else:
            self.action_done()

    def action_done(self) -> None:
        """Give what was typed, once nothing needed is empty."""
        values = {field.name: clean(self.query_one(f"#{field.name}", Input).value) for field in self._fields}
        empty = next((field for field in self._fields if field.needed and not values[field.name]), None)
        if empty is not None:
            self.query_one(f"#{empty.name}").focus()
            return
        self.dismiss(values)

    def action_back(self) -> None:
        """Record nothing."""
        self.dismiss(None)


class TickPage(Dialog):
    """People to tick, those looked for first; gives the keys of the ticked ones, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", show=False),
        Binding("f2", "done", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        people: Sequence[tuple[str, tuple[str, ...]]],
        *,
        ticked: Iterable[str] = (),
        said: str = "",
    ) -> None:
        """Offer ``people``, by key and cells; ``ticked`` are so already; ``said`` as in ``FieldsForm``."""
        super().__init__(title)
        self._said = said
        self._people = tuple(people)
        self._ticked = set(ticked)

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        columns = (Column("tick", "", 3), Column("who", _("Who")), Column("where", _("Department")))
        yield from says(self._said)
        yield Rows(columns, cursor=True, empty=_("Nobody."), id="table")

    def on_mount(self) -> None:
        """Show them."""
        self._show()

    def keys(self) -> str:
        """See Dialog."""
        return _("Space: tick   F2: done   Esc: back")

    def _show(self) -> None:
        self.query_one("#table", Rows).show(
            [RowData(key, ("[x]" if key in self._ticked else "[ ]", *cells)) for key, cells in self._people]
        )

    def action_tick(self) -> None:
        """Tick somebody, or untick them."""
        if (key := self.query_one("#table", Rows).cursor_key) is not None:
            self._ticked ^= {key}
            self._show()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Enter or a click ticks too."""
        message.stop()
        self.action_tick()

    def action_done(self) -> None:
        """Give who is ticked."""
        self.dismiss("\n".join(key for key, _cells in self._people if key in self._ticked))
