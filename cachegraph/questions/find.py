"""The specs that fit a spec in Spack's syntax, and the stacks that hold them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

from cachegraph.analysis.purl import PurlRow, purl_of
from cachegraph.analysis.rows import (
    ROW,
    Notes,
    in_row_order,
    keys_of,
    row_order,
    rows,
    shared_stacks_of,
    spec_row,
)
from cachegraph.analysis.selection.specs import match_specs, notes_on_syntax
from cachegraph.analysis.selection.stacks import notes, roots_in_any, specs_in_any
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.model.long_rows import LongRows, rows_of
from cachegraph.model.schema import IN_STACK, PACKAGE, SPEC, TARGET
from cachegraph.output.tables import SPEC_COLUMNS, Cell, Table, counted, table_of
from cachegraph.questions.parameters import Option, ScopeQuestion, Selected, Spec

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern


class FindAnswer(Notes):
    """The answer of ``find``; the stacks of each spec are all that hold it."""

    question: str
    spec: str
    specs: list[PurlRow]


class Find(ScopeQuestion[Selected | None, FindAnswer]):
    """Find specs by Spack's spec syntax, with the stacks that hold them.

    Prints one row for each spec that fits. SPEC may have these parts, in one or several words:

    \b
      hdf5 'py-*'      a package, or a pattern of names with *, ? and [...];
                       a virtual package, such as mpi, is its providers
      @1.14            1.14 and all 1.14.x; @=1.14 that alone; ranges @1.12:1.14,
                       @1.12: and @:1.14; several with commas
      +mpi ~shared     variants; build_type=Release, fabrics=ofi,verbs (at least
                       these), fabrics:=ofi (only these), api=* (any)
      cflags="-O2"     compiler flags
      %gcc@12          the compiler, or any other direct dependency; %c,cxx=gcc
      os=sles15 target=zen3 platform=linux arch=linux-*-zen3
                       where it runs; target=x86_64_v3: is a range, * is any
      /2feova4         a hash, or its beginning
      ^zlib-ng@2+opt   a dependency, at any depth and of any type; ^mpi,
                       ^mpi=openmpi, ^[deptypes=run] python; ^gcc and ^c too where
                       the compiler is no dependency, as before Spack 1.0

    What follows a virtual package is asked of its provider, as in ^blas+shared and ^mpi %gcc@13;
    versions, as in ^mpi@3:, are those of the virtual package, which only Spack 1.3 and newer
    record.

    Without a name, specs of all packages are found; with --in, --release or --all-releases, those
    that stacks hold, and with --roots those that stacks were asked to have.

    Examples:
      cachegraph find zlib-ng+new_strategies
      cachegraph find '^zlib-ng' --in gcc-cpu
      cachegraph find '*' --roots --in 'e4s-24.11/*'
      cachegraph find 'py-*@4: os=*'
      cachegraph find py-mpi4py%gcc@11 target=x86_64_v3 --in e4s
    """  # noqa: D301  # Click wants the character itself

    spec: Spec
    roots: Annotated[bool, Option("Only roots of the stacks.")] = False

    def select(self, graph: SpecGraph) -> Selected | None:
        return self.select_narrowed(graph)

    def asked_of(self, selection: Selected | None) -> Selected | None:
        return selection

    def walk(self, graph: SpecGraph, selection: Selected | None) -> FindAnswer:
        specs, texts = match_specs(graph, self.spec)
        if selection is not None:
            specs = specs & specs_in_any(selection)
        if self.roots:
            specs = specs & roots_in_any(graph, selection)
        by_name = in_row_order(graph, specs)
        stacks = shared_stacks_of(graph, IN_STACK, specs)

        def made(some: Sequence[Handle]) -> list[Any]:
            return _rows(graph, some, stacks)

        held_by = {id(keys): keys for keys in stacks.values()}.values()
        counts = {"versions": len(by_name), "stacks": len({*chain.from_iterable(held_by)})}
        found = rows_of([*chain.from_iterable(by_name.values())], made, counts)
        return self._answer(selection, found, texts)

    def fits_cypher(self, selection: Selected | None) -> bool:
        return not any(one.group for one in selection or ())

    def cypher(self, graph: CypherGraph, selection: Selected | None) -> FindAnswer:
        """The answer of find.cypher; what it cannot compare, such as versions, is compared here."""
        parameters, pattern, texts = _parameters(graph, self.spec)
        stacks = None if selection is None else [one.key for one in selection]
        found: list[Any] = [
            {
                **spec_row(row["spec"]),
                "stacks": sorted(row["stacks"]),
                **purl_of(row["spec"], row["spec"].get("namespace")),
            }
            for row in graph.rows("find", {**parameters, "stacks": stacks})
            if pattern is None or pattern.fits(row["spec"])
        ]
        if self.roots:
            roots = {*keys_of(graph, SPEC, roots_in_any(graph, selection))}
            found = [row for row in found if row["hash"] in roots]
        return self._answer(selection, sorted(found, key=row_order), texts)

    def _answer(
        self, selection: Selected | None, specs: list[PurlRow], texts: Sequence[str]
    ) -> FindAnswer:
        return {
            "question": "find",
            "spec": self.spec,
            "specs": specs,
            **notes(selection or (), texts),
        }

    exit_code = "Exit with 1 when a spec fits."
    found_in = "specs"

    sections = ("specs",)

    def tables(self, answer: FindAnswer) -> Iterator[Table]:
        columns = (*SPEC_COLUMNS[:-1], "stacks", "held by", SPEC_COLUMNS[-1])
        cells: dict[str, Cell] = {
            "stacks": lambda row: len(row["stacks"]),
            "held by": lambda row: " ".join(row["stacks"]),
        }
        yield table_of("specs", columns, answer["specs"], _summary(answer), **cells)


def _rows(
    graph: SpecGraph, specs: Sequence[Handle], stacks: Mapping[Handle, Sequence[str]]
) -> list[Any]:
    """The rows of specs, in their order."""
    nodes = sorted(specs)  # the order of the graph is quicker to read
    found: dict[Handle, Any] = dict(zip(nodes, rows(graph, SPEC, nodes, ROW), strict=True))
    namespaces = graph.values(SPEC, nodes, ("namespace",))
    for (spec, row), (namespace,) in zip(found.items(), namespaces, strict=True):
        row["stacks"] = [*stacks.get(spec, ())]
        row.update(purl_of(row, namespace))
    return [*map(found.__getitem__, specs)]


def _parameters(
    graph: SpecGraph, spec: str
) -> "tuple[dict[str, Any], Pattern | None, Sequence[str]]":
    """The parameters of find.cypher, the pattern that its rows must fit, if any, and notes.

    Specs by their dependencies, by hash, or by a name that is no package are found here and given
    by hash.
    """
    parameters: dict[str, Any] = dict.fromkeys(("platform", "os", "targets"))
    parameters |= {"packages": [], "hashes": []}
    if graph.find(PACKAGE, spec) is not None:
        return {**parameters, "packages": [spec]}, None, ()
    from cachegraph.syntax import ANY, parse

    pattern = parse(spec)
    is_known = pattern.name is None or graph.find(PACKAGE, pattern.name) is not None
    if not is_known or not pattern.is_without_dependencies or pattern.hash is not None:
        specs, texts = match_specs(graph, spec)
        return {**parameters, "hashes": keys_of(graph, SPEC, specs)}, None, texts
    parameters["packages"] = [pattern.name] if pattern.name else graph.keys(PACKAGE)
    for name, value in (("platform", pattern.platform), ("os", pattern.os)):
        parameters[name] = None if value == ANY else value
    if pattern.target is not None:
        parameters["targets"] = [*filter(pattern.target.fits, graph.keys(TARGET))]
    return parameters, pattern, [*notes_on_syntax(pattern)]


def _summary(answer: FindAnswer) -> str:
    """The note above the table: how many specs fit, of how many versions, in how many stacks."""
    specs = answer["specs"]
    if not specs:
        return f"No spec fits {answer['spec']}."
    if isinstance(specs, LongRows):
        versions, stacks = specs.counts["versions"], specs.counts["stacks"]
    else:
        versions = len({(row.get("package"), row.get("version")) for row in specs})
        stacks = len({stack for row in specs for stack in row["stacks"]})
    fit = "fits" if len(specs) == 1 else "fit"
    return (
        f"{counted(len(specs), 'spec')} {fit}: {counted(versions, 'package-version')}, "
        f"held by {counted(stacks, 'stack')}"
    )
