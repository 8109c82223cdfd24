"""The roots of stacks that would lose specs they depend on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import compress

from cachegraph.analysis.comparison.levels import hashes_of
from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.rows import ROW, SpecName, rows
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC

# So many lost specs are traced at a time: each is one bit in the integers of their dependents.
_BATCH = 4096
Dependents = Mapping[Handle, Sequence[Handle]]


class RootLosingSpecs(SpecName):
    """A root of a stack, and the hashes of the lost specs that it depends on, or its own."""

    hash: str
    stack: str
    missing: list[str]


def roots_losing_specs(
    graph: SpecGraph, stacks: Iterable[StackSelection], lost: Members
) -> Iterator[RootLosingSpecs]:
    """The stacks' roots that are or depend on lost specs, each with those specs."""
    roots = {one.key: one.roots for one in stacks}
    missing = _missing(graph, frozenset().union(*roots.values()), lost)
    losing = [(root, key) for key, own in roots.items() for root in own & missing.keys()]
    root_rows = rows(graph, SPEC, [root for root, _ in losing], ROW[:3])
    hashes = hashes_of(graph, [missing[root] for root, _ in losing])
    for row, (_, key), missing_hashes in zip(root_rows, losing, hashes, strict=True):
        yield {**row, "stack": key, "missing": missing_hashes}  # type: ignore[typeddict-item]


def _missing(
    graph: SpecGraph, roots: Set[Handle], lost: Members
) -> Mapping[Handle, Sequence[Handle]]:
    """The lost specs that each root depends on or is; roots without any are left out."""
    needed = with_dependencies(graph, roots)
    missing: defaultdict[Handle, list[Handle]] = defaultdict(list)
    specs = [*(lost & needed)]
    dependents: defaultdict[Handle, list[Handle]] = defaultdict(list)
    for start, end, _ in relationships(graph, DEPENDS_ON, needed) if specs else ():
        dependents[end].append(start)
    order, in_cycles = _upwards(specs, dependents)
    for begin in range(0, len(specs), _BATCH):
        batch = specs[begin : begin + _BATCH]
        bits = {spec: 1 << place for place, spec in enumerate(batch)}
        _pass_on(bits, order, dependents)
        while _pass_on(bits, in_cycles, dependents):
            pass
        for root in bits.keys() & roots:
            missing[root] += compress(batch, map(int, bin(bits[root])[:1:-1]))
    return missing


def _upwards(specs: Iterable[Handle], dependents: Dependents) -> tuple[list[Handle], list[Handle]]:
    """The specs and all their dependents, each after its dependencies.

    The second list has those that are in a cycle, or above one, and have no such order. DAG
    hashes allow no cycle, but damaged sources may have some.
    """
    above = [*specs]
    seen = {*above}
    for spec in above:
        new = [parent for parent in dependents[spec] if parent not in seen]
        seen.update(new)
        above += new
    waiting = Counter(parent for spec in above for parent in dependents[spec])
    order = [spec for spec in above if not waiting[spec]]
    for spec in order:
        for parent in dependents[spec]:
            waiting[parent] -= 1
            if not waiting[parent]:
                order.append(parent)
    return order, [spec for spec in above if waiting[spec]]


def _pass_on(bits: dict[Handle, int], order: Iterable[Handle], dependents: Dependents) -> bool:
    """Adds the bits of each spec to those of its dependents; returns whether any got new ones."""
    changed = False
    for spec in order:
        if own := bits.get(spec):
            for parent in dependents[spec]:
                known = bits.get(parent, 0)
                if known | own != known:
                    bits[parent] = known | own
                    changed = True
    return changed
