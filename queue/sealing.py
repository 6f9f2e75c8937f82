"""Whether the journal is as it was written: its chain of seals walked line by line (Q-3)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store import seals
from jiaohao.store.errors import Conflict
from jiaohao.store.frozen import frozen

MOST_PROBLEMS = 1000
"""So many problems are kept; what is found beyond is only counted."""
CHANGED, MISSING, GAP, NO_SEAL, NOT_KEPT = "changed", "missing", "gap", "no_seal", "not_kept"
_CHUNK = 1000
"""So many lines are read at once: a reading that stays open long holds up the windows."""
_LAST_DAY = "9999-12-31"
_BEFORE_ALL = -(2**63)
"""No line has a smaller id, whoever has put it in."""
_KEPT = re.compile(r"(\d{4}-\d{2}-\d{2}):([0-9a-f]{16,64})")


@frozen
class Problem:
    """Where the journal is not as it was written; ``line`` is the id of a line."""

    code: str
    day: str | None
    line: int | None
    count: int = 1

    @property
    def message(self) -> str:
        """The sentence, in the language in force."""
        return _sentences()[self.code].format(line=self.line, count=self.count)


def _sentences() -> dict[str, str]:
    return {
        CHANGED: _("Line {line}, its seal or what stood before it was changed."),
        MISSING: _("Line {line} was removed."),
        GAP: _("Before line {line} something was removed: {count} in all."),
        NO_SEAL: _("Line {line} was put in without a seal."),
        NOT_KEPT: _("No line of this day has the digest that was kept: lines were changed or removed."),
    }


@dataclass(slots=True)
class Day:
    """The lines of a day, the digest of the one sealed last, and after a kept digest how many there are."""

    day: str
    lines: int = 0
    digest: str = ""
    since_kept: int | None = None


@dataclass(slots=True)
class Proof:
    """What a walk has found."""

    days: dict[str, Day] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def note(self, problem: Problem) -> None:
        """A problem was found."""
        self.count += 1
        if self.count <= MOST_PROBLEMS:
            self.problems.append(problem)


def kept_digest(text: str) -> tuple[str, str]:
    """A day and a digest kept elsewhere, from DAY:DIGEST, the digest in full or its first 16 digits or more.

    Raises ValueError.
    """
    found = _KEPT.fullmatch(re.sub(r"\s", "", text).lower())
    if found is None:
        raise ValueError(text)
    return found[1], found[2]


def verify(
    site: Site,
    first_day: str | None = None,
    last_day: str | None = None,
    kept: Sequence[tuple[str, str]] = (),
) -> Proof:
    """Walk the chain of some days, or of all, and hold it against digests kept elsewhere.

    Takes the same memory however long the journal is. Raises Refusal wrong_date where a kept digest is of
    another day, and Fault.
    """
    for day, _digest in kept:
        if not (first_day or "") <= day <= (last_day or _LAST_DAY):
            raise Refusal("wrong_date", text=day)
    with contextlib.suppress(Conflict):  # with seals that somebody put in, of which the walk tells
        seal_rest(site)
    return walk(site, first_day, last_day, kept)


def walk(
    site: Site,
    first_day: str | None = None,
    last_day: str | None = None,
    kept: Sequence[tuple[str, str]] = (),
) -> Proof:
    """As ``verify``, and a line without its seal is given none. Raises Fault."""
    proof = Proof()
    unfound = set(kept)
    for day, digest in _walk(site, proof, first_day, last_day):
        if not (first_day or "") <= day <= (last_day or _LAST_DAY):
            continue
        one = proof.days.setdefault(day, Day(day))
        one.lines += 1
        if one.since_kept is not None:
            one.since_kept += 1
        one.digest = digest
        for found in [each for each in unfound if each[0] == day and digest.startswith(each[1])]:
            unfound.remove(found)
            one.since_kept = 0
    _find_unsealed(site, proof, first_day or "", last_day or _LAST_DAY)
    for day, _digest in sorted(unfound):
        proof.note(Problem(NOT_KEPT, day, None))
    return proof


def _walk(site: Site, proof: Proof, first_day: str | None, last_day: str | None) -> Iterator[tuple[str, str]]:
    """Day and digest of each line as it should be; what is not so is noted."""
    position, until = site.store.read(lambda tx: seals.stretch(tx, first_day, last_day))
    start = site.store.read(lambda tx: seals.digest_at(tx, position))
    before = {start} if start is not None else set()
    if start is None:
        position -= 1  # its own place is a gap
    last_day_seen: str | None = None
    while chunk := _links_after(site, position, until):
        for link in chunk:
            gap = link.position - position - 1
            if gap:
                proof.note(Problem(GAP, link.day or last_day_seen, link.journal_id, gap))
            position = link.position
            if link.day is None:
                proof.note(Problem(MISSING, last_day_seen, link.journal_id))
                before = {link.digest}
                continue
            last_day_seen = link.day
            expected = {seals.chained(one, *link.line) for one in before}
            if not gap and before and link.digest not in expected:
                proof.note(Problem(CHANGED, link.day, link.journal_id))
                # Where only the seal was changed the next line still follows from what it was.
                before = {link.digest, *expected}
            else:
                before = {link.digest}
            yield link.day, link.digest.hex()


def _links_after(site: Site, position: int, until: int | None) -> list[seals.Link]:
    return site.store.read(lambda tx: seals.links(tx, position, until, _CHUNK))


def _find_unsealed(site: Site, proof: Proof, first_day: str, last_day: str) -> None:
    after = (first_day, _BEFORE_ALL)
    while chunk := _written_after(site, after, last_day):
        for line in chunk:
            if not line.is_sealed:
                proof.note(Problem(NO_SEAL, line.day, line.id))
        after = (chunk[-1].day, chunk[-1].id)


def _written_after(site: Site, after: tuple[str, int], last_day: str) -> list[seals.Written]:
    return site.store.read(lambda tx: seals.written(tx, after, last_day, _CHUNK))


def seal_rest(site: Site) -> None:
    """Seal what busy terminals have left for others; the windows never wait for it. Raises Fault."""
    site.store.transact(seals.seal_rest, tell=False)


def watch(site: Site) -> None:
    """Seal what was left, if anything was; any terminal may do it as often as it likes. Raises Fault."""
    if site.store.read(seals.has_rest):
        seal_rest(site)


def digest_of(site: Site, day: str) -> str | None:
    """The digest of the last line of a day, to be kept elsewhere; None without any line. Raises Fault."""
    seal_rest(site)
    found = site.store.read(lambda tx: seals.head(tx, day))
    return None if found is None else found.hex()
