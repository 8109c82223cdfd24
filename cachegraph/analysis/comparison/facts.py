"""Reads properties and dependencies of specs, many specs at once."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

CAUSES = {p.name: p.difference for p in SPEC.properties if p.difference[0]}
"""The properties in which specs are compared, each with the kind and attribute of its cause."""
READ = (*CAUSES, "package", "specfile_version")
"""The properties that are read of every spec."""
PLACES = {name: place for place, name in enumerate(READ)}
"""The place of each property in the tokens of a spec."""
_PACKAGE, _FORMAT = PLACES["package"], PLACES["specfile_version"]

Tokens = tuple[Hashable, ...]
"""A token for each property of ``READ``; two tokens are equal exactly when the values are."""
Dependencies = dict[Handle, Hashable]
"""The dependencies of a spec, each with a token of its deptypes and virtuals."""
Pair = tuple[Handle, Handle]
"""Two specs that are compared, left and right."""


class _Values(dict[Hashable, Any]):
    """The values of one property by their tokens, read from the graph when one is missing."""

    def __init__(self, graph: SpecGraph, name: str) -> None:
        super().__init__({None: None, 0: None})
        self._graph = graph
        self._name = name
        self._added: list[tuple[list[Handle], dict[Handle, Any], int | None]] = []

    def add(self, specs: list[Handle], tokens: dict[Handle, Any], place: int | None = None) -> None:
        """Remembers where the tokens of specs are; with a place, among several tokens of each."""
        self._added.append((specs, tokens, place))

    def __missing__(self, token: Hashable) -> Any:
        """Reads the values of all tokens that were added since the last reading."""
        spec_with: dict[Hashable, Handle] = {}
        for specs, tokens, place in self._added:
            found = map(tokens.__getitem__, specs)
            own = found if place is None else (one[place] for one in found)
            spec_with.update(zip(own, specs, strict=True))
        self._added.clear()
        missing = sorted((spec, key) for key, spec in spec_with.items() if key not in self)
        values = self._graph.values(SPEC, [spec for spec, _ in missing], (self._name,))
        for (_, key), (value,) in zip(missing, values, strict=True):
            self[key] = value
        return self[token]


_SHARED = ("_values", "_tokens", "_shared_tokens", "_dependencies", "_same", "_package", "_version")


class _Same(dict[Handle, Handle]):
    """One object for each handle: those that are compared often are found by identity then."""

    def __missing__(self, handle: Handle) -> Handle:
        self[handle] = handle
        return handle


class Facts:
    """The properties and dependencies of specs; each spec is read from the graph once.

    Properties are kept as tokens, which are enough to compare. Values are read when used.
    """

    def __init__(self, graph: SpecGraph, known: "Facts | None" = None) -> None:
        """``known`` are facts of the same graph: what they read is not read again."""
        self._graph = graph
        if known is not None:
            self.__dict__.update({name: vars(known)[name] for name in _SHARED})
            return
        self._values = {name: _Values(graph, name) for name in READ}
        self._tokens: dict[Handle, Tokens] = {}
        self._shared_tokens: dict[Tokens, Tokens] = {}
        self._dependencies: dict[Handle, Dependencies] = {}
        self._same = _Same()
        # Of a dependency that is not read itself, only these two properties are known.
        self._package: dict[Handle, Hashable] = {}
        self._version: dict[Handle, Hashable] = {}

    def read(self, specs: Iterable[Handle]) -> None:
        """Reads specs, and the packages and versions of their dependencies."""
        new = sorted(spec for spec in specs if spec not in self._tokens)
        if not new:
            return
        columns = self._graph.tokens(SPEC, new, READ)
        # Equal specs share one tuple, which saves memory and is compared by identity.
        share = self._shared_tokens.setdefault
        tokens = [share(one, one) for one in zip(*columns, strict=True)]
        self._tokens.update(zip(new, tokens, strict=True))
        for place, values in enumerate(self._values.values()):
            values.add(new, self._tokens, place)
        same = self._same.__getitem__
        self._same.update(zip(new, new, strict=True))
        for spec, (ends, uses) in zip(new, self._graph.adjacent(DEPENDS_ON, new), strict=True):
            self._dependencies[spec] = dict(zip(map(same, ends), uses, strict=True))
        new = sorted(self._same.keys() - self._package.keys())
        packages, versions = self._graph.tokens(SPEC, new, ("package", "version"))
        self._package.update(zip(new, packages, strict=True))
        self._version.update(zip(new, versions, strict=True))
        self._values["package"].add(new, self._package)
        self._values["version"].add(new, self._version)

    def tokens(self, spec: Handle) -> Tokens:
        """The tokens of a spec that was read; specs of equal properties have the same object."""
        return self._tokens[spec]

    def same(self, specs: Iterable[Handle]) -> Iterator[Handle]:
        """The one object of each handle of specs that were read."""
        return map(self._same.__getitem__, specs)

    def shared(self, tokens: Tokens) -> Tokens:
        """The one object of equal tokens, of specs that were read or not."""
        return self._shared_tokens.setdefault(tokens, tokens)

    def value(self, spec: Handle, name: str) -> Any:
        """The value of a property of a spec that was read; None where it is unknown."""
        return self._values[name][self._tokens[spec][PLACES[name]]]

    def is_described(self, spec: Handle) -> bool:
        """Whether the dependencies of a spec are recorded; pages and stubs have none."""
        return bool(self._tokens[spec][_FORMAT])

    def package(self, spec: Handle) -> str:
        """The package of a spec that was read or is a dependency of one; ``?`` of a stub."""
        tokens = self._tokens.get(spec)
        token = tokens[_PACKAGE] if tokens else self._package[spec]
        return self._values["package"][token] or "?"

    def package_token(self, dependency: Handle) -> Hashable:
        """The token of a dependency's package."""
        return self._package[dependency]

    def name_and_version(self, dependency: Handle) -> str:
        """A dependency as ``name@version``, or its name where the version is unknown."""
        version = self._values["version"][self._version[dependency]]
        return f"{self.package(dependency)}@{version}" if version else self.package(dependency)

    def dependencies(self, spec: Handle) -> Dependencies:
        """The dependencies of a spec that was read."""
        return self._dependencies[spec]

    def deptypes(self, use: Hashable) -> tuple[str, ...]:
        """The deptypes of a dependency, by its token."""
        return self._graph.relationship_values(DEPENDS_ON, use)[0] or ()

    def virtuals(self, use: Hashable) -> tuple[str, ...]:
        """The virtual packages that a dependency provides, by its token."""
        return self._graph.relationship_values(DEPENDS_ON, use)[1] or ()
