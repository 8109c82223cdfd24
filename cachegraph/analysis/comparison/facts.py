"""What specs say of themselves, and how they use what they depend on, read many at once."""

from collections.abc import Hashable, Iterable
from itertools import chain, starmap
from typing import Any

from cachegraph.analysis.comparison.edges import DependencyUse, Edges
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

# The properties in which two specs may differ, each with the kind and attribute of that cause.
OWN = tuple((p.name, *p.difference) for p in SPEC.properties if p.difference[0])
READ = (*(name for name, _, _ in OWN), "package", "specfile_version")
"""What is read of every spec."""
_VERSION, _PACKAGE, _DESCRIBED = map(READ.index, ("version", "package", "specfile_version"))


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


class Facts:
    """What is read of the specs of a graph; it is kept."""

    def __init__(self, graph: SpecGraph) -> None:
        self._graph = graph
        self._texts = [_Texts(graph, name) for name in READ]
        self._own: dict[Handle, tuple[Hashable, ...]] = {}
        self._same: dict[tuple[Hashable, ...], tuple[Hashable, ...]] = {}
        self._package: dict[Handle, Hashable] = {}
        self._version: dict[Handle, Hashable] = {}
        self._edges: dict[Handle, Edges] = {}

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
        edges = map(dict, starmap(zip, self._graph.adjacent(DEPENDS_ON, new)))
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

    def use_of(self, token: Hashable) -> DependencyUse:
        """How a dependency is used."""
        return DependencyUse(
            *(value or () for value in self._graph.relationship_values(DEPENDS_ON, token))
        )
