"""Whether what a backup says can become the hall: of that hall, and what its journal says (Q-3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from pydantic import TypeAdapter

from jiaohao.queue.audit import BROKEN, audit
from jiaohao.queue.reading import read_floor
from jiaohao.queue.sealing import walk
from jiaohao.queue.site import Site
from jiaohao.store import seals
from jiaohao.store.backups import OF_A_BACKUP
from jiaohao.store.errors import Fault
from jiaohao.store.values import Hall


def require(site: Site, code: str | None, *, anyway: bool = False) -> None:
    """Raise Fault unless the hall in a file is whole, and the one of ``code`` where there is one.

    backup_damaged, not_a_backup without a hall, other_hall; and backup_unsound, unless ``anyway`` is set,
    when it is not what its journal says, or the journal is not what it was. Reads all of it.
    """
    try:
        found = site.hall
        TypeAdapter(Hall).validate_json(json.dumps(asdict(found)), strict=True)  # dataclasses check nothing
        read_floor(site)  # what no desk can read ends here, and not at a desk
        goes_on = site.store.read(seals.goes_on)
    except Fault as fault:
        raise Fault(OF_A_BACKUP.get(fault.code, fault.code), fault.detail) from fault
    except BROKEN as error:  # pydantic's is a ValueError
        raise Fault("backup_damaged", f"hall: {type(error).__name__}") from error
    if not goes_on:
        raise Fault("backup_damaged", "seals")
    if code is not None and found.code != code:
        raise Fault("other_hall", f"{found.code} / {code}")
    if anyway:
        return
    amiss = next(_amiss(site), None)
    if amiss is not None:
        raise Fault("backup_unsound", amiss)


def _amiss(site: Site) -> Iterator[str]:
    for problem in walk(site).problems:
        yield problem.message
    for finding in audit(site.store):
        yield finding.sentence
