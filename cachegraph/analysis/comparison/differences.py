"""Compares specs pair by pair: what differs in themselves, and which dependencies do.

A DAG hash covers a spec's own properties, the deptypes and virtuals of its dependencies, and the
hashes of these. So two hashes differ because the specs themselves do, or a dependency does.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from cachegraph.analysis.comparison.dependency_uses import pair_dependencies, use_differences
from cachegraph.analysis.comparison.facts import CAUSES, PLACES, Dependencies, Facts, Pair
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.spec import LANGUAGES, by_variant_name

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
"""The kinds of differences, in the order of answers: choices first, then what follows from them."""
COMMON_CHOICES = frozenset({"compiler", "os", "target", "provider"})
"""The kinds that one choice for a whole environment makes many specs differ in."""

COVERS_RECIPE = 3
"""The first spec format whose DAG hashes cover the recipe and build dependencies."""
# The deptypes of the dependencies that DAG hashes cover before it.
_COVERED = {"link", "run"}
# The first spec format that records which virtuals a dependency provides.
_RECORDS_VIRTUALS = 4
# Properties that some spec formats do not record: an unknown value is no difference.
_MAYBE_UNRECORDED = {"namespace", "package_hash", "target_features", "flags"}
_FORMAT = PLACES["specfile_version"]


class Difference(NamedTuple):
    """A difference between two specs, as text; a side without a value is None."""

    package: str
    kind: str
    attribute: str
    left: str | None
    right: str | None


class Comparison(NamedTuple):
    """The differences of two specs themselves, and the dependency pairs with different hashes."""

    own: tuple[Difference, ...]
    dependencies: tuple[Pair, ...]


class Differences(Facts):
    """Compares pairs of specs; each pair is compared once."""

    def __init__(self, graph: SpecGraph, known: Facts | None = None) -> None:
        super().__init__(graph, known)
        self.compared: dict[Pair, Comparison] = {}

    def compare(self, pairs: Iterable[Pair]) -> list[Comparison]:
        """Compares pairs, in their order; the specs of all pairs are read at once."""
        wanted = [*pairs]
        compared = self.compared
        new = [pair for pair in wanted if pair not in compared]
        self.read({*chain.from_iterable(new)})
        for pair in new:
            compared[pair] = self._compare(*pair)
        return [*map(compared.__getitem__, wanted)]

    def compare_all(self, pairs: Iterable[Pair]) -> tuple[list[Comparison], list[Pair]]:
        """Compares the pairs and, level by level, the dependencies that may explain them.

        The search stops below a dependency pair that differs itself: what is below may follow from
        that. Returns the comparisons of the pairs, and all dependency pairs that were compared.
        """
        comparisons = self.compare(pairs)
        level = _dependency_pairs(comparisons)
        below: dict[Pair, None] = {}
        while new := [pair for pair in level if pair not in below]:
            below.update(dict.fromkeys(new))
            level = _dependency_pairs([one for one in self.compare(new) if not one.own])
        return comparisons, [*below]

    def _compare(self, left: Handle, right: Handle) -> Comparison:
        ours, theirs = self.tokens(left), self.tokens(right)
        own = () if ours is theirs else tuple(self._own_differences(left, right))
        if not (ours[_FORMAT] and theirs[_FORMAT]):
            return Comparison(own, ())
        if own and self._is_external(left) != self._is_external(right):
            return Comparison(own, ())
        dependencies = self.dependencies(left), self.dependencies(right)
        formats = self._values["specfile_version"]
        oldest = min(formats[ours[_FORMAT]], formats[theirs[_FORMAT]])
        if oldest < COVERS_RECIPE:
            dependencies = self._link_and_run(dependencies[0]), self._link_and_run(dependencies[1])
        pairs = self._pairs_of_same_use(*dependencies)
        if pairs is None:
            return self._compare_uses(left, own, *dependencies, oldest)
        return Comparison(
            own, self._without_compilers(own, pairs, dependencies[0]) if own else pairs
        )

    def _pairs_of_same_use(
        self, left: Dependencies, right: Dependencies
    ) -> tuple[Pair, ...] | None:
        """The dependency pairs that differ, if both sides use the same packages in the same way.

        None if they do not, or if a side has several specs of a package.
        """
        package = self.package_token
        # Three quarters of the time of the symmetric difference of the items.
        there, here = right.get, left.get
        ends = [end for end, use in left.items() if there(end) != use]
        others = [end for end, use in right.items() if here(end) != use]
        if len(ends) != len(others):
            return None
        theirs = {package(end): end for end in others}
        if len(theirs) != len(others):
            return None
        pairs: list[Pair] = []
        for end in ends:
            other = theirs.pop(package(end), None)
            if other is None or left[end] != right[other]:
                return None
            pairs.append((end, other))
        return tuple(pairs)

    def _compare_uses(
        self,
        spec: Handle,
        own: tuple[Difference, ...],
        left: Dependencies,
        right: Dependencies,
        oldest: int,
    ) -> Comparison:
        """Compares specs that use other packages, or use them in another way."""
        paired = pair_dependencies(self._graph, self, left, right)
        recorded = oldest >= _RECORDS_VIRTUALS
        differences = use_differences(self, left, right, paired, virtuals_recorded=recorded)
        package, other_compiler = self.package(spec), _has_compiler(own)
        # Another compiler provides the languages as well, which is one difference and not several.
        of_uses = [
            Difference(package, *difference)
            for difference in differences
            if not (other_compiler and difference[0] == "provider" and difference[1] in LANGUAGES)
        ]
        pairs = tuple(pair for pair in paired.pairs if pair[0] != pair[1])
        return Comparison((*own, *of_uses), self._without_compilers(own, pairs, left))

    def _without_compilers(
        self, own: tuple[Difference, ...], pairs: tuple[Pair, ...], left: Dependencies
    ) -> tuple[Pair, ...]:
        """The dependency pairs, less the compilers if the compiler is a difference already."""
        if not _has_compiler(own):
            return pairs
        languages = {*LANGUAGES}
        return tuple(pair for pair in pairs if languages.isdisjoint(self.virtuals(left[pair[0]])))

    def _link_and_run(self, dependencies: Dependencies) -> Dependencies:
        uses = dependencies.items()
        return {end: use for end, use in uses if not _COVERED.isdisjoint(self.deptypes(use))}

    def _is_external(self, spec: Handle) -> bool:
        return bool(self.value(spec, "external"))

    def _own_differences(self, left: Handle, right: Handle) -> Iterator[Difference]:
        """The differences in properties that both specs record."""
        package = self.package(left)
        if self.package_token(left) != self.package_token(right):
            yield Difference(package, "dependency", "package", package, self.package(right))
        for name in self._differing_properties(left, right):
            kind, attribute = CAUSES[name]
            values = self.value(left, name), self.value(right, name)
            if name in _MAYBE_UNRECORDED and None in values:
                continue
            if kind in ("variant", "flag"):
                yield from _by_name(package, kind, *values)
            elif name == "external":
                yield Difference(package, kind, attribute, self._origin(left), self._origin(right))
            else:
                yield Difference(package, kind, attribute, *map(_text, values))

    def _differing_properties(self, left: Handle, right: Handle) -> list[str]:
        """The properties that differ, less those that only repeat another one."""
        tokens = zip(CAUSES, self.tokens(left), self.tokens(right), strict=False)
        differing = [name for name, ours, theirs in tokens if ours != theirs]
        repeating = {"target_features"} if "target" in differing else set()
        if self._is_external(left) != self._is_external(right):
            repeating |= {"prefix", "modules"}
        # Where the format is unknown, the hash may cover the recipe.
        formats = self.value(left, "specfile_version"), self.value(right, "specfile_version")
        if min(known or COVERS_RECIPE for known in formats) < COVERS_RECIPE:
            repeating.add("package_hash")
        return [name for name in differing if name not in repeating]

    def _origin(self, spec: Handle) -> str:
        """The prefix of an external; ``built`` of a spec that Spack built."""
        external = self._is_external(spec)
        return self.value(spec, "prefix") or "external" if external else "built"


def sort_key(difference: Difference) -> tuple[int, str]:
    """The key by which the differences of two specs are sorted."""
    return KINDS.index(difference.kind), difference.attribute


def _dependency_pairs(comparisons: Iterable[Comparison]) -> dict[Pair, None]:
    return dict.fromkeys(chain.from_iterable([one.dependencies for one in comparisons]))


def _has_compiler(differences: Iterable[Difference]) -> bool:
    return any(difference.kind == "compiler" for difference in differences)


def _text(value: Any) -> str | None:
    return ",".join(value) if isinstance(value, tuple) else value


def _by_name(
    package: str, kind: str, left: Sequence[str] | None, right: Sequence[str] | None
) -> Iterator[Difference]:
    """A difference for each variant or flag whose text is not the same on both sides."""
    ours, theirs = by_variant_name(left), by_variant_name(right)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield Difference(package, kind, name, ours.get(name), theirs.get(name))
