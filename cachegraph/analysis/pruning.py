"""Which specs would go if stacks were dropped, which stay and why, and what would dangle."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Any, NamedTuple

from cachegraph.analysis.dependencies.roots_losing_specs import RootLosingSpecs, roots_losing_specs
from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.rows import ROW, SpecName, keys_of, row_order, rows, stacks_of
from cachegraph.analysis.selection.stacks import StackSelection, specs_in_any
from cachegraph.analysis.sizes import Bytes, sizes_among, total_bytes
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import BUILT_AS, DEPENDS_ON, IN_STACK, SPEC
from cachegraph.model.spec import DEPTYPES
from cachegraph.model.stack_key import ROOT, StackKey

Sizes = Mapping[Handle, int]
NONE: Members = frozenset()


class DroppedStack(Bytes):
    """A stack that is dropped, its specs, how many of them go, and the bytes of those."""

    key: str
    specs: int
    gone: int


class Holder(Bytes):
    """A stack that stays and holds ``specs`` of the dropped stacks; ``alone`` no other holds.

    The bytes are of these: they would go as well if this stack were dropped.
    """

    key: str
    specs: int
    alone: int


class DanglingSpec(SpecName):
    """A spec that stays, and the hashes of the specs that go although it depends on them.

    ``stacks`` are those that stay and hold it, ``deptypes`` what it needs the missing ones for.
    """

    hash: str
    stacks: list[str]
    missing: list[str]
    deptypes: list[str]


class Pruned(NamedTuple):
    """The stacks that are dropped, and those that stay."""

    dropped: list[StackSelection]
    kept: list[StackSelection]


class Pruning:
    """What dropping stacks comes to. The graph is only read."""

    def __init__(self, graph: SpecGraph, stacks: Pruned) -> None:
        self._graph, self._stacks = graph, stacks
        self.held = _held(stacks)
        self.dropped_keys = {one.key for one in stacks.dropped}
        self.dropped = specs_in_any(stacks.dropped)
        self.staying: Members = reduce(or_, self.held.values(), NONE)
        """The specs that stacks hold which stay."""
        self.gone = self.dropped - self.staying

    @property
    def _requesting(self) -> list[StackSelection]:
        """The kept stacks whose roots somebody asked for: not those that list a whole mirror."""
        return [one for one in self._stacks.kept if StackKey.parse(one.key).name != ROOT]

    @cached_property
    def needed(self) -> Members:
        """What stays, all that it depends on or was built as, and the roots of kept stacks."""
        found = {*self.staying}.union(*(one.roots for one in self._requesting))
        while True:
            known = with_dependencies(self._graph, found)
            found = known | {*self._graph.ends_of(BUILT_AS, known)}
            if found == known:
                return found

    @cached_property
    def missing(self) -> Members:
        """The specs that go although something that stays needs them."""
        return self.needed & {*self.gone}

    def kept_hashes(self) -> list[str]:
        """The hashes of what stays and what that needs, without what goes; sorted."""
        return keys_of(self._graph, SPEC, self.needed - {*self.gone})

    def dropped_rows(self, sizes: Sizes) -> Iterator[DroppedStack]:
        """The stacks that are dropped."""
        for one in self._stacks.dropped:
            gone = one.specs & self.gone
            size = _bytes(sizes, gone)
            yield {"key": one.key, "specs": len(one.specs), "gone": len(gone), **size}

    def holders(self, sizes: Sizes) -> list[Holder]:
        """The stacks that keep specs of the dropped ones, those that alone keep most first."""
        shared = {key: self.dropped & specs for key, specs in self.held.items()}
        once, twice = NONE, NONE
        for specs in shared.values():
            twice = twice | (once & specs)
            once = once | specs
        found: list[Holder] = []
        for key, specs in shared.items():
            if specs:
                alone = specs - twice
                counts = {"key": key, "specs": len(specs), "alone": len(alone)}
                found.append({**counts, **_bytes(sizes, alone)})  # type: ignore[typeddict-item]
        return sorted(found, key=lambda row: (-row["alone"], -row["specs"], row["key"]))

    def dangling(self) -> list[DanglingSpec]:
        """The specs that stay and directly depend on ones that go, or were built as such."""
        uses: dict[Handle, tuple[set[Handle], set[str]]] = {}
        staying = self.needed - self.missing if self.missing else ()
        for type_ in (DEPENDS_ON, BUILT_AS):
            for start, end, values in relationships(self._graph, type_, staying):
                if end in self.missing:
                    ends, deptypes = uses.setdefault(start, (set(), set()))
                    ends.add(end)
                    deptypes.update(values[0] or () if type_ is DEPENDS_ON else ())
        return sorted(self._dangling_rows(uses), key=row_order)

    def _dangling_rows(
        self, uses: Mapping[Handle, tuple[set[Handle], set[str]]]
    ) -> Iterator[DanglingSpec]:
        stacks = stacks_of(self._graph, IN_STACK, uses)
        for spec, row in zip(uses, rows(self._graph, SPEC, [*uses], ROW[:3]), strict=True):
            ends, deptypes = uses[spec]
            yield {
                **row,  # type: ignore[typeddict-item]  # the hash among them
                "stacks": [key for key in stacks.get(spec, ()) if key not in self.dropped_keys],
                "missing": keys_of(self._graph, SPEC, ends),
                "deptypes": [name for name in DEPTYPES if name in deptypes],
            }

    def roots(self) -> list[RootLosingSpecs]:
        """The roots of kept stacks that go or depend on what goes, each with the missing specs."""
        found = roots_losing_specs(self._graph, self._requesting, self.missing)
        return sorted(found, key=lambda row: (*row_order(row), row["stack"]))

    def still_listed(self) -> Iterator[tuple[str, int]]:
        """The roots of kept releases that list specs which go, and how many."""
        for one in self._stacks.kept:
            if StackKey.parse(one.key).name == ROOT and (count := len(one.specs & self.gone)):
                yield one.key, count


def _held(stacks: Pruned) -> dict[str, Members]:
    """The specs that each kept stack holds; the stack root those of no other of its release."""
    others: dict[str, Members] = {}
    for one in (*stacks.dropped, *stacks.kept):
        release, name = StackKey.parse(one.key)
        if name != ROOT:
            others[release] = others.get(release, NONE) | one.specs
    held = {}
    for one in stacks.kept:
        release, name = StackKey.parse(one.key)
        held[one.key] = one.specs - others.get(release, NONE) if name == ROOT else one.specs
    return held


def _bytes(sizes: Sizes, specs: Iterable[Handle]) -> Bytes:
    specs = [*specs]
    known = sizes_among(sizes, specs)
    return total_bytes(sum(known), len(known), len(specs))


def check_not_refused(answer: Any) -> None:
    """UsageError if specs that stay would lose what they need, and ``force`` was not given."""
    if answer["refused"]:
        count = len({row["hash"] for rows in (answer["dangling"], answer["roots"]) for row in rows})
        message = f"{count} of the specs and roots that stay would lose what they need"
        raise UsageError(message, "keep the stacks that hold it, or accept it: --force")
