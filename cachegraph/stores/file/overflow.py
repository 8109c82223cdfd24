"""Keeps blocks that are not complete yet in a temporary file, so that they are not in memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

_TABLE = (
    "CREATE TABLE part (number INTEGER, run INTEGER, data BLOB NOT NULL,"
    " PRIMARY KEY (number, run)) WITHOUT ROWID"
)


class Overflow:
    """Parts of blocks by number; SQLite deletes their file when it is closed, or killed."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._runs = 0

    @property
    def is_used(self) -> bool:
        """Whether there are any parts."""
        return self._connection is not None

    def add(self, parts: Iterable[tuple[int, bytes]]) -> None:
        """Adds a part to each of some blocks, after those that these have."""
        if self._connection is None:
            self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for sql in ("PRAGMA journal_mode = OFF", "PRAGMA cache_size = -4000", _TABLE, "BEGIN"):
                self._connection.execute(sql)
        rows = ((number, self._runs, data) for number, data in parts)
        self._connection.executemany("INSERT INTO part VALUES (?, ?, ?)", rows)
        self._runs += 1

    def take(self) -> Iterator[tuple[int, list[bytes]]]:
        """The parts of each block, by number, in the order in which they came; none are kept."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                rows = connection.execute("SELECT number, data FROM part ORDER BY number, run")
                for number, parts in groupby(rows, itemgetter(0)):
                    yield number, [data for _, data in parts]
            finally:
                connection.close()

    def __del__(self) -> None:
        # A transaction may fail before its parts are taken.
        if self._connection is not None:
            self._connection.close()
