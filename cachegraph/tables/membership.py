"""What stacks have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.tables import Table
from cachegraph.tables.rows import SPEC_COLUMNS, listed, spec_cells


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
        from cachegraph.tables.causes import overlap_causes

        yield from overlap_causes(answer)


_HIDDEN = "nothing visible in all: a combination, dependencies or the recipe"


def matrix_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """What every pair shares, and the pairs by how much."""
    releases = {key.rpartition("/")[0] for key in answer["stacks"]}
    names = [key.rpartition("/")[2] if len(releases) == 1 else key for key in answer["stacks"]]
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
