"""Spec files, ``spec.json`` of every format and ``spec.yaml``, and the JSON that Spack prints.

That is the output of ``spack spec --json`` and ``spack find --json``.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cachegraph.errors import FormatError, quoted
from cachegraph.model.spec import Root, SpecRecord, is_dag_hash
from cachegraph.sources import Document, ErrorHandler, FaultReporter, Faults, ParsedDocument
from cachegraph.sources.faults import not_a_node
from cachegraph.sources.formats import (
    NEWEST,
    WRAPPED,
    Node,
    guess_format,
    name_and_version_of,
    unwrap,
)
from cachegraph.sources.jsontext import (
    OBJECT_HEAD,
    first_key,
    has_entry,
    parse_json,
    strip_signature,
)
from cachegraph.sources.node import NodeReader
from cachegraph.sources.yamltext import load_yaml

_KEYS = frozenset({"spec", "buildcache_layout_version", "binary_cache_checksum", "buildinfo"})
_NODES = rb'\[|\{\s*"(_meta|nodes)"'
_begins_as_yaml = re.compile(rb"\s*(?:---\s*\n)?spec:\s*\n *- ", re.MULTILINE).match
_begins_list = re.compile(rb"\s*\[").match
_has_arch = re.compile(rb'"arch"\s*:\s*\{').search
_begins_as_list = re.compile(rb'\s*\[\s*\{\s*"(name|arch|version|hash|concrete)"\s*:').match


def accepts(document: Document) -> bool:
    """Whether the text is a spec file, with any other keys, or begins as a list of spec nodes.

    An OCI registry has spec files with keys of an image before the spec.
    """
    text = strip_signature(document.data)
    return bool(
        first_key(text) in _KEYS
        or _begins_as_yaml(text)
        or _begins_as_list(text)
        or has_entry(text, "spec", _NODES)
        or (_begins_list(text) and _has_arch(text, 0, OBJECT_HEAD))
    )


def read(document: Document, report: ErrorHandler) -> ParsedDocument:
    """The specs of the file; the first is the root, except in a list."""
    content = _content(document)
    report_fault = FaultReporter(document.location, report)
    roots: list[Root] = []
    records = _File(document, content, report_fault).records(roots)
    version, scopes, faults = str(content.version), [document.whole_stack], report_fault.faults
    return ParsedDocument(content.format, version, records, scopes, document.digest, roots, faults)


def read_none(document: Document, report: ErrorHandler) -> ParsedDocument:
    """No specs, of a build cache all of whose spec files are other documents."""
    scopes = [document.whole_stack]
    return ParsedDocument("spec.json", "", iter(()), scopes, document.digest, [], Faults())


class _Content(NamedTuple):
    format: str
    version: int
    nodes: list[Any]
    is_list: bool = False
    """Whether the nodes are a list of specs, without a root."""


def _content(document: Document) -> _Content:
    text = strip_signature(document.data)
    if _begins_as_yaml(text):
        # The text begins with the field ``spec``, so its value is a mapping.
        nodes = load_yaml(document, text, keep_numbers=True).get("spec")
        return _Content("spec.yaml", WRAPPED, _checked(document, nodes))
    value = parse_json(document)
    if isinstance(value, list):
        formats = [guess_format(node) for node in value if isinstance(node, dict)]
        return _Content("find --json", max(formats, default=NEWEST), value, is_list=True)
    spec: Any = value.get("spec") if isinstance(value, dict) else None
    if isinstance(spec, list):
        return _Content("spec.json", WRAPPED, spec)
    try:
        version, nodes = spec["_meta"]["version"], spec["nodes"]
    except (KeyError, TypeError) as exc:
        message = f"{document.location}: not a spec file: no spec._meta.version, spec.nodes"
        raise FormatError(message) from exc
    if type(version) is not int or version < 1:
        raise FormatError(f"{document.location}: spec._meta.version: found {quoted(version)}")
    if version > NEWEST:
        raise document.newer_version(f"spec format {version}", NEWEST)
    return _Content("spec.json", version, _checked(document, nodes))


def _checked(document: Document, nodes: Any) -> list[Any]:
    if not isinstance(nodes, list) or not nodes:
        raise FormatError(f"{document.location}: not a spec file: expected a list of nodes")
    return nodes


class _File:
    """The nodes of one spec file, by hash and by name."""

    def __init__(self, document: Document, content: _Content, report_fault: FaultReporter) -> None:
        self._document = document
        self._content = content
        self._report_fault = report_fault
        self._by_hash: dict[str, Any] = {}
        self._by_name: dict[str, Any] = {}

    def hash_of(self, name: str, dependency: Node) -> str:
        """Its hash if that is a DAG hash of the file, else that of the node with the name."""
        hash_ = dependency.get("hash")
        if hash_ in self._by_hash:
            return str(hash_)
        child = self._by_name.get(name, {}).get("hash")
        return str(child if child in self._by_hash else hash_ or dependency["build_hash"])

    def name_and_version(self, hash_: str) -> tuple[str, str] | None:
        node = self._by_hash.get(hash_)
        return name_and_version_of(node) if node else None

    def records(self, roots: list[Root]) -> Iterator[SpecRecord]:
        """The specs; of a file in a build cache only the first is a member of the stack."""
        reader = NodeReader(self, self._content.version, "nodes[{}]", self._report_fault)
        in_cache = bool(self._document.build_cache)
        stack = self._document.stack
        nodes = [*self._unwrapped()]
        for number, node in nodes:
            record = reader.read(node, (stack,) if number == 0 or not in_cache else (), number)
            if record is None:
                continue
            if number == 0 and not self._content.is_list and not in_cache:
                roots.append(Root(record.hash, stack))
            yield record

    def _unwrapped(self) -> Iterator[tuple[int, Any]]:
        """The nodes and their numbers; fills the look-ups by hash and by name."""
        for number, node in enumerate(self._content.nodes):
            try:
                fields = unwrap(node) if self._content.version == WRAPPED else node
                self._by_name[fields["name"]] = fields
                if isinstance(hash_ := fields.get("hash"), str) and is_dag_hash(hash_):
                    self._by_hash[hash_] = fields
            except (KeyError, TypeError, ValueError, AttributeError):
                self._report_fault(f"nodes[{number}]: {not_a_node(node)}")
            else:
                yield number, fields
