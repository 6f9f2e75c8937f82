"""What should become of an enquiry: from the matter, the windows open now and the asker's own desk.

A proposal is a value; the person confirms it or takes another (FR-2 to FR-8).
"""

from __future__ import annotations

from jiaohao.queue.floor import Floor, WindowView
from jiaohao.queue.following import IN_PERSON
from jiaohao.queue.lookup import Hit
from jiaohao.queue.site import Directory
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Matter

_KINDS = ("desk", "office", "supervision")


@frozen
class Proposal:
    """One outcome and where it leads; ``wait_s`` is the expected wait there in seconds, where one is known.

    ``to`` None with an outcome that needs a target means: ask which.
    """

    outcome: str
    to: str | None = None
    wait_s: int | None = None
    is_likely: bool = False


@frozen
class Asked:
    """What is known of an enquiry when its outcome is to be said."""

    channel: str = IN_PERSON
    line: str | None = None
    department: str | None = None
    agency: str | None = None


def asked_about(hit: Hit | None, channel: str = IN_PERSON) -> Asked:
    """What the directory knows of a hit of the search."""
    if hit is None:
        return Asked(channel)
    if hit.agency is not None:
        return Asked(channel, agency=hit.agency.code)
    return Asked(channel, hit.line.code if hit.line else None, hit.matter.department if hit.matter else None)


def propose(directory: Directory, floor: Floor, asked: Asked, window: str | None) -> tuple[Proposal, ...]:
    """Every outcome there is, the likeliest first; ``window`` is where the asker sits."""
    likely = _likely(directory, floor, asked, window)
    rest = [Proposal("handled"), Proposal("colleague"), Proposal("window"), Proposal("outside")]
    rest += [Proposal(kind, view.code) for kind in _KINDS for view in floor.windows if view.kind == kind]
    rest.append(Proposal("registered"))
    named = {(one.outcome, one.to) for one in likely}
    return (*likely, *(one for one in rest if (one.outcome, one.to) not in named))


def _likely(directory: Directory, floor: Floor, asked: Asked, window: str | None) -> list[Proposal]:
    if asked.agency is not None:
        return [Proposal("outside", asked.agency, is_likely=True)]
    if asked.channel != IN_PERSON:
        return [Proposal("registered", is_likely=True)]
    serving = [view for view in floor.windows if asked.line in view.lines]
    here = next((view for view in serving if view.code == window), None)
    own = [Proposal("handled", is_likely=True)] if here is not None else []
    line = floor.line(asked.line) if asked.line else None
    wait_s = line.expected_wait_s if line else None
    others = [view for view in serving if view is not here and view.is_manned]
    others.sort(key=lambda view: (not _is_free(view), not _is_same(directory, view, asked)))
    own += [
        Proposal("window", view.code, 0 if _is_free(view) else wait_s, is_likely=True) for view in others[:3]
    ]
    if own:
        return own
    return [Proposal("desk", view.code, is_likely=True) for view in floor.windows if view.kind == "desk"]


def _is_free(view: WindowView) -> bool:
    return view.state == "free"


def _is_same(directory: Directory, view: WindowView, asked: Asked) -> bool:
    return directory.windows[view.code].department == asked.department


def likely_kind(matter: Matter | None) -> str:
    """Which kind of file a service most likely was: promised where the matter has a limit in days (LK-3)."""
    return "promised" if matter is not None and matter.limit_days else "spot"
