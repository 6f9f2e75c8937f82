"""Fuzz for as long as one likes, each target in its turn: ``make fuzz MINUTES=60``.

Says what was tried; what breaks goes on paper, into the corpus, and makes the exit code 1.
"""

from __future__ import annotations

import itertools
import os
import secrets
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fuzzing import TARGETS, fuzz

AT_ONCE = 300


def main(minutes: float) -> int:
    """Go on for so many minutes. Gives the exit code."""
    began_s = time.monotonic()
    tried: dict[str, int] = {}
    broken = 0
    for make in itertools.cycle(TARGETS):
        if time.monotonic() - began_s >= minutes * 60:
            break
        number = secrets.randbits(32)
        with tempfile.TemporaryDirectory() as folder, make(Path(folder)) as target:
            tried.setdefault(target.name, 0)
            try:
                tried[target.name] += fuzz(target, AT_ONCE, number)
            except Exception:  # noqa: BLE001 - whatever breaks is what is looked for
                broken += 1
                print(f"{target.name}, dice {number}:", traceback.format_exc(), sep="\n", flush=True)
    spent_min = (time.monotonic() - began_s) / 60
    print(f"{spent_min:.0f} min:", ", ".join(f"{name} {count}" for name, count in tried.items()))
    print(f"{broken} broke something" if broken else "nothing broke")
    return 1 if broken else 0


if __name__ == "__main__":
    # No terminal of this machine is remembered or asked for anything.
    os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()
    raise SystemExit(main(float(sys.argv[1]) if sys.argv[1:] else 60))
