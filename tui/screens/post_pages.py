"""The pages of posts and attendance that supervision opens: one list of them all."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue.language import gettext as _
from jiaohao.tui.screens.absence_pages import ask_absences, ask_incidents
from jiaohao.tui.screens.adjustments import ask_adjustments
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Pick
from jiaohao.tui.screens.marks import ask_marks
from jiaohao.tui.screens.study_meetings import ask_meetings
from jiaohao.tui.widgets.rows import Column


def ask_posts(desk: Desk) -> None:
    """Ask which of them."""
    pages: dict[str, tuple[str, Callable[[Desk], None]]] = {
        "absences": (_("Absences of today"), ask_absences),
        "incidents": (_("To be looked into: absence, empty windows"), ask_incidents),
        "adjustments": (_("Changes of window staff"), ask_adjustments),
        "meetings": (_("Study meetings"), ask_meetings),
        "marks": (_("Criticisms and complaints"), ask_marks),
    }
    choices = [Choice(key, (title,)) for key, (title, _open) in pages.items()]

    def picked(key: str | None) -> None:
        if key is not None:
            pages[key][1](desk)

    desk.app.push_screen(Pick(_("Posts and attendance"), (Column("what", ""),), choices), picked)
