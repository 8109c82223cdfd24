"""The nearest binaries."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import short

_COLUMNS = ("rank", "hash", "differs", "version", "compiler", "os", "target", "stacks")
_STATES = ("available", "near", "missing", "external", "total")


def want_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The candidates with what differs; or of a lock file how much is there, and what is near."""
    if "specs" in answer:
        yield from _of_lock(answer)
        return
    rows = [_candidate(row) for row in answer["candidates"]]
    shown = f"the nearest {len(rows)} of " if len(rows) < answer["total"] else ""
    wanted = answer["wanted"]
    where = "-".join(wanted[name] for name in ("platform", "os", "target") if name in wanted)
    note = f"{shown}{answer['total']} binaries for {wanted['spec']}{where and f' on {where}'}"
    yield Table("candidates", _COLUMNS, rows, note)


def _candidate(row: Mapping[str, Any]) -> tuple[Any, ...]:
    plain = [row.get(name, "") for name in ("version", "compiler", "os", "target")]
    said = _said(row["differs"]) or "nothing"
    if row.get("runs") is False:
        said = f"does not run: {said}"
    return (row["rank"], short(row["hash"]), said, *plain, ", ".join(row["stacks"]))


def _said(differs: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(_step(**one) for one in differs)


def _step(what: str, wanted: str, found: str | None) -> str:
    if what == "hash":
        return f"hash {short(found.strip('/')) if found else 'unknown'}"
    return f"{what} {found or 'none'}, not {wanted}"


def _of_lock(answer: Mapping[str, Any]) -> Iterator[Table]:
    rows = [(state, answer[state]) for state in _STATES]
    share = answer["available"] / answer["total"] if answer["total"] else 0
    note = f"{share:.0%} of the specs of {answer['wanted']['lock']} are available"
    yield Table("summary", ("state", "specs"), rows, note)
    for state in ("near", "missing"):
        found = [row for row in answer["specs"] if row["state"] == state]
        some = sum("candidate" in row for row in found)
        note = f"{len(found)} one step away"
        if state == "missing":
            note = f"{len(found)} missing, {some} of them with a binary that differs in more"
        columns = ("package", "version", "hash", "differs", "nearest")
        if found:
            yield Table(state, columns, [*map(_locked, found)], note)


def _locked(row: Mapping[str, Any]) -> tuple[Any, ...]:
    nearest = row.get("candidate")
    return (
        row.get("package", ""),
        row.get("version", ""),
        short(row["hash"]),
        _said(row["differs"]) if nearest else "no binary that runs there",
        short(nearest["hash"]) if nearest else "",
    )
