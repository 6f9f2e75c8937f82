"""A connection to PostgreSQL that runs the hall's statements past the driver's cursor.

The cursor takes a third of an operation's time, for streams and more that is not asked of it here. How values
are written and read and how an answer is waited for stays the driver's. A statement whose answer nobody needs
goes out with the next one: each journey to the server wakes a process there, and then one here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg import abc
    from psycopg.pq.abc import PGconn, PGresult

    from jiaohao.store.base import Row

PREPARED_MOST = 200
"""The server keeps no more statements for a connection."""
TOGETHER_MOST = 100
"""No more statements go out together."""

_Types = tuple[int, ...] | None


class _Unsent(NamedTuple):
    name: bytes | None
    """Under which it is prepared, if it is."""
    sql: str
    values: Sequence[Any]
    types: _Types
    rows: list[Row]
    """To be filled with those of its answer."""


class Connection(psycopg.Connection[Any]):
    """What a hall's transaction runs on. Its methods raise the driver's errors."""

    def __init__(self, pgconn: PGconn, *args: Any, **options: Any) -> None:
        """As the driver makes it; nothing was said yet."""
        super().__init__(pgconn, *args, **options)
        self._names: dict[tuple[str, _Types], bytes | None] = {}
        """Of each statement with the types of its values; None before it was said again."""
        self._numbers = count()
        self._unsent: list[_Unsent] = []
        self._transformer = Transformer(self)
        """One for all: it remembers how values of each type are written and read."""

    @property
    def is_in_transaction(self) -> bool:
        """Whether one has begun here, be it that the server does not know yet."""
        return bool(self._unsent) or self.pgconn.transaction_status == TransactionStatus.INTRANS

    def ask(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run one statement, written with ``?``, after those that are unsent, and give its rows.

        A desk says the same all day: what it says for the second time is prepared.
        """
        rows = self.later(sql, params)
        self._go()
        return rows

    def later(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run one statement when the next is asked, which then raises its error.

        Its rows will be in the list that is given.
        """
        values = self._transformer.dump_sequence(params, [PyFormat.TEXT] * len(params))
        types = self._transformer.types
        name = self._name(sql, types)
        self._unsent.append(one := _Unsent(name, sql, values, types, []))
        if len(self._unsent) == TOGETHER_MOST:
            self._go()
        return one.rows

    def cursor(self, *args: Any, **options: Any) -> Any:
        """See the driver; what is unsent goes first."""
        self._go()
        return super().cursor(*args, **options)

    def rollback(self) -> None:
        """See the driver; what is unsent is forgotten."""
        self._unsent.clear()
        super().rollback()

    def _name(self, sql: str, types: _Types) -> bytes | None:
        if (sql, types) not in self._names:
            self._remember(sql, types)
        elif self._names[sql, types] is None:
            self._go()  # it may be about what is only made there
            name = b"%d" % next(self._numbers)
            self.pgconn.send_prepare(name, _written(sql, self.info.encoding), param_types=types)
            _check(self.wait(generators.execute(self.pgconn)), 1, self.info.encoding)
            self._names[sql, types] = name
        return self._names[sql, types]

    def _remember(self, sql: str, types: _Types) -> None:
        if len(self._names) == PREPARED_MOST:
            self._go()  # by the names that are forgotten now
            self._names.clear()
            self._unsent.append(_Unsent(None, "DEALLOCATE ALL", (), None, []))
        self._names[sql, types] = None

    def _go(self) -> None:
        """Send all that is unsent and wait for the answers. Raises the first error among them."""
        unsent, self._unsent = self._unsent, []
        if not unsent:
            return
        pgconn, encoding = self.pgconn, self.info.encoding
        pgconn.enter_pipeline_mode()
        try:
            for one in unsent:
                if one.name is None:
                    pgconn.send_query_params(_written(one.sql, encoding), one.values, param_types=one.types)
                else:
                    pgconn.send_query_prepared(one.name, one.values)
            pgconn.pipeline_sync()
            answers = self.wait(self._answers())
        finally:
            if pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        _check(answers, len(unsent), encoding)
        for one, answer in zip(unsent, answers, strict=True):
            if answer.ntuples:
                self._transformer.set_pgresult(answer)
                one.rows.extend(self._transformer.load_rows(0, answer.ntuples, tuple))
        self._transformer.set_pgresult(None)

    def _answers(self) -> abc.PQGen[list[PGresult]]:
        """Wait for all answers up to the one that says that there are no more, or that can be had."""
        answers: list[PGresult] = []
        more = yield from generators.execute(self.pgconn)
        while more and more[-1].status != ExecStatus.PIPELINE_SYNC:
            answers += more
            more = yield from generators.fetch_many(self.pgconn)
        return answers


def _check(answers: Sequence[PGresult], count: int, encoding: str) -> None:
    """Raise the first error; or, where the last answers of so many did not come, that nobody was there."""
    for answer in answers:
        if answer.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise psycopg.errors.error_from_result(answer, encoding)
    if len(answers) < count:
        raise psycopg.OperationalError("the connection was closed")


@lru_cache(maxsize=2 * PREPARED_MOST)
def _written(sql: str, encoding: str) -> bytes:
    """The statement with each ``?`` as the server counts them."""
    first, *others = sql.split("?")
    text = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
    return text.encode(encoding)
