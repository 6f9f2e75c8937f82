"""Text from people, made harmless: a terminal obeys some characters, and others turn the reading order."""

from __future__ import annotations

import unicodedata

# Control, format (bidi, zero-width, tags), surrogate, private use, unassigned; line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, *, limit: int = 500) -> str:
    """The text on one line, without anything a terminal would obey, at most ``limit`` characters."""
    if not text.isprintable():  # nearly every text is, and screens ask for hundreds of them a second
        text = "".join(" " if char in "\n\r\t" else char for char in text)
        text = "".join(char for char in text if unicodedata.category(char) not in _UNSAFE)
    return " ".join(unicodedata.normalize("NFC", text).split())[:limit]


def is_clean(text: str) -> bool:
    """Whether a text holds nothing that a terminal would obey; line ends are allowed."""
    return all(char == "\n" or unicodedata.category(char) not in _UNSAFE for char in text)


def note_of(text: str | None) -> str | None:
    """A note as it is kept: clean, or None when nothing is left of it."""
    return (clean(text) or None) if text else None
