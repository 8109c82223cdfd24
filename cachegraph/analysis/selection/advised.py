"""The specs that advisories are of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypedDict

from cachegraph.analysis.advisories import Advisory
from cachegraph.analysis.rows import keys_of
from cachegraph.analysis.selection.lookup import first_few
from cachegraph.analysis.selection.stacks import specs_of_packages
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import PACKAGE, SPEC


class AdvisoryRow(TypedDict):
    """An advisory on a package, as its document names it, and the specs that it is of.

    ``guess`` is whether the package of Spack was found by a name that another ecosystem has.
    """

    id: str
    package: str
    packages: list[str]
    guess: bool
    hashes: list[str]


class AdvisedSpecs(NamedTuple):
    """The specs that any of the advisories is of, a row for each of these, and notes."""

    specs: Members
    rows: list[AdvisoryRow]
    notes: list[str]


def advised_specs(graph: SpecGraph, advisories: Iterable[Advisory]) -> AdvisedSpecs:
    """The specs that advisories are of: by name, version, and what else a package URL tells."""
    by_lower: dict[str, list[str]] = {}
    for name in graph.keys(PACKAGE):
        by_lower.setdefault(name.lower(), []).append(name)
    found: set[Handle] = set()
    rows: list[AdvisoryRow] = []
    missing: dict[str, None] = {}
    guessed: dict[str, None] = {}
    for one in advisories:
        packages = _packages(one, by_lower)
        specs = _specs(graph, one, packages)
        found |= specs
        if not packages:
            missing[one.package.name] = None
        elif not one.package.is_spack:
            guessed[one.package.name] = None
        rows.append(
            {
                "id": one.id,
                "package": one.package.name,
                "packages": packages,
                "guess": not one.package.is_spack,
                "hashes": keys_of(graph, SPEC, specs),
            }
        )
    notes = []
    if guessed:
        what = "packages of other ecosystems are taken to be those of Spack with such names"
        notes.append(f"a guess: {what}: {first_few([*guessed])}")
    if missing:
        notes.append(f"no package has such a name: {first_few([*missing])}")
    return AdvisedSpecs(frozenset(found), rows, notes)


def _packages(one: Advisory, by_lower: Mapping[str, list[str]]) -> list[str]:
    """The packages of Spack that an advisory may be on."""
    if one.package.is_spack:
        name = one.package.name
        return [name] if name in by_lower.get(name.lower(), ()) else []
    return next((by_lower[name] for name in one.package.names() if name in by_lower), [])


def _specs(graph: SpecGraph, one: Advisory, packages: Sequence[str]) -> set[Handle]:
    nodes = [*specs_of_packages(graph, packages)]
    known = graph.values(SPEC, nodes, ("hash", "version", "namespace"))
    return {
        node
        for node, (hash_, version, namespace) in zip(nodes, known, strict=True)
        if one.versions.contain(version) and one.package.may_be(hash_, version, namespace)
    }
