"""The commands of the slips: print what waits, look at them, print one again (Q-8)."""

from __future__ import annotations

import argparse
import sys

from jiaohao.queue import slips
from jiaohao.queue.language import gettext as _
from jiaohao.queue.language import ngettext
from jiaohao.queue.reading import read_floor
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.queue.slips import Backlog
from jiaohao.queue.words import printer_sentence, slip_word
from jiaohao.store.errors import Fault
from jiaohao.tui.acting import acting_no
from jiaohao.tui.commands import Add, Answer, Run
from jiaohao.tui.contract import slip_json, ticket_json


def print_slips(site: Site, args: argparse.Namespace) -> Answer:
    """``print [--watch]``: what waits for the printer, once or until it is interrupted."""
    if site.hall.printer is None:
        raise Refusal("no_printer")
    count = _watch(site) if args.watch else _once(site)
    text = ngettext("{count} slip printed", "{count} slips printed", count).format(count=count)
    return {"printed": count, "waiting": slips.backlog(site).waiting}, text


def _once(site: Site) -> int:
    from jiaohao.tui.printer import PrinterFault  # noqa: PLC0415 - only who prints pays for it
    from jiaohao.tui.printing import print_waiting  # noqa: PLC0415

    try:
        return print_waiting(site)
    except PrinterFault as fault:
        raise Fault(fault.code, fault.detail) from fault


def _watch(site: Site) -> int:
    from jiaohao.tui.printing import Press  # noqa: PLC0415 - only who prints pays for it

    def tell(found: Backlog) -> None:
        if text := slips.backlog_text(site.hall, found):
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    failures: list[Exception] = []
    press = Press(site, tell, failures.append)
    press.start()
    try:
        press.join()
    except KeyboardInterrupt:
        press.stop()
        press.join()
    if failures:
        raise failures[0]
    return press.count


def list_slips(site: Site, _args: argparse.Namespace) -> Answer:
    """``slips``: every slip of today, and how far it has come."""
    found = [(one, slips.slip_state(site, one)) for one in slips.todays(site)]
    lines = []
    for one, state in found:
        why = f"  {printer_sentence(one.slip.error)} [{one.slip.error}]" if one.slip.error else ""
        lines.append(f"{one.number}  {slip_word(state)}{why}")
    return {"slips": [slip_json(one, state) for one, state in found]}, "\n".join(lines)


def reprint(site: Site, args: argparse.Namespace) -> Answer:
    """``reprint NUMBER``: its slip once more, as it stands now."""
    ticket = slips.print_again(site, args.number, staff=acting_no(site, args), op=args.op)
    floor, _forecast = read_floor(site)
    text = _("The slip of {number} is printed again.").format(number=ticket.number)
    return ticket_json(ticket, floor), text


def add_verbs(add: Add) -> None:
    """The words of these commands."""
    add("print", _("print the slips that wait")).add_argument(
        "--watch", action="store_true", help=_("and those to come, until it is interrupted")
    )
    add("slips", _("today's slips, and whether they were printed"))
    add("reprint", _("print the slip of a number again"), "number")


RUN: dict[str, Run] = {"print": print_slips, "slips": list_slips, "reprint": reprint}
