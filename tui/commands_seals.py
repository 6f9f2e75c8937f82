"""The command that holds the journal against its seals (Q-3)."""

from __future__ import annotations

import argparse

from jiaohao.queue import sealing
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.sealing import Proof
from jiaohao.queue.site import Site
from jiaohao.tui.commands import Add, Answer, Refused, Run
from jiaohao.tui.commands_enquiries import iso_day


def verify(site: Site, args: argparse.Namespace) -> Answer | Refused:
    """``verify``: whether the journal is as it was written, with the digest of each day."""
    first, last = (args.day, args.day) if args.day else (args.first, args.last)
    proof = sealing.verify(site, first, last, args.head)
    answer = {
        "days": [{"day": d.day, "lines": d.lines, "digest": d.digest} for d in proof.days.values()],
        "problems": [
            {"day": p.day, "line": p.line, "code": p.code, "message": p.message} for p in proof.problems
        ],
        "problem_count": proof.count,
    }
    if proof.count:
        return Refused(answer, _text(proof), Refusal("journal_changed", count=proof.count))
    return answer, _text(proof)


def _text(proof: Proof) -> str:
    lines = []
    for day in proof.days.values():
        lines.append(
            _("{day}  lines {lines}  digest {digest}").format(day=day.day, lines=day.lines, digest=day.digest)
        )
        if day.since_kept is not None:
            text = _("{day}  the digest that was kept holds; lines since then: {count}")
            lines.append(text.format(day=day.day, count=day.since_kept))
    lines += [f"{problem.day or '-'}  {problem.message}" for problem in proof.problems]
    return "\n".join(lines) or _("The journal has no lines of these days.")


def _kept(text: str) -> tuple[str, str]:
    try:
        return sealing.kept_digest(text)
    except ValueError:
        said = _("{text} is not DAY:DIGEST, as 2026-11-25:0ec0057bdc191320 with 16 digits or more")
        raise argparse.ArgumentTypeError(said.format(text=text)) from None


def add_verbs(add: Add) -> None:
    """The words of this command."""
    verb = add("verify", _("whether the journal is as it was written, and the digest of each day"))
    verb.add_argument("--day", metavar="YYYY-MM-DD", type=iso_day)
    verb.add_argument("--from", dest="first", metavar="YYYY-MM-DD", type=iso_day)
    verb.add_argument("--to", dest="last", metavar="YYYY-MM-DD", type=iso_day)
    verb.add_argument(
        "--head", metavar="DAY:DIGEST", action="append", default=[], type=_kept,
        help=_("a digest of that day that was kept elsewhere"),
    )  # fmt: skip


RUN: dict[str, Run] = {"verify": verify}
