"""The SQLite file below a file store: opening, checking, locking, and what its errors mean."""

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model.schema import NODE_TYPES

_APPLICATION = 0x63616772  # "cagr": how file(1), and we, know a file for a store
_VERSION = 2
_PATIENCE = 5.0  # seconds that a reader waits for a moment in which it cannot read
_TABLES = (
    *(
        f"CREATE TABLE {type_.label} (id INTEGER PRIMARY KEY, key TEXT NOT NULL)"
        for type_ in NODE_TYPES
    ),
    "CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE)",
    "CREATE TABLE property (label TEXT, name TEXT, block INTEGER, texts BLOB NOT NULL,"
    " PRIMARY KEY (label, name, block))",
    'CREATE TABLE relationship (type TEXT, "end" INTEGER, properties INTEGER,'
    ' size INTEGER NOT NULL, starts BLOB NOT NULL, PRIMARY KEY (type, "end", properties))',
    "CREATE TABLE neighbours (type TEXT, direction INTEGER, block INTEGER, data BLOB NOT NULL,"
    " PRIMARY KEY (type, direction, block))",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)

Notify = Callable[[str], None]
# The values of a parameter that is a JSON list: unlike ? it has no limit on how many they are.
GIVEN = "SELECT value FROM json_each(?)"


class Database:
    """One SQLite file that holds a graph, or none yet; every failure is a StoreError."""

    def __init__(self, path: str, *, write: bool) -> None:
        self.path = path
        self._holder = f"{path}.holder"
        if not write and not os.path.exists(path):  # noqa: PTH110  # pathlib is slow to import
            raise StoreError(f"no store at {path}", "make one: cachegraph import --sample")
        with self.explained():
            self._connection = _connect(path, write=write)
            try:
                self.has_tables = self._checked()
                if not write:
                    # One snapshot for all that a question reads.
                    self._connection.execute("BEGIN")
            except BaseException:
                self._connection.close()
                raise

    def _checked(self) -> bool:
        """Whether the graph's tables are there; StoreError when somebody else's are."""
        application, version, tables = (
            self._connection.execute(sql).fetchone()[0]
            for sql in (
                "PRAGMA application_id",
                "PRAGMA user_version",
                "SELECT count(*) FROM sqlite_master",
            )
        )
        if tables and application != _APPLICATION:
            raise StoreError(
                f"{self.path} is a database of something else, not a store of cachegraph",
                "name another file with --store; this one was left alone",
            )
        if version > _VERSION:
            raise StoreError(
                f"{self.path} was written by a newer cachegraph: store version {version}, "
                f"the newest known is {_VERSION}",
                "upgrade cachegraph, or import into another file",
            )
        if tables and version < _VERSION:
            raise StoreError(
                f"{self.path} was written by an older cachegraph: store version {version}, "
                f"this one reads {_VERSION}",
                "import again into a new file",
            )
        return bool(tables)

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """All rows of a statement."""
        with self.explained():
            return self._connection.execute(sql, parameters).fetchall()

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement once for each row of parameters."""
        with self.explained():
            self._connection.executemany(sql, rows)

    def index(self, label: str) -> None:
        """Makes keys quick to look up: once, after the first nodes, which is the quicker way."""
        with self.explained():
            self._connection.execute(
                f"CREATE UNIQUE INDEX IF NOT EXISTS {label}_key ON {label} (key)"
            )

    @contextmanager
    def transaction(self, wait: float, notify: Notify) -> Iterator[None]:
        """A transaction that only one process can have; others are waited for, up to ``wait`` s."""
        with self.explained():
            self._begin(wait, notify)
        existed = self.has_tables
        try:
            with self.explained():
                with open(self._holder, "w") as file:  # noqa: PTH123  # pathlib is slow to import
                    file.write(f"process {os.getpid()} on {platform.node()}")
                existed = self._checked()
                if not existed:
                    for sql in _TABLES:
                        self._connection.execute(sql)
                self.has_tables = True
            yield
            with self.explained():
                self._connection.execute("COMMIT")
        finally:
            with self.explained():
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                    self.has_tables = existed
                os.unlink(self._holder)  # noqa: PTH108

    def _begin(self, wait: float, notify: Notify) -> None:
        try:
            self._lock(0)
        except sqlite3.OperationalError as exc:
            if not _is_busy(exc):
                raise
            notify(f"waiting for {self._held_by()}")
            try:
                self._lock(wait)
            except sqlite3.OperationalError as again:
                if not _is_busy(again):
                    raise
                raise StoreError(
                    f"{self.path} is held by {self._held_by()}; waited {wait:g} s for it",
                    "try again when it is done, or wait longer with --wait",
                ) from again

    def _lock(self, wait: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
        # A reader beside a long import sees the graph of before: that is what a log ahead gives.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("BEGIN IMMEDIATE")

    def _held_by(self) -> str:
        try:
            with open(self._holder) as file:  # noqa: PTH123
                return f"another import, {file.read()}"
        except OSError:
            return "another process"

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns what SQLite, the file system or a damaged block say into a StoreError."""
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, IndexError) as exc:
            raise StoreError(f"{self.path}: {_meaning(exc)}", _advice(exc)) from exc

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def __del__(self) -> None:
        # Whoever lets go of a graph without closing it has closed it.
        if hasattr(self, "_connection"):
            self._connection.close()


def _connect(path: str, *, write: bool) -> sqlite3.Connection:
    if write:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)  # noqa: PTH103, PTH120
        return _opened(path, False, "PRAGMA page_size = 16384", "PRAGMA cache_size = -64000")
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    address = f"file:{quoted}?mode=ro"
    look = "SELECT 1 FROM sqlite_master"
    try:
        return _opened(address, True, look)
    except sqlite3.OperationalError:
        if os.path.exists(f"{path}-wal"):  # noqa: PTH110
            raise
        # A folder that cannot be written has no room for the log's index, and needs none.
        return _opened(f"{address}&immutable=1", True, look)


def _opened(address: str, uri: bool, *statements: str) -> sqlite3.Connection:
    """A connection on which the statements have been tried."""
    connection = sqlite3.connect(
        address,
        uri=uri,
        isolation_level=None,
        timeout=_PATIENCE,
        check_same_thread=False,
    )
    try:
        for statement in statements:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_busy(exc: sqlite3.Error) -> bool:
    return exc.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


_MEANINGS = {
    "SQLITE_FULL": ("the disk is full", "make room and import again; the store is as it was"),
    "SQLITE_IOERR": ("cannot be read or written", "look at the disk; the store is as it was"),
    "SQLITE_READONLY": ("cannot be written", "check the permissions of the file and its folder"),
    "SQLITE_CANTOPEN": ("cannot be opened", "check that the folder is there and its permissions"),
    "SQLITE_NOTADB": ("is not a store of cachegraph", "name another file with --store"),
    "SQLITE_CORRUPT": ("is damaged", "import again into a new file"),
    "SQLITE_BUSY": ("is held by another process", "try again when it is done"),
}


def _known_error(exc: Exception) -> tuple[str, str | None]:
    name = getattr(exc, "sqlite_errorname", "")
    unnamed = type(exc) is sqlite3.DatabaseError and not name
    if unnamed or isinstance(exc, (ValueError, IndexError)):
        name = "SQLITE_CORRUPT"
    for prefix, meaning in _MEANINGS.items():
        if name.startswith(prefix):
            return meaning
    if isinstance(exc, OSError):
        return "cannot be opened", "check that the folder is there and its permissions"
    return "SQLite failed", None


def _meaning(exc: Exception) -> str:
    return f"{_known_error(exc)[0]} ({getattr(exc, 'strerror', None) or exc})"


def _advice(exc: Exception) -> str | None:
    return _known_error(exc)[1]
