"""The commands that look back on a day: its journal, and how long people waited (Q-3)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from jiaohao.queue import daybook, export, waits
from jiaohao.queue.daybook import Wanted
from jiaohao.queue.events import EVENTS, GROUPS, event_word
from jiaohao.queue.language import gettext as _
from jiaohao.queue.site import Site
from jiaohao.store.values import Entry
from jiaohao.tui import phrases
from jiaohao.tui.acting import named
from jiaohao.tui.aligned import aligned
from jiaohao.tui.commands import Add, Answer, Listing, Run
from jiaohao.tui.commands_enquiries import iso_day
from jiaohao.tui.contract import line_json, wait_json


def list_journal(site: Site, args: argparse.Namespace) -> Listing:
    """``journal --staff NO``: a day's lines, oldest first, narrowed as asked, also as CSV and xlsx."""
    reader = named(site, args).no
    wanted = Wanted(args.date or site.today(), args.number, args.window, args.staff_of, args.event)
    for file, is_xlsx in _files(args):
        lines = daybook.each(site, reader, wanted)
        export.write_long(file, daybook.table(site, lines), is_xlsx=is_xlsx)
    return Listing("journal", _entries(site, daybook.each(site, reader, wanted)))


def _entries(site: Site, lines: Iterator[Entry]) -> Iterator[Answer]:
    for entry in lines:
        parts = [
            daybook.at_text(site.directory, entry, "%H:%M:%S"), entry.number, event_word(entry.event),
            _("window {window}").format(window=entry.window) if entry.window else None, entry.staff,
            daybook.name_text(site.directory, entry), daybook.note_text(entry),
        ]  # fmt: skip
        yield line_json(entry), "  ".join(part for part in parts if part)


def list_waits(site: Site, args: argparse.Namespace) -> Answer:
    """``waits``: how long those called had waited and what they were told, by the hours or lines of a day."""
    line = site.directory.line(args.line).code if args.line is not None else None
    of = waits.read_waits(site, args.date or site.today())
    if args.by_line:
        parts = waits.by_line(site.hall, of)
    else:
        parts = waits.by_clock(site.hall, of, waits.HOUR_MIN, line)
    table = waits.table(site.hall, parts)
    for file, is_xlsx in _files(args):
        export.write_long(file, table, is_xlsx=is_xlsx)
    text = f"{aligned(table)}\n{phrases.estimates_text(waits.in_all(of, line).estimates)}"
    return {"waits": [wait_json(part) for part in parts]}, text


def _files(args: argparse.Namespace) -> list[tuple[Path, bool]]:
    """The files asked for, each with whether it is to be xlsx, however it is called."""
    return [
        (Path(name), is_xlsx) for name, is_xlsx in ((args.csv, False), (args.xlsx, True)) if name is not None
    ]


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    listed = add("journal", _("what happened on a day, line by line (--staff)"))
    _add_common(listed)
    for name in ("--number", "--window"):
        listed.add_argument(name)
    listed.add_argument("--staff-of", metavar="NO")
    listed.add_argument("--event", choices=(*GROUPS, *EVENTS), metavar="EVENT")
    waited = add("waits", _("how long people waited until called, by hour"))
    _add_common(waited)
    narrowed = waited.add_mutually_exclusive_group()
    narrowed.add_argument("--line")
    narrowed.add_argument("--by-line", action="store_true", help=_("the whole day, line by line"))


def _add_common(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--date", metavar="YYYY-MM-DD", type=iso_day)
    for name in ("--csv", "--xlsx"):
        verb.add_argument(name, metavar="FILE")


RUN: dict[str, Run] = {"journal": list_journal, "waits": list_waits}
