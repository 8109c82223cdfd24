"""The nearest binaries to a spec, or to those of a lock file, in stacks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.nearest.candidates import Candidate, candidates, instead, nowhere, ranked
from cachegraph.analysis.nearest.mismatches import LockedSpec, RequestedSpec, needs_text
from cachegraph.analysis.nearest.nearness import Arch, Nearness, Step
from cachegraph.analysis.rows import row_order, spec_row
from cachegraph.analysis.selection.lookup import check_package
from cachegraph.analysis.selection.stacks import StackSelection, notes, select_stacks
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.questions.find import note_ambiguous_compiler

if TYPE_CHECKING:
    from cachegraph.questions.answers.wanted import (
        CandidateRow,
        Differs,
        LockedRow,
        WantAnswer,
    )
    from cachegraph.syntax import Pattern


class Want(NamedTuple):
    """The binaries nearest to a spec in Spack's syntax, or to each of the specs of a lock file.

    ``on`` is where they are to run, ``platform-os-target``; of a lock file that is where each of
    its specs does, unless said otherwise.
    """

    spec: str = ""
    on: str | None = None
    stacks: Sequence[str] = ()
    release: str | None = None
    limit: int = 10
    lock: str | None = None
    """The location of the lock file."""
    locked: Sequence[Mapping[str, Any]] = ()
    """What the lock file says of each of its specs."""

    def walk(self, graph: SpecGraph) -> "WantAnswer":
        """The answer from a graph."""
        chosen = select_stacks(graph, self.stacks, self.release)
        if self.lock is not None:
            return self._of_lock(chosen, candidates(graph, chosen, self._packages()))
        pattern = self._pattern(graph)
        found = candidates(graph, chosen, self._packages(pattern), pattern)
        return self._of_spec(graph, chosen, pattern, found)

    def ask(self, graph: CypherGraph) -> "WantAnswer":
        """The answer of want.cypher; of groups and dependencies, not known to it, of the walk."""
        chosen = select_stacks(graph, self.stacks, self.release)
        pattern = self._pattern(graph) if self.lock is None else None
        needs = pattern is not None and not pattern.is_without_dependencies
        if needs or any(one.group_of for one in chosen):
            return self.walk(graph)
        keys = [one.key for one in chosen]
        said = {"stacks": keys, "packages": self._packages(pattern)}
        found = [Candidate(row["spec"], sorted(row["stacks"])) for row in graph.rows("want", said)]
        if pattern is None:
            return self._of_lock(chosen, found)
        return self._of_spec(graph, chosen, pattern, found)

    def _pattern(self, graph: SpecGraph) -> "Pattern":
        from cachegraph.syntax import parse

        pattern = parse(self.spec)
        if pattern.name is None:
            raise UsageError(f"{self.spec}: no name of a package", "as in 'hdf5@1.14 +mpi'")
        check_package(graph, pattern.name)
        return pattern

    def _packages(self, pattern: "Pattern | None" = None) -> list[str]:
        if pattern is not None:
            return [str(pattern.name)]
        return sorted({str(row.get("package")) for row in self._built()})

    def _built(self) -> list[Mapping[str, Any]]:
        """Those of the locked specs that Spack builds, and does not find on the machine."""
        return [row for row in self.locked if not row.get("external")]

    def _of_spec(
        self,
        graph: SpecGraph,
        chosen: list[StackSelection],
        pattern: "Pattern",
        found: list[Candidate],
    ) -> "WantAnswer":
        arch = (Arch.of(self.on) if self.on is not None else Arch()).with_spec(pattern)
        binaries = ranked(RequestedSpec(pattern), arch, found)
        said = [*note_ambiguous_compiler(self.spec), *_unknown_target(arch)]
        if not binaries:
            said.append(nowhere(graph, str(pattern.name), externals=bool(found)))
        elif not any(near.runs for _, near, _ in binaries):
            said.append(f"none of them runs on {arch.text}")
        nearest = binaries[: self.limit]
        shown = [_candidate_row(one, near, rank, arch) for rank, near, one in nearest]
        _fill(graph, pattern, shown)
        wanted = {"spec": self.spec, **arch.said()}
        return _answer(wanted, chosen, said, candidates=shown, total=len(binaries))

    def _of_lock(self, chosen: list[StackSelection], found: list[Candidate]) -> "WantAnswer":
        by_package: dict[Any, list[Candidate]] = defaultdict(list)
        for one in found:
            by_package[one.row.get("package")].append(one)
        on = Arch.of(self.on) if self.on is not None else None
        specs = [_locked(row, on, by_package[row.get("package")]) for row in self._built()]
        specs.sort(key=row_order)
        states = [row["state"] for row in specs]
        return _answer(
            {"lock": str(self.lock), **(on or Arch()).said()},
            chosen,
            _unknown_target(on or Arch()),
            candidates=[],
            specs=specs,
            available=states.count("available"),
            near=states.count("near"),
            missing=states.count("missing"),
            external=len(self.locked) - len(specs),
            total=len(specs),
        )


def _answer(
    wanted: Mapping[str, str], chosen: list[StackSelection], said: list[str], **parts: Any
) -> "WantAnswer":
    answer: Any = {
        "question": "want",
        "wanted": wanted,
        "stacks": [one.key for one in chosen],
        **parts,
        **notes(chosen, said),
    }
    return answer  # type: ignore[no-any-return]  # by the names of its parts


def _candidate_row(one: Candidate, near: Nearness, rank: int, arch: Arch) -> "CandidateRow":
    row: Any = {
        "rank": rank,
        **spec_row(one.row),
        "stacks": one.stacks,
        "differs": _differs(near.steps),
    }
    if arch.said():
        row["runs"] = near.runs
    return row  # type: ignore[no-any-return]  # by the names of a row


def _differs(steps: Iterable[Step]) -> "list[Differs]":
    return [{"what": step.what, "wanted": step.wanted, "found": step.found} for step in steps]


def _locked(row: Mapping[str, Any], on: Arch | None, candidates: list[Candidate]) -> "LockedRow":
    """What is known of a locked spec: whether it is there, else what is nearest and runs."""
    found: LockedRow = {"hash": row["hash"], "state": "missing", "available": False, "differs": []}
    for name in ("package", "version"):
        if row.get(name) is not None:
            found[name] = row[name]
    same = next((one for one in candidates if one.row["hash"] == row["hash"]), None)
    if same is not None:
        return {**found, "state": "available", "available": True, "stacks": same.stacks}
    own = Arch(row.get("platform"), row.get("os"), row.get("target"))
    arch = own if on is None else on._replace(built_for=own.target)
    for _, near, one in ranked(LockedSpec(row), arch, candidates)[:1]:
        if near.runs:
            hashes = f"/{row['hash']}", f"/{one.row['hash']}"
            steps = near.steps or [Step("hash", *hashes)]
            found["candidate"] = {**spec_row(one.row), "stacks": one.stacks}
            found["differs"] = _differs(steps)
            found["state"] = "near" if len(steps) == 1 else "missing"
    return found


def _fill(graph: SpecGraph, pattern: "Pattern", shown: "list[CandidateRow]") -> None:
    """Puts into the rows what they have in place of dependencies that were wanted."""
    wanted = {needs_text(pattern, needs): needs for needs in pattern.direct}
    wanted |= {needs_text(pattern, needs): needs for needs in pattern.dependencies}
    for row in shown:
        for differs in row["differs"]:
            if differs["what"] == "dependency":
                needs = wanted[differs["wanted"]]
                direct = differs["wanted"][0] == "%"
                differs["found"] = instead(graph, row["hash"], needs, direct=direct)


def _unknown_target(arch: Arch) -> list[str]:
    """A note when a target is one of which nothing is known."""
    if arch.target is None or {*arch.target} & {*":,"}:
        return []
    from cachegraph.model.target import is_target

    if is_target(arch.target):
        return []
    return [f"nothing is known of the target {arch.target}: only binaries for it are said to run"]
