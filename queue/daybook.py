"""The journal of a whole day, read a page at a time and narrowed by number, window, person and kind (Q-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.events import ENQUIRIES, GROUPS, HALL, NUMBERS, SEATS, event_word, events_of
from jiaohao.queue.language import gettext as _
from jiaohao.queue.presence import ALL_REASONS, POSTS
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.roles import permit
from jiaohao.queue.site import Directory, Site
from jiaohao.queue.states import KINDS, STATES
from jiaohao.queue.words import absence_reason_word, adjustment_word, kind_word, post_word, state_word
from jiaohao.store import journal
from jiaohao.store.base import Tx
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Entry

PAGE = 100
"""So many lines are read at once for a screen."""
COUNT_MOST = 10_000
"""So far lines are counted; beyond it is said that there are more."""
_CHUNK = 1000
"""So many lines are read at once for a file: a reading that stays open long holds up the windows."""


@frozen
class Wanted:
    """Which lines of which day; each part that is not None narrows further.

    ``event`` is one of the journal's own words or a group of them.
    """

    day: str
    number: str | None = None
    window: str | None = None
    staff: str | None = None
    event: str | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether less than the whole day is meant."""
        return any((self.number, self.window, self.staff, self.event))


@frozen
class Found:
    """Lines of the journal, newest first, and how many there are in all, up to one more than COUNT_MOST."""

    lines: tuple[Entry, ...]
    count: int


def day_of(site: Site, text: str) -> str:
    """A day that people name, up to today; without a text today. Raises Refusal wrong_date."""
    if not text:
        return site.today()
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refusal("wrong_date", text=text) from None
    if day > site.today():
        raise Refusal("wrong_date", text=text)
    return day


def _filter(wanted: Wanted) -> journal.Filter:
    number = wanted.number.upper() if wanted.number else None
    events: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    if wanted.event == HALL:  # and whatever has no group
        but = tuple(event for group in (NUMBERS, SEATS, ENQUIRIES) for event in events_of(group))
    elif wanted.event in GROUPS:
        events = events_of(wanted.event)
    elif wanted.event:
        events = (wanted.event,)
    return journal.Filter(number, wanted.window or None, wanted.staff or None, events, but)


def read(
    site: Site, reader: str, wanted: Wanted, *, before: int | None = None, after: int | None = None
) -> Found:
    """A page of a day: its newest lines, those before a line, or those that came after one.

    ``reader`` is of supervision or a manager. Raises Refusal unknown_staff, not_allowed, and Fault.
    """
    permit(site, reader, "journal")
    narrowed = _filter(wanted)

    def work(tx: Tx) -> Found:
        if after is not None:
            lines = journal.after(tx, wanted.day, narrowed, PAGE, after)[::-1]
        else:
            lines = journal.newest(tx, wanted.day, narrowed, PAGE, before=before)
        return Found(tuple(lines), journal.count(tx, wanted.day, narrowed, COUNT_MOST + 1))

    return site.store.read(work)


def each(site: Site, reader: str, wanted: Wanted) -> Iterator[Entry]:
    """Every line of a day, oldest first, never more than a part of them at once.

    Raises like ``read``, not at the first line but at once.
    """
    permit(site, reader, "journal")
    return _each(site, wanted.day, _filter(wanted))


def _each(site: Site, day: str, narrowed: journal.Filter) -> Iterator[Entry]:
    last = 0
    while True:
        lines = _read_after(site, day, narrowed, last)
        yield from lines
        if len(lines) < _CHUNK:
            return
        last = lines[-1].id


def _read_after(site: Site, day: str, narrowed: journal.Filter, line: int) -> list[Entry]:
    return site.store.read(lambda tx: journal.after(tx, day, narrowed, _CHUNK, line))


def table(site: Site, lines: Iterator[Entry]) -> Iterator[list[str | int]]:
    """Lines of the journal as a table with its titles, for a file; made row by row as it is written."""
    yield [
        _("Time"), _("What"), _("Number"), _("From state"), _("To state"), _("Window"), _("Staff"), _("Who"),
        _("Note"),
    ]  # fmt: skip
    directory = site.directory
    for entry in lines:
        yield [
            at_text(directory, entry, "%Y-%m-%d %H:%M:%S"), event_word(entry.event),
            clean(entry.number or ""), state_text(entry.event, entry.from_state),
            state_text(entry.event, entry.to_state), clean(entry.window or ""),
            clean(entry.staff or ""), name_text(directory, entry), note_text(entry),
        ]  # fmt: skip


def at_text(directory: Directory, entry: Entry, pattern: str) -> str:
    """When it was, on the hall's clock."""
    return local(entry.at_ms, directory.hall.timezone).strftime(pattern)


def name_text(directory: Directory, entry: Entry) -> str:
    """Whose doing it was, by name; empty where nobody is named or who it was has left."""
    person = directory.staff.get(entry.staff or "")
    return clean(person.name) if person else ""


def state_text(event: str, state: str | None) -> str:
    """A state of a ticket or, where the line is of a change of posts, of that."""
    if state is None:
        return ""
    if event.startswith("adjustment_"):
        return adjustment_word(state)
    return state_word(state) if state in STATES else clean(state)


def note_words() -> tuple[str, ...]:
    """All words that ``note_text`` knows, in the language in force."""
    return (*map(kind_word, KINDS), *map(post_word, POSTS), *map(absence_reason_word, ALL_REASONS))


def note_text(entry: Entry) -> str:
    """What the journal itself notes, in words; what a person wrote lies apart and is not told here (PV-1)."""
    note = clean(entry.note or "")
    if note in KINDS:
        return kind_word(note)
    if entry.event in {"sat", "kept"} and note in POSTS:
        return post_word(note)
    if entry.event == "left" and note:
        return absence_reason_word(note.split()[0])
    return event_word(note) if entry.event == "undone" else note
