"""How many stacks hold what, at any level."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from operator import or_
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.rows import LEVELS, ROW, rows
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import SPEC, VISIBLE

if TYPE_CHECKING:
    from cachegraph.questions.answers import StackSize

Token = Any
"""What is the same for all specs that are equal at a level; at ``hash`` the spec itself."""
_HASH = ("hash",)
Holders = Mapping[Token, list[str]]

# What a row of a level tells: what all specs have in common that are equal at it.
TOLD = {**LEVELS, "hash": ROW, "alike": ("alike", *VISIBLE)}


def in_at_least(sets: Iterable[Set[Any]], number: int) -> Set[Any]:
    """What so many of the sets have, or more; counted by sets, not by members."""
    found: list[Set[Any]] = []  # at place i what i + 1 sets have, of those seen so far
    for one in sets:
        raised = [one, *(those & one for those in found)]
        found = [*map(or_, found, raised), *raised[len(found) :]][:number]
    return found[number - 1] if number <= len(found) else frozenset()


def in_their_order(
    chosen: Iterable[StackSelection], sizes: Iterable["StackSize"]
) -> "list[StackSize]":
    """The sizes of the stacks, as they were chosen."""
    specs = {size["key"]: size["specs"] for size in sizes}
    return [{"key": one.key, "specs": specs[one.key]} for one in chosen]


def holders(sides: Mapping[str, Set[Token]], wanted: Set[Token]) -> Holders:
    """Of each token that is wanted the stacks whose side has it, sorted."""
    found: defaultdict[Token, list[str]] = defaultdict(list)
    for key in sorted(sides):
        for token in sides[key] & wanted:
            found[token].append(key)
    return found


def equal_rows(
    graph: SpecGraph, level: str, specs: Members, found: Holders
) -> list[dict[str, Any]]:
    """A row for each token: what its level tells, the hashes of the specs, and the stacks.

    At ``hash`` a row is of one spec. Specs of which nothing is known are equal to none.
    """
    if level == "hash":
        handles = sorted(found)
        told = rows(graph, SPEC, handles, TOLD[level])
        for row, spec in zip(told, handles, strict=True):
            row["stacks"] = found[spec]
        return in_order(told)
    groups = _by_token(graph, LEVELS[level], specs, found)
    hashes = _hashes(graph, groups.values())
    equal = [
        sorted(zip(islice(hashes, len(group)), group, strict=True)) for group in groups.values()
    ]
    # Of those that look the same not all tell their flags: which one speaks is the same everywhere.
    told = rows(graph, SPEC, [group[0][1] for group in equal], TOLD[level])
    for row, token, group in zip(told, groups, equal, strict=True):
        row["hashes"] = [hash_ for hash_, _ in group]
        row["stacks"] = found[token]
    return in_order(told)


def hashes_of(graph: SpecGraph, groups: Collection[Sequence[Handle]]) -> list[list[str]]:
    """The hashes of the specs in each group, sorted; all are read at once."""
    found = _hashes(graph, groups)
    return [sorted(islice(found, len(group))) for group in groups]


def _hashes(graph: SpecGraph, groups: Iterable[Sequence[Handle]]) -> Iterator[str]:
    return (hash_ for (hash_,) in graph.values(SPEC, chain.from_iterable(groups), _HASH))


def _by_token(
    graph: SpecGraph, names: Sequence[str], specs: Members, found: Holders
) -> dict[Token, list[Handle]]:
    """The specs that each of the tokens stands for."""
    columns = graph.tokens(SPEC, specs, names)
    groups: defaultdict[Token, list[Handle]] = defaultdict(list)
    tokens = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
    for spec, first, token in zip(specs, columns[0], tokens, strict=True):
        if first and token in found:
            groups[token].append(spec)
    return groups


def equal_row(level: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """The row of one of the specs that are equal, as a Cypher file tells it."""
    said = found["spec"]
    row = {name: said[name] for name in TOLD[level] if name in said}
    if level != "hash":
        row["hashes"] = sorted(found["hashes"])
    return {**row, "stacks": sorted(found["stacks"])}


def in_order(told: list[Any]) -> list[Any]:
    """The rows, sorted by package, version and hash."""
    return sorted(
        told,
        key=lambda row: (
            row.get("package", ""),
            row.get("version", ""),
            row["hash"] if "hash" in row else row["hashes"][0],
        ),
    )
