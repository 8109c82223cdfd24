"""Takes out of a store what nothing refers to any more. Written once, over the store's words."""

from collections.abc import Iterable

from cachegraph.model.graph import Handle
from cachegraph.model.schema import (
    BUILT_AS,
    DEPENDS_ON,
    IN_STACK,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    ROOT_OF,
    SPEC,
    STACK,
    NodeType,
)
from cachegraph.stores import Store


def prune(store: Store, dropped: Iterable[Handle]) -> None:
    """Removes those of the specs that no stack holds and no spec needs, and what they leave alone.

    ``dropped`` are specs that a stack held until now. What only they needed goes with them, and
    packages, compilers and all the rest that no spec is left at.
    """
    candidates = {*dropped}
    while candidates:
        held: set[Handle] = set()
        for stack in store.nodes(STACK):
            held.update(store.starts_of(IN_STACK, stack), store.starts_of(ROOT_OF, stack))
        leaving = {
            spec
            for spec in candidates - held
            if not store.starts_of(DEPENDS_ON, spec) and not store.starts_of(BUILT_AS, spec)
        }
        candidates = {*store.ends_of(DEPENDS_ON, leaving), *store.ends_of(BUILT_AS, leaving)}
        if leaving:
            store.remove(SPEC, leaving)
    # Twice: a release goes when its last stack has gone.
    for label in (*NODE_TYPES, *NODE_TYPES):
        if label is not SPEC and (alone := _alone(store, label)):
            store.remove(label, alone)


def _alone(store: Store, label: NodeType) -> list[Handle]:
    types = [t for t in RELATIONSHIP_TYPES if t.end is label and not t.same_label]
    return [
        node
        for node in store.nodes(label)
        if not any(store.starts_of(type_, node) for type_ in types)
    ]
