"""How a word fits names, all of them at once: against trying each name by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaohao.queue.pinyin import spoken
from jiaohao.queue.spelling import Name, Names, Texts

SAID = ["西安", "先安", "安全", "an安", "险", "", "社保shebao", "养老保险", "老养", "n安n"]
ALL = [Name(name, spoken(name)) for name in SAID]
NAMES = Names(ALL)
CHARS = sorted({char for name in ALL for char in (*name.plain, *"".join(name.syllables))})
WORDS = st.text(CHARS, min_size=2, max_size=6)


def fitting(word: str) -> set[int]:
    """The places of the names that a word fits, by looking at one after the other."""
    return {place for place, name in enumerate(ALL) if name.marks(word)}


def slips(word: str) -> Iterator[str]:
    """All words with one character other, left out, too many or swapped."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for char in CHARS:
            yield before + char + after
            yield before + char + after[1:]


@pytest.mark.rule("OP-1")
@given(WORDS)
def test_what_a_word_fits_is_what_can_be_marked(word: str) -> None:
    assert {place for place, _end in NAMES.in_order(word)} == fitting(word)


@pytest.mark.rule("OP-1")
@given(st.text(CHARS, min_size=3, max_size=5))
def test_what_a_word_nearly_fits_is_what_it_fits_with_one_mistake(word: str) -> None:
    near = {place for place, _end in NAMES.nearly(word)}
    assert near | fitting(word) == set().union(*map(fitting, slips(word))) | fitting(word)


@given(WORDS)
def test_marks_are_the_characters_that_a_word_can_stand_for_in_their_order(word: str) -> None:
    for name in ALL:
        marks = name.marks(word)
        assert list(marks) == sorted(set(marks))
        assert not marks or len(marks) <= len(word) <= sum(len(name.syllables[mark]) for mark in marks)


def test_a_word_that_begins_within_a_syllable_is_not_spoken_there() -> None:
    places = {place for place, _size in NAMES.spoken_having("an")}
    assert [SAID[place] for place in sorted(places)] == ["西安", "先安", "安全", "an安", "n安n"]


def test_a_tighter_and_an_earlier_fit_is_better() -> None:
    ends = dict(NAMES.in_order("xian"))
    assert ends[SAID.index("先安")] < ends[SAID.index("西安")]


def test_texts_are_found_by_all_of_them_their_beginning_or_any_part() -> None:
    texts = Texts(["ab", "b", "", "abab"])
    assert list(texts.being("ab")) == [0]
    assert list(texts.beginning("ab")) == [0, 3]
    assert set(texts.having("b")) == {0, 1, 3}
    assert list(texts.having("ba")) == [3]


def test_no_names_are_no_mistake() -> None:
    nobody = Names([])
    assert [*nobody.in_order("ab"), *nobody.nearly("abc"), *nobody.having("a")] == []
