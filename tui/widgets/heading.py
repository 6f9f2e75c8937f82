"""The first line of a desk: the hall, the desk, who is signed on, the hall's hours and its time."""

from __future__ import annotations

from datetime import timedelta

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from jiaohao.queue import language
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.queue.workdays import hours_at
from jiaohao.store.values import Hall
from jiaohao.tui.widgets.rows import fit

_GAP = "  "
_MINUTE_MS = 60_000


class Heading(Widget, can_focus=False):
    """One line; its clock is the hall's, which need not be the machine's."""

    who: reactive[str] = reactive("")
    day_closed: reactive[bool] = reactive(False)  # noqa: FBT003 - a value, not an option

    def __init__(self, site: Site, desk: str) -> None:
        """Head the desk of that name."""
        super().__init__()
        self._site = site
        self._desk = desk
        self._hours: tuple[object, str] = (None, "")

    def on_mount(self) -> None:
        """Tick each second."""
        self.set_interval(1.0, self.refresh)

    def render(self) -> Content:
        """See Widget; what does not fit is cut from the hall's name first, and from the time last."""
        hall, now_ms = self._site.hall, self._site.now_ms()
        time = local(now_ms, hall.timezone).strftime("%m-%d %H:%M:%S")
        room, right = self.size.width, ""
        for text in (time, self._hours_text(hall, now_ms), self.who):
            if text and room > 0:
                fitting = set_cell_size(text, min(room, cell_len(text)))
                right = f"{fitting}{_GAP}{right}" if right else fitting
                room -= cell_len(fitting) + len(_GAP)
        if room <= 0:
            return Content(right)
        for_name = room - cell_len(self._desk) - len(_GAP)
        named = f"{self._desk}{_GAP}{fit(hall.name, for_name)}"
        left = named if for_name > 0 else fit(self._desk, room)
        return Content(f"{left}{_GAP}{right}")

    def _hours_text(self, hall: Hall, now_ms: int) -> str:
        # Looked up once a minute: many terminals stand on one machine, each with its clock.
        looked = (now_ms // _MINUTE_MS, self.day_closed, hall, language.language())
        if looked != self._hours[0]:
            self._hours = looked, hours_text(hall, now_ms, day_closed=self.day_closed)
        return self._hours[1]


def hours_text(hall: Hall, now_ms: int, *, day_closed: bool) -> str:
    """Whether the hall is open and until when, or when it opens; with the date where it is not today."""
    hours = hours_at(hall, now_ms, day_closed=day_closed)
    if hours.until_ms is None:
        return _("open now") if hours.is_open else _("closed now")
    today, until = (local(instant_ms, hall.timezone) for instant_ms in (now_ms, hours.until_ms))
    at = until.strftime("%H:%M")
    if hours.is_open and at == "00:00":  # the end of a day, by the name of that day
        until, at = until - timedelta(days=1), "24:00"
    when = at if until.date() == today.date() else f"{until:%m-%d} {at}"
    return (_("open until {time}") if hours.is_open else _("closed, opens {time}")).format(time=when)
