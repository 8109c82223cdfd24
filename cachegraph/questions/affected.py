"""The blast radius of specs: all that depends on them, and the stacks and roots that it reaches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.dependencies.traversal import depths, note_specs_from_pages, parse_deptypes
from cachegraph.analysis.rows import ROW, row_order, rows, stacks_of
from cachegraph.analysis.selection.specs import specs_matching
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import IN_STACK, ROOT_OF, SPEC
from cachegraph.model.stack_key import StackKey
from cachegraph.questions.purl import purl

if TYPE_CHECKING:
    from cachegraph.questions.answers.reach import AffectedAnswer

_READ = (*ROW, "namespace")


class Affected(NamedTuple):
    """What depends on the specs that fit a spec, and where all of these are."""

    spec: str
    deptypes: Sequence[str] = ()

    def walk(self, graph: SpecGraph) -> "AffectedAnswer":
        """The answer from a graph."""
        deptypes = parse_deptypes(self.deptypes)
        matched = specs_matching(graph, self.spec)
        depth = dict.fromkeys(matched, 0) | depths(graph, matched, deptypes, reverse=True)
        nodes = sorted(depth)
        found = rows(graph, SPEC, nodes, _READ)
        places = [stacks_of(graph, type_, nodes) for type_ in (IN_STACK, ROOT_OF)]
        for node, row in zip(nodes, found, strict=True):
            row["depth"] = depth[node]
            row["stacks"], row["roots"] = (held.get(node, []) for held in places)
        return self._answer(deptypes, found, note_specs_from_pages(graph, matched))

    def ask(self, graph: CypherGraph) -> "AffectedAnswer":
        """The answer of affected.cypher."""
        deptypes = parse_deptypes(self.deptypes)
        matched = specs_matching(graph, self.spec)
        parameters = {"hashes": sorted(matched), "deptypes": deptypes}
        answers = graph.rows("affected", parameters)
        found = [
            {name: row["spec"][name] for name in _READ if name in row["spec"]}
            | {name: row[name] for name in ("depth", "stacks", "roots")}
            for row in answers
        ]
        return self._answer(deptypes, found, note_specs_from_pages(graph, matched))

    def _answer(
        self, deptypes: list[str], found: list[dict[str, Any]], said: list[str]
    ) -> "AffectedAnswer":
        found.sort(key=lambda row: (row["depth"], *row_order(row)))
        stacks = _by_stack(found)
        roots = _roots(found)
        for row in found:
            row["stacks"] = sorted(row["stacks"])
            del row["roots"]
            namespace = row.pop("namespace", None)
            if "package" in row:
                row["purl"] = purl(row["hash"], row["package"], row.get("version"), namespace)
        matched: list[Any] = [
            {name: row[name] for name in row if name != "depth"}
            for row in found
            if not row["depth"]
        ]
        specs: list[Any] = found[len(matched) :]
        answer: AffectedAnswer = {
            "question": "affected",
            "spec": self.spec,
            "deptypes": deptypes,
            "matched": matched,
            "specs": specs,
            "stacks": stacks,
            "roots": roots,
            "releases": sorted({StackKey.parse(stack["key"]).release for stack in stacks}),
        }
        if not matched:
            said = [f"no spec fits {self.spec}"]
        if said:
            answer["notes"] = said
        return answer


def _by_stack(found: Iterable[Mapping[str, Any]]) -> list[Any]:
    stacks: dict[str, dict[str, int]] = {}
    for row in found:
        for key in row["stacks"]:
            counts = stacks.setdefault(key, {"matched": 0, "specs": 0, "roots": 0})
            counts["specs" if row["depth"] else "matched"] += 1
            counts["roots"] += key in row["roots"]
    return [{"key": key, **counts} for key, counts in sorted(stacks.items())]


def _roots(found: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The roots of the stacks, a stack after the other, sorted as specs are."""
    named = [
        {name: row[name] for name in ROW[:3] if name in row} | {"stack": key, "depth": row["depth"]}
        for row in found
        for key in row["roots"]
    ]
    return sorted(named, key=lambda root: (root["stack"], *row_order(root)))
