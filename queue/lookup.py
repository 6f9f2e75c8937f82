"""Finding a matter, a line or an outside body by what the visitor says, at each key (OP-1, FR-5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from jiaohao.queue.clean import clean
from jiaohao.queue.spelling import Fitting, Name, Names, Texts
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Agency, Hall, Line, Matter

_LONG_CHINESE, _LONG_LETTERS = 3, 5
"""From so many characters on a word may hold a mistake: a shorter one would then fit anything."""
_KIND, _NEARLY = 1000, 8
"""From one way to fit to the next; to fit with a mistake comes after all others."""
_NOT = _KIND * (_NEARLY + 1)
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
    names: range

    def shown(self, names: Sequence[Name], words: Sequence[str], fits: Sequence[_Fit]) -> Hit:
        """The hit by its own name, or by another one that explains more; and what of that was asked for."""
        hit, own = self.hit, self.names[0]

        def told(place: int) -> tuple[int, bool, list[tuple[int, ...]], int]:
            marks = [names[place].marks(word) for word in words]
            unexplained = sum(not (of or place in fit.near) for of, fit in zip(marks, fits, strict=True))
            return unexplained, place > own, marks, place

        best = told(own)
        if best[0]:
            best = min([best, *map(told, self.names[1:])])
        _unexplained, is_other, marks, place = best
        said = clean(hit.matter.aliases[place - own - 1]) if hit.matter and is_other else ""
        before = len(hit.name) + 2 if is_other else 0
        places = tuple(sorted(before + mark for mark in set().union(*marks)))
        return Hit(hit.line, hit.matter, hit.agency, said, places, any(fit.near for fit in fits))


@frozen
class _Fit:
    """How well a word fits the entries it fits; ``near`` are the names that it only fits with a mistake."""

    ranks: Mapping[int, int]
    near: Collection[int] = ()


class Lookup:
    """A hall's lines, matters and outside bodies, made ready once so that each key is answered at once."""

    def __init__(self, hall: Hall) -> None:
        """Make ``hall`` ready; lines, matters, bodies, each in the hall's order."""
        self._entries: list[_Entry] = []
        self._names: list[Name] = []
        self._owners: list[int] = []
        lines = {line.code: line for line in hall.lines}
        for line in hall.lines:
            self._enter(Hit(line), (line.name,), line.spoken)
        for matter in hall.matters:
            if matter.line in lines:
                self._enter(Hit(lines[matter.line], matter), (matter.name, *matter.aliases), matter.spoken)
        for agency in hall.agencies:
            self._enter(Hit(None, None, agency), (agency.name,), agency.spoken)
        self._together = Names(self._names)
        self._codes = Texts([entry.hit.code.lower() for entry in self._entries])
        self._lines = Texts([_line_of(entry.hit) for entry in self._entries])

    def _enter(self, hit: Hit, names: Sequence[str], spoken: Sequence[str]) -> None:
        said = (*spoken, *([""] * (len(names) - len(spoken))))
        first, place = len(self._names), len(self._entries)
        self._names += [Name(_plain(name), how) for name, how in zip(names, said, strict=False)]
        self._owners += [place] * (len(self._names) - first)
        self._entries.append(_Entry(hit, hit.key, range(first, len(self._names))))

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
        fits = [self._fit(word, count if len(words) == 1 else len(entries)) for word in words]
        first, *others = [fit.ranks for fit in fits]
        ranks = {
            place: rank + sum(other[place] for other in others)
            for place, rank in first.items()
            if all(place in other for other in others)
        }

        def worth(place: int) -> tuple[int, int, int, int]:
            rank = ranks[place]
            return rank // _KIND, -often.get(entries[place].key, 0), rank, place

        best = sorted(ranks, key=worth)[:count]
        return tuple(entries[place].shown(self._names, words, fits) for place in best)

    def _fit(self, word: str, enough: int) -> _Fit:
        """What a word fits; where there is ``enough`` of the best kinds, only these."""
        ranks: dict[int, int] = {}
        for kind, fitting in enumerate(self._kinds(word)):
            if len(ranks) >= enough:
                break
            for place, rank in fitting:
                _keep(ranks, place, kind * _KIND + min(rank, _KIND - 1))
        if ranks or len(word) < (_LONG_LETTERS if word.isascii() else _LONG_CHINESE):
            return _Fit(ranks)
        near = dict(self._together.nearly(word))
        for name, rank in near.items():
            _keep(ranks, self._owners[name], _NEARLY * _KIND + min(rank, _KIND - 1))
        return _Fit(ranks, near)

    def _kinds(self, word: str) -> Iterator[Fitting]:
        """The ways in which a word fits entries to the letter, the best first."""
        names, is_long = self._together, len(word) > 1
        yield _equally(self._codes.being(word))
        yield self._owning(names.beginning(word))
        yield _equally(self._codes.beginning(word))
        yield self._owning(names.spoken_beginning(word))
        yield self._owning(names.having(word))
        if is_long:
            yield self._owning(names.spoken_having(word))
        yield _equally(self._lines.having(word))
        if is_long:
            yield self._owning(names.in_order(word))

    def _owning(self, names: Fitting) -> Fitting:
        return ((self._owners[name], rank) for name, rank in names)


def _keep(ranks: dict[int, int], place: int, rank: int) -> None:
    if rank < ranks.get(place, _NOT):
        ranks[place] = rank


def _equally(places: Iterable[int]) -> Fitting:
    return ((place, 0) for place in places)


def _line_of(hit: Hit) -> str:
    """What a matter is also found by."""
    return _plain(f"{hit.line.code} {hit.line.name}") if hit.line and hit.matter else ""


def _plain(text: str) -> str:
    return clean(text).lower()
