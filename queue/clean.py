"""Text from people, made harmless: a terminal obeys some characters, and others turn the reading order."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

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


def is_text(text: str) -> bool:
    """Whether a text can be kept as it is: not with NUL, half a character, or bytes that were never text."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def lines_of(text: str) -> str:
    """Several lines as they are, but for what a terminal would obey."""
    return text if is_clean(text) else "".join(char for char in text if is_clean(char))


def json_of(answer: Any) -> str:
    """A value as JSON on one line, nothing lost: what a terminal would obey stands there by its number."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if is_clean(text) else "".join(char if is_clean(char) else _by_number(char) for char in text)


def _by_number(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def note_of(text: str | None) -> str | None:
    """A note as it is kept: clean, or None when nothing is left of it."""
    return (clean(text) or None) if text else None
