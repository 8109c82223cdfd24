"""What one stack holds and no other, and which roots of others would lose specs with it."""

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Annotated, Any, TypedDict

from cachegraph.analysis.comparison.levels import (
    LevelRow,
    check_level,
    equal_at,
    level_row,
    level_rows,
)
from cachegraph.analysis.comparison.one_side import TARGET, PackageTarget, values_on_one_side
from cachegraph.analysis.dependencies.roots_losing_specs import RootLosingSpecs, roots_losing_specs
from cachegraph.analysis.rows import Notes, Scope, StackSize, row_order
from cachegraph.analysis.selection.scope import scope_of, select_stack, select_stacks
from cachegraph.analysis.selection.stacks import (
    StackSelection,
    excluded_packages,
    notes,
    specs_in_any,
)
from cachegraph.analysis.sizes import Bytes, known_sizes, total_bytes
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import (
    Table,
    counted,
    counted_at_level,
    level_table,
    shown_bytes,
    table_of,
)
from cachegraph.questions import Question
from cachegraph.questions.parameters import (
    Argument,
    IgnoreRuntime,
    InStacks,
    Level,
    Option,
    Releases,
    Selected,
)

_VERSION = ("package", "version")
OneAndOthers = tuple[StackSelection, Selected]
"""A stack, and the stacks that it is compared with."""


class PackageVersion(TypedDict):
    """A package in a version."""

    package: str
    version: str


class UniqueAnswer(Notes, Bytes):
    """The answer of ``unique``: what ``stack`` holds and none of the stacks in ``among``.

    ``bytes`` are those of the archives that no other stack needs, whatever the level.
    """

    question: str
    level: str
    stack: StackSize
    among: list[str]
    specs: list[LevelRow]
    versions: list[PackageVersion]
    cells: list[PackageTarget]
    roots: list[RootLosingSpecs]


class Unique(Question[OneAndOthers, UniqueAnswer]):
    """List what one stack holds and no other stack of its release.

    That is what would be lost if the stack were dropped: specs, package-versions, and packages
    built for a target; then come the roots of other stacks that depend on a lost spec. The stack
    root, which holds everything, is not compared with. A group of a stack is compared with the
    other roots of its stack as well, and what they depend on.

    Examples:
      cachegraph unique gcc-cpu
      cachegraph unique hep
    """

    stack: Annotated[str, Argument("STACK", STACK)]
    stacks: InStacks = ()
    release: Releases = ()
    ignore_runtime: IgnoreRuntime = False
    level: Level = "hash"
    all_releases: Annotated[bool, Option("Compare with the stacks of all releases.")] = False

    def select(self, graph: SpecGraph) -> OneAndOthers:
        check_level(self.level)
        exclude = self.ignore_runtime
        one = select_stack(graph, self.stack, self.release, ignore_runtime=exclude)
        own = () if self.stacks or self.all_releases else StackKey.parse(one.key).release
        among = select_stacks(
            graph,
            self.stacks,
            self.release or own,
            all_releases=self.all_releases,
            ignore_runtime=exclude,
        )
        among = [other for other in among if other.key != one.key]
        if (group := one.group) is not None:
            among = [o.without_group(group) if o.key == group.stack else o for o in among]
        return one, among

    def scope(self, graph: SpecGraph, selection: OneAndOthers) -> Scope:
        scope = scope_of(graph, selection[1], named=bool(self.stacks))
        return {**scope, "text": f"{selection[0].key} against what is {scope['text']}"}

    def walk(self, graph: SpecGraph, selection: OneAndOthers) -> UniqueAnswer:
        one, among = selection
        others = specs_in_any(among)
        lost = one.specs - others
        mine = equal_at(graph, self.level, one.specs) - equal_at(graph, self.level, others)
        specs = level_rows(graph, self.level, one.specs, {token: [one.key] for token in mine})
        more = {
            "versions": values_on_one_side(graph, _VERSION, one.specs, others),
            "cells": values_on_one_side(graph, TARGET, one.specs, others),
            "roots": roots_losing_specs(graph, among, lost),
        }
        sizes = known_sizes(graph, lost).values()
        size = total_bytes(sum(sizes), len(sizes), len(lost))
        return self._answer(selection, one.size(), specs, more, size)

    def cypher(self, graph: CypherGraph, selection: OneAndOthers) -> UniqueAnswer:
        one, among = selection
        parameters = {
            "stack": one.key,
            "among": [other.key for other in among],
            "level": self.level,
            "without": excluded_packages(ignore_runtime=self.ignore_runtime),
        }
        (row,) = graph.rows("unique", parameters)
        for root in row["roots"]:
            root["missing"].sort()
        size: StackSize = {"key": one.key, "specs": row["size"]}
        specs = sorted((level_row(self.level, spec) for spec in row["specs"]), key=row_order)
        lost = total_bytes(row["bytes"], row["sized"], row["lost"])
        return self._answer(selection, size, specs, row, lost)

    def fits_cypher(self, selection: OneAndOthers) -> bool:
        return selection[0].group is None

    def _answer(
        self,
        selection: OneAndOthers,
        size: StackSize,
        specs: list[LevelRow],
        more: Mapping[str, Iterable[Any]],
        lost: Bytes,
    ) -> UniqueAnswer:
        one, among = selection
        where = "there" if self.all_releases else "in its release"
        alone = f"{one.key} was compared with nothing: no other stack is {where}"
        return {
            "question": "unique",
            "level": self.level,
            "stack": size,
            "among": [other.key for other in among],
            **lost,
            "specs": specs,
            "versions": sorted(more["versions"], key=itemgetter(*_VERSION)),
            "cells": sorted(more["cells"], key=itemgetter(*TARGET)),
            "roots": sorted(more["roots"], key=lambda row: (*row_order(row), row["stack"])),
            **notes([one], [] if among else [alone]),
        }

    compares_with_others = True
    exit_code = "Exit with 1 when the stack holds anything that no other does."
    found_in = "specs"

    sections = ("specs", "versions", "cells", "roots")

    def tables(self, answer: UniqueAnswer) -> Iterator[Table]:
        stack = answer["stack"]
        note = (
            f"{counted_at_level(answer)} only in {stack['key']} (it holds "
            f"{counted(stack['specs'], 'spec')}), "
            f"compared with {counted(len(answer['among']), 'other stack')}"
        )
        if "bytes" in answer:
            note += f"; {shown_bytes(answer['bytes'])} that no other stack needs"
        yield level_table("specs", answer, [], note)
        versions, cells = answer["versions"], answer["cells"]
        note = f"{counted(len(versions), 'package-version')} in no other stack"
        yield table_of("versions", _VERSION, versions, note)
        note = f"{counted(len(cells), 'pair')} of package and target in no other stack"
        yield table_of("cells", TARGET, cells, note)
        columns = ("package", "version", "hash", "stack", "missing")
        note = f"{counted(len(answer['roots']), 'root')} of other stacks would lose a dependency"
        yield table_of("roots", columns, answer["roots"], note)
