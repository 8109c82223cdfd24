"""All that the graph knows of a spec, of a package, or of the specs that fit a spec."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, NotRequired, TypedDict

from cachegraph.analysis.dependencies.traversal import use_values
from cachegraph.analysis.purl import purl_of
from cachegraph.analysis.rows import Notes, SpecRow, keys_of, row_order, rows, stacks_of
from cachegraph.analysis.selection.lookup import find_spec
from cachegraph.analysis.selection.specs import MatchedSpecs, match_specs
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph, relationships
from cachegraph.model.schema import (
    DEPENDS_ON,
    IN_STACK,
    PACKAGE,
    RECORDED_IN,
    ROOT_OF,
    SOURCE,
    SPEC,
)
from cachegraph.model.spec import DependencyUse
from cachegraph.output.tables import Table, shown_bytes, spec_table, table_of
from cachegraph.questions import Question
from cachegraph.questions.parameters import Argument

_SPEC_PROPERTIES = (SPEC.key.name, *(p.name for p in SPEC.properties))
_SOURCE_PROPERTIES = (*(p.name for p in SOURCE.properties), SOURCE.key.name)
_DEPENDENCY_PROPERTIES = ("hash", "package", "version")
_SPEC_FACTS = (
    *(p.name for p in SPEC.properties if p.on_card),
    "stacks",
    "roots",
    "requests",
    "dependents",
)
_PACKAGE_FACTS = {
    "versions": "version",
    "compilers": "compiler",
    "operating_systems": "os",
    "platforms": "platform",
    "targets": "target",
}
_HASH = re.compile(r"[\w-]*/[a-z2-7]*", re.IGNORECASE).fullmatch
_HASH_WITHOUT_SLASH = re.compile(r"[a-z2-7]{7,32}", re.IGNORECASE).fullmatch


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
    purl: NotRequired[str]
    stacks: list[str]
    roots: list[str]
    requests: list[str]
    dependencies: list[DependencyRow]
    dependents: int
    sources: list[dict[str, Any]]


class PackageCard(TypedDict):
    """What the graph knows of a package, over all releases."""

    name: str
    versions: list[str]
    compilers: list[str]
    operating_systems: list[str]
    platforms: list[str]
    targets: list[str]
    stacks: list[str]
    specs_by_stack: dict[str, int]
    specs: list[Card]


class ShowAnswer(Notes):
    """The answer of ``show``; ``packages`` has the one package where a package was named."""

    question: str
    specs: list[Card]
    packages: NotRequired[list[PackageCard]]


class Show(Question[MatchedSpecs, ShowAnswer]):
    """Show what a spec is and where it was seen, or all specs of a package.

    Prints the properties of the spec, the stacks that hold it, the sources that describe it and its
    dependencies; of a package its versions, compilers, targets, stacks and specs. A hash may be cut
    to any length; of 7 characters or more it needs no slash, unless a package has that name. Any
    other SPEC, as for cachegraph find, shows each that fits.

    Examples:
      cachegraph show py-mpi4py
      cachegraph show /2feova4
    """

    spec: Annotated[str, Argument("/HASH|PACKAGE|SPEC", PACKAGE, words=True)]

    def select(self, graph: SpecGraph) -> MatchedSpecs:
        """The specs of the package, the one spec with the hash, or all that fit."""
        if _HASH(self.spec):
            return MatchedSpecs(frozenset({find_spec(graph, self.spec)}))
        matched = _match_spec_or_hash(graph, self.spec)
        if not matched.specs:
            raise NotFoundError(f"no spec fits {self.spec}", "leave out some conditions")
        return matched

    def walk(self, graph: SpecGraph, selection: MatchedSpecs) -> ShowAnswer:
        return self._answer(selection, _cards(graph, [*selection.specs]))

    def cypher(self, graph: CypherGraph, selection: MatchedSpecs) -> ShowAnswer:
        hashes = keys_of(graph, SPEC, selection.specs)
        cards = [_card(row) for row in graph.rows("show", {"hashes": hashes})]
        return self._answer(selection, cards)

    def _answer(self, selection: MatchedSpecs, cards: list[Card]) -> ShowAnswer:
        cards.sort(key=row_order)
        answer: ShowAnswer = {"question": "show", "specs": cards}
        if selection.notes:
            answer["notes"] = [*selection.notes]
        if any(card.get("package") == self.spec for card in cards):
            answer["packages"] = [_package_card(self.spec, cards)]
        return answer

    def tables(self, answer: ShowAnswer) -> Iterator[Table]:
        for package in answer.get("packages", ()):
            facts = [*_facts(package, _PACKAGE_FACTS), ("specs", str(len(package["specs"])))]
            yield Table("package", ("", package["name"]), facts)
            yield Table("stacks", ("stack", "specs"), [*package["specs_by_stack"].items()])
            yield spec_table("specs", package["specs"])
        for card in () if "packages" in answer else answer["specs"]:
            yield Table("spec", ("", f"/{card['hash']}"), [*_facts(card, _SPEC_FACTS)])
            yield table_of("sources", ("location", "format", "format_version"), card["sources"])
            if card["dependencies"]:
                columns = ("depends on", "version", "hash", *DependencyUse._fields)
                cells = {"depends on": "package"}
                yield table_of("dependencies", columns, card["dependencies"], "", **cells)


def _match_spec_or_hash(graph: SpecGraph, text: str) -> MatchedSpecs:
    """The specs that fit, else the one with that hash; NotFoundError speaks of the package."""
    try:
        return match_specs(graph, text)
    except NotFoundError:
        if not _HASH_WITHOUT_SLASH(text):
            raise
        with suppress(NotFoundError):
            return MatchedSpecs(frozenset({find_spec(graph, text)}))
        raise


def _card(row: Mapping[str, Any]) -> Any:
    """The card of a row of show.cypher, whose nodes and relationships are mappings."""
    requests = [root.get("requests") or () for root, _ in row["roots"]]
    dependencies = [
        {**_known(spec, _DEPENDENCY_PROPERTIES), **_known(use, DependencyUse._fields)}
        for use, spec in row["dependencies"]
    ]
    return {
        **_known(row["spec"], _SPEC_PROPERTIES),
        **purl_of(row["spec"], row["spec"].get("namespace")),
        "stacks": sorted(stack["key"] for _, stack in row["stacks"]),
        "roots": sorted(stack["key"] for _, stack in row["roots"]),
        "requests": sorted(frozenset().union(*requests)),
        "dependencies": sorted(dependencies, key=row_order),
        "dependents": row["dependents"],
        "sources": _by_location(_known(node, _SOURCE_PROPERTIES) for _, node in row["sources"]),
    }


def _known(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: properties[name] for name in names if properties.get(name) is not None}


def _by_location(sources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(sources, key=lambda source: str(source.get("location")))


def _cards(graph: SpecGraph, specs: list[Handle]) -> list[Card]:
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


def _package_card(name: str, cards: list[Card]) -> Any:
    by_stack = Counter(stack for card in cards for stack in card["stacks"])
    return {
        "name": name,
        **{fact: _distinct(cards, name) for fact, name in _PACKAGE_FACTS.items()},
        "stacks": sorted(by_stack),
        "specs_by_stack": dict(sorted(by_stack.items())),
        "specs": cards,
    }


def _distinct(cards: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return sorted({str(card[name]) for card in cards if name in card})


def _facts(card: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The name and the value of each fact that is known, a list as one text."""
    for name in names:
        value = card.get(name)
        if value not in (None, []):
            between = "; " if name == "requests" else " "  # requests have blanks in them
            shown = between.join(value) if isinstance(value, list) else str(value)
            if name == "size":
                shown = shown_bytes(value)
            yield name.replace("_", " "), shown
