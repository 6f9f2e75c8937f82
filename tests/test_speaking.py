"""Calls that are heard: the words as a voice says them, one after the other, and a loudspeaker that fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
import wave
from array import array
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driving import SIZES, desk, rows_of, says, text_of, until
from jiaohao.queue import announcing, calling, day, issuing, language, moving, seating
from jiaohao.queue.announcing import Speech
from jiaohao.queue.reading import read_floor
from jiaohao.queue.site import Site
from jiaohao.store import hall as hall_table
from jiaohao.store.opening import open_store
from jiaohao.store.values import Call, Calling
from jiaohao.tui import speaker as speaker_module
from jiaohao.tui.main import main
from jiaohao.tui.speaker import Speaker
from small_hall import small_hall, sqlite_site
from test_terminals import Tmux, config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jiaohao.queue.clock import ManualClock

pytestmark = pytest.mark.rule("Q-7")

NASTY = "[@click=app.quit]\x1b]0;x\x07\u202e"
WAIT_S = 20.0


def eventually(is_so: Callable[[], object]) -> None:
    """Wait until something is so that another thread or process brings about."""
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end, "never came to be"
        time.sleep(0.01)


# --- the words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tongue", "number", "window", "shown", "spoken"),
    [
        ("zh_CN", "A012", "3", "请 A012 号到 3 号窗口办理", "请 A 零 一 二 号到 三 号窗口办理"),
        ("zh_CN", "AB1987", "12-b", "请 AB1987 号到 12-b 号窗口办理",
         "请 A B 一 九 八 七 号到 一 二 横 B 号窗口办理"),
        ("en", "A012", "3", "A012, please go to window 3", "A, zero one two, please go to window three"),
        ("en", "AB3456", "1-2", "AB3456, please go to window 1-2",
         "A, B, three four five six, please go to window one dash two"),
    ],
)  # fmt: skip
def test_number_and_window_are_spelt_out_in_the_language_in_force(
    tongue: str, number: str, window: str, shown: str, spoken: str
) -> None:
    language.use(tongue)
    call, hall = Call(number, window, 0, 1), small_hall(calling=Calling())
    assert announcing.shown(call, hall) == shown
    assert announcing.spoken(call, hall) == spoken


def test_a_hall_has_its_own_words_in_each_language() -> None:
    call = Call("B7", "2", 0, 1)
    own = small_hall(calling=Calling(announce="{number} 到 {window}"))
    assert announcing.shown(call, own) == "B7 到 2"
    both = replace(own, calling=replace(own.calling, announcements={"en": "{window}: {number}"}))
    language.use("en")
    assert announcing.shown(call, own) == "B7, please go to window 2"
    assert announcing.spoken(call, both) == "two: B, seven"
    english = replace(own, language="en")
    assert announcing.shown(call, english) == "B7 到 2"
    language.use("zh_CN")
    assert announcing.shown(call, english) == "请 B7 号到 2 号窗口办理"


def test_nothing_but_number_and_window_is_filled_in_and_nothing_is_obeyed() -> None:
    hall = small_hall(calling=Calling(announce="{number} {0} {x[/]} {window}" + NASTY))
    call = Call("A1\x1b[2J", "2", 0, 1)
    assert announcing.shown(call, hall) == "A1[2J {0} {x[/]} 2[@click=app.quit]]0;x"
    assert not set(announcing.spoken(call, hall)) & {"\x1b", "\x07", "\u202e"}


def test_a_voice_for_pinyin_is_given_syllables_with_tones_and_any_other_the_words() -> None:
    text = "请 A 零 号，到 三 号窗口"
    pinyin = "qing3 A ling2 hao4 ， dao4 san1 hao4 chuang1 kou3"
    assert announcing.for_voice(text, "cmn-latn-pinyin") == pinyin
    assert announcing.for_voice(text, "Tingting") == text
    assert announcing.for_voice("女的", "cmn-latn-pinyin") == "nv3 de5"


def test_a_hall_described_before_there_were_languages_opens_as_it_was(
    hall_site: tuple[Site, ManualClock],
) -> None:
    site, clock = hall_site
    old = json.loads(site.store.read(lambda tx: tx.row("SELECT settings FROM hall") or ())[0])
    del old["calling"]["announcements"]
    site.store.transact(lambda tx: tx.run("UPDATE hall SET settings = ?", (json.dumps(old),)))
    assert Site(site.store, clock).hall == site.hall
    assert site.hall.calling.announcements == {}
    assert site.store.read(hall_table.read).calling.announce == "请 {number} 号到 {window} 号窗口办理"


# --- one after the other ---------------------------------------------------------------------------------

# Each saying leaves a line, and waits while there is a file "wait"; two at once would meet in the folder.
RECORDER = """#!/bin/sh
cd "$(dirname "$0")" || exit 9
mkdir speaking || { echo OVERLAP >> said; exit 9; }
echo "$1|$(cat)" >> said
while [ -e wait ]; do sleep 0.02; done
rmdir speaking
if [ -e fail ]; then exit 3; fi
"""


class Recorder:
    """A speech command that writes down what it is to say, and does as it is told."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "say"
        self._folder = folder
        folder.mkdir()
        self.install()
        self.speech = Speech((str(self.program), "{voice}"), {"zh_CN": "plain", "en": "english"})

    def install(self, text: str = RECORDER) -> None:
        """Put the program in its place."""
        new = self.program.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.chmod(0o755)
        new.rename(self.program)

    @property
    def said(self) -> list[str]:
        """Every saying so far."""
        path = self._folder / "said"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def is_speaking(self) -> bool:
        """Whether a saying is under way."""
        return (self._folder / "speaking").exists()

    def tell(self, word: str, *, on: bool = True) -> None:
        """Have it ``wait`` or ``fail`` from now on, or no more."""
        (self._folder / word).touch() if on else (self._folder / word).unlink()


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "recorder")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Site, ManualClock]]:
    """The small hall with its first four windows manned, and the clock that it goes by."""
    site, clock = sqlite_site(tmp_path)
    for window, clerk in (("1", "1001"), ("2", "1002"), ("3", "1003"), ("4", "1004")):
        seating.sit(site, window, clerk)
    yield site, clock
    site.store.close()


@pytest.fixture
def hall(opened: tuple[Site, ManualClock]) -> Site:
    return opened[0]


@pytest.fixture
def clock(opened: tuple[Site, ManualClock]) -> ManualClock:
    return opened[1]


def called(site: Site, window: str, line: str) -> None:
    """Somebody is called to a window."""
    issuing.issue(site, line)
    calling.call(site, window)


def zh(number: str, window: str) -> str:
    """A saying of the recorder in Chinese."""
    digits = "零一二三四五六七八九"
    spelt = " ".join(digits[int(char)] if char.isdigit() else char for char in number)
    return f"plain|请 {spelt} 号到 {digits[int(window)]} 号窗口办理"


async def test_each_call_is_said_twice_in_its_order_and_never_two_at_once(
    hall_site: tuple[Site, ManualClock], recorder: Recorder, tmp_path: Path
) -> None:
    site, clock = hall_site
    for window, clerk in (("1", "1001"), ("2", "1002"), ("3", "1003")):
        seating.sit(site, window, clerk)
    called(site, "1", "A")  # what was called before the wall began is not news
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    looking = site
    if site.store.dialect == "sqlite":
        looking = Site(open_store(url, "qh", read_only=True), clock)
    async with desk(looking, "wall", speaker=Speaker(looking, recorder.speech)) as (_app, pilot):
        called(site, "2", "A")
        called(site, "3", "B")
        await until(pilot, lambda: len(recorder.said) == 4)
        assert recorder.said == [zh("A002", "2")] * 2 + [zh("B001", "3")] * 2
        calling.recall(site, "1")
        await until(pilot, lambda: len(recorder.said) == 6)
        assert recorder.said[4:] == [zh("A001", "1")] * 2
        await until(pilot, lambda: not recorder.is_speaking)
    looking.store.close()


async def test_calls_are_said_in_the_language_of_the_terminal_and_as_often_as_the_hall_wants(
    tmp_path: Path, recorder: Recorder
) -> None:
    site, _clock = sqlite_site(tmp_path, small_hall(calling=Calling(announce_times=3)))
    language.use("en")
    seating.sit(site, "1", "1001")
    async with desk(site, "wall", speaker=Speaker(site, recorder.speech)) as (_app, pilot):
        called(site, "1", "A")
        await until(pilot, lambda: len(recorder.said) == 3)
    assert recorder.said == ["english|A, zero zero one, please go to window one"] * 3
    site.store.close()


async def test_what_no_longer_stands_is_not_said(hall: Site, clock: ManualClock, recorder: Recorder) -> None:
    recorder.tell("wait")
    async with desk(hall, "wall", speaker=Speaker(hall, recorder.speech)) as (app, pilot):
        called(hall, "1", "A")
        await until(pilot, lambda: recorder.is_speaking)
        called(hall, "2", "A")
        moving.undo(hall, "A002")
        called(hall, "3", "B")
        calling.start(hall, "3")
        calling.finish(hall, "3")
        called(hall, "4", "C")
        await until(pilot, lambda: app.floor and app.floor.window("4").ticket)
        recorder.tell("wait", on=False)
        await until(pilot, lambda: len(recorder.said) == 4 and not recorder.is_speaking)
        assert recorder.said == [zh("A001", "1")] * 2 + [zh("C001", "4")] * 2
        recorder.tell("wait")
        clock.advance(1)
        calling.call(hall, "2")
        await until(pilot, lambda: len(recorder.said) == 5)
        moving.undo(hall, "A002")
        await until(pilot, lambda: app.floor and not app.floor.window("2").ticket)
        recorder.tell("wait", on=False)
        called(hall, "3", "B")
        await until(pilot, lambda: len(recorder.said) == 7)
        # What is undone after the first time is not said a second time.
        assert recorder.said[4:] == [zh("A002", "2")] + [zh("B002", "3")] * 2


async def test_a_closed_day_is_silent(hall: Site, recorder: Recorder) -> None:
    recorder.tell("wait")
    async with desk(hall, "wall", speaker=Speaker(hall, recorder.speech)) as (app, pilot):
        called(hall, "1", "A")
        await until(pilot, lambda: recorder.is_speaking)
        called(hall, "2", "A")
        for window in "12":
            calling.start(hall, window)
            calling.finish(hall, window)
        day.close_day(hall)
        await until(pilot, lambda: app.floor and app.floor.day_closed)
        recorder.tell("wait", on=False)
        await until(pilot, lambda: not recorder.is_speaking)
    assert recorder.said == [zh("A001", "1")]


def test_of_many_calls_only_the_newest_wait_to_be_said(hall: Site, recorder: Recorder) -> None:
    called(hall, "1", "A")
    called(hall, "2", "A")
    floor, _forecast = read_floor(hall)
    recorder.tell("wait")
    speaker = Speaker(hall, recorder.speech)
    speaker.start(lambda _code: None)
    speaker.follow(floor, [Call("A001", "1", 0, 1)])
    eventually(lambda: recorder.is_speaking)
    old = [Call("A002", "2", 0, times) for times in range(3)]
    speaker.follow(floor, old + [Call("A001", "1", 0, times) for times in range(speaker_module.BACKLOG)])
    recorder.tell("wait", on=False)
    eventually(lambda: len(recorder.said) == 2 * (1 + speaker_module.BACKLOG))
    speaker.stop()
    assert set(recorder.said) == {zh("A001", "1")}


# --- a loudspeaker that fails ----------------------------------------------------------------------------

TOLD = {
    ("missing", "zh_CN"): "!  没有语音，请看屏幕: 语音命令无法启动 [speech_missing]",
    ("missing", "en"): "!  No voice, please watch: the speech command cannot start [speech_missing]",
    ("fails", "zh_CN"): "!  没有语音，请看屏幕: 语音命令出错 [speech_failed]",
    ("fails", "en"): "!  No voice, please watch: the speech command fails [speech_failed]",
    ("hangs", "zh_CN"): "!  没有语音，请看屏幕: 语音命令没有结束 [speech_hangs]",
    ("hangs", "en"): "!  No voice, please watch: the speech command does not end [speech_hangs]",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("trouble", "tongue"), TOLD)
async def test_a_silent_loudspeaker_is_said_once_and_speaks_again_once_it_can(
    hall: Site,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
    tongue: str,
    size: tuple[int, int],
) -> None:
    language.use(tongue)
    told = TOLD[trouble, tongue]
    if trouble == "missing":
        recorder.program.unlink()
    elif trouble == "fails":
        recorder.tell("fail")
    else:
        monkeypatch.setattr(speaker_module, "LONGEST_S", 0.3)
        recorder.install("#!/bin/sh\nsleep 600 & wait\n")
    async with desk(hall, "wall", speaker=Speaker(hall, recorder.speech), size=size) as (app, pilot):
        for _call in range(2):
            (called(hall, "1", "A") if not _call else calling.recall(hall, "1"))
            await until(pilot, says(pilot, told, "A001"))
            assert text_of(app).count("[speech_") == 1
            assert any(row.strip() == told for row in rows_of(app))
        if trouble == "fails":
            recorder.tell("fail", on=False)
        recorder.install()
        monkeypatch.setattr(speaker_module, "LONGEST_S", 30.0)
        before = len(recorder.said)
        called(hall, "3", "B")
        await until(pilot, lambda: len(recorder.said) >= before + 2 and "[speech_" not in text_of(app))
        assert "OVERLAP" not in recorder.said


async def test_a_fault_that_nobody_foresaw_does_not_end_the_wall(
    hall: Site, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_text: str, _voice: str) -> str:
        raise RuntimeError("no such voice")

    with monkeypatch.context() as patched:
        patched.setattr(announcing, "for_voice", broken)
        async with desk(hall, "wall", speaker=Speaker(hall, recorder.speech)) as (app, pilot):
            called(hall, "1", "A")
            await until(pilot, says(pilot, "[speech_failed]"))
            patched.undo()
            calling.recall(hall, "1")
            await until(pilot, lambda: "[speech_" not in text_of(app))
    assert recorder.said == [zh("A001", "1")] * 2


def is_alive(process: int) -> bool:
    """Whether there is such a process; one that has only to be buried is not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def never_ending(recorder: Recorder) -> Path:
    """Have the command and a child of it run on; gives the file that they write their numbers to."""
    children = recorder.program.with_name("children")
    recorder.install(
        f'#!/bin/sh\nsleep 600 &\necho $! $$ > "{children}.new"\nmv "{children}.new" "{children}"\nwait\n'
    )
    return children


def numbers(path: Path) -> list[int]:
    """The processes that have written themselves down, each of them alive."""
    found = [int(number) for number in path.read_text(encoding="utf-8").split()]
    assert all(map(is_alive, found))
    return found


async def test_with_the_wall_ends_what_is_being_said(hall: Site, recorder: Recorder) -> None:
    children = never_ending(recorder)
    async with desk(hall, "wall", speaker=Speaker(hall, recorder.speech)) as (_app, pilot):
        called(hall, "1", "A")
        await until(pilot, children.exists)
        processes = numbers(children)
    eventually(lambda: not any(map(is_alive, processes)))
    assert "speaker" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("end", ["q", "killed", "closed"])
def test_however_a_terminal_ends_it_leaves_no_process_behind(
    tmp_path: Path, recorder: Recorder, end: str
) -> None:
    children = never_ending(recorder)
    speech = f'\n[speech]\ncommand = ["{recorder.program}"]\n'
    (tmp_path / "config.toml").write_text(config("sqlite:///hall.db") + speech, encoding="utf-8")
    tmux = Tmux(tmp_path, (80, 24))
    try:
        tmux.jiaohao("init")
        tmux.jiaohao("sit", "1", "--staff", "1001")
        tmux.jiaohao("issue", "A")
        tmux.open("wall", "wall", "--speak")
        tmux.until("wall", "大屏", "社会保险")
        tmux.jiaohao("call", "1")
        eventually(children.exists)
        processes = [tmux.process("wall"), *numbers(children)]
        if end == "q":
            tmux.keys("wall", "q")
        elif end == "killed":
            os.kill(processes[0], signal.SIGTERM)
        else:
            tmux.run("kill-session", "-t", "wall")
        eventually(lambda: not any(map(is_alive, processes)))
    finally:
        tmux.end()


def test_how_to_speak_is_checked_before_the_wall_opens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config("sqlite:///hall.db"), encoding="utf-8")
    assert main(["--config", str(path), "init"]) == 0
    path.write_text(config("sqlite:///hall.db") + "\n[speech]\ncommand = []\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["--config", str(path), "--json", "wall", "--speak"]) == 2
    assert "speech.command" in json.loads(capsys.readouterr().err)["error"]["message"]
    assert main(["--config", str(path), "counter", "1", "--speak"]) == 2  # only a wall speaks


# --- a real voice ----------------------------------------------------------------------------------------

heard = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def sound(path: Path) -> tuple[float, int, bytes]:
    """How long a WAV file is in seconds, how loud at its loudest, and its samples."""
    with wave.open(str(path)) as file:
        assert file.getsampwidth() == 2
        samples = file.readframes(file.getnframes())
        return file.getnframes() / file.getframerate(), max(map(abs, array("h", samples))), samples


def phonemes(text: str, voice: str) -> list[str]:
    """How espeak-ng reads a text."""
    done = subprocess.run(
        ["espeak-ng", "-q", "-x", "--stdin", "-v", voice],
        input=text, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    return done.stdout.split()


@heard
@pytest.mark.parametrize("tongue", language.LANGUAGES)
async def test_a_call_is_heard(hall: Site, tmp_path: Path, tongue: str) -> None:
    language.use(tongue)
    # The program's own command, only into files, one for each saying.
    folder = tmp_path / "heard"
    folder.mkdir()
    script = 'cd "$1" && shift && n=$(ls | wc -l) && "$@" -w new && mv new "$n.wav"'
    speech = replace(Speech(), command=("sh", "-c", script, "sh", str(folder), *announcing.COMMAND))
    async with desk(hall, "wall", speaker=Speaker(hall, speech)) as (_app, pilot):
        called(hall, "1", "A")
        called(hall, "2", "A")
        await until(pilot, (folder / "3.wav").exists)
    (first, again, other, _again) = [sound(folder / f"{n}.wav") for n in range(4)]
    for seconds, loudest, _samples in (first, other):
        assert 2 < seconds < 8
        assert loudest > 3000
    assert first == again
    assert first != other


@heard
def test_chinese_is_read_as_chinese() -> None:
    for number, window, by_hand in (
        ("A012", "3", "qǐng A líng yī èr hào dào sān hào chuāng kǒu bàn lǐ"),
        ("B345", "9", "qǐng B sān sì wǔ hào dào jiǔ hào chuāng kǒu bàn lǐ"),
        ("CD678", "1", "qǐng C D liù qī bā hào dào yī hào chuāng kǒu bàn lǐ"),
    ):
        text = announcing.spoken(Call(number, window, 0, 1), small_hall())
        voice = announcing.VOICES["zh_CN"]
        read = phonemes(announcing.for_voice(text, voice), voice)
        assert read == phonemes(by_hand, voice)
        assert len(read) == len(by_hand.split())  # a syllable each: nothing is spelt, nothing left out
        assert read != phonemes(text, "cmn")


@heard
def test_an_a_is_read_as_the_letter_and_not_as_the_article() -> None:
    language.use("en")
    text = announcing.spoken(Call("A012", "3", 0, 1), small_hall())
    letter, article = phonemes("A,", "en"), phonemes("a window", "en")[:1]
    assert phonemes(text, "en")[:1] == letter != article
