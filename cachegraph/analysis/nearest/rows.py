"""The rows of the answer about the nearest binaries: candidates, and specs of a lock file."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from cachegraph.analysis.nearest.candidates import Candidate, RankedCandidate, rank, substitutes
from cachegraph.analysis.nearest.mismatches import lock_mismatches, needs_text
from cachegraph.analysis.nearest.nearness import Arch, Mismatch
from cachegraph.analysis.rows import SpecInStacks, SpecName, spec_row
from cachegraph.model.graph import SpecGraph

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern


class MismatchRow(TypedDict):
    """One thing in which a binary differs; ``found`` is None when it has none of it.

    ``what`` is platform, os, target, compiler, variant, flag, dependency, version, namespace or
    hash. A spec of a lock file differs in hash alone where only dependencies or the recipe differ.
    """

    what: str
    wanted: str
    found: str | None


class CandidateRow(SpecInStacks):
    """A binary. Those equally near have one rank; ``runs`` is absent without a place to run."""

    rank: int
    differs: list[MismatchRow]
    runs: NotRequired[bool]


class LockedRow(SpecName):
    """A spec of a lock file: whether the stacks have it, else the nearest binary that runs.

    ``state`` is available, near (the candidate differs in one thing) or missing. ``no_candidate``
    is why there is no candidate: ``no stack`` has a spec of the package, only an ``external``, or
    what they have ``does not run``.
    """

    hash: str
    state: str
    available: bool
    stacks: NotRequired[list[str]]
    candidate: NotRequired[SpecInStacks]
    no_candidate: NotRequired[str]
    differs: list[MismatchRow]


def candidate_row(one: RankedCandidate, arch: Arch) -> CandidateRow:
    """The row of a candidate; with ``runs`` where any part of ``arch`` matters."""
    row: Any = {
        "rank": one.rank,
        **spec_row(one.candidate.row),
        "stacks": one.candidate.stacks,
        "differs": _differs(one.nearness.mismatches),
    }
    if arch.parts():
        row["runs"] = one.nearness.runs
    return row  # type: ignore[no-any-return]  # by the names of a row


def _differs(mismatches: Iterable[Mismatch]) -> list[MismatchRow]:
    return [{"what": one.what, "wanted": one.wanted, "found": one.found} for one in mismatches]


def locked_row(row: Mapping[str, Any], arch: Arch | None, candidates: list[Candidate]) -> LockedRow:
    """The row of a spec of a lock file, with the nearest candidate that runs on ``arch``."""
    made: LockedRow = {"hash": row["hash"], "state": "missing", "available": False, "differs": []}
    for name in ("package", "version"):
        if row.get(name) is not None:
            made[name] = row[name]
    same = next((one for one in candidates if one.row["hash"] == row["hash"]), None)
    if same is not None:
        return {**made, "state": "available", "available": True, "stacks": same.stacks}
    own = Arch(row.get("platform"), row.get("os"), row.get("target"))
    arch = own if arch is None else arch._replace(built_for=own.target)
    ranked = rank(lambda one: lock_mismatches(row, one.row), arch, candidates)
    if ranked and ranked[0].nearness.runs:
        _, nearness, nearest = ranked[0]
        hashes = f"/{row['hash']}", f"/{nearest.row['hash']}"
        mismatches = nearness.mismatches or [Mismatch("hash", *hashes)]
        made["candidate"] = {**spec_row(nearest.row), "stacks": nearest.stacks}
        made["differs"] = _differs(mismatches)
        made["state"] = "near" if len(mismatches) == 1 else "missing"
    else:
        others = "external" if candidates else "no stack"
        made["no_candidate"] = "does not run" if ranked else others
    return made


def add_substitutes(graph: SpecGraph, pattern: "Pattern", rows: list[CandidateRow]) -> None:
    """Fills in what the candidates have in place of dependencies that are wanted."""
    wanted = {needs_text(pattern, one): one for one in (*pattern.direct, *pattern.dependencies)}
    for row in rows:
        for differs in row["differs"]:
            if differs["what"] == "dependency":
                needs = wanted[differs["wanted"]]
                direct = differs["wanted"][0] == "%"
                differs["found"] = substitutes(graph, row["hash"], needs, direct=direct)


def note_unknown_target(arch: Arch) -> list[str]:
    """A note on a target that is no microarchitecture of which cachegraph knows."""
    from cachegraph.model.target import is_target

    if arch.target is None or {*arch.target} & {*":,*"} or is_target(arch.target):
        return []
    return [f"unknown target {arch.target}: only binaries for exactly this target count as running"]
