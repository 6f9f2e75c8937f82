"""config.toml: the hall, described once; read whole or not at all, every mistake named at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jiaohao.queue.announcing import VOICES, Speech
from jiaohao.queue.clean import is_text
from jiaohao.queue.language import gettext as _
from jiaohao.store.frozen import frozen

if TYPE_CHECKING:
    from jiaohao.queue.config_model import HallConfig

_MOST_DOTS = 1000
"""On one line, which may be one key: the parser's time grows with the square of its parts."""


@frozen
class Problem:
    """One mistake: ``where`` is file and line, ``key`` the dotted key, ``message`` a sentence."""

    where: str
    key: str
    message: str


class ConfigError(Exception):
    """The configuration cannot be used; nothing was changed. ``problems`` are all its mistakes."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep every mistake."""
        super().__init__("; ".join(f"{p.where} {p.key}: {p.message}" for p in problems))
        self.problems = problems


@frozen
class Named:
    """What must be known before a database can be opened."""

    database: str
    code: str


def read_place(path: Path) -> Named:
    """Only the database and the hall's code, without checking the rest: every command needs these.

    A relative SQLite path is made absolute, from the file's own folder. Raises ConfigError.
    """
    data = _parse(path)
    hall = data.get("hall")
    values = hall if isinstance(hall, dict) else {}
    missing = [key for key in ("code", "database") if not isinstance(values.get(key), str)]
    if missing:
        raise ConfigError(tuple(Problem(f"{path.name}:1", f"hall.{key}", _("is missing")) for key in missing))
    if not is_text(values["database"]):
        text = _("holds characters that a terminal would obey")
        raise ConfigError((Problem(f"{path.name}:1", "hall.database", text),))
    return Named(_absolute(values["database"], path), values["code"])


def _absolute(url: str, path: Path) -> str:
    if not url.startswith("sqlite:///"):
        return url
    return f"sqlite:///{(path.resolve().parent / url.removeprefix('sqlite:///')).resolve()}"


def read_speech(path: Path | None) -> Speech:
    """How this machine speaks, from [speech] of its own file alone. Raises ConfigError.

    It is never kept in the database: who may write there must not start programs on another machine.
    """
    given = _parse(path).get("speech") if path is not None else None
    if path is None or given is None:
        return Speech()
    from pydantic import ValidationError  # noqa: PLC0415 - only who says more than the defaults pays for it

    from jiaohao.queue.config_model import SpeechPart  # noqa: PLC0415

    try:
        part = SpeechPart.model_validate(given)
    except ValidationError as error:
        problems = check(path)[1]
        raise ConfigError(tuple(p for p in problems if p.key.startswith("speech"))) from error
    voices: dict[str, str] = dict(part.voices.items())
    return Speech(part.command, {**VOICES, **voices})


def load(path: Path) -> HallConfig:
    """The checked configuration. Raises ConfigError with every mistake at once."""
    config, problems = check(path)
    if config is None:
        raise ConfigError(problems)
    return config


def check(path: Path) -> tuple[HallConfig | None, tuple[Problem, ...]]:
    """The configuration, or None, and every mistake in it; a file that cannot be read is a mistake."""
    from jiaohao.queue.config_check import mistakes  # noqa: PLC0415 - only who loads a hall pays for it
    from jiaohao.queue.config_lines import key_lines, line_of  # noqa: PLC0415

    try:
        data = _parse(path)
    except ConfigError as error:
        return None, error.problems
    config, found = mistakes(data)
    lines = key_lines(path.read_text(encoding="utf-8"))
    problems = [(line_of(lines, key), key, message) for key, message in found]
    return config, tuple(
        Problem(f"{path.name}:{line}", key, message)
        for line, key, message in sorted(problems, key=lambda p: p[0])
    )


def _parse(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        is_deep = any(line.count(".") > _MOST_DOTS for line in text.splitlines())
        data = {} if is_deep else tomllib.loads(text)
    except OSError as error:
        said = _("cannot be read: {reason}").format(reason=error.strerror or error)
        raise ConfigError((Problem(path.name, "", said),)) from error
    except UnicodeDecodeError as error:
        raise ConfigError((Problem(path.name, "", _("is not UTF-8 text")),)) from error
    except tomllib.TOMLDecodeError as error:
        line = str(error).rpartition("at line ")[2].split(",")[0]
        where = f"{path.name}:{line}" if line.isdigit() else path.name
        raise ConfigError((Problem(where, "", _("is not TOML: {reason}").format(reason=error)),)) from error
    except RecursionError:
        is_deep = True
    except ValueError as error:
        # A number of thousands of digits, which the parser leaves to Python to refuse.
        said = _("is not TOML: {reason}").format(reason=error)
        raise ConfigError((Problem(path.name, "", said),)) from error
    if is_deep:
        raise ConfigError((Problem(path.name, "", _("is nested too deeply")),))
    return data
