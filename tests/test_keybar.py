"""The footer by itself."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from driving import says, until
from jiaohao.tui.widgets.keybar import KeyBar


class Step(Screen[None]):
    """A screen with a key that comes to apply."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "finish", "Finish")]
    applies = False

    def compose(self) -> ComposeResult:
        """See Screen."""
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """See Screen."""
        return action != "finish" or self.applies


class Keys(App[int]):
    """Nothing but that screen."""

    def get_default_screen(self) -> Screen[None]:
        """See App."""
        return Step()


async def test_a_key_that_comes_while_the_screen_is_laid_out_is_drawn() -> None:
    app = Keys()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, says(pilot, "Ctrl+P"))
        step, bar = app.screen, app.screen.query_one(KeyBar)
        assert isinstance(step, Step)
        step.applies = True
        # What a layout does that comes between the change and the word of it.
        bar.get_content_height(app.size, app.size, app.size.width)
        step.refresh_bindings()
        await until(pilot, says(pilot, "F5"))
