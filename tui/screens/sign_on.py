"""Signing on: number, then PIN; who has none yet chooses one and types it twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.signing import has_pin, sign_on
from jiaohao.queue.site import Site
from jiaohao.queue.words import fault_sentence
from jiaohao.store.errors import Fault
from jiaohao.store.values import Staff
from jiaohao.tui.screens.dialogs import Dialog

if TYPE_CHECKING:
    from jiaohao.tui.app import JiaohaoApp

T = TypeVar("T")


class SignOn(Dialog):
    """Asks who is there; gives the staff number of who has signed on."""

    AUTO_FOCUS = "#number"

    def __init__(self, title: str, may: Callable[[str], str | None]) -> None:
        """Let in those against whom ``may``, given a staff number, has nothing to say."""
        super().__init__(title)
        self._may = may
        self._is_first = False
        self._under_way = False

    def compose_question(self) -> ComposeResult:
        """See Dialog."""
        yield Static(Content(_("Staff number")), markup=False)
        yield Input(id="number", compact=True, max_length=20)
        yield Static(Content(_("PIN")), id="pin-label", markup=False)
        yield Input(id="pin", compact=True, password=True, max_length=32)
        yield Static(Content(_("The same PIN once more")), id="again-label", markup=False)
        yield Input(id="again", compact=True, password=True, max_length=32)
        yield Static("", id="sign-on-says", markup=False)

    def on_mount(self) -> None:
        """Ask for the number first."""
        self._show_fields(pin=False)

    def keys(self) -> str:
        """See Dialog."""
        return _("Enter: go on   Esc: back")

    def _show_fields(self, *, pin: bool, again: bool = False) -> None:
        for name, shown in (("pin", pin), ("again", again)):
            self.query_one(f"#{name}").display = shown
            self.query_one(f"#{name}-label").display = shown
        self.query_one("#pin" if pin else "#number").focus()

    def _value(self, selector: str) -> str:
        return self.query_one(selector, Input).value.strip()

    def _say(self, text: str) -> None:
        self.query_one("#sign-on-says", Static).update(Content(clean(text)))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Another number is another person: ask for the PIN anew."""
        if message.input.id == "number" and self.query_one("#pin").display:
            self.query_one("#pin", Input).value = ""
            self.query_one("#again", Input).value = ""
            self._show_fields(pin=False)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go on to the next field, or sign on after the last."""
        message.stop()
        if self._under_way:
            return
        if message.input.id == "number":
            self._ask_for_pin()
        elif message.input.id == "pin" and self._is_first:
            self.query_one("#again").focus()
        else:
            self._sign_on()

    def _ask_for_pin(self) -> None:
        number = clean(self._value("#number"))
        if not number:
            return

        def known(is_set: bool) -> None:  # noqa: FBT001 - an answer, not an option
            if clean(self._value("#number")) != number:
                return  # another was typed meanwhile, and nothing is known of that one
            if (objection := self._may(number)) is not None:
                self._say(objection)
                return
            self._is_first = not is_set
            self._say("" if is_set else _("First sign-on: choose a PIN of six digits or more."))
            self._show_fields(pin=True, again=not is_set)

        self._run(lambda site: has_pin(site, number), known)

    def _sign_on(self) -> None:
        pin = self._value("#pin")
        if self._is_first and pin != self._value("#again"):
            self._say(_("The two are not the same; once more."))
            self._clear()
            return
        number = clean(self._value("#number"))

        def signed_on(person: Staff) -> None:
            self.dismiss(person.no)

        self._run(lambda site: sign_on(site, number, pin), signed_on)

    def _clear(self) -> None:
        for selector in ("#pin", "#again"):
            self.query_one(selector, Input).value = ""
        self.query_one("#pin" if self.query_one("#pin").display else "#number").focus()

    def _run(self, work: Callable[[Site], T], done: Callable[[T], None]) -> None:
        self._under_way = True

        def answer(result: T) -> None:
            self._under_way = False
            if self.is_attached:
                done(result)

        def failed(reason: Refusal | Fault) -> None:
            self._under_way = False
            if not self.is_attached:
                return
            sentence = reason.message if isinstance(reason, Refusal) else fault_sentence(reason.code, "")
            self._say(f"{sentence} [{reason.code}]")
            self._clear()

        cast("JiaohaoApp", self.app).link.do(work, answer, failed)
