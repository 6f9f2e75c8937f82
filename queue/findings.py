"""What an audit finds: where the hall is not what its journal says (Q-3)."""

from __future__ import annotations

from typing import Any, NamedTuple

from jiaohao.queue.language import gettext as _

DIFFERS, MISSING, UNTOLD, NO_STEP, TAKEN = "differs", "missing", "untold", "no_step", "taken"
NONSENSE = "nonsense"


class Finding(NamedTuple):
    """One inconsistency: of which day, about which number, window or enquiry, and of what kind.

    ``what`` is the column, the table or the event that it is about; ``found`` and ``expected`` are as the
    database has them.
    """

    day: str
    about: str
    kind: str
    what: str
    found: Any = None
    expected: Any = None

    @property
    def sentence(self) -> str:
        """It in words."""
        text = {
            DIFFERS: _("{where}: {what} is {found}, by the journal {expected}"),
            MISSING: _("{where}: the journal tells of {expected}, which {what} does not have"),
            UNTOLD: _("{where}: {what} has {found}, of which the journal does not tell"),
            NO_STEP: _("{where}: the journal's {what} ({found}) cannot follow {expected}"),
            TAKEN: _("{where}: the journal brings it to window {found}, where {expected} still is"),
            NONSENSE: _("{where}: something that no operation writes stands there ({found})"),
        }[self.kind]
        where = f"{self.day} {self.about}".strip()
        found, expected = ("-" if value is None else value for value in (self.found, self.expected))
        return text.format(where=where, what=self.what, found=found, expected=expected)
