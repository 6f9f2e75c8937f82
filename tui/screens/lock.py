"""The lock of a desk left alone: nothing can be read or pressed behind it until its person is back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.signing import check_pin
from jiaohao.queue.words import fault_sentence
from jiaohao.store.errors import Fault
from jiaohao.store.values import Staff
from jiaohao.tui.screens.dialogs import Confirm
from jiaohao.tui.widgets.dialogkeys import DialogKeys
from jiaohao.tui.widgets.heading import Heading
from jiaohao.tui.widgets.words import Words

if TYPE_CHECKING:
    from jiaohao.tui.app import JiaohaoApp


class Lock(Screen[None]):
    """Asks for the PIN of whoever holds the desk; what stands behind stays, and follows the floor."""

    AUTO_FOCUS = "#pin"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "sign_off", show=False)]

    def __init__(self, desk: str, staff: Staff, window: str | None) -> None:
        """Lock the desk of that name, which holds the seat at ``window`` or at none."""
        super().__init__()
        self._desk, self._staff, self._window = desk, staff, window
        self._under_way = False

    @property
    def jiaohao(self) -> JiaohaoApp:
        """The app, by its own type."""
        return cast("JiaohaoApp", self.app)

    def compose(self) -> ComposeResult:
        """Hall, desk and time; who holds it and since when it is locked; the PIN."""
        site = self.jiaohao.site
        yield Heading(site, self._desk)
        yield Words(id="banner", classes="-away")
        with Vertical(id="dialog"):
            yield Static(
                Content(_("Locked: {desk}").format(desk=self._desk)), id="dialog-title", markup=False
            )
            yield Static(Content(self._text()), markup=False)
            yield Input(id="pin", compact=True, password=True, max_length=32)
            yield Static("", id="sign-on-says", markup=False)
            yield DialogKeys(_("Enter: unlock   F9: sign off   Ctrl+Q: quit"))

    def _text(self) -> str:
        site = self.jiaohao.site
        since = local(site.now_ms(), site.hall.timezone).strftime("%H:%M")
        held = _("{name} {no} holds this desk; it is locked since {time}.")
        lines = [held.format(name=clean(self._staff.name), no=clean(self._staff.no), time=since)]
        if self._window is not None:
            text = _("Window {window} still counts as occupied.")
            lines.append(text.format(window=clean(self._window)))
        ask = _("Enter goes on.") if self.jiaohao.demo else _("Their PIN goes on where they left off:")
        return "\n".join([*lines, "", ask])

    def on_mount(self) -> None:
        """The store may have gone before the desk was locked."""
        self.show_away()

    def show_away(self) -> None:
        """Say that nobody can unlock while the store, which knows the PINs, does not answer."""
        if not self.query(Words):  # the answer was faster than the screen
            return
        away, banner = self.jiaohao.away, self.query_one("#banner", Words)
        banner.display = away is not None
        if away is None:
            self._say("")
            return
        since = local(away.since_ms, self.jiaohao.site.hall.timezone).strftime("%H:%M:%S")
        text = _("!! No answer from the database since {time} [{code}]").format(time=since, code=away.code)
        if not self.jiaohao.demo:
            text += "\n" + _("   This desk stays locked: PINs can be tried when it answers again.")
        banner.update(Content(text))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Unlock, if the PIN is theirs."""
        message.stop()
        pin, number = message.value.strip(), self._staff.no
        if self.jiaohao.demo:
            self.jiaohao.unlock()
        elif pin and not self._under_way:
            self._under_way = True
            self.jiaohao.link.do(
                lambda site: check_pin(site, number, pin), self._right, self._wrong, at_once=True
            )

    def _right(self, _person: Staff) -> None:
        if self.is_attached:
            self.jiaohao.unlock()

    def _wrong(self, reason: Refusal | Fault) -> None:
        self._under_way = False
        if not self.is_attached:
            return
        sentence = reason.message if isinstance(reason, Refusal) else fault_sentence(reason.code, "")
        self._say(f"{sentence} [{reason.code}]")
        self.query_one("#pin", Input).value = ""

    def _say(self, text: str) -> None:
        self.query_one("#sign-on-says", Static).update(Content(clean(text)))

    def action_sign_off(self) -> None:
        """Somebody else takes this terminal."""
        self.jiaohao.action_sign_off()

    def ask_to_leave(self, go: Callable[[], None]) -> None:
        """Ask before what stands behind is given up, then call ``go``."""
        if self.app.screen is self:
            question = _(
                "What was typed here is lost; a number in hand stays at its window. Go all the same?"
            )
            self.app.push_screen(Confirm(_("Leave this desk"), question), lambda yes: go() if yes else None)
