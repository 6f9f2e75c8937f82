"""Values: equal by what they hold, whatever is left out of it, and not to be changed by checked code."""

from __future__ import annotations

from dataclasses import field, replace

import pytest

from jiaohao.store.frozen import frozen


@frozen
class Visitor:
    """Some of what a value can have."""

    number: str
    phone: str | None = field(default=None, repr=False)
    seen: int = field(default=0, compare=False)


@frozen
class Namesake:
    """The same fields."""

    number: str
    phone: str | None = None
    seen: int = 0


def test_values_are_equal_by_what_is_compared() -> None:
    assert Visitor("A001", "1", 3) == Visitor("A001", "1", 4)
    assert hash(Visitor("A001", "1", 3)) == hash(Visitor("A001", "1", 4))
    assert Visitor("A001") != Visitor("A002")
    assert Visitor("A001") != Visitor("A001", "1")
    assert replace(Visitor("A001", "1"), number="A002") == Visitor("A002", "1")


def test_another_class_is_another_value() -> None:
    assert Visitor("A001") != Namesake("A001")
    assert Visitor("A001") != ("A001", None)


@pytest.mark.rule("PV-1")
def test_what_is_not_to_be_said_is_not() -> None:
    assert repr(Visitor("A001", "13800001111")) == "Visitor(number='A001', seen=0)"


def test_nothing_is_added_and_the_checker_lets_nothing_be_changed() -> None:
    assert not hasattr(Visitor("A001"), "__dict__")
    told = frozen.__dataclass_transform__  # type: ignore[attr-defined]
    assert {**told["kwargs"], **told}["frozen_default"] is True  # a name of its own from Python 3.12 on
