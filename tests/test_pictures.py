"""The pictures of the README: no other host is asked, and Chinese stands in its cells."""

from __future__ import annotations

import io
import re

from rich.console import Console
from rich.text import Text

from pictures import portable


def picture_of(said: str) -> str:
    console = Console(record=True, width=40, file=io.StringIO())
    console.print(Text(said))
    return portable(console.export_svg())


def test_a_picture_has_every_character_in_its_cells() -> None:
    picture = picture_of("A 社会保险 <11> 分")
    parts = re.findall(r'x="([\d.]+)" y="[\d.]+" textLength="([\d.]+)"[^>]*>([^<]+)</text>', picture)
    cells = [(round(float(x) / 12.2), round(float(length) / 12.2), text) for x, length, text in parts]
    assert cells == [(0, 1, "A"), (2, 8, "社会保险"), (11, 4, "&lt;11&gt;"), (16, 2, "分")]


def test_a_picture_asks_no_other_host_for_anything() -> None:
    assert set(re.findall(r"https?://[^\s\"]+", picture_of("A"))) == {"http://www.w3.org/2000/svg"}
