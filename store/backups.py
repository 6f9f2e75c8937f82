"""Backups and what is made of them again: always an SQLite file of the hall, whatever it was taken from."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import peewee

from jiaohao.store import examining
from jiaohao.store.base import Store, Word, faults
from jiaohao.store.errors import Fault
from jiaohao.store.opening import upgrade
from jiaohao.store.sqlite import NewFile, SqliteStore

if TYPE_CHECKING:
    from jiaohao.store.postgres import PostgresStore

OF_A_BACKUP = {"store_damaged": "backup_damaged", "not_initialised": "not_a_backup"}
"""What a fault of the store is called where the file is a backup."""
_LOGS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file."""
_MAGIC = b"SQLite format 3\0"
_SCRATCH = "jiaohao-restore-"
Examine = Callable[[SqliteStore], None]
"""Looks whether a copy of a backup, with the present tables, is to become the hall; raises what is amiss."""


def backup(store: Store, target: Path, *, replace: bool = False) -> None:
    """Write a whole, consistent copy of a hall to a file while it is in use.

    Raises Fault backup_exists when there is a file and ``replace`` is not set, or it is the hall's own.
    Raises OSError where no file can be made. Whatever happens, ``target`` is what it was or the whole copy.
    """
    with faults():
        is_there = target.exists()
        is_own = is_there and isinstance(store, SqliteStore) and target.samefile(store.path)
        if is_there and (not replace or is_own or not target.is_file()):
            raise Fault("backup_exists", str(target))
    with _taking_shape(target, 0o600) as part:
        if isinstance(store, SqliteStore):
            store.vacuum_into(part)
        else:
            from jiaohao.store import copying  # noqa: PLC0415 - only halls on PostgreSQL need the driver

            copy = NewFile(part)
            copying.from_postgres(_postgres(store), copy)
            _one_file(copy)
        _require_whole(part)
        _settle(part)
        with faults():
            part.rename(target)
            _settle(target.parent)


def restore(
    source: Path, store: Store, stamp: str, *, replace: bool = False, examine: Examine | None = None
) -> str | None:
    """Make a hall what it was when a backup was taken; an older one is upgraded.

    Gives the name, with ``stamp`` in it, under which what was there before is kept: a file, or a schema.
    Raises Fault, with nothing changed: not_a_backup, backup_damaged, database_newer, hall_not_empty when
    the hall has tickets and ``replace`` is not set, and what ``examine`` raises.
    """
    if isinstance(store, SqliteStore):
        return _restore_file(source, store, stamp, replace=replace, examine=examine)
    from jiaohao.store import restoring  # noqa: PLC0415 - only halls on PostgreSQL need the driver

    with faults(), _scratch_folder() as folder, _fresh(source, folder / "hall.db", examine) as copy:
        return restoring.restore(copy, _postgres(store), stamp, replace=replace)


def has_tickets(store: Store) -> bool:
    """Whether a hall has any; one that is damaged may have."""
    try:
        return store.read(lambda tx: tx.row("SELECT 1 FROM tickets LIMIT 1")) is not None
    except Fault as fault:
        if fault.code not in {"not_initialised", "store_damaged"}:
            raise
        return fault.code == "store_damaged"


def _postgres(store: Store) -> PostgresStore:
    from jiaohao.store.postgres import PostgresStore  # noqa: PLC0415 - see above

    if not isinstance(store, PostgresStore):
        raise TypeError(store)
    return store


def _restore_file(
    source: Path, store: SqliteStore, stamp: str, *, replace: bool, examine: Examine | None
) -> str | None:
    path = store.path
    with faults(), _taking_shape(path, 0o666) as part:
        with _fresh(source, part, examine) as copy:
            _one_file(copy, log="wal")
        with store.turn():
            is_there = path.exists()
            if is_there and not replace and has_tickets(store):
                raise Fault("hall_not_empty", str(path))
            if is_there:
                _empty_log(store)
            store.close()
            if is_there:
                _belongs_as(part, path)
            _settle(part)
            kept = _aside(path, path.with_name(f"{path.name}.{stamp}"))
            part.rename(path)
            _settle(path.parent)
    store.tell(Word())
    return kept


def _empty_log(store: SqliteStore) -> None:
    # Best effort: what is kept is whole with its log beside it, too, and a damaged file may refuse.
    with contextlib.suppress(peewee.PeeweeException):
        store.db.connect(reuse_if_open=True)
        store.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _aside(path: Path, kept: Path) -> str | None:
    """Rename a file with its logs. First the file: whoever has it open then writes nothing more to it."""
    if kept.exists():
        raise Fault("backup_exists", str(kept))
    is_there = path.exists()
    for end in ("", *_LOGS):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(kept.with_name(kept.name + end))
    return str(kept) if is_there else None


def _belongs_as(part: Path, path: Path) -> None:
    """Let those read and write it who could before, whoever restores."""
    old, new = path.stat(), part.stat()
    part.chmod(old.st_mode & 0o777)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(part, old.st_uid, old.st_gid)


@contextlib.contextmanager
def _fresh(source: Path, target: Path, examine: Examine | None) -> Iterator[SqliteStore]:
    """A copy of a backup with the present tables. Raises Fault when it is none, damaged or newer."""
    _require_backup(source)
    with _opened(source) as backup_file:
        backup_file.vacuum_into(target)
    copy = NewFile(target)
    try:
        upgrade(copy)
        _refuse(copy.problems(), source)  # on a file opened read-only SQLite looks at no CHECK
        if examine is not None:
            examine(copy)
        yield copy
    finally:
        copy.close()


def _require_backup(source: Path) -> None:
    with faults():
        is_file = source.is_file()
    if not is_file:
        raise Fault("not_a_backup", str(source))
    with faults(), source.open("rb") as file:
        begins = file.read(len(_MAGIC))
    if begins != _MAGIC:
        raise Fault("not_a_backup", str(source))
    with _opened(source) as store:
        examining.require_tables(store)
    _require_whole(source)
    with _opened(source) as store:
        examining.require_rows(store)


def _require_whole(path: Path) -> None:
    with _opened(path) as store:
        _refuse(store.problems(), path)


def _refuse(problems: list[str], path: Path) -> None:
    if problems:
        raise Fault("backup_damaged", f"{path}: {problems[0]}")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[SqliteStore]:
    """A backup, to be read; what the store says of its file is said of the backup. Raises Fault."""
    store = SqliteStore(path, read_only=True)
    try:
        yield store
    except Fault as fault:
        if fault.code in OF_A_BACKUP:
            raise Fault(OF_A_BACKUP[fault.code], str(path)) from fault
        raise
    finally:
        store.close()


def _one_file(store: SqliteStore, log: str = "delete") -> None:
    """Close a file of which nothing stands beside it any more."""
    with faults():
        store.db.connect(reuse_if_open=True)
        store.db.pragma("journal_mode", log)
        store.close()


@contextlib.contextmanager
def _taking_shape(target: Path, mode: int) -> Iterator[Path]:
    """A file beside ``target``, until the body has put it in its place; after a fault it is gone.

    What a killed process has left is written over by the next one; two at once are refused: store_busy.
    """
    part = target.with_name(target.name + ".part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = part.exists() and os.path.samestat(os.fstat(handle), part.stat())
        except BlockingIOError:
            is_ours = False
        if not is_ours:
            raise Fault("store_busy", str(part))
        try:
            os.ftruncate(handle, 0)
            _remove_logs(part)
            yield part
        except BaseException:
            part.unlink(missing_ok=True)
            _remove_logs(part)
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder that is gone afterwards; what a killed process has left of its own goes, too."""
    for left in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError), _held(left, fcntl.LOCK_EX | fcntl.LOCK_NB):  # else it is in use
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with _held(folder, fcntl.LOCK_EX):
            if not folder.is_dir():  # taken for left behind before it was held
                raise Fault("store_busy", name)
            yield folder


@contextlib.contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    """Keep a folder for oneself; the hold ends with the process at the latest. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


def _remove_logs(path: Path) -> None:
    for end in _LOGS:
        path.with_name(path.name + end).unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before anything is said of it. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
