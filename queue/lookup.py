"""Finding a matter, a line or an outside body by what the visitor says, at each key (OP-1, FR-5)."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, repeat
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
    def names(self) -> tuple[Sequence[str], Sequence[str]]:
        """All its names, its own first, and how they are spoken as far as that is known."""
        others = self.matter.aliases if self.matter else ()
        return (self._itself.name, *others), self._itself.spoken

    @property
    def _itself(self) -> Matter | Line | Agency:
        found = self.matter or self.line or self.agency
        if found is None:
            raise AssertionError("a hit is of something")
        return found


@frozen
class _Fit:
    """How well a word fits the hits it fits; ``near`` are the names that it only fits with a mistake."""

    ranks: Mapping[int, int]
    near: Collection[int] = ()


class Lookup:
    """A hall's lines, matters and outside bodies, made ready once so that each key is answered at once."""

    def __init__(self, hall: Hall) -> None:
        """Of lines, matters and bodies, each in the hall's order; made ready when it is asked for."""
        lines = {line.code: line for line in hall.lines}
        matters = (Hit(lines[matter.line], matter) for matter in hall.matters if matter.line in lines)
        self._hits = (*map(Hit, hall.lines), *matters, *(Hit(None, None, one) for one in hall.agencies))
        self._keys = [hit.key for hit in self._hits]

    @cached_property
    def _ready(self) -> _Ready:
        ready = _Ready(self._hits)
        # It lives as long as the hall's description. Unfrozen, the collector now and then looks through all
        # of it, and the key typed then waits for several frames.
        gc.freeze()
        return ready

    def make_ready(self) -> None:
        """Now, and not at the first word."""
        self._ready  # noqa: B018 - kept where it was made

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
        words, keys = _plain(text).split(), self._keys
        if not words:
            by_use = sorted(range(len(keys)), key=lambda place: -often.get(keys[place], 0))
            return tuple(self._hits[place] for place in by_use[:count])
        fits = [self._ready.fit(word, count if len(words) == 1 else len(keys)) for word in words]
        first, *others = [fit.ranks for fit in fits]
        ranks = {
            place: rank + sum(other[place] for other in others)
            for place, rank in first.items()
            if all(place in other for other in others)
        }

        def worth(place: int) -> tuple[int, int, int, int]:
            rank = ranks[place]
            return rank // _KIND, -often.get(keys[place], 0), rank, place

        return tuple(self._ready.shown(place, words, fits) for place in sorted(ranks, key=worth)[:count])


class _Ready:
    """Hits whose names are spelt out."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._names: list[Name] = []
        self._owners: list[int] = []
        self._first: list[int] = []
        """The place of each hit's own name; its others follow."""
        for place, hit in enumerate(hits):
            names, spoken = hit.names
            self._first.append(len(self._names))
            said = chain(spoken, repeat(""))
            self._names += [Name(_plain(name), how) for name, how in zip(names, said, strict=False)]
            self._owners += [place] * len(names)
        self._together = Names(self._names)
        self._codes = Texts([hit.code.lower() for hit in hits])
        self._lines = Texts([_line_of(hit) for hit in hits])

    def shown(self, place: int, words: Sequence[str], fits: Sequence[_Fit]) -> Hit:
        """The hit by its own name, or by another one that explains more; and what of that was asked for."""
        hit, own = self._hits[place], self._first[place]

        def told(name: int) -> tuple[int, bool, list[tuple[int, ...]], int]:
            marks = [self._names[name].marks(word) for word in words]
            unexplained = sum(not (of or name in fit.near) for of, fit in zip(marks, fits, strict=True))
            return unexplained, name > own, marks, name

        best = told(own)
        if best[0] and hit.matter:
            best = min([best, *(told(own + other) for other in range(1, 1 + len(hit.matter.aliases)))])
        _unexplained, is_other, marks, name = best
        said = clean(hit.matter.aliases[name - own - 1]) if hit.matter and is_other else ""
        before = len(hit.name) + 2 if is_other else 0
        places = tuple(sorted(before + mark for mark in set().union(*marks)))
        return Hit(hit.line, hit.matter, hit.agency, said, places, any(fit.near for fit in fits))

    def fit(self, word: str, enough: int) -> _Fit:
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
