"""Who may do what the rules leave to a few: supervision, managers, the leading posts of a window."""

from __future__ import annotations

from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store.values import Staff

OVERSEERS = frozenset({"supervision", "manager"})
LEADING = frozenset({"lead", "chief", "authorised"})
"""The posts that answer for a window beside those who sit there."""


def manager(site: Site, staff: str) -> Staff:
    """A manager, who speaks for the centre. Raises Refusal unknown_staff, not_allowed."""
    person = site.directory.person(staff)
    if person.role != "manager":
        raise Refusal("not_allowed", role=person.role)
    return person


def overseer(site: Site, staff: str) -> Staff:
    """Somebody of supervision, or a manager. Raises Refusal unknown_staff, not_allowed."""
    person = site.directory.person(staff)
    if person.role not in OVERSEERS:
        raise Refusal("not_allowed", role=person.role)
    return person


def leads(site: Site, window: str, staff: str) -> bool:
    """Whether a member of staff is a window's lead, chief representative or authorised person."""
    return any(
        post.window == window and post.staff == staff and post.post in LEADING for post in site.hall.posts
    )


def may_read_of(site: Site, reader: Staff, window: str) -> bool:
    """Whether somebody may read the staffing of a window: those who oversee, and who leads it (PV-1)."""
    return reader.role in OVERSEERS or leads(site, window, reader.no)
