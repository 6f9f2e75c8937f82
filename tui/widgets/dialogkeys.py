"""The last line of a question: the keys that answer, each also for the mouse."""

from __future__ import annotations

import re
from typing import Any, cast

from textual.content import Content
from textual.events import Click
from textual.style import Style
from textual.widgets import Static

_GAP = "   "
_KEYS = {"Enter": "enter", "回车": "enter", "Esc": "escape", "Tab": "tab", "Space": "space", "空格": "space"}
_NAMED = re.compile(r"F1[0-2]|F[1-9]|Ctrl\+[A-Z]\b|" + "|".join(_KEYS))


class DialogKeys(Static):
    """Keys with what they do, three blanks between; a click on one does what the key does."""

    ALLOW_SELECT = False

    def __init__(self, text: str = "") -> None:
        """Show the keys of ``text``, such as "F2: done   Esc: back"."""
        super().__init__(id="dialog-keys", markup=False)
        self.show(text)

    def show(self, text: str) -> None:
        """Show other keys."""
        self.update(Content(_GAP).join(_target(part) for part in text.split(_GAP)))

    def on_click(self, event: Click) -> None:
        """Press the key."""
        if (key := event.style.meta.get("key")) is not None:
            event.stop()
            cast("Any", self.app).simulate_key(str(key))


def _target(part: str) -> Content:
    found = _NAMED.search(part)
    if found is None:
        return Content(part)
    name = found.group()
    return Content.assemble((part, Style.from_meta({"key": _KEYS.get(name, name.lower())})))
