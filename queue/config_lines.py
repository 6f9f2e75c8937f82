"""On which line of a TOML file each key stands; the parser of the standard library does not tell."""

from __future__ import annotations

import re
from collections import Counter

# Nothing here may match the same blanks in two ways: a line of thousands of them would take hours.
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*="
)
_QUOTES = ('"""', "'''", '"', "'")


class _Values:
    """Where in a value we are: inside which string, and how deep in brackets."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0
        self.elements = 0
        self._empty = True
        self._is_array = False

    @property
    def is_open(self) -> bool:
        """Whether the value goes on on the next line."""
        return self.depth > 0 or len(self.quote) == 3  # noqa: PLR2004 - only these span lines

    def read(self, text: str) -> bool:
        """Read one line of a value; True when an element of the outermost array begins on it."""
        began = False
        at = 0
        while at < len(text):
            if self.quote:
                at += self._inside_string(text, at)
                continue
            char = text[at]
            if char == "#":
                break
            began |= self._outside_string(char)
            quote = next((mark for mark in _QUOTES if text.startswith(mark, at)), "")
            self.quote = quote
            at += len(quote) or 1
        return began

    def _inside_string(self, text: str, at: int) -> int:
        if text[at] == "\\" and self.quote.startswith('"'):
            return 2
        if text.startswith(self.quote, at):
            width = len(self.quote)
            self.quote = ""
            return width
        return 1

    def _outside_string(self, char: str) -> bool:
        if char in "]}":
            self.depth -= 1
            return False
        began = False
        if self.depth == 0 and char in "[{":
            self._is_array = char == "["
        elif self.depth == 1 and char == ",":
            self._empty = True
        elif self.depth == 1 and self._is_array and self._empty and not char.isspace():
            self._empty, began = False, True
            self.elements += 1
        if char in "[{":
            self.depth += 1
        return began


def key_lines(text: str) -> dict[str, int]:
    """The line, from 1, of each dotted key, such as ``windows[1].code`` or ``matters[0].materials[2]``."""
    found: dict[str, int] = {}
    tables: Counter[str] = Counter()
    prefix = key = ""
    value: _Values | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if value is None and (header := _HEADER.match(line)):
            prefix = _table(header[2], tables, is_array=header[1] == "[[")
            found.setdefault(prefix, number)
            continue
        rest = line
        if value is None:
            matched = _KEY.match(line)
            if matched is None:
                continue
            key = ".".join(part for part in (prefix, _plain(matched[1])) if part)
            found.setdefault(key, number)
            value, rest = _Values(), line[matched.end() :]
        if value.read(rest):
            found.setdefault(f"{key}[{value.elements - 1}]", number)
        if not value.is_open:
            value = None
    return found


def _plain(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))


def _table(name: str, tables: Counter[str], *, is_array: bool) -> str:
    """The dotted path of a header; the parts before it that are arrays mean their last element."""
    path = ""
    parts = _plain(name).split(".")
    for place, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        if is_array and place == len(parts) - 1:
            tables[path] += 1
        if tables[path]:
            path = f"{path}[{tables[path] - 1}]"
    return path


def line_of(lines: dict[str, int], key: str) -> int:
    """The line of a key, or of the nearest thing around it; 1 when nothing around it is there."""
    while key and key not in lines:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return lines.get(key, 1)
