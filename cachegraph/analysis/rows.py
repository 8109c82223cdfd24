"""The rows and notes that the answers of several questions share."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NotRequired, TypedDict

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC, STACK, VISIBLE, NodeType, RelationshipType

ROW = (SPEC.key.name, *VISIBLE)
SpecKey = tuple[str, str]
"""A package and a version; empty texts where they are unknown."""


class SpecName(TypedDict, total=False):
    """The package and version of a spec, if known."""

    package: str
    version: str


class SpecProperties(SpecName, total=False):
    """The visible properties of a spec; those that are unknown are left out."""

    variants: list[str]
    flags: list[str]
    compiler: str
    platform: str
    os: str
    target: str


class SpecRow(SpecProperties):
    """A concrete spec."""

    hash: str


class SpecInStacks(SpecRow):
    """A spec, and the keys of the stacks that hold it."""

    stacks: list[str]


class Scope(TypedDict):
    """The scope of an answer: in words, its releases, the number of its stacks, whether it is all.

    If the answer is empty, ``elsewhere`` are the first releases where it would not be.
    """

    text: str
    releases: list[str]
    stacks: int
    everything: bool
    elsewhere: NotRequired[list[str]]


class Notes(TypedDict):
    """The scope of an answer, and notes that limit or explain it, if there are any."""

    scope: NotRequired[Scope]
    notes: NotRequired[list[str]]


class StackSize(TypedDict):
    """A stack and how many specs it holds; ``group_of`` is the key of the stack of a group."""

    key: str
    specs: int
    group_of: NotRequired[str]


def spec_rows(graph: SpecGraph, specs: Iterable[Handle]) -> list[SpecRow]:
    """The rows of specs, sorted by package, version and hash."""
    found: list[Any] = rows(graph, SPEC, [*specs], ROW)
    return sorted(found, key=row_order)


def in_row_order(graph: SpecGraph, specs: Iterable[Handle]) -> dict[SpecKey, list[Handle]]:
    """The specs in the order of their rows, by package and version."""
    nodes = [*specs]
    by_name: defaultdict[SpecKey, list[tuple[str, Handle]]] = defaultdict(list)
    values = graph.values(SPEC, nodes, ("package", "version", SPEC.key.name))
    for (package, version, hash_), spec in zip(values, nodes, strict=True):
        by_name[package or "", version or ""].append((hash_, spec))
    return {name: [spec for _, spec in sorted(by_name[name])] for name in sorted(by_name)}


def spec_row(properties: Mapping[str, Any]) -> SpecRow:
    """The row of a spec of which the properties are known."""
    return {name: properties[name] for name in ROW if name in properties}  # type: ignore[return-value]


def row_order(row: Any) -> tuple[str, str, str]:
    """How rows of specs are sorted: by package, version and hash, or the first of ``hashes``."""
    hash_ = row["hash"] if "hash" in row else row["hashes"][0]
    return row.get("package", ""), row.get("version", ""), hash_


def rows(
    graph: SpecGraph, label: NodeType, nodes: Sequence[Handle], names: Sequence[str]
) -> list[dict[str, Any]]:
    """A dictionary for each node with those of its properties that are known."""
    found = [dict(zip(names, values, strict=True)) for values in graph.values(label, nodes, names)]
    # Few properties are lists, or unknown: a third of the time of looking at each value.
    for name in names:
        column = [row[name] for row in found]
        if None in column:
            for row in found:
                if row[name] is None:
                    del row[name]
        if tuple in {*map(type, column)}:
            for row, value in zip(found, column, strict=True):
                if isinstance(value, tuple):
                    row[name] = [*value]
    return found


def nodes_by_value(
    graph: SpecGraph, nodes: Iterable[Handle], name: str
) -> Iterator[tuple[Any, list[Handle]]]:
    """The specs by the values of one property: each value that occurs, with those that have it."""
    specs = [*nodes]
    if not specs:
        return
    (tokens,) = graph.tokens(SPEC, specs, (name,))
    alike: defaultdict[Hashable, list[Handle]] = defaultdict(list)
    for token, spec in zip(tokens, specs, strict=True):
        alike[token].append(spec)
    values = graph.values(SPEC, [some[0] for some in alike.values()], (name,))
    for (value,), some in zip(values, alike.values(), strict=True):
        yield value, some


def key_of(graph: SpecGraph, label: NodeType, node: Handle) -> str:
    """The key of one node."""
    ((key,),) = graph.values(label, [node], (label.key.name,))
    return str(key)


def keys_of(graph: SpecGraph, label: NodeType, nodes: Iterable[Handle]) -> list[str]:
    """The keys of nodes, sorted."""
    return sorted(key for (key,) in graph.values(label, nodes, (label.key.name,)))


def stacks_of(
    graph: SpecGraph, type_: RelationshipType, specs: Iterable[Handle]
) -> dict[Handle, list[str]]:
    """For each spec the sorted keys of the stacks to which it has such a relationship."""
    return {spec: [*keys] for spec, keys in shared_stacks_of(graph, type_, specs).items()}


def shared_stacks_of(
    graph: SpecGraph, type_: RelationshipType, specs: Iterable[Handle]
) -> dict[Handle, tuple[str, ...]]:
    """The keys of the stacks that each spec has a relationship to, sorted.

    Specs in the same stacks share one tuple, which takes less memory than the lists of
    ``stacks_of``. A set of specs is quicker than a list.
    """
    wanted = specs if isinstance(specs, Set) else frozenset(specs)
    stacks = [*graph.ends_of(type_, wanted)]
    keys = (key for (key,) in graph.values(STACK, stacks, (STACK.key.name,)))
    found: dict[Handle, tuple[str, ...]] = {}
    for key, stack in sorted(zip(keys, stacks, strict=True)):
        # By identity, as there may be hundreds of stacks; the first of each pair stays alive so.
        longer: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for spec in graph.starts_of(type_, stack) & wanted:
            known = found.get(spec, ())
            pair = longer.get(id(known))
            if pair is None:
                pair = longer[id(known)] = known, (*known, key)
            found[spec] = pair[1]
    return found
