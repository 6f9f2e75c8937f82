"""What went wrong in a way nobody foresaw, written to a file: a screen in use has no place for it."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from platformdirs import user_state_path

from jiaohao.queue.clean import clean

_BYTES = 1_000_000
_LONGEST = 100_000


class _OneLine(logging.Formatter):
    """A record is one line, traceback and all: what an error quotes is no other record, and no command."""

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        return clean(super().format(record).replace("\n", " | "), limit=_LONGEST)


def log_file() -> Path:
    """Where failures are written."""
    return user_state_path("jiaohao", appauthor=False) / "jiaohao.log"


def write_failure(error: BaseException) -> None:
    """Write an unforeseen failure down with its traceback; a disk that refuses does not make it worse."""
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415 - seldom needed, and it brings much along

    logger = logging.getLogger("jiaohao")
    with contextlib.suppress(OSError):
        path = log_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_BYTES, backupCount=1, encoding="utf-8")
        handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
        logger.error("the app failed", exc_info=error)
        logger.removeHandler(handler)
        handler.close()
