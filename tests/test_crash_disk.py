"""Disks that are full, read-only or torn: it is said, what was answered is kept, and the hall goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jiaohao.queue import issuing, seating
from jiaohao.queue.reading import read_floor
from jiaohao.store.errors import Fault
from jiaohao.store.sqlite import SqliteStore
from small_hall import open_site
from terminal import Terminal, all_is_kept, audit, clerk_of, wide_hall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jiaohao.queue.site import Site

ROOM = 16 * 1024 * 1024
WINDOWS = ("1", "2")

may_mount = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of this test alone."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={ROOM}", "none", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def busy_hall(folder: Path) -> tuple[Site, str]:
    url = f"sqlite:///{folder / 'hall.db'}"
    site, _clock = open_site(url, wide_hall(len(WINDOWS)))
    for window in WINDOWS:
        seating.sit(site, window, clerk_of(window))
    return site, url


def goes_on(site: Site) -> None:
    """The hall is whole, and gives its next number."""
    audit(site)
    assert issuing.issue(site, "A").state == "waiting"
    audit(site)


@may_mount
@pytest.mark.rule("Q-1", "Q-3")
def test_a_disk_that_fills_up_at_work_is_said_and_what_was_answered_is_kept(
    disk: Path, tmp_path: Path
) -> None:
    site, url = busy_hall(disk)
    ballast = disk / "ballast"
    with Terminal(url, tmp_path) as one, Terminal(url, tmp_path) as two:
        working = {"1": one, "2": two}
        for window, terminal in working.items():
            terminal.tell("day", window=window, rounds=0)
        for terminal in working.values():
            terminal.wait_until(lambda said: len(said) > 20)
        # Until nothing is left: what is measured first the two have taken before it is filled.
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(64 * 1024))
        for terminal in working.values():
            terminal.wait_until(lambda said: "fault" in said[-1])
        # Reading goes on while nothing can be written.
        assert read_floor(site)[0].windows
        ballast.unlink()
        for terminal in working.values():
            so_far = len(terminal.answers())
            terminal.wait_until(lambda said, so_far=so_far: any("did" in one for one in said[so_far:]))
        answers = [*one.kill(), *two.kill()]
    assert {answer["fault"] for answer in answers if "fault" in answer} == {"store_full"}
    all_is_kept(site, answers)
    goes_on(site)
    site.store.close()


@pytest.mark.rule("Q-1", "Q-3")
def test_a_quota_is_said_as_a_full_disk(tmp_path: Path) -> None:
    site, _url = busy_hall(tmp_path)
    first = issuing.issue(site, "A").number
    largest = max(path.stat().st_size for path in tmp_path.iterdir())
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        with pytest.raises(Fault) as caught:  # noqa: PT012 - which of them fills it is not known
            for _ in range(1000):
                issuing.issue(site, "A")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert caught.value.code == "store_full"
    assert first == "A001"
    goes_on(site)
    site.store.close()


@may_mount
@pytest.mark.rule("Q-1")
def test_a_disk_that_became_read_only_is_said(disk: Path) -> None:
    site, url = busy_hall(disk)
    number = issuing.issue(site, "A").number
    site.store.close()
    mount("-o", "remount,ro", str(disk))
    for work, exit_code in ((["issue", "A"], 3), (["floor"], 3), (["check"], 2)):
        code, said = told(url, *work)
        assert (code, "unable to open" in said, "磁盘不可写" in said) == (exit_code, True, True)
    mount("-o", "remount,rw", str(disk))
    assert read_floor(site)[0].waiting[0].number == number
    goes_on(site)
    site.store.close()


@pytest.mark.rule("Q-1")
@pytest.mark.parametrize("torn", ["middle", "half", "head"])
def test_a_torn_file_is_said_and_never_written_to_as_if_it_were_whole(tmp_path: Path, torn: str) -> None:
    site, url = busy_hall(tmp_path)
    for _ in range(300):
        issuing.issue(site, "A")
    assert isinstance(site.store, SqliteStore)
    site.store.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    site.store.close()
    path = tmp_path / "hall.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        if torn == "half":
            file.truncate(size // 2)
        else:
            file.seek(0 if torn == "head" else 4096 * 2)
            file.write(b"\xaa" * (4096 * 12 if torn == "middle" else 4096))
    before = path.read_bytes()
    code, said = told(url, "check")
    assert code in {2, 3}, said
    for work in (["issue", "A"], ["floor"]):
        code, said = told(url, *work)
        assert (code, "store_damaged" in said) == (3, True), said
    assert path.read_bytes() == before


def told(url: str, *words: str) -> tuple[int, str]:
    """A command's exit code, and all that it says; never a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "jiaohao.tui.main", "--database", url, "--json", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr
