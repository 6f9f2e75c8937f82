"""A network between terminals and a PostgreSQL server, which can fall silent: packets vanish, nobody is told.

A connection that is closed or refused says so. Where a cable is pulled whoever waits learns it from the own
clock alone. Only what was under way to a terminal when it happened may arrive again and again.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import struct
import threading
from types import TracebackType
from typing import Any, Self

from psycopg.conninfo import conninfo_to_dict

_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
"""A filter of Linux that takes no packet, so that none is even acknowledged."""
_PIECE = 65536
_END_S = 30.0


class Network:
    """Relays a port of its own to the server's socket, each connection by itself."""

    def __init__(self, url: str) -> None:
        """Not there yet."""
        given = conninfo_to_dict(url)
        self._socket_path = f"{given['host']}/.s.PGSQL.{given.get('port', 5432)}"
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = f"postgresql://{given['user']}@127.0.0.1:{port}/{given['dbname']}"
        self._callers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._is_there = asyncio.Event()

    def __enter__(self) -> Self:
        """Be there."""
        self._thread.start()
        self._do(self._begin())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Be gone, and every connection with it."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def fall_silent(self) -> None:
        """Let nothing through any more, in no direction, and nobody in."""
        self._do(self._deafen(deaf=True))

    def come_back(self) -> None:
        """Let through what is sent from now on, and what is sent again because nobody took it."""
        self._do(self._deafen(deaf=False))

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_END_S)

    async def _begin(self) -> None:
        self._is_there.set()
        self._server = await asyncio.start_server(self._relay, sock=self._listening)

    async def _end(self) -> None:
        self._server.close()
        self._is_there.set()
        for caller in self._callers:
            caller.transport.abort()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    async def _deafen(self, *, deaf: bool) -> None:
        ears = [self._listening, *(caller.get_extra_info("socket") for caller in self._callers)]
        for ear in ears:
            if deaf:
                program = struct.pack("HP", 1, ctypes.addressof(_NOTHING))
                ear.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
            else:
                ear.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)
        if deaf:
            self._is_there.clear()
        else:
            self._is_there.set()

    async def _relay(self, heard: asyncio.StreamReader, caller: asyncio.StreamWriter) -> None:
        self._callers.add(caller)
        answered, server = await asyncio.open_unix_connection(self._socket_path)
        try:
            there = asyncio.create_task(self._pass_on(heard, server))
            back = asyncio.create_task(self._pass_on(answered, caller, held=True))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._callers.discard(caller)
            caller.close()
            server.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool = False
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(_PIECE):
                if held:
                    await self._is_there.wait()
                writer.write(piece)
                await writer.drain()
