"""The pages of ``jiaohao serve`` and their sockets, for this machine and for no other site's page."""

from __future__ import annotations

import asyncio
import importlib.resources
import logging
import socket as sockets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from html import escape
from string import Template

import textual_serve
from aiohttp import web
from aiohttp.log import server_logger
from pydantic import ValidationError

from jiaohao.queue import language
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.tui.served_app import Size, serve_app

MOST = 8
"""How many browsers may show the wall at a time, and how many the desks: behind each runs an app."""
HEARTBEAT_S = 15.0
STOP_S = 10.0
"""How long a server that ends waits for what it still does."""
FONT_PX = 16
_NAMES = ("127.0.0.1", "localhost")
_PLAIN_PORT = 80

_OURS = importlib.resources.files("jiaohao.tui") / "web"
_THEIRS = importlib.resources.files(textual_serve) / "static"
_STATIC = {
    "page.css": (_OURS / "page.css", "text/css"),
    "page.js": (_OURS / "page.js", "text/javascript"),
    "xterm.css": (_THEIRS / "css" / "xterm.css", "text/css"),
    "textual.js": (_THEIRS / "js" / "textual.js", "text/javascript"),
}

# Nothing is loaded from elsewhere, nothing sent elsewhere, no other page may hold this one. The sandbox keeps
# a link in somebody's text from opening anything. xterm.js writes its own style elements.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-same-origin"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "clipboard-read=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_SCRIPT = '<script src="/static/page.js"></script>'
_SCRIPTS = '<script src="/static/textual.js"></script>\n' + _SCRIPT


@dataclass(slots=True)
class Room:
    """One page and the app behind it."""

    path: str
    command: tuple[str, ...]
    environment: dict[str, str]
    title: str
    keys: bool
    """Whether the app is given the visitor's keys; else nothing but the size of their window."""
    most_bytes: int
    """How long a message of the browser may be."""
    visitors: set[asyncio.Task[web.StreamResponse]] = field(default_factory=set)

    @property
    def socket_path(self) -> str:
        """Where its page opens its socket."""
        return f"{self.path.rstrip('/')}/socket"


def serve(
    door: sockets.socket, title: str, command: tuple[str, ...], environment: dict[str, str], *, desks: bool
) -> None:
    """Answer at a socket that listens already, until the process is told to end.

    ``command`` is the program with its options; what it opens is added here.
    """
    rooms = [Room("/", (*command, "wall"), environment, title, keys=False, most_bytes=1024)]
    if desks:
        rooms.append(Room("/desks", command, environment, title, keys=True, most_bytes=64 * 1024))
    web.run_app(
        browser_app(rooms, door.getsockname()[1]),
        sock=door,
        shutdown_timeout=STOP_S,
        access_log=None,
        print=None,
    )


def browser_app(rooms: list[Room], port: int) -> web.Application:
    """The pages of these rooms, for whoever calls this machine by its own name."""
    server_logger.addFilter(_is_failure)
    app = web.Application(middlewares=[_gate(port)])
    app.on_response_prepare.append(_guard)
    app.router.add_get("/static/{name}", _static)
    for room in rooms:
        app.router.add_get(room.path, partial(_page, room))
        app.router.add_get(room.socket_path, partial(_socket, room), allow_head=False)
        app.on_shutdown.append(partial(_send_away, room))
    return app


def _gate(port: int) -> Callable[..., Awaitable[web.StreamResponse]]:
    # Of the port that is meant where none is named, browsers name none.
    hosts = set(_NAMES) if port == _PLAIN_PORT else {f"{name}:{port}" for name in _NAMES}

    @web.middleware
    async def gate(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        # A name that only leads here, as a site's may be made to (DNS rebinding), is not ours.
        given = request.headers.getall("Host", [])
        if len(given) != 1 or given[0].lower() not in hosts:
            raise web.HTTPMisdirectedRequest
        # A browser says which site's page asks; a socket is opened to nobody who does not say.
        origins = request.headers.getall("Origin", [])
        needed = request.path.endswith("/socket")
        if (origins or needed) and origins != [f"http://{given[0]}"]:
            raise web.HTTPForbidden
        return await handler(request)

    return gate


def _is_failure(record: logging.LogRecord) -> bool:
    # Who has gone without a goodbye, at any moment of any request, is no failure of the server.
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionError))


async def _guard(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _static(request: web.Request) -> web.StreamResponse:
    try:
        source, kind = _STATIC[request.match_info["name"]]
    except KeyError:
        raise web.HTTPNotFound from None
    return web.Response(body=source.read_bytes(), content_type=kind, charset="utf-8")


async def _page(room: Room, request: web.Request) -> web.StreamResponse:
    if len(room.visitors) >= MOST:
        full = _("As many browsers as may show this do so already.")
        return web.Response(text=_html(room, ended=full), content_type="text/html", status=503)
    return web.Response(text=_html(room, host=request.host), content_type="text/html")


async def _socket(room: Room, request: web.Request) -> web.StreamResponse:
    if len(room.visitors) >= MOST:
        raise web.HTTPServiceUnavailable
    try:
        size = Size.model_validate_strings(dict(request.query))
    except ValidationError:
        raise web.HTTPBadRequest from None
    visit = asyncio.create_task(_visit(room, request, size))
    room.visitors.add(visit)
    try:
        return await visit
    finally:
        room.visitors.discard(visit)


async def _visit(room: Room, request: web.Request, size: Size) -> web.StreamResponse:
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=room.most_bytes, compress=False)
    environment = {**room.environment, "COLUMNS": str(size.width), "ROWS": str(size.height)}
    await socket.prepare(request)
    await serve_app(socket, room.command, environment, keys=room.keys)
    return socket


async def _send_away(room: Room, _app: web.Application) -> None:
    # Without a goodbye, which a browser that hangs would never take.
    visits = tuple(room.visitors)
    for visit in visits:
        visit.cancel()
    if visits:
        await asyncio.wait(visits)


def _html(room: Room, *, host: str | None = None, ended: str = "") -> str:
    """The page with its terminal at ``host``; without one it only says why."""
    texts = {
        "language": language.language().replace("_", "-"),
        "title": clean(room.title),
        "state": "" if host else "-closed",
        "comes_back": "no" if room.keys else "yes",
        "opening": _("Opening..."),
        "ended": ended or (_("The desk is closed.") if room.keys else _("The wall is coming back...")),
        "again": _("Open it again"),
    }
    parts = {"scripts": _SCRIPTS if host else _SCRIPT, "terminal": _terminal(room, host) if host else ""}
    page = Template((_OURS / "page.html").read_text(encoding="utf-8"))
    return page.substitute({name: escape(text) for name, text in texts.items()}, **parts)


def _terminal(room: Room, host: str) -> str:
    # inert: the wall's page does not even hand a key or the mouse to its terminal.
    inert = "" if room.keys else " inert"
    where = f"ws://{escape(host)}{room.socket_path}"
    data = f'data-session-websocket-url="{where}" data-font-size="{FONT_PX}"'
    return f'<div class="textual-terminal" {data}{inert}></div>'
