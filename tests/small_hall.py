"""A hall small enough to hold in mind, open day and night, and sites opened on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jiaohao.queue.clock import ManualClock
from jiaohao.queue.setup import describe
from jiaohao.queue.site import Site
from jiaohao.store.opening import open_store, upgrade
from jiaohao.store.values import (
    Agency,
    Calling,
    Department,
    Desks,
    Hall,
    Line,
    Material,
    Matter,
    Post,
    Priority,
    Staff,
    Window,
)

if TYPE_CHECKING:
    from pathlib import Path

MORNING = datetime(2026, 11, 24, 2, 5, tzinfo=UTC)
"""A Tuesday, 10:05 in the hall."""

MATERIALS = (Material("居民身份证", 1, "原件", "公安机关"), Material("户口簿", 1, "复印件", "公安机关"))

_HALL = Hall(
    name="青禾县政务服务中心",
    code="qh",
    timezone="Asia/Shanghai",
    language="zh_CN",
    weekdays=(1, 2, 3, 4, 5, 6, 7),
    spans_min=((0, 1440),),
    calling=Calling(
        announce="请 {number} 号到 {window} 号窗口办理",
        priorities=(
            Priority("veteran", "军人优先", 30, first=False),
            Priority("urgent", "急难优先", 0, first=True),
        ),
    ),
    desks=Desks(lock_min=0),
    departments=(Department("rs", "人力资源和社会保障局"), Department("yb", "医疗保障局")),
    lines=(Line("A", "社会保险"), Line("B", "医疗保障"), Line("C", "综合受理")),
    windows=(
        Window("1", "社保一窗", "handling", "rs", ("A",)),
        Window("2", "社保二窗", "handling", "rs", ("A",)),
        Window("3", "医保一窗", "handling", "yb", ("B",), ("A",)),
        Window("4", "综合窗口", "reception", "rs", ("C", "B")),
        Window("5", "咨询台", "desk", "rs"),
    ),
    matters=(
        Matter(
            "rs-001",
            "灵活就业人员参保登记",
            "A",
            "rs",
            MATERIALS,
            "受理-审核-办结",
            5,
            "不收费",
            "社会保险法第十条",
        ),
        Matter("rs-002", "养老待遇资格认证", "A", "rs", (), "当场办理", 0, "不收费", "社会保险法"),
        Matter("yb-001", "异地就医备案", "B", "yb", MATERIALS[:1], "当场办理", 0, "不收费", "医疗保障条例"),
        Matter("zh-001", "综合咨询登记", "C", None, (), "当场办理", 0, "不收费", "本县规定"),
    ),
    staff=(
        Staff("1001", "赵一", "rs", "counter"),
        Staff("1002", "钱二", "rs", "counter"),
        Staff("1003", "孙三", "yb", "counter"),
        Staff("1004", "李四", "rs", "counter"),
        Staff("1005", "周五", "rs", "counter"),
        Staff("2001", "吴引", "rs", "guide"),
        Staff("3001", "郑督", "rs", "supervision"),
        Staff("4001", "王管", "rs", "manager"),
    ),
    posts=(
        *(
            Post(window, "A", no)
            for window, no in zip("12345", ("1001", "1002", "1003", "1004", "1005"), strict=True)
        ),
        *(Post(window, "B", "1005") for window in "1234"),
        *(Post(window, "lead", "4001") for window in "12345"),
    ),
    agencies=(Agency("court", "青禾县人民法院", "青禾县城关镇一号", "0000-0000001", "工作日"),),
)


def small_hall(**changes: Any) -> Hall:
    """The small hall, with some of its fields changed."""
    return replace(_HALL, **changes)


def open_site(url: str, hall: Hall | None = None, *, start: datetime = MORNING) -> tuple[Site, ManualClock]:
    """A site on a fresh or existing database, and the clock that it goes by."""
    described = hall or small_hall()
    clock = ManualClock(start)
    store = open_store(url, described.code, create=True)
    upgrade(store)
    describe(store, described, clock)
    return Site(store, clock), clock


def sqlite_site(
    folder: Path, hall: Hall | None = None, *, start: datetime = MORNING
) -> tuple[Site, ManualClock]:
    """A site on a new file in ``folder``."""
    return open_site(f"sqlite:///{folder / 'hall.db'}", hall, start=start)
