"""The SQLite file of a file store: opens, checks and locks it, and explains its errors."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.stores.disk_files import APPLICATION

VERSION = 4
READ_SINCE = 3  # an earlier version that is read as it is, and becomes the newest when written to
UPGRADED_SINCE = 2  # an earlier version that ``cachegraph upgrade`` reads
_LONG_LOG = 1 << 22  # bytes
_LONG_LOG_WAIT = 5  # seconds
_MAKE_ONE = "make one: cachegraph import --sample"
_IMPORT_AGAIN = "import again into a new file"
_IN_A_FOLDER = "name a file in it, or import what is in the folder: cachegraph import FOLDER"
# KiB of pages: what is read is read once, and memory that was not used before costs more than it.
_CACHE = "PRAGMA cache_size = -512"
_BUSY_TIMEOUT = 5.0  # seconds that a reader waits while the file is locked for a moment
_TABLES = (
    "CREATE TABLE block"
    " (area TEXT, number INTEGER, data BLOB NOT NULL, PRIMARY KEY (area, number))",
    "CREATE TABLE seal (checksum INTEGER NOT NULL)",
)
_MARKS = f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {VERSION}"

# What decoding raises where bytes are not what they should be.
_DECODING = ValueError, LookupError, TypeError, OverflowError, RecursionError
Notify = Callable[[str], None]


class Database:
    """One SQLite file with a graph, or, to write, without one yet; every failure is a StoreError.

    ``has_tables`` is whether it had a graph before the transaction that is going on, and
    ``version`` that of the file.
    """

    version = VERSION

    def __init__(self, path: str, *, write: bool) -> None:
        self.path = path
        if not write:
            check_exists(path)
        check_is_no_folder(path)
        with self.store_errors():
            self._connection = _connect(path, write=write)
            try:
                self.has_tables = self._check_tables()
                if not write:
                    if not self.has_tables:
                        raise empty_file(path)
                    # Everything that a question reads comes from one snapshot.
                    self._connection.execute("BEGIN")
            except BaseException:
                self._connection.close()
                raise

    def copy_to(self, path: str) -> None:
        """Writes what this connection reads into a new file."""
        with self.store_errors(), closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)

    def _check_tables(self) -> bool:
        """Whether it has the tables of a store; StoreError for others, and for other versions."""
        schema = self._connection.execute("SELECT sql FROM sqlite_master").fetchall()
        application, version, pages = self._connection.execute(
            "SELECT application_id, user_version, page_count"
            " FROM pragma_application_id, pragma_user_version, pragma_page_count"
        ).fetchone()
        tables = {sql for (sql,) in schema if sql is not None}
        if application != APPLICATION and (tables or pages > 1):
            message = f"{self.path} is a database of another program, not a store of cachegraph"
            raise StoreError(message, "name another file with --store; this one was not changed")
        if version > VERSION:
            versions = f"store version {version}, the newest known is {VERSION}"
            hint = "upgrade cachegraph, or import into another file"
            raise StoreError(f"{self.path} was written by a newer cachegraph: {versions}", hint)
        if application == APPLICATION and version:
            self.version = version
        return self._check_own(tables, application == APPLICATION)

    def _check_own(self, tables: set[str], is_store: bool) -> bool:
        """Whether the tables of the file are those of this version; StoreError if not."""
        if tables and self.version < READ_SINCE:
            versions = f"store version {self.version}, this one reads {READ_SINCE} to {VERSION}"
            upgrade = f"upgrade it: cachegraph upgrade --store {self.path}"
            hint = upgrade if self.version >= UPGRADED_SINCE else _IMPORT_AGAIN
            raise StoreError(f"{self.path} was written by an older cachegraph: {versions}", hint)
        self.check_schema(tables, {*_TABLES}, is_store)
        return bool(tables)

    def check_schema(self, tables: set[str], expected: set[str], is_store: bool) -> None:
        """StoreError if a store has other tables than are expected."""
        if is_store and tables != expected:
            # A view or a trigger would run in our statements.
            message = f"{self.path} has other tables, views or triggers than a store of cachegraph"
            raise StoreError(message, _IMPORT_AGAIN)

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """All rows of a statement."""
        with self.store_errors():
            return self._connection.execute(sql, parameters).fetchall()

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement once for each row of parameters."""
        with self.store_errors():
            self._connection.executemany(sql, rows)

    def check_pages(self) -> None:
        """StoreError if SQLite finds a page of the file damaged."""
        with self.store_errors():
            for (fault,) in self.rows("PRAGMA integrity_check(1)"):
                if fault != "ok":
                    raise ValueError(fault)

    @contextmanager
    def transaction(self, wait: float, notify: Notify) -> Iterator[None]:
        """A transaction to write in; waits up to ``wait`` seconds for other processes to finish.

        ``notify`` is called with a message before it waits.
        """
        with self.store_errors():
            self._begin(wait, notify)
        try:
            with self.store_errors():
                self.has_tables = self._check_tables()
                for sql in (*(() if self.has_tables else _TABLES), *_MARKS):
                    self._connection.execute(sql)
            yield
            with self.store_errors():
                self._connection.execute("COMMIT")
                self.has_tables, self.version = True, VERSION
            self._shorten_log()
        finally:
            with self.store_errors():
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def make_compact(self) -> None:
        """Gives the pages that nothing uses back to the file system, if nobody else uses the file.

        Otherwise they stay in the file, for what is written next.
        """
        with suppress(sqlite3.Error, OSError):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _shorten_log(self) -> None:
        """Moves what is in the write-ahead log into the file, when readers allow it.

        The log can begin anew only when nobody reads from it. Beside readers that overlap it would
        grow with each import, so a long one is worth waiting for those that are there.
        """
        with suppress(sqlite3.Error, OSError):
            is_long = os.path.getsize(f"{self.path}-wal") > _LONG_LOG  # noqa: PTH202
            wait = _LONG_LOG_WAIT if is_long else 0
            self._connection.execute(f"PRAGMA busy_timeout = {wait * 1000}")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _begin(self, wait: float, notify: Notify) -> None:
        if self._try_lock(0):
            return
        notify(f"waiting for another process that writes to {self.path}")
        if not self._try_lock(wait):
            message = f"{self.path} is held by another process; waited {wait:g} s for it"
            raise StoreError(message, "try again when it is done, or wait longer with --wait")

    def _try_lock(self, wait: float) -> bool:
        """Begins a transaction; False if another process keeps the file locked."""
        try:
            self._connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
            # With a write-ahead log, readers see the graph as it was before a running import.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                return False
            raise
        return True

    def require(self, present: bool) -> None:  # a condition, not an option
        """StoreError unless everything that the file refers to is present in it."""
        with self.store_errors():
            if not present:
                raise ValueError("a node or text that others refer to is missing")

    @contextmanager
    def store_errors(self) -> Iterator[None]:
        """Turns errors of SQLite, of the file system and of damaged blocks into StoreErrors."""
        try:
            yield
        except (sqlite3.Error, OSError, *_DECODING) as exc:
            what, hint = _explain(exc)
            detail = getattr(exc, "strerror", None) or exc
            raise StoreError(f"{self.path}: {what} ({detail})", hint) from exc

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def __del__(self) -> None:
        # A graph may be dropped without being closed.
        if hasattr(self, "_connection"):
            self._connection.close()


def check_exists(path: str) -> None:
    """StoreError if there is nothing at a path."""
    if not os.path.exists(path):  # noqa: PTH110  # pathlib is slow to import
        raise StoreError(f"no store at {path}", _MAKE_ONE)


def check_is_no_folder(path: str) -> None:
    """StoreError if a path is that of a folder."""
    if os.path.isdir(path):  # noqa: PTH112
        raise StoreError(f"{path} is a folder, and a store is one file", _IN_A_FOLDER)


def empty_file(path: str) -> StoreError:
    """What an import leaves that was killed before the first graph was saved has no store."""
    return StoreError(f"no store at {path}: the file is empty", _MAKE_ONE)


def _connect(path: str, *, write: bool) -> sqlite3.Connection:
    if write:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)  # noqa: PTH103, PTH120
        return _open(path, False, "PRAGMA page_size = 16384", "PRAGMA cache_size = -16000")
    address = f"file:{path.replace('%', '%25').replace('?', '%3f').replace('#', '%23')}?mode=ro"
    read_schema = "SELECT 1 FROM sqlite_master"
    # The last who may write takes the write-ahead log away.
    if os.access(path, os.W_OK):
        with suppress(sqlite3.OperationalError):
            return _open(address[:-1] + "w", True, "PRAGMA query_only = ON", read_schema)
    try:
        return _open(address, True, read_schema)
    except sqlite3.OperationalError:
        if os.path.exists(f"{path}-wal"):  # noqa: PTH110
            raise
        # In a folder that cannot be written SQLite cannot create the index of the write-ahead log.
        # Without a log it is not needed: immutable=1 opens the file without it.
        return _open(f"{address}&immutable=1", True, read_schema)


def _open(address: str, uri: bool, *statements: str) -> sqlite3.Connection:
    """A connection on which the statements have run; closed again if one of them fails."""
    connection = sqlite3.connect(
        address, uri=uri, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False
    )
    try:
        for statement in (
            "PRAGMA trusted_schema = OFF",
            "PRAGMA cell_size_check = ON",
            _CACHE,
            *statements,
        ):
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


# What the errors of SQLite mean, by the beginning of their names, and what to try.
_CANNOT_OPEN = "cannot be opened", "check that its folder exists, and the permissions"
_DAMAGED = "is damaged", _IMPORT_AGAIN
_ERRORS = {
    "SQLITE_FULL": ("the disk is full", "make room and run it again; the store is as it was"),
    "SQLITE_IOERR": ("cannot be read or written", "check the disk; the store is as it was"),
    "SQLITE_READONLY": ("cannot be written", "check the permissions of the file and its folder"),
    "SQLITE_CANTOPEN": _CANNOT_OPEN,
    "SQLITE_NOTADB": ("not a store of cachegraph", "name another file with --store"),
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_BUSY": ("is locked by another process", "try again when that is done"),
}


def _explain(exc: Exception) -> tuple[str, str | None]:
    name = getattr(exc, "sqlite_errorname", "")
    for prefix, meaning in _ERRORS.items():
        if name.startswith(prefix):
            return meaning
    is_unnamed = type(exc) is sqlite3.DatabaseError and not name
    if is_unnamed or isinstance(exc, _DECODING):
        return _DAMAGED
    if isinstance(exc, OSError):
        return _CANNOT_OPEN
    return "SQLite failed", None
