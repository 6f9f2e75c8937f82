"""Who may do what: the one table of roles, and what the leading posts of a window may beside it (PV-1)."""

from __future__ import annotations

from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store.values import Staff

_MANAGERS = frozenset({"manager"})
_OVERSEERS = _MANAGERS | {"supervision"}
_FLOOR = _OVERSEERS | {"guide"}

MAY: dict[str, frozenset[str]] = {
    # desks that are signed on to by role; a counter goes by posts, the wall by nothing
    "guide": _FLOOR,
    "supervise": _OVERSEERS,
    # what is refused to everybody else
    "adjust request": _MANAGERS,
    "adjust step": _MANAGERS,
    "anonymise": _OVERSEERS,
    "approve leave": _MANAGERS,
    "consent": _MANAGERS,
    "figures": _OVERSEERS,
    "incidents": _OVERSEERS,
    "journal": _OVERSEERS,
    "mark add": _OVERSEERS,
    "mark list": _OVERSEERS,
    "meeting attend": _OVERSEERS,
    "meeting plan": _OVERSEERS,
    "obligations --all": _FLOOR,
    "pin": _MANAGERS,
    "plan-leave": _OVERSEERS,
    "requeue again": _FLOOR,
    "second visits": _OVERSEERS,
    "unmask": _OVERSEERS,
    # lists of which everybody else sees their own part
    "absences": _OVERSEERS,
    "adjust early": _OVERSEERS,
    "adjust list": _OVERSEERS,
    "attendance": _OVERSEERS,
    "consents": _OVERSEERS,
    "enquiries": _FLOOR,
    "leaves": _OVERSEERS,
    "meeting list": _OVERSEERS,
}
"""The roles that may do something by their role alone, by its command where there is one.

Posts and one's own things open more: see ``leads`` and the operation itself.
"""
LEADING = frozenset({"lead", "chief", "authorised"})
"""The posts that answer for a window beside those who sit there."""


def permit(site: Site, staff: str, what: str) -> Staff:
    """Somebody whose role may do ``what`` of MAY. Raises Refusal unknown_staff, not_allowed."""
    person = site.directory.person(staff)
    if person.role not in MAY[what]:
        raise Refusal("not_allowed", role=person.role)
    return person


def leads(site: Site, window: str, staff: str) -> bool:
    """Whether a member of staff is a window's lead, chief representative or authorised person."""
    return any(
        post.window == window and post.staff == staff and post.post in LEADING for post in site.hall.posts
    )


def may_read_of(site: Site, reader: Staff, what: str, window: str) -> bool:
    """Whether somebody may read what a list of MAY says of a window: by role, or as who leads it (PV-1)."""
    return reader.role in MAY[what] or leads(site, window, reader.no)
