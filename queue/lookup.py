"""Finding a matter, a line or an outside body by what the visitor says, at each key (OP-1, FR-5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jiaohao.queue.clean import clean
from jiaohao.store.values import Agency, Hall, Line, Matter

# How well a word fits, the best first; among equals the shorter name, or the tighter fit, comes first.
_CODE, _BEGINS, _CODE_BEGINS, _SPOKEN_BEGINS, _HAS, _SPOKEN_HAS, _LINE, _IN_ORDER = range(8)
_STEP = 1000
_NOT = 8 * _STEP
_KEPT = 64
SHOWN = 60
"""So many hits are more than anybody looks through: who finds nothing among them types on."""


# The same names are asked for at every key.
_cleaned = lru_cache(maxsize=16_384)(clean)


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found: a matter in its line, a line alone, or a body outside the centre.

    ``marks`` are the places in ``shown`` of the characters that were asked for; ``said`` is the other name
    by which it was found.
    """

    line: Line | None
    matter: Matter | None = None
    agency: Agency | None = None
    said: str = ""
    marks: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Its own name among all hits."""
        kind = "matter" if self.matter else "line" if self.line else "agency"
        return f"{kind}:{self._itself.code}"

    @property
    def code(self) -> str:
        """Its code, clean."""
        return _cleaned(self._itself.code)

    @property
    def name(self) -> str:
        """Its name for people, clean."""
        return _cleaned(self._itself.name)

    @property
    def shown(self) -> str:
        """Its name, and the one by which it was found."""
        return f"{self.name} ({self.said})" if self.said else self.name

    @property
    def _itself(self) -> Matter | Line | Agency:
        found = self.matter or self.line or self.agency
        if found is None:
            raise AssertionError("a hit is of something")
        return found


class _Text:
    """One name, made ready: what it says and how it is spoken.

    Whether a word fits is followed in all ways at once: each character, and each letter of its syllable, is
    one bit, and a set of bits is where the word may have come to.
    """

    __slots__ = ("_begins", "_goes_on", "_size", "initials", "joined", "plain", "starts", "syllables")

    def __init__(self, name: str, spoken: str) -> None:
        self.plain = _plain(name)
        self._size = min(len(self.plain), _STEP - 1)
        syllables = spoken.split(" ") if spoken else []
        self.syllables = syllables if len(syllables) == len(self.plain) else list(self.plain)
        self.initials = "".join(syllable[0] for syllable in self.syllables)
        self.joined = "".join(self.syllables)
        self.starts: set[int] = set()
        self._begins: dict[str, int] = {}
        self._goes_on: dict[str, int] = {}
        bit, start = 1, 0
        for char, syllable in zip(self.plain, self.syllables, strict=True):
            self._begins[char] = self._begins.get(char, 0) | bit
            for place, letter in enumerate(syllable):
                bit <<= 1
                letters = self._goes_on if place else self._begins
                letters[letter] = letters.get(letter, 0) | bit
            bit <<= 1
            self.starts.add(start)
            start += len(syllable)

    @property
    def beginnings(self) -> Iterable[str]:
        """What a fitting word can begin with."""
        return self._begins

    def rank(self, word: str) -> int | None:
        """How well a word fits; None when it does not."""
        size = self._size
        if self.plain.startswith(word):
            return _BEGINS * _STEP + size
        if self.initials.startswith(word) or self.joined.startswith(word):
            return _SPOKEN_BEGINS * _STEP + size
        if word in self.plain:
            return _HAS * _STEP + size
        if len(word) > 1:
            if word in self.initials or self._spoken_at(word) is not None:
                return _SPOKEN_HAS * _STEP + size
            if end := self._end_in_order(word):
                return _IN_ORDER * _STEP + min(end, _STEP - 1)
        return None

    def _spoken_at(self, word: str) -> int | None:
        at = self.joined.find(word)
        while at >= 0 and at not in self.starts:
            at = self.joined.find(word, at + 1)
        return at if at >= 0 else None

    def _end_in_order(self, word: str) -> int:
        """Where a word has come to its end at the earliest, with characters left out; 0 for nowhere."""
        reached = -1
        for place, char in enumerate(word):
            later = -((reached & -reached) << 1) if place else -1
            on = (reached << 1) & self._goes_on.get(char, 0) if place else 0
            reached = on | (self._begins.get(char, 0) & later)
            if not reached:
                return 0
        return (reached & -reached).bit_length()

    def marks(self, word: str) -> tuple[int, ...]:
        """The characters that a fitting word asks for."""
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


@dataclass(frozen=True, slots=True)
class _Entry:
    hit: Hit
    code: str
    texts: tuple[_Text, ...]
    line: str

    def rank(self, word: str) -> int | None:
        if word == self.code:
            return _CODE
        best = _CODE_BEGINS * _STEP if self.code.startswith(word) else _NOT
        if word in self.line:
            best = min(best, _LINE * _STEP)
        for text in self.texts:
            rank = text.rank(word)
            if rank is not None and rank < best:
                best = rank
        return best if best < _NOT else None

    def shown(self, words: Sequence[str]) -> Hit:
        """The hit with the name that fits best, and what of it was asked for."""
        fitting = [self._fit(text, words) for text in self.texts]
        # Its own name where that fits as much; another one only where it explains more.
        best = min(range(len(fitting)), key=lambda at: (-len(fitting[at]), at > 0, sum(fitting[at].values())))
        text, hit = self.texts[best], self.hit
        marks = {mark for word in fitting[best] for mark in text.marks(word)}
        before = len(hit.name) + 2 if best else 0
        said = clean(hit.matter.aliases[best - 1]) if hit.matter and best else ""
        return Hit(hit.line, hit.matter, hit.agency, said, tuple(sorted(mark + before for mark in marks)))

    @staticmethod
    def _fit(text: _Text, words: Sequence[str]) -> dict[str, int]:
        return {word: rank for word in words if (rank := text.rank(word)) is not None}

    def beginnings(self) -> set[str]:
        """What the first character of a word must be for the word to fit."""
        return {self.code[:1], *self.line}.union(*(text.beginnings for text in self.texts))


class Lookup:
    """A hall's lines, matters and outside bodies, made ready once so that each key is answered at once."""

    def __init__(self, hall: Hall) -> None:
        """Make ``hall`` ready; lines, matters, bodies, each in the hall's order."""
        lines = {line.code: line for line in hall.lines}
        self._entries = [_entry(Hit(line), (line.name,), line.spoken) for line in hall.lines]
        for matter in hall.matters:
            if matter.line in lines:
                line = lines[matter.line]
                names = (matter.name, *matter.aliases)
                words = f"{line.code} {line.name}"
                self._entries.append(_entry(Hit(line, matter), names, matter.spoken, words))
        for agency in hall.agencies:
            self._entries.append(_entry(Hit(None, None, agency), (agency.name,), agency.spoken))
        self._beginning: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            for char in entry.beginnings():
                self._beginning.setdefault(char, []).append(place)
        self._known: dict[str, dict[int, int]] = {}

    def find(self, text: str, count: int = SHOWN) -> tuple[Hit, ...]:
        """The best ``count`` hits for a text; everything, in the hall's order, for none.

        Each word of the text must be found: in the code, in a name, or in the line's code or name. A name is
        found by its characters, by how they are spoken (shebao), by the first letters of that (sbjf), and by
        any mixture of these in the name's order, with characters left out: 养老认证 finds 养老待遇资格认证.
        """
        words = _plain(text).split()
        if not words:
            return tuple(entry.hit for entry in self._entries[:count])
        first, *others = [self._fitting(word) for word in words]
        ranked = [
            (rank + sum(fitting[place] for fitting in others), place)
            for place, rank in first.items()
            if all(place in fitting for fitting in others)
        ]
        return tuple(self._entries[place].shown(words) for _rank, place in sorted(ranked)[:count])

    def _fitting(self, word: str) -> dict[int, int]:
        """The places of what one word fits, with how well; kept, for the next key changes little.

        A word of three characters and more fits only where it did without its last one.
        """
        if word not in self._known:
            shorter = self._known.get(word[:-1]) if len(word) > 2 else None  # noqa: PLR2004 - see above
            places = self._beginning.get(word[0], ()) if shorter is None else shorter
            entries = self._entries
            found = {place: rank for place in places if (rank := entries[place].rank(word)) is not None}
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[word] = found
        return self._known[word]


def _entry(hit: Hit, names: tuple[str, ...], spoken: tuple[str, ...], line: str = "") -> _Entry:
    said = (*spoken, *([""] * (len(names) - len(spoken))))
    texts = tuple(_Text(name, how) for name, how in zip(names, said, strict=False))
    return _Entry(hit, hit.code.lower(), texts, _plain(line))


def _plain(text: str) -> str:
    return clean(text).lower()
