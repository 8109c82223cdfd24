"""The cards of specs and packages: all that the graph knows of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.dependencies.traversal import use_values
from cachegraph.analysis.purl import purl_of
from cachegraph.analysis.rows import SpecRow, row_order, rows, stacks_of
from cachegraph.model.graph import Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, RECORDED_IN, ROOT_OF, SOURCE, SPEC
from cachegraph.model.spec import DependencyUse

_SPEC_PROPERTIES = (SPEC.key.name, *(p.name for p in SPEC.properties))
_SOURCE_PROPERTIES = (*(p.name for p in SOURCE.properties), SOURCE.key.name)
_DEPENDENCY_PROPERTIES = ("hash", "package", "version")
PACKAGE_FACTS = {
    "versions": "version",
    "compilers": "compiler",
    "operating_systems": "os",
    "platforms": "platform",
    "targets": "target",
}


class DependencyRow(SpecRow):
    """A direct dependency, and what it is used for."""

    deptypes: NotRequired[list[str]]
    virtuals: NotRequired[list[str]]


class Card(SpecRow):
    """All that the graph knows of a spec; ``requests`` are the abstract specs of environments."""

    namespace: NotRequired[str]
    package_hash: NotRequired[str]
    provides: NotRequired[list[str]]
    external: NotRequired[bool]
    prefix: NotRequired[str]
    modules: NotRequired[list[str]]
    target_features: NotRequired[str]
    verified: NotRequired[bool]
    recomputed: NotRequired[str]
    specfile_version: NotRequired[int]
    size: NotRequired[int]
    deprecated_for: NotRequired[str]
    alike: NotRequired[str]
    stacks: list[str]
    roots: list[str]
    requests: list[str]
    purl: NotRequired[str]
    dependencies: list[DependencyRow]
    dependents: int
    sources: list[dict[str, Any]]


class PackageCard(TypedDict):
    """The versions, compilers, stacks and specs of a package, over all releases."""

    name: str
    versions: list[str]
    compilers: list[str]
    operating_systems: list[str]
    platforms: list[str]
    targets: list[str]
    stacks: list[str]
    specs_by_stack: dict[str, int]
    specs: list[Card]


def spec_card(row: Mapping[str, Any]) -> Any:
    """The card of a row of show.cypher, whose nodes and relationships are mappings."""
    requests = [root.get("requests") or () for root, _ in row["roots"]]
    dependencies = [
        {**_known(spec, _DEPENDENCY_PROPERTIES), **_known(use, DependencyUse._fields)}
        for use, spec in row["dependencies"]
    ]
    return {
        **_known(row["spec"], _SPEC_PROPERTIES),
        "stacks": sorted(stack["key"] for _, stack in row["stacks"]),
        "roots": sorted(stack["key"] for _, stack in row["roots"]),
        "requests": sorted(frozenset().union(*requests)),
        **purl_of(row["spec"], row["spec"].get("namespace")),
        "dependencies": sorted(dependencies, key=row_order),
        "dependents": row["dependents"],
        "sources": _by_location(_known(node, _SOURCE_PROPERTIES) for _, node in row["sources"]),
    }


def _known(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: properties[name] for name in names if properties.get(name) is not None}


def _by_location(sources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(sources, key=lambda source: str(source.get("location")))


def spec_cards(graph: SpecGraph, specs: list[Handle]) -> list[Card]:
    """The cards of specs, in their order."""
    cards: list[Any] = rows(graph, SPEC, specs, _SPEC_PROPERTIES)
    stacks, roots = (stacks_of(graph, type_, specs) for type_ in (IN_STACK, ROOT_OF))
    starts = [(end, graph.starts_of(RECORDED_IN, end)) for end in graph.ends_of(RECORDED_IN, specs)]
    requests = _requests(graph, specs)
    for spec, card in zip(specs, cards, strict=True):
        card["stacks"] = stacks.get(spec, [])
        card["roots"] = roots.get(spec, [])
        card["requests"] = sorted(requests[spec])
        card.update(purl_of(card, card.get("namespace")))
        card["dependencies"] = _dependencies(graph, spec)
        card["dependents"] = len(graph.starts_of(DEPENDS_ON, spec))
        sources = [source for source, members in starts if spec in members]
        card["sources"] = _by_location(rows(graph, SOURCE, sources, _SOURCE_PROPERTIES))
    return cards


def _requests(graph: SpecGraph, specs: list[Handle]) -> Mapping[Handle, set[str]]:
    """The abstract specs by which environments asked for each spec."""
    found: dict[Handle, set[str]] = {spec: set() for spec in specs}
    for stack in graph.ends_of(ROOT_OF, specs):
        for (requests, _), roots in graph.starts_by_properties(ROOT_OF, stack):
            for spec in found.keys() & {*roots} if requests else ():
                found[spec].update(requests)
    return found


def _dependencies(graph: SpecGraph, spec: Handle) -> list[DependencyRow]:
    """The direct dependencies of a spec."""
    found = [*relationships(graph, DEPENDS_ON, [spec])]
    ends = [end for _, end, _ in found]
    dependencies: list[Any] = rows(graph, SPEC, ends, _DEPENDENCY_PROPERTIES)
    for row, (_, _, values) in zip(dependencies, found, strict=True):
        row.update(use_values(values))
    return sorted(dependencies, key=row_order)


def package_card(name: str, cards: list[Card]) -> Any:
    """The card of a package, from those of its specs."""
    by_stack = Counter(stack for card in cards for stack in card["stacks"])
    return {
        "name": name,
        **{fact: _distinct(cards, name) for fact, name in PACKAGE_FACTS.items()},
        "stacks": sorted(by_stack),
        "specs_by_stack": dict(sorted(by_stack.items())),
        "specs": cards,
    }


def _distinct(cards: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return sorted({str(card[name]) for card in cards if name in card})
