"""Joins each target in a store with the nearest other targets whose binaries run on it."""

from collections.abc import Set

from cachegraph.model.elements import Pairs
from cachegraph.model.schema import EXTENDS, TARGET
from cachegraph.model.target import nearest_compatible
from cachegraph.stores import Store


def join_compatible_targets(store: Store, before: Set[str]) -> None:
    """Joins the targets anew if there are others than ``before``."""
    store.flush()
    names = {*store.keys(TARGET)}
    if names == before:
        return
    pairs = sorted((name, other) for name in names for other in nearest_compatible(name, names))
    for name in before & names:
        target = store.find(TARGET, name)
        nearest = {store.find(TARGET, other) for start, other in pairs if start == name}
        for other in {*store.ends_of(EXTENDS, [target])} - nearest:
            store.discard(EXTENDS, [target], other)
    if pairs:
        starts, ends = zip(*pairs, strict=True)
        store.load([Pairs(EXTENDS, starts, ends)])
