"""An app behind one browser's socket: its process, what reaches it from there, and its end.

textual-serve has such a bridge. It starts a shell, hands the app the whole environment, takes every message,
delivers files, and waits without a limit for an app that does not end; only its terminal page is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from asyncio.subprocess import PIPE, Process
from typing import Annotated, Any, Literal

from aiohttp import WSMsgType, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

LARGEST = 500
"""The most columns or rows that a browser's terminal may have."""
END_S = 5.0
"""How long an app may take to end before it is killed."""
_BEGIN = b"__GANGLION__\n"
"""What Textual's driver writes before its first packet."""
_HEAD = 5
"""A packet's kind in one byte, and its length in four."""
_CHUNK = 65_536


class Size(BaseModel):
    """How large a terminal is, in columns and rows."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    width: Annotated[int, Field(ge=1, le=LARGEST)]
    height: Annotated[int, Field(ge=1, le=LARGEST)]


_Resize = tuple[Literal["resize"], Size]
_Keys = tuple[Literal["stdin"], str]
_Focus = tuple[Literal["focus", "blur"]]

_SIZES: TypeAdapter[Any] = TypeAdapter(_Resize)
_ALL: TypeAdapter[Any] = TypeAdapter(_Resize | _Keys | _Focus)


def packet(text: str, *, keys: bool) -> bytes | None:
    """What the app is given for a message of the browser; None for what it never hears of.

    Without ``keys`` that is all but the size of the window, put together anew from two small numbers.
    """
    try:
        kind, *rest = (_ALL if keys else _SIZES).validate_json(text)
    except ValidationError:
        return None
    if kind == "stdin":
        return _packed(b"D", rest[0].encode())
    size = rest[0].model_dump() if rest else {}
    return _packed(b"M", json.dumps({"type": kind, **size}).encode())


def _packed(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


async def serve_app(
    socket: web.WebSocketResponse, command: tuple[str, ...], environment: dict[str, str], *, keys: bool
) -> None:
    """Run an app for a browser until either ends; nothing of the app is left afterwards."""
    # In a session of its own: Ctrl+C is for the server, which ends its apps in order.
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
    )
    shown = asyncio.create_task(_show(process, socket))
    try:
        await _listen(socket, process, keys=keys)
    finally:
        shown.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await shown
        await _surely(asyncio.create_task(_end(process)))


async def _surely(ending: asyncio.Task[None]) -> None:
    # A server that ends calls off whoever is still at work, also twice; a process must be waited for all the
    # same, and that does not take long.
    called_off = False
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            called_off = True
    if called_off:
        raise asyncio.CancelledError
    ending.result()


async def _show(process: Process, socket: web.WebSocketResponse) -> None:
    # What the app draws goes to the browser. All else that it may say, addresses to open and files to fetch,
    # is for a server that does more than show.
    _stdin, stdout = _pipes(process)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        await stdout.readuntil(_BEGIN)
        while True:
            head = await stdout.readexactly(_HEAD)
            payload = await stdout.readexactly(int.from_bytes(head[1:], "big"))
            if head[:1] == b"D":
                await socket.send_bytes(payload)
    with contextlib.suppress(ConnectionError):  # a browser that went without a goodbye
        await socket.close()


async def _listen(socket: web.WebSocketResponse, process: Process, *, keys: bool) -> None:
    stdin, _stdout = _pipes(process)
    async for message in socket:
        given = packet(message.data, keys=keys) if message.type is WSMsgType.TEXT else None
        if given is None:
            continue
        stdin.write(given)
        try:
            async with asyncio.timeout(END_S):
                await stdin.drain()
        except (ConnectionError, TimeoutError):
            return  # the app has gone, or takes nothing any more


async def _end(process: Process) -> None:
    stdin, _stdout = _pipes(process)
    stdin.close()
    try:
        async with asyncio.timeout(END_S):
            await _gone(process)
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            process.kill()
            await _gone(process)


async def _gone(process: Process) -> None:
    # Read to the end: an app that cannot write cannot end, and none has ended for asyncio whose pipe is full.
    _stdin, stdout = _pipes(process)
    while await stdout.read(_CHUNK):
        pass
    await process.wait()


def _pipes(process: Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    assert process.stdin is not None  # noqa: S101 - it was started with pipes
    assert process.stdout is not None  # noqa: S101 - the same
    return process.stdin, process.stdout
