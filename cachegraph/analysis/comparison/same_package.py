"""Packages that a stack has more than once: how their specs differ, and what needs each."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypedDict

from cachegraph.analysis.rows import ROW, SpecRow, row_order, spec_row
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC, VISIBLE

RECIPE, DEPENDENCIES = "recipe", "dependencies"
# What sets specs apart that look alike, by the name that it has in answers.
_HIDDEN = {
    "external": "external",
    "prefix": "prefix",
    "modules": "modules",
    "namespace": "namespace",
    "package_hash": RECIPE,
    "target_features": "target_features",
}
_NAMES = (*ROW, *_HIDDEN)
Uses = Mapping[Handle, Hashable]
"""The dependencies of a spec, each with a token of its deptypes and virtuals."""


class SpecOfPackage(SpecRow):
    """One of several specs of a package: what differs between them, and what needs it.

    ``differs`` has the visible properties that are not the same in all of them, of lists only the
    elements; and, where others look the same, also ``recipe``, ``dependencies`` and the like.
    ``dependents`` are the packages in the stack that depend on it directly.
    """

    differs: dict[str, Any]
    dependents: list[str]
    root: bool


class RepeatedPackage(TypedDict):
    """A package of which a stack has more than one spec."""

    package: str
    stack: str
    specs: list[SpecOfPackage]


def repeated_specs(graph: SpecGraph, one: StackSelection) -> list[list[Handle]]:
    """The specs of each package of which a stack has more than one."""
    specs = [*one.specs]
    (tokens,) = graph.tokens(SPEC, specs, ("package",))
    by_package: defaultdict[Hashable, list[Handle]] = defaultdict(list)
    for token, spec in zip(tokens, specs, strict=True):
        by_package[token].append(spec)
    return [some for token, some in by_package.items() if token and len(some) > 1]


def repeated_packages(
    graph: SpecGraph, one: StackSelection, repeated: Sequence[Sequence[Handle]]
) -> Iterator[RepeatedPackage]:
    """The row of each package of a stack that has the ``repeated_specs``, in their order."""
    if repeated:
        stack = _Stack(graph, one, [*chain.from_iterable(repeated)])
        for some in repeated:
            rows = sorted(stack.rows(some), key=row_order)
            yield {"package": rows[0]["package"], "stack": one.key, "specs": rows}


class _Stack:
    """A stack whose packages are compared: what is read of it, all specs at once."""

    def __init__(self, graph: SpecGraph, one: StackSelection, repeated: Sequence[Handle]) -> None:
        self._graph = graph
        self._roots = one.roots
        specs = [*one.specs]
        self._uses: dict[Handle, Uses] = {}
        self._dependents: defaultdict[Handle, set[Handle]] = defaultdict(set)
        adjacent = graph.adjacent(DEPENDS_ON, specs)
        for spec, (ends, tokens) in zip(specs, adjacent, strict=True):
            self._uses[spec] = dict(zip(ends, tokens, strict=True))
            for end in ends:
                self._dependents[end].add(spec)
        named = [*{*specs, *self._dependents}]
        names = graph.values(SPEC, named, ("package", "version", "hash"))
        self._names = dict(zip(named, names, strict=True))
        values = (
            dict(zip(_NAMES, row, strict=True)) for row in graph.values(SPEC, repeated, _NAMES)
        )
        self._known = dict(zip(repeated, values, strict=True))

    def rows(self, specs: Sequence[Handle]) -> Iterator[SpecOfPackage]:
        """The rows of the specs of a package, with what differs between them."""
        known = [self._known[spec] for spec in specs]
        differs = _differing(known, VISIBLE)
        alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        for place, one in enumerate(known):
            alike[tuple(one[name] for name in VISIBLE)].append(place)
        for places in alike.values():
            hidden = _differing([known[place] for place in places], [*_HIDDEN])
            needed = self._differing_uses([specs[place] for place in places])
            for place, values_of, uses_of in zip(places, hidden, needed, strict=True):
                differs[place] |= {_HIDDEN[name]: value for name, value in values_of.items()}
                differs[place] |= uses_of
        for spec, one, differing in zip(specs, known, differs, strict=True):
            packages = {self._names[other][0] for other in self._dependents[spec]}
            yield {
                **_as_row(one),
                "differs": differing,
                "dependents": sorted(packages - {None}),
                "root": spec in self._roots,
            }

    def _differing_uses(self, specs: Sequence[Handle]) -> list[dict[str, Any]]:
        """For each spec those of its dependencies that not all have, or have in the same way."""
        uses = [self._uses[spec] for spec in specs]
        common = set.intersection(*({*used.items()} for used in uses))
        if all(len(used) == len(common) for used in uses):
            return [{} for _ in uses]
        everywhere = set.intersection(*({*used} for used in uses))
        return [
            {
                DEPENDENCIES: sorted(
                    self._dependency(end, token if end in everywhere else None)
                    for end, token in used.items()
                    if (end, token) not in common
                )
            }
            for used in uses
        ]

    def _dependency(self, spec: Handle, token: Hashable | None) -> str:
        """A dependency as ``name@version/hash``; with its deptypes and virtuals if asked for."""
        package, version, hash_ = self._names[spec]
        text = f"{package or ''}{f'@{version}' if version else ''}/{hash_}"
        if token is None:
            return text
        used = [*filter(None, self._graph.relationship_values(DEPENDS_ON, token))]
        return f"{text} ({'; '.join(','.join(values) for values in used)})"


def _as_row(known: Mapping[str, Any]) -> SpecRow:
    return spec_row({name: _listed(known[name]) for name in ROW if known[name] is not None})


def _listed(value: Any) -> Any:
    return [*value] if isinstance(value, tuple) else value


def _differing(known: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """For each spec its values of the properties that differ; what is unknown is no difference."""
    found: list[dict[str, Any]] = [{} for _ in known]
    for name in names:
        values = [one[name] for one in known]
        recorded = [value for value in values if value is not None]
        # Pages record no flags; of others what is absent differs, as the compiler of an external.
        if recorded and len({*recorded} if name == "flags" else {*values}) > 1:
            lists = [{*value} for value in recorded if isinstance(value, tuple)]
            common = set.intersection(*lists) if lists else set()
            for row, value in zip(found, values, strict=True):
                if isinstance(value, tuple):
                    row[name] = [element for element in value if element not in common]
                elif value is not None:
                    row[name] = value
    return found
