"""Forgets what the graph has of specs that only sources describe which an import replaces."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property

from cachegraph.model import schema
from cachegraph.model.elements import Properties
from cachegraph.model.graph import Handle
from cachegraph.model.merging import merge, properties_alone
from cachegraph.model.schema import RECORDED_IN, SPEC
from cachegraph.model.spec import SpecRecord
from cachegraph.stores import Store

_DESCRIBING = (
    *(schema.OF_PACKAGE, schema.BUILT_WITH, schema.RUNS_ON, schema.BUILT_FOR),
    *(schema.DEPENDS_ON, schema.BUILT_AS),
)


class Renewal:
    """Makes specs stubs again, so that the new source says what they are."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.unlinked: dict[schema.NodeType, set[Handle]] = defaultdict(set)
        """The nodes to which a relationship of such a spec led; perhaps nothing needs them now."""
        # Specs that a source of this import has described: its description is kept.
        self._merged: set[str] = set()

    def renew(
        self,
        records: Sequence[SpecRecord],
        known: Mapping[str, Properties],
        outdated: Set[Handle],
    ) -> Mapping[str, Properties]:
        """What is still known of the specs of records, after the contradicted ones were forgotten.

        ``outdated`` are the sources that the source of the records replaces. A spec that another
        source describes too is not forgotten, and neither is what the records only do not mention.
        """
        if not outdated or not known:
            return known
        contradicted = _contradicted(records, known) - self._merged
        self._merged.update(known)
        found = {hash_: self._store.find(SPEC, hash_) for hash_ in contradicted}
        renewed = {hash_: spec for hash_, spec in found.items() if self._is_only_of(spec, outdated)}
        if renewed:
            self._forget([*renewed.values()])
        return {hash_: values for hash_, values in known.items() if hash_ not in renewed}

    def _is_only_of(self, spec: Handle, sources: Set[Handle]) -> bool:
        """Whether no other source describes a spec that the graph had."""
        return spec in self._sources_of and sources >= {*self._sources_of[spec]}

    @cached_property
    def _sources_of(self) -> Mapping[Handle, Iterable[Handle]]:
        """The sources of each spec that the graph had before the first renewal."""
        self._store.flush()
        specs = [*self._store.nodes(SPEC)]
        sources = self._store.adjacent(RECORDED_IN, specs)
        return {spec: ends for spec, (ends, _) in zip(specs, sources, strict=True)}

    def _forget(self, specs: Sequence[Handle]) -> None:
        store = self._store
        store.flush()
        for type_ in _DESCRIBING:
            starts_by_end: dict[Handle, list[Handle]] = defaultdict(list)
            for start, (ends, _) in zip(specs, store.adjacent(type_, specs), strict=True):
                for end in ends:
                    starts_by_end[end].append(start)
            for end, starts in starts_by_end.items():
                store.discard(type_, starts, end)
            self.unlinked[type_.end].update(starts_by_end)
        store.clear(SPEC, specs)


def _contradicted(records: Iterable[SpecRecord], known: Mapping[str, Properties]) -> set[str]:
    """The hashes of the records that contradict what is known; one that says less does not."""
    # By identity: the records of a source share descriptions.
    alone: dict[int, Properties] = {}
    found = set()
    for record in records:
        if (values := known.get(record.hash)) is not None:
            key = id(record.description)
            if key not in alone:
                alone[key] = properties_alone(record)
            if values != alone[key] and merge(values, alone[key], record.hash)[1]:
                found.add(record.hash)
    return found
