"""Finding a matter, a line or an outside body by what the visitor says, at each key (OP-1, FR-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from types import MappingProxyType
from typing import NamedTuple

from jiaohao.queue.clean import clean
from jiaohao.store.values import Agency, Hall, Line, Matter

# How well a word fits, the best first; among equals the shorter name, or the tighter fit, comes first.
_CODE, _BEGINS, _CODE_BEGINS, _SPOKEN_BEGINS, _HAS, _SPOKEN_HAS, _LINE, _IN_ORDER, _NEARLY = range(9)
_STEP = 1000
_NOT = 9 * _STEP
_LONG_CHINESE, _LONG_LETTERS = 3, 5
"""From so many characters on a word may hold a mistake: a shorter one would then fit anything."""
_KEPT = 64
_START = 1
"""The bit of a word that has not come to anything yet."""
SHOWN = 60
"""So many hits are more than anybody looks through: who finds nothing among them types on."""


# The same names are asked for at every key.
_cleaned = lru_cache(maxsize=16_384)(clean)


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found: a matter in its line, a line alone, or a body outside the centre.

    ``marks`` are the places in ``shown`` of the characters that were asked for; ``said`` is the other name
    by which it was found. ``is_near``: nothing fits to the letter, but this does but for a slip of the key.
    """

    line: Line | None
    matter: Matter | None = None
    agency: Agency | None = None
    said: str = ""
    marks: tuple[int, ...] = ()
    is_near: bool = False

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

    __slots__ = (
        "_all_begin", "_all_go_on", "_begins", "_goes_on", "_size", "initials", "joined", "plain", "starts",
        "syllables",
    )  # fmt: skip

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
        reached = _START
        for char in word:
            reached = self._on(reached, char)
            if not reached:
                return 0
        return (reached & -reached).bit_length()

    def nearly(self, word: str) -> int | None:
        """How well a word fits with one character wrong, too many, left out, or two swapped; or None."""
        end = self._end_with_a_slip(word)
        return _NEARLY * _STEP + min(end, _STEP - 1) if end else None

    def _end_with_a_slip(self, word: str) -> int:
        """As ``_end_in_order``, with one mistake: ``wrong`` are the ways that have made it."""
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


def _any_of(places: Mapping[str, int]) -> int:
    return reduce(or_, places.values(), 0)


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

    def nearly(self, word: str) -> int | None:
        """How well a word with a slip of the key fits; None when it does not."""
        return min((rank for text in self.texts if (rank := text.nearly(word)) is not None), default=None)

    def shown(self, words: Sequence[str], *, is_near: bool) -> Hit:
        """The hit with the name that fits best, and what of it was asked for."""
        fitting = [self._fit(text, words) for text in self.texts]
        # Its own name where that fits as much; another one only where it explains more.
        best = min(range(len(fitting)), key=lambda at: (-len(fitting[at]), at > 0, sum(fitting[at].values())))
        text, hit = self.texts[best], self.hit
        marks = {mark for word in fitting[best] for mark in text.marks(word)}
        before = len(hit.name) + 2 if best else 0
        said = clean(hit.matter.aliases[best - 1]) if hit.matter and best else ""
        places = tuple(sorted(mark + before for mark in marks))
        return Hit(hit.line, hit.matter, hit.agency, said, places, is_near)

    @staticmethod
    def _fit(text: _Text, words: Sequence[str]) -> dict[str, int]:
        ranks = {word: text.rank(word) or text.nearly(word) for word in words}
        return {word: rank for word, rank in ranks.items() if rank is not None}

    def beginnings(self) -> set[str]:
        """What the first character of a word must be for the word to fit."""
        return {self.code[:1], *self.line}.union(*(text.beginnings for text in self.texts))


class _Rank(NamedTuple):
    """What decides which hit comes first."""

    kind: int
    seldom: int
    fit: int
    place: int


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
        self._near: dict[str, dict[int, int]] = {}

    def find(
        self, text: str, count: int = SHOWN, often: Mapping[str, int] = MappingProxyType({})
    ) -> tuple[Hit, ...]:
        """The best ``count`` hits for a text; everything, in the hall's order, for none.

        Each word of the text must be found: in the code, in a name, or in the line's code or name. A name is
        found by its characters, by how they are spoken (shebao), by the first letters of that (sbjf), and by
        any mixture of these in the name's order, with characters left out: 养老认证 finds 养老待遇资格认证.
        A word that is found nowhere may hold one mistake. Of what fits equally well that comes first which
        was asked for more ``often``, by the hits' keys.
        """
        words = _plain(text).split()
        entries = self._entries
        if not words:
            hits = sorted((entry.hit for entry in entries), key=lambda hit: -often.get(hit.key, 0))
            return tuple(hits[:count])
        first, *others = [self._fitting(word) for word in words]
        ranked = sorted(
            _Rank(rank // _STEP, -often.get(entries[place].hit.key, 0), rank, place)
            for place, rank in (
                (place, rank + sum(fitting[place] for fitting in others))
                for place, rank in first.items()
                if all(place in fitting for fitting in others)
            )
        )
        near = set().union(*(self._near.get(word, ()) for word in words))
        return tuple(entries[one.place].shown(words, is_near=one.place in near) for one in ranked[:count])

    def _fitting(self, word: str) -> dict[int, int]:
        """The places of what one word fits, with how well: to the letter, or else with one mistake."""
        found = self._ranked(word, self._known, _Entry.rank, word[:1])
        if found or len(word) < (_LONG_LETTERS if word.isascii() else _LONG_CHINESE):
            return found
        # The first character may be the wrong one.
        return self._ranked(word, self._near, _Entry.nearly, word[:2])

    def _ranked(
        self,
        word: str,
        known: dict[str, dict[int, int]],
        rank_of: Callable[[_Entry, str], int | None],
        begins: str,
    ) -> dict[int, int]:
        """Kept, for the next key changes little.

        A word of three characters and more fits only where it did without its last one.
        """
        if word not in known:
            shorter = known.get(word[:-1]) if len(word) > 2 else None  # noqa: PLR2004 - see above
            places = (
                {p for char in begins for p in self._beginning.get(char, ())} if shorter is None else shorter
            )
            entries = self._entries
            found = {place: rank for place in places if (rank := rank_of(entries[place], word)) is not None}
            if len(known) >= _KEPT:
                known.clear()
            known[word] = found
        return known[word]


def _entry(hit: Hit, names: tuple[str, ...], spoken: tuple[str, ...], line: str = "") -> _Entry:
    said = (*spoken, *([""] * (len(names) - len(spoken))))
    texts = tuple(_Text(name, how) for name, how in zip(names, said, strict=False))
    return _Entry(hit, hit.code.lower(), texts, _plain(line))


def _plain(text: str) -> str:
    return clean(text).lower()
