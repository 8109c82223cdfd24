"""The versions and hashes of a package in each release."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from typing import Annotated, NotRequired, TypedDict

from cachegraph.analysis.rows import Notes
from cachegraph.analysis.selection.lookup import first_few
from cachegraph.analysis.selection.names import check_one_package
from cachegraph.analysis.selection.release_order import OrderedRelease, ordered_releases
from cachegraph.analysis.selection.stacks import notes
from cachegraph.analysis.vanished_stacks import VanishedStack, VanishedStacks, vanished_notes
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph, relationships
from cachegraph.model.schema import IN_STACK, OF_PACKAGE, PACKAGE, RELEASE, SOURCE, SPEC, STACK
from cachegraph.model.stack_key import ROOT, StackKey
from cachegraph.output.tables import Cell, Table, counted, table_of
from cachegraph.questions import Question
from cachegraph.questions.parameters import Argument

_PAGE = "page"
VersionsByHash = Mapping[str, str | None]


class HistoryRow(TypedDict):
    """What the stacks of a release hold of a package, root included; ``stacks`` leaves root out.

    ``before`` is the release that the row is compared with, ``new`` and ``gone`` count hashes; the
    first release of a series has none of the three.
    """

    name: str
    date: NotRequired[str]
    versions: list[str]
    specs: int
    hashes: list[str]
    stacks: list[str]
    before: NotRequired[str]
    new: NotRequired[int]
    gone: NotRequired[int]
    vanished: NotRequired[list[VanishedStack]]


class HistoryAnswer(Notes):
    """The answer of ``history``."""

    question: str
    package: str
    releases: list[HistoryRow]


class History(Question[Handle, HistoryAnswer]):
    """Show the versions and hashes of a package in each release.

    Dated snapshots come first, then versions, other releases by name, and develop. Each release is
    compared with the one before it in its series, develop with its last snapshot, or else with the
    last version: how many hashes are new, how many are gone, and which stacks that held the package
    vanished, were renamed or became groups. Specs that only root holds are counted. Releases of
    which neither a page of the package nor a whole stack was imported are left out: whether they
    have it is unknown.

    Examples:
      cachegraph history ginkgo
    """

    package: Annotated[str, Argument("PACKAGE", PACKAGE)]

    def select(self, graph: SpecGraph) -> Handle:
        """The node of the package."""
        return check_one_package(graph, self.package)

    def walk(self, graph: SpecGraph, selection: Handle) -> HistoryAnswer:
        specs = [*graph.starts_of(OF_PACKAGE, selection)]
        known = dict(zip(specs, graph.values(SPEC, specs, ("hash", "version")), strict=True))
        by_stack: defaultdict[Handle, dict[str, str | None]] = defaultdict(dict)
        for spec, stack, _ in relationships(graph, IN_STACK, specs):
            hash_, version = known[spec]
            by_stack[stack][hash_] = version
        keys = (key for (key,) in graph.values(STACK, by_stack, (STACK.key.name,)))
        return self._answer(graph, dict(zip(keys, by_stack.values(), strict=True)))

    def cypher(self, graph: CypherGraph, selection: Handle) -> HistoryAnswer:
        by_stack: defaultdict[str, dict[str, str | None]] = defaultdict(dict)
        for row in graph.rows("history", {"package": self.package}):
            by_stack[row["stack"]][row["hash"]] = row["version"]
        return self._answer(graph, by_stack)

    def _answer(self, graph: SpecGraph, by_stack: Mapping[str, VersionsByHash]) -> HistoryAnswer:
        by_release: defaultdict[str, dict[str, VersionsByHash]] = defaultdict(dict)
        for key in sorted(by_stack):
            by_release[StackKey.parse(key).release][key] = by_stack[key]
        others = {*graph.keys(RELEASE)} - by_release.keys()
        unknown = _without_listing(graph, self.package, others)
        vanished = VanishedStacks(graph)
        rows: dict[str, HistoryRow] = {}
        texts = [*_note_unknown(self.package, unknown)]
        for release in ordered_releases(graph, unknown):
            # Releases before the first of a series that has the package are left out.
            if release.name in by_release or release.before in rows:
                row = rows[release.name] = _row(release, by_release[release.name])
                if release.before is not None:
                    _compare(row, release.before, rows.get(release.before), vanished)
                if "vanished" in row:
                    texts += vanished_notes(row["before"], row["name"], row["vanished"])
        return {
            "question": "history",
            "package": self.package,
            "releases": [*rows.values()],
            **notes((), texts),
        }

    sections = ("releases",)

    def tables(self, answer: HistoryAnswer) -> Iterator[Table]:
        columns = ("release", "stacks", "specs", "new", "gone", "versions")
        releases = answer["releases"]
        count = counted(len(releases), "release")
        note = f"{answer['package']} in {count}" if releases else "In no release."
        cells: dict[str, Cell] = {
            "release": "name",
            "stacks": lambda row: len(row["stacks"]),
            "versions": lambda row: ", ".join(row["versions"]),
        }
        yield table_of("releases", columns, releases, note, **cells)


def _row(release: OrderedRelease, by_stack: Mapping[str, VersionsByHash]) -> HistoryRow:
    from cachegraph.syntax.versions import parse_version

    specs: dict[str, str | None] = {}
    for versions_by_hash in by_stack.values():
        specs |= versions_by_hash
    versions = {version for version in specs.values() if version is not None}
    row: HistoryRow = {
        "name": release.name,
        "versions": sorted(versions, key=lambda version: (parse_version(version), version)),
        "specs": len(specs),
        "hashes": sorted(specs),
        "stacks": [key for key in by_stack if StackKey.parse(key).name != ROOT],
    }
    if release.date is not None:
        row["date"] = release.date
    return row


def _compare(
    row: HistoryRow, before: str, earlier: HistoryRow | None, vanished: VanishedStacks
) -> None:
    """Adds to a row what differs from the release before, which may not have the package."""
    hashes, earlier_hashes = {*row["hashes"]}, {*earlier["hashes"]} if earlier else set[str]()
    row["before"] = before
    row["new"], row["gone"] = len(hashes - earlier_hashes), len(earlier_hashes - hashes)
    if earlier and (stacks := vanished.between(before, row["name"], earlier["stacks"])):
        row["vanished"] = stacks


def _without_listing(graph: SpecGraph, package: str, releases: Set[str]) -> Set[str]:
    """Those of the releases of which no source lists a stack, or the package."""
    if not releases:
        return releases
    listed: set[str] = set()
    sources = graph.values(SOURCE, graph.nodes(SOURCE), ("format", "lists", "part_of"))
    for format_, lists, part_of in sources:
        for scope in (*(lists or ()), *(part_of or ())):
            release, _, of_package = scope.rpartition(" ")
            if format_ != _PAGE:
                listed.add(StackKey.parse(scope).release)
            elif of_package == package:
                listed.add(release)
    return releases - listed


def _note_unknown(package: str, releases: Set[str]) -> Iterator[str]:
    if releases:
        what = f"neither a page of {package} nor a whole stack was imported"
        yield f"left out, as {what} of them: {first_few(sorted(releases))}"
