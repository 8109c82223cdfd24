"""Specs become nodes and relationships, in groups, and the laws of merging. Pure.

A group is what makes an import fast: many nodes with equal properties, many relationships to one
end. Its members are what a graph database calls a node and a relationship.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.schema import (
    BUILT_FOR,
    BUILT_WITH,
    COMPILER,
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
    VISIBLE,
    NodeType,
    RelationshipType,
)
from cachegraph.spec import Description, SpecRecord

Properties = Mapping[str, Any]
NOTHING: Properties = {}

# A patch is known by its full sha256 to a lock file, by its first characters to a page.
_PATCH = 7
_VISIBLE = len(VISIBLE)
# What the hash of a spec fixes: two sources that differ here contradict each other.
_FIXED = (*VISIBLE, "namespace", "package_hash", "external")
# The relationships that a property of a spec stands for.
_PLACES = {name: place for place, name in enumerate(Description._fields)}
_CONFLICTS = [p.name for p in SOURCE.properties].index("conflicts")
_OS, _PLATFORM = _PLACES["os"], _PLACES["platform"]
_ENDS = (
    (OF_PACKAGE, _PLACES["package"]),
    (BUILT_WITH, _PLACES["compiler"]),
    (RUNS_ON, _OS),
    (BUILT_FOR, _PLACES["target"]),
)


class Nodes(NamedTuple):
    """Nodes of one label that have equal properties."""

    type: NodeType
    keys: Sequence[str]
    values: Sequence[Any] = ()
    """One for each property of the type, in its order; None for what is not known."""

    @classmethod
    def of(cls, type_: NodeType, keys: Sequence[str], properties: Properties) -> "Nodes":
        """Nodes with these properties, by name."""
        return cls(type_, keys, tuple([properties.get(p.name) for p in type_.properties]))

    @property
    def properties(self) -> Properties:
        """What is known of the nodes, by name."""
        known = zip(self.type.properties, self.values, strict=False)
        return {p.name: value for p, value in known if value is not None}


class Relationships(NamedTuple):
    """Relationships of one type to one end that have equal properties."""

    type: RelationshipType
    starts: Sequence[str]
    end: str
    properties: Properties = NOTHING


class Pairs(NamedTuple):
    """Relationships of one type that have equal properties, each with its own start and end."""

    type: RelationshipType
    starts: Sequence[str]
    ends: Sequence[str]
    properties: Properties = NOTHING


Element = Nodes | Relationships | Pairs


class Conflict(NamedTuple):
    """A spec that a source describes otherwise than the graph does."""

    hash: str
    differs: tuple[str, ...]
    known: Properties
    found: Properties


class Group(NamedTuple):
    """Specs with equal properties."""

    hashes: list[str]
    values: Sequence[Any]


class Assembler:
    """Turns the records of one source after another into elements.

    A node that many sources name, such as a stack or a compiler, is described once.
    """

    def __init__(self) -> None:
        self._described: set[tuple[str, str, str | None]] = set()

    def assemble(
        self,
        sources: Sequence[tuple[Nodes, Sequence[SpecRecord]]],
        known: Mapping[str, Properties] = NOTHING,
    ) -> tuple[list[Element], list[Conflict]]:
        """The elements of sources with their records, nodes first; and their conflicts.

        ``known`` holds the properties, by hash, of the specs that the graph has already. Of a spec
        in conflict only where it was seen goes in, not what it is.
        """
        records = [record for _, said in sources for record in said]
        groups, conflicts = settle(records, known)
        relationships = [*_content(groups), *_memberships(records)]
        nodes = [Nodes(SPEC, *group) for group in groups]
        for source, said in sources:
            if source.values:
                values = list(source.values)
                values[_CONFLICTS] = len(conflicts)
                nodes.append(Nodes(SOURCE, source.keys, values))
            hashes = [record.hash for record in said]
            relationships.append(Relationships(RECORDED_IN, hashes, source.keys[0]))
        for relationship in relationships:
            self._describe(relationship, nodes, relationships)
        for group in groups:
            os, platform = group.values[_OS], group.values[_PLATFORM]
            if os and platform and self._first(OPERATING_SYSTEM, os, platform):
                nodes.append(Nodes.of(OPERATING_SYSTEM, [os], {"platform": platform}))
        return [*nodes, *relationships], conflicts

    def _describe(
        self, of: Relationships, nodes: list[Nodes], relationships: list[Relationships]
    ) -> None:
        type_, key = of.type.end, of.end
        if type_ in (SOURCE, SPEC) or not self._first(type_, key):
            return
        nodes.append(Nodes.of(type_, [key], _properties_of(type_, key)))
        if type_ is STACK:
            relationships.append(Relationships(OF_RELEASE, [key], key.rpartition("/")[0]))

    def _first(self, type_: NodeType, key: str, more: str | None = None) -> bool:
        described = type_.label, key, more
        if described in self._described:
            return False
        self._described.add(described)
        return True


def _properties_of(type_: NodeType, key: str) -> Properties:
    """What the key of a node says of it."""
    if type_ is STACK:
        release, _, name = key.rpartition("/")
        return {"name": name, "release": release}
    if type_ is COMPILER:
        family, _, version = key.partition("@")
        return {"family": family, "version": version} if version else {"family": family}
    if type_ is RELEASE and (date := re.search(r"\d{4}-\d\d-\d\d$", key)):
        return {"date": date[0]}
    return NOTHING


def settle(
    records: Sequence[SpecRecord], known: Mapping[str, Properties]
) -> tuple[list[Group], list[Conflict]]:
    """What the records say of their specs, joined with what is known and with one another."""
    # By identity: sources make one description for many specs, and comparing costs more.
    sharing: dict[int, list[str]] = defaultdict(list)
    descriptions = {}
    for hash_, description, *_ in records:
        sharing[id(description)].append(hash_)
        descriptions[id(description)] = description
    groups = [
        Group(sharing[key], (*description, _digest(description)))
        for key, description in descriptions.items()
    ]
    hashes = {record[0] for record in records}
    if len(hashes) == len(records) and known.keys().isdisjoint(hashes):
        return groups, []
    settled: dict[str, Properties] = {}
    conflicts = []
    said = {
        key: Nodes(SPEC, (), group.values).properties
        for key, group in zip(descriptions, groups, strict=True)
    }
    for hash_, description, *_ in records:
        found = said[id(description)]
        before = settled.get(hash_) or known.get(hash_, NOTHING)
        merged, differs = merge(before, found)
        if differs:
            conflicts.append(Conflict(hash_, differs, before, found))
        elif merged != before or hash_ not in known:
            settled[hash_] = merged
    merged_nodes = [Nodes.of(SPEC, [hash_], merged) for hash_, merged in settled.items()]
    return [Group([*nodes.keys], nodes.values) for nodes in merged_nodes], conflicts


def _content(groups: Iterable[Group]) -> Iterable[Relationships]:
    ends: dict[tuple[RelationshipType, str], list[str]] = defaultdict(list)
    for hashes, values in groups:
        for type_, place in _ENDS:
            if (end := values[place]) is not None:
                ends[type_, end].extend(hashes)
    return (Relationships(type_, starts, end) for (type_, end), starts in ends.items())


def _memberships(records: Sequence[SpecRecord]) -> Iterable[Relationships]:
    labels: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for hash_, _, stacks, *_ in records:
        labels[stacks].append(hash_)
    members: dict[str, list[str]] = defaultdict(list)
    for stacks, hashes in labels.items():
        for stack in stacks:
            members[stack].extend(hashes)
    return (Relationships(IN_STACK, hashes, stack) for stack, hashes in members.items())


def merge(known: Properties, found: Properties) -> tuple[Properties, tuple[str, ...]]:
    """What is known of a spec after one more source, and the names in which the two contradict.

    An absent value never erases a known one; a full patch takes the place of a cut one; after a
    contradiction all stays as it was.
    """
    merged = dict(known)
    differs = []
    for name, value in found.items():
        before = known.get(name)
        if before is None:
            merged[name] = value
        elif before != value and name in _FIXED:
            if name == "variants" and list(map(_visible, before)) == list(map(_visible, value)):
                merged[name] = max(before, value, key=lambda variants: sum(map(len, variants)))
            else:
                differs.append(name)
    if differs:
        return known, tuple(differs)
    if merged == known:
        return known, ()
    merged["alike"] = alike(merged)
    return merged, ()


def alike(properties: Properties) -> str:
    """The digest of a spec's visible properties: equal for near-duplicates, whatever the source.

    Sixteen hexadecimal digits. Patches count by their first seven characters, and flags that are
    not known as none.
    """
    return _digest([properties.get(name) for name in VISIBLE])


def _digest(values: Sequence[Any]) -> str:
    """The digest of the values that come first in every description: the visible ones."""
    text = "\x1f".join(
        [
            value if type(value) is str else "\x1e".join(value) if value else ""
            for value in values[:_VISIBLE]
        ]
    )
    if "patches=" in text:
        text = "\x1f".join("\x1e".join(map(_visible, p.split("\x1e"))) for p in text.split("\x1f"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _visible(value: str) -> str:
    if not value.startswith("patches="):
        return value
    return "patches=" + ",".join(patch[:_PATCH] for patch in value[8:].split(","))
