"""Several PostgreSQL servers behind one address: which of them is asked, and in what order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
from peewee import Psycopg3Adapter
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.pq import TransactionStatus as _Status

from jiaohao.store.errors import Fault, NotConnected
from jiaohao.store.statements import Connection

_PORT = "5432"
_PATIENCE_S, _PATIENCE_EACH_S = 5, 2
"""How long a server may take to answer; where there is another one, less."""

WRITABLE = ("read-write",)
PRIMARY = ("primary",)
ANY = ("any",)
STANDBY_FIRST = ("standby", "any")
PRIMARY_FIRST = ("primary", "any")
"""What kinds of servers to look for, each among all of them: ``target_session_attrs`` one after the other."""

# A host's name that cannot be looked up, for its length or its letters, is Python's own error.
_NO_ANSWER = (psycopg.Error, UnicodeError)


class Servers:
    """The servers that a URL names; the one that answered last is asked first: one that hangs costs once."""

    def __init__(self, url: str, parameters: dict[str, Any]) -> None:
        """Read the URL; ``parameters`` are those of each connection. Raises Fault when it cannot be read."""
        try:
            given = psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise Fault("store_unreachable", str(error)) from error
        self.url = url
        self._places = [] if "hostaddr" in given else _places(given)
        self.are_several = "," in str(given.get("host", given.get("hostaddr", "")))
        patience_s = _PATIENCE_EACH_S if self.are_several else _PATIENCE_S
        self._parameters = {
            "connect_timeout": given.get("connect_timeout", patience_s),
            # What the driver has prepared it drops at each ROLLBACK, and all others' with it.
            "prepare_threshold": None,
            **parameters,
        }

    def connect(self, kinds: tuple[str, ...]) -> Connection:
        """Connect to a server of the first kind of which there is one. Raises NotConnected."""
        for kind in kinds[:-1]:
            with contextlib.suppress(*_NO_ANSWER):
                return self._connect(kind)
        try:
            return self._connect(kinds[-1])
        except _NO_ANSWER as error:
            raise NotConnected(str(error)) from error

    def _connect(self, kind: str) -> Connection:
        parameters = {**self._parameters, "target_session_attrs": kind}
        if self._places:
            hosts, ports = zip(*self._places, strict=True)
            parameters |= {"host": ",".join(hosts), "port": ",".join(ports)}
        connection = Connection.connect(self.url, **parameters)
        found = (connection.info.host, str(connection.info.port))
        # A new list: another thread may be reading the old one.
        self._places = sorted(self._places, key=lambda place: place != found)
        return connection


def _places(given: dict[str, Any]) -> list[tuple[str, str]]:
    """Host and port of each server, where there are several."""
    hosts = str(given.get("host", "")).split(",")
    ports = str(given.get("port", _PORT)).split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(hosts) == 1 or len(hosts) != len(ports):
        return []
    return [(host, port or _PORT) for host, port in zip(hosts, ports, strict=True)]


class Pool(PooledPostgresqlDatabase):  # type: ignore[misc]  # playhouse comes without types
    """Connections of which each goes to where the hall is at that moment."""

    def __init__(self, connect: Callable[[], Connection], **options: Any) -> None:
        """Connect by ``connect``, which raises NotConnected; the options are peewee's."""
        # peewee was loaded without psycopg, and would take its adapter for psycopg2.
        self.psycopg2_adapter = self.psycopg3_adapter = lambda: _Adapter(connect)
        super().__init__("jiaohao", prefer_psycopg3=True, **options)


class _Adapter(Psycopg3Adapter):
    txn_idle, txn_inerror, txn_unknown = _Status.IDLE, _Status.INERROR, _Status.UNKNOWN

    def __init__(self, connect: Callable[[], Connection]) -> None:
        super().__init__()
        self._connect = connect

    def check_driver(self) -> None:
        """See peewee: it is here, or this module could not be."""

    def is_connection_closed(self, conn: Connection) -> bool:
        """Whether it cannot be used, as far as is known here.

        Peewee asks the server, twice for each operation. What it would find out the first statement shows,
        and whoever has sent it then tries again with another connection.
        """
        return bool(self.txn_status(conn) != self.txn_idle)

    def connect(self, db: Any, **params: Any) -> Connection:  # noqa: ARG002 - peewee's signature
        """See Pool."""
        return self._connect()
