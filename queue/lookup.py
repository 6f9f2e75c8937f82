"""Finding a matter or a line by what the visitor says, at each key the guide presses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jiaohao.queue.clean import clean
from jiaohao.store.values import Hall, Line, Matter


@dataclass(frozen=True, slots=True)
class Hit:
    """What a ticket can be issued for: a matter in its line, or a line alone."""

    line: Line
    matter: Matter | None

    @property
    def key(self) -> str:
        """Its own name among all hits."""
        return f"matter:{self.matter.code}" if self.matter else f"line:{self.line.code}"

    @property
    def name(self) -> str:
        """Its name for people, clean."""
        return clean(self.matter.name if self.matter else self.line.name)


@dataclass(frozen=True, slots=True)
class _Entry:
    hit: Hit
    code: str
    name: str
    line: str


class Lookup:
    """A hall's lines and matters, made ready once so that each key is answered at once."""

    def __init__(self, hall: Hall) -> None:
        """Make ``hall`` ready; its lines come before its matters, each in the hall's order."""
        lines = {line.code: line for line in hall.lines}
        self._entries = [
            _Entry(Hit(line, None), line.code.lower(), _plain(line.name), "") for line in hall.lines
        ]
        for matter in hall.matters:
            if matter.line in lines:
                line = lines[matter.line]
                words = f"{line.code.lower()} {_plain(line.name)}"
                self._entries.append(
                    _Entry(Hit(line, matter), matter.code.lower(), _plain(matter.name), words)
                )

    def find(self, text: str, count: int = 200) -> tuple[Hit, ...]:
        """The best ``count`` hits for a text; everything, in the hall's order, for none.

        Each word of the text must be found: in the code, in the name, or in the line's code or name. A word
        also fits a name that has all its characters in that order (养老认证 finds 养老待遇资格认证), after
        all those that have it whole.
        """
        words = _plain(text).split()
        ranked = []
        for place, entry in enumerate(self._entries):
            rank = _rank(entry, words)
            if rank is not None:
                ranked.append((rank, place))
        return tuple(self._entries[place].hit for _rank_, place in sorted(ranked)[:count])


def _plain(text: str) -> str:
    return clean(text).lower()


def _rank(entry: _Entry, words: Sequence[str]) -> int | None:
    total = 0
    for word in words:
        rank = _rank_of_word(entry, word)
        if rank is None:
            return None
        total += rank
    return total


def _rank_of_word(entry: _Entry, word: str) -> int | None:
    if word == entry.code:
        return 0
    if entry.name.startswith(word):
        return 1
    if entry.code.startswith(word):
        return 2
    if word in entry.name:
        return 3
    if word in entry.line:
        return 4
    return 5 if len(word) > 1 and _in_order(word, entry.name) else None


def _in_order(word: str, name: str) -> bool:
    start = 0
    for char in word:
        start = name.find(char, start) + 1
        if start == 0:
            return False
    return True
