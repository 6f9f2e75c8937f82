"""Moving those who wait for an empty window to where somebody serves them: a key, a target, done (AB-6)."""

from __future__ import annotations

from collections.abc import Sequence

from jiaohao.queue import relocating
from jiaohao.queue.clean import clean
from jiaohao.queue.floor import WindowView
from jiaohao.queue.language import gettext as _
from jiaohao.store.values import Ticket
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Choice, Pick
from jiaohao.tui.screens.guide_lists import target_choices, target_columns, ticket_choices, ticket_columns
from jiaohao.tui.widgets.rows import Column

_ALL = "*"


def stuck(desk: Desk) -> list[tuple[WindowView, tuple[Ticket, ...]]]:
    """The empty windows for which somebody waits whom nobody else can serve, the fullest first."""
    floor = desk.floor
    if floor is None:
        return []
    found = [(view, floor.only_at(view.code)) for view in floor.absent]
    return sorted(((view, waiting) for view, waiting in found if waiting), key=lambda one: -len(one[1]))


def ask_relocation(desk: Desk) -> None:
    """Ask from which empty window, where to, and whether all or one; one window alone is not asked for."""
    found = {view.code: (view, waiting) for view, waiting in stuck(desk)}
    if len(found) == 1:
        _ask_target(desk, *next(iter(found.values())))
        return
    choices = [
        Choice(code, (f"{clean(code)} {clean(view.name)}", _("{count} waiting").format(count=len(waiting))))
        for code, (view, waiting) in found.items()
    ]

    def picked(code: str | None) -> None:
        if code is not None:
            _ask_target(desk, *found[code])

    columns = (Column("window", _("Window")), Column("waiting", "", 12))
    desk.app.push_screen(Pick(_("Move who waits for which empty window?"), columns, choices), picked)


def _ask_target(desk: Desk, view: WindowView, waiting: Sequence[Ticket]) -> None:
    floor = desk.floor
    if floor is None:
        return
    manned = {f"window:{other.code}" for other in floor.windows if other.is_manned}
    served = frozenset(line.code for line in floor.lines if line.windows_open)
    choices = [
        choice
        for choice in target_choices(floor, served & desk.site.directory.served_lines)
        if choice.key.startswith("line:") or choice.key in manned
    ]
    # Where the window itself sends people comes first.
    choices.sort(key=lambda choice: choice.key.removeprefix("window:") not in view.go_to)

    def picked(target: str | None) -> None:
        if target is not None:
            _ask_whom(desk, view.code, waiting, target.partition(":")[2])

    title = _("Window {code} is empty: where do they go?").format(code=clean(view.code))
    desk.app.push_screen(Pick(title, target_columns(), choices, typed=True), picked)


def _ask_whom(desk: Desk, window: str, waiting: Sequence[Ticket], to: str) -> None:
    everybody = Choice(_ALL, (_("all"), _("{count} waiting").format(count=len(waiting)), "", ""))
    choices = [everybody, *ticket_choices(desk.site.directory, list(waiting))]
    staff = desk.staff.no if desk.staff else None

    def picked(number: str | None) -> None:
        if number is None:
            return
        numbers = None if number == _ALL else [number]
        desk.do(
            lambda site: relocating.move_waiting(site, window, to, numbers=numbers, staff=staff),
            lambda moved: desk.say(
                _("Moved to {to}: {numbers}").format(to=to, numbers=" ".join(t.number for t in moved))
            ),
        )

    desk.app.push_screen(Pick(_("Whom?"), ticket_columns(), choices, typed=True), picked)
