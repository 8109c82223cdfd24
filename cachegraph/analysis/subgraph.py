"""A part of a graph: some of its stacks, or what is around some specs, with all they refer to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.selection.scope import select_stacks
from cachegraph.analysis.selection.specs import match_specs
from cachegraph.analysis.selection.stacks import StackSelection, roots_in_any, specs_in_any
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships, without_none
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import (
    BUILT_AS,
    DEPENDS_ON,
    EXTENDS,
    IN_STACK,
    NODE_TYPES,
    OF_RELEASE,
    RELATIONSHIP_TYPES,
    ROOT_OF,
    SPEC,
    STACK,
    TARGET,
    NodeType,
    RelationshipType,
)

_AT_ONCE = 20_000
_MEMBERSHIPS = (IN_STACK, ROOT_OF)
Keys = Mapping[Handle, str]


class PartAsked(NamedTuple):
    """Which part of a graph is wanted: stacks as every question chooses them, specs, or both."""

    stacks: Sequence[str] = ()
    release: Sequence[str] = ()
    all_releases: bool = False
    around: str | None = None
    hops: int = 1

    @property
    def is_everything(self) -> bool:
        """Whether no part is asked for, but the whole graph."""
        return not (self.stacks or self.release or self.all_releases or self.around is not None)


class Part(NamedTuple):
    """A part of a graph, and notes on how what was asked for was read."""

    elements: Iterator[Element]
    """Nodes before relationships."""
    notes: Sequence[str]


def part_of(graph: SpecGraph, asked: PartAsked) -> Part:
    """The part of a graph; NotFoundError or UsageError if there is nothing of the kind.

    Of stacks: all their specs, and all that these depend on, in a stack or not. Around specs: what
    they depend on and what depends on them in ``hops`` steps at most, with all dependencies among
    these; with stacks only in these stacks. A spec is in the stacks that are asked for, without any
    in all that hold it. Packages, releases, compilers, targets and sources are those referred to.
    """
    selected = None
    if asked.stacks or asked.release or asked.all_releases:
        selected = select_stacks(
            graph, asked.stacks, asked.release, all_releases=asked.all_releases, everywhere=True
        )
    notes = [one.note for one in selected or () if one.note]
    if asked.around is None:
        assert selected is not None, "a part is asked for"
        specs = _with_all_below(graph, specs_in_any(selected) | roots_in_any(graph, selected))
    else:
        among = None if selected is None else specs_in_any(selected)
        matched = match_specs(graph, asked.around)
        notes += matched.notes
        specs = _around(graph, asked, matched.specs, among)
    chosen = None if selected is None else _memberships(selected)
    return Part(_elements(graph, specs, chosen), notes)


def _with_all_below(graph: SpecGraph, specs: Iterable[Handle]) -> set[Handle]:
    """The specs and all that they depend on; of a spliced spec also what it was built as."""
    found = with_dependencies(graph, specs)
    while originals := {*graph.ends_of(BUILT_AS, found)} - found:
        found |= with_dependencies(graph, originals)
    return found


def _around(
    graph: SpecGraph, asked: PartAsked, matched: Members, among: Members | None
) -> set[Handle]:
    """The specs, and those that dependencies lead to from them, or from which they lead to them."""
    if asked.hops < 0:
        raise UsageError(f"{asked.hops} steps", "name a number from 0 on")
    starts = {*(matched if among is None else matched & among)}
    if not starts:
        where = "" if among is None else " in these stacks"
        raise NotFoundError(f"no spec fits {asked.around}{where}", "leave out some conditions")
    found = {*starts}
    for reverse in (False, True):
        seen = level = starts
        for _ in range(asked.hops):
            reached = next(graph.breadth_first(DEPENDS_ON, level, reverse=reverse), frozenset())
            level = {*(reached if among is None else reached & among)} - seen
            if not level:
                break
            seen = seen | level
        found |= seen
    return found


Chosen = Mapping[Handle, Mapping[RelationshipType, Members]]
"""Of each stack that is asked for the specs that it holds, and its roots."""


def _memberships(selected: Iterable[StackSelection]) -> Chosen:
    """The members and roots of the stacks; of a group those of the group alone."""
    chosen: dict[Handle, dict[RelationshipType, Members]] = {}
    for one in selected:
        if one.node is not None:
            of_stack = chosen.setdefault(one.node, dict.fromkeys(_MEMBERSHIPS, frozenset()))
            of_stack[IN_STACK] = one.specs | of_stack[IN_STACK]
            of_stack[ROOT_OF] = frozenset(one.roots) | of_stack[ROOT_OF]
    return chosen


def _elements(graph: SpecGraph, specs: set[Handle], chosen: Chosen | None) -> Iterator[Element]:
    """The specs and all that they refer to, nodes before relationships."""
    keys: dict[NodeType, dict[Handle, str]] = {}
    for label, nodes in _nodes_of_labels(graph, specs, chosen).items():
        keys[label] = {}
        yield from _nodes(graph, label, sorted(nodes), keys[label])
    for type_ in RELATIONSHIP_TYPES:
        if chosen is not None and type_ in _MEMBERSHIPS:
            yield from _members(graph, type_, chosen, keys)
        else:
            yield from _relationships(graph, type_, keys[type_.start], keys[type_.end])


def _nodes_of_labels(
    graph: SpecGraph, specs: set[Handle], chosen: Chosen | None
) -> dict[NodeType, Iterable[Handle]]:
    found: dict[NodeType, set[Handle]] = {label: set() for label in NODE_TYPES}
    found[SPEC] = specs
    for type_ in RELATIONSHIP_TYPES:
        if type_.start is SPEC and not type_.same_label and type_ not in _MEMBERSHIPS:
            found[type_.end].update(graph.ends_of(type_, specs))
    if chosen is None:
        for type_ in _MEMBERSHIPS:
            found[STACK].update(graph.ends_of(type_, specs))
    else:
        found[STACK].update(chosen)
    found[schema.RELEASE].update(graph.ends_of(OF_RELEASE, found[STACK]))
    found[TARGET].update(*[*graph.breadth_first(EXTENDS, found[TARGET])])
    return {**found}


def _nodes(
    graph: SpecGraph, label: NodeType, nodes: Iterable[Handle], keys: dict[Handle, str]
) -> Iterator[Nodes]:
    """The nodes, those with equal properties in one element; adds their keys."""
    names = [label.key.name, *(p.name for p in label.properties)]
    for chunk in _chunks(nodes):
        equal: dict[Sequence[Any], list[str]] = {}
        for node, (key, *values) in zip(chunk, graph.values(label, chunk, names), strict=True):
            keys[node] = key
            equal.setdefault(tuple(values), []).append(key)
        for properties, of_these in equal.items():
            yield Nodes(label, of_these, properties)


def _members(
    graph: SpecGraph, type_: RelationshipType, chosen: Chosen, keys: Mapping[NodeType, Keys]
) -> Iterator[Relationships]:
    """The relationships to the stacks that are asked for, those with equal properties together."""
    specs = keys[SPEC]
    for stack, members in chosen.items():
        for values, starts in graph.starts_by_properties(type_, stack):
            of_these = [specs[spec] for spec in sorted(starts & members[type_]) if spec in specs]
            if of_these:
                properties = _properties(type_, values)
                yield Relationships(type_, of_these, keys[STACK][stack], properties)


def _relationships(
    graph: SpecGraph, type_: RelationshipType, starts: Keys, ends: Keys
) -> Iterator[Pairs]:
    """The relationships from the starts to any of the ends."""
    for chunk in _chunks(starts):
        equal: dict[Any, tuple[list[str], list[str]]] = {}
        for start, (found, tokens) in zip(chunk, graph.adjacent(type_, chunk), strict=True):
            for end, token in zip(found, tokens, strict=True):
                if end in ends:
                    from_, to = equal.setdefault(token, ([], []))
                    from_.append(starts[start])
                    to.append(ends[end])
        for token, (from_, to) in equal.items():
            values = graph.relationship_values(type_, token)
            yield Pairs(type_, from_, to, _properties(type_, values))


def _properties(type_: RelationshipType, values: Sequence[Any]) -> Properties:
    return without_none({p.name: v for p, v in zip(type_.properties, values, strict=True)})


def _chunks(nodes: Iterable[Handle]) -> Iterator[list[Handle]]:
    iterator = iter(nodes)
    while chunk := [*islice(iterator, _AT_ONCE)]:
        yield chunk
