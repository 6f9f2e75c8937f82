"""The footer: the keys that apply now, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from jiaohao.queue.language import gettext as _

_NAMES = {"escape": "Esc", "enter": "Enter", "up": "Up", "down": "Down", "pageup": "PgUp", "pagedown": "PgDn"}


def key_name(key: str) -> str:
    """A key as staff read it on the keyboard."""
    return "+".join(_NAMES.get(part, part.capitalize()) for part in key.split("+"))


PALETTE = "command_palette"
_TEXTUALS = frozenset(binding.action for binding in Screen.BINDINGS if isinstance(binding, Binding))
"""What every screen of Textual does by keys: to copy what is marked, to go from field to field."""


def applying(screen: Screen[Any], *, everywhere: bool = False) -> Iterable[tuple[str, str, str]]:
    """The keys of a screen that apply now: key, action with its owner, and what it does.

    With ``everywhere`` also those for which the footer has no room. Footer, palette and help are made from
    this.
    """
    for key, active in screen.active_bindings.items():
        binding = active.binding
        is_apps = active.node is screen.app
        is_ours = (is_apps and binding.action != PALETTE) or (
            active.node is screen and binding.action not in _TEXTUALS
        )
        is_wanted = binding.show or (everywhere and is_ours)
        if is_wanted and active.enabled and binding.description:
            owner = "app" if is_apps else "screen"
            action = binding.action if "." in binding.action else f"{owner}.{binding.action}"
            yield key, action, _(binding.description)


class KeyBar(Widget, can_focus=False):
    """Keys with what they do, each also for the mouse; a second row only where one is not enough."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key"}
    ALLOW_SELECT = False

    _drawn: tuple[tuple[str, str, str], ...] = ()

    def on_mount(self) -> None:
        """Follow the screen's keys."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        # Said at every key that is typed, and laying out the screen anew is dear.
        if self.display and tuple(applying(self.screen)) != self._drawn:
            self.refresh(layout=len(self._rows(self.size.width)) != self.size.height)

    def render(self) -> Content:
        """See Widget."""
        # Noted here alone: the height is asked for between two frames too, and what was only measured is
        # not to be seen yet.
        self._drawn = tuple(applying(self.screen))
        return Content("\n").join(Content("  ").join(row) for row in self._rows(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """See Widget."""
        return max(1, len(self._rows(width)))

    async def on_click(self, event: Click) -> None:
        """Do what the key does."""
        action = event.style.meta.get("key_action")
        if action is not None:
            event.stop()
            owner, _dot, name = str(action).partition(".")
            await self.app.run_action(name, self.app if owner == "app" else self.screen)

    def _rows(self, width: int) -> list[list[Content]]:
        key_style = Style.from_styles(self.get_component_styles("keybar--key"))
        rows: list[list[Content]] = [[]]
        room = width
        items = [*applying(self.screen), ("ctrl+p", "app.command_palette", _("Commands"))]
        for key, action, label in items:
            target = Style.from_meta({"key_action": action})
            item = Content.assemble((key_name(key), key_style + target), (f" {label}", target))
            used = cell_len(item.plain) + 2
            if used > room + 2 and rows[-1]:
                rows.append([])
                room = width
            rows[-1].append(item)
            room -= used
        return rows
