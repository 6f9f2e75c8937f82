"""The shape of config.toml, every figure of the rules with its default."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from jiaohao.queue.announcing import COMMAND
from jiaohao.queue.clean import is_clean
from jiaohao.queue.language import gettext as _

KINDS = ("reception", "handling", "feedback", "desk", "office", "supervision")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError(_("is empty"))
    return _harmless(value)


def _harmless(value: str) -> str:
    if not is_clean(value):
        raise ValueError(_("holds characters that a terminal would obey"))
    return value


def _iso_date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _announcement(value: str) -> str:
    for needed in ("{number}", "{window}"):
        if needed not in value:
            raise ValueError(_("lacks {needed}").format(needed=needed))
    return value


Text = Annotated[str, AfterValidator(_text)]
Announcement = Annotated[Text, AfterValidator(_announcement)]
Tongue = Literal["zh_CN", "en"]
Loose = Annotated[str, AfterValidator(_harmless)]
Day = Annotated[date, BeforeValidator(_iso_date)]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]
Positive = Annotated[int, Field(ge=1, le=100_000, strict=True)]

UsbCode = Annotated[int, Field(ge=0, le=0xFFFF, strict=True)]


class Part(BaseModel):
    """Every part of the file: nothing unknown in it, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HallPart(Part):
    """[hall]."""

    name: Text
    code: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
    timezone: Text = "Asia/Shanghai"
    language: Tongue = "zh_CN"
    database: Text


class HoursPart(Part):
    """[hours]: ISO weekdays, and spans as HH:MM-HH:MM (HR-1)."""

    weekdays: tuple[Annotated[int, Field(ge=1, le=7, strict=True)], ...] = (1, 2, 3, 4, 5)
    open: tuple[Text, ...] = ("09:00-17:00",)


class YearPart(Part):
    """[calendar.YEAR]: wins over the built-in calendar (HR-1)."""

    closed: tuple[Day, ...] = ()
    workdays: tuple[Day, ...] = ()


class PriorityPart(Part):
    """[[calling.priority]]: a head start in minutes, or always first (Q-6)."""

    code: Text
    name: Text
    head_start_min: Count | None = None
    first: bool = False


class CallingPart(Part):
    """[calling]: the figures of the calling rules (Q-4 to Q-10)."""

    calls_before_missed: Positive = 3
    requeue_behind: Count = 3
    requeue_times: Count = 1
    undo_s: Count = 60
    flex_mark: Count = 10
    service_min: Positive = 6
    accept_min: Positive = 10
    announce: Announcement | None = None
    announcements: dict[Tongue, Announcement] = {}
    announce_times: Positive = 2
    priority: tuple[PriorityPart, ...] = ()


class SpeechPart(Part):
    """[speech]: what a machine with a loudspeaker runs at each call, and by which voices (Q-7)."""

    command: Annotated[tuple[Text, ...], Field(min_length=1)] = COMMAND
    voices: dict[Tongue, Text] = {}


class RecordsPart(Part):
    """[records]: how soon callers are told, how long personal data stays, what notices say (FR-7, PV-1)."""

    reply_h: Positive = 8
    retention_days: Positive = 730
    remedies: Loose = ""
    contact: Loose = ""


class AbsencePart(Part):
    """[absence]: the figures of posts and absences (AB-2 to AB-8); see ``Covering`` for what each means."""

    page_min: Positive = 5
    pause_min: Positive = 15
    empty_min: Positive = 30
    half_day_min: Positive = 120
    leave_days: Positive = 2
    notice_days: Count = 1
    times: Positive = 2


class PrinterPart(Part):
    """[printer]: where slips come out (Q-8); see ``Printer`` for what each means."""

    kind: Literal["network", "usb", "serial", "file"]
    host: Loose = ""
    port: Annotated[int, Field(ge=1, le=65_535, strict=True)] = 9100
    vendor: UsbCode = 0
    product: UsbCode = 0
    usb_in: UsbCode = 0x82
    usb_out: UsbCode = 0x01
    device: Loose = ""
    baudrate: Positive = 9600
    path: Loose = ""
    width: Annotated[int, Field(ge=24, le=80, strict=True)] = 48
    timeout_s: Annotated[int, Field(ge=1, le=10, strict=True)] = 5
    answers: bool = True


class DesksPart(Part):
    """[desks]: minutes after which a desk left alone is locked, 0 is never; how wrong PINs slow down."""

    lock_min: Count = 10
    pin_tries: Positive = 5
    pin_wait_s: Positive = 30
    pin_longest_s: Positive = 900


class DepartmentPart(Part):
    """[[departments]]."""

    code: Text
    name: Text


class LinePart(Part):
    """[[lines]]: letters only, so that numbers past 999 never run into another line's (Q-1)."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")]
    name: Text


class WindowPart(Part):
    """[[windows]] (OP-2, OP-3, Q-9)."""

    code: Annotated[str, Field(pattern=r"^[0-9A-Za-z\u4e00-\u9fff-]{1,8}$")]
    name: Text
    kind: Literal["reception", "handling", "feedback", "desk", "office", "supervision"]
    department: Text | None = None
    lines: tuple[Text, ...] = ()
    flex_lines: tuple[Text, ...] = ()


class MaterialPart(Part):
    """One entry of a matter's materials (ON-1)."""

    name: Text
    copies: Positive = 1
    form: Text = "原件"
    issuer: Loose = ""


class MatterPart(Part):
    """[[matters]] 事项; the limit counts working days, 0 is on the spot (OP-1, OP-4)."""

    code: Text
    name: Text
    line: Text
    department: Text | None = None
    materials: tuple[MaterialPart, ...] = ()
    procedure: Loose = ""
    limit_days: Count = 0
    fee: Text = "不收费"
    basis: Loose = ""
    aliases: tuple[Text, ...] = ()


class StaffPart(Part):
    """[[staff]]."""

    no: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,12}$")]
    name: Text
    department: Text | None = None
    role: Literal["guide", "counter", "supervision", "manager"]


class PostsPart(Part):
    """[[posts]]: who stands where (AB-1)."""

    window: Text
    a: tuple[Text, ...] = ()
    b: tuple[Text, ...] = ()
    lead: Text | None = None
    chief: Text | None = None
    authorised: Text | None = None
    since: dict[Text, Day] = {}


class AgencyPart(Part):
    """[[agencies]]: a body outside the centre (FR-5)."""

    code: Text
    name: Text
    address: Text
    phone: Loose = ""
    hours: Loose = ""


class HallConfig(Part):
    """The whole file."""

    hall: HallPart
    hours: HoursPart = HoursPart()
    calendar: dict[int, YearPart] = {}
    calling: CallingPart = CallingPart()
    speech: SpeechPart = SpeechPart()
    records: RecordsPart = RecordsPart()
    absence: AbsencePart = AbsencePart()
    printer: PrinterPart | None = None
    desks: DesksPart = DesksPart()
    departments: tuple[DepartmentPart, ...] = ()
    lines: tuple[LinePart, ...]
    windows: tuple[WindowPart, ...]
    matters: tuple[MatterPart, ...] = ()
    staff: tuple[StaffPart, ...] = ()
    posts: tuple[PostsPart, ...] = ()
    agencies: tuple[AgencyPart, ...] = ()
