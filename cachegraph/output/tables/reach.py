"""What specs depend on, what depends on them, and what that affects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import HASH, SPEC_COLUMNS, listed, short, spec_cells

_PURPOSE = ("deptypes", "virtuals")
_STEP = ("package", "version", "hash", *_PURPOSE)


def deps_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """A list, a tree or a path of dependencies."""
    if "path" in answer:
        yield _path(answer)
    elif "tree" in answer:
        yield _tree(answer)
    else:
        yield _specs(answer)


dependents_tables = deps_tables


def _specs(answer: Mapping[str, Any]) -> Table:
    """The list: direct dependencies with what they are for, others with how far away they are."""
    if answer["transitive"]:
        columns: Sequence[str] = ("depth", *SPEC_COLUMNS)
    else:
        columns = (*SPEC_COLUMNS[:-1], *_PURPOSE, SPEC_COLUMNS[-1])
    rows = _cells(answer, columns)
    how = "" if answer["transitive"] else ", directly"
    count = len(rows)
    if answer["question"] == "deps":
        note = f"{answer['spec']} depends on {count} spec{'s' * (count != 1)}"
    else:
        note = f"{count} spec{'s' * (count != 1)} depend{'s' * (count == 1)} on {answer['spec']}"
    return Table("specs", columns, rows, f"{note}{how}{_by(answer)}")


def _cells(answer: Mapping[str, Any], columns: Sequence[str]) -> list[Sequence[Any]]:
    """The cells of rows, or of tuples, which are many: by column, without a step for each row."""
    names = answer.get("columns")
    if names is None:
        names = [*columns]
        found = [[row.get(name) for name in names] for row in answer["specs"]]
    else:
        found = answer["specs"]
    if not found:
        return []
    by_name = dict(zip(names, zip(*found, strict=True), strict=True))
    return [*zip(*(_column(name, by_name[name]) for name in columns), strict=True)]


def _column(name: str, values: Sequence[Any]) -> Iterable[Any]:
    if name == "depth":
        return map(str, values)  # rows of nothing but text are printed in half the time
    if name == "hash":
        return ["/" + value[:HASH] for value in values]
    if name in ("variants", *_PURPOSE):
        # Many rows have one and the same list, which is put together once.
        same = [*map(id, values)]
        texts = {k: " ".join(v or ()) for k, v in dict(zip(same, values, strict=True)).items()}
        return map(texts.__getitem__, same)
    return ["" if value is None else value for value in values] if None in values else values


def _tree(answer: Mapping[str, Any]) -> Table:
    """Each line indented by its level."""
    rows = [
        (
            "  " * row["level"] + row.get("package", "?"),
            *_step(row)[1:],
            "above" if row.get("again") else "",
        )
        for row in answer["tree"]
    ]
    again = sum("again" in row for row in answer["tree"])
    note = f"{len(rows)} lines, {again} of them shown above{_by(answer)}"
    return Table("tree", (*_STEP, "shown"), rows, note)


def _path(answer: Mapping[str, Any]) -> Table:
    """From the one that depends to what it depends on: what each needs the next for."""
    steps = answer["path"]
    ends = [answer["spec"], answer["to"]]
    if not steps:
        start, end = ends if answer["question"] == "deps" else ends[::-1]
        return Table("path", _STEP, [], f"No path: {start} does not depend on {end}{_by(answer)}.")
    rows = [_step(step) for step in steps]
    count = len(steps) - 1
    note = (
        f"{count} step{'s' * (count != 1)}, each with what it needs the next one for{_by(answer)}"
    )
    return Table("path", _STEP, rows, note)


def _step(row: Mapping[str, Any]) -> list[str]:
    named = [row.get("package", ""), row.get("version", ""), short(row["hash"])]
    return [*named, *(" ".join(row.get(name, ())) for name in _PURPOSE)]


def _by(answer: Mapping[str, Any]) -> str:
    return f", by {', '.join(answer['deptypes'])}" if answer["deptypes"] else ""


def affected_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The stacks, the roots, then all specs."""
    matched, specs = answer["matched"], answer["specs"]
    note = f"{len(matched)} specs fit {answer['spec']}; {len(specs)} depend on them{_by(answer)}"
    columns = ("key", "matched", "specs", "roots")
    stacks = listed("stacks", columns, answer["stacks"])
    yield Table(*stacks[:3], note)
    roots = [
        (root["stack"], root.get("package", ""), root.get("version", ""), short(root["hash"]))
        for root in answer["roots"]
    ]
    yield Table("roots", ("stack", "package", "version", "hash"), roots, f"{len(roots)} roots")
    yield Table("matched", SPEC_COLUMNS, [spec_cells(row) for row in matched], "What fits")
    rows = [(row["depth"], *spec_cells(row)) for row in specs]
    yield Table("specs", ("depth", *SPEC_COLUMNS), rows, "What depends on it")
