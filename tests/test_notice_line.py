"""Whatever a desk says is seen whole, in both languages on the smallest screen, and nothing moves for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from driving import desk, rows_of, says, until
from jiaohao.queue import language, seating
from jiaohao.queue.language import gettext
from jiaohao.queue.refusal import _SENTENCES, Refusal
from jiaohao.queue.words import fault_sentence
from jiaohao.store.errors import Fault
from jiaohao.tui.widgets.notice import Notice
from small_hall import sqlite_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

    from jiaohao.queue.site import Site
    from jiaohao.tui.app import JiaohaoApp

SCREENS = Path(__file__).parent.parent / "tui" / "screens"
SMALL = (80, 24)
LONG = {
    "state": "cancelled",
    "step": "authorisation",
    "post": "authorised",
    "channels": "in_person, phone, fax, network",
    "outcomes": "handled, colleague, window, outside, desk, office, registered, supervision",
    "kinds": "spot, promised, submitted, forwarded, joint, returned",
    "posts": "A, B, lead, chief, authorised",
    "matter": "企业职工基本养老保险关系转移接续",
    "material": "居民户口簿首页及本人页复印件一份",
    "agency": "禾泉县不动产登记交易服务中心",
    "priority": "现役军人和残疾军人",
    "who": "欧阳震华 1072",
    "outcome": "registered, to be answered",
    "error": "Read-only file system",
    "file": "jiaohao-attendance-2026-11.csv, jiaohao-attendance-2026-11.xlsx",
}
"""What fills the sentences where it can be long; all else is a number, a code or a time."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found, _clock = sqlite_site(tmp_path)
    seating.sit(found, "1", "1001")
    yield found
    found.store.close()


def value(field: str) -> object:
    return 86_400 if field.endswith("_s") else LONG.get(field, "2026-11-24")


def filled(sentence: str) -> str:
    fields = [name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name]
    return sentence.format(**{name: value(name) for name in fields})


def refusals() -> list[Refusal]:
    fields = {
        case: [name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name]
        for case, sentence in _SENTENCES.items()
    }
    return [Refusal(case, **{name: value(name) for name in names}) for case, names in fields.items()]


def said() -> set[str]:
    """Every sentence that stands in a call of ``say`` on a screen."""
    return {
        text.value
        for file in SCREENS.glob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "say"
        for inner in ast.walk(call)
        if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "_"
        for text in inner.args
        if isinstance(text, ast.Constant)
    }


async def seen(app: JiaohaoApp, pilot: Pilot[int]) -> str:
    """What of the notice is on the screen."""
    await pilot.pause()
    region = app.desk.query_one(Notice).region
    return "".join(
        strip.crop(region.x, region.right).text
        for strip in app.screen._compositor.render_strips(app.size)[region.y : region.bottom]
    )


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("tongue", language.LANGUAGES)
async def test_every_refusal_and_fault_is_seen_whole(site: Site, tongue: str) -> None:
    language.use(tongue)
    faults = [Fault(code) for code in ("store_full", "store_damaged", "database_newer", "printer_dropped")]
    async with desk(site, "counter", staff="1001", window="1", size=SMALL) as (app, pilot):
        for reason in (*refusals(), *faults):
            app.desk.say_refused(reason)
            text = reason.message if isinstance(reason, Refusal) else fault_sentence(reason.code, "")
            assert f"{bare(text)}[{reason.code}]" in bare(await seen(app, pilot))


@pytest.mark.parametrize("tongue", language.LANGUAGES)
async def test_whatever_a_desk_says_is_seen_whole(site: Site, tongue: str) -> None:
    language.use(tongue)
    assert len(said()) > 20
    async with desk(site, "guide", staff="2001", size=SMALL) as (app, pilot):
        for sentence in sorted(said()):
            app.desk.say(text := filled(gettext(sentence)))
            assert bare(text) in bare(await seen(app, pilot))


@pytest.mark.parametrize(("code", "staff"), [("guide", "2001"), ("counter", "1001")])
async def test_nothing_moves_for_a_long_notice_nor_is_what_one_types_covered(
    site: Site, code: str, staff: str
) -> None:
    window = "1" if code == "counter" else None
    async with desk(site, code, staff=staff, window=window, size=SMALL) as (app, pilot):
        await until(pilot, says(pilot, staff))  # the desk has shown who is signed on, and the floor with it
        before = rows_of(app)
        app.desk.say_refused(Refusal("bounce", enquiry=12))
        assert bare(await seen(app, pilot))
        notice = app.desk.query_one(Notice).region
        assert notice.height > 1
        after = rows_of(app)
        assert [row for y, row in enumerate(after) if not notice.y <= y < notice.bottom] == [
            row for y, row in enumerate(before) if not notice.y <= y < notice.bottom
        ]
        for field in app.desk.query(Input):
            assert not field.region.overlaps(notice)
        app.desk.say("")
        await pilot.pause()
        assert rows_of(app) == before


@pytest.mark.parametrize("key", ["y", "down"])
async def test_a_long_notice_gives_way_to_what_is_found(site: Site, key: str) -> None:
    async with desk(site, "guide", staff="2001", size=SMALL) as (app, pilot):
        app.desk.say_refused(Refusal("bounce", enquiry=12))
        await pilot.press(key)
        assert not bare(await seen(app, pilot))
