"""The levels at which specs are equal, and which stacks hold what is equal at one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from operator import or_
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.rows import ROW, StackSize, rows
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import SPEC, VISIBLE

LEVELS = {
    "hash": ("hash",),
    "alike": ("alike",),
    "spec": ("package", "version", "variants"),
    "version": ("package", "version"),
    "package": ("package",),
}
"""Five ways to call two specs the same, strictest first, each with what has to be equal."""
Token = Any
"""A value that all specs have that are equal at a level; at ``hash`` it is the spec itself."""
StacksByToken = Mapping[Token, list[str]]
_HASH = ("hash",)
# The properties that all specs have in common that are equal at a level.
_COMMON = {**LEVELS, "hash": ROW, "alike": ("alike", *VISIBLE)}


class LevelRow(TypedDict):
    """A spec, or what specs that are equal at a level have in common; and the stacks that hold it.

    At level ``hash`` it has ``hash``, at the others the ``hashes`` of the specs.
    """

    hash: NotRequired[str]
    alike: NotRequired[str]
    package: NotRequired[str]
    version: NotRequired[str]
    variants: NotRequired[list[str]]
    flags: NotRequired[list[str]]
    compiler: NotRequired[str]
    platform: NotRequired[str]
    os: NotRequired[str]
    target: NotRequired[str]
    hashes: NotRequired[list[str]]
    stacks: list[str]


def check_level(level: str) -> None:
    """UsageError unless it is a level."""
    if level not in LEVELS:
        raise UsageError(f"no level {level}", f"levels are {', '.join(LEVELS)}")


def equal_at(graph: SpecGraph, level: str, specs: Set[Handle]) -> Set[Token]:
    """The tokens of the specs at a level: one for all that are equal."""
    if level == "hash":
        return specs
    columns = graph.tokens(SPEC, specs, LEVELS[level])
    return {*columns[0]} if len(columns) == 1 else {*zip(*columns, strict=True)}


def jaccard(shared: int, union: int) -> float:
    """The Jaccard index, to four places; 0 for nothing."""
    return round(shared / union, 4) if shared else 0.0


def in_at_least(sets: Iterable[Set[Any]], number: int) -> Set[Any]:
    """The members of at least ``number`` of the sets, found by set operations alone."""
    # At place i what i + 1 sets have, of those that were looked at.
    by_count: list[Set[Any]] = []
    for one in sets:
        raised = [one, *(members & one for members in by_count)]
        by_count = [*map(or_, by_count, raised), *raised[len(by_count) :]][:number]
    return by_count[number - 1] if number <= len(by_count) else frozenset()


def in_selected_order(
    selected: Iterable[StackSelection], sizes: Iterable[StackSize]
) -> list[StackSize]:
    """The sizes of stacks in the order in which the stacks were selected."""
    specs = {size["key"]: size["specs"] for size in sizes}
    return [{"key": one.key, "specs": specs[one.key]} for one in selected]


def stacks_by_token(tokens: Mapping[str, Set[Token]], wanted: Set[Token]) -> StacksByToken:
    """The keys of the stacks that have each of the wanted tokens, sorted."""
    stacks: defaultdict[Token, list[str]] = defaultdict(list)
    for key in sorted(tokens):
        for token in tokens[key] & wanted:
            stacks[token].append(key)
    return stacks


def level_rows(
    graph: SpecGraph, level: str, specs: Members, stacks: StacksByToken
) -> list[LevelRow]:
    """A row for each token, from the specs that have it, sorted.

    A stub is equal to nothing: nothing is known of it.
    """
    if level == "hash":
        handles = sorted(stacks)
        of_specs: list[Any] = rows(graph, SPEC, handles, ROW)
        for row, spec in zip(of_specs, handles, strict=True):
            row["stacks"] = stacks[spec]
        return sort_rows(of_specs)
    equal = _by_token(graph, LEVELS[level], specs, stacks)
    hashes = _hashes(graph, equal.values())
    ordered = [
        sorted(zip(islice(hashes, len(group)), group, strict=True)) for group in equal.values()
    ]
    # Of specs that are alike not all have known flags: the first by hash gives the row.
    found: list[Any] = rows(graph, SPEC, [group[0][1] for group in ordered], _COMMON[level])
    for row, token, group in zip(found, equal, ordered, strict=True):
        row["hashes"] = [hash_ for hash_, _ in group]
        row["stacks"] = stacks[token]
    return sort_rows(found)


def level_row(level: str, row: Mapping[str, Any]) -> LevelRow:
    """The row of a token, from the ``spec``, ``hashes`` and ``stacks`` of a Cypher file."""
    spec = row["spec"]
    found: Any = {name: spec[name] for name in _COMMON[level] if name in spec}
    if level != "hash":
        found["hashes"] = sorted(row["hashes"])
    found["stacks"] = sorted(row["stacks"])
    return found  # type: ignore[no-any-return]  # its keys are those of the level


def sort_rows(found: Iterable[LevelRow]) -> list[LevelRow]:
    """The rows, sorted by package, version and hash."""
    return sorted(
        found,
        key=lambda row: (
            row.get("package", ""),
            row.get("version", ""),
            row["hash"] if "hash" in row else row["hashes"][0],
        ),
    )


def hashes_of(graph: SpecGraph, groups: Collection[Sequence[Handle]]) -> list[list[str]]:
    """The hashes of the specs in each group, sorted; all are read at once."""
    hashes = _hashes(graph, groups)
    return [sorted(islice(hashes, len(group))) for group in groups]


def _hashes(graph: SpecGraph, groups: Iterable[Sequence[Handle]]) -> Iterator[str]:
    return (hash_ for (hash_,) in graph.values(SPEC, chain.from_iterable(groups), _HASH))


def _by_token(
    graph: SpecGraph, names: Sequence[str], specs: Members, wanted: StacksByToken
) -> dict[Token, list[Handle]]:
    """The specs that have each of the wanted tokens."""
    columns = graph.tokens(SPEC, specs, names)
    equal: defaultdict[Token, list[Handle]] = defaultdict(list)
    tokens = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
    for spec, first, token in zip(specs, columns[0], tokens, strict=True):
        if first and token in wanted:
            equal[token].append(spec)
    return equal
