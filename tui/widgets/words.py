"""A text on a desk that stays as it is until it is another one."""

from __future__ import annotations

from textual.visual import VisualType
from textual.widgets import Static


class Words(Static):
    """A text without colours of its own, never parsed.

    A desk says all its texts again at each new floor, and most are the same: Textual would lay out the whole
    screen anew for each of them, and for every other text of a fixed size too.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Empty at first."""
        super().__init__(id=id, classes=classes, markup=False)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """See Static."""
        if content != self.content:
            super().update(content, layout=layout and self.styles.auto_dimensions)
