"""The ``index.json`` of a build cache or an installation, database versions 0.9 to 9.

Such a file may have hundreds of megabytes: its nodes are parsed a few at a time.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from cachegraph.errors import FormatError, quoted
from cachegraph.model.spec import Root, SpecRecord, is_dag_hash
from cachegraph.sources import Document, ErrorHandler, FaultReporter, ParsedDocument
from cachegraph.sources.formats import WRAPPED, Node, name_and_version_of, unwrap
from cachegraph.sources.jsontext import (
    first_key,
    has_entry,
    parse_json,
    read_entries,
    strip_signature,
)
from cachegraph.sources.large_object import LARGE, LargeObject
from cachegraph.sources.node import NodeReader
from cachegraph.sources.parts import BytesText
from cachegraph.sources.unexpected import reason
from cachegraph.sources.unneeded import Unneeded

_BEGINS = rb'\{\s*"(version|installs)"'
_NEWEST = 9
_KEYED_BY_HASH = 6
_SPEC_FORMATS = {6: 3, 7: 4, 8: 5, 9: 6}
_is_version = re.compile(r"\d{1,9}(\.\d+)*").fullmatch


def accepts(document: Document) -> bool:
    """Whether the text is an object with ``database``: the first key, or one of an index."""
    return first_key(document.data) == "database" or has_entry(document.data, "database", _BEGINS)


def read(document: Document, report: ErrorHandler) -> ParsedDocument:
    """The specs of an index; those that its build cache or installation has are in its stack."""
    report_fault = FaultReporter(document.location, report)
    index = _Index(document, report_fault)
    roots: list[Root] = []
    records, scopes = index.records(report_fault, roots), [document.whole_stack]
    faults = report_fault.faults
    return ParsedDocument(
        "index.json", index.version, records, scopes, document.digest, roots, faults
    )


class _Index:
    """The installation records of an index, by hash."""

    def __init__(self, document: Document, report_fault: FaultReporter) -> None:
        self._stack = document.stack
        large = LargeObject(document.file or BytesText(strip_signature(document.data)))
        self._installs: Mapping[str, Any] | LargeObject = large
        frame = large.frame
        if frame is None:
            document = document.whole()
            text = strip_signature(document.data)
            is_large = len(text) > LARGE
            frame = (is_large and _read_one_by_one(text, report_fault)) or parse_json(document)
        self.version, major = _version(document, frame)
        installs = frame["database"].get("installs")
        if not isinstance(installs, dict):
            raise FormatError(f"{document.location}: database.installs: expected an object")
        if large.frame is None:
            self._installs = installs
        elif installs or major < _KEYED_BY_HASH:
            # Not the shape of a large object: all of it is parsed at once.
            self._installs = parse_json(document.whole())["database"]["installs"]
        self._format = _SPEC_FORMATS.get(major, WRAPPED)
        self._names: dict[str, tuple[str, str] | None] = {}

    def hash_of(self, name: str, dependency: Node) -> str:
        return str(dependency["hash"])

    def name_and_version(self, hash_: str) -> tuple[str, str] | None:
        if hash_ not in self._names:
            try:
                self._names[hash_] = name_and_version_of(self._node(self._installs[hash_]))
            except (AttributeError, KeyError, TypeError, ValueError):
                self._names[hash_] = None
        return self._names[hash_]

    def _node(self, record: Any) -> Any:
        return unwrap(record["spec"]) if self._format == WRAPPED else record["spec"]

    def records(self, report_fault: FaultReporter, roots: list[Root]) -> Iterator[SpecRecord]:
        """The specs. At the end adds to ``roots`` the explicit specs.

        In an index that does not record them, as of a build cache, those are the specs that no
        other depends on.
        """
        reader = NodeReader(self, self._format, "installs./{}", report_fault)
        stacks = (self._stack,)
        explicit: list[str] | None = None
        unneeded = Unneeded(reader.needed)
        for key, install in self._items(report_fault):
            try:
                node = self._node(install)
                node_hash = node.get("hash", key)
                is_member = _is_member(install)
            except (KeyError, TypeError, ValueError, AttributeError) as exc:
                report_fault(f"installs./{key}: expected a record with a spec: {reason(exc)}")
                continue
            record = reader.read(node, stacks if is_member else (), key, key)
            if record is None:
                continue
            if node_hash != key:
                report_fault(f"installs./{key}: its node has another hash, /{node_hash}")
            if is_member:
                unneeded.add(record.hash)
            unneeded.settle()
            if "explicit" in install:
                explicit = explicit or []
                is_root = install["explicit"] and install.get("installed") is not False
                explicit += [record.hash] if is_root else []
            yield self._deprecated(record, install, report_fault)
        if explicit is None:
            explicit = [*unneeded]
        roots += [Root(hash_, self._stack) for hash_ in explicit]

    def _deprecated(
        self, record: SpecRecord, install: Mapping[str, Any], report_fault: FaultReporter
    ) -> SpecRecord:
        """The record, with the spec that replaces it if the installation has deprecated it."""
        successor = install.get("deprecated_for")
        if successor is None:
            return record
        if not isinstance(successor, str) or not is_dag_hash(successor):
            place = f"installs./{record.hash}: deprecated_for"
            report_fault(f"{place}: expected a DAG hash, found {quoted(successor)}")
            return record
        description = record.description._replace(deprecated_for=successor)
        return record._replace(description=description)

    def _items(self, report_fault: FaultReporter) -> Iterator[tuple[str, Any]]:
        if isinstance(self._installs, LargeObject):
            yield from self._installs.items(report_fault)
            return
        for key, install in self._installs.items():
            if is_dag_hash(key):
                yield key, install
            else:
                report_fault(f"installs./{key}: expected a DAG hash")


def _read_one_by_one(text: bytes, report_fault: FaultReporter) -> Any:
    """The JSON value of an index, without the entries that have no DAG hash, which are reported.

    None if the text has another shape.
    """
    installs: dict[str, Any] = {}

    def take(key: str, install: Any) -> None:
        if is_dag_hash(key):
            installs[key] = install
        else:
            report_fault(f"installs./{key}: expected a DAG hash")

    frame = read_entries(text, "installs", take)
    with suppress(KeyError, TypeError):
        if frame["database"]["installs"] == {}:
            frame["database"]["installs"] = installs
            return frame
    return None


def _is_member(install: Mapping[str, Any]) -> bool:
    """Whether the build cache has the spec, or the installation has it installed.

    An installation keeps records of deprecated specs, and of dependencies that it does not have.
    """
    return install.get("in_buildcache", install.get("installed", True)) is not False


def _version(document: Document, frame: Any) -> tuple[str, int]:
    """The version of the database as written, and its first number: 0 of 0.9."""
    try:
        version = frame["database"]["version"]
    except (KeyError, TypeError) as exc:
        raise FormatError(f"{document.location}: not an index: no database.version") from exc
    if not isinstance(version, str) or not _is_version(version):
        raise FormatError(f"{document.location}: database.version: found {quoted(version)}")
    major = int(version.partition(".")[0])
    if major > _NEWEST:
        raise document.newer_version(f"database version {version}", _NEWEST)
    return version, major
