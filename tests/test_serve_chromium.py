"""The wall and the desks as a real Chromium shows them."""

from __future__ import annotations

import asyncio
import io
import signal
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from PIL import Image

from chromium import Chromium, chromium
from jiaohao.queue import signing
from live_hall import WAIT_S, call_one, children, finish_one, live_hall, serving, until_gone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from jiaohao.queue.site import Site

pytestmark = pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")

PIXELS = (1280, 800)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Site]:
    """A hall at work, in the test's own folder."""
    with live_hall(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path) as site:
        yield site


@asynccontextmanager
async def page(folder: Path, address: str) -> AsyncIterator[Chromium]:
    """An address in a new Chromium, which must find nothing wrong and ask nobody else."""
    async with Chromium(folder / "chromium", PIXELS) as shown:
        await shown.open(address)
        yield shown
        assert {urlsplit(asked).netloc for asked in shown.asked_for()} == {urlsplit(address).netloc}
        assert shown.complaints() == []


async def test_a_call_comes_to_the_wall_while_it_is_open_and_no_key_does(live: Site, tmp_path: Path) -> None:
    first = call_one(live)
    with serving(tmp_path) as (_process, said):
        async with page(tmp_path, said["wall"]) as shown:
            await shown.reads(live.hall.name, first, "社保一窗")
            await shown.run("window.sameAsBefore = true")
            for key in ("q", "1"):
                await shown.press(key)
            await shown.press("q", ctrl=True)
            await shown.press("p", ctrl=True)
            await shown.click(640, 400)
            await shown.press("q")
            finish_one(live)
            second = call_one(live)
            text = await shown.reads(first, second)
            assert live.hall.name in text
            assert await shown.run("window.sameAsBefore"), "the page was loaded again"
            assert await shown.run("document.body.className") == "-loaded -first-byte"
            assert await shown.run("window.shownTerminal.unicode.activeVersion") == "11"
            assert not [message for message in shown.sent() if "q" in message]
            looks_drawn(await shown.picture())


def looks_drawn(png: bytes) -> None:
    """The wall's bar at the top, its large number, and letters in many shades: no blank page."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours = image.getcolors(maxcolors=PIXELS[0] * PIXELS[1])
    assert colours is not None
    assert len(colours) > 50
    most = max(count for count, _colour in colours)
    assert most < 0.97 * image.width * image.height
    assert near(image.getpixel((image.width // 2, 4)), (0x5A, 0xA9, 0xE6)), "the heading"


def near(found: object, wanted: tuple[int, int, int]) -> bool:
    """Whether two colours look alike."""
    assert isinstance(found, tuple)
    return all(abs(one - other) < 16 for one, other in zip(found, wanted, strict=True))


async def test_a_page_opens_nothing_and_fetches_nothing_elsewhere(live: Site, tmp_path: Path) -> None:
    number = call_one(live)
    with serving(tmp_path) as (_process, said), socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0)
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        async with Chromium(tmp_path / "chromium", PIXELS) as shown:
            await shown.open(said["wall"])
            await shown.reads(number)
            assert await shown.run(f"window.open('{address}') === null")
            assert await shown.run(f"fetch('{address}', {{mode: 'no-cors'}}).then(() => '', () => 'refused')")
            image = f"image = new Image(); image.onerror = () => done('refused'); image.src = '{address}'"
            assert await shown.run(f"new Promise(done => {{ {image} }})") == "refused"
            with pytest.raises(BlockingIOError):
                elsewhere.accept()


@asynccontextmanager
async def another_site() -> AsyncIterator[str]:
    """The address of a page that somebody else wrote, with no policy of its own."""

    async def answer(_asked: asyncio.StreamReader, said: asyncio.StreamWriter) -> None:
        said.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p>elsewhere</p>")
        await said.drain()
        said.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_a_page_of_another_site_gets_no_socket_and_no_frame(live: Site, tmp_path: Path) -> None:
    number = call_one(live)
    with serving(tmp_path, "--desks") as (process, said):
        async with another_site() as elsewhere, Chromium(tmp_path / "chromium", PIXELS) as shown:
            await shown.open(elsewhere)
            await shown.until("document.body?.innerText === 'elsewhere'")
            for path in ("socket", "desks/socket"):
                address = said["wall"].replace("http", "ws") + path
                script = f"""new Promise(done => {{
                  const socket = new WebSocket("{address}?width=80&height=24");
                  socket.onopen = () => done("open");
                  socket.onclose = () => done("refused");
                }})"""
                assert await shown.run(script) == "refused"
            await shown.run("frame = document.body.appendChild(document.createElement('iframe'))")
            await shown.run(f"frame.src = '{said['wall']}'")
            await shown.complains("frame-ancestors")
            assert not children(process.pid)
            # From its own page the same browser gets it.
            await shown.open(said["wall"])
            await shown.reads(number)


async def test_the_wall_comes_back_with_its_server(live: Site, tmp_path: Path) -> None:
    number = call_one(live)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with Chromium(tmp_path / "chromium", PIXELS) as shown:
        with serving(tmp_path, port=port) as (process, said):
            await shown.open(said["wall"])
            await shown.reads(number)
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, WAIT_S)
        await shown.until("getComputedStyle(document.querySelector('main')).display === 'flex'")
        assert "正在恢复" in await shown.run("document.querySelector('main').innerText")
        await shown.run("window.sameAsBefore = true")
        with serving(tmp_path, port=port):
            await shown.until("!window.sameAsBefore")
            await shown.reads(number)


async def test_a_guide_signs_on_in_the_browser_and_issues_a_number(live: Site, tmp_path: Path) -> None:
    signing.sign_on(live, "2001", "271828")
    with serving(tmp_path, "--desks") as (process, said):
        async with page(tmp_path, said["desks"]) as shown:
            await shown.reads("导办台", "监察台")
            await shown.press("1")
            await shown.reads("签到", "工号")
            await shown.type("2001")
            await shown.press("Enter", code=13)
            await shown.reads("密码")
            await shown.type("314159")
            await shown.press("Enter", code=13)
            assert "社会保险" not in await shown.reads("密码不对"), "a desk that nobody has signed on to"
            await shown.type("271828")
            await shown.press("Enter", code=13)
            await shown.reads("社会保险", "吴引")
            await shown.press("F1", code=112)
            await shown.reads("输入来访人说的话")
            await shown.press("Escape", code=27)
            await shown.reads("群众要办什么", gone="输入来访人说的话")
            await shown.compose("参保")
            await shown.reads("rs-001")
            await shown.press("Enter", code=13)
            await shown.reads("已取号: A001")
            (app,) = children(process.pid)
            await shown.open("about:blank")
            await until_gone(app)
