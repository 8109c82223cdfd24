"""The parts of a stack or a spec: each spec in it, and what that depends on."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.purl import purl_of
from cachegraph.analysis.rows import ROW, keys_of, row_order, rows
from cachegraph.analysis.selection.scope import select_stack
from cachegraph.analysis.selection.specs import one_spec
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.model.stack_key import StackKey

_MORE = ("namespace", "package_hash", "external")
_PROPERTIES = (*ROW, *_MORE)


class Use(NamedTuple):
    """A dependency of a part: its hash, and the types of the dependency, if known."""

    hash: str
    deptypes: Sequence[str]


class Part(NamedTuple):
    """A spec: its known properties by name, its package URL if it has one, its dependencies."""

    properties: dict[str, Any]
    purl: str | None
    uses: list[Use]

    @property
    def hash(self) -> str:
        """The DAG hash."""
        return str(self.properties["hash"])

    @property
    def name(self) -> str:
        """The package; the hash where only that is known."""
        return str(self.properties.get("package", f"/{self.hash}"))

    @property
    def version(self) -> str | None:
        """The version, if known."""
        return self.properties.get("version")

    def described(self) -> list[tuple[str, str]]:
        """What else is known of it, by name, as texts; a list is several of one name."""
        told = []
        for name, value in self.properties.items():
            if name not in ("package", "version"):
                texts = value if isinstance(value, list) else [value]
                told += [(name, json.dumps(text) if name == "external" else text) for text in texts]
        return told


class Bill(NamedTuple):
    """What a bill of materials lists; ``of_stack`` is None for that of a spec.

    The parts are sorted by package, version and hash. ``top`` are the hashes of the roots of the
    stack, or else of specs on which no other depends; of a spec its own.
    """

    of_stack: StackKey | None
    top: list[str]
    held: list[str]
    parts: list[Part]

    def identity(self, form: str, created: datetime | None) -> UUID:
        """An identifier that is the same for the same contents, form and time."""
        text = json.dumps([self, form, created and created.isoformat()])
        return uuid5(NAMESPACE_URL, text)


def bill_of(graph: SpecGraph, name: str, release: str | Sequence[str] | None = None) -> Bill:
    """The bill of the stack of that name, else of the one spec that fits.

    Listed is all that they depend on, also what the stack does not hold. NotFoundError if the name
    is of neither; AmbiguousHashError if several specs fit.
    """
    if not name.startswith("/"):
        try:
            one = select_stack(graph, name, release)
        except NotFoundError as no_stack:
            return _of_spec(graph, name, no_stack)
        parts = _parts(graph, with_dependencies(graph, one.specs))
        top = keys_of(graph, SPEC, one.roots) or _on_top(parts)
        return Bill(StackKey.parse(one.key), top, keys_of(graph, SPEC, one.specs), parts)
    return _of_spec(graph, name, None)


def _of_spec(graph: SpecGraph, name: str, no_stack: NotFoundError | None) -> Bill:
    try:
        spec = one_spec(graph, name)
    except NotFoundError as no_spec:
        if no_stack is None:
            raise
        raise NotFoundError(
            f"{name} is no stack and no spec", no_stack.hint or no_spec.hint
        ) from None
    hashes = keys_of(graph, SPEC, [spec])
    return Bill(None, hashes, hashes, _parts(graph, with_dependencies(graph, [spec])))


def _parts(graph: SpecGraph, specs: Iterable[Handle]) -> list[Part]:
    nodes = [*specs]
    found = rows(graph, SPEC, nodes, _PROPERTIES)
    hashes = {node: row["hash"] for node, row in zip(nodes, found, strict=True)}
    uses: dict[Handle, list[Use]] = {node: [] for node in nodes}
    for start, end, (deptypes, _) in relationships(graph, DEPENDS_ON, nodes):
        uses[start].append(Use(hashes[end], deptypes or ()))
    parts = [
        Part(row, purl_of(row, row.get("namespace")).get("purl"), sorted(uses[node]))
        for node, row in zip(nodes, found, strict=True)
    ]
    return sorted(parts, key=lambda part: row_order(part.properties))


def _on_top(parts: Iterable[Part]) -> list[str]:
    parts = [*parts]
    used = {use.hash for part in parts for use in part.uses}
    return sorted(part.hash for part in parts if part.hash not in used)
