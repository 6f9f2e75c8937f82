"""What a terminal shows first: the desk that was asked for, once what stands on it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY
from jiaohao.store.errors import Fault
from jiaohao.tui.looks import PUBLIC_DESKS
from jiaohao.tui.sitting import objection, sit

if TYPE_CHECKING:
    from jiaohao.tui.app import JiaohaoApp
    from jiaohao.tui.screens.desk import Desk

FLOOR_WITHIN_S = 0.5
"""How long the first desk is kept back for the first floor."""


class Opening:
    """Keeps the first desk back until the floor has come: an empty one before a full one takes twice as long.

    Whoever is signed on for a counter sits down meanwhile, and sees nothing before the counter.
    """

    def __init__(self, app: JiaohaoApp) -> None:
        """Nothing is opened yet."""
        self._app = app
        self._desk: Desk | None = None
        self._is_sitting = False

    def begin(self) -> None:
        """Make the desk ready; without a floor it opens all the same."""
        self._desk = self._chosen()
        self._app.set_timer(FLOOR_WITHIN_S, self.open)

    def _chosen(self) -> Desk:
        app, code = self._app, self._app.first_desk or "start"
        if code in PUBLIC_DESKS or (app.staff is not None and app.staff.role in MAY.get(code, ())):
            return desk_of(code)
        if code != "counter" or app.staff is None or app.window is None:
            return _start(app.first_desk)
        if objection(app.site, code, app.staff.no) is not None:
            return _start(code)
        self._is_sitting = True
        sit(app.link.do, app, app.window, app.staff, self._seated, self._refused)
        return desk_of(code)  # loaded meanwhile

    def floor_came(self) -> None:
        """There is something to show."""
        if not self._is_sitting:
            self.open()

    def open(self) -> None:
        """Open the desk, unless it has been."""
        if self._desk is None:
            return
        desk = _start(said=_("Waiting for the database...")) if self._is_sitting else self._desk
        self._desk = None
        self._app.show_desk(desk)

    def _seated(self) -> None:
        desk = self._desk or desk_of("counter")
        if self._is_waited_for():
            self._app.show_desk(desk)

    def _refused(self, reason: Refusal | Fault) -> None:
        if self._is_waited_for():
            self._app.show_desk(_start(said=reason))

    def _is_waited_for(self) -> bool:
        """Whether nobody has gone to another desk meanwhile."""
        self._is_sitting, self._desk = False, None
        return self._app.desk is None or self._app.desk.CODE == "start"


def _start(desk: str | None = None, *, said: str | Refusal | Fault = "") -> Desk:
    from jiaohao.tui.screens.start import StartDesk  # noqa: PLC0415 - no wall needs it

    return StartDesk(desk, said=said)


def desk_of(code: str) -> Desk:
    """A new desk of that name on the command line."""
    # Each desk is loaded when it is first opened: a wall needs none of the others.
    if code == "guide":
        from jiaohao.tui.screens.guide import GuideDesk  # noqa: PLC0415

        return GuideDesk()
    if code == "counter":
        from jiaohao.tui.screens.counter import CounterDesk  # noqa: PLC0415

        return CounterDesk()
    if code == "wall":
        from jiaohao.tui.screens.wall import WallDesk  # noqa: PLC0415

        return WallDesk()
    if code == "sign":
        from jiaohao.tui.screens.sign import SignDesk  # noqa: PLC0415

        return SignDesk()
    if code == "supervise":
        from jiaohao.tui.screens.supervision import SupervisionDesk  # noqa: PLC0415

        return SupervisionDesk()
    raise ValueError(code)
