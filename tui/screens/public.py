"""What the wall and the signs share: they only show, in words for the public."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from jiaohao.queue.language import N_
from jiaohao.queue.language import gettext as _
from jiaohao.queue.words import speech_sentence
from jiaohao.tui.screens.desk import Desk


class PublicDesk(Desk):
    """A desk for the public: nobody signs on, no key changes anything."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", N_("Quit"))]
    DEFAULT_CSS = """
    PublicDesk KeyBar, PublicDesk #says { display: none; }
    """

    def help_text(self) -> str:
        """See Desk."""
        return _("For the public: nothing is signed on to here, and no key changes anything.")

    def bearing(self) -> object:
        """See Desk: its keys are always the same."""
        return None

    def _banner_lines(self) -> list[str]:
        # What the public has to know, in words of its own; codes and settings are for the other desks.
        floor, away = self.floor, self.jiaohao.away
        lines = []
        if away is not None:
            as_of = self.clock_time(floor.as_of_ms if floor else away.since_ms)
            lines.append(_("!! OLD: as of {time}. Please listen to the calls.").format(time=as_of))
        if floor is not None and floor.day_closed:
            lines.append(_("!  This service day has been closed."))
        elif floor is not None and not floor.is_open:
            hours = "  ".join(_span(span) for span in self.hall.spans_min)
            lines.append(_("!  The hall is closed now. Open: {hours}").format(hours=hours))
        if code := self.jiaohao.voice_fault:
            why = speech_sentence(code)
            lines.append(_("!  No voice, please watch: {reason} [{code}]").format(reason=why, code=code))
        return lines


def _span(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)
