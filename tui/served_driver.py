"""How an app behind ``jiaohao serve`` speaks: over its standard input and output, to the server alone."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import Any

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class ServedDriver(WebDriver):
    """Textual's driver for the web, which ends with its server instead of outliving it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """See WebDriver."""
        super().__init__(*args, **options)
        self._write = partial(self._write_if_heard)

    def run_input_thread(self) -> None:
        """See WebDriver; the input has an end when the server has closed it, or is gone however it went."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self.send_message(ExitApp())

    def _write_if_heard(self, data: bytes) -> int:
        with contextlib.suppress(BrokenPipeError):
            return os.write(self.fileno, data)
        return len(data)
