"""The blocks of bytes of a store, all under checksums.

Blocks are numbered within areas. The directory of an area has the checksum of each of its blocks,
the root that of each directory, or the directory itself if it is short, and the seal, which is in
another page of the file, that of the root. So whatever is damaged, missing, in the place of
another, or of an earlier version of the store is noticed when it is read, and what a directory does
not list is not there.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from operator import ge
from zlib import crc32

from cachegraph.stores.file.database import Database
from cachegraph.stores.file.packing import decode, encode, join_parts, split_parts

_ROOT = ""  # the area of the root
_DIRECTORY = -1  # the number of a directory within its area
_SHORT = 200  # so many bytes of a directory are kept in the root
_CHECKSUM = 4  # bytes; a directory has more
_READ = "SELECT data FROM block WHERE area = ? AND number = ?"
_END = (1 << 63) - 1
_READ_BETWEEN = (
    "SELECT number, data FROM block WHERE area = ? AND number >= ? AND number < ? ORDER BY number"
)
_READ_SOME = "SELECT number, data FROM block WHERE area = ? AND number IN (%s) ORDER BY number"
_SOME, _AT_ONCE = 16, 1024  # blocks
_READ_ROOT = "SELECT data, checksum FROM block, seal WHERE area = '' AND number = -1"
_DELETE = "DELETE FROM block WHERE area = ? AND number = ?"
_WRITE = (
    "INSERT INTO block VALUES (?, ?, ?)"
    " ON CONFLICT (area, number) DO UPDATE SET data = excluded.data"
)
Row = tuple[int, int, bytes]
"""The number of a block, its size in whatever its area counts, and its bytes."""


class Directory:
    """The numbers of the blocks of an area, sorted, with the checksum and the size of each."""

    def __init__(self, data: bytes = b"") -> None:
        columns: Sequence[Sequence[int]] = decode(data) if data else ((), (), ())
        self.numbers, self.checksums, self.sizes = columns
        if not len(self.numbers) == len(self.checksums) == len(self.sizes):
            raise ValueError("a directory has not a checksum and a size for each block")
        if any(map(ge, self.numbers, self.numbers[1:])):
            raise ValueError("a directory is not sorted")

    def checksum(self, number: int) -> int | None:
        """The checksum of a block; None if there is none of this number."""
        place = bisect_left(self.numbers, number)
        is_there = place < len(self.numbers) and self.numbers[place] == number
        return self.checksums[place] if is_there else None

    def size(self, number: int) -> int:
        """The size of a block that is there."""
        return self.sizes[bisect_left(self.numbers, number)]

    def items(self) -> Iterator[tuple[int, int]]:
        """The number and the size of each block."""
        return zip(self.numbers, self.sizes, strict=True)

    def between(self, first: int, end: int) -> slice:
        """The places of the numbers from the first on that are less than the end."""
        return slice(bisect_left(self.numbers, first), bisect_left(self.numbers, end))

    def change(self, rows: Iterable[Row], deleted: Iterable[int] = ()) -> None:
        """Lists blocks that are written, and no longer those that are deleted."""
        entries = dict(zip(self.numbers, zip(self.checksums, self.sizes, strict=True), strict=True))
        entries.update((number, (crc32(data), size)) for number, size, data in rows)
        for number in deleted:
            del entries[number]
        self.numbers = sorted(entries)
        values = [*map(entries.__getitem__, self.numbers)]
        self.checksums, self.sizes = zip(*values, strict=True) if values else ((), ())

    def encode(self) -> bytes:
        """The directory as bytes."""
        return encode(self.numbers, self.checksums, self.sizes)


class Blocks:
    """The blocks of a store; what is written is in order only after ``seal``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._directories: dict[str, Directory] = {}
        self._changed: set[str] = set()

    @cached_property
    def _root(self) -> dict[str, bytes]:
        """For each area the checksum of its directory, or a directory that is short."""
        if not self._database.has_tables:
            return {}
        rows = self._database.rows(_READ_ROOT)
        with self._database.store_errors():
            if len(rows) != 1:
                raise ValueError("the root is missing")
            data, checksum = rows[0]
            if crc32(data) != checksum:
                raise ValueError("the root does not match its checksum")
            parts = map(bytes, split_parts(memoryview(data)))
            return {str(area, "utf-8"): part for area, part in zip(parts, parts, strict=True)}

    def errors(self) -> AbstractContextManager[None]:
        """Turns the errors of decoding damaged blocks into StoreErrors."""
        return self._database.store_errors()

    def directory(self, area: str) -> Directory:
        """The directory of an area; empty if the store has no such area."""
        if area not in self._directories:
            data = self._root.get(area, b"")
            if len(data) == _CHECKSUM:
                data = self._read(area, _DIRECTORY, int.from_bytes(data, "little"))
            with self._database.store_errors():
                self._directories[area] = Directory(data)
        return self._directories[area]

    def read(self, area: str, number: int) -> bytes:
        """A block; empty if there is none of this number."""
        checksum = self.directory(area).checksum(number)
        return b"" if checksum is None else self._read(area, number, checksum)

    def _read(self, area: str, number: int, checksum: int) -> bytes:
        rows = self._database.rows(_READ, area, number)
        with self._database.store_errors():
            if len(rows) != 1 or crc32(data := rows[0][0]) != checksum:
                raise ValueError(f"block {number} of {area} does not match its checksum")
            return bytes(data)

    def read_between(self, area: str, first: int, end: int) -> list[tuple[int, bytes]]:
        """The blocks with the numbers from the first on that are less than the end, by number."""
        directory = self.directory(area)
        places = directory.between(first, end)
        rows: list[tuple[int, bytes]] = []
        if places.start < places.stop:
            rows = self._database.rows(_READ_BETWEEN, area, first, end)
        with self._database.store_errors():
            if [row[0] for row in rows] != [*directory.numbers[places]]:
                raise ValueError(f"blocks of {area} are missing")
            if [crc32(data) for _, data in rows] != [*directory.checksums[places]]:
                raise ValueError(f"a block of {area} does not match its checksum")
        return rows

    def read_each(self, area: str, numbers: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """The blocks with these numbers; those of most of a range with a single statement."""
        least, most = min(numbers, default=0), max(numbers, default=0)
        if 3 * (most - least) < 4 * len(numbers):
            blocks = self.read_between(area, least, most + 1)
            return ((number, data) for number, data in blocks if number in numbers)
        if len(numbers) < _SOME:
            return ((number, self.read(area, number)) for number in numbers)
        return self._read_some(area, sorted(numbers))

    def _read_some(self, area: str, numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The blocks with these numbers, many with each statement: two thirds of the time."""
        checksum = self.directory(area).checksum
        for first in range(0, len(numbers), _AT_ONCE):
            some = numbers[first : first + _AT_ONCE]
            # Numbers as they are, as SQLite may take no more than 999 parameters.
            found = dict(self._database.rows(_READ_SOME % ",".join(map(str, some)), area))
            with self._database.store_errors():
                if [crc32(found[number]) for number in some] != [*map(checksum, some)]:
                    raise ValueError(f"a block of {area} does not match its checksum")
            yield from found.items()

    def read_all(self, area: str) -> list[tuple[int, bytes]]:
        """All blocks of an area, by number."""
        return self.read_between(area, 0, _END)

    def write(self, area: str, rows: Sequence[Row]) -> None:
        """Writes blocks, which may be new."""
        if rows:
            self.directory(area).change(rows)
            self._changed.add(area)
            in_order = [(area, number, data) for number, _, data in sorted(rows)]
            self._database.write(_WRITE, in_order)

    def delete(self, area: str, numbers: Iterable[int]) -> None:
        """Deletes blocks; those that are not there are left out."""
        directory = self.directory(area)
        there = [number for number in numbers if directory.checksum(number) is not None]
        if there:
            directory.change((), there)
            self._changed.add(area)
            self._database.write(_DELETE, [(area, number) for number in there])

    def seal(self) -> None:
        """Writes the directories that have changed, the root and the seal."""
        root = dict(self._root)
        rows: list[tuple[str, int, bytes]] = []
        for area in sorted(self._changed):
            data = root[area] = self._directories[area].encode()
            if len(data) > _SHORT:
                root[area] = crc32(data).to_bytes(_CHECKSUM, "little")
                rows.append((area, _DIRECTORY, data))
        if self._changed or not self._database.has_tables:
            self._database.write(_DELETE, [(area, _DIRECTORY) for area in self._changed])
            data = join_parts(
                [part for area, part in root.items() for part in (area.encode(), part)]
            )
            self._database.write(_WRITE, [*rows, (_ROOT, _DIRECTORY, data)])
            self._database.write("DELETE FROM seal", [()])
            self._database.write("INSERT INTO seal VALUES (?)", [(crc32(data),)])
        self._changed.clear()

    def forget(self) -> None:
        """Forgets what was read and written: another process, or a rollback, may change it."""
        self.__dict__.pop("_root", None)
        self._directories.clear()
        self._changed.clear()

    def check(self) -> None:
        """StoreError if anything in the file is damaged."""
        self._database.check_pages()
        count = 1
        for area, data in self._root.items():
            count += len(self.read_all(area)) + (len(data) == _CHECKSUM)
        with self.errors():
            if self._database.rows("SELECT count(*) FROM block") != [(count,)]:
                raise ValueError("there are blocks that no directory lists")
