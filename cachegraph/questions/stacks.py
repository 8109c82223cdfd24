"""The stacks in the graph."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Annotated, Any, NotRequired

from cachegraph.analysis.purl import purl_of
from cachegraph.analysis.rows import ROW, Notes, SpecRow, row_order, rows, spec_row
from cachegraph.analysis.selection.groups import group_names, roots_by_group
from cachegraph.analysis.selection.scope import select_stacks
from cachegraph.analysis.sizes import Bytes, known_sizes, sizes_among, total_bytes
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.model.schema import IN_STACK, ROOT_OF, SPEC, STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import SPEC_COLUMNS, Cell, Table, size_cell, table_of
from cachegraph.questions.parameters import Option, ScopeQuestion, Selected

_MEMBER = (*ROW, "namespace", "size")


class MemberRow(SpecRow):
    """A spec of a stack, the bytes of its archive, and its package URL if it has a namespace."""

    size: NotRequired[int]
    purl: NotRequired[str]


class StackRow(Bytes):
    """A stack, the number of its specs, of its roots, and the bytes of their archives.

    ``groups`` are the groups of its roots, if it has any; each is asked for by name, like a stack.
    ``members`` are its specs, if they are asked for.
    """

    key: str
    release: str
    name: str
    specs: int
    roots: int
    groups: NotRequired[list[str]]
    members: NotRequired[list[MemberRow]]


class StacksAnswer(Notes):
    """The answer of ``stacks``, sorted by key."""

    question: str
    stacks: list[StackRow]


class Stacks(ScopeQuestion[Selected, StacksAnswer]):
    """List the stacks with the number of their specs and roots, their size, and their groups.

    The size is that of the archives in a build cache, as far as it is known.

    A group of roots can be asked for like a stack, by its name: commands then use the roots of the
    group and all that they depend on.

    Examples:
      cachegraph stacks
      cachegraph stacks --release e4s-24.11
      cachegraph stacks --release e4s-24.11 --specs --json
    """

    specs: Annotated[
        bool, Option("List the specs of each stack as well; the JSON has their package URLs.")
    ] = False

    def select(self, graph: SpecGraph) -> Selected:
        every = self.all_releases or not self.is_narrowed
        return select_stacks(graph, self.stacks, self.release, all_releases=every, everywhere=True)

    def asked_of(self, selection: Selected) -> Selected:
        return selection

    def walk(self, graph: SpecGraph, selection: Selected) -> StacksAnswer:
        sizes = known_sizes(graph)
        stacks = []
        for key, node in _stacks(selection):
            groups = sorted(name for name in roots_by_group(graph, node) if name)
            specs, roots = (graph.starts_of(of, node) for of in (IN_STACK, ROOT_OF))
            row = _row(key, len(specs), len(roots), groups)
            known = sizes_among(sizes, specs)
            row.update(total_bytes(sum(known), len(known), len(specs)))  # type: ignore[typeddict-item]
            stacks.append(row)
        return self._answer(graph, stacks)

    def cypher(self, graph: CypherGraph, selection: Selected) -> StacksAnswer:
        keys = dict(_stacks(selection))
        releases = {StackKey.parse(key).release for key in keys}
        stacks = []
        for found in graph.rows(
            "stacks", {"release": releases.pop() if len(releases) == 1 else None}
        ):
            if found["key"] in keys:
                specs = found["specs"]
                row = _row(found["key"], specs, found["roots"], group_names(found["groups"]))
                row.update(total_bytes(found["bytes"], found["sized"], specs))  # type: ignore[typeddict-item]
                stacks.append(row)
        return self._answer(graph, stacks)

    def _answer(self, graph: SpecGraph, stacks: list[StackRow]) -> StacksAnswer:
        if self.specs:
            for row in stacks:
                row["members"] = _members(graph, row["key"])
        return {"question": "stacks", "stacks": sorted(stacks, key=itemgetter("key"))}

    sections = ("stacks", "specs")

    def tables(self, answer: StacksAnswer) -> Iterator[Table]:
        stacks = answer["stacks"]
        columns = ["key", "specs", "roots"]
        more = {"size": "bytes", "sized": "sized", "groups": "groups"}
        columns += [name for name, key in more.items() if any(key in row for row in stacks)]
        cells: dict[str, Cell] = {
            "size": size_cell("bytes"),
            "groups": lambda row: ", ".join(row.get("groups", ())),
        }
        yield table_of("stacks", columns, stacks, "", **cells)
        if self.specs:
            members = [
                {**member, "stack": row["key"]} for row in stacks for member in row["members"]
            ]
            columns = ["stack", *SPEC_COLUMNS[:-1]]
            columns += ["size"] if any("size" in member for member in members) else []
            columns += [SPEC_COLUMNS[-1], "purl"]
            yield table_of("specs", columns, members, size=size_cell("size"))


def _stacks(selection: Selected) -> Iterator[tuple[str, Handle]]:
    """The keys and nodes of the stacks; of a group those of its stack."""
    return ((one.group_of or one.key, one.node) for one in selection)


def _members(graph: SpecGraph, stack: str) -> list[MemberRow]:
    """The specs that a stack holds."""
    specs = graph.starts_of(IN_STACK, graph.find(STACK, stack))
    found: list[Any] = []
    for spec in rows(graph, SPEC, [*specs], _MEMBER):
        size = {"size": spec["size"]} if "size" in spec else {}
        found.append({**spec_row(spec), **size, **purl_of(spec, spec.get("namespace"))})
    return sorted(found, key=row_order)


def _row(key: str, specs: int, roots: int, groups: Sequence[str]) -> StackRow:
    release, name = StackKey.parse(key)
    row: StackRow = {"key": key, "release": release, "name": name, "specs": specs, "roots": roots}
    if groups:
        row["groups"] = [*groups]
    return row
