"""Removes from a store what nothing refers to any more; works on every store."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from types import MappingProxyType

from cachegraph.model import schema
from cachegraph.model.graph import Handle
from cachegraph.model.schema import BUILT_AS, DEPENDS_ON, NODE_TYPES, RELATIONSHIP_TYPES, SPEC
from cachegraph.stores import Store

_FROM_SPECS = tuple(t for t in RELATIONSHIP_TYPES if t.start is SPEC and not t.same_label)
_STAY = (schema.STACK, schema.SOURCE)


def prune(
    store: Store,
    dropped: Iterable[Handle],
    stay: Set[str] = frozenset(),
    unlinked: Mapping[schema.NodeType, Set[Handle]] = MappingProxyType({}),
) -> set[Handle]:
    """Removes the specs of ``dropped`` that are in no stack and that no other spec depends on.

    ``dropped`` are specs that were in a stack until now. Their dependencies are removed too unless
    something else uses them, and so are packages, compilers and other nodes without a spec left,
    but not the stacks and sources whose keys are in ``stay``. ``unlinked`` are other nodes to which
    a relationship led until now. Returns the removed specs.
    """
    removed: set[Handle] = set()
    ends: dict[schema.NodeType, set[Handle]] = defaultdict(set)
    for label, nodes in unlinked.items():
        ends[label].update(nodes)
    candidates = {*dropped} | ends.pop(SPEC, set())
    while candidates:
        unused = _unused(store, candidates)
        candidates = {*store.ends_of(DEPENDS_ON, unused), *store.ends_of(BUILT_AS, unused)}
        if unused:
            for type_ in _FROM_SPECS:
                ends[type_.end].update(store.ends_of(type_, unused))
            store.remove(SPEC, unused)
            removed |= unused
    ends[schema.STACK].update(store.nodes(schema.STACK))
    for label in NODE_TYPES:
        # Stacks come before releases, which may lose their last stack.
        of_label = store.nodes(label) if label is schema.RELEASE else ends[label]
        _remove_isolated(store, label, of_label, stay)
    return removed


def _unused(store: Store, specs: Iterable[Handle]) -> set[Handle]:
    """The specs that are in no stack and no root of one, and that no spec depends on."""
    unused = [*specs]
    for type_ in (schema.IN_STACK, schema.ROOT_OF):
        stacks = store.adjacent(type_, unused)
        unused = [spec for spec, (ends, _) in zip(unused, stacks, strict=True) if not ends]
    return {*store.unreferenced((DEPENDS_ON, BUILT_AS), unused)}


def _remove_isolated(
    store: Store, label: schema.NodeType, nodes: Iterable[Handle], stay: Set[str]
) -> None:
    """Removes those of the nodes to which no relationship from another label leads."""
    types = tuple(t for t in RELATIONSHIP_TYPES if t.end is label and not t.same_label)
    isolated = [*store.unreferenced(types, nodes)] if types else []
    if label in _STAY and isolated:
        keys = store.values(label, isolated, (label.key.name,))
        isolated = [node for node, (key,) in zip(isolated, keys, strict=True) if key not in stay]
    if isolated:
        store.remove(label, isolated)


def remove_sources(store: Store, digests: Iterable[str]) -> None:
    """Removes sources, but not one that alone describes a spec."""
    found = [store.find(schema.SOURCE, digest) for digest in digests]
    sources = {source for source in found if source is not None}
    specs = [*store.starts_of_any(schema.RECORDED_IN, sources)]
    for ends, _ in store.adjacent(schema.RECORDED_IN, specs):
        if sources.issuperset(ends):
            sources.difference_update(ends)
    if sources:
        store.remove(schema.SOURCE, sources)
