"""``jiaohao serve``: the wall, and only when asked for the desks, in the browsers of this machine."""

from __future__ import annotations

import argparse
import errno
import json
import os
import socket
import sys

from jiaohao.queue import language
from jiaohao.queue.config import ConfigError, Problem
from jiaohao.queue.language import gettext as _
from jiaohao.queue.setup import Place, open_place
from jiaohao.store.errors import Fault

HOST = "127.0.0.1"
"""No other machine reaches this address."""
_LAST_PORT = 65535
_PACKAGES = frozenset({"aiohttp", "textual_serve"})
_SECRETS = frozenset({"JIAOHAO_PIN"})
"""What the one who starts the server knows, and nobody in a browser may act with."""


def run(args: argparse.Namespace, place: Place) -> int:
    """Serve until Ctrl+C or a polite kill. Gives the exit code. Raises ConfigError, Fault."""
    try:
        from jiaohao.tui import browser  # noqa: PLC0415 - only where it is installed
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise Fault("browser_missing", "pip install 'jiaohao[browser]'") from error
    site = open_place(place, read_only=True)
    if not args.language and not os.environ.get("JIAOHAO_LANGUAGE"):
        language.use(site.hall.language)
    title = site.hall.name
    site.store.close()
    with _listening(args.port) as door:
        address = f"http://{HOST}:{door.getsockname()[1]}/"
        _say(args, address)
        browser.serve(door, title, _command(place), _environment(args, place), desks=args.desks)
    return 0


def _listening(port: int) -> socket.socket:
    where = f"--port {port}"
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError((Problem(where, "", _("a port is a number up to {last}").format(last=_LAST_PORT)),))
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        taken = _("another program uses this port; name another one with --port")
        text = taken if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
        raise ConfigError((Problem(where, "", text),)) from error


def _say(args: argparse.Namespace, address: str) -> None:
    desks = f"{address}desks" if args.desks else None
    lines = [_("The wall: {address}").format(address=address)]
    if desks:
        lines.append(_("The desks: {address}").format(address=desks))
    lines.append(_("Ctrl+C ends it."))
    print(json.dumps({"wall": address, "desks": desks}) if args.json else "\n".join(lines))
    sys.stdout.flush()


def _command(place: Place) -> tuple[str, ...]:
    # The configuration by its name, which ./config.toml would else stand before; the database never, since
    # everybody on the machine can read a command line, and its address may hold a password.
    given = ("--config", str(place.config)) if place.config is not None else ()
    # -P: nothing is loaded that happens to lie in the folder.
    return (sys.executable, "-P", "-m", "jiaohao.tui.main", *given)


def _environment(args: argparse.Namespace, place: Place) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    environment |= {
        "JIAOHAO_DATABASE": place.url,
        "TEXTUAL_DRIVER": "jiaohao.tui.served_driver:ServedDriver",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
    }
    if args.language:
        environment["JIAOHAO_LANGUAGE"] = args.language
    return environment
