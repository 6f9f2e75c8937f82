"""How a terminal starts: its first frame, what it takes in memory; and how long a command takes.

Real processes, on a hall with visitors, each desk in a terminal of its own (a pty). A first frame is whole
when all lists of the desk have arrived at the terminal with the floor in them. The reference is a bare
Textual app with the same kinds of widgets and fixed rows (``bare_desk.py``). The check of the PIN, slow on
purpose, is left out. A command is held against ``python -c "import peewee"`` of the same environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from bench import bare_desk
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, now_s, options, report
from bench.screens import Shown, shown
from jiaohao.queue import calling, issuing
from live_hall import live_hall

PAINT_LIMIT = 1.6
MEMORY_LIMIT = 1.8
COMMAND_LIMIT_MS = 150.0
COMMAND_LIMIT = 2.0
SIZE = (120, 36)
COMMANDS = 5
"""So many of each in a round."""

_JIAOHAO = Path(sys.executable).with_name("jiaohao")
# The installed script, but for the hash of the PIN.
_SIGNED_ON = (
    sys.executable,
    "-c",
    """
import sys
from jiaohao.queue import signing
signing.sign_on = lambda site, staff, pin: site.directory.person(staff)
from jiaohao.tui.main import main
sys.exit(main())
""",
)
DESKS = {
    "wall": ([str(_JIAOHAO), "wall"], ("A001", "A 社会保险", "! 5 号窗口", "社保一窗", "正在开放")),
    "guide": (
        [*_SIGNED_ON, "guide", "--staff", "2001"],
        ("灵活就业人员参保登记", "等候: 2", "A 社会保险", "! 5 咨询台", "1 社保一窗 赵一", "命令"),
    ),
    "counter": (
        [*_SIGNED_ON, "counter", "1", "--staff", "1001"],
        ("已呼叫", "接下来: 2", "A002", "挂起: 0", "A 社会保险", "日志", "命令"),
    ),
}
"""How each desk is opened, and what stands on it once its first frame is whole, each in one piece."""

FIGURES: tuple[tuple[str, str, Callable[[Shown], float], float], ...] = (
    ("first frame", "ms", lambda one: one.painted_ms, PAINT_LIMIT),
    ("private", "MB", lambda one: one.private_mb, MEMORY_LIMIT),
    ("resident", "MB", lambda one: one.rss_mb, MEMORY_LIMIT),
)

_NOT_KEPT = ("JIAOHAO_", "PYTHONDONTWRITEBYTECODE")
"""As an installation, the sources are compiled once and not at each start."""
TESTS = Path(__file__).parents[1]


@contextmanager
def hall() -> Iterator[tuple[Path, Mapping[str, str]]]:
    """A hall in which one is called and two wait: its folder, and the environment of its terminals."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as name:
        folder = Path(name)
        with live_hall(f"sqlite:///{folder}/hall.db", folder) as site:
            for _visitor in range(3):
                issuing.issue(site, "A")
            calling.call(site, "1")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
        yield (
            folder,
            {
                **kept,
                "PYTHONPATH": str(TESTS),
                "HOME": name,
                "XDG_STATE_HOME": name,
                "XDG_CONFIG_HOME": name,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "JIAOHAO_PIN": "135790",
            },
        )


def terminal(desk: str) -> Shown:
    """One start of a desk."""
    command, marks = DESKS[desk]
    with hall() as (folder, env):
        return shown(command, marks, SIZE, folder, env)


def bare(desk: str) -> Shown:
    """One start of its reference."""
    with hall() as (folder, env):
        command = [sys.executable, bare_desk.__file__, desk]
        return shown(command, [bare_desk.MARK], SIZE, folder, env)


def of_desk(desk: str, rounds: int) -> Row:
    """The figures of one desk."""
    if rounds > 1:
        terminal(desk)  # the first one compiles what was not compiled yet
    found = in_turn(partial(terminal, desk), partial(bare, desk), rounds)
    figures, limits = {}, {}
    for what, unit, of, limit in FIGURES:
        figures[f"{what}, {unit}"] = middle(found, lambda ours, _bare, of=of: of(ours))
        figures[f"the bare app's, {what}, {unit}"] = middle(found, lambda _ours, bare, of=of: of(bare))
        ratio = f"{what}, times the bare app's"
        figures[ratio] = middle(found, lambda ours, bare, of=of: of(ours) / of(bare))
        limits[ratio] = limit
    return Row(f"start of {desk}, {rounds} times", figures, limits)


def took_ms(command: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> float:
    """Milliseconds from the start of a process to its end."""
    begin_s = now_s()
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    return (now_s() - begin_s) * 1000


def of_command(rounds: int, times: int) -> Row:
    """The figures of a command without a screen."""
    with hall() as (folder, env):
        issue = partial(took_ms, [_JIAOHAO, "issue", "A"], folder, env)
        peewee = partial(took_ms, [sys.executable, "-c", "import peewee"], folder, env)
        found = [
            tuple(map(median, zip(*in_turn(issue, peewee, times), strict=True))) for _round in range(rounds)
        ]
    figures = {
        "issue, ms": middle(found, lambda ours, _peewee: ours),
        "import peewee, ms": middle(found, lambda _ours, peewee: peewee),
        "issue, times import peewee": middle(found, lambda ours, peewee: ours / peewee),
    }
    limits = {"issue, ms": COMMAND_LIMIT_MS, "issue, times import peewee": COMMAND_LIMIT}
    return Row(f"jiaohao issue A, {rounds * times} times", figures, limits)


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when a limit is broken."""
    rounds, times, desks = (1, 1, ["wall"]) if asked.small else (ROUNDS, COMMANDS, [*DESKS])
    rows = [*(of_desk(desk, rounds) for desk in desks), of_command(rounds, times)]
    return report("start", rows, asked)


if __name__ == "__main__":
    sys.exit(main(options()))
