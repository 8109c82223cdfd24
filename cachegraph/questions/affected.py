"""All that depends on specs, and the stacks, roots and releases with any of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.advisories import Advisories
from cachegraph.analysis.dependencies.traversal import (
    depths,
    deptype_filter,
    note_specs_from_pages,
    parse_deptypes,
)
from cachegraph.analysis.purl import PurlRow, purl_of
from cachegraph.analysis.rows import ROW, Notes, SpecName, keys_of, row_order, rows, stacks_of
from cachegraph.analysis.selection.advised import AdvisoryRow, advised_specs
from cachegraph.analysis.selection.specs import MatchedSpecs, match_specs
from cachegraph.analysis.selection.stacks import notes
from cachegraph.model.graph import CypherGraph, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, ROOT_OF, SPEC
from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import (
    SPEC_COLUMNS,
    Cell,
    Table,
    by_deptypes,
    counted,
    spec_table,
    table_of,
)
from cachegraph.questions.parameters import Deptypes, ScopeQuestion, Selected, Spec

_PROPERTIES = (*ROW, "namespace")


class Via(SpecName):
    """The direct dependency by which a spec depends on one that fits."""

    hash: str


class AffectedRow(PurlRow):
    """A spec that depends on one that fits, and how many dependencies away it is.

    ``via`` is the direct dependency on a shortest way there; of several the first by name.
    """

    depth: int
    via: Via


class AffectedStack(TypedDict):
    """A stack, and how many of its specs fit, how many depend on those, and how many are roots."""

    key: str
    matched: int
    specs: int
    roots: int


class AffectedRoot(TypedDict):
    """A root of a stack that fits or depends on a spec that does."""

    hash: str
    package: NotRequired[str]
    version: NotRequired[str]
    stack: str
    depth: int
    via: NotRequired[Via]


class Advised(TypedDict):
    """The advisories of a document, if the question was asked of one."""

    advisories: NotRequired[list[AdvisoryRow]]


class AffectedAnswer(Notes, Advised):
    """The answer of ``affected``; ``spec`` is where the document is if it was asked of one."""

    question: str
    spec: str
    deptypes: list[str]
    matched: list[PurlRow]
    specs: list[AffectedRow]
    stacks: list[AffectedStack]
    roots: list[AffectedRoot]
    releases: list[str]


class AffectedSelection(NamedTuple):
    """The specs that fit, the deptypes that are followed, and the stacks; None for all specs."""

    matched: MatchedSpecs
    deptypes: list[str]
    stacks: Selected | None
    advisories: list[AdvisoryRow] | None = None


class Affected(ScopeQuestion[AffectedSelection, AffectedAnswer]):
    """List what depends on a spec in any way, by stack, root and release.

    Prints the stacks with the number of their specs and roots that are reached, the roots, the
    specs that fit SPEC, and all specs that depend on them, with how many dependencies away they
    are and the direct dependency, via, that leads there. The JSON has package URLs and releases as
    well. With --in or --release only specs that
    these stacks hold are listed. --from-osv asks about all that a document of OSV or CycloneDX VEX
    names instead, by package and version; names of other ecosystems are matched as a guess.

    Examples:
      cachegraph affected zlib-ng
      cachegraph affected openssl@3.3.1 --deptype link,run --json
    """

    spec: Spec
    deptypes: Deptypes = ()
    advisories: Advisories | None = None
    """What is asked about instead of the specs that fit ``spec``, which then says where it is."""

    def select(self, graph: SpecGraph) -> AffectedSelection:
        deptypes = parse_deptypes(self.deptypes)
        stacks = self.select_narrowed(graph)
        if self.advisories is None:
            return AffectedSelection(match_specs(graph, self.spec), deptypes, stacks)
        found = advised_specs(graph, self.advisories.found)
        matched = MatchedSpecs(found.specs, [*found.notes, *self.advisories.notes])
        return AffectedSelection(matched, deptypes, stacks, found.rows)

    def asked_of(self, selection: AffectedSelection) -> Selected | None:
        return selection.stacks

    def walk(self, graph: SpecGraph, selection: AffectedSelection) -> AffectedAnswer:
        (matched, _), deptypes, *_ = selection
        depth = dict.fromkeys(matched, 0) | depths(graph, matched, deptypes, reverse=True)
        nodes = sorted(depth)
        found = rows(graph, SPEC, nodes, _PROPERTIES)
        stacks = stacks_of(graph, IN_STACK, nodes)
        root_of = stacks_of(graph, ROOT_OF, nodes)
        for node, row in zip(nodes, found, strict=True):
            row["depth"] = depth[node]
            row["stacks"], row["roots"] = stacks.get(node, []), root_of.get(node, [])
        hashes = {node: row["hash"] for node, row in zip(nodes, found, strict=True)}
        fits = deptype_filter(deptypes)
        for row in found:
            row["needed"] = []
        by_hash = {row["hash"]: row for row in found}
        for start, end, values in relationships(graph, DEPENDS_ON, nodes):
            if end in hashes and fits(values):
                by_hash[hashes[start]]["needed"].append(hashes[end])
        return self._answer(graph, selection, found)

    def cypher(self, graph: CypherGraph, selection: AffectedSelection) -> AffectedAnswer:
        (specs, _), deptypes, *_ = selection
        parameters = {"hashes": sorted(specs), "deptypes": deptypes}
        found = [{**row["spec"], **row} for row in graph.rows("affected", parameters)]
        return self._answer(graph, selection, found)

    def _answer(
        self, graph: SpecGraph, selection: AffectedSelection, found: list[dict[str, Any]]
    ) -> AffectedAnswer:
        (specs, notes_on_spec), deptypes, selected, advisories = selection
        _add_via(found)
        if selected is not None:
            found = _held_by(graph, selected, found)
        found.sort(key=lambda row: (row["depth"], *row_order(row)))
        stacks = _by_stack(found)
        matched = [_row(row, ROW) for row in found if not row["depth"]]
        texts = note_specs_from_pages(graph, specs) if matched else [f"no spec fits {self.spec}"]
        advised: Advised = {} if advisories is None else {"advisories": advisories}
        return {
            "question": "affected",
            "spec": self.spec,
            "deptypes": deptypes,
            "matched": matched,
            "specs": [_row(row, (*ROW, "depth", "via")) for row in found if row["depth"]],
            "stacks": stacks,
            "roots": _roots(found),
            "releases": sorted({StackKey.parse(stack["key"]).release for stack in stacks}),
            **advised,
            **notes(selected or (), [*notes_on_spec, *texts]),
        }

    exit_code = "Exit with 1 when a spec fits."
    found_in = "matched"

    sections = ("stacks", "roots", "matched", "specs", "advisories")
    main_section = "specs"

    def tables(self, answer: AffectedAnswer) -> Iterator[Table]:
        matched, specs = len(answer["matched"]), len(answer["specs"])
        fit, them = ("fits", "it") if matched == 1 else ("fit", "them")
        note = (
            f"{counted(matched, 'spec')} {fit} {answer['spec']}; "
            f"{counted(specs, 'spec')} depend{'s' * (specs == 1)} on {them}"
        )
        columns: Sequence[str] = ("key", "matched", "specs", "roots")
        yield table_of("stacks", columns, answer["stacks"], f"{note}{by_deptypes(answer)}")
        columns = ("stack", "package", "version", "via", "hash")
        roots = answer["roots"]
        yield table_of("roots", columns, roots, counted(len(roots), "root"), via=_via)
        yield spec_table("matched", answer["matched"], "What fits")
        columns = ("depth", *SPEC_COLUMNS[:2], "via", *SPEC_COLUMNS[2:])
        yield table_of("specs", columns, answer["specs"], "What depends on it", via=_via)
        if "advisories" in answer:
            yield _advisories_table(answer["advisories"])


def _advisories_table(rows: Sequence[AdvisoryRow]) -> Table:
    """The advisories, and how many specs each is of."""
    cells: dict[str, Cell] = {
        "packages": lambda row: ", ".join(row["packages"]),
        "guess": lambda row: "guess" if row["guess"] and row["packages"] else "",
        "specs": lambda row: len(row["hashes"]),
    }
    columns = ("id", "package", "packages", "guess", "specs")
    return table_of("advisories", columns, rows, "What the advisories name", **cells)


def _via(row: Mapping[str, Any]) -> str:
    """The name and version of the direct dependency; its hash where only that is known."""
    via = row.get("via", {})
    name = via.get("package", f"/{via['hash']}" if via else "")
    return f"{name}@{via['version']}" if "version" in via else name


def _add_via(found: Iterable[dict[str, Any]]) -> None:
    """Adds to the rows that are not matched the direct dependency that is one step nearer."""
    by_hash = {row["hash"]: row for row in found}
    for row in by_hash.values():
        near = [by_hash[hash_] for hash_ in row["needed"] if hash_ in by_hash]
        near = [other for other in near if other["depth"] == row["depth"] - 1]
        if near:
            first = min(near, key=row_order)
            row["via"] = {name: first[name] for name in ROW[:3] if name in first}


def _held_by(
    graph: SpecGraph, selected: Selected, found: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of specs that any of the stacks holds, with no other stacks in them."""
    held: defaultdict[str, list[str]] = defaultdict(list)
    roots: defaultdict[str, list[str]] = defaultdict(list)
    for one in selected:
        for by_hash, specs in ((held, one.specs), (roots, one.roots)):
            for hash_ in keys_of(graph, SPEC, specs):
                by_hash[hash_].append(one.key)
    return [
        {**row, "stacks": held[row["hash"]], "roots": roots[row["hash"]]}
        for row in found
        if row["hash"] in held
    ]


def _row(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The properties of these names that are known, with the stacks and the package URL."""
    made = {name: row[name] for name in names if name in row}
    made["stacks"] = sorted(row["stacks"])
    return {**made, **purl_of(row, row.get("namespace"))}


def _by_stack(found: Iterable[Mapping[str, Any]]) -> list[Any]:
    stacks: dict[str, dict[str, int]] = {}
    for row in found:
        for key in row["stacks"]:
            counts = stacks.setdefault(key, {"matched": 0, "specs": 0, "roots": 0})
            counts["specs" if row["depth"] else "matched"] += 1
            counts["roots"] += key in row["roots"]
    return [{"key": key, **counts} for key, counts in sorted(stacks.items())]


def _roots(found: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The roots, sorted by stack and then as specs are."""
    roots = []
    for row in found:
        if row["roots"]:
            spec = {name: row[name] for name in ROW[:3] if name in row}
            far = {name: row[name] for name in ("depth", "via") if name in row}
            roots += [{**spec, "stack": key, **far} for key in row["roots"]]
    return sorted(roots, key=lambda root: (root["stack"], *row_order(root)))
