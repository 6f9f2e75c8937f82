"""How well a word fits a name: by its characters, how they are spoken, the first letters of that (OP-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

# The best first; among equals the shorter name, or the tighter fit, comes first.
CODE, BEGINS, CODE_BEGINS, SPOKEN_BEGINS, HAS, SPOKEN_HAS, LINE, IN_ORDER, NEARLY = range(9)
STEP = 1000
NOT = 9 * STEP
_START = 1
"""The bit of a word that has not come to anything yet."""


class Name:
    """One name, made ready: what it says, in small letters, and how it is spoken.

    Whether a word fits is followed in all ways at once: each character, and each letter of its syllable, is
    one bit, and a set of bits is where the word may have come to.
    """

    __slots__ = (
        "_all_begin", "_all_go_on", "_begins", "_goes_on", "_size", "_together", "initials", "joined",
        "plain", "starts", "syllables",
    )  # fmt: skip

    def __init__(self, name: str, spoken: str) -> None:
        """Of a name and its syllables; where those do not go with it, as it is written."""
        self.plain = name
        self._size = min(len(self.plain), STEP - 1)
        syllables = spoken.split(" ") if spoken else []
        self.syllables = syllables if len(syllables) == len(self.plain) else list(self.plain)
        self.initials = "".join(syllable[0] for syllable in self.syllables)
        self.joined = "".join(self.syllables)
        # What is in none of these can only fit with characters left out.
        self._together = f"{self.plain}\n{self.initials}\n{self.joined}"
        self.starts: set[int] = set()
        self._begins: dict[str, int] = {}
        self._goes_on: dict[str, int] = {}
        bit, start = _START << 1, 0
        for char, syllable in zip(self.plain, self.syllables, strict=True):
            self._begins[char] = self._begins.get(char, 0) | bit
            for place, letter in enumerate(syllable):
                bit <<= 1
                letters = self._goes_on if place else self._begins
                letters[letter] = letters.get(letter, 0) | bit
            bit <<= 1
            self.starts.add(start)
            start += len(syllable)
        self._all_begin, self._all_go_on = _any_of(self._begins), _any_of(self._goes_on)

    @property
    def beginnings(self) -> Iterable[str]:
        """What a fitting word can begin with."""
        return self._begins

    def rank(self, word: str) -> int | None:
        """How well a word fits; None when it does not."""
        size = self._size
        is_long = len(word) > 1
        if is_long and word not in self._together:
            return self._in_order(word)
        if self.plain.startswith(word):
            return BEGINS * STEP + size
        if self.initials.startswith(word) or self.joined.startswith(word):
            return SPOKEN_BEGINS * STEP + size
        if word in self.plain:
            return HAS * STEP + size
        if is_long and (word in self.initials or self._spoken_at(word) is not None):
            return SPOKEN_HAS * STEP + size
        return self._in_order(word) if is_long else None

    def _spoken_at(self, word: str) -> int | None:
        at = self.joined.find(word)
        while at >= 0 and at not in self.starts:
            at = self.joined.find(word, at + 1)
        return at if at >= 0 else None

    def _in_order(self, word: str) -> int | None:
        """How well a word fits with characters left out, by where it has come to its end at the earliest."""
        begins, goes_on, reached = self._begins, self._goes_on, _START
        for char in word:  # as in _on, which would be too many calls for all names at each key
            later = -((reached & -reached) << 1)
            reached = (reached << 1) & goes_on.get(char, 0) | begins.get(char, 0) & later
            if not reached:
                return None
        return IN_ORDER * STEP + min((reached & -reached).bit_length(), STEP - 1)

    def nearly(self, word: str) -> int | None:
        """How well a word fits with one character wrong, too many, left out, or two swapped; or None."""
        end = self._end_with_a_slip(word)
        return NEARLY * STEP + min(end, STEP - 1) if end else None

    def _end_with_a_slip(self, word: str) -> int:
        """As ``_in_order``, with one mistake: ``wrong`` are the ways that have made it."""
        before, right, wrong = 0, _START, 0
        for place, char in enumerate(word):
            on = self._on(right, char)
            swapped = self._on(self._on(before, char), word[place - 1]) if place else 0
            wrong = self._on(wrong, char) | swapped | right | self._on(right) | self._on(on)
            before, right = right, on
        return (wrong & -wrong).bit_length()

    def _on(self, reached: int, char: str | None = None) -> int:
        """Where a character, or any, leads from where a word has come to."""
        begins = self._all_begin if char is None else self._begins.get(char, 0)
        goes_on = self._all_go_on if char is None else self._goes_on.get(char, 0)
        return (reached << 1) & goes_on | begins & -((reached & -reached) << 1)

    def marks(self, word: str) -> tuple[int, ...]:
        """The characters that a word asks for; none where it does not fit."""
        for text in (self.plain, self.initials):
            if (at := text.find(word)) >= 0:
                return tuple(range(at, at + len(word)))
        return self._align(word, 0, {}) or ()

    def _align(
        self, word: str, place: int, known: dict[tuple[str, int], tuple[int, ...] | None]
    ) -> tuple[int, ...] | None:
        if not word:
            return ()
        if (word, place) in known:
            return known[word, place]
        found = None
        for at in range(place, len(self.plain)):
            if word[0] not in {self.plain[at], self.syllables[at][0]}:
                continue
            for taken in self._taken(word, at):
                rest = self._align(word[taken:], at + 1, known)
                if rest is not None:
                    found = (at, *rest)
                    break
            if found is not None:
                break
        known[word, place] = found
        return found

    def _taken(self, word: str, at: int) -> Iterable[int]:
        """How many characters of a word can stand for one of the name's, the most first."""
        syllable = self.syllables[at]
        longest = next(
            (
                size
                for size in range(min(len(word), len(syllable)), 0, -1)
                if syllable.startswith(word[:size])
            ),
            0,
        )
        yield from range(longest, 0, -1)
        if not longest and word[0] == self.plain[at]:
            yield 1


def _any_of(places: Mapping[str, int]) -> int:
    return reduce(or_, places.values(), 0)
