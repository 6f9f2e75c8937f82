"""How a name is spoken, so that it is found by what is typed; worked out once, when the hall is described."""

from __future__ import annotations

BLANK = "_"
"""Stands for a character that is not spoken."""


def spoken(text: str) -> str:
    """The syllables of a text without tones, one for each character, with a blank between two.

    What is not Chinese stands for itself, in small letters.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - slow to load, and only who describes a hall needs it

    # Its types know only one text for a whole run of other characters; a list gives each its own.
    parts = lazy_pinyin(text, errors=list)  # type: ignore[arg-type]
    return " ".join(part.lower() if part.strip() else BLANK for part in parts)


def toned(text: str) -> str:
    """A text in pinyin, each syllable with the number of its tone (``hao4``, ``de5``), as speech wants it.

    What is not Chinese stands as it is.
    """
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - slow to load, and only who speaks needs it

    return " ".join(" ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)).split())
