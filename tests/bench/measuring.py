"""What every bench program shares: rounds in turn, figures, the table, the JSON, the exit code.

A figure is the median of the rounds. In each round the subject and its reference run one after the other, so
that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

T = TypeVar("T")

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: as it counts, or ``small`` to see that it runs; figures may be ``slack`` times worse."""

    small: bool = False
    slack: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured: each figure by its name, the most that some may be, the least that others must."""

    what: str
    figures: Mapping[str, float]
    limits: Mapping[str, float]
    least: Mapping[str, float] = field(default_factory=dict)

    def broken(self, slack: float) -> set[str]:
        """The figures whose limit does not hold; one that is no number holds none."""
        most = {name for name, limit in self.limits.items() if not self.figures[name] <= limit * slack}
        return most | {name for name, limit in self.least.items() if not self.figures[name] * slack >= limit}


def options() -> Options:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--small", action="store_true", help="one round of little: to see that it runs")
    parser.add_argument("--slack", type=float, default=1.0, help="how many times worse a figure may be")
    return Options(**vars(parser.parse_args()))


def in_turn(subject: Callable[[], T], reference: Callable[[], T], rounds: int) -> list[tuple[T, T]]:
    """What both gave in each round."""
    return [(subject(), reference()) for _round in range(rounds)]


def now_s() -> float:
    """An instant in seconds, the same for all processes of a machine."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return _of_100(values, 95)


def p99(values: Sequence[float]) -> float:
    """The value that 99 of 100 do not exceed."""
    return _of_100(values, 99)


def _of_100(values: Sequence[float], count: int) -> float:
    return sorted(values)[math.ceil(len(values) * count / 100) - 1]


def middle(rounds: Sequence[tuple[T, T]], figure: Callable[[T, T], float]) -> float:
    """The median over the rounds of a figure that is made of subject and reference."""
    return median(figure(subject, reference) for subject, reference in rounds)


def report(name: str, rows: Sequence[Row], asked: Options) -> int:
    """Print the table, write ``bench-NAME.json`` into the working folder. Gives 1 when a limit is broken."""
    for row in rows:
        print(row.what)
        for figure, value in row.figures.items():
            verdict = ""
            if figure in row.limits:
                verdict = f"  <= {row.limits[figure] * asked.slack:g}"
            elif figure in row.least:
                verdict = f"  >= {row.least[figure]:g}" + (f" / {asked.slack:g}" if asked.slack != 1 else "")
            if figure in row.broken(asked.slack):
                verdict += "  BROKEN"
            print(f"  {figure:<46}{value:>10.2f}{verdict}")
    holds = not any(row.broken(asked.slack) for row in rows)
    told = {"cores": os.cpu_count(), "holds": holds, **asdict(asked), "rows": [asdict(row) for row in rows]}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    Path(f"bench-{name}.json").write_text(f"{text}\n", encoding="utf-8")
    return 0 if holds else 1
