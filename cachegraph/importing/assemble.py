"""Turns spec records into nodes and relationships. Pure functions of the records."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import Any

from cachegraph.model import schema
from cachegraph.model.elements import (
    EMPTY,
    Element,
    Nodes,
    Pairs,
    Properties,
    Relationships,
    without_none,
)
from cachegraph.model.merging import Conflict, is_same_node, merge_records, nodes_of_groups
from cachegraph.model.spec import DependencyUse, Description, SpecGroup, SpecRecord
from cachegraph.model.stack_key import StackKey
from cachegraph.model.target import target_properties

_POSITION = {name: position for position, name in enumerate(Description._fields)}
_OS, _PLATFORM = _POSITION["os"], _POSITION["platform"]
# The properties of a spec that name another node, and the relationships to that node.
_RELATIONSHIP_PROPERTIES = (
    (schema.OF_PACKAGE, _POSITION["package"]),
    (schema.BUILT_WITH, _POSITION["compiler"]),
    (schema.RUNS_ON, _OS),
    (schema.BUILT_FOR, _POSITION["target"]),
)


class Assembler:
    """Turns batches of records into elements; a node that many records name is emitted once."""

    def __init__(self) -> None:
        self._emitted: set[tuple[str, str, str | None]] = set()

    def assemble(
        self,
        sources: Sequence[tuple[str, Sequence[SpecRecord]]],
        known: Mapping[str, Properties] = EMPTY,
        dependencies: Mapping[str, Set[str]] = EMPTY,
    ) -> tuple[list[Element], list[Conflict]]:
        """The elements of the records of sources, given by digest, nodes first; and the conflicts.

        ``known`` and ``dependencies`` are what the graph has of their specs, as ``merge_records``
        takes them. A spec in conflict is only recorded as seen: in its stacks and its source.
        """
        records = [record for _, of_source in sources for record in of_source]
        specs, conflicts = merge_records(records, known, dependencies)
        differs = {conflict.hash: conflict.differs for conflict in conflicts}
        consistent = [r for r in records if r.hash not in differs] if differs else records
        relationships: list[Relationships | Pairs] = [
            *_of_properties(specs),
            *_languages(consistent),
            *_memberships(records),
        ]
        for digest, of_source in sources:
            relationships += _recorded_in(digest, of_source, differs)
        changed = [r for r in consistent if not is_same_node(known.get(r.hash), r)]
        relationships += _dependencies(changed)
        return self._with_ends(specs, relationships), conflicts

    def assemble_groups(
        self, sources: Sequence[tuple[str, Sequence[SpecGroup]]]
    ) -> Sequence[Element]:
        """The elements of specs that neither the graph nor another of these sources has."""
        specs = nodes_of_groups(chain.from_iterable(groups for _, groups in sources))
        members: dict[str, list[str]] = defaultdict(list)
        recorded: list[Relationships | Pairs] = []
        for digest, groups in sources:
            of_source: list[str] = []
            for hashes, _, stacks in groups:
                of_source += hashes
                for stack in stacks:
                    members[stack] += hashes
            recorded.append(Relationships(schema.RECORDED_IN, of_source, digest))
        in_stacks = [Relationships(schema.IN_STACK, hashes, key) for key, hashes in members.items()]
        return self._with_ends(specs, [*_of_properties(specs), *in_stacks, *recorded])

    def _with_ends(
        self, specs: Sequence[Nodes], relationships: list[Relationships | Pairs]
    ) -> list[Element]:
        """Nodes of specs and their relationships, with the nodes at the ends that are new."""
        nodes = [*specs]
        self._add_ends(nodes, relationships)
        for _, _, values in specs:
            os, platform = values[_OS], values[_PLATFORM]
            if os and platform and self._is_new(schema.OPERATING_SYSTEM, os, platform):
                nodes.append(Nodes.of(schema.OPERATING_SYSTEM, [os], {"platform": platform}))
        return [*nodes, *relationships]

    def _add_ends(self, nodes: list[Nodes], relationships: list[Relationships | Pairs]) -> None:
        """Adds the new nodes at the ends of relationships, and the releases of new stacks."""
        ends = [(r.type.end, r.end) for r in relationships if type(r) is Relationships]
        for type_, key in ends:
            if type_ in (schema.SOURCE, schema.SPEC) or not self._is_new(type_, key):
                continue
            nodes.append(Nodes.of(type_, [key], _properties_of(type_, key)))
            if type_ is schema.STACK:
                release = StackKey.parse(key).release
                relationships.append(Relationships(schema.OF_RELEASE, [key], release))
                ends.append((schema.RELEASE, release))

    def _is_new(self, type_: schema.NodeType, key: str, platform: str | None = None) -> bool:
        before = len(self._emitted)
        self._emitted.add((type_.label, key, platform))
        return len(self._emitted) > before


def stack_elements(key: str) -> list[Element]:
    """The elements of a stack without specs: its node, its release, and what joins them."""
    release = StackKey.parse(key).release
    ends = ((schema.STACK, key), (schema.RELEASE, release))
    nodes = [Nodes.of(type_, [end], _properties_of(type_, end)) for type_, end in ends]
    return [*nodes, Relationships(schema.OF_RELEASE, [key], release)]


def _properties_of(type_: schema.NodeType, key: str) -> Properties:
    """The properties that follow from the key of a node."""
    if type_ is schema.STACK:
        release, name = StackKey.parse(key)
        return {"name": name, "release": release}
    if type_ is schema.COMPILER:
        family, _, version = key.partition("@")
        return {"family": family, "version": version} if version else {"family": family}
    if type_ is schema.TARGET:
        return target_properties(key)
    if type_ is schema.RELEASE and (date := re.search(r"\d{4}-\d\d-\d\d$", key)):
        return {"date": date[0]}
    return EMPTY


def _of_properties(specs: Iterable[Nodes]) -> Iterable[Relationships]:
    """The relationships that the properties of specs stand for."""
    starts_of: dict[tuple[schema.RelationshipType, str], list[str]] = defaultdict(list)
    for _, hashes, values in specs:
        for type_, position in _RELATIONSHIP_PROPERTIES:
            if (end := values[position]) is not None:
                starts_of[type_, end].extend(hashes)
    return (Relationships(type_, starts, end) for (type_, end), starts in starts_of.items())


def _memberships(records: Sequence[SpecRecord]) -> Iterable[Relationships]:
    by_stacks: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for record in records:
        by_stacks[record.stacks].append(record.hash)
    members: dict[str, list[str]] = defaultdict(list)
    for stacks, hashes in by_stacks.items():
        for stack in stacks:
            members[stack].extend(hashes)
    return (Relationships(schema.IN_STACK, hashes, stack) for stack, hashes in members.items())


def _languages(records: Sequence[SpecRecord]) -> Iterable[Relationships]:
    """The specs that were built with a compiler, by the languages that it compiled."""
    built: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for record in records:
        for compiler_languages in record.languages:
            built[compiler_languages].append(record.hash)
    return (
        Relationships(schema.BUILT_WITH, hashes, compiler, {"languages": languages})
        for (compiler, languages), hashes in built.items()
    )


def _dependencies(records: Iterable[SpecRecord]) -> Iterable[Pairs]:
    """The dependencies of specs, and the specs that spliced ones were built as."""
    # By identity: a source makes one DependencyUse for all dependencies that have it.
    by_use: dict[int, tuple[DependencyUse, list[str], list[str]]] = {}
    spliced: list[tuple[str, str]] = []
    for record in records:
        start = record.hash
        for end, use in (record.dependencies or EMPTY).items():
            pairs = by_use.get(id(use))
            if pairs is None:
                pairs = by_use[id(use)] = use, [], []
            pairs[1].append(start)
            pairs[2].append(end)
        if record.build_spec is not None:
            spliced.append((start, record.build_spec))
    for (deptypes, virtuals), starts, ends in by_use.values():
        properties = {"deptypes": deptypes}
        if virtuals:
            properties["virtuals"] = virtuals
        yield Pairs(schema.DEPENDS_ON, starts, ends, properties)
    if spliced:
        starts, ends = map(list, zip(*spliced, strict=True))
        yield Pairs(schema.BUILT_AS, starts, ends)


def _recorded_in(
    digest: str, records: Sequence[SpecRecord], differs: Mapping[str, tuple[str, ...]]
) -> Iterable[Relationships]:
    """The specs of a source, by whether it proves their hashes and contradicts the graph."""
    by_values: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for record in records:
        differing = differs.get(record.hash) or record.differs or None
        values = record.description.verified, record.reason, differing, record.index_fault
        by_values[values].append(record.hash)
    names = [p.name for p in schema.RECORDED_IN.properties]
    for values, hashes in by_values.items():
        properties = dict(zip(names, values, strict=True))
        yield Relationships(schema.RECORDED_IN, hashes, digest, without_none(properties))
