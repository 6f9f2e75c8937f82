"""A connection to PostgreSQL that runs the hall's statements past the driver's cursor.

The cursor takes a third of an operation's time, for pipelines, streams and more that is not asked of it here.
How values are written and read and how an answer is waited for stays the driver's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import Escaping, ExecStatus

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

    from jiaohao.store.base import Row

PREPARED_MOST = 200
"""The server keeps no more statements for a connection."""


class Connection(psycopg.Connection[Any]):
    """What a hall's transaction runs on. Its methods raise the driver's errors."""

    def __init__(self, pgconn: PGconn, *args: Any, **options: Any) -> None:
        """As the driver makes it; nothing was said yet."""
        super().__init__(pgconn, *args, **options)
        self._names: dict[tuple[str, tuple[int, ...] | None], bytes | None] = {}
        """Of each statement with the types of its values; None before it was said again."""
        self._numbers = count()

    def ask(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run one statement, written with ``?``, and give its rows.

        A desk says the same all day: what it says for the second time is prepared.
        """
        transformer = Transformer(self)
        values = transformer.dump_sequence(params, [PyFormat.TEXT] * len(params))
        types = transformer.types
        if (sql, types) in self._names:
            self.pgconn.send_query_prepared(self._name(sql, types), values)
        else:
            self._remember(sql, types)
            self.pgconn.send_query_params(self._written(sql), values, param_types=types)
        result = self._answer()
        transformer.set_pgresult(result)
        return cast("list[Row]", transformer.load_rows(0, result.ntuples, tuple))

    def _name(self, sql: str, types: tuple[int, ...] | None) -> bytes:
        name = self._names[sql, types]
        if name is None:
            name = b"%d" % next(self._numbers)
            self.pgconn.send_prepare(name, self._written(sql), param_types=types)
            self._answer()
            self._names[sql, types] = name
        return name

    def _remember(self, sql: str, types: tuple[int, ...] | None) -> None:
        if len(self._names) == PREPARED_MOST:
            self.say("DEALLOCATE ALL")
            self._names.clear()
        self._names[sql, types] = None

    def say(self, sql: str) -> None:
        """Run what needs no values and gives no rows; it may be several statements."""
        self.pgconn.send_query(sql.encode(self.info.encoding))
        self._answer()

    def quoted(self, text: str) -> str:
        """A text as it is written in a statement."""
        encoding = self.info.encoding
        literal: bytes = Escaping(self.pgconn).escape_literal(text.encode(encoding))
        return literal.decode(encoding)

    def _written(self, sql: str) -> bytes:
        return _numbered(sql).encode(self.info.encoding)

    def _answer(self) -> PGresult:
        """Wait for it; of several statements the last one's."""
        results: list[PGresult] = self.wait(generators.execute(self.pgconn))
        for result in results:
            if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                raise psycopg.errors.error_from_result(result, self.info.encoding)
        if not results:
            raise psycopg.OperationalError("the connection was closed")
        return results[-1]


@lru_cache(maxsize=2 * PREPARED_MOST)
def _numbered(sql: str) -> str:
    """The statement with each ``?`` as the server counts them."""
    first, *others = sql.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
