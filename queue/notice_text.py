"""What a one-time notice says, the same on the screen and on paper (ON-1, ON-3)."""

from __future__ import annotations

from jiaohao.queue.clean import clean
from jiaohao.queue.clock import local
from jiaohao.queue.language import gettext as _
from jiaohao.queue.language import ngettext
from jiaohao.queue.site import Site
from jiaohao.queue.words import notice_word
from jiaohao.store.frozen import frozen
from jiaohao.store.values import Material, Matter, Notice


@frozen
class Sheet:
    """A notice set out: heading, facts with their labels, the list of what is missing, closing lines."""

    hall: str
    title: str
    serial: str
    facts: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str, str, str], ...]
    closing: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The whole as lines of text."""
        lines = [self.hall, self.title, self.serial, ""]
        lines += [f"{label}  {fact}" for label, fact in self.facts]
        if self.missing:
            lines += ["", _("Still to be brought:")]
            lines += [
                "  ".join(part for part in (f" {place}. {name}", form, copies, issuer) if part)
                for place, (name, form, copies, issuer) in enumerate(self.missing, 1)
            ]
        return "\n".join([*lines, "", *(f"{label}  {fact}" for label, fact in self.closing)])


def sheet(site: Site, notice: Notice) -> Sheet:
    """Set a notice out from the directory's matter."""
    hall, directory = site.hall, site.directory
    matter = directory.matters.get(notice.matter or "")
    clerk = directory.staff.get(notice.staff)
    window = directory.windows.get(notice.window or "")
    at = local(notice.issued_ms, hall.timezone).strftime("%Y-%m-%d %H:%M")
    facts = [(_("About"), clean(matter.name) if matter else ""), (_("Result"), notice_word(notice.kind))]
    facts += [
        (_("Reason given"), clean(notice.reason or "")),
        (_("Basis of this result"), clean(notice.basis or "")),
    ]
    facts += _matter_facts(matter) if matter else []
    closing = [
        (_("Remedies"), clean(hall.records.remedies) or _usual_remedies()),
        (_("Questions"), clean(hall.records.contact)),
        (_("Still to be found out"), _("yes; you will be told the answer") if notice.owner else ""),
        (_("Issued at"), clean(f"{window.code} {window.name}") if window else ""),
        (_("Issued by"), clean(f"{clerk.name} {clerk.no}" if clerk else notice.staff)),
        (_("Issued on"), at),
    ]
    return Sheet(
        clean(hall.name),
        _("One-time notice"),
        notice.serial,
        tuple(fact for fact in facts if fact[1]),
        tuple(_missing(material) for material in _materials(matter, notice)),
        tuple(line for line in closing if line[1]),
    )


def _usual_remedies() -> str:
    return _("You may ask the hall's supervision office to look into this decision.")


def limit_text(days: int) -> str:
    """A promised limit in working days, for people."""
    if days == 0:
        return _("on the spot")
    return ngettext("{count} working day", "{count} working days", days).format(count=days)


def copies_text(count: int) -> str:
    """How many copies of a material, for people."""
    return ngettext("{count} copy", "{count} copies", count).format(count=count)


def _matter_facts(matter: Matter) -> list[tuple[str, str]]:
    return [
        (_("Steps"), clean(matter.procedure)),
        (_("Limit"), limit_text(matter.limit_days)),
        (_("Fee"), clean(matter.fee)),
        (_("Basis"), clean(matter.basis)),
    ]


def _materials(matter: Matter | None, notice: Notice) -> list[Material]:
    known = {material.name: material for material in matter.materials} if matter else {}
    # A material may have left the directory since; its name stays on the notice.
    return [known.get(name, Material(name, 1, "", "")) for name in notice.missing]


def _missing(material: Material) -> tuple[str, str, str, str]:
    return (
        clean(material.name), clean(material.form), copies_text(material.copies), clean(material.issuer)
    )  # fmt: skip
