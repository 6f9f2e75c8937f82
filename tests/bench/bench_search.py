"""From a key to the frame at the guide's search, in a hall of 2,000 matters and 500 outside bodies."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import Input

from bench.frames import Frames
from bench.lines import ScrolledLines
from bench.measuring import ROUNDS, Options, Row, in_turn, middle, options, p95, report
from driving import desk
from jiaohao.queue.config import load
from jiaohao.queue.lookup import SHOWN
from jiaohao.queue.pinyin import spoken
from jiaohao.queue.setup import hall_of
from jiaohao.store.values import Agency, Hall, Matter
from jiaohao.tui.widgets.heading import Heading
from jiaohao.tui.widgets.rows import Rows
from small_hall import sqlite_site

if TYPE_CHECKING:
    from jiaohao.queue.site import Site

COUNTY = Path(__file__).parents[2] / "config.toml"
LIMIT_MS = 16.0
SIZE = (120, 36)
SEED = 7

WHO = """灵活就业人员 企业职工 城乡居民 退役军人 个体工商户 残疾人 高校毕业生 农民专业合作社 外来务工人员
有限责任公司 被征地农民 机关事业单位 社会组织 民办学校 医疗机构 施工企业 道路运输企业 困难家庭"""
WHAT = """养老保险 医疗保险 失业保险 工伤保险 生育津贴 住房公积金 不动产权 营业执照 食品经营许可 药品经营许可
居住证 社会保障卡 护照 出生医学证明 公共租赁住房 最低生活保障 道路运输证 契税 个人所得税 建筑施工许可"""
DEED = "参保登记 待遇申领 关系转移 变更登记 注销登记 遗失补领 资格认证 信息查询 年度核验 缴费证明"
PLACES = """城关镇 东河乡 西岭镇 南坪乡 北关街道 柳林镇 石桥乡 青山镇 清水乡 太平镇 新华街道 红旗镇 双河乡
龙泉镇 凤凰山乡 白马镇 三里铺镇 大王庄乡 黄土岭镇 杨树湾乡 安乐镇 永兴镇 长寿乡 高庙镇 古城街道
东关街道"""
OFFICES = """人民法庭 派出所 司法所 供电所 自来水公司 卫生院 农商银行 邮政支局 公证处 法律援助站 中心小学
敬老院 信访接待室 燃气公司 供热公司 公交公司 图书馆 文化站 农技站 兽医站"""

SAID = """lhjy ylbx yanglaobaoxian 养老认证 shebaoka 社保卡补领 灵活就业 zhuxiao yyzz 公积金 残疾人dibao jmyl
fayuan pcs 医疗 东河 没有的事"""
KEPT = 2
"""So many characters stand when the guide has deleted what was said and begins the next."""


def put_together(*words: str) -> list[str]:
    """Every name that has one word of each list."""
    return ["".join(parts) for parts in product(*(some.split() for some in words))]


def large_hall(matters: int, bodies: int) -> Hall:
    """The county hall with this many matters and bodies, each of its own name, spoken as `init` keeps it."""
    county = hall_of(load(COUNTY))
    dice = Random(SEED)  # noqa: S311 - dice, not secrets
    names = put_together(WHO, WHAT, DEED)
    if matters > len(names):
        names = put_together(PLACES, WHO, WHAT, DEED)
    names = dice.sample(names, matters)
    offices = dice.sample(put_together(PLACES, OFFICES), bodies)
    return replace(
        county,
        matters=tuple(_matter(county, place, name) for place, name in enumerate(names)),
        agencies=tuple(
            Agency(f"b-{place:03}", name, f"{name[:2]}一号", "0000-0000000", "工作日", (spoken(name),))
            for place, name in enumerate(offices)
        ),
    )


def _matter(county: Hall, place: int, name: str) -> Matter:
    like = county.matters[place % len(county.matters)]
    said = tuple(map(spoken, (name, *like.aliases)))
    return replace(like, code=f"m-{place:04}", name=name, spoken=said)


def keys_of(texts: Sequence[str]) -> Iterator[str]:
    """Each text typed and then taken back, but for its beginning; then all is cleared."""
    for text in texts:
        yield from text
        yield from ["backspace"] * max(0, len(text) - KEPT)
        yield "escape"


class Field(Input):
    """A field that is answered in its own frame, as the desk's is."""

    def watch_value(self) -> None:
        """Fill the list."""
        if self.is_attached and isinstance(self.app, Bare):
            self.app.fill()


class Bare(App[None]):
    """The reference: a field, and a list that at each key is filled with the other of two fixed sets."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "clear")]

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        strips = [Strip([Segment(name)]) for name in names]
        self.sets = strips[:SHOWN], strips[SHOWN : 2 * SHOWN]

    def compose(self) -> ComposeResult:
        """The field above the list."""
        yield Field(compact=True)
        yield ScrolledLines()

    def on_mount(self) -> None:
        """One of the sets."""
        self.fill()

    def fill(self) -> None:
        """The other set."""
        self.sets = self.sets[::-1]
        self.query_one(ScrolledLines).fill(self.sets[0])

    def action_clear(self) -> None:
        """Begin anew."""
        self.query_one(Input).value = ""


async def at_the_desk(site: Site, texts: Sequence[str]) -> list[float]:
    """Milliseconds of each key at the real guide's desk."""
    guide = next(person.no for person in site.hall.staff if person.role == "guide")
    async with desk(site, "guide", staff=guide, size=SIZE) as (app, _pilot):
        for timer in list(app.screen.query_one(Heading)._timers):
            timer.stop()  # the clock's frames are no answers

        def check() -> None:
            said = app.screen.query_one("#say", Input).value
            found = [hit.key for hit in site.directory.lookup.find(said)]
            if found != [row.key for row in app.screen.query_one("#found", Rows).rows]:
                raise RuntimeError(f"what fits {said!r} is not what is shown")

        return await Frames(app).typed(keys_of(texts), check)


async def at_the_bare_app(names: Sequence[str], texts: Sequence[str]) -> list[float]:
    """Milliseconds of each key at the reference."""
    app = Bare(names)
    async with app.run_test(size=SIZE):
        return await Frames(app).typed(keys_of(texts), lambda: None)


def main(asked: Options) -> int:
    """Measure and report. Gives 1 when the limit is broken."""
    matters, bodies, rounds, texts = (50, 10, 1, 1) if asked.small else (2000, 500, ROUNDS, None)
    said = SAID.split()[:texts]
    hall = large_hall(matters, bodies)
    names = [matter.name for matter in hall.matters] * 8
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        site, _clock = sqlite_site(Path(folder), hall)
        measured = in_turn(
            lambda: asyncio.run(at_the_desk(site, said)),
            lambda: asyncio.run(at_the_bare_app(names, said)),
            rounds,
        )
        site.store.close()
    figures = {
        "p50, ms": middle(measured, lambda ours, _bare: median(ours)),
        "p95, ms": middle(measured, lambda ours, _bare: p95(ours)),
        "bare app p50, ms": middle(measured, lambda _ours, bare: median(bare)),
        "bare app p95, ms": middle(measured, lambda _ours, bare: p95(bare)),
        "p50, times the bare app's": middle(measured, lambda ours, bare: median(ours) / median(bare)),
        "p95, times the bare app's": middle(measured, lambda ours, bare: p95(ours) / p95(bare)),
    }
    keys = sum(len(ours) for ours, _bare in measured)
    what = f"key -> frame at the guide's search: {matters} matters, {bodies} bodies, {keys} keys"
    return report("search", [Row(what, figures, {"p95, ms": LIMIT_MS})], asked)


if __name__ == "__main__":
    sys.exit(main(options()))
