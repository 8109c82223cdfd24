"""What two specs do not have in common of their own, and the dependencies to look at next.

A DAG hash covers what a spec says of itself, how it uses its dependencies, and their hashes. So two
hashes differ because of the former, or because of what is below; here the two are told apart.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from cachegraph.analysis.comparison.edges import Edges, Pair, Told, edge_differences
from cachegraph.analysis.comparison.facts import OWN, READ, Facts
from cachegraph.analysis.comparison.pairing import pair_lookalikes
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.spec import LANGUAGES, variant_name

_PACKAGE, _DESCRIBED = map(READ.index, ("package", "specfile_version"))
_EXTERNAL, _PREFIX, _MODULES = map(READ.index, ("external", "prefix", "modules"))
_TARGET, _FEATURES, _RECIPE = map(READ.index, ("target", "target_features", "package_hash"))
_LISTS = (READ.index("variants"), READ.index("flags"))
# From this format on a DAG hash covers the recipe and what only builds.
_COVERED = 3
# From this format on it is recorded which virtuals a dependency provides.
_WITH_VIRTUALS = 4
# What some formats do not say: unknown is no difference.
_MAYBE_UNSAID = {*map(READ.index, ("namespace", "package_hash", "target_features", "flags"))}


KINDS = (
    "version",
    "variant",
    "flag",
    "compiler",
    "os",
    "target",
    "external",
    "recipe",
    "namespace",
    "dependency",
    "provider",
    "deptypes",
)
"""The kinds of a difference: what people choose first, what follows from that after it."""
_RANK = {kind: place for place, kind in enumerate(KINDS)}


class Difference(NamedTuple):
    """Something of a spec's own that another does not have, as text; None is absent."""

    package: str
    kind: str
    attribute: str
    left: str | None
    right: str | None


class Compared(NamedTuple):
    """Two specs: what differs of their own, and the pairs of dependencies with other hashes."""

    own: tuple[Difference, ...]
    below: tuple[Pair, ...]


class Differences(Facts):
    """Compares the specs of a graph; what is read of one is kept."""

    def __init__(self, graph: SpecGraph) -> None:
        super().__init__(graph)
        self.compared: dict[Pair, Compared] = {}
        """The pairs that were compared."""

    def compare(self, pairs: Iterable[Pair]) -> list[Compared]:
        """Each pair, compared; all of them are read at once."""
        wanted = [*pairs]
        compared = self.compared
        new = [pair for pair in wanted if pair not in compared]
        self.read({*chain.from_iterable(new)})
        for pair in new:
            compared[pair] = self._compare(*pair)
        return [*map(compared.__getitem__, wanted)]

    def compare_all(self, pairs: Iterable[Pair]) -> tuple[list[Compared], list[Pair]]:
        """The pairs, compared; and the pairs below them that decide, which were compared as well.

        What is below a pair that differs itself does not decide. Level by level, all at once.
        """
        asked = self.compare(pairs)
        level = dict.fromkeys(chain.from_iterable([below for _, below in asked]))
        needed: dict[Pair, None] = {}
        while new := [pair for pair in level if pair not in needed]:
            needed.update(dict.fromkeys(new))
            found = self.compare(new)
            level = dict.fromkeys(chain.from_iterable([below for own, below in found if not own]))
        return asked, [*needed]

    def _compare(self, left: Handle, right: Handle) -> Compared:
        ours, theirs = self._own[left], self._own[right]
        own = () if ours is theirs else tuple(self._attributes(left, right))
        if not (ours[_DESCRIBED] and theirs[_DESCRIBED]):
            return Compared(own, ())
        if own and self._is_external(left) != self._is_external(right):
            return Compared(own, ())
        edges = self._edges[left], self._edges[right]
        formats = self._texts[_DESCRIBED]
        oldest = min(formats[ours[_DESCRIBED]], formats[theirs[_DESCRIBED]])
        if oldest < _COVERED:
            edges = self._covered(edges[0]), self._covered(edges[1])
        pairs = self._used_alike(*edges)
        if pairs is None:
            return self._otherwise(left, own, edges, oldest)
        return Compared(own, self._but_compilers(own, pairs, edges[0]))

    def _used_alike(self, ours: Edges, theirs: Edges) -> tuple[Pair, ...] | None:
        """The dependencies that differ when both sides need the same packages for the same."""
        package = self._package
        one: dict[Hashable, Handle] = {}
        other: dict[Hashable, Handle] = {}
        changed = ours.items() ^ theirs.items()
        for end, _ in changed:
            (one if end in ours else other)[package[end]] = end
        if len(one) + len(other) < len(changed) or one.keys() != other.keys():
            return None
        pairs = [(end, other[name]) for name, end in one.items()]
        for end, there in pairs:
            if ours[end] != theirs[there]:
                return None
        return tuple(pairs)

    def _otherwise(
        self, left: Handle, own: tuple[Difference, ...], edges: tuple[Edges, Edges], oldest: int
    ) -> Compared:
        """Two specs that use their dependencies otherwise."""
        pairs, told = self._paired(*edges, virtuals=oldest >= _WITH_VIRTUALS)
        pairs = self._but_compilers(own, pairs, edges[0])
        package, compiler = self.package(left), _of_compiler(own)
        more = (
            Difference(package, *each)
            for each in told
            if not (compiler and each[0] == "provider" and each[1] in LANGUAGES)
        )
        return Compared((*own, *more), pairs)

    def _but_compilers(
        self, own: tuple[Difference, ...], pairs: tuple[Pair, ...], edges: Edges
    ) -> tuple[Pair, ...]:
        """The pairs but for what compiles, where the compiler is a difference already."""
        if not _of_compiler(own):
            return pairs
        compiles = (self.use_of(edges[end]).virtuals for end, _ in pairs)
        return tuple(
            pair
            for pair, virtuals in zip(pairs, compiles, strict=True)
            if not {*LANGUAGES} & {*virtuals}
        )

    def _covered(self, edges: Edges) -> Edges:
        """The dependencies that DAG hashes covered before format 3: not those for a build alone."""
        needed = {"link", "run"}
        return {
            end: token
            for end, token in edges.items()
            if not needed.isdisjoint(self.use_of(token).deptypes)
        }

    def _is_external(self, spec: Handle) -> bool:
        return bool(self.text(spec, _EXTERNAL))

    def _attributes(self, left: Handle, right: Handle) -> Iterator[Difference]:
        """What specs that are described say otherwise of themselves."""
        ours, theirs = self._own[left], self._own[right]
        package = self.package(left)
        if ours[_PACKAGE] != theirs[_PACKAGE]:
            yield Difference(package, "dependency", "package", package, self.package(right))
        for place in self._places(left, right):
            _, kind, attribute = OWN[place]
            values = self.text(left, place), self.text(right, place)
            if place in _MAYBE_UNSAID and None in values:
                continue
            if place in _LISTS:
                yield from _listed(package, kind, *values)
            elif place == _EXTERNAL:
                yield Difference(package, kind, attribute, *self._found(left, right))
            else:
                yield Difference(package, kind, attribute, *map(_shown, values))

    def _places(self, left: Handle, right: Handle) -> list[int]:
        """What two specs say otherwise, but for what says no more than the rest."""
        ours, theirs = self._own[left], self._own[right]
        told = {place for place in range(len(OWN)) if ours[place] != theirs[place]}
        if self._is_external(left) != self._is_external(right):
            told -= {_PREFIX, _MODULES}
        if _TARGET in told:
            told.discard(_FEATURES)
        if not self._have_recipes(left, right):
            told.discard(_RECIPE)
        return sorted(told)

    def _have_recipes(self, *specs: Handle) -> bool:
        """Whether the DAG hashes cover the recipe."""
        formats = (self.text(spec, _DESCRIBED) for spec in specs)
        return all(known is None or known >= _COVERED for known in formats)

    def _found(self, *specs: Handle) -> Iterator[str | None]:
        """Of externals where they are, of others that they were built."""
        for spec in specs:
            external = self._is_external(spec)
            yield (self.text(spec, _PREFIX) or "external") if external else "built"

    def _paired(
        self, ours: Edges, theirs: Edges, *, virtuals: bool
    ) -> tuple[tuple[Pair, ...], list[Told]]:
        """The dependencies that belong together but differ, and what else differs of them."""
        left = [end for end, token in ours.items() if theirs.get(end) != token]
        right = [end for end, token in theirs.items() if ours.get(end) != token]
        alone: tuple[list[Handle], list[Handle]] = ([], [])
        pairs = [*self._matched(left, right, alone)]
        changed = [pair for pair in pairs if ours[pair[0]] != theirs[pair[1]]]
        told: list[Told] = []
        if changed or alone[0] or alone[1]:
            told += edge_differences(self, (ours, theirs), changed, alone, virtuals=virtuals)
            pairs = [pair for pair in pairs if pair[0] != pair[1]]
        return tuple(pairs), told

    def _matched(
        self, left: list[Handle], right: list[Handle], alone: tuple[list[Handle], list[Handle]]
    ) -> Iterator[Pair]:
        """The dependencies that belong together, by package; those left over go to ``alone``."""
        by_package: dict[Hashable, tuple[list[Handle], list[Handle]]] = {}
        for side, ends in enumerate((left, right)):
            for end in ends:
                by_package.setdefault(self._package[end], ([], []))[side].append(end)
        for one, other in by_package.values():
            if len(one) > 1 or len(other) > 1:
                one, other = pair_lookalikes(self._graph, one, other)  # noqa: PLW2901  # the same, in order
            yield from zip(one, other, strict=False)
            alone[0].extend(one[len(other) :])
            alone[1].extend(other[len(one) :])


def _of_compiler(own: Iterable[Difference]) -> bool:
    return any(difference.kind == "compiler" for difference in own)


def order(difference: Difference) -> tuple[int, str]:
    """How the differences of two specs are sorted."""
    return _RANK[difference.kind], difference.attribute


def _shown(value: Any) -> str | None:
    return ",".join(value) if isinstance(value, tuple) else value


def _listed(
    package: str, kind: str, left: Sequence[str] | None, right: Sequence[str] | None
) -> Iterator[Difference]:
    """Variants or flags that are not the same on both sides."""
    ours, theirs = ({variant_name(text): text for text in side or ()} for side in (left, right))
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield Difference(package, kind, name, ours.get(name), theirs.get(name))
