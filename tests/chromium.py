"""A real Chromium without a window, driven over its own debugging socket, and what it did meanwhile."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import time
from asyncio.subprocess import DEVNULL
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

WAIT_S = 40.0
_LOOK_S = 0.05
_CTRL = 2
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)  # fmt: skip

# The page keeps its terminal to itself. Its add-on is a property that is set on whatever holds the terminal.
_FIND_TERMINAL = """
Object.defineProperty(Object.prototype, "unicode11Addon", {
  configurable: true,
  set(addon) {
    Object.defineProperty(this, "unicode11Addon", { value: addon });
    window.shownTerminal = this.terminal;
  },
});
"""
_READ_TERMINAL = """
(() => {
  const buffer = window.shownTerminal?.buffer.active;
  if (!buffer) return "";
  const lines = Array.from({ length: buffer.length }, (_, y) => buffer.getLine(y).translateToString(true));
  return lines.join("\\n");
})()
"""


def chromium() -> str | None:
    """Where Chromium is on this machine; None where it is not."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Chromium:
    """One page in a Chromium of its own, which knows nothing from before and leaves nothing."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        """Start it; ``size`` is the window's, in pixels."""
        self._folder = folder
        self._size = size
        self._numbers = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []
        """All that it told of itself."""

    async def __aenter__(self) -> Self:
        """Have it ready for ``open``."""
        width, height = self._size
        program = chromium()
        assert program is not None
        self._process = await asyncio.create_subprocess_exec(
            program,
            *_FLAGS,
            f"--user-data-dir={self._folder}",
            f"--window-size={width},{height}",
            "about:blank",
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        self._client = aiohttp.ClientSession()
        port, _path = (await self._started()).splitlines()
        async with self._client.get(f"http://127.0.0.1:{port}/json/list") as answer:
            page = next(target for target in await answer.json() if target["type"] == "page")
        self._socket = await self._client.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0)
        self._heard = asyncio.create_task(self._hear())
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.ask(f"{domain}.enable")
        await self.ask("Page.addScriptToEvaluateOnNewDocument", source=_FIND_TERMINAL)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, however it is."""
        self._heard.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._heard
        await self._client.close()
        self._process.terminate()
        await self._process.wait()

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Have it do something; gives what it answers."""
        self._numbers += 1
        answer = self._answers[self._numbers] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._numbers, "method": method, "params": params})
        async with asyncio.timeout(WAIT_S):
            return await answer

    async def open(self, address: str) -> None:
        """Go to an address."""
        await self.ask("Page.navigate", url=address)

    async def run(self, script: str) -> Any:
        """What a script gives in the page, run as if somebody had pressed something there."""
        answer = await self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        return answer["result"].get("value")

    async def text(self) -> str:
        """What stands in the page's terminal."""
        return await self.run(_READ_TERMINAL) or ""

    async def reads(self, *texts: str, gone: str | None = None) -> str:
        """Wait until the terminal shows all of these, and ``gone`` no more; gives all of it."""
        end = time.monotonic() + WAIT_S
        shown = await self.text()
        while not all(text in shown for text in texts) or (gone is not None and gone in shown):
            assert time.monotonic() < end, (texts, shown, self.complaints())
            await asyncio.sleep(_LOOK_S)
            shown = await self.text()
        return shown

    async def until(self, script: str) -> None:
        """Wait until a script says yes in the page."""
        end = time.monotonic() + WAIT_S
        while not await self.run(script):
            assert time.monotonic() < end, (script, self.complaints())
            await asyncio.sleep(_LOOK_S)

    async def press(self, key: str, *, code: int = 0, ctrl: bool = False) -> None:
        """Press one key; ``code`` is its number on the keyboard where it types no character."""
        text = {} if ctrl or (code and key != "Enter") else {"text": "\r" if key == "Enter" else key}
        pressed = {
            "key": key,
            "code": key,
            "windowsVirtualKeyCode": code or ord(key.upper()),
            "modifiers": _CTRL if ctrl else 0,
        }
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **pressed, **text)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def type(self, text: str) -> None:
        """Type a text, key by key."""
        for key in text:
            await self.press(key)

    async def compose(self, text: str) -> None:
        """Give a text as an input method does, whole and without keys."""
        await self.ask("Input.insertText", text=text)

    async def click(self, x: int, y: int) -> None:
        """Click somewhere in the page, in pixels."""
        where = {"x": x, "y": y, "button": "left", "clickCount": 1}
        await self.ask("Input.dispatchMouseEvent", type="mousePressed", **where)
        await self.ask("Input.dispatchMouseEvent", type="mouseReleased", **where)

    async def picture(self) -> bytes:
        """What is drawn, as PNG."""
        return base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])

    async def complains(self, of: str) -> None:
        """Wait until the browser has found this wrong."""
        end = time.monotonic() + WAIT_S
        while not any(of in complaint for complaint in self.complaints()):
            assert time.monotonic() < end, self.complaints()
            await asyncio.sleep(_LOOK_S)

    def asked_for(self) -> list[str]:
        """Every address that the page has asked for or opened a socket to."""
        found = []
        for method, params in self.events:
            if method == "Network.requestWillBeSent":
                found.append(params["request"]["url"])
            elif method == "Network.webSocketCreated":
                found.append(params["url"])
        return found

    def sent(self) -> list[str]:
        """Every message that the page has sent to a socket."""
        frames = [params for method, params in self.events if method == "Network.webSocketFrameSent"]
        return [params["response"]["payloadData"] for params in frames]

    def complaints(self) -> list[str]:
        """What the browser or a script of the page found wrong."""
        return [
            json.dumps(params)
            for method, params in self.events
            if method == "Runtime.exceptionThrown"
            or (method == "Log.entryAdded" and params["entry"]["level"] == "error")
        ]

    async def _started(self) -> str:
        file = self._folder / "DevToolsActivePort"
        end = time.monotonic() + WAIT_S
        while not (said := file.read_text() if file.exists() else "").count("\n"):
            assert self._process.returncode is None
            assert time.monotonic() < end
            await asyncio.sleep(_LOOK_S)
        return said

    async def _hear(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" not in said:
                self.events.append((said["method"], said["params"]))
            elif "error" in said:
                self._answers.pop(said["id"]).set_exception(AssertionError(said["error"]))
            else:
                self._answers.pop(said["id"]).set_result(said["result"])
