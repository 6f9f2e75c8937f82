"""The styles in which rows are drawn: each made from the theme when a row is first drawn in it.

Component classes would be made one by one for each widget before anything is drawn, and again at each change
of its style: a third of what the styles of a desk take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from rich.style import Style as RichStyle


class Styled(Widget):
    """A widget that draws in styles which have names; none stands without a word that says the same."""

    STYLES: ClassVar[Mapping[str, str]] = {
        "": "",
        "title": "bold underline $primary",
        "cursor": "bold $background on $primary",
        "called": "bold $accent",
        "serving": "$success",
        "absent": "bold $error",
        "paused": "$warning",
        "free": "",
        "closed": "$foreground 70%",
        "dim": "$foreground 70%",
        "strong": "bold",
        "warning": "bold $warning",
    }

    def __init__(self, *children: Widget, **named: Any) -> None:
        """See Widget; nothing is drawn yet."""
        self._made: dict[str, RichStyle] = {}
        super().__init__(*children, **named)

    def style_of(self, name: str) -> RichStyle:
        """The style of that name, as it is on this widget now."""
        if (found := self._made.get(name)) is None:
            style = Style.parse(self.STYLES[name], self.app.theme_variables)
            found = self._made[name] = (self.visual_style + style).rich_style
        return found

    def notify_style_update(self) -> None:
        """Take on the new theme."""
        super().notify_style_update()
        self._made.clear()
