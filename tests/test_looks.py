"""How every desk and dialog looks, as text, in both languages and sizes: a change is a difference to read.

``make looks`` writes them anew; what it changes is to be looked at before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pictures import LARGE, SCREENS, SMALL, Picture, copied, lay, take

LOOKS = Path(__file__).parent / "looks"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A hall in the middle of its morning, and its time."""
    folder = tmp_path_factory.mktemp("morning")
    return folder, lay(folder)


@pytest.mark.slow
@pytest.mark.look
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_did(hall: tuple[Path, int], name: str) -> None:
    code, keys = SCREENS[name]
    parts = []
    for size in (SMALL, LARGE):
        for tongue in ("zh_CN", "en"):
            with copied(*hall) as site:
                look = await take(site, Picture(name, code, size, tongue, keys))
            assert not look.misfits, f"{size} {tongue}"
            lines = [line.rstrip() for line in look.text.splitlines()]
            parts.append("\n".join([f"=== {size[0]}x{size[1]} {tongue}", *lines]))
    text = "\n".join(parts) + "\n"
    file = LOOKS / f"{name}.txt"
    if "JIAOHAO_WRITE_LOOKS" in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_no_look_is_left_of_a_screen_that_is_gone() -> None:
    assert {file.stem for file in LOOKS.glob("*.txt")} == set(SCREENS)
