"""Which priority class the next number gets: chosen, and confirmed that its proof was seen (Q-6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.tui import phrases
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Confirm, Pick
from jiaohao.tui.widgets.rows import Column


def ask_priority(desk: Desk, taken: Callable[[str], None]) -> None:
    """Ask for a class of the hall's, then for the proof; ``taken`` is called with its code."""
    choices = [
        Choice(p.code, (clean(p.name), _head_start(p.head_start_min, first=p.first)))
        for p in desk.hall.calling.priorities
    ]
    columns = (Column("name", _("Class")), Column("start", _("Head start"), 14))

    def picked(code: str | None) -> None:
        if code is not None:
            name = phrases.priority_name(desk.hall, code)
            question = _(
                "Have you seen the proof for {priority}? It is recorded that you checked it."
            ).format(priority=name)
            desk.app.push_screen(Confirm(_("Priority"), question), partial(confirmed, code))

    def confirmed(code: str, answer: str | None) -> None:
        if answer is not None:
            taken(code)

    desk.app.push_screen(Pick(_("Which priority class?"), columns, choices), picked)


def _head_start(minutes: int, *, first: bool) -> str:
    return _("always first") if first else _("{count} min").format(count=minutes)
