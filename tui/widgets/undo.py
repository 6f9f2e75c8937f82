"""The last step taken at a desk, for as long as it can be taken back (Q-10)."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.store.frozen import frozen
from jiaohao.tui.widgets.words import Words

_AROUND = 4
"""The columns of the notice's row that neither text may have: its edges, and two between them."""


@frozen
class Step:
    """One step of this desk's own: the ticket, what was done as a word, the operation's id, and when."""

    number: str
    word: str
    op: str
    at_ms: int


class UndoLine(Words):
    """Says what F10 takes back and how many seconds are left; nothing when there is nothing."""

    def __init__(self, site: Site) -> None:
        """Offer nothing yet."""
        super().__init__(id="undo")
        self._site = site
        self._step: Step | None = None
        self._beside = ""

    def on_mount(self) -> None:
        """Count down each second."""
        self.display = False
        self.set_interval(1.0, self._count)

    @property
    def step(self) -> Step | None:
        """The step that can still be taken back, or None."""
        if self._step is not None and self._left_s(self._step) <= 0:
            self._step = None
        return self._step

    def offer(self, step: Step | None) -> None:
        """Offer to take a step back, or with None nothing any more."""
        self._step = step
        self._show()

    def stand_beside(self, notice: str) -> None:
        """Leave the room that a notice needs: what was refused is never cut."""
        self._beside = notice
        self._show()

    def _left_s(self, step: Step) -> int:
        return self._site.hall.calling.undo_s - (self._site.now_ms() - step.at_ms) // 1000

    def _count(self) -> None:
        if self.display:  # whoever asks for the step may find that it is over before this does
            self._show()

    def _show(self) -> None:
        step = self.step
        if self.display != (step is not None):
            self.display = step is not None
            self.screen.refresh_bindings()
        if step is not None:
            self.update(Content(self._text(step)))

    def _text(self, step: Step) -> str:
        said = {"number": step.number, "word": step.word, "seconds": self._left_s(step)}
        room = self.screen.size.width - _AROUND - cell_len(self._beside)
        texts = (
            _("{number} {word}   F10 takes it back ({seconds} s)").format(**said),
            _("F10 ({seconds} s)").format(**said),
        )
        return next((text for text in texts if not self._beside or cell_len(text) <= room), "")
