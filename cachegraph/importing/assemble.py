"""Specs become nodes and relationships. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from cachegraph.model.elements import NOTHING, Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.merging import Conflict, Group, is_same, settle
from cachegraph.model.schema import (
    BUILT_AS,
    BUILT_FOR,
    BUILT_WITH,
    COMPILER,
    DEPENDS_ON,
    IN_STACK,
    OF_PACKAGE,
    OF_RELEASE,
    OPERATING_SYSTEM,
    RECORDED_IN,
    RELEASE,
    RUNS_ON,
    SOURCE,
    SPEC,
    STACK,
    TARGET,
    NodeType,
    RelationshipType,
)
from cachegraph.model.spec import DependencyUse, Description, SpecRecord
from cachegraph.model.stack_key import StackKey
from cachegraph.model.target import described

# The relationships that a property of a spec stands for.
_PLACES = {name: place for place, name in enumerate(Description._fields)}
_OS, _PLATFORM = _PLACES["os"], _PLACES["platform"]
_ENDS = (
    (OF_PACKAGE, _PLACES["package"]),
    (BUILT_WITH, _PLACES["compiler"]),
    (RUNS_ON, _OS),
    (BUILT_FOR, _PLACES["target"]),
)


class Assembler:
    """Turns the records of one source after another into elements.

    A node that many sources name, such as a stack or a compiler, is described once.
    """

    def __init__(self) -> None:
        self._described: set[tuple[str, str, str | None]] = set()

    def assemble(
        self,
        sources: Sequence[tuple[str, Sequence[SpecRecord]]],
        known: Mapping[str, Properties] = NOTHING,
        needed: Mapping[str, Set[str]] = NOTHING,
    ) -> tuple[list[Element], list[Conflict]]:
        """The elements of sources, by digest, with their records, nodes first; and the conflicts.

        ``known`` holds the properties, by hash, of the specs that the graph has already, and
        ``needed`` the hashes that those depend on of which that is to be compared. Of a spec in
        conflict only where it was seen goes in, not what it is.
        """
        records = [record for _, said in sources for record in said]
        groups, conflicts = settle(records, known, needed)
        differs = {conflict.hash: conflict.differs for conflict in conflicts}
        agreed = (
            [record for record in records if record.hash not in differs] if differs else records
        )
        relationships: list[Relationships | Pairs] = [
            *_content(groups),
            *_languages(agreed),
            *_memberships(records),
            *(made for digest, said in sources for made in _recorded(digest, said, differs)),
            *_dependencies([r for r in agreed if not is_same(known.get(r.hash), r)]),
        ]
        nodes = [Nodes(SPEC, *group) for group in groups]
        for relationship in [r for r in relationships if type(r) is Relationships]:
            self._describe(relationship, nodes, relationships)
        for group in groups:
            os, platform = group.values[_OS], group.values[_PLATFORM]
            if os and platform and self._first(OPERATING_SYSTEM, os, platform):
                nodes.append(Nodes.of(OPERATING_SYSTEM, [os], {"platform": platform}))
        return [*nodes, *relationships], conflicts

    def _describe(
        self, of: Relationships, nodes: list[Nodes], relationships: list[Relationships | Pairs]
    ) -> None:
        type_, key = of.type.end, of.end
        if type_ in (SOURCE, SPEC) or not self._first(type_, key):
            return
        nodes.append(Nodes.of(type_, [key], _properties_of(type_, key)))
        if type_ is STACK:
            release = Relationships(OF_RELEASE, [key], StackKey.parse(key).release)
            relationships.append(release)
            self._describe(release, nodes, relationships)

    def _first(self, type_: NodeType, key: str, more: str | None = None) -> bool:
        described = type_.label, key, more
        if described in self._described:
            return False
        self._described.add(described)
        return True


def _properties_of(type_: NodeType, key: str) -> Properties:
    """What the key of a node says of it."""
    if type_ is STACK:
        release, name = StackKey.parse(key)
        return {"name": name, "release": release}
    if type_ is COMPILER:
        family, _, version = key.partition("@")
        return {"family": family, "version": version} if version else {"family": family}
    if type_ is TARGET:
        return described(key)
    if type_ is RELEASE and (date := re.search(r"\d{4}-\d\d-\d\d$", key)):
        return {"date": date[0]}
    return NOTHING


def _content(groups: Iterable[Group]) -> Iterable[Relationships]:
    ends: dict[tuple[RelationshipType, str], list[str]] = defaultdict(list)
    for hashes, values in groups:
        for type_, place in _ENDS:
            if (end := values[place]) is not None:
                ends[type_, end].extend(hashes)
    return (Relationships(type_, starts, end) for (type_, end), starts in ends.items())


def _memberships(records: Sequence[SpecRecord]) -> Iterable[Relationships]:
    labels: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for record in records:
        labels[record.stacks].append(record.hash)
    members: dict[str, list[str]] = defaultdict(list)
    for stacks, hashes in labels.items():
        for stack in stacks:
            members[stack].extend(hashes)
    return (Relationships(IN_STACK, hashes, stack) for stack, hashes in members.items())


def _languages(records: Sequence[SpecRecord]) -> Iterable[Relationships]:
    """What was built with a compiler in which languages."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for record in records:
        for used in record.languages:
            found[used].append(record.hash)
    return (
        Relationships(BUILT_WITH, hashes, compiler, {"languages": languages})
        for (compiler, languages), hashes in found.items()
    )


def _dependencies(records: Iterable[SpecRecord]) -> Iterable[Pairs]:
    """The dependencies of specs, and what spliced ones were built as."""
    # By identity: a source makes one use for all dependencies that have it.
    found: dict[int, tuple[DependencyUse, list[str], list[str]]] = {}
    spliced: list[str] = []
    built_as: list[str] = []
    for record in records:
        start = record.hash
        for end, use in record.dependencies or ():
            of = found.get(id(use))
            if of is None:
                of = found[id(use)] = use, [], []
            of[1].append(start)
            of[2].append(end)
        if record.build_spec is not None:
            spliced.append(start)
            built_as.append(record.build_spec)
    for (deptypes, virtuals), starts, ends in found.values():
        properties = {"deptypes": deptypes}
        if virtuals:
            properties["virtuals"] = virtuals
        yield Pairs(DEPENDS_ON, starts, ends, properties)
    if spliced:
        yield Pairs(BUILT_AS, spliced, built_as)


def _recorded(
    digest: str, records: Sequence[SpecRecord], differs: Mapping[str, tuple[str, ...]]
) -> Iterable[Relationships]:
    """Which specs a source describes, and how that stands with their hashes and the graph."""
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for record in records:
        key = record.description.verified, record.reason, differs.get(record.hash)
        found[key].append(record.hash)
    for values, hashes in found.items():
        said = zip(("verified", "reason", "differs"), values, strict=True)
        properties = {name: value for name, value in said if value is not None}
        yield Relationships(RECORDED_IN, hashes, digest, properties)
