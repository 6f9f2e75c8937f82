"""Who acts where no desk asks for it: ``--staff`` and a PIN."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from jiaohao.queue import signing
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.site import Site
from jiaohao.store.values import Staff


def acting(site: Site, args: argparse.Namespace) -> Staff | None:
    """Who acts (``--staff``), their PIN checked; None when nobody was named. Raises Refusal."""
    if args.staff is None:
        return None
    pin = os.environ.get("JIAOHAO_PIN")
    if pin is None:
        if not sys.stdin.isatty():
            raise Refusal("pin_needed", staff=args.staff)
        try:
            pin = getpass.getpass(_("PIN: "))
        except EOFError as error:  # Ctrl+D: nobody wants to type one
            raise Refusal("pin_needed", staff=args.staff) from error
    return signing.sign_on(site, args.staff, pin)


def acting_no(site: Site, args: argparse.Namespace) -> str | None:
    """The number of who acts, their PIN checked; None when nobody was named. Raises Refusal."""
    person = acting(site, args)
    return person.no if person else None


def named(site: Site, args: argparse.Namespace) -> Staff:
    """Who acts, their PIN checked. Raises Refusal staff_needed when nobody was named."""
    person = acting(site, args)
    if person is None:
        raise Refusal("staff_needed")
    return person
