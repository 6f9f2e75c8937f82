"""Every mistake of a configuration: its shape by the model, and what must agree between its parts."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from jiaohao.queue.config_model import HallConfig
from jiaohao.queue.language import gettext as _

Mistake = tuple[str, str]
"""A dotted key, and what is wrong with it."""

_SPAN = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")

_PRINTERS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "network": (("host",), {"port"}),
    "usb": (("vendor", "product"), {"usb_in", "usb_out"}),
    "serial": (("device",), {"baudrate"}),
    "file": (("path",), set()),
}
"""What a printer of each kind needs, and what else it may have."""
_OF_A_KIND = {key for needed, more in _PRINTERS.values() for key in (*needed, *more)}


def mistakes(data: dict[str, Any]) -> tuple[HallConfig | None, list[Mistake]]:
    """The configuration, or None, and all mistakes.

    What must agree between parts is checked on the raw data as well as it can be, so that one wrong type
    does not hide ten wrong references.
    """
    config: HallConfig | None = None
    found: list[Mistake] = []
    try:
        config = HallConfig.model_validate(data)
    except ValidationError as error:
        found += [_said(dict(entry)) for entry in error.errors(include_url=False)]
    known = {key for key, _text in found}
    found += [mistake for mistake in _between(data) if mistake[0] not in known]
    return (None if found else config), found


def _said(error: dict[str, Any]) -> Mistake:
    key = ""
    for part in error["loc"]:
        if isinstance(part, int) and key != "calendar":
            key += f"[{part}]"
        elif part != "[key]":
            key += f".{part}" if key else str(part)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return key, _unknown(error["loc"])
    if kind == "missing":
        return key, _("is missing")
    if kind == "literal_error":
        return key, _("must be one of: {expected}").format(expected=context.get("expected", ""))
    if kind == "string_pattern_mismatch":
        return key, _("does not have the form {pattern}").format(pattern=context.get("pattern", ""))
    if kind == "value_error":
        return key, str(context.get("error", error["msg"]))
    return key, _("is not right: {reason}").format(reason=error["msg"])


def _unknown(loc: tuple[Any, ...]) -> str:
    near = difflib.get_close_matches(str(loc[-1]), _fields(loc[:-1]), n=1, cutoff=0.4)
    if near:
        return _("is not known; did you mean {nearest}?").format(nearest=near[0])
    return _("is not known")


def _fields(loc: tuple[Any, ...]) -> list[str]:
    """The keys that the model knows at a place."""
    model: type[BaseModel] = HallConfig
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            inner = _model_in(model.model_fields[part].annotation)
            if inner is not None:
                model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _list(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = data.get(key)
    return (
        [entry if isinstance(entry, dict) else {} for entry in entries] if isinstance(entries, list) else []
    )


def _codes(data: dict[str, Any], name: str, key: str = "code") -> set[str]:
    """The codes in a list of tables; what is no text is a mistake by itself, and nobody's code."""
    return {code for entry in _list(data, name) if isinstance(code := entry.get(key), str)}


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _between(data: dict[str, Any]) -> Iterator[Mistake]:
    yield from _hall(_table(data, "hall"))
    yield from _hours(_table(data, "hours"))
    yield from _calendar(_table(data, "calendar"))
    calling = _table(data, "calling")
    yield from _twice(_list(calling, "priority"), "calling.priority", "code")
    yield from _priorities(_list(calling, "priority"))
    yield from _printer(_table(data, "printer"))
    for name, key in (
        ("departments", "code"), ("lines", "code"), ("windows", "code"), ("matters", "code"), ("staff", "no"),
        ("posts", "window"), ("agencies", "code"),
    ):  # fmt: skip
        yield from _twice(_list(data, name), name, key)
    yield from _references(data)
    yield from _windows(data)
    yield from _posts(data)


def _hall(hall: dict[str, Any]) -> Iterator[Mistake]:
    zone, database = hall.get("timezone"), hall.get("database")
    if isinstance(zone, str) and zone not in zoneinfo.available_timezones():
        yield "hall.timezone", _("is not a time zone")
    if isinstance(database, str) and not database.startswith(("sqlite:///", "postgresql://")):
        yield "hall.database", _("must begin with sqlite:/// or postgresql://")


def _hours(hours: dict[str, Any]) -> Iterator[Mistake]:
    weekdays = hours.get("weekdays")
    if isinstance(weekdays, list) and len(set(map(str, weekdays))) != len(weekdays):
        yield "hours.weekdays", _("names a day twice")
    if hours.get("open") == []:
        yield "hours.open", _("is empty")
    before = 0
    for place, span in enumerate(_texts(hours.get("open"))):
        key = f"hours.open[{place}]"
        matched = _SPAN.match(span)
        if matched is None:
            yield key, _("is not a span such as 09:00-17:00")
            continue
        start, end = (int(matched[at]) * 60 + int(matched[at + 1]) for at in (1, 3))
        if not start < end <= 24 * 60:
            yield key, _("must end after it begins, at 24:00 at the latest")
        elif start < before:
            yield key, _("must begin after the span before it has ended")
        before = max(before, end)


def _calendar(calendar: dict[str, Any]) -> Iterator[Mistake]:
    for year, entry in calendar.items():
        lists = {name: _days(entry, name) for name in ("closed", "workdays")}
        for name, days in lists.items():
            for place, day in enumerate(days):
                if not day.startswith(f"{year}-"):
                    yield f"calendar.{year}.{name}[{place}]", _("is not a day of {year}").format(year=year)
        for day in sorted(set(lists["closed"]) & set(lists["workdays"])):
            yield f"calendar.{year}", _("{day} is both closed and a working day").format(day=day)


def _days(entry: Any, name: str) -> list[str]:
    value = entry.get(name) if isinstance(entry, dict) else None
    return [str(day) for day in value] if isinstance(value, list) else []


def _priorities(classes: list[dict[str, Any]]) -> Iterator[Mistake]:
    for place, entry in enumerate(classes):
        if entry.get("code") == "normal":
            yield f"calling.priority[{place}].code", _("the class normal always exists")
        if bool(entry.get("first")) == ("head_start_min" in entry):
            yield f"calling.priority[{place}]", _("needs either head_start_min or first = true")


def _printer(printer: dict[str, Any]) -> Iterator[Mistake]:
    needed, allowed = _PRINTERS.get(str(printer.get("kind")), ((), None))
    for key in needed:
        if not printer.get(key):
            yield f"printer.{key}", _("is missing")
    for key in () if allowed is None else _OF_A_KIND & printer.keys() - set(needed) - allowed:
        yield f"printer.{key}", _("is for another kind of printer")
    for key in ("device", "path"):
        value = printer.get(key)
        if isinstance(value, str) and value and not value.startswith("/"):
            yield f"printer.{key}", _("must be a whole path, from / on")


def _twice(entries: list[dict[str, Any]], name: str, key: str) -> Iterator[Mistake]:
    first: dict[Any, int] = {}
    for place, entry in enumerate(entries):
        value = entry.get(key)
        if isinstance(value, str) and value in first:
            yield (
                f"{name}[{place}].{key}",
                _("{value} is there already, as {where}").format(
                    value=value, where=f"{name}[{first[value]}]"
                ),
            )
        elif isinstance(value, str):
            first[value] = place


def _references(data: dict[str, Any]) -> Iterator[Mistake]:
    departments, lines = _codes(data, "departments"), _codes(data, "lines")
    for name in ("windows", "matters", "staff"):
        for place, entry in enumerate(_list(data, name)):
            department = entry.get("department")
            if isinstance(department, str) and department not in departments:
                yield (
                    f"{name}[{place}].department",
                    _("there is no department {code}").format(code=department),
                )
    for place, entry in enumerate(_list(data, "matters")):
        line = entry.get("line")
        if isinstance(line, str) and line not in lines:
            yield f"matters[{place}].line", _("there is no line {code}").format(code=line)
    for place, entry in enumerate(_list(data, "windows")):
        for key in ("lines", "flex_lines"):
            for at, line in enumerate(_texts(entry.get(key))):
                if line not in lines:
                    yield f"windows[{place}].{key}[{at}]", _("there is no line {code}").format(code=line)


def _windows(data: dict[str, Any]) -> Iterator[Mistake]:
    windows = _list(data, "windows")
    served = {line for entry in windows for line in _texts(entry.get("lines"))}
    for place, line in enumerate(_list(data, "lines")):
        if isinstance(line.get("code"), str) and line["code"] not in served:
            yield f"lines[{place}].code", _("no window serves this line")
    for place, entry in enumerate(windows):
        own, flex = _texts(entry.get("lines")), _texts(entry.get("flex_lines"))
        if len(set(own + flex)) != len(own + flex):
            yield f"windows[{place}].lines", _("names a line twice")


def _posts(data: dict[str, Any]) -> Iterator[Mistake]:
    windows, staff = _codes(data, "windows"), _codes(data, "staff", "no")
    posted = _codes(data, "posts", "window")
    for place, entry in enumerate(_list(data, "posts")):
        window = entry.get("window")
        if isinstance(window, str) and window not in windows:
            yield f"posts[{place}].window", _("there is no window {code}").format(code=window)
        for key, no in _held(entry):
            if no not in staff:
                yield f"posts[{place}].{key}", _("there is no member of staff {no}").format(no=no)
        for no in _table(entry, "since").keys() - {holder for _key, holder in _held(entry)}:
            yield f"posts[{place}].since.{no}", _("{no} holds no post at this window").format(no=no)
        yield from _both(entry, place)
    for place, entry in enumerate(_list(data, "windows")):
        if isinstance(entry.get("code"), str) and entry["code"] not in posted:
            yield f"windows[{place}].code", _("every window needs posts A and B")


def _both(entry: dict[str, Any], place: int) -> Iterator[Mistake]:
    for key in ("a", "b"):
        if not _texts(entry.get(key)):
            yield f"posts[{place}].{key}", _("every window needs posts A and B")


def _held(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each post of a window, by its key, and who holds it."""
    for key in ("a", "b"):
        for at, no in enumerate(_texts(entry.get(key))):
            yield f"{key}[{at}]", no
    for key in ("lead", "chief", "authorised"):
        holder = entry.get(key)
        if isinstance(holder, str):
            yield key, holder
