"""What is fuzzed, and how: each target draws an example, and tries it against the program itself.

An example is made of what JSON can hold, so that one that broke something is kept in ``tests/corpus`` as a
person can read it. Bytes stand there as text, what is no UTF-8 among them as halves of characters.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import io
import json
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest import mock

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from harmed import PresentHall, good_backups, harm, harms, work
from jiaohao.queue.clean import is_clean
from jiaohao.queue.config import ConfigError, Problem, check, load, read_place, read_speech
from jiaohao.queue.reading import read_floor
from jiaohao.queue.setup import describe, hall_of
from jiaohao.store import feed
from jiaohao.store.base import Listener, Word
from jiaohao.tui import main, served_app
from jiaohao.tui.browser import Room, browser_app
from small_hall import open_site, sqlite_site

CORPUS = Path(__file__).parent / "corpus"
WAIT_S = 30.0
LONGEST_CPU_S = 1.0
"""So long may a configuration be looked at, by the clock of the thread: other programs do not count."""

GOOD = (CORPUS / "good.toml").read_text(encoding="utf-8")
HOSTILE = (
    "", " ", "-", "--", "--x", "-1", "0", "1", "3", "5", "99999999999999999999", "1e9", "nan", "A",
    "A001", "B001",
    "1001", "4001", "rs-001", "veteran", "normal", "spot", "returned", "en", "zh_CN", "10:50",
    "25:61", "2026-11-24",
    "2026-13-45", "0000-00-00", "9999-12-31", "2026-11", "2026-W01", "today", "赵一", "sbjf", "sick",
    "a\0b", "a\ud800", "a\udcffb", "x\x1b[2J\u202e", "A\r\nB", "[@click=app.quit]登[/]",
    "'; DROP TABLE tickets",
    "%s%n", "{0}", "{number}", "=cmd|'/c calc'!A1", "长" * 3000, "²", "٣", "\U000e0041",
    "config.toml", "nowhere.toml",
    "sqlite:///hall.db", "sqlite:///nowhere.db", "sqlite:///", "sqlite:///config.toml",
    "postgresql://[", "mysql://x",
    "x.csv", "x.xlsx", "x.pdf", "nowhere",
)  # fmt: skip
"""Words that mean something somewhere, and words that nobody means well with."""


@dataclass(frozen=True)
class Target:
    """Something that is fed: how an example is drawn, and what tries one; that raises where it breaks."""

    name: str
    examples: st.SearchStrategy[Any]
    attempt: Callable[[Any], None]


def to_bytes(text: str) -> bytes:
    """The bytes that a text of the corpus stands for."""
    return text.encode(errors="surrogateescape")


def to_text(raw: bytes) -> str:
    """Bytes as the corpus keeps them."""
    return raw.decode(errors="surrogateescape")


_BYTES = st.binary(max_size=60).map(to_text)
_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


# The command line


def _verbs(parser: argparse.ArgumentParser) -> Iterator[tuple[list[str], list[str], int]]:
    """Each command with its options, and how many words it takes besides."""
    options = [text for action in parser._actions for text in action.option_strings]
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        words = [action for action in parser._actions if not action.option_strings]
        yield [], [text for text in options if text.startswith("--")], len(words)
    for action in inner:
        for name, verb in action.choices.items():
            for path, more, count in _verbs(verb):
                yield [name, *path], more, count


@functools.cache
def _all_verbs() -> list[tuple[list[str], list[str], int]]:
    return [([], ["--json", "--config", "--staff"], 1), *_verbs(main._build())]


@st.composite
def _commands(draw: st.DrawFn) -> list[str]:
    verbs = _all_verbs()
    path, options, count = draw(st.sampled_from(verbs))
    # No file is written outside the folder.
    hostile = st.sampled_from(HOSTILE) | _TEXT.filter(lambda text: "/" not in text)
    word = hostile | st.sampled_from([name for names, _options, _count in verbs for name in names])
    given_words = list(path) + draw(st.lists(hostile, min_size=count, max_size=count))
    for option in draw(st.lists(st.sampled_from(options), max_size=3, unique=True)):
        given_words.append(option)
        if draw(st.booleans()):
            given_words.append(draw(hostile))
    if draw(st.integers(0, 4)) == 0:
        given_words.insert(draw(st.integers(0, len(given_words))), draw(word))
    return given_words + draw(st.sampled_from([[], ["--json"]]))


@contextlib.contextmanager
def commands(folder: Path) -> Iterator[Target]:
    """The command line, in this process; what would not end by itself goes no further than to there."""
    site, _clock = sqlite_site(folder)
    site.store.close()
    (folder / "config.toml").write_text(GOOD, encoding="utf-8")
    environment = {"JIAOHAO_PIN": "123456", "JIAOHAO_DATABASE": f"sqlite:///{folder / 'hall.db'}"}
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment),
        mock.patch("jiaohao.tui.app.JiaohaoApp.run"),
        mock.patch("jiaohao.tui.demo.run", return_value=0),
        mock.patch("jiaohao.tui.simulate.simulate", side_effect=KeyboardInterrupt),
        mock.patch("jiaohao.tui.browser.serve"),
        mock.patch("jiaohao.tui.commands_slips._watch", return_value=0),
        mock.patch("gc.disable"),  # this process goes on, and would keep the garbage of all that follows
        mock.patch("gc.freeze"),
    ):
        yield Target("commands", _commands(), _run_command)


def _run_command(words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main.main(list(words))
        except SystemExit as asked:
            code, words = (0, []) if asked.code == 0 else (-1, words)  # argparse ends so for --help alone
    assert code in {0, 1, 2, 3, main.INTERRUPTED}, code
    assert is_clean(out.getvalue()), out.getvalue()
    assert is_clean(err.getvalue()), err.getvalue()
    asks = "--json" in (words[: words.index("--")] if "--" in words else words)
    if asks and code in {1, 2, 3} and "check" not in words:
        answer = json.loads(err.getvalue())
        assert set(answer["error"]) == {"code", "message"}
    elif asks and code == 0 and out.getvalue():
        assert isinstance(json.loads(out.getvalue()), dict)


# config.toml

_LINES = GOOD.splitlines()
_VALUES = (
    "1", "-1", "0", "1.5", "nan", "inf", "true", '""', '" "', '"x"', "[]", "{}", "[[]]",
    '["A", "A"]', "[1, 2]",
    "2026-11-24", "2026-99-99", "10:00:00", "1979-05-27T07:32:00Z", "99999999999999999999",
    '"\\u0000"', '"\\ud800"',
    '"\\u001b[2J\\u202e"', '"sqlite:///\\u0000"', '"sqlite:///"', '"postgresql://["',
    '"00:00-24:00"', '"24:00-25:00"',
    '"09:00-17:00\\n"', "'''", '"""', "[[[[", "{a={a={a=", "0x", "1_0", "}", "]",
)  # fmt: skip
_PIECES = (
    "[hall]", "[[windows]]", "[windows]", "[calendar.2027]", "[calendar.0]", "[calendar.99999999]",
    "[calendar.x]",
    '["["]', "[a.b.c]", "[calling.announcements]", "[speech]", 'command = ["x"]', "[printer]",
    'kind = "usb"', "#", "x = ",
    "a.", "[", "]", "{", "a = [", "a={", " ", "\t", "\n", "\r", '"', "'", "\\", ".", "=", "9", "长",
    "\ufeff",
)  # fmt: skip


@st.composite
def _configurations(draw: st.DrawFn) -> dict[str, Any]:
    line = st.integers(0, len(_LINES))
    piece = st.sampled_from(_PIECES) | st.sampled_from(_LINES) | _BYTES
    run = st.tuples(piece, st.sampled_from([1, 1, 1, 2, 50, 3000, 20_000]))
    value = st.sampled_from(_VALUES) | st.text(max_size=20)
    found = {
        "drop": draw(st.lists(line, max_size=2)),
        "values": draw(st.lists(st.tuples(line, value), max_size=2)),
        "put": draw(st.lists(st.tuples(line, st.lists(run, min_size=1, max_size=3)), max_size=2)),
        "flip": draw(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 255)), max_size=2)),
    }
    return {key: changes for key, changes in found.items() if changes}


def mutated(example: dict[str, Any]) -> bytes:
    """The good configuration with these changes: lines dropped, other values, pieces and bytes."""
    lines = dict(enumerate(_LINES))
    for at, value in example.get("values", []):
        if "=" in lines.get(at, ""):
            lines[at] = f"{lines[at].partition('=')[0]}= {value}"
    for at in example.get("drop", []):
        lines.pop(at, None)
    for at, runs in example.get("put", []):
        lines[at] = "".join(piece * times for piece, times in runs) + "\n" + lines.get(at, "")
    raw = bytearray(to_bytes("\n".join(lines.values())))
    for at, byte in example.get("flip", []):
        raw[at % len(raw)] = byte
    return bytes(raw)


@contextlib.contextmanager
def configurations(folder: Path) -> Iterator[Target]:
    """config.toml: what is wrong with it is told, or it makes a hall, which the database keeps."""
    site, clock = open_site(f"sqlite:///{folder / 'described.db'}")
    path = folder / "config.toml"

    def attempt(example: dict[str, Any]) -> None:
        path.write_bytes(mutated(example))
        began_s = time.thread_time()
        _read_configuration(path)
        took_s = time.thread_time() - began_s
        assert took_s < LONGEST_CPU_S, took_s
        config, problems = check(path)
        if config is None:
            assert problems
            return
        assert not problems
        describe(site.store, hall_of(config), clock)
        site.reload()
        assert site.hall == hall_of(config)
        read_floor(site)
        words = ["check", "--json", "--config", str(path), "--database", f"sqlite:///{path.parent}/x.db"]
        _run_command(words)

    yield Target("configurations", _configurations(), attempt)
    site.store.close()


def _read_configuration(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8", errors="replace").splitlines()) + 1
    for read in (read_place, read_speech, load):
        told = _mistakes(read, path)
        assert told is None or told
        for problem in told or ():
            name, _colon, line = problem.where.partition(":")
            assert name == path.name
            assert not line or 1 <= int(line) <= lines, problem
            assert problem.message


def _mistakes(read: Callable[[Path], Any], path: Path) -> tuple[Problem, ...] | None:
    try:
        read(path)
    except ConfigError as error:
        return error.problems
    return None


# The socket of the change feed, and the notifications of PostgreSQL

_SAID = st.sampled_from((
    "", "0", "1", "-1", "x", "1 1", "1 窗", "9" * 19, "9" * 20, "9" * 5000, "²", "٣", " ", "1 ", "\0", "\n",
))  # fmt: skip
WORDS = st.lists(_SAID | _BYTES | st.text(max_size=40), max_size=12)


def hides_nothing(
    ear: Listener, say: Callable[[str], None], tell: Callable[[Word], None], said: list[str]
) -> None:
    """Strangers' words before and after a real one: it is heard, as what is newer and not only elsewhere."""
    real = Word(5, frozenset({"窗1"}))
    for text in said[::2]:
        say(text)
    tell(real)
    for text in said[1::2]:
        say(text)
    heard: list[Word] = []
    end_s = time.monotonic() + WAIT_S
    while not any(_has(word, real) for word in heard) and time.monotonic() < end_s:
        word = ear.wait(WAIT_S)
        heard += [word] if word is not None else []
    assert any(_has(word, real) for word in heard), heard
    while ear.wait(0) is not None:
        pass


def _has(word: Word, real: Word) -> bool:
    return not word.journal_id or (word.journal_id >= real.journal_id and not word.is_elsewhere("窗1"))


@contextlib.contextmanager
def datagrams(folder: Path) -> Iterator[Target]:
    """Words that anybody on the machine may send to a terminal's socket."""
    database = folder / "heard.db"
    ear = feed.DatagramListener(database)
    [mailbox] = feed.folder(database).iterdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)  # noqa: FBT003 - the socket's own name for it

        def say(text: str) -> None:
            with contextlib.suppress(BlockingIOError):
                stranger.sendto(to_bytes(text), str(mailbox))

        tell = functools.partial(feed.tell, str(feed.folder(database)))
        yield Target("words", WORDS, functools.partial(hides_nothing, ear, say, tell))
    ear.close()


# ``serve``

_LOG = 'printf "__GANGLION__\\n"; exec cat >> "$HEARD"'
"""In place of the app: keeps all that it is told."""
_HEADERS = (
    "Host: {host}", "Host: elsewhere.example", "Host: localhost", "Origin: http://{host}", "Origin: null",
    "Origin: http://elsewhere.example", "Upgrade: websocket", "Connection: Upgrade", "Connection: close",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 99", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Key: x", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99",
    "Sec-WebSocket-Protocol: x", "Content-Length: 5", "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Transfer-Encoding: chunked", "Expect: 100-continue", "Range: bytes=0-", "Cookie: x",
    " folded", "x", ":",
    "Accept-Encoding: gzip", "Content-Encoding: gzip", "Content-Type: multipart/form-data",
)  # fmt: skip
_PATHS = (
    "/", "/desks", "/socket", "/socket?width=80&height=24", "/socket?width=80&height=0",
    "/socket?width=²&height=1e3",
    "/socket?width=80&width=80&height=24", "/socket?height=99999999999999999999&width=1", "/static/page.js",
    "/static/../main.py", "/static/%2e%2e%2fmain.py", "/static/%00", "/static//etc/passwd", "//",
    "*", "http://[::1", "",
    "/%ff%fe", "/\u202e", "?", "/socket#x", "/" + "a" * 9000,
)  # fmt: skip
_MESSAGES = (
    '["resize", {"width": 80, "height": 24}]', '["resize", {"width": 500, "height": 1}]',
    '["resize", {"width": 501, "height": 24}]', '["resize", {"width": true, "height": 24}]',
    '["resize", {"width": 80.0, "height": 24}]', '["resize", {"width": "80", "height": "24"}]',
    '["resize", {"width": 80, "height": 24, "x": 1}]', '["resize", {"width": 8, "width": 9, "height": 24}]',
    '["stdin", "q"]', '["stdin", "\\ud800"]', '["stdin", "\\u0000"]', '["focus"]', '["blur"]',
    '["focus", 1]', '["quit"]',
    '["resize"]', "[]", "{}", "null", "1" * 900, "[" * 900, '["deliver_file_end", 1]',
    '{"type": "exit"}', "D\0\0\0\1q",
)  # fmt: skip
_MESSAGE = st.sampled_from(_MESSAGES) | st.text(max_size=30) | _BYTES
_METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "CONNECT", "TRACE", "x", "G ET", "")
_FRAMES = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 0, 2, 8, 9, 10, 3, 15]), st.booleans(), _MESSAGE,
        st.sampled_from([1, 1, 1, 40]),
    ),
    min_size=1, max_size=5,
)  # fmt: skip
_HTTP = st.fixed_dictionaries(
    {
        "method": st.sampled_from(_METHODS),
        "path": st.sampled_from(_PATHS) | _BYTES,
        "version": st.sampled_from(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP/2", "x"]),
        "headers": st.lists(st.sampled_from(_HEADERS) | _BYTES, max_size=9),
        "body": st.sampled_from(["", "", "5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"]) | _BYTES,
    }
)


class _Failures(logging.Handler):
    """Keeps what the server says of its own failures; a request that is none is not one."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See Handler."""
        if not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)):
            self.found.append(f"{record.getMessage()} {record.exc_info}")


class Server:
    """``serve`` in a thread of its own, the wall's page alone, with a stand-in for the wall."""

    def __init__(self, folder: Path) -> None:
        """Answer, once this returns."""
        self.heard = folder / "heard"
        self.heard.touch()
        environment = {"PATH": os.environ["PATH"], "HEARD": str(self.heard)}
        self.room = Room("/", ("/bin/sh", "-c", _LOG), environment, "青禾", keys=False, most_bytes=1024)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self._failures = _Failures()
        self._log = logging.getLogger("aiohttp.server")
        self._log.addHandler(self._failures)
        self._log.propagate = False
        self._runner = self._do(self._begin())

    async def _begin(self) -> web.AppRunner:
        failed = self._failures.found
        self._loop.set_exception_handler(lambda _loop, context: failed.append(str(context)))
        runner = web.AppRunner(browser_app([self.room], self.port), shutdown_timeout=1, access_log=None)
        await runner.setup()
        await web.SockSite(runner, self._door).start()
        return runner

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def end(self) -> None:
        """End the server and its thread."""
        self._do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._log.removeHandler(self._failures)
        self._log.propagate = True

    def call(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)

    def goes_on(self) -> None:
        """Raise unless a page is answered, no visit is left, and nothing but sizes was heard."""
        with self.call() as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode())
            assert line.makefile("rb").readline().split()[1] == b"200"
        end_s = time.monotonic() + WAIT_S
        while self.room.visitors:
            assert time.monotonic() < end_s, "a visit does not end"
            time.sleep(0.001)
        # Taken away: what fails later is no fault of an example that did not cause it.
        failed = [self._failures.found.pop() for _one in range(len(self._failures.found))]
        assert not failed, failed
        given = self.heard.read_bytes()
        os.truncate(self.heard, 0)
        while given:
            kind, length = given[:1], int.from_bytes(given[1:5], "big")
            packet, given = json.loads(given[5 : 5 + length]), given[5 + length :]
            assert kind == b"M", kind
            assert packet.keys() == {"type", "width", "height"}
            assert packet["type"] == "resize"
            for number in (packet["width"], packet["height"]):
                assert type(number) is int
                assert 1 <= number <= served_app.LARGEST


@contextlib.contextmanager
def requests(folder: Path) -> Iterator[Target]:
    """What a program on this machine may send to the port of ``serve``."""
    server = Server(folder)

    def attempt(example: dict[str, Any]) -> None:
        lines = [f"{example['method']} {example['path']} {example['version']}", *example["headers"]]
        with server.call() as line, contextlib.suppress(OSError):  # it may hang up on us
            head = "\r\n".join(lines).replace("{host}", server.host)
            line.sendall(to_bytes(f"{head}\r\n\r\n{example['body']}"))
            line.shutdown(socket.SHUT_WR)
            answer = line.makefile("rb").readline()
            assert not answer or int(answer.split()[1]) < HTTPStatus.INTERNAL_SERVER_ERROR, answer
        server.goes_on()

    yield Target("requests", _HTTP, attempt)
    server.end()


@contextlib.contextmanager
def messages(folder: Path) -> Iterator[Target]:
    """What a page may send to the wall's socket, once that is open."""
    server = Server(folder)
    opening = (
        f"GET /socket?width=80&height=24 HTTP/1.1\r\nHost: {server.host}\r\nOrigin: http://{server.host}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()

    def attempt(frames: list[tuple[int, bool, str, int]]) -> None:
        for _code, _last, text, _times in frames:
            with contextlib.suppress(UnicodeDecodeError):
                _is_packet(to_bytes(text).decode())
        with server.call() as line, contextlib.suppress(OSError):  # it may hang up on us
            line.sendall(opening)
            assert line.recv(65536).split()[1] == b"101"
            for code, is_last, text, times in frames:
                line.sendall(_frame(code, to_bytes(text) * times, is_last=is_last))
            line.sendall(_frame(8, b"", is_last=True))
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass
        server.goes_on()

    yield Target("messages", _FRAMES, attempt)
    server.end()


def _is_packet(text: str) -> None:
    for keys in (False, True):
        packet = served_app.packet(text, keys=keys)
        assert packet is None or packet[:1] == b"M" or keys
        assert packet is None or int.from_bytes(packet[1:5], "big") == len(packet) - 5


def _frame(code: int, payload: bytes, *, is_last: bool) -> bytes:
    size = len(payload)
    head = bytes([(0x80 if is_last else 0) | code])
    head += bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0x80 | 126, size)
    return head + bytes(4) + payload  # masked with zeros


# ``restore``

REFUSED = frozenset(
    {
        "not_a_backup", "backup_damaged", "backup_unsound", "database_newer", "other_hall", "backup_has_nul",
        "store_refused",
    }
)  # fmt: skip
"""What is said of a backup that does not become the hall; the last two by PostgreSQL alone."""
RESTORE_CPU_S = 10.0


@contextlib.contextmanager
def restores(folder: Path, url: str | None = None) -> Iterator[Target]:
    """``restore`` of a harmed backup over a hall: it is refused and the hall is as it was, or it is whole."""
    url = url or f"sqlite:///{folder / 'hall.db'}"
    (folder / "copies").mkdir()
    good = good_backups(folder / "copies")
    site, clock = open_site(url)
    work(site, clock)
    site.store.close()
    (folder / "config.toml").write_text(GOOD, encoding="utf-8")
    here = PresentHall(url, folder)
    file = folder / "copies" / "x.backup"

    def attempt(example: dict[str, Any]) -> None:
        harm(example, good, file)
        before, began_s = here.looks(), time.thread_time()
        anyway = ["--anyway"] if example["anyway"] else []
        code, answer = _told("restore", str(file), "--replace", *anyway)
        took_s = time.thread_time() - began_s
        assert took_s < RESTORE_CPU_S, took_s
        if code:
            assert answer["error"]["code"] in REFUSED, answer
            assert here.looks() == before
            return
        try:
            for words in (["check", "--deep"], ["verify"]):
                code, said = _told(*words)
                assert not code or anyway, said
            for words in (["floor"], ["issue", "A"]):
                code, said = _told(*words)
                assert code in {0, 1}, said
        finally:
            here.put_back(str(answer["kept"]))

    environment = {"JIAOHAO_DATABASE": url, "JIAOHAO_LANGUAGE": "en"}
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment),
        mock.patch("gc.freeze"),
    ):
        yield Target("restores", harms(), attempt)


def _told(*words: str) -> tuple[int, dict[str, Any]]:
    """A command's exit code, and its JSON."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.main([*words, "--json"])
    assert is_clean(out.getvalue() + err.getvalue()), words
    return code, json.loads(err.getvalue() or out.getvalue())


TARGETS = (commands, configurations, datagrams, requests, messages, restores)


def fuzz(target: Target, examples: int, number: int | None) -> int:
    """Try so many new examples, by the dice of ``number``, else always the same; gives how many.

    What breaks is made as small as can be, kept in the corpus where the dice are new, and raised.
    """
    tried = 0
    last: Any = None

    def attempt(example: Any) -> None:
        nonlocal tried, last
        tried, last = tried + 1, example
        target.attempt(example)

    run = settings(
        max_examples=examples, deadline=None, database=None, derandomize=number is None,
        suppress_health_check=list(HealthCheck),
    )(given(target.examples)(attempt))  # fmt: skip
    if number is not None:
        run = seed(number)(run)
    try:
        run()
    except Exception:
        if number is not None:
            keep(target.name, last)
        raise
    return tried


def corpus(name: str) -> list[Any]:
    """The examples that once broke a target, or nearly."""
    kept: list[Any] = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    return kept


def keep(name: str, example: Any) -> None:
    """Put one more into the corpus."""
    kept = [*corpus(name), example]
    lines = ",\n".join(json.dumps(one) for one in kept)
    (CORPUS / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
