"""How a frozen value is written to and read from its table, where the columns are the value's fields."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, TypeVar

from jiaohao.store.base import Row, Tx

V = TypeVar("V")
_COLUMN = {"window": "window_code"}
"""Fields whose column has another name: ``window`` is a word of SQL."""


class Table(Generic[V]):
    """The rows of one table as values of one type; the first field is the growing ``id``."""

    def __init__(self, table: str, value: type[V]) -> None:
        """Rows of ``table``, whose columns are named like the fields of ``value``."""
        names = [field.name for field in dataclasses.fields(value)]  # type: ignore[arg-type]
        self._value = value
        self.columns = ", ".join(_COLUMN.get(name, name) for name in names)
        new = ", ".join(_COLUMN.get(name, name) for name in names[1:])
        marks = ", ".join("?" * (len(names) - 1))
        self._add = f"INSERT INTO {table}({new}) VALUES({marks}) RETURNING id"
        self._read = f"SELECT {self.columns} FROM {table}"

    def add(self, tx: Tx, value: V) -> V:
        """Write a new one; gives it with its id."""
        given: Any = value
        row = tx.rows(self._add, dataclasses.astuple(given)[1:])[0]
        return dataclasses.replace(given, id=int(row[0]))  # type: ignore[no-any-return]

    def all(self, tx: Tx, where: str, params: tuple[Any, ...] = ()) -> list[V]:
        """Those of a condition, in the order of their ids unless it says another one."""
        order = "" if "ORDER BY" in where else " ORDER BY id"
        return [self.of(row) for row in tx.rows(f"{self._read} WHERE {where}{order}", params)]

    def one(self, tx: Tx, where: str, params: tuple[Any, ...] = ()) -> V | None:
        """The first one of a condition, held for this transaction; None when there is none."""
        found = tx.row(f"{self._read} WHERE {where}{tx.locking}", params)
        return None if found is None else self.of(found)

    def of(self, row: Row) -> V:
        """The value of a row."""
        return self._value(*row)
