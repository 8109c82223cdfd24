"""The levels at which specs may be equal, and which stacks hold equal specs."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from operator import itemgetter, or_
from typing import Any, NotRequired

from cachegraph.analysis.rows import ROW, SpecProperties, StackSize, row_order, rows
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
"""The levels at which specs may be equal, strictest first, and the properties compared at each."""
Token = Any
"""A value that specs have in common if they are equal at a level; at ``hash``, the spec itself."""
StacksByToken = Mapping[Token, list[str]]
# The properties of a row: those that all specs have in common that are equal at the level.
_COMMON = {**LEVELS, "hash": ROW, "alike": ("alike", *VISIBLE)}


class LevelRow(SpecProperties):
    """The common properties of specs that are equal at a level, and the stacks that hold any.

    At level ``hash`` it is one spec with its ``hash``; at the others, ``hashes`` lists the specs.
    """

    hash: NotRequired[str]
    alike: NotRequired[str]
    hashes: NotRequired[list[str]]
    stacks: list[str]


def check_level(level: str) -> None:
    """Raises UsageError unless there is a level of that name."""
    if level not in LEVELS:
        raise UsageError(f"no level {level}", f"levels are {', '.join(LEVELS)}")


def equal_at(graph: SpecGraph, level: str, specs: Set[Handle]) -> Set[Token]:
    """The tokens of the specs at a level; a spec of an unknown package equals no other."""
    if level == "hash":
        return specs
    columns = graph.tokens(SPEC, specs, LEVELS[level])
    if len(columns) == 1:
        return {*filter(None, columns[0])}
    return {*filter(itemgetter(0), zip(*columns, strict=True))}


def jaccard(shared: int, union: int) -> float:
    """The Jaccard index, to four places; 0 for nothing."""
    return round(shared / union, 4) if shared else 0.0


def in_at_least(sets: Iterable[Set[Any]], number: int) -> Set[Any]:
    """The members of at least ``number`` of the sets, found by set operations alone."""
    # by_count[i] has the members of at least i + 1 of the sets so far.
    by_count: list[Set[Any]] = []
    for one in sets:
        raised = [one, *(members & one for members in by_count)]
        by_count = [*map(or_, by_count, raised), *raised[len(by_count) :]][:number]
    return by_count[number - 1] if number <= len(by_count) else frozenset()


def in_selected_order(
    selection: Iterable[StackSelection], sizes: Iterable[StackSize]
) -> list[StackSize]:
    """The sizes of stacks, in the order of the selection."""
    specs = {size["key"]: size["specs"] for size in sizes}
    return [{"key": one.key, "specs": specs[one.key]} for one in selection]


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
    """A row for each token of ``stacks`` that specs have, sorted; for stubs only at ``hash``."""
    if level == "hash":
        tokens = sorted(stacks)
        found: list[Any] = rows(graph, SPEC, tokens, ROW)
    else:
        equal = _specs_by_token(graph, LEVELS[level], specs, stacks)
        tokens = [*equal]
        found = _common_rows(graph, level, equal.values())
    for row, token in zip(found, tokens, strict=True):
        row["stacks"] = stacks[token]
    return sorted(found, key=row_order)


def level_row(level: str, row: Mapping[str, Any]) -> LevelRow:
    """The row of a token, from the ``spec``, ``hashes`` and ``stacks`` of a Cypher file."""
    spec = row["spec"]
    found: Any = {name: spec[name] for name in _COMMON[level] if name in spec}
    if level != "hash":
        found["hashes"] = sorted(row["hashes"])
    found["stacks"] = sorted(row["stacks"])
    return found  # type: ignore[no-any-return]  # its keys are those of the level


def hashes_of(graph: SpecGraph, sets: Collection[Sequence[Handle]]) -> list[list[str]]:
    """The hashes of each sequence of specs, sorted; all are read at once."""
    hashes = _hashes(graph, sets)
    return [sorted(islice(hashes, len(specs))) for specs in sets]


def _hashes(graph: SpecGraph, sets: Iterable[Sequence[Handle]]) -> Iterator[str]:
    return (hash_ for (hash_,) in graph.values(SPEC, chain.from_iterable(sets), ("hash",)))


def group_near_duplicates(graph: SpecGraph, specs: Iterable[Handle]) -> dict[Token, list[Handle]]:
    """The groups of near-duplicates by token: two or more specs that are alike, none a stub."""
    members = [*specs]
    (tokens,) = graph.tokens(SPEC, members, LEVELS["alike"])
    # Counted first, as most are alone: two thirds of the time of grouping all.
    counts = Counter(tokens)
    groups: dict[Token, list[Handle]] = {
        token: [] for token, count in counts.items() if count > 1 and token
    }
    for token, spec in zip(tokens, members, strict=True):
        if token in groups:
            groups[token].append(spec)
    return groups


def _specs_by_token(
    graph: SpecGraph, names: Sequence[str], specs: Members, wanted: StacksByToken
) -> dict[Token, list[Handle]]:
    """The specs that have each of the wanted tokens, without stubs."""
    columns = graph.tokens(SPEC, specs, names)
    equal: defaultdict[Token, list[Handle]] = defaultdict(list)
    tokens = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
    for spec, first, token in zip(specs, columns[0], tokens, strict=True):
        if first and token in wanted:
            equal[token].append(spec)
    return equal


def _common_rows(
    graph: SpecGraph, level: str, sets: Collection[Sequence[Handle]]
) -> list[dict[str, Any]]:
    """A row for each set of specs that are equal at the level: common properties, and hashes."""
    hashes = _hashes(graph, sets)
    ordered = [sorted(zip(islice(hashes, len(specs)), specs, strict=True)) for specs in sets]
    # Of the spec with the first hash: sources of others may not tell its flags.
    found = rows(graph, SPEC, [specs[0][1] for specs in ordered], _COMMON[level])
    for row, specs in zip(found, ordered, strict=True):
        row["hashes"] = [hash_ for hash_, _ in specs]
    return found
