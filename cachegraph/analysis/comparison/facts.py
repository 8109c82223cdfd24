"""Reads properties and dependencies of specs, many specs at once."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import compress, count, islice
from operator import itemgetter, not_
from typing import Any

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

CAUSES = {p.name: p.difference for p in SPEC.properties if p.difference[0]}
"""The properties in which specs are compared, each with the kind and attribute of its cause."""
READ = (*CAUSES, "package", "specfile_version")
"""The properties that are read of every spec."""
PLACES = {name: place for place, name in enumerate(READ)}
"""The place of each property in the tokens of a spec."""
_PACKAGE, _VERSION = PLACES["package"], PLACES["version"]
_FORMAT = PLACES["specfile_version"]

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
        self._added: list[tuple[Sequence[Handle], Sequence[Any], int | None]] = []

    def add(self, specs: Sequence[Handle], tokens: Sequence[Any], place: int | None = None) -> None:
        """Remembers the tokens of specs; with a place, it is there among several of each."""
        self._added.append((specs, tokens, place))

    def __missing__(self, token: Hashable) -> Any:
        """Reads the values of all tokens that were added since the last reading."""
        spec_with: dict[Hashable, Handle] = {}
        for specs, tokens, place in self._added:
            own = tokens if place is None else map(itemgetter(place), tokens)
            spec_with.update(zip(own, specs, strict=True))
        self._added.clear()
        missing = sorted((spec, key) for key, spec in spec_with.items() if key not in self)
        values = self._graph.values(SPEC, [spec for spec, _ in missing], (self._name,))
        for (_, key), (value,) in zip(missing, values, strict=True):
            self[key] = value
        return self[token]


class _Same(dict[Handle, Handle]):
    """One object for each handle: those that are compared often are found by identity then."""

    def __init__(self) -> None:
        super().__init__()
        self.unread: list[Handle] = []
        """Those of which nothing was read yet."""

    def __missing__(self, handle: Handle) -> Handle:
        self[handle] = handle
        self.unread.append(handle)
        return handle


class Facts:
    """The properties and dependencies of specs; each spec is read from the graph once.

    Properties are kept as tokens, which are enough to compare. Values are read when used. The
    dependencies of all specs are in two long lists: a dict for each spec would take three times
    the memory.
    """

    def __init__(self, graph: SpecGraph, known: "Facts | None" = None) -> None:
        """``known`` are facts of the same graph: what they read is not read again."""
        if known is not None:
            self.__dict__.update(vars(known))
            return
        self._graph = graph
        self._values = {name: _Values(graph, name) for name in READ}
        self._places: dict[Handle, int] = {}
        """The place of each spec that was read."""
        self.undescribed: set[Handle] = set()
        """The specs that were read whose dependencies are not recorded: of pages, and stubs."""
        self._tokens: list[Tokens] = []
        self._shared_tokens: dict[Tokens, Tokens] = {}
        # Those of the spec at a place begin where those of the spec before end.
        self._bounds = [0]
        self._ends: list[Handle] = []
        self._uses: list[Hashable] = []
        self._same = _Same()
        # Of a dependency that is not read itself, only these two properties are known.
        self._package: dict[Handle, Hashable] = {}
        self._version: dict[Handle, Hashable] = {}

    def read(self, specs: Iterable[Handle]) -> None:
        """Reads specs, and the packages and versions of their dependencies."""
        new = sorted(spec for spec in specs if spec not in self._places)
        if not new:
            return
        columns = self._graph.tokens(SPEC, new, READ)
        # Equal specs share one tuple, which saves memory and is compared by identity.
        share = self._shared_tokens.setdefault
        tokens = [share(one, one) for one in zip(*columns, strict=True)]
        self.undescribed.update(compress(new, map(not_, columns[_FORMAT])))
        del columns
        self._places.update(zip(new, count(len(self._tokens)), strict=False))
        self._tokens += tokens
        for place, values in enumerate(self._values.values()):
            values.add(new, tokens, place)
        same = self._same.__getitem__
        self._same.update(zip(new, new, strict=True))
        for ends, uses in self._graph.adjacent(DEPENDS_ON, new):
            self._ends += map(same, ends)
            self._uses += uses
            self._bounds.append(len(self._ends))
        if unread := sorted(self._same.unread):
            self._same.unread.clear()
            packages, versions = self._graph.tokens(SPEC, unread, ("package", "version"))
            self._package.update(zip(unread, packages, strict=True))
            self._version.update(zip(unread, versions, strict=True))
            self._values["package"].add(unread, packages)
            self._values["version"].add(unread, versions)

    def tokens(self, spec: Handle) -> Tokens:
        """The tokens of a spec that was read; specs of equal properties have the same object."""
        return self._tokens[self._places[spec]]

    def tokens_of_each(self, specs: Iterable[Handle]) -> Iterator[Tokens]:
        """The tokens of specs that were read, in a third of the time of asking for each."""
        return map(self._tokens.__getitem__, map(self._places.__getitem__, specs))

    def same(self, specs: Iterable[Handle]) -> Iterator[Handle]:
        """The one object of each handle of specs that were read."""
        return map(self._same.__getitem__, specs)

    def shared(self, tokens: Tokens) -> Tokens:
        """The one object of equal tokens, of specs that were read or not."""
        return self._shared_tokens.setdefault(tokens, tokens)

    def value(self, spec: Handle, name: str) -> Any:
        """The value of a property of a spec that was read; None where it is unknown."""
        return self._values[name][self.tokens(spec)[PLACES[name]]]

    def is_described(self, spec: Handle) -> bool:
        """Whether the dependencies of a spec that was read are recorded."""
        return spec not in self.undescribed

    def package(self, spec: Handle) -> str:
        """The package of a spec that was read or is a dependency of one; ``?`` of a stub."""
        return self._values["package"][self.package_token(spec)] or "?"

    def packages(self, specs: Iterable[Handle]) -> Iterator[str]:
        """The packages of specs that were read."""
        tokens = map(itemgetter(_PACKAGE), self.tokens_of_each(specs))
        return (name or "?" for name in map(self._values["package"].__getitem__, tokens))

    def package_token(self, spec: Handle) -> Hashable:
        """The token of the package of a spec that was read or is a dependency of one."""
        place = self._places.get(spec)
        return self._package[spec] if place is None else self._tokens[place][_PACKAGE]

    def name_and_version(self, dependency: Handle) -> str:
        """A dependency as ``name@version``, or its name where the version is unknown."""
        place = self._places.get(dependency)
        token = self._version[dependency] if place is None else self._tokens[place][_VERSION]
        version = self._values["version"][token]
        return f"{self.package(dependency)}@{version}" if version else self.package(dependency)

    def dependencies(self, spec: Handle) -> Dependencies:
        """The dependencies of a spec that was read."""
        return dict(zip(*self.ends_and_uses(spec), strict=True))

    def ends(self, spec: Handle) -> list[Handle]:
        """The specs that a spec that was read depends on."""
        place = self._places[spec]
        return self._ends[self._bounds[place] : self._bounds[place + 1]]

    def ends_and_uses(self, spec: Handle) -> tuple[list[Handle], list[Hashable]]:
        """The dependencies of a spec that was read, and the token of each."""
        place = self._places[spec]
        own = slice(self._bounds[place], self._bounds[place + 1])
        return self._ends[own], self._uses[own]

    def of_the_first(self, number: int) -> tuple[Iterator[Handle], Iterator[Hashable]]:
        """The dependencies of so many specs that were read first, and the token of each."""
        end = self._bounds[number]
        return islice(self._ends, end), islice(self._uses, end)

    def deptypes(self, use: Hashable) -> tuple[str, ...]:
        """The deptypes of a dependency, by its token."""
        return self._graph.relationship_values(DEPENDS_ON, use)[0] or ()

    def virtuals(self, use: Hashable) -> tuple[str, ...]:
        """The virtual packages that a dependency provides, by its token."""
        return self._graph.relationship_values(DEPENDS_ON, use)[1] or ()
