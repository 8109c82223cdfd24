"""What two specs do not have in common of their own, and the dependencies to look at next.

A DAG hash covers what a spec says of itself, how it uses its dependencies, and their hashes. So two
hashes differ because of the former, or because of what is below; here the two are told apart.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, starmap
from typing import Any, NamedTuple

from cachegraph.graph import Handle, SpecGraph
from cachegraph.queries.edges import LANGUAGES, Edge, Edges, Pair, Told, edge_differences
from cachegraph.schema import DEPENDS_ON, SPEC
from cachegraph.spec import variant_name

# What a spec says of itself: the property, the kind of a difference, and its attribute.
_OWN = (
    ("version", "version", "version"),
    ("compiler", "compiler", "compiler"),
    ("platform", "os", "platform"),
    ("os", "os", "os"),
    ("target", "target", "target"),
    ("external", "external", "external"),
    ("prefix", "external", "prefix"),
    ("modules", "external", "modules"),
    ("namespace", "namespace", "namespace"),
    ("package_hash", "recipe", "package_hash"),
    ("target_features", "target", "features"),
    ("variants", "variant", ""),
    ("flags", "flag", ""),
)
READ = (*(name for name, _, _ in _OWN), "package", "specfile_version")
_VERSION, _PACKAGE, _DESCRIBED = map(READ.index, ("version", "package", "specfile_version"))
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


class _Texts(dict[Hashable, Any]):
    """The values of one property by their tokens; all that were met are read at once."""

    def __init__(self, graph: SpecGraph, name: str) -> None:
        super().__init__({None: None, 0: None})
        self._graph = graph
        self._name = name
        self._met: list[tuple[Iterable[Hashable], Iterable[Handle]]] = []

    def meet(self, tokens: Iterable[Hashable], specs: Iterable[Handle]) -> None:
        """Keeps specs, each of which has one of the tokens."""
        self._met.append((tokens, specs))

    def __missing__(self, token: Hashable) -> Any:
        of = {
            key: spec
            for tokens, specs in self._met
            for key, spec in zip(tokens, specs, strict=True)
        }
        self._met.clear()
        missing = sorted((spec, key) for key, spec in of.items() if key not in self)
        values = self._graph.values(SPEC, [spec for spec, _ in missing], (self._name,))
        for (_, key), (value,) in zip(missing, values, strict=True):
            self[key] = value
        return self[token]


class Differences:
    """Compares the specs of a graph; what is read of one is kept."""

    def __init__(self, graph: SpecGraph) -> None:
        self._graph = graph
        self._texts = [_Texts(graph, name) for name in READ]
        self._own: dict[Handle, tuple[Hashable, ...]] = {}
        self._same: dict[tuple[Hashable, ...], tuple[Hashable, ...]] = {}
        self._package: dict[Handle, Hashable] = {}
        self._version: dict[Handle, Hashable] = {}
        self._edges: dict[Handle, Edges] = {}
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

    def read(self, specs: Iterable[Handle]) -> None:
        """Reads what specs say of themselves and of what they depend on."""
        new = sorted(spec for spec in specs if spec not in self._own)
        if not new:
            return
        columns = self._graph.tokens(SPEC, new, READ)
        for texts, column in zip(self._texts, columns, strict=True):
            texts.meet(column, new)
        # Those that say the same share it, which takes less memory and is quicker to compare.
        same = self._same
        owns = [same.setdefault(own, own) for own in zip(*columns, strict=True)]
        self._own.update(zip(new, owns, strict=True))
        edges = map(dict, starmap(zip, self._graph.leaving(DEPENDS_ON, new)))
        self._edges.update(zip(new, edges, strict=True))
        ends = {*chain.from_iterable(map(self._edges.__getitem__, new))}
        unnamed = sorted(end for end in ends if end not in self._package)
        packages, versions = self._graph.tokens(SPEC, unnamed, ("package", "version"))
        self._package.update(zip(unnamed, packages, strict=True))
        self._version.update(zip(unnamed, versions, strict=True))
        self._texts[_PACKAGE].meet(packages, unnamed)
        self._texts[_VERSION].meet(versions, unnamed)

    def package(self, spec: Handle) -> str:
        """The package of a spec that was read, or is a dependency of one; a stub has none."""
        token = self._own[spec][_PACKAGE] if spec in self._own else self._package[spec]
        return self._texts[_PACKAGE][token] or "?"

    def own(self, spec: Handle) -> tuple[Hashable, ...]:
        """Tokens of what a spec that was read says of itself, in the order of ``READ``."""
        return self._own[spec]

    def edges(self, spec: Handle) -> Edges:
        """What a spec that was read depends on, each with a token of how."""
        return self._edges[spec]

    def is_described(self, spec: Handle) -> bool:
        """Whether the dependencies of a spec are recorded; pages do not tell them."""
        return bool(self._own[spec][_DESCRIBED])

    def named(self, spec: Handle) -> str:
        """A dependency as ``name@version``."""
        version = self._texts[_VERSION][self._version[spec]]
        return f"{self.package(spec)}@{version}" if version else self.package(spec)

    def text(self, spec: Handle, place: int) -> Any:
        """The value of one of ``READ``."""
        return self._texts[place][self._own[spec][place]]

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
        return (
            Compared(own, pairs) if pairs is not None else self._otherwise(left, own, edges, oldest)
        )

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
        if told:
            package = self.package(left)
            # Who compiles is the compiler's difference already.
            compiler = any(difference.kind == "compiler" for difference in own)
            own += tuple(
                Difference(package, *each)
                for each in told
                if not (compiler and each[0] == "provider" and each[1] in LANGUAGES)
            )
        return Compared(own, pairs)

    def _covered(self, edges: Edges) -> Edges:
        """The dependencies that DAG hashes covered before format 3: not those for a build alone."""
        needed = {"link", "run"}
        return {
            end: token
            for end, token in edges.items()
            if not needed.isdisjoint(self.said(token).deptypes)
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
            _, kind, attribute = _OWN[place]
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
        told = {place for place in range(len(_OWN)) if ours[place] != theirs[place]}
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
                one, other = self._in_order(one, other)  # noqa: PLW2901  # the same, in order
            yield from zip(one, other, strict=False)
            alone[0].extend(one[len(other) :])
            alone[1].extend(other[len(one) :])

    def _in_order(
        self, left: Sequence[Handle], right: Sequence[Handle]
    ) -> tuple[list[Handle], list[Handle]]:
        """Several dependencies on one package, those that look alike at one place."""
        looks = [
            sorted(zip(self._graph.values(SPEC, side, ("alike", "hash")), side, strict=True))
            for side in (left, right)
        ]
        ours, theirs = ([((look or "", hash_), end) for (look, hash_), end in s] for s in looks)
        in_both = {look for (look, _), _ in ours} & {look for (look, _), _ in theirs}

        def order(each: tuple[tuple[str, str], Handle]) -> tuple[bool, tuple[str, str]]:
            return each[0][0] not in in_both, each[0]

        first, second = ([end for _, end in sorted(s, key=order)] for s in (ours, theirs))
        return first, second

    def said(self, token: Hashable) -> Edge:
        """How a dependency is used."""
        return Edge(*(value or () for value in self._graph.said(DEPENDS_ON, token)))


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
