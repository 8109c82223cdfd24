"""Spec files, ``spec.json`` of every format and ``spec.yaml``, and what Spack prints as JSON.

That is what ``spack spec --json`` and ``spack find --json`` give.
"""

import re
from collections.abc import Iterator
from typing import Any

from cachegraph.errors import FormatError, VersionError
from cachegraph.model.spec import Extent, Root, SpecRecord
from cachegraph.model.stack_key import StackKey
from cachegraph.sources import Contents, Document, Note, Report
from cachegraph.sources.jsontext import first_key, parse, unsigned
from cachegraph.sources.node import NEWEST, Node, Reader, format_of, unwrapped
from cachegraph.sources.yamltext import load_yaml

_KEYS = frozenset({"spec", "buildcache_layout_version", "binary_cache_checksum", "buildinfo"})
_YAML = re.compile(rb"\s*(?:---\s*\n)?spec:\s*\n *- ", re.MULTILINE).match
_FOUND = re.compile(rb'\s*\[\s*\{\s*"(name|arch|version|hash|concrete)"\s*:').match


def accepts(document: Document) -> bool:
    """Whether the text begins as a spec file, or as a list of spec nodes."""
    text = unsigned(document.data)
    return bool(first_key(text) in _KEYS or _YAML(text) or _FOUND(text))


def read(document: Document, report: Report) -> Contents:
    """The nodes of the file; the first is its root, but in a list, where all are alike."""
    kind, version, nodes = _nodes(document)
    reader = _File(nodes, version)
    note = Note(document.location, report)
    roots: list[Root] = []
    records = reader.records(document, note, roots, listed=kind == "find")
    shown = "spec.yaml" if kind == "yaml" else "spec.json" if kind == "spec" else "find --json"
    release, stack = StackKey.parse(document.stack)
    extents = [Extent(release, stack=stack)]
    return Contents(shown, str(version), records, extents, document.digest, roots, note.faults)


def _nodes(document: Document) -> tuple[str, int, list[Any]]:
    """What kind of file it is, its format, and its nodes."""
    text = unsigned(document.data)
    if _YAML(text):
        return "yaml", 1, _listed(document, _yaml(document, text))
    value = parse(document)
    if isinstance(value, list):
        formats = [format_of(node) for node in value if isinstance(node, dict)]
        return "find", max(formats, default=NEWEST), value
    spec: Any = value.get("spec") if isinstance(value, dict) else None
    if isinstance(spec, list):
        return "spec", 1, spec
    try:
        version = spec["_meta"]["version"]
        nodes = spec["nodes"]
    except (KeyError, TypeError) as exc:
        raise FormatError(
            f"{document.location}: not a spec file: no spec._meta.version, spec.nodes"
        ) from exc
    if type(version) is not int or version < 1:
        raise FormatError(f"{document.location}: spec._meta.version: found {version!r}")
    if version > NEWEST:
        raise VersionError(
            f"{document.location}: spec format {version}; the newest known is {NEWEST}",
            "upgrade cachegraph",
        )
    return "spec", version, _listed(document, nodes)


def _listed(document: Document, nodes: Any) -> list[Any]:
    if not isinstance(nodes, list) or not nodes:
        raise FormatError(f"{document.location}: not a spec file: expected a list of nodes")
    return nodes


def _yaml(document: Document, text: bytes) -> Any:
    import yaml

    try:
        value = load_yaml(text.decode(), versions=True)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(exc, "problem", None) or exc
        raise FormatError(f"{document.location}: {at}not YAML: {problem}") from exc
    return value.get("spec") if isinstance(value, dict) else None


class _File:
    """The nodes of one spec file, and how they refer to one another."""

    def __init__(self, nodes: list[Any], version: int) -> None:
        self._nodes = nodes
        self._version = version
        self._by_hash: dict[str, Any] = {}
        self._by_name: dict[str, Any] = {}

    def hash_of(self, name: str, dependency: Node) -> str:
        """By the hash where it is a DAG hash of the file, else by the name, which is unique."""
        hash_ = dependency.get("hash")
        if hash_ in self._by_hash:
            return str(hash_)
        child = self._by_name.get(name)
        return str(child["hash"] if child else hash_ or dependency["build_hash"])

    def named(self, hash_: str) -> tuple[str, str] | None:
        node = self._by_hash.get(hash_)
        return (str(node.get("name")), str(node.get("version"))) if node else None

    def records(
        self, document: Document, note: Note, roots: list[Root], *, listed: bool
    ) -> Iterator[SpecRecord]:
        """The specs; of a file of a build cache only the first is a member of its stack."""
        reader = Reader(self, self._version)
        nodes = [*self._plain(note)]
        stacks = (document.stack,)
        for index, node in nodes:
            inside = not document.part_of or index == 0
            try:
                record = reader.read(node, stacks if inside else ())
            except FormatError as error:
                note(f"nodes[{index}]: {error.message}")
                continue
            if record is None:
                note(f"nodes[{index}]: an abstract spec; left out")
                continue
            if index == 0 and not listed and not document.part_of:
                roots.append(Root(record.hash, document.stack))
            yield record

    def _plain(self, note: Note) -> Iterator[tuple[int, Any]]:
        """The nodes in the shape of format 2 and up, known by hash and by name."""
        for index, node in enumerate(self._nodes):
            try:
                plain = unwrapped(node) if self._version == 1 else node
                self._by_hash[plain.get("hash")] = self._by_name[plain["name"]] = plain
            except (KeyError, TypeError, ValueError, AttributeError):
                note(f"nodes[{index}]: expected a spec node, found {str(node)[:40]!r}")
                continue
            yield index, plain
