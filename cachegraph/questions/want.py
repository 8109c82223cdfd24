"""The nearest binaries to a spec, or to those of a lock file, in stacks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.nearest.candidates import Candidate, candidates, note_no_binary, rank
from cachegraph.analysis.nearest.mismatches import request_mismatches
from cachegraph.analysis.nearest.nearness import Arch
from cachegraph.analysis.nearest.rows import (
    CandidateRow,
    LockedRow,
    MismatchRow,
    add_substitutes,
    candidate_row,
    locked_row,
    note_unknown_target,
)
from cachegraph.analysis.rows import Notes, Scope, row_order
from cachegraph.analysis.selection.names import name_specs, packages_of
from cachegraph.analysis.selection.specs import filter_property, notes_on_reading
from cachegraph.analysis.selection.stacks import notes, specs_of_packages
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, Members, SpecGraph
from cachegraph.output.tables import Cell, Table, hash_cell, table_of
from cachegraph.questions.parameters import (
    Option,
    ReleasesElseDevelop,
    ScopeQuestion,
    Selected,
    Spec,
)

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern

_NONE = {
    "no stack": "none of the stacks has the package",
    "external": "the stacks have it only as an external",
    "does not run": "none that the stacks have runs there",
}
_STATES = ("available", "near", "missing", "external", "total")


class Wish(TypedDict):
    """What is wanted: a spec or a lock file; and where it is to run, as far as that is given."""

    spec: NotRequired[str]
    lock: NotRequired[str]
    platform: NotRequired[str]
    os: NotRequired[str]
    target: NotRequired[str]


class WantAnswer(Notes):
    """The answer of ``want``; ``total`` counts all candidates, or all specs but ``external``."""

    question: str
    wanted: Wish
    stacks: list[str]
    candidates: list[CandidateRow]
    total: int
    specs: NotRequired[list[LockedRow]]
    available: NotRequired[int]
    near: NotRequired[int]
    missing: NotRequired[int]
    external: NotRequired[int]


class WantSelection(NamedTuple):
    """What the parameters name."""

    stacks: Selected
    specs: Members
    """The specs of the package, of those that fit a pattern of names, or of the lock file's."""
    pattern: "Pattern | None"
    """What is asked of the binary; None for a lock file."""
    arch: Arch | None
    """Where it is to run; None where the lock file says it."""
    notes: Sequence[str] = ()


class Want(ScopeQuestion[WantSelection, WantAnswer]):
    """Find the binaries that are nearest to a spec, with what differs.

    First come those that fit; then those for an older target, which run on the newer; then those
    with another compiler, other dependencies, other variants or another version. Last are those
    that do not run there: for a newer target or one of another family, another OS or platform.
    Without --on, only the platform, OS and target that SPEC names count.

    With --lock spack.lock each spec of a lock file is looked for: it is available (the stacks hold
    its hash), near (a binary that runs differs in one thing), or missing. It is to run where the
    lock file says, unless --on does. Externals are not looked for.

    Examples:
      cachegraph want hdf5 --in gcc-cpu --on linux-ubuntu22.04-zen3
      cachegraph want py-mpi4py@4 %gcc@11 --on linux-ubuntu22.04-zen3
    """

    spec: Spec
    on: Annotated[
        str | None, Option("Where it is to run: platform-os-target; * is any.", "ARCH")
    ] = None
    release: ReleasesElseDevelop = ()
    limit: Annotated[int, Option("Most binaries to show.", least=1)] = 10
    lock: str | None = None
    """The location of a lock file whose specs are wanted, instead of ``spec``."""
    lock_specs: Sequence[Mapping[str, Any]] = ()
    """The properties of each spec of the lock file."""

    def select(self, graph: SpecGraph) -> WantSelection:
        stacks = self.select_stacks(graph)
        arch = None if self.on is None else Arch.parse(self.on)
        if self.lock is not None:
            packages = {str(row.get("package")) for row in _built(self.lock_specs)}
            return WantSelection(stacks, specs_of_packages(graph, packages), None, arch)
        from cachegraph.syntax import parse

        pattern = parse(self.spec)
        if pattern.name is None:
            raise UsageError(f"{self.spec}: no name of a package", "as in 'hdf5@1.14 +mpi'")
        named = name_specs(graph, pattern._replace(hash=None))
        specs, wanted = named.specs, named.pattern._replace(hash=pattern.hash)
        if wanted.provides is not None:
            specs = filter_property(graph, specs, "provides", wanted.provides.fits)
        texts = notes_on_reading(graph, pattern, named)
        return WantSelection(stacks, specs, wanted, (arch or Arch()).with_spec(pattern), texts)

    def asked_of(self, selection: WantSelection) -> Selected:
        return selection.stacks

    def walk(self, graph: SpecGraph, selection: WantSelection) -> WantAnswer:
        found = candidates(graph, selection.stacks, selection.specs, selection.pattern)
        return self._answer(graph, selection, found)

    def fits_cypher(self, selection: WantSelection) -> bool:
        """Whether no dependency is wanted and no group selected: the statement knows neither."""
        pattern = selection.pattern
        without_dependencies = pattern is None or pattern.is_without_dependencies
        return without_dependencies and not any(one.group for one in selection.stacks)

    def cypher(self, graph: CypherGraph, selection: WantSelection) -> WantAnswer:
        keys = [one.key for one in selection.stacks]
        packages = packages_of(graph, selection.specs)
        rows = graph.rows("want", {"stacks": keys, "packages": packages})
        found = [
            Candidate(row["spec"], sorted(row["stacks"]))
            for row in rows
            if row["spec"]["hash"] in selection.specs
        ]
        return self._answer(graph, selection, found)

    def _answer(
        self, graph: SpecGraph, selection: WantSelection, found: list[Candidate]
    ) -> WantAnswer:
        stacks, specs, pattern, arch, on_reading = selection
        if pattern is None or arch is None:
            return self._lock_answer(stacks, arch, found)
        ranked = rank(lambda one: request_mismatches(pattern, one.row, one.unmet), arch, found)
        texts = [*on_reading, *note_unknown_target(arch)]
        if not ranked:
            name = pattern.name or self.spec
            texts.append(note_no_binary(graph, name, specs, externals=bool(found)))
        elif not any(one.nearness.runs for one in ranked):
            texts.append(f"none of them runs on {arch.text}")
        nearest = [candidate_row(one, arch) for one in ranked[: self.limit]]
        add_substitutes(graph, pattern, nearest)
        return {
            "question": "want",
            "wanted": {"spec": self.spec, **arch.parts()},  # type: ignore[typeddict-item]  # no other keys
            "stacks": [one.key for one in stacks],
            "candidates": nearest,
            "total": len(ranked),
            **notes(stacks, texts),  # type: ignore[typeddict-item]  # no other keys
        }

    def _lock_answer(self, stacks: Selected, on: Arch | None, found: list[Candidate]) -> WantAnswer:
        by_package: dict[Any, list[Candidate]] = defaultdict(list)
        for one in found:
            by_package[one.row.get("package")].append(one)
        specs = [
            locked_row(row, on, by_package[row.get("package")]) for row in _built(self.lock_specs)
        ]
        states = [row["state"] for row in specs]
        arch = on or Arch()
        return {
            "question": "want",
            "wanted": {"lock": str(self.lock), **arch.parts()},  # type: ignore[typeddict-item]  # no other keys
            "stacks": [one.key for one in stacks],
            "candidates": [],
            "specs": sorted(specs, key=row_order),
            "available": states.count("available"),
            "near": states.count("near"),
            "missing": states.count("missing"),
            "external": len(self.lock_specs) - len(specs),
            "total": len(specs),
            **notes(stacks, note_unknown_target(arch)),
        }

    exit_code = "Exit with 1 when no binary fits, or a spec of --lock is not available."

    def elsewhere(self, graph: SpecGraph, scope: Scope) -> list[str]:
        return []  # a note says which stacks hold the package

    def found(self, answer: WantAnswer) -> bool:
        """Whether no binary fits the spec, or not all specs of a lock file are available."""
        if "specs" in answer:
            return answer["available"] != answer["total"]
        return all(row["differs"] for row in answer["candidates"])

    sections = ("candidates", "summary", "near", "missing")

    def tables(self, answer: WantAnswer) -> Iterator[Table]:
        if "specs" not in answer:
            yield _candidates_table(answer)
            return
        counts = [(state, answer[state]) for state in _STATES]  # type: ignore[literal-required]  # its keys
        share = answer["available"] / answer["total"] if answer["total"] else 0
        note = f"{share:.0%} of the specs of {answer['wanted']['lock']} are available"
        yield Table("summary", ("state", "specs"), counts, note)
        for state in ("near", "missing"):
            if specs := [row for row in answer["specs"] if row["state"] == state]:
                yield _state_table(state, specs)


def _built(specs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The specs but for externals."""
    return [row for row in specs if not row.get("external")]


def _candidates_table(answer: WantAnswer) -> Table:
    columns = ("rank", "hash", "differs", "version", "compiler", "os", "target", "stacks")
    rows, total, wanted = answer["candidates"], answer["total"], answer["wanted"]
    count = f"{total} {'binary' if total == 1 else 'binaries'}"
    if len(rows) < total:
        count = f"the nearest {len(rows)} of {count}"
    place = "-".join(value for name, value in wanted.items() if name != "spec")  # type: ignore[misc]  # all are texts
    note = f"{count} for {wanted['spec']}{place and f' on {place}'}"
    cells = {"differs": _candidate_differs, "stacks": lambda row: ", ".join(row["stacks"])}
    return table_of("candidates", columns, rows, note, **cells)


def _candidate_differs(row: CandidateRow) -> str:
    differs = _mismatches_text(row["differs"]) or "nothing"
    return f"does not run: {differs}" if row.get("runs") is False else differs


def _mismatches_text(differs: Iterable[MismatchRow]) -> str:
    return "; ".join(map(_mismatch_text, differs))


def _mismatch_text(one: MismatchRow) -> str:
    found = one["found"]
    if one["what"] == "hash":
        return f"hash {hash_cell(found.strip('/')) if found else 'unknown'}"
    return f"{one['what']} {found or 'none'}, not {one['wanted']}"


def _state_table(state: str, specs: Sequence[LockedRow]) -> Table:
    """The specs of a lock file that are near, or missing, with the nearest binary."""
    note = f"{len(specs)} with one difference"
    if state == "missing":
        some = sum("candidate" in row for row in specs)
        note = f"{len(specs)} missing, {some} of them with a binary that differs in more"
    columns = ("package", "version", "hash", "differs", "nearest")
    cells: dict[str, Cell] = {
        "differs": lambda row: _mismatches_text(row["differs"]) or _NONE[row["no_candidate"]],
        "nearest": lambda row: hash_cell(row["candidate"]["hash"]) if "candidate" in row else "",
    }
    return table_of(state, columns, specs, note, **cells)
