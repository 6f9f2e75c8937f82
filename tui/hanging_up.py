"""Ending with the terminal, also where the system does not see to it."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading


def end_with_terminal() -> None:
    """End this process once its terminal is gone; does nothing where there is none.

    The system does it by a signal, unless the program was started to outlive it (`nohup`, `setsid`). Then it
    would go on for ever: nobody could see or end it, and its clerk would seem to be at the window.
    """
    stream = sys.__stdin__
    if stream is None or not stream.isatty():
        return
    asked = select.poll()
    asked.register(stream.fileno(), 0)  # a terminal that is gone is told in any case
    threading.Thread(target=_end_after, args=(asked,), name="terminal", daemon=True).start()


def _end_after(asked: select.poll) -> None:
    asked.poll()
    # What draws may be waiting for the terminal for ever: nothing of the app is asked to end.
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGTERM)
