"""What stacks have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import SPEC_COLUMNS, listed, short, shorts, spec_cells


def overlap_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """What stacks share, and what keeps the rest apart."""
    yield listed("stacks", ("key", "specs"), answer["stacks"])
    levels = [
        (name, level["shared"], level["union"], level["jaccard"])
        for name, level in answer["levels"].items()
    ]
    yield Table("levels", ("equal by", "shared", "of", "jaccard"), levels)
    shared = [spec_cells(row) for row in answer["shared"]]
    note = f"{len(shared)} shared specs" if shared else "No spec is shared."
    yield Table("shared", SPEC_COLUMNS, shared, note)
    apart = [
        (row["package"], row["version"], ", ".join(row["differs"]) or _HIDDEN)
        for row in answer["apart"]
    ]
    by = ", ".join(f"{name} {count}" for name, count in answer["apart_by"].items())
    note = f"{len(apart)} package-versions in all stacks without a shared spec; apart by {by}"
    yield Table("apart", ("package", "version", "differs"), apart, note)
    if answer["causes"]:
        from cachegraph.output.tables.causes import overlap_causes

        yield from overlap_causes(answer)


_HIDDEN = "nothing visible in all: a combination, dependencies or the recipe"


def matrix_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """What every pair shares, and the pairs by how much."""
    releases = {StackKey.parse(key).release for key in answer["stacks"]}
    names = [StackKey.parse(key).name if len(releases) == 1 else key for key in answer["stacks"]]
    pairs = [
        (names[j], names[i], answer["shared"][i][j], answer["jaccard"][i][j])
        for i in range(len(names))
        for j in range(i)
        if answer["shared"][i][j]
    ]
    pairs.sort(key=lambda pair: (-pair[2], pair[:2]))
    heads = [str(number) for number in range(1, len(names) + 1)]
    rows = [
        (number, name, *row)
        for number, name, row in zip(heads, names, answer["shared"], strict=True)
    ]
    yield Table("shared", ("", "stack", *heads), rows, f"Shared, by {answer['level']}")
    total = len(names) * (len(names) - 1) // 2
    note = f"{len(pairs)} of {total} pairs share something"
    yield Table("pairs", ("stack", "with", "shared", "jaccard"), pairs, note)


def shared_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """What several stacks hold."""
    yield listed("stacks", ("key", "specs"), answer["stacks"])
    keys = [stack["key"] for stack in answer["stacks"]]
    note = f"{_counted(answer)} in {answer['at_least']} or more of {len(keys)} stacks"
    yield _held("specs", answer, keys, note)


def unique_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """What one stack alone holds, and what would be lost with it."""
    stack, among = answer["stack"], answer["among"]
    note = (
        f"{_counted(answer)} only in {stack['key']} (it holds {stack['specs']} specs), "
        f"in none of {len(among)} other stacks"
    )
    yield _held("specs", answer, [], note)
    for section, of in (("versions", "package-versions"), ("cells", "packages for a target")):
        columns = ("package", "version" if section == "versions" else "target")
        yield listed(section, columns, answer[section])._replace(
            note=f"{len(answer[section])} {of} in no other stack"
        )
    roots = [
        (
            row.get("package", ""),
            row.get("version", ""),
            short(row["hash"]),
            row["stack"],
            shorts(row["missing"]),
        )
        for row in answer["roots"]
    ]
    note = f"{len(roots)} roots of other stacks need what only this one holds"
    yield Table("roots", ("package", "version", "hash", "stack", "missing"), roots, note)


def duplicates_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """Groups of specs that look the same."""
    yield listed("stacks", ("key", "specs"), answer["stacks"])
    names = _names([stack["key"] for stack in answer["stacks"]])
    rows = [
        (
            group["package"],
            group["version"],
            group["redundant"],
            group["within"],
            names(group["stacks"]),
            shorts(group["hashes"]),
        )
        for group in answer["groups"]
    ]
    note = (
        f"{len(rows)} groups of near-duplicates hold {answer['specs']} specs, "
        f"{answer['redundant']} of them redundant"
    )
    columns = ("package", "version", "redundant", "most in one", "stacks", "hashes")
    yield Table("groups", columns, rows, note)


def _counted(answer: Mapping[str, Any]) -> str:
    """How many there are, of what counts as one."""
    of = {
        "hash": "specs",
        "alike": "looks of specs",
        "spec": "package-versions with variants",
        "version": "package-versions",
        "package": "packages",
    }
    return f"{len(answer['specs'])} {of[answer['level']]}"


def _names(keys: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """What gives the names of stacks: without their release when all are of one."""
    one = len({StackKey.parse(key).release for key in keys}) == 1
    names = {key: StackKey.parse(key).name if one else key for key in keys}
    return lambda some: (
        names[some[0]] if len(some) == 1 else ", ".join(map(names.__getitem__, some))
    )


def _held(section: str, answer: Mapping[str, Any], keys: Sequence[str], note: str) -> Table:
    """The specs, or what counts as one, each with those of the stacks that hold it."""
    names = _names(keys)
    cells: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        **{column: _text(column) for column in _LOOK},
        "hash": lambda row: short(row["hash"]),
        "in": lambda row: len(row["stacks"]),
        "stacks": lambda row: names(row["stacks"]),
        "variants": lambda row: " ".join(row.get("variants", ())),
        "hashes": lambda row: shorts(row["hashes"]),
    }
    columns = [c for c in _AT[answer["level"]] if keys or c not in ("in", "stacks")]
    made = [cells[column] for column in columns]
    rows = [[cell(row) for cell in made] for row in answer["specs"]]
    return Table(section, columns, rows, note)


_LOOK = ("package", "version", "compiler", "os", "target")
# The columns at each level.
_AT = {
    "hash": (*_LOOK, "hash", "in", "stacks", "variants"),
    "alike": (*_LOOK, "in", "stacks", "variants", "hashes"),
    "spec": ("package", "version", "in", "stacks", "variants", "hashes"),
    "version": ("package", "version", "in", "stacks", "hashes"),
    "package": ("package", "in", "stacks", "hashes"),
}


def _text(column: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: row.get(column, "")
