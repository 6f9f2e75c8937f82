"""Finding a matter, a line or an outside body by what the visitor says, at each key (OP-1, FR-5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from jiaohao.queue import spelling
from jiaohao.queue.clean import clean
from jiaohao.queue.spelling import Name
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Agency, Hall, Line, Matter

_LONG_CHINESE, _LONG_LETTERS = 3, 5
"""From so many characters on a word may hold a mistake: a shorter one would then fit anything."""
_KEPT = 64
SHOWN = 60
"""So many hits are more than anybody looks through: who finds nothing among them types on."""


# The same names are asked for at every key.
_cleaned = lru_cache(maxsize=16_384)(clean)


@frozen
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


@frozen
class _Entry:
    hit: Hit
    key: str
    code: str
    texts: tuple[Name, ...]
    line: str

    def rank(self, word: str) -> int | None:
        if word == self.code:
            return spelling.CODE
        best = spelling.CODE_BEGINS * spelling.STEP if self.code.startswith(word) else spelling.NOT
        if word in self.line:
            best = min(best, spelling.LINE * spelling.STEP)
        for text in self.texts:
            rank = text.rank(word)
            if rank is not None and rank < best:
                best = rank
        return best if best < spelling.NOT else None

    def nearly(self, word: str) -> int | None:
        """How well a word with a slip of the key fits; None when it does not."""
        return min((rank for text in self.texts if (rank := text.nearly(word)) is not None), default=None)

    def shown(self, words: Sequence[str], *, is_near: bool) -> Hit:
        """The hit with the name that fits best, and what of it was asked for."""
        best = self._best(words, is_near=is_near) if len(self.texts) > 1 else 0
        text, hit = self.texts[best], self.hit
        marks = {mark for word in words for mark in text.marks(word)}
        before = len(hit.name) + 2 if best else 0
        said = clean(hit.matter.aliases[best - 1]) if hit.matter and best else ""
        places = tuple(sorted(mark + before for mark in marks))
        return Hit(hit.line, hit.matter, hit.agency, said, places, is_near)

    def _best(self, words: Sequence[str], *, is_near: bool) -> int:
        """Its own name where that fits as much; another one only where it explains more."""
        fitting = [self._fit(text, words, is_near=is_near) for text in self.texts]
        return min(range(len(fitting)), key=lambda at: (-len(fitting[at]), at > 0, sum(fitting[at])))

    @staticmethod
    def _fit(text: Name, words: Sequence[str], *, is_near: bool) -> list[int]:
        ranks = [text.rank(word) or (text.nearly(word) if is_near else None) for word in words]
        return [rank for rank in ranks if rank is not None]

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
            by_use = sorted(entries, key=lambda entry: -often.get(entry.key, 0))
            return tuple(entry.hit for entry in by_use[:count])
        first, *others = [self._fitting(word) for word in words]
        fits = first
        if others:
            fits = {
                place: rank + sum(fitting[place] for fitting in others)
                for place, rank in first.items()
                if all(place in fitting for fitting in others)
            }
        near = set().union(*(self._near.get(word, ()) for word in words))
        best = self._foremost(fits, count, often)
        return tuple(entries[place].shown(words, is_near=place in near) for place in best)

    def _foremost(self, fits: Mapping[int, int], count: int, often: Mapping[str, int]) -> list[int]:
        """By kind, how seldom it was asked for, how it fits, and where it stands.

        Most fit in the kinds that come last, and are only put in order where those before are too few.
        """
        kinds: dict[int, list[int]] = {}
        for place, rank in fits.items():
            kinds.setdefault(rank // spelling.STEP, []).append(place)
        best: list[int] = []
        for kind in sorted(kinds):
            if len(best) < count:
                best += sorted(
                    kinds[kind],
                    key=lambda place: (-often.get(self._entries[place].key, 0), fits[place], place),
                )
        return best[:count]

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
    texts = tuple(Name(_plain(name), how) for name, how in zip(names, said, strict=False))
    return _Entry(hit, hit.key, hit.code.lower(), texts, _plain(line))


def _plain(text: str) -> str:
    return clean(text).lower()
