"""How a word fits names: by their characters, how they are spoken, the first letters of that (OP-1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import accumulate, chain
from string import ascii_lowercase

Fitting = Iterator[tuple[int, int]]
"""The places of what a word fits, not in order and maybe more than once, and how: less is better."""

_KEPT = 128
"""The bits of so many characters are kept; those of the letters take part in nearly every search."""
# None of these can be in a name or in a word: both are clean.
_START, _END, _NONE, _WRITTEN = "\1", "\2", "\0", "\3"


class Name:
    """One name: what it says, in small letters, and how it is spoken."""

    __slots__ = ("initials", "plain", "syllables")

    def __init__(self, name: str, spoken: str) -> None:
        """Of a name and its syllables; where those do not go with it, as it is written."""
        self.plain = name
        syllables = spoken.split(" ") if spoken else []
        self.syllables = syllables if len(syllables) == len(self.plain) else list(self.plain)
        self.initials = "".join(syllable[0] for syllable in self.syllables)

    def marks(self, word: str) -> tuple[int, ...]:
        """The characters that a word asks for; none where it does not fit."""
        at = self.plain.find(word)
        if at < 0:  # one letter is only looked for where a name begins
            at = self.initials.find(word, 0, None if len(word) > 1 else 1)
        if at >= 0:
            return tuple(range(at, at + len(word)))
        return (self._at_once(word) or self._align(word, 0, {}) or ()) if len(word) > 1 else ()

    def _at_once(self, word: str) -> tuple[int, ...]:
        """As ``_align`` where nothing has to be tried a second time; else none."""
        found, said = [], 0
        for place, sounds in enumerate(zip(self.plain, self.initials, strict=True)):
            if word[said] in sounds:
                found.append(place)
                said += next(self._taken(word[said:], place))
            if said == len(word):
                return tuple(found)
        return ()

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

    def _taken(self, word: str, at: int) -> Iterator[int]:
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


class Texts:
    """Texts that are searched all at once, as one; places may be given more than once."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Of any number; none has a line end."""
        self._all = "".join(f"\n{text}" for text in texts) + "\n"
        self._starts = _starts(len(text) + 1 for text in texts)

    def being(self, word: str) -> Iterator[int]:
        """The texts that are a word."""
        return self.having(f"\n{word}\n")

    def beginning(self, word: str) -> Iterator[int]:
        """The texts that begin with a word."""
        return self.having(f"\n{word}")

    def having(self, word: str) -> Iterator[int]:
        """The texts that have a word somewhere."""
        for at in self._found(word):
            yield bisect_right(self._starts, at) - 1

    def _found(self, word: str) -> Iterator[int]:
        at = self._all.find(word)
        while at >= 0:
            yield at
            at = self._all.find(word, at + 1)


class _Spoken(Texts):
    """Names as they are spoken; what begins within a syllable is not found."""

    def __init__(self, names: Sequence[Name]) -> None:
        super().__init__(["".join(name.syllables) for name in names])
        starts = (f"\n{''.join('1' + '0' * (len(one) - 1) for one in name.syllables)}" for name in names)
        self._syllables = "".join(starts)

    def _found(self, word: str) -> Iterator[int]:
        return (at for at in super()._found(word) if self._syllables[at] != "0")


class Names:
    """Names made ready, all of them together: a search takes as long as it finds, not as there are names.

    Whether a word fits with characters left out is followed in all names and in all ways at once: each
    character, and each letter of its syllable, is one bit, and a set of bits is where the word may have come
    to. The bits of a name stand between one for a word that has not come to anything yet and one for its end.
    """

    def __init__(self, names: Sequence[Name]) -> None:
        """Of any number."""
        self._sizes = [len(name.plain) for name in names]
        self._plain = Texts([name.plain for name in names])
        self._initials = Texts([name.initials for name in names])
        self._spoken = _Spoken(names)
        begins, goes_on = zip(*map(_laid_out, names), strict=True) if names else ((), ())
        self._starts = _starts(map(len, begins))
        # A text is read from its end, where a number's lowest bit is.
        first, later = "".join(begins)[::-1], "".join(goes_on)[::-1]
        self._begins = lru_cache(_KEPT)(partial(_bits, first))
        self._goes_on = lru_cache(_KEPT)(partial(_bits, later))
        self._none, self._ends = _bits(first, _START), _bits(first, _END)
        self._written = _bits(later, _WRITTEN)
        everywhere = (1 << len(first)) - 1
        self._all_begin = everywhere ^ _bits(first, _NONE) ^ self._none ^ self._ends
        self._all_go_on = everywhere ^ _bits(later, _NONE) ^ self._written
        for letter in ascii_lowercase:
            self._begins(letter)
            self._goes_on(letter)

    def beginning(self, word: str) -> Fitting:
        """The names that begin with a word; a short one is better."""
        return self._sized(self._plain.beginning(word))

    def spoken_beginning(self, word: str) -> Fitting:
        """The names that are spoken, or whose first letters are, with a word at the beginning."""
        return self._sized(chain(self._initials.beginning(word), self._spoken.beginning(word)))

    def having(self, word: str) -> Fitting:
        """The names that have a word somewhere."""
        return self._sized(self._plain.having(word))

    def spoken_having(self, word: str) -> Fitting:
        """The names that are spoken, or whose first letters are, with a word somewhere."""
        return self._sized(chain(self._initials.having(word), self._spoken.having(word)))

    def _sized(self, places: Iterable[int]) -> Fitting:
        return ((place, self._sizes[place]) for place in places)

    def in_order(self, word: str) -> Fitting:
        """The names that a word fits with characters left out, best where it comes to its end early."""
        reached = self._none
        for char in word:
            reached = self._on(reached, char)
        return self._come_to(reached)

    def nearly(self, word: str) -> Fitting:
        """As ``in_order``, but with one character wrong, too many, left out, or two swapped."""
        before, right = 0, self._none
        wrong = self._on(right)  # the ways that have made the mistake
        for place, char in enumerate(word):
            on = self._on(right, char)
            swapped = self._on(self._on(before, char), word[place - 1]) if place else 0
            wrong = self._on(wrong, char) | swapped | right | self._on(right) | self._on(on)
            before, right = right, on
        return self._come_to(wrong)

    def _come_to(self, reached: int) -> Fitting:
        earliest = bin(reached & (self._ends - reached))
        at = earliest.find("1")
        while at >= 0:
            bit = len(earliest) - 1 - at
            place = bisect_right(self._starts, bit) - 1
            yield place, bit - self._starts[place]
            at = earliest.find("1", at + 1)

    def _on(self, reached: int, char: str | None = None) -> int:
        """Where a character, or any, leads from where a word has come to.

        It goes on with a syllable at the next bit, or stands for a character after the earliest, or begins
        its syllable; a character that stood for itself is not spoken besides.
        """
        begins = self._all_begin if char is None else self._begins(char)
        goes_on = self._all_go_on if char is None else self._goes_on(char)
        written = reached & self._written
        past = reached ^ written | written << 1
        after_earliest = (self._ends - past) ^ past
        return (reached << 1) & goes_on | begins & after_earliest


def _laid_out(name: Name) -> tuple[str, str]:
    """What begins at each bit of a name, a character or its syllable, and what goes on with a syllable."""
    pairs = list(zip(name.plain, name.syllables, strict=True))
    begins = "".join(char + syllable[0] + _NONE * (len(syllable) - 1) for char, syllable in pairs)
    goes_on = "".join(_WRITTEN + _NONE + syllable[1:] for _char, syllable in pairs)
    return f"{_START}{begins}{_END}", f"{_NONE}{goes_on}{_NONE}"


def _bits(text: str, char: str) -> int:
    """The places of a character in a text, the last of the text being the lowest bit."""
    return int("1".join("0" * len(part) for part in text.split(char)) or "0", 2)


def _starts(sizes: Iterable[int]) -> list[int]:
    return [0, *accumulate(sizes)][:-1]
