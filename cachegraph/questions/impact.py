"""What a change of a stack rebuilds, and which new near-duplicates it brings."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.comparison.new_builds import ComparedSpecs, ImpactCounts
from cachegraph.analysis.comparison.new_duplicates import NewDuplicate, new_duplicates
from cachegraph.analysis.comparison.pins import requirements
from cachegraph.analysis.comparison.products import ProductChange, product_changes
from cachegraph.analysis.comparison.rebuilt import RebuildCause, rebuild_causes, rebuilt_rows
from cachegraph.analysis.rows import Notes, Scope, SpecInStacks, row_order, rows, stacks_of
from cachegraph.analysis.selection.scope import scope_of
from cachegraph.analysis.selection.sides import Side, select_side
from cachegraph.analysis.selection.stacks import StackSelection, notes, specs_in_any
from cachegraph.analysis.thresholds import Threshold, parse_threshold
from cachegraph.errors import UsageError
from cachegraph.model.graph import Members, SpecGraph
from cachegraph.model.schema import IN_STACK, RELEASE, SPEC, STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.output.impact_tables import impact_markdown, impact_tables
from cachegraph.output.tables import Table
from cachegraph.questions.parameters import Argument, Option, ScopeQuestion

BUCKETS = (0, 10, 100, 500, 1000, 2500, 5000)
"""The upper bounds of the buckets of builds: 0, 1-10, 11-100, ..., 5001+."""
_ROW = ("hash", "package", "version", "variants", "compiler", "os", "target")


class StackImpact(ImpactCounts):
    """What changes in one stack; a stack that is new has no ``old``, one that goes no ``new``.

    ``roots`` are the packages among its roots that came, went or changed version.
    """

    stack: str
    old: NotRequired[str]
    new: NotRequired[str]
    roots: list[ProductChange]


_Versions = TypedDict("_Versions", {"from": list[str], "to": list[str]})


class VersionChange(_Versions):
    """A package of which the two sides have other versions."""

    package: str


class ImpactAnswer(Notes, ImpactCounts):
    """The answer of ``impact``; counts are of distinct specs over all stacks.

    ``bucket`` is the range that ``builds`` falls into: 0, 1-10, 11-100, 101-500, 501-1000,
    1001-2500, 2501-5000 or 5001+. ``new_duplicates`` are builds of which the change, or what is
    there, has another that looks the same. ``failed`` are the thresholds that are passed.
    """

    question: str
    old: str
    new: str
    caches: list[str]
    bucket: str
    near_duplicates: int
    stacks: list[StackImpact]
    causes: list[RebuildCause]
    versions: list[VersionChange]
    new_duplicates: list[NewDuplicate]
    new_specs: list[SpecInStacks]
    failed: list[str]


class Change(NamedTuple):
    """The sides of a change, and the caches that have builds already."""

    old: Side
    new: Side
    caches: list[StackSelection]

    def pairs(self) -> Iterator[tuple[StackSelection | None, StackSelection | None]]:
        """The stacks of both sides by name; two stacks are a pair whatever their names."""
        if len(self.old.stacks) == len(self.new.stacks) == 1:
            yield self.old.stacks[0], self.new.stacks[0]
            return
        before, after = (
            {StackKey.parse(one.key).name: one for one in side.stacks}
            for side in (self.old, self.new)
        )
        for name in sorted(before.keys() | after.keys()):
            yield before.get(name), after.get(name)


class Impact(ScopeQuestion[Change, ImpactAnswer]):
    """Show what a change of stacks rebuilds, and which near-duplicates it brings.

    OLD and NEW are stacks, lock files, revisions of a lock file in git, or releases: the folder of
    several environments, and a revision (git:HEAD), are releases of the stacks in them. --in,
    --release and --all-releases name the stacks whose binaries are there already: a new hash that
    one of them has need not be built.

    Prints the counts and the bucket of builds, the stacks, why specs are only rebuilt, changed
    versions, roots that come and go, and new builds that look like one that is there, with the pins
    that would avoid them. --markdown prints a comment for a pull request, with folded lists, under
    65,536 characters.

    Examples:
      cachegraph impact e4s-24.02/gcc-cuda e4s-24.11/gcc-cuda
      cachegraph impact e4s-24.02 e4s-24.11 --in gcc-cpu --markdown
    """

    old: Annotated[str, Argument("OLD", STACK, RELEASE)]
    new: Annotated[str, Argument("NEW", STACK, RELEASE)]
    fail_on: Annotated[
        Sequence[str],
        Option(
            "Exit with 1 if so, as in 'new-duplicates>0' or 'builds>=100'; may be repeated.",
            "COUNT>N",
            names=("--fail-on",),
        ),
    ] = ()

    def select(self, graph: SpecGraph) -> Change:
        self._thresholds()
        if self.old == self.new:
            raise UsageError(f"{self.old} is both sides", "name two stacks, or two releases")
        caches = self.select_narrowed(graph) or []
        return Change(select_side(graph, self.old), select_side(graph, self.new), caches)

    def _thresholds(self) -> list[Threshold]:
        return [parse_threshold(text, _COUNTS) for text in self.fail_on]

    def scope(self, graph: SpecGraph, selection: Change) -> Scope:
        both = [*selection.old.stacks, *selection.new.stacks]
        text = f"{selection.old.key} against {selection.new.key}"
        if selection.caches:
            caches = scope_of(graph, selection.caches, named=bool(self.stacks))
            text += f", built already {caches['text']}"
        return {**scope_of(graph, both, named=True), "text": text}

    def walk(self, graph: SpecGraph, selection: Change) -> ImpactAnswer:
        old, new = selection.old.specs, selection.new.specs
        cached = specs_in_any(selection.caches)
        compared = ComparedSpecs.of(graph, old, new)
        fresh = compared.fresh
        found = new_duplicates(graph, fresh - cached, (new - fresh) | cached, selection.new.stacks)
        counts = compared.counts(graph, cached)
        answer: ImpactAnswer = {
            "question": "impact",
            "old": selection.old.key,
            "new": selection.new.key,
            "caches": [one.key for one in selection.caches],
            **counts,
            "bucket": bucket(counts["builds"]),
            "near_duplicates": len(found),
            "stacks": [*_stacks(graph, selection, cached)],
            "causes": rebuild_causes(rebuilt_rows(graph, compared.matched.rebuilt)),
            "versions": _versions(graph, old, new),
            "new_duplicates": found,
            "new_specs": _new_specs(graph, selection, fresh - cached),
            "failed": [],
            **notes([*selection.old.stacks, *selection.new.stacks, *selection.caches]),
        }
        answer["failed"] = [one.text for one in self._thresholds() if one.is_passed(answer)]
        return answer

    exit_code = "Exit with 1 when anything must be built, or as --fail-on says."

    def found(self, answer: ImpactAnswer) -> bool:
        return bool(answer["failed"] if self.fail_on else answer["builds"])

    def elsewhere(self, graph: SpecGraph, scope: Scope) -> list[str]:
        return []

    sections = ("sums", "stacks", "causes", "versions", "roots", "new_duplicates", "new_specs")
    main_section = "stacks"

    def tables(self, answer: ImpactAnswer) -> Iterator[Table]:
        yield from impact_tables(answer)

    def markdown(self, answer: ImpactAnswer) -> str:
        """The answer as a comment for a pull request."""
        require: dict[str, list[str]] = {}
        for pin in dict.fromkeys(pin for row in answer["new_duplicates"] for pin in row["pins"]):
            for name, texts in requirements(pin).items():
                require.setdefault(name, []).extend(texts)
        return impact_markdown(answer, require)


_COUNTS = {
    **{name: name for name in ImpactCounts.__annotations__},
    "new-duplicates": "near_duplicates",
    "near-duplicates": "near_duplicates",
}
"""What a threshold may be of, and the key of the answer."""


def bucket(builds: int) -> str:
    """The range that a number of builds falls into."""
    below = 0
    for bound in BUCKETS:
        if builds <= bound:
            return f"{below + 1}-{bound}" if bound else "0"
        below = bound
    return f"{below + 1}+"


def _stacks(graph: SpecGraph, selection: Change, cached: Members) -> Iterator[StackImpact]:
    """A row for each stack of either side."""
    none: Members = frozenset()
    for before, after in selection.pairs():
        row: Any = {"stack": StackKey.parse((after or before).key).name}  # type: ignore[union-attr]
        row |= {"old": before.key} if before else {}
        row |= {"new": after.key} if after else {}
        old, new = (one.specs if one else none for one in (before, after))
        roots = (one.roots if one else none for one in (before, after))
        counts = ComparedSpecs.of(graph, old, new).counts(graph, cached)
        yield {**row, **counts, "roots": product_changes(graph, *roots)}  # type: ignore[typeddict-item]  # they are in row


def _versions(graph: SpecGraph, old: Members, new: Members) -> list[VersionChange]:
    """The packages of both sides that have other versions."""
    changes = product_changes(graph, old, new)
    return [
        {"package": row["package"], "from": row["from"], "to": row["to"]}
        for row in changes
        if row["change"] == "version"
    ]


def _new_specs(graph: SpecGraph, selection: Change, built: Members) -> list[SpecInStacks]:
    """The specs that must be built, with the stacks of the new side that have them."""
    keys = {one.key for one in selection.new.stacks}
    nodes = [*built]
    stacks = stacks_of(graph, IN_STACK, nodes)
    found: list[Any] = rows(graph, SPEC, nodes, _ROW)
    for node, row in zip(nodes, found, strict=True):
        row["stacks"] = [key for key in stacks.get(node, ()) if key in keys]
    return sorted(found, key=row_order)
