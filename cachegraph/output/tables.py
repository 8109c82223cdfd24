"""What answers look like as tables: the type of a table, and the cells that many tables have."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.model.stack_key import StackKey

HASH_LENGTH = 7
SPEC_COLUMNS = ("package", "version", "compiler", "os", "target", "hash", "variants")
_PLAIN_COLUMNS = SPEC_COLUMNS[:5]
_LEVEL_COLUMNS = {
    "hash": (*_PLAIN_COLUMNS, "hash", "in", "stacks", "variants"),
    "alike": (*_PLAIN_COLUMNS, "in", "stacks", "variants", "hashes"),
    "spec": ("package", "version", "in", "stacks", "variants", "hashes"),
    "version": ("package", "version", "in", "stacks", "hashes"),
    "package": ("package", "in", "stacks", "hashes"),
}
_COUNTED_AT_LEVEL = {
    "hash": "specs",
    "alike": "sets of specs that look alike",
    "spec": "package-versions with variants",
    "version": "package-versions",
    "package": "packages",
}
_CAUSE_COLUMNS = ("redundant", "alone", "groups", "package", "kind", "attribute", "values")
_VALUES_SHOWN = 3


class Table(NamedTuple):
    """One section of an answer, under a note."""

    section: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 spec``, ``2 specs``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def short_hash(hash_: str) -> str:
    """The beginning of a hash, as Spack prints it: ``/abcdefg``."""
    return f"/{hash_[:HASH_LENGTH]}"


def short_hashes(hashes: Iterable[str]) -> str:
    """The beginnings of hashes, with blanks between them."""
    return " ".join(["/" + hash_[:HASH_LENGTH] for hash_ in hashes])


def table_of(
    section: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], note: str = ""
) -> Table:
    """The table of the values that rows have under the names of the columns; absent ones empty."""
    return Table(section, columns, [[row.get(name, "") for name in columns] for row in rows], note)


def stacks_table(stacks: Sequence[Mapping[str, Any]]) -> Table:
    """The stacks of an answer with their sizes."""
    return table_of("stacks", ("key", "specs"), stacks)


def spec_cells(row: Mapping[str, Any]) -> list[str]:
    """The cells of a spec row, for ``SPEC_COLUMNS``."""
    plain = [row.get(name, "") for name in _PLAIN_COLUMNS]
    return [*plain, short_hash(row["hash"]), " ".join(row.get("variants", ()))]


def spec_table(section: str, rows: Iterable[Mapping[str, Any]], note: str = "") -> Table:
    """The table of spec rows."""
    return Table(section, SPEC_COLUMNS, [spec_cells(row) for row in rows], note)


def stack_names(keys: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """A function that lists stacks by name, or by key where the keys are of several releases."""
    releases = {StackKey.parse(key).release for key in keys}
    names = {key: StackKey.parse(key).name if len(releases) == 1 else key for key in keys}
    # Most lists have one stack, which needs no join.
    return lambda some: (
        names[some[0]] if len(some) == 1 else ", ".join(map(names.__getitem__, some))
    )


def counted_at_level(answer: Mapping[str, Any]) -> str:
    """How many specs an answer has, or how many of what counts as one spec at its level."""
    return f"{len(answer['specs'])} {_COUNTED_AT_LEVEL[answer['level']]}"


def level_table(section: str, answer: Mapping[str, Any], stacks: Sequence[str], note: str) -> Table:
    """The specs, or what counts as one at the level, with those of the stacks that hold each.

    Without stacks their columns are left out.
    """
    names = stack_names(stacks)
    columns = [c for c in _LEVEL_COLUMNS[answer["level"]] if stacks or c not in ("in", "stacks")]
    # A function for each column: a table may have a hundred thousand rows.
    cells: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "hash": lambda row: short_hash(row["hash"]),
        "in": lambda row: len(row["stacks"]),
        "stacks": lambda row: names(row["stacks"]),
        "variants": lambda row: " ".join(row.get("variants", ())),
        "hashes": lambda row: short_hashes(row["hashes"]),
        **{name: _text(name) for name in _PLAIN_COLUMNS},
    }
    made = [cells[column] for column in columns]
    return Table(section, columns, [[cell(row) for cell in made] for row in answer["specs"]], note)


def _text(column: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: row.get(column, "")


def by_deptypes(answer: Mapping[str, Any]) -> str:
    """The deptypes that an answer is restricted to, as the end of a sentence."""
    return f", by {', '.join(answer['deptypes'])}" if answer["deptypes"] else ""


def cause_value(kind: str, value: str | None) -> str:
    """A value of a cause: ``-`` where it is absent, and of a recipe's hash the beginning."""
    if value is None:
        return "-"
    return value[:HASH_LENGTH] if kind == "recipe" else value


def ranked_causes_table(answer: Mapping[str, Any], note: str) -> Table:
    """The causes of near-duplicates; with their stacks where the answer is of several."""
    causes = answer["causes"]
    columns = [*_CAUSE_COLUMNS]
    columns += ["roots"] if any("roots" in cause for cause in causes) else []
    columns += ["stacks"] if len(answer["stacks"]) > 1 else []
    return Table("causes", columns, [_cause_cells(cause, columns) for cause in causes], note)


def _cause_cells(cause: Mapping[str, Any], columns: Sequence[str]) -> list[Any]:
    cells = {
        **cause,
        "values": _cause_values(cause["kind"], cause["values"]),
        "roots": len(cause.get("roots", ())),
        "stacks": " ".join(cause["stacks"]),
    }
    return [cells[name] for name in columns]


def _cause_values(kind: str, values: Sequence[str]) -> str:
    shown = [cause_value(kind, value) for value in values[:_VALUES_SHOWN]]
    more = len(values) - _VALUES_SHOWN
    return ", ".join(shown) + (f", {more} more" if more > 0 else "")
