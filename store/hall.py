"""The hall's description, written and read as a whole. What disappears is retired, never deleted."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from zoneinfo import ZoneInfo

from jiaohao.store import posts as terms
from jiaohao.store.base import Row, Tx
from jiaohao.store.errors import Fault
from jiaohao.store.values import (
    Agency,
    CalendarYear,
    Calling,
    Covering,
    Department,
    Desks,
    Hall,
    Line,
    Material,
    Matter,
    Post,
    Printer,
    Priority,
    Records,
    Staff,
    Window,
)

_DESCRIBED = ("departments", "lines", "windows", "window_lines", "matters", "staff", "posts", "agencies")


def revision_and_digest(tx: Tx) -> tuple[int, str]:
    """How often the hall was described, and by what; (0, "") before the first time."""
    found = tx.row("SELECT revision, digest FROM hall")
    return (0, "") if found is None else (int(found[0]), str(found[1]))


def write(tx: Tx, hall: Hall, digest: str, day: str) -> None:
    """Make the hall this description; a code that is no longer in it is retired, with all its history.

    ``day`` is the service day: from it on the new posts are held (AB-9).
    """
    for table in _DESCRIBED:
        tx.run(f"UPDATE {table} SET retired = 1")
    _write_settings(tx, hall, digest)
    _put(tx, "departments", ("code",), ("code", "name"), [(d.code, d.name) for d in hall.departments])
    lines = [(line.code, line.name, _text(line.spoken)) for line in hall.lines]
    _put(tx, "lines", ("code",), ("code", "name", "spoken"), lines)
    windows = [(w.code, w.name, w.kind, w.department) for w in hall.windows]
    _put(tx, "windows", ("code",), ("code", "name", "kind", "department"), windows)
    offered = [(w.code, line, 0) for w in hall.windows for line in w.lines]
    offered += [(w.code, line, 1) for w in hall.windows for line in w.flex_lines]
    _put(tx, "window_lines", ("window_code", "line"), ("window_code", "line", "flex"), offered)
    _put(tx, "matters", ("code",), _MATTER, [_matter_row(matter) for matter in hall.matters])
    staff = [(s.no, s.name, s.department, s.role) for s in hall.staff]
    _put(tx, "staff", ("no",), ("no", "name", "department", "role"), staff)
    posts = [(p.window, p.post, p.staff) for p in hall.posts]
    _put(tx, "posts", ("window_code", "post", "staff"), ("window_code", "post", "staff"), posts)
    terms.follow(tx, hall.posts, day)
    agencies = [(a.code, a.name, a.address, a.phone, a.hours, _text(a.spoken)) for a in hall.agencies]
    _put(tx, "agencies", ("code",), _AGENCY, agencies)


_AGENCY = ("code", "name", "address", "phone", "hours", "spoken")
_MATTER = (
    "code", "name", "line", "department", "materials", "steps", "limit_days", "fee", "basis",
    "aliases", "spoken",
)  # fmt: skip


def _text(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _values(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _matter_row(matter: Matter) -> Row:
    materials = json.dumps([dataclasses.asdict(m) for m in matter.materials], ensure_ascii=False)
    return (
        matter.code, matter.name, matter.line, matter.department, materials,
        matter.procedure, matter.limit_days, matter.fee, matter.basis,
        _text(matter.aliases), _text(matter.spoken),
    )  # fmt: skip


def _put(tx: Tx, table: str, keys: tuple[str, ...], columns: tuple[str, ...], rows: list[Any]) -> None:
    numbered = [(*row, place, 0) for place, row in enumerate(rows)]
    tx.upsert(table, keys, (*columns, "place", "retired"), numbered)


def _write_settings(tx: Tx, hall: Hall, digest: str) -> None:
    settings = {
        "weekdays": hall.weekdays,
        "spans_min": hall.spans_min,
        "calendar": [dataclasses.asdict(year) for year in hall.calendar],
        "calling": dataclasses.asdict(hall.calling),
        "records": dataclasses.asdict(hall.records),
        "covering": dataclasses.asdict(hall.covering),
        "printer": dataclasses.asdict(hall.printer) if hall.printer else None,
        "desks": dataclasses.asdict(hall.desks),
        "since": [[p.window, p.post, p.staff, p.since] for p in hall.posts if p.since is not None],
    }
    revision = revision_and_digest(tx)[0] + 1
    columns = ("id", "revision", "code", "name", "timezone", "language", "settings", "digest")
    text = json.dumps(settings, ensure_ascii=False)
    row = (1, revision, hall.code, hall.name, hall.timezone, hall.language, text, digest)
    tx.upsert("hall", ("id",), columns, [row])


def code(tx: Tx) -> str | None:
    """The hall's code; None when it never was described."""
    found = tx.row("SELECT code FROM hall")
    return None if found is None else str(found[0])


def read(tx: Tx) -> Hall:
    """The hall as it was last described.

    Raises Fault not_initialised when it never was, store_damaged when it cannot be made out.
    """
    try:
        found = _read(tx)
        ZoneInfo(found.timezone)  # reads a file by that name
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError) as error:
        raise Fault("store_damaged", f"hall: {type(error).__name__}") from error
    return found


def _read(tx: Tx) -> Hall:
    found = tx.row("SELECT name, code, timezone, language, settings FROM hall")
    if found is None:
        raise Fault("not_initialised", "no hall")
    name, code, timezone, language, text = found
    settings = json.loads(text)
    return Hall(
        name=name,
        code=code,
        timezone=timezone,
        language=language,
        weekdays=tuple(settings["weekdays"]),
        spans_min=tuple((start, end) for start, end in settings["spans_min"]),
        calendar=tuple(
            CalendarYear(y["year"], tuple(y["closed"]), tuple(y["workdays"])) for y in settings["calendar"]
        ),
        calling=_calling(settings["calling"]),
        records=Records(**settings.get("records", {})),
        covering=Covering(**settings.get("covering", {})),
        desks=Desks(**settings.get("desks", {})),
        departments=tuple(Department(*row) for row in _live(tx, "departments", "code, name")),
        lines=tuple(
            Line(code, name, _values(how)) for code, name, how in _live(tx, "lines", "code, name, spoken")
        ),
        windows=_windows(tx),
        matters=tuple(_matter(row) for row in _live(tx, "matters", ", ".join(_MATTER))),
        staff=tuple(Staff(*row) for row in _live(tx, "staff", "no, name, department, role")),
        posts=_posts(tx, settings.get("since", [])),
        agencies=tuple(
            Agency(code, name, address, phone, hours, _values(how))
            for code, name, address, phone, hours, how in _live(tx, "agencies", ", ".join(_AGENCY))
        ),
        printer=Printer(**printer) if (printer := settings.get("printer")) else None,
    )


def _live(tx: Tx, table: str, columns: str) -> list[Row]:
    return tx.rows(f"SELECT {columns} FROM {table} WHERE retired = 0 ORDER BY place")


def _posts(tx: Tx, since: list[list[str]]) -> tuple[Post, ...]:
    first = {(window, post, staff): day for window, post, staff, day in since}
    rows = _live(tx, "posts", "window_code, post, staff")
    return tuple(Post(window, post, no, first.get((window, post, no))) for window, post, no in rows)


def _calling(values: dict[str, Any]) -> Calling:
    priorities = tuple(Priority(**priority) for priority in values.pop("priorities"))
    return Calling(**values, priorities=priorities)


def _windows(tx: Tx) -> tuple[Window, ...]:
    lines: dict[tuple[str, int], list[str]] = {}
    for window, line, flex in _live(tx, "window_lines", "window_code, line, flex"):
        lines.setdefault((window, flex), []).append(line)
    return tuple(
        Window(code, name, kind, department, tuple(lines.get((code, 0), ())), tuple(lines.get((code, 1), ())))
        for code, name, kind, department in _live(tx, "windows", "code, name, kind, department")
    )


def _matter(row: Row) -> Matter:
    code, name, line, department, materials, steps, limit_days, fee, basis, aliases, spoken = row
    needed = tuple(Material(**material) for material in json.loads(materials))
    return Matter(
        code, name, line, department, needed, steps, limit_days, fee, basis, _values(aliases), _values(spoken)
    )
