"""The last step taken at a desk, for as long as it can be taken back (Q-10)."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.tui.widgets.words import Words


@dataclass(frozen=True, slots=True)
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

    def _left_s(self, step: Step) -> int:
        return self._site.hall.calling.undo_s - (self._site.now_ms() - step.at_ms) // 1000

    def _count(self) -> None:
        if self._step is not None:
            self._show()

    def _show(self) -> None:
        step = self.step
        if self.display != (step is not None):
            self.display = step is not None
            self.screen.refresh_bindings()
        if step is not None:
            text = _("{number} {word}   F10 takes it back ({seconds} s)")
            self.update(Content(text.format(number=step.number, word=step.word, seconds=self._left_s(step))))
