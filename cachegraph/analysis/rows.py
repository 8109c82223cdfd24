"""What the answers of several questions are made of."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC, STACK, VISIBLE, NodeType, RelationshipType

if TYPE_CHECKING:
    from cachegraph.questions.answers import SpecRow

# Five ways to call two specs the same, strictest first, and what has to be equal.
LEVELS = {
    "hash": ("hash",),
    "alike": ("alike",),
    "spec": ("package", "version", "variants"),
    "version": ("package", "version"),
    "package": ("package",),
}
ROW = (SPEC.key.name, *VISIBLE)


def spec_rows(graph: SpecGraph, specs: Iterable[Handle]) -> list["SpecRow"]:
    """The rows of specs, sorted by package, version and hash."""
    found: list[Any] = rows(graph, SPEC, [*specs], ROW)
    found.sort(key=row_order)
    return found


def spec_row(properties: Mapping[str, Any]) -> "SpecRow":
    """The row of a spec of which the properties are known."""
    row: Any = {name: properties[name] for name in ROW if name in properties}
    return row  # type: ignore[no-any-return]  # by the names of a row


def row_order(row: Any) -> tuple[str, str, str]:
    """How spec rows are sorted."""
    return row.get("package", ""), row.get("version", ""), row["hash"]


def rows(
    graph: SpecGraph, label: NodeType, nodes: Sequence[Handle], names: Sequence[str]
) -> list[dict[str, Any]]:
    """A dictionary for each node with those of its properties that are known."""
    return [
        {
            name: [*value] if isinstance(value, tuple) else value
            for name, value in zip(names, values, strict=True)
            if value is not None
        }
        for values in graph.values(label, nodes, names)
    ]


def key_of(graph: SpecGraph, label: NodeType, node: Handle) -> str:
    """The key of one node."""
    ((key,),) = graph.values(label, [node], (label.key.name,))
    return str(key)


def keys_of(graph: SpecGraph, label: NodeType, nodes: Iterable[Handle]) -> list[str]:
    """The keys of nodes, sorted."""
    return sorted(key for (key,) in graph.values(label, nodes, (label.key.name,)))


def check_level(level: str) -> None:
    """UsageError unless it is a level."""
    if level not in LEVELS:
        raise UsageError(f"no level {level}", f"levels are {', '.join(LEVELS)}")


def stacks_of(
    graph: SpecGraph, type_: RelationshipType, specs: Iterable[Handle]
) -> dict[Handle, list[str]]:
    """Of the specs the keys of the stacks that a relationship of this type leads to, sorted."""
    wanted = frozenset(specs)
    stacks = [*graph.ends_of(type_, wanted)]
    keys = (key for (key,) in graph.values(STACK, stacks, (STACK.key.name,)))
    found: dict[Handle, list[str]] = {}
    for key, stack in sorted(zip(keys, stacks, strict=True)):
        for spec in graph.starts_of(type_, stack) & wanted:
            found.setdefault(spec, []).append(key)
    return found


def equal_at(graph: SpecGraph, level: str, specs: Set[Handle]) -> Set[Any]:
    """One token for all of the specs that are equal at a level."""
    if level == "hash":
        return specs
    columns = graph.tokens(SPEC, specs, LEVELS[level])
    return {*columns[0]} if len(columns) == 1 else {*zip(*columns, strict=True)}


def jaccard(shared: int, union: int) -> float:
    """Shared over union, to four places; 0 of nothing."""
    return round(shared / union, 4) if shared else 0.0
