"""Near-duplicates, and the packages that a stack has more than once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, NotRequired

from cachegraph.analysis.comparison.levels import in_selected_order
from cachegraph.analysis.comparison.near_duplicates import (
    NearDuplicateGroup,
    NearDuplicates,
    add_bytes,
    group_order,
    group_row,
)
from cachegraph.analysis.comparison.same_package import (
    DEPENDENCIES,
    RECIPE,
    RepeatedPackage,
    repeated_packages,
    repeated_specs,
)
from cachegraph.analysis.dependencies.traversal import note_unrecorded
from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.analysis.selection.stacks import notes
from cachegraph.analysis.sizes import RedundantBytes
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.output.cause_tables import cause_value
from cachegraph.output.tables import (
    Cell,
    Table,
    counted,
    shown_bytes,
    size_cell,
    stack_names,
    stacks_table,
    table_of,
)
from cachegraph.questions.parameters import Option, Selected, StackQuestion

_ALIKE, _PACKAGE = _WAYS = "alike", "package"
_DIGESTS = RECIPE, "target_features"


class DuplicatesAnswer(Notes, RedundantBytes):
    """The answer of ``duplicates``; ``specs`` counts those of all groups or packages.

    By ``alike`` it has ``groups``, by ``package`` it has ``packages``.
    """

    question: str
    by: str
    within: bool
    stacks: list[StackSize]
    specs: int
    redundant: int
    groups: NotRequired[list[NearDuplicateGroup]]
    packages: NotRequired[list[RepeatedPackage]]


class Duplicates(StackQuestion[DuplicatesAnswer]):
    """List near-duplicates: specs that are alike but have different hashes.

    They are equal in package, version, variants, flags, compiler, platform, os and target, and
    differ in dependencies or recipe. In each group all but one are redundant; groups with the most
    redundant specs come first. Without stacks, all stacks of the release but root are searched,
    and a group may span several.

    By package: list every package of which one stack has more than one spec, with what differs
    between these and which packages of the stack need each.

    Examples:
      cachegraph duplicates --release e4s-24.11
      cachegraph duplicates e4s --within
      cachegraph duplicates e4s --by package
    """

    by: Annotated[
        str, Option("Specs that are alike, or all specs of one package.", choices=_WAYS)
    ] = _ALIKE
    within: Annotated[bool, Option("Only groups with two or more specs in one stack.")] = False

    def select(self, graph: SpecGraph) -> Selected:
        if self.by not in _WAYS:
            raise UsageError(f"no duplicates by {self.by}", f"by {' or '.join(_WAYS)}")
        return super().select(graph)

    def fits_cypher(self, selection: Selected) -> bool:
        return self.by == _ALIKE and super().fits_cypher(selection)

    def walk(self, graph: SpecGraph, selection: Selected) -> DuplicatesAnswer:
        if self.by == _PACKAGE:
            return _by_package(graph, selection)
        groups = NearDuplicates(graph, selection, within=self.within)
        sizes = [one.size() for one in selection]
        return self._answer(selection, sizes, groups.rows(), groups.redundant, groups.cost)

    def cypher(self, graph: CypherGraph, selection: Selected) -> DuplicatesAnswer:
        (row,) = graph.rows("duplicates", self.parameters(selection))
        groups = sorted(self._groups(row, [one.key for one in selection]), key=group_order)
        redundant = sum(group["redundant"] for group in groups)
        known = [group["redundant_bytes"] for group in groups if "redundant_bytes" in group]
        cost: RedundantBytes = {"redundant_bytes": sum(known)} if known else {}
        sizes = in_selected_order(selection, row["sizes"])
        return self._answer(selection, sizes, groups, redundant, cost)

    def _groups(self, row: Mapping[str, Any], keys: Sequence[str]) -> Iterator[NearDuplicateGroup]:
        """The groups of a row, in whose lists a spec comes once for each stack that holds it."""
        columns = ("alike", "packages", "versions", "hashes", "bytes", "places")
        for *one, hashes, sizes, places in zip(*map(row.__getitem__, columns), strict=True):
            counts = Counter(places) or {0: len(hashes)}
            if (within := max(counts.values())) > 1 or not self.within:
                by_hash = dict(zip(hashes, sizes, strict=True))
                stacks = sorted(map(keys.__getitem__, counts))
                group = group_row(one, within, sorted(by_hash), stacks)
                add_bytes(group, [size for size in by_hash.values() if size is not None])
                yield group

    def _answer(
        self,
        selection: Selected,
        sizes: list[StackSize],
        groups: list[NearDuplicateGroup],
        redundant: int,
        cost: RedundantBytes,
    ) -> DuplicatesAnswer:
        return {
            "question": "duplicates",
            "by": self.by,
            "within": self.within,
            "stacks": sizes,
            "specs": redundant + len(groups),
            "redundant": redundant,
            **cost,
            "groups": groups,
            **notes(selection),  # type: ignore[typeddict-item]  # which has no packages
        }

    exit_code = "Exit with 1 when there are near-duplicates, or packages more than once."

    def found(self, answer: DuplicatesAnswer) -> bool:
        return bool(answer["specs"])

    sections = ("stacks", "groups", "packages")
    main_section = "groups"

    def tables(self, answer: DuplicatesAnswer) -> Iterator[Table]:
        names = stack_names([stack["key"] for stack in answer["stacks"]])
        if "packages" in answer:
            yield _packages_table(answer, names)
            return
        yield stacks_table(answer["stacks"])
        cells: dict[str, Cell] = {
            "most in one": "within",
            "stacks": lambda group: names(group["stacks"]),
        }
        groups = counted(len(answer["groups"]), "group")
        specs, redundant = answer["specs"], answer["redundant"]
        note = f"{groups} of near-duplicates with {specs} specs, {redundant} of them redundant"
        columns = ["package", "version", "redundant", "most in one", "stacks", "hashes"]
        if "redundant_bytes" in answer:
            note += f", {shown_bytes(answer['redundant_bytes'])} of archives"
            columns.insert(3, "size")
            cells["size"] = size_cell("redundant_bytes")
        yield table_of("groups", columns, answer["groups"], note, **cells)


def _by_package(graph: SpecGraph, selection: Selected) -> DuplicatesAnswer:
    found: list[RepeatedPackage] = []
    specs: set[Handle] = set()
    for one in selection:
        repeated = repeated_specs(graph, one)
        specs.update(*repeated)
        found += repeated_packages(graph, one, repeated)
    found.sort(key=lambda row: (-len(row["specs"]), row["package"], row["stack"]))
    return {
        "question": "duplicates",
        "by": _PACKAGE,
        "within": True,
        "stacks": [one.size() for one in selection],
        "specs": len(specs),
        "redundant": sum(len(row["specs"]) - 1 for row in found),
        "packages": found,
        **notes(selection, note_unrecorded(graph, specs)),  # type: ignore[typeddict-item]
    }


def _packages_table(answer: DuplicatesAnswer, names: Callable[[Sequence[str]], str]) -> Table:
    """A row for each spec of the packages, those of a package together."""
    packages = answer["packages"]
    rows = [
        {"package": one["package"], "stack": names([one["stack"]]), **spec}
        for one in packages
        for spec in one["specs"]
    ]
    columns = ["package", "version", "hash", "differs", "needed by"]
    if len(answer["stacks"]) > 1:
        columns.insert(0, "stack")
    note = f"{counted(len(packages), 'package')} more than once in one stack"
    cells: dict[str, Cell] = {"differs": _differences, "needed by": _needed_by}
    return table_of("packages", columns, rows, note if packages else f"No {note[2:]}", **cells)


def _differences(row: Mapping[str, Any]) -> str:
    """What differs but the version, as Spack writes specs."""
    parts: list[str] = []
    for name, value in row["differs"].items():
        if name in ("variants", "flags"):
            parts += value
        elif name == DEPENDENCIES:
            parts += [f"^{dependency}" for dependency in value]
        elif name == "compiler":
            parts.append(f"%{value}")
        elif name != "version":
            shown = cause_value(RECIPE, value) if name in _DIGESTS else value
            parts.append(f"{name}={','.join(shown) if isinstance(shown, list) else shown}")
    return " ".join(parts) if row["differs"] else "nothing that is recorded"


def _needed_by(row: Mapping[str, Any]) -> str:
    return ", ".join(["(root)"] * row["root"] + row["dependents"])
