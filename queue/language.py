"""The language of everything that people read: Chinese by default, English complete."""

from __future__ import annotations

import gettext as _gettext
from functools import cache
from pathlib import Path

LANGUAGES = ("zh_CN", "en")
_DOMAIN = "jiaohao"
_LOCALE = Path(__file__).parent / "locale"

_current = "zh_CN"


@cache
def _catalog(language: str) -> _gettext.NullTranslations:
    # English is what the sources say. A missing Chinese catalog is a broken installation, never silent English.
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation(_DOMAIN, _LOCALE, [language])


def use(language: str) -> None:
    """Speak ``language`` from now on, in the whole process. Raises ValueError for one there is not."""
    global _current  # noqa: PLW0603 - a terminal speaks one language at a time
    if language not in LANGUAGES:
        raise ValueError(language)
    _current = language


def language() -> str:
    """The language in force."""
    return _current


def gettext(message: str) -> str:
    """A text in the language in force."""
    return _catalog(_current).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """A text that depends on a count, in the language in force."""
    return _catalog(_current).ngettext(singular, plural, count)
