"""Reads what was sent to a printer back into what stands on the slip; a byte that means nothing fails."""

from __future__ import annotations

from dataclasses import dataclass, field

_LENGTHS = {b"\x1b@": 2, b"\x1ba": 3, b"\x1bE": 3, b"\x1bd": 3}
"""Commands that change nothing of what is read: reset, align, bold, feed; with all their bytes."""


@dataclass
class Printed:
    """The lines, each with how many times as large as usual; the QR codes; how often the paper was cut."""

    lines: list[tuple[int, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    cuts: int = 0

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(line for _times, line in self.lines)

    def widest(self) -> int:
        """The widest line in characters, a Chinese one twice as wide, a large one so many times."""
        return max(times * sum(1 if char.isascii() else 2 for char in line) for times, line in self.lines)


def read_slip(data: bytes) -> Printed:
    """What a printer makes of these bytes."""
    found = Printed()
    line, times, is_chinese, at = b"", 1, False, 0
    while at < len(data):
        two = data[at : at + 2]
        if two in _LENGTHS:
            at += _LENGTHS[two]
        elif two == b"\x1b!":
            assert data[at + 2] in {0x00, 0x30}
            times = 2 if data[at + 2] else 1
            at += 3
        elif two == b"\x1c&":
            is_chinese = True
            at += 2
        elif two == b"\x1dV":
            found.cuts += 1
            at += 3
        elif data[at : at + 3] == b"\x1d(k":
            length = data[at + 3] + data[at + 4] * 256
            body = data[at + 5 : at + 5 + length]
            if body.startswith(b"1P0"):
                found.codes.append(body[3:].decode("ascii"))
            at += 5 + length
        elif data[at : at + 1] == b"\n":
            found.lines.append((times, line.decode("gb18030")))
            line, at = b"", at + 1
        else:
            length = _character(data[at : at + 2])
            assert data[at] >= 0x20, f"{data[at]:#x} at {at}"
            assert length == 1 or is_chinese, "Chinese without FS &"
            line += data[at : at + length]
            at += length
    assert line == b""
    return found


def _character(start: bytes) -> int:
    """How many bytes a character of GB18030 has that begins so."""
    if start[0] < 0x80:
        return 1
    return 4 if start[1] < 0x40 else 2
