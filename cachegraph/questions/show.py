"""The provenance card of a spec, and all that is known of a package."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.rows import keys_of, row_order, rows
from cachegraph.analysis.selection.lookup import close_to, find_spec
from cachegraph.analysis.selection.specs import specs_matching
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph, relationships
from cachegraph.model.schema import (
    DEPENDS_ON,
    IN_STACK,
    OF_PACKAGE,
    PACKAGE,
    RECORDED_IN,
    ROOT_OF,
    SOURCE,
    SPEC,
    STACK,
    RelationshipType,
)

if TYPE_CHECKING:
    from cachegraph.questions.answers import Card, DependencyRow, PackageCard, ShowAnswer

_PROPERTIES = (SPEC.key.name, *(p.name for p in SPEC.properties))
_SOURCE = (*(p.name for p in SOURCE.properties), SOURCE.key.name)
_NEEDED = ("hash", "package", "version")
_LOOKS_LIKE_HASH = re.compile(r"([\w-]*/)?[a-z2-7]*", re.IGNORECASE).fullmatch


class Show(NamedTuple):
    """One spec by a prefix of its hash, a package by name, or all specs that fit."""

    spec: str

    def walk(self, graph: SpecGraph) -> "ShowAnswer":
        """The answer from a graph."""
        return self._answer(_cards(graph, self._nodes(graph)))

    def ask(self, graph: CypherGraph) -> "ShowAnswer":
        """The answer of show.cypher."""
        hashes = keys_of(graph, SPEC, self._nodes(graph))
        rows = graph.rows("show", {"hashes": hashes})
        return self._answer(sorted(map(_card, rows), key=row_order))

    def _answer(self, cards: "list[Card]") -> "ShowAnswer":
        if any(card.get("package") == self.spec for card in cards):
            return {"question": "show", "packages": [_package(self.spec, cards)], "specs": cards}
        return {"question": "show", "specs": cards}

    def _nodes(self, graph: SpecGraph) -> Iterable[Handle]:
        """The specs of the package, the one spec, or those that fit."""
        package = graph.find(PACKAGE, self.spec)
        if package is not None:
            return graph.starts_of(OF_PACKAGE, package)
        if not _LOOKS_LIKE_HASH(self.spec):
            found = specs_matching(graph, self.spec)
            if not found:
                raise NotFoundError(f"no spec fits {self.spec}", "ask for less")
            return found
        try:
            return [find_spec(graph, self.spec)]
        except NotFoundError as error:
            close = close_to(self.spec, graph.keys(PACKAGE))
            if close and not self.spec.startswith("/"):
                hint = f"did you mean {', '.join(close)}?"
                raise NotFoundError(f"no package or spec {self.spec}", hint) from error
            raise


def _card(row: Mapping[str, Any]) -> Any:
    """The card from a row of show.cypher, which holds nodes and relationships as mappings."""
    asked = [relationship.get("requests") or () for relationship, _ in row["roots"]]
    needed = [
        {**_said(spec, _NEEDED), **_said(needs, (p.name for p in DEPENDS_ON.properties))}
        for needs, spec in row["dependencies"]
    ]
    sources = [_said(source, _SOURCE) for _, source in row["sources"]]
    return {
        **_said(row["spec"], _PROPERTIES),
        "stacks": sorted(stack["key"] for _, stack in row["stacks"]),
        "roots": sorted(stack["key"] for _, stack in row["roots"]),
        "requests": sorted({request for requests in asked for request in requests}),
        "dependencies": sorted(needed, key=row_order),
        "dependents": row["dependents"],
        "sources": sorted(sources, key=lambda source: str(source.get("location"))),
    }


def _said(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: properties[name] for name in names if properties.get(name) is not None}


def _cards(graph: SpecGraph, specs: Iterable[Handle]) -> "list[Card]":
    handles = [*specs]
    cards: list[Any] = rows(graph, SPEC, handles, _PROPERTIES)
    stacks, roots, sources = (
        _held(graph, type_, handles) for type_ in (IN_STACK, ROOT_OF, RECORDED_IN)
    )
    asked = _asked(graph, handles)
    for spec, card in zip(handles, cards, strict=True):
        card["stacks"] = keys_of(graph, STACK, stacks(spec))
        card["roots"] = keys_of(graph, STACK, roots(spec))
        card["requests"] = sorted(asked[spec])
        card["dependencies"] = _dependencies(graph, spec)
        card["dependents"] = len(graph.starts_of(DEPENDS_ON, spec))
        recorded = rows(graph, SOURCE, sources(spec), _SOURCE)
        card["sources"] = sorted(recorded, key=lambda source: str(source.get("location")))
    return sorted(cards, key=row_order)


def _asked(graph: SpecGraph, specs: list[Handle]) -> Mapping[Handle, set[str]]:
    """The abstract specs that environments asked for, by the spec that each of them became."""
    asked: dict[Handle, set[str]] = {spec: set() for spec in specs}
    for stack in graph.ends_of(ROOT_OF, specs):
        for (requests, _), roots in graph.starts_by_properties(ROOT_OF, stack):
            for spec in asked.keys() & {*roots} if requests else ():
                asked[spec].update(requests)
    return asked


def _dependencies(graph: SpecGraph, spec: Handle) -> "list[DependencyRow]":
    """What a spec depends on, and what for."""
    found = [*relationships(graph, DEPENDS_ON, [spec])]
    needed: list[Any] = rows(graph, SPEC, [end for _, end, _ in found], _NEEDED)
    for row, (_, _, values) in zip(needed, found, strict=True):
        for of, value in zip(DEPENDS_ON.properties, values, strict=True):
            if value is not None:
                row[of.name] = [*value]
    return sorted(needed, key=row_order)


def _held(
    graph: SpecGraph, type_: RelationshipType, specs: list[Handle]
) -> Callable[[Handle], list[Handle]]:
    """What gives the nodes that a relationship leads to from one of the specs."""
    held = [(end, graph.starts_of(type_, end)) for end in graph.ends_of(type_, specs)]
    return lambda spec: [end for end, members in held if spec in members]


def _package(name: str, specs: "list[Card]") -> "PackageCard":
    def distinct(field: str) -> list[str]:
        return sorted({str(spec[field]) for spec in specs if field in spec})  # type: ignore[literal-required]  # a field of a card

    by_stack: dict[str, int] = {}
    for spec in specs:
        for stack in spec["stacks"]:
            by_stack[stack] = by_stack.get(stack, 0) + 1
    return {
        "name": name,
        "versions": distinct("version"),
        "compilers": distinct("compiler"),
        "operating_systems": distinct("os"),
        "platforms": distinct("platform"),
        "targets": distinct("target"),
        "stacks": sorted(by_stack),
        "specs_by_stack": dict(sorted(by_stack.items())),
        "specs": specs,
    }
