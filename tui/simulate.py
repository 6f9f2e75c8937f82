"""``jiaohao simulate``: a day played through the real operations, on a database that is gone afterwards."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from jiaohao.queue.clean import clean
from jiaohao.queue.config import ConfigError, Problem
from jiaohao.queue.language import gettext as _
from jiaohao.queue.order import NORMAL
from jiaohao.queue.simulation import Plan, Report, Waits, simulate
from jiaohao.store.values import Hall
from jiaohao.tui import phrases
from jiaohao.tui.scratch import load_hall, midnight_of, scratch_site, working_day

_ESTIMATES = {
    "count": "estimates",
    "error_median": "error_median",
    "error_p90": "error_p90",
    "bias_s": "bias_s",
}


def run(args: argparse.Namespace, config_path: Path | None) -> int:
    """Play one day and tell what came of it. Gives the exit code. Raises ConfigError, Refusal, Fault."""
    hall = load_hall(args, config_path)
    plan = _plan(args, hall)
    clock = midnight_of(hall, plan.day)
    with scratch_site(hall, clock) as site, _progress(plan) as progress:
        report = simulate(site, clock, plan, progress)
    if args.json:
        json.dump(report_json(report), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _tell(hall, report, Console())
    return 0


def _plan(args: argparse.Namespace, hall: Hall) -> Plan:
    for name, value in (("--visitors", args.visitors), ("--windows", args.windows)):
        if value is not None and value < 1:
            raise ConfigError((Problem(name, "", _("must be at least 1")),))
    try:
        day = date.fromisoformat(args.date) if args.date else working_day(hall)
    except ValueError:
        raise ConfigError((Problem("--date", "", _("is not a date like 2026-11-24")),)) from None
    return Plan(args.visitors, args.windows, args.seed, day)


@contextmanager
def _progress(plan: Plan) -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_("Visitors"), total=plan.visitors)
        yield lambda done, _all: bar.update(task, completed=done)


def report_json(report: Report) -> dict[str, Any]:
    """A report for programs; waits in seconds, errors as shares of the wait that followed."""
    answer = asdict(report)
    plan = answer.pop("plan")
    estimates = {name: answer.pop(key) for name, key in _ESTIMATES.items()}
    return {"date": plan["day"].isoformat(), "seed": plan["seed"], **answer, "estimates": estimates}


def _tell(hall: Hall, report: Report, console: Console) -> None:
    day = report.plan.day.isoformat()
    # Without lines: those that rich draws are twice as wide on a Chinese terminal.
    table = Table(
        title=_("{day}: waits in minutes").format(day=day), title_justify="left", box=None, pad_edge=False
    )
    table.add_column(_("Whose wait"))
    for heading in (_("Called"), _("Median"), _("90 %"), _("Longest")):
        table.add_column(heading, justify="right")
    names = {line.code: f"{line.code} {clean(line.name)}" for line in hall.lines}
    classes = {NORMAL.code: _("without priority")}
    classes |= {priority.code: clean(priority.name) for priority in hall.calling.priorities}
    for named, found in ((names, report.lines), (classes, report.classes)):
        for code, waits in found.items():
            table.add_row(Text(named.get(code, code)), *_cells(waits))
        table.add_row()
    table.add_row(_("all"), *_cells(report.waits))
    console.print(table)
    console.print(
        _(
            "{windows} windows, {issued} visitors: {served} served, {missed} missed, "
            "{cancelled} gone, {unserved} unserved."
        ).format(
            windows=report.windows, issued=report.issued, served=report.served, missed=report.missed,
            cancelled=report.cancelled, unserved=report.unserved,
        ),
        highlight=False,
    )  # fmt: skip
    if report.error_median is not None and report.error_p90 is not None:
        text = _("Estimates at issue: half within {median}, nine of ten within {p90}; {bias}.").format(
            median=f"{report.error_median:.0%}", p90=f"{report.error_p90:.0%}",
            bias=phrases.told_text(report.bias_s),
        )  # fmt: skip
        console.print(text, highlight=False)


def _cells(waits: Waits) -> list[str]:
    figures = (waits.median_s, waits.p90_s, waits.longest_s)
    return [str(waits.called), *("-" if seconds is None else f"{seconds / 60:.1f}" for seconds in figures)]
