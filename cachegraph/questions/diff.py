"""How two stacks or two releases differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, NotRequired, TypedDict

from cachegraph.analysis.comparison.pairing import match_specs
from cachegraph.analysis.comparison.products import CHANGES, ProductChange, product_changes
from cachegraph.analysis.comparison.rebuilt import (
    RebuildCause,
    Rebuilt,
    count_changes,
    rebuild_causes,
    rebuilt_rows,
)
from cachegraph.analysis.rows import Notes, Scope, SpecRow, StackSize, spec_rows
from cachegraph.analysis.selection.scope import scope_of
from cachegraph.analysis.selection.sides import Sides, select_side
from cachegraph.analysis.selection.stacks import (
    excluded_packages,
    notes,
)
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import RELEASE, SPEC, STACK, VISIBLE
from cachegraph.output.cause_tables import cause_text, rebuild_causes_table
from cachegraph.output.tables import Cell, Table, counted, spec_table, table_of
from cachegraph.questions import Question
from cachegraph.questions.parameters import Argument, IgnoreRuntime, InStacks, Releases

_CAUSES_SHOWN = 3
# The properties in which the specs of a package can have changed.
_CHANGING = VISIBLE[1:]


class DiffSide(StackSize):
    """A stack, or a release with the number of its stacks."""

    stacks: NotRequired[int]


Changed = TypedDict(
    "Changed", {"package": str, "from": list[SpecRow], "to": list[SpecRow], "differs": list[str]}
)
"""The specs of a package that are neither kept nor rebuilt, and the properties that differ."""


class DiffAnswer(Notes):
    """The answer of ``diff``.

    The left side has ``kept``, ``removed``, ``from`` of ``changed``, and ``rebuilt``; the right
    side ``kept``, ``added``, ``to`` of ``changed``, and ``rebuilt``. ``products`` are the packages
    among the roots.
    """

    question: str
    left: DiffSide
    right: DiffSide
    kept: int
    products: list[ProductChange]
    added: list[SpecRow]
    removed: list[SpecRow]
    changed: list[Changed]
    rebuilt: list[Rebuilt]
    causes: list[RebuildCause]


class Diff(Question[Sides, DiffAnswer]):
    """Compare two stacks or releases: specs kept, rebuilt, changed, added, removed.

    A and B are stacks, or both are releases, of which all stacks but root, or those of --in, are
    taken together. First come the products: packages among the roots that came, went, or changed
    version. Specs are kept (the same hash), only rebuilt (the same package, version and variants
    under a new hash, with the causes), changed (other specs of a package that both sides have),
    added or removed.

    Examples:
      cachegraph diff e4s-24.02/gcc-cuda e4s-24.11/gcc-cuda
      cachegraph diff gcc-cpu e4s-24.11/gcc-cuda --section sums
    """

    left: Annotated[str, Argument("A", STACK, RELEASE)]
    right: Annotated[str, Argument("B", STACK, RELEASE)]
    stacks: InStacks = ()
    release: Releases = ()
    ignore_runtime: IgnoreRuntime = False

    def select(self, graph: SpecGraph) -> Sides:
        if self.left == self.right:
            raise UsageError(
                f"{self.left} and {self.right} are the same", "name two stacks, or two releases"
            )
        names = (self.left, self.right)
        exclude = self.ignore_runtime
        return [
            select_side(graph, name, self.stacks, self.release, ignore_runtime=exclude)
            for name in names
        ]

    def scope(self, graph: SpecGraph, selection: Sides) -> Scope:
        both = [one for side in selection for one in side.stacks]
        left, right = (scope_of(graph, side.stacks, named=True)["text"] for side in selection)
        text = f"{left} against {right.removeprefix('in ')}"
        return {**scope_of(graph, both, named=True), "text": text}

    def walk(self, graph: SpecGraph, selection: Sides) -> DiffAnswer:
        left, right = (side.specs for side in selection)
        kept = left & right
        matched = match_specs(graph, left - kept, right - kept)
        without = excluded_packages(ignore_runtime=self.ignore_runtime)
        rebuilt = rebuilt_rows(graph, matched.rebuilt, without)
        changed = [_changed_row(graph, old, new) for old, new in matched.changed]
        return {
            "question": "diff",
            "left": selection[0].row(),
            "right": selection[1].row(),
            "kept": len(kept),
            "products": product_changes(graph, *(side.roots for side in selection)),
            "added": spec_rows(graph, matched.added),
            "removed": spec_rows(graph, matched.removed),
            "changed": sorted(changed, key=lambda row: row["package"]),
            "rebuilt": rebuilt,
            "causes": rebuild_causes(rebuilt),
            **notes(one for side in selection for one in side.stacks),
        }

    exit_code = "Exit with 1 when any spec is not kept."

    def found(self, answer: DiffAnswer) -> bool:
        return any((answer["added"], answer["removed"], answer["changed"], answer["rebuilt"]))

    sections = ("sums", "products", "causes", "rebuilt", "changed", "added", "removed")

    def tables(self, answer: DiffAnswer) -> Iterator[Table]:
        yield _sums_table(answer)
        cells: dict[str, Cell] = {name: _joined_versions(name) for name in ("from", "to")}
        products = answer["products"]
        note = _products_note(products) if products else "The roots are the same."
        yield table_of("products", ("package", "change", *cells), products, note, **cells)
        rebuilt, changed = answer["rebuilt"], answer["changed"]
        yield rebuild_causes_table(answer["causes"])
        columns = ("package", "version", "from", "to", "because of")
        note = f"{len(rebuilt)} rebuilt only"
        yield table_of("rebuilt", columns, rebuilt, note, **{"because of": _because_of})
        cells = {
            "from": lambda row: _versions(row["from"]),
            "to": lambda row: _versions(row["to"]),
            "differs": lambda row: ", ".join(row["differs"]),
        }
        note = f"{counted(len(changed), 'package')} changed"
        yield table_of("changed", ("package", *cells), changed, note, **cells)
        yield spec_table("added", answer["added"], f"{len(answer['added'])} added")
        yield spec_table("removed", answer["removed"], f"{len(answer['removed'])} removed")


def _joined_versions(name: str) -> Cell:
    return lambda row: ", ".join(row[name])


def _products_note(products: Sequence[ProductChange]) -> str:
    counts = Counter(row["change"] for row in products)
    return "Roots: " + ", ".join(f"{counts[change]} {change}" for change in CHANGES)


def _changed_row(graph: SpecGraph, left: list[Handle], right: list[Handle]) -> Changed:
    before, after = spec_rows(graph, left), spec_rows(graph, right)
    ours, theirs = graph.tokens(SPEC, left, _CHANGING), graph.tokens(SPEC, right, _CHANGING)
    columns = zip(_CHANGING, ours, theirs, strict=True)
    return {
        "package": before[0].get("package", ""),
        "from": before,
        "to": after,
        "differs": [name for name, old, new in columns if {*old} != {*new}],
    }


def _sums_table(answer: DiffAnswer) -> Table:
    """How many specs each side has of those that are kept, rebuilt, changed, removed and added."""
    left, right, rebuilt = answer["left"], answer["right"], len(answer["rebuilt"])
    old = sum(len(row["from"]) for row in answer["changed"])
    new = sum(len(row["to"]) for row in answer["changed"])
    rows = [
        ("kept", answer["kept"], answer["kept"]),
        ("rebuilt", rebuilt, rebuilt),
        ("changed", old, new),
        ("removed", len(answer["removed"]), ""),
        ("added", "", len(answer["added"])),
        ("specs", left["specs"], right["specs"]),
    ]
    return Table("sums", ("", left["key"], right["key"]), rows, _headline(answer))


def _headline(answer: DiffAnswer) -> str:
    """What happened, in a sentence."""
    rebuilt = f"{len(answer['rebuilt'])} rebuilt only"
    leads = [cause for cause in answer["causes"] if "comes_with" not in cause]
    if leads:
        more = len(leads) - 1
        rebuilt += f": {cause_text(leads[0])}"
        rebuilt += f" and {counted(more, 'other cause')}" if more else ""
    changes = count_changes(answer["changed"])
    parts = [
        f"{answer['kept']} kept, {rebuilt}",
        f"{counted(changes['version'], 'package')} changed version",
        f"{counted(changes['other'], 'package')} changed otherwise" * bool(changes["other"]),
        f"{len(answer['added'])} added",
        f"{len(answer['removed'])} removed",
    ]
    return "; ".join(filter(None, parts))


def _because_of(row: Rebuilt) -> str:
    """The first few causes; those of the spec itself have no package."""
    causes = [
        cause_text({**cause, "package": "" if not cause["depth"] else cause["package"]})
        for cause in row["causes"]
    ]
    if not causes:
        return "nothing that is recorded" if "ignored" not in row else "what is ignored"
    more = len(causes) - _CAUSES_SHOWN
    return "; ".join(causes[:_CAUSES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _versions(rows: Iterable[SpecRow]) -> str:
    return ", ".join(dict.fromkeys(row.get("version", "") for row in rows))
