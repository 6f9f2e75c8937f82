"""The values that the store hands out: frozen, free of any trace of the database."""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

from jiaohao.store.frozen import frozen


@frozen
class Department:
    """A department that has windows in the hall."""

    code: str
    name: str


@frozen
class Line:
    """What people queue for; ``code`` is the prefix of the ticket's number (OP-2).

    ``spoken`` is how its name is said, here and below: syllables with blanks between, one a character.
    """

    code: str
    name: str
    spoken: tuple[str, ...] = ()


@frozen
class Window:
    """A place at which someone is served; ``flex_lines`` are helped when they grow long (Q-9)."""

    code: str
    name: str
    kind: str
    department: str | None
    lines: tuple[str, ...] = ()
    flex_lines: tuple[str, ...] = ()


@frozen
class Material:
    """One thing a visitor brings for a matter (ON-1)."""

    name: str
    copies: int
    form: str
    issuer: str


@frozen
class Matter:
    """A matter of the directory 事项; ``limit_days`` counts working days, 0 is on the spot (OP-1, OP-4).

    ``aliases`` are other names that people have for it; ``spoken`` has its name first, then these.
    """

    code: str
    name: str
    line: str
    department: str | None
    materials: tuple[Material, ...]
    procedure: str
    limit_days: int
    fee: str
    basis: str
    aliases: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()


@frozen
class Staff:
    """A member of staff; ``role`` is one of guide, counter, supervision, manager."""

    no: str
    name: str
    department: str | None
    role: str


@frozen
class Post:
    """One person's post at one window: A, B, lead, chief or authorised (AB-1)."""

    window: str
    post: str
    staff: str
    since: str | None = None
    """Its first day where config.toml says it; else the day on which it was loaded (AB-9)."""


@frozen
class Agency:
    """A body outside the centre, with where it is found (FR-5)."""

    code: str
    name: str
    address: str
    phone: str
    hours: str
    spoken: tuple[str, ...] = ()


@frozen
class Priority:
    """A priority class; its head start in minutes, or always first (Q-6)."""

    code: str
    name: str
    head_start_min: int
    first: bool


@frozen
class Calling:
    """The figures of the calling rules, each with the hall's own value (Q-4 to Q-10)."""

    calls_before_missed: int = 3
    requeue_behind: int = 3
    requeue_times: int = 1
    undo_s: int = 60
    flex_mark: int = 10
    service_min: int = 6
    accept_min: int = 10
    announce: str = ""
    """The words of a call in the hall's own language; empty for those of the program (Q-7)."""
    announcements: dict[str, str] = field(default_factory=dict)
    """The same by language; what stands here goes before ``announce``."""
    announce_times: int = 2
    priorities: tuple[Priority, ...] = ()


@frozen
class Records:
    """Reply in working hours (FR-7), retention in days (PV-1), and the notice's words.

    ``remedies`` says how to object, ``contact`` where to ask; both stand on every notice (ON-3).
    """

    reply_h: int = 8
    retention_days: int = 730
    remedies: str = ""
    contact: str = ""


@frozen
class Covering:
    """The figures of posts and absences (AB-2 to AB-8), in minutes, days or times.

    ``page_min``: so long whoever is asked to cover has for an answer. ``pause_min``: a pause longer than this
    is an absence. ``empty_min``: a window empty for longer counts as long empty. ``half_day_min``: from here
    up to half a day, an absence without approval counts as half a day. ``leave_days``: leave of so many days
    needs somebody sent. ``notice_days``: so many days ahead leave is planned. ``times``: from so often on,
    what is counted is reported higher.
    """

    page_min: int = 5
    pause_min: int = 15
    empty_min: int = 30
    half_day_min: int = 120
    leave_days: int = 2
    notice_days: int = 1
    times: int = 2


@frozen
class Printer:
    """The printer of the slips; ``kind`` is network, usb, serial or file, each with its own fields (Q-8).

    ``width`` is characters of a line, ``timeout_s`` the longest wait for the printer in seconds. One that
    ``answers`` is asked whether it can print, and whether it has.
    """

    kind: str
    host: str = ""
    port: int = 9100
    vendor: int = 0
    product: int = 0
    usb_in: int = 0x82
    usb_out: int = 0x01
    device: str = ""
    baudrate: int = 9600
    path: str = ""
    width: int = 48
    timeout_s: int = 5
    answers: bool = True


@frozen
class Desks:
    """What is so at every desk of staff: left alone for ``lock_min`` minutes it is locked; 0 is never.

    After ``pin_tries`` wrong PINs of one person the next must wait for ``pin_wait_s`` seconds, and after each
    further one twice as long, up to ``pin_longest_s``.
    """

    lock_min: int = 10
    pin_tries: int = 5
    pin_wait_s: int = 30
    pin_longest_s: int = 900


@frozen
class CalendarYear:
    """What the hall itself says of a year, as ISO dates; it wins over the built-in calendar (HR-1)."""

    year: int
    closed: tuple[str, ...]
    workdays: tuple[str, ...]


@frozen
class Hall:
    """The hall as config.toml describes it; what has been retired is left out."""

    name: str
    code: str
    timezone: str
    language: str
    weekdays: tuple[int, ...]
    spans_min: tuple[tuple[int, int], ...]
    calendar: tuple[CalendarYear, ...] = ()
    calling: Calling = field(default_factory=Calling)
    records: Records = field(default_factory=Records)
    covering: Covering = field(default_factory=Covering)
    desks: Desks = field(default_factory=Desks)
    departments: tuple[Department, ...] = ()
    lines: tuple[Line, ...] = ()
    windows: tuple[Window, ...] = ()
    matters: tuple[Matter, ...] = ()
    staff: tuple[Staff, ...] = ()
    posts: tuple[Post, ...] = ()
    agencies: tuple[Agency, ...] = ()
    printer: Printer | None = None


class Ticket(NamedTuple):
    """One ticket of one service day. Instants are milliseconds UTC since 1970.

    ``place_ms`` is its place in time: when its wait began, less its head start.
    ``queue`` is where it waits: a line's code, or ``@`` and a window's code.
    """

    id: int
    service_day: str
    number: str
    line: str
    queue: str
    matter: str | None
    priority: str
    checked_by: str | None
    state: str
    window: str | None
    place_ms: int
    calls: int
    requeues: int
    issued_ms: int
    at_window_ms: int | None
    occupied_ms: int
    ended_ms: int | None
    kind: str | None
    estimate_s: int | None


class Seat(NamedTuple):
    """Who sat at a window from when to when; ``to_ms`` is None while they still do (HR, AB-2)."""

    id: int
    service_day: str
    window: str
    staff: str
    post: str
    from_ms: int
    to_ms: int | None
    paused_ms: int | None
    back_ms: int | None
    beat_ms: int | None = None
    """When its terminal was last alive; None where somebody sat down by a command alone."""


class Call(NamedTuple):
    """One call of a number to a window, first or repeated."""

    number: str
    window: str
    at_ms: int
    times: int


class Entry(NamedTuple):
    """One line of the journal, to which rows are only ever added (Q-3)."""

    id: int
    op: str
    at_ms: int
    service_day: str
    event: str
    ticket: int | None
    number: str | None
    window: str | None
    staff: str | None
    from_state: str | None
    to_state: str | None
    note: str | None
    before: str | None


@frozen
class Pulse:
    """What changes when anything does: the last journal line, the hall's revision, the day's end.

    ``lines`` is how many of the newest journal lines are there: one that was numbered earlier may be
    committed later. ``newest_ms`` is the latest instant in them.
    """

    journal_id: int
    lines: int
    revision: int
    day_closed: bool
    newest_ms: int


@frozen
class Enquiry:
    """What somebody was first asked 首问 (FR-1); ``owner`` is who answers for it now.

    ``visitor_name`` and ``visitor_phone`` are personal, and never leave unmasked (PV-1).
    """

    id: int
    service_day: str
    opened_ms: int
    channel: str
    first_responder: str
    window: str | None
    matter: str | None
    about: str | None = field(repr=False)
    visitor_name: str | None = field(repr=False)
    visitor_phone: str | None = field(repr=False)
    ticket: int | None
    state: str
    outcome: str | None
    owner: str
    replied_ms: int | None
    reply: str | None = field(repr=False)
    handed_out: str | None = field(default=None, repr=False)


@frozen
class Referral:
    """One time that an enquiry was sent on; open until somebody has accepted it (FR-9)."""

    id: int
    enquiry: int
    outcome: str
    at_ms: int
    from_staff: str
    from_window: str | None
    to_window: str | None
    to_staff: str | None
    to_agency: str | None
    note: str | None = field(repr=False)
    reason: str | None = field(repr=False)
    accepted_ms: int | None
    accepted_by: str | None
    to_line: str | None = None
    contacted: int = 0
    is_bounce: int = 0


@frozen
class Notice:
    """A one-time notice 一次性告知书 (ON-1 to ON-5).

    ``missing`` are names of the matter's materials. With an ``owner`` something is still to be found out,
    until ``answered_ms``.
    """

    id: int
    serial: str
    service_day: str
    kind: str
    form: str
    ticket: int | None
    enquiry: int | None
    matter: str | None
    missing: tuple[str, ...]
    basis: str | None = field(repr=False)
    reason: str | None = field(repr=False)
    issued_ms: int
    staff: str
    window: str | None
    owner: str | None
    answered_ms: int | None
    answer: str | None = field(repr=False)
