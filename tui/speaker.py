"""The loudspeaker of a wall: each call is said by a command, one after the other, on a thread of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType

from textual.message import Message

from jiaohao.queue import announcing, language
from jiaohao.queue.announcing import Speech
from jiaohao.queue.floor import Floor
from jiaohao.queue.site import Site
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Call
from jiaohao.tui.log import write_failure

BACKLOG = 4
"""How many calls wait to be said at most: what is older is no longer news."""
LONGEST_S = 30.0
"""A command that takes longer to say a call once hangs, and is killed."""
_END_S = 2.0


@dataclass
class VoiceChanged(Message):
    """The loudspeaker has fallen silent, and by which code; or it speaks again, without one."""

    code: str


@frozen
class _Saying:
    call: Call
    text: str
    voice: str


class Speaker:
    """Says calls so often as the hall wants, never two at once. It knows no widget."""

    def __init__(self, site: Site, speech: Speech) -> None:
        """Nothing runs before ``start``."""
        self._site = site
        self._speech = speech
        self._changed = threading.Condition()
        self._coming: deque[_Saying] = deque(maxlen=BACKLOG)
        self._floor: Floor | None = None
        self._is_stopped = False
        self._process: subprocess.Popen[bytes] | None = None
        self._code = ""
        self._tell: Callable[[str], object] = lambda _code: None
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)

    def start(self, tell: Callable[[str], object]) -> None:
        """Begin to speak. ``tell`` is given a code when no call can be heard, and an empty one afterwards."""
        self._tell = tell
        self._thread.start()

    def stop(self) -> None:
        """Fall silent at once, also in the middle of a word; the command does not outlive this."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
            if self._process is not None:
                _kill(self._process)
        if self._thread.is_alive():
            self._thread.join(_END_S)

    def end_with_process(self) -> None:
        """Stop before a closed terminal or a ``kill`` ends this process; called on its main thread."""

        def end(number: int, _frame: FrameType | None) -> None:
            self.stop()
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, end)

    def follow(self, floor: Floor, news: Iterable[Call]) -> None:
        """Say what was just called, in the language in force; ``floor`` says which calls still stand."""
        hall, voice = self._site.hall, self._speech.voices[language.language()]
        with self._changed:
            self._floor = floor
            self._coming.extend(_Saying(call, announcing.spoken(call, hall), voice) for call in news)
            self._changed.notify()

    def _run(self) -> None:
        while (saying := self._next()) is not None:
            try:
                code = self._say(saying)
            except Exception as error:  # noqa: BLE001 - a wall without a voice still shows who is called
                write_failure(error)
                code = "speech_failed"
            if code != self._code and not self._is_stopped:
                self._code = code
                self._tell(code)

    def _next(self) -> _Saying | None:
        with self._changed:
            self._changed.wait_for(lambda: self._coming or self._is_stopped)
            return None if self._is_stopped else self._coming.popleft()

    def _say(self, saying: _Saying) -> str:
        """Say a call as often as is due; gives why it could not be said, or nothing."""
        text = announcing.for_voice(saying.text, saying.voice)
        words = [word.replace("{voice}", saying.voice) for word in self._speech.command]
        code = self._code
        for _time in range(self._site.hall.calling.announce_times):
            if not self._stands(saying.call):
                break
            code = self._run_once(words, text)
            if code:
                break
        return code

    def _stands(self, call: Call) -> bool:
        # Undone, cancelled, missed or served: whoever is called by then is called for nothing.
        view = self._floor.window(call.window) if self._floor is not None else None
        return view is not None and view.ticket is not None and view.ticket.number == call.number

    def _run_once(self, words: list[str], text: str) -> str:
        process = self._begun(words)
        if process is None:
            return "" if self._is_stopped else "speech_missing"
        with process:
            try:
                # What it is to say goes by standard input: it is no part of a command.
                process.communicate(f"{text}\n".encode(), timeout=LONGEST_S)
            except subprocess.TimeoutExpired:
                _kill(process)
                return "speech_hangs"
        return "speech_failed" if process.returncode else ""

    def _begun(self, words: list[str]) -> subprocess.Popen[bytes] | None:
        with self._changed:
            if self._is_stopped:
                return None
            with contextlib.suppress(OSError):
                self._process = subprocess.Popen(
                    words,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    process_group=0,  # it is ended with all that it has started
                )
                return self._process
        return None


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
