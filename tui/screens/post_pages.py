"""The pages of posts and attendance that supervision opens: one list of them all."""

from __future__ import annotations

from collections.abc import Callable

from jiaohao.queue.language import gettext as _
from jiaohao.tui.screens.absence_pages import ask_absences, ask_incidents
from jiaohao.tui.screens.adjustments import ask_adjustments
from jiaohao.tui.screens.attendance_pages import ask_attendance, ask_heat
from jiaohao.tui.screens.consent_pages import ask_consents
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Pick
from jiaohao.tui.screens.leave_pages import ask_leaves
from jiaohao.tui.screens.marks import ask_marks
from jiaohao.tui.screens.roster_pages import ask_roster
from jiaohao.tui.screens.study_meetings import ask_meetings
from jiaohao.tui.widgets.rows import Column


def ask_posts(desk: Desk) -> None:
    """Ask which of them."""
    pages: dict[str, tuple[str, Callable[[Desk], None]]] = {
        "absences": (_("Absences of today"), ask_absences),
        "incidents": (_("To be looked into: absence, empty windows"), ask_incidents),
        "roster": (_("Roster"), ask_roster),
        "leaves": (_("Calendar of leave"), ask_leaves),
        "attendance": (_("Attendance"), ask_attendance),
        "heat": (_("How the windows were manned"), ask_heat),
        "meetings": (_("Study meetings"), ask_meetings),
        "adjustments": (_("Changes of window staff"), ask_adjustments),
        "consents": (_("Consents"), ask_consents),
        "marks": (_("Criticisms and complaints"), ask_marks),
    }
    choices = [Choice(key, (title,)) for key, (title, _open) in pages.items()]

    def picked(key: str | None) -> None:
        if key is not None:
            pages[key][1](desk)

    desk.app.push_screen(Pick(_("Posts and attendance"), (Column("what", ""),), choices), picked)
