"""Packages that a stack has more than once: how their specs differ, and what needs each."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from cachegraph.analysis.rows import ROW, SpecRow, nodes_by_value, row_order, spec_row
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


def repeated_packages(graph: SpecGraph, one: StackSelection) -> Iterator[RepeatedPackage]:
    """The packages of which a stack has more than one spec, in no order."""
    by_package = nodes_by_value(graph, one.specs, "package")
    repeated = {package: specs for package, specs in by_package if package and len(specs) > 1}
    if repeated:
        uses = _uses(graph, one)
        roots = one.roots
        dependents: defaultdict[Handle, set[Handle]] = defaultdict(set)
        for spec, used in uses.items():
            for end in used:
                dependents[end].add(spec)
        for package, specs in repeated.items():
            rows = dict(zip(specs, _rows(graph, specs, uses), strict=True))
            for spec, row in rows.items():
                row["dependents"] = _packages(graph, dependents[spec])
                row["root"] = spec in roots
            yield {
                "package": package,
                "stack": one.key,
                "specs": sorted(rows.values(), key=row_order),
            }


def _uses(graph: SpecGraph, one: StackSelection) -> dict[Handle, Uses]:
    """The dependencies of each spec of a stack."""
    specs = [*one.specs]
    adjacent = graph.adjacent(DEPENDS_ON, specs)
    return {
        spec: dict(zip(ends, tokens, strict=True))
        for spec, (ends, tokens) in zip(specs, adjacent, strict=True)
    }


def _packages(graph: SpecGraph, specs: set[Handle]) -> list[str]:
    named = graph.values(SPEC, sorted(specs), ("package",))
    return sorted({package for (package,) in named if package})


def _rows(
    graph: SpecGraph, specs: Sequence[Handle], uses: Mapping[Handle, Uses]
) -> list[SpecOfPackage]:
    """The rows of the specs of a package, with what differs between them."""
    values = graph.values(SPEC, specs, _NAMES)
    known = [dict(zip(_NAMES, row, strict=True)) for row in values]
    differs = _differing(known, VISIBLE)
    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        alike[tuple(one[name] for name in VISIBLE)].append(place)
    for places in alike.values():
        hidden = _differing([known[place] for place in places], [*_HIDDEN])
        needed = _differing_uses(graph, [uses[specs[place]] for place in places])
        for place, values_of, uses_of in zip(places, hidden, needed, strict=True):
            differs[place] |= {_HIDDEN[name]: value for name, value in values_of.items()}
            differs[place] |= uses_of
    return [
        {**_as_row(one), "differs": differing, "dependents": [], "root": False}
        for one, differing in zip(known, differs, strict=True)
    ]


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


def _differing_uses(graph: SpecGraph, uses: Sequence[Uses]) -> list[dict[str, Any]]:
    """For each spec those of its dependencies that not all have, or have in the same way."""
    common = set.intersection(*({*used.items()} for used in uses))
    if all(len(used) == len(common) for used in uses):
        return [{} for _ in uses]
    everywhere = set.intersection(*({*used} for used in uses))
    return [
        {
            DEPENDENCIES: sorted(
                _dependency(graph, end, token if end in everywhere else None)
                for end, token in used.items()
                if (end, token) not in common
            )
        }
        for used in uses
    ]


def _dependency(graph: SpecGraph, spec: Handle, token: Hashable | None) -> str:
    """A dependency as ``name@version/hash``, with its deptypes and virtuals if there is a token."""
    ((package, version, hash_),) = graph.values(SPEC, [spec], ("package", "version", "hash"))
    text = f"{package or ''}{f'@{version}' if version else ''}/{hash_}"
    if token is None:
        return text
    used = [*filter(None, graph.relationship_values(DEPENDS_ON, token))]
    return f"{text} ({'; '.join(','.join(values) for values in used)})"
