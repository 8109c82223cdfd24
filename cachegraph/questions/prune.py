"""What deleting stacks from a build cache would free, keep and break."""

import shlex
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Annotated, Any, NamedTuple

from cachegraph.analysis.comparison.one_side import TARGET, PackageTarget, values_on_one_side
from cachegraph.analysis.dependencies.roots_losing_specs import RootLosingSpecs
from cachegraph.analysis.pruning import DanglingSpec, DroppedStack, Holder, Pruned, Pruning
from cachegraph.analysis.rows import ROW as SPEC_ROW
from cachegraph.analysis.rows import Notes, SpecInStacks, row_order, rows, stacks_of
from cachegraph.analysis.selection.dropping import names_for_remove, stacks_to_drop
from cachegraph.analysis.selection.lookup import stacks_of_release
from cachegraph.analysis.selection.stacks import StackSelection, notes
from cachegraph.analysis.sizes import Bytes, known_sizes, sizes_among, total_bytes
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import IN_STACK, RELEASE, SPEC, STACK
from cachegraph.output.tables import (
    Cell,
    Table,
    counted,
    shown_bytes,
    size_cell,
    spec_table,
    table_of,
)
from cachegraph.questions import Question
from cachegraph.questions.parameters import Names, Option


class PruneAnswer(Notes, Bytes):
    """The answer of ``prune``: ``specs`` go, and so many bytes of archives with them.

    ``kept`` are the holders of what stays of the dropped stacks, ``dangling`` the specs that stay
    and depend on ones that go, ``coverage`` the packages and targets with no spec left. ``refused``
    is whether anything dangles and ``force`` was not given. ``keep`` are the hashes of all that
    stays, ``remove`` the names by which ``cachegraph remove`` takes the stacks out of the store.
    """

    question: str
    refused: bool
    dropped: list[DroppedStack]
    specs: int
    kept: list[Holder]
    dangling: list[DanglingSpec]
    roots: list[RootLosingSpecs]
    coverage: list[PackageTarget]
    gone: list[SpecInStacks]
    keep: list[str]
    remove: list[str]


class PruneSelection(NamedTuple):
    """The stacks that are dropped and those that stay, the names for ``remove``, and notes."""

    stacks: Pruned
    remove: list[str]
    notes: list[str]


class Prune(Question[PruneSelection, PruneAnswer]):
    """Show what deleting stacks from a build cache would free and break.

    Options add up: all stacks that they name are dropped. A spec goes if it is in a dropped stack
    and no stack that stays holds it; the stack root holds only what no other stack of its release
    has. Prints how many specs go of each stack, which stacks keep the others, the specs and roots
    that stay without what they need, packages with no spec left for a target, and the specs that
    go. If anything would be left without what it needs, the exit status is 2, unless --force.

    Nothing is deleted. --keeplist writes what spack buildcache prune --keeplist takes: Spack then
    deletes all specs that are not in it, also those of which this graph knows nothing. The last
    line takes the stacks out of the store.

    Examples:
      cachegraph prune --drop e4s-24.02
      cachegraph prune --unused-since e4s-24.11 --section coverage
    """

    drop: Annotated[
        Sequence[str],
        Option(
            "Drop this stack, all of this release, or what a pattern fits; may be repeated.",
            "STACK",
            STACK,
            RELEASE,
        ),
    ] = ()
    keep_last: Annotated[
        int, Option("Drop dated releases, but not the last N of each series.", "N", least=0)
    ] = 0
    unused_since: Annotated[
        str | None,
        Option("Drop the releases before this one in its series.", "RELEASE", RELEASE),
    ] = None
    only_in: Annotated[
        Names, Option("Drop this release, or those that a pattern fits.", "RELEASE", RELEASE)
    ] = ()
    force: Annotated[bool, Option("Accept that specs which stay lose dependencies.")] = False

    def select(self, graph: SpecGraph) -> PruneSelection:
        only_in = [self.only_in] if isinstance(self.only_in, str) else [*(self.only_in or ())]
        named = stacks_to_drop(
            graph,
            self.drop,
            keep_last=self.keep_last,
            unused_since=self.unused_since,
            only_in=only_in,
        )
        stacks = Pruned([], [])
        for key, node in stacks_of_release(graph, None):
            side = stacks.dropped if key in named.stacks else stacks.kept
            side.append(StackSelection(graph, key, node))
        return PruneSelection(stacks, names_for_remove(graph, named.stacks), named.notes)

    def walk(self, graph: SpecGraph, selection: PruneSelection) -> PruneAnswer:
        pruning = Pruning(graph, selection.stacks)
        sizes = known_sizes(graph, pruning.dropped)
        known = sizes_among(sizes, pruning.gone)
        coverage: list[Any] = values_on_one_side(graph, TARGET, pruning.gone, pruning.staying)
        return {
            "question": "prune",
            "refused": bool(pruning.missing) and not self.force,
            "dropped": [*pruning.dropped_rows(sizes)],
            "specs": len(pruning.gone),
            **total_bytes(sum(known), len(known), len(pruning.gone)),
            "kept": pruning.holders(sizes),
            "dangling": pruning.dangling(),
            "roots": pruning.roots(),
            "coverage": sorted(coverage, key=itemgetter(*TARGET)),
            "gone": _gone(graph, pruning),
            "keep": pruning.kept_hashes(),
            "remove": selection.remove,
            **notes((), [*selection.notes, *_notes(graph, pruning)]),
        }

    exit_code = "Exit with 1 when a spec would go."
    found_in = "specs"

    sections = ("dropped", "kept", "dangling", "roots", "coverage", "gone", "remove")
    main_section = "gone"

    def tables(self, answer: PruneAnswer) -> Iterator[Table]:
        dropped, dangling, roots = answer["dropped"], answer["dangling"], answer["roots"]
        cells: dict[str, Cell] = {"stack": "key", "bytes": size_cell("bytes")}
        note = f"{counted(answer['specs'], 'spec')} of {counted(len(dropped), 'stack')} would go"
        if "bytes" in answer:
            note += f", with {shown_bytes(answer['bytes'])} of archives"
        yield table_of("dropped", ("stack", "specs", "gone", "bytes"), dropped, note, **cells)
        note = "What stays of them, by the stacks that hold it; alone: no other holds it"
        columns: Sequence[str] = ("stack", "specs", "alone", "bytes")
        yield table_of("kept", columns, answer["kept"], note, **cells)
        columns = ("package", "version", "hash", "stacks", "deptypes", "missing")
        note = f"{counted(len(dangling), 'spec')} would stay without a dependency"
        yield table_of("dangling", columns, dangling, note, stacks=_stacks)
        columns = ("package", "version", "hash", "stack", "missing")
        note = f"{counted(len(roots), 'root')} would lose a dependency"
        yield table_of("roots", columns, roots, note)
        note = f"{counted(len(answer['coverage']), 'pair')} of package and target with no spec left"
        yield table_of("coverage", TARGET, answer["coverage"], note)
        yield spec_table("gone", answer["gone"], "What would go")
        command = [(shlex.join(["cachegraph", "remove", *answer["remove"]]),)]
        note = "What takes the stacks out of the store"
        yield Table("remove", ("command",), command if answer["remove"] else [], note)


def _stacks(row: DanglingSpec) -> str:
    return ", ".join(row["stacks"])


def _gone(graph: SpecGraph, pruning: Pruning) -> list[SpecInStacks]:
    """The rows of the specs that go, with the dropped stacks that hold them."""
    specs = [*pruning.gone]
    stacks = stacks_of(graph, IN_STACK, specs)
    found: list[SpecInStacks] = [
        {**row, "stacks": [key for key in stacks[spec] if key in pruning.dropped_keys]}  # type: ignore[typeddict-item]
        for spec, row in zip(specs, rows(graph, SPEC, specs, SPEC_ROW), strict=True)
    ]
    return sorted(found, key=row_order)


def _notes(graph: SpecGraph, pruning: Pruning) -> Iterator[str]:
    for key, count in pruning.still_listed():
        yield f"{key} lists {counted(count, 'spec')} that would go: these stay in the store with it"
    formats = graph.values(SPEC, pruning.staying, ("specfile_version",))
    if count := sum(format_ is None for (format_,) in formats):
        what = f"no source records the dependencies of {counted(count, 'spec')} that would stay"
        yield f"{what}: whether these lose any is not known"
