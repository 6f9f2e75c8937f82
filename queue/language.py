"""The language of everything that people read: Chinese by default, English complete.

English is what the sources say. The Chinese catalog is compiled from ``locale/`` when the package is built.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("zh_CN", "en")
_DOMAIN = "jiaohao"
_LOCALE = Path(__file__).parent / "locale"

# Swapped in one step: a worker thread sees the old language or the new one, never half of each.
_current = "zh_CN"
_meanwhile: ContextVar[str | None] = ContextVar("language", default=None)


class CatalogMissingError(RuntimeError):
    """The compiled catalog of a language is not there or cannot be read: a broken installation."""

    def __init__(self, language: str) -> None:
        super().__init__(
            f"the compiled translations for {language} are missing or broken in {_LOCALE}: "
            "install the package again (in a checkout: make catalog)"
        )


@cache
def _catalog(language: str) -> _gettext.NullTranslations:
    if language == "en":
        return _gettext.NullTranslations()
    try:
        return _gettext.translation(_DOMAIN, _LOCALE, [language])
    except (OSError, UnicodeError) as error:
        # Silent English would be worse: nobody would know why.
        raise CatalogMissingError(language) from error


def use(language: str) -> None:
    """Speak ``language`` from now on, in the whole process.

    Raises ValueError for one that is not in ``LANGUAGES``. The catalog is loaded with the first text.
    """
    global _current  # noqa: PLW0603 - a terminal speaks one language at a time
    if language not in LANGUAGES:
        raise ValueError(language)
    _current = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak ``language`` meanwhile, in this thread alone: what is printed is not for whoever sits here."""
    before = _meanwhile.set(language)
    try:
        yield
    finally:
        _meanwhile.reset(before)


def language() -> str:
    """The language in force."""
    return _meanwhile.get() or _current


def gettext(message: str) -> str:
    """A text in the language in force. Raises CatalogMissingError."""
    # Under the empty text a catalog keeps its own header.
    return _catalog(language()).gettext(message) if message else ""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for translation that is only shown later, in the language then in force."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """A text that depends on a count, in the language in force. Raises CatalogMissingError."""
    return _catalog(language()).ngettext(singular, plural, count)
