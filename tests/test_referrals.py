"""One owner, always: clerks killed in the middle of a referral, the server cut off and restarted under it."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from jiaohao.queue import calling, enquiries, issuing, questions, seating
from jiaohao.queue.registers import register
from jiaohao.store import tickets
from own_server import OwnServer
from small_hall import open_site
from terminal import Terminal, clerk_of, until_settled, wide_hall
from test_crash import cut_all, insist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jiaohao.queue.site import Site


def two_windows(url: str) -> Site:
    site, _clock = open_site(url, wide_hall(2))
    for window in ("1", "2"):
        seating.sit(site, window, clerk_of(window))
    return site


def one_owner_each(site: Site) -> None:
    """Every enquiry has one owner and its ticket stands where the enquiry says."""
    for one in register(site):
        assert one.enquiry.first_responder == clerk_of("1")
        assert one.enquiry.ticket is not None
        ticket = site.store.read(lambda tx, i=one.enquiry.ticket: tickets.by_id(tx, i))
        accepted = [hop for hop in one.referrals if hop.accepted_ms is not None]
        assert one.enquiry.owner == (accepted[-1].accepted_by if accepted else clerk_of("1"))
        if one.enquiry.state == "referred":
            assert (ticket.state, ticket.queue) == ("waiting", "@2")
        elif one.enquiry.state == "open":
            assert one.referrals == ()
            assert ticket.queue == "A"


def killed(url: str, folder: Path, kills: int) -> None:
    site = two_windows(url)
    rng = random.Random(11)  # noqa: S311 - the same moments every time
    sent: set[int] = set()
    for _ in range(kills):
        terminal = Terminal(url, folder)
        terminal.tell("pass_on", window="1", to="2")
        terminal.wait_until(lambda said: any("sent" in answer for answer in said))
        # Not a wait for anything: the very moment of the killing is what is tried.
        time.sleep(rng.uniform(0, 0.05))
        sent |= {answer["sent"] for answer in terminal.kill() if "sent" in answer}
        until_settled(site)
        one_owner_each(site)
    states = {one.enquiry.id: one.enquiry.state for one in register(site)}
    assert sent
    assert all(states[number] == "referred" for number in sent)
    taken = calling.call(site, "2")
    assert taken.state == "called"
    assert [one.enquiry.owner for one in register(site) if one.enquiry.ticket == taken.id] == [clerk_of("2")]
    site.store.close()


@pytest.mark.rule("FR-9")
def test_a_clerk_killed_in_the_middle_of_a_referral_leaves_one_owner(tmp_path: Path) -> None:
    killed(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path, kills=3)


@pytest.mark.rule("FR-9")
def test_the_same_on_postgres(fresh_pg_url: str, tmp_path: Path) -> None:
    killed(fresh_pg_url, tmp_path, kills=3)


@pytest.mark.slow
@pytest.mark.rule("FR-9")
def test_many_clerks_killed_leave_one_owner_each(tmp_path: Path) -> None:
    killed(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path, kills=20)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A server of this file alone."""
    server = OwnServer()
    yield server
    server.end()


@pytest.mark.rule("FR-9")
def test_a_server_cut_off_and_restarted_under_referrals_loses_none(own_server: OwnServer) -> None:
    site = two_windows(own_server.url)
    stop = threading.Event()

    def cut() -> None:
        rng = random.Random(5)  # noqa: S311 - the same moments every time
        while not stop.wait(rng.uniform(0.01, 0.04)):
            try:
                cut_all(own_server.url)
            except psycopg.OperationalError:
                continue  # it is being restarted

    def send(count: int) -> int:
        ticket = insist(lambda: issuing.issue(site, "A", op=f"issue-{count}"))
        insist(lambda: calling.call(site, "1", op=f"call-{count}"))
        asked = insist(
            lambda: questions.enquire(
                site, staff=clerk_of("1"), about="x", window="1", ticket=ticket.number, op=f"ask-{count}"
            )
        )
        insist(
            lambda: enquiries.refer(
                site, asked.id, "window", staff=clerk_of("1"), to="2", note="x", op=f"send-{count}"
            )
        )
        return int(asked.id)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        sent = [send(count) for count in range(15)]
        own_server.stop()
        own_server.start()
        sent += [send(count) for count in range(15, 30)]
    finally:
        stop.set()
        cutter.join()
    found = insist(lambda: register(site))
    assert [one.enquiry.id for one in found] == sent
    assert [len(one.referrals) for one in found] == [1] * len(sent)
    one_owner_each(site)
    site.store.close()
