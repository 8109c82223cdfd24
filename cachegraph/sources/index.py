"""The ``index.json`` of a build cache or of an installation, database versions 0.9 to 8.

Such a file can have hundreds of megabytes: its nodes are read a few at a time.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.errors import FormatError, VersionError
from cachegraph.model.spec import Extent, Root, SpecRecord, is_dag_hash
from cachegraph.model.stack_key import StackKey
from cachegraph.sources import Contents, Document, Note, Report
from cachegraph.sources.jsontext import Entries, first_key, parse, unsigned
from cachegraph.sources.node import Node, Reader, unwrapped

NEWEST = 8
"""The newest version of the database."""
_FLAT = 6
_HASH_INSIDE = 5
_SPEC_FORMATS = {6: 3, 7: 4, 8: 5}
_NUMBERS = re.compile(r"\d{1,9}(\.\d+)*").fullmatch


def accepts(document: Document) -> bool:
    """Whether the text is an object that begins with ``database``."""
    return first_key(document.data) == "database"


def read(document: Document, report: Report) -> Contents:
    """The specs of an index: those of a build cache that are in it are members of its stack."""
    index = _Index(document)
    note = Note(document.location, report)
    roots: list[Root] = []
    release, stack = StackKey.parse(document.stack)
    return Contents(
        "index.json",
        index.version,
        index.records(note, roots),
        [Extent(release, stack=stack)],
        document.digest,
        roots,
        note.faults,
    )


class _Index:
    """The records of an index by hash, and what their nodes refer to."""

    def __init__(self, document: Document) -> None:
        self._location = document.location
        self._stack = document.stack
        self._installs: Mapping[str, Any] | Entries = Entries(unsigned(document.data))
        frame = self._installs.frame
        if frame is None:
            frame = parse(document)
        self.version, major = _version(document, frame)
        installs = frame["database"].get("installs")
        if not isinstance(installs, dict):
            raise FormatError(f"{document.location}: database.installs: expected an object")
        if installs or major < _FLAT:
            # Not the shape that is read in turns: all of it at once.
            self._installs = parse(document)["database"]["installs"]
        self._format = _SPEC_FORMATS.get(major, 1)
        self._keyed = major < _HASH_INSIDE
        self._named: dict[str, tuple[str, str] | None] = {}

    def hash_of(self, name: str, dependency: Node) -> str:  # by its hash
        return str(dependency["hash"])

    def named(self, hash_: str) -> tuple[str, str] | None:
        if hash_ not in self._named:
            try:
                node = self._node(self._installs[hash_])
                self._named[hash_] = node["name"], node["version"]
                "@".join(self._named[hash_] or ())  # text, or TypeError
            except (KeyError, TypeError, ValueError):
                self._named[hash_] = None
        return self._named[hash_]

    def _node(self, record: Any) -> Any:
        return unwrapped(record["spec"]) if self._format == 1 else record["spec"]

    def records(self, note: Note, roots: list[Root]) -> Iterator[SpecRecord]:
        """The specs; at the end ``roots`` holds what was asked for, or what nothing needs."""
        reader, members = Reader(self, self._format), (self._stack,)
        explicit: list[str] | None = None
        held: dict[str, None] = {}
        needed: set[str] = set()
        for key, record in self._items(note):
            try:
                node = self._node(record)
                hash_ = node.get("hash", key)
                inside = record.get("in_buildcache", True) is not False
                read = reader.read(node, members if inside else (), key)
            except (KeyError, TypeError, ValueError, AttributeError) as exc:
                note(f"installs./{key}: expected a record with a spec: {exc!r}")
                continue
            except FormatError as error:
                note(f"installs./{key}: {error.message}")
                continue
            if read is None:
                note(f"installs./{key}: an abstract spec; left out")
                continue
            if hash_ != key:
                note(f"installs./{key}: its node has another hash, /{hash_}")
            needed.update([dependency[0] for dependency in read.dependencies or ()])
            if inside:
                held[read.hash] = None
            if "explicit" in record:
                explicit = explicit or []
                explicit += [read.hash] if record["explicit"] else []
            yield read
        asked = [hash_ for hash_ in held if hash_ not in needed] if explicit is None else explicit
        roots += [Root(hash_, self._stack) for hash_ in asked]

    def _items(self, note: Note) -> Iterator[tuple[str, Any]]:
        if isinstance(self._installs, Entries):
            return self._installs.items(note)
        return ((key, record) for key, record in self._installs.items() if self._good(key, note))

    @staticmethod
    def _good(key: str, note: Note) -> bool:
        if is_dag_hash(key):
            return True
        note(f"installs./{key}: expected a DAG hash")
        return False


def _version(document: Document, frame: Any) -> tuple[str, int]:
    """The version of the database as it is written, and its first number: 0 of 0.9."""
    try:
        version = frame["database"]["version"]
    except (KeyError, TypeError) as exc:
        raise FormatError(f"{document.location}: not an index: no database.version") from exc
    if not isinstance(version, str) or not _NUMBERS(version):
        raise FormatError(f"{document.location}: database.version: found {version!r}")
    major = int(version.partition(".")[0])
    if major > NEWEST:
        raise VersionError(
            f"{document.location}: database version {version}; the newest known is {NEWEST}",
            "upgrade cachegraph",
        )
    return version, major
