"""Who has held which post from when to when; the present ones follow config.toml (AB-1, AB-9)."""

from __future__ import annotations

from collections.abc import Iterable

from jiaohao.store.base import Tx
from jiaohao.store.staff_values import PostTerm
from jiaohao.store.table import Table
from jiaohao.store.values import Post

TERMS = Table("post_terms", PostTerm)


def follow(tx: Tx, posts: Iterable[Post], day: str) -> None:
    """Begin a term for each new post, from its own first day or from ``day``; end those that are gone."""
    wanted = {(post.window, post.post, post.staff): post.since for post in posts}
    held = {(term.window, term.post, term.staff): term for term in TERMS.all(tx, "to_day IS NULL")}
    for key in held.keys() - wanted.keys():
        tx.run("UPDATE post_terms SET to_day = ? WHERE id = ?", (day, held[key].id))
    for key, since in wanted.items():
        if key not in held:
            TERMS.add(tx, PostTerm(0, *key, since or day, None))
        elif since is not None and held[key].from_day != since:
            tx.run("UPDATE post_terms SET from_day = ? WHERE id = ?", (since, held[key].id))


def history(tx: Tx, window: str | None = None) -> list[PostTerm]:
    """Every term of a window, or of all, oldest first."""
    return TERMS.all(tx, "window_code = coalesce(?, window_code) ORDER BY from_day, id", (window,))


def held_since(tx: Tx, window: str, post: str, staff: str) -> str | None:
    """The first day of a present term; None when there is none."""
    found = TERMS.all(
        tx, "window_code = ? AND post = ? AND staff = ? AND to_day IS NULL", (window, post, staff)
    )
    return found[0].from_day if found else None
