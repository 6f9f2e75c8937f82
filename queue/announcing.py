"""What is said at a call (Q-7): the words on the wall, and the same words as a loudspeaker says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from jiaohao.queue import language
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.pinyin import toned
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Call, Hall

COMMAND = ("espeak-ng", "--stdin", "-v", "{voice}", "-s", "150")
"""The command that speaks where config.toml names no other: at 150 words a minute, slower than by itself."""
VOICES = {"zh_CN": "cmn-latn-pinyin", "en": "en"}
"""Its voices. Those that are named after Chinese alone read Chinese characters as English letters."""
_PINYIN = "pinyin"


@frozen
class Speech:
    """How a machine speaks: a command that reads the words on its standard input, ``{voice}`` filled in."""

    command: tuple[str, ...] = COMMAND
    voices: Mapping[str, str] = field(default_factory=lambda: VOICES)
    """The voice for each language."""


def shown(call: Call, hall: Hall) -> str:
    """The words of a call in the language in force, to be read."""
    return _filled(hall, call.number, call.window)


def spoken(call: Call, hall: Hall) -> str:
    """The words of a call in the language in force, number and window spelt out, to be heard."""
    return _filled(hall, _spelt(call.number), _spelt(call.window))


def for_voice(text: str, voice: str) -> str:
    """The words as a voice wants them: in pinyin with its tones for one whose name ends in ``pinyin``."""
    return toned(text) if voice.endswith(_PINYIN) else text


def _filled(hall: Hall, number: str, window: str) -> str:
    # A template comes from config.toml and may hold anything: nothing but the two words is filled in.
    return clean(_template(hall).replace("{number}", number).replace("{window}", window))


def _template(hall: Hall) -> str:
    tongue, calling = language.language(), hall.calling
    of_hall = calling.announce if tongue == hall.language else ""
    return calling.announcements.get(tongue) or of_hall or _("{number}, please go to window {window}")


def _spelt(code: str) -> str:
    digits = _("zero one two three four five six seven eight nine").split()
    words = []
    for char in clean(code).upper():
        if char in "0123456789":
            words.append(digits[int(char)])
        elif char == "-":
            words.append(_("dash"))
        else:
            # Without its comma an A before another word would be heard as the article.
            words.append(_("{letter},").format(letter=char))
    return " ".join(words)
