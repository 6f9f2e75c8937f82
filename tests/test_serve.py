"""The wall and the desks in browsers of this machine: who is let in, what is let through, what is left."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web

from jiaohao.queue.clean import is_clean
from jiaohao.queue.setup import Place
from jiaohao.tui import browser, main, serve, served_app
from jiaohao.tui.browser import Room, browser_app
from live_hall import (
    WAIT_S,
    call_one,
    children,
    finish_one,
    live_hall,
    lives,
    serving,
    until_gone,
    until_idle,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from aiohttp import ClientWebSocketResponse

    from jiaohao.queue.site import Site

SIZE = "?width=80&height=24"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}

# Behind a socket, in place of the app: says all that it is told, and first of all its own id.
ECHO = """
import os, sys
say = lambda kind, text: os.write(1, kind + len(text).to_bytes(4, "big") + text)
os.write(1, b"__GANGLION__\\n")
say(b"M", b'{"type": "open_url", "url": "http://elsewhere.example/", "new_tab": true}')
say(b"P", b"part of a file")
say(b"D", b"%d %s %s" % (os.getpid(), os.environb[b"COLUMNS"], os.environb[b"ROWS"]))
while given := os.read(0, 65536):
    say(b"D", given)
"""
DEAF = ECHO.partition("while")[0] + "import signal\nsignal.signal(15, signal.SIG_IGN)\nsignal.pause()\n"


FLOOD = ECHO.partition("while")[0] + "while True:\n    say(b'D', b'x' * 60_000)\n"


def room(path: str = "/", *, keys: bool = False, code: str = ECHO) -> Room:
    """A page with a stand-in for the app behind it."""
    return Room(path, (sys.executable, "-c", code), dict(os.environ), "青禾 <b>", keys, 1024)


class Door:
    """A server of this test alone, seen from outside."""

    def __init__(self, runner: web.AppRunner, client: ClientSession, port: int) -> None:
        self.runner = runner
        self.client = client
        self.address = ("127.0.0.1", port)
        self.host = f"127.0.0.1:{port}"
        self.own = {"Origin": f"http://{self.host}"}

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        """The status and the text of what stands at a path."""
        async with self.client.get(f"http://{self.host}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def open(self, path: str = "/socket", **headers: str) -> ClientWebSocketResponse:
        """A socket, opened as the page there opens it."""
        where = f"ws://{self.host}{path}" + ("" if "?" in path else SIZE)
        return await self.client.ws_connect(where, headers=headers or self.own)

    async def refused(self, path: str = "/socket", **headers: str) -> int:
        """With which status a socket is refused."""
        with pytest.raises(WSServerHandshakeError) as caught:
            await self.open(path, **headers)
        return caught.value.status


@asynccontextmanager
async def door(*rooms: Room) -> AsyncIterator[Door]:
    """These rooms, served."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        runner = web.AppRunner(browser_app(list(rooms), port), shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        try:
            async with ClientSession() as client:
                yield Door(runner, client, port)
        finally:
            await runner.cleanup()


def lines(headers: dict[str, str]) -> str:
    """Headers as they are sent."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


async def until_hung_up(caller: socket.socket) -> None:
    """Read, whatever comes, until the server hangs up."""
    caller.setblocking(False)  # noqa: FBT003 - the socket's own name for it
    async with asyncio.timeout(WAIT_S):
        with suppress(ConnectionError):
            while await asyncio.get_running_loop().sock_recv(caller, 65536):
                pass


async def heard(opened: ClientWebSocketResponse) -> bytes:
    """The next thing that a browser is given to draw."""
    message = await opened.receive(WAIT_S)
    assert message.type is WSMsgType.BINARY, message
    return bytes(message.data)


async def app_of(opened: ClientWebSocketResponse) -> int:
    """Which process the stand-in behind a socket is."""
    return int((await heard(opened)).split()[0])


# Who is let in


async def test_only_this_machines_own_names_are_answered() -> None:
    async with door(room()) as there:
        port = there.host.partition(":")[2]
        for name in ("127.0.0.1", "localhost", "LOCALHOST"):
            assert (await there.get(Host=f"{name}:{port}"))[0] == HTTPStatus.OK
        for name in (
            f"elsewhere.example:{port}",
            "localhost",
            f"localhost.elsewhere.example:{port}",
            "127.0.0.1:1",
            "",
        ):
            for path in ("/", "/static/page.js", "/nothing"):
                assert (await there.get(path, Host=name))[0] == HTTPStatus.MISDIRECTED_REQUEST, name
            refused = await there.refused(Host=name, Origin=f"http://{name}")
            assert refused == HTTPStatus.MISDIRECTED_REQUEST, name


async def test_pages_of_other_sites_are_refused() -> None:
    one = room()
    async with door(one) as there:
        assert (await there.get(**there.own))[0] == HTTPStatus.OK
        port = there.host.partition(":")[2]
        strangers = (
            "http://elsewhere.example",
            "null",
            f"https://{there.host}",
            f"http://localhost:{port}",
            "",
        )
        for stranger in strangers:
            assert (await there.get(Origin=stranger))[0] == HTTPStatus.FORBIDDEN, stranger
            assert await there.refused(Origin=stranger) == HTTPStatus.FORBIDDEN, stranger
        assert await there.refused(Accept="*/*") == HTTPStatus.FORBIDDEN, "a socket of nobody's"
        assert not one.visitors
        await app_of(await there.open())


async def test_nothing_is_asked_of_another_machine() -> None:
    async with door(room(), room("/desks", keys=True)) as there:
        for page in ("/", "/desks"):
            _status, text = await there.get(page)
            assert f"ws://{there.host}" in text
            assert "青禾 &lt;b&gt;" in text
            named = re.findall(r'(?:src|href|action)="([^"]*)"', text)
            assert sorted(named) == [
                "/static/page.css",
                "/static/page.js",
                "/static/textual.js",
                "/static/xterm.css",
            ]
            rest = text.replace(f"ws://{there.host}", "")
            for path in named:
                status, asset = await there.get(path)
                assert status == HTTPStatus.OK
                rest += re.sub(r"(?s)/\*.*?\*/", "", asset) if path.endswith(".css") else asset
            assert re.findall(r"(?:https?|wss?)://[\w$.]|@import|\burl\(|[\"'(]//\w", rest) == []


async def test_every_answer_forbids_the_page_to_reach_elsewhere() -> None:
    async with door(room()) as there:
        for path in ("/", "/static/textual.js", "/nothing", "/static/nothing", "/static/../pyproject.toml"):
            async with there.client.get(f"http://{there.host}{path}") as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
            assert rules["default-src"] == "'none'"
            assert rules["script-src"] == rules["connect-src"] == "'self'"
            assert rules["frame-ancestors"] == "'none'"
            assert "allow-popups" not in rules["sandbox"]


async def test_without_the_desks_there_is_no_way_to_them() -> None:
    async with door(room()) as there:
        assert (await there.get("/desks"))[0] == HTTPStatus.NOT_FOUND
        assert await there.refused("/desks/socket") == HTTPStatus.NOT_FOUND


async def test_only_so_many_browsers_are_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "MOST", 2)
    async with door(room()) as there:
        first, second = await there.open(), await there.open()
        apps = [await app_of(first), await app_of(second)]
        assert await there.refused() == HTTPStatus.SERVICE_UNAVAILABLE
        status, text = await there.get()
        assert status == HTTPStatus.SERVICE_UNAVAILABLE
        assert "同时打开的浏览器已达上限" in text
        assert "textual-terminal" not in text
        await first.close()
        await until_gone(apps[0])
        end = time.monotonic() + WAIT_S
        while (await there.get())[0] != HTTPStatus.OK:
            assert time.monotonic() < end
        await app_of(await there.open())


# What is let through

KEYS = [
    ["stdin", "q"],
    ["stdin", "\x11"],
    ["stdin", "\x03"],
    ["stdin", "\x1b[<0;5;5M"],
    ["focus"],
    ["blur"],
]
NOTHING = [
    "",
    "no json",
    "7",
    "[]",
    "[" * 900,
    '"resize"',
    '["resize"]',
    '["resize", null]',
    '["stdin", 7]',
    '["stdin", "\\ud800"]',
    '["stdin", "a", "b"]',
    '["quit"]',
    '["exit"]',
    '["ping", "1"]',
    '["deliver_chunk_request", {"key": "1", "size": 1}]',
    *(
        json.dumps(["resize", size])
        for size in (
            {"width": 0, "height": 24},
            {"width": 501, "height": 24},
            {"width": 80, "height": 10**30},
            {"width": -1, "height": 24},
            {"width": "80", "height": 24},
            {"width": 80.5, "height": 24},
            {"width": True, "height": 24},
            {"width": 80},
            {"width": 80, "height": 24, "type": "quit"},
        )
    ),
]


def packets(data: bytes) -> list[tuple[bytes, Any]]:
    """What an app makes of what it is given."""
    found = []
    while data:
        length = int.from_bytes(data[1:5], "big")
        kind, payload, data = data[:1], data[5 : 5 + length], data[5 + length :]
        found.append((kind, payload if kind == b"D" else json.loads(payload)))
    return found


async def told(keys: bool, *messages: str | bytes) -> list[tuple[bytes, Any]]:  # noqa: FBT001
    """All that reaches the app when a browser sends these, and at last that its window is 100 by 30."""
    last = (b"M", {"type": "resize", "width": 100, "height": 30})
    async with door(room(keys=keys)) as there:
        opened = await there.open()
        await app_of(opened)
        for message in messages:
            await (opened.send_bytes if isinstance(message, bytes) else opened.send_str)(message)
        await opened.send_json(["resize", {"width": 100, "height": 30}])
        given = b""
        while (found := packets(given))[-1:] != [last]:
            given += await heard(opened)
    return found[:-1]


async def test_the_wall_is_told_nothing_but_how_large_it_is() -> None:
    assert await told(False, *NOTHING, *map(json.dumps, KEYS), b"q", b'["stdin", "q"]') == []  # noqa: FBT003


async def test_a_desk_is_told_keys_and_nothing_that_is_not_meant_for_it() -> None:
    assert await told(True, *NOTHING, *map(json.dumps, KEYS), b"q") == [  # noqa: FBT003
        (b"D", b"q"),
        (b"D", b"\x11"),
        (b"D", b"\x03"),
        (b"D", b"\x1b[<0;5;5M"),
        (b"M", {"type": "focus"}),
        (b"M", {"type": "blur"}),
    ]


async def test_a_window_of_no_possible_size_opens_no_app() -> None:
    one = room()
    async with door(one) as there:
        for query in (
            "?width=501&height=24",
            "?width=80",
            "?width=0&height=24",
            "?width=80&height=24&x=1",
            "?",
        ):
            assert await there.refused(f"/socket{query}") == HTTPStatus.BAD_REQUEST
        assert not one.visitors
        assert (await heard(await there.open("/socket?width=500&height=7"))).split()[1:] == [b"500", b"7"]


async def test_a_message_that_is_too_long_ends_the_socket() -> None:
    async with door(room(keys=True)) as there:
        opened = await there.open()
        app = await app_of(opened)
        await opened.send_json(["stdin", "x" * 2000])
        assert (await opened.receive(WAIT_S)).type in {WSMsgType.CLOSE, WSMsgType.CLOSED}
        await until_gone(app)


async def test_the_browser_is_given_what_the_app_draws_and_no_address_or_file() -> None:
    async with door(room(keys=True)) as there:
        opened = await there.open()
        await app_of(opened)  # what the stand-in said before has not come
        await opened.send_json(["stdin", "x"])
        assert packets(await heard(opened)) == [(b"D", b"x")]


# What is left


@pytest.mark.parametrize("code", [ECHO, DEAF], ids=["ends", "hangs"])
async def test_nothing_of_an_app_is_left_when_its_browser_has_gone(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    if code is DEAF:
        monkeypatch.setattr(served_app, "END_S", 0.1)
    one = room(code=code)
    async with door(one) as there:
        opened = await there.open()
        app = await app_of(opened)
        await opened.close()
        await until_gone(app)
    assert not one.visitors


async def test_a_browser_that_takes_nothing_does_not_keep_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_app, "END_S", 0.1)
    one = room(code=FLOOD)
    async with door(one) as there:
        silent, writer = await asyncio.open_connection(*there.address)
        asks = {"Host": there.host, **there.own, **UPGRADE}
        writer.write(f"GET /socket{SIZE} HTTP/1.1\r\n{lines(asks)}\r\n".encode())
        await silent.readuntil(b"x" * 1000)
        (app,) = children(os.getpid())
        await until_idle(app)
        async with asyncio.timeout(WAIT_S):
            await there.runner.cleanup()
        assert not one.visitors
        assert not lives(app)
        writer.close()


async def test_an_app_that_takes_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_app, "END_S", 0.1)
    async with door(room(keys=True, code=DEAF)) as there:
        opened = await there.open()
        app = await app_of(opened)
        with suppress(ConnectionError):
            for _count in range(400):
                await opened.send_json(["stdin", "x" * 1000])
        await until_gone(app)


@pytest.mark.parametrize("asked", ["GET /", "POST /", "GET /nowhere", "OPTIONS *", f"GET /socket{SIZE}"])
async def test_who_goes_without_a_goodbye_is_no_failure_of_the_server(
    asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with door(room()) as there:
        asks = {"Host": there.host, **there.own, **UPGRADE, "Expect": "100-continue"}
        for _one in range(20):  # some are answered before it is seen that nobody is there any more
            with socket.create_connection(there.address) as caller:
                caller.sendall(f"{asked} HTTP/1.1\r\n{lines(asks)}\r\n".encode())
                caller.shutdown(socket.SHUT_WR)
                await until_hung_up(caller)
    assert not caplog.records


async def test_a_failure_of_the_server_itself_is_written_down(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(browser, "_html", lambda *_args, **_kwargs: 1 / 0)
    async with door(room()) as there:
        assert (await there.get())[0] == HTTPStatus.INTERNAL_SERVER_ERROR
    (failure,) = caplog.records
    assert failure.exc_info
    assert failure.exc_info[0] is ZeroDivisionError


async def test_a_browser_is_told_when_its_app_has_ended() -> None:
    async with door(room(code="pass")) as there:
        assert (await (await there.open()).receive(WAIT_S)).type is WSMsgType.CLOSE


# The whole program


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Site]:
    """A hall at work on SQLite, in the test's own folder."""
    with live_hall(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path) as site:
        yield site


async def drawn(opened: ClientWebSocketResponse, text: str) -> str:
    """Wait until a text has been drawn; gives all that the browser was given up to then."""
    given = b""
    while text not in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", given.decode(errors="replace")):
        given += await heard(opened)
    return given.decode(errors="replace")


async def test_no_escape_of_a_name_reaches_the_browser(live: Site, tmp_path: Path) -> None:
    obeyed = "\x1b]0;x\x07\x1b[2J\x9b31m\u202e\u200b\U000e0041[@click=app.quit]"
    spoilt = apsw.Connection(str(tmp_path / "hall.db"))  # past the program, which would clean it
    for table in ("hall", "departments", "lines", "windows", "staff"):
        spoilt.execute(f"UPDATE {table} SET name = '登' || ? || name", (obeyed,))  # noqa: S608
    spoilt.close()
    with serving(tmp_path) as (_process, said):
        async with ClientSession(headers={"Origin": said["wall"].rstrip("/")}) as client:
            opened = await client.ws_connect(f"{said['wall']}socket{SIZE}")
            given = await drawn(opened, "登")
            given += await drawn(opened, call_one(live))
            await opened.close()
    # The program's own: colours, places, how the terminal is to behave, and the shape of the pointer.
    own = r"\x1b\[[0-9;?<>=]*(?:[mHhlu]|\$p)|\x1b\]22;[a-z]*\x07"
    assert is_clean(re.sub(own, "", given))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_the_wall_in_a_browser_follows_the_hall_and_no_key(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    if kind == "postgres":
        url = request.getfixturevalue("fresh_pg_url")
    with live_hall(url, tmp_path) as site, serving(tmp_path) as (process, said):
        async with ClientSession(headers={"Origin": said["wall"].rstrip("/")}) as client:
            opened = await client.ws_connect(f"{said['wall']}socket{SIZE}")
            await drawn(opened, site.hall.name)
            await drawn(opened, call_one(site))
            app = children(process.pid)
            for key in ("q", "\x11", "\x03", "\x10", "\x1b", "\r", "\x1b[<0;5;5M\x1b[<0;5;5m"):
                await opened.send_json(["stdin", key])
            finish_one(site)
            await drawn(opened, call_one(site))
            assert children(process.pid) == app
            await opened.close()
            await until_gone(*app)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_of_a_server_that_ends(live: Site, tmp_path: Path, how: signal.Signals) -> None:
    number = call_one(live)
    with serving(tmp_path, "--desks") as (process, said):
        async with ClientSession(headers={"Origin": said["wall"].rstrip("/")}) as client:
            wall = await client.ws_connect(f"{said['wall']}socket{SIZE}")
            desk = await client.ws_connect(f"{said['desks']}/socket{SIZE}")
            await drawn(wall, number)
            await drawn(desk, live.hall.name)
            apps = children(process.pid)
            assert len(apps) == 2
            process.send_signal(how)
            assert process.wait(WAIT_S) == (-how if how is signal.SIGKILL else main.DONE)
            await until_gone(*apps)


def test_an_app_is_told_where_the_hall_is_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIAOHAO_PIN", "271828")
    place = Place(Path("config.toml"), "postgresql://hall:hidden@db/hall", "qh")
    args = main._build().parse_args(["serve", "--language", "en"])
    assert "hidden" not in " ".join(serve._command(place))
    environment = serve._environment(args, place)
    assert environment["JIAOHAO_DATABASE"] == place.url
    assert environment["JIAOHAO_LANGUAGE"] == "en"
    assert "271828" not in environment.values()


def test_what_hinders_serving_is_said(
    live: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main.main(["serve", "--port", port]) == main.WRONG
    said = capsys.readouterr().err
    assert port in said
    assert "已被其他程序占用" in said
    assert main.main(["serve", "--port", "65536"]) == main.WRONG
    assert "65535" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["aiohttp", "textual_serve"])
def test_serving_without_its_packages_says_what_to_install(live: Site, tmp_path: Path, package: str) -> None:
    code = f"import sys; sys.modules['{package}'] = None; import jiaohao.tui.main as m; sys.exit(m.main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--json"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, done.stdout, error["code"]) == (main.WRONG, "", "browser_missing")
    assert "jiaohao[browser]" in error["message"]


def test_nothing_but_serving_loads_what_it_needs() -> None:
    code = "import sys, jiaohao.tui.main, jiaohao.tui.app, jiaohao.tui.serve; print('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"False\n"
