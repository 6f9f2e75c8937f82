"""Guide, counter and wall in three real terminals on one hall, as it stands in the morning."""

from __future__ import annotations

import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from jiaohao.store.turns import Turn
from own_server import OwnServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

WAIT_S = 40.0
AWAY = "!!"
"""How every desk begins to say that the store does not answer."""
JIAOHAO = (sys.executable, "-m", "jiaohao.tui.main")

CONFIG = """
[hall]
name = "青禾县政务服务中心"
code = "qh"
timezone = "{zone}"
language = "zh_CN"
database = "{url}"

[hours]
weekdays = [1, 2, 3, 4, 5, 6, 7]
open = ["00:00-24:00"]
{calendar}
[[departments]]
code = "rs"
name = "人力资源和社会保障局"

[[lines]]
code = "A"
name = "社会保险"

[[windows]]
code = "1"
name = "社保一窗"
kind = "handling"
department = "rs"
lines = ["A"]

[[matters]]
code = "rs-001"
name = "灵活就业人员参保登记"
line = "A"
department = "rs"
limit_days = 5

[[staff]]
no = "1001"
name = "赵一"
department = "rs"
role = "counter"

[[staff]]
no = "1002"
name = "钱二"
department = "rs"
role = "counter"

[[staff]]
no = "2001"
name = "吴引"
department = "rs"
role = "guide"

[[posts]]
window = "1"
a = ["1001"]
b = ["1002"]
"""


def config(url: str) -> str:
    """A hall that is open whenever the test runs, holidays too, and whose midnight is not near."""
    zone = next(name for name in ("Asia/Shanghai", "UTC") if datetime.now(ZoneInfo(name)).hour != 23)
    today = datetime.now(ZoneInfo(zone)).date()
    days = {day.year: day for day in (today + timedelta(days=365), today)}
    calendar = "\n".join(f"[calendar.{year}]\nclosed = []\nworkdays = [{day}]" for year, day in days.items())
    return CONFIG.format(zone=zone, url=url, calendar=calendar)


class Tmux:
    """A tmux server of this test alone, in the folder of a hall."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self._folder, self._size = folder, size
        self._name = f"jiaohao-{os.getpid()}-{size[0]}"
        # A size in the environment, as in that of a test worker, would be taken for the terminal's for ever.
        sizeless = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        self._env = {**sizeless, "JIAOHAO_PIN": "135790", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}

    def run(self, *words: str) -> str:
        """One tmux command."""
        done = subprocess.run(
            ["tmux", "-L", self._name, "-u", "-f", os.devnull, *words],
            env=self._env, check=True, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        return done.stdout

    def jiaohao(self, *words: str) -> str:
        """One command without a terminal."""
        done = subprocess.run(
            [*JIAOHAO, *words],
            check=False,
            cwd=self._folder,
            env=self._env,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def open(self, name: str, *words: str) -> None:
        """A terminal at a desk."""
        width, height = map(str, self._size)
        self.run(
            "new-session",
            "-d",
            "-s",
            name,
            "-x",
            width,
            "-y",
            height,
            "-c",
            str(self._folder),
            *JIAOHAO,
            *words,
        )

    def screen(self, name: str) -> str:
        """What stands in a terminal."""
        return self.run("capture-pane", "-p", "-t", name)

    def resize(self, name: str, size: tuple[int, int]) -> None:
        """Give a terminal so many columns and rows."""
        self.run("resize-window", "-t", name, "-x", str(size[0]), "-y", str(size[1]))

    def keys(self, name: str, *keys: str) -> None:
        """Press keys."""
        self.run("send-keys", "-t", name, *keys)

    def until(self, name: str, *texts: str, gone: str | None = None) -> float:
        """Wait until texts stand in a terminal, blanks or not between their words, and another does not.

        Gives when that was seen.
        """
        end = time.monotonic() + WAIT_S
        while True:
            shown = self.screen(name)
            now = time.monotonic()
            flat = " ".join(shown.split())
            if all(text in flat for text in texts) and (gone is None or gone not in flat):
                return now
            assert now < end, f"{name} never showed {texts} without {gone}:\n{shown}"
            time.sleep(0.01)

    def process(self, name: str) -> int:
        """The process in a terminal."""
        return int(self.run("list-panes", "-t", name, "-F", "#{pane_pid}"))

    def names(self) -> set[str]:
        """The terminals that are there."""
        return set(self.run("list-sessions", "-F", "#{session_name}").split())

    def end(self) -> None:
        """Close them all."""
        subprocess.run(["tmux", "-L", self._name, "kill-server"], check=False, capture_output=True)


@pytest.fixture(params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Columns and rows."""
    found: tuple[int, int] = request.param
    return found


def opened(folder: Path, url: str, size: tuple[int, int]) -> Tmux:
    """A hall that ``jiaohao init`` has made, with three desks at work in it."""
    (folder / "config.toml").write_text(config(url), encoding="utf-8")
    tmux = Tmux(folder, size)
    tmux.jiaohao("init")
    tmux.jiaohao("sit", "1", "--staff", "1001")
    tmux.open("guide", "guide", "--staff", "2001")
    tmux.open("counter", "counter", "1", "--staff", "1001")
    tmux.open("wall", "wall")
    tmux.until("guide", "导办台", "灵活就业人员参保登记")
    tmux.until("counter", "窗口", "F2 呼叫")
    tmux.until("wall", "大屏", "社会保险")
    return tmux


@pytest.fixture
def tmux(tmp_path: Path, size: tuple[int, int]) -> Iterator[Tmux]:
    """Three desks on a file."""
    terminals = opened(tmp_path, "sqlite:///hall.db", size)
    yield terminals
    terminals.end()


def issue_by_keys(tmux: Tmux, number: str) -> None:
    """The guide types what the visitor says, and presses Enter."""
    tmux.keys("guide", "参保")
    tmux.until("guide", "参保", "rs-001")
    tmux.keys("guide", "Enter")
    tmux.until("guide", f"已取号: {number}")


def serve_by_keys(tmux: Tmux, number: str) -> float:
    """The clerk calls, starts and finishes; gives the seconds from F2 until the wall said so."""
    tmux.until("counter", "F2 呼叫")
    pressed = time.monotonic()
    tmux.keys("counter", "F2")
    shown = tmux.until("wall", f"{number} > 1 ")
    # The large number may come later: each call before it stands long enough to be read.
    tmux.until("wall", f"请 {number} 号到 1 号窗口办理")
    tmux.until("counter", number, "F4 开始")
    tmux.keys("counter", "F4")
    tmux.until("counter", "F5 办结")
    tmux.keys("counter", "F5")
    tmux.until("counter", "F2 呼叫", gone="F5 办结")
    return shown - pressed


@pytest.mark.rule("Q-1", "Q-4", "Q-7")
def test_a_number_issued_on_one_and_called_on_another_is_on_the_wall_within_a_second(tmux: Tmux) -> None:
    took_s = []
    for count in (1, 2, 3):
        number = f"A{count:03d}"
        issue_by_keys(tmux, number)
        took_s.append(serve_by_keys(tmux, number))
    assert statistics.median(took_s) < 1, took_s

    os.kill(tmux.process("guide"), signal.SIGKILL)
    end = time.monotonic() + WAIT_S
    while "guide" in tmux.names():
        assert time.monotonic() < end
    tmux.jiaohao("issue", "A")
    serve_by_keys(tmux, "A004")
    assert tmux.names() == {"counter", "wall"}
    assert "A004" in tmux.jiaohao("show", "A004")


@pytest.mark.slow
@pytest.mark.look
def test_terminals_may_be_resized_at_any_moment_of_the_day(tmp_path: Path) -> None:
    tmux = opened(tmp_path, "sqlite:///hall.db", (80, 24))
    try:
        for count, size in enumerate(((200, 60), (60, 18), (120, 36), (80, 24)), 1):
            number = f"A{count:03d}"
            tmux.keys("guide", "参保")
            for name in ("guide", "counter", "wall"):
                tmux.resize(name, size)
            tmux.until("guide", "参保", "rs-001")  # what was typed is still there
            tmux.keys("guide", "Enter")
            tmux.until("guide", f"已取号: {number}")
            serve_by_keys(tmux, number)
        assert tmux.names() == {"guide", "counter", "wall"}
    finally:
        tmux.end()


def test_a_desk_ends_with_its_terminal_though_it_was_told_to_outlive_it(tmux: Tmux, tmp_path: Path) -> None:
    tmux.run(
        "new-session",
        "-d",
        "-s",
        "deaf",
        "-c",
        str(tmp_path),
        "sh",
        "-c",
        "trap '' HUP; exec \"$@\"",
        "sh",
        *JIAOHAO,
        "wall",
    )
    tmux.until("deaf", "大屏", "社会保险")
    process = tmux.process("deaf")
    ended = select.poll()
    ended.register(os.pidfd_open(process), select.POLLIN)
    tmux.run("kill-session", "-t", "deaf")
    assert ended.poll(WAIT_S * 1000)


def test_a_slow_store_is_said_and_the_key_is_answered_when_it_comes(tmux: Tmux, tmp_path: Path) -> None:
    issue_by_keys(tmux, "A001")
    with Turn(tmp_path / "hall.db-turn", WAIT_S):
        tmux.keys("counter", "F2")
        tmux.until("counter", "正在等待数据库")
        tmux.keys("guide", "参保")
        tmux.until("guide", "参保", "rs-001")  # reading and typing go on meanwhile
    tmux.until("counter", "F4 开始", gone="正在等待数据库")
    tmux.until("wall", "请 A001 号到 1 号窗口办理")


def test_a_store_that_goes_away_shows_a_banner_and_ends_nothing(tmp_path: Path) -> None:
    server = OwnServer()
    tmux = None
    try:
        tmux = opened(tmp_path, server.url, (120, 36))
        issue_by_keys(tmux, "A001")
        serve_by_keys(tmux, "A001")
        server.stop()
        for name in ("guide", "counter", "wall"):
            tmux.until(name, AWAY)
        tmux.until("wall", "请 A001 号到 1 号窗口办理")
        server.start()
        for name in ("guide", "counter", "wall"):
            tmux.until(name, gone=AWAY)
        issue_by_keys(tmux, "A002")
        serve_by_keys(tmux, "A002")
        assert tmux.names() == {"guide", "counter", "wall"}
    finally:
        if tmux is not None:
            tmux.end()
        server.end()
