"""Finding a matter by what the visitor says."""

from __future__ import annotations

import time
from dataclasses import replace

from jiaohao.queue.lookup import Lookup
from small_hall import small_hall


def keys(text: str) -> list[str]:
    return [hit.key for hit in Lookup(small_hall()).find(text)]


def test_nothing_typed_shows_the_lines_and_then_every_matter() -> None:
    assert keys("")[:4] == ["line:A", "line:B", "line:C", "matter:rs-001"]
    assert len(keys("  ")) == 7


def test_matters_are_found_by_part_of_the_name_by_code_and_by_line() -> None:
    assert keys("参保") == ["matter:rs-001"]
    assert keys("YB-001") == ["matter:yb-001"]
    assert keys("b")[0] == "line:B"
    assert keys("社会 认证") == ["matter:rs-002"]
    assert keys("没有的") == []


def test_characters_in_order_are_found_after_whole_words() -> None:
    assert keys("养老认证") == ["matter:rs-002"]
    assert keys("认证养老") == []


def test_two_thousand_matters_are_narrowed_within_a_frame() -> None:
    hall = small_hall()
    one = hall.matters[0]
    many = tuple(replace(one, code=f"m-{place}", name=f"第{place}项{one.name}") for place in range(2000))
    lookup = Lookup(replace(hall, matters=many))
    best_s = 1.0
    for _ in range(5):
        began = time.perf_counter()
        assert len(lookup.find("登记")) == 200
        best_s = min(best_s, time.perf_counter() - began)
    assert best_s < 0.016
