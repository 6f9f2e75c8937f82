"""The commands of tickets and windows; and what every command without a screen has in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

from jiaohao.queue import calling, day, issuing, moving, seating, signing
from jiaohao.queue.floor import Floor
from jiaohao.queue.language import gettext as _
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.queue.words import state_word
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Ticket
from jiaohao.tui.acting import acting_no, named
from jiaohao.tui.contract import (
    Json,
    entry_json,
    floor_json,
    hit_json,
    ticket_json,
    window_json,
)

Answer = tuple[Json, str]
"""What a command did, for programs and for people."""


@frozen
class Listing:
    """A list that may be long: the key of its JSON, and its entries one by one, for programs and people."""

    key: str
    entries: Iterator[Answer]


@frozen
class Refused:
    """What a command has to say although it ends with a refusal."""

    answer: Json
    text: str
    refusal: Refusal


Run = Callable[[Site, argparse.Namespace], Answer | Listing | Refused]
Add = Callable[..., argparse.ArgumentParser]
"""Adds a command: its name, its help, and the words that it always takes."""


def _ticket(site: Site, ticket: Ticket) -> Answer:
    floor, _forecast = read_floor(site)
    text = f"{ticket.number} {state_word(ticket.state)}"
    if ticket.window:
        text += " " + _("window {window}").format(window=ticket.window)
    return ticket_json(ticket, floor), text


def issue(site: Site, args: argparse.Namespace) -> Answer:
    """``issue LINE``: a new ticket, and the slip that says what the visitor may expect."""
    staff = acting_no(site, args)
    floor, made = read_floor(site)
    ticket = issuing.issue(
        site, args.line, matter=args.matter, priority=args.priority, staff=staff,
        estimate_s=issuing.estimate_s(site.hall, floor, args.line, args.priority), op=args.op,
    )  # fmt: skip
    # With the same forecast: what is told is what is kept with the ticket.
    floor, made = read_floor(site, made)
    return ticket_json(ticket, floor, told_s=ticket.estimate_s), issuing.slip(site.hall, floor, ticket)


def show(site: Site, args: argparse.Namespace) -> Answer:
    """``show NUMBER``: today's ticket with its journal."""
    from jiaohao.queue.show import find_ticket  # noqa: PLC0415 - who issues pays for no statistics

    ticket, entries = find_ticket(site, args.number)
    answer, text = _ticket(site, ticket)
    answer["journal"] = [entry_json(entry) for entry in entries]
    lines = [text] + [
        "  ".join(str(v) for v in entry.values() if v is not None) for entry in answer["journal"]
    ]
    return answer, "\n".join(lines)


def matters(site: Site, args: argparse.Namespace) -> Answer:
    """``matters TEXT``: what can be meant, the likeliest first, with what to tell the visitor."""
    hits = site.directory.lookup.find(args.text)
    now, _forecast = read_floor(site)
    return {"matters": [hit_json(hit, now) for hit in hits]}, "\n".join(f"{h.code}  {h.shown}" for h in hits)


def window_answer(site: Site, code: str) -> Answer:
    """A window as it is now."""
    floor, _forecast = read_floor(site)
    window = floor.window(code)
    if window is None:
        raise Refusal("unknown_window", window=code)
    return window_json(window), f"{window.code} {window.name} {state_word(window.state)}"


def sit(site: Site, args: argparse.Namespace) -> Answer:
    """``sit WINDOW --staff NO``: signs on at a window."""
    site.directory.window(args.window)
    seating.sit(site, args.window, named(site, args).no, op=args.op)
    return window_answer(site, args.window)


def pause(site: Site, args: argparse.Namespace) -> Answer:
    """``pause WINDOW``: stops calling for a moment."""
    seating.pause(site, args.window, back=args.back, op=args.op)
    return window_answer(site, args.window)


def go_on(site: Site, args: argparse.Namespace) -> Answer:
    """``go-on WINDOW``: ends a pause."""
    seating.go_on(site, args.window, op=args.op)
    return window_answer(site, args.window)


def at_window(verb: Callable[..., Ticket]) -> Callable[[Site, argparse.Namespace], Answer]:
    """A command for the ticket at a window: call, recall, start, hold, miss."""

    def run(site: Site, args: argparse.Namespace) -> Answer:
        return _ticket(site, verb(site, args.window, op=args.op))

    return run


def finish(site: Site, args: argparse.Namespace) -> Answer:
    """``finish WINDOW --kind KIND``: served."""
    return _ticket(site, calling.finish(site, args.window, kind=args.kind, op=args.op))


def resume(site: Site, args: argparse.Namespace) -> Answer:
    """``resume NUMBER WINDOW``: a held ticket goes on."""
    return _ticket(site, moving.resume(site, args.number, args.window, op=args.op))


def by_number(verb: Callable[..., Ticket]) -> Callable[[Site, argparse.Namespace], Answer]:
    """A command for a ticket by its number: requeue, cancel, undo."""

    def run(site: Site, args: argparse.Namespace) -> Answer:
        return _ticket(site, verb(site, args.number, staff=acting_no(site, args), op=args.op))

    return run


def transfer(site: Site, args: argparse.Namespace) -> Answer:
    """``transfer NUMBER --line LINE | --window W``: onward, keeping number and wait."""
    moved = moving.transfer(
        site, args.number, line=args.line, window=args.window, note=args.note, staff=acting_no(site, args),
        op=args.op,
    )  # fmt: skip
    return _ticket(site, moved)


def close_day(site: Site, args: argparse.Namespace) -> Answer:
    """``close-day``: closes the service day."""
    from jiaohao.queue import sealing  # noqa: PLC0415 - only the end of the day needs it

    today = site.today()
    figures: dict[str, Any] = dict(day.close_day(site, staff=acting_no(site, args), op=args.op))
    text = _("Day closed: served {served}, missed {missed}, unserved {unserved}").format(**figures)
    digest = sealing.digest_of(site, today)
    kept = _("Digest of the journal, to be kept with the day's papers: {digest}").format(digest=digest)
    return {**figures, "digest": digest}, f"{text}\n{kept}"


def pin(site: Site, args: argparse.Namespace) -> Answer:
    """``pin NO --reset``: a manager clears a PIN."""
    signing.reset_pin(site, args.no, manager=named(site, args).no, op=args.op)
    return {"no": args.no, "pin": None}, _("PIN of {staff} cleared.").format(staff=args.no)


def floor(site: Site, _args: argparse.Namespace) -> Answer:
    """``floor``: the floor now."""
    now, _forecast = read_floor(site)
    return floor_json(now), _floor_text(now)


def _floor_text(now: Floor) -> str:
    lines = [
        _("{line} {name}: {waiting} waiting").format(line=line.code, name=line.name, waiting=line.waiting)
        for line in now.lines
    ]
    for window in now.windows:
        number = window.ticket.number if window.ticket else ""
        lines.append(f"{window.code} {window.name} {state_word(window.state)} {number}".rstrip())
    return "\n".join(lines)


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    add("floor", _("the floor now"))
    issue = add("issue", _("a new ticket"), "line")
    issue.add_argument("--matter", metavar="CODE")
    issue.add_argument("--priority", metavar="CLASS", default="normal")
    add("matters", _("find a matter, a line or an outside body by what the visitor says"), "text")
    add("show", _("today's ticket with its journal"), "number")
    add("sit", _("sign on at a window (--staff)"), "window")
    add("pause", _("stop calling for a moment"), "window").add_argument("--back", metavar="HH:MM")
    add("call", _("call the next ticket to a window"), "window")
    add("recall", _("call the number at a window once more"), "window")
    add("start", _("the visitor has come to the window"), "window")
    add("hold", _("set the ticket at a window aside"), "window")
    add("miss", _("the visitor has not come to the window"), "window")
    add("go-on", _("end a pause"), "window")
    add("finish", _("served"), "window").add_argument("--kind", default="spot", metavar="KIND")
    add("resume", _("a held ticket goes on at a window"), "number", "window")
    add("requeue", _("a missed ticket waits again"), "number")
    add("cancel", _("the visitor has left the hall"), "number")
    add("undo", _("take back the last step of a ticket"), "number")
    transfer = add("transfer", _("onward, keeping number and wait"), "number")
    onward = transfer.add_mutually_exclusive_group(required=True)
    onward.add_argument("--line")
    onward.add_argument("--window")
    transfer.add_argument("--note")
    add("close-day", _("close the service day"))
    add("pin", _("a manager clears a PIN"), "no").add_argument("--reset", action="store_true", required=True)


RUN: dict[str, Run] = {
    "floor": floor,
    "issue": issue,
    "matters": matters,
    "show": show,
    "sit": sit,
    "pause": pause,
    "go-on": go_on,
    "call": at_window(calling.call),
    "recall": at_window(calling.recall),
    "start": at_window(calling.start),
    "hold": at_window(calling.hold),
    "miss": at_window(calling.miss),
    "finish": finish,
    "resume": resume,
    "requeue": by_number(moving.requeue),
    "cancel": by_number(moving.cancel),
    "undo": by_number(moving.undo),
    "transfer": transfer,
    "close-day": close_day,
    "pin": pin,
}
