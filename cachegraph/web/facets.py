"""Facets of the specs of a package: the values that they have, and how many have each."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.model.stack_key import StackKey
from cachegraph.web.addresses import with_parameters
from cachegraph.web.page import Parameters

FACETS = (
    "version",
    "compiler",
    "os",
    "target",
    "platform",
    "variants",
    "flags",
    "stack",
    "release",
)
_ALL_OF = ("variants", "flags", "stack", "release")
"""Facets of which a spec has several values: it must have all that are chosen."""
Row = Mapping[str, Any]


class FacetValue(NamedTuple):
    """A value, how many of the specs have it, whether it is chosen, and what choosing it leads to.

    The address is that without it where it is chosen.
    """

    value: str
    specs: int
    is_chosen: bool
    address: str


class Facet(NamedTuple):
    """A property by which specs are chosen, with its values."""

    name: str
    values: list[FacetValue]


def values_of(row: Row, facet: str) -> Sequence[str]:
    """The values that a spec has of a facet."""
    if facet == "stack":
        found: Sequence[str] = row["stacks"]
        return found
    if facet == "release":
        return sorted({StackKey.parse(key).release for key in row["stacks"]})
    value = row.get(facet)
    if value is None:
        return ()
    return value if isinstance(value, list) else [str(value)]


def chosen_rows(rows: Sequence[Row], parameters: Parameters) -> list[Row]:
    """The specs that have the values that are chosen, exactly.

    Of a facet that a spec has one value of, it must be any of the chosen ones.
    """
    chosen = {facet: {*filter(None, parameters.get(facet, ()))} for facet in FACETS}
    return [
        row
        for row in rows
        if all(_fits(row, facet, wanted) for facet, wanted in chosen.items() if wanted)
    ]


def _fits(row: Row, facet: str, wanted: set[str]) -> bool:
    found = {*values_of(row, facet)}
    return wanted <= found if facet in _ALL_OF else not wanted.isdisjoint(found)


def facets(rows: Sequence[Row], parameters: Parameters, path: str) -> Iterator[Facet]:
    """The facets by which the specs can be told apart, or are chosen already.

    A value is counted among the specs that fit the choices of the other facets.
    """
    for name in FACETS:
        chosen = [value for value in parameters.get(name, ()) if value]
        others = {facet: values for facet, values in parameters.items() if facet != name}
        among = chosen_rows(rows, parameters if name in _ALL_OF else others)
        counts = Counter(value for row in among for value in values_of(row, name))
        in_all = {value for value, number in counts.items() if number == len(among)}
        counts.update(dict.fromkeys(chosen, 0))
        shown = [value for value in counts if value not in in_all or value in chosen]
        if not shown:
            continue
        shown.sort(key=lambda value: (-counts[value], value))
        yield Facet(
            name,
            [
                FacetValue(
                    value,
                    counts[value],
                    value in chosen,
                    _address(parameters, name, chosen, value, path),
                )
                for value in shown
            ],
        )


def _address(
    parameters: Parameters, name: str, chosen: Sequence[str], value: str, path: str
) -> str:
    values = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    kept = {facet: values for facet, values in parameters.items() if facet in FACETS}
    return with_parameters(path, {**kept, name: values})
