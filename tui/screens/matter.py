"""What the guide tells a visitor about a matter, and the slip to take along (OP-1, OP-4, Q-8)."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from jiaohao.queue.clean import clean
from jiaohao.queue.floor import FREE, Floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.lookup import Hit
from jiaohao.queue.notice_text import copies_text, limit_text
from jiaohao.store.values import Agency, Line, Material, Matter
from jiaohao.tui import phrases
from jiaohao.tui.widgets.bignumber import BigNumber


def details(floor: Floor, hit: Hit) -> Content:
    """A line, matter or outside body as it stands now: where, how long, what to bring, limit, fee."""
    if hit.agency is not None:
        facts = _agency_facts(hit.agency)
    else:
        facts = _queue_facts(floor, hit.line) if hit.line else []
        facts += _matter_facts(hit.matter) if hit.matter else []
    return told(hit.name, facts)


def told(title: str, facts: Sequence[tuple[str, str]]) -> Content:
    """A title, and below it each fact with its label, the facts in one column."""
    width = max(cell_len(label) for label, _text in facts) + 2
    parts: list[tuple[str, str]] = [(f"{title}\n", "bold")]
    for label, text in facts:
        parts += [(set_cell_size(label, width), "dim"), (f"{text}\n", "")]
    return Content.assemble(*parts).rstrip()


def _agency_facts(agency: Agency) -> list[tuple[str, str]]:
    return [
        (_("Outside the centre"), ""),
        (_("Address"), clean(agency.address)),
        (_("Telephone"), clean(agency.phone) or "-"),
        (_("Hours"), clean(agency.hours) or "-"),
    ]


def _queue_facts(floor: Floor, of: Line) -> list[tuple[str, str]]:
    line = floor.line(of.code)
    windows = floor.open_windows(of.code)
    free = [view.code for view in floor.windows if view.code in windows and view.state == FREE]
    return [
        (_("Line"), f"{of.code} {clean(of.name)}"),
        (
            _("Open windows"),
            phrases.codes(windows)
            + (_("  (free: {codes})").format(codes=phrases.codes(free)) if free else ""),
        ),
        (_("People ahead"), str(line.waiting if line else 0)),
        (_("Expected wait"), phrases.wait(line.expected_wait_s if line else None)),
    ]


def _matter_facts(matter: Matter) -> list[tuple[str, str]]:
    materials = [f"\n {place}. {_material(material)}" for place, material in enumerate(matter.materials, 1)]
    return [
        (_("Materials"), "".join(materials) or _("none")),
        (_("Limit"), limit_text(matter.limit_days)),
        (_("Fee"), clean(matter.fee) or "-"),
        (_("Steps"), clean(matter.procedure) or "-"),
        (_("Basis"), clean(matter.basis) or "-"),
        (_("Code"), clean(matter.code)),
    ]


def _material(material: Material) -> str:
    form = " ".join(part for part in (clean(material.form), copies_text(material.copies)) if part)
    return f"{clean(material.name)}  {form}"


class Slip(Horizontal):
    """The slip of the number just issued, the number large beside its text."""

    def compose(self) -> ComposeResult:
        """The number, then the text."""
        yield BigNumber(id="slip-number")
        yield Static(id="slip-text", markup=False)

    def show(self, number: str, text: str) -> None:
        """Show a slip."""
        self.query_one("#slip-number", BigNumber).show(number)
        self.query_one("#slip-text", Static).update(
            Content("\n".join(clean(line) for line in text.splitlines()))
        )
