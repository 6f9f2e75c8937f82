"""Who may take a desk, and sitting down at a window so that the terminal remembers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jiaohao.queue import seating
from jiaohao.queue.clean import clean
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import MAY
from jiaohao.queue.site import Site, new_op
from jiaohao.queue.words import role_word
from jiaohao.store.errors import Fault
from jiaohao.store.values import Staff
from jiaohao.tui import returning

if TYPE_CHECKING:
    from jiaohao.tui.app import JiaohaoApp

Failed = Callable[[Refusal | Fault], None]


def objection(site: Site, code: str, number: str) -> str | None:
    """Why a person may not sit at a desk; None when they may."""
    try:
        person = site.directory.person(number)
    except Refusal as refusal:
        return refusal.message
    if code == "counter":
        has_post = any(post.staff == number for post in site.hall.posts)
        return None if has_post else _("{name} holds no post at any window.").format(name=clean(person.name))
    if person.role in MAY[code]:
        return None
    return _("This desk is not for the role {role}.").format(role=role_word(person.role))


def sit(
    do: Callable[[Callable[[Site], None], Callable[[None], None], Failed], None],
    app: JiaohaoApp,
    window: str,
    staff: Staff,
    done: Callable[[], None],
    failed: Failed = lambda _reason: None,
) -> None:
    """Let somebody sit down at a window and their terminal remember it, by a ``do`` of the link or a desk."""
    token = new_op()

    def seated(_nothing: None) -> None:
        returning.remember(window, token)
        app.window = window
        done()

    def refused(reason: Refusal | Fault) -> None:
        app.window = None
        failed(reason)

    do(lambda site: seating.sit(site, window, staff.no, alive=not app.demo, op=token), seated, refused)
