"""Any text in large letters of half blocks, drawn from a font of the system: for what our own letters lack.

Without a Chinese font there is nothing to draw from, and the text stands in plain letters.
"""

from __future__ import annotations

import subprocess
from functools import cache, lru_cache

from textual import log

LEAST = 10
"""Dots below which Chinese characters run together."""
_ASK = ("fc-match", "--format=%{file}\n%{lang}", ":lang=zh-cn")
_ASK_S = 5
_BLOCKS = (" ", "\N{UPPER HALF BLOCK}", "\N{LOWER HALF BLOCK}", "\N{FULL BLOCK}")


@cache
def chinese_font() -> str | None:
    """The file of a font that has Chinese characters, by fontconfig; None when there is none."""
    try:
        answer = subprocess.run(_ASK, capture_output=True, text=True, timeout=_ASK_S, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("no font for large Chinese characters", error=error)
        return None
    file, _line, languages = answer.partition("\n")
    return file if "zh-cn" in languages.split("|") else None


@lru_cache(maxsize=512)
def drawn(text: str, dots: int) -> tuple[str, ...]:
    """A text in letters of so many dots: its rows, each two dots high; () without a font."""
    file = chinese_font()
    if file is None:
        return ()
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - few halls have Chinese in their numbers

    font = ImageFont.truetype(file, dots)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    width, height = right - left, bottom - top
    image = Image.new("1", (width, height + height % 2))
    ImageDraw.Draw(image).text((-left, -top), text, font=font, fill=1)
    lit = [image.crop((0, y, width, y + 1)).tobytes("raw", "L") for y in range(image.height)]
    return tuple(
        "".join(_BLOCKS[bool(above) + 2 * bool(below)] for above, below in zip(*pair, strict=True))
        for pair in zip(lit[::2], lit[1::2], strict=True)
    )
