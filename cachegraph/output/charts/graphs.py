"""The part of the graph that an answer is about: a tree or a path, causes, or roots."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.model.stack_key import StackKey
from cachegraph.output.cause_tables import change_text
from cachegraph.output.tables import HASH_LENGTH, counted, with_short_digests, with_short_hashes


class Node(NamedTuple):
    """A node that is drawn; ``is_marked`` is one that the answer is about."""

    key: str
    label: str
    is_marked: bool = False


class Edge(NamedTuple):
    """A dependency of one node on another, and what for."""

    start: str
    end: str
    label: str = ""


class Drawing(NamedTuple):
    """What is drawn; each node and each edge once."""

    title: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]


def drawings_of(answer: Mapping[str, Any]) -> Iterator[Drawing]:
    """The drawings of an answer, the one with the most nodes first; of most questions one."""
    if answer["question"] == "affected":
        yield from _affected(answer)
    else:
        yield drawing_of(answer)


def drawing_of(answer: Mapping[str, Any]) -> Drawing:
    """The drawing of an answer; ValueError if it has no paths or no tree to draw."""
    if answer["question"] == "why":
        return _why(answer)
    if answer["question"] == "affected":
        return next(_affected(answer))
    is_reverse = answer["question"] == "dependents"
    spec = with_short_hashes(answer["spec"])
    if "path" in answer:
        steps = answer["path"]
        edges = [*map(_step, steps, steps[1:])]
        title = f"How {spec} and {with_short_hashes(answer['to'])} depend on each other"
    elif "tree" in answer:
        steps = answer["tree"]
        edges = [*tree_edges(steps, is_reverse=is_reverse)]
        title = f"What {'depends on' if is_reverse else 'is below'} {spec}"
    else:
        raise ValueError("a list has no lines between specs: ask with --tree, or for a --path")
    if not steps:
        raise ValueError("no spec is there")
    roots = {*answer["roots"]}
    nodes = {row["hash"]: Node(row["hash"], _label(row), row["hash"] in roots) for row in steps}
    return Drawing(title, [*nodes.values()], [*dict.fromkeys(edges)])


def _label(row: Mapping[str, Any]) -> str:
    return f"{row.get('package', '?')}@{row.get('version', '?')} /{row['hash'][:HASH_LENGTH]}"


def _step(row: Mapping[str, Any], following: Mapping[str, Any]) -> Edge:
    return Edge(row["hash"], following["hash"], ", ".join(row.get("deptypes", ())))


def tree_edges(rows: Sequence[Mapping[str, Any]], *, is_reverse: bool = False) -> Iterator[Edge]:
    """The edges of a tree: each row is below the last one before it of the level above."""
    parents: list[str] = []
    for row in rows:
        del parents[row["level"] :]
        if parents:
            use = ", ".join(row.get("deptypes", ()))
            start, end = parents[-1], row["hash"]
            yield Edge(end, start, use) if is_reverse else Edge(start, end, use)
        parents.append(row["hash"])


def _why(answer: Mapping[str, Any]) -> Drawing:
    """Packages from the compared specs down to each cause."""
    if not answer["causes"]:
        raise ValueError("there is no cause")
    nodes: dict[str, Node] = {}
    edges: dict[Edge, None] = {}
    for cause in answer["causes"]:
        path = cause["path"]
        for package in path:
            nodes.setdefault(package, Node(package, package))
        edges.update(dict.fromkeys(map(Edge, path, path[1:])))
        text = with_short_digests(change_text(cause))
        key = f"{path[-1]} {text}"
        nodes[key] = Node(key, text, is_marked=True)
        edges[Edge(path[-1], key)] = None
    left, right = answer["left"], answer["right"]
    title = f"Why /{left['hash'][:HASH_LENGTH]} is not /{right['hash'][:HASH_LENGTH]}"
    return Drawing(title, [*nodes.values()], [*edges])


def _affected(answer: Mapping[str, Any]) -> Iterator[Drawing]:
    """What was asked about, the roots that reach it, and their stacks; then without the roots.

    The answer has no path from a root: its label says how many dependencies away it is. Last comes
    a drawing with releases in place of stacks.
    """
    matched, stacks, roots = answer["matched"], answer["stacks"], answer["roots"]
    if not matched:
        raise ValueError("no spec fits")
    spec = with_short_hashes(answer["spec"])
    asked = Node("asked", f"{spec}: {counted(len(matched), 'spec')}", is_marked=True)
    by_stack = [
        _group(stack["key"], "", stack["roots"], stack["matched"] + stack["specs"])
        for stack in stacks
    ]
    by_root = {root["hash"]: _root(root) for root in roots}
    edges = [Edge(f"in {root['stack']}", root["hash"]) for root in roots]
    edges += [Edge(hash_, asked.key) for hash_ in by_root]
    edges += [Edge(f"in {stack['key']}", asked.key) for stack in stacks if not stack["roots"]]
    title = f"What depends on {spec}"
    yield Drawing(f"{title}, by stack and root", [asked, *by_root.values(), *by_stack], edges)
    for level, nodes in (("stack", by_stack), ("release", [*_releases(answer)])):
        lines = [Edge(node.key, asked.key) for node in nodes]
        yield Drawing(f"{title}, by {level}", [asked, *nodes], lines)


def _releases(answer: Mapping[str, Any]) -> Iterator[Node]:
    """A node for each release; what several of its stacks hold counts once."""
    for name in answer["releases"]:
        keys = {
            stack["key"]
            for stack in answer["stacks"]
            if StackKey.parse(stack["key"]).release == name
        }
        roots = {root["hash"] for root in answer["roots"] if root["stack"] in keys}
        specs = [*answer["matched"], *answer["specs"]]
        held = sum(not keys.isdisjoint(row["stacks"]) for row in specs)
        yield _group(name, f"{counted(len(keys), 'stack')}, ", len(roots), held)


def _group(name: str, stacks: str, roots: int, specs: int) -> Node:
    """A stack or a release, and how much of it is reached."""
    return Node(f"in {name}", f"{name}: {stacks}{counted(roots, 'root')}, {counted(specs, 'spec')}")


def _root(root: Mapping[str, Any]) -> Node:
    """A root and how far away it is; one that fits is marked."""
    away = f", {root['depth']} away" if root["depth"] else ""
    return Node(root["hash"], f"{_label(root)}{away}", is_marked=not root["depth"])


def as_dot(drawing: Drawing) -> str:
    """The drawing in the language of Graphviz."""
    lines = ["digraph {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for node in drawing.nodes:
        style = ", style=bold" if node.is_marked else ""
        lines.append(f"  {_quoted(node.key)} [label={_quoted(node.label)}{style}];")
    for edge in drawing.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {_quoted(edge.start)} -> {_quoted(edge.end)}{label};")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def as_mermaid(drawing: Drawing) -> str:
    """The drawing as a flowchart of Mermaid, which GitHub shows in Markdown."""
    numbers = {node.key: f"n{number}" for number, node in enumerate(drawing.nodes)}
    lines = ["flowchart LR"]
    lines += [f'  {numbers[node.key]}["{_entities(node.label)}"]' for node in drawing.nodes]
    for edge in drawing.edges:
        label = f'|"{_entities(edge.label)}"|' if edge.label else ""
        lines.append(f"  {numbers[edge.start]} -->{label} {numbers[edge.end]}")
    marked = (numbers[node.key] for node in drawing.nodes if node.is_marked)
    lines += [f"  style {number} stroke-width:3px" for number in marked]
    return "\n".join([*lines, ""])


def _entities(text: str) -> str:
    """A text in which nothing is markup: all but letters, digits and blanks as entities."""
    return "".join(c if c.isalnum() or c in " .,_-@/" else f"#{ord(c)};" for c in text)
