"""Changes of who holds a post, at any desk: the list, a new request, the next step (SA-1, SA-2, AB-9)."""

from __future__ import annotations

from jiaohao.queue import adjusting
from jiaohao.queue.adjusting import Change
from jiaohao.queue.language import gettext as _
from jiaohao.queue.roles import MAY
from jiaohao.queue.site import Site
from jiaohao.queue.words import adjustment_word, post_word, step_word
from jiaohao.store.staff_values import PostTerm
from jiaohao.store.values import Staff
from jiaohao.tui import staffing_text as texts
from jiaohao.tui.screens.desk import Desk
from jiaohao.tui.screens.dialogs import Ask, Choice, Pick
from jiaohao.tui.screens.fields import Field, FieldsForm, Values, reason_text
from jiaohao.tui.screens.guide_lists import fitting
from jiaohao.tui.screens.page import F2, TablePage, TextPage
from jiaohao.tui.widgets.rows import Column, RowData

_EARLY = "early:"
"""Before the keys of terms that ended too soon, among those of adjustments."""
_Found = tuple[tuple[Change, ...], tuple[PostTerm, ...]]


def ask_adjustments(desk: Desk) -> None:
    """Open the list at a desk, as far as whoever is signed on there may read it."""
    reader = desk.staff
    if reader is None:
        return

    def show(found: _Found) -> None:
        _show_list(desk, reader, found)

    desk.do(
        lambda site: (adjusting.changes(site, reader), adjusting.early_ends(site, reader)),
        show,
    )


def _show_list(desk: Desk, reader: Staff, found: _Found) -> None:
    changes, early = found
    rows = [_change_row(desk.site, change) for change in changes]
    rows += [_term_row(desk.site, place, term) for place, term in enumerate(early)]
    windows = [one.code for one in desk.hall.windows if adjusting.may_ask(desk.site, one.code, reader)]

    def picked(key: str | None) -> None:
        if key == F2:
            _ask_window(desk, reader, windows)
        elif key is not None and key.startswith(_EARLY):
            term = early[int(key.removeprefix(_EARLY))]
            text = f"{texts.to_look_into()}\n\n{texts.term_text(desk.site, term)}"
            page = TextPage(_("Left before the year was over"), text)
            desk.app.push_screen(page, lambda _nothing: ask_adjustments(desk))
        elif key is not None:
            _show_change(desk, reader, next(one for one in changes if str(one.adjustment.id) == key))

    page = TablePage(
        _("Changes of window staff: {count}").format(count=len(changes)), _columns(), rows,
        keys=_("Enter: steps"), f2=_("F2: new request") if windows else "",
    )  # fmt: skip
    desk.app.push_screen(page, picked)


def _columns() -> tuple[Column, ...]:
    return (
        fitting("window", _("Window"), 4),
        fitting("post", _("Post"), 12),
        Column("who", _("Leaves > enters")),
        fitting("state", _("State"), 11),
        fitting("said", _("Known of it"), 22),
    )


def _post(post: str) -> str:
    # The whole words would leave no room for the names.
    return {"lead": _("lead"), "chief": _("chief rep."), "authorised": _("auth. person")}.get(post, post)


def _change_row(site: Site, change: Change) -> RowData:
    one = change.adjustment
    cells = (
        one.window,
        _post(one.post),
        f"{texts.name_text(site, one.leaving)} > {texts.name_text(site, one.entering)}",
        adjustment_word(one.state),
        texts.change_said(change),
    )
    done = "warning" if change.is_probation_ending else "dim"
    return RowData(str(one.id), cells, "" if change.next_step else done)


def _term_row(site: Site, place: int, term: PostTerm) -> RowData:
    who = texts.name_text(site, term.staff)
    cells = (term.window, _post(term.post), f"{who} > -", _("left early"), texts.to_look_into())
    return RowData(f"{_EARLY}{place}", cells, "warning")


def _show_change(desk: Desk, reader: Staff, change: Change) -> None:
    one = change.adjustment
    name = change.next_step if reader.role in MAY["adjust step"] else None

    def answered(key: str | None) -> None:
        if key == F2 and name is not None:
            _ask_step(desk, reader, one.id, name)
        else:
            ask_adjustments(desk)

    title = _("Change of window staff {id}: {state}").format(id=one.id, state=adjustment_word(one.state))
    f2 = _("F2: next step, {step}").format(step=step_word(name)) if name is not None else ""
    desk.app.push_screen(TextPage(title, texts.change_text(desk.site, change), f2=f2), answered)


def _ask_step(desk: Desk, reader: Staff, adjustment: int, name: str) -> None:
    def taken(change: Change) -> None:
        text = _("Recorded: {step}.").format(step=step_word(name))
        if change.adjustment.probation_until is not None:
            text += " " + _("On probation until {day}.").format(day=change.adjustment.probation_until)
        desk.say(text)
        _show_change(desk, reader, change)

    def answered(note: str | None) -> None:
        if note is None:
            ask_adjustments(desk)
            return
        desk.do(
            lambda site: adjusting.step(site, adjustment, name, staff=reader.no, note=note),
            taken,
        )

    desk.app.push_screen(Ask(step_word(name), _("Note (may stay empty)")), answered)


def _ask_window(desk: Desk, reader: Staff, windows: list[str]) -> None:
    choices = [Choice(code, (texts.window_text(desk.site, code),)) for code in windows]
    posts = [Choice(post, (post_word(post),)) for post in adjusting.POSTS]

    def window_picked(window: str | None) -> None:
        if window is not None:
            pick = Pick(_("Which post?"), (Column("post", _("Post")),), posts)
            desk.app.push_screen(pick, lambda post: post_picked(window, post))

    def post_picked(window: str, post: str | None) -> None:
        if post is not None:
            _ask_people(desk, reader, window, post, {"leaving": _only_holder(desk.site, window, post)})

    pick = Pick(_("At which window?"), (Column("window", _("Window")),), choices, typed=True)
    desk.app.push_screen(pick, window_picked)


def _only_holder(site: Site, window: str, post: str) -> str:
    held = [one.staff for one in site.hall.posts if (one.window, one.post) == (window, post)]
    return held[0] if len(held) == 1 else ""


def _ask_people(desk: Desk, reader: Staff, window: str, post: str, values: Values, said: str = "") -> None:
    fields = (
        Field("entering", _("Who takes the post (number)"), 20, needed=True),
        Field("leaving", _("Who leaves it (number)"), 20),
        Field("why", _("Reason")),
        Field("consent", _("Before the year is over: the manager who agreed (number)"), 20),
    )

    def asked(change: Change) -> None:
        desk.say(_("Requested: change of window staff {id}.").format(id=change.adjustment.id))
        _show_change(desk, reader, change)

    def answered(typed: Values | None) -> None:
        if typed is None:
            return
        desk.do(
            lambda site: adjusting.request(
                site, window=window, post=post, entering=typed["entering"], leaving=typed["leaving"] or None,
                why=typed["why"], consent=typed["consent"] or None, staff=reader.no,
            ),
            asked,
            lambda reason: _ask_people(desk, reader, window, post, typed, reason_text(reason)),
        )  # fmt: skip

    title = f"{texts.window_text(desk.site, window)}, {post_word(post)}"
    desk.app.push_screen(FieldsForm(title, fields, values, said=said), answered)
