"""Removes from a store what nothing refers to any more; works on every store."""

from collections.abc import Iterable

from cachegraph.model import schema
from cachegraph.model.graph import Handle
from cachegraph.model.schema import BUILT_AS, DEPENDS_ON, NODE_TYPES, SPEC
from cachegraph.stores import Store


def prune(store: Store, dropped: Iterable[Handle]) -> None:
    """Removes the specs of ``dropped`` that are in no stack and that no other spec depends on.

    ``dropped`` are specs that were in a stack until now. Their dependencies are removed too unless
    something else uses them, and so are packages, compilers and other nodes without a spec left.
    """
    candidates = {*dropped}
    while candidates:
        in_stacks: set[Handle] = set()
        for stack in store.nodes(schema.STACK):
            in_stacks.update(store.starts_of(schema.IN_STACK, stack))
            in_stacks.update(store.starts_of(schema.ROOT_OF, stack))
        unused = {
            spec
            for spec in candidates - in_stacks
            if not store.starts_of(DEPENDS_ON, spec) and not store.starts_of(BUILT_AS, spec)
        }
        candidates = {*store.ends_of(DEPENDS_ON, unused), *store.ends_of(BUILT_AS, unused)}
        if unused:
            store.remove(SPEC, unused)
    # Twice: a release can go only after its last stack.
    for label in (*NODE_TYPES, *NODE_TYPES):
        if label is not SPEC and (isolated := _isolated(store, label)):
            store.remove(label, isolated)


def _isolated(store: Store, label: schema.NodeType) -> set[Handle]:
    """The nodes of a label to which no relationship from another label leads."""
    types = [t for t in schema.RELATIONSHIP_TYPES if t.end is label and not t.same_label]
    return {n for n in store.nodes(label) if not any(store.starts_of(t, n) for t in types)}
