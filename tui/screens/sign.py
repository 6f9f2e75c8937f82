"""The sign above one window: who is called, what is done there, who sits there until when (OP-1, AB-6)."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content

from jiaohao.queue import workdays
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import ABSENT, CLOSED, PAUSED, Floor, WindowView
from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.presence import CONSENTED
from jiaohao.queue.words import post_word, state_word
from jiaohao.tui import phrases
from jiaohao.tui.screens.public import PublicDesk
from jiaohao.tui.widgets.bignumber import BigNumber
from jiaohao.tui.widgets.words import Words


class SignDesk(PublicDesk):
    """For whoever stands before the window: nobody signs on, no key changes anything."""

    CODE = "sign"
    TITLE_ID = N_("Sign")
    DEFAULT_CSS = """
    SignDesk #place { height: 3; padding: 1 2 0 2; text-style: bold; }
    SignDesk #big { width: 100%; height: 1fr; text-align: center; }
    SignDesk #state { height: 1; width: 100%; text-align: center; text-style: bold; }
    SignDesk #state.-absent { background: $error; color: $background; }
    SignDesk #state.-called { background: $accent; color: $background; }
    SignDesk #facts { height: 5; padding: 1 2; }
    """

    def compose_desk(self) -> ComposeResult:
        """See Desk."""
        yield Words(id="place")
        yield BigNumber(id="big")
        yield Words(id="state")
        yield Words(id="facts")

    def show_floor(self, floor: Floor) -> None:
        """See Desk."""
        view = floor.window(self.jiaohao.window or "")
        if view is None:
            self.query_one("#state", Words).update(Content(_("This window is no longer part of the hall.")))
            return
        self.query_one("#place", Words).update(
            Content(_("Window {code}  {name}").format(code=clean(view.code), name=clean(view.name)))
        )
        # An empty window shows its own code large: who looks for it must still find it.
        number = view.ticket.number if view.ticket and view.state != ABSENT else view.code
        self.query_one("#big", BigNumber).show(number)
        state = self.query_one("#state", Words)
        state.set_class(view.state == ABSENT, "-absent")
        state.set_class(view.state == "called", "-called")
        state.update(Content(self._state_text(view)))
        self.query_one("#facts", Words).update(Content("\n".join(self._facts(floor, view))))

    def _state_text(self, view: WindowView) -> str:
        if view.state == ABSENT:
            text = _("Away since {since}").format(since=self._time(view.absent_since_ms))
            if view.back_ms:
                text += "   " + _("back at {back}").format(back=self._time(view.back_ms))
            return text
        if view.state == PAUSED and view.back_ms:
            return f"{state_word(view.state)}   " + _("back at {back}").format(back=self._time(view.back_ms))
        if view.ticket is not None:
            return f"{view.ticket.number}  {state_word(view.state)}"
        return state_word(view.state)

    def _facts(self, floor: Floor, view: WindowView) -> list[str]:
        names = {line.code: clean(line.name) for line in floor.lines}
        lines = "  ".join(f"{code} {names.get(code, '')}" for code in view.lines)
        facts = [_("Here: {lines}").format(lines=lines)] if lines else []
        if view.state == ABSENT:
            where = _("Please go to window {codes}").format(codes=phrases.codes(view.go_to))
            facts += [where if view.go_to else _("Please ask the guide.")]
            facts += [phrases.cover(view)] if view.cover else []
        elif view.staff is not None:
            facts.append(self._who_sits(view))
        return facts

    def _who_sits(self, view: WindowView) -> str:
        """Who serves here is public by the hall's own rules; who is served never is (OP-1, PV-1)."""
        person = self.site.directory.staff.get(view.staff or "")
        parts = [clean(person.name) if person else "", view.staff or ""]
        parts += [post_word(view.post)] if view.post and view.post != CONSENTED else []
        span = workdays.open_span(self.hall, self.site.now_ms())
        parts += [_("until {time}").format(time=self._time(span[1]))] if span and view.state != CLOSED else []
        return "  ".join(part for part in parts if part)

    def _time(self, instant_ms: int | None) -> str:
        return self.clock_time(instant_ms, "%H:%M") if instant_ms is not None else "-"
